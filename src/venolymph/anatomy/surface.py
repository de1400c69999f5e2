"""The skin of the reference leg as a table, and where in it a height, an angle and a depth lie.

    p = c(h) + (R(h, a) - D) (cos a e1 + sin a e2)

Sections are flat across the leg, and turn upright along the foot: e1 points to the side, e2 forward, in the foot
upward. D is the depth under the skin: d T for a depth d from 0 (skin) to 1 (fascia), T + (d - 1) (R - T) on to 2
(axis), with T the thickness of the subcutis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

MOST_SUBCUTIS = 0.45
"""Most of the distance from skin to axis that subcutis takes; toes and the margins of the foot are thin."""


@cache
def mesh_arrays() -> Mapping[str, np.ndarray]:
    """The arrays of `leg.npz`, lengths in cm, of a left leg whose own side is positive; not to be changed."""
    with resources.files("venolymph.anatomy").joinpath("leg.npz").open("rb") as file, np.load(file) as arrays:
        return {name: np.asarray(arrays[name], float if arrays[name].dtype.kind == "f" else int) for name in arrays}


@dataclass(frozen=True)
class LimbSurface:
    """The surface of a leg by height and angle.

    Attributes:
        levels: heights at which the subcutis is known, cm.
        thickness: of the subcutis there, cm.
    """

    levels: np.ndarray
    thickness: np.ndarray

    def radius(self, heights: np.ndarray, angles: np.ndarray) -> np.ndarray:
        """Distance from the axis to the skin, cm, at heights (cm) and angles (rad)."""
        table = mesh_arrays()
        radii = table["radii"]
        row = np.interp(heights, table["heights"], np.arange(len(radii)))
        column = np.mod(angles / (2.0 * np.pi), 1.0) * radii.shape[1]
        low, left = np.minimum(row.astype(int), len(radii) - 2), column.astype(int)
        up, along = row - low, column - left
        first, second = left % radii.shape[1], (left + 1) % radii.shape[1]
        below = radii[low, first] * (1.0 - along) + radii[low, second] * along
        above = radii[low + 1, first] * (1.0 - along) + radii[low + 1, second] * along
        return below * (1.0 - up) + above * up

    def subcutis(self, heights: np.ndarray, angles: np.ndarray) -> np.ndarray:
        """Thickness of the subcutis, cm."""
        return np.minimum(np.interp(heights, self.levels, self.thickness), MOST_SUBCUTIS * self.radius(heights, angles))

    def points(self, places: np.ndarray) -> np.ndarray:
        """Points of places, cm.

        Args:
            places: height (cm), angle (degrees) and depth (1) of each, shape (n, 3).

        Returns:
            Shape (n, 3): to the side of the leg, upward, forward.
        """
        heights, angles, depths = places[:, 0], np.deg2rad(places[:, 1]), places[:, 2]
        radius, layer = self.radius(heights, angles), self.subcutis(heights, angles)
        deep = layer + (depths - 1.0) * (radius - layer)
        far = radius - np.where(depths <= 1.0, depths * layer, deep)
        table = mesh_arrays()
        centre = np.stack([np.interp(heights, table["heights"], one) for one in table["centres"].T], axis=1)
        tilt = np.interp(heights, table["heights"], table["tilt"])
        forward = far * np.sin(angles)
        # beyond the table the limb goes on as it is
        centre[:, 1] += np.where(heights > table["heights"][-1], heights - table["heights"][-1], 0.0)
        return centre + np.stack([far * np.cos(angles), forward * np.sin(tilt), forward * np.cos(tilt)], axis=1)
