"""What elastic surroundings add to the Newton matrix: a term of low rank, folded in after the sparse solve.

An elastic surrounding presses on all cells in it by the volume that they hold together: `change inside`, with as
many columns as there are such surroundings. By Sherman, Morrison and Woodbury the sparse matrix is solved without it,
and the solution corrected.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from venolymph.network import elimination
from venolymph.network.elimination import Factors, elimination_order
from venolymph.network.graph import graph_of
from venolymph.network.laws import laws_of
from venolymph.network.stage import Prepared, Slopes
from venolymph.network.topology import Topology


def by_surroundings(topology: Topology, prepared: Prepared, h: Array, slope: Slopes) -> Array:
    """d(V - h net)/d(volume held by an elastic surrounding), shape (cells, elastic, batch)."""
    graph, share = graph_of(topology), prepared.pressing.transpose(1, 0, 2)
    pushed = slope.by_drop[:, None] * graph.across(share)
    fed = laws_of(topology).beds.pushed(slope, share)
    return -h * (graph.net(pushed) + graph.fed(fed)) * prepared.elastance[None]


def low_rank_update(
    topology: Topology, prepared: Prepared, h: Array, slope: Slopes, factors: Factors
) -> tuple[Array, Array]:
    """Low-rank part of the Newton matrix from elastic surroundings: `reach` and `core` of `NewtonCache`."""
    graph, order = graph_of(topology), elimination_order(topology)
    change = by_surroundings(topology, prepared, h, slope)
    reach = elimination.solve(order, factors, change)
    inner = graph.sum_inside(reach)
    return reach, small_inverse(inner + jnp.eye(inner.shape[0])[..., None])


def small_inverse(matrix: Float[Array, "k k batch"]) -> Float[Array, "k k batch"]:
    """Inverse by Gauss and Jordan without pivoting, batch last (the matrix is near the identity)."""
    size = matrix.shape[0]
    one = jnp.broadcast_to(jnp.eye(size)[..., None], matrix.shape)
    rows = jnp.concatenate([matrix, one], axis=1)
    for row in range(size):
        pivot = rows[row] / rows[row, row][None]
        rows = lax.dynamic_update_index_in_dim(rows - rows[:, row][:, None] * pivot[None], pivot, row, 0)
    return rows[:, size:]


def apply_low_rank_update(topology: Topology, reach: Array, core: Array, x: Array) -> Array:
    """The solution with elastic surroundings, from the one without (Sherman, Morrison, Woodbury)."""
    inside = graph_of(topology).sum_inside(x)
    felt = jnp.sum(core * inside[None], axis=1)
    for row in range(felt.shape[0]):
        x = x - reach[:, row] * felt[row : row + 1]
    return x
