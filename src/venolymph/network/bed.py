"""A microvascular bed: arterial inflow into the veins, with the venoarteriolar response and muscle work.

    Q = G v (1 + g e) f (p_artery + rho g h - p_vein)
    tau_v dv/dt = 1 / (1 + k max(0, p_vein - p_0)) - v      venoarteriolar response: a hanging leg's inflow halves
    tau_e de/dt = u - e                                      hyperaemia follows muscle work u and outlasts it

p_artery is that of an end, or of a cell that is an artery of the network, which then loses what the bed draws. G
conductance lying at rest, h the depth below the heart (or below that cell), f a factor of skin temperature. The
response depends on local venous pressure and not on posture; therefore the leg fills faster just after standing up than
later.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from venolymph.network.parameters import Beds


def arteriolar_goal(
    beds: Beds, pressure: Float[Array, "beds batch"]
) -> tuple[Float[Array, "beds batch"], Float[Array, "beds batch"]]:
    """Steady venoarteriolar factor v at a venous pressure in mmHg (1), and its slope (1/mmHg)."""
    excess = pressure - beds.arteriolar_threshold
    goal = 1.0 / (1.0 + beds.arteriolar_gain * jnp.maximum(0.0, excess))
    return goal, jnp.where(excess > 0.0, -beds.arteriolar_gain * goal * goal, 0.0)


def implicit_relaxation(
    rhs: Float[Array, "beds batch"],
    goal: Float[Array, "beds batch"],
    time: Float[Array, "beds batch"],
    h: Float[Array, ""],
) -> Float[Array, "beds batch"]:
    """State x that solves `x - h (goal - x) / time = rhs`."""
    slow = h / time
    return (rhs + slow * goal) / (1.0 + slow)


def full_conductance(
    beds: Beds, factor: Float[Array, "beds batch"], exercise: Float[Array, "beds batch"]
) -> Float[Array, "beds batch"]:
    """Conductance before the venoarteriolar factor, `G (1 + g e) f`, mL/(s mmHg)."""
    return beds.conductance * (1.0 + beds.exercise_gain * exercise) * factor
