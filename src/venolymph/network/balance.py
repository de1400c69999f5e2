"""All physics of a network gathered into one balance, solved for the volumes at the end of a stage.

A stage of the time step asks for volumes V with `V - h (inflow - outflow)(V) = rhs`. Every other state (flow,
valve opening, creep, arteriolar factor, muscle work) obeys its own small implicit equation, which is solved in
closed form once V is given; so Newton iterates in volume alone. (In pressure it overshoots from collapse, and
stopped early gives finite, smooth, wrong results.) What cells, faces and beds are is the business of their laws
(`laws`); those of a leg are in `veins` and `vein_flow`.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from venolymph.network import bed, vessel
from venolymph.network.drive import DriveValues
from venolymph.network.elimination import elimination_order
from venolymph.network.graph import Graph, graph_of
from venolymph.network.laws import laws_of
from venolymph.network.stage import BedSlopes, Prepared, Slopes, StageEvaluation, StageInputs, StageResult, StageRhs
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
    goal, closing = bed.arteriolar_goal(beds, graph.at_bed(laws.cells.transmural(cells)))
    time = bed.arteriolar_time(beds, rhs.arteriolar, goal)
    arteriolar = bed.implicit_relaxation(rhs.arteriolar, goal, time, h)
    driving = jnp.maximum(laws.beds.feeding(inputs, cells.pressure) - graph.at_bed(cells.pressure), 0.0)
    conductance = _conductance(inputs)
    inflow = conductance * arteriolar * driving
    by_feed = jnp.where(driving > 0.0, conductance, 0.0) * arteriolar
    # The response follows the transmural pressure, which moves with the volume and not with the surroundings. Its slope
    # is worked out here: in `slopes_of` the compiler would do so for each cell, and not for each bed.
    answer = BedSlopes(by_feed, conductance * closing * (h / (time + h)) * driving - by_feed)
    net = prescribed.with_source(graph.net(flow) + graph.fed(inflow))
    return StageEvaluation(volume, flow, inflow, net, drop, arteriolar, root, answer, cells, along.orifice)


def slopes_of(topology: Topology, inputs: StageInputs, stage: StageEvaluation, rising: Array | bool = False) -> Slopes:
    """Slopes of an evaluated stage (see `evaluate_stage`)."""
    laws = laws_of(topology)
    elastance = laws.cells.elastance(inputs, stage.cells)
    faces = laws.faces.slopes(inputs, stage, elastance, jnp.zeros_like(stage.flow), rising)
    cells = laws.beds.gathered(faces.by_tail, faces.by_head, stage.beds, elastance)
    return Slopes(faces.by_drop, cells.by_tail, cells.by_head, stage.beds.by_bed, cells.own, stage.beds.by_feed)


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
    diagonal = laws_of(topology).cells.per_state(prepared) - h * slope.own
    # The diagonal is written afterwards: joined with the rest, its sums would be worked out one entry at a time.
    joined = jnp.concatenate([jnp.zeros_like(diagonal), above, below, fill])
    return lax.dynamic_update_slice_in_dim(joined, diagonal, 0, 0)
