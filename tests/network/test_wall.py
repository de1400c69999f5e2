"""The wall's law: its shape, its slopes, and the creep that it solves for."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from small import networks
from venolymph.network import wall

MANY = 300
stretches = st.floats(0.05, 6.0)


def cells(**values: float) -> Any:
    plain = networks.parameters(networks.chain(1), spread=0.0).cells
    return networks.replaced(plain, **{name: jnp.full((1, 1), value) for name, value in values.items()})


def one(value: float) -> Any:
    return jnp.full((1, 1), value)


def scattered(seed: int = 1) -> tuple[Any, Any, Any]:
    """Many walls, with stretches from collapsed to distended and what they come from."""
    dice = np.random.default_rng(seed)
    tethers = jnp.asarray(dice.uniform(0.0, 1.0, (1, MANY)))
    walls = networks.replaced(networks.parameters(networks.chain(1), seed, batch=MANY), cells__tether=tethers).cells
    stretch = jnp.asarray(np.exp(dice.uniform(np.log(0.1), np.log(5.0), (1, MANY))))
    return walls, stretch, stretch * dice.uniform(0.9, 1.1, (1, MANY))


@given(stretches, st.floats(1e-3, 2.0), st.floats(0.0, 0.2), st.floats(0.1, 3.0), st.floats(0.1, 4.0))
def test_pressure_rises_with_stretch(a: float, more: float, creep: float, collapse: float, steepness: float) -> None:
    vein = cells(collapse_stiffness=collapse, collagen_exponent=steepness)
    low, high = (float(wall.transmural_pressure(vein, one(x), one(creep))[0, 0]) for x in (a, a + more))
    assert high > low


def test_pressure_is_zero_at_rest_and_known_beyond() -> None:
    vein = cells(
        collapse_stiffness=2.0, elastin_stiffness=3.0, collagen_stiffness=0.5, collagen_exponent=2.0, tether=1.0
    )
    assert float(wall.transmural_pressure(vein, one(1.0), one(0.0))[0, 0]) == 0.0
    expected = 2.0 * (1 - 2.0**-1.5) + 3.0 + 0.25 * (np.exp(2.0) - 1)
    np.testing.assert_allclose(wall.transmural_pressure(vein, one(2.0), one(0.0)), expected, rtol=1e-14)
    # creep gives way: the same lumen under less pressure, as a wall that is stretched by so much less
    np.testing.assert_allclose(wall.transmural_pressure(vein, one(2.2), one(0.1)), expected, rtol=1e-14)


def test_slope_against_stretch_is_the_derivative() -> None:
    walls, stretch, before = scattered()
    known = jnp.linspace(0.0, 0.15, MANY)[None]
    for h in (1e-3, 0.1, 50.0):
        step = jnp.asarray(h)

        def pressure(a: Any, step: Any = step) -> Any:
            return wall.implicit_wall(walls, a, before, known, step).pressure

        slope = wall.slope_of(walls, wall.implicit_wall(walls, stretch, before, known, step), step)
        _, expected = jax.jvp(pressure, (stretch,), (jnp.ones_like(stretch),))
        np.testing.assert_allclose(slope, expected, rtol=1e-10)


def test_creep_solves_its_equation() -> None:
    walls, stretch, before = scattered(2)
    known = jnp.linspace(0.0, 0.2, MANY)[None]
    for h in (1e-4, 0.05, 3.0, 1e5):
        creep = wall.implicit_wall(walls, stretch, before, known, jnp.asarray(h)).creep
        pull = walls.relaxation_gain * np.maximum(0.0, 1.0 - (1.0 + creep) / stretch)
        np.testing.assert_allclose(creep - h * (pull - creep) / walls.relaxation_time, known, atol=1e-9, rtol=1e-9)


def test_viscous_part_follows_the_rate_of_stretch() -> None:
    walls, stretch, before = scattered(3)
    known, h = jnp.zeros((1, MANY)), jnp.asarray(2e-3)
    found = wall.implicit_wall(walls, stretch, before, known, h)
    pressure, creep = found.pressure, found.creep
    elastic = stretch / (1.0 + creep)
    stiffness = jax.jvp(
        lambda a: wall.transmural_pressure(walls, a, jnp.zeros_like(a)), (elastic,), (jnp.ones_like(elastic),)
    )[1]
    expected = wall.transmural_pressure(walls, stretch, creep) + walls.viscous_time * stiffness * (stretch - before) / h
    np.testing.assert_allclose(pressure, expected, rtol=1e-12)


def test_in_a_long_time_creep_is_complete() -> None:
    walls, stretch, _ = scattered(4)
    pressure = wall.implicit_wall(walls, stretch, stretch, jnp.zeros((1, MANY)), jnp.asarray(1e12)).pressure
    np.testing.assert_allclose(wall.stretch_at(walls, pressure), stretch, rtol=1e-8)


def test_stretch_at_is_the_inverse_of_the_law() -> None:
    walls, _, _ = scattered(5)
    pressure = jnp.linspace(-5.0, 100.0, MANY)[None]
    stretch = wall.stretch_at(walls, pressure)
    elastic = (stretch + walls.relaxation_gain) / (1.0 + walls.relaxation_gain)
    elastic = jnp.where(stretch > 1.0, elastic, stretch)
    reached = wall.transmural_pressure(walls, elastic, jnp.zeros_like(elastic))
    np.testing.assert_allclose(reached, pressure, atol=1e-9, rtol=1e-9)


def test_a_free_wall_pulls_and_does_not_push() -> None:
    """Emptied, it holds by its bending alone; wide, it is bound like a tethered one but for where it becomes round."""
    given = {"collapse_stiffness": 0.05, "elastin_stiffness": 20.0, "collagen_stiffness": 3.0, "collagen_exponent": 0.9}
    free, bound = cells(**given, tether=0.0), cells(**given, tether=1.0)
    for a in (0.1, 0.5, 0.9):
        bending = 0.05 * (1.0 - a**-1.5)
        np.testing.assert_allclose(wall.transmural_pressure(free, one(a), one(0.0)), bending, rtol=1e-12)
        assert float(wall.transmural_pressure(bound, one(a), one(0.0))[0, 0]) < bending - 20.0 * (0.95 - a)
    wide = wall.transmural_pressure(bound, one(2.0 - 0.5 * wall.ROUNDING), one(0.0))
    bending = 0.05 * ((2.0 - 0.5 * wall.ROUNDING) ** -1.5 - 2.0**-1.5)
    np.testing.assert_allclose(wall.transmural_pressure(free, one(2.0), one(0.0)), wide + bending, rtol=1e-12)
