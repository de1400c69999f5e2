"""Courses side by side: differences at the same time, how they fade, what is said of them, and the command."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from venolymph import comparison
from venolymph.cli.app import app
from venolymph.comparison import QUANTITIES, Course, Effects, effects, markdown, page
from venolymph.errors import SimulationError

TIME = np.arange(-3600.0, 7201.0, 60.0)
WATER = "tissue fluid of the leg"


def course(name: str, drop: float, fades: float, spread: bool = False) -> Course:
    """Quantities that are 100 and fall by `drop` in the course, which then fades with a time constant, s."""
    after = np.maximum(TIME, 0.0)
    fallen = np.where(TIME < 0.0, drop * (TIME + 3600.0) / 3600.0, drop * np.exp(-after / fades))
    values = {quantity.name: 100.0 - fallen for quantity in QUANTITIES}
    others = {quantity.name: np.stack([100.0 - 0.5 * fallen, 100.0 - 2.0 * fallen], axis=1) for quantity in QUANTITIES}
    return Course(name, spread, "ok", TIME, values, others if spread else {}, dict.fromkeys(values, 100.0))


@pytest.fixture
def made() -> Effects:
    return Effects(
        "somebody", [course("rest", 0.0, 1.0), course("massage", 10.0, 1200.0, True), course("long", 5.0, 1e9)]
    )


def test_a_difference_and_how_it_fades(made: Effects) -> None:
    rest, massage, long = made.courses
    assert made.difference(massage, WATER, 0.0) == pytest.approx(-10.0, abs=0.5)
    # A tenth is left after 1200 s times the logarithm of ten.
    lasts = made.lasts(massage, WATER)
    assert lasts is not None
    assert abs(lasts - 1200.0 * np.log(10.0)) < 600.0
    assert made.lasts(long, WATER) == np.inf
    assert made.lasts(rest, WATER) is None
    low, high = made.spread(massage, WATER, 600.0) or (0.0, 0.0)
    assert low < made.difference(massage, WATER, 600.0) < high < 0.0


def test_what_is_said_of_it(made: Effects) -> None:
    text = markdown(made)
    lines = text.splitlines()
    assert [line for line in lines if line.startswith("###")] == ["### massage", "### long"]
    massage, long = (line for line in lines if line.startswith(f"| {WATER}"))
    assert "| -9.7 mL | " in massage
    assert "(by depth -" in massage
    assert "faded after" in massage
    assert "by depth" not in long
    assert "not faded after 2 h" in long
    assert "below what could be seen" in long or "not known what could be seen" in long
    shown = page([made])
    assert shown.startswith("<!doctype html>")
    assert shown.count("<svg") == len(QUANTITIES)
    assert "not a medical device" in shown
    json.dumps(made.to_json(), allow_nan=False)


def test_a_real_course() -> None:
    strokes = {"stroke": "pump", "at": ["calf", "inner calf"], "toward": "popliteal nodes", "repeat": 7, "spots": 2}
    lying = {"kind": "regimen", "version": 1, "regimen": "lying", "steps": [{"lie": {"for": "2 min"}}]}
    hands = {**lying, "regimen": "hands", "steps": [{"massage": strokes}, {"wait": {"for": "80 s"}}]}
    found = comparison.compare("mild-varicose", [lying, hands], spread=True, after=900.0)
    rest, massage = found.courses
    assert [one.status for one in found.courses] == ["ok", "ok"]
    assert massage.spread["lymph that forms"].shape[1] == 2 * len(effects.DEPTHS)
    assert massage.during["lymph that forms"] > rest.during["lymph that forms"]
    assert massage.at("tracer left under the skin of the calf", 900.0) < rest.at(
        "tracer left under the skin of the calf", 900.0
    )


def test_courses_of_unequal_length_are_said_to_be() -> None:
    same = Effects("somebody", [course("rest", 0.0, 1.0), course("massage", 10.0, 1200.0)])
    assert same.uneven is None
    short = replace(same.courses[1], time=same.courses[1].time, lasted=600.0)
    told = Effects("somebody", [same.courses[0], short]).uneven
    assert told is not None
    assert "massage 10 min" in told
    assert told in page([Effects("somebody", [same.courses[0], short])])


def test_one_course_is_nothing_to_compare() -> None:
    with pytest.raises(SimulationError, match="cannot be compared"):
        comparison.compare("healthy", ["rest"])


def test_the_command_takes_several_at_once(made: Effects, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[Any] = []

    def compare(who: Any, regimens: Any, **_: Any) -> Effects:
        asked.append((who.label, [one.regimen for one in regimens]))
        return made

    monkeypatch.setattr(comparison, "compare", compare)
    words = ["compare", "--person", "healthy", "mild-varicose", "--regimen", "rest", "leg-massage", "--out"]
    done = CliRunner().invoke(app, [*words, str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert [label for label, _ in asked] == ["healthy", "mild-varicose"]
    assert asked[0][1] == ["rest, 48 minutes", "leg massage"]
    assert (tmp_path / "out" / "courses.html").read_text("utf-8").startswith("<!doctype html>")
    assert len(json.loads((tmp_path / "out" / "courses.json").read_text("utf-8"))["people"]) == 2
    again = CliRunner().invoke(app, [*words, str(tmp_path / "out")])
    assert again.exit_code == 2


def test_who_may_not_be_massaged_is_not_compared(tmp_path: Path) -> None:
    words = ["compare", "-p", "post-thrombotic", "-r", "rest", "leg-massage", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert not (tmp_path / "out").exists()
