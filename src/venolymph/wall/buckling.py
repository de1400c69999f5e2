"""When a vein bends, and how far: tortuosity, wave length and amplitude of veins that have grown too long.

A pressurised vein bends like a column where pressure exceeds

    p_cr = [N + min_q (E I q^2 + k(q)/q^2)] / (pi a^2)      k(q) = 8 pi G / (2 K0(qa) + qa K1(qa))

N: axial force of the wall, a: lumen's radius, E I: its bending stiffness, G: shear modulus of the bed, q: wave number,
K0 and K1: modified Bessel functions. Axial tension follows stretch, `N/(pi a^2) = P (exp(k (s - 1)) - 1)`, s being the
room that the vein has over its natural length. Beyond p_cr it bends until tension balances pressure, which gives the
length along it over the straight distance:

    tortuosity = max(1, exp(l) s_c(p) / s_0),   s_c: the stretch at which p_cr = p,   s_0: that in the healthy leg

So a vein in fat does not bend by pressure: the bed would bear well over 100 mmHg. It bends because it has grown in
length and the bed has yielded; a trunk in its fascia stays straight. The wave length is that of the bed before it
yielded.

"Twist" of varicose veins is this bending, in the plane of the skin: ends that cannot turn and a skin that is stiffer
across than along favour a flat serpentine over a helix, which has the same critical pressure. Turning about the vein's
own axis (torsion) is not in the model. The wall's law has no pressure maximum, so no vein bulges by instability either.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

ROUNDING = 0.02
"""Logarithm of tortuosity over which a vein begins to bend, 1 (numerical)."""
_WAVES = np.geomspace(0.3, 60.0, 2000)
"""Wave lengths looked at, cm."""
_ANGLES = np.linspace(0.0, 12.0, 481)
"""Points at which the integrals of the Bessel functions are taken, 1."""


class AxialHold(eqx.Module):
    """What holds veins straight.

    Attributes:
        tension: scale P of axial tension over the lumen, mmHg.
        steepness: k, 1.
        stretch: s_0 in the healthy leg, 1.
        held: what bed and bending bear, mmHg.
    """

    tension: Float[Array, "one one"]
    steepness: Float[Array, "one one"]
    stretch: Float[Array, "one one"]
    held: Float[Array, "places one"]


def bed_stiffness(wave_number: np.ndarray, radius: float, modulus: float) -> np.ndarray:
    """Force per length and deflection with which an elastic bed holds a round vein, mmHg.

    Args:
        wave_number: q, 1/cm.
        radius: of the vein, cm.
        modulus: shear modulus of the bed, mmHg.
    """
    x = wave_number * radius
    decay = np.exp(-x[:, None] * np.cosh(np.minimum(_ANGLES, 12.0)))
    k0 = np.trapezoid(decay, _ANGLES)
    k1 = np.trapezoid(decay * np.cosh(_ANGLES), _ANGLES)
    return 8.0 * np.pi * modulus / (2.0 * k0 + x * k1)


def held_straight(radius: float, thickness: float, modulus: float, bed: float) -> tuple[float, float]:
    """Pressure that bending and bed bear, mmHg, and the wave length at which they give way, cm.

    Args:
        radius: of the lumen, cm.
        thickness: of the wall, cm.
        modulus: Young's modulus of the wall in bending, mmHg.
        bed: shear modulus of the bed, mmHg.
    """
    q = 2.0 * np.pi / _WAVES
    bending = modulus * np.pi / 4.0 * ((radius + thickness) ** 4 - radius**4)
    borne = (bending * q**2 + bed_stiffness(q, radius, bed) / q**2) / (np.pi * radius**2)
    least = int(np.argmin(borne))
    return float(borne[least]), float(_WAVES[least])


def critical_pressure(column: AxialHold, length: Float[Array, "places batch"]) -> Float[Array, "places batch"]:
    """Transmural pressure above which veins bend, mmHg, from the logarithm of their natural length."""
    stretch = column.stretch * jnp.exp(-length)
    return column.tension * (jnp.exp(column.steepness * (stretch - 1.0)) - 1.0) + column.held


def tortuosity(
    column: AxialHold, length: Float[Array, "places batch"], pressure: Float[Array, "places batch"]
) -> Float[Array, "places batch"]:
    """Length along veins over the straight distance, 1.

    Args:
        column: what holds them straight.
        length: logarithm of their natural length over the healthy leg's, 1.
        pressure: transmural, mmHg.
    """
    # an empty vein has no pressure to bend it: the stretch at which tension would have to push is not looked for
    pushed = jnp.maximum(1.0 + (pressure - column.held) / column.tension, 1e-3)
    bends_at = jnp.maximum(1.0 + jnp.log(pushed) / column.steepness, 1e-3)
    beyond = length + jnp.log(bends_at / column.stretch)
    return jnp.exp(ROUNDING * jax.nn.softplus(beyond / ROUNDING))


def length_for(
    column: AxialHold, index: Float[Array, "places batch"], pressure: Float[Array, "places batch"]
) -> Float[Array, "places batch"]:
    """Logarithm of the natural length at which veins have a tortuosity index (1: straight, which gives 0), 1."""
    pushed = jnp.maximum(1.0 + (pressure - column.held) / column.tension, 1e-3)
    bends_at = jnp.maximum(1.0 + jnp.log(pushed) / column.steepness, 1e-3)
    # the inverse of the softened corner
    share = jnp.maximum(jnp.log(index), 1e-12) / ROUNDING
    beyond = ROUNDING * (share + jnp.log(-jnp.expm1(-share)))
    return jnp.where(index > 1.0 + 1e-9, beyond - jnp.log(bends_at / column.stretch), 0.0)


def amplitude(index: np.ndarray, wave: np.ndarray) -> np.ndarray:
    """Half the width of a flat serpentine of a tortuosity index, in the unit of its wave length.

    Args:
        index: length along it over the straight distance, at least 1.
        wave: wave length.
    """
    phase = np.linspace(0.0, 2.0 * np.pi, 721)
    slopes = np.linspace(0.0, 8.0, 801)
    lengths = np.trapezoid(np.sqrt(1.0 + (slopes[:, None] * np.cos(phase)) ** 2), phase) / (2.0 * np.pi)
    return np.interp(index, lengths, slopes) * wave / (2.0 * np.pi)
