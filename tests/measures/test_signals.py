"""Numbers read off traces, against closed forms and against properties that any trace must have."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from measures.differences import slopes
from venolymph.measures import signals

finite = st.floats(-50, 50, allow_nan=False, width=32)


def test_crossing_of_an_exponential():
    time = np.linspace(0, 100, 2001)
    values = jnp.stack([1 - jnp.exp(-time / 20), 1 - jnp.exp(-time / 30)], axis=1)
    found = signals.crossing_time(time, values, jnp.array([0.9, 0.9]))
    assert found == pytest.approx([20 * np.log(10), 30 * np.log(10)], rel=1e-4)


def test_a_level_never_reached_is_not_a_number():
    time = np.linspace(0, 1, 11)
    assert np.isnan(signals.crossing_time(time, jnp.zeros((11, 1)), jnp.ones(1)))[0]


def test_a_level_reached_from_the_start():
    time = np.linspace(3, 4, 11)
    assert signals.crossing_time(time, jnp.ones((11, 1)), jnp.ones(1))[0] == 3


def test_falling_crossing():
    time = np.linspace(0, 2, 21)
    assert signals.crossing_time(time, jnp.asarray(1 - time)[:, None], jnp.array([0.25]), rising=False)[
        0
    ] == pytest.approx(0.75)


@given(st.lists(finite, min_size=12, max_size=12), st.floats(0.1, 10), st.floats(-100, 100))
@settings(max_examples=50, deadline=None)
def test_crossing_moves_with_time_and_not_with_scale(values, scale, shift):
    time = np.arange(len(values), dtype=float)
    trace = jnp.asarray(values)[:, None]
    level = jnp.array([0.3])
    plain = signals.crossing_time(time, trace, level)
    scaled = signals.crossing_time(time, trace * scale, level * scale)
    moved = signals.crossing_time(time + shift, trace, level)
    np.testing.assert_allclose(plain, scaled, atol=1e-5)
    np.testing.assert_allclose(plain + shift, moved, atol=1e-5)


def test_back_for_good_overlooks_a_pulse():
    time = np.linspace(0, 60, 1201)
    values = 1 - np.exp(-time / 10) + np.where((time > 5) & (time < 6), 2.0, 0.0)
    both = jnp.stack([jnp.asarray(values), jnp.full(1201, 0.5)], axis=1)
    found = signals.back_for_good(time, both, jnp.array([0.9, 0.9]))
    assert found[0] == pytest.approx(10 * np.log(10), rel=1e-4)
    assert np.isnan(found[1])


@given(st.lists(st.sampled_from([-2.0, -0.5, 0.5, 1.0, 3.0]), min_size=2, max_size=30))
def test_the_longest_stretch_above_is_that_of_the_trace_drawn_finely(values):
    time = np.arange(len(values), dtype=float) * 0.5
    found = signals.longest_above(time, jnp.asarray(values)[:, None], 0.0)[0]
    fine = np.linspace(0.0, time[-1], 1000 * (len(values) - 1) + 1)
    longest = spell = 0
    for above in np.interp(fine, time, values) > 0.0:
        spell = spell + 1 if above else 0
        longest = max(longest, spell)
    assert found == pytest.approx(longest * (fine[1] - fine[0]), abs=2.5 * (fine[1] - fine[0]))


def test_a_break_ends_a_stretch_above():
    time, trace = np.arange(7.0), jnp.array([0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0])[:, None]
    assert signals.longest_above(time[:3], trace[:3], 0.25)[0] == pytest.approx(1.5)
    assert signals.longest_above(time, trace, 0.25)[0] == pytest.approx(2.5)
    assert signals.longest_above(time, -trace, 0.25)[0] == 0


@given(st.floats(0, 9), st.floats(0.5, 5))
@settings(max_examples=50, deadline=None)
def test_window_mean_of_a_constant(start, length):
    ends = np.arange(1, 101) * 0.15
    weights = signals.interval_weights(ends, 0.0, start, start + length)
    assert weights.sum() == pytest.approx(1)
    assert signals.weighted(weights, jnp.full((100, 1), 7.0))[0] == pytest.approx(7)


def test_window_mean_is_exact_for_interval_means():
    ends = np.arange(1, 101) * 0.1
    means = (ends**2 - (ends - 0.1) ** 2) / 0.2  # of f(t) = t
    weights = signals.interval_weights(ends, 0.0, 2.0, 6.0)
    assert signals.weighted(weights, jnp.asarray(means)[:, None])[0] == pytest.approx(4.0)


def test_gaps_outside_the_window_do_no_harm():
    values = np.full((10, 1), 2.0)
    values[7:] = np.nan
    weights = signals.interval_weights(np.arange(1.0, 11), 0.0, 0.0, 5.0)
    assert signals.weighted(weights, jnp.asarray(values))[0] == 2


def test_steepest_fall_of_an_exponential():
    time = np.linspace(0, 10, 2001)
    fall = signals.steepest_fall(time, jnp.asarray(40 * np.exp(-time / 2))[:, None], 0.5)
    assert fall[0] == pytest.approx(40 * (1 - np.exp(-0.25)) / 0.5, rel=1e-6)


def test_parabola_comes_back():
    x = jnp.stack([jnp.array([10.0, 20, 30, 40, 50, 60]), jnp.array([9.0, 21, 31, 39, 52, 58])], axis=1)
    y = 0.574 + 0.0781 * x - 0.0005 * x**2
    np.testing.assert_allclose(signals.quadratic(x, y), [[0.574] * 2, [0.0781] * 2, [-0.0005] * 2], rtol=1e-6)


def test_crossing_time_differentiates():
    time = np.linspace(0, 60, 601)

    def seconds(rate):
        return signals.crossing_time(time, jnp.asarray(1 - jnp.exp(-time * rate))[:, None], jnp.array([0.9]))[0]

    exact, by_hand = slopes(seconds, 0.1, 1e-5)
    assert exact == pytest.approx(by_hand, rel=1e-4)


def test_a_stretch_above_differentiates():
    time = np.linspace(0, 5, 201)

    def seconds(size):
        return signals.longest_above(time, (size * jnp.exp(-jnp.asarray(time)))[:, None], 1.0)[0]

    exact, by_hand = slopes(seconds, 8, 1e-5)
    assert exact == pytest.approx(by_hand, rel=1e-4)
