"""Knobs give documents that a person could have written, and never loosen what a document says of skin or pain."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venolymph.body.person import load_person, packaged_people
from venolymph.errors import DocumentError
from venolymph.regimen.loading import load_regimen
from venolymph.studio.knobs import knobs, turned
from venolymph.studio.knobs.knob import all_knobs, walk

VARICOSE, WALK = load_person("mild-varicose"), load_regimen("posture-and-walk")


def test_knobs_stand_where_the_documents_say() -> None:
    shown = {name: one.value for name, one in knobs(VARICOSE, WALK).items()}
    assert (shown["height"], shown["mass"], shown["age"]) == (168.0, 71.0, 52.0)
    assert shown["leak-great-saphenous"] == 30.0
    assert shown["width-great-saphenous"] == 5.9
    assert shown["walking-speed"] == 3.0
    assert shown["stocking"] == "none"
    assert "hand" not in shown
    assert "walking-speed" not in knobs(VARICOSE, load_regimen("leg-massage"))
    steps = [{"wear": {"garment": "stocking", "class": "RAL I"}}, {"stand": {"for": "1 min"}}]
    worn = load_regimen({"kind": "regimen", "version": 1, "regimen": "worn", "steps": steps})
    assert "stocking" not in knobs(VARICOSE, worn)


def test_nothing_turned_changes_nothing() -> None:
    settings = {name: one.value for name, one in knobs(VARICOSE, WALK).items() if one.value is not None}
    assert turned(VARICOSE, WALK, settings) == (VARICOSE, WALK, ())


def test_turned_knobs_are_read_back() -> None:
    settings: dict[str, Any] = {
        "height": 180.0, "mass": 90.0, "age": 70.0, "leak-great-saphenous": 5.0, "leak-deep": 12.0,
        "width-great-saphenous": 7.5, "walking-speed": 5.0,
    }  # fmt: skip
    person, regimen, told = turned(VARICOSE, WALK, settings)
    assert {name: knobs(person, regimen)[name].value for name in settings} == settings
    assert len(told) == len(settings)
    assert "Walking speed: 5 km/h" in told


def test_a_healed_leak_leaves_no_leak_of_that_vein_and_the_others_as_they_were() -> None:
    person, _, _ = turned(VARICOSE, WALK, {"leak-great-saphenous": 0.0})
    before = [one.at for one in VARICOSE.leg.reflux]
    assert [one.at for one in person.leg.reflux] == [one for one in before if not one.startswith("great saphenous")]
    assert person.leg.document()["ceap"] == "C2s"


def test_stocking_and_air_come_after_the_first_posture() -> None:
    _, regimen, _ = turned(VARICOSE, WALK, {"stocking": "RAL II", "air": 30.0})
    words = [word for word, _ in walk(regimen.document()["steps"])]
    assert words[0] == "lie"
    assert set(words[1:3]) == {"wear", "skin"}


def test_the_hand_presses_alike_in_every_stroke() -> None:
    massage = load_regimen("leg-massage")
    _, regimen, _ = turned(VARICOSE, massage, {"hand": 40.0})
    pressures = {said["pressure"] for word, said in walk(regimen.document()["steps"]) if "stroke" in said}
    assert pressures == {"40 mmHg"}
    strokes = [word for word, said in walk(regimen.document()["steps"]) if "stroke" in said]
    assert len(strokes) > 10


@pytest.mark.parametrize("name", list(packaged_people()))
def test_skin_and_symptoms_stay_whatever_is_turned(name: str) -> None:
    person = load_person(name)
    leaks = {knob: 20.0 for knob, one in all_knobs().items() if one.of == "leak"}
    after, _, _ = turned(person, WALK, leaks)
    assert (after.leg.skin, after.leg.symptoms) == (person.leg.skin, person.leg.symptoms)
    assert after.person.pregnancy == person.person.pregnancy


@given(st.data())
def test_any_setting_within_range_gives_documents(data: st.DataObject) -> None:
    there = knobs(VARICOSE, WALK)
    settings = {}
    others = [name for name in there if name not in ("height", "mass")]  # some pairs of these nobody can have
    for name in data.draw(st.lists(st.sampled_from(others), unique=True, max_size=5)):
        knob = there[name].knob
        settings[name] = data.draw(
            st.sampled_from(knob.choices) if knob.choices else st.floats(knob.low, knob.high, allow_nan=False)
        )
    person, regimen, _ = turned(VARICOSE, WALK, settings)
    assert load_person(person.document()) == person
    assert load_regimen(regimen.document()) == regimen


def test_a_body_that_nobody_has_is_refused() -> None:
    with pytest.raises(DocumentError, match="body mass index"):
        turned(VARICOSE, WALK, {"height": 205.0, "mass": 41.0})


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"heigth": 170.0}, "did you mean 'height'?"),
        ({"height": 300.0}, "allowed is 140 to 210 cm"),
        ({"height": "tall"}, "allowed is 140 to 210 cm"),
        ({"height": float("nan")}, "allowed is 140 to 210 cm"),
        ({"height": True}, "allowed is 140 to 210 cm"),
        ({"stocking": "RAL IV"}, "allowed are none, RAL I, RAL II, RAL III"),
        ({"hand": 20.0}, "there is no knob 'hand' here"),
    ],
)
def test_a_setting_that_cannot_be_says_what_is_allowed(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(DocumentError) as refused:
        turned(VARICOSE, WALK, settings)
    assert said in str(refused.value)


def test_every_knob_says_its_range_and_source() -> None:
    for name, knob in all_knobs().items():
        assert knob.source, name
        assert knob.choices or knob.low < knob.high, name
