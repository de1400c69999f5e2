"""The course of each vessel through the reference leg, from the places that `lines.toml` names.

Coordinates are those of a left leg, in cm: to its side, upward from the malleolus, forward.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from venolymph.anatomy.surface import LimbSurface
from venolymph.errors import NetworkError

FINE = 24
"""Points between two places of a course."""


@cache
def drawn() -> dict[str, Any]:
    """What `lines.toml` says, as read; not to be changed by the caller."""
    return tomllib.loads(resources.files("venolymph.anatomy").joinpath("lines.toml").read_text("utf-8"))


@dataclass(frozen=True)
class VesselCourse:
    """A vessel's course.

    Attributes:
        points: along it, from distal to proximal, cm, shape (n, 3).
        places: height (cm), angle (degrees) and depth (1) of each; beyond the leg angle and depth are not numbers.
    """

    points: np.ndarray
    places: np.ndarray

    def at(self, height: float) -> tuple[np.ndarray, np.ndarray]:
        """Point and place at a height of a course that rises; that of the nearer end beyond it."""
        share = np.interp(height, self.places[:, 0], np.arange(len(self.points)))
        return _between(self.points, share), _between(self.places, share)

    def part(self, low: float, high: float) -> np.ndarray:
        """Points from one height to another, evenly along the course; infinite for an end of it."""
        number = np.arange(len(self.points), dtype=float)
        first, last = (np.interp(height, self.places[:, 0], number) for height in (low, high))
        if not np.isfinite(low):
            first = 0.0
        if not np.isfinite(high):
            last = number[-1]
        inner = number[(number > first) & (number < last)]
        points = np.array([_between(self.points, share) for share in (first, *inner, last)])
        along = np.r_[0.0, np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))]
        even = np.linspace(0.0, along[-1], max(9, int(2.0 * along[-1])))
        return np.stack([np.interp(even, along, one) for one in points.T], axis=1)


def _between(rows: np.ndarray, share: float) -> np.ndarray:
    low = min(int(share), max(0, len(rows) - 2))
    high = min(low + 1, len(rows) - 1)
    return rows[low] + (share - low) * (rows[high] - rows[low])


class Courses:
    """The courses of a leg by name, each worked out when it is asked for.

    Args:
        surface: of the leg.
        ends: heights of the lower and the upper end of each vein in the network, cm.
        sign: 1 for a left leg, -1 for a right one: what has a distance to the left of the body is turned with it.
    """

    def __init__(self, surface: LimbSurface, ends: Mapping[str, tuple[float, float]], sign: int) -> None:
        self.surface, self.ends, self.sign = surface, ends, sign
        self._found: dict[tuple[str, str], VesselCourse] = {}

    def of(self, kind: str, name: str) -> VesselCourse:
        """The course of one of the `veins`, or of a chain (`lymph`) or of the middle of one of the `nodes`."""
        if (kind, name) not in self._found:
            if name not in drawn()[kind]:
                raise NetworkError(f"lines.toml has no course for {name!r} among {kind}")
            self._found[kind, name] = self._course(kind, name)
        return self._found[kind, name]

    def _course(self, kind: str, name: str) -> VesselCourse:
        said = drawn()[kind][name]
        own = [np.array(place, float) for place in said.get("points", said.get("trunk", []))]
        in_leg = "points" in said
        if not in_leg:  # distance to the side, height, distance forward
            own = [place[[1, 0, 2]] * [self.sign if said.get("absolute") else 1, 1, 1] for place in own]
        for end, key in enumerate(("begins_on", "ends_on")):
            if key in said:
                point, place = self._met(kind, name, said[key], end)
                own.insert(len(own) * end, place if in_leg else point)
        places = np.array(own)
        if in_leg:
            places[:, 1] = np.rad2deg(np.unwrap(np.deg2rad(places[:, 1])))
        fine = smooth(places, self.surface.points(places) if in_leg else places)
        if in_leg:
            return VesselCourse(self.surface.points(fine), fine)
        beyond = np.stack([fine[:, 1], *np.full((2, len(fine)), np.nan)], axis=1)
        return VesselCourse(fine, beyond)

    def _met(self, kind: str, name: str, said: Any, end: int) -> tuple[np.ndarray, np.ndarray]:
        """Point and place where a vessel begins (`end` 0) or ends (1) on another."""
        if kind == "lymph":
            return self.of("nodes", said).at(0.0)
        if isinstance(said, str):
            return self.of(kind, said).at(self.ends[name][end])
        return self.of(kind, said["vein"]).at(said["height"])


def smooth(places: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Rows between rows, by a cubic that goes through each and does not overshoot between them.

    Args:
        places: the rows.
        points: where they lie, cm: the distances between them are steps of the curve's parameter.
    """
    if len(places) < 3:
        if len(places) < 2:
            return places
        return places[0] + np.linspace(0.0, 1.0, FINE)[:, None] * (places[1] - places[0])
    step = np.linalg.norm(np.diff(points, axis=0), axis=1)
    slope = np.diff(places, axis=0) / step[:, None]
    before, after = slope[:-1], slope[1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(before * after > 0.0, 2.0 * before * after / (before + after), 0.0)
    tangent = np.vstack([slope[:1], mean, slope[-1:]])
    t = np.linspace(0.0, 1.0, FINE, endpoint=False)[:, None]
    parts = [
        (1 + 2 * t) * (1 - t) ** 2 * places[i]
        + t * (1 - t) ** 2 * tangent[i] * step[i]
        + t**2 * (3 - 2 * t) * places[i + 1]
        + t**2 * (t - 1) * tangent[i + 1] * step[i]
        for i in range(len(step))
    ]
    return np.vstack([*parts, places[-1:]])
