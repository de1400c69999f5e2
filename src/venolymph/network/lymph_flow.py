"""One step of lymph through initial lymphatics, lymphangions and nodes: backward Euler on a tree.

Every vessel has one outflow, so the network is a tree whose root is the venous angle and whose leaves are initial
lymphatics. With V the volumes, Q the flows at the step's end,

    V - V_before = dt (inflows - Q + uptake - absorption + what is prescribed)

solved by Newton in volume. Its matrix is symmetric in pressure, and one sweep from the leaves to the root and one back
solve it. Tube resistances are those of the step's beginning; walls, valves and uptake are those of its end. The last
Newton step is taken linearly: flows and volumes that come out of it agree to rounding, so water is conserved whatever
Newton left missing, and its derivatives are those of the solution.

Solutes move with the volumes that passed, from where they came, and never more than is there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Bool, Float

from venolymph.network import initial_lymphatic, lymphangion, node
from venolymph.network.initial_lymphatic import Initials
from venolymph.network.lymphangion import Lymphangions, LymphValves
from venolymph.network.node import Nodes

NEAR = 5e-3
"""Newton goes on until volumes are this near, as a share of what each cell holds; one more step brings them nearer."""

NEARER = 1e-4
"""The same where that last step goes far."""

MOST_ITERATIONS = 25

PATIENCE = 6
"""Newton steps that are taken whole before they are halved."""


class Tree:
    """Which vessel flows into which, as tables of numbers.

    Attributes:
        down: for each outflow (initials first, then vessels) the vessel it enters; the number of vessels for the end.
        inlets: for each vessel the outflows that enter it, padded with the number of outflows.
        order: vessels from the leaves to the root.
    """

    def __init__(self, initial_vessel: tuple[int, ...], downstream: tuple[int, ...]) -> None:
        count = len(downstream)
        self.initials, self.vessels = len(initial_vessel), count
        self.down = np.array([*initial_vessel, *downstream], np.int32)
        inlets = [[o for o, to in enumerate(self.down) if to == vessel] for vessel in range(count)]
        width = max([len(i) for i in inlets], default=0) or 1
        self.inlets = np.array([i + [len(self.down)] * (width - len(i)) for i in inlets], np.int32)
        depth = np.zeros(count, np.int64)
        for vessel in range(count):
            at, steps = downstream[vessel], 0
            while at < count and steps <= count:
                at, steps = downstream[at], steps + 1
            depth[vessel] = steps
        self.order = np.argsort(-depth, kind="stable").astype(np.int32)

    def arriving(self, leaving: Float[Array, "outflows batch"]) -> Float[Array, "vessels batch"]:
        """Sum over what enters each vessel."""
        padded = jnp.concatenate([leaving, jnp.zeros_like(leaving[:1])])
        return sum((padded[column] for column in self.inlets.T[1:]), padded[self.inlets[:, 0]])

    def beyond(
        self, vessels: Float[Array, "vessels batch"], end: Float[Array, "one batch"]
    ) -> Float[Array, "outflows batch"]:
        """What holds for the vessel that each outflow enters, or for the end."""
        return jnp.concatenate([vessels, end])[self.down]


class Given(eqx.Module):
    """What a step is given; pressures in mmHg, volumes in mL, flows in mL/s.

    Attributes:
        initials, lymphangions, nodes, valves: parameters.
        before: volumes before (initials first, then lymphangions, then nodes).
        outside: pressure outside each initial lymphatic and vessel.
        head: pressure that height adds along each outflow.
        tube: resistance of the tubes at each outflow, mmHg s/mL.
        active: activation of each lymphangion, 1.
        tissue: interstitial pressure at each initial lymphatic.
        ready: uptake per pressure difference, mL/s/mmHg.
        swing: of that difference, mmHg.
        lymph: oncotic pressure of lymph in each node.
        plasma: oncotic pressure of plasma.
        end: pressure at the venous angle.
        prescribed: flow into each initial lymphatic and vessel that does not depend on this step.
        dt: s.
        tolerance: as a share of what each cell holds, how near volumes are to be before the last Newton step, where
            that is to be nearer than usual (a run that is differentiated), 1.
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
    ready: Float[Array, "initials batch"]
    swing: Float[Array, "initials batch"]
    lymph: Float[Array, "nodes batch"]
    plasma: Float[Array, "one batch"]
    end: Float[Array, "one batch"]
    prescribed: Float[Array, "cells batch"]
    dt: Float[Array, ""]
    tolerance: Float[Array, ""] | None = None


class Flows(eqx.Module):
    """Flows at given volumes, and slopes.

    Attributes:
        pressure: in each cell, mmHg.
        by_volume: its slope, mmHg/mL.
        leaving: through each outflow, mL/s.
        by_drop: its slope, mL/s/mmHg.
        uptake: from tissue, mL/s.
        by_uptake: its slope.
        returned: water to blood in each node, mL/s.
        missing: what the volume equation is off by, mL.
    """

    pressure: Float[Array, "cells batch"]
    by_volume: Float[Array, "cells batch"]
    leaving: Float[Array, "outflows batch"]
    by_drop: Float[Array, "outflows batch"]
    uptake: Float[Array, "initials batch"]
    by_uptake: Float[Array, "initials batch"]
    returned: Float[Array, "nodes batch"]
    missing: Float[Array, "cells batch"]


class Moved(eqx.Module):
    """A step that was taken.

    Attributes:
        volume: at its end, mL.
        pressure: at its end, mmHg.
        leaving, uptake, returned: flows over the step, mL/s.
        missing: what Newton left missing in each cell before its last step, or moved in it, as a share of what the
            cell holds, 1.
    """

    volume: Float[Array, "cells batch"]
    pressure: Float[Array, "cells batch"]
    leaving: Float[Array, "outflows batch"]
    uptake: Float[Array, "initials batch"]
    returned: Float[Array, "nodes batch"]
    missing: Float[Array, "cells batch"]


def net_flow(tree: Tree, given: Given, leaving: Array, uptake: Array, returned: Array) -> Array:
    """What each cell gains, mL/s."""
    lymphangions = jnp.zeros((tree.vessels - returned.shape[0], returned.shape[1]))
    gained = jnp.concatenate([uptake, tree.arriving(leaving) - jnp.concatenate([lymphangions, returned])])
    return gained - leaving + given.prescribed


def flows(tree: Tree, given: Given, volume: Float[Array, "cells batch"]) -> Flows:
    """Flows and slopes at given volumes."""
    n, m = tree.initials, tree.initials + given.active.shape[0]
    sacs = initial_lymphatic.sac_pressure(volume[:n], given.initials.volume, given.initials.stiffness)
    walls = lymphangion.wall(given.lymphangions, volume[n:m], given.active)
    held = initial_lymphatic.sac_pressure(volume[m:], given.nodes.volume, given.nodes.stiffness)
    pressure = given.outside + jnp.concatenate([sacs[0], walls[0], held[0]])
    by_volume = jnp.concatenate([sacs[1], walls[1], held[1]])
    drop = pressure - tree.beyond(pressure[n:], given.end) + given.head
    leaving, by_drop = lymphangion.valve_flow(given.valves, given.tube, drop)
    taken, by_uptake = initial_lymphatic.uptake(given.ready, given.swing, given.tissue - pressure[:n])
    returned = node.returned_water(given.nodes, pressure[m:], given.lymph, given.plasma)
    net = net_flow(tree, given, leaving, taken, returned)
    missing = volume - given.before - given.dt * net
    return Flows(pressure, by_volume, leaving, by_drop, taken, by_uptake, returned, missing)


class Matrix(eqx.Module):
    """The Newton matrix in pressure: symmetric, a tree. Entries in mL/s/mmHg.

    Attributes:
        diagonal: of each cell.
        along: of each outflow; the entries beside the diagonal are its negative.
    """

    diagonal: Float[Array, "cells batch"]
    along: Float[Array, "outflows batch"]


Slopes = tuple[Float[Array, "cells batch"], Float[Array, "outflows batch"], Float[Array, "initials batch"]]
"""Of walls in mmHg/mL; of outflows and of uptake in mL/s/mmHg."""


def _held(given: Given, at: Flows) -> Slopes:
    """Slopes held where a Newton step stays a step of descent: a contracting wall may give way where it is stretched.

    A step may have more than one solution. Slopes as they are would find another one, and lymph flow would be another.
    """
    least = 0.02 * jnp.abs(at.pressure - given.outside) * (1.0 / given.before) + 1e-3
    return jnp.maximum(at.by_volume, least), jnp.maximum(at.by_drop, 0.0), jnp.maximum(at.by_uptake, 0.0)


def _exact(at: Flows) -> Slopes:
    """Slopes as they are: a valve that shuts lets less back the more it is pressed."""
    return jnp.where(jnp.abs(at.by_volume) < 1e-3, 1e-3, at.by_volume), at.by_drop, at.by_uptake


def exact_matrix(tree: Tree, given: Given, at: Flows) -> Matrix:
    """The Newton matrix as it is."""
    return _entries(tree, given, *_exact(at))


def _entries(tree: Tree, given: Given, stiff: Array, along: Array, taking: Array) -> Matrix:
    absorbing = jnp.concatenate([jnp.zeros_like(given.active), given.nodes.absorption])
    own = jnp.concatenate([taking, tree.arriving(along) + absorbing])
    return Matrix(1.0 / (stiff * given.dt) + along + own, along)


def multiply(tree: Tree, entries: Matrix, x: Float[Array, "cells batch"]) -> Float[Array, "cells batch"]:
    """The matrix times x."""
    n = tree.initials
    inward = tree.arriving(entries.along * x)
    outward = entries.along * tree.beyond(x[n:], jnp.zeros_like(x[:1]))
    return entries.diagonal * x - outward - jnp.concatenate([jnp.zeros_like(x[:n]), inward])


def solve(tree: Tree, entries: Matrix, right: Float[Array, "cells batch"]) -> Float[Array, "cells batch"]:
    """Solution of the matrix for a right side, by elimination from the leaves to the root and back."""
    n = tree.initials
    leaves = 1.0 / entries.diagonal[:n]
    share = entries.along[:n] * leaves
    pad = jnp.zeros((tree.vessels, right.shape[1]))
    taken = tree.arriving(jnp.concatenate([share * entries.along[:n], pad]))
    fed = tree.arriving(jnp.concatenate([share * right[:n], pad]))
    # One row past the last stands for the end, whose pressure does not change.
    rows = jnp.stack([entries.diagonal[n:] - taken, right[n:] + fed], axis=1)
    rows = jnp.concatenate([rows, jnp.zeros_like(rows[:1])])
    along = entries.along[n:]
    order, down = jnp.asarray(tree.order), jnp.asarray(tree.down[n:])

    def row(rows: Array, number: Array) -> Array:
        return lax.dynamic_index_in_dim(rows, number, 0, keepdims=False)

    def forward(turn: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        rows, inverses = carry
        vessel = order[turn]
        to, side = down[vessel], row(along, vessel)
        own, target = row(rows, vessel), row(rows, to)
        inverse = 1.0 / own[0]
        part = side * inverse
        change = jnp.stack([-part * side, part * own[1]])
        rows = lax.dynamic_update_index_in_dim(rows, target + change, to, 0)
        return rows, lax.dynamic_update_index_in_dim(inverses, inverse, vessel, 0)

    rows, inverses = lax.fori_loop(0, tree.vessels, forward, (rows, jnp.zeros_like(along)))
    start = jnp.zeros((tree.vessels + 1, right.shape[1]))

    def backward(turn: Array, x: Array) -> Array:
        vessel = order[tree.vessels - 1 - turn]
        value = (row(rows, vessel)[1] + row(along, vessel) * row(x, down[vessel])) * row(inverses, vessel)
        return lax.dynamic_update_index_in_dim(x, value, vessel, 0)

    x = lax.fori_loop(0, tree.vessels, backward, start)
    leaves = (right[:n] + entries.along[:n] * x[tree.down[:n]]) * leaves
    return jnp.concatenate([leaves, x[:-1]])


def _off(given: Given, at: Flows, near: float) -> Bool[Array, "one batch"]:
    """Which members miss more in a cell than a share of what it holds."""
    return jnp.any(jnp.abs(at.missing) > near * given.before, axis=0, keepdims=True)


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _worked_out(tree: Tree, given: Given, volume: Array, here: Flows) -> Flows:
    """Flows at given volumes that Newton has worked out already; their derivatives are those of `flows`."""
    return here


@_worked_out.defjvp
def _(tree: Tree, primals: tuple, tangents: tuple) -> tuple[Flows, Flows]:
    return jax.jvp(partial(flows, tree), primals[:2], tangents[:2])


def _newton(
    tree: Tree, given: Given, guess: Float[Array, "cells batch"], asked: Array, near: float
) -> tuple[Float[Array, "cells batch"], Flows, Array]:
    """Volumes near the solution, flows there, and how many iterations it took. Members not asked are left alone."""

    def unfinished(carry: tuple[Array, Flows, Array, Array]) -> Array:
        _, _, off, turn = carry
        return (turn < MOST_ITERATIONS) & jnp.any(off & asked)

    def again(carry: tuple[Array, Flows, Array, Array]) -> tuple[Array, Flows, Array, Array]:
        volume, here, off, turn = carry
        held = _held(given, here)
        change = solve(tree, _entries(tree, given, *held), -here.missing / given.dt) / held[0]
        # Valves are nearly switches, and Newton may swing between open and shut.
        change = jnp.where(turn < PATIENCE, 1.0, 0.5) * change
        # Walls stiffen exponentially: from far off Newton would leave their range.
        volume = volume + jnp.where(off, jnp.clip(change, -0.3 * volume, 0.2 * volume), 0.0)
        here = flows(tree, given, volume)
        return volume, here, _off(given, here, near), turn + 1

    here = flows(tree, given, guess)
    volume, here, _, turns = lax.while_loop(unfinished, again, (guess, here, _off(given, here, near), jnp.asarray(0)))
    return volume, here, turns


def _left(given: Given, at: Flows) -> Float[Array, "one batch"]:
    """The most that is missing, as a share of what a cell held before, 1."""
    return jnp.max(jnp.abs(at.missing) / given.before, axis=0, keepdims=True)


def _polished(
    tree: Tree, given: Given, near: Float[Array, "cells batch"], here: Flows, asked: Array, tolerance: Array
) -> tuple[Float[Array, "cells batch"], Flows]:
    """Volumes as near as the tolerance says, by the exact matrix, as long as each step leaves half of what was missing.

    Where it does not, there may be no solution nearby, and a search that is more patient finds one far off by chance,
    as rounding has it.
    """

    def unfinished(carry: tuple[Array, Flows, Array]) -> Array:
        _, here, fruitful = carry
        return jnp.any(fruitful & (_left(given, here) > tolerance) & asked)

    def again(carry: tuple[Array, Flows, Array]) -> tuple[Array, Flows, Array]:
        volume, here, fruitful = carry
        left = _left(given, here)
        change = solve(tree, exact_matrix(tree, given, here), -here.missing / given.dt) / _exact(here)[0]
        further = volume + jnp.clip(change, -0.3 * volume, 0.2 * volume)
        there = flows(tree, given, further)
        fruitful = fruitful & (_left(given, there) < 0.5 * left)
        nearer = fruitful & (left > tolerance)
        volume, here = jax.tree.map(lambda a, b: jnp.where(nearer, a, b), (further, there), (volume, here))
        return volume, here, fruitful

    return lax.while_loop(unfinished, again, (near, here, asked))[:2]


def step(
    tree: Tree, given: Given, guess: Float[Array, "cells batch"], asked: Array, near: float = NEARER
) -> tuple[Moved, Array, Bool[Array, "one batch"]]:
    """One step.

    Args:
        tree: what flows into what.
        given: parameters and what the step begins with.
        guess: volumes to start from, mL.
        asked: members that matter, bool of shape (1, batch).
        near: how near volumes are to be before the last Newton step, as a share of what each cell holds, 1.

    Returns:
        the step, the number of Newton iterations, and which members' Newton got as near as the tolerance says (all
        where there is none).
    """
    still = lax.stop_gradient(given)
    volume, here, turns = lax.stop_gradient(_newton(tree, still, lax.stop_gradient(guess), asked, near))
    reached = jnp.ones_like(asked)
    if given.tolerance is not None:
        reached = ~_off(still, here, near)
        volume, here = lax.stop_gradient(_polished(tree, still, volume, here, asked, given.tolerance))
        reached = reached & (_left(still, here) <= given.tolerance)
    return _moved(tree, given, volume, here), turns, reached


def _linear(tree: Tree, given: Given, near: Float[Array, "cells batch"], here: Flows) -> Moved:
    """The step that Newton takes last, from volumes near the solution and the flows there."""
    n, m = tree.initials, tree.initials + given.active.shape[0]
    here = _worked_out(tree, given, near, here)
    entries = lax.stop_gradient(exact_matrix(tree, given, here))

    def times(x: Array) -> Array:
        return multiply(tree, entries, x)

    def solved(_: Callable, right: Array) -> Array:
        return solve(tree, entries, right)

    change = lax.custom_linear_solve(times, -here.missing / given.dt, solved, symmetric=True)
    drop = change - tree.beyond(change[n:], jnp.zeros_like(change[:1]))
    leaving = here.leaving + entries.along * drop
    taken = here.uptake - lax.stop_gradient(here.by_uptake) * change[:n]
    returned = here.returned + lax.stop_gradient(given.nodes.absorption) * change[m:]
    volume = given.before + given.dt * net_flow(tree, given, leaving, taken, returned)
    off = lax.stop_gradient(jnp.maximum(jnp.abs(here.missing), jnp.abs(volume - near)) / given.before)
    return Moved(volume, here.pressure + change, leaving, taken, returned, off)


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _moved(tree: Tree, given: Given, near: Float[Array, "cells batch"], here: Flows) -> Moved:
    """The same; its derivatives are taken where it arrives, which is nearer to the solution than where it starts."""
    return _linear(tree, given, near, here)


@_moved.defjvp
def _(tree: Tree, primals: tuple, tangents: tuple) -> tuple[Moved, Moved]:
    given, near, here = primals
    found = _moved(tree, given, near, here)
    arrived = lax.stop_gradient(found.volume)

    def again(given: Given) -> Moved:
        return _linear(tree, given, arrived, flows(tree, lax.stop_gradient(given), arrived))

    return found, jax.jvp(again, (given,), tangents[:1])[1]


def densities(
    tree: Tree,
    content: Float[Array, "solutes cells batch"],
    volume: Float[Array, "cells batch"],
    ahead: Float[Array, "outflows batch"],
    back: Float[Array, "outflows batch"],
    otherwise: Float[Array, "cells batch"],
) -> Float[Array, "solutes cells batch"]:
    """Concentration at which each cell gives solute away, mg/mL.

    It is that of the cell, unless more leaves than the cell held: then what it held goes, and no more.

    Args:
        tree: what flows into what.
        content: of each solute in each cell, mg.
        volume: of each cell before, mL.
        ahead: volume through each outflow, mL.
        back: volume that came back through it, mL.
        otherwise: volume that leaves each cell on other ways, mL.
    """
    out = ahead + otherwise + jnp.concatenate([jnp.zeros_like(ahead[: tree.initials]), tree.arriving(back)])
    return content / jnp.maximum(volume, out)[None]


def carried(
    tree: Tree,
    density: Float[Array, "solutes cells batch"],
    ahead: Float[Array, "outflows batch"],
    back: Float[Array, "outflows batch"],
) -> Float[Array, "solutes outflows batch"]:
    """Solute that goes through each outflow with volumes in mL, from where it comes, mg (negative backwards)."""
    vessels = density[:, tree.initials :]
    beyond = jnp.concatenate([vessels, jnp.zeros_like(vessels[:, :1])], axis=1)[:, tree.down]
    return density * ahead[None] - beyond * back[None]
