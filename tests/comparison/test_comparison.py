"""Courses side by side: differences at the same time, how they fade, what is said of them, and the command."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from venolymph import comparison
from venolymph.body import leg_body, load_person
from venolymph.cli.app import app
from venolymph.comparison import QUANTITIES, Effects, TreatmentCourse, courses, markdown, page
from venolymph.comparison.courses import between, composed
from venolymph.comparison.words import lasting, rows, short
from venolymph.errors import SimulationError
from venolymph.figures import load
from venolymph.regimen import load_regimen
from venolymph.regimen.forcing import phases
from venolymph.simulation.alike import TENSION, alike

TIME = np.arange(-3600.0, 7201.0, 60.0)
WATER = "tissue fluid of the leg"
LEGS = np.array([-0.2, -0.05, 0.1, 0.15])
"""What legs alike but for chance differ by."""


def made_of(name: str, fallen: np.ndarray, legs: np.ndarray = LEGS, depth: bool = False) -> TreatmentCourse:
    """A course in which every quantity is 100 less what has fallen, in legs that differ by chance."""
    values = {quantity.name: 100.0 - fallen[:, None] + legs for quantity in QUANTITIES}
    others = {quantity.name: np.stack([100.0 - 0.5 * fallen, 100.0 - 2.0 * fallen], axis=1) for quantity in QUANTITIES}
    during = {name: one[(TIME > -3600.0) & (TIME <= 0.0)].mean(axis=0) for name, one in values.items()}
    return TreatmentCourse(name, depth, "ok", TIME, values, others if depth else {}, during)


def course(name: str, drop: float, fades: float, depth: bool = False) -> TreatmentCourse:
    """Quantities fall by `drop` in the course, which then fades with a time constant, s."""
    after = np.maximum(TIME, 0.0)
    return made_of(
        name, np.where(TIME < 0.0, drop * (TIME + 3600.0) / 3600.0, drop * np.exp(-after / fades)), LEGS, depth
    )


@pytest.fixture
def made() -> Effects:
    return Effects(
        "somebody", [course("rest", 0.0, 1.0), course("massage", 10.0, 1200.0, True), course("long", 5.0, 1e9)]
    )


def test_a_difference_and_how_it_fades(made: Effects) -> None:
    rest, massage, long = made.courses
    found = made.difference(massage, WATER, 0.0)
    assert found.mean == pytest.approx(-10.0, abs=0.5)
    assert (found.low, found.high) == pytest.approx((found.mean - 0.35, found.mean + 0.35))
    assert found.reference == pytest.approx(100.0)
    # A tenth is left after 1200 s times the logarithm of ten.
    persistence = made.persistence(massage, WATER)
    assert persistence is not None
    assert persistence.turns is None
    assert abs(persistence.gone - 1200.0 * np.log(10.0)) < 600.0
    lasts = made.persistence(long, WATER)
    assert lasts is not None
    assert lasts.gone == np.inf
    assert made.persistence(rest, WATER) is None
    low, high = made.by_depth(massage, WATER, 600.0) or (0.0, 0.0)
    assert low < made.difference(massage, WATER, 600.0).mean < high < 0.0


def test_what_is_said_of_it(made: Effects) -> None:
    text = markdown(made)
    lines = text.splitlines()
    assert [line for line in lines if line.startswith("###")] == ["### massage", "### long"]
    massage, long = (line for line in lines if line.startswith(f"| {WATER}"))
    assert "| -9.7 mL from 100 mL (-10 to -9.3) | " in massage
    assert "; by depth -" in massage
    assert "| faded after" in massage
    assert "by depth" not in long
    assert "| not faded after 2 h |" in long
    assert "below what could be seen" in long or "not known what could be seen" in long
    assert (
        'During "massage" 5.08 mL/h less lymph formed than during "rest" (100 mL/h); '
        "whether a clinic could measure this is not known."
    ) in text
    shown = page([made])
    assert shown.startswith("<!doctype html>")
    assert shown.count("<svg") == len(QUANTITIES)
    assert "not a medical device" in shown
    assert "4 legs that are alike but for chance" in shown
    json.dumps(made.to_json(), allow_nan=False)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (-0.6, "reversed after 30 min, still so after 2 h (+6 mL)"),
        (-0.05, "faded after 30 min"),
        (0.05, "faded after 30 min"),
        (0.4, "not faded after 2 h"),
    ],
)
def test_a_difference_that_changes_its_sign_has_reversed(left: float, words: str) -> None:
    """It falls by 10 mL, and from half an hour after the end a share of that is left, of one sign or the other."""
    fallen = np.where(TIME > 1500.0, 10.0 * left, 10.0)
    effects = Effects("somebody", [course("rest", 0.0, 1.0), made_of("massage", fallen)])
    persistence = effects.persistence(effects.courses[1], WATER)
    assert persistence is not None
    assert lasting(persistence, "+6 mL") == words
    assert words in markdown(effects)
    assert words in page([effects])
    row = next(row for row in effects.to_json()["rows"] if row["regimen"] == "massage" and row["quantity"] == WATER)
    assert row["reversed, s"] == (1800.0 if left == -0.6 else None)


def test_a_difference_may_reverse_and_then_fade_or_come_late() -> None:
    rest = course("rest", 0.0, 1.0)
    turns = made_of("turns", np.select([TIME <= 1500.0, TIME <= 3600.0], [10.0, -5.0], 0.0))
    late = made_of("late", np.where(TIME > 1500.0, 10.0, 0.0))
    effects = Effects("somebody", [rest, turns, late])
    words = [
        lasting(persistence) if persistence else ""
        for persistence in (effects.persistence(one, WATER) for one in (turns, late))
    ]
    assert words == ["reversed after 30 min, gone after 65 min", "from 30 min after the end, not faded after 2 h"]


def test_what_may_be_chance_is_no_difference() -> None:
    """Two courses that do the same, in legs that differ by chance; and one that does a little more than chance."""
    chance = np.random.default_rng(3)
    legs = chance.normal(0.0, 1.0, (3, 4))
    rest, same, more = (made_of(name, np.zeros(len(TIME)), row) for name, row in zip("abc", legs, strict=True))
    effects = Effects("somebody", [rest, same])
    assert abs(effects.difference(same, WATER, 0.0).mean) > 0.1
    assert [row[1:3] for row in _rows(effects, same)] == [["no difference"] * 2] * len(QUANTITIES)
    assert effects.persistence(same, WATER) is None
    assert 'as much lymph formed as during "a"' in short(effects, same)
    more = made_of("c", np.full(len(TIME), 10.0), legs[2])
    assert all("no difference" not in cell for row in _rows(Effects("somebody", [rest, more]), more) for cell in row)
    # One leg for each course says nothing of chance.
    alone = [made_of(name, np.zeros(len(TIME)), row[:1]) for name, row in zip("ab", legs, strict=False)]
    assert Effects("somebody", alone).difference(alone[1], WATER, 0.0).told
    assert "what is chance cannot be told" in page([Effects("somebody", alone)])


def _rows(effects: Effects, one: TreatmentCourse) -> list[list[str]]:
    return [[cell.partition(" (from")[0] for cell in row] for row in rows(effects, one)]


def test_a_single_look_is_no_difference() -> None:
    rest, blip = course("rest", 0.0, 1.0), made_of("blip", np.where((TIME > 3300.0) & (TIME <= 3600.0), 10.0, 0.0))
    assert Effects("somebody", [rest, blip]).persistence(blip, WATER) is None


def test_legs_alike_differ_by_billionths() -> None:
    figures = alike(load(), 4)
    assert figures[0] is load()
    tensions = np.array([one[TENSION].value for one in figures])
    assert np.all(np.diff(tensions) / tensions[0] == pytest.approx(1e-9, rel=1e-3))
    assert all({key: one[key] for key in one if key != TENSION} == {k: v for k, v in load().items() if k != TENSION}
               for one in figures[1:])  # fmt: skip


@pytest.mark.parametrize(
    ("name", "seconds"), [("long-flight", 36000.0), ("rest", 2880.0), ("leg-massage-short", None), ("desk-day", None)]
)
def test_the_end_of_a_course_is_where_we_put_it(name: str, seconds: float | None) -> None:
    """Whatever the regimen ends with: `long-flight` ends sitting, and so does the course after it."""
    body = leg_body(load_person("healthy"))
    course = composed(load_regimen(name))
    found = phases(course, body)
    starts = np.cumsum([0.0, *(phase.duration for phase in found)])
    begin, end = between(course, [_At(start, phase.marks) for start, phase in zip(starts, found, strict=False)])
    assert begin == pytest.approx(courses.BEFORE)
    assert starts[-1] - end == pytest.approx(courses.AFTER)
    if seconds is not None:
        assert end - begin == pytest.approx(seconds)


@dataclass
class _At:
    start: float
    marks: Any


@pytest.mark.slow
def test_a_real_course() -> None:
    strokes = {"stroke": "pump", "at": ["calf", "inner calf"], "toward": "popliteal nodes", "repeat": 7, "spots": 2}
    lying = {"kind": "regimen", "version": 1, "regimen": "lying", "steps": [{"lie": {"for": "2 min"}}]}
    hands = {**lying, "regimen": "hands", "steps": [{"massage": strokes}, {"wait": {"for": "80 s"}}]}
    found = comparison.compare("mild-varicose", [lying, {**lying, "regimen": "again"}, hands], members=2, spread=True,
                               after=300.0)  # fmt: skip
    rest, again, massage = found.courses
    assert [one.status for one in found.courses] == ["ok"] * 3
    assert [one.members for one in found.courses] == [2] * 3
    assert rest.lasted == again.lasted == pytest.approx(120.0)
    assert massage.by_depth["lymph that forms"].shape[1] == 2 * len(courses.DEPTHS)
    lymph, tracer = "lymph that forms", "tracer left under the skin of the calf"
    assert found.during(massage, lymph).told
    assert found.during(massage, lymph).mean > 0.0
    assert found.difference(massage, tracer, 300.0).mean < 0.0
    # The same course again does nothing.
    assert not any(found.during(again, quantity.name).told for quantity in QUANTITIES)
    assert all(found.persistence(again, quantity.name) is None for quantity in QUANTITIES)
    text = page([found])
    assert text.count("data-recording=") == 4, "head and frames of the reference and of the first course"
    assert text.index("<b>again</b>") < text.index('id="moving-leg"') < text.index("<h2>")
    assert "mild-varicose: lying" in text
    assert "mild-varicose: again" in text
    assert len(text) < 3_000_000


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
    with pytest.raises(SimulationError, match="found 0 members, where at least 1 is needed"):
        comparison.compare("healthy", ["rest", "rest"], members=0)


def test_the_command_takes_several_at_once(made: Effects, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[Any] = []

    def compare(who: Any, regimens: Any, **given: Any) -> Effects:
        asked.append((who.label, [one.regimen for one in regimens], given["members"]))
        return made

    monkeypatch.setattr(comparison, "compare", compare)
    words = ["compare", "--person", "healthy", "mild-varicose", "--regimen", "rest", "leg-massage", "--out"]
    done = CliRunner().invoke(app, [*words, str(tmp_path / "out"), "--members", "3"])
    assert done.exit_code == 0, done.output
    assert [label for label, _, _ in asked] == ["healthy", "mild-varicose"]
    assert asked[0][1:] == (["rest, 48 minutes", "leg massage"], 3)
    assert "healthy: 2 courses, each in 3 legs alike but for chance" in done.stderr
    assert 'During "massage" 5.08 mL/h less lymph formed than during "rest" (100 mL/h)' in done.stdout
    assert 'what may be chance is "no difference"' in done.stdout
    assert (tmp_path / "out" / "courses.html").read_text("utf-8").startswith("<!doctype html>")
    assert len(json.loads((tmp_path / "out" / "courses.json").read_text("utf-8"))["people"]) == 2
    again = CliRunner().invoke(app, [*words, str(tmp_path / "out")])
    assert again.exit_code == 2


def test_who_may_not_be_massaged_is_not_compared(tmp_path: Path) -> None:
    words = ["compare", "-p", "post-thrombotic", "-r", "rest", "leg-massage", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert not (tmp_path / "out").exists()
