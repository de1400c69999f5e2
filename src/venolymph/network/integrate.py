"""The walk through time: TR-BDF2, second order and L-stable, with every step's quality kept as data.

One step of length dt is a trapezoidal stage to `gamma dt` (gamma = 2 - sqrt 2) and a BDF2 stage to the end (Bank
et al. 1985; coefficients as Hosea and Shampine 1996). Both stages have the same implicit share `h = d dt`, d = 1 -
sqrt(2)/2. In Runge-Kutta form, with rates f at the step's begin, middle and end,

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
from venolymph.network.balance import Balance, Coupling, Known, Prepared
from venolymph.network.parameters import Drive, Parameters
from venolymph.network.surroundings import moment, moments
from venolymph.network.topology import Topology
from venolymph.network.valve import Begun

GAMMA = 2.0 - np.sqrt(2.0)
D = 1.0 - np.sqrt(0.5)
W = np.sqrt(2.0) / 4.0


def _weights(times: list[float], begin: float, end: float) -> np.ndarray:
    """What values at some times weigh in the integral of the polynomial through them."""
    powers = np.arange(1, len(times) + 1)
    return (end**powers - begin**powers) / powers @ np.linalg.inv(np.vander(times, increasing=True))


TO_MIDDLE = _weights([-1.0, GAMMA - 1.0, 0.0], 0.0, GAMMA)
"""From rates at the begin and in the middle of the step before, and at the begin of this one: a guess at its middle."""

TO_END = _weights([GAMMA - 1.0, 0.0, GAMMA], GAMMA, 1.0)
"""From rates in the middle of the step before, and at the begin and in the middle of this one: a guess at its end."""

BREATH = 16
"""Steps to a breath in long quiet stretches. There every breath is like the one before, and so is each of its steps."""

LIMIT = 5e-3
"""A step that leaves more than this missing in a cell, mL, has failed: the volumes it implies are not a solution."""


Scheme = Callable[..., tuple["State", Coupling, tuple[Array, Array, Array, Array, Array]]]
"""A function with the arguments and results of `step`, and an attribute `share` where that is not `D`."""


def implicit_share(scheme: Scheme) -> float:
    """Implicit share h of a scheme's step, as a part of its length; the same in all its stages."""
    return getattr(scheme, "share", D)


class State(eqx.Module):
    """A network between two steps: all that the next step needs.

    Attributes:
        states: volume (of linear cells pressure), flow, creep, arteriolar factor, muscle work (units as in `Known`).
        rates: the rate of change of each, per s.
        opening: of the valve on each face, 1.
        drop: pressure difference along each face, mmHg.
        pressure: of each cell, mmHg.
        inflow: through each bed, mL/s.
        clock: time of the whole run, s.
        alive: whether the member's steps have been solutions so far.
        failed_at: time of the run at which a member failed, s (infinite if it did not).
    """

    states: Known
    rates: Known
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
        missing: the most that a volume equation was left off by, mL.
        error: estimate of the local error in volume of one step, mL.
        iterations: Newton iterations in all (both stages), but for those with factors of a breath ago.
    """

    pressure_max: Float[Array, "cells batch"]
    pressure_min: Float[Array, "cells batch"]
    flow_max: Float[Array, "faces batch"]
    flow_min: Float[Array, "faces batch"]
    missing: Float[Array, "one batch"]
    error: Float[Array, "one batch"]
    iterations: Float[Array, ""]


class Sample(eqx.Module):
    """What is recorded at the end of each sampling interval; a leading time axis once recorded.

    Attributes:
        volume, pressure, flow, inflow, opening, surroundings: at that moment (mL, mmHg, mL/s, 1).
        mean_volume, mean_pressure, mean_flow, mean_inflow: over the interval, from every step.
        alive: whether the member is still a solution.
        height: of each cell above the heart, cm (filled in after the run; it follows from the drive alone).
        rates: rate of change of every state, per s, where asked for.
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
    rates: Known | None = None


def _states(solved: Balance) -> Known:
    return Known(solved.volume, solved.flow, solved.creep, solved.arteriolar, solved.exercise)


def begin(topology: Topology, parameters: Parameters, drive: Drive, state: State, span: float | Array = 1e-7) -> State:
    """The state with its rates as the phase that begins now makes them, read off `span` s (see `balance.start`)."""
    prepared = physics.prepare(topology, parameters, drive)
    now = moment(parameters.cells, drive, jnp.asarray(0.0), state.clock)
    here, rates = physics.start(topology, prepared, now, state.states, state.opening, state.drop, span)
    states = eqx.tree_at(lambda known: known.flow, state.states, here.flow)
    if prepared.capacity is not None:  # what stores nothing keeps no pressure
        states = replace(states, volume=jnp.where(prepared.capacity > 0.0, states.volume, here.volume))
    pressure = by_kind(topology, here.pressure, states.volume)
    return replace(state, states=states, rates=rates, drop=here.drop, pressure=pressure, inflow=here.inflow)


def step(
    topology: Topology, prepared: Prepared, state: State, coupling: Coupling, time: Array, dt: Array, tolerance: Array
) -> tuple[State, Coupling, tuple[Array, Array, Array, Array, Array]]:
    """One step. `time` s counts from the phase's start.

    Returns:
        the state after it, what elastic surroundings now add to the Newton matrix, and (surroundings at its end,
        mean flow, mean inflow, mean pressure, quality), where quality has shape (3, batch): what is missing in mL,
        error estimate in mL, Newton iterations.
    """
    cells, drive = prepared.parameters.cells, prepared.drive
    h = D * dt
    old, rates = state.states, state.rates
    parts = GAMMA * dt, dt
    middle, after = moments(cells, drive, [time + part for part in parts], [state.clock + part for part in parts])
    known = jax.tree.map(lambda y, f: y + h * f, old, rates)
    earlier, between = coupling.rates
    slot = jnp.round(time / dt).astype(int) % BREATH
    guess = old.volume + dt * _summed(TO_MIDDLE, earlier, between, rates.volume)
    guess, coupling = _as_a_breath_ago(coupling, (slot, 0), old.volume, guess)
    guess = _within(topology, guess, old.volume)
    guess = jnp.where(state.alive, guess, jnp.nan)  # Newton does not go on for the sake of who has failed
    begun = Begun(state.opening, state.drop, GAMMA * dt)
    first, coupling = physics.solve_stage(topology, (prepared, middle, known, begun, h), guess, coupling, tolerance)
    mid, given = _states(first.balance), known.volume
    coupling = _remembered(coupling, (slot, 0), mid.volume - old.volume)
    known = jax.tree.map(lambda y, m: y + (W / D) * (m - y), old, mid)
    moved = old.volume + W * dt * (rates.volume + first.balance.net)
    known = eqx.tree_at(lambda k: k.volume, known, by_kind(topology, moved, known.volume))
    within = by_kind(topology, first.balance.net, (mid.volume - given) / h)
    guess = mid.volume + dt * _summed(TO_END, between, rates.volume, within)
    guess, coupling = _as_a_breath_ago(coupling, (slot, 1), mid.volume, guess)
    guess = _within(topology, guess, mid.volume)
    guess = jnp.where(state.alive, guess, jnp.nan)
    begun = Begun(first.balance.opening, first.balance.drop, (1.0 - GAMMA) * dt)
    second, coupling = physics.solve_stage(topology, (prepared, after, known, begun, h), guess, coupling, tolerance)
    end = second.balance
    coupling = replace(coupling, rates=jnp.stack([rates.volume, within]))
    coupling = _remembered(coupling, (slot, 1), end.volume - mid.volume)
    volume = by_kind(topology, known.volume + h * end.net, end.volume)
    missing = jnp.maximum(first.missing, second.missing)
    sound = state.alive & jnp.all(jnp.isfinite(volume), axis=0, keepdims=True) & (missing < limit(topology, tolerance))
    fresh = jax.tree.map(lambda y, k: (y - k) / h, _states(end), known)
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
    result = kept(reached, state, state.clock + dt)

    third = ((1 - W) / 3, (3 * W + 1) / 3, D / 3)
    before = rates.volume if prepared.capacity is None else prepared.capacity * rates.volume
    error = dt * ((W - third[0]) * before + (W - third[1]) * first.balance.net + (D - third[2]) * end.net)
    error = jnp.max(jnp.abs(error), axis=0, keepdims=True)
    flow = W * (old.flow + mid.flow) + D * end.flow
    inflow = W * (state.inflow + first.balance.inflow) + D * end.inflow
    pressure = W * (state.pressure + first.balance.pressure) + D * end.pressure
    turns = jnp.broadcast_to(first.iterations + second.iterations, missing.shape)
    # Who has failed holds still: nothing flows, and no later step has a quality.
    flow, inflow = jnp.where(sound, flow, 0.0), jnp.where(sound, inflow, 0.0)
    pressure = jnp.where(sound, pressure, result.pressure)
    around = jnp.where(sound, end.surroundings, 0.0)
    quality = jnp.where(state.alive, jnp.concatenate([missing, error, turns]), 0.0)
    return result, coupling, (around, flow, inflow, pressure, quality)


def held(topology: Topology, parameters: Parameters, state: State) -> Float[Array, "cells batch"]:
    """What each cell holds, mL; a linear cell counts from no pressure."""
    volume = state.states.volume
    if parameters.cells.compliance is None:
        return volume
    linear = jnp.zeros_like(volume).at[np.array(topology.linear)].set(parameters.cells.compliance)
    return by_kind(topology, volume, linear * volume)


def by_kind(topology: Topology, of_walls: Array, of_linear: Array) -> Array:
    """What belongs to cells with walls, and what to linear ones."""
    if not topology.linear:
        return of_walls
    return jnp.where(physics.graph_of(topology).linear, of_linear, of_walls)


def _summed(weights: np.ndarray, *terms: Array) -> Array:
    return sum((weight * term for weight, term in zip(weights, terms, strict=True)), start=jnp.zeros(()))


def _as_a_breath_ago(
    coupling: Coupling, which: tuple[Array, int], volume: Array, guess: Array
) -> tuple[Array, Coupling]:
    """The volume at a stage's begin, changed as in the same stage a breath ago, and factors from there.

    A breath of few steps is too quick for polynomials: they leave a hundred times more missing. Where the breath
    before is not known the guess stays, and the factors are not trusted.

    Args:
        coupling: before the stage.
        which: step of the breath, and stage of the step.
        volume: at the stage's begin, mL.
        guess: at its end by polynomials, mL.
    """
    breath = coupling.breath
    if breath is None:
        return guess, coupling

    def known(carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        guess, now, _ = carry
        ago, factors = breath.changes[which], breath.factors[which]
        there = ~jnp.isnan(ago[:1])
        return jnp.where(there, volume + ago, guess), jnp.where(there, factors, now), there

    nobody = jnp.zeros_like(breath.fits)
    guess, now, trusted = physics.once_if(jnp.any(breath.fits), known, (guess, breath.now, nobody))
    return guess, replace(coupling, breath=replace(breath, now=now, trusted=trusted))


def _remembered(coupling: Coupling, which: tuple[Array, int], change: Array) -> Coupling:
    """The coupling with a solved stage remembered: how volumes changed in it, and the factors it was solved with."""
    breath = coupling.breath
    if breath is None:
        return coupling

    def with_this(rows: tuple[Array, Array]) -> tuple[Array, Array]:
        changes, factors = rows
        return changes.at[which].set(jnp.where(breath.fits, change, jnp.nan)), factors.at[which].set(breath.now)

    changes, factors = physics.once_if(jnp.any(breath.fits), with_this, (breath.changes, breath.factors))
    return replace(coupling, breath=replace(breath, changes=changes, factors=factors))


def _within(topology: Topology, guess: Array, volume: Array) -> Array:
    """A guess that is no wild one, where that can be told from the volume."""
    return by_kind(topology, jnp.clip(guess, 0.8 * volume, 1.25 * volume), guess)


def limit(topology: Topology, tolerance: Array) -> float | Array:
    """What missing makes a step fail, mL. Networks of linear cells have no scale but the tolerance."""
    return 5e3 * tolerance if physics.graph_of(topology).all_linear else LIMIT


def kept(reached: State, state: State, clock: Array) -> State:
    """The state reached; a member that fails stays where it was last sound."""
    kept = jax.tree.map(lambda new, was: jnp.where(reached.alive, new, was), reached, state)
    return replace(kept, clock=clock, alive=reached.alive, failed_at=reached.failed_at)


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
        tolerance: the most that Newton may leave missing in a cell, mL.
        scheme: how one step is made (static): `step` here, or one of another module with the same arguments.
        rates: whether samples hold the rates of all states (static).
        keep: whether the derivative in reverse keeps what each step worked out, and does not work it out once more
            (static): half the time, and memory that grows with the steps.

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
    now = moment(parameters.cells, drive, time, state.clock)
    begun = Begun(state.opening, state.drop, GAMMA * dt)
    stage = (prepared, now, state.states, begun, implicit_share(scheme) * dt)
    # The matrix says how Newton gets there, not where.
    coupling = physics.coupling_at(topology, *lax.stop_gradient((stage, state.states.volume, state.rates.volume)))
    if scheme is step and hasattr(drive, "breath_period") and not isinstance(stride, int):
        fits = jnp.broadcast_to(jnp.abs(BREATH * dt - drive.breath_period) < 1e-6 * dt, (1, batch))
        coupling = replace(coupling, breath=physics.nothing_remembered(topology, BREATH, fits))

    def one_step(turn: Array, carry: tuple) -> tuple:
        state, coupling, sums, extremes, _, begun = carry
        coupling = lax.stop_gradient(coupling)
        state, coupling, (around, flow, inflow, pressure, quality) = scheme(
            topology, prepared, state, coupling, time + (begun + turn).astype(jnp.float64) * dt, dt, allowed
        )
        sums = jax.tree.map(jnp.add, sums, (held(topology, parameters, state), pressure, flow, inflow))
        # A failed member's last attempt is no reading of it.
        pressure, flow = state.pressure, state.states.flow
        extremes = Extremes(
            jnp.maximum(extremes.pressure_max, pressure),
            jnp.minimum(extremes.pressure_min, pressure),
            jnp.maximum(extremes.flow_max, flow),
            jnp.minimum(extremes.flow_min, flow),
            jnp.maximum(extremes.missing, quality[:1]),
            jnp.maximum(extremes.error, quality[1:2]),
            extremes.iterations + jnp.max(quality[2]),
        )
        return state, coupling, sums, extremes, around, begun

    def one_sample(carry: tuple, number: Array) -> tuple:
        state, coupling, extremes = carry
        nothing = zeros(cells), zeros(cells), zeros(faces), zeros(beds)
        start = (state, coupling, nothing, extremes, zeros(len(topology.surroundings)))
        state, coupling, sums, extremes, around, _ = lax.fori_loop(0, stride, one_step, (*start, number * stride))
        volume, pressure, flow, inflow = (total / jnp.asarray(stride, jnp.float64) for total in sums)
        sample = Sample(
            volume=held(topology, parameters, state),
            pressure=state.pressure,
            flow=state.states.flow,
            inflow=state.inflow,
            opening=state.opening,
            surroundings=around,
            mean_volume=volume,
            mean_pressure=pressure,
            mean_flow=flow,
            mean_inflow=inflow,
            alive=state.alive,
            rates=state.rates if rates else None,
        )
        return (state, coupling, extremes), sample

    body = jax.checkpoint(one_sample) if isinstance(stride, int) and not keep else one_sample
    (state, _, extremes), recorded = lax.scan(body, (state, coupling, extremes), jnp.arange(samples))
    return state, recorded, extremes


def _zeros(batch: int, rows: int) -> Array:
    return jnp.zeros((rows, batch))


def initial(topology: Topology, parameters: Parameters, drive: Drive, clock: float = 0.0) -> State:
    """A state at rest to begin from: every cell under the pressure of its height below the heart end's pressure.

    Args:
        topology: of the network.
        parameters: of the network.
        drive: of the first phase; its heights, end pressures and surroundings are used.
        clock: time to begin at, s.

    Returns:
        no flow, valves shut, creep complete. Not an equilibrium: a run settles it first.
    """
    from venolymph.network.wall import stretch_at

    cells = parameters.cells
    now = moment(cells, drive, jnp.asarray(0.0), jnp.asarray(clock))
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
    states = Known(volume, faces, creep, beds + 1.0, beds)
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
