"""Lines of a picture have few points, and look like the traces that they stand for."""

from __future__ import annotations

import numpy as np
import pytest

from venolymph.report.pictures import _envelope

TIME = np.linspace(0.0, 100.0, 10_001)


@pytest.mark.parametrize("way", [1.0, -1.0])
def test_what_rises_or_falls_steadily_stays_a_line_without_teeth(way: float) -> None:
    time, values = _envelope(TIME, way * TIME, 600)
    assert len(time) <= 600
    assert (np.diff(time) >= 0).all()
    assert (way * np.diff(values) >= 0).all()
    np.testing.assert_allclose(values, way * time)


def test_the_lowest_and_the_highest_value_of_each_stretch_are_kept() -> None:
    trace = np.random.default_rng(3).normal(size=len(TIME)).cumsum()
    trace[[1234, 5678]] = [-500.0, 500.0]
    _, values = _envelope(TIME, trace, 600)
    assert values.min() == -500.0
    assert values.max() == 500.0


def test_what_has_no_value_for_a_while_stays_open() -> None:
    trace = np.where((TIME > 40.0) & (TIME < 60.0), np.nan, TIME)
    time, values = _envelope(TIME, trace, 600)
    assert np.isnan(values[(time > 41.0) & (time < 59.0)]).all()
    assert np.isfinite(values[(time < 39.0) | (time > 61.0)]).all()
