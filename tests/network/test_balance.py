"""The balance: its slopes against its own derivative, and derivatives of its solution against differences."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from small import networks
from small.networks import evaluate_stage, initial
from venolymph.network import newton
from venolymph.network.laws import prepare
from venolymph.network.stage import StageInputs
from venolymph.network.valve import Begun

NET = networks.ladder()
BATCH = 2
H = 2e-3


def setting(seed: int = 0, h: float = H) -> tuple[StageInputs, Any]:
    """Arguments of a stage in the middle of things, and volumes near its solution."""
    dice = np.random.default_rng(seed)
    parameters = networks.parameters(NET, seed, BATCH)
    drive = networks.drive(NET, BATCH, exercise=0.4, elastance=np.array([0.1, 0.0, 0.0]), grip_volume=5.0, calibre=0.9)
    prepared = prepare(NET, parameters, drive)
    now = drive.values_at(parameters.cells, jnp.asarray(0.3), jnp.asarray(0.0))
    state = initial(NET, parameters, drive)
    shake = jnp.asarray(dice.uniform(0.97, 1.03, state.states.volume.shape))
    known = eqx.tree_at(
        lambda k: (k.volume, k.flow),
        state.states,
        (state.states.volume * shake, jnp.asarray(dice.normal(0, 3, state.states.flow.shape))),
    )
    opening = jnp.asarray(dice.uniform(0.1, 0.9, known.flow.shape))
    begun = Begun(opening, jnp.asarray(dice.normal(0, 0.2, known.flow.shape)), jnp.asarray(2 * h))
    return StageInputs(prepared, now, known, begun, jnp.asarray(h)), known.volume


def from_slopes(arguments: tuple, volume: Any) -> np.ndarray:
    """d(net)/dV as the slopes tell it, elastic surroundings included; members first."""
    prepared, h = arguments[0], arguments[-1]
    slopes = evaluate_stage(NET, *arguments, volume)[1]
    by_tail, by_head = slopes.by_tail, slopes.by_head
    n, share = NET.n_cells, np.asarray(prepared.parameters.cells.share)
    found = np.zeros((BATCH, n, n))
    found[:, range(n), range(n)] = slopes.own.T
    pressing = np.zeros((BATCH, n, len(NET.surroundings)))  # dp of a cell by dP of a surrounding
    for cell, slots in enumerate(NET.surrounded):
        for slot, around in enumerate(slots):
            pressing[:, cell, around] += share[cell, slot]
    by_pressure = np.zeros((BATCH, n, n))
    for face, (tail, head) in enumerate(zip(NET.tail, NET.head, strict=True)):
        for row, sign in ((tail, -1.0), (head, 1.0)):
            if row < n and max(tail, head) < n:
                if row != head:
                    found[:, row, head] += sign * by_head[face]
                if row != tail:
                    found[:, row, tail] += sign * by_tail[face]
            if row < n:
                for column, turn in ((tail, 1.0), (head, -1.0)):
                    if column < n:
                        by_pressure[:, row, column] += sign * turn * slopes.by_drop[face]
    for number, cell in enumerate(NET.bed_cell):
        by_pressure[:, cell, cell] += slopes.by_bed[number]
    body, drive = prepared.parameters.surroundings, prepared.drive
    for around in NET.elastic:
        inside = np.array([around in slots for slots in NET.surrounded], float)
        stiff = np.asarray(body.elastance + drive.elastance)[around]
        pushed = np.einsum("bnm,bm->bn", by_pressure, pressing[:, :, around])
        found += stiff[:, None, None] * pushed[:, :, None] * inside
    assert h > 0
    return found


@jax.jit
def jacobian(arguments: Any, volume: Any) -> Any:
    return jax.jacfwd(lambda v: evaluate_stage(NET, *arguments, v)[0].net)(volume)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_slopes_are_the_derivative_of_net_inflow(seed: int) -> None:
    arguments, volume = setting(seed)

    dense = np.asarray(jacobian(arguments, volume))
    for member in range(BATCH):
        for other in range(BATCH):
            block = dense[:, member, :, other]
            expected = from_slopes(arguments, volume)[member] if member == other else np.zeros_like(block)
            np.testing.assert_allclose(block, expected, rtol=1e-9, atol=1e-9 * np.abs(dense).max())


def solve(arguments: Any, guess: Any, tolerance: float = 1e-12) -> Any:
    cache = newton.newton_cache_at(NET, arguments, guess)
    return newton.solve_stage(NET, arguments, guess, cache, jnp.asarray(tolerance))[0]


@pytest.fixture(scope="module")
def solver() -> Any:
    return jax.jit(solve)


def test_a_solved_stage_is_balanced(solver: Any) -> None:
    for seed in range(3):
        arguments, guess = setting(seed)
        solved = solver(arguments, guess)
        here, known, h = solved.result, arguments[2], arguments[-1]
        again = evaluate_stage(NET, *arguments, here.volume)[0]
        np.testing.assert_allclose(here.volume - h * again.net, known.volume, atol=1e-8)
        assert float(solved.residual.max()) <= 1e-10


def test_what_leaves_one_cell_enters_another() -> None:
    arguments, volume = setting()
    here = evaluate_stage(NET, *arguments, volume)[0]
    out = here.flow[NET.n_faces - 1]
    np.testing.assert_allclose(here.net.sum(0), here.inflow.sum(0) - out, rtol=1e-12)


def test_a_face_that_is_switched_off_carries_nothing(solver: Any) -> None:
    arguments, guess = setting()
    faces = arguments[0].parameters.faces
    closed = faces.open.at[7].set(0.0)
    prepared = prepare(NET, networks.replaced(arguments[0].parameters, faces__open=closed), arguments[0].drive)
    solved = solver(arguments._replace(prepared=prepared), guess)
    assert np.all(solved.result.flow[7] == 0.0)
    assert np.all(solved.result.flow[:7] != 0.0)


def test_derivatives_of_a_solution_both_ways(solver: Any) -> None:
    """jvp and vjp against central differences, for walls, valves, geometry, beds, surroundings and the drive."""
    (_, _, known, begun, h), guess = setting(4)
    half = jnp.full((NET.n_cells, BATCH), 0.5)
    parameters = networks.replaced(networks.parameters(NET, 4, BATCH), cells__tether=half)
    drive = networks.drive(NET, BATCH, exercise=0.4)
    dice = np.random.default_rng(9)
    places = {
        "cells__collagen_stiffness": 1.0,
        "cells__tether": 1.0,
        "cells__viscous_time": 1.0,
        "cells__length": 1.0,
        "cells__share": 1.0,
        "cells__position": 1.0,
        "faces__channel_area": 1.0,
        "valves__closing_time": 1.0,
        "valves__closing_pressure": 1.0,
        "valves__leak": 1.0,
        "beds__conductance": 1.0,
        "surroundings__elastance": 1.0,
        "fluid__viscosity": 1.0,
    }
    weights = jnp.asarray(dice.normal(size=guess.shape))

    def pressure(parameters: Any, drive: Any, volume: Any, start: Any) -> Any:
        prepared = prepare(NET, parameters, drive)
        now = drive.values_at(parameters.cells, jnp.asarray(0.3), jnp.asarray(0.0))
        stage = StageInputs(prepared, now, eqx.tree_at(lambda k: k.volume, known, volume), begun, h)
        solved = solve(stage, start).result
        return jnp.sum(weights * solved.pressure) + jnp.sum(solved.flow), solved.volume

    forward = jax.jit(pressure)
    value, solution = forward(parameters, drive, guess, guess)
    gradient = jax.jit(jax.grad(lambda *a: pressure(*a)[0], argnums=(0, 1, 2)))(parameters, drive, guess, solution)
    slope = jax.jit(
        lambda tangents: jax.jvp(lambda *a: pressure(*a, solution)[0], (parameters, drive, guess), tangents)[1]
    )

    def moved(part: float, direction: tuple) -> float:
        shifted = jax.tree.map(lambda x, d: x + part * d, (parameters, drive, guess), direction)
        # from the solution at hand one iteration leaves nothing to tolerance
        middle = forward(*shifted, solution)[1]
        return float(forward(*shifted, middle)[0])

    zero = jax.tree.map(jnp.zeros_like, (parameters, drive, guess))
    directions = {}
    for name in places:
        leaf = parameters
        for part in name.split("__"):
            leaf = getattr(leaf, part)
        change = leaf * jnp.asarray(dice.normal(size=leaf.shape))
        directions[name] = (networks.replaced(zero[0], **{name: change}), zero[1], zero[2])
    muscle = zero[1].pressure_from.at[0].set(1.0)
    directions["drive: muscle"] = (zero[0], eqx.tree_at(lambda d: d.pressure_from, zero[1], 10 * muscle), zero[2])
    directions["known volume"] = (zero[0], zero[1], guess * jnp.asarray(dice.normal(size=guess.shape)))
    for name, direction in directions.items():
        step = 1e-5
        difference = (moved(step, direction) - moved(-step, direction)) / (2 * step)
        scale = max(abs(difference), 1e-4 * abs(float(value)))
        pulled = sum(
            float(jnp.vdot(a, b)) for a, b in zip(jax.tree.leaves(gradient), jax.tree.leaves(direction), strict=True)
        )
        assert abs(float(slope(direction)) - difference) < 1e-5 * scale, name
        assert abs(pulled - float(slope(direction))) < 1e-9 * scale, name


def test_a_pull_is_that_of_the_implicit_function_theorem() -> None:
    """Of all that a solved stage gives, in a batch, against dense matrices of its equations."""
    inputs, guess = setting(5)
    solved = jax.jit(solve)(inputs, guess)
    dice = np.random.default_rng(11)
    asked = jax.tree.map(lambda part: jnp.asarray(dice.normal(size=part.shape)), solved.result)

    def known(flow: Any, stiffness: Any, inputs: StageInputs = inputs) -> StageInputs:
        places = (inputs.rhs.flow, inputs.prepared.parameters.cells.collagen_stiffness)
        return eqx.tree_at(
            lambda i: (i.rhs.flow, i.prepared.parameters.cells.collagen_stiffness),
            inputs,
            (places[0] * flow, places[1] * stiffness),
        )

    def equations(factors: tuple, volume: Any) -> tuple:
        given = known(*factors)
        found = evaluate_stage(NET, *given, volume)[0]
        return given.rhs.volume + given.h * found.net - volume, found

    ones = jnp.ones_like(inputs.rhs.flow), jnp.ones_like(guess)
    volume, size = solved.result.volume, guess.size
    matrix = jax.jit(jax.jacrev(lambda v: equations(ones, v)[0]))(volume).reshape(size, size)
    nothing = jnp.zeros_like(volume)

    @jax.jit
    def plain(asked: Any) -> Any:
        _, pull = jax.vjp(equations, ones, volume)
        adjoint = jnp.linalg.solve(matrix.T, pull((nothing, asked))[1].ravel()).reshape(volume.shape)
        return pull((-adjoint, asked))[0]

    _, pull = jax.vjp(jax.jit(lambda *factors: solve(known(*factors), volume).result), *ones)
    ours = pull(asked)
    for one, other in zip(ours, plain(asked), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9 * float(jnp.abs(other).max()))
