"""Time integration: TR-BDF2, second order and L-stable, with residual and error of every step as data.

One step of length dt is a trapezoidal stage to `gamma dt` (gamma = 2 - sqrt 2) and a BDF2 stage to the end (Bank
et al. 1985; coefficients as Hosea and Shampine 1996). Both stages have the same implicit share `h = d dt`, d = 1 -
sqrt(2)/2. In Runge-Kutta form, with rates f at the step's start, middle and end,

    y_1 = y_0 + dt (w f_0 + w f_g + d f_1),   w = sqrt(2)/4

so a volume that leaves one cell enters another with the same rounding, and volume is conserved whatever Newton did.
The same weights give the volume moved through each face, hence means that are exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Bool, Float

from venolymph.network import balance as physics
from venolymph.network.balance import NewtonCache, Prepared, StageResult, StateVector
from venolymph.network.parameters import Drive, Parameters
from venolymph.network.surroundings import drive_values, drive_values_at
from venolymph.network.topology import Topology
from venolymph.network.valve import Begun
from venolymph.network.wall import stretch_at

STAGE_FRACTION = 2.0 - np.sqrt(2.0)
IMPLICIT_SHARE = 1.0 - np.sqrt(0.5)
TRAPEZOID_WEIGHT = np.sqrt(2.0) / 4.0


def _weights(times: list[float], begin: float, end: float) -> np.ndarray:
    """Weights of values at some times in the integral of the polynomial through them."""
    powers = np.arange(1, len(times) + 1)
    return (end**powers - begin**powers) / powers @ np.linalg.inv(np.vander(times, increasing=True))


MIDDLE_PREDICTOR = _weights([-1.0, STAGE_FRACTION - 1.0, 0.0], 0.0, STAGE_FRACTION)
"""Weights of the rates at start and middle of the previous step and at the start of this one: guess at its middle."""

END_PREDICTOR = _weights([STAGE_FRACTION - 1.0, 0.0, STAGE_FRACTION], STAGE_FRACTION, 1.0)
"""Weights of the rates in the middle of the previous step and at start and middle of this one: guess at its end."""

STEPS_PER_BREATH = 16
"""Steps per breathing cycle at rest. The flow is periodic there, so the previous cycle predicts each step."""

FAILURE_RESIDUAL = 5e-3
"""A step whose residual exceeds this in any cell, mL, has failed: its volumes are not a solution."""


Scheme = Callable[..., tuple["State", NewtonCache, tuple[Array, Array, Array, Array, Array]]]
"""A function with the arguments and results of `step`, and an attribute `share` where that is not `IMPLICIT_SHARE`."""


def implicit_share(scheme: Scheme) -> float:
    """Implicit share h of a scheme's step, as a part of its length; the same in all its stages."""
    return getattr(scheme, "share", IMPLICIT_SHARE)


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


def _states(solved: StageResult) -> StateVector:
    return StateVector(solved.volume, solved.flow, solved.creep, solved.arteriolar, solved.exercise)


def start_phase(
    topology: Topology, parameters: Parameters, drive: Drive, state: State, span: float | Array = 1e-7
) -> State:
    """The state at the start of a phase, its rates measured over `span` s (see `balance.initial_rates`)."""
    prepared = physics.prepare(topology, parameters, drive)
    now = drive_values_at(parameters.cells, drive, jnp.asarray(0.0), state.clock)
    stage, rates = physics.initial_rates(topology, prepared, now, state.states, state.opening, state.drop, span)
    states = eqx.tree_at(lambda states: states.flow, state.states, stage.flow)
    if prepared.capacity is not None:  # what stores nothing keeps no pressure
        states = replace(states, volume=jnp.where(prepared.capacity > 0.0, states.volume, stage.volume))
    pressure = by_kind(topology, stage.pressure, states.volume)
    return replace(state, states=states, rates=rates, drop=stage.drop, pressure=pressure, inflow=stage.inflow)


def step(
    topology: Topology, prepared: Prepared, state: State, cache: NewtonCache, time: Array, dt: Array, tolerance: Array
) -> tuple[State, NewtonCache, tuple[Array, Array, Array, Array, Array]]:
    """One step. `time` s counts from the phase's start.

    Returns:
        the state after it, the cache for the next step, and (surroundings at its end,
        mean flow, mean inflow, mean pressure, quality), where quality has shape (3, batch): residual in mL,
        error estimate in mL, Newton iterations.
    """
    cells, drive = prepared.parameters.cells, prepared.drive
    w, d = TRAPEZOID_WEIGHT, IMPLICIT_SHARE
    h = d * dt
    old, rates = state.states, state.rates
    parts = STAGE_FRACTION * dt, dt
    middle, after = drive_values(cells, drive, [time + part for part in parts], [state.clock + part for part in parts])
    rhs = jax.tree.map(lambda y, f: y + h * f, old, rates)
    earlier, between = cache.rates
    slot = jnp.round(time / dt).astype(int) % STEPS_PER_BREATH
    guess = old.volume + dt * _summed(MIDDLE_PREDICTOR, earlier, between, rates.volume)
    guess, cache = _guess_from_last_cycle(cache, (slot, 0), old.volume, guess)
    guess = _clip_guess(topology, guess, old.volume)
    guess = jnp.where(state.alive, guess, jnp.nan)  # Newton ignores failed members
    begun = Begun(state.opening, state.drop, STAGE_FRACTION * dt)
    first, cache = physics.solve_stage(topology, (prepared, middle, rhs, begun, h), guess, cache, tolerance)
    mid, given = _states(first.result), rhs.volume
    cache = _store_in_cycle(cache, (slot, 0), mid.volume - old.volume)
    rhs = jax.tree.map(lambda y, m: y + (w / d) * (m - y), old, mid)
    moved = old.volume + w * dt * (rates.volume + first.result.net)
    rhs = eqx.tree_at(lambda k: k.volume, rhs, by_kind(topology, moved, rhs.volume))
    within = by_kind(topology, first.result.net, (mid.volume - given) / h)
    guess = mid.volume + dt * _summed(END_PREDICTOR, between, rates.volume, within)
    guess, cache = _guess_from_last_cycle(cache, (slot, 1), mid.volume, guess)
    guess = _clip_guess(topology, guess, mid.volume)
    guess = jnp.where(state.alive, guess, jnp.nan)
    begun = Begun(first.result.opening, first.result.drop, (1.0 - STAGE_FRACTION) * dt)
    second, cache = physics.solve_stage(topology, (prepared, after, rhs, begun, h), guess, cache, tolerance)
    end = second.result
    cache = replace(cache, rates=jnp.stack([rates.volume, within]))
    cache = _store_in_cycle(cache, (slot, 1), end.volume - mid.volume)
    volume = by_kind(topology, rhs.volume + h * end.net, end.volume)
    residual = jnp.maximum(first.residual, second.residual)
    finite = jnp.all(jnp.isfinite(volume), axis=0, keepdims=True)
    sound = state.alive & finite & (residual < failure_residual(topology, tolerance))
    fresh = jax.tree.map(lambda y, k: (y - k) / h, _states(end), rhs)
    reached = State(
        states=eqx.tree_at(lambda s: s.volume, _states(end), volume),
        rates=eqx.tree_at(lambda f: f.volume, fresh, by_kind(topology, end.net, fresh.volume)),
        opening=end.opening,
        drop=end.drop,
        pressure=end.pressure,
        inflow=end.inflow,
        clock=state.clock,
        alive=sound,
        failed_at=jnp.where(state.alive & ~sound, state.clock, state.failed_at),
    )
    result = freeze_failed(reached, state, state.clock + dt)

    third = ((1 - w) / 3, (3 * w + 1) / 3, d / 3)
    before = rates.volume if prepared.capacity is None else prepared.capacity * rates.volume
    error = dt * ((w - third[0]) * before + (w - third[1]) * first.result.net + (d - third[2]) * end.net)
    error = jnp.max(jnp.abs(error), axis=0, keepdims=True)
    flow = w * (old.flow + mid.flow) + d * end.flow
    inflow = w * (state.inflow + first.result.inflow) + d * end.inflow
    pressure = w * (state.pressure + first.result.pressure) + d * end.pressure
    iterations = jnp.broadcast_to(first.iterations + second.iterations, residual.shape)
    # Failed members are frozen: no flow, and no later step has a quality.
    flow, inflow = jnp.where(sound, flow, 0.0), jnp.where(sound, inflow, 0.0)
    pressure = jnp.where(sound, pressure, result.pressure)
    surroundings = jnp.where(sound, end.surroundings, 0.0)
    quality = jnp.where(state.alive, jnp.concatenate([residual, error, iterations]), 0.0)
    return result, cache, (surroundings, flow, inflow, pressure, quality)


def stored_volume(topology: Topology, parameters: Parameters, state: State) -> Float[Array, "cells batch"]:
    """Volume of each cell, mL; of a linear cell that above its volume at zero pressure."""
    volume = state.states.volume
    if parameters.cells.compliance is None:
        return volume
    linear = jnp.zeros_like(volume).at[np.array(topology.linear)].set(parameters.cells.compliance)
    return by_kind(topology, volume, linear * volume)


def by_kind(topology: Topology, of_walls: Array, of_linear: Array) -> Array:
    """The first value for cells with walls, the second for linear cells."""
    if not topology.linear:
        return of_walls
    return jnp.where(physics.graph_of(topology).linear, of_linear, of_walls)


def _summed(weights: np.ndarray, *terms: Array) -> Array:
    return sum((weight * term for weight, term in zip(weights, terms, strict=True)), start=jnp.zeros(()))


def _guess_from_last_cycle(
    cache: NewtonCache, which: tuple[Array, int], volume: Array, guess: Array
) -> tuple[Array, NewtonCache]:
    """Initial guess: current volume plus the change in the same stage of the previous cycle; also its factors.

    With few steps per breath polynomials extrapolate badly: their residual is a hundred times larger. Where the
    previous cycle is not stored the guess stays, and no factors are reused.

    Args:
        cache: before the stage.
        which: step of the breath, and stage of the step.
        volume: at the start of the stage, mL.
        guess: at its end, extrapolated by polynomials, mL.
    """
    cycle = cache.cycle
    if cycle is None:
        return guess, cache

    def from_last_cycle(carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        guess, now, _ = carry
        ago, factors = cycle.changes[which], cycle.factors[which]
        there = ~jnp.isnan(ago[:1])
        return jnp.where(there, volume + ago, guess), jnp.where(there, factors, now), there

    nobody = jnp.zeros_like(cycle.fits)
    guess, now, usable = physics.run_if(jnp.any(cycle.fits), from_last_cycle, (guess, cycle.now, nobody))
    return guess, replace(cache, cycle=replace(cycle, now=now, usable=usable))


def _store_in_cycle(cache: NewtonCache, which: tuple[Array, int], change: Array) -> NewtonCache:
    """The cache with a solved stage stored: its change of volume, mL, and the factors it was solved with."""
    cycle = cache.cycle
    if cycle is None:
        return cache

    def with_this(rows: tuple[Array, Array]) -> tuple[Array, Array]:
        changes, factors = rows
        return changes.at[which].set(jnp.where(cycle.fits, change, jnp.nan)), factors.at[which].set(cycle.now)

    changes, factors = physics.run_if(jnp.any(cycle.fits), with_this, (cycle.changes, cycle.factors))
    return replace(cache, cycle=replace(cycle, changes=changes, factors=factors))


def _clip_guess(topology: Topology, guess: Array, volume: Array) -> Array:
    """The guess clipped to 0.8 to 1.25 of the current volume (cells with walls only)."""
    return by_kind(topology, jnp.clip(guess, 0.8 * volume, 1.25 * volume), guess)


def failure_residual(topology: Topology, tolerance: Array) -> float | Array:
    """Residual above which a step fails, mL. Networks of linear cells have no scale but the tolerance."""
    return 5e3 * tolerance if physics.graph_of(topology).all_linear else FAILURE_RESIDUAL


def freeze_failed(reached: State, state: State, clock: Array) -> State:
    """The state reached; failed members keep their last valid state."""
    frozen = jax.tree.map(lambda new, was: jnp.where(reached.alive, new, was), reached, state)
    return replace(frozen, clock=clock, alive=reached.alive, failed_at=reached.failed_at)


def advance(
    topology: Topology,
    parameters: Parameters,
    drive: Drive,
    state: State,
    time: Float[Array, ""],
    dt: Float[Array, ""],
    stride: int | Array,
    samples: int,
    tolerance: float | Array = physics.TOLERANCE,
    scheme: Scheme = step,
    rates: bool = False,
    keep: bool = False,
) -> tuple[State, Sample, Extremes]:
    """Many steps in one program: `samples` samples of `stride` steps each.

    Args:
        topology: of the network (static).
        parameters: of the network.
        drive: of the phase that these steps belong to.
        state: to start from.
        time: since the phase's start, s.
        dt: length of a step, s.
        stride: steps to a sample. A Python int gives a program that reverse-mode differentiates; a traced number
            one that serves every stride.
        samples: number of samples (static).
        tolerance: largest residual that Newton may leave in a cell, mL.
        scheme: how one step is made (static): `step` here, or one of another module with the same arguments.
        rates: whether samples hold the rates of all states (static).
        keep: whether the reverse derivative stores the intermediate values of each step instead of computing them again
            (static): half the time, but memory that grows with the steps.

    Returns:
        the state at the end, samples with a leading time axis, extremes over all steps.
    """
    prepared = physics.prepare(topology, parameters, drive)
    batch = parameters.batch
    zeros = partial(_zeros, batch)
    cells, faces, beds = topology.n_cells, topology.n_faces, len(topology.beds)
    extremes = Extremes(
        zeros(cells) - jnp.inf,
        zeros(cells) + jnp.inf,
        zeros(faces) - jnp.inf,
        zeros(faces) + jnp.inf,
        zeros(1),
        zeros(1),
        jnp.asarray(0.0),
    )

    allowed = jnp.asarray(tolerance)
    now = drive_values_at(parameters.cells, drive, time, state.clock)
    begun = Begun(state.opening, state.drop, STAGE_FRACTION * dt)
    stage = (prepared, now, state.states, begun, implicit_share(scheme) * dt)
    # The matrix changes the iterations, not the solution.
    cache = physics.newton_cache_at(topology, *lax.stop_gradient((stage, state.states.volume, state.rates.volume)))
    if scheme is step and hasattr(drive, "breath_period") and not isinstance(stride, int):
        fits = jnp.broadcast_to(jnp.abs(STEPS_PER_BREATH * dt - drive.breath_period) < 1e-6 * dt, (1, batch))
        cache = replace(cache, cycle=physics.empty_cycle_memory(topology, STEPS_PER_BREATH, fits))

    def one_step(number: Array, carry: tuple) -> tuple:
        state, cache, sums, extremes, _, first_step = carry
        cache = lax.stop_gradient(cache)
        state, cache, (surroundings, flow, inflow, pressure, quality) = scheme(
            topology, prepared, state, cache, time + (first_step + number).astype(jnp.float64) * dt, dt, allowed
        )
        sums = jax.tree.map(jnp.add, sums, (stored_volume(topology, parameters, state), pressure, flow, inflow))
        # A failed member's last attempt is no reading of it.
        pressure, flow = state.pressure, state.states.flow
        extremes = Extremes(
            jnp.maximum(extremes.pressure_max, pressure),
            jnp.minimum(extremes.pressure_min, pressure),
            jnp.maximum(extremes.flow_max, flow),
            jnp.minimum(extremes.flow_min, flow),
            jnp.maximum(extremes.residual, quality[:1]),
            jnp.maximum(extremes.error, quality[1:2]),
            extremes.iterations + jnp.max(quality[2]),
        )
        return state, cache, sums, extremes, surroundings, first_step

    def one_sample(carry: tuple, number: Array) -> tuple:
        state, cache, extremes = carry
        nothing = zeros(cells), zeros(cells), zeros(faces), zeros(beds)
        start = (state, cache, nothing, extremes, zeros(len(topology.surroundings)))
        state, cache, sums, extremes, surroundings, _ = lax.fori_loop(0, stride, one_step, (*start, number * stride))
        volume, pressure, flow, inflow = (total / jnp.asarray(stride, jnp.float64) for total in sums)
        sample = Sample(
            volume=stored_volume(topology, parameters, state),
            pressure=state.pressure,
            flow=state.states.flow,
            inflow=state.inflow,
            opening=state.opening,
            surroundings=surroundings,
            mean_volume=volume,
            mean_pressure=pressure,
            mean_flow=flow,
            mean_inflow=inflow,
            alive=state.alive,
            rates=state.rates if rates else None,
        )
        return (state, cache, extremes), sample

    body = jax.checkpoint(one_sample) if isinstance(stride, int) and not keep else one_sample
    (state, _, extremes), recorded = lax.scan(body, (state, cache, extremes), jnp.arange(samples))
    return state, recorded, extremes


def _zeros(batch: int, rows: int) -> Array:
    return jnp.zeros((rows, batch))


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
    now = drive_values_at(cells, drive, jnp.asarray(0.0), jnp.asarray(clock))
    share = cells.share
    outside = sum(
        share[:, slot] * now.pressure[np.array(topology.surrounded)[:, slot]] for slot in range(share.shape[1])
    )
    pressure = now.ends[:1] - parameters.fluid.weight * now.height
    stretch = stretch_at(cells, pressure - outside)
    elastic = (stretch + cells.relaxation_gain) / (1.0 + cells.relaxation_gain)
    creep = jnp.where(stretch > 1.0, stretch / elastic - 1.0, 0.0)
    volume = by_kind(topology, stretch * cells.unstressed_volume * drive.calibre, pressure)
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
