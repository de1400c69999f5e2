"""The inverse of the tube law, and bundles of fine vessels of a given volume and resistance.

Plain numbers, used once while a body is made; the engine's own wall is in `venolymph.network.wall`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

from venolymph.network.wall import ROUNDING


@dataclass(frozen=True)
class WallClass:
    """Constants of one class of wall (see `figures/walls.toml`).

    Attributes:
        collapse: K, mmHg.
        elastin: E, mmHg.
        collagen: C, mmHg.
        exponent: k, 1.
        tether: t, 1.
        relaxation_gain: share of distension that creep adds in the end, 1.
        relaxation_time: time constant of creep, s.
    """

    collapse: float
    elastin: float
    collagen: float
    exponent: float
    tether: float
    relaxation_gain: float
    relaxation_time: float

    def stiffened(self, factor: float) -> WallClass:
        """The same wall with a distension `factor` times as stiff; collapse is left as it is."""
        return replace(self, elastin=self.elastin * factor, collagen=self.collagen * factor)

    def shortened(self, factor: float) -> WallClass:
        """The same wall that stretches 1 / `factor` as far under any pressure, but for its bending."""
        return replace(self.stiffened(factor), exponent=self.exponent * factor)

    def pressure(self, lumen: float) -> float:
        """Transmural pressure (mmHg) at a lumen given as a multiple of the unstressed one, before creep."""
        stretch = lumen - 1.0
        above = max(stretch - ROUNDING, 0.0) + 0.5 * min(max(stretch, 0.0), ROUNDING) ** 2 / ROUNDING
        pulled = self.tether * stretch + (1.0 - self.tether) * above
        branch = self.collagen / self.exponent * math.expm1(self.exponent * pulled)
        return self.collapse * (1.0 - lumen**-1.5) + self.elastin * pulled + branch

    def lumen(self, pressure: float, *, crept: bool = False) -> float:
        """Lumen as a multiple of the unstressed one at a transmural pressure (mmHg).

        Args:
            pressure: transmural pressure, mmHg.
            crept: with creep complete.
        """
        lumen = _elastic_lumen(self, pressure)
        return lumen + self.relaxation_gain * max(0.0, lumen - 1.0) if crept else lumen


@lru_cache(maxsize=4096)
def _elastic_lumen(wall: WallClass, pressure: float) -> float:
    """Lumen before creep; remembered, since a leg has few classes of wall and asks for each at few pressures."""
    low, high = 1e-3, 2.0
    while wall.pressure(high) < pressure:
        high *= 1.5
    for _ in range(80):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if wall.pressure(middle) < pressure else (low, middle)
    return 0.5 * (low + high)


@dataclass(frozen=True)
class Bundle:
    """A bundle of equal vessels.

    Attributes:
        vessels: how many side by side.
        unstressed_area: lumen of one at zero transmural pressure, cm2.
    """

    vessels: float
    unstressed_area: float


def bundle(wall: WallClass, *, volume: float, resistance: float, pressure: float, length: float, drag: float) -> Bundle:
    """The bundle that holds `volume` and has `resistance` from end to end at a transmural `pressure`, before creep.

    With vessels of length l and lumen A, n l A = V and drag l / (n A^2) = R have one solution.

    Args:
        wall: its wall.
        volume: mL.
        resistance: mmHg s/mL.
        pressure: mmHg.
        length: of each vessel, cm.
        drag: friction times pi times viscosity, mmHg s.
    """
    stretch = wall.lumen(pressure)
    area = drag * length**2 / (volume * resistance)
    return Bundle(vessels=volume / (length * area), unstressed_area=area / stretch)
