"""Derivatives of readings of tissue and lymph through a run with massage, against central differences.

What is read is smooth but for jumps. They come where a step of lymph begins or ceases to have a solution near where it
starts (a valve shuts, and flow runs back through it, between lymphangions that contract) and so is taken in parts or
whole: some 12 of the 3,500 steps here are taken in parts. Along `tension` lymph formed jumps by up to 1e-4 of itself
(the number of contractions stays) about once in 3e-7, along `compliance` once in 6e-6. Between jumps readings bend: the
slope for `compliance` changes by 1e-2 of itself within 1e-6. There derivatives and differences agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import venolymph as vl
from small.regimens import MASSAGE
from venolymph.body import leg_body, load_person
from venolymph.errors import SimulationError
from venolymph.simulation.tissue_model import Tissue, tissue_of

REGIMEN: list[Any] = [*MASSAGE, {"stand": {"for": "10 s"}}]
READINGS = ["lymph formed", "tissue fluid balance", "tissue water in calf"]
STEPS = {"filtration": 1e-6, "compliance": 3e-7, "uptake": 1e-6, "tension": 1e-7, "wall": 1.2e-5, "stroke": 1e-6}
"""What is multiplied by a factor near 1, and how much that is changed for differences.

Rounding in thousands of steps, which legs amplify, leaves 3e-11 to 2e-10 in a reading: over 1e-7 that is up to a
hundredth of what a factor changes, so differences are taken over as much as readings bend little in. Along `compliance`
they bend most (the slope of lymph formed by 2 % of itself in 1e-6), along `tension` they jump most often, along `wall`
they change least for the rounding."""
FACTORS = list(STEPS)
NEAR = 1e-7
"""Within which readings lie on a line, 1."""
ROUNDING = 1e-11
"""Of a reading, mL."""
ONE = jnp.ones(len(FACTORS))
REASON = "test of the project"


@dataclass(frozen=True)
class Pressed(Tissue):
    """Tissue and lymph that a hand presses so many times as hard as the session says."""

    harder: Any = 1.0

    def hands(self, strokes: Any, begin: float) -> Any:
        hand, veins = super().hands(strokes, begin)
        hand = eqx.tree_at(
            lambda h: (h.initials.height, h.tissue, h.vessels.height, h.pressed),
            hand,
            replace_fn=lambda pressure: pressure * self.harder,
        )
        return hand, {**veins, "press": veins["press"] * self.harder}


@pytest.fixture(scope="module")
def body() -> Any:
    """A healthy leg whose walls are just those of the figures, which hold at this age."""
    document = load_person("healthy").document()
    document["person"]["age"] = "25 y"
    return leg_body(load_person(document))


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
    own = Pressed(tissue.legs, given, tissue.contacts, tissue.layout, tissue.targets, tissue.reference, harder=stroke)
    veins = eqx.tree_at(lambda p: p.cells.collagen_stiffness, body.parameters, replace_fn=lambda k: k * wall)
    found = vl.predict(body, REGIMEN, READINGS, veins, mode="forward", tissue=own, research_override=REASON)
    return jnp.stack([found[name][0] for name in READINGS])


def along(name: str, steps: Any, size: float, body: Any, tissue: Tissue) -> np.ndarray:
    """Readings with one factor changed by so many steps of a size, shape (steps, readings)."""
    direction = size * jnp.zeros(len(FACTORS)).at[FACTORS.index(name)].set(1.0)
    return np.stack([np.asarray(readings(body, tissue, ONE + step * direction)) for step in steps])


@pytest.mark.parametrize("name", FACTORS)
def test_forward_mode(name: str, body: Any, tissue: Tissue) -> None:
    size = STEPS[name]
    # four differences side by side: the median leaves out one that spans a jump
    differences = np.median(np.diff(along(name, range(-2, 3), size, body, tissue), axis=0), axis=0) / size
    direction = jnp.zeros(len(FACTORS)).at[FACTORS.index(name)].set(1.0)
    _, slopes = jax.jvp(lambda factors: readings(body, tissue, factors), (ONE,), (direction,))
    assert np.all(np.abs(differences) > 1e-4)
    np.testing.assert_allclose(slopes, differences, rtol=1e-4, atol=2.0 * ROUNDING / size)


def test_what_is_read_does_not_hang_on_rounding(body: Any, tissue: Tissue) -> None:
    """Factors so near to each other give readings on a line but for a jump: chance never decides how one is taken."""
    changes = np.diff(along("compliance", np.linspace(-9.0, 9.0, 16), NEAR, body, tissue), axis=0)
    off = np.any(np.abs(changes - np.median(changes, axis=0)) > 1e-8, axis=1)
    assert off.sum() <= 2


def test_reverse_mode_is_refused_and_the_error_names_the_way_that_works() -> None:
    with pytest.raises(SimulationError, match="forward only") as raised:
        vl.predict("healthy", REGIMEN, READINGS, tissue=True, research_override=REASON)
    assert raised.value.hint is not None
    assert "differentiable='forward'" in raised.value.hint
