"""Fit the wall law of each class of vein to measurements of veins themselves.

The law gives transmural pressure from the lumen over the unstressed one, a = A / A0:

    p = K (1 - a^-1.5) + E x + (C / k) (exp(k x) - 1)      (see `network/wall.py`)

Measured veins distend nearly in a straight line over what standing brings, and stiffen above (`ROWS`, each with its
source). K, which rules collapse, k, which rules where collagen takes over, and the tether are not told by these (K of
the veins in muscle is the bending of a free wall, 2/9 (E + C) (h / r)^2, at a thickness h of a tenth of the radius r);
E and C are found by least squares of the rows, each in its own standard deviations, with a weak prior on C. Where two
rows of one class cannot both be met the table shows by how much.

    python scripts/fit_walls.py            # prints constants and rows
    python scripts/fit_walls.py --write    # and writes figures/walls.toml
"""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares

from venolymph import figures
from venolymph.body.vessels import WallClass

FILE = Path(figures.__file__).parent / "walls.toml"
ASSUMED = {  # class: K mmHg, k 1, tether 1
    "muscle": (0.05, 0.9, 0.0),
    "deep": (0.7, 1.0, 1.0),
    "thigh": (1.2, 0.6, 1.0),
    "superficial": (2.0, 1.0, 1.0),
    "neck": (0.2, 0.3, 0.0),
}
SOFT = 0.5
"""Stiffness of a varicose wall over that of a healthy superficial one, 1 (assumed)."""
PRIOR = 4.0
"""Collagen's stiffness before any row is seen, mmHg; its logarithm has a standard deviation of 1."""


def compliance(wall: WallClass, pressure: float) -> float:
    """Change of lumen for each mmHg, over the unstressed one, 1/mmHg."""
    return wall.lumen(pressure + 0.5) - wall.lumen(pressure - 0.5)


Piece = tuple[tuple[float, float], tuple[float, float]]
"""Two pressures, mmHg, and the lumens over the unstressed one there."""


@dataclass(frozen=True)
class Row:
    """A measurement of a class of vein between two transmural pressures (mmHg).

    Attributes:
        low, high: the pressures.
        value, sd: what was measured, and its standard deviation.
        source: key of figures/references.bib.
    """

    low: float
    high: float
    value: float
    sd: float
    source: str

    @property
    def text(self) -> str:
        """What was measured, and its unit."""
        raise NotImplementedError

    def read(self, wall: WallClass) -> float:
        """The same of a wall."""
        raise NotImplementedError

    def piece(self, wall: WallClass, value: float) -> Piece:
        """The piece of a curve that a value stands for, begun where the wall is at the lower pressure."""
        raise NotImplementedError


class MeanSlope(Row):
    """Mean change of lumen over that at the lower pressure, % for each mmHg."""

    @property
    def text(self) -> str:
        return f"mean slope from {self.low:g} to {self.high:g} mmHg, %/mmHg"

    def read(self, wall: WallClass) -> float:
        return 100.0 * (wall.lumen(self.high) / wall.lumen(self.low) - 1.0) / (self.high - self.low)

    def piece(self, wall: WallClass, value: float) -> Piece:
        lumen = wall.lumen(self.low)
        return (self.low, self.high), (lumen, lumen * (1.0 + 0.01 * value * (self.high - self.low)))


class SlopeAt(Row):
    """Relative change of lumen half-way between the pressures, % for each mmHg."""

    @property
    def text(self) -> str:
        return f"slope at {0.5 * (self.low + self.high):g} mmHg, %/mmHg"

    def read(self, wall: WallClass) -> float:
        middle = 0.5 * (self.low + self.high)
        return 100.0 * compliance(wall, middle) / wall.lumen(middle)

    def piece(self, wall: WallClass, value: float) -> Piece:
        lumen, half = wall.lumen(0.5 * (self.low + self.high)), 0.005 * value * (self.high - self.low)
        return (self.low, self.high), (lumen * (1.0 - half), lumen * (1.0 + half))


class DiameterChange(Row):
    """Change of diameter from lying to standing over that standing, %."""

    @property
    def text(self) -> str:
        return f"diameter, lying to standing ({self.low:g} to {self.high:g} mmHg), %"

    def read(self, wall: WallClass) -> float:
        return 100.0 * (1.0 - math.sqrt(wall.lumen(self.low) / wall.lumen(self.high)))

    def piece(self, wall: WallClass, value: float) -> Piece:
        lumen = wall.lumen(self.low)
        return (self.low, self.high), (lumen, lumen / (1.0 - 0.01 * value) ** 2)


class ComplianceRatio(Row):
    """Compliance at the higher pressure over that at the lower one, 1."""

    @property
    def text(self) -> str:
        return f"compliance at {self.high:g} over that at {self.low:g} mmHg, 1"

    def read(self, wall: WallClass) -> float:
        return compliance(wall, self.high) / compliance(wall, self.low)

    def piece(self, wall: WallClass, value: float) -> Piece:
        lumen, half = wall.lumen(self.high), 8.0
        change = half * value * compliance(wall, self.low)
        return (self.high - half, self.high + half), (lumen - change, lumen + change)


ROWS: Mapping[str, tuple[Row, ...]] = {
    "superficial": (
        # the abstract does not say which lumen "relative" refers to, hence a third of the value as its sd
        MeanSlope(8.0, 70.0, 1.18, 0.4, "vasa2006"),
        DiameterChange(8.0, 39.0, 24.0, 5.0, "postural_diameter"),
    ),
    "deep": (MeanSlope(8.0, 70.0, 1.47, 0.5, "vasa2006"),),
    "thigh": (
        MeanSlope(8.0, 40.0, 3.12, 1.0, "vasa2006"),
        ComplianceRatio(3.0, 25.0, 0.5, 0.15, "farquhar2008"),
    ),
    "muscle": (
        SlopeAt(53.0, 73.0, 1.1, 0.4, "jeanneret2005"),
        # no vein in muscle was measured at lower pressures: that of the femoral vein
        MeanSlope(8.0, 40.0, 3.1, 1.0, "vasa2006"),
    ),
    "neck": (
        # Under a quarter of gravity the vein stands 17 cm, there 3.3 mmHg, above an atrium at 4 mmHg; the sd is the
        # standard error of 103 over 68 mm2
        MeanSlope(0.7, 7.0, 8.2, 6.0, "partial_gravity"),
        # 30 degrees head down its middle lies 9 cm below the atrium, so 7 mmHg more
        MeanSlope(7.0, 14.0, 19.9, 13.6, "jugular_head_down"),
    ),
}


def fit(name: str) -> WallClass:
    """The wall of a class, without creep."""
    collapse, exponent, tether = ASSUMED[name]

    def wall(x: np.ndarray) -> WallClass:
        return WallClass(
            collapse, math.exp(x[0]), math.exp(x[1]), exponent, tether, relaxation_gain=0.0, relaxation_time=1.0
        )

    def miss(x: np.ndarray) -> np.ndarray:
        rows = [(row.read(wall(x)) - row.value) / row.sd for row in ROWS[name]]
        return np.array([*rows, x[1] - math.log(PRIOR)])

    return wall(least_squares(miss, [math.log(30.0), math.log(PRIOR)]).x)


def written(text: str, name: str, wall: WallClass) -> str:
    """The text of the file of figures with the constants of one class as fitted; all else stays as it is."""
    constants = {
        "collapse_stiffness": wall.collapse,
        "elastin_stiffness": wall.elastin,
        "collagen_stiffness": wall.collagen,
        "collagen_exponent": wall.exponent,
        "tether": wall.tether,
    }
    for field, value in constants.items():
        table = re.escape(f"[{name}.{field}]")
        text, found = re.subn(rf"^({table}\nvalue = ).*$", rf"\g<1>{value:.4g}", text, flags=re.MULTILINE)
        if not found:
            raise SystemExit(f"there is no table [{name}.{field}]")
    return re.sub(r"^value = (\d+)$", r"value = \1.0", text, flags=re.MULTILINE)


def main() -> None:
    """Fit, print, and write where asked."""
    parser = argparse.ArgumentParser(description="Fit the wall law of each class of vein to measurements of veins.")
    parser.add_argument("--write", action="store_true", help="write the figures")
    given = parser.parse_args()
    text = FILE.read_text("utf-8")
    for name, rows in ROWS.items():
        wall = fit(name)
        print(f"{name}: K {wall.collapse:.3g}, E {wall.elastin:.3g}, C {wall.collagen:.3g} mmHg, k {wall.exponent:.3g}")
        for row in rows:
            print(f"    {row.text:45} {row.read(wall):6.2f}  measured {row.value:g} +/- {row.sd:g} ({row.source})")
        lumens = ", ".join(f"{wall.lumen(p):.2f} at {p:g}" for p in (6.0, 20.0, 40.0, 75.0))
        print(f"    lumen over the unstressed one: {lumens} mmHg")
        text = written(text, name, wall)
    soft = fit("superficial")
    text = written(text, "varicose", replace(soft, elastin=SOFT * soft.elastin, collagen=SOFT * soft.collagen))
    if given.write:
        figures.parse(text, FILE.stem)
        FILE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
