"""Initial lymphatics: they fill one way from the tissue, and their plexus joins territories without valves.

The flaps between their cells are a first set of valves (Trzewik et al. 2001; Mendoza and Schmid-Schoenbein 2003). With
x = P_i - p_il the pressure difference across them,

    q_up = G [1 + t max(0, v - 1)] [1 + alpha e f] x S(x / w)          S the logistic function

G grows as anchoring filaments pull the flaps apart in swollen tissue (t), and with cyclic strain of the tissue of
amplitude e and rate f (alpha): movement of tissue enters here and nowhere else. `x S(x/w)` carries nothing at x = 0,
where `w log(1 + exp(x/w))` would carry fluid against no pressure difference and so be a pump made from nothing.

Their wall is a sac, p = k (r - 1/r) with r = V / V0, which filaments hold open: it is pressed by what presses on the
skin, and by slow tissue pressure only to a share that is a parameter. Where that share is 1 a rise of tissue pressure
would raise the pressure in the lumen equally, and swelling would not drive lymph.
"""

from __future__ import annotations

import equinox as eqx
import jax
from jaxtyping import Array, Float


class Initials(eqx.Module):
    """Parameters of the initial lymphatics.

    Attributes:
        volume: V0 of the sac, mL.
        stiffness: k, mmHg.
        uptake: G, mL/s/mmHg.
        opening_width: w, mmHg.
        tether: rise t of uptake with swelling, 1.
        strain_gain: alpha, s.
        tissue_share: share of slow tissue pressure that presses on them, 1.
    """

    volume: Float[Array, "initials batch"]
    stiffness: Float[Array, "initials batch"]
    uptake: Float[Array, "initials batch"]
    opening_width: Float[Array, "initials batch"]
    tether: Float[Array, "initials batch"]
    strain_gain: Float[Array, "initials batch"]
    tissue_share: Float[Array, "initials batch"]


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


def readiness(
    initials: Initials,
    swelling: Float[Array, "initials batch"],
    strain: Float[Array, "initials batch"],
    rate: Float[Array, "initials batch"],
) -> Float[Array, "initials batch"]:
    """Uptake per pressure difference, mL/s/mmHg.

    Args:
        initials: parameters.
        swelling: relative volume v of the tissue, 1.
        strain: amplitude e of cyclic strain, 1.
        rate: its frequency f, 1/s.
    """
    pulled = 1.0 + initials.tether * jax.nn.relu(swelling - 1.0)
    return initials.uptake * pulled * (1.0 + initials.strain_gain * strain * rate)


def uptake(
    ready: Float[Array, "initials batch"], width: Float[Array, "initials batch"], drop: Float[Array, "initials batch"]
) -> tuple[Float[Array, "initials batch"], Float[Array, "initials batch"]]:
    """Flow from tissue into the lumen, mL/s, and its slope against the pressure difference, mL/s/mmHg.

    Args:
        ready: uptake per pressure difference with open flaps, mL/s/mmHg.
        width: w, mmHg.
        drop: tissue pressure less that in the lumen, mmHg.
    """
    part = drop * (1.0 / width)
    opening = jax.nn.sigmoid(part)
    return ready * drop * opening, ready * opening * (1.0 + (1.0 - opening) * part)
