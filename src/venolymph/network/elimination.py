"""The linear solve of a Newton step: sparse elimination in an order computed once from the graph.

The matrix has an entry wherever a face or a bed joins two cells. Eliminating the cell with fewest neighbours first
keeps a tree a tree and lets the few loops of a leg (perforators) fill in little. The order becomes lists of row numbers
(`EliminationOrder`); the arithmetic is then a loop over those lists, one multiply and add at a time over the whole
batch. No pivoting: columns are diagonally dominant, since what leaves one cell enters another.

This module is kept narrow (`factor`, `solve`, `solve_transposed` on a flat list of entries) so that a faster
kernel can take its place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

from venolymph.network.topology import Topology


@dataclass(frozen=True, eq=False)
class EliminationOrder:
    """Where each entry of the matrix is stored, and in which order cells are eliminated.

    Entries are stored in rows: first the diagonal by cell, then for each inner face (and then for each bed that draws
    from a cell) the entry (tail, head), then for each the entry (head, tail), then what fills in.

    Attributes:
        inner: numbers of the faces that join two cells, and of the beds that do, which are counted on from the faces.
        tail, head: the cells that these join.
        size: number of entries.
        pivots: cells in order of elimination.
        column: storage rows of the entries below each pivot; those of pivot i are `column_start[i:i+2]`.
        column_start: see `column`.
        update: triples (changed entry, entry of the column, entry of the row); pivot i has `update_start[i:i+2]`.
        update_start: see `update`.
        lower: triples (row, column, storage row) of the lower factor in forward order.
        upper: triples (row, column, storage row) of the upper factor in backward order.
    """

    inner: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    size: int
    pivots: np.ndarray
    column: np.ndarray
    column_start: np.ndarray
    update: np.ndarray
    update_start: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


@lru_cache(maxsize=32)
def elimination_order(topology: Topology) -> EliminationOrder:
    """The order of elimination for a topology: minimum degree, ties broken by minimum fill-in."""
    n = topology.n_cells
    tails, heads = topology.tail + topology.bed_tail, topology.head + topology.bed_cell
    inner = [way for way, pair in enumerate(zip(tails, heads, strict=True)) if max(pair) < n]
    pairs = [(tails[way], heads[way]) for way in inner]
    row_of: dict[tuple[int, int], int] = {(cell, cell): cell for cell in range(n)}
    for tail, head in pairs:
        row_of[tail, head] = len(row_of)
    for tail, head in pairs:
        row_of[head, tail] = len(row_of)
    neighbours: dict[int, set[int]] = {cell: set() for cell in range(n)}
    for tail, head in pairs:
        neighbours[tail].add(head)
        neighbours[head].add(tail)
    pivots, column, column_start, update, update_start, lower, eliminated = [], [], [0], [], [0], [], []
    left = set(range(n))

    def fill(cell: int) -> int:
        return sum(len(neighbours[cell] - neighbours[one]) for one in neighbours[cell])

    while left:
        fewest = min(len(neighbours[cell]) for cell in left)
        pivot = min((cell for cell in left if len(neighbours[cell]) == fewest), key=lambda cell: (fill(cell), cell))
        left.remove(pivot)
        neighbouring = sorted(neighbours[pivot])
        for i in neighbouring:
            for j in neighbouring:
                if i != j:
                    row_of.setdefault((i, j), len(row_of))
            neighbours[i] |= set(neighbouring) - {i}
            neighbours[i].discard(pivot)
        pivots.append(pivot)
        column += [row_of[i, pivot] for i in neighbouring]
        column_start.append(len(column))
        update += [(row_of[i, j], row_of[i, pivot], row_of[pivot, j]) for i in neighbouring for j in neighbouring]
        update_start.append(len(update))
        lower += [(i, pivot, row_of[i, pivot]) for i in neighbouring]
        eliminated.append([(pivot, i, row_of[pivot, i]) for i in neighbouring])
    upper = [triple for neighbouring in reversed(eliminated) for triple in neighbouring]

    def table(rows: list, width: int = 0) -> np.ndarray:
        return np.array(rows, np.uint32).reshape((-1, width) if width else (-1,))

    return EliminationOrder(
        inner=table(inner),
        tail=table([tail for tail, _ in pairs]),
        head=table([head for _, head in pairs]),
        size=len(row_of),
        pivots=table(pivots),
        column=table(column),
        column_start=table(column_start),
        update=table(update, 3),
        update_start=table(update_start),
        lower=table(lower, 3),
        upper=table(upper, 3),
    )


class Factors(eqx.Module):
    """Lower and upper factor in the storage of the matrix; the diagonal holds the pivots' inverses."""

    entries: Float[Array, "entries batch"]


def _row(rows: Array, number: Array) -> Array:
    return lax.dynamic_index_in_dim(rows, number, 0, keepdims=False)


def _put(rows: Array, value: Array, number: Array) -> Array:
    return lax.dynamic_update_index_in_dim(rows, value, number, 0)


def _turns(number: int, body: Callable[[Array, Array], Array], start: Array) -> Array:
    """A loop whose counter, like all row numbers here, is unsigned: JAX would test a signed one for being negative."""
    return lax.fori_loop(np.uint32(0), np.uint32(number), body, start)


def factor(order: EliminationOrder, entries: Float[Array, "entries batch"]) -> Factors:
    """Factors of the matrix with these entries (in the storage of `EliminationOrder`)."""
    if not len(order.column):  # a diagonal matrix
        return Factors(1.0 / entries)
    pivots, column, column_start = map(jnp.asarray, (order.pivots, order.column, order.column_start))
    update_start, (changed, below, across) = jnp.asarray(order.update_start), map(jnp.asarray, order.update.T)

    def eliminate(number: Array, rows: Array) -> Array:
        pivot = pivots[number]
        inverse = 1.0 / _row(rows, pivot)
        rows = _put(rows, inverse, pivot)
        rows = lax.fori_loop(
            column_start[number],
            column_start[number + 1],
            lambda t, r: _put(r, _row(r, column[t]) * inverse, column[t]),
            rows,
        )
        return lax.fori_loop(
            update_start[number],
            update_start[number + 1],
            lambda t, r: _put(r, _row(r, changed[t]) - _row(r, below[t]) * _row(r, across[t]), changed[t]),
            rows,
        )

    return Factors(_turns(len(order.pivots), eliminate, entries))


def _sweep(triples: np.ndarray, entries: Array, x: Array, source: int, target: int, scale: Array | None) -> Array:
    """x[target] -= entry x[source] (times scale[target] if given), triple by triple."""
    if not len(triples):
        return x
    origin, goal, stored = (jnp.asarray(triples[:, which]) for which in (source, target, 2))

    def one(number: Array, x: Array) -> Array:
        to, entry = goal[number], _row(entries, stored[number])
        entry = entry if x.ndim == 2 else entry[None]
        change = entry * _row(x, origin[number])
        if scale is not None:
            change = change * _row(scale, to)
        return _put(x, _row(x, to) - change, to)

    return _turns(len(triples), one, x)


def solve(order: EliminationOrder, factors: Factors, right: Array) -> Array:
    """Solution x of A x = right; right has shape (cells, batch) or (cells, columns, batch)."""
    inverse = factors.entries[: len(order.pivots)]
    inverse = inverse if right.ndim == 2 else inverse[:, None]
    x = _sweep(order.lower, factors.entries, right, source=1, target=0, scale=None)
    return _sweep(order.upper, factors.entries, x * inverse, source=1, target=0, scale=inverse)


def solve_transposed(order: EliminationOrder, factors: Factors, right: Array) -> Array:
    """Solution x of A^T x = right; right has shape (cells, batch) or (cells, columns, batch)."""
    inverse = factors.entries[: len(order.pivots)]
    inverse = inverse if right.ndim == 2 else inverse[:, None]
    scaled = _sweep(order.upper[::-1], factors.entries, right * inverse, source=0, target=1, scale=inverse)
    return _sweep(order.lower[::-1], factors.entries, scaled, source=0, target=1, scale=None)


def multiply(
    order: EliminationOrder, entries: Float[Array, "entries batch"], x: Float[Array, "cells batch"]
) -> Float[Array, "cells batch"]:
    """A x for a matrix given by its entries (before factoring; what fills in is zero)."""
    n, m, tail, head = len(order.pivots), len(order.tail), order.tail, order.head
    y = entries[:n] * x
    y = y.at[tail].add(entries[n : n + m] * x[head])
    return y.at[head].add(entries[n + m : n + 2 * m] * x[tail])
