"""All physics of a network gathered into one balance, solved for the volumes at the end of a stage.

A stage of the time step asks for volumes V with `V - h (inflow - outflow)(V) = rhs`. Every other state (flow,
valve opening, creep, arteriolar factor, muscle work) obeys its own small implicit equation, which is solved in
closed form once V is given; so Newton iterates in volume alone. (In pressure it overshoots from collapse, and
stopped early gives finite, smooth, wrong results.) What cells, faces and beds are is the business of their laws
(`laws`); those of a leg are in `veins` and `vein_flow`.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from venolymph.network import bed, vessel
from venolymph.network.bed_law import BedSlopes
from venolymph.network.drive import DriveValues
from venolymph.network.elimination import elimination_order
from venolymph.network.graph import Graph, graph_of
from venolymph.network.laws import laws_of
from venolymph.network.stage import Prepared, Slopes, StageEvaluation, StageInputs, StageResult, StageRhs
from venolymph.network.surroundings import elastic_pressure
from venolymph.network.topology import Topology
from venolymph.network.valve import Begun


def evaluate_stage(
    topology: Topology,
    prepared: Prepared,
    prescribed: DriveValues,
    rhs: StageRhs,
    begun: Begun,
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
    inputs = StageInputs(prepared, prescribed, rhs, begun, h)
    stage = evaluate(topology, inputs, volume)
    return complete_result(topology, inputs, stage), slopes_of(topology, inputs, stage, rising)


def evaluate(topology: Topology, inputs: StageInputs, volume: Array) -> StageEvaluation:
    """Evaluate a stage at given volumes without slopes: half the cost, and most calls need no slopes."""
    prepared, prescribed, rhs, _, h = inputs
    graph, laws, beds = graph_of(topology), laws_of(topology), prepared.parameters.beds
    cells = laws.cells.at(inputs, volume)
    drop = graph.across(cells.pressure) + _lift(graph, prepared, prescribed)
    along = laws.faces.at(inputs, cells, drop)
    flow, root = vessel.implicit_flow(drop, along.resistance, along.inertance, along.loss, rhs.flow, h)
    flow = prepared.parameters.faces.open * flow
    goal, _ = bed.arteriolar_goal(beds, graph.at_bed(laws.cells.transmural(cells)))
    arteriolar = bed.implicit_relaxation(rhs.arteriolar, goal, bed.arteriolar_time(beds, rhs.arteriolar, goal), h)
    source = laws.beds.feeding(inputs, cells.pressure)
    inflow = _conductance(inputs) * arteriolar * jnp.maximum(source - graph.at_bed(cells.pressure), 0.0)
    net = prescribed.with_source(graph.net(flow) + graph.fed(inflow))
    return StageEvaluation(volume, flow, inflow, net, drop, arteriolar, root, goal, cells, along.orifice)


def slopes_of(topology: Topology, inputs: StageInputs, stage: StageEvaluation, rising: Array | bool = False) -> Slopes:
    """Slopes of an evaluated stage (see `evaluate_stage`)."""
    laws = laws_of(topology)
    elastance = laws.cells.elastance(inputs, stage.cells)
    faces = laws.faces.slopes(inputs, stage, elastance, jnp.zeros_like(stage.flow), rising)
    beds = _bed_slopes(topology, inputs, stage)
    cells = laws.beds.gathered(faces.by_tail, faces.by_head, beds, elastance)
    return Slopes(faces.by_drop, cells.by_tail, cells.by_head, beds.by_bed, cells.own, beds.by_feed)


def _bed_slopes(topology: Topology, inputs: StageInputs, stage: StageEvaluation) -> BedSlopes:
    """How the flow through beds changes."""
    graph, laws, beds = graph_of(topology), laws_of(topology), inputs.prepared.parameters.beds
    rhs, h = inputs.rhs, inputs.h
    _, goal_slope = bed.arteriolar_goal(beds, graph.at_bed(laws.cells.transmural(stage.cells)))
    closing = goal_slope * (h / (bed.arteriolar_time(beds, rhs.arteriolar, stage.goal) + h))
    driving = laws.beds.feeding(inputs, stage.pressure) - graph.at_bed(stage.pressure)
    conductance = jnp.where(driving > 0.0, _conductance(inputs), 0.0)
    by_bed = -conductance * stage.arteriolar
    # The response follows the transmural pressure, which moves with the volume and not with the surroundings.
    return BedSlopes(by_bed, by_bed + conductance * closing * driving, conductance * stage.arteriolar)


def complete_result(topology: Topology, inputs: StageInputs, stage: StageEvaluation) -> StageResult:
    """The result of an evaluated stage, with the states that need no slopes."""
    prepared, prescribed, rhs, _, h = inputs
    graph, beds = graph_of(topology), prepared.parameters.beds
    pressed = elastic_pressure(graph, prepared, stage.volume)
    pressed = jnp.concatenate([pressed, jnp.zeros_like(prescribed.pressure[:1])])
    return StageResult(
        volume=stage.volume,
        pressure=stage.pressure,
        flow=stage.flow,
        inflow=stage.inflow,
        net=stage.net,
        drop=stage.drop,
        opening=jnp.zeros_like(stage.drop) if stage.orifice is None else graph.on_faces(stage.orifice.zeta),
        creep=laws_of(topology).cells.creep(inputs, stage.cells),
        arteriolar=stage.arteriolar,
        exercise=bed.implicit_relaxation(rhs.exercise, prepared.drive.exercise, beds.exercise_time, h),
        surroundings=prescribed.pressure + pressed[graph.felt],
    )


def _lift(graph: Graph, prepared: Prepared, prescribed: DriveValues) -> Array:
    """Contribution of ends and heights to the pressure difference along each face, mmHg."""
    return prepared.parameters.fluid.weight * graph.across(prescribed.height) + graph.from_ends(prescribed.ends)


def _conductance(inputs: StageInputs) -> Array:
    """Conductance of each bed before the venoarteriolar factor, mL/(s mmHg)."""
    prepared, _, rhs, _, h = inputs
    beds, drive = prepared.parameters.beds, prepared.drive
    exercise = bed.implicit_relaxation(rhs.exercise, drive.exercise, beds.exercise_time, h)
    return bed.full_conductance(beds, drive.inflow, exercise)


def volume_residual(topology: Topology, inputs: StageInputs, stage: StageEvaluation) -> Array:
    """Residual of each cell's volume equation, mL."""
    return laws_of(topology).cells.residual(inputs, stage.volume, stage.net)


def matrix_entries(topology: Topology, prepared: Prepared, h: Array, slope: Slopes) -> Float[Array, "entries batch"]:
    """The Newton matrix d(V - h net)/dV at fixed surroundings, in the storage of `EliminationOrder`."""
    order = elimination_order(topology)
    above, below = h * slope.by_head[order.inner], -h * slope.by_tail[order.inner]
    fill = jnp.zeros((order.size - topology.n_cells - 2 * len(order.inner), above.shape[1]))
    held = laws_of(topology).cells.per_state(prepared)
    return jnp.concatenate([held - h * slope.own, above, below, fill])
