"""A knob as data, and which knobs go with a person and a regimen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from venolymph.body.person import Person
from venolymph.documents import Entry, load_packaged
from venolymph.regimen.schema import Regimen
from venolymph.units import quantity

NONE = "none"
"""The choice of no stocking."""


class Knob(Entry):
    """A knob: `knobs.toml` says what its keys are.

    Attributes:
        title: in words.
        of: what it turns.
        key: of the person, where it turns one.
        place: vessel or group, where it turns a leak or a diameter.
        unit: of the number; empty where it chooses.
        low, high, step: of the number.
        choices: in place of a number.
        source: of range and usual value.
    """

    title: str
    of: Literal["person", "leak", "diameter", "walk", "stocking", "air", "hand"]
    key: str = ""
    place: str = ""
    unit: str = ""
    low: float = 0.0
    high: float = 0.0
    step: float = 1.0
    choices: tuple[str, ...] = ()
    source: str


class _File(Entry):
    knobs: dict[str, Knob]


@cache
def all_knobs() -> dict[str, Knob]:
    """All knobs by name."""
    return load_packaged(_File, "venolymph.studio.knobs", "knobs.toml").knobs


@dataclass(frozen=True)
class KnobSetting:
    """A knob beside the value that two documents have.

    Attributes:
        knob: the knob.
        value: number in the knob's unit, or choice; None: the usual one, which no document states.
    """

    knob: Knob
    value: float | str | None


def knobs(person: Person, regimen: Regimen) -> dict[str, KnobSetting]:
    """The knobs that go with a person and a regimen, each with the value that these have.

    Speed of walking goes with regimens in which somebody walks, pressure of the hand with those that massage a leg.
    With a face go knobs of the person alone.
    """
    found = {}
    steps = list(walk(regimen.document()["steps"]))
    there = {word for word, _ in steps}
    for name, knob in all_knobs().items():
        if (knob.of == "walk" and "walk" not in there) or (knob.of == "hand" and "massage" not in there):
            continue
        if regimen.on_face and knob.of != "person":
            continue
        if knob.of == "stocking" and "wear" in there:
            continue
        found[name] = KnobSetting(knob, _value(knob, person, steps))
    return found


def walk(steps: Any) -> Iterator[tuple[str, Any]]:
    """The steps of a document, those inside others among them, as word and particulars."""
    for step in steps:
        if isinstance(step, str):
            yield step, {}
            continue
        for word, particulars in step.items():
            yield word, particulars
            if isinstance(particulars, Mapping) and isinstance(particulars.get("steps"), list):
                yield from walk(particulars["steps"])


def _value(knob: Knob, person: Person, steps: list[tuple[str, Any]]) -> float | str | None:
    if knob.of == "person":
        return round(quantity(person.document()["person"][knob.key], knob.unit, example=f"1 {knob.unit}"), 3)
    if knob.of == "leak":
        given = [one for one in person.leg.reflux if one.at == knob.place]
        return round(100.0 * given[0].open_share, 3) if given else 0.0
    if knob.of == "diameter":
        given = [one for one in person.leg.veins if one.at == knob.place and one.diameter_standing is not None]
        return round(10.0 * float(given[0].diameter_standing or 0.0), 3) if given else None
    if knob.of == "walk":
        said = next(particulars for word, particulars in steps if word == "walk")
        return round(quantity(said["speed"], "km/h", example="3 km/h"), 3)
    return NONE if knob.of == "stocking" else None
