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
from venolymph.network.valve import SHUT_AREA, Begun, Orifice, orifice_after, orifice_slopes

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


@given(st.floats(0.01, 0.99), st.floats(0.01, 60.0), st.floats(0.01, 60.0), st.floats(1e-3, 10.0))
def test_forward_pressure_opens_and_backward_pressure_closes(
    before: float, start: float, end: float, span: float
) -> None:
    assert opening(before, start, end, span) > before
    assert opening(before, -start, -end, span) < before


def test_in_a_long_time_it_is_open_or_shut_and_in_none_it_stays() -> None:
    assert opening(0.2, 5.0, 5.0, 1e6) == pytest.approx(1.0, abs=1e-6)
    assert opening(0.8, -5.0, -5.0, 1e6) == pytest.approx(0.0, abs=1e-6)
    assert opening(0.37, 5.0, -5.0, 0.0) == pytest.approx(0.37, abs=1e-15)


def _exactly(before: float, start: float, end: float, span: float) -> float:
    """The opening's own equation under a pressure difference that runs straight, by scipy."""
    from scipy.integrate import solve_ivp

    def rate(t: float, z: Any) -> Any:
        x = (start + (end - start) * t / span) / 0.05
        pull = x / np.sqrt(1 + x * x)
        return (1 - z) * max(pull, 0) / 0.05 - z * max(-pull, 0) / 0.08

    found = solve_ivp(rate, (0.0, span), [before], rtol=1e-10, atol=1e-12, max_step=span / 500)
    return float(found.y[0, -1])


@pytest.mark.parametrize(("start", "end"), [(2.0, 8.0), (-3.0, -1.0), (-2.0, 5.0), (4.0, -1.0), (0.02, -0.05)])
def test_it_follows_its_equation_to_third_order_in_one_stretch(start: float, end: float) -> None:
    errors = [abs(opening(0.6, start, end, span) - _exactly(0.6, start, end, span)) for span in (8e-3, 2e-3)]
    # a switch within the stretch costs one order: which way came first is not known
    order = np.log(errors[0] / max(errors[1], 1e-13)) / np.log(4.0)
    assert errors[0] < 2e-3
    assert order > (1.8 if start * end < 0 else 2.7)


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
    slopes = orifice_slopes(some, drop, 1.0 / annulus, begun, found)
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
    tight, wide = (after(0.0, -9.0, -9.0, 1e3, annulus=area, leak=0.0) for area in (0.59, 1.2))
    assert float(tight.loss[0, 0]) > 1e6 * float(wide.loss[0, 0])
    np.testing.assert_allclose(wide.loss, DENSITY / 2 / (1.2 * 0.5 * 2) ** 2, rtol=1e-3)
