"""A valve: where its leaflets get to, what its orifice does, and the slopes of both."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from venolymph.network.parameters import Valves
from venolymph.network.valve import CORNER, SHUT_AREA, Begun, Orifice, orifice_after, orifice_slopes

DENSITY = 7.876e-4
drops = st.floats(-60.0, 60.0)


def one(value: float) -> Any:
    return jnp.full((1, 1), value)


def leaflets(n: int = 1, **values: float) -> Valves:
    usual = {
        "leak": 0.01,
        "threshold": 0.05,
        "opening_time": 0.05,
        "closing_time": 0.08,
        "closing_pressure": 2.0,
        "vessels": 2.0,
        "in_channel": 0.0,
        "coaptation_area": 0.6,
    }
    return Valves(**{name: jnp.full((1, n), value) for name, value in (usual | values).items()})


def after(before: float, start: float, end: float, span: float, annulus: float = 0.4, **values: float) -> Orifice:
    begun = Begun(one(before), one(start), jnp.asarray(span))
    return orifice_after(leaflets(**values), one(DENSITY), one(end), one(1.0 / annulus), begun)


def opening(*arguments: float, **values: float) -> float:
    return float(after(*arguments, **values).zeta[0, 0])


@given(st.floats(0.0, 1.0), drops, drops, st.floats(0.0, 100.0))
def test_opening_stays_between_shut_and_open(before: float, start: float, end: float, span: float) -> None:
    assert 0.0 <= opening(before, start, end, span) <= 1.0


@given(st.floats(0.01, 0.99), st.floats(0.05, 60.0), st.floats(0.05, 60.0), st.floats(1e-3, 10.0))
def test_forward_pressure_opens_and_backward_pressure_closes(
    before: float, start: float, end: float, span: float
) -> None:
    assert opening(before, start, end, span) > before
    assert opening(before, -start, -end, span) < before


def test_in_a_long_time_it_is_open_or_shut_and_in_none_it_stays() -> None:
    assert opening(0.2, 5.0, 5.0, 1e6) == pytest.approx(1.0, abs=1e-6)
    assert opening(0.8, -5.0, -5.0, 1e6) == pytest.approx(0.0, abs=1e-6)
    assert opening(0.37, 5.0, -5.0, 0.0) == pytest.approx(0.37, abs=1e-15)


@pytest.mark.parametrize("start", [-2.0, 0.0, 0.03, 2.0])
def test_a_change_of_sign_is_no_corner(start: float) -> None:
    def bend(small: float) -> float:
        below, at, above = (opening(0.6, start, end, 0.01) for end in (-small, 0.0, small))
        return abs(above - 2 * at + below)

    # a corner's bend would shrink with the step, a curve's shrinks with its square
    assert bend(1e-5) < 0.02 * bend(1e-4)


def _exactly(before: float, start: float, end: float, span: float) -> float:
    """The opening's own equation under a pressure difference that runs straight, by scipy."""
    from scipy.integrate import solve_ivp

    def rate(t: float, z: Any) -> Any:
        drop = start + (end - start) * t / span
        x = drop / 0.05
        rounded = np.sqrt(x * x + CORNER**2)
        ahead, back = (rounded + x) / 2, (rounded - x) / 2
        opens = ahead / np.sqrt(1 + ahead**2) * ahead / rounded
        shuts = back / np.sqrt(1 + back**2) * back / rounded
        return (1 - z) * opens / 0.05 - z * shuts * np.sqrt(1 + 0.05 * back / 2.0) / 0.08

    found = solve_ivp(rate, (0.0, span), [before], rtol=1e-10, atol=1e-12, max_step=span / 500)
    return float(found.y[0, -1])


@pytest.mark.parametrize(("start", "end"), [(2.0, 8.0), (-3.0, -1.0), (-2.0, 5.0), (4.0, -1.0), (0.02, -0.05)])
def test_it_follows_its_equation_to_third_order_in_one_stretch(start: float, end: float) -> None:
    errors = [abs(opening(0.6, start, end, span) - _exactly(0.6, start, end, span)) for span in (8e-3, 2e-3)]
    order = np.log(errors[0] / max(errors[1], 1e-13)) / np.log(4.0)
    assert errors[0] < 3e-4
    if start * end > 0:
        assert order > 2.7
    else:
        # the means of a push and of the root are taken apart, which tells where both begin
        moved = [abs(_exactly(0.6, start, end, span) - 0.6) for span in (8e-3, 2e-3)]
        assert np.all(np.array(errors) < 5e-3 * np.array(moved))


def _closing_time(drop: float) -> float:
    """How long a valve takes to be nine tenths shut under a constant backward pressure difference, s."""
    step, zeta = 1e-4, 1.0
    shut = jax.jit(
        lambda z: orifice_after(leaflets(), one(DENSITY), one(-drop), one(2.5), Begun(z, one(-drop), step)).zeta
    )
    for number in range(20000):
        if zeta < 0.1:
            return number * step
        zeta = float(shut(one(zeta))[0, 0])
    raise AssertionError("it does not close")


@pytest.mark.parametrize("drop", [0.5, 5.0, 50.0])
def test_the_harder_blood_is_pushed_back_the_faster_a_valve_closes(drop: float) -> None:
    expected = np.log(10.0) * 0.08 / np.sqrt(1 + drop / 2.0)
    assert _closing_time(drop) == pytest.approx(expected, rel=0.02)


def test_slopes_are_the_derivatives() -> None:
    dice = np.random.default_rng(3)
    n = 400
    some = leaflets(n, threshold=0.3)
    begun = Begun(jnp.asarray(dice.uniform(0, 1, (1, n))), jnp.asarray(dice.normal(0, 1, (1, n))), jnp.asarray(0.004))
    drop = jnp.asarray(dice.normal(0, 1, (1, n)))
    annulus = jnp.asarray(dice.uniform(0.2, 1.2, (1, n)))

    def at(drop: Any, annulus: Any) -> Orifice:
        return orifice_after(some, one(DENSITY), drop, 1.0 / annulus, begun)

    found, ones, none = at(drop, annulus), jnp.ones_like(drop), jnp.zeros_like(drop)
    _, by_drop = jax.jvp(at, (drop, annulus), (ones, none))
    _, by_annulus = jax.jvp(at, (drop, annulus), (none, ones))
    slopes = orifice_slopes(some, 1.0 / annulus, found)
    np.testing.assert_allclose(slopes.loss_by_drop, by_drop.loss, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(by_drop.inertance, 0.0)
    np.testing.assert_allclose(slopes.loss_by_annulus, by_annulus.loss, rtol=1e-9)
    np.testing.assert_allclose(slopes.inertance_by_annulus, by_annulus.inertance, rtol=1e-9)


def test_orifice_is_mynards() -> None:
    open_, shut = after(1.0, 9.0, 9.0, 1e3, leak=0.0), after(0.0, -9.0, -9.0, 1e3, leak=0.0)
    np.testing.assert_allclose(open_.loss, DENSITY / 2 / (0.4 * 2) ** 2, rtol=1e-5)
    np.testing.assert_allclose(shut.loss, open_.loss / SHUT_AREA**2, rtol=1e-3)
    half = after(0.0, -9.0, -9.0, 1e3, leak=0.5)
    np.testing.assert_allclose(half.loss, 4 * open_.loss, rtol=1e-3)
    np.testing.assert_allclose(open_.inertance, DENSITY * 0.7 / (np.sqrt(0.4) * 2), rtol=1e-12)


def test_a_stretched_ring_leaks_though_its_leaflets_are_sound() -> None:
    tight, wide = (after(0.0, -9.0, -9.0, 1e3, annulus=area, leak=0.0) for area in (0.58, 1.2))
    assert float(tight.loss[0, 0]) > 1e6 * float(wide.loss[0, 0])
    np.testing.assert_allclose(wide.loss, DENSITY / 2 / (1.2 * 0.5 * 2) ** 2, rtol=1e-3)


def test_leaflets_that_just_meet_leak_without_a_corner() -> None:
    def open_share(annulus: float) -> float:
        return float(after(0.0, -9.0, -9.0, 1e3, annulus=annulus, leak=0.0).per_free[0, 0]) ** -1

    def bend(small: float) -> float:
        below, at, above = (open_share(0.6 / (1.0 + 0.02 + step)) for step in (-small, 0.0, small))
        return abs(above - 2 * at + below)

    assert open_share(0.6 / 1.021) == pytest.approx(SHUT_AREA, rel=1e-3)
    # a corner's bend would shrink with the step, this one shrinks with its square
    assert bend(1e-4) < 0.02 * bend(1e-3)
