"""The walk through time: its order, the equations it solves, and what it conserves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from network.oracle import Oracle, radau
from small import networks
from venolymph.network import integrate
from venolymph.network.integrate import Method, Steps
from venolymph.network.predictor import STEPS_PER_BREATH
from venolymph.network.state import initial_state, start_phase

begin = jax.jit(start_phase, static_argnums=0)
advance = jax.jit(integrate.advance, static_argnums=0)
initial = jax.jit(initial_state, static_argnums=0)
SAMPLES = 16
EXACT = 1e-12
"""So little is left missing, mL, that only the step's own error is seen."""


def walk(net: Any, parameters: Any, drive: Any, state: Any, dt: float, stride: int, calls: int = 1) -> tuple:
    """`calls` times 16 samples of `stride` steps from a phase's beginning: state, samples of all calls, extremes."""
    state = begin(net, parameters, drive, state)
    recorded = []
    for call in range(calls):
        steps = Steps(jnp.asarray(call * SAMPLES * stride * dt), jnp.asarray(dt), jnp.asarray(stride), SAMPLES)
        state, samples, extremes = advance(net, parameters, drive, state, steps, Method(jnp.asarray(EXACT)))
        recorded.append(samples)
    return state, jax.tree.map(lambda *parts: np.concatenate(parts), *recorded), extremes


# ------------------------------------------------------------------ order


@pytest.fixture(scope="module")
def smooth() -> tuple:
    """A chain without valves whose outlet swings: everything is smooth, all walls stretched."""
    net = networks.chain(5, beds=(0,), elastic=(0,))
    parameters = networks.replaced(
        networks.parameters(net, 3),
        beds__arteriolar_gain=jnp.zeros((1, 1)),
        cells__relaxation_time=jnp.full((5, 1), 0.7),
    )
    drive = networks.drive(net, breath_ends=np.array([8.0, 0.0]), breath_surroundings=np.array([5.0, 0.0, 0.0]))
    state, _, _ = walk(net, parameters, drive, initial(net, parameters, drive), 2e-3, 32, calls=2)
    return net, parameters, drive, state


def test_second_order_in_volume_flow_and_creep(smooth: tuple) -> None:
    net, parameters, drive, state = smooth
    strides = [1, 2, 4, 8, 16]
    duration = 0.64
    ends = {}
    for stride in [*strides, 128]:
        end, _, extremes = walk(net, parameters, drive, state, duration / (SAMPLES * stride), stride)
        assert float(extremes.residual.max()) < 1e-5
        ends[stride] = end
    finest = ends.pop(128).states
    for name in ("volume", "flow", "creep"):
        truth = getattr(finest, name)
        errors = [float(jnp.abs(getattr(ends[stride].states, name) - truth).max()) for stride in strides]
        slope = np.polyfit(np.log([1 / stride for stride in strides]), np.log(errors), 1)[0]
        assert slope >= 1.8, (name, slope, errors)
        assert errors[-1] < errors[0] / 100, (name, errors)


def test_error_estimate_is_of_third_order_in_one_step(smooth: tuple) -> None:
    net, parameters, drive, state = smooth
    estimates = [
        float(walk(net, parameters, drive, state, 0.32 / (SAMPLES * stride), stride)[2].error[0, 0])
        for stride in (2, 4, 8)
    ]
    slopes = np.diff(np.log(estimates)) / -np.log(2.0)
    assert np.all(slopes > 2.5), (estimates, slopes)


def test_steps_that_follow_the_breath_before_find_the_same_in_fewer_iterations() -> None:
    net = networks.ladder()
    parameters = networks.parameters(net, 5, spread=0.2)
    drive = networks.drive(net, breath_ends=np.array([1.5, 0.0]), breath_surroundings=np.array([1.0, 0.0, 0.0]))
    dt, stride = float(drive.breath_period[0, 0]) / STEPS_PER_BREATH, STEPS_PER_BREATH
    state, _, _ = walk(net, parameters, drive, initial(net, parameters, drive), dt, stride, calls=4)
    state = begin(net, parameters, drive, state)
    # What a Python int as stride compiles does not look a breath back.
    plain = eqx.filter_jit(integrate.advance)
    arguments, method = (net, parameters, drive, state), Method(jnp.asarray(1e-9))
    looking = Steps(jnp.asarray(0.0), jnp.asarray(dt), jnp.asarray(stride), SAMPLES)
    there, samples, found = advance(*arguments, looking, method)
    same, others, usual = plain(*arguments, replace(looking, stride=stride), method)
    assert np.ptp(samples.pressure, axis=0).max() < 1e-2  # each sample is one breath later
    assert float(found.residual.max()) <= 1e-9
    np.testing.assert_allclose(there.states.volume, same.states.volume, atol=1e-7)
    np.testing.assert_allclose(samples.mean_flow, others.mean_flow, atol=1e-6)
    assert float(found.iterations) < 0.8 * float(usual.iterations)


def test_who_is_beside_a_member_does_not_change_its_breaths() -> None:
    net, batch = networks.ladder(), 3
    parameters = networks.parameters(net, 5, batch, spread=0.2)
    breath = {"breath_ends": np.array([1.5, 0.0]), "breath_surroundings": np.array([1.0, 0.0, 0.0])}
    # The last one's breath is no whole number of steps, and so it remembers none.
    drive = replace(networks.drive(net, batch, **breath), breath_period=jnp.asarray([[1.0, 1.0, 1.3]]))
    dt, stride = 1.0 / STEPS_PER_BREATH, jnp.asarray(STEPS_PER_BREATH)

    def breathed(parameters: Any, drive: Any) -> Any:
        state = begin(net, parameters, drive, initial(net, parameters, drive))
        steps = Steps(jnp.asarray(0.0), jnp.asarray(dt), stride, SAMPLES)
        return advance(net, parameters, drive, state, steps, Method(jnp.asarray(EXACT)))[0]

    together = breathed(parameters, drive)
    for member in range(batch):
        alone = breathed(*jax.tree.map(lambda leaf, m=member: leaf[..., m : m + 1], (parameters, drive)))
        np.testing.assert_allclose(together.states.volume[:, member], alone.states.volume[:, 0], atol=1e-10)


# ------------------------------------------------------------------ the equations


@pytest.fixture(scope="module")
def pumped() -> tuple:
    """A ladder with valves, loops, elastic surroundings and a muscle that squeezes one column once a second."""
    net = networks.ladder()
    parameters = networks.parameters(net, 5, spread=0.2)
    drive = networks.drive(
        net, pulse=np.array([60.0, 0.0, 0.0]), exercise=0.5, breath_ends=np.array([1.5, 0.0]), breath_period=3.0
    )
    state, _, _ = walk(net, parameters, drive, initial(net, parameters, drive), 5e-3, 25, calls=2)
    assert bool(state.alive.all())
    return net, parameters, drive, state


def test_all_states_follow_the_equations(pumped: tuple) -> None:
    net, parameters, drive, state = pumped
    drive = networks.replaced(drive, exercise=jnp.full((3, 1), 1.0))
    duration, calls = 2.0, 2
    times = np.linspace(0.0, duration, calls * SAMPLES + 1)
    oracle = Oracle(net, parameters, drive)
    truth, pressure = radau(oracle, oracle.pack(begin(net, parameters, drive, state)), times, float(state.clock))
    volume, flow, opening, creep, arteriolar, exercise = oracle.split(truth)
    assert np.ptp(opening, axis=0).max() > 0.5
    errors = []
    for stride in (25, 100, 400):
        end, samples, _ = walk(net, parameters, drive, state, duration / (calls * SAMPLES * stride), stride, calls)
        found = {
            "volume": (samples.volume[..., 0], volume[1:]),
            "flow": (samples.flow[..., 0], flow[1:]),
            "opening": (samples.opening[:, list(net.valve_face), 0], opening[1:]),
            "pressure": (samples.pressure[..., 0], pressure[1:]),
            "creep": (end.states.creep[:, 0], creep[-1]),
            "arteriolar": (end.states.arteriolar[:, 0], arteriolar[-1]),
            "exercise": (end.states.exercise[:, 0], exercise[-1]),
        }
        errors.append({name: float(np.abs(a - b).max() / np.abs(b).max()) for name, (a, b) in found.items()})
    for name, last in errors[-1].items():
        assert last < 3e-5, (name, errors)
    assert max(errors[0].values()) < 2e-2
    assert errors[1]["pressure"] < errors[0]["pressure"] / 6, errors


# ------------------------------------------------------------------ what is kept


def test_volume_moved_is_volume_gained(pumped: tuple) -> None:
    net, parameters, drive, state = pumped
    dt, stride = 5e-3, 10
    _, samples, _ = walk(net, parameters, drive, state, dt, stride)
    interval = dt * stride
    change = np.diff(np.concatenate([state.states.volume[None], samples.volume]), axis=0)[..., 0]
    moved = np.zeros((SAMPLES, net.n_cells + net.n_ends))
    for face, (tail, head) in enumerate(zip(net.tail, net.head, strict=True)):
        moved[:, tail] -= samples.mean_flow[:, face, 0] * interval
        moved[:, head] += samples.mean_flow[:, face, 0] * interval
    for number, cell in enumerate(net.bed_cell):
        moved[:, cell] += samples.mean_inflow[:, number, 0] * interval
    # cell by cell and sample by sample, not only in all
    np.testing.assert_allclose(change, moved[:, : net.n_cells], atol=1e-12)
    assert np.abs(change).max() > 0.05


def test_means_are_of_every_step(pumped: tuple) -> None:
    net, parameters, drive, state = pumped
    _, often, _ = walk(net, parameters, drive, state, 5e-3, 1, calls=5)
    _, seldom, extremes = walk(net, parameters, drive, state, 5e-3, 5)
    for name in ("mean_pressure", "mean_flow", "mean_inflow"):
        every = getattr(often, name)[: 5 * SAMPLES].reshape(SAMPLES, 5, -1).mean(axis=1)
        np.testing.assert_allclose(getattr(seldom, name)[..., 0], every, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(extremes.pressure_max, often.pressure.max(axis=0), rtol=1e-12)
    np.testing.assert_allclose(extremes.flow_min, often.flow.min(axis=0), rtol=1e-9)


def test_samples_and_calls_only_cut_the_same_walk(pumped: tuple) -> None:
    net, parameters, drive, state = pumped
    one, _, _ = walk(net, parameters, drive, state, 4e-3, 8)
    two, _, _ = walk(net, parameters, drive, state, 4e-3, 4, calls=2)
    for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(two), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)  # a call's first Newton matrix is its own


def test_a_member_alone_is_the_member_in_a_batch() -> None:
    net = networks.ladder()
    drive = networks.drive(net, 3, pulse=np.array([60.0, 0.0, 0.0]))
    parameters = networks.parameters(net, 6, batch=3, spread=0.2)
    together, samples, _ = walk(net, parameters, drive, initial(net, parameters, drive), 5e-3, 5)
    for member in range(3):
        mine, force = (jax.tree.map(lambda x, m=member: x[..., m : m + 1], tree) for tree in (parameters, drive))
        alone, own, _ = walk(net, mine, force, initial(net, mine, force), 5e-3, 5)
        np.testing.assert_allclose(samples.pressure[..., member], own.pressure[..., 0], rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(together.states.volume[:, member], alone.states.volume[:, 0], rtol=1e-9, atol=1e-9)


def test_a_member_that_fails_is_data_and_leaves_the_others_alone() -> None:
    net = networks.ladder()
    drive = networks.drive(net, 3, pulse=np.array([60.0, 0.0, 0.0]))
    parameters = networks.parameters(net, 6, batch=3, spread=0.2)
    broken = networks.replaced(
        parameters, cells__collagen_stiffness=parameters.cells.collagen_stiffness.at[2, 1].set(jnp.nan)
    )
    start = initial(net, parameters, drive)
    sound, good, _ = walk(net, parameters, drive, start, 5e-3, 5)
    state, samples, _ = walk(net, broken, drive, start, 5e-3, 5)
    assert np.array_equal(state.alive[0], [True, False, True])
    assert float(state.failed_at[0, 1]) == 0.0
    assert np.all(np.isinf(state.failed_at[0, [0, 2]]))
    assert np.all(np.isfinite(state.states.volume))
    others = np.array([0, 2])
    np.testing.assert_allclose(samples.pressure[..., others], good.pressure[..., others], rtol=1e-9)
    assert np.all(sound.alive)


def test_one_compiled_program_serves_every_call(pumped: tuple) -> None:
    net, parameters, drive, _ = pumped
    state = begin(net, parameters, drive, initial(net, parameters, drive))
    kinds = jax.tree.map(lambda x: x.aval, state)
    later, _, _ = walk(net, parameters, drive, state, 5e-3, 1)
    assert kinds == jax.tree.map(lambda x: x.aval, later)


def test_at_rest_nothing_flows() -> None:
    net = networks.ladder()
    parameters = networks.parameters(net, 8, spread=0.2)
    parameters = networks.replaced(parameters, beds__conductance=0.0 * parameters.beds.conductance)
    drive = networks.drive(net)
    state = initial(net, parameters, drive)
    state, _, _ = walk(net, parameters, drive, state, 0.02, 20)
    state, samples, _ = walk(net, parameters, drive, state, 0.25, 50)
    assert np.abs(samples.flow[-1]).max() < 1e-5
    height = drive.values_at(parameters.cells, jnp.asarray(0.0), jnp.asarray(0.0)).height
    np.testing.assert_allclose(samples.pressure[-1] + networks.WEIGHT * height, 3.0, atol=1e-3)
