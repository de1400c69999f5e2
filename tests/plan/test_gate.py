"""The gate in front of simulated massage: what the person's document says, and what it leaves unsaid."""

from __future__ import annotations

from typing import Any

import pytest

from venolymph.body.person import Person, load_person
from venolymph.errors import SimulationError
from venolymph.plan.gate import gate, stops
from venolymph.regimen import load_regimen
from venolymph.screening import rulebook

WELL: dict[str, Any] = {"symptoms": ["heaviness"], "skin": "intact", "ceap": "C2"}


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
        ({"skin": "ulcer"}, "P01"),
        ({"skin": "healed ulcer"}, "P06"),
        ({"ceap": "C5s"}, "C01"),
        ({"ceap": "C6"}, "C01"),
        ({"ceap": "C4b,6r"}, "C01"),
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


def test_an_empty_reason_is_none() -> None:
    for reason in ("", "   "):
        with pytest.raises(SimulationError):
            gate(person(skin="ulcer"), MASSAGES[0], reason)


def test_the_leg_that_is_massaged_has_to_be_stated() -> None:
    right = load_regimen(
        {"kind": "regimen", "version": 1, "body": "leg.right", "steps": ["lie", {"massage": "leg-sham"}]}
    )
    with pytest.raises(SimulationError, match="right leg"):
        gate(person(), right, None)
    gate(person(right=WELL), right, None)


def test_other_regimens_are_not_asked_about() -> None:
    gate(person(skin="ulcer", symptoms=["pain"]), load_regimen("posture-and-walk"), None)


def test_what_stops_belongs_to_rules() -> None:
    for rules in (stops().symptoms, stops().skin, stops().ceap):
        assert set(rules.values()) <= set(rulebook().rules)
