"""Documents of a person and a regimen with knobs turned: plain documents again, checked as any others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from venolymph.body.person import Person, load_person
from venolymph.errors import DocumentError, nearest
from venolymph.massage import load_session
from venolymph.regimen.loading import load_regimen
from venolymph.regimen.schema import Regimen
from venolymph.studio.knobs.knob import NONE, Knob, knobs

Document = dict[str, Any]


def turned(
    person: Person, regimen: Regimen, settings: Mapping[str, float | str]
) -> tuple[Person, Regimen, tuple[str, ...]]:
    """The documents with knobs turned.

    Args:
        person: before.
        regimen: before.
        settings: numbers in the knobs' units, or choices, by name of the knob.

    Returns:
        the person, the regimen, and what was changed, in words.

    Raises:
        DocumentError: where there is no such knob for these documents, a value is beyond its range, or the documents
            that come of it cannot be used.
    """
    there = knobs(person, regimen)
    who, what, told = person.document(), regimen.document(), list[str]()
    leg = person.index_side
    for name, value in settings.items():
        if name not in there:
            near = nearest(name, there)
            raise DocumentError(
                f"there is no knob {name!r} here; allowed are {', '.join(there)}",
                hint=f"did you mean {near!r}?" if near else None,
            )
        knob = there[name].knob
        _check(name, knob, value)
        if value == there[name].value:
            continue
        told.append(f"{knob.title}: {value:g} {knob.unit}".strip() if knob.unit else f"{knob.title}: {value}")
        if knob.of in _PERSON:
            _PERSON[knob.of](who, leg, knob, value)
        else:
            what["steps"] = _REGIMEN[knob.of](what["steps"], value)
    if not told:
        return person, regimen, ()
    if any(there[name].knob.of in ("leak", "diameter") for name in settings):
        _forget_findings(who["legs"][leg])
    return load_person(who), load_regimen(what), tuple(told)


def _check(name: str, knob: Knob, value: float | str) -> None:
    if knob.choices:
        if value not in knob.choices:
            raise DocumentError(f"{name} is {value!r}; allowed are {', '.join(knob.choices)}", hint="choose one")
    elif not isinstance(value, int | float) or isinstance(value, bool) or not knob.low <= value <= knob.high:
        raise DocumentError(
            f"{name} is {value!r}; allowed is {knob.low:g} to {knob.high:g} {knob.unit}", hint="choose a value between"
        )


def _forget_findings(leg: Document) -> None:
    """Leave out of the class what veins say that are others now; what skin and symptoms say stays."""
    said = leg.get("ceap")
    if isinstance(said, str):
        leg["ceap"] = said.split()[0]
        if said.startswith(("C0", "C1")):  # these say that no vein is wide or leaks
            del leg["ceap"]


# ------------------------------------------------------------------ of the person


def _of_person(who: Document, leg: str, knob: Knob, value: Any) -> None:
    who["person"][knob.key] = f"{value:g} {knob.unit}"


def _leg(who: Document, leg: str) -> Document:
    legs = who.setdefault("legs", {})
    if not isinstance(legs.get(leg), dict):
        legs[leg] = {}
    return legs[leg]


def _of_leak(who: Document, leg: str, knob: Knob, value: Any) -> None:
    """The group and all its parts leak alike, and at any width."""
    of = _leg(who, leg)
    kept = [one for one in of.get("reflux", ()) if not _belongs(one["at"], knob.place)]
    of["reflux"] = [*kept, {"at": knob.place, "leak": value / 100.0}] if value else kept


def _of_diameter(who: Document, leg: str, knob: Knob, value: Any) -> None:
    of, width = _leg(who, leg), f"{value:g} mm"
    veins = [dict(one) for one in of.get("veins", ())]
    there = [one for one in veins if one.get("at") == knob.place]
    for one in there:
        one["diameter_standing"] = width
    of["veins"] = veins if there else [*veins, {"at": knob.place, "diameter_standing": width}]


def _belongs(place: str, group: str) -> bool:
    return place == group or place.startswith(f"{group},")


# ------------------------------------------------------------------ of the regimen


def _of_walk(steps: Any, value: Any) -> Any:
    return _changed(steps, "walk", lambda said: {**said, "speed": f"{value:g} km/h"})


def _of_stocking(steps: Any, value: Any) -> Any:
    if value == NONE:
        return steps
    return _after_first_posture(steps, {"wear": {"garment": "stocking", "class": value, "up_to": "knee"}})


def _of_air(steps: Any, value: Any) -> Any:
    return _after_first_posture(steps, {"skin": {"air": f"{value:g} degC"}})


def _after_first_posture(steps: Any, step: Document) -> Any:
    """The steps with one that does not say a posture, after the first where that is one of lying or sitting."""
    first = steps[0] if isinstance(steps[0], str) else next(iter(steps[0]))
    at = 1 if first in ("lie", "rest", "raise_legs", "sit", "stand", "prone", "tilt") else 0
    return [*steps[:at], step, *steps[at:]]


def _of_hand(steps: Any, value: Any) -> Any:
    def pressed(said: Any) -> Any:
        if not isinstance(said, str) and "steps" not in said:
            return {**said, "pressure": f"{value:g} mmHg"}
        session = load_session(said).document()
        return {**session, "steps": _changed(session["steps"], "massage", pressed)}

    return _changed(steps, "massage", pressed)


def _changed(steps: Any, word: str, change: Callable[[Any], Any]) -> Any:
    """Steps with the particulars of one word changed, inside others too."""
    found: list[Any] = []
    for step in steps:
        if isinstance(step, str):
            found.append(step)
            continue
        one = {}
        for name, said in step.items():
            inner = said
            if name == word:
                inner = change(said)
            elif isinstance(said, Mapping) and isinstance(said.get("steps"), list):
                inner = {**said, "steps": _changed(said["steps"], word, change)}
            one[name] = inner
        found.append(one)
    return found


_PERSON: dict[str, Callable[[Document, str, Knob, Any], None]] = {
    "person": _of_person,
    "leak": _of_leak,
    "diameter": _of_diameter,
}
_REGIMEN: dict[str, Callable[[Any, Any], Any]] = {
    "walk": _of_walk,
    "stocking": _of_stocking,
    "air": _of_air,
    "hand": _of_hand,
}
