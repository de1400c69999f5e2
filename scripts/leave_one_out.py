"""Predict each `calibrate` target by the model calibrated without it, and say what the targets tell of each knob.

A target that sets figures is met because it sets them. What it is worth shows when it is left out: the knobs of
`calibrate.py` and `calibrate_tissue.py` are set by the other targets and the priors alone, and the target is predicted.

Derivatives are taken once, where the files stand; without a target the knobs move by one Gauss-Newton step from there,
and the target is read from a simulation with the knobs so set. A second step would change little: a step that moves
no knob by more than a hundredth of its prior's spread is not simulated but read from the derivatives.

The Fisher matrix is that of the targets in the logarithms of the knobs, each times the spread of its prior. Its entry
on the diagonal says how much more the targets tell of a knob than its prior did: below 1 the prior rules.

    python scripts/leave_one_out.py                  # veins and tissue, some twenty minutes
    python scripts/leave_one_out.py veins            # one of them
    python scripts/leave_one_out.py veins --write    # and keeps what it finds for the page of validation
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from venolymph import figures
from venolymph.figures import Figure
from venolymph.validation import Target, left_out
from venolymph.validation.report import each_left_out

sys.path.insert(0, str(Path(__file__).parent))
import calibrate
import calibrate_tissue
from calibrate import Knob

STILL = 0.01
"""A step of a knob below this part of its prior's spread is not simulated, 1."""


@dataclass(frozen=True)
class Part:
    """Knobs, the targets that set them, and the model's answer at points of the knobs' logarithms."""

    knobs: Sequence[Knob]
    targets: Sequence[Target]
    predict: Callable[[np.ndarray], np.ndarray]
    step: np.ndarray


@dataclass(frozen=True)
class Found:
    """What came of it.

    Attributes:
        within: each target with all in the calibration, shape (targets,).
        without: each target with itself left out, shape (targets,).
        moves: logarithms by which the knobs move for that, shape (targets, knobs).
        fisher: information of the targets in units of the priors', shape (knobs, knobs).
    """

    within: np.ndarray
    without: np.ndarray
    moves: np.ndarray
    fisher: np.ndarray


def parts() -> dict[str, Part]:
    """Veins and tissue."""
    veins, tissue = calibrate.calibrate_targets(), calibrate_tissue.calibrate_targets()
    steps = np.full(len(calibrate.KNOBS), math.nan)
    for block in calibrate.BLOCKS:
        steps[list(block.knobs)] = block.step
    spread = np.array([knob.spread for knob in calibrate_tissue.KNOBS])
    return {
        "veins": Part(calibrate.KNOBS, veins, lambda points: calibrate.predictions(veins, points), steps),
        "tissue": Part(
            calibrate_tissue.KNOBS, tissue, calibrate_tissue.predictions, np.minimum(calibrate_tissue.STEP, spread)
        ),
    }


def standing(knobs: Sequence[Knob], known: Mapping[str, Figure]) -> np.ndarray:
    """Logarithms of the knobs' factors as the files hold them, shape (knobs,)."""
    first = [next(iter(knob.figures.items())) for knob in knobs]
    return np.array([math.log(known[key].value / prior) for key, prior in first])


def leave_out(
    predict: Callable[[np.ndarray], np.ndarray],
    logs: np.ndarray,
    centre: np.ndarray,
    ends: tuple[np.ndarray, np.ndarray],
    spread: np.ndarray,
    bounds: Sequence[tuple[float, float]],
    step: np.ndarray,
) -> Found:
    """Each target predicted without itself.

    Args:
        predict: targets, shape (points, targets), at logarithms of factors of shape (points, knobs).
        logs: where the calibration ended, shape (knobs,).
        centre: of the targets.
        ends: low and high ends of the targets' ranges.
        spread: of the priors.
        bounds: of the logarithms.
        step: of the logarithms, for derivatives, shape (knobs,).
    """
    low, high = np.array(bounds).T
    here, slope = calibrate.slopes(predict, logs, step, high)
    scale = calibrate.deviations(here, centre, ends)
    pulls = np.vstack([slope / scale[:, None], np.diag(1.0 / spread)])
    misses = np.concatenate([(here - centre) / scale, logs / spread])
    told = slope / scale[:, None] * spread
    moves = np.empty((len(here), len(logs)))
    for n in range(len(here)):
        others = np.arange(len(misses)) != n
        moves[n] = calibrate.gauss_newton(pulls[others], misses[others], 0.0, (low - logs, high - logs))
    without = here + np.einsum("tk,tk->t", slope, moves)
    far = np.flatnonzero(np.max(np.abs(moves) / spread, axis=1) > STILL)
    if far.size:
        without[far] = predict(np.vstack([logs, logs + moves[far]]))[1 + np.arange(far.size), far]
    return Found(here, without, moves, told.T @ told)


def kept(part: Part, found: Found) -> dict[str, Any]:
    """What the page of validation shows, as JSON."""
    left = np.sqrt(np.diag(np.linalg.inv(found.fisher + np.eye(len(part.knobs)))))
    return {
        "targets": [
            {"id": target.id, "with": float(f"{a:.4g}"), "without": float(f"{b:.4g}")}
            for target, a, b in zip(part.targets, found.within, found.without, strict=True)
        ],
        "knobs": [
            {"name": knob.name, "prior": knob.spread, "left": float(f"{knob.spread * share:.3g}")}
            for knob, share in zip(part.knobs, left, strict=True)
        ],
        "fisher": [[float(f"{value:.3g}") for value in row] for row in found.fisher],
    }


def main() -> None:
    """Find, print, and keep where asked."""
    parser = argparse.ArgumentParser(description="Predict each calibrate target by the model calibrated without it.")
    parser.add_argument("part", nargs="*", help="veins, tissue (both where none is named)")
    parser.add_argument("--write", action="store_true", help="keep it for the page of validation")
    given = parser.parse_args()
    known, all_parts = figures.load(), parts()
    if unknown := set(given.part) - set(all_parts):
        raise SystemExit(f"there is no part {', '.join(sorted(unknown))}; allowed are {', '.join(all_parts)}")
    results = dict(left_out.load())
    for name in given.part or list(all_parts):
        part = all_parts[name]
        centre, ends = calibrate.ranges(part.targets)
        found = leave_out(
            part.predict,
            standing(part.knobs, known),
            centre,
            ends,
            np.array([knob.spread for knob in part.knobs]),
            [knob.bounds(known) for knob in part.knobs],
            part.step,
        )
        results[name] = kept(part, found)
        print("\n".join(each_left_out({name: results[name]}, {target.id: target for target in part.targets})))
    if given.write:
        left_out.FILE.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n", "utf-8")
        print(f"written: {left_out.FILE}")


if __name__ == "__main__":
    main()
