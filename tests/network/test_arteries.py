"""Beds that draw from a cell: an artery that is part of the network feels what they take."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from small import networks
from venolymph.errors import NetworkError
from venolymph.network import balance, integrate, newton
from venolymph.network.integrate import Method, Steps
from venolymph.network.laws import prepare
from venolymph.network.stage import StageInputs
from venolymph.network.state import initial_state, start_phase, stored_volume
from venolymph.network.valve import Begun

BATCH = 2
ARTERY = 8
"""The cell that feeds two of the three beds; a face leads to it from the end."""


def net(linear: bool) -> Any:
    """The ladder with an artery, whose wall is linear or one like all others, within an elastic surrounding."""
    plain = networks.ladder(valves=(), beds=())
    joins = [*zip(plain.tail[:10], plain.head[:10], strict=True), (7, networks.ATRIUM), (networks.ARTERY, ARTERY)]
    around = [*plain.surrounded, (0, 2)]
    made = networks.topology(9, joins, valves=(0, 4, 9), beds=(0, 4, 1), surrounded=around, elastic=(0, 1))
    return replace(made, bed_tail=(ARTERY, ARTERY, 10), linear=(ARTERY,) if linear else ())


def parts(topology: Any, seed: int = 2) -> tuple[Any, Any, Any]:
    parameters = networks.parameters(topology, seed, BATCH)
    if topology.linear:
        parameters = replace(parameters, cells=replace(parameters.cells, compliance=jnp.asarray([[0.02, 0.05]])))
    resistance = parameters.faces.resistance.at[11].set(40.0)
    parameters = networks.replaced(parameters, faces__resistance=resistance)
    drive = networks.drive(topology, BATCH, exercise=0.4, breath_ends=np.array([2.0, 20.0]))
    return parameters, drive, initial_state(topology, parameters, drive)


@pytest.mark.parametrize("linear", [False, True])
def test_slopes_are_those_of_the_balance(linear: bool) -> None:
    topology = net(linear)
    parameters, drive, state = parts(topology)
    dice = np.random.default_rng(0)
    prepared = prepare(topology, parameters, drive)
    now = drive.values_at(parameters.cells, jnp.asarray(0.3), jnp.asarray(0.0))
    begun = Begun(0.0 * state.states.flow + 0.5, 0.0 * state.states.flow + 0.1, jnp.asarray(4e-3))
    h = jnp.asarray(2e-3)
    stage = StageInputs(prepared, now, state.states, begun, h)
    x = state.states.volume * jnp.asarray(dice.uniform(0.97, 1.03, state.states.volume.shape))
    slopes = balance.evaluate_stage(topology, *stage, x)[1]

    @jax.jit
    def off(x: Any) -> Any:
        here = balance.evaluate_stage(topology, *stage, x)[0]
        return -balance.volume_residual(topology, stage, here)

    exact = np.asarray(jax.jacfwd(off)(x))
    right = jnp.asarray(dice.normal(size=x.shape))
    solved = np.asarray(newton.solve_exactly(topology, prepared, h, slopes, right))
    for member in range(BATCH):
        expected = np.linalg.solve(exact[:, member, :, member], np.asarray(right)[:, member])
        np.testing.assert_allclose(solved[:, member], expected, rtol=1e-9, atol=1e-11)


advance = eqx.filter_jit(integrate.advance)
begin = jax.jit(start_phase, static_argnums=0)


def walk(topology: Any, parameters: Any, drive: Any, state: Any, steps: int = 400) -> tuple[Any, Any]:
    state = begin(topology, parameters, drive, state)
    every = Steps(jnp.asarray(0.0), jnp.asarray(2.5e-3), 1, steps)
    after, samples, _ = advance(topology, parameters, drive, state, every, Method(jnp.asarray(1e-11)))
    return after, samples


@pytest.mark.parametrize("linear", [False, True])
def test_what_beds_draw_leaves_the_artery(linear: bool) -> None:
    topology = net(linear)
    parameters, drive, state = parts(topology)
    after, samples = walk(topology, parameters, drive, state)
    assert bool(after.alive.all())
    assert float(jnp.ptp(samples.pressure[200:, ARTERY], axis=0).min()) > 5.0
    held = [stored_volume(topology, parameters, one) for one in (state, after)]
    gained = jnp.sum(held[1] - held[0], axis=0)
    dt = 2.5e-3
    entered = samples.mean_flow[:, 11] + samples.mean_inflow[:, 2] - samples.mean_flow[:, 10]
    # the pressure of a linear cell is solved for, to 1e-11 mL a step
    close = 400 * 1e-11 if linear else 1e-12
    np.testing.assert_allclose(gained, dt * jnp.sum(entered, axis=0), rtol=0, atol=close)
    own = (held[1] - held[0])[ARTERY]
    drawn = samples.mean_flow[:, 11] - samples.mean_inflow[:, 0] - samples.mean_inflow[:, 1]
    np.testing.assert_allclose(own, dt * jnp.sum(drawn, axis=0), rtol=0, atol=close)


def test_an_artery_wide_open_is_like_its_end() -> None:
    topology = replace(net(True), bed_tail=(ARTERY,) * 3)
    parameters, drive, state = parts(topology)
    wide = networks.replaced(
        parameters,
        faces__resistance=parameters.faces.resistance.at[11].set(1e-6),
        faces__channel_length=parameters.faces.channel_length.at[11].set(0.0),
        faces__head_share=parameters.faces.head_share.at[11].set(0.0),
        cells__position=parameters.cells.position.at[ARTERY].set(0.0),
    )
    fed = walk(topology, wide, drive, state)[1]
    plain = walk(replace(topology, bed_tail=(10,) * 3), wide, drive, state)[1]
    np.testing.assert_allclose(fed.inflow[10:], plain.inflow[10:], rtol=1e-5)  # once the artery is filled
    np.testing.assert_allclose(fed.pressure[:, :8], plain.pressure[:, :8], rtol=0, atol=1e-3)


def test_what_the_veins_do_is_felt_in_the_artery_and_differentiated() -> None:
    topology = net(True)
    parameters, drive, state = parts(topology)
    state = walk(topology, parameters, drive, state)[0]

    def mean(conductance: Any) -> Any:
        changed = eqx.tree_at(lambda p: p.beds.conductance, parameters, conductance)
        return jnp.mean(walk(topology, changed, drive, state, 20)[1].pressure[:, ARTERY])

    given = parameters.beds.conductance
    mean = jax.jit(mean)
    slope = jax.jit(jax.grad(mean))(given)
    assert bool(jnp.all(slope[:2] < 0.0))  # what more they take is missing there
    for bed in range(2):
        step = 1e-4 * float(given[bed, 0])
        difference = (mean(given.at[bed, 0].add(step)) - mean(given.at[bed, 0].add(-step))) / (2 * step)
        np.testing.assert_allclose(slope[bed, 0], difference, rtol=1e-5)


def test_networks_that_are_none() -> None:
    topology = net(True)
    with pytest.raises(NetworkError, match="bed 'bed 0' leads from a cell to itself"):
        replace(topology, bed_tail=(0, ARTERY, 10))
    with pytest.raises(NetworkError, match="face 'face 0' and bed 'bed 2' join the same two cells"):
        replace(topology, bed_tail=(ARTERY, ARTERY, 0))
    with pytest.raises(NetworkError, match="bed_tail points outside 0 to 10"):
        replace(topology, bed_tail=(ARTERY, ARTERY, 11))
