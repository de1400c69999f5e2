"""A life as plain data: a typical day, how long it goes on, and what changes at which date.

Days are counted from the start, at 0. What is said stays until something else is said.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

from venolymph.compression.garment import Garment

YEAR = 365.25
"""Days."""


@dataclass(frozen=True)
class DayHours:
    """Hours of a typical day by posture, 24 in all.

    How much one moves while sitting or standing still is a figure, not said here.

    Attributes:
        lying: h.
        sitting: h.
        standing: h.
        walking: h.
    """

    lying: float
    sitting: float
    standing: float
    walking: float

    @property
    def upright(self) -> float:
        """Hours that are not lain, h."""
        return self.sitting + self.standing + self.walking


@dataclass(frozen=True)
class Change:
    """What is different from a day on; what is None or empty stays as it was.

    Attributes:
        day: days from the start.
        hours: another typical day.
        pregnant_for: days of a pregnancy that begins here; birth is at its end.
        abdominal_pressure: pressure in the abdomen above that of the person's document, mmHg; below it, negative.
        garment: what is worn on the leg from here on.
        garment_share: share of the upright hours that it is worn for, 1; all of them where a garment comes without,
            and 0 takes it off for good.
        closed: names of valves whose vein is tied off there, such as "great saphenous, terminal valve".
        ablated: names of segments that are closed along their whole length.
        removed: names of tributaries that are taken out.
        massage_per_week: sessions of massage of the leg a week, of 45 min each.
    """

    day: float
    hours: DayHours | None = None
    pregnant_for: float | None = None
    abdominal_pressure: float | None = None
    garment: Garment | None = None
    garment_share: float | None = None
    closed: tuple[str, ...] = ()
    ablated: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    massage_per_week: float | None = None


@dataclass(frozen=True)
class Situation:
    """All that holds on a day of a life.

    Attributes:
        hours: the typical day.
        pregnant_since: the day at which the last pregnancy began, days from the start; None without one.
        pregnant_until: the day of birth, days from the start; it may be past.
        abdominal_pressure: as in `Change`, mmHg.
        garment: what is worn, None where nothing is.
        garment_share: share of the upright hours that it is worn for, 1.
        closed: all that was tied off so far.
        ablated: all that was closed so far.
        removed: all that was taken out so far.
        massage_per_week: sessions a week.
    """

    hours: DayHours
    pregnant_since: float | None = None
    pregnant_until: float | None = None
    abdominal_pressure: float = 0.0
    garment: Garment | None = None
    garment_share: float = 0.0
    closed: tuple[str, ...] = ()
    ablated: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    massage_per_week: float = 0.0

    def weeks_pregnant(self, day: float) -> float:
        """Weeks of pregnancy on a day, 0 before it and after the birth."""
        if self.pregnant_since is None or self.pregnant_until is None:
            return 0.0
        return (day - self.pregnant_since) / 7.0 if self.pregnant_since <= day < self.pregnant_until else 0.0

    def after(self, change: Change) -> Situation:
        """What holds once a change has come."""

        def kept(new: float | None, old: float) -> float:
            return old if new is None else new

        pregnant = change.pregnant_for is not None
        share = kept(change.garment_share, self.garment_share if change.garment is None else 1.0)
        garment = change.garment or self.garment
        return Situation(
            hours=change.hours or self.hours,
            pregnant_since=change.day if pregnant else self.pregnant_since,
            pregnant_until=change.day + change.pregnant_for if change.pregnant_for is not None else self.pregnant_until,
            abdominal_pressure=kept(change.abdominal_pressure, self.abdominal_pressure),
            garment=garment if share > 0.0 else None,
            garment_share=share if garment is not None else 0.0,
            closed=_joined(self.closed, change.closed),
            ablated=_joined(self.ablated, change.ablated),
            removed=_joined(self.removed, change.removed),
            massage_per_week=kept(change.massage_per_week, self.massage_per_week),
        )


@dataclass(frozen=True)
class Life:
    """A life to follow.

    Attributes:
        title: what it is called.
        duration: days.
        every: days between two rows of the report.
        hours: the typical day that the leg has been used to, on which it stays as its document says; a life that is
            another from the start has a change on day 0.
        changes: what changes, in order of days, none after the end.
    """

    title: str
    duration: float
    every: float
    hours: DayHours
    changes: tuple[Change, ...] = ()

    @property
    def report_days(self) -> tuple[float, ...]:
        """Days with a row in the report: the start, every so many days, and the end."""
        count = math.ceil(self.duration / self.every - 1e-9)
        return (*(number * self.every for number in range(count)), self.duration)

    @property
    def bounds(self) -> tuple[float, ...]:
        """Days at which what holds changes at once, in order: the start, all changes, births within it, the end."""
        births = {one.day + one.pregnant_for for one in self.changes if one.pregnant_for is not None}
        days = {0.0, self.duration, *(one.day for one in self.changes), *births}
        return tuple(sorted(day for day in days if 0.0 <= day <= self.duration))

    def situation(self, day: float) -> Situation:
        """All that holds on a day, a change on that very day included."""
        now = Situation(self.hours)
        for change in self.changes:
            if change.day <= day:
                now = now.after(change)
        return now

    def stretches(self) -> Iterator[tuple[float, float, Situation]]:
        """Stretches between which something changes at once: begin, end (days from the start), and what holds."""
        days = self.bounds
        for begin, end in itertools.pairwise(days):
            yield begin, end, self.situation(begin)


def _joined(before: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*before, *more)))
