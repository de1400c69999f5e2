"""All physics of a network gathered into one balance, solved for the volumes at the end of a stage.

A stage of the time step asks for volumes V with `V - h (inflow - outflow)(V) = known`. Every other state (flow,
valve opening, creep, arteriolar factor, muscle work) obeys its own small implicit equation, which is solved in
closed form once V is given; so Newton iterates in volume alone. (In pressure it overshoots from collapse, and
stopped early gives finite, smooth, wrong results.) Only the topology's linear cells have their pressure as state and
unknown: they have no collapse, and one that stores nothing has no volume to iterate in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

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

ROUNDING = 32.0 * float(np.finfo(np.float64).eps)
"""What is missing in a linear cell is not told from rounding below this share of the pressure times its slope."""

RENEWAL = 2
"""Newton iterations after which what elastic surroundings add to the matrix is worked out anew each time."""


class Graph:
    """Index tables worked out once from a topology.

    Currents are all that changes a volume, in one list: every face seen from its tail, every face seen from its
    head, every bed; `meeting` names those of each cell, padded with one that is always zero.
    """

    def __init__(self, topology: Topology) -> None:
        n, faces = topology.n_cells, topology.n_faces
        self.tail, self.head = np.array(topology.tail, np.int32), np.array(topology.head, np.int32)
        self.valved = (topology.face_valve >= 0)[:, None]
        self.valve = np.maximum(topology.face_valve, 0)
        self.bed_cell = np.array(topology.bed_cell, np.int32)
        self.bed_end = np.array(topology.bed_end, np.int32)
        self.slots = np.array(topology.surrounded, np.int32).reshape(n, topology.n_slots)
        self.elastic = np.array(topology.elastic, np.int32)
        self.felt = np.full(len(topology.surroundings), len(topology.elastic), np.int32)
        self.felt[self.elastic] = np.arange(len(topology.elastic))
        inside = np.zeros((len(topology.surroundings), n))
        for cell, slots in enumerate(topology.surrounded):
            inside[list(slots), cell] = 1.0
        inside[:, list(topology.linear)] = 0.0  # nothing presses on them
        self.inside = inside[self.elastic]
        self.linear = np.zeros((n, 1), bool)
        self.linear[list(topology.linear)] = True
        self.all_linear = len(topology.linear) == n and not topology.beds and not topology.valves
        self.linear_row = np.full(n, len(topology.linear), np.int32)
        self.linear_row[list(topology.linear)] = np.arange(len(topology.linear))
        self.switch_row = np.full(faces, len(topology.switches), np.int32)
        self.switch_row[list(topology.switches)] = np.arange(len(topology.switches))
        self.switches = np.array(topology.switches, np.int32)
        meeting: list[list[int]] = [[] for _ in range(n)]
        for face in range(faces):
            for node, current in ((topology.tail[face], face), (topology.head[face], faces + face)):
                if node < n:
                    meeting[node].append(current)
        for number, cell in enumerate(topology.bed_cell):
            meeting[cell].append(2 * faces + number)
        width = max(map(len, meeting))
        nothing = 2 * faces + len(topology.beds)
        self.meeting = np.array([row + [nothing] * (width - len(row)) for row in meeting], np.int32)


@lru_cache(maxsize=32)
def graph_of(topology: Topology) -> Graph:
    """The index tables of a topology."""
    return Graph(topology)


def _met(graph: Graph, at_tail: Array, at_head: Array, at_bed: Array) -> Array:
    """Sum over the currents of each cell, without a scatter. Any shape that begins with faces or beds."""
    currents = jnp.concatenate([at_tail, at_head, at_bed, jnp.zeros_like(at_tail[:1])])
    total = currents[graph.meeting[:, 0]]
    for column in range(1, graph.meeting.shape[1]):
        total = total + currents[graph.meeting[:, column]]
    return total


class Prepared(eqx.Module):
    """Parameters and drive of one phase, with what can be worked out before time steps begin.

    Attributes:
        parameters: of the network.
        drive: of the phase.
        unstressed: volume of each cell at zero transmural pressure with the phase's calibre, mL.
        shape: constant part of each cell's resistance (see `vessel.resistance_shape`), mmHg s mL.
        column_tail, column_head: inertance times volume of the cells at the faces' tails and heads, with the face's
            share in it, mmHg s2.
        lumen_tail: lumen by volume of the cell at each face's tail, 1/cm.
        channel_resistance: constant resistance of each face, mmHg s/mL.
        channel_inertance: constant inertance of each face, mmHg s2/mL.
        leaflets: of the valve on each face.
        annulus_by_lumen: 1 where the valve sits in the tail cell's vessel, 0 where in the face's own channel.
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
    lumen_tail: Float[Array, "faces batch"]
    channel_resistance: Float[Array, "faces batch"]
    channel_inertance: Float[Array, "faces batch"]
    leaflets: valve.Leaflets
    annulus_by_lumen: Float[Array, "faces batch"]
    elastance: Float[Array, "elastic batch"]
    slack: Float[Array, "elastic batch"]
    capacity: Float[Array, "cells batch"] | None = None


def prepare(topology: Topology, parameters: Parameters, drive: Drive) -> Prepared:
    """Parameters and drive with what does not change during a phase worked out."""
    graph = graph_of(topology)
    cells, faces, fluid, body = parameters.cells, parameters.faces, parameters.fluid, parameters.surroundings
    unstressed = cells.unstressed_volume * drive.calibre
    column = fluid.density * cells.length**2
    lumen = 1.0 / (cells.vessels * cells.length)
    nobody = jnp.zeros((topology.n_ends, parameters.batch))

    def beside(nodes: np.ndarray, values: Array) -> Array:
        return jnp.concatenate([values, nobody])[nodes]

    def by_face(values: Array) -> Array:
        laid = jnp.broadcast_to(values, (len(topology.valves), parameters.batch))
        return jnp.where(graph.valved, laid[graph.valve], 1.0) if topology.valves else jnp.ones_like(faces.open)

    capacity, shape = None, vessel.resistance_shape(cells, fluid)
    if topology.linear:
        one = jnp.ones((1, parameters.batch))
        capacity = jnp.concatenate(
            [jnp.broadcast_to(_compliance(cells), (len(topology.linear), parameters.batch)), one]
        )
        capacity = capacity[graph.linear_row]
        # They have no length to run along either.
        column, shape = (jnp.where(graph.linear, 0.0, value) for value in (column, shape))
        unstressed, lumen = (jnp.where(graph.linear, 1.0, value) for value in (unstressed, lumen))
    pipe = 8.0 * jnp.pi * fluid.viscosity * faces.channel_length
    valves = parameters.valves
    names = valve.Leaflets.__dataclass_fields__
    annulus_by_lumen = 1.0 - by_face(valves.in_channel)
    if topology.linear:  # nor a lumen that a valve could sit in
        lies = np.concatenate([graph.linear, np.zeros((topology.n_ends, 1), bool)])[graph.tail]
        annulus_by_lumen = jnp.where(lies, 0.0, annulus_by_lumen)
    return Prepared(
        parameters=parameters,
        drive=drive,
        unstressed=unstressed,
        shape=shape,
        column_tail=faces.tail_share * beside(graph.tail, column),
        column_head=faces.head_share * beside(graph.head, column),
        lumen_tail=beside(graph.tail, lumen),
        channel_resistance=faces.resistance + pipe / (faces.channel_vessels * faces.channel_area**2),
        channel_inertance=fluid.density * faces.channel_length / (faces.channel_vessels * faces.channel_area),
        leaflets=valve.Leaflets(**{name: by_face(getattr(valves, name)) for name in names}),
        annulus_by_lumen=annulus_by_lumen,
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
        by_tail, by_head: dQ/dV of each face against the volume at its tail and at its head, 1/s.
        by_bed: dQ/dp of each bed, mL/(s mmHg).
        own: d(net)/dV of each cell by its own volume, 1/s.
    """

    by_drop: Float[Array, "faces batch"]
    by_tail: Float[Array, "faces batch"]
    by_head: Float[Array, "faces batch"]
    by_bed: Float[Array, "beds batch"]
    own: Float[Array, "cells batch"]


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
    graph, parameters, drive = graph_of(topology), prepared.parameters, prepared.drive
    fluid, faces, beds = parameters.fluid, parameters.faces, parameters.beds

    if graph.all_linear:
        return _linear_balance(topology, prepared, moment, known, h, volume, rising)
    unknown, given = volume, known.volume
    if topology.linear:  # whatever their wall is, it is not asked
        volume, given = (jnp.where(graph.linear, prepared.unstressed, value) for value in (volume, given))
    transmural, by_stretch, creep = wall.implicit_wall(
        parameters.cells,
        volume / prepared.unstressed,
        given / prepared.unstressed,
        known.creep,
        h,
    )
    elastance = by_stretch / prepared.unstressed
    pressure, around = _pressures(graph, prepared, moment, volume, transmural)
    if topology.linear:
        pressure, elastance = jnp.where(graph.linear, unknown, pressure), jnp.where(graph.linear, 1.0, elastance)

    # What faces ask of both their neighbours, gathered together.
    friction, friction_slope = vessel.resistance(prepared.shape, volume, prepared.unstressed)
    static = pressure + fluid.weight * moment.height
    cell_side = jnp.stack([static, elastance, friction, friction_slope, volume, 1.0 / volume], axis=1)
    none, some = jnp.zeros_like(moment.ends), jnp.ones_like(moment.ends)
    nodes = jnp.concatenate([cell_side, jnp.stack([moment.ends, none, none, none, some, some], axis=1)])
    at_tail, at_head = nodes[graph.tail], nodes[graph.head]
    drop = at_tail[:, 0] - at_head[:, 0]
    r_tail, r_by_tail = faces.tail_share * at_tail[:, 2], faces.tail_share * at_tail[:, 3]
    r_head, r_by_head = faces.head_share * at_head[:, 2], faces.head_share * at_head[:, 3]
    l_tail, l_head = prepared.column_tail * at_tail[:, 5], prepared.column_head * at_head[:, 5]
    own_lumen = prepared.annulus_by_lumen * prepared.lumen_tail
    annulus = at_tail[:, 4] * own_lumen + (1.0 - prepared.annulus_by_lumen) * faces.channel_area
    orifice = valve.orifice_after(prepared.leaflets, fluid.density, drop, annulus, begun)
    guarded = jnp.asarray(graph.valved, jnp.float64)
    resistance, loss = r_tail + r_head + prepared.channel_resistance, guarded * orifice.loss
    if topology.switches:
        added, added_slope = _switched(graph, parameters, drop)
        resistance = resistance + added
    flow, slope = vessel.implicit_flow(
        drop,
        resistance,
        l_tail + l_head + prepared.channel_inertance + guarded * orifice.inertance,
        loss if faces.loss is None else loss + faces.loss,
        known.flow,
        h,
    )
    # dQ = g (d(dp) - Q dR - Q |Q| dB + (known - Q) / h dL), see `vessel.implicit_flow`.
    slope = faces.open * slope
    turbulent, late = flow * jnp.abs(flow), (known.flow - flow) / h
    by_drop = slope * (1.0 - guarded * turbulent * orifice.loss_by_drop)
    if topology.switches:
        by_drop = by_drop - slope * flow * added_slope
    by_drop = jnp.where(rising, jnp.maximum(by_drop, 0.0), by_drop)
    by_annulus = guarded * (late * orifice.inertance_by_annulus - turbulent * orifice.loss_by_annulus)
    by_tail = by_drop * at_tail[:, 1]
    by_tail = by_tail + slope * (own_lumen * by_annulus - flow * r_by_tail - late * l_tail * at_tail[:, 5])
    by_head = -by_drop * at_head[:, 1] - slope * (flow * r_by_head + late * l_head * at_head[:, 5])
    flow = faces.open * flow

    at_bed = pressure[graph.bed_cell]
    goal, goal_slope = bed.arteriolar_goal(beds, at_bed)
    arteriolar = bed.implicit_relaxation(known.arteriolar, goal, beds.arteriolar_time, h)
    exercise = bed.implicit_relaxation(known.exercise, drive.exercise, beds.exercise_time, h)
    bed_drop = moment.ends[graph.bed_end] - fluid.weight * moment.height[graph.bed_cell] - at_bed
    conductance = bed.full_conductance(beds, drive.inflow, exercise)
    inflow = conductance * arteriolar * bed_drop
    closing = goal_slope * h / (beds.arteriolar_time + h)
    by_bed = conductance * (closing * bed_drop - arteriolar)

    both = _met(
        graph,
        jnp.stack([-flow, -by_tail], axis=1),
        jnp.stack([flow, by_head], axis=1),
        jnp.stack([inflow, by_bed * elastance[graph.bed_cell]], axis=1),
    )
    net = both[:, 0] if moment.source is None else both[:, 0] + moment.source
    here = Balance(unknown, pressure, flow, inflow, net, drop, orifice.zeta, creep, arteriolar, exercise, around)
    return here, Slopes(by_drop, by_tail, by_head, by_bed, both[:, 1])


def _linear_balance(
    topology: Topology,
    prepared: Prepared,
    moment: Moment,
    known: Known,
    h: Array,
    pressure: Array,
    rising: Array | bool,
) -> tuple[Balance, Slopes]:
    """The same where all cells are linear and there are neither valves nor beds: what is left of it."""
    graph, faces = graph_of(topology), prepared.parameters.faces
    static = pressure + prepared.parameters.fluid.weight * moment.height
    nodes = jnp.concatenate([static, moment.ends])
    drop = nodes[graph.tail] - nodes[graph.head]
    resistance, inertance = prepared.channel_resistance, prepared.channel_inertance
    if topology.switches:
        added, added_slope = _switched(graph, prepared.parameters, drop)
        resistance = resistance + added
    if faces.loss is None:
        inertia = inertance / h
        slope = faces.open / (resistance + inertia)
        flow = slope * (drop + inertia * known.flow)
    else:
        flow, slope = vessel.implicit_flow(drop, resistance, inertance, faces.loss, known.flow, h)
        flow, slope = faces.open * flow, faces.open * slope
    if topology.switches:
        slope = slope * (1.0 - flow * added_slope)
        slope = jnp.where(rising, jnp.maximum(slope, 0.0), slope)
    none = jnp.zeros((0, 2, pressure.shape[-1]))
    both = _met(graph, jnp.stack([-flow, -slope], axis=1), jnp.stack([flow, -slope], axis=1), none)
    net = both[:, 0] if moment.source is None else both[:, 0] + moment.source
    still = known.creep, known.arteriolar, known.exercise
    here = Balance(pressure, pressure, flow, none[:, 0], net, drop, 0.0 * drop, *still, moment.pressure)
    return here, Slopes(slope, slope, -slope, none[:, 0], both[:, 1])


def _switched(graph: Graph, parameters: Parameters, drop: Array) -> tuple[Array, Array]:
    """Resistance that switches add to each face, and its slope against the pressure difference."""
    if parameters.switches is None:
        raise NetworkError("the topology has switches, the parameters have none")
    added = jnp.stack(switch.added_resistance(parameters.switches, drop[graph.switches]), axis=1)
    laid = jnp.concatenate([added, jnp.zeros_like(added[:1])])[graph.switch_row]
    return laid[:, 0], laid[:, 1]


def _held(graph: Graph, volume: Array) -> Array:
    """Sum over the cells inside each elastic surrounding. A product and sum, which compiles into its neighbours."""
    return jnp.sum(graph.inside.reshape(*graph.inside.shape, *[1] * (volume.ndim - 1)) * volume[None], axis=1)


def _pressures(
    graph: Graph, prepared: Prepared, moment: Moment, volume: Array, transmural: Array
) -> tuple[Array, Array]:
    """Pressure in each cell and of each surrounding."""
    pressed = prepared.elastance * _held(graph, volume) + prepared.slack
    around = moment.pressure + jnp.concatenate([pressed, jnp.zeros_like(moment.pressure[:1])])[graph.felt]
    share = prepared.parameters.cells.share
    pressure = transmural if moment.outside is None else transmural + moment.outside
    for slot in range(share.shape[1]):
        pressure = pressure + share[:, slot] * around[graph.slots[:, slot]]
    return pressure, around


def _missing(prepared: Prepared, known: Known, h: Array, here: Balance) -> Array:
    """What each cell's volume equation is off by, mL."""
    if prepared.capacity is None:
        return known.volume + h * here.net - here.volume
    return prepared.capacity * (known.volume - here.volume) + h * here.net


def _entries(topology: Topology, capacity: Array | None, h: Array, slope: Slopes) -> Float[Array, "entries batch"]:
    """The Newton matrix d(V - h net)/dV at fixed surroundings, in the plan's storage."""
    steps = elimination.plan(topology)
    across = h * jnp.concatenate([slope.by_head[steps.inner], -slope.by_tail[steps.inner]])
    fill = jnp.zeros((steps.size - topology.n_cells - across.shape[0], across.shape[1]))
    return jnp.concatenate([(1.0 if capacity is None else capacity) - h * slope.own, across, fill])


Arguments = tuple[Prepared, Moment, Known, valve.Begun, Array]
"""What a stage is made of: parameters, moment, right sides, where valves stood, implicit share h of the step in s."""


class Coupling(eqx.Module):
    """What is kept of the Newton matrix from stage to stage.

    Elastic surroundings add to it a term `change inside` of low rank. Where nothing in the network bends, the whole
    matrix hangs on the step's length alone, and its factors are kept.

    Attributes:
        reach: solution of the matrix without it for `change`, so that it can be folded in afterwards.
        core: inverse of the identity plus `inside reach`.
        factors: of the whole matrix, where it does not change; else None.
    """

    reach: Float[Array, "cells elastic batch"]
    core: Float[Array, "elastic elastic batch"]
    factors: elimination.Factors | None = None


def _nothing_bends(topology: Topology, prepared: Prepared) -> bool:
    """Whether the balance is linear in all states: no wall, no valve, no loss."""
    return graph_of(topology).all_linear and not topology.switches and prepared.parameters.faces.loss is None


def _by_surroundings(topology: Topology, prepared: Prepared, h: Array, slope: Slopes) -> Array:
    """d(V - h net)/d(volume held by an elastic surrounding), shape (cells, elastic, batch)."""
    graph, cells = graph_of(topology), prepared.parameters.cells
    one_of = np.eye(len(topology.surroundings))[graph.slots][:, :, graph.elastic]
    share = jnp.sum(cells.share[:, :, None] * one_of[..., None], axis=1)
    if topology.linear:
        share = jnp.where(graph.linear[..., None], 0.0, share)
    nodes = jnp.concatenate([share, jnp.zeros((topology.n_ends, *share.shape[1:]))])
    pushed = slope.by_drop[:, None] * (nodes[graph.tail] - nodes[graph.head])
    fed = slope.by_bed[:, None] * share[graph.bed_cell]
    return -h * _met(graph, -pushed, pushed, fed) * prepared.elastance[None]


def couple(topology: Topology, prepared: Prepared, h: Array, slope: Slopes, factors: elimination.Factors) -> Coupling:
    """The elastic surroundings' part of the Newton matrix, ready to be folded into solutions."""
    graph, steps = graph_of(topology), elimination.plan(topology)
    change = _by_surroundings(topology, prepared, h, slope)
    reach = elimination.solve(steps, factors, change)
    inner = _held(graph, reach)
    return Coupling(reach, _small_inverse(inner + jnp.eye(inner.shape[0])[..., None]))


def coupling_at(topology: Topology, arguments: Arguments, volume: Array) -> Coupling:
    """What is kept of the Newton matrix of a stage, from given volumes.

    The stage's h must be that of the stages to come.
    """
    prepared, _, _, _, h = arguments
    slope = balance(topology, *arguments, volume)[1]
    factors = elimination.factor(elimination.plan(topology), _entries(topology, prepared.capacity, h, slope))
    coupling = couple(topology, prepared, h, slope, factors)
    return replace(coupling, factors=factors) if _nothing_bends(topology, prepared) else coupling


def _small_inverse(matrix: Float[Array, "k k batch"]) -> Float[Array, "k k batch"]:
    """Inverse by Gauss and Jordan without pivoting, batch last (the matrix is near the identity)."""
    size = matrix.shape[0]
    one = jnp.broadcast_to(jnp.eye(size)[..., None], matrix.shape)
    rows = jnp.concatenate([matrix, one], axis=1)
    for turn in range(size):
        pivot = rows[turn] / rows[turn, turn][None]
        rows = lax.dynamic_update_index_in_dim(rows - rows[:, turn][:, None] * pivot[None], pivot, turn, 0)
    return rows[:, size:]


def _fold(topology: Topology, coupling: Coupling, x: Array) -> Array:
    """The solution with elastic surroundings, from the one without (Sherman, Morrison, Woodbury)."""
    held = _held(graph_of(topology), x)
    felt = jnp.sum(coupling.core * held[None], axis=1)
    return x - jnp.sum(coupling.reach * felt[None], axis=1)


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
        held = _held(graph, x)
        return elimination.multiply(topology, steps, entries, x) + jnp.sum(change * held[None], axis=1)

    def forward(_: object, b: Array) -> Array:
        coupling = couple(topology, prepared, h, slope, factors)
        return _fold(topology, coupling, elimination.solve(steps, factors, b))

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
        iterations: Newton iterations taken.
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
    prepared, now, known, _, h = arguments
    graph, steps = graph_of(topology), elimination.plan(topology)

    def at(volume: Array, turn: Array) -> tuple[Balance, Slopes, Array, Array]:
        here, slope = balance(topology, *arguments, volume, turn >= PATIENT)
        missing = _missing(prepared, known, h, here)
        return here, slope, missing, _most(topology, prepared, now, h, here, slope, missing)

    if coupling.factors is not None:
        missing = at(guess, jnp.asarray(0))[2]
        here, _, _, left = at(guess + elimination.solve(steps, coupling.factors, missing), jnp.asarray(0))
        return Solved(here, left, jnp.asarray(1.0)), coupling

    def unfinished(carry: tuple) -> Array:
        left, turn = carry[3:5]
        return (turn < MOST_ITERATIONS) & jnp.any(left > tolerance)  # NaN compares false: it is not chased

    def again(carry: tuple) -> tuple:
        here, slope, missing, left, turn, coupling, step, aim, part = carry
        factors = elimination.factor(steps, _entries(topology, prepared.capacity, h, slope))
        # What elastic surroundings add hardly changes from step to step; where Newton is slow it may have.
        fresh = elimination.solve(steps, factors, missing)
        if topology.elastic:
            coupling = _once_if(turn >= RENEWAL, lambda _: couple(topology, prepared, h, slope, factors), coupling)
            fresh = _fold(topology, coupling, fresh)
        # A step may not empty a cell nor overfill it: from far off Newton would leave the law's range.
        if not graph.all_linear:
            kept = jnp.clip(fresh, -0.7 * here.volume, 0.6 * here.volume + 0.2 * prepared.unstressed)
            fresh = jnp.where(graph.linear, fresh, kept) if topology.linear else kept
        worse = (left > aim) & (part > SHORTEST) & (turn < PATIENT)
        move = jnp.where(worse, -0.5 * part * step, jnp.where(turn < WEARY, 1.0, 0.5) * fresh)
        # A member that is done stays, so that its solution does not hang on who else is in the batch.
        volume = here.volume + jnp.where(left > tolerance, move, 0.0)
        step, aim = jnp.where(worse, step, fresh), jnp.where(worse, aim, left)
        part = jnp.where(worse, 0.5 * part, 1.0)
        here, slope, missing, left = at(volume, turn + 1)
        return here, slope, missing, left, turn + 1, coupling, step, aim, part

    turn = jnp.asarray(0)
    here, slope, missing, left = at(guess, turn)
    start = (here, slope, missing, left, turn, coupling, 0.0 * missing, left, jnp.ones_like(left))
    here, _, _, left, turn, coupling, *_ = lax.while_loop(unfinished, again, start)
    return Solved(here, left, turn.astype(jnp.float64)), coupling


def _once_if(asked: Array, work: Callable[[Coupling], Coupling], held: Coupling) -> Coupling:
    """`work(held)` if asked, else `held`: as a loop of one turn or none, which the CPU compiles into its neighbours."""
    return lax.while_loop(lambda c: c[0], lambda c: (jnp.asarray(False), work(c[1])), (asked, held))[1]


def _most(
    topology: Topology, prepared: Prepared, moment: Moment, h: Array, here: Balance, slope: Slopes, missing: Array
) -> Float[Array, "one batch"]:
    """The most that is missing in a cell; in linear cells, whose scale is not known, beyond what rounding explains."""
    if prepared.capacity is None:
        return _largest(missing)
    nodes = jnp.concatenate([here.pressure + prepared.parameters.fluid.weight * moment.height, moment.ends])
    rounding = (prepared.capacity - h * slope.own) * _largest(nodes) + h * _largest(here.flow)
    rounding = jnp.where(graph_of(topology).linear, ROUNDING * rounding, 0.0)
    return jnp.max(jnp.abs(missing) - rounding, axis=0, keepdims=True)


def _largest(values: Float[Array, "cells batch"]) -> Float[Array, "one batch"]:
    return jnp.max(jnp.abs(values), axis=0, keepdims=True)


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


@solve_stage.defjvp
def _(topology: Topology, primals: tuple, tangents: tuple) -> tuple:
    arguments: Arguments = primals[0]
    solved, coupling = solve_stage(topology, *primals)
    volume = solved.balance.volume
    prepared, _, _, _, h = arguments

    def implied(given: Arguments, volume: Array) -> Balance:
        return balance(topology, given[0], given[1], given[2], given[3], given[4], volume)[0]

    def residual(given: Arguments) -> Array:
        if given[0].capacity is None:
            return volume - given[2].volume - given[4] * implied(given, volume).net
        return -_missing(given[0], given[2], given[4], implied(given, volume))

    _, r_dot = jax.jvp(residual, (arguments,), (tangents[0],))
    _, slope = balance(topology, prepared, arguments[1], arguments[2], arguments[3], h, volume)
    volume_dot = _solve_exactly(topology, prepared, h, slope, -r_dot, primals[2].factors)
    _, balance_dot = jax.jvp(implied, (arguments, volume), (tangents[0], volume_dot))
    still = jax.tree.map(jnp.zeros_like, (solved.missing, solved.iterations, coupling))
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
