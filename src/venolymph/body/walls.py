"""The wall of each class of vein from the figures, and what a person's age and a pregnancy make of it."""

from __future__ import annotations

import math
from collections.abc import Callable

from venolymph.body.pregnancy import wall_compliance
from venolymph.body.vessels import WallClass

FIELDS = (
    "collapse_stiffness",
    "elastin_stiffness",
    "collagen_stiffness",
    "collagen_exponent",
    "tether",
    "relaxation_gain",
    "relaxation_time",
)
AGELESS = "varicose"
"""Class of wall that age does not change: its figures are those of patients, as old as these are."""


def young_wall(name: str, value: Callable[[str], float]) -> WallClass:
    """A class of wall as it was measured, in the young.

    Args:
        name: of the class, as in `figures/walls.toml`.
        value: a figure in internal units by its key.
    """
    return WallClass(*(value(f"walls.{name}.{field}") for field in FIELDS))


def aged_wall(name: str, young: WallClass, age: float, value: Callable[[str], float]) -> WallClass:
    """The same wall at an age, years."""
    if name == AGELESS:
        return young
    return young.shortened(math.exp(value("walls.age.stiffening") * (age - value("walls.age.measured_at"))))


def widened(young: WallClass, aged: WallClass, value: Callable[[str], float]) -> float:
    """Unstressed lumen of an aged vein over that of a young one, 1: both are as wide lying."""
    lying = value("walls.age.unchanged_at")
    return young.lumen(lying) / aged.lumen(lying)


def pregnant_wall(wall: WallClass, weeks: float, value: Callable[[str], float]) -> WallClass:
    """The same wall in a week of pregnancy; it stretches further, so that the vein is wider at any pressure."""
    return wall.shortened(1.0 / wall_compliance(weeks, value)) if weeks else wall


def age_figures(name: str) -> tuple[str, ...]:
    """Keys of the figures by which age changes a class of wall."""
    return () if name == AGELESS else ("walls.age.stiffening", "walls.age.measured_at", "walls.age.unchanged_at")
