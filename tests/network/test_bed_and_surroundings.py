"""Microvascular beds, what presses from outside, and heights."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from small import networks
from venolymph.network import bed
from venolymph.network.pulse import smooth_step
from venolymph.network.surroundings import heights

NET = networks.chain(3, beds=(0, 1, 1))


def test_arteriolar_goal_falls_between_two_pressures_and_has_its_slope() -> None:
    beds = networks.replaced(
        networks.parameters(networks.chain(1, beds=(0,)), batch=50, spread=0.0).beds,
        arteriolar_threshold=jnp.full((1, 50), 25.0),
        arteriolar_full=jnp.full((1, 50), 50.0),
        arteriolar_gain=jnp.full((1, 50), 0.9),
    )
    pressure = jnp.linspace(0.3, 90.0, 50)[None]
    goal, slope = bed.arteriolar_goal(beds, pressure)
    expected = jax.jvp(lambda p: bed.arteriolar_goal(beds, p)[0], (pressure,), (jnp.ones_like(pressure),))[1]
    np.testing.assert_allclose(slope, expected, rtol=1e-12)
    assert np.all(goal[pressure < 25.0] == 1.0)
    np.testing.assert_allclose(goal[pressure > 50.0], 1 / 1.9, rtol=1e-12)


def test_arterioles_open_sooner_than_they_narrow() -> None:
    beds = networks.parameters(networks.chain(1, beds=(0,)), batch=2, spread=0.0).beds
    time = bed.arteriolar_time(beds, jnp.full((1, 2), 0.7), jnp.asarray([[0.5, 1.0]]))
    np.testing.assert_array_equal(time[0], [beds.arteriolar_time[0, 0], beds.arteriolar_opening_time[0, 1]])


@given(st.floats(-2, 2), st.floats(-2, 2), st.floats(0.01, 100.0), st.floats(1e-4, 1e4))
def test_relaxation_solves_its_equation(known: float, goal: float, time: float, h: float) -> None:
    beds = jnp.full((1, 1), 1.0)
    x = float(bed.implicit_relaxation(known * beds, goal * beds, time * beds, jnp.asarray(h))[0, 0])
    assert abs(x - h * (goal - x) / time - known) <= 1e-12 * (1 + h / time)


def test_conductance_rises_with_work_and_warmth() -> None:
    beds = networks.parameters(NET).beds
    full = bed.full_conductance(beds, jnp.full((3, 1), 1.5), jnp.full((3, 1), 0.5))
    np.testing.assert_allclose(full, 1.5 * beds.conductance * (1 + 0.5 * beds.exercise_gain))


def test_smooth_step_has_no_corners() -> None:
    for place, value in ((-1.0, 0.0), (0.0, 0.0), (0.5, 0.5), (1.0, 1.0), (7.0, 1.0)):
        assert float(smooth_step(jnp.asarray(place))) == value
    for place in (1e-9, 1.0 - 1e-9):
        assert abs(float(jax.grad(smooth_step)(jnp.asarray(place)))) < 1e-12
    x = jnp.linspace(0.0, 1.0, 101)
    assert np.all(np.diff(smooth_step(x)) > 0)


def test_heights_follow_the_links() -> None:
    cells = networks.replaced(
        networks.parameters(networks.chain(2)).cells, position=jnp.asarray([[[40.0], [30.0]], [[40.0], [0.0]]])
    )
    angle = jnp.asarray([[np.pi / 2], [np.pi / 6]])
    np.testing.assert_allclose(heights(cells.position, angle)[:, 0], [-55.0, -40.0], rtol=1e-12)
    np.testing.assert_allclose(heights(cells.position, 0 * angle), 0.0)


def test_a_pulse_rises_stays_falls_and_comes_again() -> None:
    cells = networks.parameters(NET).cells
    drive = networks.drive(
        NET, pulse=np.array([50.0, 0.0, 0.0]), onset=0.6, rise=0.2, hold=0.3, fall=0.4, period=2.0, pressure_to=8.0
    )
    # rise from 1.2 to 1.6 s, top until 2.2 s, falls until 3.0 s: over the period's end and on

    def muscle(t: Any) -> Any:
        now = drive.values_at(cells, jnp.asarray(t), jnp.asarray(0.0)).pressure
        return now[0, 0] - now[1, 0]

    found = [muscle(t) for t in (10.0, 11.2, 11.4, 11.7, 12.1, 12.6, 13.0, 13.1)]
    np.testing.assert_allclose(found, [50.0, 0.0, 25.0, 50.0, 50.0, 25.0, 0.0, 0.0], atol=1e-9)
    times = np.linspace(10.0, 14.0, 4001)
    steps = np.abs(np.diff(jax.vmap(muscle)(times)))
    # the steepest part of a smooth step rises 1.875 times as fast as a line
    assert steps.max() < 50.0 * 1.9 * 0.001 / 0.4


def test_ramps_and_breathing() -> None:
    cells = networks.parameters(NET).cells
    drive = networks.drive(
        NET, ramp=2.0, end_to=np.array([13.0, 95.0]), breath_ends=np.array([2.0, 0.0]), breath_period=4.0
    )

    def atrium(time: float, clock: float) -> float:
        return float(drive.values_at(cells, jnp.asarray(time), jnp.asarray(clock)).ends[0, 0])

    found = [atrium(0.0, 0.0), atrium(1.0, 0.0), atrium(9.0, 0.0), atrium(9.0, 1.0), atrium(9.0, 3.0)]
    np.testing.assert_allclose(found, [3.0, 8.0, 13.0, 15.0, 11.0])
