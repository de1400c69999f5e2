"""A vein bends at the pressure of a column in an elastic bed, and as far as its tension allows."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import k0, k1

from venolymph.figures import load
from venolymph.wall import buckling

jax.config.update("jax_enable_x64", True)


def column(held: float) -> buckling.AxialHold:
    value = [load()[f"wall_life.buckling.{name}"].internal for name in ("tension", "steepness", "stretch")]
    return buckling.AxialHold(*(jnp.full((1, 1), v) for v in (*value, held)))


def test_the_bed_has_the_bessel_functions_of_a_round_inclusion() -> None:
    q = np.geomspace(0.2, 20.0, 9)
    x = 0.25 * q
    expected = 8.0 * np.pi * 7.5 / (2.0 * k0(x) + x * k1(x))
    np.testing.assert_allclose(buckling.bed_stiffness(q, 0.25, 7.5), expected, rtol=1e-6)


def test_a_bed_of_fat_bears_more_than_any_vein_has() -> None:
    modulus, bed = (load()[f"wall_life.buckling.{name}"].internal for name in ("modulus", "bed.fat"))
    (wide, long_wave), (narrow, wave) = (
        buckling.held_straight(radius, 0.24 * radius, modulus, bed) for radius in (0.25, 0.1)
    )
    assert 100.0 < wide < narrow < 250.0
    # the same shape in the same material: bending and bed scale as one, but for the stiffer bed's slow logarithm
    assert long_wave / wave == pytest.approx(2.5, rel=0.02)


def test_at_its_critical_pressure_a_vein_begins_to_bend() -> None:
    length = jnp.linspace(0.0, 0.6, 4)[:, None]
    for held in (0.0, 8.0):
        pressure = buckling.critical_pressure(column(held), length)
        at = buckling.tortuosity(column(held), length, pressure)
        np.testing.assert_allclose(jnp.log(at), buckling.ROUNDING * np.log(2.0), rtol=1e-9)
        assert bool(jnp.all(buckling.tortuosity(column(held), length, pressure + 20.0) > at))


def test_a_yielded_bed_leaves_a_vein_as_bent_as_it_has_grown() -> None:
    grown = jnp.log(jnp.asarray([[1.2], [1.6], [2.0]]))
    index = buckling.tortuosity(column(0.0), grown, jnp.full((3, 1), 34.0))
    np.testing.assert_allclose(index[:, 0], [1.22, 1.62, 2.03], atol=0.01)
    stiff = buckling.tortuosity(column(500.0), grown, jnp.full((3, 1), 70.0))
    np.testing.assert_allclose(stiff, 1.0, atol=1e-6)


def test_a_documented_tortuosity_is_found_again() -> None:
    index, pressure = jnp.asarray([[1.05], [1.4], [1.8]]), jnp.full((3, 1), 40.0)
    length = buckling.length_for(column(5.0), index, pressure)
    np.testing.assert_allclose(buckling.tortuosity(column(5.0), length, pressure), index, rtol=1e-9)
    assert float(buckling.length_for(column(5.0), jnp.ones((1, 1)), pressure[:1])[0, 0]) == 0.0


def test_the_amplitude_of_a_serpentine() -> None:
    found = buckling.amplitude(np.asarray([1.05, 1.2, 1.4, 1.6]), np.asarray(3.4))
    np.testing.assert_allclose(found, [0.25, 0.52, 0.78, 1.0], atol=0.02)


def test_tortuosity_has_a_derivative() -> None:
    def index(length: jax.Array) -> jax.Array:
        return buckling.tortuosity(column(3.0), length[None, None], jnp.full((1, 1), 40.0))[0, 0]

    grown = jnp.asarray(0.4)
    differences = (index(grown + 1e-5) - index(grown - 1e-5)) / 2e-5
    assert float(jax.grad(index)(grown)) == pytest.approx(float(differences), rel=1e-7)
