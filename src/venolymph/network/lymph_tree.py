"""Lymph vessels as a tree, and the matrix of their equations: solved by one sweep to the root and one back.

Every vessel has one outflow, so the network is a tree for each venous angle that lymph ends at; its root is that angle,
and its leaves are initial lymphatics.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float


class Tree:
    """Which vessel flows into which, as tables of numbers.

    Attributes:
        down: for each outflow (initials first, then vessels) the vessel it enters; end e is the number of
            vessels plus e.
        ends: number of ends.
        inlets: for each vessel the outflows that enter it, padded with the number of outflows.
        order: vessels from the leaves to the root.
    """

    def __init__(self, initial_vessel: tuple[int, ...], downstream: tuple[int, ...], ends: int = 1) -> None:
        count = len(downstream)
        self.initials, self.vessels, self.ends = len(initial_vessel), count, ends
        self.down = np.array([*initial_vessel, *downstream], np.int32)
        inlets = [[o for o, to in enumerate(self.down) if to == vessel] for vessel in range(count)]
        width = max([len(i) for i in inlets], default=0) or 1
        self.inlets = np.array([i + [len(self.down)] * (width - len(i)) for i in inlets], np.int32)
        depth = np.zeros(count, np.int64)
        for vessel in range(count):
            at, steps = downstream[vessel], 0
            while at < count and steps <= count:
                at, steps = downstream[at], steps + 1
            depth[vessel] = steps
        self.order = np.argsort(-depth, kind="stable").astype(np.int32)

    def arriving(self, leaving: Float[Array, "outflows batch"]) -> Float[Array, "vessels batch"]:
        """Sum over what enters each vessel."""
        padded = jnp.concatenate([leaving, jnp.zeros_like(leaving[:1])])
        return sum((padded[column] for column in self.inlets.T[1:]), padded[self.inlets[:, 0]])

    def value_downstream(
        self, vessels: Float[Array, "vessels batch"], ends: Float[Array, "ends batch"] | None = None
    ) -> Float[Array, "outflows batch"]:
        """The value of the vessel that each outflow enters, or of the end (0 where none is given for them)."""
        ends = jnp.zeros((self.ends, vessels.shape[-1])) if ends is None else ends
        return jnp.concatenate([vessels, ends])[self.down]


class Matrix(eqx.Module):
    """The Newton matrix in pressure: symmetric, a tree. Entries in mL/s/mmHg.

    Attributes:
        diagonal: of each cell.
        along: of each outflow; the off-diagonal entries are its negative.
    """

    diagonal: Float[Array, "cells batch"]
    along: Float[Array, "outflows batch"]


def multiply(tree: Tree, entries: Matrix, x: Float[Array, "cells batch"]) -> Float[Array, "cells batch"]:
    """The matrix times x."""
    n = tree.initials
    inward = tree.arriving(entries.along * x)
    outward = entries.along * tree.value_downstream(x[n:])
    return entries.diagonal * x - outward - jnp.concatenate([jnp.zeros_like(x[:n]), inward])


def solve(tree: Tree, entries: Matrix, right: Float[Array, "cells batch"]) -> Float[Array, "cells batch"]:
    """Solution of the matrix for a right side, by elimination from the leaves to the root and back."""
    n = tree.initials
    leaves = 1.0 / entries.diagonal[:n]
    share = entries.along[:n] * leaves
    pad = jnp.zeros((tree.vessels, right.shape[1]))
    taken = tree.arriving(jnp.concatenate([share * entries.along[:n], pad]))
    fed = tree.arriving(jnp.concatenate([share * right[:n], pad]))
    # Rows past the last vessel stand for the ends, whose pressure does not change.
    rows = jnp.stack([entries.diagonal[n:] - taken, right[n:] + fed], axis=1)
    rows = jnp.concatenate([rows, jnp.zeros((tree.ends, *rows.shape[1:]))])
    along = entries.along[n:]
    order, down = jnp.asarray(tree.order), jnp.asarray(tree.down[n:])

    def row(rows: Array, number: Array) -> Array:
        return lax.dynamic_index_in_dim(rows, number, 0, keepdims=False)

    def forward(iteration: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        rows, inverses = carry
        vessel = order[iteration]
        to, side = down[vessel], row(along, vessel)
        own, target = row(rows, vessel), row(rows, to)
        inverse = 1.0 / own[0]
        part = side * inverse
        change = jnp.stack([-part * side, part * own[1]])
        rows = lax.dynamic_update_index_in_dim(rows, target + change, to, 0)
        return rows, lax.dynamic_update_index_in_dim(inverses, inverse, vessel, 0)

    rows, inverses = lax.fori_loop(0, tree.vessels, forward, (rows, jnp.zeros_like(along)))
    start = jnp.zeros((tree.vessels + tree.ends, right.shape[1]))

    def backward(iteration: Array, x: Array) -> Array:
        vessel = order[tree.vessels - 1 - iteration]
        value = (row(rows, vessel)[1] + row(along, vessel) * row(x, down[vessel])) * row(inverses, vessel)
        return lax.dynamic_update_index_in_dim(x, value, vessel, 0)

    x = lax.fori_loop(0, tree.vessels, backward, start)
    leaves = (right[:n] + entries.along[:n] * x[tree.down[:n]]) * leaves
    return jnp.concatenate([leaves, x[: tree.vessels]])
