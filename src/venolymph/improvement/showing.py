"""What an improvement gave, in words: for the terminal and for its page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from venolymph.improvement.document import Value, Values
from venolymph.improvement.results import ImprovementResult, PairedDifference, PartEffect
from venolymph.improvement.searching import Tried
from venolymph.numbers import number, unit_text

TRUST = (
    "Every number is out of a simulation, none out of a clinic, and many figures of the model are assumed. What is "
    "best here is best in the model: a question for a trial, and no advice to anybody.",
    "Each person goes into each regimen from rest. The search saw the same people in all regimens, and the "
    "differences are of other people, who had no part in it.",
    "Ceilings of pressure, places and time hold for all that was tried. Who may not be treated is not simulated. "
    "Nothing here is a plan: `venolymph plan` makes those, after screening.",
    "Differences of single parts are looked at one by one: of twenty without any effect one seems to have one.",
)
"""What to know before trusting it."""
SHOWN = 12
"""Regimens that the table of those tried has at most."""


def value_text(value: Value) -> str:
    """A part's value as one reads it."""
    return "as usual" if value is None else str(value)


def values_text(values: Values) -> str:
    """All parts of a regimen."""
    return ", ".join(f"{name} {value_text(value)}" for name, value in values.items())


def sentences(result: ImprovementResult) -> list[str]:
    """What it says."""
    document, unit = result.improvement, unit_text(result.unit)
    measured = sum(one.score is not None for one in result.tried)
    told = [
        f"{len(result.tried)} regimens were tried in {document.n} people for a {document.better} "
        f"{document.outcome.measure}; {measured} could be read."
    ]
    refused = Counter(one.refused for one in result.tried if one.refused)
    told += [f"{times} not simulated or not read: {why}" for why, times in refused.most_common()]
    if not result.found:
        return [*told, "Nothing that was tried was better than the plain regimen.", *map(_part, _parts(result))]
    told.append(f"Best in the search: {values_text(result.best.values)}.")
    difference = result.difference
    if difference is None:
        return [*told, "Too few other people could be read to say what it is worth."]
    interval = _interval(result, difference)
    if result.is_better:
        clinic = "could" if result.in_one_person else "could not"
        told.append(
            f"In {difference.people} other people it is better than the plain regimen: {interval}, beside a mean of "
            f"{number(result.plain_mean)}{unit}. A clinic {clinic} measure that in one person, where changes from "
            f"{number(result.least)}{unit} on are seen."
        )
    else:
        told.append(
            f"In {difference.people} other people it is not better than the plain regimen beyond chance: {interval}. "
            "What the search found was luck, or too small for so few people."
        )
    return told + [_part(one) for one in _parts(result)]


def _parts(result: ImprovementResult) -> list[tuple[ImprovementResult, PartEffect]]:
    return [(result, one) for one in result.parts]


def _part(of: tuple[ImprovementResult, PartEffect]) -> str:
    result, one = of
    against = f"{one.name}: {value_text(one.best)} against {value_text(one.other)}, all else alike"
    if one.difference is None:
        return f"{against}: too few people could be read."
    told = f"{against}: {_interval(result, one.difference)}"
    if not one.difference.beyond_chance:
        return f"{told}, so it does not matter beyond chance."
    clinic = "could" if abs(one.difference.mean) >= result.least else "could not"
    return f"{told}, which a clinic {clinic} measure in one person."


def _interval(result: ImprovementResult, one: PairedDifference) -> str:
    unit, share = unit_text(result.unit), number(100.0 * (1.0 - result.improvement.alpha))
    return f"{number(one.mean)}{unit} ({share} % interval {number(one.low)} to {number(one.high)}{unit})"


def heads(result: ImprovementResult) -> list[str]:
    """Headings of the table of what was tried."""
    return [*result.improvement.vary, f"better than plain by, {result.unit}" if result.unit != "1" else "better by"]


def rows(result: ImprovementResult) -> list[list[str]]:
    """Cells of that table: the plain regimen, then the best ones."""
    plain, *others = result.tried
    best = sorted((one for one in others if one.score is not None), key=lambda one: -(one.score or 0.0))
    return [_row(plain, "plain"), *(_row(one) for one in best[: SHOWN - 1])]


def _row(one: Tried, said: str = "") -> list[str]:
    score = "" if one.score is None else number(one.score)
    return [*map(value_text, one.values.values()), f"0 ({said})" if said else score]


def left_out(result: ImprovementResult) -> list[str]:
    """Who was not let through, and who could not be read."""
    return [
        *_counted("not let through by the gate", result.refused),
        *_counted("of the other people not read", result.failed),
    ]


def _counted(what: str, counts: Mapping[str, int]) -> list[str]:
    return [f"{what}: {count} × {reason}" for reason, count in counts.items()]
