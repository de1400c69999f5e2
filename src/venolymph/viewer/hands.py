"""Hands in a run: where they are set down when, and how hard they press on what lies beneath."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from venolymph.anatomy.surface import LimbSurface
from venolymph.body.drainage_types import LegDrainage
from venolymph.massage.catalogue import kind, place
from venolymph.massage.hands import HandPlacement, edge
from venolymph.network.pulse import trapezoid
from venolymph.regimen.forcing import phases
from venolymph.simulation import Run

ANGLES = {"lateral": 0.0, "front": 90.0, "medial": 180.0, "back": 270.0, "all": 90.0}
"""Where around a leg a hand is drawn, degrees from its outer side over the front."""
_SKIN = LimbSurface(np.zeros(1), np.zeros(1))  # on the skin itself the thickness of what lies under it is not asked for
Part = Literal["cells", "compartments"]


@dataclass(frozen=True)
class PlacedHand:
    """A hand set down in one spot.

    Attributes:
        start: of its first push, s of the run's clock.
        placement: what it does there.
    """

    start: float
    placement: HandPlacement


def placed_hands(run: Run) -> list[PlacedHand]:
    """Hands in the order in which they are set down."""
    before = None if run.start is None else run.start.drive
    worn = () if run.start is None else run.start.worn
    if not any(info.marks.manoeuvre == "massage" for info in run.phases):
        return []
    found = []
    for phase, info in zip(phases(run.regimen, run.body, before, worn), run.phases, strict=False):
        each = phase.duration / max(1, len(phase.hand_placements))
        found += [PlacedHand(info.start + turn * each, one) for turn, one in enumerate(phase.hand_placements)]
    return found


def hand_pressure(run: Run, member: int, numbers: np.ndarray, part: Part) -> np.ndarray:
    """Pressure of hands on cells of the veins, or on compartments of tissue, mmHg, shape (numbers of samples, rows)."""
    assert run.tissue is not None
    targets = getattr(run.tissue.targets[member], part)
    time = np.asarray(run.time, float)[numbers]
    found = np.zeros((len(time), len(targets)))
    known: dict[Any, Any] = {}
    for hand in placed_hands(run):
        one = hand.placement
        alike = replace(one.stroke, start=0.0, step=0), one.side
        if alike not in known:
            known[alike] = targets.felt(one)
        load, rise = known[alike], edge(one.stroke)
        here = slice(*np.searchsorted(time, (hand.start + 1e-9, hand.start + one.busy + 1e-9)))
        within = np.mod(time[here] - hand.start, one.period)[:, None] - load.onset
        shape: tuple[Any, ...] = within, rise, load.hold, rise
        found[here] += load.pressure * np.asarray(trapezoid(*shape))
    return found


def pressure_at_work(run: Run, member: int, numbers: np.ndarray) -> np.ndarray:
    """The most that a hand presses on each compartment while it works there, mmHg, shape (numbers of samples, rows).

    Samples may fall between its pushes, where the pressure at their moment would be none.
    """
    assert run.tissue is not None
    targets = run.tissue.targets[member].compartments
    time = np.asarray(run.time, float)[numbers]
    found = np.zeros((len(time), len(targets)))
    for hand in placed_hands(run):
        here = slice(*np.searchsorted(time, (hand.start + 1e-9, hand.start + hand.placement.busy + 1e-9)))
        found[here] = np.maximum(found[here], targets.felt(hand.placement).pressure)
    return found


def drawn_hands(run: Run, member: int, scale: np.ndarray) -> Iterator[dict[str, Any]]:
    """Each hand as it is drawn: when, where (cm), which way, how hard.

    Args:
        run: the run.
        member: whose leg it is.
        scale: of the reference body to the person's, 1.
    """
    if run.tissue is None:
        return
    leg = run.tissue.legs[member]
    if not isinstance(leg, LegDrainage):  # on a face regions light up where hands press
        return
    parts = leg.parts
    index = run.bodies[member].index_side
    other = "right" if index == "left" else "left"
    for hand in placed_hands(run):
        one, stroke = hand.placement, hand.placement.stroke
        side = index if _on_index(run, member, one) else other
        ends = [_spot(stroke.where(time), parts, side, scale) for time in (0.0, stroke.push)]
        travel = kind(stroke.kind).travel * {"proximal": 1.0, "distal": -1.0, "none": 0.0}[stroke.direction]
        yield {
            "start": round(hand.start - run.phases[0].start, 4),
            "duration": round(one.duration, 4),
            "count": one.count,
            "period": round(one.period, 4),
            "push": round(stroke.push, 4),
            "title": f"{stroke.kind} on {', '.join(stroke.path)}",
            "direction": stroke.direction,
            "travel": travel,
            "pressure": stroke.pressure,
            "area": stroke.area,
            "leg": side,
            "from": ends[0],
            "to": ends[1],
        }


def _spot(where: tuple[str, float], parts: Any, side: str, scale: np.ndarray) -> list[float] | None:
    """The point of the skin of a place, cm; None for what lies beyond the leg."""
    at = place(where[0], "leg")
    if at.part is None or at.part not in parts or at.part == "abdomen":
        return None
    low, high = parts[at.part]
    begin, end = at.extent
    height = high - (high - low) * (begin + (end - begin) * where[1])
    point = _SKIN.points(np.array([[height / scale[1], ANGLES[at.aspect], 0.0]]))[0]
    own = point * scale * [1.0 if side == "left" else -1.0, 1.0, 1.0]
    return [round(float(value), 3) for value in own]


def _on_index(run: Run, member: int, one: HandPlacement) -> bool:
    assert run.tissue is not None
    leg = run.tissue.legs[member]
    return not isinstance(leg, LegDrainage) or one.side in (None, leg.side)
