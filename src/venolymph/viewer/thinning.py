"""Which samples of a run become frames, so that a browser shows hours with ease, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

LAST = 10.0
"""Time at the end of a movement that repeats itself in which all samples are kept before others are, s."""
_SEVERAL = 4
"""Samples in a period from which on a movement is seen in them."""


def frame_numbers(phases: Sequence[Any], most: int) -> np.ndarray:
    """Numbers of the samples that become frames.

    Where there are too many, of a movement that repeats itself one sample each period is kept but for its last
    seconds; then every second, third or later one of all that is left. The last sample is always kept.

    Args:
        phases: of the run.
        most: frames that are wanted at most.
    """
    total = sum(phase.samples for phase in phases)
    numbers = np.arange(total)
    if total > 2 * most:
        first = np.cumsum([0] + [phase.samples for phase in phases])
        numbers = np.concatenate([_of_phase(phase, begin) for phase, begin in zip(phases, first, strict=False)])
    step = max(1, -(-len(numbers) // most))
    kept = numbers[step - 1 :: step]
    return kept if len(kept) and kept[-1] == total - 1 else np.append(kept, total - 1)


def _of_phase(phase: Any, begin: int) -> np.ndarray:
    numbers = np.arange(phase.samples)
    if phase.period and phase.period >= _SEVERAL * phase.sample:
        ends = phase.sample * (numbers + 1.0)
        cycle = np.floor(ends / phase.period + 1e-9)
        closes = np.diff(cycle, prepend=0.0) > 0.0
        numbers = numbers[(ends > phase.duration - LAST) | closes]
    return begin + numbers


def told(numbers: np.ndarray, phases: Sequence[Any]) -> str:
    """What is left out, in a sentence; empty where nothing is."""
    total = sum(phase.samples for phase in phases)
    if len(numbers) == total:
        return ""
    steps = np.diff(numbers)
    if len(steps) and steps[:-1].size and (steps[:-1] == steps[0]).all():
        which = {2: "second", 3: "third"}.get(int(steps[0]), f"{steps[0]}th")
        return f"Shown is every {which} of {total:,} samples."
    return (
        f"Shown are {len(numbers):,} of {total:,} samples: all or many in the last {LAST:.0f} s of a movement that "
        "repeats itself, before that one each time."
    )
