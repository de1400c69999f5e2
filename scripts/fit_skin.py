"""Fit the few numbers of skin that a population shares to the colour of faces from very light to very dark.

Seven numbers are found at once for all five medians (`skin/facial_medians.csv`), with the melanin of each of the five
free beside them. Each has a prior, wide, near what was measured of it: a cost for its distance, so that the fit goes
away from it only as far as colours ask. Fifteen readings and seven priors meet twelve unknowns. What comes out is one
set for a population, not a measurement of any of the seven.

    python scripts/fit_skin.py            # prints numbers and colours
    python scripts/fit_skin.py --write    # and writes figures/skin.toml
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares

from venolymph import figures
from venolymph.skin.chromophores import Numbers, numbers, table
from venolymph.skin.colour import difference, lab, typology_angle, xyz
from venolymph.skin.layers import FaceSkin
from venolymph.skin.reflectance import reflectance

FILE = Path(figures.__file__).parent / "skin.toml"
PRIORS = {  # key: value before any colour is seen, standard deviation of its logarithm
    "melanin.exponent": (3.33, 0.12),
    "bloodless.absorption": (0.5, 1.0),
    "yellow.absorption": (1.0, 1.0),
    "blood.factor": (1.0, 0.5),
    "epidermis.scattering": (66.7, 0.3),
    "dermis.scattering": (43.6, 0.3),
    "plexus.oxygenation": (0.6, 0.08),
}
ERROR = 0.5
"""Standard deviation of a colour in units of CIELAB: how closely the medians are met."""
START = (0.02, 0.04, 0.08, 0.15, 0.27)


def skins(melanin: np.ndarray, known: Numbers) -> np.ndarray:
    """CIELAB of skin of the cheek, shape (3, n)."""
    return np.asarray(lab(xyz(reflectance(FaceSkin(melanin=melanin, oxygenation=known["plexus.oxygenation"]), known))))


def with_values(values: np.ndarray) -> Numbers:
    """The packaged numbers with those of `PRIORS` replaced."""
    return {**numbers(), **dict(zip(PRIORS, np.exp(values), strict=True))}


def fit() -> tuple[Mapping[str, float], np.ndarray]:
    """The numbers by key, and the melanin of each median."""
    measured = table("facial_medians.csv")[:, 1:].T
    middle = np.log([value for value, _ in PRIORS.values()])
    spread = np.array([spread for _, spread in PRIORS.values()])

    def residuals(unknown: np.ndarray) -> np.ndarray:
        values, melanin = unknown[: len(PRIORS)], np.exp(unknown[len(PRIORS) :])
        colours = skins(melanin, with_values(values))
        return np.r_[((colours - measured) / ERROR).ravel(), (values - middle) / spread]

    found = least_squares(residuals, np.r_[middle, np.log(START)], x_scale="jac").x
    return dict(zip(PRIORS, np.exp(found[: len(PRIORS)]), strict=True)), np.exp(found[len(PRIORS) :])


def written(text: str, key: str, value: float) -> str:
    """The file with another value of one figure."""
    subject, name = key.split(".")
    new, count = re.subn(rf"(\[{subject}\]\n(?:[^\[\n].*\n)*?{name} = \{{value = )[^,]+", rf"\g<1>{value:.4g}", text)
    if count != 1:
        raise SystemExit(f"{key} was found {count} times in {FILE.name}")
    return new


def main() -> None:
    """Fit, print, and write where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="write the figures")
    given = parser.parse_args()
    found, melanin = fit()
    for key, value in found.items():
        before, spread = PRIORS[key]
        moved = np.log(value / before) / spread
        print(f"{key:22} {value:8.4g}  before {before:g}, {moved:+.1f} standard deviations of its prior")
    rows = table("facial_medians.csv")
    colours = skins(melanin, {**numbers(), **found})
    apart = np.asarray(difference(colours, rows[:, 1:].T))
    for row, share, colour, distance in zip(rows, melanin, colours.T, apart, strict=True):
        angle = float(typology_angle(colour))
        shown = f"{np.round(colour, 1)} ({angle:.0f}), melanin {share:.3f}, dE* {distance:.2f}"
        print(f"angle {row[0]:4.0f}: {row[1:]}, model {shown}")
    if given.write:
        text = FILE.read_text("utf-8")
        for key, value in found.items():
            text = written(text, key, value)
        figures.parse(text, FILE.stem)
        FILE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
