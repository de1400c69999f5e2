"""Derivatives of readings of tissue and lymph through a run with massage, against central differences.

Lymphangions fire or do not fire, and each contraction that comes a step earlier may take another's place; what is read
is smooth between such events. So that there are few of them, tissue and lymph rest for a short time only before the
run, and what bears on their rhythm is changed by less.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import venolymph as vl
from venolymph.body import leg_body, load_person
from venolymph.errors import SimulationError
from venolymph.simulation import driver
from venolymph.simulation.exchange import Tissue, tissue_of

STROKES = {
    "stroke": "pump",
    "at": ["inner calf"],
    "toward": "superficial inguinal nodes",
    "repeat": 5,
    "sets": 1,
    "spots": 2,
    "for": "20 s",
}
REGIMEN: list[Any] = [{"lie": {"for": "20 s"}}, {"massage": STROKES}, {"stand": {"for": "10 s"}}]
READINGS = ["lymph formed", "tissue fluid balance", "tissue water in calf"]
STEPS = {"filtration": 1e-5, "compliance": 1e-5, "uptake": 1e-6, "tension": 1e-6, "wall": 1e-5, "stroke": 1e-5}
"""What is multiplied by a factor near 1, and how much it is changed for differences."""
FACTORS = list(STEPS)
ONE = jnp.ones(len(FACTORS))
REASON = "test of the project"


@dataclass(frozen=True)
class Pressed(Tissue):
    """Tissue and lymph that a hand presses so many times as hard as the session says."""

    harder: Any = 1.0

    def hands(self, strokes: Any, begin: float) -> Any:
        hand, veins = super().hands(strokes, begin)
        hand = eqx.tree_at(
            lambda h: (h.initials, h.tissue, h.vessels, h.pressed),
            hand,
            replace_fn=lambda pressure: pressure * self.harder,
        )
        return hand, {**veins, "press": veins["press"] * self.harder}


@pytest.fixture(scope="module", autouse=True)
def _short_rest() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(driver, "SETTLING_OF_TISSUE", 20.0)
        yield


@pytest.fixture(scope="module")
def body() -> Any:
    return leg_body(load_person("healthy"))


@pytest.fixture(scope="module")
def tissue(body: Any) -> Tissue:
    return tissue_of([body])


def readings(body: Any, tissue: Tissue, factors: Any) -> Any:
    """Readings with figures of capillaries, tissue, lymph, veins and hands multiplied by these factors."""
    filtration, compliance, uptake, tension, wall, stroke = factors
    given = tissue.parameters
    given = eqx.tree_at(
        lambda p: (p.beds.filtration, p.tissue.stiff_slope, p.initials.uptake, p.lymphangions.tension),
        given,
        (
            given.beds.filtration * filtration,
            given.tissue.stiff_slope / compliance,
            given.initials.uptake * uptake,
            given.lymphangions.tension * tension,
        ),
    )
    own = Pressed(tissue.legs, given, tissue.meeting, tissue.layout, tissue.targets, tissue.reference, stroke)
    veins = eqx.tree_at(lambda p: p.cells.collagen_stiffness, body.parameters, replace_fn=lambda k: k * wall)
    found = vl.predict(body, REGIMEN, READINGS, veins, mode="forward", tissue=own, research_override=REASON)
    return jnp.stack([found[name][0] for name in READINGS])


@pytest.mark.parametrize("name", FACTORS)
def test_forward_mode(name: str, body: Any, tissue: Tissue) -> None:
    direction = jnp.zeros(len(FACTORS)).at[FACTORS.index(name)].set(1.0)
    step = STEPS[name]
    more, less = (np.asarray(readings(body, tissue, ONE + sign * step * direction)) for sign in (1.0, -1.0))
    differences = (more - less) / (2.0 * step)
    _, slopes = jax.jvp(lambda factors: readings(body, tissue, factors), (ONE,), (direction,))
    assert np.all(np.abs(differences) > 1e-4)
    np.testing.assert_allclose(slopes, differences, rtol=1e-4)


def test_reverse_mode_is_refused_and_the_error_names_the_way_that_works() -> None:
    with pytest.raises(SimulationError, match="forward only") as raised:
        vl.predict("healthy", REGIMEN, READINGS, tissue=True, research_override=REASON)
    assert raised.value.hint is not None
    assert "differentiable='forward'" in raised.value.hint
