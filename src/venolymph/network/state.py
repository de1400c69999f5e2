"""A network between two steps: a state at rest, one at the start of a phase, and what it holds."""

from __future__ import annotations

from dataclasses import replace

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from venolymph.network.drive import Drive
from venolymph.network.laws import laws_of, prepare
from venolymph.network.newton import initial_rates
from venolymph.network.parameters import Parameters
from venolymph.network.stage import StateVector
from venolymph.network.topology import Topology
from venolymph.network.wall import stretch_at

FAILURE_RESIDUAL = 5e-3
"""A step whose residual exceeds this in any cell, mL, has failed: its volumes are not a solution."""


LEAST_STRETCH = 0.2
"""Least stretch of a lumen with which a state at rest begins: a vein far above the heart that is emptier lets nothing
through, and its first blood would have to open it in one step."""


class State(eqx.Module):
    """A network between two steps: all that the next step needs.

    Attributes:
        states: volume (of linear cells pressure), flow, creep, arteriolar factor, muscle work; see `StateVector`.
        rates: the rate of change of each, per s.
        opening: of the valve on each face, 1.
        drop: pressure difference along each face, mmHg.
        pressure: of each cell, mmHg.
        inflow: through each bed, mL/s.
        clock: time of the whole run, s.
        alive: whether the member's steps have been solutions so far.
        failed_at: time of the run at which a member failed, s (infinite if it did not).
    """

    states: StateVector
    rates: StateVector
    opening: Float[Array, "faces batch"]
    drop: Float[Array, "faces batch"]
    pressure: Float[Array, "cells batch"]
    inflow: Float[Array, "beds batch"]
    clock: Float[Array, ""]
    alive: Bool[Array, "one batch"]
    failed_at: Float[Array, "one batch"]


def initial_state(topology: Topology, parameters: Parameters, drive: Drive, clock: float = 0.0) -> State:
    """A state at rest to begin from: every cell under the pressure of its height below the heart end's pressure.

    Args:
        topology: of the network.
        parameters: of the network.
        drive: of the first phase; its heights, end pressures and surroundings are used.
        clock: time to begin at, s.

    Returns:
        no flow, valves shut, creep complete. Not an equilibrium: a run settles it first.
    """
    cells = parameters.cells
    now = drive.values_at(cells, jnp.asarray(0.0), jnp.asarray(clock))
    share = cells.share
    outside = sum(
        share[:, slot] * now.pressure[np.array(topology.surrounded)[:, slot]] for slot in range(share.shape[1])
    )
    pressure = now.ends[:1] - parameters.fluid.weight * now.height
    stretch = jnp.maximum(stretch_at(cells, pressure - outside), LEAST_STRETCH)
    elastic = (stretch + cells.relaxation_gain) / (1.0 + cells.relaxation_gain)
    creep = jnp.where(stretch > 1.0, stretch / elastic - 1.0, 0.0)
    filled = stretch * cells.unstressed_volume * drive.calibre
    volume = laws_of(topology).cells.by_kind(filled, pressure)
    faces, beds = jnp.zeros((topology.n_faces, parameters.batch)), jnp.zeros((len(topology.beds), parameters.batch))
    states = StateVector(volume, faces, creep, beds + 1.0, beds)
    alive = jnp.ones((1, parameters.batch), bool)
    return State(
        states=states,
        rates=jax.tree.map(jnp.zeros_like, states),
        opening=faces,
        drop=faces,
        pressure=pressure,
        inflow=beds,
        clock=jnp.asarray(clock, jnp.float64),
        alive=alive,
        failed_at=jnp.full((1, parameters.batch), jnp.inf, jnp.float64),
    )


def start_phase(
    topology: Topology, parameters: Parameters, drive: Drive, state: State, span: float | Array = 1e-7
) -> State:
    """The state at the start of a phase, its rates measured over `span` s (see `initial_rates`)."""
    prepared = prepare(topology, parameters, drive)
    now = drive.values_at(parameters.cells, jnp.asarray(0.0), state.clock)
    stage, rates = initial_rates(topology, prepared, now, state.states, state.opening, state.drop, span)
    states = eqx.tree_at(lambda states: states.flow, state.states, stage.flow)
    cells = laws_of(topology).cells
    states = replace(states, volume=cells.at_start(prepared, states.volume, stage.volume))
    pressure = cells.pressure_at_start(stage.pressure, states.volume)
    return replace(state, states=states, rates=rates, drop=stage.drop, pressure=pressure, inflow=stage.inflow)


def stored_volume(topology: Topology, parameters: Parameters, state: State) -> Float[Array, "cells batch"]:
    """Volume of each cell, mL; of a linear cell that above its volume at zero pressure."""
    return laws_of(topology).cells.stored_volume(parameters, state.states.volume)


def with_kept_volumes(topology: Topology, before: Parameters, after: Parameters, state: State) -> State:
    """The state with other parameters: every volume is kept, and `start_phase` finds the pressures that follow from it.

    The state of a linear cell is its pressure, which changes so that its volume does not; where nothing is stored,
    before or after, it is kept.
    """
    kept = laws_of(topology).cells.with_volumes_kept(before, after, state.states.volume)
    return eqx.tree_at(lambda s: s.states.volume, state, kept)


def failure_residual(topology: Topology, tolerance: Array) -> float | Array:
    """Residual above which a step fails, mL. Networks of linear cells have no scale but the tolerance."""
    return 5e3 * tolerance if laws_of(topology).cells.scale_free else FAILURE_RESIDUAL


def freeze_failed(reached: State, state: State, clock: Array) -> State:
    """The state reached; failed members keep their last valid state."""
    frozen = jax.tree.map(lambda new, was: jnp.where(reached.alive, new, was), reached, state)
    return replace(frozen, clock=clock, alive=reached.alive, failed_at=reached.failed_at)
