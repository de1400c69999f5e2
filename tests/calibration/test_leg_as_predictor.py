"""A simulated leg as a function from parameters to readings: its derivatives, and parameters that come back from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import venolymph as vl
from venolymph.body.scaling import scaled_body
from venolymph.calibration.as_population import MOST_DRAWS, population_of
from venolymph.calibration.calibrating import Calibrated, calibrate
from venolymph.calibration.document import load_calibration
from venolymph.calibration.leg import PredictedLeg, Read
from venolymph.cohort import MemberReadings
from venolymph.documents import parse
from venolymph.population import draw_members, load_population, member_of
from venolymph.trial.document import load_trial
from venolymph.trial.running import run_trial

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


def test_members_of_its_population_are_that_leg_at_its_draws(calibrated: Calibrated, tmp_path: Path) -> None:
    calibrated.write(tmp_path / "out")
    population = load_population(str(tmp_path / "out" / "population.yaml"))
    members = draw_members(population, 5, 1).members
    factors = np.array([[one.by for one in member.factors] for member in members])
    rows = {tuple(float(f"{value:.5g}") for value in row) for row in calibrated.draws()}
    assert {tuple(row) for row in factors} <= rows
    changed = calibrated.leg.changes(jnp.asarray(factors.T))["cells.unstressed_area"]
    for number, member in enumerate(members):
        body = scaled_body(vl.leg_body(member.person), member.factors)
        area = np.asarray(body.parameters.cells.unstressed_area)[..., 0]
        np.testing.assert_array_equal(area, np.asarray(changed)[..., number])
        assert not member.person.measured
    reread = [one.document() for one in members]
    assert [member_of(one) for one in reread] == list(members)


def test_a_trial_is_held_in_its_population(calibrated: Calibrated) -> None:
    def follow(members: Any, regimen: Any, measures: Any, **_: Any) -> MemberReadings:
        pushes = np.array([member.factors[1].by for member in members])
        values = pushes + 0.5 * regimen.regimen.startswith("stocking")
        return MemberReadings(
            {name: values for name in measures}, dict.fromkeys(measures, "mL"), (None,) * len(members)
        )

    trial = {
        "kind": "trial",
        "version": 1,
        "population": calibrated.population.document(),
        "n": 12,
        "design": "crossover",
        "control": "rest",
        "arms": [{"arm": "stocking", "regimen": "stocking-class-1"}, {"arm": "rest", "regimen": "rest"}],
        "outcomes": [{"measure": "tape volume"}],
    }
    (outcome,) = run_trial(load_trial(trial), follow=follow).outcomes
    assert outcome.effects[0].true == pytest.approx(0.5)


def test_a_population_holds_as_many_draws_as_a_document_can() -> None:
    rng = np.random.default_rng(1)
    draws = 1.0 + 0.5 * rng.standard_normal((5000, 2))  # a normal prior, of which some draws are below 0
    person = vl.load_person({**vl.load_person("mild-varicose").document(), "measured": [{"VFI": "5 mL/s"}]})
    found = population_of(person, load_calibration(SHORT).free, draws, "a test")
    assert found == load_population(parse(found.to_yaml())[0])
    factors = found.classes[0].factors
    assert factors is not None and len(factors.draws) == MOST_DRAWS
    kept = np.array(factors.draws)
    assert kept.min() > 0.0
    whole = draws[(draws > 0.0).all(axis=1)]
    np.testing.assert_allclose(kept.mean(axis=0), whole.mean(axis=0), atol=0.1)
    np.testing.assert_allclose(kept.std(axis=0), whole.std(axis=0), rtol=0.15)


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
