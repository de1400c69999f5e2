"""One answer as the engine takes it, and the regions of a session; or why they are refused."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, cast

from venolymph.errors import DocumentError, nearest
from venolymph.screening.rulebook import REGIONS, UNKNOWN, Answer, Region, Rule, rulebook
from venolymph.units import show

_YES_NO = {True: "yes", False: "no"}


def check_regions(regions: Iterable[str]) -> tuple[Region, ...]:
    """Regions of a session, each once and in their order.

    Raises:
        DocumentError: where there is none, or one that does not exist.
    """
    wanted = [regions] if isinstance(regions, str) else list(regions)
    for name in wanted:
        if name not in REGIONS:
            near = nearest(str(name), REGIONS)
            raise DocumentError(
                f"there is no region {show(name)}; allowed are {', '.join(REGIONS)}",
                hint=f"did you mean {near!r}?" if near else "name the region of the session",
                place="regions",
            )
    if not wanted:
        raise DocumentError(
            f"no region is named; allowed are {', '.join(REGIONS)}", hint="name at least one", place="regions"
        )
    return tuple(region for region in REGIONS if region in wanted)


def check_answers(answers: Mapping[str, Any]) -> dict[str, Answer]:
    """Answers by rule, as the engine takes them; those left empty are left out.

    Raises:
        DocumentError: where a rule does not exist, asks nothing, or was answered with what it does not take.
    """
    found = {name: read_answer(name, given) for name, given in answers.items()}
    return {name: answer for name, answer in found.items() if answer is not None}


def read_answer(name: str, given: Any) -> Answer | None:
    """One answer as the engine takes it; None where it was left empty.

    Raises:
        DocumentError: where the rule does not exist, asks nothing, or does not take this answer.
    """
    rule = rulebook().rule(name)
    if not rule.is_question:
        follows = f"it follows from {rule.reads}" if rule.reads else "it follows from what is left open"
        raise DocumentError(f"{name} is not asked: {follows}", hint="take it out", place=name)
    if given is None:
        return None
    if isinstance(given, bool):
        given = _YES_NO[given]
    if isinstance(given, str):
        return _word(rule, given)
    if isinstance(given, int | float):
        return _number(rule, given)
    if isinstance(given, list | tuple):
        return _places(rule, cast("list[Any]", list(given)))
    raise _refused(rule, given)


def takes(rule: Rule) -> str:
    """What a rule takes as an answer, in words."""
    kinds = [repr(word) if word == UNKNOWN else word for word in rule.answers]
    if rule.number is not None:
        kinds.insert(0, f"a number from {rule.number.low:g} to {rule.number.high:g} {rule.number.unit}".rstrip())
    if rule.places:
        kinds.insert(0, "a list of places")
    return "; ".join(kinds) if any("," in kind for kind in kinds) else ", ".join(kinds)


def _word(rule: Rule, given: str) -> str:
    if given not in rule.answers:
        raise _refused(rule, given, nearest(given, rule.answers))
    return given


def _number(rule: Rule, given: float) -> float:
    if rule.number is None or not math.isfinite(given) or not rule.number.low <= given <= rule.number.high:
        raise _refused(rule, given)
    return float(given)


def _places(rule: Rule, given: list[Any]) -> tuple[str, ...]:
    places = rulebook().gate.places
    if not rule.places or not given:
        raise _refused(rule, given)
    for place in given:
        if place not in places:
            near = nearest(str(place), places)
            raise DocumentError(
                f"there is no place {show(place)}; allowed are {', '.join(places)}",
                hint=f"did you mean {near!r}?" if near else None,
                place=rule.id,
            )
    return tuple(place for place in places if place in given)


def _refused(rule: Rule, given: Any, near: str | None = None) -> DocumentError:
    return DocumentError(
        f"{show(given)} is no answer to this; allowed are {takes(rule)}",
        hint=f"did you mean {near!r}?" if near else "write one of these",
        place=rule.id,
    )
