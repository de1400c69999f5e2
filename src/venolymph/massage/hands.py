"""Hands on a body: where they are set down, and what pressure reaches what lies beneath, when and where.

A hand is a square patch as large as its contact. Pressure falls with depth as under the middle of a round patch of that
area (Boussinesq; `pressure_at_depth`), reaches nothing beside the patch, and while the hand pushes the patch moves over
what lies beneath: by the stroke's travel, towards the place that it is directed to, or along its path if it glides.
What is under the patch for part of its length only feels that part. No stroke is treated in any other way.

What lies where is for the targets to know: `leg_targets.py`, `face_targets.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np

from venolymph import figures
from venolymph.massage.catalogue import pressure_at_depth
from venolymph.massage.timing import Stroke

MOMENTS = 33
"""Moments of a push at which the place of the hand is evaluated."""


class Targets(Protocol):
    """Elements of a network that a hand may press, one a row."""

    def __len__(self) -> int: ...

    def felt(self, hand: HandPlacement) -> HandLoad:
        """Pressure of one stroke on each, and when it acts.

        Args:
            hand: set down in one spot.
        """
        ...


@dataclass(frozen=True)
class HandLoad:
    """Pressure of one stroke on targets, and when it acts.

    Attributes:
        pressure: highest pressure, mmHg, shape (n,).
        onset: time from the begin of the stroke to that of the pressure's rise, s.
        hold: how long the highest pressure lasts, s.
        cover: part of each target that lies under the hand at most, 1.
    """

    pressure: np.ndarray
    onset: np.ndarray
    hold: np.ndarray
    cover: np.ndarray


def edge(stroke: Stroke) -> float:
    """Time in which a stroke's pressure rises, and in which it falls again, s."""
    return figures.load()["massage.hand.edge"].internal * stroke.push


def moments(stroke: Stroke) -> np.ndarray:
    """Moments of a push, s from its begin, shape (MOMENTS,)."""
    return np.linspace(0.0, stroke.push, MOMENTS)


def load_under(stroke: Stroke, cover: np.ndarray, depths: np.ndarray) -> HandLoad:
    """Pressure of one stroke on targets from how much of them lies under the hand.

    Args:
        stroke: the stroke.
        cover: part of each target under the hand at each of its `moments`, 1, shape (MOMENTS, n).
        depths: of the targets under the skin, cm, shape (n,).
    """
    times, rise = moments(stroke), edge(stroke)
    most = cover.max(axis=0)
    under = cover > 0.5 * np.where(most > 0.0, most, np.inf)
    first, last = times[under.argmax(axis=0)], times[MOMENTS - 1 - under[::-1].argmax(axis=0)]
    first, last = np.where(most > 0.0, first, 0.0), np.where(most > 0.0, last, stroke.push)
    # What is under the hand for a moment only is pressed for as long as pressure takes to rise and fall.
    onset = np.minimum(first, stroke.push - 2.0 * rise)
    hold = np.maximum(last - onset - 2.0 * rise, 0.0)
    pressure = most * np.array([pressure_at_depth(stroke.pressure, depth, stroke.area) for depth in depths])
    return HandLoad(pressure, onset, hold, most)


@dataclass(frozen=True)
class HandPlacement:
    """A hand set down in one spot: its strokes, all alike, and the way to the next spot.

    Attributes:
        stroke: the first of them; of a paired place without a side where both hands work there at once.
        count: how many there are.
        duration: from the first push to when the hand is at the next spot, s.
        side: of the leg that it is on; None for the index leg, and on a face.
    """

    stroke: Stroke
    count: int
    duration: float
    side: Literal["left", "right"] | None = None

    @property
    def period(self) -> float:
        """Time from one push to the next, s."""
        return self.stroke.duration

    @property
    def busy(self) -> float:
        """Duration of the strokes, s."""
        return self.count * self.period


def hand_placements(
    strokes: Sequence[Stroke], end: float, side: Literal["left", "right"] | None = None
) -> list[HandPlacement]:
    """Group strokes by the spot that the hand is set down in.

    Two hands that work at once on a left and a right place are one placement.

    Args:
        strokes: of one step of a session, in time.
        end: when the step ends, s on the strokes' clock.
        side: of the leg that is massaged; None for the index leg, and on a face.
    """
    groups: list[list[Stroke]] = []
    for stroke in _hands_as_one(strokes):
        last = groups[-1][-1] if groups else None
        if last is not None and _same_spot(stroke, last) and stroke.start < last.start + last.duration + 1e-6:
            groups[-1].append(stroke)
        else:
            groups.append([stroke])
    begins = [group[0].start for group in groups] + [end]
    return [
        HandPlacement(group[0], len(group), after - group[0].start, side)
        for group, after in zip(groups, begins[1:], strict=True)
    ]


def _hands_as_one(strokes: Sequence[Stroke]) -> list[Stroke]:
    """Strokes that begin together, of a hand on each side, as one of no side."""
    found: list[Stroke] = []
    for stroke in strokes:
        if found and stroke.start == found[-1].start:
            found[-1] = replace(stroke, side=None)
        else:
            found.append(stroke)
    return found


def _same_spot(one: Stroke, other: Stroke) -> bool:
    return (one.path, one.begin, one.side) == (other.path, other.begin, other.side)
