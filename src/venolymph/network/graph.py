"""What a topology makes of itself once: lists of row numbers, sums over what meets in a cell, and ready parameters.

Sums over faces, beds and surroundings are written as gathers with fixed row numbers, which the compiler fuses; a
network's tables are made once for each topology.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from venolymph.errors import NetworkError
from venolymph.network import vessel
from venolymph.network.drive import Drive
from venolymph.network.parameters import Cells, Parameters
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
        self.draws = bool(feeds)
        self.at_feed = Sums(len(beds), feeds)  # nothing at ends
        self.at_bed = Sums(len(beds), [(bed, cell, 1.0) for bed, cell in beds])
        self.fed = Sums(n, [*((cell, bed, 1.0) for bed, cell in beds), *((cell, bed, -1.0) for bed, cell, _ in feeds)])
        if self.draws:  # beds then join cells as faces do, and come after them
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
        self.linear = np.zeros((n, 1), bool)
        self.linear[list(topology.linear)] = True
        self.all_linear = len(topology.linear) == n and not topology.beds and not topology.valves
        self.linear_row = np.full(n, len(topology.linear), np.int32)
        self.linear_row[list(topology.linear)] = np.arange(len(topology.linear))
        self.switch_row = np.full(faces, len(topology.switches), np.int32)
        self.switch_row[list(topology.switches)] = np.arange(len(topology.switches))
        self.switches = np.array(topology.switches, np.int32)


@lru_cache(maxsize=32)
def graph_of(topology: Topology) -> Graph:
    """The index tables of a topology."""
    return Graph(topology)


class Prepared(eqx.Module):
    """Parameters and drive of one phase, with the quantities that can be computed before its time steps.

    Attributes:
        parameters: of the network.
        drive: of the phase.
        unstressed: volume of each cell at zero transmural pressure with the phase's calibre, mL.
        shape: constant part of each cell's resistance (see `vessel.resistance_shape`), mmHg s mL.
        column_tail, column_head: inertance times volume of the cells at the faces' tails and heads, with the face's
            share in it, mmHg s2.
        channel_resistance: constant resistance of each face, mmHg s/mL.
        channel_inertance: constant inertance of each face, mmHg s2/mL.
        ring_lumen: lumen at each valve by the tail cell's volume, 1/cm, where it sits in the tail's vessels, else 0.
        ring_length: inverse of that, cm, else 0.
        ring_channel: inverse of the lumen at each valve where it sits in the face's own channel, 1/cm2, else 0.
        pressing: share of each elastic surrounding's pressure that reaches a cell, 1.
        elastance: of each elastic surrounding, body and garment together, mmHg/mL.
        slack: pressure that these elastances would have at no blood, mmHg (negative or zero).
        capacity: volume per unit of each cell's state: 1, or the compliance of a linear cell, mL/mmHg; None where
            there are no linear cells.
    """

    parameters: Parameters
    drive: Drive
    unstressed: Float[Array, "cells batch"]
    shape: Float[Array, "cells batch"]
    column_tail: Float[Array, "faces batch"]
    column_head: Float[Array, "faces batch"]
    channel_resistance: Float[Array, "faces batch"]
    channel_inertance: Float[Array, "faces batch"]
    ring_lumen: Float[Array, "valves batch"]
    ring_length: Float[Array, "valves batch"]
    ring_channel: Float[Array, "valves batch"]
    pressing: Float[Array, "elastic cells batch"]
    elastance: Float[Array, "elastic batch"]
    slack: Float[Array, "elastic batch"]
    capacity: Float[Array, "cells batch"] | None = None


def prepare(topology: Topology, parameters: Parameters, drive: Drive) -> Prepared:
    """Parameters and drive of a phase, with the quantities that are constant during it."""
    graph = graph_of(topology)
    cells, faces, fluid, body = parameters.cells, parameters.faces, parameters.fluid, parameters.surroundings
    unstressed = cells.unstressed_volume * drive.calibre
    column = fluid.density * cells.length**2
    one_of = np.eye(len(topology.surroundings))[graph.slots][:, :, graph.elastic]
    pressing = jnp.sum(cells.share[:, :, None] * one_of[..., None], axis=1).transpose(1, 0, 2)
    capacity, shape = None, vessel.resistance_shape(cells, fluid)
    in_channel, ring = parameters.valves.in_channel, cells.vessels * cells.length
    if topology.linear:
        one = jnp.ones((1, parameters.batch))
        capacity = jnp.concatenate(
            [jnp.broadcast_to(_compliance(cells), (len(topology.linear), parameters.batch)), one]
        )
        capacity = capacity[graph.linear_row]
        # They have no length to run along, no lumen that a valve could sit in, and nothing presses on them.
        column, shape, pressing = (jnp.where(graph.linear, 0.0, value) for value in (column, shape, pressing))
        unstressed, ring = (jnp.where(graph.linear, 1.0, value) for value in (unstressed, ring))
        in_channel = jnp.maximum(in_channel, graph.at_ring(jnp.asarray(graph.linear, jnp.float64)))
    pipe = 8.0 * jnp.pi * fluid.viscosity * faces.channel_length
    inertance = fluid.density * faces.channel_length / (faces.channel_vessels * faces.channel_area)
    return Prepared(
        parameters=parameters,
        drive=drive,
        unstressed=unstressed,
        shape=shape,
        column_tail=faces.tail_share * graph.at_tail(column),
        column_head=faces.head_share * graph.at_head(column),
        channel_resistance=faces.resistance + pipe / (faces.channel_vessels * faces.channel_area**2),
        channel_inertance=inertance if faces.inertance is None else inertance + faces.inertance,
        ring_lumen=(1.0 - in_channel) * graph.at_ring(1.0 / ring),
        ring_length=(1.0 - in_channel) * graph.at_ring(ring),
        ring_channel=in_channel / graph.at_valve(faces.channel_area),
        pressing=pressing,
        elastance=(body.elastance + drive.elastance)[graph.elastic],
        slack=-(body.elastance * body.rest_volume + drive.elastance * drive.grip_volume)[graph.elastic],
        capacity=capacity,
    )


def _compliance(cells: Cells) -> Array:
    if cells.compliance is None:
        raise NetworkError("the topology has linear cells, the parameters have no compliance")
    return cells.compliance
