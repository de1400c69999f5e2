"""A place of the head is as high as its coordinates say, in every posture of trunk and head."""

from __future__ import annotations

import math

import jax.numpy as jnp
import pytest

from venolymph.body.head_scale import HeadScale, HeadSide
from venolymph.body.region import HEAD_LINKS
from venolymph.network.surroundings import heights

QUARTER = math.pi / 2
SCALE = HeadScale(length=1.0, neck_base=14.0)


def height(place: tuple[float, float, float], side: HeadSide, angles: tuple[float, ...], scale: HeadScale) -> float:
    """Height of a place above the atrium, cm, at some angles of trunk, up, forward and left."""
    position = jnp.asarray(scale.position(*place, side))[None, :, None]
    return float(heights(position, jnp.asarray(angles)[:, None])[0, 0])


@pytest.mark.parametrize(
    ("angles", "left", "right"),
    [
        pytest.param((QUARTER, QUARTER, 0.0, 0.0), 30.0, 30.0, id="upright"),
        pytest.param((0.0, 0.0, QUARTER, 0.0), 7.0, 7.0, id="on the back"),
        pytest.param((0.0, 0.0, -QUARTER, 0.0), -7.0, -7.0, id="on the front"),
        pytest.param((0.0, 0.0, 0.0, -QUARTER), -4.0, 4.0, id="on the left side"),
        pytest.param((0.0, 0.0, 0.0, QUARTER), 4.0, -4.0, id="on the right side"),
        pytest.param((0.0, QUARTER, 0.0, 0.0), 16.0, 16.0, id="head alone raised"),
    ],
)
def test_height_of_an_eyelid(angles: tuple[float, ...], left: float, right: float) -> None:
    assert len(angles) == len(HEAD_LINKS)
    place = (7.0, 4.0, 30.0)
    assert height(place, "left", angles, SCALE) == pytest.approx(left, abs=1e-12)
    assert height(place, "right", angles, SCALE) == pytest.approx(right, abs=1e-12)


def test_what_lies_below_the_neck_goes_with_the_trunk_alone() -> None:
    place = (2.0, 3.0, 8.0)
    assert height(place, "left", (0.0, QUARTER, QUARTER, QUARTER), SCALE) == pytest.approx(0.0, abs=1e-12)
    assert height(place, "right", (QUARTER, 0.0, 0.0, 0.0), SCALE) == pytest.approx(8.0)


def test_lengths_go_with_stature() -> None:
    tall = HeadScale(length=1.1, neck_base=14.0)
    for angles in ((QUARTER, QUARTER, 0.0, 0.0), (0.3, 0.2, 1.0, -0.4)):
        reference = height((7.0, 4.0, 30.0), "left", angles, SCALE)
        assert height((7.0, 4.0, 30.0), "left", angles, tall) == pytest.approx(1.1 * reference)
