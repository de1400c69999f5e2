"""Oxygen in skin: closed forms, order of the mesh, conservation, what was measured, and what changes it."""

from __future__ import annotations

import numpy as np
import pytest

from venolymph.errors import VenolymphError
from venolymph.skin import Numbers, numbers, oxygen_profile


@pytest.fixture(scope="module")
def even() -> Numbers:
    """Skin of one tissue that uses oxygen at one rate, however little is left, and gets none from blood."""
    return {
        **numbers(),
        "oxygen.half_use": 1e-9,
        "oxygen.epidermis_use": 1.0,
        "oxygen.horny_conductivity": 1.0,
        "oxygen.give": 0.0,
        "oxygen.depth": 0.025,
    }


def test_even_use_without_blood_is_a_parabola_below_a_straight_line(even: Numbers) -> None:
    """The horny layer, h deep, uses nothing: P = P_air - M ((L - h) x - (x - h)^2 / 2) / K below it."""
    found = oxygen_profile(known=even)
    x, depth, horny = found.depth / 10.0, even["oxygen.depth"], even["oxygen.horny"]
    fallen = (depth - horny) * x - np.maximum(x - horny, 0.0) ** 2 / 2.0
    exact = even["oxygen.air"] - even["oxygen.use"] / even["oxygen.conductivity"] * fallen
    assert exact.min() > 20.0
    np.testing.assert_allclose(found.pressure, exact, rtol=1e-4)
    assert found.uptake == pytest.approx(even["oxygen.use"] * (depth - horny) * 6e5, rel=1e-5)


def test_air_reaches_as_deep_as_krogh_says_where_it_does_not_reach_the_bottom(even: Numbers) -> None:
    """Below the depth d at which K P_air = M ((d - h) d - (d - h)^2 / 2) no oxygen is left."""
    deep = {**even, "oxygen.depth": 0.15, "oxygen.half_use": 1e-3}
    found = oxygen_profile(known=deep, cells=300)
    reach = np.sqrt(
        2.0 * deep["oxygen.conductivity"] * deep["oxygen.air"] / deep["oxygen.use"] + deep["oxygen.horny"] ** 2
    )
    assert found.pressure[found.depth > 12.0 * reach].max() < 0.1
    assert found.uptake == pytest.approx(deep["oxygen.use"] * (reach - deep["oxygen.horny"]) * 6e5, rel=1e-2)


def test_the_mesh_converges_by_its_square() -> None:
    finest = oxygen_profile(cells=960)
    errors = [abs(oxygen_profile(cells=cells).uptake - finest.uptake) for cells in (60, 120, 240)]
    orders = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert np.all(orders > 1.7), orders


@pytest.mark.parametrize(
    "given", [{}, {"flow": 0.0}, {"flow": 1.25}, {"swelling": 1.3}, {"sealed": True}, {"sealed": True, "flow": 0.5}]
)
def test_what_air_and_blood_bring_is_what_tissue_uses(given: dict) -> None:
    found = oxygen_profile(**given)
    assert found.uptake + found.delivery == pytest.approx(found.consumption, rel=1e-9)


def test_what_was_measured_of_the_uptake_is_met() -> None:
    """Target: 0.53 +/- 0.27 mL/min/m2, 9.5 +/- 6.3 % more without flow, 0.25 to 0.40 mm supplied by air."""
    rest, without = oxygen_profile(), oxygen_profile(flow=0.0)
    assert 0.26 <= rest.uptake <= 0.80
    assert 3.2 <= 100.0 * (without.uptake / rest.uptake - 1.0) <= 15.8
    assert 0.25 <= rest.supplied_by_air <= 0.40


def test_flow_does_little_where_pores_are_and_a_sealed_surface_does_much() -> None:
    rest = oxygen_profile()
    more, less, sealed = oxygen_profile(flow=1.25), oxygen_profile(flow=0.75), oxygen_profile(sealed=True)
    for depth in (0.05, 0.1, 0.3):
        assert 0.0 < more.at(depth) - rest.at(depth) < 0.05 * rest.at(depth) + 1.0
        assert less.at(depth) < rest.at(depth)
        assert sealed.at(depth) < rest.at(depth) - (more.at(depth) - rest.at(depth))
    for depth in (0.05, 0.1):
        assert rest.at(depth) - sealed.at(depth) > 5.0 * (more.at(depth) - rest.at(depth))
    assert more.uptake < rest.uptake
    assert sealed.uptake == 0.0 == sealed.supplied_by_air


def test_flow_that_brings_nothing_leaves_the_deep_dermis_without_oxygen() -> None:
    without = oxygen_profile(flow=0.0)
    assert without.delivery == 0.0
    assert without.at(1.4) < 1e-3
    assert np.all(without.pressure > 0.0)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"flow": -1.0}, "flow: found -1.0; allowed are 0 to 10"),
        ({"cells": 3}, "cells"),
        ({"swelling": 0.0}, "swelling"),
    ],
)
def test_what_cannot_be_is_refused(given: dict, message: str) -> None:
    with pytest.raises(VenolymphError, match=message):
        oxygen_profile(**given)
