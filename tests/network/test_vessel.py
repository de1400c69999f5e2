"""Friction, inertia, and the flow that solves its quadratic."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from small import networks
from venolymph.network import vessel

positive = st.floats(1e-6, 1e4)


def one(value: float) -> Any:
    return jnp.full((1, 1), value)


@given(st.floats(-200, 200), positive, st.floats(1e-5, 10.0), st.floats(0.0, 1e4), st.floats(-100, 100), positive)
def test_flow_solves_its_equation(drop: float, R: float, L: float, B: float, known: float, h: float) -> None:
    flow = float(vessel.implicit_flow(one(drop), one(R), one(L), one(B), one(known), jnp.asarray(h))[0][0, 0])
    terms = np.array([L * (flow - known) / h, -drop, R * flow, B * flow * abs(flow)])
    scale = np.abs([L * flow / h, L * known / h, *terms]).max()
    assert abs(terms.sum()) <= 1e-12 * scale


def test_slopes_of_flow_are_its_derivatives() -> None:
    dice = np.random.default_rng(1)
    n = 200
    drop, known = (jnp.asarray(dice.normal(0, 20, (1, n))) for _ in range(2))
    R, L, B = (jnp.asarray(np.exp(dice.uniform(-4, 3, (1, n)))) for _ in range(3))
    h = jnp.asarray(3e-3)
    flow, root = vessel.implicit_flow(drop, R, L, B, known, h)
    slope = 1.0 / root
    ones = jnp.ones_like(drop)
    expected = {
        0: slope,
        1: -slope * flow,
        2: slope * (known - flow) / h,
        3: -slope * flow * jnp.abs(flow),
    }
    for place, value in expected.items():
        arguments = [drop, R, L, B]

        def at(x: Any, place: int = place, arguments: Any = arguments) -> Any:
            changed = [x if k == place else a for k, a in enumerate(arguments)]
            return vessel.implicit_flow(*changed, known, h)[0]

        np.testing.assert_allclose(jax.jvp(at, (arguments[place],), (ones,))[1], value, rtol=1e-9)


def test_without_inertia_or_orifice_flow_is_ohms() -> None:
    flow, root = vessel.implicit_flow(one(12.0), one(4.0), one(0.0), one(0.0), one(99.0), jnp.asarray(0.1))
    assert float(flow[0, 0]) == 3.0
    assert float(root[0, 0]) == 4.0


def test_resistance_of_a_round_open_vessel_is_poiseuilles() -> None:
    net = networks.chain(1)
    parameters = networks.replaced(
        networks.parameters(net, spread=0.0), cells__friction=one(8.0), cells__vessels=one(3.0), cells__length=one(7.0)
    )
    area = 0.4
    shape = vessel.resistance_shape(parameters.cells, parameters.fluid)
    R, _ = vessel.resistance(shape, one(1.0 / (area * 3 * 7)), one(1e-9))
    np.testing.assert_allclose(R, 8 * np.pi * networks.VISCOSITY * 7.0 / (3 * area**2), rtol=1e-12)


def test_resistance_closes_a_collapsed_vessel_and_has_its_slope() -> None:
    volume = jnp.asarray(np.geomspace(0.02, 5.0, 100))[None]
    shape, rest = jnp.full_like(volume, 2.5), jnp.full_like(volume, 1.3)
    R, slope = vessel.resistance(shape, 1.0 / volume, rest)
    derivative = jax.jvp(lambda v: vessel.resistance(shape, 1.0 / v, rest)[0], (volume,), (jnp.ones_like(volume),))[1]
    np.testing.assert_allclose(slope, derivative, rtol=1e-12)
    assert np.all(np.diff(R[0]) < 0)
    # at a stretch of 0.3 friction is twice that of an equally small open vessel
    half, _ = vessel.resistance(one(2.5), one(1.0 / 0.39), one(1.3))
    np.testing.assert_allclose(half, 2 * 2.5 / 0.39**2, rtol=1e-12)
