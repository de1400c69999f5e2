"""A leg at each date of a life, seen from its inner side: superficial veins as wide and as bent as they are then."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from venolymph.anatomy import Geometry
from venolymph.wall.buckling import amplitude
from venolymph.wall.showing import FollowedLife, date

MOST = 24
"""Dates that are drawn at most; of more, as many evenly through the life."""
WIDER = 2.0
"""How many times as wide as they are veins are drawn, so that their widths can be told apart."""
_BAND = 2.5
"""Height of the slices by which the outline of the skin is found, cm."""
_STEP = 0.25
"""Distance between points of a bent vein, cm."""


def drawn_days(lives: Sequence[FollowedLife]) -> list[float]:
    """Days with a reading in each of the lives, days from the start; the start, the end, and up to `MOST` in all."""
    days = [set(np.round(life.course["day"].values, 3).tolist()) for life in lives]
    both = sorted(set.intersection(*days))
    picked = np.unique(np.linspace(0, len(both) - 1, min(MOST, len(both))).round().astype(int))
    return [both[at] for at in picked]


def legs_by_date(lives: Sequence[FollowedLife], where: Geometry, side: str) -> str:
    """A drawing for each date, one under another, of each life.

    Args:
        lives: one or two.
        where: where the veins of the leg lie.
        side: of the leg, left or right.
    """
    mirror = np.array([1.0 if side == "left" else -1.0, 1.0])
    outline = _outline(where.skins[side].vertices) * mirror
    lines = {name: _line(where, name) * mirror for name in _drawn(lives[0], where)}
    frame = np.concatenate([outline, *lines.values()])
    low, high = frame.min(axis=0) - 1.0, frame.max(axis=0) + 1.0
    box = f"{low[0]:.1f} {-high[1]:.1f} {high[0] - low[0]:.1f} {high[1] - low[1]:.1f}"
    skin = f'<polygon class="skin" points="{_points(outline)}"/>'
    figures = []
    for day in drawn_days(lives):
        legs = ""
        for at, life in enumerate(lives):
            label = escape(f"{life.life.title}: the leg's superficial veins, {date(day)}")
            head = f'<svg viewBox="{box}" role="img" aria-label="{label}" class="life{at}">'
            legs += f"{head}{skin}{_veins(life, lines, day)}</svg>"
        figures.append(f'<figure class="when"><figcaption>{date(day)}</figcaption><div>{legs}</div></figure>')
    return "\n".join(figures)


def bent(line: np.ndarray, high: float, wave: float) -> np.ndarray:
    """A line with waves about it, straight at both ends.

    Args:
        line: points in the plane of the picture, cm, shape (n, 2).
        high: half the width of the waves, cm.
        wave: their length, cm.

    Returns:
        Points, cm, shape (m, 2).
    """
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    if high <= 0.0 or wave <= 0.0 or along[-1] < 0.5 * wave:
        return line
    places = np.linspace(0.0, along[-1], max(2, int(along[-1] / _STEP)))
    middle = np.stack([np.interp(places, along, line[:, axis]) for axis in range(2)], axis=1)
    direction = np.gradient(middle, axis=0)
    direction /= np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-9)
    across = np.stack([-direction[:, 1], direction[:, 0]], axis=1)
    ends = np.clip(np.minimum(places, along[-1] - places) / (0.25 * wave), 0.0, 1.0)
    return middle + (high * ends * np.sin(2.0 * np.pi * places / wave))[:, None] * across


def _veins(life: FollowedLife, lines: dict[str, np.ndarray], day: float) -> str:
    """Veins on a day, of several legs at the median; those that are gone dotted."""
    now, gone, parts = life.course.sel(day=day, method="nearest"), life.gone(day), []
    for name, line in lines.items():
        of_vein = now.sel(segment=name)
        if name in gone:
            title = f"<title>{escape(f'{name}: {gone[name]}')}</title>"
            parts.append(f'<polyline class="gone" points="{_points(line)}">{title}</polyline>')
            continue
        width, index, high = (
            float(np.median(of_vein[what].values)) for what in ("standing", "tortuosity", "amplitude")
        )
        share = float(amplitude(np.array(index), np.array(1.0)))
        points = _points(bent(line, 0.1 * high, 0.1 * high / share if share > 0.0 else 0.0))
        title = f"<title>{escape(f'{name}: {width:.1f} mm')}</title>"
        look = "vein winding" if index > 1.005 else "vein"
        thick = 0.1 * WIDER * width
        parts.append(f'<polyline class="{look}" stroke-width="{thick:.2f}" points="{points}">{title}</polyline>')
    return "".join(parts)


def _drawn(life: FollowedLife, where: Geometry) -> list[str]:
    """Veins of a leg that are one vessel; what stands for many is no line that one could see."""
    names = life.course["segment"].values.tolist()
    return [name for name in names if (parts := _parts(where, name)) and where.veins[parts[0]].vessels == 1.0]


def _parts(where: Geometry, name: str) -> list[str]:
    """Cells of a vein, from below."""
    return [cell for cell in where.veins if cell.partition(" [")[0] == name]


def _line(where: Geometry, name: str) -> np.ndarray:
    """A vein as seen from the side, forward and up, cm, shape (n, 2)."""
    return np.concatenate([where.veins[cell].points for cell in _parts(where, name)])[:, [2, 1]]


def _outline(vertices: np.ndarray) -> np.ndarray:
    """The skin's foremost and hindmost points by height, cm, shape (n, 2)."""
    slices = np.round(vertices[:, 1] / _BAND).astype(int)
    levels = [at for at in range(slices.min(), slices.max() + 1) if np.any(slices == at)]
    reach = {at: vertices[slices == at, 2] for at in levels}
    front = [(reach[at].max(), at * _BAND) for at in levels]
    back = [(reach[at].min(), at * _BAND) for at in reversed(levels)]
    return np.array(front + back)


def _points(line: np.ndarray) -> str:
    return " ".join(f"{x:.2f},{-y:.2f}" for x, y in line)
