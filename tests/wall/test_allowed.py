"""A life with massage or something worn in it passes the gate as a whole, before anything is computed."""

from __future__ import annotations

from typing import Any

import pytest

from venolymph.errors import SimulationError
from venolymph.wall import Change, Life
from venolymph.wall.course import follow
from venolymph.wall.life_document import load_life
from venolymph.wall.typical_day import usual_hours

DOCUMENT: dict[str, Any] = {
    "kind": "person",
    "version": 1,
    "person": {"label": "somebody", "sex": "female", "age": "52 y", "height": "168 cm", "mass": "71 kg"},
}
STATED = {"skin": "intact", "symptoms": ["none"]}


def life(*changes: Change) -> Life:
    return Life("a life", 700.0, 350.0, usual_hours(), changes)


MASSAGE = Change(100.0, massage_per_week=1.0)
STOCKING = next(one for one in load_life("stocking-for-a-year").plain().changes if one.garment is not None)


@pytest.mark.parametrize("change", [MASSAGE, STOCKING], ids=["massage", "stocking"])
@pytest.mark.parametrize("leg", [{"skin": "ulcer", "symptoms": ["none"]}, {"skin": "intact", "symptoms": ["pain"]}])
def test_ulcer_or_pain_stops_it(change: Change, leg: dict[str, Any]) -> None:
    with pytest.raises(SimulationError, match="somebody"):
        follow(DOCUMENT | {"legs": {"left": leg, "right": STATED}}, life(change))


def test_skin_that_is_not_stated_stops_massage() -> None:
    with pytest.raises(SimulationError, match="does not state symptoms and skin"):
        follow(DOCUMENT, life(MASSAGE))


def test_a_reason_needs_words() -> None:
    with pytest.raises(SimulationError, match="no reason to go on"):
        follow(DOCUMENT, life(MASSAGE), research_override="x")


@pytest.mark.parametrize("treatment", [MASSAGE, STOCKING], ids=["massage", "stocking"])
def test_treatment_in_a_pregnancy_is_refused(treatment: Change) -> None:
    pregnant = Change(treatment.day + 100.0, pregnant_for=280.0)
    with pytest.raises(SimulationError, match="in a pregnancy") as stopped:
        follow(DOCUMENT | {"legs": {"left": STATED, "right": STATED}}, life(treatment, pregnant))
    assert "research_override" in str(stopped.value.hint)
