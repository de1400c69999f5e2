"""Pitting grade from the depth of a pit; seconds of recovery are kept, and doubts said (`pitting.toml`)."""

from __future__ import annotations

from dataclasses import dataclass

from venolymph.classification.tables import table
from venolymph.errors import DocumentError
from venolymph.units import quantity


@dataclass(frozen=True)
class Pit:
    """What a pressed finger leaves.

    Attributes:
        depth: mm.
        recovery: seconds until it is gone, or None where not timed.
        grade: 0 to 4, by depth.
        doubts: where a published table expects another recovery at this grade.
    """

    depth: float
    recovery: float | None
    grade: int
    doubts: tuple[str, ...] = ()


def pitting(depth: str, recovery: str | None = None) -> Pit:
    """Grade a pit.

    Args:
        depth: such as `4 mm`.
        recovery: time until the pit is gone, such as `12 s`.

    Raises:
        DocumentError: where depth or recovery is not possible.
        UnitError: where one has no unit.
    """
    deep = round(10 * quantity(depth, "cm", example="4 mm"), 9)
    if not 0 <= deep <= 50:
        raise DocumentError(f"{depth} is not possible; a pit has 0 to 50 mm", place="depth")
    time = None if recovery is None else quantity(recovery, "s", example="12 s")
    if time is not None and not 0 <= time <= 3600:
        raise DocumentError(f"{recovery} is not possible; a pit stays for 0 s to 1 h", place="recovery")
    reached = [entry for entry in table("pitting")["grades"] if deep >= entry["from"]][-1]
    doubts = []
    for number, (low, high) in enumerate(reached.get("recovery", ()), 1):
        if time is not None and not low <= time <= high:
            expected = f"{low} to {high} s" if high < 3600 else f"more than {low} s"
            doubts.append(f"published table {number} expects {expected} at this depth")
    return Pit(deep, time, reached["grade"], tuple(doubts))
