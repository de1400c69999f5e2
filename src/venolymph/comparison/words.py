"""What courses did, in words that a therapist reads without a dictionary."""

from __future__ import annotations

import math

from venolymph.comparison.effects import LOOKED_AT, QUANTITIES, SITTING, Course, Effects, Quantity
from venolymph.report.findings import number

NONE = "no difference"


def amount(value: float, unit: str) -> str:
    """A difference with its sign."""
    return f"{'+' if value > 0 else '-' if value < 0 else ''}{number(abs(value))} {unit}"


def lasting(seconds: float | None) -> str:
    """How long a difference lasts."""
    if seconds is None:
        return ""
    if math.isinf(seconds):
        return f"not faded after {LOOKED_AT[-1] / 3600:g} h"
    return "gone within 5 min" if seconds <= 300 else f"faded after {seconds / 60:.0f} min"


def sentence(effects: Effects, course: Course, quantity: Quantity) -> str:
    """What a course did to a quantity, in short."""
    name = quantity.name
    lasts = effects.lasts(course, name)
    if lasts is None:
        return NONE
    end, sitting = (amount(effects.difference(course, name, when), quantity.unit) for when in (0.0, SITTING))
    spread = effects.spread(course, name, SITTING)
    by_depth = "" if spread is None else f" (by depth {number(spread[0])} to {number(spread[1])})"
    return (
        f"{end} at the end, {sitting}{by_depth} {SITTING / 60:g} min later; {lasting(lasts)}; "
        f"{effects.seen(course, name)}"
    )


def rows(effects: Effects) -> list[list[str]]:
    """A line for each quantity: what it was after the reference, and what each other course did to it."""
    found = []
    for quantity in QUANTITIES:
        reference = f"{number(effects.reference.at(quantity.name, 0.0))} {quantity.unit}"
        others = [sentence(effects, course, quantity) for course in effects.courses[1:]]
        found.append([quantity.name, reference, *others])
    return found


def heads(effects: Effects) -> list[str]:
    """Headings of these lines."""
    return ["at the end of the course", effects.reference.regimen, *(course.regimen for course in effects.courses[1:])]


def markdown(effects: Effects) -> str:
    """The table as Markdown."""
    columns = heads(effects)
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(row) + " |" for row in rows(effects)]
    return "\n".join(lines)
