"""Lymph ends at as many venous angles as a body has, each with its own height, pressure and breathing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from small import drainages
from venolymph.errors import NetworkError
from venolymph.network import drainage, node
from venolymph.network.drainage import DrainageTopology

pytestmark = pytest.mark.usefixtures("strict")

ALONE = drainages.topology(3, nodes=1)
PAIR = replace(
    ALONE,
    compartments=("left tissue", "right tissue"),
    beds=("left bed", "right bed"),
    bed_compartment=(0, 1),
    initials=("left initial", "right initial"),
    initial_compartment=(0, 1),
    initial_vessel=(0, 3),
    lymphangions=tuple(f"{side} lymphangion {i}" for side in ("left", "right") for i in range(3)),
    lymphangion_compartment=(0, 0, 0, 1, 1, 1),
    peripheral=(0, 0, 1, 3, 3, 4),
    nodes=("left node", "right node"),
    downstream=(1, 2, 6, 4, 5, 7, 8, 9),
    ends=("left venous angle", "right venous angle"),
)
PRESSURES, HEIGHTS, BREATHS = (2.0, 15.0), (4.0, -3.0), (1.0, -2.0)


def ran(net: DrainageTopology, ends: Any, heights: Any, breaths: Any) -> Any:
    """Record of ten minutes with ends of these pressures, heights and breaths, each of shape (ends, batch)."""
    batch = np.asarray(ends).shape[-1]
    figures = drainages.with_(
        drainages.parameters(net, batch), lymphangions__frequency=4.0 / 60.0, nodes__absorption=1e-5
    )
    given = drainages.drive(net, batch)
    placed = replace(given.placed, end_height=jnp.asarray(heights), end_pressure=jnp.asarray(ends))
    given = replace(given, placed=placed, breath_end=jnp.asarray(breaths))
    state = drainages.start(net, figures, given)
    return drainages.advance(
        net, figures, drainage.repeat_over_intervals(given, 60), state, jnp.asarray(0.1), jnp.asarray(100)
    )[1]


def column(values: tuple[float, ...]) -> Any:
    return np.array(values)[:, None]


def test_two_halves_are_each_as_if_alone() -> None:
    both = ran(PAIR, column(PRESSURES), column(HEIGHTS), column(BREATHS))
    each = ran(ALONE, np.array([PRESSURES]), np.array([HEIGHTS]), np.array([BREATHS]))
    # Newton goes on until both halves are solved, so each is solved a little better than alone
    np.testing.assert_allclose(both.volume[:, :, 0], each.volume[:, 0, :], rtol=1e-7)
    into_blood = both.totals.passed[:, np.array(PAIR.tree.down) >= 8, 0]
    np.testing.assert_allclose(into_blood, each.totals.passed[:, -1, :], rtol=1e-3, atol=1e-6)
    assert np.abs(into_blood[:, 0] - into_blood[:, 1]).sum() > 1e-4
    np.testing.assert_allclose(both.angle[:, 0, 0], into_blood.sum(1), rtol=1e-12, atol=1e-15)
    lost = np.asarray(both.angle).sum() + np.asarray(both.totals.returned).sum()
    held = np.asarray(both.volume).sum((1, 2)) + np.asarray(both.lymph).sum((1, 2))
    begun = np.asarray(both.filtered[1:]).sum() - lost + np.asarray(both.angle[0]).sum()
    begun += np.asarray(both.totals.returned[0]).sum()
    assert held[-1] - held[0] == pytest.approx(begun, abs=1e-9)


def test_what_leads_nowhere_is_refused() -> None:
    with pytest.raises(NetworkError, match="downstream points outside 0 to 9"):
        replace(PAIR, downstream=(*PAIR.downstream[:-1], 10))
    with pytest.raises(NetworkError, match="two ends are named 'left venous angle'"):
        replace(PAIR, ends=("left venous angle",) * 2)
    with pytest.raises(NetworkError, match="runs in a ring") as caught:
        replace(PAIR, downstream=(1, 2, 0, 4, 5, 7, 8, 9))
    assert caught.value.hint == "each vessel must lead to a venous angle"


def test_a_collapsed_node_draws_no_more_from_blood_the_lower_its_pressure() -> None:
    nodes = jax.tree.map(lambda a: a[:1], drainages.parameters(ALONE).nodes)
    drawn = [
        float(node.returned_water(nodes, jnp.full((1, 1), p), jnp.full((1, 1), 20.0), jnp.full((1, 1), 25.0))[0][0, 0])
        for p in (-30.0, -1.0, 0.0, 5.0)
    ]
    assert drawn[0] == drawn[1] == drawn[2] < drawn[3]
