"""One quantity from its text, or what is wrong with the text and what is meant."""

from __future__ import annotations

import math
import numbers
import re
from decimal import Decimal
from typing import Any

from venolymph.errors import UnitError, nearest
from venolymph.units.messages import show
from venolymph.units.table import EVERYDAY, allowed, conversion, dimension, with_article

WRITTEN_NUMBER = re.compile(r"\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*", re.DOTALL)

_LONGEST = 60
_GROUPED = re.compile(r"\d{1,3}(?P<gap>[,.'’ \u00a0\u202f])\d{3}(?:(?P=gap)\d{3})*(?:(?P<point>[,.])\d+)?")
_COMMA = re.compile(r"\d+,\d+")
_FOREIGN = re.compile(
    rf"\s*(?P<sign>[+-]?)(?P<number>{_GROUPED.pattern}|{_COMMA.pattern})(?![\d,.'’])(?P<rest>.*?)\s*", re.DOTALL
)


class Quantity(float):
    """A float in internal units that remembers the text it was read from."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, value: float, text: str) -> Quantity:
        """The number with its text."""
        self = super().__new__(cls, value)
        self.text = text
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return (Quantity, (float(self), self.text))

    def __deepcopy__(self, memo: dict[int, Any]) -> Quantity:
        return self

    def __repr__(self) -> str:
        return f"<{self.text}>"

    def __str__(self) -> str:
        return self.text

    @property
    def written(self) -> str | float:
        """As a document shows it: text, or a bare number where there is no unit."""
        match = WRITTEN_NUMBER.fullmatch(self.text)
        if match is None or match[2]:
            return self.text
        return int(self.text) if self.text.isdigit() else float(self.text)


def quantity(text: object, unit: str, *, example: str | None = None, units: str | None = None) -> float:
    """Read one quantity such as `35 mmHg`, `3 km/h` or `15 /min`.

    Args:
        text: a number followed by a unit.
        unit: the unit wanted back, which says what kind of quantity is allowed.
        example: a quantity to show in the messages.
        units: the units that messages name; where None, those in everyday use.

    Returns:
        The number in `unit`.

    Raises:
        UnitError: where the text is not a quantity, has no unit, or has a unit of another kind.
    """
    wanted = dimension(unit)
    if wanted is None:
        raise ValueError(f"{unit!r} is not a unit")
    example = example or f"1 {unit}"
    known = units or allowed(wanted)
    if isinstance(text, Quantity):
        text = text.text
    if not isinstance(text, int | float) and (plain := number(text)) is not None:
        text = plain
    if isinstance(text, bool) or not isinstance(text, int | float | str):
        raise UnitError(
            f"found {show(text)}, where {with_article(wanted)} in {known} is needed",
            hint=f"write it as in {example}",
        )
    if isinstance(text, int | float):
        _finite(text, text)
        if wanted == "share":
            return float(text)
        raise UnitError(
            f"{text:g} has no unit; {with_article(wanted)} is needed, in {known}",
            hint=_suggest(f"{text:g}", wanted, example),
        )
    match = WRITTEN_NUMBER.fullmatch(text) if len(text) <= _LONGEST else None
    if (match is None or (match[2] and dimension(match[2]) is None)) and len(text) <= _LONGEST:
        _refuse_other_notation(text, wanted)
    if match is None:
        raise UnitError(
            f"{show(text)} is not a number with a unit; {with_article(wanted)} is needed, in {known}",
            hint=f"write it as in {example}",
        )
    digits, found = match[1], match[2]
    value = _finite(float(digits), text)
    if not found:
        if wanted == "share":
            return value
        raise UnitError(
            f"{text!r} has no unit; {with_article(wanted)} is needed, in {known}",
            hint=_suggest(digits, wanted, example),
        )
    kind = dimension(found)
    if kind is None:
        # where digits follow, a hint with this number would drop them
        near = nearest(found, EVERYDAY[wanted]) if found[0] not in "0123456789,.'’" else None
        raise UnitError(
            f"{show(text)}: {found!r} is not a unit known here; {with_article(wanted)} is given in {known}",
            hint=f"did you mean {digits} {near}?" if near else f"write it as in {example}",
        )
    if kind != wanted and {kind, wanted} != {"time", "age"}:
        raise UnitError(
            f"{text!r} is {with_article(kind)}, where {with_article(wanted)} is needed, in {known}",
            hint=f"write it as in {example}",
        )
    factor, offset = conversion(found, unit)
    # dividing by 10 keeps 12 mm at 1.2 cm; multiplying by 0.1 does not
    return _finite((value / (1 / factor) if factor < 1 else value * factor) + offset, text)


def numbers_meant(text: str) -> list[str]:
    """What a number with a decimal comma, or with its thousands set apart, can mean.

    Args:
        text: `5,9`, `1.250,5` or `1 250`, without a sign.

    Returns:
        The number as it is written here (`5.9`); two where both are possible (`1,250`: 1.250 and 1250); none where the
        text is no such number.
    """
    found = [text.replace(",", ".")] if _COMMA.fullmatch(text) else []
    match = _GROUPED.fullmatch(text)
    if match is not None and match["gap"] != match["point"] and not text.startswith("0"):
        whole, point, decimals = text.partition(match["point"]) if match["point"] else (text, "", "")
        found.append(whole.replace(match["gap"], "") + ("." + decimals if point else ""))
    return found


def _refuse_other_notation(text: str, wanted: str) -> None:
    """Say what a number in another country's notation would be here; never a number that lacks some of its digits.

    Raises:
        UnitError: where the text begins with such a number.
    """
    match = _FOREIGN.fullmatch(text)
    meant = numbers_meant(match["number"]) if match is not None else []
    if match is None or not meant:
        return
    unit = "" if wanted == "share" else f" {next(iter(EVERYDAY[wanted]))}"
    written = [f"{match['sign']}{number}{match['rest'] or unit}" for number in meant]
    if len(written) > 1:
        raise UnitError(
            f"{show(text)} can be read in two ways: its comma can stand before decimals or between thousands",
            hint=f"write {written[0]} or {written[1]}, whichever is meant",
        )
    raise UnitError(
        f"{show(text)} is not how numbers are written here: a point stands before decimals, nothing between thousands",
        hint=f"did you mean {written[0]}?",
    )


def number(value: object) -> float | None:
    """A finite number of whatever numeric type (Python's, numpy's, a row's of a table); None where it is none."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real | Decimal):
        return None
    try:
        plain = float(value)
    except (OverflowError, ValueError):
        return None
    return plain if math.isfinite(plain) else None


def whole(value: object) -> int | None:
    """A whole number of whatever numeric type; None where it is none. A table with gaps holds 3 as 3.0."""
    plain = number(value)
    return int(plain) if plain is not None and plain.is_integer() else None


def _finite(value: float, text: object) -> float:
    if not math.isfinite(value):
        raise UnitError(f"{show(text)} is not a finite number", hint="write a number of ordinary size")
    return value


def _suggest(number: str, dimension: str, example: str) -> str:
    """The number with the unit of the example, which is the one that such quantities are given in."""
    match = WRITTEN_NUMBER.fullmatch(example)
    unit = match[2] if match and match[2] else next(iter(EVERYDAY[dimension]))
    return f"did you mean {number} {unit}?"
