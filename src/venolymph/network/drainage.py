"""Drainage: capillary beds, tissue, initial lymphatics, collectors, nodes, and the way to the venous angle.

Two kinds of contents, water and solutes (protein is the first, tracers follow), go from blood into tissue compartments,
from there into initial lymphatics and along a tree of vessels (lymphangions, then nodes and cisterns) into blood again.
`advance` runs over **exchange intervals**: in each, lymph takes `steps` steps of its own with the tissue frozen, then
tissue changes by the volumes transferred. Each transfer is booked once with both partners, so water and every solute
are conserved to rounding.

A regimen is a `DrainageDrive` for each interval. Its pressures and heights are those at the end of the interval; they
are reached linearly.

Units: mmHg, mL, s, cm, degrees Celsius; protein in mg, its concentration in mg/mL.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

from venolymph.network import depot, exchange, initial_lymphatic, interstitium, lymphangion
from venolymph.network.drainage_types import (
    LYMPH_FAILED,
    SOUND,
    TISSUE_FAILED,
    DrainageDrive,
    DrainageParameters,
    DrainageState,
    DrainageTopology,
    IntervalRecord,
    IntervalTotals,
    PostureAndLoads,
)
from venolymph.network.lymph_steps import FrozenTissue, run_lymph_steps
from venolymph.network.lymphangion import Pacing

__all__ = [
    "DrainageDrive",
    "DrainageParameters",
    "DrainageState",
    "DrainageTopology",
    "IntervalRecord",
    "IntervalTotals",
    "PostureAndLoads",
    "advance",
    "amounts",
    "initial_state",
    "interval",
    "repeat_over_intervals",
    "tissue_pressure",
    "water",
]

EMPTY = 0.05
"""Share of its resting fluid below which a compartment has failed, 1."""


def repeat_over_intervals(drive: DrainageDrive, intervals: int) -> DrainageDrive:
    """A drive repeated over many intervals: every array gets a leading time axis."""
    return jax.tree.map(lambda x: jnp.broadcast_to(x, (intervals, *x.shape)), drive)


def initial_state(
    topology: DrainageTopology,
    parameters: DrainageParameters,
    placed: PostureAndLoads,
    swelling: Float[Array, "compartments batch"],
    concentration: Float[Array, "solutes batch"],
    opened: Float[Array, "beds batch"],
    clock: float = 0.0,
) -> DrainageState:
    """A state to begin from, not an equilibrium: a run settles it first.

    Args:
        topology: of the drainage.
        parameters: of the drainage.
        placed: posture and loads.
        swelling: relative volume v of the compartments, 1.
        concentration: of each solute in tissue and lymph, mg/mL.
        opened: share of open capillaries of each bed, 1.
        clock: time to begin at, s.

    Returns:
        stress relaxed, vessels under no transmural pressure, the outermost pacemakers next to fire.
    """
    tissue, cells = parameters.tissue, parameters.lymphangions
    volume = tissue.volume * swelling
    available = interstitium.available_volume(tissue, volume)
    vessels = lymphangion.volume_at(cells, cells.stretch_diameter)
    lymph = jnp.concatenate([parameters.initials.volume, vessels, parameters.nodes.volume])
    rank = np.zeros(len(topology.lymphangions))
    for number in np.argsort([_distance(topology, n) for n in range(len(rank))], kind="stable"):
        neighbour = topology.peripheral[number]
        rank[number] = 0 if neighbour == number else rank[neighbour] + 1
    phase = jnp.asarray(0.9 / (1.0 + 0.1 * rank))[:, None] + jnp.zeros_like(vessels)
    one, zero_totals = jnp.ones_like(parameters.viscosity), jnp.zeros_like(vessels)
    return DrainageState(
        volume=volume,
        content=concentration[:, None] * available,
        depot=jnp.zeros_like(available),
        stress=jnp.zeros_like(tissue.relaxation_gain),
        opened=opened,
        lymph=lymph,
        lymph_content=concentration[:, None] * lymph[None],
        change=jnp.zeros_like(lymph),
        pacing=Pacing(phase, cells.contraction_time + cells.refractory_time, zero_totals, zero_totals, cells.delay),
        diastole=vessels,
        systole=vessels,
        placed=placed,
        clock=jnp.asarray(clock, jnp.float64),
        alive=one > 0.0,
        failed_at=one * jnp.inf,
        cause=one * SOUND,
    )


def _distance(topology: DrainageTopology, number: int) -> int:
    """Number of lymphangions between one and the periphery."""
    count = 0
    while topology.peripheral[number] != number and count <= len(topology.peripheral):
        number, count = topology.peripheral[number], count + 1
    return count


def tissue_pressure(parameters: DrainageParameters, state: DrainageState) -> Float[Array, "compartments batch"]:
    """Interstitial pressure without external pressure, mmHg."""
    return interstitium.elastic_pressure(parameters.tissue, state.volume / parameters.tissue.volume) + jnp.sum(
        state.stress, axis=0
    )


def _into(rows: int, where: np.ndarray, values: Array) -> Array:
    """Sum of values (n batch) or (solutes n batch) by the row that each belongs to."""
    start = jnp.zeros((*values.shape[:-2], rows, values.shape[-1]))
    return start.at[..., where, :].add(values)


def interval(
    topology: DrainageTopology,
    parameters: DrainageParameters,
    drive: DrainageDrive,
    state: DrainageState,
    dt: Float[Array, ""],
    steps: int | Array,
    tolerance: Array | None = None,
) -> tuple[DrainageState, IntervalRecord]:
    """One exchange interval: `steps` steps of lymph of `dt` s each, then tissue and capillaries.

    Where `tolerance` is given, steps of lymph are solved to it (see `lymph_equations.StepInputs`).
    """
    batch, solutes = parameters.batch, len(topology.solutes)
    tissue, beds, links = parameters.tissue, parameters.beds, parameters.links
    where = np.array(topology.initial_compartment)
    lying = np.array(topology.lymphangion_compartment, int)
    swelling = state.volume / tissue.volume
    pressure = tissue_pressure(parameters, state)
    available = interstitium.available_volume(tissue, state.volume)
    density = state.content / available
    share = interstitium.borne_share(tissue, swelling)
    plasma = parameters.plasma
    frozen = FrozenTissue(
        tissue=pressure[where],
        borne=share[where],
        slow_pressure=jnp.concatenate(
            [
                parameters.initials.tissue_share * pressure[where],
                parameters.lymphangions.tissue_share * pressure[lying],
                jnp.zeros((len(topology.nodes), batch)),
            ]
        ),
        density=density[:, where],
        uptake_conductance=initial_lymphatic.uptake_conductance(parameters.initials, swelling[where]),
        swing=initial_lymphatic.swing(parameters.initials, drive.strain, drive.strain_rate, drive.worked),
        plasma=exchange.oncotic_pressure(plasma.plasma_oncotic, plasma.concentration[:1]),
    )
    zeros = partial(_zeros, batch)
    cells, outflows = state.lymph.shape[0], len(topology.tree.down)
    zero_totals = IntervalTotals(
        passed=zeros(outflows),
        pulsed=zeros(outflows),
        solutes=zeros(solutes, outflows),
        uptake=zeros(len(topology.initials)),
        uptake_solutes=zeros(solutes, len(topology.initials)),
        returned=zeros(len(topology.nodes)),
        plexus=zeros(len(topology.plexus_tail)),
        plexus_solutes=zeros(solutes, len(topology.plexus_tail)),
        pressure=zeros(cells),
        contractions=zeros(len(topology.lymphangions)),
        ejected=zeros(len(topology.lymphangions)),
        relative_residual=zeros(1),
        iterations=zeros(1),
        parted=zeros(1),
    )
    carry = run_lymph_steps(topology, parameters, drive, state, frozen, zero_totals, dt, steps, tolerance)
    count = jnp.asarray(steps, jnp.float64)
    relative_residual = jnp.max(carry.relative_residual, axis=0, keepdims=True)
    totals = replace(carry.totals, pressure=carry.totals.pressure / count, relative_residual=relative_residual)

    span = count * dt
    outside = 0.5 * (state.placed.on_compartments + drive.placed.on_compartments)
    borne = outside + drive.pressed
    felt = pressure + share * borne
    lies = np.array(topology.bed_compartment, int)
    goal = exchange.closure_goal(beds, drive.column, drive.venous - borne[lies])
    opened = goal + (state.opened - goal) * jnp.exp(-span / beds.closure_time)
    capillary = exchange.capillary_pressure(beds.resistance_ratio * drive.warmth * opened, drive.venous, drive.arterial)
    open_capillaries = (1.0 + beds.recruitment * drive.exercised) * opened
    flow = beds.plasma_flow * opened * drive.warmth * (1.0 + drive.exercised)
    filtered = exchange.filtration(beds, plasma, open_capillaries, flow, capillary, felt[lies], density[0][lies])
    blood = plasma.concentration[:, None] * exchange.thickening(filtered[None], flow[None], beds.reflection)
    permeability = open_capillaries[None] * beds.permeability
    leaked = exchange.solute_flow(
        jnp.broadcast_to(filtered, beds.reflection.shape), beds.reflection, permeability, blood, density[:, lies]
    )
    filtered, leaked = span * filtered, span * leaked

    tail, head = np.array(topology.link_tail, int), np.array(topology.link_head, int)
    height = 0.5 * (state.placed.compartment_height + drive.placed.compartment_height)
    raised = felt + parameters.weight * height
    bound = 0.02 * jnp.minimum(state.volume[tail], state.volume[head])
    seeped = span * interstitium.darcy_flow(links, 0.5 * (swelling[tail] + swelling[head]), raised[tail] - raised[head])
    seeped = jnp.clip(seeped, -bound, bound)
    seeped_mass = density[:, tail] * jnp.maximum(seeped, 0.0)[None] + density[:, head] * jnp.minimum(seeped, 0.0)[None]

    rows = partial(_into, len(topology.compartments))
    gain = rows(lies, filtered) - rows(where, totals.uptake) - rows(tail, seeped) + rows(head, seeped)
    gain_solutes = (
        rows(lies, leaked) - rows(where, totals.uptake_solutes) - rows(tail, seeped_mass) + rows(head, seeped_mass)
    )
    formed = rows(where, totals.uptake)
    drawn, mixed = depot.clear_depots(parameters.depots, state.depot, formed, available, span)
    drawn = drawn[:, where] * (totals.uptake / jnp.maximum(formed, 1e-30)[where])[None]
    drawn = jnp.where((formed > 0.0)[where], drawn, 0.0)
    totals = replace(totals, uptake_solutes=totals.uptake_solutes + drawn)
    volume, content = state.volume + gain, state.content + gain_solutes + mixed
    wet = jnp.all(jnp.isfinite(volume) & (volume > EMPTY * tissue.volume), axis=0, keepdims=True)
    wet = wet & jnp.all(jnp.isfinite(content) & (content >= 0.0), axis=(0, 1))[None]
    sound = carry.sound & wet
    fresh = DrainageState(
        volume=volume,
        content=content,
        depot=state.depot - rows(where, drawn) - mixed,
        stress=interstitium.relax_stress(tissue, state.stress, gain / tissue.volume, span),
        opened=opened,
        lymph=carry.lymph,
        lymph_content=carry.content.at[:, : len(where)].add(drawn),
        change=carry.change,
        pacing=carry.pacing,
        diastole=carry.diastole,
        systole=carry.systole,
        placed=drive.placed,
        clock=state.clock,
        alive=sound,
        failed_at=state.failed_at,
        cause=state.cause,
    )
    # Failed members keep the state at the start of the interval; their totals are zero.
    kept = jax.tree.map(lambda new, old: jnp.where(sound, new, old), fresh, state)
    fails = state.alive & ~sound
    reached = replace(
        kept,
        clock=state.clock + span,
        alive=sound,
        failed_at=jnp.where(fails, state.clock, state.failed_at),
        cause=jnp.where(fails, jnp.where(carry.sound, TISSUE_FAILED, LYMPH_FAILED), state.cause),
    )

    def zero_where_failed(value: Array) -> Array:
        return jnp.where(sound, value, 0.0)

    totals = jax.tree.map(zero_where_failed, totals)
    record = IntervalRecord(
        totals=totals,
        filtered=zero_where_failed(filtered),
        filtered_solutes=zero_where_failed(leaked),
        seeped=zero_where_failed(seeped),
        seeped_solutes=zero_where_failed(seeped_mass),
        entered=zero_where_failed(span * drive.inflow),
        entered_solutes=zero_where_failed(span * drive.inflow_solutes),
        angle=_ending(topology, totals.passed),
        angle_solutes=_ending(topology, totals.solutes),
        volume=reached.volume,
        content=reached.content + reached.depot,
        pressure=zero_where_failed(felt),
        oncotic=zero_where_failed(exchange.oncotic_pressure(plasma.tissue_oncotic, density[0])),
        capillary=zero_where_failed(capillary),
        plasma_flow=zero_where_failed(flow),
        opened=reached.opened,
        lymph=reached.lymph,
        lymph_content=reached.lymph_content,
        since=reached.pacing.since,
        alive=sound,
    )
    return reached, record


def _ending(topology: DrainageTopology, passed: Array) -> Array:
    """Sum over the outflows that lead to the venous angle."""
    last = np.flatnonzero(topology.tree.down == len(topology.vessels))
    return jnp.sum(passed[..., last, :], axis=-2, keepdims=True)


def _zeros(batch: int, *shape: int) -> Array:
    return jnp.zeros((*shape, batch))


def advance(
    topology: DrainageTopology,
    parameters: DrainageParameters,
    drive: DrainageDrive,
    state: DrainageState,
    dt: Float[Array, ""],
    steps: int | Array,
    tolerance: Array | None = None,
) -> tuple[DrainageState, IntervalRecord]:
    """Many exchange intervals in one program.

    Args:
        topology: of the drainage (static).
        parameters: of the drainage.
        drive: with a leading time axis, one entry an interval (see `repeat_over_intervals`).
        state: to start from.
        dt: length of a step of lymph, s (0.05 to 0.1; beyond 0.1 flow at rest comes out too high).
        steps: steps of lymph to an interval. A Python int gives a program that reverse-mode differentiates; a traced
            number one that serves every length of interval. Tissue takes one step an interval, up to 60 s.
        tolerance: of steps of lymph (see `interval`).

    Returns:
        the state at the end, and the record of each interval.
    """
    body = partial(interval, topology, parameters)

    def one(state: DrainageState, drive: DrainageDrive) -> tuple[DrainageState, IntervalRecord]:
        return body(drive, state, dt, steps, tolerance)

    checked = jax.checkpoint(one) if isinstance(steps, int) else one
    return lax.scan(checked, state, drive)


def water(state: DrainageState) -> Float[Array, "one batch"]:
    """Water in tissue and lymph, mL."""
    return jnp.sum(state.volume, axis=0, keepdims=True) + jnp.sum(state.lymph, axis=0, keepdims=True)


def amounts(state: DrainageState) -> Float[Array, "solutes batch"]:
    """Each solute in tissue and lymph, mg."""
    return jnp.sum(state.content + state.depot, axis=1) + jnp.sum(state.lymph_content, axis=1)
