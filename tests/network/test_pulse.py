"""One pulse for what muscles and hands press: veins and lymph feel the same."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from small import networks
from venolymph.network.pulse import Beat, trapezoid

NET = networks.chain(3, beds=(0, 1, 1))


def test_lymph_feels_the_pulse_that_veins_feel() -> None:
    onset, rise, hold, fall = 0.6, 0.2, 0.15, 0.3
    drive = networks.drive(
        NET, pulse=np.array([50.0, 0.0, 0.0]), onset=onset, rise=rise, hold=hold, fall=fall, period=2.0, pressure_to=8.0
    )
    cells = networks.parameters(NET).cells
    beat = Beat(*(jnp.full((1, 1), x) for x in (50.0, onset, rise, hold, fall)))
    times = jnp.linspace(4.0, 8.0, 401)
    veins = jax.vmap(lambda t: drive.values_at(cells, t, jnp.asarray(0.0)).pressure[0, 0])(times) - 8.0
    lymph = jax.vmap(lambda t: (beat.height * beat.at(t / 2.0))[0, 0])(times)
    assert np.ptp(veins) > 49.0
    np.testing.assert_allclose(lymph, veins, atol=1e-9)


def test_its_mean_is_that_of_a_trapezoid() -> None:
    turn = jnp.linspace(0.0, 1.0, 20001)
    found = trapezoid(turn, jnp.asarray(0.1), jnp.asarray(0.3), jnp.asarray(0.2))
    np.testing.assert_allclose(found.mean(), 0.3 + 0.5 * (0.1 + 0.2), atol=1e-4)
    assert float(found.min()) >= 0.0 and float(found.max()) <= 1.0
