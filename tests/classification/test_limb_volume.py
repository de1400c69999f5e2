"""Tape volumes against solids whose volume is known, and changes against error."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from venolymph.classification import (
    excess_volume,
    girth_of_area,
    girth_of_diameters,
    limb_volume,
    read_girths,
    smallest_change,
    volume_change,
)
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


GIRTHS = {0: 21.5, 8: 24.0, 19: 33.0, 30: 35.0, 40: 39.0}
"""A protocol of landmarks: ankle, 8 cm, calf, below the knee, above it."""


def test_landmarks_at_uneven_distances() -> None:
    assert limb_volume(GIRTHS) == pytest.approx(3149.41, abs=0.005)


def test_the_order_of_a_mapping_does_not_matter() -> None:
    assert limb_volume(dict(reversed(GIRTHS.items()))) == limb_volume(GIRTHS)


def test_heights_as_text() -> None:
    assert limb_volume({"0 cm": "215 mm", "80 mm": 24.0, "0.19 m": "33 cm"}) == pytest.approx(
        limb_volume({0: 21.5, 8: 24.0, 19: 33.0})
    )


def test_a_sequence_is_a_mapping_at_even_heights() -> None:
    assert limb_volume([21.5, 24.0, 33.0], 8) == pytest.approx(limb_volume({0: 21.5, 8: 24.0, 16: 33.0}))


def test_slices_of_a_light_gate() -> None:
    """A cylinder in 121 slices of 5 mm, and in slices of 3 mm."""
    for step, slices in ((0.5, 120), (0.3, 200)):
        cylinder = {number * step: 30.0 for number in range(slices + 1)}
        assert limb_volume(cylinder) == pytest.approx(30**2 / (4 * math.pi) * 60)
        assert limb_volume([30.0] * (slices + 1), step) == pytest.approx(30**2 / (4 * math.pi) * 60)


@given(st.floats(15.0, 40.0), st.floats(25.0, 90.0), st.lists(st.integers(1, 79), unique=True, max_size=12))
def test_a_line_more_on_a_straight_cone_changes_nothing(foot: float, top: float, between: list[int]) -> None:
    """Wherever the lines are, a cone is a cone."""
    heights = [0, 20, 40, 60, 80, *between]
    girths = {height: foot + (top - foot) * height / 80 for height in heights}
    volume = 80 * (foot**2 + foot * top + top**2) / (12 * math.pi)
    assert limb_volume(girths) == pytest.approx(volume)
    part = read_girths(girths).between(13.0, 57.3)
    assert part.extent == (13.0, 57.3)
    low, high = (foot + (top - foot) * height / 80 for height in part.extent)
    assert part.volume == pytest.approx(44.3 * (low**2 + low * high + high**2) / (12 * math.pi))


@given(st.integers(1, 39))
def test_cutting_in_two_and_adding_up(height: int) -> None:
    whole = read_girths(GIRTHS)
    assert whole.between(0, height).volume + whole.between(height, 40).volume == pytest.approx(whole.volume)


def test_girths_in_between_are_on_a_straight_line() -> None:
    """And from a finer to a finer step, the volume of a curved limb settles: the error goes down with the square."""
    found = read_girths(GIRTHS)
    assert found.at(4) == pytest.approx(22.75)
    assert [found.at(height) for height in GIRTHS] == list(GIRTHS.values())
    exact = math.pi * (40 * 49 + 28 * 80 / math.pi + 4 * 20)  # r = 7 + 2 sin(pi x / 40)
    errors = [
        limb_volume({x: 2 * math.pi * (7 + 2 * math.sin(math.pi * x / 40)) for x in range(0, 41, step)}) - exact
        for step in (8, 4, 2, 1)
    ]
    assert all(3.5 < coarse / fine < 4.5 for coarse, fine in itertools.pairwise(errors))


def test_a_missing_reading_is_spanned() -> None:
    there = {height: girth for height, girth in GIRTHS.items() if height != 19}
    assert limb_volume({**GIRTHS, 19: None}) == limb_volume(there)
    assert limb_volume([21.5, None, 24.0], 4) == limb_volume([21.5, 24.0], 8)


@pytest.mark.parametrize("missing", [0, 40])
def test_a_missing_end_does_not_shorten_the_limb_in_silence(missing: int) -> None:
    with pytest.raises(DocumentError, match="how far the volume reaches"):
        limb_volume({**GIRTHS, missing: None})


@pytest.mark.parametrize(
    ("girths", "message"),
    [
        ({0: 21.5, 31: 24.0}, "31 cm apart"),
        ({0: 21.5, 0.2: 24.0}, "0.2 cm apart"),
        ({0: 21.5, 200: 24.0}, "-15 to 130 cm"),
        ({"8 cm": 21.5, "80 mm": 22.0, "12 cm": 24.0}, "two girths at 8 cm"),
        ({"8 cm": 21.5, "80 mm": 21.5}, "found 1 girth"),
        ({0: 21.5, 8: 300}, "3 to 200 cm"),
        ({0: 21.5, True: 24.0}, "found yes"),
        ({0: 21.5}, "two girths or more"),
        (7, "two girths or more"),
    ],
)
def test_impossible_heights_are_refused(girths: Any, message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        limb_volume(girths)


@pytest.mark.parametrize("girths", [{"0": 21.5, "8": 24.0}, {0: "21.5", 8: "24"}, {0: "21,5 cm", 8: "24 cm"}])
def test_heights_and_girths_as_text_need_units(girths: Any) -> None:
    with pytest.raises(UnitError):
        limb_volume(girths)


def test_sections_as_girths() -> None:
    """Cones between girths of equal area are as large as between the sections: h (A + B + sqrt(A B)) / 3."""
    assert girth_of_diameters(10, 10) == pytest.approx(10 * math.pi)
    assert girth_of_diameters(8, 12) == girth_of_area(math.pi * 24)
    a, b = 60.0, 110.0
    assert limb_volume([girth_of_area(a), girth_of_area(b)], 5) == pytest.approx(5 * (a + b + math.sqrt(a * b)) / 3)
    for wrong in (0, -1, math.nan, math.inf, True, "60"):
        with pytest.raises(DocumentError):
            girth_of_area(wrong)  # type: ignore[arg-type]
        with pytest.raises(DocumentError):
            girth_of_diameters(8, wrong)  # type: ignore[arg-type]


def test_rows_of_numpy_and_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    assert limb_volume(np.array([30, 30])) == pytest.approx(286.479, abs=5e-4)  # type: ignore[arg-type]
    assert limb_volume(pandas.Series(GIRTHS)) == pytest.approx(3149.41, abs=0.005)


@pytest.mark.parametrize(
    "girths", [[30], [], "30 cm", [30, 300], [30, 0], [30, -1], [30, math.nan], [30, math.inf], [30, True], [30, None]]
)
def test_impossible_girths_are_refused(girths: Any) -> None:
    with pytest.raises(DocumentError):
        limb_volume(girths)


def test_girths_come_from_tables() -> None:
    girths: Any = np.array([30, 31, 32])
    step: Any = np.float32(4)
    volume: Any = np.int64(1000)
    assert limb_volume(girths, step) == limb_volume([30, 31, 32])
    assert smallest_change(volume) == smallest_change(1000)
    with pytest.raises(DocumentError):
        limb_volume(girths / np.array([1, 1, np.nan]))


def test_girths_as_text_need_units() -> None:
    with pytest.raises(UnitError):
        limb_volume(["30", "31"])


def test_steps_are_checked() -> None:
    with pytest.raises(DocumentError, match=r"0\.3 to 15 cm"):
        limb_volume([30, 30], 40)


def test_the_smallest_change() -> None:
    """0.64 % of error of one rater is a change of 1.8 % at 95 %."""
    assert smallest_change(1000) == pytest.approx(17.7, abs=0.05)


def test_over_weeks_a_change_has_to_be_larger() -> None:
    """3.8 % where two weeks lie between, as published; legs change by themselves."""
    assert smallest_change(1000, "weeks") == pytest.approx(38)
    assert volume_change(1000, 970).more_than_error
    assert not volume_change(1000, 970, "weeks").more_than_error


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
