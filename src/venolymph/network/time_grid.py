"""Division of a phase into whole numbers of steps and samples."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

SAMPLES_PER_CALL = 32
"""Samples per call of the compiled program, the same for every phase, so that one program serves all."""

MOST_SAMPLES = 4096
"""Largest number of samples of a phase: memory does not grow with the length of the day."""


@dataclass(frozen=True)
class Grid:
    """The steps of a phase: `calls` times 32 samples of `stride` steps of `dt` s."""

    calls: int
    stride: int
    dt: float

    @property
    def samples(self) -> int:
        """Number of samples."""
        return self.calls * SAMPLES_PER_CALL

    @property
    def interval(self) -> float:
        """Time between samples, s."""
        return self.stride * self.dt

    def finer(self, times: int) -> Grid:
        """The same samples with the time step divided by `times`."""
        return replace(self, stride=self.stride * times, dt=self.dt / times)


def grid(duration: float, step: float, sample: float, stride: int | None = None) -> Grid:
    """Steps no longer than `step` and samples no further apart than `sample` (unless that were too many), all in s.

    A `stride` fixes the number of steps per sample and overrides `sample`.
    """
    if stride is not None:
        calls = max(1, math.ceil(duration / (step * stride * SAMPLES_PER_CALL) - 1e-9))
        return Grid(calls, stride, duration / (calls * SAMPLES_PER_CALL * stride))
    stride = max(1, round(sample / step))
    stride = max(stride, math.ceil(duration / (step * MOST_SAMPLES) - 1e-9))
    calls = max(1, math.ceil(duration / (step * stride * SAMPLES_PER_CALL) - 1e-9))
    # A short phase has the smallest number of steps per sample that keeps them within `step`.
    stride = max(1, math.ceil(duration / (step * calls * SAMPLES_PER_CALL) - 1e-9))
    return Grid(calls, stride, duration / (calls * SAMPLES_PER_CALL * stride))


def whole(duration: float, step: float, sample: float) -> float:
    """The longest part of a duration whose grid has steps of `step` and no shorter ones; all in s."""
    piece = SAMPLES_PER_CALL * step
    count = int(duration / piece + 1e-9)
    while count and grid(count * piece, step, sample).dt < step * (1.0 - 1e-9):
        count -= 1
    return count * piece
