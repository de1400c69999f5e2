"""What a topology makes of itself once: lists of row numbers, and sums over what meets in a cell.

Sums over faces, beds and surroundings are written as gathers with fixed row numbers, which the compiler fuses; a
network's tables are made once for each topology.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from venolymph.network.topology import Topology

MAX_UNROLLED_TERMS = 8
"""Rows with more terms use `jnp.sum`; shorter ones are unrolled so that they fuse."""


class Sums:
    """Which rows of an array are summed into which row of another: gathers, which compile into their neighbours.

    A row without terms is zero. What is summed may have any shape that ends with the batch.
    """

    def __init__(self, rows: int, terms: Iterable[tuple[int, int, float]]) -> None:
        """Terms are (row of the sum, row of what is summed, factor)."""
        lists: list[list[tuple[int, float]]] = [[] for _ in range(rows)]
        for row, source, factor in terms:
            lists[row].append((source, factor))
        width = max(map(len, lists), default=0)
        table = np.array([row + [(0, 0.0)] * (width - len(row)) for row in lists]).reshape(rows, width, 2)
        self.source, self.factor = table[..., 0].astype(np.int32), table[..., 1]

    def __call__(self, values: Float[Array, "sources *n batch"]) -> Float[Array, "rows *n batch"]:
        """The sums."""
        flat = [1] * (values.ndim - 1)
        if self.source.shape[1] > MAX_UNROLLED_TERMS:
            return jnp.sum(self.factor.reshape(*self.factor.shape, *flat) * values[self.source], axis=1)
        total = jnp.zeros((len(self.source), *values.shape[1:]))
        for number, (source, factor) in enumerate(zip(self.source.T, self.factor.T, strict=True)):
            rows = values[source] if np.all(factor == 1.0) else factor.reshape(-1, *flat) * values[source]
            total = total + rows if number else rows
        return total


class Graph:
    """Index tables of a topology, computed once."""

    def __init__(self, topology: Topology) -> None:
        n, faces = topology.n_cells, topology.n_faces
        tails = [(face, cell, 1.0) for face, cell in enumerate(topology.tail) if cell < n]
        heads = [(face, cell, 1.0) for face, cell in enumerate(topology.head) if cell < n]
        self.at_tail, self.at_head = Sums(faces, tails), Sums(faces, heads)  # nothing at ends
        self.across = Sums(faces, [*tails, *((face, cell, -1.0) for face, cell, _ in heads)])
        self.from_ends = Sums(
            faces,
            [
                (face, node - n, one)
                for nodes, one in ((topology.tail, 1.0), (topology.head, -1.0))
                for face, node in enumerate(nodes)
                if node >= n
            ],
        )
        # What flows into each cell; and the same for what differs by side: first all tails, then all heads.
        leaving = [(cell, face, -1.0) for face, cell, _ in tails]
        arriving = [(cell, face, 1.0) for face, cell, _ in heads]
        self.net = Sums(n, leaving + arriving)
        beds = list(enumerate(topology.bed_cell))
        feeds = [(bed, topology.bed_tail[bed], 1.0) for bed in topology.drawing]
        self.bed_ends = Sums(
            len(beds), [(bed, node - n, 1.0) for bed, node in enumerate(topology.bed_tail) if node >= n]
        )
        self.at_feed = Sums(len(beds), feeds)  # nothing at ends
        self.at_bed = Sums(len(beds), [(bed, cell, 1.0) for bed, cell in beds])
        self.fed = Sums(n, [*((cell, bed, 1.0) for bed, cell in beds), *((cell, bed, -1.0) for bed, cell, _ in feeds)])
        if feeds:  # beds then join cells as faces do, and come after them
            leaving = leaving + [(cell, faces + bed, -1.0) for bed, cell, _ in feeds]
            arriving = arriving + [(cell, faces + bed, 1.0) for bed, cell in beds]
        self.leaving, self.arriving = Sums(n, leaving), Sums(n, arriving)
        valves = list(enumerate(topology.valve_face))
        self.at_valve = Sums(len(valves), [(valve, face, 1.0) for valve, face in valves])
        self.on_faces = Sums(faces, [(face, valve, 1.0) for valve, face in valves])
        self.at_ring = Sums(len(valves), [(v, topology.tail[f], 1.0) for v, f in valves if topology.tail[f] < n])
        self.slots = np.array(topology.surrounded, np.int32).reshape(n, topology.n_slots)
        self.elastic = np.array(topology.elastic, np.int32)
        self.felt = np.full(len(topology.surroundings), len(topology.elastic), np.int32)
        self.felt[self.elastic] = np.arange(len(topology.elastic))
        inside = np.zeros((len(topology.surroundings), n))
        for cell, slots in enumerate(topology.surrounded):
            inside[list(slots), cell] = 1.0
        inside[:, list(topology.linear)] = 0.0  # nothing presses on them
        self.inside = inside[self.elastic]
        self.sum_inside = Sums(len(self.elastic), [(row, cell, 1.0) for row, cell in np.argwhere(self.inside)])


@lru_cache(maxsize=32)
def graph_of(topology: Topology) -> Graph:
    """The index tables of a topology."""
    return Graph(topology)
