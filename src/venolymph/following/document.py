"""The document of readings: `kind: readings`, girths of one person's legs by day, side and height."""

from __future__ import annotations

import datetime as dt
import itertools
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from venolymph.classification import Girths, read_girths
from venolymph.documents import Entry, check, load
from venolymph.errors import DocumentError, UnitError
from venolymph.following.table import read_table
from venolymph.units import quantity, refusal, show

Side = Literal["left", "right"]
Start = Literal["sole", "malleolus"]
Method = Literal["tape", "perometer"]
Unit = Literal["cm", "mm", "inch"]

TABLES = (".csv", ".tsv", ".txt")
"""Endings of files that are tables."""
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ][\d:.]+)?")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_NUMBER = re.compile(r"[+-]?[\d.,'’ \u00a0\u202f]*\d\s*")


@cache
def limits() -> dict[str, Any]:
    """The table of limits beside this file."""
    return tomllib.loads(resources.files("venolymph.following").joinpath("limits.toml").read_text("utf-8"))


def read_day(value: object) -> dt.date:
    """A day from `2026-03-02` or `2.3.2026` (day first); never from `02/03/2026`, which means two days."""
    if isinstance(value, dt.date):
        return value.date() if isinstance(value, dt.datetime) else value
    text = value.strip() if isinstance(value, str) else ""
    if match := _DAY.fullmatch(text):
        year, month, day = match.groups()
    elif match := _DOTTED.fullmatch(text):
        day, month, year = match.groups()
    else:
        slashes = "/" in text
        raise refusal(
            f"found {show(value)}, where a date such as 2026-03-02 is needed",
            hint="with slashes, day and month can be exchanged: write the year first, 2026-03-02"
            if slashes
            else "write year, month and day, as in 2026-03-02",
        )
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        raise refusal(f"there is no day {text}", hint="write year, month and day, as in 2026-03-02") from None


@dataclass(frozen=True)
class Measured:
    """A leg on a day.

    Attributes:
        date: the day.
        side: left or right.
        girths: girths by height.
    """

    date: dt.date
    side: Side
    girths: Girths


class LegReading(Entry):
    """One leg on one day.

    Attributes:
        date: the day.
        side: left or right.
        girths: girth by height, as written.
    """

    date: Annotated[dt.date, BeforeValidator(read_day)]
    side: Side
    girths: Annotated[dict[Any, Any], Field(min_length=2)]

    @classmethod
    def shape(cls) -> str | None:
        """A hint that shows how a reading is written."""
        return "write it as in {date: 2026-03-02, side: left, girths: {0: 21.5, 8: 24.0, 19: 33.0}}"


class Readings(Entry):
    """Readings of one person's legs.

    Attributes:
        label: what the person is called in files; never a name.
        start: what heights are counted from.
        method: what girths were taken with.
        unit: of heights and girths that are written without one.
        readings: by day and side.
    """

    kind: Literal["readings"]
    version: Literal[1]
    label: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    start: Annotated[Start, Field(alias="from")]
    method: Method = "tape"
    unit: Unit | None = None
    readings: Annotated[list[LegReading], Field(min_length=1)]

    @classmethod
    def shape(cls) -> str | None:
        """A hint that shows how readings begin."""
        return "begin with kind: readings, version: 1, from: malleolus (or sole), unit: cm, readings:"

    @field_validator("label")
    @classmethod
    def _plain(cls, label: str | None) -> str | None:
        if label is not None and (not label.isprintable() or label != label.strip()):
            raise refusal(f"{show(label)} is not a label", hint="write a word or two on one line, never a name")
        return label

    @model_validator(mode="after")
    def _possible(self) -> Readings:
        self.measured()
        return self

    def measured(self) -> list[Measured]:
        """The legs in order of days, left before right."""
        found: dict[tuple[dt.date, Side], Measured] = {}
        for number, reading in enumerate(self.readings):
            key = (reading.date, reading.side)
            if key in found:
                raise refusal(
                    f"two readings of the {reading.side} leg on {reading.date}",
                    hint="keep one of them; readings before and after a session go into files of their own",
                    key=("readings", number),
                )
            place = ("readings", number, "girths")
            found[key] = Measured(reading.date, reading.side, _girths(reading.girths, self.unit, place))
        return [found[key] for key in sorted(found)]


def _girths(given: Mapping[Any, Any], unit: Unit | None, place: tuple[str | int, ...]) -> Girths:
    """Girths by height from a document, checked for slips of the pen."""
    lines: dict[float, float] = {}
    for height, girth in given.items():
        at = (*place, str(height))
        x, c = _length(height, unit, at), _length(girth, unit, at)
        low, high = limits()["possible"]["girth"]
        if not low <= c <= high:
            raise refusal(
                f"a girth of {c:g} cm is not possible; allowed is {low:g} to {high:g} cm",
                hint="was it written in another unit, or lost its point?",
                key=at,
            )
        if lines.setdefault(x, c) != c:
            raise refusal(f"two girths at {x:g} cm: {lines[x]:g} and {c:g} cm", hint="keep one of them", key=at)
    heights = list(lines)
    if heights not in (sorted(heights), sorted(heights, reverse=True)):
        raise refusal(
            "heights are out of order: " + ", ".join(f"{x:g}" for x in heights) + " cm",
            hint="write them going up or going down; is one mistyped?",
            key=place,
        )
    try:
        found = read_girths(lines)
    except DocumentError as error:
        raise refusal(error.message, hint=error.hint, key=place) from None
    factor = limits()["possible"]["factor"]
    for (x, a), (y, b) in itertools.pairwise(zip(found.heights, found.girths, strict=True)):
        if max(a, b) > factor * min(a, b):
            raise refusal(
                f"a leg does not go from {a:g} cm around at {x:g} cm to {b:g} cm at {y:g} cm",
                hint="is one of the two mistyped?",
                key=place,
            )
    return found


def _length(value: Any, unit: Unit | None, place: tuple[str | int, ...]) -> float:
    """A height or a girth in cm."""
    if value is None:
        raise refusal(
            "found nothing, where a girth is needed",
            hint="leave out a height without a girth; or was a decimal comma written in braces? write a point",
            key=place,
        )
    bare = not isinstance(value, str) or _NUMBER.fullmatch(value) is not None
    if bare and not isinstance(value, bool | dict | list):
        if unit is None:
            raise refusal(
                f"{show(value)} has no unit",
                hint="write `unit: cm` above `readings`, or the unit after each number",
                unit=True,
                key=place,
            )
        value = f"{value} {unit}"
    try:
        return quantity(value, "cm", example="31.5 cm") + 0.0
    except UnitError as error:
        raise refusal(error.message, hint=error.hint, unit=True, key=place) from None


def load_readings(
    source: object, *, start: Start | None = None, label: str | None = None, method: Method | None = None
) -> Readings:
    """Readings from a document (YAML or JSON), a table (`.csv`, `.tsv`, `.txt`), a mapping or an object.

    Args:
        source: path, mapping or object.
        start: what heights of a table are counted from, where the table does not say so.
        label: of the person, for a table that has none.
        method: what the girths of a table were taken with.

    Raises:
        DocumentError: where they cannot be used.
    """
    given = {key: value for key, value in (("from", start), ("label", label), ("method", method)) if value is not None}
    if isinstance(source, str | os.PathLike) and Path(source).suffix.lower() in TABLES:
        data, where = read_table(Path(source), given)
        return check(Readings, data, where)
    if given:
        raise DocumentError(f"a document says {', '.join(given)} itself", hint="this goes with a table only")
    return load(Readings, "readings", Path(source) if isinstance(source, str) else source, {})
