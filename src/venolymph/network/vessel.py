"""Friction and inertia of blood in a bundle of equal vessels, and flow along a face.

For n vessels of length l that hold V together (lumen A = V / (n l) each), friction f pi (f = 8 for a parabolic
profile) and stretch a = V / V0:

    R = f pi mu l / (n A^2) (1 + (0.3 / a)^4)      L = rho l / (n A)

The bracket closes a collapsing vessel: below a = 0.3 opposite walls touch (Kresch and Noordergraaf 1972); with
A^-2 alone a thigh cuff leaks. Along a face

    L dQ/dt = dp - R Q - B Q |Q|

is stepped implicitly in closed form, since the quadratic has one root of the right sign.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from venolymph.network.law import Law
from venolymph.network.parameters import Cells, Fluid

TOUCHING_STRETCH = 0.3


def resistance(
    shape: Float[Array, "*n batch"], per_volume: Float[Array, "*n batch"], unstressed: Float[Array, "*n batch"]
) -> tuple[Float[Array, "*n batch"], Float[Array, "*n batch"]]:
    """Resistance of a bundle from end to end.

    Args:
        shape: `f pi mu n l^3` (see `resistance_shape`), mmHg s mL.
        per_volume: 1 / V, 1/mL.
        unstressed: V0, mL.

    Returns:
        R (mmHg s/mL) and dR/dV (mmHg s/mL2).
    """
    closing = (TOUCHING_STRETCH * unstressed * per_volume) ** 2
    closing = closing * closing
    open_part = shape * per_volume * per_volume
    return open_part * (1.0 + closing), -open_part * per_volume * (2.0 + 6.0 * closing)


def resistance_shape(cells: Cells, fluid: Fluid) -> Float[Array, "cells batch"]:
    """The part of a resistance that does not change: `f pi mu n l^3`, mmHg s mL."""
    return cells.friction * jnp.pi * fluid.viscosity * cells.vessels * cells.length**3


def implicit_flow(
    pressure_drop: Float[Array, "faces batch"],
    resistance: Float[Array, "faces batch"],
    inertance: Float[Array, "faces batch"],
    loss: Float[Array, "faces batch"] | None,
    rhs: Float[Array, "faces batch"],
    h: Float[Array, ""],
) -> tuple[Float[Array, "faces batch"], Float[Array, "faces batch"]]:
    """Flow Q that solves `L (Q - rhs) / h = dp - R Q - B Q |Q|`; without a loss B the equation is linear.

    Returns:
        Q (mL/s), and the root (mmHg s/mL) whose inverse g is the slope dQ/d(dp). With it the others follow:
        `dQ = g (d(dp) - Q dR - Q |Q| dB + (rhs - Q) / h dL)`.
    """
    inertia = inertance * (1.0 / h)
    drive = pressure_drop + inertia * rhs
    linear = resistance + inertia
    if loss is None:
        return drive / linear, linear
    root = jnp.sqrt(linear * linear + 4.0 * loss * jnp.abs(drive))
    return 2.0 * drive / (linear + root), root


def in_series(
    part: Float[Array, "faces batch"], more: Float[Array, "faces batch"] | None
) -> Float[Array, "faces batch"]:
    """Sum of two inertances, or of two losses, in series; the second may not be there."""
    return part if more is None else part + more


def _resistance_at(
    cells: Cells, fluid: Fluid, stretch: Float[Array, "one batch"]
) -> tuple[Float[Array, "cells batch"], Float[Array, "cells batch"]]:
    """Resistance of a bundle at a stretch of its lumen, and its slope against the stretch."""
    unstressed = cells.unstressed_area * cells.vessels * cells.length
    value, slope = resistance(resistance_shape(cells, fluid), 1.0 / (stretch * unstressed), unstressed)
    return value, slope * unstressed


LAWS = (
    Law(
        name="friction of a bundle of vessels at a lumen",
        parts=(Cells, Fluid),
        variable="lumen over that without pressure",
        unit="1",
        between=(0.1, 4.0),
        gives="resistance",
        gives_unit="mmHg s/mL",
        trend="falls",
        at=_resistance_at,
        source="Poiseuille; a closing lumen after Kresch and Noordergraaf 1972",
    ),
)
