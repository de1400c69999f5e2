"""Lymph nodes, and other sacs that lymph passes: they resist, store, and return water to blood.

    p - p_ext = k (r - 1/r)     r = V / V0
    J = Kf [ (max(p, 0) - p_ref) - sigma (pi(C) - s pi_p) ]

J is water that enters the node's capillaries and leaves the protein behind; it stops where lymph's oncotic pressure is
the share s of plasma's (0.6, Adair, Moffatt and Guyton, dog) at the pressure p_ref. A node under a column of lymph that
hangs from it collapses, and does not draw the more water from blood the deeper its pressure falls. The node's
resistance is that of its outflow. A cistern is a sac without absorption.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from venolymph.network.law import Law


class Nodes(eqx.Module):
    """Parameters of the nodes and cisterns.

    Attributes:
        volume: V0, mL.
        stiffness: k, mmHg.
        absorption: Kf, mL/s/mmHg.
        reflection: sigma, 1.
        oncotic_share: s, 1.
        reference_pressure: p_ref, mmHg.
        opening: k, how much less its outflow resists the fuller it is: R (V / V0)^-k, 1 (0: not at all).
    """

    volume: Float[Array, "nodes batch"]
    stiffness: Float[Array, "nodes batch"]
    absorption: Float[Array, "nodes batch"]
    reflection: Float[Array, "nodes batch"]
    oncotic_share: Float[Array, "nodes batch"]
    reference_pressure: Float[Array, "nodes batch"]
    opening: Float[Array, "nodes batch"]


def returned_water(
    nodes: Nodes,
    pressure: Float[Array, "nodes batch"],
    lymph: Float[Array, "nodes batch"],
    plasma: Float[Array, "one batch"],
) -> tuple[Float[Array, "nodes batch"], Float[Array, "nodes batch"]]:
    """Water returned to blood J, mL/s (negative: taken from blood), and its slope against pressure, mL/s/mmHg.

    Args:
        nodes: parameters.
        pressure: in the node, mmHg.
        lymph: oncotic pressure of the lymph in it, mmHg.
        plasma: oncotic pressure of plasma, mmHg.
    """
    pull = nodes.reflection * (nodes.oncotic_share * plasma - lymph)
    returned = nodes.absorption * (jnp.maximum(pressure, 0.0) - nodes.reference_pressure + pull)
    return returned, jnp.where(pressure > 0.0, nodes.absorption, 0.0)


def _returned_at(
    nodes: Nodes, pressure: Float[Array, "one batch"]
) -> tuple[Float[Array, "nodes batch"], Float[Array, "nodes batch"]]:
    """Water that a node returns when lymph and plasma draw alike at its share, and its slope."""
    none = jnp.zeros_like(nodes.absorption)
    return returned_water(nodes, pressure + none, none, jnp.zeros_like(pressure))


LAWS = (
    Law(
        name="water returned to blood at the pressure in a node",
        parts=(Nodes,),
        variable="pressure",
        unit="mmHg",
        between=(-5.0, 60.0),
        gives="flow",
        gives_unit="mL/s",
        trend="rises",
        at=_returned_at,
        source="adair_node",
    ),
)
