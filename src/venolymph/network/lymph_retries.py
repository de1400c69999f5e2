"""The step of lymph, solved: whole, then with a tighter tolerance, then in substeps for the members that need them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from venolymph.network import lymph_equations
from venolymph.network.lymph_ambient import Ambient
from venolymph.network.lymph_equations import StepInputs, StepResult
from venolymph.network.lymph_tree import Tree

FAILURE_RESIDUAL = 1e-2
"""Relative residual (or relative size of the last Newton step) above which a step is retried: first with a tighter
tolerance, then in substeps. If all fail, the member fails."""

SUBSTEPS = 16
"""Number of substeps of a step that is retried."""


def is_solution(moved: StepResult) -> Array:
    """Whether the step of each member is a solution."""
    valid = jnp.isfinite(moved.volume) & (moved.volume > 0.0) & (moved.relative_residual < FAILURE_RESIDUAL)
    return jnp.all(valid, axis=0, keepdims=True)


Attempt = Callable[[Array, StepResult, Array], tuple[StepResult, Array, Array]]
"""A retry for members that are not done, from the best result so far and the number of iterations it took."""


def solve_step(
    tree: Tree, inputs: StepInputs, before: Ambient, change: Array, members: Array
) -> tuple[StepResult, Array, Array]:
    """One step of lymph: whole; retried with a tighter tolerance; retried in substeps."""
    bound = 0.1 * inputs.before
    guess = inputs.before + jnp.clip(change, -bound, bound)
    # Differentiable runs polish this solution, so they start from the tight tolerance.
    loose = inputs.tolerance is None
    tolerance = lymph_equations.RELATIVE_TOLERANCE if loose else lymph_equations.TIGHT_TOLERANCE
    result, iterations, converged = lymph_equations.step(tree, inputs, guess, members, tolerance)
    done = is_solution(result) & converged

    def choose(first: StepResult, done: Array, second: StepResult) -> StepResult:
        return jax.tree.map(lambda a, b: jnp.where(done, a, b), first, second)

    def unless_done(
        done: Array, best: StepResult, iterations: Array, attempt: Attempt
    ) -> tuple[StepResult, Array, Array]:
        """The best result so far where all members are done, else the next attempt."""
        return lax.cond(
            jnp.all(done | ~members), lambda: (best, iterations, done), lambda: attempt(done, best, iterations)
        )

    def with_tight_tolerance(done: Array, best: StepResult, iterations: Array) -> tuple[StepResult, Array, Array]:
        # Where Newton diverged its last step may be of any size.
        bounded = jnp.clip(best.volume, 0.7 * inputs.before, 1.3 * inputs.before)
        second, more, converged = lymph_equations.step(tree, inputs, bounded, members & ~done)
        return unless_done(
            done | (is_solution(second) & converged),
            choose(best, done, second),
            iterations + more,
            in_substeps,
        )

    def in_substeps(done: Array, best: StepResult, iterations: Array) -> tuple[StepResult, Array, Array]:
        after = Ambient(inputs.outside, inputs.tissue, inputs.head, inputs.ends, inputs.active)

        def substep_of(number: Array, carry: tuple[StepResult, Array]) -> tuple[StepResult, Array]:
            sums, iterations = carry
            part = (number + 1).astype(jnp.float64) / SUBSTEPS
            ambient = jax.tree.map(lambda a, b: a + part * (b - a), before, after)
            substep_inputs = replace(
                inputs,
                before=sums.volume,
                dt=inputs.dt / SUBSTEPS,
                outside=ambient.outside,
                tissue=ambient.tissue,
                head=ambient.head,
                ends=ambient.ends,
                active=ambient.active,
            )
            substep, more, _ = lymph_equations.step(tree, substep_inputs, sums.volume, members & ~done)
            volume = jnp.where(done, inputs.before, substep.volume)
            added = StepResult(
                volume,
                substep.pressure,
                sums.leaving + substep.leaving / SUBSTEPS,
                sums.uptake + substep.uptake / SUBSTEPS,
                sums.returned + substep.returned / SUBSTEPS,
                jnp.maximum(sums.relative_residual, substep.relative_residual),
            )
            return added, iterations + more

        nothing = jax.tree.map(jnp.zeros_like, result)
        substep, iterations = lax.fori_loop(
            0, SUBSTEPS, substep_of, (replace(nothing, volume=inputs.before), iterations)
        )
        return choose(best, done, substep), iterations, done

    return unless_done(done, result, iterations, with_tight_tolerance if loose else in_substeps)
