"""What courses did, in words that a therapist reads without a dictionary."""

from __future__ import annotations

import math

from venolymph.comparison.effects import SITTING, Difference, Effects, Persistence, TreatmentCourse
from venolymph.comparison.quantities import QUANTITIES, ComparedQuantity
from venolymph.measures import detectable
from venolymph.numbers import number

NONE = "no difference"
HEADS = ("", "at the end", f"{SITTING / 60:g} min later, sitting", "lasts", "in a clinic")
"""Headings of a course's table."""
LYMPH, FLUID = "lymph that forms", "tissue fluid of the leg"


def amount(value: float, quantity: ComparedQuantity) -> str:
    """A difference with its sign, to the grain of its quantity."""
    return f"{_signed(value, quantity)} {quantity.unit}"


def _signed(value: float, quantity: ComparedQuantity) -> str:
    rounded = round(value / quantity.grain) * quantity.grain
    if rounded == 0.0:
        return f"less than {quantity.grain:g}"
    return f"{'+' if rounded > 0 else '-'}{number(abs(rounded))}"


def told(difference: Difference, quantity: ComparedQuantity) -> str:
    """A difference, what it is a difference from, and between what it lies in legs that are alike but for chance."""
    reference = f"{number(difference.reference)} {quantity.unit}"
    if not difference.told:
        return f"{NONE} (from {reference})"
    text = f"{amount(difference.mean, quantity)} from {reference}"
    low, high = (_signed(end, quantity) for end in (difference.low, difference.high))
    return text if low == high else f"{text} ({low} to {high})"


def lasting(persistence: Persistence, left: str = "") -> str:
    """How long a difference lasts after the end, in words.

    Args:
        persistence: of the difference.
        left: what there is of it at the last look, told where it has reversed.
    """
    parts = [f"from {_minutes(persistence.begins)} after the end"] if persistence.begins else []
    looked = f"{persistence.looked / 3600:g} h" if persistence.looked >= 3600 else _minutes(persistence.looked)
    if persistence.turns is not None:
        parts.append(f"reversed after {_minutes(persistence.turns)}")
        left = f" ({left})" if left else ""
        parts.append(
            f"still so after {looked}{left}"
            if math.isinf(persistence.gone)
            else f"gone after {_minutes(persistence.gone)}"
        )
    elif math.isinf(persistence.gone):
        parts.append(f"not faded after {looked}")
    else:
        parts.append("gone within 5 min" if persistence.gone <= 300 else f"faded after {_minutes(persistence.gone)}")
    return ", ".join(parts)


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min"


def row(effects: Effects, course: TreatmentCourse, quantity: ComparedQuantity) -> list[str]:
    """What a course did to a quantity: name, difference at two times, how long it lasts, whether it could be seen."""
    name, persistence = quantity.name, effects.persistence(course, quantity.name)
    end, sitting = (told(effects.difference(course, name, when), quantity) for when in (0.0, SITTING))
    if persistence is None:
        return [name, end, sitting, "", ""]
    depth = effects.by_depth(course, name, SITTING)
    if depth is not None and effects.difference(course, name, SITTING).told:
        low, high = (_signed(end, quantity) for end in depth)
        sitting += "; by depth the same" if low == high else f"; by depth {low} to {high}"
    left = amount(effects.difference(course, name, effects.looked).mean, quantity)
    return [name, end, sitting, lasting(persistence, left), effects.detectable(course, name)]


def heads() -> list[str]:
    """Headings of the table of a course."""
    return list(HEADS)


def rows(effects: Effects, course: TreatmentCourse) -> list[list[str]]:
    """A line for each quantity."""
    return [row(effects, course, quantity) for quantity in QUANTITIES]


def short(effects: Effects, course: TreatmentCourse) -> str:
    """What a course did, in two sentences: lymph while it lasts, and fluid once all sit alike."""
    lymph, fluid = (next(one for one in QUANTITIES if one.name == name) for name in (LYMPH, FLUID))
    this, other = f'"{course.regimen}"', f'"{effects.reference.regimen}"'
    during, left = effects.during(course, LYMPH), effects.difference(course, FLUID, SITTING)
    than = f"during {other} ({number(during.reference)} {lymph.unit})"
    when = f"{SITTING / 60:g} min after its end, sitting,"
    first = f"During {this} as much lymph formed as {than}, but for chance."
    second = f"{when} the leg held as much tissue fluid as after {other}, but for chance."
    if during.told:
        first = f"During {this} {_more(during, lymph)} lymph formed than {than}; {_clinic(during, lymph)}."
    if left.told:
        second = f"{when} the leg held {_more(left, fluid)} tissue fluid than after {other}"
        second += f" ({number(left.reference)} {fluid.unit}); {_clinic(left, fluid)}."
    return f"{first} {second}"


def _more(difference: Difference, quantity: ComparedQuantity) -> str:
    return f"{number(abs(difference.mean))} {quantity.unit} {'more' if difference.mean > 0 else 'less'}"


def _clinic(difference: Difference, quantity: ComparedQuantity) -> str:
    return detectable(quantity.measure, difference.reference, difference.reference + difference.mean).clinic


def legend(effects: Effects) -> str:
    """How to read the tables."""
    legs = min(course.members for course in effects.courses)
    from_ = f'After "from" stands what it was after {effects.reference.regimen}.'
    if legs < 2:
        return f"{from_} One leg for each course: what is chance cannot be told."
    return (
        f"{from_} In brackets: the least and the greatest difference among {legs} legs that are alike but for chance; "
        f'what may be chance is "{NONE}".'
    )


def markdown(effects: Effects, heading: str = "###") -> str:
    """A table for each course as Markdown."""
    parts = []
    for course in effects.courses[1:]:
        lines = [
            *(f"{heading} {course.regimen}", "", short(effects, course), ""),
            *("| " + " | ".join(heads()) + " |", "|" + "---|" * len(HEADS)),
        ]
        parts.append("\n".join([*lines, *("| " + " | ".join(cells) + " |" for cells in rows(effects, course))]))
    return "\n\n".join(parts)
