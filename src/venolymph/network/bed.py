"""A microvascular bed: arterial inflow into the veins, with the venoarteriolar response and muscle work.

    Q = G v (1 + g e) f max(0, p_artery + rho g h - p_vein)
    tau_v dv/dt = 1 / (1 + k s(p_tm)) - v      venoarteriolar response: a hanging leg's inflow halves
    tau_e de/dt = u - e                         hyperaemia follows muscle work u and outlasts it

p_artery is that of an end, or of a cell that is an artery of the network, which then loses what the bed draws. G
conductance lying at rest, h the depth below the heart (or below that cell), f a factor of skin temperature and, in
skin, of the reflex to an upright trunk. Nothing runs back: what presses veins above the pressure of arteries shuts the
small vessels between them.

The response is driven by what stretches the small veins, their transmural pressure p_tm, and not by posture: pressure
from outside that is as high undoes it (Henriksen 1976), and standing up fills the leg faster than it is fed later.
s rises from 0 to 1 between two pressures and no further, as x^2 (3 - 2 x) of the way x between them: suction of
20 mmHg on the skin takes resistance up by 9 %, 40 by 90 %, more by no more (Skagen and Henriksen 1983). Arterioles open
within seconds of their veins being emptied and narrow again more slowly (Tschakovsky and Hughson 2000), so tau_v has
two values. The overshoot seen there is left out.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from venolymph.network.law import Law
from venolymph.network.parameters import Beds


def arteriolar_goal(
    beds: Beds, pressure: Float[Array, "beds batch"]
) -> tuple[Float[Array, "beds batch"], Float[Array, "beds batch"]]:
    """Steady venoarteriolar factor v at a transmural pressure in mmHg (1), and its slope (1/mmHg)."""
    span = beds.arteriolar_full - beds.arteriolar_threshold
    way = jnp.clip((pressure - beds.arteriolar_threshold) / span, 0.0, 1.0)
    goal = 1.0 / (1.0 + beds.arteriolar_gain * (way * way * (3.0 - 2.0 * way)))
    return goal, -(6.0 * beds.arteriolar_gain / span) * (way * (1.0 - way)) * (goal * goal)


def arteriolar_time(
    beds: Beds, rhs: Float[Array, "beds batch"], goal: Float[Array, "beds batch"]
) -> Float[Array, "beds batch"]:
    """Time constant of the venoarteriolar factor on its way from `rhs` to its goal, s."""
    return jnp.where(goal > rhs, beds.arteriolar_opening_time, beds.arteriolar_time)


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


LAWS = (
    Law(
        name="venoarteriolar response to the pressure across small veins",
        parts=(Beds,),
        variable="transmural pressure",
        unit="mmHg",
        between=(-20.0, 120.0),
        gives="factor on conductance",
        gives_unit="1",
        trend="falls",
        at=arteriolar_goal,
        source="skagen1983",
    ),
)
