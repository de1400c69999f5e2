"""All physics of a network gathered into one balance, solved for the volumes at the end of a stage.

A stage of the time step asks for volumes V with `V - h (inflow - outflow)(V) = rhs`. Every other state (flow,
valve opening, creep, arteriolar factor, muscle work) obeys its own small implicit equation, which is solved in
closed form once V is given; so Newton iterates in volume alone. (In pressure it overshoots from collapse, and
stopped early gives finite, smooth, wrong results.) Only the topology's linear cells have their pressure as state and
unknown: they have no collapse, and one that stores nothing has no volume to iterate in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Bool, Float

from venolymph.errors import NetworkError
from venolymph.network import bed, elimination, switch, valve, vessel, wall
from venolymph.network.elimination import Factors, elimination_order
from venolymph.network.parameters import Cells, Drive, Parameters
from venolymph.network.surroundings import DriveValues
from venolymph.network.topology import Topology

TOLERANCE = 1e-6
"""Default tolerance: Newton stops when the volume residual of no cell exceeds this, mL.

The residual bounds the error: what leaves one cell enters another, so no column of the inverse of the Newton matrix
sums to more than one.
"""

MIN_LINE_SEARCH_FRACTION = 1e-3
"""Smallest fraction of a Newton step that the line search tries; it is taken even if the residual grows."""

EXACT_SLOPE_ITERATIONS = 4
"""After this many iterations, drop the line search and clip negative flow slopes to zero."""

FULL_STEP_ITERATIONS = 16
"""After this many iterations, halve every step."""

MAX_ITERATIONS = 60

REUSED_FACTORS_TOLERANCE = 0.1
"""Factors reused from the previous breath are accepted if the residual falls below this fraction of the tolerance;
otherwise Newton refactors."""

ROUNDING_LEVEL = 32.0 * float(np.finfo(np.float64).eps)
"""Relative rounding level: residuals of linear cells below this share of pressure times slope count as zero."""

REFRESH_LOW_RANK_AFTER = 2
"""After this many iterations, renew the low-rank part of elastic surroundings in each iteration."""

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


class StateVector(eqx.Module):
    """One number for each state variable: the states themselves, their rates (per s), or right sides of a stage.

    Attributes:
        volume: mL (of linear cells their pressure, mmHg).
        flow: mL/s.
        creep: 1.
        arteriolar: 1.
        exercise: 1.
    """

    volume: Float[Array, "cells batch"]
    flow: Float[Array, "faces batch"]
    creep: Float[Array, "cells batch"]
    arteriolar: Float[Array, "beds batch"]
    exercise: Float[Array, "beds batch"]


class StageResult(eqx.Module):
    """All quantities that follow from the volumes at the end of a stage.

    Attributes:
        volume: mL (of linear cells their pressure, mmHg).
        pressure: inside each cell, mmHg.
        flow: along each face, mL/s.
        inflow: through each bed, mL/s.
        net: inflow less outflow of each cell, mL/s.
        drop: pressure difference along each face, mmHg.
        opening, creep, arteriolar, exercise: the other states, 1.
        surroundings: pressure of each surrounding, mmHg.
    """

    volume: Float[Array, "cells batch"]
    pressure: Float[Array, "cells batch"]
    flow: Float[Array, "faces batch"]
    inflow: Float[Array, "beds batch"]
    net: Float[Array, "cells batch"]
    drop: Float[Array, "faces batch"]
    opening: Float[Array, "faces batch"]
    creep: Float[Array, "cells batch"]
    arteriolar: Float[Array, "beds batch"]
    exercise: Float[Array, "beds batch"]
    surroundings: Float[Array, "surroundings batch"]


class Slopes(eqx.Module):
    """How flows change with pressures and volumes.

    Attributes:
        by_drop: dQ/d(pressure difference) of each face, mL/(s mmHg).
        by_tail, by_head: dQ/dV of each face against the volume at its tail, and at its head, 1/s. Where a bed draws
            from a cell, beds follow the faces.
        by_bed: dQ/dp of each bed against the pressure in the cell that it fills, mL/(s mmHg).
        own: d(net)/dV of each cell by its own volume, 1/s.
        by_feed: dQ/dp of each bed against the pressure that feeds it, mL/(s mmHg); None where none draws from a cell.
    """

    by_drop: Float[Array, "faces batch"]
    by_tail: Float[Array, "ways batch"]
    by_head: Float[Array, "ways batch"]
    by_bed: Float[Array, "beds batch"]
    own: Float[Array, "cells batch"]
    by_feed: Float[Array, "beds batch"] | None = None


class StageEvaluation(eqx.Module):
    """Quantities that follow from the volumes of a stage, with the costly terms that their slopes reuse.

    Attributes:
        volume, pressure, flow, inflow, net, drop, arteriolar: as in `StageResult`.
        root: inverse slope of each face's flow against the pressure difference (see `vessel.implicit_flow`), mmHg s/mL.
        goal: where each bed's arteriolar factor tends to, 1.
        per_volume: inverse of the volume, 1/mL; None where all cells are linear.
        wall: of each cell; None where all are linear.
        orifice: of each valve; None where there are none.
    """

    volume: Float[Array, "cells batch"]
    pressure: Float[Array, "cells batch"]
    flow: Float[Array, "faces batch"]
    inflow: Float[Array, "beds batch"]
    net: Float[Array, "cells batch"]
    drop: Float[Array, "faces batch"]
    arteriolar: Float[Array, "beds batch"]
    root: Float[Array, "faces batch"]
    goal: Float[Array, "beds batch"]
    per_volume: Float[Array, "cells batch"] | None
    wall: wall.Wall | None
    orifice: valve.Orifice | None


StageRhs = StateVector
"""Right sides of a stage's implicit equations: each state y solves `y - h dy/dt(y) = rhs`."""

StageInputs = tuple[Prepared, DriveValues, StageRhs, valve.Begun, Array]
"""The arguments of `evaluate_stage` from `prepared` to `h`."""


def evaluate_stage(
    topology: Topology,
    prepared: Prepared,
    prescribed: DriveValues,
    rhs: StageRhs,
    begun: valve.Begun,
    h: Array,
    volume: Array,
    rising: Array | bool = False,
) -> tuple[StageResult, Slopes]:
    """All quantities that follow from the volumes at the end of a stage, with their slopes against the volumes.

    Args:
        topology: of the network.
        prepared: parameters and drive.
        prescribed: what the regimen prescribes at the stage's end.
        rhs: right sides of the implicit equations.
        begun: opening of the valves and pressure difference at the start of the stage.
        h: implicit share of the step, s.
        volume: of each cell, mL (of linear cells their pressure, mmHg), shape (cells, batch).
        rising: whether to clip the slope of a flow against its pressure difference at zero. It is negative where a
            valve opens while blood still flows back through it, and no Newton step then reduces the residual.

    Returns:
        the result, and the slopes at fixed surroundings (`low_rank_update` adds what elastic ones change).
    """
    inputs = prepared, prescribed, rhs, begun, h
    stage = _evaluate(topology, inputs, volume)
    return _complete_result(topology, inputs, stage), _slopes(topology, inputs, stage, rising)


def _evaluate(topology: Topology, inputs: StageInputs, volume: Array) -> StageEvaluation:
    """Evaluate a stage at given volumes without slopes: half the cost, and most calls need no slopes."""
    prepared, prescribed, rhs, begun, h = inputs
    graph, parameters = graph_of(topology), prepared.parameters
    cells, fluid, faces, beds = parameters.cells, parameters.fluid, parameters.faces, parameters.beds
    resistance, inertance = prepared.channel_resistance, prepared.channel_inertance
    pressure, per_volume, walls, orifice, loss = volume, None, None, None, faces.loss

    if not graph.all_linear:
        cell_volume, rhs_volume = volume, rhs.volume
        if topology.linear:  # their wall law is evaluated but not used
            cell_volume, rhs_volume = (
                jnp.where(graph.linear, prepared.unstressed, value) for value in (cell_volume, rhs_volume)
            )
        per_unstressed, per_volume = 1.0 / prepared.unstressed, 1.0 / cell_volume
        walls = wall.implicit_wall(cells, cell_volume * per_unstressed, rhs_volume * per_unstressed, rhs.creep, h)
        pressure = _prescribed(graph, prepared, prescribed) + walls.pressure
        pressed = _pressed(graph, prepared, cell_volume)
        for row in range(len(graph.elastic)):
            pressure = pressure + prepared.pressing[row] * pressed[row : row + 1]
        if topology.linear:
            pressure = jnp.where(graph.linear, volume, pressure)
        friction, _ = vessel.resistance(prepared.shape, per_volume, prepared.unstressed)
        resistance = (
            resistance + faces.tail_share * graph.at_tail(friction) + faces.head_share * graph.at_head(friction)
        )
        inertance = inertance + prepared.column_tail * graph.at_tail(per_volume)
        inertance = inertance + prepared.column_head * graph.at_head(per_volume)

    drop = graph.across(pressure) + _lift(graph, prepared, prescribed)
    if per_volume is not None and topology.valves:
        orifice = valve.orifice_after(
            parameters.valves,
            fluid.density,
            graph.at_valve(drop),
            per_annulus(graph, prepared, per_volume),
            _begun_at_valves(graph, begun),
        )
        inertance = inertance + graph.on_faces(orifice.inertance)
        loss = graph.on_faces(orifice.loss) if loss is None else loss + graph.on_faces(orifice.loss)
    if topology.switches:
        resistance = resistance + _switched(graph, parameters, drop)[0]
    if loss is None:
        inertia = inertance * (1.0 / h)
        root = resistance + inertia
        flow = (drop + inertia * rhs.flow) / root
    else:
        flow, root = vessel.implicit_flow(drop, resistance, inertance, loss, rhs.flow, h)
    flow = faces.open * flow

    at_bed = graph.at_bed(pressure)
    goal, _ = bed.arteriolar_goal(beds, graph.at_bed(_transmural(graph, pressure, walls)))
    time = bed.arteriolar_time(beds, rhs.arteriolar, goal)
    arteriolar = bed.implicit_relaxation(rhs.arteriolar, goal, time, h)
    conductance, source = _feeding(graph, inputs, pressure)
    inflow = conductance * arteriolar * jnp.maximum(source - at_bed, 0.0)
    net = graph.net(flow) + graph.fed(inflow) if topology.beds else graph.net(flow)
    if prescribed.source is not None:
        net = net + prescribed.source
    return StageEvaluation(
        volume, pressure, flow, inflow, net, drop, arteriolar, root, goal, per_volume, walls, orifice
    )


def _slopes(topology: Topology, inputs: StageInputs, stage: StageEvaluation, rising: Array | bool = False) -> Slopes:
    """Slopes of an evaluated stage (see `evaluate_stage`)."""
    prepared, _, rhs, _, h = inputs
    graph, parameters = graph_of(topology), prepared.parameters
    faces, beds = parameters.faces, parameters.beds
    # dQ = g (d(dp) - Q dR - Q |Q| dB + (known - Q) / h dL), see `vessel.implicit_flow`; a face that is shut has g = 0.
    g, flow = faces.open / stage.root, stage.flow
    turbulent, late = flow * jnp.abs(flow), (rhs.flow - flow) * (1.0 / h)
    steeper = by_annulus = jnp.zeros_like(flow)
    if stage.orifice is not None and stage.per_volume is not None:
        slopes = valve.orifice_slopes(parameters.valves, per_annulus(graph, prepared, stage.per_volume), stage.orifice)
        steeper = turbulent * graph.on_faces(slopes.loss_by_drop)
        by_annulus = late * graph.on_faces(prepared.ring_lumen * slopes.inertance_by_annulus)
        by_annulus = by_annulus - turbulent * graph.on_faces(prepared.ring_lumen * slopes.loss_by_annulus)
    if topology.switches:
        steeper = steeper + flow * _switched(graph, parameters, stage.drop)[1]
    rise = jnp.where(rising, jnp.maximum(1.0 - steeper, 0.0), 1.0 - steeper)
    by_drop = g * rise
    by_tail, by_head = by_drop, -by_drop
    elastance = jnp.ones_like(stage.volume)
    if stage.wall is not None and stage.per_volume is not None:
        elastance = wall.slope_of(parameters.cells, stage.wall, h) / prepared.unstressed
        if topology.linear:
            elastance = jnp.where(graph.linear, 1.0, elastance)
        _, narrowing = vessel.resistance(prepared.shape, stage.per_volume, prepared.unstressed)
        shortening = stage.per_volume * stage.per_volume
        for_tail = flow * faces.tail_share * graph.at_tail(narrowing)
        for_tail = for_tail + late * prepared.column_tail * graph.at_tail(shortening)
        for_head = flow * faces.head_share * graph.at_head(narrowing)
        for_head = for_head + late * prepared.column_head * graph.at_head(shortening)
        # Divided by the root again: sums over cells would recompute an expression that ends in a product for each term.
        by_tail = faces.open * (rise * graph.at_tail(elastance) + by_annulus - for_tail) / stage.root
        by_head = -faces.open * (rise * graph.at_head(elastance) + for_head) / stage.root
    by_bed = by_lumen = jnp.zeros_like(stage.inflow)
    by_feed = None
    if topology.beds:
        conductance, source = _feeding(graph, inputs, stage.pressure)
        _, goal_slope = bed.arteriolar_goal(beds, graph.at_bed(_transmural(graph, stage.pressure, stage.wall)))
        closing = goal_slope * (h / (bed.arteriolar_time(beds, rhs.arteriolar, stage.goal) + h))
        driving = source - graph.at_bed(stage.pressure)
        conductance = jnp.where(driving > 0.0, conductance, 0.0)
        by_bed = -conductance * stage.arteriolar
        # The response follows the transmural pressure, which moves with the volume and not with the surroundings.
        by_lumen = by_bed + conductance * closing * driving
        if graph.draws:
            by_feed = conductance * stage.arteriolar
            by_tail = jnp.concatenate([by_tail, by_feed * graph.at_feed(elastance)])
            by_head = jnp.concatenate([by_head, by_lumen * graph.at_bed(elastance)])
    own = graph.leaving(by_tail) + graph.arriving(by_head)
    if topology.beds and not graph.draws:
        own = own + elastance * graph.fed(by_lumen)
    return Slopes(by_drop, by_tail, by_head, by_bed, own, by_feed)


def _complete_result(topology: Topology, inputs: StageInputs, stage: StageEvaluation) -> StageResult:
    """The result of an evaluated stage, with the states that need no slopes."""
    prepared, prescribed, rhs, _, h = inputs
    graph, beds = graph_of(topology), prepared.parameters.beds
    pressed = jnp.concatenate([_pressed(graph, prepared, stage.volume), jnp.zeros_like(prescribed.pressure[:1])])
    return StageResult(
        volume=stage.volume,
        pressure=stage.pressure,
        flow=stage.flow,
        inflow=stage.inflow,
        net=stage.net,
        drop=stage.drop,
        opening=jnp.zeros_like(stage.drop) if stage.orifice is None else graph.on_faces(stage.orifice.zeta),
        creep=rhs.creep if stage.wall is None else stage.wall.creep,
        arteriolar=stage.arteriolar,
        exercise=bed.implicit_relaxation(rhs.exercise, prepared.drive.exercise, beds.exercise_time, h),
        surroundings=prescribed.pressure + pressed[graph.felt],
    )


def _prescribed(graph: Graph, prepared: Prepared, prescribed: DriveValues) -> Array:
    """Prescribed external pressure on each cell, mmHg."""
    share = prepared.parameters.cells.share
    slots = range(share.shape[1])
    others = jnp.zeros_like(share[:, 0]) if prescribed.outside is None else prescribed.outside
    return sum((share[:, slot] * prescribed.pressure[graph.slots[:, slot]] for slot in slots), others)


def _lift(graph: Graph, prepared: Prepared, prescribed: DriveValues) -> Array:
    """Contribution of ends and heights to the pressure difference along each face, mmHg."""
    return prepared.parameters.fluid.weight * graph.across(prescribed.height) + graph.from_ends(prescribed.ends)


def _pressed(graph: Graph, prepared: Prepared, volume: Array) -> Array:
    """Elastic part of the pressure of each elastic surrounding, mmHg."""
    return prepared.elastance * graph.sum_inside(volume) + prepared.slack


def per_annulus(graph: Graph, prepared: Prepared, per_volume: Array) -> Array:
    """Inverse of the lumen of one vessel at each valve, 1/cm2."""
    return prepared.ring_length * graph.at_ring(per_volume) + prepared.ring_channel


def _begun_at_valves(graph: Graph, begun: valve.Begun) -> valve.Begun:
    return valve.Begun(graph.at_valve(begun.opening), graph.at_valve(begun.drop), begun.span)


def _feeding(graph: Graph, inputs: StageInputs, pressure: Array) -> tuple[Array, Array]:
    """Conductance of each bed before the venoarteriolar factor, mL/(s mmHg), and the pressure that feeds it, mmHg."""
    prepared, prescribed, rhs, _, h = inputs
    beds, drive, weight = prepared.parameters.beds, prepared.drive, prepared.parameters.fluid.weight
    exercise = bed.implicit_relaxation(rhs.exercise, drive.exercise, beds.exercise_time, h)
    source = graph.bed_ends(prescribed.ends) - weight * graph.at_bed(prescribed.height)
    if graph.draws:
        source = source + graph.at_feed(pressure + weight * prescribed.height)
    return bed.full_conductance(beds, drive.inflow, exercise), source


def _transmural(graph: Graph, pressure: Array, walls: wall.Wall | None) -> Array:
    """Pressure across the wall of each cell, mmHg; a linear cell has none, and counts with its pressure."""
    return pressure if walls is None else jnp.where(graph.linear, pressure, walls.pressure)


def _switched(graph: Graph, parameters: Parameters, drop: Array) -> tuple[Array, Array]:
    """Resistance that switches add to each face, and its slope against the pressure difference."""
    if parameters.switches is None:
        raise NetworkError("the topology has switches, the parameters have none")
    added = jnp.stack(switch.added_resistance(parameters.switches, drop[graph.switches]), axis=1)
    on_faces = jnp.concatenate([added, jnp.zeros_like(added[:1])])[graph.switch_row]
    return on_faces[:, 0], on_faces[:, 1]


def _volume_residual(prepared: Prepared, rhs: StageRhs, h: Array, stage: StageEvaluation) -> Array:
    """Residual of each cell's volume equation, mL."""
    if prepared.capacity is None:
        return rhs.volume + h * stage.net - stage.volume
    return prepared.capacity * (rhs.volume - stage.volume) + h * stage.net


def _entries(topology: Topology, capacity: Array | None, h: Array, slope: Slopes) -> Float[Array, "entries batch"]:
    """The Newton matrix d(V - h net)/dV at fixed surroundings, in the storage of `EliminationOrder`."""
    order = elimination_order(topology)
    above, below = h * slope.by_head[order.inner], -h * slope.by_tail[order.inner]
    fill = jnp.zeros((order.size - topology.n_cells - 2 * len(order.inner), above.shape[1]))
    return jnp.concatenate([(1.0 if capacity is None else capacity) - h * slope.own, above, below, fill])


class CycleMemory(eqx.Module):
    """Both stages of each step of the previous breathing cycle (see `integrate.STEPS_PER_BREATH`).

    Attributes:
        fits: members whose breathing period is `steps` steps; nothing is stored for others.
        changes: change of volume in each stage, mL; NaN where a stage is not stored.
        factors: entries of the factors of the Newton matrix that each stage was solved with.
        now: entries of the last factors; before a stage those of the same stage of the previous cycle, if stored.
        usable: whether they are stored.
    """

    fits: Bool[Array, "one batch"]
    changes: Float[Array, "steps two cells batch"]
    factors: Float[Array, "steps two entries batch"]
    now: Float[Array, "entries batch"]
    usable: Bool[Array, "one batch"]


class NewtonCache(eqx.Module):
    """Parts of the Newton matrix reused from stage to stage: they change the iterations, not the solution.

    Elastic surroundings add a low-rank term `change inside` to the Newton matrix. In a linear network the whole matrix
    depends on the step length alone.

    Attributes:
        reach: solution of the matrix without it for `change`, so that it can be folded in afterwards.
        core: inverse of the identity plus `inside reach`.
        factors: of the whole matrix where the network is linear; else None.
        rates: of volume at the start and in the middle of the last step, mL/s (of linear cells' pressure, mmHg/s).
        cycle: stages of the previous breathing cycle; None where they are not used.
    """

    reach: Float[Array, "cells elastic batch"]
    core: Float[Array, "elastic elastic batch"]
    factors: Factors | None
    rates: Float[Array, "two cells batch"]
    cycle: CycleMemory | None = None


def empty_cycle_memory(topology: Topology, steps: int, fits: Bool[Array, "one batch"]) -> CycleMemory:
    """An empty memory for a breathing cycle of `steps` steps, used by the members whose cycle it fits."""
    entries, batch = elimination_order(topology).size, fits.shape[-1]
    return CycleMemory(
        fits=fits,
        changes=jnp.full((steps, 2, topology.n_cells, batch), jnp.nan),
        factors=jnp.zeros((steps, 2, entries, batch)),
        now=jnp.zeros((entries, batch)),
        usable=jnp.zeros_like(fits),
    )


def _is_linear(topology: Topology, prepared: Prepared) -> bool:
    """Whether the equations are linear in all states: no wall, no valve, no loss."""
    return graph_of(topology).all_linear and not topology.switches and prepared.parameters.faces.loss is None


def _by_surroundings(topology: Topology, prepared: Prepared, h: Array, slope: Slopes) -> Array:
    """d(V - h net)/d(volume held by an elastic surrounding), shape (cells, elastic, batch)."""
    graph, share = graph_of(topology), prepared.pressing.transpose(1, 0, 2)
    pushed = slope.by_drop[:, None] * graph.across(share)
    fed = slope.by_bed[:, None] * graph.at_bed(share)
    if slope.by_feed is not None:
        fed = fed + slope.by_feed[:, None] * graph.at_feed(share)
    return -h * (graph.net(pushed) + graph.fed(fed)) * prepared.elastance[None]


def low_rank_update(
    topology: Topology, prepared: Prepared, h: Array, slope: Slopes, factors: Factors
) -> tuple[Array, Array]:
    """Low-rank part of the Newton matrix from elastic surroundings: `reach` and `core` of `NewtonCache`."""
    graph, order = graph_of(topology), elimination_order(topology)
    change = _by_surroundings(topology, prepared, h, slope)
    reach = elimination.solve(order, factors, change)
    inner = graph.sum_inside(reach)
    return reach, _small_inverse(inner + jnp.eye(inner.shape[0])[..., None])


def newton_cache_at(topology: Topology, inputs: StageInputs, volume: Array, rates: Array | None = None) -> NewtonCache:
    """The cache before the first stage, from given volumes and their rates (None: at rest).

    The stage's h must be that of the stages to come.
    """
    prepared, _, _, _, h = inputs
    slope = _slopes(topology, inputs, _evaluate(topology, inputs, volume))
    factors = elimination.factor(elimination_order(topology), _entries(topology, prepared.capacity, h, slope))
    rates = jnp.zeros_like(volume) if rates is None else rates
    constant = factors if _is_linear(topology, prepared) else None
    return NewtonCache(*low_rank_update(topology, prepared, h, slope, factors), constant, jnp.stack([rates, rates]))


def _small_inverse(matrix: Float[Array, "k k batch"]) -> Float[Array, "k k batch"]:
    """Inverse by Gauss and Jordan without pivoting, batch last (the matrix is near the identity)."""
    size = matrix.shape[0]
    one = jnp.broadcast_to(jnp.eye(size)[..., None], matrix.shape)
    rows = jnp.concatenate([matrix, one], axis=1)
    for row in range(size):
        pivot = rows[row] / rows[row, row][None]
        rows = lax.dynamic_update_index_in_dim(rows - rows[:, row][:, None] * pivot[None], pivot, row, 0)
    return rows[:, size:]


def _apply_low_rank_update(topology: Topology, reach: Array, core: Array, x: Array) -> Array:
    """The solution with elastic surroundings, from the one without (Sherman, Morrison, Woodbury)."""
    inside = graph_of(topology).sum_inside(x)
    felt = jnp.sum(core * inside[None], axis=1)
    for row in range(felt.shape[0]):
        x = x - reach[:, row] * felt[row : row + 1]
    return x


def _solve_exactly(
    topology: Topology,
    prepared: Prepared,
    h: Array,
    slope: Slopes,
    right: Array,
    constant: Factors | None = None,
) -> Array:
    """Solve the whole Newton matrix, elastic surroundings included, in a way that differentiates both ways."""
    graph, order = graph_of(topology), elimination_order(topology)
    change = _by_surroundings(topology, prepared, h, slope)
    entries = _entries(topology, prepared.capacity, h, slope)
    factors = elimination.factor(order, entries) if constant is None else constant

    def matrix(x: Array) -> Array:
        inside = graph.sum_inside(x)
        return elimination.multiply(order, entries, x) + jnp.sum(change * inside[None], axis=1)

    def forward(_: object, b: Array) -> Array:
        return _apply_low_rank_update(
            topology, *low_rank_update(topology, prepared, h, slope, factors), elimination.solve(order, factors, b)
        )

    def backward(_: object, b: Array) -> Array:
        # (A + C I)^T = A^T + I^T C^T with C the change and I what lies inside.
        inside = jnp.broadcast_to(graph.inside.T[..., None], (*graph.inside.T.shape, b.shape[-1]))
        reach = elimination.solve_transposed(order, factors, inside)
        x = elimination.solve_transposed(order, factors, b)
        core = jnp.einsum("nkb,nlb->klb", change, reach, precision=lax.Precision.HIGHEST)
        inside = jnp.sum(change * x[:, None], axis=0)
        felt = jnp.sum(_small_inverse(core + jnp.eye(core.shape[0])[..., None]) * inside[None], axis=1)
        return x - jnp.sum(reach * felt[None], axis=1)

    return lax.custom_linear_solve(matrix, right, forward, transpose_solve=backward)


class SolvedStage(eqx.Module):
    """A stage that has been solved.

    Attributes:
        result: at its end.
        residual: the most that any cell's volume equation is off by, mL (a linear cell's beyond rounding).
        iterations: Newton iterations taken, without the one that reused factors of the previous cycle.
    """

    result: StageResult
    residual: Float[Array, "one batch"]
    iterations: Float[Array, ""]


def _iterate(
    topology: Topology, inputs: StageInputs, guess: Array, cache: NewtonCache, tolerance: Array
) -> tuple[SolvedStage, NewtonCache]:
    """Newton in volume from a guess, until the residual is within the tolerance.

    A step that increases the residual is halved until it does not: full steps would alternate for ever across the kink
    where a valve opens or shuts. If the line search fails too, there is no solution nearby (a valve that hovers with
    reverse flow has a fold), and clipped slopes lead on to the next one.
    """
    prepared, _, rhs, _, h = inputs
    graph, order = graph_of(topology), elimination_order(topology)

    def at(volume: Array) -> tuple[StageEvaluation, Array, Array]:
        stage = _evaluate(topology, inputs, volume)
        residual = _volume_residual(prepared, rhs, h, stage)
        return stage, residual, _residual_norm(topology, inputs, stage, residual)

    def finished(stage: StageEvaluation, norm: Array, iteration: Array) -> SolvedStage:
        return SolvedStage(_complete_result(topology, inputs, stage), norm, iteration.astype(jnp.float64))

    if cache.factors is not None:
        stage, _, norm = at(guess + elimination.solve(order, cache.factors, at(guess)[1]))
        return finished(stage, norm, jnp.asarray(1)), cache

    def bounded_step(factors: Factors, elastic: tuple[Array, Array], stage: StageEvaluation, residual: Array) -> Array:
        """The Newton step, bounded so that no cell leaves the range of its wall law."""
        fresh = elimination.solve(order, factors, residual)
        if topology.elastic:
            fresh = _apply_low_rank_update(topology, *elastic, fresh)
        if graph.all_linear:
            return fresh
        bounded = jnp.clip(fresh, -0.7 * stage.volume, 0.6 * stage.volume + 0.2 * prepared.unstressed)
        return jnp.where(graph.linear, fresh, bounded) if topology.linear else bounded

    stage, residual, norm = at(guess)
    elastic = cache.reach, cache.core
    goal, cycle = tolerance, cache.cycle
    if cycle is not None:
        # Whether a member reuses factors depends on that member alone, not on the batch.
        reuses = cycle.usable & (norm > tolerance)

        def reuse(carry: tuple) -> tuple:
            stage, residual, _ = carry
            move = bounded_step(Factors(cycle.now), elastic, stage, residual)
            return at(stage.volume + jnp.where(reuses, move, 0.0))

        stage, residual, norm = run_if(jnp.any(reuses), reuse, (stage, residual, norm))
        goal = jnp.where(reuses, REUSED_FACTORS_TOLERANCE * tolerance, tolerance)

    def unfinished(carry: tuple) -> Array:
        norm, iteration = carry[2:4]
        return (iteration < MAX_ITERATIONS) & jnp.any(norm > goal)  # NaN compares false: it is not chased

    def iterate(carry: tuple) -> tuple:
        stage, residual, norm, iteration, elastic, now, step, aim, part = carry
        slope = _slopes(topology, inputs, stage, iteration >= EXACT_SLOPE_ITERATIONS)
        factors = elimination.factor(order, _entries(topology, prepared.capacity, h, slope))
        if topology.elastic:
            # The low-rank part hardly changes from step to step; where Newton is slow it may have.
            renew = partial(low_rank_update, topology, prepared, h, slope, factors)
            elastic = run_if(iteration >= REFRESH_LOW_RANK_AFTER, lambda _: renew(), elastic)
        now = None if now is None else jnp.where(norm > goal, factors.entries, now)
        fresh = bounded_step(factors, elastic, stage, residual)
        worse = (norm > aim) & (part > MIN_LINE_SEARCH_FRACTION) & (iteration < EXACT_SLOPE_ITERATIONS)
        move = jnp.where(worse, -0.5 * part * step, jnp.where(iteration < FULL_STEP_ITERATIONS, 1.0, 0.5) * fresh)
        # Freeze converged members, so that results do not depend on the batch.
        volume = stage.volume + jnp.where(norm > goal, move, 0.0)
        step, aim = jnp.where(worse, step, fresh), jnp.where(worse, aim, norm)
        part = jnp.where(worse, 0.5 * part, 1.0)
        return (*at(volume), iteration + 1, elastic, now, step, aim, part)

    now = None if cycle is None else cycle.now
    start = (stage, residual, norm, jnp.asarray(0), elastic, now, jnp.zeros_like(residual), norm, jnp.ones_like(norm))
    stage, _, norm, iteration, elastic, now, *_ = lax.while_loop(unfinished, iterate, start)
    cache = replace(cache, reach=elastic[0], core=elastic[1])
    if cycle is not None:
        cache = replace(cache, cycle=replace(cycle, now=now))
    return finished(stage, norm, iteration), cache


def run_if(condition: Array, work: Callable[[Any], Any], value: Any) -> Any:
    """`work(value)` where the condition holds, else `value`: a while-loop of at most one turn, which the CPU fuses."""
    return lax.while_loop(lambda c: c[0], lambda c: (jnp.asarray(False), work(c[1])), (condition, value))[1]


def _residual_norm(
    topology: Topology, inputs: StageInputs, stage: StageEvaluation, residual: Array
) -> Float[Array, "one batch"]:
    """Largest residual of a cell, mL; in linear cells the part of it beyond rounding."""
    prepared, prescribed, _, _, h = inputs
    if prepared.capacity is None:
        return _max_abs(residual)
    nodes = jnp.concatenate([stage.pressure + prepared.parameters.fluid.weight * prescribed.height, prescribed.ends])
    stiffness = prepared.capacity - h * _slopes(topology, inputs, stage).own
    rounding = ROUNDING_LEVEL * (stiffness * _max_abs(nodes) + h * _max_abs(stage.flow))
    return _max_abs(residual, jnp.where(graph_of(topology).linear, rounding, 0.0))


def _max_abs(values: Float[Array, "cells batch"], beyond: Array | float = 0.0) -> Float[Array, "one batch"]:
    return jnp.max(jnp.abs(values) - beyond, axis=0, keepdims=True)


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def solve_stage(
    topology: Topology, inputs: StageInputs, guess: Array, cache: NewtonCache, tolerance: Array
) -> tuple[SolvedStage, NewtonCache]:
    """Volumes at the end of a stage, and all that follows from them.

    Args:
        topology: of the network.
        inputs: (prepared, prescribed, rhs, begun, h).
        guess: volumes to start from, mL, shape (cells, batch).
        cache: the elastic surroundings' part of the matrix as it last was (see `newton_cache_at`).
        tolerance: largest residual accepted in a cell, mL.

    Returns:
        the solved stage and the coupling. Derivatives are those of the converged solution, by the implicit
        function theorem: one exact linear solve, whatever number of iterations was taken.
    """
    return _iterate(topology, inputs, guess, cache, tolerance)


def _nothing(leaf: Array) -> Array | np.ndarray:
    """A zero tangent for a leaf without derivative."""
    inexact = jnp.issubdtype(leaf.dtype, jnp.inexact)
    return jnp.zeros_like(leaf) if inexact else np.zeros(leaf.shape, jax.dtypes.float0)


@solve_stage.defjvp
def _(topology: Topology, primals: tuple, tangents: tuple) -> tuple:
    inputs: StageInputs = primals[0]
    solved, cache = solve_stage(topology, *primals)
    volume = solved.result.volume
    prepared, _, _, _, h = inputs

    def implied(given: StageInputs, volume: Array) -> StageResult:
        return _complete_result(topology, given, _evaluate(topology, given, volume))

    def residual(given: StageInputs) -> Array:
        return -_volume_residual(given[0], given[2], given[4], _evaluate(topology, given, volume))

    _, r_dot = jax.jvp(residual, (inputs,), (tangents[0],))
    slope = _slopes(topology, inputs, _evaluate(topology, inputs, volume))
    volume_dot = _solve_exactly(topology, prepared, h, slope, -r_dot, primals[2].factors)
    _, result_dot = jax.jvp(implied, (inputs, volume), (tangents[0], volume_dot))
    still = jax.tree.map(_nothing, (solved.residual, solved.iterations, cache))
    return (solved, cache), (SolvedStage(result_dot, still[0], still[1]), still[2])


def initial_rates(
    topology: Topology,
    prepared: Prepared,
    prescribed: DriveValues,
    states: StateVector,
    opening: Array,
    drop: Array,
    span: float | Array = 1e-7,
) -> tuple[StageResult, StateVector]:
    """The stage result at given states, and the initial rate of each state, at the start of a phase.

    Rates jump where the drive does. They are differences over a step of a tenth of a microsecond (or another `span`,
    s), which excludes the impulse that a new forcing would give a stiff part (a shut valve).
    """
    h = jnp.asarray(span)
    begun = valve.Begun(opening, drop, 0.0 * h)
    if topology.linear:
        return _initial_rates_solved(topology, prepared, prescribed, states, begun, h)
    stage, _ = evaluate_stage(topology, prepared, prescribed, states, begun, h, states.volume)
    for _ in range(2):
        # A wall resists the rate at which it is being stretched, which is known only now.
        moving = eqx.tree_at(lambda states: states.volume, states, states.volume - h * stage.net)
        stage, _ = evaluate_stage(topology, prepared, prescribed, moving, begun, h, states.volume)
    after = StateVector(states.volume, stage.flow, stage.creep, stage.arteriolar, stage.exercise)
    rates = jax.tree.map(lambda new, old: (new - old) / h, after, states)
    return stage, eqx.tree_at(lambda states: states.volume, rates, stage.net)


def _initial_rates_solved(
    topology: Topology, prepared: Prepared, prescribed: DriveValues, states: StateVector, begun: valve.Begun, h: Array
) -> tuple[StageResult, StateVector]:
    """`initial_rates` where junctions have pressures that only a solution gives.

    Flows may be such that no pressure balances them. A first step makes them fit, by an impulse; a second one shows the
    rates that hold from there on.
    """
    graph = graph_of(topology)
    cache = newton_cache_at(topology, lax.stop_gradient((prepared, prescribed, states, begun, h)), states.volume)
    tolerance = jnp.zeros_like(h) if graph.all_linear else TOLERANCE * h
    rhs, guess = states, states.volume
    for _ in range(2):
        inputs = prepared, prescribed, rhs, begun, h
        solved, cache = solve_stage(topology, inputs, guess, cache, tolerance)
        stage, before = solved.result, rhs
        rhs, guess = replace(rhs, flow=stage.flow), stage.volume
    after = StateVector(stage.volume, stage.flow, stage.creep, stage.arteriolar, stage.exercise)
    rates = jax.tree.map(lambda new, old: (new - old) / h, after, before)
    return stage, replace(rates, volume=jnp.where(graph.linear, rates.volume, stage.net))
