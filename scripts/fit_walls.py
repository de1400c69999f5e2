"""Fit the engine's wall law to the area-pressure curves of an earlier small model of this project.

That model gave each class of vein its lumen as a function of transmural pressure p (a = lumen over lumen at p = 0),

    p < 0:  a = (1 - p/Kc)^(-2/3)
    p > 0:  a = 1 + aA (1 - exp(-p/PA)) + aB (1 - exp(-p/PB)) + 0.0005 p,   slope at 0 equal from both sides,

whose constants had been fitted to published figures (see `prototype` in `figures/references.bib`). The engine's law
gives pressure as a function of lumen,

    p = K (1 - a^-1.5) + E (a - 1) + (C/k) (exp(k (a - 1)) - 1).

K is kept at Kc (it rules collapse); E, C and k are found by least squares of the logarithm of the lumen over 0 to
100 mmHg. Run it to see the constants that stand in `figures/walls.toml`:

    python scripts/fit_walls.py
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq, least_squares

EARLIER = {  # class: aA, aB, PB mmHg, Kc mmHg
    "muscle": (2.54, 3.37, 42.0, 0.48),
    "deep": (0.8, 1.6, 30.0, 1.5),
    "superficial": (0.6, 2.3, 30.0, 1.0),
    "trunk": (0.6, 1.2, 30.0, 1.5),
}


def earlier_lumen(pressure: np.ndarray, a_a: float, a_b: float, p_b: float, k_c: float) -> np.ndarray:
    """Lumen over unstressed lumen at a transmural pressure of 0 mmHg or more."""
    p_a = a_a / (2.0 / (3.0 * k_c) - a_b / p_b - 0.0005)
    return 1 + a_a * (1 - np.exp(-pressure / p_a)) + a_b * (1 - np.exp(-pressure / p_b)) + 0.0005 * pressure


def pressure_of(lumen: np.ndarray, k: float, e: float, c: float, steep: float) -> np.ndarray:
    """The engine's law, mmHg."""
    return k * (1 - lumen**-1.5) + e * (lumen - 1) + c / steep * np.expm1(steep * (lumen - 1))


def lumen_of(pressure: np.ndarray, *constants: float) -> np.ndarray:
    """The engine's law turned round."""
    return np.array([brentq(lambda a, p=p: pressure_of(a, *constants) - p, 1e-3, 50.0) for p in pressure])


def fit(name: str) -> tuple[float, float, float, float, float]:
    """K, E, C (mmHg), k (1) of one class and the largest relative departure of the lumen from the earlier curve."""
    constants = EARLIER[name]
    pressure = np.concatenate([np.linspace(0.5, 10, 20), np.linspace(12, 100, 45)])
    target = earlier_lumen(pressure, *constants)

    def unpack(x: np.ndarray) -> tuple[float, float, float, float]:
        return constants[3], np.exp(x[0]), np.exp(x[1]), np.exp(x[2])

    def miss(x: np.ndarray) -> np.ndarray:
        return np.log(lumen_of(pressure, *unpack(x)) / target)

    best = least_squares(miss, np.log([0.05, 1.0, 8.0 / (target[-1] - 1)]), bounds=(np.log(1e-3), np.log(50.0)))
    return *unpack(best.x), float(np.abs(np.expm1(best.fun)).max())


def main() -> None:
    """Print the constants of every class."""
    print(f"{'class':12} {'K':>8} {'E':>8} {'C':>8} {'k':>8}  largest departure, %")
    for name, constants in EARLIER.items():
        k, e, c, steep, worst = fit(name)
        print(f"{name:12} {k:8.4f} {e:8.4f} {c:8.4f} {steep:8.4f}  {100 * worst:.1f}")
        at = np.array([2.0, 6.0, 10.0, 20.0, 30.0, 40.0, 60.0, 75.0, 95.0])
        old, new = earlier_lumen(at, *constants), lumen_of(at, k, e, c, steep)
        print("   ", " ".join(f"{p:g}: {a:.2f}/{b:.2f}" for p, a, b in zip(at, old, new, strict=True)))


if __name__ == "__main__":
    main()
