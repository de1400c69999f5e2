"""One step of a wall agrees with an integrator's, keeps what has to stay, and has derivatives."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from venolymph.wall.law import Bias, Growth, Loads, settled, stability, step, target
from venolymph.wall.state import SlowWall

jax.config.update("jax_enable_x64", True)

PLACES, BATCH, VALVES = 3, 2, 2
MUSCLE = 0.5


def one(value: float) -> jax.Array:
    return jnp.full((1, 1), value)


GROWTH = Growth(
    time=one(60.0),
    gain_shear=one(0.6),
    shear_floor=one(7.5e-4),
    gain_tension=jnp.full((PLACES, BATCH), 0.25),
    muscle=one(MUSCLE),
    softness_shear=one(0.05),
    softness_damage=one(0.03),
    gain_mass=one(0.25),
    mass_time=one(90.0),
    damage_threshold=one(1.073),
    damage_floor=one(0.5),
    damage_time=one(13.0 * 365.25),
    gain_length=one(0.5),
    length_time=one(180.0),
    leak_time=one(10.0 * 365.25),
)


def loads(tension: float = 1.0, shear: float = 1.0, stretch: float = 1.0) -> Loads:
    rows = jnp.asarray([[1.0, 1.2], [0.7, 1.0], [2.0, 0.4]])
    return Loads(
        tension=0.8 * tension * rows,
        healthy_tension=0.8 * rows[:, :1],
        shear=4e-4 * shear * rows,
        healthy_shear=4e-4 * rows[:, :1],
        stretch=stretch * jnp.asarray([1.0, 0.95, 0.9])[:, None, None] * jnp.ones((3, PLACES, BATCH)),
        upright=jnp.asarray([0.5, 0.3, 0.2]),
        gap=jnp.asarray([[0.0, 0.2], [0.5, 0.0]]),
    )


def wall(radius: float = 0.0, damage: float = 0.0) -> SlowWall:
    return SlowWall(
        radius=jnp.full((PLACES, BATCH), radius),
        mass=jnp.zeros((PLACES, BATCH)),
        damage=jnp.full((PLACES, BATCH), damage),
        length=jnp.full((PLACES, BATCH), 0.2 * radius),
        leak=jnp.full((VALVES, BATCH), 0.1),
    )


NOTHING = Bias.none((PLACES, BATCH))


@pytest.mark.parametrize(("days", "tolerance"), [(14.0, 1e-5), (90.0, 4e-4)])
def test_a_step_is_that_of_an_integrator(days: float, tolerance: float) -> None:
    more, begun = loads(tension=1.8, shear=6.0, stretch=1.3), wall(0.2, 0.1)

    def slope(_: float, flat: np.ndarray) -> np.ndarray:
        x, m, d, length = (jnp.asarray(part.reshape(PLACES, BATCH)) for part in np.split(flat, 4))
        now = SlowWall(x, m, d, length, begun.leak)
        moved = x - begun.radius
        carried = more.tension / more.healthy_tension * jnp.exp(2.0 * moved) + MUSCLE
        wanted = GROWTH.gain_mass * (1.0 + MUSCLE) * jnp.log(carried / (1.0 + MUSCLE))
        beyond = more.stretch * jnp.exp(moved) / GROWTH.damage_threshold - 1.0
        stretched = jnp.tensordot(more.upright, 0.01 * jax.nn.softplus(beyond / 0.01), axes=1)
        rates = (
            (target(GROWTH, more, NOTHING, now, moved) - x) / GROWTH.time,
            (wanted - m) / GROWTH.mass_time,
            (1.0 - d) * stretched / GROWTH.damage_time,
            (GROWTH.gain_length * x - length) / GROWTH.length_time,
        )
        return np.concatenate([np.asarray(rate).ravel() for rate in rates])

    start = np.concatenate([np.asarray(a).ravel() for a in (begun.radius, begun.mass, begun.damage, begun.length)])
    exact = solve_ivp(slope, (0.0, days), start, rtol=1e-9, atol=1e-11, method="LSODA").y[:, -1]
    done = step(GROWTH, more, NOTHING, begun, jnp.asarray(days))
    found = np.concatenate([np.asarray(a).ravel() for a in (done.radius, done.mass, done.damage, done.length)])
    np.testing.assert_allclose(found, exact, atol=tolerance)
    assert float(jnp.max(jnp.abs(done.radius - begun.radius))) > 0.05


def test_a_leak_grows_to_what_leaflets_are_too_short_for_and_never_goes() -> None:
    done = step(GROWTH, loads(), NOTHING, wall(), jnp.asarray(365.25))
    gap = np.asarray(loads().gap)
    expected = np.where(gap > 0.1, gap + (0.1 - gap) * np.exp(-0.1), 0.1)
    np.testing.assert_allclose(done.leak, expected, rtol=1e-12)


def test_a_vein_on_which_nothing_presses_from_inside_narrows_only_so_far() -> None:
    done = step(GROWTH, loads(tension=0.0, shear=0.0, stretch=0.5), NOTHING, wall(), jnp.asarray(5000.0))
    pulled = 0.25 * (1.0 - 0.25) * (1.0 + MUSCLE) * np.log(MUSCLE / (1.0 + MUSCLE))
    flowing = 0.6 * 0.05 * (0.0 - np.log(2.0))
    np.testing.assert_allclose(done.radius, pulled + flowing, atol=2e-3)


def test_a_vein_that_bears_its_loads_unchanged_comes_to_no_harm_when_they_go() -> None:
    heavy = loads(tension=2.0, shear=8.0, stretch=0.5)
    begun, bias = settled(GROWTH, heavy, wall())
    released = step(GROWTH, loads(stretch=0.5), bias, begun, jnp.asarray(3000.0))
    alone = step(GROWTH, loads(stretch=0.5), NOTHING, wall(), jnp.asarray(3000.0))
    np.testing.assert_allclose(released.radius, jnp.minimum(alone.radius, 0.0), atol=0.03)
    # what is more than it is known to bear widens it
    more = step(GROWTH, loads(tension=3.0, shear=30.0, stretch=0.5), bias, begun, jnp.asarray(3000.0))
    assert float(jnp.min(more.radius)) > 0.05


@pytest.mark.parametrize("damage", [0.0, 0.6])
@pytest.mark.parametrize("radius", [-0.3, 0.0, 0.5])
def test_a_documented_wall_stays_as_it_is_on_its_own_day(radius: float, damage: float) -> None:
    day = loads(tension=1.7, shear=3.0, stretch=1.0)
    begun, bias = settled(GROWTH, day, wall(radius, damage))
    done = step(GROWTH, day, bias, begun, jnp.asarray(700.0))
    np.testing.assert_allclose(done.radius, begun.radius, atol=1e-4)
    np.testing.assert_allclose(done.mass, begun.mass, atol=1e-4)
    np.testing.assert_allclose(done.length, begun.length, atol=1e-4)


def test_an_undamaged_wall_comes_back_and_a_damaged_one_only_so_far() -> None:
    # pressure and flow of the healthy leg, in a vein that is wider by exp(0.6); too little stretch to damage it more
    wide = loads(tension=np.exp(1.2), shear=np.exp(-1.8), stretch=0.5)
    whole, damaged = (step(GROWTH, wide, NOTHING, wall(0.6, d), jnp.asarray(3000.0)) for d in (0.0, 0.8))
    narrow = step(GROWTH, loads(stretch=0.5), NOTHING, wall(0.0), jnp.asarray(3000.0))
    np.testing.assert_allclose(whole.radius, narrow.radius, atol=0.01)
    np.testing.assert_allclose(damaged.radius[:, 0], 0.5 * 0.8, atol=0.01)


def test_near_a_steady_state_it_relaxes_at_the_rate_of_its_stability() -> None:
    # mass at once, as the definition has it
    quick = eqx.tree_at(lambda g: g.mass_time, GROWTH, one(1e-3))
    # shear well above the healthy leg's, where the softened corner is straight
    day = loads(shear=8.0)
    # wider than its loads explain, so that it answers all of them
    begun, bias = settled(quick, day, wall(2.0))
    moved = eqx.tree_at(lambda w: w.radius, begun, begun.radius + 1e-4)
    shifted = eqx.tree_at(
        lambda d: (d.tension, d.shear), day, (day.tension * jnp.exp(2e-4), day.shear * jnp.exp(-3e-4))
    )
    days = 6.0
    done = step(quick, shifted, bias, moved, jnp.asarray(days))
    left = np.asarray(done.radius - begun.radius) / 1e-4
    rate = np.asarray(stability(quick, day, jnp.zeros(()))) / 60.0
    np.testing.assert_allclose(left, np.exp(-rate * days), rtol=0.02)


def test_derivatives_are_those_of_differences() -> None:
    begun = wall(0.1, 0.2)

    def end(gain: jax.Array) -> jax.Array:
        growth = eqx.tree_at(lambda g: g.gain_shear, GROWTH, gain)
        return jnp.sum(step(growth, loads(1.4, 3.0, 1.2), NOTHING, begun, jnp.asarray(60.0)).radius)

    _, slope = jax.jvp(end, (one(0.6),), (one(1.0),))
    assert float(slope) == pytest.approx(float(end(one(0.6005)) - end(one(0.5995))) / 1e-3, rel=1e-5)


def test_members_of_a_batch_are_as_if_alone() -> None:
    day, begun = loads(1.5, 2.0, 1.1), wall(0.2)
    both = step(GROWTH, day, NOTHING, begun, jnp.asarray(30.0))
    last = jax.tree.map(lambda leaf: leaf[..., 1:] if leaf.shape[-1:] == (BATCH,) else leaf, (GROWTH, day, begun))
    one_bias = jax.tree.map(lambda leaf: leaf[..., 1:], NOTHING)
    alone = step(last[0], last[1], one_bias, last[2], jnp.asarray(30.0))
    np.testing.assert_allclose(alone.radius, both.radius[:, 1:], rtol=1e-13)


def test_a_day_as_one_is_as_good_as_each_of_its_postures() -> None:
    """Loads of the whole day against each posture of each day, whose loads walls remember for three days."""
    hours = np.asarray([8.0, 9.5, 4.0, 2.5])
    pressure, flow, growth = np.asarray([5.0, 39.0, 61.0, 37.0]), np.asarray([0.2, 0.06, 0.7, 1.0]), GROWTH
    drag = 1.2e-3
    healthy = (0.02, 4e-4)

    def seen(square: jax.Array, share: np.ndarray) -> tuple[jax.Array, jax.Array]:
        tension = jnp.sum(share * pressure) * square
        return tension, jnp.sum(share * flow) * drag * square**-1.5

    def day(tension: jax.Array, shear: jax.Array, wide: jax.Array) -> Loads:
        def everywhere(value: jax.Array | float) -> jax.Array:
            return jnp.full((PLACES, BATCH), value)

        like = loads()
        return Loads(
            everywhere(tension), everywhere(healthy[0])[:, :1], everywhere(shear), everywhere(healthy[1])[:, :1],
            wide * like.stretch, like.upright, like.gap,
        )  # fmt: skip

    square_at_rest = 0.03**2 * 10.0

    def square(now: SlowWall) -> jax.Array:
        return square_at_rest * jnp.exp(2.0 * now.radius[0, 0])

    @jax.jit
    def by_posture(_: int, carried: tuple[SlowWall, jax.Array, jax.Array]) -> tuple[SlowWall, jax.Array, jax.Array]:
        now, tension, shear = carried
        for k in range(4):
            fresh = seen(square(now), np.eye(4)[k])
            part = hours[k] / 24.0
            kept = np.exp(-part / 3.0)
            tension, shear = (kept * old + (1.0 - kept) * new for old, new in zip((tension, shear), fresh, strict=True))
            now = step(growth, day(tension, shear, jnp.exp(now.radius[0, 0])), NOTHING, now, jnp.asarray(part))
        return now, tension, shear

    begun = wall(0.0)
    start = seen(square(begun), hours / 24.0)
    brute, *_ = jax.lax.fori_loop(0, 168, by_posture, (begun, *start))
    averaged = begun
    for _ in range(12):
        tension, shear = seen(square(averaged), hours / 24.0)
        averaged = step(
            growth, day(tension, shear, jnp.exp(averaged.radius[0, 0])), NOTHING, averaged, jnp.asarray(14.0)
        )
    assert float(brute.radius[0, 0]) > 0.2
    # 1 % of radius is 0.03 mm at 3.5 mm
    assert float(averaged.radius[0, 0]) == pytest.approx(float(brute.radius[0, 0]), abs=0.01)
