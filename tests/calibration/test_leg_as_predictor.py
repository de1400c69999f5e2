"""A simulated leg as a function from parameters to readings: its derivatives, and parameters that come back from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import venolymph as vl
from venolymph.calibration.calibrating import Calibrated, calibrate
from venolymph.calibration.document import load_calibration
from venolymph.calibration.leg import PredictedLeg, Read

SHORT = {
    "kind": "calibration",
    "version": 1,
    "calibration": "short",
    "regimen": [{"stand": {"for": "6 s"}}, {"tiptoes": {"count": 2, "rate": "60 /min"}}, {"stand": {"for": "4 s"}}],
    "free": [
        {
            "name": "calibre",
            "of": "cells.unstressed_area",
            "at": ["great saphenous", "tributar"],
            "power": 2,
            "prior": {"lognormal": [1, 0.2]},
        },
        {"name": "push", "of": "muscle pressure", "prior": {"lognormal": [1, 0.3]}},
    ],
    "predict": [{"measure": "diameter of great saphenous, thigh [5]"}],
}
MEASURED = {"blood volume in calf": "0.5 mL", "ankle pressure": "0.5 mmHg"}
"""What is measured, and its error."""
TRUE = np.array([1.1, 0.8])


@pytest.fixture(scope="module")
def leg() -> PredictedLeg:
    body = vl.leg_body(vl.load_person("mild-varicose"))
    asked = load_calibration(SHORT)
    scaled = tuple(one.scaled(vl.parameters("mild-varicose")) for one in asked.free)
    return PredictedLeg(body, asked.performed, scaled, tuple(Read(name) for name in MEASURED))


@pytest.fixture(scope="module")
def exact(leg: PredictedLeg) -> tuple[np.ndarray, np.ndarray]:
    """Readings where the factors are `TRUE`, and their derivatives there."""
    found, slopes = leg.linearised(jnp.asarray(TRUE[:, None]))
    return np.asarray(found[:, 0]), np.asarray(slopes[..., 0])


@pytest.fixture(scope="module")
def calibrated(exact: tuple[np.ndarray, np.ndarray]) -> Calibrated:
    readings: list[dict[str, Any]] = [
        {name: f"{value:.9g} {error.split()[1]}", "error": error, "leg": "left"}
        for (name, error), value in zip(MEASURED.items(), exact[0], strict=True)
    ]
    person = {**vl.load_person("mild-varicose").document(), "measured": readings}
    return calibrate(person, SHORT)


def test_factors_come_back_from_what_was_read(calibrated: Calibrated) -> None:
    assert [one.name for one in calibrated.parameters] == ["calibre", "push"]
    for row, true in zip(calibrated.parameters, TRUE, strict=True):
        assert row.low < true < row.high
        assert row.value == pytest.approx(true, rel=0.05)
    assert np.abs(calibrated.fitted.distance).max() < 0.5


def test_derivatives_are_those_of_differences(leg: PredictedLeg, exact: tuple[np.ndarray, np.ndarray]) -> None:
    found, slopes = exact
    larger = np.asarray(leg.values(jnp.asarray(TRUE[:, None] * (1.0 + 1e-4 * np.eye(2)))))
    np.testing.assert_allclose(slopes, (larger - found[:, None]) / (1e-4 * TRUE), rtol=0.01)


def test_a_measure_that_nobody_took_is_predicted_with_an_interval(calibrated: Calibrated) -> None:
    row = calibrated.predicted[-1]
    assert (row.name, row.unit, row.measured) == ("diameter of great saphenous, thigh [5]", "mm", None)
    assert row.low < row.value < row.high


def test_a_result_is_written_as_data_and_as_draws(calibrated: Calibrated, tmp_path: Path) -> None:
    calibrated.write(tmp_path / "out")
    found = json.loads((tmp_path / "out" / "calibration.json").read_text("utf-8"))
    assert [one["name"] for one in found["parameters"]] == ["calibre", "push"]
    assert found["method"] == "map"
    rows = (tmp_path / "out" / "draws.csv").read_text("utf-8").splitlines()
    assert rows[0] == "calibre,push"
    draws = np.array([[float(cell) for cell in row.split(",")] for row in rows[1:]])
    half = (calibrated.parameters[0].high - calibrated.parameters[0].low) / (2 * 1.645)
    assert draws[:, 0].std() == pytest.approx(half, rel=0.15)
