"""Fit three numbers of oxygen in skin to what was measured of its uptake from air.

What tissue uses, how oxygen is conducted and how readily capillaries give are found from three readings of the forearm
(Stuecker and others 2002, J Physiol 538:985): the uptake, its rise without blood flow, and the depth that air supplies.
Each has a wide prior. Three readings tell three numbers badly: another set would meet them too.

    python scripts/fit_skin_oxygen.py            # prints
    python scripts/fit_skin_oxygen.py --write    # and writes figures/skin.toml
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares

from venolymph import figures
from venolymph.skin import numbers, oxygen_profile

FILE = Path(figures.__file__).parent / "skin.toml"
READINGS = np.array([0.53, 9.5, 0.33])
"""Uptake, mL/min to the square metre; its rise without flow, %; depth supplied by air, mm."""
ERRORS = np.array([0.06, 1.4, 0.04])
"""Standard errors of the mean of 20 people; half of the range of the depth."""
PRIORS = {"use": (0.0015, 0.25), "conductivity": (2.4e-10, 0.7), "give": (3.0e-6, 0.7)}
"""Value in the unit of the figure, and the standard deviation of its logarithm."""


def read(values: np.ndarray) -> np.ndarray:
    """The three readings of the model, values by `PRIORS` in the units of the figures."""
    known = {**numbers()}
    for name, value in zip(PRIORS, values, strict=True):
        known[f"oxygen.{name}"] = value * figures.factor(figures.load()[f"skin.oxygen.{name}"].unit)
    rest, without = oxygen_profile(known=known, cells=120), oxygen_profile(known=known, flow=0.0, cells=120)
    return np.array([rest.uptake, 100.0 * (without.uptake / rest.uptake - 1.0), rest.supplied_by_air])


def main() -> None:
    """Fit, print, and write where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="write the figures")
    given = parser.parse_args()
    middle, spread = np.log([one for one, _ in PRIORS.values()]), np.array([one for _, one in PRIORS.values()])

    def residuals(unknown: np.ndarray) -> np.ndarray:
        return np.r_[(read(np.exp(unknown)) - READINGS) / ERRORS, (unknown - middle) / spread]

    found = np.exp(least_squares(residuals, middle, diff_step=1e-4).x)
    print("readings", np.round(read(found), 3), "measured", READINGS)
    text = FILE.read_text("utf-8")
    for name, value in zip(PRIORS, found, strict=True):
        print(f"{name:14} {value:.3g}  before {PRIORS[name][0]:g}")
        text, count = re.subn(rf"(\[oxygen\]\n(?:[^\[\n].*\n)*?{name} = \{{value = )[^,]+", rf"\g<1>{value:.3g}", text)
        if count != 1:
            raise SystemExit(f"{name} was found {count} times in {FILE.name}")
    if given.write:
        figures.parse(text, FILE.stem)
        FILE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
