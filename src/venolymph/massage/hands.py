"""A hand on a leg: pressure that reaches veins, tissue and lymph beneath it, in time and place.

A hand is a square patch as large as its contact. Pressure falls with depth as under the middle of a round patch of that
area (Boussinesq; `pressure_at_depth`), reaches nothing beside the patch, and while the hand pushes the patch moves over
what lies beneath: by the stroke's travel, towards the place that it is directed to, or along its path if it glides.
What is under the patch for part of its length only feels that part. No stroke is treated in any other way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from venolymph import figures
from venolymph.massage.catalogue import kind, place, pressure_at_depth
from venolymph.massage.timing import Stroke

SIDES = ("front", "medial", "back", "lateral")
"""Quarters of a limb, in the order of a target's shares."""

LEGS = ("index", "other", "pelvis")
"""Where targets are, in the order of `Targets.leg`: in the index leg, in the other one, or in what both share."""

MOMENTS = 33
"""Moments of a push at which the place of the hand is evaluated."""

WATERSHED = 40
"""Rank of the groin: from the belly's skin beyond it lymph runs down to the groin, and deeper on up."""

Parts = Mapping[str, tuple[float, float]]
"""Heights of the lower and the upper end of each part of the body, cm above the medial malleolus."""


@dataclass(frozen=True)
class Targets:
    """Elements of a network that a hand may press, one a row.

    Attributes:
        lower: height of the lower end above the medial malleolus, cm, shape (n,).
        upper: of the upper end, cm.
        depth: under the skin, cm.
        shares: part of each that lies in each quarter of the limb (`SIDES`), shape (n, 4); zeros: out of reach.
        arc: how widely it is spread around the limb within a quarter, cm (0: as narrow as a hand).
        spared: whether a hand that stays beside varicose veins spares it.
        leg: number in `LEGS` of where each is.
    """

    lower: np.ndarray
    upper: np.ndarray
    depth: np.ndarray
    shares: np.ndarray
    arc: np.ndarray
    spared: np.ndarray
    leg: np.ndarray

    def __len__(self) -> int:
        return len(self.lower)


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


def hand_load(stroke: Stroke, targets: Targets, parts: Parts, leg: str = LEGS[0]) -> HandLoad:
    """Pressure of one stroke on targets, and when it acts.

    Args:
        stroke: one stroke of a session.
        targets: what the stroke may press.
        parts: where the parts of the body lie. A stroke on another part (the neck) presses nothing here.
        leg: that the hand is on. On the belly it presses vessels of both legs; nodes there are those of its leg.
    """
    n, rise = len(targets), edge(stroke)
    side = math.sqrt(stroke.area)
    around = np.minimum(1.0, side / np.maximum(targets.arc, side))
    far = ~np.isin(targets.leg, (LEGS.index(leg), LEGS.index("pelvis")))
    cover = np.zeros((MOMENTS, n))
    times = np.linspace(0.0, stroke.push, MOMENTS)
    for row, time in enumerate(times):
        name, along = stroke.where(time)
        where = place(name, "leg")
        if where.part is None or where.part not in parts:
            continue
        low, high = parts[where.part]
        begin, end = where.extent
        centre = high - (high - low) * (begin + (end - begin) * along)
        centre += _upward(stroke) * kind(stroke.kind).travel * (time / stroke.push - 0.5)
        under = np.minimum(targets.upper, centre + 0.5 * side) - np.maximum(targets.lower, centre - 0.5 * side)
        part = np.clip(under / (targets.upper - targets.lower), 0.0, 1.0)
        quarters = targets.shares.sum(axis=1) if where.aspect == "all" else targets.shares[:, SIDES.index(where.aspect)]
        cover[row] = part * around * np.minimum(1.0, quarters)
        if where.part != "abdomen" or where.nodes:
            cover[row, far] = 0.0
    if stroke.avoids_varices:
        cover[:, targets.spared] = 0.0
    most = cover.max(axis=0)
    under = cover > 0.5 * np.where(most > 0.0, most, np.inf)
    first, last = times[under.argmax(axis=0)], times[MOMENTS - 1 - under[::-1].argmax(axis=0)]
    first, last = np.where(most > 0.0, first, 0.0), np.where(most > 0.0, last, stroke.push)
    # What is under the hand for a moment only is pressed for as long as pressure takes to rise and fall.
    onset = np.minimum(first, stroke.push - 2.0 * rise)
    hold = np.maximum(last - onset - 2.0 * rise, 0.0)
    pressure = most * np.array([pressure_at_depth(stroke.pressure, depth, stroke.area) for depth in targets.depth])
    return HandLoad(pressure, onset, hold, most)


def _upward(stroke: Stroke) -> float:
    """Direction of the hand along the body: 1 up, -1 down, 0 neither."""
    with_lymph = {"proximal": 1.0, "distal": -1.0, "none": 0.0}[stroke.direction]
    beyond = place(stroke.place, "leg")
    down = beyond.part == "abdomen" and beyond.rank > WATERSHED
    return -with_lymph if down else with_lymph


@dataclass(frozen=True)
class HandPlacement:
    """A hand set down in one spot: its strokes, all alike, and the way to the next spot.

    Attributes:
        stroke: the first of them.
        count: how many there are.
        duration: from the first push to when the hand is at the next spot, s.
        side: of the leg that it is on; None for the index leg.
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
        side: of the leg that is massaged; None for the index leg.
    """
    groups: list[list[Stroke]] = []
    for stroke in strokes:
        last = groups[-1][-1] if groups else None
        if last is not None and stroke.start == last.start:
            continue
        if last is not None and _same_spot(stroke, last) and stroke.start < last.start + last.duration + 1e-6:
            groups[-1].append(stroke)
        else:
            groups.append([stroke])
    begins = [group[0].start for group in groups] + [end]
    return [
        HandPlacement(group[0], len({stroke.start for stroke in group}), after - group[0].start, side)
        for group, after in zip(groups, begins[1:], strict=True)
    ]


def _same_spot(one: Stroke, other: Stroke) -> bool:
    return (one.path, one.begin, one.side) == (other.path, other.begin, other.side)
