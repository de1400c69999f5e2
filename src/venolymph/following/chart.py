"""Volumes over time as a picture: lines of text for a terminal, and an SVG for a page."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from html import escape

from venolymph.classification import smallest_change
from venolymph.following.findings import Following, Row
from venolymph.following.wording import words

_WIDEST = 60
"""Characters that the line of a reading is drawn with at most."""
_SIZE = (720, 205)
_ROOM = (60, 4, 26, 34)
"""Room of the picture left, right, above and below of what is drawn."""
_GAP = 20
"""Between the panels of the two legs."""
_MARK = 14
"""Size of its letters: 10 pt where it is as wide as a page."""


def text_chart(found: Following, language: str = "en", width: int | None = None) -> list[str]:
    """A line for each reading of each leg: where its volume lies, beside what is within error of the first day.

    Args:
        found: the readings.
        language: of the words.
        width: of a line at most, characters.
    """
    said = words(language).talk
    room = min((width or 100) - 22, _WIDEST)
    lines = [said.chart]
    for side in found.sides:
        rows = found.of(side)
        low, high = _band(rows)
        least, most = min(low, *(row.volume for row in rows)), max(high, *(row.volume for row in rows))

        def column(volume: float, least: float = least, most: float = most) -> int:
            return round((volume - least) / (most - least) * (room - 1))

        lines.append(said.left_leg if side == "left" else said.right_leg)
        for row in rows:
            marks = [" "] * room
            marks[column(low)] = marks[column(high)] = "|"
            marks[column(row.volume)] = "o"
            lines.append(f"{row.date}  {''.join(marks)}  {row.volume:.0f}")
    return lines


def _band(rows: Sequence[Row]) -> tuple[float, float]:
    """Between which volumes a leg is as on its first day, as far as can be told, mL."""
    first = rows[0].volume
    least = smallest_change(first, "weeks")
    return first - least, first + least


class _Axes:
    """Where days and volumes of a leg are in the picture: a panel for each leg, side by side, with the same scales."""

    def __init__(self, found: Following, number: int) -> None:
        bands = [_band(found.of(side)) for side in found.sides]
        volumes = [row.volume for row in found.rows]
        self.least = min(*volumes, *(low for low, _ in bands))
        self.most = max(*volumes, *(high for _, high in bands))
        self.first = found.dates[0]
        self.days = max((found.dates[-1] - self.first).days, 1)
        left, right, above, below = _ROOM
        wide = (_SIZE[0] - left - right - _GAP * (len(found.sides) - 1)) / len(found.sides)
        self.left = left + number * (wide + _GAP)
        self.right, self.top, self.bottom = self.left + wide, above, _SIZE[1] - below

    def x(self, date: dt.date) -> float:
        """Of a day, with room for the mark at either end."""
        return self.left + 10 + (self.right - self.left - 20) * (date - self.first).days / self.days

    def y(self, volume: float) -> float:
        """Of a volume."""
        return self.bottom - (self.bottom - self.top) * (volume - self.least) / (self.most - self.least)

    def ticks(self) -> list[float]:
        """Round volumes on the axis, five or so."""
        rough = (self.most - self.least) / 4
        power = 10 ** math.floor(math.log10(rough))
        step = next(power * times for times in (1, 2, 5, 10) if power * times >= rough)
        return [step * n for n in range(math.ceil(self.least / step), math.floor(self.most / step) + 1)]


def svg_chart(found: Following, language: str = "en") -> str:
    """The volumes of each leg over time, with what is within error of its first day, as an SVG."""
    said = words(language).talk
    parts = []
    for number, side in enumerate(found.sides):
        axes = _Axes(found, number)
        name = said.left_leg if side == "left" else said.right_leg
        parts.append(f'<text x="{axes.left + 10:.1f}" y="16" font-weight="bold">{escape(name)}</text>')
        parts += _leg(axes, found.of(side)) + _days(axes, found.dates)
        for volume in axes.ticks() if number == 0 else []:
            y = axes.y(volume)
            parts.append(f'<path d="M{axes.left - 5:.1f} {y:.1f}h5" stroke="#111"/>')
            parts.append(f'<text x="{axes.left - 8:.1f}" y="{y + 5:.1f}" text-anchor="end">{volume:.0f}</text>')
    return (
        f'<svg viewBox="0 0 {_SIZE[0]} {_SIZE[1]}" role="img" aria-label="{escape(said.title)}" '
        f'font-size="{_MARK}" fill="#111">{"".join(parts)}</svg>'
    )


def _leg(axes: _Axes, rows: Sequence[Row]) -> list[str]:
    """Frame, band of error, and volumes of a leg."""
    low, high = _band(rows)
    wide, tall = axes.right - axes.left, axes.y(low) - axes.y(high)
    points = [(axes.x(row.date), axes.y(row.volume)) for row in rows]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return [
        f'<rect x="{axes.left:.1f}" y="{axes.y(high):.1f}" width="{wide:.1f}" height="{tall:.1f}" fill="#ddd"/>',
        f'<path d="M{axes.left:.1f} {axes.top}V{axes.bottom}H{axes.right:.1f}" fill="none" stroke="#111"/>',
        f'<polyline points="{line}" fill="none" stroke="#111" stroke-width="1.8"/>',
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>' for x, y in points),
    ]


def _days(axes: _Axes, dates: Sequence[dt.date]) -> list[str]:
    """Days on the axis: the first, the last, and those between that have room."""
    width, last = 6.5 * _MARK, axes.x(dates[-1])
    shown = [dates[0]]
    for date in dates[1:-1]:
        # the first day's text begins at its place, the last one's ends there, those between are centred
        before = axes.x(shown[-1]) + (1.5 if shown[-1] == dates[0] else 1.0) * width
        if before <= axes.x(date) <= last - 1.5 * width:
            shown.append(date)
    ticks = [f'<path d="M{axes.x(date):.1f} {axes.bottom}v5" stroke="#111"/>' for date in dates]
    anchors = {dates[0]: "start", dates[-1]: "end"}
    return ticks + [
        f'<text x="{axes.x(date):.1f}" y="{axes.bottom + 22}" text-anchor="{anchors.get(date, "middle")}">{date}</text>'
        for date in [*shown, dates[-1]]
    ]
