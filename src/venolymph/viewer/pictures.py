"""The leg as a still picture, for where nothing moves: on paper, and in a browser without WebGL or scripts."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import numpy as np

from venolymph.numbers import clock
from venolymph.viewer.recording import Recording

STOPS = (
    "#440154", "#482878", "#3e4a89", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6dcd59", "#b4de2c", "#fde725",
)  # fmt: skip
"""Colours of pressure from low to high (viridis), as in `assets/colours.js`, so that picture and moving leg agree."""
_HEIGHT = 360
_SCALE = 3.3
"""Length of a centimetre in a picture."""
_LEVELS = 64
_NEAR = 1.4
"""From a level to corners of the mesh that count as on it, cm."""


def pictures(recording: Recording) -> str:
    """Pictures of the leg at the end of what was done, as HTML with SVG."""
    parts = [_picture(recording, time, label) for time, label in _moments(recording)]
    low, high = recording.head["quantities"]["pressure"]["range"]
    stops = ", ".join(STOPS)
    return (
        f"<div class=still>{''.join(parts)}</div>"
        f'<p class=scale><span style="background: linear-gradient(90deg, {stops})"></span> '
        f"blood pressure in the veins, {low:g} to {high:g} mmHg; the leg from its inner side, straightened</p>"
    )


def _moments(recording: Recording) -> Iterator[tuple[float, str]]:
    """The end of each thing that was done, the last time that it was, four at most."""
    found: dict[str, tuple[float, str]] = {}
    for phase in recording.head["phases"]:
        found.pop(phase["kind"], None)
        found[phase["kind"]] = (phase["start"] + phase["duration"], phase["label"])
    yield from sorted(found.values())[:4]


def _picture(recording: Recording, time: float, label: str) -> str:
    times, head = recording.times["samples"], recording.head
    frame = int(np.clip(np.searchsorted(times, time + 1e-9) - 1, 0, len(times) - 1))
    pressure, points = recording.series["pressure"][frame], recording.places.blocks["points"]
    side = head["index_side"]
    lines = []
    for vessel in head["vessels"]:
        if not vessel["present"] or vessel["leg"] != side or vessel["cell"] is None or vessel["kind"] == "lump":
            continue
        first, count = vessel["line"]
        share = pressure[vessel["cell"]] / head["quantities"]["pressure"]["range"][1]
        wide = max(0.8, 2 * vessel["radius"] * _SCALE)
        path = " ".join(f"{z:.0f},{y:.0f}" for z, y in _flat(points[first : first + count]))
        lines.append(f'<polyline points="{path}" stroke="{_colour(share)}" stroke-width="{wide:.1f}"/>')
    told = f"{label} at {clock(time)}"
    return (
        f'<figure><svg viewBox="0 0 120 {_HEIGHT}" role="img" aria-label="veins of the leg, {escape(told)}">'
        f'<polygon points="{_outline(recording)}" fill="#f3e3d8" stroke="#b98d76"/>'
        f'<g fill="none" stroke-linecap="round">{"".join(lines)}</g></svg>'
        f"<figcaption>{escape(told)}</figcaption></figure>"
    )


def _flat(points: np.ndarray) -> np.ndarray:
    """Points seen from the side, in the units of a picture."""
    return np.stack([45.0 + _SCALE * points[:, 2], _HEIGHT - 32.0 - _SCALE * points[:, 1]], axis=1)


def _outline(recording: Recording) -> str:
    """The skin's outline from the side."""
    vertices = recording.places.blocks["skin.left.vertices"]
    levels = np.linspace(vertices[:, 1].min(), vertices[:, 1].max(), _LEVELS)
    edges = [vertices[np.abs(vertices[:, 1] - level) < _NEAR] for level in levels]
    front = [one[one[:, 2].argmax()] for one in edges]
    back = [one[one[:, 2].argmin()] for one in edges]
    return " ".join(f"{z:.0f},{y:.0f}" for z, y in _flat(np.array([*front, *back[::-1]])))


def _colour(share: float) -> str:
    if not np.isfinite(share):
        return "#9aa0a6"
    at = float(np.clip(share, 0.0, 1.0)) * (len(STOPS) - 1)
    low = min(int(at), len(STOPS) - 2)
    one, two = (np.array([int(STOPS[low + k][n : n + 2], 16) for n in (1, 3, 5)]) for k in (0, 1))
    return "#" + "".join(f"{round(value):02x}" for value in one + (at - low) * (two - one))
