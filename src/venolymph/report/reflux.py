"""Reflux in plain English: how long blood ran back after the manoeuvre that limits are published for, vein by vein.

Limits belong to a calf cuff that is let go while the person stands. Walking and tiptoes throw blood back for a moment
in every leg, so nothing is said of them. Perforators are left out: those of a healthy leg here let blood out for a
little longer than the 0.35 s that are published, so the limit would not tell one leg from another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from venolymph.errors import MeasureError
from venolymph.measures import ManoeuvreMissingError, Measure, find
from venolymph.measures.recognise import straining
from venolymph.report.leg_traces import own_segments

_CUFF, _STRAIN = "reflux duration in {place}", "reflux duration on straining in {place}"
_TOLD = 4
"""Veins that are named; more are counted."""


@dataclass(frozen=True)
class Backflow:
    """How long blood ran back in one vein, and how long it may in a healthy one.

    Attributes:
        vein: a segment.
        longest: of each member, s.
        limit: published, s.
    """

    vein: str
    longest: np.ndarray
    limit: float


def told(run: Any, member: int) -> list[str]:
    """What is to be said of reflux in one member: nothing where nobody looked for it."""
    tested = run if _held(run, _CUFF) else run.branches.get("reflux-test")
    if tested is None:
        return _strained(run, member)
    found = _over(_backflows(tested, _CUFF), member)
    added = "" if tested is run else " (done after the run, for its measures)"
    when = f"After the calf cuff was let go, standing{added}, blood ran back"
    limits = "than is published of healthy legs"
    if found is None:
        return []
    if found:
        return [f"{when} for longer {limits} in {_named(found, member)}: reflux.", *_strained(run, member)]
    rule = "1 s in the femoral and popliteal veins, 0.5 s in the others"
    return [f"{when} in no vein outside the cuff for longer {limits} ({rule}): no reflux.", *_strained(run, member)]


def _strained(run: Any, member: int) -> list[str]:
    if not _held(run, _STRAIN):
        return []
    start, _ = straining(run)
    posture = next(phase.marks.posture for phase in run.phases if phase.start >= start)
    every = _backflows(run, _STRAIN)
    found = _over(every, member)
    if found is None:
        return []
    when = f"While the person strained, {posture},"
    caution = "limits are published for a cuff let go while standing"
    if found:
        return [f"{when} blood ran back for longer than a healthy vein's limit in {_named(found, member)}; {caution}."]
    longest = max(float(one.longest[member]) for one in every)
    return [f"{when} blood ran back in no vein for longer than {longest:.2g} s; {caution}."]


def _held(run: Any, name: str) -> bool:
    """Whether a run holds the manoeuvre of a measure."""
    try:
        _measure(name).read(run, next(iter(own_segments(run.bodies[0]))))
    except ManoeuvreMissingError:
        return False
    except MeasureError:
        return True
    return True


def _measure(name: str) -> Measure:
    return find(name)[0]


def _backflows(run: Any, name: str) -> list[Backflow]:
    """Of each vein of the leg that a limit is published for and that can be read."""
    found = []
    for vein in own_segments(run.bodies[0]):
        limit = next((one.high for one in _measure(_CUFF).published if one.holds_for(vein)), None)
        if limit is None:
            continue
        try:
            reading = _measure(name).read(run, vein)
        except MeasureError:
            continue
        found.append(Backflow(vein, np.atleast_1d(np.asarray(reading.value, float)), limit))
    return found


def _over(backflows: Sequence[Backflow], member: int) -> list[Backflow] | None:
    """Those over their limit, the longest first; None where a member's values could not be read."""
    if not all(np.isfinite(one.longest[member]) for one in backflows):
        return None
    found = [one for one in backflows if one.longest[member] > one.limit]
    return sorted(found, key=lambda one: -one.longest[member])


def _named(found: Sequence[Backflow], member: int) -> str:
    names = [f"{one.vein} ({one.longest[member]:.1f} s; limit {one.limit:g} s)" for one in found[:_TOLD]]
    more = f", and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
    return ", ".join(names) + more
