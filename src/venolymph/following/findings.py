"""What readings over weeks say: volumes, changes beside error, leg beside leg, and what a doctor has to see."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from venolymph.classification import Girths, VolumeChange, excess_volume, volume_change
from venolymph.classification.tables import table
from venolymph.errors import DocumentError
from venolymph.following.document import Measured, Method, Readings, Side, Start, limits

SIDES: tuple[Side, ...] = get_args(Side)
SAME = 0.01
"""Heights that differ by less are the same, cm."""


@dataclass(frozen=True)
class Row:
    """One leg on one day.

    Attributes:
        date: the day.
        side: left or right.
        girths: at the lines that all readings have.
        change: against the first day of this leg; None on that day.
        other: volume of the other leg on the same day, mL, or None.
    """

    date: dt.date
    side: Side
    girths: Girths
    change: VolumeChange | None
    other: float | None

    @property
    def volume(self) -> float:
        """Volume, mL."""
        return self.girths.volume

    @property
    def beyond(self) -> float | None:
        """How much larger than the other leg, mL."""
        return None if self.other is None else self.volume - self.other

    @property
    def excess(self) -> float | None:
        """How much larger than the other leg, % of the other."""
        return None if self.other is None else excess_volume(self.volume, self.other)


@dataclass(frozen=True)
class Alarm:
    """Something that a doctor has to see.

    Attributes:
        kind: `volume`, a rise within days; `girth`, the same at one height; `sides`, one leg thicker than the other;
            `growth`, a slow rise that is more than error.
        side: the leg.
        first: the day that it rose from.
        last: the day it was found.
        amount: % of volume, or cm of girth.
        height: of the girth, cm.
    """

    kind: Literal["volume", "girth", "sides", "growth"]
    side: Side
    first: dt.date
    last: dt.date
    amount: float
    height: float | None = None


@dataclass(frozen=True)
class Following:
    """Readings of one person's legs over weeks, and what they say.

    Attributes:
        label: of the person, or None.
        start: what heights are counted from.
        method: what girths were taken with.
        extent: from which height to which all volumes reach, cm.
        cut: whether some readings reached further and were cut to that.
        uneven: whether some readings have lines that others lack, which are left out.
        rows: by day, left before right.
        alarms: what a doctor has to see.
    """

    label: str | None
    start: Start
    method: Method
    extent: tuple[float, float]
    cut: bool
    uneven: bool
    rows: tuple[Row, ...]
    alarms: tuple[Alarm, ...]

    @property
    def sides(self) -> list[Side]:
        """The legs that were measured."""
        return [side for side in SIDES if any(row.side == side for row in self.rows)]

    @property
    def lines(self) -> tuple[float, ...]:
        """Heights that all volumes are made of, cm."""
        return self.rows[0].girths.heights

    @property
    def dates(self) -> list[dt.date]:
        """The days of readings, in order."""
        return sorted({row.date for row in self.rows})

    def of(self, side: Side) -> list[Row]:
        """The rows of a leg."""
        return [row for row in self.rows if row.side == side]

    def on(self, date: dt.date, side: Side) -> Row | None:
        """The row of a leg on a day."""
        return next((row for row in self.rows if (row.date, row.side) == (date, side)), None)


def follow(readings: Readings, *, common: bool = False) -> Following:
    """What readings say.

    Args:
        readings: of one person.
        common: where readings reach differently far, whether to compare the part that all of them have.

    Raises:
        DocumentError: where volumes of different extents would be compared.
    """
    measured = readings.measured()
    low, high = _extent(measured, common)
    lines = _lines(measured, low, high)
    level = [Girths(lines, tuple(_at(one.girths, line) for line in lines)) for one in measured]
    volumes = {(one.date, one.side): girths.volume for one, girths in zip(measured, level, strict=True)}
    first: dict[Side, float] = {}
    rows = []
    for one, girths in zip(measured, level, strict=True):
        change = volume_change(first[one.side], girths.volume, "weeks") if one.side in first else None
        first.setdefault(one.side, girths.volume)
        other = next(
            (volume for (date, side), volume in volumes.items() if date == one.date and side != one.side), None
        )
        rows.append(Row(one.date, one.side, girths, change, other))
    inside = [{x for x in one.girths.heights if low - SAME < x < high + SAME} for one in measured]
    return Following(
        label=readings.label,
        start=readings.start,
        method=readings.method,
        extent=(low, high),
        cut=any(not _reaches(one.girths.extent, (low, high)) for one in measured),
        uneven=any(not _near(line, lines) for heights in inside for line in heights),
        rows=tuple(rows),
        alarms=tuple(_alarms(measured, rows)),
    )


def _extent(measured: Sequence[Measured], common: bool) -> tuple[float, float]:
    """From which height to which all readings reach."""
    low = max(one.girths.extent[0] for one in measured)
    high = min(one.girths.extent[1] for one in measured)
    different = [one for one in measured if not _reaches(one.girths.extent, (low, high))]
    if not different:
        return low, high
    least = limits()["common"]["least"]
    usable = high - low >= least
    if common and usable:
        return low, high
    seen: dict[tuple[float, float], Measured] = {}
    for one in measured:
        seen.setdefault(one.girths.extent, one)
    told = [f"{one.side} leg on {one.date} {a:g} to {b:g} cm" for (a, b), one in seen.items()]
    more = f" and {len(told) - 4} more" if len(told) > 4 else ""
    raise DocumentError(
        "readings reach differently far, so their volumes cannot be compared: " + "; ".join(told[:4]) + more,
        hint=f"--common compares from {low:g} to {high:g} cm, which all of them have"
        if usable
        else f"they have less than {least:g} cm in common: measure the same heights each time",
    )


def _reaches(extent: tuple[float, float], wanted: tuple[float, float]) -> bool:
    return all(abs(a - b) < SAME for a, b in zip(extent, wanted, strict=True))


def _lines(measured: Sequence[Measured], low: float, high: float) -> tuple[float, ...]:
    """The heights that all readings have: a line that one of them lacks would change the others' volumes by itself.

    Raises:
        DocumentError: where too few are left.
    """
    fewest = min((one.girths.heights for one in measured), key=len)
    between = [x for x in fewest if low + SAME < x < high - SAME and all(_has(one.girths, x) for one in measured)]
    lines = (low, *between, high)
    most = max(above - below for below, above in itertools.pairwise(lines))
    if most > table("volume")["limits"]["distance"][1]:
        raise DocumentError(
            f"readings have too few heights in common: {', '.join(f'{x:g}' for x in lines)} cm",
            hint="measure the same heights each time; readings of another set of heights go into a file of their own",
        )
    return lines


def _has(girths: Girths, height: float) -> bool:
    """Whether there is a line at a height, or lines so close around it that the girth there is known."""
    above = min(x for x in girths.heights if x >= height - SAME)
    below = max(x for x in girths.heights if x <= height + SAME)
    return _near(height, girths.heights) or above - below <= limits()["lines"]["fine"] + SAME


def _near(height: float, lines: Sequence[float]) -> bool:
    return any(abs(height - x) < SAME for x in lines)


def _at(girths: Girths, height: float) -> float:
    """Girth at a height that the girths reach, but for rounding."""
    low, high = girths.extent
    return girths.at(min(max(height, low), high))


# ------------------------------------------------------------------ what a doctor has to see


def _alarms(measured: Sequence[Measured], rows: Sequence[Row]) -> list[Alarm]:
    """The latest rise within days and growth by more than error of each leg, and one leg thicker than the other."""
    found: list[Alarm] = []
    volumes: dict[tuple[dt.date, Side], float] = {(row.date, row.side): row.volume for row in rows}
    for side in SIDES:
        mine = [one for one in measured if one.side == side]
        jumps = [jump for one in mine if (jump := _jump(one, mine, volumes)) is not None]
        found += jumps[-1:]
        latest = next((row for row in reversed(rows) if row.side == side), None)
        change = None if latest is None else latest.change
        if latest is not None and change is not None and change.change > 0 and change.more_than_error:
            told = any(one.kind == "volume" and one.last == latest.date for one in jumps)
            found += [] if told else [Alarm("growth", side, mine[0].date, latest.date, change.percent)]
    return found + _thicker(measured)


def _jump(now: Measured, mine: Sequence[Measured], volumes: dict[tuple[dt.date, Side], float]) -> Alarm | None:
    """The largest rise of a leg up to a day, within the days that count."""
    limit = limits()["jump"]
    earlier = [one for one in mine if 0 < (now.date - one.date).days <= limit["days"]]
    rises = []
    for one in earlier:
        before, after = volumes[one.date, one.side], volumes[now.date, now.side]
        rises.append((100.0 * (after - before) / before, one.date))
    if rises and max(rises)[0] > limit["percent"]:
        percent, date = max(rises)
        return Alarm("volume", now.side, date, now.date, percent)
    grown = [(*_most(now.girths, one.girths), one.date) for one in earlier]
    if grown and max(grown)[0] >= limit["girth"]:
        more, height, date = max(grown)
        return Alarm("girth", now.side, date, now.date, more, height)
    return None


def _thicker(measured: Sequence[Measured]) -> list[Alarm]:
    """Whether one leg is much thicker than the other on the last day on which both were measured."""
    by_day: dict[dt.date, dict[Side, Girths]] = {}
    for one in measured:
        by_day.setdefault(one.date, {})[one.side] = one.girths
    both = [(date, legs) for date, legs in by_day.items() if len(legs) == 2]
    found: list[Alarm] = []
    for date, legs in both[-1:]:
        for side, other in zip(SIDES, reversed(SIDES), strict=True):
            more, height = _most(legs[side], legs[other])
            if more > limits()["sides"]["girth"]:
                found.append(Alarm("sides", side, date, date, more, height))
    return found


def _most(now: Girths, before: Girths) -> tuple[float, float]:
    """The largest rise of a girth at a height where both are known, cm, and that height."""
    low, high = before.extent
    rises = [
        (girth - _at(before, height), height)
        for height, girth in zip(now.heights, now.girths, strict=True)
        if low - SAME < height < high + SAME and _has(before, height)
    ]
    return max(rises, default=(0.0, 0.0))
