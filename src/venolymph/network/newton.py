"""Newton in the volumes at the end of a stage, its derivative, and the rates with which a phase begins.

The matrix is sparse and is eliminated in a fixed order (`elimination`); what elastic surroundings add is a low-rank
term, folded in afterwards. Factors of the same stage a breath ago are tried first where they are stored. They change
the iterations, not the solution: the residual alone decides where Newton stops.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.ad_checkpoint import checkpoint_name
from jaxtyping import Array, Float

from venolymph.network import elimination
from venolymph.network.balance import (
    complete_result,
    evaluate,
    evaluate_stage,
    matrix_entries,
    slopes_of,
    volume_residual,
)
from venolymph.network.cell_law import largest
from venolymph.network.conditional import run_if
from venolymph.network.drive import DriveValues
from venolymph.network.elimination import Factors, elimination_order
from venolymph.network.graph import graph_of
from venolymph.network.laws import laws_of
from venolymph.network.low_rank import apply_low_rank_update, by_surroundings, low_rank_update, small_inverse
from venolymph.network.predictor import CycleMemory
from venolymph.network.stage import Prepared, Slopes, StageEvaluation, StageInputs, StageResult, StateVector
from venolymph.network.topology import Topology
from venolymph.network.valve import Begun

TOLERANCE = 1e-6
"""Default tolerance: Newton stops when the volume residual of no cell exceeds this, mL.

The residual bounds the error: what leaves one cell enters another, so no column of the inverse of the Newton matrix
sums to more than one.
"""

MIN_LINE_SEARCH_FRACTION = 1e-3
"""Smallest fraction of a Newton step that the line search tries; it is taken even if the residual grows."""

EXACT_SLOPE_ITERATIONS = 4
"""After this many iterations, drop the line search and clip negative flow slopes to zero."""

FULL_STEP_ITERATIONS = 16
"""After this many iterations, halve every step."""

MAX_ITERATIONS = 60

REUSED_FACTORS_TOLERANCE = 0.1
"""Factors reused from the previous breath are accepted if the residual falls below this fraction of the tolerance;
otherwise Newton refactors."""

ROUNDING_LEVEL = 32.0 * float(np.finfo(np.float64).eps)
"""Relative rounding level: residuals of linear cells below this share of pressure times slope count as zero."""

REFRESH_LOW_RANK_AFTER = 2
"""After this many iterations, renew the low-rank part of elastic surroundings in each iteration."""

SOLVED = "solved stage"
"""Name of what a solved stage consists of, for `jax.checkpoint` to keep."""


class NewtonCache(eqx.Module):
    """Parts of the Newton matrix reused from stage to stage: they change the iterations, not the solution.

    Elastic surroundings add a low-rank term `change inside` to the Newton matrix. In a linear network the whole matrix
    depends on the step length alone.

    Attributes:
        reach: solution of the matrix without it for `change`, so that it can be folded in afterwards.
        core: inverse of the identity plus `inside reach`.
        factors: of the whole matrix where the network is linear; else None.
        rates: of volume at the start and in the middle of the last step, mL/s (of linear cells' pressure, mmHg/s).
        cycle: stages of the previous breathing cycle; None where they are not used.
    """

    reach: Float[Array, "cells elastic batch"]
    core: Float[Array, "elastic elastic batch"]
    factors: Factors | None
    rates: Float[Array, "two cells batch"]
    cycle: CycleMemory | None = None


def newton_cache_at(topology: Topology, inputs: StageInputs, volume: Array, rates: Array | None = None) -> NewtonCache:
    """The cache before the first stage, from given volumes and their rates (None: at rest).

    The stage's h must be that of the stages to come.
    """
    prepared, _, _, _, h = inputs
    slope = slopes_of(topology, inputs, evaluate(topology, inputs, volume))
    factors = elimination.factor(elimination_order(topology), matrix_entries(topology, prepared, h, slope))
    rates = jnp.zeros_like(volume) if rates is None else rates
    constant = factors if laws_of(topology).linear(prepared.parameters) else None
    return NewtonCache(*low_rank_update(topology, prepared, h, slope, factors), constant, jnp.stack([rates, rates]))


def solve_exactly(
    topology: Topology,
    prepared: Prepared,
    h: Array,
    slope: Slopes,
    right: Array,
    constant: Factors | None = None,
) -> Array:
    """Solve the whole Newton matrix, elastic surroundings included, in a way that differentiates both ways."""
    graph, order = graph_of(topology), elimination_order(topology)
    change = by_surroundings(topology, prepared, h, slope)
    entries = matrix_entries(topology, prepared, h, slope)
    factors = elimination.factor(order, entries) if constant is None else constant

    def matrix(x: Array) -> Array:
        inside = graph.sum_inside(x)
        return elimination.multiply(order, entries, x) + jnp.sum(change * inside[None], axis=1)

    def forward(_: object, b: Array) -> Array:
        return apply_low_rank_update(
            topology, *low_rank_update(topology, prepared, h, slope, factors), elimination.solve(order, factors, b)
        )

    def backward(_: object, b: Array) -> Array:
        # (A + C I)^T = A^T + I^T C^T with C the change and I what lies inside.
        inside = jnp.broadcast_to(graph.inside.T[..., None], (*graph.inside.T.shape, b.shape[-1]))
        reach = elimination.solve_transposed(order, factors, inside)
        x = elimination.solve_transposed(order, factors, b)
        core = jnp.einsum("nkb,nlb->klb", change, reach, precision=lax.Precision.HIGHEST)
        inside = jnp.sum(change * x[:, None], axis=0)
        felt = jnp.sum(small_inverse(core + jnp.eye(core.shape[0])[..., None]) * inside[None], axis=1)
        return x - jnp.sum(reach * felt[None], axis=1)

    return lax.custom_linear_solve(matrix, right, forward, transpose_solve=backward)


class SolvedStage(eqx.Module):
    """A stage that has been solved.

    Attributes:
        result: at its end.
        residual: the most that any cell's volume equation is off by, mL (a linear cell's beyond rounding).
        iterations: Newton iterations taken, without the one that reused factors of the previous cycle.
    """

    result: StageResult
    residual: Float[Array, "one batch"]
    iterations: Float[Array, ""]


def _evaluated(
    topology: Topology, inputs: StageInputs, volume: Array
) -> tuple[StageEvaluation, Array, Float[Array, "one batch"]]:
    """A stage at given volumes, the residual of each cell, mL, and the largest, mL."""
    stage = evaluate(topology, inputs, volume)
    residual = volume_residual(topology, inputs, stage)
    return stage, residual, _residual_norm(topology, inputs, stage, residual)


def _finished(
    topology: Topology, inputs: StageInputs, stage: StageEvaluation, norm: Array, iteration: Array
) -> SolvedStage:
    return SolvedStage(complete_result(topology, inputs, stage), norm, iteration.astype(jnp.float64))


def _solve_linear(
    topology: Topology, inputs: StageInputs, guess: Array, factors: Factors, cache: NewtonCache
) -> tuple[SolvedStage, NewtonCache]:
    """The stage of a linear network, whose matrix does not change: one solve."""
    _, residual, _ = _evaluated(topology, inputs, guess)
    volume = guess + elimination.solve(elimination_order(topology), factors, residual)
    stage, _, norm = _evaluated(topology, inputs, volume)
    return _finished(topology, inputs, stage, norm, jnp.asarray(1)), cache


def _iterate(
    topology: Topology, inputs: StageInputs, guess: Array, cache: NewtonCache, tolerance: Array
) -> tuple[SolvedStage, NewtonCache]:
    """Newton in volume from a guess, until the residual is within the tolerance.

    A step that increases the residual is halved until it does not: full steps would alternate for ever across the kink
    where a valve opens or shuts. If the line search fails too, there is no solution nearby (a valve that hovers with
    reverse flow has a fold), and clipped slopes lead on to the next one.
    """
    prepared, h = inputs.prepared, inputs.h
    order, cells, at = elimination_order(topology), laws_of(topology).cells, partial(_evaluated, topology, inputs)

    def bounded_step(factors: Factors, elastic: tuple[Array, Array], stage: StageEvaluation, residual: Array) -> Array:
        """The Newton step, bounded so that no cell leaves the range of its wall law."""
        fresh = elimination.solve(order, factors, residual)
        if topology.elastic:
            fresh = apply_low_rank_update(topology, *elastic, fresh)
        bounded = jnp.clip(fresh, -0.7 * stage.volume, 0.6 * stage.volume + 0.2 * prepared.unstressed)
        return cells.by_kind(bounded, fresh)

    stage, residual, norm = at(guess)
    elastic = cache.reach, cache.core
    goal, cycle = tolerance, cache.cycle
    if cycle is not None:
        # Whether a member reuses factors depends on that member alone, not on the batch.
        reuses = cycle.usable & (norm > tolerance)

        def reuse(carry: tuple) -> tuple:
            stage, residual, _ = carry
            move = bounded_step(Factors(cycle.now), elastic, stage, residual)
            return at(stage.volume + jnp.where(reuses, move, 0.0))

        stage, residual, norm = run_if(jnp.any(reuses), reuse, (stage, residual, norm))
        goal = jnp.where(reuses, REUSED_FACTORS_TOLERANCE * tolerance, tolerance)

    def unfinished(carry: tuple) -> Array:
        norm, iteration = carry[2:4]
        return (iteration < MAX_ITERATIONS) & jnp.any(norm > goal)  # NaN compares false: it is not chased

    def iterate(carry: tuple) -> tuple:
        stage, residual, norm, iteration, elastic, now, step, aim, part = carry
        slope = slopes_of(topology, inputs, stage, iteration >= EXACT_SLOPE_ITERATIONS)
        factors = elimination.factor(order, matrix_entries(topology, prepared, h, slope))
        if topology.elastic:
            # The low-rank part hardly changes from step to step; where Newton is slow it may have.
            renew = partial(low_rank_update, topology, prepared, h, slope, factors)
            elastic = run_if(iteration >= REFRESH_LOW_RANK_AFTER, lambda _: renew(), elastic)
        now = None if now is None else jnp.where(norm > goal, factors.entries, now)
        fresh = bounded_step(factors, elastic, stage, residual)
        worse = (norm > aim) & (part > MIN_LINE_SEARCH_FRACTION) & (iteration < EXACT_SLOPE_ITERATIONS)
        move = jnp.where(worse, -0.5 * part * step, jnp.where(iteration < FULL_STEP_ITERATIONS, 1.0, 0.5) * fresh)
        # Freeze converged members, so that results do not depend on the batch.
        volume = stage.volume + jnp.where(norm > goal, move, 0.0)
        step, aim = jnp.where(worse, step, fresh), jnp.where(worse, aim, norm)
        part = jnp.where(worse, 0.5 * part, 1.0)
        return (*at(volume), iteration + 1, elastic, now, step, aim, part)

    now = None if cycle is None else cycle.now
    start = (stage, residual, norm, jnp.asarray(0), elastic, now, jnp.zeros_like(residual), norm, jnp.ones_like(norm))
    stage, _, norm, iteration, elastic, now, *_ = lax.while_loop(unfinished, iterate, start)
    cache = replace(cache, reach=elastic[0], core=elastic[1])
    if cycle is not None:
        cache = replace(cache, cycle=replace(cycle, now=now))
    return _finished(topology, inputs, stage, norm, iteration), cache


def _residual_norm(
    topology: Topology, inputs: StageInputs, stage: StageEvaluation, residual: Array
) -> Float[Array, "one batch"]:
    """Largest residual of a cell, mL; in linear cells the part of it beyond rounding."""
    prepared, prescribed, _, _, h = inputs
    cells = laws_of(topology).cells

    def rounding() -> Array:
        nodes = stage.pressure + prepared.parameters.fluid.weight * prescribed.height
        stiffness = cells.per_state(prepared) - h * slopes_of(topology, inputs, stage).own
        there = largest(jnp.concatenate([nodes, prescribed.ends]))
        return ROUNDING_LEVEL * (stiffness * there + h * largest(stage.flow))

    return largest(residual, cells.rounding(rounding))


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def solve_stage(
    topology: Topology, inputs: StageInputs, guess: Array, cache: NewtonCache, tolerance: Array
) -> tuple[SolvedStage, NewtonCache]:
    """Volumes at the end of a stage, and all that follows from them.

    Args:
        topology: of the network.
        inputs: what the stage is given.
        guess: volumes to start from, mL, shape (cells, batch).
        cache: the elastic surroundings' part of the matrix as it last was (see `newton_cache_at`).
        tolerance: largest residual accepted in a cell, mL.

    Returns:
        the solved stage and the coupling. Derivatives are those of the converged solution, by the implicit
        function theorem: one exact linear solve, whatever number of iterations was taken.
    """
    if cache.factors is not None:
        return _solve_linear(topology, inputs, guess, cache.factors, cache)
    return _iterate(topology, inputs, guess, cache, tolerance)


def _nothing(leaf: Array) -> Array | np.ndarray:
    """A zero tangent for a leaf without derivative."""
    inexact = jnp.issubdtype(leaf.dtype, jnp.inexact)
    return jnp.zeros_like(leaf) if inexact else np.zeros(leaf.shape, jax.dtypes.float0)


@solve_stage.defjvp
def _(topology: Topology, primals: tuple, tangents: tuple) -> tuple:
    inputs: StageInputs = primals[0]
    solved, cache = solve_stage(topology, *primals)
    # Where this is kept, Newton need not be run again on the way back (see `integrate.KEPT`).
    solved = jax.tree.map(lambda leaf: checkpoint_name(leaf, SOLVED), solved)
    volume = solved.result.volume

    def given(inputs: StageInputs) -> tuple[StageResult, Array]:
        stage = evaluate(topology, inputs, volume)
        return complete_result(topology, inputs, stage), volume_residual(topology, inputs, stage)

    def implied(volume: Array) -> StageResult:
        return complete_result(topology, inputs, evaluate(topology, inputs, volume))

    # Reverse mode goes through this from its end: `implied` gives the cotangent of the volumes, one linear solve the
    # adjoint, and one pass through `given` takes the adjoint and the cotangents of all outputs to the inputs together.
    _, (direct, residual_dot) = jax.jvp(given, (inputs,), (tangents[0],))
    slope = slopes_of(topology, inputs, evaluate(topology, inputs, volume))
    volume_dot = solve_exactly(topology, inputs.prepared, inputs.h, slope, residual_dot, primals[2].factors)
    _, moved = jax.jvp(implied, (volume,), (volume_dot,))
    result_dot = jax.tree.map(jnp.add, direct, moved)
    still = jax.tree.map(_nothing, (solved.residual, solved.iterations, cache))
    return (solved, cache), (SolvedStage(result_dot, still[0], still[1]), still[2])


def initial_rates(
    topology: Topology,
    prepared: Prepared,
    prescribed: DriveValues,
    states: StateVector,
    opening: Array,
    drop: Array,
    span: float | Array = 1e-7,
) -> tuple[StageResult, StateVector]:
    """The stage result at given states, and the initial rate of each state, at the start of a phase.

    Rates jump where the drive does. They are differences over a step of a tenth of a microsecond (or another `span`,
    s), which excludes the impulse that a new forcing would give a stiff part (a shut valve).
    """
    h = jnp.asarray(span)
    begun = Begun(opening, drop, 0.0 * h)
    if laws_of(topology).cells.solved_at_start:
        return _initial_rates_solved(topology, prepared, prescribed, states, begun, h)
    stage, _ = evaluate_stage(topology, prepared, prescribed, states, begun, h, states.volume)
    for _ in range(2):
        # A wall resists the rate at which it is being stretched, which is known only now.
        moving = eqx.tree_at(lambda states: states.volume, states, states.volume - h * stage.net)
        stage, _ = evaluate_stage(topology, prepared, prescribed, moving, begun, h, states.volume)
    after = StateVector(states.volume, stage.flow, stage.creep, stage.arteriolar, stage.exercise)
    rates = jax.tree.map(lambda new, old: (new - old) / h, after, states)
    return stage, eqx.tree_at(lambda states: states.volume, rates, stage.net)


def _initial_rates_solved(
    topology: Topology, prepared: Prepared, prescribed: DriveValues, states: StateVector, begun: Begun, h: Array
) -> tuple[StageResult, StateVector]:
    """`initial_rates` where junctions have pressures that only a solution gives.

    Flows may be such that no pressure balances them. A first step makes them fit, by an impulse; a second one shows the
    rates that hold from there on.
    """
    cells, given = laws_of(topology).cells, StageInputs(prepared, prescribed, states, begun, h)
    cache = newton_cache_at(topology, lax.stop_gradient(given), states.volume)
    tolerance = jnp.zeros_like(h) if cells.scale_free else TOLERANCE * h
    rhs, guess = states, states.volume
    for _ in range(2):
        inputs = given._replace(rhs=rhs)
        solved, cache = solve_stage(topology, inputs, guess, cache, tolerance)
        stage, before = solved.result, rhs
        rhs, guess = replace(rhs, flow=stage.flow), stage.volume
    after = StateVector(stage.volume, stage.flow, stage.creep, stage.arteriolar, stage.exercise)
    rates = jax.tree.map(lambda new, old: (new - old) / h, after, before)
    return stage, replace(rates, volume=cells.by_kind(stage.net, rates.volume))
