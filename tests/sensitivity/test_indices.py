"""Indices of functions that have them in closed form; what failed is left out in whole blocks, and counted."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from small import networks
from venolymph.errors import VenolymphError
from venolymph.sensitivity.indices import agreement, block_size, converge, sample, whole_blocks

A, B = 7.0, 0.1


def ishigami(shares: np.ndarray) -> np.ndarray:
    """sin x1 + 7 sin2 x2 + 0.1 x3^4 sin x1, each from -pi to pi (Ishigami and Homma 1990)."""
    x = np.pi * (2.0 * shares - 1.0)
    return np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_sobols_indices_are_those_of_ishigamis_function() -> None:
    shares = sample("sobol", 3, 2048, seed=1)
    (*_, last) = converge("sobol", shares, ishigami(shares), seed=1)
    one = 0.5 * (1.0 + B * np.pi**4 / 5.0) ** 2
    two = A**2 / 8.0
    both = B**2 * np.pi**8 * (1.0 / 18.0 - 1.0 / 50.0)
    variance = one + two + both
    assert last.first == pytest.approx(np.array([one, two, 0.0]) / variance, abs=0.03)
    assert last.total == pytest.approx(np.array([one + both, two, both]) / variance, abs=0.03)
    assert np.all(last.confidence < 0.1)


def test_sobols_indices_of_blood_at_rest_in_a_small_network_are_those_of_a_product() -> None:
    # at rest a vein holds its length times an area that is a multiple of the unstressed one; friction moves nothing
    half = 0.5
    shares = sample("sobol", 3, 1024, seed=7)
    wide, long, rough = jnp.asarray(1.0 + half * (2.0 * shares.T - 1.0))
    net = networks.chain(2)
    every = networks.parameters(net, batch=1)
    cells = every.cells
    one = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (*leaf.shape[:-1], len(shares))), every)
    changed = networks.replaced(
        one,
        cells__unstressed_area=cells.unstressed_area * wide,
        cells__length=cells.length * long,
        cells__friction=cells.friction * rough,
    )
    volume = networks.initial(net, changed, networks.drive(net, len(shares))).states.volume
    (*_, last) = converge("sobol", shares, np.asarray(volume.sum(axis=0)), seed=7)
    own = half**2 / 3.0
    whole = (1.0 + own) ** 2 - 1.0
    assert last.first == pytest.approx(np.array([own, own, 0.0]) / whole, abs=0.02)
    assert last.total == pytest.approx(np.array([own + own**2, own + own**2, 0.0]) / whole, abs=0.02)
    assert last.total[2] == pytest.approx(0.0, abs=1e-12)


def test_morris_finds_the_slopes_of_a_line_and_nothing_else() -> None:
    slopes = np.array([3.0, -2.0, 0.0, 0.5])
    shares = sample("morris", 4, 6, seed=2)
    (*_, last) = converge("morris", shares, 10.0 + shares @ slopes, seed=2)
    assert last.first == pytest.approx(np.abs(slopes))
    assert last.total == pytest.approx(np.zeros(4), abs=1e-12)
    assert last.confidence == pytest.approx(np.zeros(4), abs=1e-12)


def test_morris_tells_that_factors_act_through_each_other() -> None:
    shares = sample("morris", 3, 20, seed=3)
    (*_, last) = converge("morris", shares, shares[:, 0] * shares[:, 1] + shares[:, 2], seed=3)
    assert last.total[2] == pytest.approx(0.0, abs=1e-12)
    assert np.all(last.total[:2] > 0.1)


@pytest.mark.parametrize("method", ["morris", "sobol"])
def test_a_block_with_a_failure_is_left_out_whole(method: str) -> None:
    shares = sample(method, 3, 16, seed=4)
    values = shares @ np.array([3.0, 1.0, 0.0])
    exact = converge(method, shares, values, seed=4)[-1]
    size = block_size(method, 3)
    values[2 * size + 1] = np.nan
    assert whole_blocks(method, 3, values).tolist() == [n != 2 for n in range(16)]
    course = converge(method, shares, values, seed=4)
    assert [one.blocks for one in course] == [4, 8, 11, 15]
    if method == "morris":
        assert course[-1].first == pytest.approx(exact.first)
    assert converge(method, shares, np.full(len(values), np.nan), seed=4) == []


def test_confidence_and_order_settle_with_more_samples() -> None:
    shares = sample("sobol", 3, 512, seed=5)
    course = converge("sobol", shares, ishigami(shares), seed=5)
    assert course[-1].confidence[0] < course[0].confidence[0]
    assert agreement("sobol", course) == pytest.approx(1.0)
    assert np.isnan(agreement("sobol", course[:1]))


def test_a_measure_that_nothing_moves_has_no_indices_above_zero() -> None:
    shares = sample("sobol", 2, 4, seed=6)
    course = converge("sobol", shares, np.full(len(shares), 3.0), seed=6)
    assert course[-1].total.tolist() == [0.0, 0.0]
    assert np.isnan(agreement("sobol", course))


def test_the_same_seed_gives_the_same_samples() -> None:
    for method in ("morris", "sobol"):
        one, same, other = (sample(method, 3, 8, seed=seed) for seed in (1, 1, 2))
        assert np.array_equal(one, same)
        assert not np.array_equal(one, other)


def test_too_few_samples_and_no_power_of_two_are_refused() -> None:
    with pytest.raises(VenolymphError, match="allowed are at least 1 and 2"):
        sample("morris", 3, 1, seed=0)
    with pytest.raises(VenolymphError, match="allowed are at least 1 and 2"):
        sample("morris", 0, 4, seed=0)
    with pytest.raises(VenolymphError, match="power of 2") as caught:
        sample("sobol", 3, 12, seed=0)
    assert caught.value.hint == "write --n 16"
