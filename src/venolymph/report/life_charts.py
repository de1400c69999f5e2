"""Readings of a life over years as SVG, drawn when the page is made: lines, spread of legs, reading error, changes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from venolymph.numbers import number, unit_text
from venolymph.wall.life import YEAR
from venolymph.wall.showing import MONTH, FollowedLife, changes, date

_SIZE = (360, 210)
_ROOM = (38, 12, 14, 34)
"""Room of a chart left, right, above and below of what is drawn."""
_COUNTED = tuple(10.0**power * times for power in range(5) for times in (1, 2, 5))
_TENTHS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, *_COUNTED)
_MONTHS = (1, 2, 3, 6, 12)
"""Steps from value to value on an axis."""


@dataclass(frozen=True)
class LifeLine:
    """A reading of one life by date.

    Attributes:
        life: number of the life, which gives the line its colour.
        days: days from the start.
        values: of each leg, shape (days, legs); NaN where there is nothing to read.
    """

    life: int
    days: np.ndarray
    values: np.ndarray


@dataclass(frozen=True)
class LifeChart:
    """A reading over the years.

    Attributes:
        title: what is read, of which vein.
        unit: of the values; "1" for none.
        lines: one for each life.
        scale: values at the bottom and at the top.
        error: smallest change that the instrument detects, in the unit; None where none is drawn.
        whole: whether values are counted.
    """

    title: str
    unit: str
    lines: tuple[LifeLine, ...]
    scale: tuple[float, float]
    error: float | None = None
    whole: bool = False


def charts(lives: Sequence[FollowedLife], error: float) -> list[LifeChart]:
    """Charts of a life or of two: diameter standing of each vein that is shown, leaking valves, tortuosity.

    Args:
        lives: that were followed.
        error: smallest change of a diameter that duplex detects, mm.
    """
    names = tuple(dict.fromkeys(name for life in lives for name in life.veins))
    width = {name: _lines(lives, "standing", name) for name in names}
    bent = {name: _lines(lives, "tortuosity", name) for name in names}
    bent = {name: lines for name, lines in bent.items() if _most(lines) > 1.005}
    leaking = tuple(
        LifeLine(at, life.course["day"].values, life.course["leaking"].values) for at, life in enumerate(lives)
    )
    return [
        *(LifeChart(f"{name}, diameter standing", "mm", lines, _scale(width, 0.5), error)
          for name, lines in width.items()),
        LifeChart("Valves that leak", "1", leaking, _scale({"": leaking}, 1.0), whole=True),
        *(LifeChart(f"{name}, tortuosity", "1", lines, _scale(bent, 0.05)) for name, lines in bent.items()),
    ]  # fmt: skip


def svg(chart: LifeChart, lives: Sequence[FollowedLife]) -> str:
    """A chart, with the dates of changes marked, each value to be read by pointing at it."""
    axes = _Axes(chart.scale, max(life.life.duration for life in lives))
    parts = [*axes.frame(chart.whole), *_error(chart, axes)]
    for at, life in enumerate(lives):
        for day, told in changes(life.life):
            title = f"<title>{escape(f'{life.life.title}, {date(day)}: {told}')}</title>"
            line = f'<path d="M{axes.x(day):.1f} {axes.top - 8}V{axes.bottom}"/>'
            parts.append(f'<g class="change life{at}">{line}{title}</g>')
    for line in chart.lines:
        parts += _line(line, chart, axes)
    label = f"{chart.title}: {'; '.join(_ends(line, chart, lives) for line in chart.lines)}"
    return (
        f'<svg class="years" viewBox="0 0 {_SIZE[0]} {_SIZE[1]}" role="img" aria-label="{escape(label)}">'
        f"{''.join(parts)}</svg>"
    )


class _Axes:
    """Where days and values are in the picture."""

    def __init__(self, scale: tuple[float, float], duration: float) -> None:
        self.low, self.high = scale
        self.duration = duration
        left, right, above, below = _ROOM
        self.left, self.right = left, _SIZE[0] - right
        self.top, self.bottom = above, _SIZE[1] - below

    def x(self, day: float) -> float:
        return self.left + (self.right - self.left) * day / self.duration

    def y(self, value: float) -> float:
        return self.bottom - (self.bottom - self.top) * (value - self.low) / (self.high - self.low)

    def frame(self, whole: bool) -> list[str]:
        """Axes with round values on them."""
        parts = []
        for value in _ticks(self.low, self.high, _COUNTED if whole else _TENTHS):
            parts.append(f'<path class="grid" d="M{self.left} {self.y(value):.1f}H{self.right}"/>')
            parts.append(f'<text x="{self.left - 5}" y="{self.y(value) + 4:.1f}" class="end">{number(value)}</text>')
        long, short = self.duration > 2.0 * YEAR - 1.0, self.duration < 3.0 * MONTH
        unit, name = (YEAR, "years") if long else (1.0, "days") if short else (MONTH, "months")
        for value in _ticks(0.0, self.duration / unit, _MONTHS if unit == MONTH else _COUNTED):
            x = self.x(value * unit)
            parts.append(f'<path class="axis" d="M{x:.1f} {self.bottom}v4"/>')
            parts.append(f'<text x="{x:.1f}" y="{self.bottom + 16}" class="middle">{number(value)}</text>')
        middle = 0.5 * (self.left + self.right)
        parts.append(f'<text x="{middle}" y="{self.bottom + 31}" class="middle">{name} from the start</text>')
        return [*parts, f'<path class="axis" d="M{self.left} {self.top}V{self.bottom}H{self.right}"/>']


def _line(line: LifeLine, chart: LifeChart, axes: _Axes) -> list[str]:
    """The median of a life's legs, with a band from the least to the most; broken where there is nothing to read."""
    parts = []
    for there, group in itertools.groupby(range(len(line.days)), lambda at: not np.isnan(line.values[at]).any()):
        rows = list(group)
        if not there:
            continue
        x, values = [axes.x(line.days[at]) for at in rows], line.values[rows]
        low, middle, high = values.min(axis=1), np.median(values, axis=1), values.max(axis=1)
        if values.shape[1] > 1:
            around = [*zip(x, high, strict=True), *reversed(list(zip(x, low, strict=True)))]
            parts.append(f'<polygon class="spread life{line.life}" points="{_points(around, axes)}"/>')
        points = _points(list(zip(x, middle, strict=True)), axes)
        parts.append(f'<polyline class="line life{line.life}" points="{points}"/>')
        for at, place, value in zip(rows, x, middle, strict=True):
            told = f"{date(float(line.days[at]))}: {_value(float(value), chart.unit)}"
            dot = f'<circle class="dot life{line.life}" cx="{place:.1f}" cy="{axes.y(value):.1f}" r="3">'
            parts.append(f"{dot}<title>{escape(told)}</title></circle>")
    return parts


def _points(points: Sequence[tuple[float, float]], axes: _Axes) -> str:
    return " ".join(f"{x:.1f},{axes.y(value):.1f}" for x, value in points)


def _error(chart: LifeChart, axes: _Axes) -> list[str]:
    """What the instrument cannot tell from the first reading of the first life that has one."""
    first = next((line.values[0] for line in chart.lines if np.isfinite(line.values[0]).all()), None)
    if chart.error is None or first is None:
        return []
    begun = float(np.median(first))
    top, bottom = axes.y(begun + chart.error), axes.y(begun - chart.error)
    wide = axes.right - axes.left
    return [f'<rect class="error" x="{axes.left}" y="{top:.1f}" width="{wide}" height="{bottom - top:.1f}"/>']


def _lines(lives: Sequence[FollowedLife], what: str, vein: str) -> tuple[LifeLine, ...]:
    """A reading of a vein in each life that has it, not read where the vein is gone."""
    found = []
    for at, life in enumerate(lives):
        if vein not in life.veins:
            continue
        days = life.course["day"].values
        gone = np.array([vein in life.gone(day) for day in days.tolist()])
        values = np.asarray(life.course[what].sel(segment=vein).values, float)
        found.append(LifeLine(at, days, np.where(gone[:, None], np.nan, values)))
    return tuple(found)


def _most(lines: Sequence[LifeLine]) -> float:
    values = np.concatenate([line.values.ravel() for line in lines])
    return float(np.nanmax(values)) if np.isfinite(values).any() else -math.inf


def _scale(lines: dict[str, tuple[LifeLine, ...]], room: float) -> tuple[float, float]:
    """One scale for all that is read alike, with some room around it; from 0 at the lowest."""
    values = [line.values.ravel() for each in lines.values() for line in each]
    found = np.concatenate(values) if values else np.zeros(0)
    found = found[np.isfinite(found)]
    low, high = (float(found.min()), float(found.max())) if found.size else (0.0, 1.0)
    return max(0.0, low - room), high + room


def _ticks(low: float, high: float, steps: Sequence[float]) -> list[float]:
    """Round values between two, at most seven, by one of the steps."""
    step = next((step for step in steps if (high - low) / step <= 6.0 + 1e-6), steps[-1])
    return [step * count for count in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def _ends(line: LifeLine, chart: LifeChart, lives: Sequence[FollowedLife]) -> str:
    """First and last value of a life in words, for those who do not see the picture."""
    told = []
    for at, when in ((0, "at the start"), (-1, "at the end")):
        middle = float(np.median(line.values[at]))
        told.append(f"{'nothing to read' if math.isnan(middle) else _value(middle, chart.unit)} {when}")
    return f"{lives[line.life].life.title}, {', '.join(told)}"


def _value(value: float, unit: str) -> str:
    return f"{number(value)}{unit_text(unit)}"
