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
from jaxtyping import Array, Float

from venolymph.network import predictor
from venolymph.network.drive import DriveValues
from venolymph.network.laws import laws_of
from venolymph.network.newton import NewtonCache, SolvedStage, solve_stage
from venolymph.network.scheme import Scheme, StepMeans, StepQuality, TimeStep
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
        last = _rhs_of_end(one, first.result)
        within = laws_of(topology).cells.by_kind(first.result.net, (first.result.volume - rhs.volume) / h)
        second, cache = _solve_end(one, after, last, first.result, (between, within), cache)
        end, residual = second.result, jnp.maximum(first.residual, second.residual)
        result = _accept(one, end, last, residual)
        iterations = jnp.broadcast_to(first.iterations + second.iterations, residual.shape)
        quality = StepQuality(residual, _estimate_error(one, first.result, end), iterations)
        return TimeStep(
            state=result,
            cache=cache,
            surroundings=jnp.where(result.alive, end.surroundings, 0.0),
            means=_mean_over(one, first.result, end).of_sound(result),
            quality=quality.of_alive(state),
        )


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


def _rhs_of_end(one: _OneStep, middle: StageResult) -> StateVector:
    """Known part of the states at the end of a step, from the solution in its middle."""
    old, w, d = one.state.states, TRAPEZOID_WEIGHT, IMPLICIT_SHARE
    rhs = jax.tree.map(lambda y, m: y + (w / d) * (m - y), old, _states(middle))
    moved = old.volume + w * one.dt * (one.state.rates.volume + middle.net)
    return eqx.tree_at(lambda k: k.volume, rhs, laws_of(one.topology).cells.by_kind(moved, rhs.volume))


def _solve_end(
    one: _OneStep,
    drive: DriveValues,
    rhs: StateVector,
    middle: StageResult,
    rates: tuple[Array, Array],
    cache: NewtonCache,
) -> tuple[SolvedStage, NewtonCache]:
    """The BDF2 stage.

    Args:
        one: the step.
        drive: values at its end.
        rhs: known part of the states there.
        middle: solution in the middle.
        rates: of volume in the middle of the previous step and of this one, mL/s, shapes (cells, batch).
        cache: as the first stage left it.
    """
    begin, begin_rate, (between, within) = middle.volume, one.state.rates.volume, rates
    guess = begin + one.dt * _summed(END_PREDICTOR, between, begin_rate, within)
    guess, cache = _guess_stage(one, cache, 1, begin, guess)
    begun = Begun(middle.opening, middle.drop, (1.0 - STAGE_FRACTION) * one.dt)
    inputs = StageInputs(one.prepared, drive, rhs, begun, one.h)
    solved, cache = solve_stage(one.topology, inputs, guess, cache, one.tolerance)
    cache = replace(cache, rates=jnp.stack([begin_rate, within]))
    return solved, _stored(cache, (one.slot, 1), solved.result.volume - begin)


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


def _accept(one: _OneStep, end: StageResult, rhs: StateVector, residual: Float[Array, "one batch"]) -> State:
    """The state at the end of a step; members whose step is no solution fail and stay as they were.

    Args:
        one: the step.
        end: solution at its end.
        rhs: known part of the states there.
        residual: the larger one of both stages, mL.
    """
    topology, state, h = one.topology, one.state, one.h
    cells = laws_of(topology).cells
    volume = cells.by_kind(rhs.volume + h * end.net, end.volume)
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
    return freeze_failed(reached, state, state.clock + one.dt)


def _estimate_error(one: _OneStep, mid: StageResult, end: StageResult) -> Float[Array, "one batch"]:
    """Largest difference in volume between the step and one of third order with the same rates, mL."""
    w, d, rate = TRAPEZOID_WEIGHT, IMPLICIT_SHARE, one.state.rates.volume
    third = ((1 - w) / 3, (3 * w + 1) / 3, d / 3)
    before = laws_of(one.topology).cells.per_state(one.prepared) * rate
    error = one.dt * ((w - third[0]) * before + (w - third[1]) * mid.net + (d - third[2]) * end.net)
    return jnp.max(jnp.abs(error), axis=0, keepdims=True)


def _mean_over(one: _OneStep, mid: StageResult, end: StageResult) -> StepMeans:
    """Means over the step."""
    w, d, state = TRAPEZOID_WEIGHT, IMPLICIT_SHARE, one.state
    return StepMeans(
        pressure=w * (state.pressure + mid.pressure) + d * end.pressure,
        flow=w * (state.states.flow + mid.flow) + d * end.flow,
        inflow=w * (state.inflow + mid.inflow) + d * end.inflow,
    )


def _states(solved: StageResult) -> StateVector:
    return StateVector(solved.volume, solved.flow, solved.creep, solved.arteriolar, solved.exercise)


def _summed(weights: np.ndarray, *terms: Array) -> Array:
    return sum((weight * term for weight, term in zip(weights, terms, strict=True)), start=jnp.zeros(()))


def _clip_guess(topology: Topology, guess: Array, volume: Array) -> Array:
    """The guess clipped to 0.8 to 1.25 of the current volume (cells with walls only)."""
    return laws_of(topology).cells.by_kind(jnp.clip(guess, 0.8 * volume, 1.25 * volume), guess)
