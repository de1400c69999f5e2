"""Tape volumes against solids whose volume is known, and changes against error."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venolymph.classification import excess_volume, limb_volume, smallest_change, volume_change
from venolymph.errors import DocumentError, UnitError


def test_a_cylinder() -> None:
    """The published check: girth 30 cm, height 4 cm."""
    assert limb_volume([30, 30], step=4) == pytest.approx(286.479, abs=5e-4)


@given(st.floats(3.0, 20.0), st.floats(3.0, 20.0), st.integers(1, 12), st.floats(1.0, 15.0))
def test_a_cut_off_cone(foot: float, top: float, parts: int, step: float) -> None:
    """However many tape lines, a straight cone has the volume of geometry: h pi (r^2 + r R + R^2) / 3."""
    radii = [foot + (top - foot) * n / parts for n in range(parts + 1)]
    volume = math.pi * parts * step * (foot**2 + foot * top + top**2) / 3
    assert limb_volume([2 * math.pi * r for r in radii], step) == pytest.approx(volume)


def test_text_with_units() -> None:
    assert limb_volume(["300 mm", "30 cm"], "40 mm") == pytest.approx(limb_volume([30, 30], 4))


@pytest.mark.parametrize(
    "girths", [[30], [], "30 cm", [30, 300], [30, 0], [30, -1], [30, math.nan], [30, math.inf], [30, True], [30, None]]
)
def test_impossible_girths_are_refused(girths: Any) -> None:
    with pytest.raises(DocumentError):
        limb_volume(girths)


def test_girths_as_text_need_units() -> None:
    with pytest.raises(UnitError):
        limb_volume(["30", "31"])


def test_steps_are_checked() -> None:
    with pytest.raises(DocumentError, match="1 to 15 cm"):
        limb_volume([30, 30], 40)


def test_the_smallest_change() -> None:
    """0.64 % of error of one rater is a change of 1.8 % at 95 %."""
    assert smallest_change(1000) == pytest.approx(17.7, abs=0.05)


def test_a_session_of_massage_cannot_be_seen_with_a_tape() -> None:
    """A few mL are within error; the 105 mL that ten hours of lying take away are not."""
    assert not volume_change(1875, 1869).more_than_error
    night = volume_change(1875, 1770)
    assert night.more_than_error
    assert night.change == -105
    assert night.percent == pytest.approx(-5.6)


def test_excess_is_of_the_other_limb() -> None:
    assert excess_volume(1200, 1000) == pytest.approx(20)
    assert excess_volume(900, 1000) == pytest.approx(-10)


@pytest.mark.parametrize("volume", [0, -5, math.nan, math.inf, "1 L", True, None])
def test_impossible_volumes_are_refused(volume: Any) -> None:
    with pytest.raises(DocumentError):
        volume_change(1000, volume)
    with pytest.raises(DocumentError):
        smallest_change(volume)
    with pytest.raises(DocumentError):
        excess_volume(volume, 1000)
    with pytest.raises(DocumentError):
        excess_volume(1000, volume)
