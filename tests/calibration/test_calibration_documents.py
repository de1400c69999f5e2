"""A calibration as a document: what is free becomes numbers of a leg and priors; what cannot be gives one message."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import venolymph as vl
from venolymph.calibration.calibrating import calibrate
from venolymph.calibration.document import Free, load_calibration, packaged_calibrations, prior_of
from venolymph.calibration.leg import PUSH
from venolymph.calibration.priors import SIDE, Prior
from venolymph.errors import VenolymphError
from venolymph.figures import load

Snapshot = Callable[[str, str], None]

HEAD = "kind: calibration\nversion: 1\ncalibration: mine\n"
LEAK = "{name: leak, of: leak, at: great saphenous, prior: {lognormal: [1, 0.5]}}"


def free(*entries: str) -> str:
    """A calibration with these free parameters."""
    return HEAD + "free:\n" + "".join(f"  - {entry}\n" for entry in entries)


WRONG = {
    "nothing-free": HEAD + "free: []\n",
    "array-unknown": free("{name: leak, of: valves.leek, at: great saphenous, prior: {normal: [1, 1]}}"),
    "array-of-lymph": free("{name: a, of: lymphangions.tension, at: x, prior: {normal: [1, 1]}}"),
    "numbers-not-said": free("{name: leak, of: leak, prior: {normal: [1, 1]}}"),
    "prior-missing": free("{name: leak, of: leak, at: great saphenous}"),
    "prior-unknown": free("{name: leak, of: leak, at: great saphenous, prior: {lognorml: [1, 1]}}"),
    "prior-without-spread": free("{name: leak, of: leak, at: great saphenous, prior: {normal: [1, 0]}}"),
    "prior-reversed": free("{name: leak, of: leak, at: great saphenous, prior: {uniform: [2, 1]}}"),
    "figure-unknown": free("{name: leak, of: leak, figure: people.leak.sever}"),
    "figure-without-range": free("{name: leak, of: leak, at: great saphenous, figure: people.leak.none}"),
    "name-twice": free(LEAK, LEAK),
    "push-twice": free(*(f"{{name: {n}, of: muscle pressure, prior: {{normal: [1, 1]}}}}" for n in "ab")),
    "key-unknown": free(LEAK).replace("free:", "fre:"),
    "predict-unknown": free(LEAK) + "predict:\n  - {measure: VIF}\n",
    "predict-error-as-share": free(LEAK) + "predict:\n  - {measure: VFI, error: 5 %}\n",
    "regimen-wrong": free(LEAK) + "regimen:\n  - {stnd: {for: 1 min}}\n",
}


@pytest.mark.parametrize("name", WRONG)
def test_one_message_for_everything_that_is_wrong(name: str, tmp_path: Path, snapshot: Snapshot) -> None:
    path = tmp_path / "calibration.yaml"
    path.write_text(WRONG[name], encoding="utf-8")
    with pytest.raises(VenolymphError) as raised:
        load_calibration(path)
    text = f"{type(raised.value).__name__}\n{raised.value}".replace(str(tmp_path) + "/", "")
    snapshot(f"calibration-{name}", text)


def person(*readings: dict[str, Any]) -> dict[str, Any]:
    """A person of whom this was measured."""
    return {**vl.load_person("mild-varicose").document(), "measured": list(readings)}


READING = {"VFI": "5.1 mL/s", "error": "0.4 mL/s"}
ASKED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nothing-measured": (person(), {}),
    "error-not-known": (person({"VFI": "5.1 mL/s"}), {}),
    "both-legs": (person({**READING, "leg": "left"}, {**READING, "leg": "right"}), {}),
    "free-unknown": (person(READING), {"free": ["leek"]}),
    "profile-unknown": (person(READING), {"free": ["leak"], "profiles": ["calibre"]}),
    "calibration-unknown": (person(READING), {"calibration": "varicose"}),
    "places-unknown": (person(READING), {"calibration": Path("places.yaml")}),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_cannot_be_calibrated_is_refused_before_anything_is_simulated(
    name: str, tmp_path: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("places.yaml").write_text(free(LEAK.replace("great saphenous", "grat saphenous")), encoding="utf-8")
    who, how = ASKED[name]
    with pytest.raises(VenolymphError) as raised:
        calibrate(who, **how)
    snapshot(f"calibrate-{name}", f"{type(raised.value).__name__}\n{raised.value}")


def test_what_a_figure_says_is_the_prior_of_a_factor() -> None:
    figures = load()
    known = figures["superficial_veins.great_saphenous.thigh.diameter_standing"]
    assert known.sd is not None
    assert prior_of(known) == Prior("lognormal", 1.0, known.sd / known.value)
    assumed = figures["people.leak.severe"]
    assert assumed.low is not None and assumed.high is not None
    assert prior_of(assumed) == Prior("uniform", assumed.low / assumed.value, assumed.high / assumed.value)
    derived = figures["walls.deep.collagen_stiffness"]
    assert derived.low is not None and derived.high is not None
    low, high = (float(prior_of(derived).value(end)) for end in (-SIDE, SIDE))
    assert high / low == pytest.approx(derived.high / derived.low)
    assert math.sqrt(low * high) == pytest.approx(1.0)


def test_packaged_calibrations_free_numbers_of_a_packaged_leg() -> None:
    table = vl.parameters("mild-varicose")
    for name in packaged_calibrations():
        for one in load_calibration(name).free:
            scaled = one.scaled(table)
            assert (scaled.array == PUSH) != bool(scaled.rows)


def test_numbers_are_named_by_place_or_by_the_figure_that_they_come_from() -> None:
    table = vl.parameters("mild-varicose")
    by_place = Free(name="a", of="leak", at="great saphenous, terminal valve", prior={"normal": [1, 0.1]})
    assert by_place.scaled(table).rows == (table["great saphenous, terminal valve", "leak"].index,)
    key = "walls.deep.collagen_stiffness"
    by_figure = Free(name="b", of="cells.collagen_stiffness", figure=key).scaled(table).rows
    assert by_figure == tuple(r.index for r in table if r.array == "cells.collagen_stiffness" and key in r.figures)
    assert np.array(by_figure).size > 0


def test_a_calibration_is_written_and_read_back() -> None:
    for name in packaged_calibrations():
        found = load_calibration(name)
        assert load_calibration(found.document()) == found
    assert [one.name for one in load_calibration("varicose-leg").only(["calibre"]).free] == ["calibre"]
