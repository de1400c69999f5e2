"""Time integration: steps, their samples and extremes, in one compiled program."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Bool, Float

from venolymph.network.drive import Drive
from venolymph.network.laws import prepare
from venolymph.network.newton import SOLVED, TOLERANCE, NewtonCache, newton_cache_at
from venolymph.network.parameters import Parameters
from venolymph.network.predictor import STEPS_PER_BREATH, empty_cycle_memory
from venolymph.network.scheme import Scheme, StepMeans, StepQuality
from venolymph.network.stage import Prepared, StageInputs, StateVector
from venolymph.network.state import State, stored_volume
from venolymph.network.topology import Topology
from venolymph.network.tr_bdf2 import STAGE_FRACTION, TRBDF2
from venolymph.network.valve import Begun

KEPT = jax.checkpoint_policies.save_only_these_names(SOLVED)
"""What the way back keeps of a step, besides the state before it, while it goes through a sample."""


class Extremes(eqx.Module):
    """Largest and smallest values over every step, and the worst quality of a step.

    Attributes:
        pressure_max, pressure_min: mmHg.
        flow_max, flow_min: mL/s.
        residual: largest residual of a volume equation, mL.
        error: estimate of the local error in volume of one step, mL.
        iterations: Newton iterations in all (both stages), without those that reused factors of the previous cycle.
    """

    pressure_max: Float[Array, "cells batch"]
    pressure_min: Float[Array, "cells batch"]
    flow_max: Float[Array, "faces batch"]
    flow_min: Float[Array, "faces batch"]
    residual: Float[Array, "one batch"]
    error: Float[Array, "one batch"]
    iterations: Float[Array, ""]


class Sample(eqx.Module):
    """Quantities recorded at the end of each sampling interval; with a leading time axis once recorded.

    Attributes:
        volume, pressure, flow, inflow, opening, surroundings: at that moment (mL, mmHg, mL/s, 1).
        mean_volume, mean_pressure, mean_flow, mean_inflow: over the interval, from every step.
        alive: whether the member is still a solution.
        height: of each cell above the heart, cm (filled in after the run; it follows from the drive alone).
        rates: rate of change of every state, per s, if recorded.
    """

    volume: Float[Array, "*time cells batch"]
    pressure: Float[Array, "*time cells batch"]
    flow: Float[Array, "*time faces batch"]
    inflow: Float[Array, "*time beds batch"]
    opening: Float[Array, "*time faces batch"]
    surroundings: Float[Array, "*time surroundings batch"]
    mean_volume: Float[Array, "*time cells batch"]
    mean_pressure: Float[Array, "*time cells batch"]
    mean_flow: Float[Array, "*time faces batch"]
    mean_inflow: Float[Array, "*time beds batch"]
    alive: Bool[Array, "*time one batch"]
    height: Float[Array, "*time cells batch"] | None = None
    rates: StateVector | None = None


class Steps(eqx.Module):
    """The steps of one call: `samples` samples of `stride` steps each.

    Attributes:
        time: since the phase's start, s.
        dt: length of a step, s.
        stride: steps to a sample. A Python int gives a program that reverse-mode differentiates; a traced number
            one that serves every stride. (`jax.jit` traces a Python int that it is given.)
        samples: number of samples (static).
    """

    time: Float[Array, ""]
    dt: Float[Array, ""]
    stride: int | Array
    samples: int = eqx.field(static=True)


class Advanced(NamedTuple):
    """What many steps gave.

    Attributes:
        state: at the end.
        samples: with a leading time axis.
        extremes: over all steps.
    """

    state: State
    samples: Sample
    extremes: Extremes


class Method(eqx.Module):
    """How steps are made, and what is kept of them.

    Attributes:
        tolerance: largest residual that Newton may leave in a cell, mL.
        scheme: how one step is made (static).
        rates: whether samples hold the rates of all states (static).
        keep: whether the reverse derivative stores the intermediate values of each step instead of computing them again
            from the state that a sample begins with (static): less time for small networks, but memory that grows with
            the steps.
    """

    tolerance: float | Array = TOLERANCE
    scheme: Scheme = eqx.field(static=True, default=TRBDF2())
    rates: bool = eqx.field(static=True, default=False)
    keep: bool = eqx.field(static=True, default=False)


def advance(
    topology: Topology, parameters: Parameters, drive: Drive, state: State, steps: Steps, method: Method | None = None
) -> Advanced:
    """Many steps in one program.

    Args:
        topology: of the network (static).
        parameters: of the network.
        drive: of the phase that these steps belong to.
        state: to start from.
        steps: which.
        method: how they are made; `Method()` where not given.

    """
    method = Method() if method is None else method
    time, dt, stride = steps.time, steps.dt, steps.stride
    prepared = prepare(topology, parameters, drive)
    zeros = partial(_zeros, parameters.batch)
    cells, faces, beds = topology.n_cells, topology.n_faces, len(topology.beds)
    extremes = _no_extremes(topology, parameters.batch)
    allowed = jnp.asarray(method.tolerance)
    cache = _first_cache(topology, prepared, state, steps, method.scheme)

    def one_step(number: Array, carry: tuple) -> tuple:
        state, cache, sums, extremes, _, first_step = carry
        cache = lax.stop_gradient(cache)
        done = method.scheme.step(
            topology, prepared, state, cache, time + (first_step + number).astype(jnp.float64) * dt, dt, allowed
        )
        state = done.state
        sums = jax.tree.map(jnp.add, sums, (stored_volume(topology, parameters, state), done.means))
        return state, done.cache, sums, _with_extremes(extremes, state, done.quality), done.surroundings, first_step

    # On the way back a sample is worked out once more from its start; a step then from its solution, without Newton.
    again = isinstance(stride, int) and not method.keep
    turn = jax.checkpoint(one_step, prevent_cse=False, policy=KEPT) if again else one_step

    def one_sample(carry: tuple, number: Array) -> tuple:
        state, cache, extremes = carry
        nothing = zeros(cells), StepMeans(zeros(cells), zeros(faces), zeros(beds))
        start = (state, cache, nothing, extremes, zeros(len(topology.surroundings)))
        state, cache, sums, extremes, surroundings, _ = lax.fori_loop(0, stride, turn, (*start, number * stride))
        volume, means = jax.tree.map(lambda total: total / jnp.asarray(stride, jnp.float64), sums)
        sample = Sample(
            volume=stored_volume(topology, parameters, state),
            pressure=state.pressure,
            flow=state.states.flow,
            inflow=state.inflow,
            opening=state.opening,
            surroundings=surroundings,
            mean_volume=volume,
            mean_pressure=means.pressure,
            mean_flow=means.flow,
            mean_inflow=means.inflow,
            alive=state.alive,
            rates=state.rates if method.rates else None,
        )
        return (state, cache, extremes), sample

    body = jax.checkpoint(one_sample, prevent_cse=False) if again else one_sample
    (state, _, extremes), recorded = lax.scan(body, (state, cache, extremes), jnp.arange(steps.samples))
    return Advanced(state, recorded, extremes)


class StateTrace(eqx.Module):
    """States after the last steps, each in the row of its number modulo the number of rows.

    Attributes:
        volume, flow: of cells (mL; of linear cells their pressure, mmHg) and faces (mL/s).
        volume_rate, flow_rate: their rates, per s.
    """

    volume: Float[Array, "rows cells batch"]
    flow: Float[Array, "rows faces batch"]
    volume_rate: Float[Array, "rows cells batch"]
    flow_rate: Float[Array, "rows faces batch"]


class TracedSteps(eqx.Module):
    """Steps of which the last are kept.

    Attributes:
        first: number of the first step since the phase's start.
        count: of steps.
        dt: length of a step, s.
        rows: number of the last steps that are kept (static).
    """

    first: Array
    count: Array
    dt: Array
    rows: int = eqx.field(static=True)


def trace(
    topology: Topology, parameters: Parameters, drive: Drive, state: State, steps: TracedSteps, method: Method
) -> tuple[State, StateTrace]:
    """The state after some steps, and the states after the last of them, in one program.

    Arguments are as of `advance`.
    """
    prepared = prepare(topology, parameters, drive)
    dt, rows = steps.dt, steps.rows
    cache = _first_cache(topology, prepared, state, Steps(steps.first * dt, dt, 1, 1), method.scheme)

    def now(state: State) -> StateTrace:
        return StateTrace(state.states.volume, state.states.flow, state.rates.volume, state.rates.flow)

    def one(turn: Array, carry: tuple[State, NewtonCache, StateTrace]) -> tuple[State, NewtonCache, StateTrace]:
        state, cache, kept = carry
        time = (steps.first + turn).astype(dt.dtype) * dt
        done = method.scheme.step(topology, prepared, state, cache, time, dt, jnp.asarray(method.tolerance))
        put = partial(lax.dynamic_update_index_in_dim, index=turn % rows, axis=0)
        return done.state, done.cache, jax.tree.map(put, kept, now(done.state))

    empty = jax.tree.map(lambda part: jnp.zeros((rows, *part.shape)), now(state))
    state, _, kept = lax.fori_loop(0, steps.count, one, (state, cache, empty))
    return state, kept


def _first_cache(topology: Topology, prepared: Prepared, state: State, steps: Steps, scheme: Scheme) -> NewtonCache:
    """The cache that the first step of a call begins with."""
    drive, dt, batch = prepared.drive, steps.dt, prepared.parameters.batch
    now = drive.values_at(prepared.parameters.cells, steps.time, state.clock)
    begun = Begun(state.opening, state.drop, STAGE_FRACTION * dt)
    stage = StageInputs(prepared, now, state.states, begun, scheme.share * dt)
    # The matrix changes the iterations, not the solution.
    cache = newton_cache_at(topology, *lax.stop_gradient((stage, state.states.volume, state.rates.volume)))
    if not scheme.remembers or drive.breath_period is None or isinstance(steps.stride, int):
        return cache
    fits = jnp.broadcast_to(jnp.abs(STEPS_PER_BREATH * dt - drive.breath_period) < 1e-6 * dt, (1, batch))
    return replace(cache, cycle=empty_cycle_memory(topology, STEPS_PER_BREATH, fits))


def _no_extremes(topology: Topology, batch: int) -> Extremes:
    """The extremes of no step at all."""
    zeros = partial(_zeros, batch)
    cells, faces = topology.n_cells, topology.n_faces
    return Extremes(
        zeros(cells) - jnp.inf,
        zeros(cells) + jnp.inf,
        zeros(faces) - jnp.inf,
        zeros(faces) + jnp.inf,
        zeros(1),
        zeros(1),
        jnp.asarray(0.0),
    )


def _with_extremes(extremes: Extremes, state: State, quality: StepQuality) -> Extremes:
    """The extremes with one step more: the state after it and its quality."""
    # A failed member's last attempt is no reading of it.
    pressure, flow = state.pressure, state.states.flow
    return Extremes(
        jnp.maximum(extremes.pressure_max, pressure),
        jnp.minimum(extremes.pressure_min, pressure),
        jnp.maximum(extremes.flow_max, flow),
        jnp.minimum(extremes.flow_min, flow),
        jnp.maximum(extremes.residual, quality.residual),
        jnp.maximum(extremes.error, quality.error),
        extremes.iterations + jnp.max(quality.iterations),
    )


def _zeros(batch: int, rows: int) -> Array:
    return jnp.zeros((rows, batch))
