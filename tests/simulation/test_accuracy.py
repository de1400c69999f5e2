"""The whole leg in gait against Radau at 1e-7 and equations written a second time (`tests/network/oracle.py`).

The error of a cell is the root mean square over two gait cycles of its pressure's error, over its peak to peak.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import venolymph as vl
from network.oracle import Oracle, radau
from venolymph.network import integrate
from venolymph.network.integrate import Method, Steps
from venolymph.network.newton import TOLERANCE
from venolymph.network.state import start_phase
from venolymph.network.time_grid import SAMPLES_PER_CALL as SAMPLES
from venolymph.regimen.forces.pace import GAIT_STEP

STEP = GAIT_STEP
RADAU = 1e-7
"""Tolerance of the truth: it is off by at most 2e-6 of the swing then, which is a thirtieth of what is asked below."""

# with the arguments of a run: the same compiled program
begin = jax.jit(start_phase, static_argnums=0)
advance = jax.jit(integrate.advance, static_argnums=0)


@pytest.fixture(scope="module")
def gait() -> tuple:
    """The healthy leg in steady walking, and what two more cycles ask of it.

    On the way there, some twenty seconds after the first step, a valve in the thigh's saphenous vein hovers at its
    switch, and its cells are off by up to 3 % of their small swing.
    """
    run = vl.simulate("healthy", [{"stand": {"for": "20 s"}}, {"walk": {"speed": "3 km/h", "for": "60 s"}}])
    number = next(i for i, phase in enumerate(run.phases) if phase.marks.stage == "cycles")
    record = run.records[number]
    state, drive, parameters = (
        jax.tree.map(lambda x: x if jnp.ndim(x) == 0 else jnp.asarray(x), tree)
        for tree in (record.state, record.drive, run.parameters)
    )
    cycle = float(run.phases[number].period or np.nan)
    return run.topology, parameters, drive, begin(run.topology, parameters, drive, state), cycle


def pressures(gait: tuple, dt: float) -> np.ndarray:
    """Pressure of each cell every default step of two cycles, by the engine."""
    topology, parameters, drive, state, cycle = gait
    wanted, stride = round(2 * cycle / STEP), round(STEP / dt)
    parts, method = [], Method(jnp.asarray(TOLERANCE, jnp.float64))
    for call in range(-(-wanted // SAMPLES)):
        time: Any = np.float64(call * SAMPLES * STEP)
        steps = Steps(time, jnp.asarray(dt, jnp.float64), jnp.asarray(stride, jnp.int64), SAMPLES)
        state, samples, _ = advance(topology, parameters, drive, state, steps, method)
        parts.append(np.asarray(samples.pressure)[..., 0])
    return np.concatenate(parts)[:wanted]


@pytest.fixture(scope="module")
def truth(gait: tuple) -> np.ndarray:
    topology, parameters, drive, state, cycle = gait
    equations = Oracle(topology, parameters, drive)
    times = STEP * np.arange(round(2 * cycle / STEP) + 1)
    return radau(equations, equations.pack(state), times, float(state.clock), RADAU)[1][1:]


def errors(found: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Error of each cell that is there at all (a spare one has no pulse)."""
    swing = np.ptp(truth, axis=0)
    present = swing > 0.5
    assert present.sum() > 100
    return np.sqrt(np.mean((found - truth) ** 2, axis=0))[present] / swing[present]


def test_the_leg_in_gait_at_the_default_step(gait: tuple, truth: np.ndarray) -> None:
    found = errors(pressures(gait, STEP), truth)
    print(
        f"error: rms over cells {np.sqrt(np.mean(found**2)):.1e}, median {np.median(found):.1e}, "
        f"95 of 100 cells below {np.quantile(found, 0.95):.1e}, largest {found.max():.1e}"
    )
    assert np.sqrt(np.mean(found**2)) <= 1e-3
    assert np.median(found) <= 5e-4
    # a few cells behind a valve that hovers at its switch do worse
    assert np.quantile(found, 0.85) <= 1e-3
    assert found.max() <= 1e-2


def test_the_engine_solves_these_equations_to_second_order(gait: tuple, truth: np.ndarray) -> None:
    coarse, fine = (errors(pressures(gait, dt), truth) for dt in (STEP / 5, STEP / 20))
    assert fine.max() < 5e-5
    assert np.median(fine) < np.median(coarse) / 8
