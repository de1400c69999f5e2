"""The gate in front of simulated massage: what the person's document says, and what it leaves unsaid."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venolymph.body.person import Person, load_person
from venolymph.errors import SimulationError
from venolymph.plan.gate import gate, stops
from venolymph.regimen import load_regimen
from venolymph.screening import rulebook

WELL: dict[str, Any] = {"symptoms": ["heaviness"], "skin": "intact", "ceap": "C2"}


ADVANCED = [
    "C5s",
    "C6",
    " C6",
    "c6",
    "C 6",
    "C4b,6r",
    "C2, 3, 6R, S Ep",
    "CEAP C5",
    "C2,5,S, Ep, As,p (L II)",
    "c1,6s",
    "C₆",
    "C5 Es Ad",
]
"""Healed and open ulcers as they are written."""


def person(right: Any = "healthy", **left: Any) -> Person:
    who = {"label": "somebody", "sex": "female", "age": "52 y", "height": "168 cm", "mass": "71 kg"}
    legs = {"left": {**WELL, **left}, "right": right, "asked": "left"}
    return load_person({"kind": "person", "version": 1, "person": who, "legs": legs})


MASSAGES = [
    load_regimen("leg-massage"),
    load_regimen("leg-sham"),
    load_regimen([{"regimen": {"steps": [{"lie": {"for": "1 min"}}, {"massage": "leg-massage-short"}]}}]),
    load_regimen([{"wear": {"garment": "stocking", "class": "RAL I", "steps": ["lie", {"massage": "leg-massage"}]}}]),
]


@pytest.mark.parametrize("regimen", MASSAGES)
def test_a_person_with_mild_veins_passes(regimen: Any) -> None:
    gate(person(), regimen, None)
    gate(load_person("mild-varicose"), regimen, None)


@pytest.mark.parametrize("regimen", MASSAGES)
@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"symptoms": ["pain"]}, "P03"),
        ({"symptoms": ["heaviness", "cramps"]}, "P03"),
        ({"symptoms": ["burning"]}, "P03"),
        ({"skin": "ulcer", "ceap": None}, "P01"),
        ({"skin": "healed ulcer", "ceap": "C5"}, "P06"),
        *(({"skin": None, "ceap": text}, "C01") for text in ADVANCED),
    ],
)
def test_ulcer_and_pain_stop_it(wrong: dict[str, Any], rule: str, regimen: Any) -> None:
    for who in (person(**wrong), person(right={**WELL, **wrong})):
        with pytest.raises(SimulationError, match="Seek medical treatment") as caught:
            gate(who, regimen, None)
        assert rule in caught.value.message
        assert "research_override" in str(caught.value.hint)
        gate(who, regimen, "validation: the null result of Crisostomo 2015")


@pytest.mark.parametrize("missing", ["symptoms", "skin"])
def test_red_flags_left_unstated_stop_it(missing: str) -> None:
    with pytest.raises(SimulationError, match=f"does not state {missing} of the left leg"):
        gate(person(**{missing: None}), MASSAGES[0], None)
    silent = load_person({**load_person("healthy").document(), "kind": "person", "version": 1, "legs": {}})
    with pytest.raises(SimulationError, match="symptoms and skin"):
        gate(silent, MASSAGES[0], None)
    gate(load_person("healthy"), MASSAGES[0], None)


@given(
    st.sampled_from(["5", "6", "6r"]), st.lists(st.sampled_from(["1", "2", "2r", "3", "4b"]), unique=True), st.data()
)
def test_a_class_of_ulcers_is_seen_however_it_is_written(code: str, others: list[str], data: st.DataObject) -> None:
    codes = data.draw(st.permutations([code, *(one for one in others if (one[0], code[0]) != ("2", "2"))]))
    codes = [one for one in codes if not (one == "2" and "2r" in codes)]
    text = data.draw(st.sampled_from(["", " ", "CEAP ", "ceap: "])) + "C" + ",".join(codes)
    text += data.draw(st.sampled_from(["", "s", ",S", ", a", " Ep", ",s Ep Ad"]))
    text = data.draw(st.sampled_from([str, str.lower, str.upper]))(text)
    who = person(ceap=text, skin=None, symptoms=None)
    with pytest.raises(SimulationError, match=r"CEAP C[56]"):
        gate(who, MASSAGES[1], None)


def test_an_empty_reason_is_none() -> None:
    for reason in ("", "   ", ".", "--", "12", "ab", "\u200b\u200b\u200b", "a\u200bbc", "\u3164\u3164\u3164", "a\nbc"):
        with pytest.raises(SimulationError):
            gate(person(skin="ulcer", ceap=None), MASSAGES[0], reason)
        with pytest.raises(SimulationError, match="no reason to go on"):
            gate(person(), MASSAGES[0], reason)


def test_the_leg_that_is_massaged_has_to_be_stated() -> None:
    right = load_regimen(
        {"kind": "regimen", "version": 1, "body": "leg.right", "steps": ["lie", {"massage": "leg-sham"}]}
    )
    with pytest.raises(SimulationError, match="right leg"):
        gate(person(), right, None)
    gate(person(right=WELL), right, None)


def test_other_regimens_are_not_asked_about() -> None:
    gate(person(skin="ulcer", ceap="C6", symptoms=["pain"]), load_regimen("posture-and-walk"), None)


def pregnant(weeks: str) -> Person:
    found = person().document()
    found["person"] |= {"pregnancy": weeks, "age": "31 y"}
    return load_person(found)


@pytest.mark.parametrize("regimen", [*MASSAGES, load_regimen("stocking-class-1")])
@pytest.mark.parametrize("weeks", ["1 week", "13 weeks", "30 weeks", "42 weeks"])
def test_a_pregnancy_stops_it(weeks: str, regimen: Any) -> None:
    with pytest.raises(
        SimulationError, match=rf"pregnancy, {weeks} \(M09\)\. A doctor or midwife has to agree"
    ) as caught:
        gate(pregnant(weeks), regimen, None)
    assert "--answers FILE" in str(caught.value.hint)
    ill = pregnant(weeks).model_copy(update={"legs": person(skin="ulcer", ceap=None).legs})
    with pytest.raises(SimulationError, match=rf"\(P01\); pregnancy, {weeks} \(M09\)\. Seek medical treatment"):
        gate(ill, regimen, None)
    gate(pregnant(weeks), regimen, "a study of pregnant women that was approved")
    gate(pregnant(weeks), load_regimen("posture-and-walk"), None)


def test_weeks_of_pregnancy_are_those_of_the_question() -> None:
    known = stops().pregnancy
    asked = rulebook().rules[known.rule].answers
    assert set(known.weeks) == {one for one in asked if "week" in one and "birth" not in one}
    answered = {weeks: known.answer(weeks) for weeks in (1.0, 13.9, 14.0, 20.9, 21.0, 42.0, 60.0)}
    assert list(answered.values()) == ["weeks 1 to 13"] * 2 + ["weeks 14 to 20"] * 2 + ["after week 20"] * 3


def test_what_stops_belongs_to_rules() -> None:
    assert stops().pregnancy.rule in rulebook().rules
    for rules in (stops().symptoms, stops().skin, stops().ceap):
        assert set(rules.values()) <= set(rulebook().rules)


STROKE = {
    "stroke": "stationary circles",
    "at": "collarbone nodes",
    "toward": "the heart",
    "sides": "left",
    "pressure": "20 mmHg",
}
LIGHT = {"body": "face", "screening": ["face"], "steps": [{"massage": STROKE}]}
FACIAL = load_regimen(
    {
        "kind": "regimen",
        "version": 1,
        "body": "face",
        "steps": [
            {
                "regimen": {
                    "steps": [{"massage": {"body": "face", "screening": ["face"], "steps": [{"massage": STROKE}]}}]
                }
            }
        ],
    }
)


def with_face(**face: Any) -> Person:
    """Somebody with good legs and such a face."""
    return load_person({**person(right=WELL).document(), "face": {"symptoms": ["none"], "skin": "intact", **face}})


def test_a_face_that_nothing_speaks_against_passes() -> None:
    gate(with_face(), FACIAL, None)
    gate(with_face(symptoms=["puffiness"], skin="dry"), FACIAL, None)
    gate(load_person("puffy-morning"), FACIAL, None)


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"symptoms": ["pain"]}, "P18"),
        ({"symptoms": ["puffiness", "tenderness"]}, "P18"),
        ({"symptoms": ["burning"]}, "P18"),
        ({"symptoms": ["swelling on one side"]}, "F08"),
        ({"skin": "broken"}, "P01"),
        ({"skin": "infected"}, "F04"),
        ({"skin": "inflamed"}, "F06"),
        ({"left": {"operated": ["submental"]}}, "M13"),
        ({"right": {"irradiated": True}}, "M13"),
    ],
    ids=str,
)
def test_what_a_face_states_stops_every_massage(wrong: dict[str, Any], rule: str) -> None:
    for regimen in (FACIAL, *MASSAGES):
        with pytest.raises(SimulationError, match="Seek medical treatment") as caught:
            gate(with_face(**wrong), regimen, None)
        assert f"({rule})" in caught.value.message
    gate(with_face(**wrong), FACIAL, "validation: massage after an operation on the jaw")
    gate(with_face(**wrong), load_regimen("stocking-class-1"), None)


@pytest.mark.parametrize("wrong", [{"symptoms": ["pain"]}, {"skin": "ulcer", "ceap": None}])
def test_what_a_leg_states_stops_massage_of_a_face_too(wrong: dict[str, Any]) -> None:
    ill = with_face().model_copy(update={"legs": person(**wrong).legs})
    with pytest.raises(SimulationError, match="Seek medical treatment"):
        gate(ill, FACIAL, None)


@pytest.mark.parametrize("missing", ["symptoms", "skin"])
def test_a_face_that_is_massaged_has_to_be_stated(missing: str) -> None:
    with pytest.raises(SimulationError, match=f"does not state {missing} of the face"):
        gate(with_face(**{missing: None}), FACIAL, None)
    with pytest.raises(SimulationError, match="does not state symptoms and skin of the face"):
        gate(person(right=WELL), FACIAL, None)


def test_rules_of_statements_of_a_face_exist() -> None:
    known = stops().face
    assert {*known.symptoms.values(), *known.skin.values(), *known.side.values()} <= set(rulebook().rules)
