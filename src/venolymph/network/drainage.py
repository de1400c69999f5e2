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

from venolymph.network import interstitium, lymphangion
from venolymph.network.drainage_types import (
    SOUND,
    DrainageDrive,
    DrainageParameters,
    DrainageState,
    DrainageTopology,
    IntervalRecord,
    IntervalTotals,
    PostureAndLoads,
)
from venolymph.network.lymph_steps import LymphInterval, run_lymph_steps
from venolymph.network.lymphangion import Pacing
from venolymph.network.plasma import gain_after, thinned
from venolymph.network.tissue_interval import (
    TissueInterval,
    book_gains,
    exchange_with_blood,
    freeze_tissue,
    reach_end,
    record_interval,
    seep,
    tissue_before,
    tissue_pressure,
    zero_where_failed,
)

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
        gained=0.0 * one,
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
    count = jnp.asarray(steps, jnp.float64)
    gained, gained_at_end = gain_after(parameters.plasma, state.gained, drive.laid, count * dt)
    parameters = replace(parameters, plasma=thinned(parameters.plasma, gained, drive.protein_factor))
    tissue = tissue_before(parameters, state)
    frozen = freeze_tissue(topology, parameters, drive, tissue)
    lymph = run_lymph_steps(LymphInterval(topology, parameters, drive, state, frozen, dt, tolerance), steps)
    relative_residual = jnp.max(lymph.relative_residual, axis=0, keepdims=True)
    totals = replace(lymph.totals, pressure=lymph.totals.pressure / count, relative_residual=relative_residual)
    one = TissueInterval(topology, parameters, drive, state, tissue, count * dt)
    outside = 0.5 * (state.placed.on_compartments + drive.placed.on_compartments)
    pressed = outside + drive.pressed
    felt = tissue.pressure + tissue.borne * pressed
    blood = exchange_with_blood(one, pressed, felt)
    seepage = seep(one, felt)
    gains = book_gains(one, totals, blood, seepage)
    totals = replace(totals, uptake_solutes=totals.uptake_solutes + gains.drawn)
    reached = reach_end(one, lymph, (blood.opened, gained_at_end), gains)
    totals = zero_where_failed(totals, reached.alive)
    return reached, record_interval(reached, one, totals, (blood, seepage), felt)


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
