"""TR-BDF2: a step of second order and L-stable, with its residual and error as data.

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
from typing import final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Bool, Float

from venolymph.network import predictor
from venolymph.network.drive import DriveValues
from venolymph.network.laws import laws_of
from venolymph.network.newton import NewtonCache, SolvedStage, solve_stage
from venolymph.network.scheme import Scheme, TimeStep
from venolymph.network.stage import Prepared, StageInputs, StageResult, StateVector
from venolymph.network.state import State, failure_residual, freeze_failed
from venolymph.network.topology import Topology
from venolymph.network.valve import Begun

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


@final
@dataclass(frozen=True)
class TRBDF2(Scheme):
    """The scheme of the engine."""

    remembers: bool = True

    @property
    def share(self) -> float:
        """Implicit share of a step, as a part of its length."""
        return IMPLICIT_SHARE

    def step(
        self,
        topology: Topology,
        prepared: Prepared,
        state: State,
        cache: NewtonCache,
        time: Array,
        dt: Array,
        tolerance: Array,
    ) -> TimeStep:
        """One step (see `Scheme.step`)."""
        cells, drive = prepared.parameters.cells, prepared.drive
        h = IMPLICIT_SHARE * dt
        parts = STAGE_FRACTION * dt, dt
        middle, after = drive.values_at_times(
            cells, [time + part for part in parts], [state.clock + part for part in parts]
        )
        rhs = jax.tree.map(lambda y, f: y + h * f, state.states, state.rates)
        earlier, between = cache.rates
        slot = jnp.round(time / dt).astype(int) % predictor.STEPS_PER_BREATH
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
        return TimeStep(result, cache, surroundings, flow, inflow, pressure, quality)


def integrated(rate: Callable[[Array], Array], start: Array, dt: float, steps: int) -> Array:
    """What a prescribed rate amounts to over some steps from a time on, as these count it.

    Args:
        rate: from a time in s.
        start: time at which the first step begins, s.
        dt: length of a step, s.
        steps: how many.
    """

    def one(step: Array) -> Array:
        begin = start + dt * step
        first, middle, last = (rate(begin + part * dt) for part in (0.0, STAGE_FRACTION, 1.0))
        return dt * (TRAPEZOID_WEIGHT * (first + middle) + IMPLICIT_SHARE * last)

    return jnp.sum(lax.map(one, jnp.arange(steps, dtype=jnp.float64)), axis=0)


@dataclass(frozen=True)
class _OneStep:
    """What both stages of a step share.

    Attributes:
        topology: of the network.
        prepared: parameters and drive.
        state: before the step.
        dt: length of the step, s.
        h: implicit share of it, s.
        slot: number of the step within a breathing cycle of `predictor.STEPS_PER_BREATH`.
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
    solved, cache = solve_stage(
        one.topology, StageInputs(one.prepared, drive, rhs, begun, one.h), guess, cache, one.tolerance
    )
    return solved, _stored(cache, (one.slot, 0), solved.result.volume - old)


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
    cells = laws_of(topology).cells
    old, rates = one.state.states, one.state.rates
    given, found = middle
    mid, w, d = _states(found), TRAPEZOID_WEIGHT, IMPLICIT_SHARE
    rhs = jax.tree.map(lambda y, m: y + (w / d) * (m - y), old, mid)
    moved = old.volume + w * dt * (rates.volume + found.net)
    rhs = eqx.tree_at(lambda k: k.volume, rhs, cells.by_kind(moved, rhs.volume))
    within = cells.by_kind(found.net, (mid.volume - given) / h)
    guess = mid.volume + dt * _summed(END_PREDICTOR, between, rates.volume, within)
    guess, cache = _guess_stage(one, cache, 1, mid.volume, guess)
    begun = Begun(found.opening, found.drop, (1.0 - STAGE_FRACTION) * dt)
    solved, cache = solve_stage(topology, StageInputs(one.prepared, drive, rhs, begun, h), guess, cache, one.tolerance)
    cache = replace(cache, rates=jnp.stack([rates.volume, within]))
    return solved, rhs, _stored(cache, (one.slot, 1), solved.result.volume - mid.volume)


def _guess_stage(
    one: _OneStep, cache: NewtonCache, stage: int, volume: Array, guess: Array
) -> tuple[Array, NewtonCache]:
    """Where Newton starts in a stage, mL, from the volumes at its start and what polynomials extrapolate."""
    guess, cycle = predictor.guess(cache.cycle, (one.slot, stage), volume, guess)
    guess = _clip_guess(one.topology, guess, volume)
    # Newton ignores failed members
    return jnp.where(one.state.alive, guess, jnp.nan), replace(cache, cycle=cycle)


def _stored(cache: NewtonCache, which: tuple[Array, int], change: Array) -> NewtonCache:
    return replace(cache, cycle=predictor.store(cache.cycle, which, change))


def _accept(
    one: _OneStep, stages: tuple[SolvedStage, SolvedStage], rhs: StateVector
) -> tuple[State, Bool[Array, "one batch"], Float[Array, "one batch"]]:
    """The state at the end of a step; members whose step is no solution fail and stay as they were.

    Returns:
        the state, the members that are alive after the step, and the larger residual of both stages, mL.
    """
    topology, state, h = one.topology, one.state, one.h
    cells = laws_of(topology).cells
    first, second = stages
    end = second.result
    volume = cells.by_kind(rhs.volume + h * end.net, end.volume)
    residual = jnp.maximum(first.residual, second.residual)
    finite = jnp.all(jnp.isfinite(volume), axis=0, keepdims=True)
    sound = state.alive & finite & (residual < failure_residual(topology, one.tolerance))
    fresh = jax.tree.map(lambda y, k: (y - k) / h, _states(end), rhs)
    reached = State(
        states=eqx.tree_at(lambda s: s.volume, _states(end), volume),
        rates=eqx.tree_at(lambda f: f.volume, fresh, cells.by_kind(end.net, fresh.volume)),
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
    before = laws_of(one.topology).cells.per_state(one.prepared) * rate
    error = one.dt * ((w - third[0]) * before + (w - third[1]) * mid.net + (d - third[2]) * end.net)
    return jnp.max(jnp.abs(error), axis=0, keepdims=True)


def _mean_over(one: _OneStep, mid: StageResult, end: StageResult) -> tuple[Array, Array, Array]:
    """Means of flow (mL/s, faces), of inflow (mL/s, beds) and of pressure (mmHg, cells) over the step."""
    w, d, state = TRAPEZOID_WEIGHT, IMPLICIT_SHARE, one.state
    flow = w * (state.states.flow + mid.flow) + d * end.flow
    inflow = w * (state.inflow + mid.inflow) + d * end.inflow
    return flow, inflow, w * (state.pressure + mid.pressure) + d * end.pressure


def _states(solved: StageResult) -> StateVector:
    return StateVector(solved.volume, solved.flow, solved.creep, solved.arteriolar, solved.exercise)


def _summed(weights: np.ndarray, *terms: Array) -> Array:
    return sum((weight * term for weight, term in zip(weights, terms, strict=True)), start=jnp.zeros(()))


def _clip_guess(topology: Topology, guess: Array, volume: Array) -> Array:
    """The guess clipped to 0.8 to 1.25 of the current volume (cells with walls only)."""
    return laws_of(topology).cells.by_kind(jnp.clip(guess, 0.8 * volume, 1.25 * volume), guess)
