"""One step of lymph through initial lymphatics, lymphangions and nodes: backward Euler on a tree.

With V the volumes, Q the flows at the step's end,

    V - V_before = dt (inflows - Q + uptake - absorption + what is prescribed)

solved by Newton in volume. Its matrix is symmetric in pressure, and `lymph_tree` solves it. Tube resistances are those
of the step's beginning; walls, valves and uptake are those of its end. The last Newton step is taken linearly: flows
and volumes that come out of it agree to rounding, so water is conserved whatever residual Newton left, and its
derivatives are those of the solution.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Bool, Float

from venolymph.network import initial_lymphatic, lymphangion, node
from venolymph.network.initial_lymphatic import Initials
from venolymph.network.lymph_tree import Matrix, Tree, multiply, solve
from venolymph.network.lymphangion import Lymphangions, LymphValves
from venolymph.network.node import Nodes

RELATIVE_TOLERANCE = 5e-3
"""Relative residual at which Newton stops; one step with exact slopes follows."""

TIGHT_TOLERANCE = 1e-4
"""The same for a step that is retried, and in differentiable runs."""

MAX_ITERATIONS = 25

UNDAMPED_ITERATIONS = 6
"""After this many iterations, halve every step."""


class StepInputs(eqx.Module):
    """Inputs of one step; pressures in mmHg, volumes in mL, flows in mL/s.

    Attributes:
        initials, lymphangions, nodes, valves: parameters.
        before: volumes before (initials first, then lymphangions, then nodes).
        outside: pressure outside each initial lymphatic and vessel.
        head: pressure that height adds along each outflow.
        tube: resistance of the tubes at each outflow, mmHg s/mL.
        active: activation of each lymphangion, 1.
        tissue: interstitial pressure at each initial lymphatic.
        uptake_conductance: uptake per pressure difference, mL/s/mmHg.
        swing: of that difference, mmHg.
        lymph: oncotic pressure of lymph in each node.
        plasma: oncotic pressure of plasma.
        ends: pressure at each venous angle.
        prescribed: flow into each initial lymphatic and vessel that does not depend on this step.
        dt: s.
        tolerance: relative residual required before the last Newton step in differentiable runs, 1; else None.
    """

    initials: Initials
    lymphangions: Lymphangions
    nodes: Nodes
    valves: LymphValves
    before: Float[Array, "cells batch"]
    outside: Float[Array, "cells batch"]
    head: Float[Array, "outflows batch"]
    tube: Float[Array, "outflows batch"]
    active: Float[Array, "lymphangions batch"]
    tissue: Float[Array, "initials batch"]
    uptake_conductance: Float[Array, "initials batch"]
    swing: Float[Array, "initials batch"]
    lymph: Float[Array, "nodes batch"]
    plasma: Float[Array, "one batch"]
    ends: Float[Array, "ends batch"]
    prescribed: Float[Array, "cells batch"]
    dt: Float[Array, ""]
    tolerance: Float[Array, ""] | None = None


class FlowsAndSlopes(eqx.Module):
    """Flows at given volumes, and slopes.

    Attributes:
        pressure: in each cell, mmHg.
        by_volume: its slope, mmHg/mL.
        leaving: through each outflow, mL/s.
        by_drop: its slope, mL/s/mmHg.
        uptake: from tissue, mL/s.
        by_uptake: its slope.
        returned: water to blood in each node, mL/s.
        by_returned: its slope, mL/s/mmHg.
        residual: of the volume equation, mL.
    """

    pressure: Float[Array, "cells batch"]
    by_volume: Float[Array, "cells batch"]
    leaving: Float[Array, "outflows batch"]
    by_drop: Float[Array, "outflows batch"]
    uptake: Float[Array, "initials batch"]
    by_uptake: Float[Array, "initials batch"]
    returned: Float[Array, "nodes batch"]
    by_returned: Float[Array, "nodes batch"]
    residual: Float[Array, "cells batch"]


class StepResult(eqx.Module):
    """Volumes, pressures and flows of a step.

    Attributes:
        volume: at its end, mL.
        pressure: at its end, mmHg.
        leaving, uptake, returned: flows over the step, mL/s.
        relative_residual: residual of each cell before the last Newton step, or the size of that step if larger, over
            the cell's volume, 1.
    """

    volume: Float[Array, "cells batch"]
    pressure: Float[Array, "cells batch"]
    leaving: Float[Array, "outflows batch"]
    uptake: Float[Array, "initials batch"]
    returned: Float[Array, "nodes batch"]
    relative_residual: Float[Array, "cells batch"]


def net_flow(tree: Tree, inputs: StepInputs, leaving: Array, uptake: Array, returned: Array) -> Array:
    """Net inflow of each cell, mL/s."""
    lymphangions = jnp.zeros((tree.vessels - returned.shape[0], returned.shape[1]))
    gained = jnp.concatenate([uptake, tree.arriving(leaving) - jnp.concatenate([lymphangions, returned])])
    return gained - leaving + inputs.prescribed


def flows(tree: Tree, inputs: StepInputs, volume: Float[Array, "cells batch"]) -> FlowsAndSlopes:
    """Flows and slopes at given volumes."""
    n, m = tree.initials, tree.initials + inputs.active.shape[0]
    initial_sacs = initial_lymphatic.sac_pressure(volume[:n], inputs.initials.volume, inputs.initials.stiffness)
    walls = lymphangion.wall(inputs.lymphangions, volume[n:m], inputs.active)
    node_sacs = initial_lymphatic.sac_pressure(volume[m:], inputs.nodes.volume, inputs.nodes.stiffness)
    pressure = inputs.outside + jnp.concatenate([initial_sacs[0], walls[0], node_sacs[0]])
    by_volume = jnp.concatenate([initial_sacs[1], walls[1], node_sacs[1]])
    drop = pressure - tree.value_downstream(pressure[n:], inputs.ends) + inputs.head
    leaving, by_drop = lymphangion.valve_flow(inputs.valves, inputs.tube, drop)
    uptake, by_uptake = initial_lymphatic.uptake(inputs.uptake_conductance, inputs.swing, inputs.tissue - pressure[:n])
    returned, by_returned = node.returned_water(inputs.nodes, pressure[m:], inputs.lymph, inputs.plasma)
    net = net_flow(tree, inputs, leaving, uptake, returned)
    residual = volume - inputs.before - inputs.dt * net
    return FlowsAndSlopes(pressure, by_volume, leaving, by_drop, uptake, by_uptake, returned, by_returned, residual)


Slopes = tuple[
    Float[Array, "cells batch"],
    Float[Array, "outflows batch"],
    Float[Array, "initials batch"],
    Float[Array, "nodes batch"],
]
"""Of walls in mmHg/mL; of outflows, of uptake and of what nodes return in mL/s/mmHg."""


def _descent_slopes(inputs: StepInputs, at: FlowsAndSlopes) -> Slopes:
    """Slopes bounded from below, so that a Newton step descends: a contracting wall may soften where it is stretched.

    The step may have several solutions; exact slopes converge to a different one with a different flow.
    """
    least = 0.02 * jnp.abs(at.pressure - inputs.outside) * (1.0 / inputs.before) + 1e-3
    descending = jnp.maximum(at.by_drop, 0.0), jnp.maximum(at.by_uptake, 0.0), at.by_returned
    return jnp.maximum(at.by_volume, least), *descending


def _exact_slopes(at: FlowsAndSlopes) -> Slopes:
    """Exact slopes: the reverse flow through a closing valve falls as the pressure difference grows."""
    walls = jnp.where(jnp.abs(at.by_volume) < 1e-3, 1e-3, at.by_volume)
    return walls, at.by_drop, at.by_uptake, at.by_returned


def exact_matrix(tree: Tree, inputs: StepInputs, at: FlowsAndSlopes) -> Matrix:
    """The exact Newton matrix."""
    return _entries(tree, inputs, _exact_slopes(at))


def _entries(tree: Tree, inputs: StepInputs, slopes: Slopes) -> Matrix:
    stiff, along, taking, returning = slopes
    absorbing = jnp.concatenate([jnp.zeros_like(inputs.active), returning])
    own = jnp.concatenate([taking, tree.arriving(along) + absorbing])
    return Matrix(1.0 / (stiff * inputs.dt) + along + own, along)


def _unconverged(inputs: StepInputs, at: FlowsAndSlopes, tolerance: float) -> Bool[Array, "one batch"]:
    """Members whose relative residual exceeds the tolerance in any cell."""
    return jnp.any(jnp.abs(at.residual) > tolerance * inputs.before, axis=0, keepdims=True)


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _with_flow_derivatives(tree: Tree, inputs: StepInputs, volume: Array, current: FlowsAndSlopes) -> FlowsAndSlopes:
    """Flows that Newton has already computed; their derivatives are those of `flows`."""
    return current


@_with_flow_derivatives.defjvp
def _(tree: Tree, primals: tuple, tangents: tuple) -> tuple[FlowsAndSlopes, FlowsAndSlopes]:
    return jax.jvp(partial(flows, tree), primals[:2], tangents[:2])


def _newton(
    tree: Tree, inputs: StepInputs, guess: Float[Array, "cells batch"], members: Array, tolerance: float
) -> tuple[Float[Array, "cells batch"], FlowsAndSlopes, Array]:
    """Volumes within the tolerance, flows there, and the number of iterations. Other members are not iterated."""

    def unfinished(carry: tuple[Array, FlowsAndSlopes, Array, Array]) -> Array:
        _, _, unconverged, iteration = carry
        return (iteration < MAX_ITERATIONS) & jnp.any(unconverged & members)

    def iterate(carry: tuple[Array, FlowsAndSlopes, Array, Array]) -> tuple[Array, FlowsAndSlopes, Array, Array]:
        volume, current, unconverged, iteration = carry
        descent = _descent_slopes(inputs, current)
        change = solve(tree, _entries(tree, inputs, descent), -current.residual / inputs.dt) / descent[0]
        # Valves are nearly switches, and Newton may alternate between open and shut.
        change = jnp.where(iteration < UNDAMPED_ITERATIONS, 1.0, 0.5) * change
        # Walls stiffen exponentially: unbounded steps from a bad guess would leave their range.
        volume = volume + jnp.where(unconverged, jnp.clip(change, -0.3 * volume, 0.2 * volume), 0.0)
        current = flows(tree, inputs, volume)
        return volume, current, _unconverged(inputs, current, tolerance), iteration + 1

    current = flows(tree, inputs, guess)
    volume, current, _, iterations = lax.while_loop(
        unfinished, iterate, (guess, current, _unconverged(inputs, current, tolerance), jnp.asarray(0))
    )
    return volume, current, iterations


def _relative_residual(inputs: StepInputs, at: FlowsAndSlopes) -> Float[Array, "one batch"]:
    """Largest residual of a cell over its volume before the step, 1."""
    return jnp.max(jnp.abs(at.residual) / inputs.before, axis=0, keepdims=True)


def _polish(
    tree: Tree,
    inputs: StepInputs,
    start: Float[Array, "cells batch"],
    current: FlowsAndSlopes,
    members: Array,
    tolerance: Array,
) -> tuple[Float[Array, "cells batch"], FlowsAndSlopes]:
    """Volumes within the tolerance, by the exact matrix, as long as each step halves the residual.

    Where it does not there may be no solution nearby, and a longer search would find a distant one by chance, depending
    on rounding.
    """

    def unfinished(carry: tuple[Array, FlowsAndSlopes, Array]) -> Array:
        _, current, converging = carry
        return jnp.any(converging & (_relative_residual(inputs, current) > tolerance) & members)

    def iterate(carry: tuple[Array, FlowsAndSlopes, Array]) -> tuple[Array, FlowsAndSlopes, Array]:
        volume, current, converging = carry
        largest = _relative_residual(inputs, current)
        change = (
            solve(tree, exact_matrix(tree, inputs, current), -current.residual / inputs.dt) / _exact_slopes(current)[0]
        )
        next_volume = volume + jnp.clip(change, -0.3 * volume, 0.2 * volume)
        trial = flows(tree, inputs, next_volume)
        converging = converging & (_relative_residual(inputs, trial) < 0.5 * largest)
        accepted = converging & (largest > tolerance)
        volume, current = jax.tree.map(lambda a, b: jnp.where(accepted, a, b), (next_volume, trial), (volume, current))
        return volume, current, converging

    return lax.while_loop(unfinished, iterate, (start, current, members))[:2]


def step(
    tree: Tree,
    inputs: StepInputs,
    guess: Float[Array, "cells batch"],
    members: Array,
    tolerance: float = TIGHT_TOLERANCE,
) -> tuple[StepResult, Array, Bool[Array, "one batch"]]:
    """Solve one step.

    Args:
        tree: of the vessels.
        inputs: parameters, and state and ambient of the step.
        guess: volumes to start from, mL.
        members: which members to solve, bool of shape (1, batch).
        tolerance: relative residual required before the last Newton step, 1.

    Returns:
        the step, the number of Newton iterations, and which members reached `inputs.tolerance` (all
        where it is None).
    """
    frozen = lax.stop_gradient(inputs)
    volume, current, iterations = lax.stop_gradient(_newton(tree, frozen, lax.stop_gradient(guess), members, tolerance))
    converged = jnp.ones_like(members)
    if inputs.tolerance is not None:
        converged = ~_unconverged(frozen, current, tolerance)
        volume, current = lax.stop_gradient(_polish(tree, frozen, volume, current, members, inputs.tolerance))
        converged = converged & (_relative_residual(frozen, current) <= inputs.tolerance)
    return _last_step(tree, inputs, volume, current), iterations, converged


def _linear_step(
    tree: Tree, inputs: StepInputs, start: Float[Array, "cells batch"], current: FlowsAndSlopes
) -> StepResult:
    """The last Newton step, taken linearly from volumes near the solution and the flows there."""
    n, m = tree.initials, tree.initials + inputs.active.shape[0]
    current = _with_flow_derivatives(tree, inputs, start, current)
    entries = lax.stop_gradient(exact_matrix(tree, inputs, current))

    def times(x: Array) -> Array:
        return multiply(tree, entries, x)

    def solved(_: Callable, right: Array) -> Array:
        return solve(tree, entries, right)

    change = lax.custom_linear_solve(times, -current.residual / inputs.dt, solved, symmetric=True)
    drop = change - tree.value_downstream(change[n:])
    leaving = current.leaving + entries.along * drop
    uptake = current.uptake - lax.stop_gradient(current.by_uptake) * change[:n]
    returned = current.returned + lax.stop_gradient(current.by_returned) * change[m:]
    volume = inputs.before + inputs.dt * net_flow(tree, inputs, leaving, uptake, returned)
    relative_residual = lax.stop_gradient(
        jnp.maximum(jnp.abs(current.residual), jnp.abs(volume - start)) / inputs.before
    )
    return StepResult(volume, current.pressure + change, leaving, uptake, returned, relative_residual)


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _last_step(
    tree: Tree, inputs: StepInputs, start: Float[Array, "cells batch"], current: FlowsAndSlopes
) -> StepResult:
    """The same, with derivatives taken at its end, which is nearer to the solution than its start."""
    return _linear_step(tree, inputs, start, current)


@_last_step.defjvp
def _(tree: Tree, primals: tuple, tangents: tuple) -> tuple[StepResult, StepResult]:
    inputs, start, current = primals
    result = _last_step(tree, inputs, start, current)
    end_volume = lax.stop_gradient(result.volume)

    def iterate(inputs: StepInputs) -> StepResult:
        return _linear_step(tree, inputs, end_volume, flows(tree, lax.stop_gradient(inputs), end_volume))

    return result, jax.jvp(iterate, (inputs,), tangents[:1])[1]
