"""A network made linear answers small changes as the network does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from small import networks
from venolymph.network import integrate
from venolymph.network.integrate import Method, Steps
from venolymph.network.linear import linearised
from venolymph.network.state import initial_state, start_phase

# without what is left out: fascia, creep, viscous walls, beds that answer to pressure
NET = networks.ladder(elastic=())
STILL = {"cells__viscous_time": 1e-9, "cells__relaxation_gain": 0.0, "beds__arteriolar_gain": 0.0}
advance = jax.jit(integrate.advance, static_argnums=0)
begin = jax.jit(start_phase, static_argnums=0)
DT = jnp.asarray(2e-3)


def at_rest() -> tuple[Any, Any, Any]:
    parameters = networks.parameters(NET, 5)
    parameters = networks.replaced(
        parameters, **{name: 0.0 * leaf(parameters, name) + value for name, value in STILL.items()}
    )
    drive = networks.drive(NET)
    state = begin(NET, parameters, drive, initial_state(NET, parameters, drive))
    arguments = Steps(jnp.asarray(0.0), jnp.asarray(0.02), 10, 800), Method(jnp.asarray(1e-12))
    return parameters, drive, advance(NET, parameters, drive, state, *arguments)[0]


def leaf(tree: Any, name: str) -> Any:
    for part in name.split("__"):
        tree = getattr(tree, part)
    return tree


def answer(topology: Any, parameters: Any, drive: Any, state: Any, by: float) -> Any:
    """Flows at the end of half a second in which the pressure at the outlet rose by so many mmHg."""
    raised = replace(drive, end_to=drive.end_from.at[0].add(by), ramp=0.0 * drive.ramp + 0.4)
    state = begin(topology, parameters, raised, state)
    steps, method = Steps(jnp.asarray(0.0), DT, 10, 25), Method(jnp.asarray(1e-13))
    after, samples, _ = advance(topology, parameters, raised, state, steps, method)
    return samples.flow[:, : NET.n_faces], after


def test_at_rest_it_stays_at_rest() -> None:
    parameters, drive, state = at_rest()
    linear = linearised(NET, parameters, drive, state)
    assert not linear.topology.valves and not linear.topology.beds
    flow, after = answer(linear.topology, linear.parameters, linear.drive, linear.state, 0.0)
    np.testing.assert_allclose(flow, jnp.broadcast_to(state.states.flow, flow.shape), atol=1e-6)
    head = state.pressure + parameters.fluid.weight * -jnp.sum(parameters.cells.position, axis=1)
    np.testing.assert_allclose(after.pressure, head, atol=1e-6)


def test_what_it_is_off_by_falls_with_the_square_of_the_change() -> None:
    parameters, drive, state = at_rest()
    linear = linearised(NET, parameters, drive, state)
    off = []
    for by in (0.4, 0.2, 0.1):
        bent = answer(NET, parameters, drive, state, by)[0]
        straight = answer(linear.topology, linear.parameters, linear.drive, linear.state, by)[0]
        moved = float(jnp.abs(bent - bent[:1]).max())
        off.append(float(jnp.abs(bent - straight).max()))
        assert off[-1] < 0.2 * moved
    assert off[1] < 0.3 * off[0] and off[2] < 0.3 * off[1], off
