"""Phases with strokes have a step of their own: how good it is, against a quarter of it, and what a run says of it.

The error of a cell is the root mean square over the strokes of its pressure's error, over its peak to peak.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from small.regimens import MASSAGE
from venolymph.regimen.forces import massage as forces
from venolymph.simulation import one_phase, simulate
from venolymph.simulation.continuing import planned
from venolymph.simulation.exchange import no_hand

REASON = "test of the project"


def strokes(step: float) -> Any:
    """A run whose strokes are walked through with this step, s, and every sample of theirs is kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forces, "STROKE_STEP", step)
        patch.setattr(one_phase, "STROKE_POOL", 1)
        return simulate("healthy", MASSAGE, research_override=REASON)


@pytest.fixture(scope="module")
def usual() -> Any:
    return strokes(forces.STROKE_STEP)


@pytest.fixture(scope="module")
def finer() -> Any:
    return strokes(forces.STROKE_STEP / 4.0)


def pressures(run: Any) -> np.ndarray:
    """Pressure of each cell during the strokes, mmHg, shape (samples, cells)."""
    number = next(i for i, info in enumerate(run.phases) if info.kind == "massage")
    return np.asarray(run.pressure)[run.phase_of_sample == number, :, 0]


def errors(found: Any, truth: Any) -> np.ndarray:
    """Error of each cell that strokes reach at all."""
    exact = pressures(truth)
    swing = np.ptp(exact, axis=0)
    present = swing > 0.5
    assert present.sum() > 100
    return np.sqrt(np.mean((pressures(found) - exact) ** 2, axis=0))[present] / swing[present]


def test_strokes_at_the_default_step_keep_the_norm_of_gait(usual: Any, finer: Any) -> None:
    steps = [next(info.step for info in run.phases if info.kind == "massage") for run in (usual, finer)]
    assert 3.5 < steps[0] / steps[1] < 4.5
    found, coarse = errors(usual, finer), errors(strokes(forces.STROKE_STEP * 2.0), finer)
    *others, worst = np.sort(found)
    # one posterior tibial valve snaps at the very time of a sample, 1 mmHg within 2 ms: no step of 8 ms has that sample
    assert worst <= 1.5e-2
    assert np.sqrt(np.mean(np.square(others))) <= 1e-3
    assert others[-1] <= 5e-3
    # second order, or nearly: hands press and let go within a few steps
    assert np.median(found) < np.median(coarse) / 3.0


def test_a_run_says_of_each_phase_how_large_the_error_of_a_step_was(usual: Any, finer: Any) -> None:
    estimates = [np.array([float(record.extremes["error"][0]) for record in run.records]) for run in (usual, finer)]
    kinds = np.array([info.kind for info in usual.phases])
    assert np.all(estimates[0] > 0.0)
    massage = kinds == "massage"
    assert massage.any()
    # Third order in the step: a quarter of it has a far smaller error.
    assert np.all(estimates[1][massage] < 0.25 * estimates[0][massage])
    assert "error" in usual.dataset()


def test_a_hand_and_no_hand_are_one_compiled_program(usual: Any) -> None:
    """JAX compiles anew for every other type or shape, which takes longer than the strokes."""
    placement = next(phase for phase in planned(usual)[0] if phase.hand_placements).hand_placements[0]
    _, hand = usual.tissue.hands(placement, 0.0)
    none = no_hand(usual.topology.n_cells, 1)
    assert {name: (loads.dtype, loads.shape) for name, loads in hand.items()} == {
        name: (loads.dtype, loads.shape) for name, loads in none.items()
    }
