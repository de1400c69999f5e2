"""All physics of a network gathered into one balance, solved for the volumes at the end of a stage.

A stage of the time step asks for volumes V with `V - h (inflow - outflow)(V) = known`. Every other state (flow,
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
from venolymph.network.parameters import Cells, Drive, Parameters
from venolymph.network.surroundings import Moment
from venolymph.network.topology import Topology

TOLERANCE = 1e-6
"""Newton stops when what is missing in no cell exceeds this, mL, if nothing else is asked for.

What is missing bounds the error: what leaves one cell enters another, so no column of the inverse of the Newton matrix
sums to more than one.
"""

SHORTEST = 1e-3
"""Part of a Newton step below which it is taken even if the imbalance grows."""

PATIENT = 4
"""Newton iterations with exact slopes and a line search, before both are given up for slopes that are never falling."""

WEARY = 16
"""Newton iterations after which steps are halved."""

MOST_ITERATIONS = 60

TRUSTED = 0.1
"""What factors of a breath ago may leave missing, as a share of the tolerance: they leave a ten-thousandth of what was
missing, or they are no good for this stage and Newton goes on with its own."""

ROUNDING = 32.0 * float(np.finfo(np.float64).eps)
"""What is missing in a linear cell is not told from rounding below this share of the pressure times its slope."""

RENEWAL = 2
"""Newton iterations after which what elastic surroundings add to the matrix is worked out anew each time."""


WIDE = 8
"""Terms of a row beyond which they are summed once, and not by whoever asks for the sum."""


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
        if self.source.shape[1] > WIDE:
            return jnp.sum(self.factor.reshape(*self.factor.shape, *flat) * values[self.source], axis=1)
        total = jnp.zeros((len(self.source), *values.shape[1:]))
        for number, (source, factor) in enumerate(zip(self.source.T, self.factor.T, strict=True)):
            rows = values[source] if np.all(factor == 1.0) else factor.reshape(-1, *flat) * values[source]
            total = total + rows if number else rows
        return total


class Graph:
    """Index tables worked out once from a topology."""

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
        self.laid = Sums(faces, [(face, valve, 1.0) for valve, face in valves])
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
        self.held = Sums(len(self.elastic), [(row, cell, 1.0) for row, cell in np.argwhere(self.inside)])
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
    """Parameters and drive of one phase, with what can be worked out before time steps begin.

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
    """Parameters and drive with what does not change during a phase worked out."""
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


class Known(eqx.Module):
    """What a stage starts from: the right sides of its implicit equations, one for each state.

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


class Balance(eqx.Module):
    """Everything that volumes imply at the end of a stage.

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


class Workings(eqx.Module):
    """What volumes imply, with all that costs much of what the slopes are made of.

    Attributes:
        volume, pressure, flow, inflow, net, drop, arteriolar: as in `Balance`.
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


Arguments = tuple[Prepared, Moment, Known, valve.Begun, Array]
"""What a stage is made of: the arguments of `balance` from `prepared` to `h`."""


def balance(
    topology: Topology,
    prepared: Prepared,
    moment: Moment,
    known: Known,
    begun: valve.Begun,
    h: Array,
    volume: Array,
    rising: Array | bool = False,
) -> tuple[Balance, Slopes]:
    """Everything that volumes at the end of a stage imply, with its slopes against them.

    Args:
        topology: of the network.
        prepared: parameters and drive.
        moment: what the regimen prescribes at the stage's end.
        known: right sides of the implicit equations.
        begun: where valves stood when the stage's stretch of time began.
        h: implicit share of the step, s.
        volume: of each cell, mL (of linear cells their pressure, mmHg), shape (cells, batch).
        rising: whether to give zero for the slope of a flow that falls as its pressure difference rises. A valve that
            opens while blood still runs back through it does that, and no Newton step then helps.

    Returns:
        the balance, and the slopes at fixed surroundings (`couple` adds what elastic ones change).
    """
    arguments = prepared, moment, known, begun, h
    here = _work_out(topology, arguments, volume)
    return _complete(topology, arguments, here), _slopes(topology, arguments, here, rising)


def _work_out(topology: Topology, arguments: Arguments, volume: Array) -> Workings:
    """What volumes imply, without slopes: it costs half, and most often the slopes are not asked for."""
    prepared, moment, known, begun, h = arguments
    graph, parameters = graph_of(topology), prepared.parameters
    cells, fluid, faces, beds = parameters.cells, parameters.fluid, parameters.faces, parameters.beds
    resistance, inertance = prepared.channel_resistance, prepared.channel_inertance
    pressure, per_volume, walls, orifice, loss = volume, None, None, None, faces.loss

    if not graph.all_linear:
        held, given = volume, known.volume
        if topology.linear:  # whatever their wall is, it is not asked
            held, given = (jnp.where(graph.linear, prepared.unstressed, value) for value in (held, given))
        per_unstressed, per_volume = 1.0 / prepared.unstressed, 1.0 / held
        walls = wall.implicit_wall(cells, held * per_unstressed, given * per_unstressed, known.creep, h)
        pressure = _prescribed(graph, prepared, moment) + walls.pressure
        pressed = _pressed(graph, prepared, held)
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

    drop = graph.across(pressure) + _lift(graph, prepared, moment)
    if per_volume is not None and topology.valves:
        orifice = valve.orifice_after(
            parameters.valves,
            fluid.density,
            graph.at_valve(drop),
            per_annulus(graph, prepared, per_volume),
            _begun_at_valves(graph, begun),
        )
        inertance = inertance + graph.laid(orifice.inertance)
        loss = graph.laid(orifice.loss) if loss is None else loss + graph.laid(orifice.loss)
    if topology.switches:
        resistance = resistance + _switched(graph, parameters, drop)[0]
    if loss is None:
        inertia = inertance * (1.0 / h)
        root = resistance + inertia
        flow = (drop + inertia * known.flow) / root
    else:
        flow, root = vessel.implicit_flow(drop, resistance, inertance, loss, known.flow, h)
    flow = faces.open * flow

    at_bed = graph.at_bed(pressure)
    goal, _ = bed.arteriolar_goal(beds, at_bed)
    arteriolar = bed.implicit_relaxation(known.arteriolar, goal, beds.arteriolar_time, h)
    conductance, source = _feeding(graph, arguments, pressure)
    inflow = conductance * arteriolar * (source - at_bed)
    net = graph.net(flow) + graph.fed(inflow) if topology.beds else graph.net(flow)
    if moment.source is not None:
        net = net + moment.source
    return Workings(volume, pressure, flow, inflow, net, drop, arteriolar, root, goal, per_volume, walls, orifice)


def _slopes(topology: Topology, arguments: Arguments, here: Workings, rising: Array | bool = False) -> Slopes:
    """The slopes of what has been worked out (see `balance`)."""
    prepared, _, known, _, h = arguments
    graph, parameters = graph_of(topology), prepared.parameters
    faces, beds = parameters.faces, parameters.beds
    # dQ = g (d(dp) - Q dR - Q |Q| dB + (known - Q) / h dL), see `vessel.implicit_flow`; a face that is shut has g = 0.
    g, flow = faces.open / here.root, here.flow
    turbulent, late = flow * jnp.abs(flow), (known.flow - flow) * (1.0 / h)
    steeper = by_annulus = jnp.zeros_like(flow)
    if here.orifice is not None and here.per_volume is not None:
        slopes = valve.orifice_slopes(parameters.valves, per_annulus(graph, prepared, here.per_volume), here.orifice)
        steeper = turbulent * graph.laid(slopes.loss_by_drop)
        by_annulus = late * graph.laid(prepared.ring_lumen * slopes.inertance_by_annulus)
        by_annulus = by_annulus - turbulent * graph.laid(prepared.ring_lumen * slopes.loss_by_annulus)
    if topology.switches:
        steeper = steeper + flow * _switched(graph, parameters, here.drop)[1]
    rise = jnp.where(rising, jnp.maximum(1.0 - steeper, 0.0), 1.0 - steeper)
    by_drop = g * rise
    by_tail, by_head = by_drop, -by_drop
    elastance = jnp.ones_like(here.volume)
    if here.wall is not None and here.per_volume is not None:
        elastance = wall.slope_of(parameters.cells, here.wall, h) / prepared.unstressed
        if topology.linear:
            elastance = jnp.where(graph.linear, 1.0, elastance)
        _, narrowing = vessel.resistance(prepared.shape, here.per_volume, prepared.unstressed)
        shortening = here.per_volume * here.per_volume
        for_tail = flow * faces.tail_share * graph.at_tail(narrowing)
        for_tail = for_tail + late * prepared.column_tail * graph.at_tail(shortening)
        for_head = flow * faces.head_share * graph.at_head(narrowing)
        for_head = for_head + late * prepared.column_head * graph.at_head(shortening)
        # Divided once more: sums over cells would work out again what ends with a product, for each of their terms.
        by_tail = faces.open * (rise * graph.at_tail(elastance) + by_annulus - for_tail) / here.root
        by_head = -faces.open * (rise * graph.at_head(elastance) + for_head) / here.root
    by_bed, by_feed = jnp.zeros_like(here.inflow), None
    if topology.beds:
        conductance, source = _feeding(graph, arguments, here.pressure)
        _, goal_slope = bed.arteriolar_goal(beds, at_bed := graph.at_bed(here.pressure))
        closing = goal_slope * (h / (beds.arteriolar_time + h))
        by_bed = conductance * (closing * (source - at_bed) - here.arteriolar)
        if graph.draws:
            by_feed = conductance * here.arteriolar
            by_tail = jnp.concatenate([by_tail, by_feed * graph.at_feed(elastance)])
            by_head = jnp.concatenate([by_head, by_bed * graph.at_bed(elastance)])
    own = graph.leaving(by_tail) + graph.arriving(by_head)
    if topology.beds and not graph.draws:
        own = own + elastance * graph.fed(by_bed)
    return Slopes(by_drop, by_tail, by_head, by_bed, own, by_feed)


def _complete(topology: Topology, arguments: Arguments, here: Workings) -> Balance:
    """What has been worked out, and what else follows from it."""
    prepared, moment, known, _, h = arguments
    graph, beds = graph_of(topology), prepared.parameters.beds
    pressed = jnp.concatenate([_pressed(graph, prepared, here.volume), jnp.zeros_like(moment.pressure[:1])])
    return Balance(
        volume=here.volume,
        pressure=here.pressure,
        flow=here.flow,
        inflow=here.inflow,
        net=here.net,
        drop=here.drop,
        opening=jnp.zeros_like(here.drop) if here.orifice is None else graph.laid(here.orifice.zeta),
        creep=known.creep if here.wall is None else here.wall.creep,
        arteriolar=here.arteriolar,
        exercise=bed.implicit_relaxation(known.exercise, prepared.drive.exercise, beds.exercise_time, h),
        surroundings=moment.pressure + pressed[graph.felt],
    )


def _prescribed(graph: Graph, prepared: Prepared, moment: Moment) -> Array:
    """What the prescribed part of all surroundings presses on each cell with, mmHg."""
    share = prepared.parameters.cells.share
    slots = range(share.shape[1])
    besides = jnp.zeros_like(share[:, 0]) if moment.outside is None else moment.outside
    return sum((share[:, slot] * moment.pressure[graph.slots[:, slot]] for slot in slots), besides)


def _lift(graph: Graph, prepared: Prepared, moment: Moment) -> Array:
    """What ends and heights add to the pressure difference along each face, mmHg."""
    return prepared.parameters.fluid.weight * graph.across(moment.height) + graph.from_ends(moment.ends)


def _pressed(graph: Graph, prepared: Prepared, volume: Array) -> Array:
    """What each elastic surrounding presses with besides, mmHg."""
    return prepared.elastance * graph.held(volume) + prepared.slack


def per_annulus(graph: Graph, prepared: Prepared, per_volume: Array) -> Array:
    """Inverse of the lumen of one vessel at each valve, 1/cm2."""
    return prepared.ring_length * graph.at_ring(per_volume) + prepared.ring_channel


def _begun_at_valves(graph: Graph, begun: valve.Begun) -> valve.Begun:
    return valve.Begun(graph.at_valve(begun.opening), graph.at_valve(begun.drop), begun.span)


def _feeding(graph: Graph, arguments: Arguments, pressure: Array) -> tuple[Array, Array]:
    """Conductance of each bed before the venoarteriolar factor, mL/(s mmHg), and the pressure that feeds it, mmHg."""
    prepared, moment, known, _, h = arguments
    beds, drive, weight = prepared.parameters.beds, prepared.drive, prepared.parameters.fluid.weight
    exercise = bed.implicit_relaxation(known.exercise, drive.exercise, beds.exercise_time, h)
    source = graph.bed_ends(moment.ends) - weight * graph.at_bed(moment.height)
    if graph.draws:
        source = source + graph.at_feed(pressure + weight * moment.height)
    return bed.full_conductance(beds, drive.inflow, exercise), source


def _switched(graph: Graph, parameters: Parameters, drop: Array) -> tuple[Array, Array]:
    """Resistance that switches add to each face, and its slope against the pressure difference."""
    if parameters.switches is None:
        raise NetworkError("the topology has switches, the parameters have none")
    added = jnp.stack(switch.added_resistance(parameters.switches, drop[graph.switches]), axis=1)
    laid = jnp.concatenate([added, jnp.zeros_like(added[:1])])[graph.switch_row]
    return laid[:, 0], laid[:, 1]


def _missing(prepared: Prepared, known: Known, h: Array, here: Workings) -> Array:
    """What each cell's volume equation is off by, mL."""
    if prepared.capacity is None:
        return known.volume + h * here.net - here.volume
    return prepared.capacity * (known.volume - here.volume) + h * here.net


def _entries(topology: Topology, capacity: Array | None, h: Array, slope: Slopes) -> Float[Array, "entries batch"]:
    """The Newton matrix d(V - h net)/dV at fixed surroundings, in the plan's storage."""
    steps = elimination.plan(topology)
    above, below = h * slope.by_head[steps.inner], -h * slope.by_tail[steps.inner]
    fill = jnp.zeros((steps.size - topology.n_cells - 2 * len(steps.inner), above.shape[1]))
    return jnp.concatenate([(1.0 if capacity is None else capacity) - h * slope.own, above, below, fill])


class Breath(eqx.Module):
    """What is remembered of the stages of the last breath (see `integrate.BREATH`), first stages and second ones.

    Attributes:
        fits: members whose breath is as many steps as are remembered; of others nothing is.
        changes: of volume, mL; NaN where a stage is not remembered.
        factors: entries of those of the Newton matrix that each stage was solved with.
        now: entries of the last factors; before a stage those of the same stage a breath ago, where that is known.
        trusted: whether it is.
    """

    fits: Bool[Array, "one batch"]
    changes: Float[Array, "steps two cells batch"]
    factors: Float[Array, "steps two entries batch"]
    now: Float[Array, "entries batch"]
    trusted: Bool[Array, "one batch"]


class Coupling(eqx.Module):
    """What is kept from stage to stage: it says how Newton gets to a solution, not where that is.

    Elastic surroundings add to the Newton matrix a term `change inside` of low rank. Where nothing in the network
    bends, the whole matrix hangs on the step's length alone.

    Attributes:
        reach: solution of the matrix without it for `change`, so that it can be folded in afterwards.
        core: inverse of the identity plus `inside reach`.
        factors: of the whole matrix, where it does not change; else None.
        rates: of volume at the begin and in the middle of the last step, mL/s (of linear cells' pressure, mmHg/s).
        breath: what is remembered of the last breath; None where nobody asks.
    """

    reach: Float[Array, "cells elastic batch"]
    core: Float[Array, "elastic elastic batch"]
    factors: elimination.Factors | None
    rates: Float[Array, "two cells batch"]
    breath: Breath | None = None


def nothing_remembered(topology: Topology, steps: int, fits: Bool[Array, "one batch"]) -> Breath:
    """Nothing is known of the last breath, which is so many steps for the members whom it fits."""
    entries, batch = elimination.plan(topology).size, fits.shape[-1]
    return Breath(
        fits=fits,
        changes=jnp.full((steps, 2, topology.n_cells, batch), jnp.nan),
        factors=jnp.zeros((steps, 2, entries, batch)),
        now=jnp.zeros((entries, batch)),
        trusted=jnp.zeros_like(fits),
    )


def _nothing_bends(topology: Topology, prepared: Prepared) -> bool:
    """Whether the balance is linear in all states: no wall, no valve, no loss."""
    return graph_of(topology).all_linear and not topology.switches and prepared.parameters.faces.loss is None


def _by_surroundings(topology: Topology, prepared: Prepared, h: Array, slope: Slopes) -> Array:
    """d(V - h net)/d(volume held by an elastic surrounding), shape (cells, elastic, batch)."""
    graph, share = graph_of(topology), prepared.pressing.transpose(1, 0, 2)
    pushed = slope.by_drop[:, None] * graph.across(share)
    fed = slope.by_bed[:, None] * graph.at_bed(share)
    if slope.by_feed is not None:
        fed = fed + slope.by_feed[:, None] * graph.at_feed(share)
    return -h * (graph.net(pushed) + graph.fed(fed)) * prepared.elastance[None]


def couple(
    topology: Topology, prepared: Prepared, h: Array, slope: Slopes, factors: elimination.Factors
) -> tuple[Array, Array]:
    """The elastic surroundings' part of the Newton matrix, ready to be folded into solutions: `reach` and `core`."""
    graph, steps = graph_of(topology), elimination.plan(topology)
    change = _by_surroundings(topology, prepared, h, slope)
    reach = elimination.solve(steps, factors, change)
    inner = graph.held(reach)
    return reach, _small_inverse(inner + jnp.eye(inner.shape[0])[..., None])


def coupling_at(topology: Topology, arguments: Arguments, volume: Array, rates: Array | None = None) -> Coupling:
    """What is kept from stage to stage before the first one, from given volumes and their rates (none: at rest).

    The stage's h must be that of the stages to come.
    """
    prepared, _, _, _, h = arguments
    slope = _slopes(topology, arguments, _work_out(topology, arguments, volume))
    factors = elimination.factor(elimination.plan(topology), _entries(topology, prepared.capacity, h, slope))
    rates = jnp.zeros_like(volume) if rates is None else rates
    kept = factors if _nothing_bends(topology, prepared) else None
    return Coupling(*couple(topology, prepared, h, slope, factors), kept, jnp.stack([rates, rates]))


def _small_inverse(matrix: Float[Array, "k k batch"]) -> Float[Array, "k k batch"]:
    """Inverse by Gauss and Jordan without pivoting, batch last (the matrix is near the identity)."""
    size = matrix.shape[0]
    one = jnp.broadcast_to(jnp.eye(size)[..., None], matrix.shape)
    rows = jnp.concatenate([matrix, one], axis=1)
    for turn in range(size):
        pivot = rows[turn] / rows[turn, turn][None]
        rows = lax.dynamic_update_index_in_dim(rows - rows[:, turn][:, None] * pivot[None], pivot, turn, 0)
    return rows[:, size:]


def _fold(topology: Topology, reach: Array, core: Array, x: Array) -> Array:
    """The solution with elastic surroundings, from the one without (Sherman, Morrison, Woodbury)."""
    held = graph_of(topology).held(x)
    felt = jnp.sum(core * held[None], axis=1)
    for row in range(felt.shape[0]):
        x = x - reach[:, row] * felt[row : row + 1]
    return x


def _solve_exactly(
    topology: Topology,
    prepared: Prepared,
    h: Array,
    slope: Slopes,
    right: Array,
    kept: elimination.Factors | None = None,
) -> Array:
    """Solve the whole Newton matrix, elastic surroundings included, in a way that differentiates both ways."""
    graph, steps = graph_of(topology), elimination.plan(topology)
    change = _by_surroundings(topology, prepared, h, slope)
    entries = _entries(topology, prepared.capacity, h, slope)
    factors = elimination.factor(steps, entries) if kept is None else kept

    def matrix(x: Array) -> Array:
        held = graph.held(x)
        return elimination.multiply(steps, entries, x) + jnp.sum(change * held[None], axis=1)

    def forward(_: object, b: Array) -> Array:
        return _fold(topology, *couple(topology, prepared, h, slope, factors), elimination.solve(steps, factors, b))

    def backward(_: object, b: Array) -> Array:
        # (A + C I)^T = A^T + I^T C^T with C the change and I what lies inside.
        inside = jnp.broadcast_to(graph.inside.T[..., None], (*graph.inside.T.shape, b.shape[-1]))
        reach = elimination.solve_transposed(steps, factors, inside)
        x = elimination.solve_transposed(steps, factors, b)
        core = jnp.einsum("nkb,nlb->klb", change, reach, precision=lax.Precision.HIGHEST)
        held = jnp.sum(change * x[:, None], axis=0)
        felt = jnp.sum(_small_inverse(core + jnp.eye(core.shape[0])[..., None]) * held[None], axis=1)
        return x - jnp.sum(reach * felt[None], axis=1)

    return lax.custom_linear_solve(matrix, right, forward, transpose_solve=backward)


class Solved(eqx.Module):
    """A stage that has been solved.

    Attributes:
        balance: at its end.
        missing: the most that any cell's volume equation is off by, mL (a linear cell's beyond rounding).
        iterations: Newton iterations taken, but for one with factors of a breath ago.
    """

    balance: Balance
    missing: Float[Array, "one batch"]
    iterations: Float[Array, ""]


def _iterate(
    topology: Topology, arguments: Arguments, guess: Array, coupling: Coupling, tolerance: Array
) -> tuple[Solved, Coupling]:
    """Newton in volume from a guess, until nothing more than the tolerance is missing.

    A step that makes the imbalance worse is halved until it does not: where a valve would open and shut in turn,
    whole steps jump to and fro over its kink for ever. Where that does not help either, there is no solution near by
    (a valve that hovers with blood still running back has a fold), and slopes that never fall lead on to the next.
    """
    prepared, _, known, _, h = arguments
    graph, steps = graph_of(topology), elimination.plan(topology)

    def at(volume: Array) -> tuple[Workings, Array, Array]:
        here = _work_out(topology, arguments, volume)
        missing = _missing(prepared, known, h, here)
        return here, missing, _most(topology, arguments, here, missing)

    def finished(here: Workings, left: Array, turn: Array) -> Solved:
        return Solved(_complete(topology, arguments, here), left, turn.astype(jnp.float64))

    if coupling.factors is not None:
        here, _, left = at(guess + elimination.solve(steps, coupling.factors, at(guess)[1]))
        return finished(here, left, jnp.asarray(1)), coupling

    def wanted(factors: elimination.Factors, elastic: tuple[Array, Array], here: Workings, missing: Array) -> Array:
        """The step that Newton wants. It may not empty a cell nor overfill it: it would leave the law's range."""
        fresh = elimination.solve(steps, factors, missing)
        if topology.elastic:
            fresh = _fold(topology, *elastic, fresh)
        if graph.all_linear:
            return fresh
        kept = jnp.clip(fresh, -0.7 * here.volume, 0.6 * here.volume + 0.2 * prepared.unstressed)
        return jnp.where(graph.linear, fresh, kept) if topology.linear else kept

    here, missing, left = at(guess)
    elastic = coupling.reach, coupling.core
    goal, breath = tolerance, coupling.breath
    if breath is not None:
        # A member tries factors of a breath ago if it needs any, whoever else is in the batch.
        tries = breath.trusted & (left > tolerance)

        def tried(carry: tuple) -> tuple:
            here, missing, _ = carry
            move = wanted(elimination.Factors(breath.now), elastic, here, missing)
            return at(here.volume + jnp.where(tries, move, 0.0))

        here, missing, left = once_if(jnp.any(tries), tried, (here, missing, left))
        goal = jnp.where(tries, TRUSTED * tolerance, tolerance)

    def unfinished(carry: tuple) -> Array:
        left, turn = carry[2:4]
        return (turn < MOST_ITERATIONS) & jnp.any(left > goal)  # NaN compares false: it is not chased

    def again(carry: tuple) -> tuple:
        here, missing, left, turn, elastic, now, step, aim, part = carry
        slope = _slopes(topology, arguments, here, turn >= PATIENT)
        factors = elimination.factor(steps, _entries(topology, prepared.capacity, h, slope))
        if topology.elastic:
            # What elastic surroundings add hardly changes from step to step; where Newton is slow it may have.
            elastic = once_if(turn >= RENEWAL, lambda _: couple(topology, prepared, h, slope, factors), elastic)
        now = None if now is None else jnp.where(left > goal, factors.entries, now)
        fresh = wanted(factors, elastic, here, missing)
        worse = (left > aim) & (part > SHORTEST) & (turn < PATIENT)
        move = jnp.where(worse, -0.5 * part * step, jnp.where(turn < WEARY, 1.0, 0.5) * fresh)
        # A member that is done stays, so that its solution does not hang on who else is in the batch.
        volume = here.volume + jnp.where(left > goal, move, 0.0)
        step, aim = jnp.where(worse, step, fresh), jnp.where(worse, aim, left)
        part = jnp.where(worse, 0.5 * part, 1.0)
        return (*at(volume), turn + 1, elastic, now, step, aim, part)

    now = None if breath is None else breath.now
    start = (here, missing, left, jnp.asarray(0), elastic, now, jnp.zeros_like(missing), left, jnp.ones_like(left))
    here, _, left, turn, elastic, now, *_ = lax.while_loop(unfinished, again, start)
    coupling = replace(coupling, reach=elastic[0], core=elastic[1])
    if breath is not None:
        coupling = replace(coupling, breath=replace(breath, now=now))
    return finished(here, left, turn), coupling


def once_if(asked: Array, work: Callable[[Any], Any], held: Any) -> Any:
    """`work(held)` if asked, else `held`: as a loop of one turn or none, which the CPU compiles into its neighbours."""
    return lax.while_loop(lambda c: c[0], lambda c: (jnp.asarray(False), work(c[1])), (asked, held))[1]


def _most(topology: Topology, arguments: Arguments, here: Workings, missing: Array) -> Float[Array, "one batch"]:
    """The most that is missing in a cell; in linear cells, whose scale is not known, beyond what rounding explains."""
    prepared, moment, _, _, h = arguments
    if prepared.capacity is None:
        return _largest(missing)
    nodes = jnp.concatenate([here.pressure + prepared.parameters.fluid.weight * moment.height, moment.ends])
    stiffness = prepared.capacity - h * _slopes(topology, arguments, here).own
    rounding = ROUNDING * (stiffness * _largest(nodes) + h * _largest(here.flow))
    return _largest(missing, jnp.where(graph_of(topology).linear, rounding, 0.0))


def _largest(values: Float[Array, "cells batch"], beyond: Array | float = 0.0) -> Float[Array, "one batch"]:
    return jnp.max(jnp.abs(values) - beyond, axis=0, keepdims=True)


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def solve_stage(
    topology: Topology, arguments: Arguments, guess: Array, coupling: Coupling, tolerance: Array
) -> tuple[Solved, Coupling]:
    """Volumes at the end of a stage, and all that follows from them.

    Args:
        topology: of the network.
        arguments: (prepared, moment, known, begun, h).
        guess: volumes to start from, mL, shape (cells, batch).
        coupling: the elastic surroundings' part of the matrix as it last was (see `coupling_at`).
        tolerance: the most that may be missing in a cell, mL.

    Returns:
        the solved stage and the coupling. Derivatives are those of the converged solution, by the implicit
        function theorem: one exact linear solve, whatever number of iterations was taken.
    """
    return _iterate(topology, arguments, guess, coupling, tolerance)


def _nothing(leaf: Array) -> Array | np.ndarray:
    """The derivative of what has none."""
    inexact = jnp.issubdtype(leaf.dtype, jnp.inexact)
    return jnp.zeros_like(leaf) if inexact else np.zeros(leaf.shape, jax.dtypes.float0)


@solve_stage.defjvp
def _(topology: Topology, primals: tuple, tangents: tuple) -> tuple:
    arguments: Arguments = primals[0]
    solved, coupling = solve_stage(topology, *primals)
    volume = solved.balance.volume
    prepared, _, _, _, h = arguments

    def implied(given: Arguments, volume: Array) -> Balance:
        return _complete(topology, given, _work_out(topology, given, volume))

    def residual(given: Arguments) -> Array:
        return -_missing(given[0], given[2], given[4], _work_out(topology, given, volume))

    _, r_dot = jax.jvp(residual, (arguments,), (tangents[0],))
    slope = _slopes(topology, arguments, _work_out(topology, arguments, volume))
    volume_dot = _solve_exactly(topology, prepared, h, slope, -r_dot, primals[2].factors)
    _, balance_dot = jax.jvp(implied, (arguments, volume), (tangents[0], volume_dot))
    still = jax.tree.map(_nothing, (solved.missing, solved.iterations, coupling))
    return (solved, coupling), (Solved(balance_dot, still[0], still[1]), still[2])


def start(
    topology: Topology,
    prepared: Prepared,
    moment: Moment,
    states: Known,
    opening: Array,
    drop: Array,
    span: float | Array = 1e-7,
) -> tuple[Balance, Known]:
    """Where a phase begins: the balance at given states, and the rate at which each state sets out.

    Rates jump when a regimen does. They are read off a step of a tenth of a microsecond (or another `span`, s), which
    gives what a stiff part (a shut valve) does next and not the impulse that the new forcing would ask of it.
    """
    h = jnp.asarray(span)
    begun = valve.Begun(opening, drop, 0.0 * h)
    if topology.linear:
        return _start_solved(topology, prepared, moment, states, begun, h)
    here, _ = balance(topology, prepared, moment, states, begun, h, states.volume)
    for _ in range(2):
        # A wall resists the rate at which it is being stretched, which is known only now.
        moving = eqx.tree_at(lambda known: known.volume, states, states.volume - h * here.net)
        here, _ = balance(topology, prepared, moment, moving, begun, h, states.volume)
    after = Known(states.volume, here.flow, here.creep, here.arteriolar, here.exercise)
    rates = jax.tree.map(lambda new, old: (new - old) / h, after, states)
    return here, eqx.tree_at(lambda known: known.volume, rates, here.net)


def _start_solved(
    topology: Topology, prepared: Prepared, moment: Moment, states: Known, begun: valve.Begun, h: Array
) -> tuple[Balance, Known]:
    """`start` where junctions have pressures that only a solution gives.

    Flows may be such that no pressure balances them. A first step makes them fit, by an impulse; a second one shows the
    rates that hold from there on.
    """
    graph = graph_of(topology)
    coupling = coupling_at(topology, lax.stop_gradient((prepared, moment, states, begun, h)), states.volume)
    tolerance = jnp.zeros_like(h) if graph.all_linear else TOLERANCE * h
    known, guess = states, states.volume
    for _ in range(2):
        arguments = prepared, moment, known, begun, h
        solved, coupling = solve_stage(topology, arguments, guess, coupling, tolerance)
        here, before = solved.balance, known
        known, guess = replace(known, flow=here.flow), here.volume
    after = Known(here.volume, here.flow, here.creep, here.arteriolar, here.exercise)
    rates = jax.tree.map(lambda new, old: (new - old) / h, after, before)
    return here, replace(rates, volume=jnp.where(graph.linear, rates.volume, here.net))
