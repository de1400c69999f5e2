"""Gains and times of growing walls from the figures, and what holds each vein straight; by person of a cohort."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from venolymph.body import Body
from venolymph.figures import load
from venolymph.wall.buckling import AxialHold, held_straight
from venolymph.wall.law import Growth
from venolymph.wall.life import YEAR
from venolymph.wall.state import WallPlaces

DAY = 86400.0


def value(name: str) -> float:
    """A figure of the wall in internal units, by the rest of its key."""
    return load()[f"wall_life.{name}"].internal


def growth_of(body: Body, places: WallPlaces, members: int) -> Growth:
    """Gains and times for the places of a leg, for so many members."""
    kinds = [body.segments[name].kind if name in body.segments else "perforator" for name in places.segments]
    thin = np.array(
        [kind == "tributary" or name.startswith("tributar") for kind, name in zip(kinds, places.segments, strict=True)]
    )
    gains = np.where(thin, value("radius.gain_tension.tributary"), value("radius.gain_tension.trunk"))

    def one(number: float) -> jnp.ndarray:
        return jnp.full((1, 1), number)

    return Growth(
        time=one(value("radius.time") / DAY),
        gain_shear=one(value("radius.gain_shear")),
        shear_floor=one(value("radius.shear_floor")),
        gain_tension=jnp.asarray(np.repeat(gains[:, None], members, axis=1)),
        muscle=one(value("radius.muscle")),
        softness_shear=one(value("radius.softness_shear")),
        softness_damage=one(value("radius.softness_damage")),
        gain_mass=jnp.full((1, members), value("mass.gain")),
        mass_time=one(value("mass.time") / DAY),
        damage_threshold=one(value("damage.threshold")),
        damage_floor=one(value("damage.floor")),
        damage_time=one(value("damage.time") * YEAR),
        gain_length=one(value("length.gain")),
        length_time=one(value("length.time") / DAY),
        leak_time=one(value("valve.leak_time") * YEAR),
    )


def hold_of(places: WallPlaces, radius: np.ndarray) -> tuple[AxialHold, np.ndarray]:
    """What holds the veins of a leg straight, and the wave length in which each would bend, cm, shape (cells, 1).

    Args:
        places: which veins.
        radius: of each cell's lumen standing, cm, shape (cells,).
    """
    fat, yielded = value("buckling.bed.fat"), value("buckling.bed.yielded")
    held, waves = [], []
    for wide, free in zip(radius, places.free, strict=False):
        thickness, modulus = value("buckling.thickness") * float(wide), value("buckling.modulus")
        fascia = value("buckling.bed.fascia")
        held.append(held_straight(float(wide), thickness, modulus, fat * yielded if free else fascia)[0])
        # the wave sets in before the bed has yielded
        waves.append(held_straight(float(wide), thickness, modulus, fat if free else fascia)[1])
    hold = AxialHold(
        tension=jnp.full((1, 1), value("buckling.tension")),
        steepness=jnp.full((1, 1), value("buckling.steepness")),
        stretch=jnp.full((1, 1), value("buckling.stretch")),
        held=jnp.asarray(held)[:, None],
    )
    return hold, np.array(waves)[:, None]
