"""The way back of reverse mode through many steps: what it gives, and what it does not work out again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from small import networks
from venolymph.network import integrate
from venolymph.network.integrate import Method, Steps
from venolymph.network.state import initial_state

BATCH, SAMPLES, STRIDE = 2, 3, 4
NET = networks.ladder()
PARAMETERS = networks.parameters(NET, 2, BATCH)
DRIVE = networks.drive(NET, BATCH, exercise=0.4, breath_ends=np.array([8.0, 0.0]))


def reading(factor: Any, keep: bool = False) -> Any:
    """Mean pressure of a short walk, with all veins wider by these factors."""
    state = initial_state(NET, PARAMETERS, DRIVE)
    area = PARAMETERS.cells.unstressed_area * factor
    wider = networks.replaced(PARAMETERS, cells__unstressed_area=area)
    steps = Steps(jnp.asarray(0.0), jnp.asarray(5e-3), STRIDE, SAMPLES)
    found = integrate.advance(NET, wider, DRIVE, state, steps, Method(1e-12, keep=keep))
    return jnp.mean(found.samples.mean_pressure)


ONES = jnp.ones_like(PARAMETERS.cells.unstressed_area)


@pytest.fixture(scope="module")
def gradient() -> Any:
    return jax.jit(jax.grad(reading))(ONES)


def test_steps_worked_out_once_more_give_the_gradient_of_steps_kept(gradient: Any) -> None:
    kept = jax.jit(jax.grad(lambda factor: reading(factor, keep=True)))(ONES)
    np.testing.assert_allclose(gradient, kept, rtol=1e-9, atol=1e-12 * float(jnp.abs(kept).max()))


def test_the_gradient_is_that_of_forward_mode(gradient: Any) -> None:
    direction = jnp.asarray(np.random.default_rng(3).normal(size=ONES.shape))
    slope = jax.jit(lambda d: jax.jvp(reading, (ONES,), (d,))[1])(direction)
    assert float(jnp.vdot(gradient, direction)) == pytest.approx(float(slope), rel=1e-9)


def inner(equation: Any) -> Iterator[Any]:
    """Programs within an operation of a program."""
    for part in equation.params.values():
        for one in part if isinstance(part, tuple | list) else [part]:
            program = getattr(one, "jaxpr", one)
            if hasattr(program, "eqns"):
                yield program


def newton_loops(program: Any) -> int:
    """Loops that go on while any member is unfinished: of all loops, Newton's alone."""
    found = 0
    for equation in program.eqns:
        if equation.primitive.name == "while":
            found += any(test.primitive.name == "reduce_or" for test in equation.params["cond_jaxpr"].jaxpr.eqns)
        found += sum(map(newton_loops, inner(equation)))
    return found


def backward_scans(program: Any) -> Iterator[Any]:
    """Bodies of scans that run from the end to the start."""
    for equation in program.eqns:
        for body in inner(equation):
            if equation.primitive.name == "scan" and equation.params["reverse"]:
                yield body
            else:
                yield from backward_scans(body)


def test_a_step_is_not_solved_anew_where_it_is_transposed() -> None:
    program = jax.make_jaxpr(jax.grad(reading))(ONES).jaxpr
    samples = [body for body in backward_scans(program) if list(backward_scans(body))]
    assert len(samples) == 1
    steps = list(backward_scans(samples[0]))
    assert sum(map(newton_loops, steps)) == 0
    # Both stages of each step on the way there, and once more from the state that a sample began with.
    assert newton_loops(program) == 4
