"""Claims about years: lives are followed through the gate, read at their end, judged, and left uncounted where said."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from importlib import resources
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

from venolymph import figures
from venolymph.body import load_person
from venolymph.cli import app
from venolymph.errors import DocumentError, SimulationError
from venolymph.evidence import claim, claims, run
from venolymph.evidence.claim import read_claim
from venolymph.evidence.lives import LifeExperiment, follow_lives
from venolymph.evidence.showing import difference_text
from venolymph.wall.allowed import check_life_allowed
from venolymph.wall.life import Life
from venolymph.wall.life_of_person import check_life

VOLUME, MASSAGE = "volume-bulges-and-twists-veins", "massage-relieves-without-restoring-calibre"
STOCKING = "stockings-or-walking-shrink-varicose-veins"
OF_YEARS = [name for name, one in claims().items() if one.life is not None]
THIGH, TRIBUTARY = "great saphenous, thigh", "tributary, medial calf"
VEINS = [THIGH, TRIBUTARY, "tributary, anterior calf", "tributaries, upper calf", "tributaries, lower calf"]


def life_of(name: str) -> LifeExperiment:
    found = claim(name).life
    assert found is not None
    return found


def made(wide: float, *, bent: float = 1.6, over: float = 1.5, failed: float = np.nan) -> xr.Dataset:
    """Readings at the start and after a year: diameter at the end in mm, tortuosity, radius over the healthy leg's."""
    every = ("day", "segment", "member")
    ends = {"standing": (5.0, wide), "tortuosity": (1.6, bent), "damage": (0.0, 0.5)}
    values: dict[str, Any] = {
        name: (every, np.stack([np.full((len(VEINS), 1), each) for each in pair])) for name, pair in ends.items()
    }
    values["radius"] = (("day", "place", "member"), np.full((2, len(VEINS), 1), over))
    values["failed_on"] = ("member", np.array([failed]))
    return xr.Dataset(values, {"day": [0.0, 365.25], "segment": VEINS, "place": [f"{one} [1]" for one in VEINS]})


def followed_as(*courses: xr.Dataset) -> Callable[[Any, Life], Any]:
    """A made-up `follow` that gives one course after another."""
    left = iter(courses)
    return lambda person, life: SimpleNamespace(dataset=lambda: next(left))


@pytest.mark.parametrize("name", OF_YEARS)
def test_lives_can_be_those_of_their_people_and_pass_the_gate(name: str) -> None:
    of_years = life_of(name)
    for arm in of_years.arms:
        person, document = load_person(arm.person), of_years.life(arm)
        check_life(document, person)
        check_life_allowed(person, document.plain(), None, None)


@pytest.mark.parametrize("name", OF_YEARS)
def test_what_a_clinic_can_tell_of_a_diameter_is_the_figure(name: str) -> None:
    known = figures.load()["measures.detectable.vein_diameter"]
    for one in life_of(name).comparisons:
        if one.measure.startswith("diameter"):
            assert one.smallest == (known.low if one.expected == "no difference" else known.value)


def test_lives_are_as_long_as_the_claim_says_and_read_at_their_end() -> None:
    asked: list[tuple[str, Life]] = []
    told: list[tuple[float, float, str]] = []
    courses = iter([made(5.6, bent=1.8), made(5.2), made(5.0, over=1.8), made(5.0)])

    def follow(person: Any, life: Life) -> Any:
        asked.append((person.label, life))
        return SimpleNamespace(dataset=lambda: next(courses))

    def progress(done: float, count: float, label: str) -> None:
        told.append((done, count, label))

    trial = run(VOLUME, follow=follow, progress=progress)
    assert [who for who, _ in asked] == ["healthy", "healthy", "mild-varicose", "mild-varicose"]
    assert [(life.duration, life.every) for _, life in asked] == [(730.5, 91.3125)] * 4
    assert [life.situation(1.0).hours.standing for _, life in asked] == [10.0, 4.0] * 2
    assert told[-1] == (3, 4, "varicose, as usual")
    trunk, _, _, bent, *_, back = trial.compared
    assert (trunk.value, trunk.against, trunk.unit, trunk.measurable) == (5.6, 5.2, "mm", True)
    assert (trunk.outcome, bent.outcome, bent.measurable) == ("as claimed", "as claimed", None)
    assert bent.difference == pytest.approx(0.2)
    lost = figures.internal("wall_life.damage.floor") * 0.5
    assert back.unit == "%"
    assert back.value == pytest.approx(100.0 * (1.0 - lost / np.log(1.8)))
    assert back.against == pytest.approx(100.0 * (1.0 - lost / np.log(1.5)))


@pytest.mark.parametrize(("with_massage", "outcome"), [(5.09, "as claimed"), (5.11, "contrary to the claim")])
def test_a_year_of_massage_may_differ_by_a_tenth_of_a_millimetre(with_massage: float, outcome: str) -> None:
    found = follow_lives(life_of(MASSAGE), follow=followed_as(made(with_massage), made(5.0)))
    assert [one.outcome for one in found] == [outcome] * 2


def test_lives_stand_behind_what_one_session_does(monkeypatch: pytest.MonkeyPatch) -> None:
    def simulate(*_: Any, **__: Any) -> Any:
        reading = SimpleNamespace(value=np.array([5.0]), unit="mm")
        return SimpleNamespace(status=[SimpleNamespace(code="ok")], measure=lambda name: reading)

    trial = run(MASSAGE, simulate=simulate, follow=followed_as(made(5.0), made(5.0)), members=1)
    assert [one.comparison.arm for one in trial.compared] == ["massage"] * 2 + ["a year with massage every week"] * 2


def test_no_reason_is_given_that_would_carry_a_life_past_the_gate() -> None:
    arms = [{**arm.document(), "person": "post-thrombotic"} for arm in life_of(MASSAGE).arms]
    stopped = LifeExperiment.model_validate({**life_of(MASSAGE).document(), "arms": arms})
    with pytest.raises(SimulationError, match="post-thrombotic"):
        follow_lives(stopped)


def test_what_is_not_to_be_trusted_is_shown_and_not_counted() -> None:
    courses = [made(3.0), made(6.0), made(5.0)]
    trial = run(STOCKING, follow=followed_as(*courses))
    assert {one.outcome for one in trial.compared} == {"not to be trusted"}
    assert difference_text(trial.compared[0]) == "3 against 5 mm (-2, -40 %)"
    assert all(one["untrusted"] for one in trial.as_dict()["comparisons"])


@pytest.mark.parametrize(
    ("course", "note"),
    [
        (made(5.6, failed=30.0), "the simulation found no solution on day 30"),
        (made(5.6, over=1.0), "hardly wider than in a healthy leg"),
    ],
)
def test_what_cannot_be_read_is_said(course: xr.Dataset, note: str) -> None:
    last = follow_lives(life_of(VOLUME), follow=followed_as(made(5.0), made(5.0), course, made(5.0)))[-1]
    assert (last.outcome, last.note) == ("could not be read", f"varicose, standing at work: {note}")


def test_a_vein_that_is_closed_has_no_diameter() -> None:
    closed = read_claim(source(VOLUME).replace("ten-years-standing-at-work", "ablation-then-five-years")).life
    assert closed is not None
    first = follow_lives(closed, follow=followed_as(*[made(5.0)] * 4))[0]
    assert first.note == "healthy, standing at work: the vein is closed"


def source(name: str) -> str:
    return resources.files("venolymph.evidence").joinpath("claims", f"{name}.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ('life = "a-year-as-it-is"', 'life = "a-year"', "life.arms.1.life", "no packaged life"),
        ('lasts = "2 years"', 'lasts = "2 apples"', "life.arms.0.life", "apples"),
        ('name = "healthy, as usual"', 'name = "healthy, standing at work"', "life.arms", "two arms"),
        ('against = "healthy, as usual"', 'against = "at sea"', "life.comparisons.0", "no arm 'at sea'"),
        ("tortuosity of tributaries", "colour of tributaries", "life.comparisons.3.measure", "not read in a life"),
        ("tortuosity of tributary, medial calf", "tortuosity of tail", "life.comparisons.5.measure", "no superficial"),
        ('every = "3 months"', "", "life", "'every' is missing"),
    ],
)
def test_wrong_files_are_refused(old: str, new: str, place: str, message: str) -> None:
    text = source(VOLUME)
    assert old in text
    with pytest.raises(DocumentError) as caught:
        read_claim(text.replace(old, new))
    assert message in caught.value.message
    assert place in str(caught.value.place)


def test_the_command_shows_lives_beside_the_literature(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    courses = followed_as(*[made(3.0), made(6.0), made(5.0)] * 2)
    monkeypatch.setattr("venolymph.evidence.lives.follow_life", courses)
    done = CliRunner().invoke(app, ["evidence", "run", STOCKING])
    assert done.exit_code == 0, done.output
    assert "model: 3 against 5 mm (-2, -40 %); not to be trusted" in done.stdout
    assert "not to be trusted, and not counted: each step sends blood down the trunk" in done.stdout
    assert done.stdout.index("What the model shows") < done.stdout.index("NOT SHOWN (certainty low)")
    found = json.loads(CliRunner().invoke(app, ["evidence", "run", STOCKING, "--json"]).stdout)
    assert [one["outcome"] for one in found["comparisons"]] == ["not to be trusted"] * 4
    shown = CliRunner().invoke(app, ["evidence", "show", STOCKING]).stdout
    assert re.search(r"Lives: a year with a stocking; .*can be run", shown)


@pytest.mark.slow
def test_four_weeks_of_massage_leave_veins_as_wide_as_four_weeks_without() -> None:
    """Really followed, in place of the year."""
    short = LifeExperiment.model_validate({**life_of(MASSAGE).document(), "lasts": "4 weeks", "every": "4 weeks"})
    found = follow_lives(short)
    assert [one.outcome for one in found] == ["as claimed"] * 2
    assert all(one.difference is not None and abs(one.difference) < 0.1 for one in found)
