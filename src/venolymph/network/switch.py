"""A valve without a state of its own: a resistance that rises smoothly when pressure is higher downstream.

    R = R_open + R_added (1 - tanh(k dp)) / 2

with dp the pressure difference from tail to head. It leaks slightly in reverse and has no time constant.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from venolymph.network.law import Law
from venolymph.network.parameters import Switches


def added_resistance(
    switches: Switches, drop: Float[Array, "switches batch"]
) -> tuple[Float[Array, "switches batch"], Float[Array, "switches batch"]]:
    """Resistance added to the open one's (mmHg s/mL), and its slope against the pressure difference (s/mL).

    Args:
        switches: parameters.
        drop: pressure difference from tail to head, mmHg.
    """
    swing = jnp.tanh(switches.steepness * drop)
    return 0.5 * switches.added * (1.0 - swing), -0.5 * switches.added * switches.steepness * (1.0 - swing * swing)


LAWS = (
    Law(
        name="resistance of a switch to the pressure difference",
        parts=(Switches,),
        variable="pressure difference",
        unit="mmHg",
        between=(-10.0, 10.0),
        gives="added resistance",
        gives_unit="mmHg s/mL",
        trend="falls",
        at=added_resistance,
        source="svZeroDSolver's own valve of this kind",
    ),
)
