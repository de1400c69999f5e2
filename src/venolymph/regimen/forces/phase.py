"""A phase, and what it is made of: what is done in it, the states at both ends, and pulses of muscles."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from venolymph.massage.hands import HandPlacement
from venolymph.network.phase_drive import PhaseDrive
from venolymph.steps.marks import Marks


@dataclass(frozen=True)
class Phase:
    """A stretch of a regimen without sudden events.

    Attributes:
        label: what is done, in words.
        kind: of the step: lie, sit, stand, raise, tilt, tiptoes, ankle pumps, stimulate, walk, run, cycle, breathe,
            cuff, trace, valsalva, skin, wait.
        duration: s.
        step: greatest time step, s.
        sample: interval at which results are recorded, s.
        drive: heights, pressures, pulses and inflow that it prescribes; every leaf float64, batch of one.
        period: of gait or tiptoes, s; None without.
        marks: what instruments look for.
        hand_placements: what hands do, spot after spot, all for the same time; empty without massage.
    """

    label: str
    kind: str
    duration: float
    step: float
    sample: float
    drive: PhaseDrive
    period: float | None = None
    marks: Marks = field(default_factory=Marks)
    hand_placements: tuple[HandPlacement, ...] = ()


@dataclass(frozen=True)
class Activity:
    """What is done in a phase.

    Attributes:
        label: in words.
        kind: of the step, as `Phase.kind`.
        marks: what instruments look for; posture, step and temperatures are those of the scene.
    """

    label: str
    kind: str
    marks: Marks = field(default_factory=Marks)

    def marked(self, **marks: Any) -> Activity:
        """The same with other marks among its own."""
        return replace(self, marks=replace(self.marks, **marks))


@dataclass(frozen=True)
class BodyState:
    """Posture, pressures, inflow and breathing at one moment, in internal units."""

    inclination: np.ndarray
    pressure: np.ndarray
    ends: np.ndarray
    inflow: np.ndarray
    calibre: np.ndarray
    trunk: float
    breath_ends: np.ndarray
    breath_surroundings: np.ndarray
    breath_period: float


class Pulses:
    """A pulse train for each surrounding: heights, and starts and durations as shares of the period."""

    def __init__(self, n: int, period: float) -> None:
        self.period = period
        self.repeats: float | None = period
        """Period of the movement that they are a part of, s; None once it is over."""
        self.work = 0.0
        """Exercise of the muscles: their share of the greatest inflow, 1."""
        self.height, self.onset, self.hold = np.zeros(n), np.zeros(n), np.zeros(n)
        self.rise, self.fall = np.full(n, 0.1), np.full(n, 0.1)

    def beginning(self) -> Pulses:
        """The first period: pulses that begin in it, and nothing of those that began before it."""
        pulses = self._stretched(self.onset)
        pulses.repeats = self.period
        return pulses

    def ending(self) -> Pulses:
        """After the last period: the rest of the pulses that began in it, and nothing else."""
        pulses = self._stretched(self.onset - 1.0)
        pulses.repeats = None
        pulses.height = np.where(self._over(), self.height, 0.0)
        return pulses

    def tail(self) -> float:
        """Time by which pulses outlast the period that they began in, s."""
        end = self.onset + self.rise + self.hold + self.fall - 1.0
        return float(max(0.0, np.max(np.where(self._over(), end, 0.0), initial=0.0))) * self.period

    def copy(self) -> Pulses:
        """The same with arrays of its own."""
        return deepcopy(self)

    def _over(self) -> np.ndarray:
        return (self.onset + self.rise + self.hold + self.fall > 1.0 + 1e-12) & (self.height != 0.0)

    def _stretched(self, onset: np.ndarray) -> Pulses:
        # twice the period with the same durations in seconds: each pulse comes once, none wraps around
        pulses = Pulses(len(self.height), 2.0 * self.period)
        pulses.height = self.height
        pulses.onset, pulses.rise = onset / 2.0, self.rise / 2.0
        pulses.hold, pulses.fall = self.hold / 2.0, self.fall / 2.0
        pulses.work = self.work
        return pulses
