"""Shadow under an eye: flat skin has none, grooves and bumps have, more so the higher and harder the light."""

from __future__ import annotations

import numpy as np
import pytest

from venolymph.errors import VenolymphError
from venolymph.skin import LIGHTS, Shape, lit, shade


@pytest.mark.parametrize("light", LIGHTS)
def test_flat_skin_is_lit_evenly(light: str) -> None:
    np.testing.assert_allclose(lit(Shape(0.0, 0.0), light), 1.0)
    assert shade(Shape(0.0, 0.0), light) == pytest.approx(1.0)


def test_a_shallow_groove_darkens_by_its_slope_times_the_tangent_of_the_light() -> None:
    """Where nothing is hidden and slopes are small: 1 + slope tan(elevation)."""
    shape = Shape(0.05, 0.0)
    slope = np.gradient(shape.outline(), 0.25)
    np.testing.assert_allclose(lit(shape, "above"), 1.0 + slope * np.tan(np.deg2rad(50.0)), atol=2e-3)


def test_shadow_grows_with_the_trough_with_the_bag_and_with_the_height_of_the_light() -> None:
    depths = [shade(Shape(depth), "above") for depth in (0.25, 0.5, 1.0)]
    assert np.all(np.diff(depths) < 0.0)
    assert shade(Shape(0.5, 1.5), "above") < shade(Shape(0.5, 0.0), "above")
    assert shade(Shape(0.5), "overhead") < shade(Shape(0.5), "above") < shade(Shape(0.5), "front") < 1.0


def test_a_bag_hides_the_skin_below_it_from_light_overhead() -> None:
    bag = Shape(0.0, 6.0)
    assert lit(bag, "overhead").min() == 0.0
    assert lit(bag, "front").min() > 0.0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [(lambda: shade(Shape(), "abov"), "hint: did you mean 'above'?"), (lambda: Shape(-1.0), "trough: found -1.0 mm")],
)
def test_what_is_no_shape_or_light_is_refused(wrong, message: str) -> None:
    with pytest.raises(VenolymphError) as caught:
        wrong()
    assert message in str(caught.value)
