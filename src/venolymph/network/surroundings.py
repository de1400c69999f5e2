"""Ambient pressure and height of cells, and of all else that lies along the body's links.

A surrounding's pressure has a prescribed part (a muscle that contracts, a cuff, breathing on the abdomen) and an
elastic part that depends on the blood inside it: fascia and garments press harder when what they hold swells,

    P_k = prescribed_k(t) + E_k (sum of V inside - V_rest) + e_k (sum of V inside - V_grip)

with E_k of the body's fascia and e_k, V_grip of whatever is worn. Height comes from rigid links (trunk, thigh, shank,
foot) inclined at theta: `z = - sum_link x_link sin(theta_link)`, heart level being zero.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from venolymph.network.drive import DriveValues
from venolymph.network.graph import Graph
from venolymph.network.stage import Prepared


def heights(
    position: Float[Array, "rows links batch"], inclination: Float[Array, "links batch"]
) -> Float[Array, "rows batch"]:
    """Height of each row above the heart, cm.

    Args:
        position: where each lies along each link, cm down from the right atrium.
        inclination: of the links from the horizontal, rad.
    """
    return height_above_heart(position, jnp.sin(inclination))


def height_above_heart(
    position: Float[Array, "rows links batch"], sine: Float[Array, "links batch"]
) -> Float[Array, "rows batch"]:
    """Height of each row above the heart, cm, from the sine of each link's angle (see `heights`)."""
    height = jnp.zeros((position.shape[0], position.shape[-1]), position.dtype)  # of circuits that have no links, too
    for link in range(sine.shape[0]):
        height = height - position[:, link] * sine[link : link + 1]
    return height


def prescribed_pressure(graph: Graph, prepared: Prepared, prescribed: DriveValues) -> Float[Array, "cells batch"]:
    """Prescribed external pressure on each cell, mmHg."""
    share = prepared.parameters.cells.share
    slots = range(share.shape[1])
    others = jnp.zeros_like(share[:, 0]) if prescribed.outside is None else prescribed.outside
    return sum((share[:, slot] * prescribed.pressure[graph.slots[:, slot]] for slot in slots), others)


def elastic_pressure(
    graph: Graph, prepared: Prepared, volume: Float[Array, "cells batch"]
) -> Float[Array, "elastic batch"]:
    """Elastic part of the pressure of each elastic surrounding, mmHg."""
    return prepared.elastance * graph.sum_inside(volume) + prepared.slack
