"""The wall of a vein: pressure from volume, with collapse, elastin, recruited collagen and creep.

With the stretch of the lumen `a = V / (V0 c)` (V0 the unstressed volume, c the calibre factor of tone and
temperature) and creep `s`, the elastic stretch is `a_e = a / (1 + s)` and the transmural pressure

    p = K (1 - a_e^(-3/2)) + E (a_e - 1) + (C / k) (exp(k (a_e - 1)) - 1)

K: bending of the collapsing wall (Shapiro 1977, exponent -3/2); E: elastin; C and k: collagen that is recruited
with stretch (the exponential of Fung). The textbook distension exponent of 10 is left out on purpose: it gives 6 to
8 % change of saphenous diameter on standing where 24 % is measured.

A wall that is being stretched resists besides with `tau_v p'(a_e) da/dt` (Kelvin and Voigt, the elastic slope as
scale, so that the loss tangent is `tau_v omega` in every state): what damps waves in a vein.

Creep is the slow arm of a standard linear solid (van Heusden 2006): `tau ds/dt = beta max(0, 1 - 1/a_e) - s`, so
that at rest the lumen is `a_e + beta (a_e - 1)`.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from venolymph.network.parameters import Cells


def transmural_pressure(
    cells: Cells, stretch: Float[Array, "cells batch"], creep: Float[Array, "cells batch"]
) -> Float[Array, "cells batch"]:
    """Pressure inside less outside, mmHg, from stretch of the lumen `a` (1) and creep `s` (1)."""
    return _elastic(cells, stretch / (1.0 + creep))[0]


def _elastic(cells: Cells, elastic: Array) -> tuple[Array, Array, Array]:
    """Pressure, and its first and second slope against the elastic stretch."""
    inverse = 1.0 / elastic
    bent = cells.collapse_stiffness * inverse * jnp.sqrt(inverse)
    pulled = cells.collagen_stiffness * jnp.exp(cells.collagen_exponent * (elastic - 1.0))
    pressure = (
        cells.collapse_stiffness
        - bent
        + cells.elastin_stiffness * (elastic - 1.0)
        + (pulled - cells.collagen_stiffness) / cells.collagen_exponent
    )
    bending = 1.5 * bent * inverse
    return (
        pressure,
        bending + cells.elastin_stiffness + pulled,
        cells.collagen_exponent * pulled - 2.5 * bending * inverse,
    )


def implicit_wall(
    cells: Cells,
    stretch: Float[Array, "cells batch"],
    before: Float[Array, "cells batch"],
    known: Float[Array, "cells batch"],
    h: Float[Array, ""],
) -> tuple[Float[Array, "cells batch"], Float[Array, "cells batch"], Float[Array, "cells batch"]]:
    """Transmural pressure at the end of a stage.

    Args:
        cells: parameters.
        stretch: of the lumen `a`, 1.
        before: right side of the equation of stretch, `a - h da/dt = before`, 1.
        known: right side of the equation of creep, `s - h ds/dt(s, a) = known`, 1.
        h: implicit share of the step, s.

    Returns:
        pressure (mmHg), its slope against the stretch (mmHg), and the creep that solves its equation (1).
    """
    slow = h / cells.relaxation_time
    unloaded = known / (1.0 + slow)
    pull = slow * cells.relaxation_gain
    loaded = (known + pull * (1.0 - 1.0 / stretch)) / (1.0 + slow + pull / stretch)
    pulled = stretch > 1.0 + unloaded
    creep = jnp.where(pulled, loaded, unloaded)
    creep_slope = jnp.where(pulled, pull * (1.0 + creep) / (stretch * (stretch * (1.0 + slow) + pull)), 0.0)
    elastic = stretch / (1.0 + creep)
    pressure, slope, bend = _elastic(cells, elastic)
    by_stretch = (1.0 - elastic * creep_slope) / (1.0 + creep)
    lag = cells.viscous_time / h
    moved = stretch - before
    return pressure + lag * slope * moved, (slope + lag * bend * moved) * by_stretch + lag * slope, creep


def stretch_at(
    cells: Cells, pressure: Float[Array, "cells batch"], iterations: int = 60
) -> Float[Array, "cells batch"]:
    """Stretch of the lumen at rest (creep complete) under a transmural pressure in mmHg, by bisection.

    The range is 1e-3 to 20, beyond what any vein does; used for initial states and for building bodies.
    """
    none = jnp.zeros_like(pressure)

    def halve(_: Array, bounds: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = bounds
        middle = 0.5 * (low + high)
        above = transmural_pressure(cells, middle, none) > pressure
        return jnp.where(above, low, middle), jnp.where(above, middle, high)

    low, high = lax.fori_loop(0, iterations, halve, (none + 1e-3, none + 20.0))
    found = lax.stop_gradient(0.5 * (low + high))
    # Halving has no derivative; a Newton step from where it ends has that of the solution.
    there, slope, _ = _elastic(cells, found)
    elastic = found - (there - pressure) / slope
    return elastic + cells.relaxation_gain * jnp.maximum(0.0, elastic - 1.0)
