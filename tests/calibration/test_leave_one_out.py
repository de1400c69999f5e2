"""Targets left out of the calibration: against a model whose answer is known, and on the page."""

import importlib
import sys
from pathlib import Path

import numpy as np

from venolymph.validation import left_out, targets
from venolymph.validation.report import each_left_out

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
script = importlib.import_module("leave_one_out")
END = script.calibrate.END


def solved(slope: np.ndarray, centre: np.ndarray, scale: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """The least squares of a straight model with priors, in closed form."""
    weighted = slope / scale[:, None]
    return np.linalg.solve(weighted.T @ weighted + np.diag(spread**-2.0), weighted.T @ (centre / scale))


def test_a_straight_model_is_left_out_exactly():
    rng = np.random.default_rng(3)
    slope, centre = rng.normal(size=(6, 3)), rng.normal(size=6)
    scale, spread = rng.uniform(0.5, 2.0, 6), np.array([0.3, 0.5, 0.7])
    ends = centre - END * scale, centre + END * scale
    logs = solved(slope, centre, scale, spread)
    found = script.leave_out(
        lambda points: points @ slope.T, logs, centre, ends, spread, [(-9.0, 9.0)] * 3, np.full(3, 0.1)
    )
    np.testing.assert_allclose(found.within, slope @ logs, rtol=1e-10)
    for n in range(6):
        others = np.arange(6) != n
        without = solved(slope[others], centre[others], scale[others], spread)
        np.testing.assert_allclose(logs + found.moves[n], without, rtol=1e-8)
        np.testing.assert_allclose(found.without[n], slope[n] @ without, rtol=1e-8)
    told = slope / scale[:, None] * spread
    np.testing.assert_allclose(found.fisher, told.T @ told, rtol=1e-8)


def test_a_target_that_alone_rules_a_knob_leaves_it_at_its_prior():
    slope, spread = np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([0.5, 0.5])
    centre, scale = np.array([0.4, 1.0]), np.array([0.1, 0.1])
    logs = solved(slope, centre, scale, spread)
    ends = centre - END * scale, centre + END * scale
    found = script.leave_out(
        lambda points: points @ slope.T, logs, centre, ends, spread, [(-1.0, 1.0)] * 2, np.full(2, 0.05)
    )
    np.testing.assert_allclose(found.without, 0.0, atol=1e-9)


def test_knobs_stand_where_the_files_hold_them():
    for part in script.parts().values():
        at = script.standing(part.knobs, script.figures.load())
        for knob, log in zip(part.knobs, at, strict=True):
            low, high = knob.bounds(script.figures.load())
            assert low - 1e-3 <= log <= high + 1e-3


def test_what_is_kept_names_targets_that_may_set_figures():
    for name, part in left_out.load().items():
        targets = script.parts()[name].targets
        assert [one["id"] for one in part["targets"]] == [target.id for target in targets]
        assert [knob["name"] for knob in part["knobs"]] == [knob.name for knob in script.parts()[name].knobs]


def test_the_page_counts_those_in_range():
    part = {
        "targets": [
            {"id": "valve_closing_time", "with": 0.4, "without": 0.3},
            {"id": "valve_opening_time", "with": 0.27, "without": 0.5},
        ],
        "knobs": [{"name": "opening time", "prior": 0.7, "left": 0.2}],
        "fisher": [[3.0]],
    }
    text = "\n".join(each_left_out({"veins": part}, targets()))
    assert text.startswith("1 of 2 `calibrate` targets in range when they are left out")
    assert "| `valve_opening_time` | 0.27 | 0.5 | 0.17 to 0.37 (0.27) | s | **out of range** |" in text
    assert "| 1. opening time | 0.7 | 0.2 | 3 |" in text
    assert each_left_out({}, targets()) == []
    assert each_left_out({"veins": part}, {}) == []
