"""Regimens on a face: what can be done on one, what salt, alcohol and crying leave in phases, and what is refused."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest

from venolymph import figures
from venolymph.body import Body, leg_body, load_person
from venolymph.body.person_face import FACE_REGIONS, FaceRegion
from venolymph.errors import DocumentError
from venolymph.regimen import Regimen, load_regimen, packaged_regimens
from venolymph.regimen.forcing import Phase, phases
from venolymph.steps.marks import FaceChanges, Marks

HOUR = 3600.0


def on_a_face(*steps: Any, body: str = "face") -> Regimen:
    """A regimen of these steps on a face."""
    return load_regimen({"kind": "regimen", "version": 1, "body": body, "steps": list(steps)})


@pytest.fixture(scope="module")
def body() -> Body:
    """Marks and durations of phases do not ask which body it is."""
    return leg_body(load_person("healthy"))


def acting(made: list[Phase], what: str) -> float:
    """How long in all something differs from what it is without, s."""
    usual = getattr(FaceChanges(), what)
    return sum(one.duration for one in made if one.marks.face and getattr(one.marks.face, what) != usual)


def test_salt_and_alcohol_last_while_other_steps_are_done_and_then_end(body: Body) -> None:
    regimen = on_a_face({"sit": {"for": "1 h"}}, {"salt": {"for": "3 h"}}, {"alcohol": {"flow": 1.5, "for": "2 h"}},
                        {"sit": {"for": "30 min"}}, {"lie": {"for": "8 h"}})  # fmt: skip
    made = phases(regimen, body)
    assert sum(one.duration for one in made) == pytest.approx(regimen.lasts)
    assert acting(made, "protein") == pytest.approx(3 * HOUR)
    assert acting(made, "flow") == pytest.approx(2 * HOUR)
    for one in made:
        if one.marks.face is not None:
            assert one.marks.face.protein in (0.0, figures.internal("regimen.salt.protein"))
            assert one.marks.face.flow in (1.0, 1.5)
    first = next(one for one in made if one.marks.face is not None)
    assert first.marks.step == 3, "the hour before the meal knows nothing of it"
    assert made[-1].marks.face is None


def test_two_meals_add_and_what_one_leaves_out_is_the_usual(body: Body) -> None:
    made = phases(on_a_face({"salt": {"protein": "-5 %"}}, {"salt": {"protein": "-2 %"}}, {"alcohol": {}}, "cry"), body)
    changes = {one.marks.face for one in made}
    assert changes == {FaceChanges(protein=-0.07, flow=figures.internal("regimen.alcohol.flow"), crying=True)}
    assert acting(made, "crying") == pytest.approx(figures.internal("regimen.cry.lasts"))


def test_crying_takes_its_time_and_is_over(body: Body) -> None:
    made = phases(on_a_face({"sit": {"for": "5 min"}}, {"cry": {"for": "20 min"}}, {"wait": {"for": "5 min"}}), body)
    assert acting(made, "crying") == pytest.approx(1200.0)
    assert {one.marks.manoeuvre for one in made if one.marks.face} == {"cry"}
    assert made[-1].marks.face is None


def test_regimens_without_them_have_the_phases_that_they_had(body: Body) -> None:
    """A change that has ended leaves no trace in what follows."""
    plain = phases(on_a_face({"sit": {"for": "2 h"}}), body)
    salted = phases(on_a_face({"salt": {"for": "1 h"}}, {"sit": {"for": "2 h"}}), body)
    assert all(one.marks.face is None for one in plain)
    assert sum(one.duration for one in salted) == sum(one.duration for one in plain)
    np.testing.assert_array_equal(salted[-1].drive.inclination_to, plain[-1].drive.inclination_to)


def test_marks_of_a_face_are_kept_in_a_folder() -> None:
    marks = Marks(posture="lying", face=FaceChanges(protein=-0.08, crying=True))
    assert Marks.read(marks.document()) == marks
    assert "face" not in Marks(posture="lying").document()


def test_packaged_regimens_of_a_face() -> None:
    faces = {name: found for name in packaged_regimens() if (found := load_regimen(name)).on_face}
    for name, found in faces.items():
        assert found.purpose == "experiment", name
        assert found.treated("left") == frozenset()
    assert {"face-night", "face-night-side", "face-night-front", "face-night-flat", "face-night-head-raised"} <= set(
        faces
    )
    assert faces["day-of-a-face"].lasts == 24 * HOUR
    assert faces["face-morning"].lasts == 12 * HOUR


def test_a_tracer_goes_into_every_region_of_a_face(body: Body) -> None:
    assert get_args(FaceRegion) == FACE_REGIONS
    for region in FACE_REGIONS:
        regimen = on_a_face({"inject": {"tracer": "small", "at": region, "half": "left"}}, {"wait": {"for": "1 min"}})
        (injection,) = phases(regimen, body)[0].marks.injected
        assert (injection.at, injection.half) == (region, "left")


@pytest.mark.parametrize(
    "step",
    [
        {"walk": {"speed": "3 km/h", "for": "1 min"}},
        {"tiptoes": {"count": 3}},
        {"wear": "stocking-class-1"},
        {"cuff": {"at": "calf", "pressure": "60 mmHg"}},
        {"raise_legs": {"to": "30 deg"}},
        {"skin": {"temperature": "36 degC"}},
        {"suction": {"pressure": "30 mmHg"}},
        {"knees": {"to": "straight"}},
    ],
    ids=lambda step: next(iter(step)),
)
def test_what_legs_do_is_refused_on_a_face(step: dict[str, Any]) -> None:
    (word,) = step
    with pytest.raises(DocumentError, match=f"{word} changes nothing in a face") as caught:
        on_a_face({"lie": {"for": "1 min"}}, step)
    assert "`body: leg`" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("steps", "on", "message"),
    [
        (["lie", {"salt": {}}], "leg", "salt is for a face"),
        (["lie", {"alcohol": {}}], "leg.left", "alcohol is for a face"),
        (["lie", "cry"], "leg", "cry is for a face"),
        (["lie", {"regimen": {"steps": ["cry"]}}], "leg", "cry is for a face"),
        (["lie", {"massage": "leg-massage"}], "face", "the session is for body 'leg'"),
        ([{"inject": {"tracer": "large", "at": "foot"}}, "cry"], "face", "'foot' of a leg"),
        ([{"inject": {"tracer": "large", "at": "chin"}}, {"lie": {"for": "1 min"}}], "leg", "'chin' of a face"),
        (["lie", {"salt": {"protein": "8 %"}}], "face", "allowed is -30 % to 0 %"),
        (["lie", {"alcohol": {"flow": 0.5}}], "face", "allowed is 1 to 3"),
        (["lie", {"cry": {"for": "10 h"}}], "face", "allowed is 1 min to 3 h"),
    ],
)
def test_what_does_not_fit_the_body_is_refused(steps: list[Any], on: str, message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        on_a_face(*steps, body=on)
    assert message in str(caught.value)
    assert caught.value.hint
