"""The wall of a vein: pressure from volume, with collapse, elastin, recruited collagen and creep.

With the stretch of the lumen `a = V / (V0 c)` (V0 the unstressed volume, c the calibre factor of tone and
temperature) and creep `s`, the elastic stretch is `a_e = a / (1 + s)` and the transmural pressure

    p = K (1 - a_e^(-3/2)) + E x + (C / k) (exp(k x) - 1)      x = t (a_e - 1) + (1 - t) r(a_e - 1)

K: bending of the collapsing wall (Shapiro 1977, exponent -3/2); E: elastin; C and k: collagen that is recruited
with stretch (the exponential of Fung). Fibres pull and do not push: r is the part of a stretch that is above none, so
that a free wall (tether t = 0, a thin vein within a muscle) is held open by bending alone once it is
emptied. A wall that is bound to a sheath (t = 1, an axial vein) distends and narrows along one line, as was measured
through negative and positive pressures (Vasa 2006;35:59). Fibres of a round wall bear the whole stretch, so r
sets in over `ROUNDING`. The textbook distension exponent of 10 is left out on purpose: it gives 6 to
8 % change of saphenous diameter on standing where 24 % is measured.

The viscosity of a wall resists stretching with `tau_v p'(a_e) da/dt` (Kelvin and Voigt, the elastic slope as
scale, so that the loss tangent is `tau_v omega` in every state). It damps waves in a vein.

Creep is the slow arm of a standard linear solid (van Heusden 2006): `tau ds/dt = beta max(0, 1 - 1/a_e) - s`, so
that at rest the lumen is `a_e + beta (a_e - 1)`. Put into a stage's `s - h ds/dt = rhs` this leaves an elastic
stretch that is linear in the lumen's on either side of 1.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from venolymph.network.law import Law
from venolymph.network.parameters import Cells

ROUNDING = 0.1
"""Stretch over which a free wall becomes round and begins to pull, 1 (assumed)."""


class Strained(eqx.Module):
    """A wall at an elastic stretch: terms of its pressure and slopes.

    Attributes:
        excess: elastic stretch less 1, 1.
        inverse: of the elastic stretch, 1.
        bent: part of the pressure that bending takes, mmHg.
        share: slope of the fibres' stretch x against the elastic stretch, 1.
        growth: of collagen's slope since the elastic stretch was 1, 1.
    """

    excess: Float[Array, "cells batch"]
    inverse: Float[Array, "cells batch"]
    bent: Float[Array, "cells batch"]
    share: Float[Array, "cells batch"]
    growth: Float[Array, "cells batch"]


class Wall(eqx.Module):
    """A wall at the end of a stage.

    Attributes:
        pressure: transmural, mmHg.
        creep: solution of its implicit equation, 1.
        strained: its elastic part.
        yielding: slope of the elastic stretch against the lumen's, 1.
        moved: change of the lumen's stretch over the stage, 1.
    """

    pressure: Float[Array, "cells batch"]
    creep: Float[Array, "cells batch"]
    strained: Strained
    yielding: Float[Array, "cells batch"]
    moved: Float[Array, "cells batch"]


def transmural_pressure(
    cells: Cells, stretch: Float[Array, "cells batch"], creep: Float[Array, "cells batch"]
) -> Float[Array, "cells batch"]:
    """Pressure inside less outside, mmHg, from stretch of the lumen `a` (1) and creep `s` (1)."""
    return _elastic(cells, _strained(cells, stretch / (1.0 + creep) - 1.0))


def _pulled(cells: Cells, excess: Array) -> tuple[Array, Array]:
    """Stretch x of the fibres, and its slope against the elastic stretch."""
    free = 1.0 - cells.tether
    rounding = jnp.clip(excess, 0.0, ROUNDING)
    loose = jnp.minimum(excess, 0.0) + rounding - (0.5 / ROUNDING) * rounding * rounding
    return excess - free * loose, 1.0 - free + (free / ROUNDING) * rounding


def _strained(cells: Cells, excess: Array) -> Strained:
    inverse = 1.0 / (1.0 + excess)
    bent = cells.collapse_stiffness * inverse * jnp.sqrt(inverse)
    stretch, share = _pulled(cells, excess)
    return Strained(excess, inverse, bent, share, jnp.exp(cells.collagen_exponent * stretch))


def _elastic(cells: Cells, at: Strained) -> Array:
    """Pressure, mmHg."""
    collagen = (cells.collagen_stiffness / cells.collagen_exponent) * (at.growth - 1.0)
    return cells.collapse_stiffness - at.bent + cells.elastin_stiffness * _pulled(cells, at.excess)[0] + collagen


def _slopes(cells: Cells, at: Strained) -> tuple[Array, Array]:
    """First and second slope of the pressure against the elastic stretch."""
    bending, collagen = 1.5 * at.bent * at.inverse, cells.collagen_stiffness * at.growth
    stiffness = cells.elastin_stiffness + collagen
    rounding = (at.excess > 0.0) & (at.excess < ROUNDING)
    onset = jnp.where(rounding, (1.0 - cells.tether) / ROUNDING, 0.0)
    stiffening = cells.collagen_exponent * collagen * at.share * at.share + stiffness * onset
    return bending + stiffness * at.share, stiffening - 2.5 * bending * at.inverse


def implicit_wall(
    cells: Cells,
    stretch: Float[Array, "cells batch"],
    before: Float[Array, "cells batch"],
    rhs: Float[Array, "cells batch"],
    h: Float[Array, ""],
) -> Wall:
    """The wall at the end of a stage.

    Args:
        cells: parameters.
        stretch: of the lumen `a`, 1.
        before: right side of the equation of stretch, `a - h da/dt = before`, 1.
        rhs: right side of the equation of creep, `s - h ds/dt(s, a) = rhs`, 1.
        h: implicit share of the step, s.
    """
    slow = h / cells.relaxation_time
    held = 1.0 + rhs / (1.0 + slow)
    stiff = (1.0 + slow) / (1.0 + rhs + slow * (1.0 + cells.relaxation_gain))
    pulled = stretch > held
    yielding = jnp.where(pulled, stiff, 1.0 / held)
    strained = _strained(cells, yielding * (stretch - held))
    creep = jnp.where(pulled, stretch * strained.inverse, held) - 1.0
    slope, _ = _slopes(cells, strained)
    moved = stretch - before
    return Wall(_elastic(cells, strained) + (cells.viscous_time / h) * slope * moved, creep, strained, yielding, moved)


def slope_of(cells: Cells, wall: Wall, h: Float[Array, ""]) -> Float[Array, "cells batch"]:
    """Slope of a wall's pressure against the stretch of the lumen, mmHg."""
    slope, bend = _slopes(cells, wall.strained)
    lag = cells.viscous_time / h
    return (slope + lag * bend * wall.moved) * wall.yielding + lag * slope


def stretch_at(
    cells: Cells, pressure: Float[Array, "cells batch"], iterations: int = 60
) -> Float[Array, "cells batch"]:
    """Stretch of the lumen at rest (creep complete) under a transmural pressure in mmHg, by bisection.

    The range is 1e-3 to 20, wider than that of any vein; used for initial states and for building bodies.
    """
    none = jnp.zeros_like(pressure)

    def halve(_: Array, bounds: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = bounds
        middle = 0.5 * (low + high)
        above = transmural_pressure(cells, middle, none) > pressure
        return jnp.where(above, low, middle), jnp.where(above, middle, high)

    low, high = lax.fori_loop(0, iterations, halve, (none + 1e-3, none + 20.0))
    found = lax.stop_gradient(0.5 * (low + high))
    # Bisection has no derivative; a Newton step from its end has that of the solution.
    there = _strained(cells, found - 1.0)
    elastic = found - (_elastic(cells, there) - pressure) / _slopes(cells, there)[0]
    return elastic + cells.relaxation_gain * jnp.maximum(0.0, elastic - 1.0)


def _pressure_at(
    cells: Cells, stretch: Float[Array, "one batch"]
) -> tuple[Float[Array, "cells batch"], Float[Array, "cells batch"]]:
    """Transmural pressure before creep, mmHg, and its slope against the stretch of the lumen, mmHg."""
    at = _strained(cells, stretch - 1.0)
    return _elastic(cells, at), _slopes(cells, at)[0]


LAWS = (
    Law(
        name="elastic pressure of a vein's wall at a lumen",
        parts=(Cells,),
        variable="lumen over that without pressure",
        unit="1",
        between=(0.1, 3.0),
        gives="transmural pressure",
        gives_unit="mmHg",
        trend="rises",
        at=_pressure_at,
        source="vasa2006",
    ),
)
