"""Initial lymphatics: they fill one way from the tissue, and their plexus joins territories without valves.

The flaps between their cells are a first set of valves (Trzewik et al. 2001; Mendoza and Schmid-Schoenbein 2003), so
whatever makes the pressure difference across them swing is rectified: pulse and breath, vasomotion, and above all
movement of the tissue. With m = P_i - p_il the mean difference and a swing around it of r.m.s. s, taken as normal, the
mean of `G max(0, x)` is

    q_up = G [1 + t max(0, v - 1)] [m Phi(m / s) + s phi(m / s)]       Phi, phi the normal distribution and its density
    s = s_0 + s_1 log(1 + e f / r) + s_2 |p|

It fills the lumen against a mean pressure and stalls near m = -2.5 s; what moves the tissue does the work. e is the
amplitude of cyclic strain and f its rate: lymph of a leg that is moved rises with the logarithm of the rate (Ikomi and
Schmid-Schoenbein 1996). p is the pulse of pressure of a muscle at work. G grows as anchoring filaments pull the flaps
apart in swollen tissue (t).

Their wall is a sac, p = k (r - 1/r) with r = V / V0, which filaments hold open. External pressure on the skin acts on
the sac in full, but only in part on the fluid that it fills from: a garment empties it, and a flat sac neither takes up
nor releases fluid. Both conductances fall by the factor 1 / [1 + (r_flat / r)^8]. A share of slow tissue pressure,
which is a parameter, acts on the sac: with a share of 1 a rise of tissue pressure would raise the pressure in the lumen
equally, and swelling would not drive lymph.
"""

from __future__ import annotations

import math

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from venolymph.network.law import Law


class Initials(eqx.Module):
    """Parameters of the initial lymphatics.

    Attributes:
        volume: V0 of the sac, mL.
        stiffness: k, mmHg.
        uptake: G, mL/s/mmHg.
        tether: rise t of uptake with swelling, 1.
        still_swing: s_0 of the pressure difference in tissue that is not moved, mmHg.
        moved_swing: s_1, mmHg.
        moved_rate: r, strain per second from which movement counts, 1/s.
        worked_swing: s_2, 1.
        tissue_share: share of slow tissue pressure that presses on them, 1.
        flat: share r_flat of V0 at which half of it is pressed flat, 1.
    """

    volume: Float[Array, "initials batch"]
    stiffness: Float[Array, "initials batch"]
    uptake: Float[Array, "initials batch"]
    tether: Float[Array, "initials batch"]
    still_swing: Float[Array, "initials batch"]
    moved_swing: Float[Array, "initials batch"]
    moved_rate: Float[Array, "initials batch"]
    worked_swing: Float[Array, "initials batch"]
    tissue_share: Float[Array, "initials batch"]
    flat: Float[Array, "initials batch"]


class Plexus(eqx.Module):
    """Parameters of the valveless plexus between initial lymphatics.

    Attributes:
        resistance: of each connection, mmHg s/mL.
    """

    resistance: Float[Array, "plexus batch"]


def sac_pressure(
    volume: Float[Array, "n batch"], unstressed: Float[Array, "n batch"], stiffness: Float[Array, "n batch"]
) -> tuple[Float[Array, "n batch"], Float[Array, "n batch"]]:
    """Transmural pressure of a sac k (r - 1/r), mmHg, and its slope, mmHg/mL. Volumes in mL."""
    share, inverse = 1.0 / unstressed, unstressed / volume
    return stiffness * (volume * share - inverse), stiffness * share * (1.0 + inverse * inverse)


def openness(initials: Initials, volume: Float[Array, "initials batch"]) -> Float[Array, "initials batch"]:
    """Open share of a sac with a volume in mL, 1 (0: flat)."""
    thin = initials.flat * initials.volume / volume
    return 1.0 / (1.0 + thin**8)


def uptake_conductance(initials: Initials, swelling: Float[Array, "initials batch"]) -> Float[Array, "initials batch"]:
    """Uptake per pressure difference, mL/s/mmHg, at the tissue's relative volume v, 1."""
    return initials.uptake * (1.0 + initials.tether * jax.nn.relu(swelling - 1.0))


def swing(
    initials: Initials,
    strain: Float[Array, "initials batch"],
    rate: Float[Array, "initials batch"],
    worked: Float[Array, "initials batch"],
) -> Float[Array, "initials batch"]:
    """How far the pressure difference across the flaps swings around its mean s, root mean square, mmHg.

    Args:
        initials: parameters.
        strain: amplitude e of the tissue's cyclic strain, 1.
        rate: its frequency f, 1/s.
        worked: height of the pulse of muscles at work p, mmHg. A hand's pulses are followed in time instead.
    """
    moved = initials.moved_swing * jnp.log1p(strain * rate / initials.moved_rate)
    return initials.still_swing + moved + initials.worked_swing * jnp.abs(worked)


def uptake(
    conductance: Float[Array, "initials batch"],
    swings: Float[Array, "initials batch"],
    drop: Float[Array, "initials batch"],
) -> tuple[Float[Array, "initials batch"], Float[Array, "initials batch"]]:
    """Flow from tissue into the lumen, mL/s, and its slope against the mean pressure difference, mL/s/mmHg.

    Args:
        conductance: uptake per pressure difference with open flaps, mL/s/mmHg.
        swings: s, mmHg.
        drop: mean tissue pressure less that in the lumen m, mmHg.
    """
    part = drop * (1.0 / swings)
    opened = 0.5 * lax.erfc(-math.sqrt(0.5) * part)
    density = math.sqrt(0.5 / math.pi) * jnp.exp(-0.5 * part * part)
    return conductance * jnp.maximum(drop * opened + swings * density, 0.0), conductance * opened


def _sac_at(
    initials: Initials, share: Float[Array, "one batch"]
) -> tuple[Float[Array, "initials batch"], Float[Array, "initials batch"]]:
    """Transmural pressure of an initial lymphatic, and its slope, against its volume over that without pressure."""
    value, slope = sac_pressure(share * initials.volume, initials.volume, initials.stiffness)
    return value, slope * initials.volume


def _uptake_at(
    initials: Initials, drop: Float[Array, "one batch"]
) -> tuple[Float[Array, "initials batch"], Float[Array, "initials batch"]]:
    """Flow from tissue at rest into the lumen, and its slope, against the mean pressure difference."""
    return uptake(initials.uptake, initials.still_swing, drop + jnp.zeros_like(initials.uptake))


LAWS = (
    Law(
        name="pressure of an initial lymphatic at its volume",
        parts=(Initials,),
        variable="volume over that without pressure",
        unit="1",
        between=(0.1, 3.0),
        gives="transmural pressure",
        gives_unit="mmHg",
        trend="rises",
        at=_sac_at,
        source="assumed: round when full, flat when empty",
    ),
    Law(
        name="uptake through flaps that open and shut around a mean",
        parts=(Initials,),
        variable="mean pressure difference",
        unit="mmHg",
        between=(-5.0, 5.0),
        gives="flow",
        gives_unit="mL/s",
        trend="rises",
        at=_uptake_at,
        source="mean of a one-way flow over a normal distribution",
    ),
)
