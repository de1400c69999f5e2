"""Plasma thins on lying as was measured, by its own law and in a drainage, and thin plasma holds less water back."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from small.drainages import advance, drive, parameters, start, topology, with_
from venolymph.network.drainage import repeat_over_intervals
from venolymph.network.plasma import Plasma, gain_after, oncotic_pressure, protein_at, thinned

HOUR = 3600.0


def plasma(gain: float = 0.167) -> Plasma:
    found = parameters(topology(2)).plasma
    return with_(found, gain=gain, gain_time=8.66 * 60.0, gained_protein=30.0)


def rows(value: float) -> jnp.ndarray:
    return jnp.full((1, 1), value)


def test_an_hour_of_lying_brings_the_measured_gain_half_of_it_in_six_minutes() -> None:
    _, after = gain_after(plasma(), rows(0.0), rows(1.0), jnp.asarray(HOUR))
    _, half = gain_after(plasma(), rows(0.0), rows(1.0), jnp.asarray(360.0))
    assert float(after[0, 0]) == pytest.approx(0.167, rel=2e-3)
    assert float(half[0, 0]) == pytest.approx(0.0835, rel=2e-3)


def test_the_mean_over_an_interval_is_that_of_many_short_ones() -> None:
    mean, end = gain_after(plasma(), rows(0.1), rows(0.3), jnp.asarray(600.0))
    at, total = rows(0.1), 0.0
    for _ in range(600):
        one, at = gain_after(plasma(), at, rows(0.3), jnp.asarray(1.0))
        total += float(one[0, 0])
    assert total / 600 == pytest.approx(float(mean[0, 0]), rel=1e-12)
    assert float(at[0, 0]) == pytest.approx(float(end[0, 0]), rel=1e-12)


def test_protein_that_comes_with_the_fluid_is_kept() -> None:
    found = float(protein_at(plasma(), rows(0.167))[0, 0])
    assert found * 1.167 == pytest.approx(70.0 + 0.167 * 30.0, rel=1e-12)
    pressures = [float(oncotic_pressure(plasma().plasma_oncotic, rows(value))[0, 0]) for value in (70.0, found)]
    assert 2.0 < pressures[0] - pressures[1] < 4.0


def test_without_gain_plasma_stays_as_it_is_to_the_last_bit() -> None:
    before = plasma(gain=0.0)
    _, gained = gain_after(before, rows(0.0), rows(1.0), jnp.asarray(HOUR))
    after = thinned(before, gained, rows(1.0))
    assert np.array_equal(after.concentration, before.concentration)


@pytest.mark.parametrize("change", ["lying", "salt"])
def test_thin_plasma_lets_more_water_out(change: str) -> None:
    net = topology(2)
    figures = parameters(net)
    quiet = drive(net)
    thin = with_(quiet, laid=1.0) if change == "lying" else with_(quiet, protein_factor=0.92)
    begun = start(net, figures, quiet)
    ends, records = zip(
        *(
            advance(net, figures, repeat_over_intervals(one, 20), begun, jnp.asarray(0.1), jnp.asarray(300))
            for one in (quiet, thin)
        ),
        strict=True,
    )
    filtered = [float(np.asarray(record.filtered).sum()) for record in records]
    assert filtered[1] > filtered[0]
    gained = [float(end.gained[0, 0]) for end in ends]
    assert gained[0] == 0.0
    assert gained[1] == (pytest.approx(0.167 * (1.0 - np.exp(-600.0 / 520.0)), rel=1e-9) if change == "lying" else 0.0)
