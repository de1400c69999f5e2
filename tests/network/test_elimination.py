"""The sparse solve against dense ones."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from small import networks
from venolymph.network import elimination
from venolymph.network.topology import Topology

BATCH = 3


@st.composite
def graphs(draw: Any) -> Topology:
    """Connected networks: a random tree, some more joins that make loops, and an outlet."""
    n = draw(st.integers(1, 12))
    joins = [(draw(st.integers(0, i - 1)), i) for i in range(1, n)]
    taken = {frozenset(join) for join in joins}
    for _ in range(draw(st.integers(0, 6)) if n > 2 else 0):
        a, b = draw(st.integers(0, n - 1)), draw(st.integers(0, n - 1))
        if a != b and frozenset((a, b)) not in taken:
            taken.add(frozenset((a, b)))
            joins.append((a, b))
    order = draw(st.permutations(range(n)))
    joins = [(order[a], order[b]) for a, b in joins]
    return networks.topology(n, [*joins, (order[0], networks.ATRIUM)])


def random_matrix(net: Topology, seed: int) -> tuple[Any, np.ndarray]:
    """Entries in the plan's storage, and the same as dense matrices (batch first)."""
    dice = np.random.default_rng(seed)
    steps, n = elimination.elimination_order(net), net.n_cells
    m = len(steps.inner)
    tail, head = (np.array(nodes, int)[steps.inner] for nodes in (net.tail, net.head))
    entries = np.zeros((steps.size, BATCH))
    entries[n : n + 2 * m] = -dice.uniform(0.0, 2.0, (2 * m, BATCH))
    dense = np.zeros((BATCH, n, n))
    for k in range(m):
        dense[:, tail[k], head[k]] = entries[n + k]
        dense[:, head[k], tail[k]] = entries[n + m + k]
    entries[:n] = 1.0 - dense.sum(axis=1).T + dice.uniform(0.0, 1.0, (n, BATCH))
    dense[:, range(n), range(n)] = entries[:n].T
    return jnp.asarray(entries), dense


@given(graphs(), st.integers(0, 1000))
@settings(max_examples=12)
def test_solutions_are_those_of_a_dense_solver(net: Topology, seed: int) -> None:
    entries, dense = random_matrix(net, seed)
    steps = elimination.elimination_order(net)
    factors = elimination.factor(steps, entries)
    right = np.random.default_rng(seed).normal(size=(net.n_cells, BATCH))
    columns = right.T[..., None]
    np.testing.assert_allclose(
        elimination.solve(steps, factors, jnp.asarray(right)), np.linalg.solve(dense, columns)[..., 0].T, atol=1e-11
    )
    np.testing.assert_allclose(
        elimination.solve_transposed(steps, factors, jnp.asarray(right)),
        np.linalg.solve(dense.transpose(0, 2, 1), columns)[..., 0].T,
        atol=1e-11,
    )
    np.testing.assert_allclose(
        elimination.multiply(steps, entries, jnp.asarray(right)), (dense @ columns)[..., 0].T, atol=1e-11
    )


def test_several_right_sides_at_once() -> None:
    net = networks.ladder()
    entries, dense = random_matrix(net, 7)
    steps = elimination.elimination_order(net)
    factors = elimination.factor(steps, entries)
    right = np.random.default_rng(0).normal(size=(net.n_cells, 4, BATCH))
    expected = np.linalg.solve(dense, right.transpose(2, 0, 1)).transpose(1, 2, 0)
    np.testing.assert_allclose(elimination.solve(steps, factors, jnp.asarray(right)), expected, atol=1e-12)
    expected = np.linalg.solve(dense.transpose(0, 2, 1), right.transpose(2, 0, 1)).transpose(1, 2, 0)
    found = elimination.solve_transposed(steps, factors, jnp.asarray(right))
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_a_tree_fills_in_nothing_and_a_loop_little() -> None:
    star = networks.topology(9, [(8, i) for i in range(8)])
    assert elimination.elimination_order(star).size == 9 + 2 * 8
    ladder = networks.ladder()
    plain = ladder.n_cells + 2 * (ladder.n_faces - 1)
    assert elimination.elimination_order(ladder).size <= plain + 2 * 5


def test_a_matrix_can_be_factored_under_jit_for_any_batch() -> None:
    net = networks.ladder()
    entries, _ = random_matrix(net, 3)
    steps = elimination.elimination_order(net)
    right = jnp.ones((net.n_cells, BATCH))

    @jax.jit
    def solve(entries: Any, right: Any) -> Any:
        return elimination.solve(steps, elimination.factor(steps, entries), right)

    together = solve(entries, right)
    for member in range(BATCH):
        alone = solve(entries[:, member : member + 1], right[:, :1])
        np.testing.assert_allclose(alone[:, 0], together[:, member], rtol=1e-13)
