# Over 400 lines because the scheme, its predictors and the loop over its steps share one state.
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
from dataclasses import dataclass, replace
from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Bool, Float

from venolymph.errors import NetworkError
from venolymph.network.balance import StageResult, StateVector
from venolymph.network.graph import Prepared, graph_of, prepare
from venolymph.network.newton import (
    TOLERANCE,
    NewtonCache,
    SolvedStage,
    empty_cycle_memory,
    initial_rates,
    newton_cache_at,
    run_if,
    solve_stage,
)
from venolymph.network.parameters import Drive, Parameters
from venolymph.network.surroundings import DriveValues, drive_values, drive_values_at
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
    """The state at the start of a phase, its rates measured over `span` s (see `initial_rates`)."""
    prepared = prepare(topology, parameters, drive)
    now = drive_values_at(parameters.cells, drive, jnp.asarray(0.0), state.clock)
    stage, rates = initial_rates(topology, prepared, now, state.states, state.opening, state.drop, span)
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
    h = IMPLICIT_SHARE * dt
    parts = STAGE_FRACTION * dt, dt
    middle, after = drive_values(cells, drive, [time + part for part in parts], [state.clock + part for part in parts])
    rhs = jax.tree.map(lambda y, f: y + h * f, state.states, state.rates)
    earlier, between = cache.rates
    slot = jnp.round(time / dt).astype(int) % STEPS_PER_BREATH
    one = _OneStep(topology, prepared, state, dt, h, slot, tolerance)
    first, cache = _solve_middle(one, middle, rhs, (earlier, between), cache)
    second, given, cache = _solve_end(one, after, (rhs.volume, first.result), between, cache)
    end = second.result
    result, sound, residual = _accept(one, (first, second), given)
    error = _estimate_error(one, first.result, end)
    flow, inflow, pressure = _mean_over(one, first.result, end)
    iterations = jnp.broadcast_to(first.iterations + second.iterations, residual.shape)
    # Failed members are frozen: no flow, and no later step has a quality.
    flow, inflow = jnp.where(sound, flow, 0.0), jnp.where(sound, inflow, 0.0)
    pressure = jnp.where(sound, pressure, result.pressure)
    surroundings = jnp.where(sound, end.surroundings, 0.0)
    quality = jnp.where(state.alive, jnp.concatenate([residual, error, iterations]), 0.0)
    return result, cache, (surroundings, flow, inflow, pressure, quality)


@dataclass(frozen=True)
class _OneStep:
    """What both stages of a step share.

    Attributes:
        topology: of the network.
        prepared: parameters and drive.
        state: before the step.
        dt: length of the step, s.
        h: implicit share of it, s.
        slot: number of the step within a breathing cycle of `STEPS_PER_BREATH`.
        tolerance: largest residual that Newton may leave in a cell, mL.
    """

    topology: Topology
    prepared: Prepared
    state: State
    dt: Array
    h: Array
    slot: Array
    tolerance: Array


def _solve_middle(
    one: _OneStep, drive: DriveValues, rhs: StateVector, before: tuple[Array, Array], cache: NewtonCache
) -> tuple[SolvedStage, NewtonCache]:
    """The trapezoidal stage.

    Args:
        one: the step.
        drive: values in its middle.
        rhs: known part of the states in the middle.
        before: rates of volume at the start and in the middle of the previous step, mL/s, shapes (cells, batch).
        cache: as the previous step left it.
    """
    state, old = one.state, one.state.states.volume
    guess = old + one.dt * _summed(MIDDLE_PREDICTOR, *before, state.rates.volume)
    guess, cache = _guess_stage(one, cache, 0, old, guess)
    begun = Begun(state.opening, state.drop, STAGE_FRACTION * one.dt)
    solved, cache = solve_stage(one.topology, (one.prepared, drive, rhs, begun, one.h), guess, cache, one.tolerance)
    return solved, _store_in_cycle(cache, (one.slot, 0), solved.result.volume - old)


def _solve_end(
    one: _OneStep, drive: DriveValues, middle: tuple[Array, StageResult], between: Array, cache: NewtonCache
) -> tuple[SolvedStage, StateVector, NewtonCache]:
    """The BDF2 stage.

    Args:
        one: the step.
        drive: values at its end.
        middle: known part of the volumes in the middle (mL, shape (cells, batch)), and the solution there.
        between: rates of volume in the middle of the previous step, mL/s, shape (cells, batch).
        cache: as the first stage left it.

    Returns:
        the solution, the known part of the states at the end, and the cache for the next step.
    """
    topology, dt, h = one.topology, one.dt, one.h
    old, rates = one.state.states, one.state.rates
    given, found = middle
    mid, w, d = _states(found), TRAPEZOID_WEIGHT, IMPLICIT_SHARE
    rhs = jax.tree.map(lambda y, m: y + (w / d) * (m - y), old, mid)
    moved = old.volume + w * dt * (rates.volume + found.net)
    rhs = eqx.tree_at(lambda k: k.volume, rhs, by_kind(topology, moved, rhs.volume))
    within = by_kind(topology, found.net, (mid.volume - given) / h)
    guess = mid.volume + dt * _summed(END_PREDICTOR, between, rates.volume, within)
    guess, cache = _guess_stage(one, cache, 1, mid.volume, guess)
    begun = Begun(found.opening, found.drop, (1.0 - STAGE_FRACTION) * dt)
    solved, cache = solve_stage(topology, (one.prepared, drive, rhs, begun, h), guess, cache, one.tolerance)
    cache = replace(cache, rates=jnp.stack([rates.volume, within]))
    return solved, rhs, _store_in_cycle(cache, (one.slot, 1), solved.result.volume - mid.volume)


def _guess_stage(
    one: _OneStep, cache: NewtonCache, stage: int, volume: Array, guess: Array
) -> tuple[Array, NewtonCache]:
    """Where Newton starts in a stage, mL, from the volumes at its start and what polynomials extrapolate."""
    guess, cache = _guess_from_last_cycle(cache, (one.slot, stage), volume, guess)
    guess = _clip_guess(one.topology, guess, volume)
    return jnp.where(one.state.alive, guess, jnp.nan), cache  # Newton ignores failed members


def _accept(
    one: _OneStep, stages: tuple[SolvedStage, SolvedStage], rhs: StateVector
) -> tuple[State, Bool[Array, "one batch"], Float[Array, "one batch"]]:
    """The state at the end of a step; members whose step is no solution fail and stay as they were.

    Returns:
        the state, the members that are alive after the step, and the larger residual of both stages, mL.
    """
    topology, state, h = one.topology, one.state, one.h
    first, second = stages
    end = second.result
    volume = by_kind(topology, rhs.volume + h * end.net, end.volume)
    residual = jnp.maximum(first.residual, second.residual)
    finite = jnp.all(jnp.isfinite(volume), axis=0, keepdims=True)
    sound = state.alive & finite & (residual < failure_residual(topology, one.tolerance))
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
    return freeze_failed(reached, state, state.clock + one.dt), sound, residual


def _estimate_error(one: _OneStep, mid: StageResult, end: StageResult) -> Float[Array, "one batch"]:
    """Largest difference in volume between the step and one of third order with the same rates, mL."""
    w, d, rate = TRAPEZOID_WEIGHT, IMPLICIT_SHARE, one.state.rates.volume
    third = ((1 - w) / 3, (3 * w + 1) / 3, d / 3)
    before = rate if one.prepared.capacity is None else one.prepared.capacity * rate
    error = one.dt * ((w - third[0]) * before + (w - third[1]) * mid.net + (d - third[2]) * end.net)
    return jnp.max(jnp.abs(error), axis=0, keepdims=True)


def _mean_over(one: _OneStep, mid: StageResult, end: StageResult) -> tuple[Array, Array, Array]:
    """Means of flow (mL/s, faces), of inflow (mL/s, beds) and of pressure (mmHg, cells) over the step."""
    w, d, state = TRAPEZOID_WEIGHT, IMPLICIT_SHARE, one.state
    flow = w * (state.states.flow + mid.flow) + d * end.flow
    inflow = w * (state.inflow + mid.inflow) + d * end.inflow
    return flow, inflow, w * (state.pressure + mid.pressure) + d * end.pressure


def stored_volume(topology: Topology, parameters: Parameters, state: State) -> Float[Array, "cells batch"]:
    """Volume of each cell, mL; of a linear cell that above its volume at zero pressure."""
    volume = state.states.volume
    if parameters.cells.compliance is None:
        return volume
    linear = jnp.zeros_like(volume).at[np.array(topology.linear)].set(parameters.cells.compliance)
    return by_kind(topology, volume, linear * volume)


def with_kept_volumes(topology: Topology, before: Parameters, after: Parameters, state: State) -> State:
    """The state with other parameters: every volume is kept, and `start_phase` finds the pressures that follow from it.

    The state of a linear cell is its pressure, which changes so that its volume does not; where nothing is stored,
    before or after, it is kept.
    """
    if not topology.linear:
        return state
    rows, pressure = np.array(topology.linear), state.states.volume
    old, new = before.cells.compliance, after.cells.compliance
    if old is None or new is None:
        raise NetworkError("the topology has linear cells, the parameters have no compliance")
    stores = (old > 0.0) & (new > 0.0)
    factor = jnp.where(stores, old / jnp.where(stores, new, 1.0), 1.0)
    return eqx.tree_at(lambda s: s.states.volume, state, pressure.at[rows].multiply(factor))


def by_kind(topology: Topology, of_walls: Array, of_linear: Array) -> Array:
    """The first value for cells with walls, the second for linear cells."""
    if not topology.linear:
        return of_walls
    return jnp.where(graph_of(topology).linear, of_linear, of_walls)


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
    guess, now, usable = run_if(jnp.any(cycle.fits), from_last_cycle, (guess, cycle.now, nobody))
    return guess, replace(cache, cycle=replace(cycle, now=now, usable=usable))


def _store_in_cycle(cache: NewtonCache, which: tuple[Array, int], change: Array) -> NewtonCache:
    """The cache with a solved stage stored: its change of volume, mL, and the factors it was solved with."""
    cycle = cache.cycle
    if cycle is None:
        return cache

    def with_this(rows: tuple[Array, Array]) -> tuple[Array, Array]:
        changes, factors = rows
        return changes.at[which].set(jnp.where(cycle.fits, change, jnp.nan)), factors.at[which].set(cycle.now)

    changes, factors = run_if(jnp.any(cycle.fits), with_this, (cycle.changes, cycle.factors))
    return replace(cache, cycle=replace(cycle, changes=changes, factors=factors))


def _clip_guess(topology: Topology, guess: Array, volume: Array) -> Array:
    """The guess clipped to 0.8 to 1.25 of the current volume (cells with walls only)."""
    return by_kind(topology, jnp.clip(guess, 0.8 * volume, 1.25 * volume), guess)


def failure_residual(topology: Topology, tolerance: Array) -> float | Array:
    """Residual above which a step fails, mL. Networks of linear cells have no scale but the tolerance."""
    return 5e3 * tolerance if graph_of(topology).all_linear else FAILURE_RESIDUAL


def freeze_failed(reached: State, state: State, clock: Array) -> State:
    """The state reached; failed members keep their last valid state."""
    frozen = jax.tree.map(lambda new, was: jnp.where(reached.alive, new, was), reached, state)
    return replace(frozen, clock=clock, alive=reached.alive, failed_at=reached.failed_at)


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


class Method(eqx.Module):
    """How steps are made, and what is kept of them.

    Attributes:
        tolerance: largest residual that Newton may leave in a cell, mL.
        scheme: how one step is made (static): `step` here, or one of another module with the same arguments.
        rates: whether samples hold the rates of all states (static).
        keep: whether the reverse derivative stores the intermediate values of each step instead of computing them again
            (static): half the time, but memory that grows with the steps.
    """

    tolerance: float | Array = TOLERANCE
    scheme: Scheme = eqx.field(static=True, default=step)
    rates: bool = eqx.field(static=True, default=False)
    keep: bool = eqx.field(static=True, default=False)


def advance(
    topology: Topology, parameters: Parameters, drive: Drive, state: State, steps: Steps, method: Method | None = None
) -> tuple[State, Sample, Extremes]:
    """Many steps in one program.

    Args:
        topology: of the network (static).
        parameters: of the network.
        drive: of the phase that these steps belong to.
        state: to start from.
        steps: which.
        method: how they are made; `Method()` where not given.

    Returns:
        the state at the end, samples with a leading time axis, extremes over all steps.
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
        state, cache, (surroundings, flow, inflow, pressure, quality) = method.scheme(
            topology, prepared, state, cache, time + (first_step + number).astype(jnp.float64) * dt, dt, allowed
        )
        sums = jax.tree.map(jnp.add, sums, (stored_volume(topology, parameters, state), pressure, flow, inflow))
        return state, cache, sums, _with_extremes(extremes, state, quality), surroundings, first_step

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
            rates=state.rates if method.rates else None,
        )
        return (state, cache, extremes), sample

    body = jax.checkpoint(one_sample) if isinstance(stride, int) and not method.keep else one_sample
    (state, _, extremes), recorded = lax.scan(body, (state, cache, extremes), jnp.arange(steps.samples))
    return state, recorded, extremes


def _first_cache(topology: Topology, prepared: Prepared, state: State, steps: Steps, scheme: Scheme) -> NewtonCache:
    """The cache that the first step of a call begins with."""
    drive, dt, batch = prepared.drive, steps.dt, prepared.parameters.batch
    now = drive_values_at(prepared.parameters.cells, drive, steps.time, state.clock)
    begun = Begun(state.opening, state.drop, STAGE_FRACTION * dt)
    stage = (prepared, now, state.states, begun, implicit_share(scheme) * dt)
    # The matrix changes the iterations, not the solution.
    cache = newton_cache_at(topology, *lax.stop_gradient((stage, state.states.volume, state.rates.volume)))
    if scheme is not step or not hasattr(drive, "breath_period") or isinstance(steps.stride, int):
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


def _with_extremes(extremes: Extremes, state: State, quality: Float[Array, "three batch"]) -> Extremes:
    """The extremes with one step more: the state after it and its quality (see `step`)."""
    # A failed member's last attempt is no reading of it.
    pressure, flow = state.pressure, state.states.flow
    return Extremes(
        jnp.maximum(extremes.pressure_max, pressure),
        jnp.minimum(extremes.pressure_min, pressure),
        jnp.maximum(extremes.flow_max, flow),
        jnp.minimum(extremes.flow_min, flow),
        jnp.maximum(extremes.residual, quality[:1]),
        jnp.maximum(extremes.error, quality[1:2]),
        extremes.iterations + jnp.max(quality[2]),
    )


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
