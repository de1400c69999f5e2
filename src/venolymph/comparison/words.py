"""What courses did, in words that a therapist reads without a dictionary."""

from __future__ import annotations

import math

from venolymph.comparison.effects import LOOKED_AT, QUANTITIES, SITTING, Course, Effects, Quantity
from venolymph.report.findings import number

NONE = "no difference"
HEADS = ("", "after {reference}", "at the end", f"{SITTING / 60:g} min later, sitting", "lasts", "in a clinic")
"""Headings of a course's table."""


def amount(value: float, quantity: Quantity) -> str:
    """A difference with its sign, to the grain of its quantity."""
    rounded = round(value / quantity.grain) * quantity.grain
    if rounded == 0.0:
        return f"less than {quantity.grain:g} {quantity.unit}"
    return f"{'+' if rounded > 0 else '-'}{number(abs(rounded))} {quantity.unit}"


def lasting(seconds: float) -> str:
    """How long a difference lasts."""
    if math.isinf(seconds):
        return f"not faded after {LOOKED_AT[-1] / 3600:g} h"
    return "gone within 5 min" if seconds <= 300 else f"faded after {seconds / 60:.0f} min"


def row(effects: Effects, course: Course, quantity: Quantity) -> list[str]:
    """What a course did to a quantity: its name, what it was after the reference, and the difference."""
    name = quantity.name
    reference = f"{number(effects.reference.at(name, 0.0))} {quantity.unit}"
    lasts = effects.lasts(course, name)
    if lasts is None:
        return [name, reference, NONE, NONE, "", ""]
    end, sitting = (amount(effects.difference(course, name, when), quantity) for when in (0.0, SITTING))
    spread = effects.spread(course, name, SITTING)
    if spread is not None:
        sitting += f" (by depth {amount(spread[0], quantity)} to {amount(spread[1], quantity)})"
    return [name, reference, end, sitting, lasting(lasts), effects.seen(course, name)]


def heads(effects: Effects) -> list[str]:
    """Headings of the table of a course."""
    return [head.format(reference=effects.reference.regimen) for head in HEADS]


def rows(effects: Effects, course: Course) -> list[list[str]]:
    """A line for each quantity."""
    return [row(effects, course, quantity) for quantity in QUANTITIES]


def markdown(effects: Effects, heading: str = "###") -> str:
    """A table for each course as Markdown."""
    columns, parts = heads(effects), []
    for course in effects.courses[1:]:
        lines = [f"{heading} {course.regimen}", "", "| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
        parts.append("\n".join([*lines, *("| " + " | ".join(cells) + " |" for cells in rows(effects, course))]))
    return "\n\n".join(parts)
