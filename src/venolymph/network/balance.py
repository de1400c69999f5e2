"""All physics of a network gathered into one balance, solved for the volumes at the end of a stage.

A stage of the time step asks for volumes V with `V - h (inflow - outflow)(V) = rhs`. Every other state (flow,
valve opening, creep, arteriolar factor, muscle work) obeys its own small implicit equation, which is solved in
closed form once V is given; so Newton iterates in volume alone. (In pressure it overshoots from collapse, and
stopped early gives finite, smooth, wrong results.) Only the topology's linear cells have their pressure as state and
unknown: they have no collapse, and one that stores nothing has no volume to iterate in.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from venolymph.errors import NetworkError
from venolymph.network import bed, switch, valve, vessel, wall
from venolymph.network.drive import DriveValues
from venolymph.network.elimination import elimination_order
from venolymph.network.graph import Graph, Prepared, graph_of
from venolymph.network.parameters import Parameters
from venolymph.network.topology import Topology


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
    stage = evaluate(topology, inputs, volume)
    return complete_result(topology, inputs, stage), slopes_of(topology, inputs, stage, rising)


def evaluate(topology: Topology, inputs: StageInputs, volume: Array) -> StageEvaluation:
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


def slopes_of(topology: Topology, inputs: StageInputs, stage: StageEvaluation, rising: Array | bool = False) -> Slopes:
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


def complete_result(topology: Topology, inputs: StageInputs, stage: StageEvaluation) -> StageResult:
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


def volume_residual(prepared: Prepared, rhs: StageRhs, h: Array, stage: StageEvaluation) -> Array:
    """Residual of each cell's volume equation, mL."""
    if prepared.capacity is None:
        return rhs.volume + h * stage.net - stage.volume
    return prepared.capacity * (rhs.volume - stage.volume) + h * stage.net


def matrix_entries(
    topology: Topology, capacity: Array | None, h: Array, slope: Slopes
) -> Float[Array, "entries batch"]:
    """The Newton matrix d(V - h net)/dV at fixed surroundings, in the storage of `EliminationOrder`."""
    order = elimination_order(topology)
    above, below = h * slope.by_head[order.inner], -h * slope.by_tail[order.inner]
    fill = jnp.zeros((order.size - topology.n_cells - 2 * len(order.inner), above.shape[1]))
    return jnp.concatenate([(1.0 if capacity is None else capacity) - h * slope.own, above, below, fill])
