"""A run that is being computed, in pieces that a page shows: the head, then frames as they come."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from venolymph.simulation import Run
from venolymph.simulation.continuing import planned
from venolymph.viewer import Recording, pack_frames, pack_head, record
from venolymph.viewer.recording import MOST_FRAMES, record_more, shown_quantities

MOST_LIVE = 2 * MOST_FRAMES
"""Frames that are sent, about; of a longer run every second or third."""


class PiecePacker:
    """Packs what is new in a run each time that it is given one.

    Where a run comes to have more to show than was said before (hands), a new head is packed, and all frames after it.

    Args:
        member: whose recording.
    """

    def __init__(self, member: int = 0) -> None:
        self._member = member
        self._every: int | None = None
        self._recording: Recording | None = None  # what was packed last

    def pack(self, run: Run) -> list[bytes]:
        """What is new in a run, packed; nothing where nothing can be shown yet."""
        if not run.records or (run.tissue is not None and all(one.exchanges is None for one in run.records)):
            return []
        if self._every is None:
            self._every = _every(run)
        found, before = [], self._recording
        if before is None or set(shown_quantities(run)) != set(before.head["quantities"]):
            recording = self._recording = record(run, self._member, self._every)
            head = {**recording.head, "duration": None, "frames": None, "phases": _phases(run, self._member)}
            found = [pack_head(replace(recording, head=head))]
        else:
            recording = record_more(before, run, self._member, self._every)
        if any(len(recording.times.get(clock, ())) for clock in ("samples", "exchange")):
            self._recording = recording
            found.append(pack_frames(recording))
        return found


def _every(run: Run) -> int:
    """Which samples of a run become frames: every first, second, third one."""
    samples = sum(phase.duration / phase.sample for phase in planned(run)[0])
    return max(1, int(-(-samples // MOST_LIVE)))


def _phases(run: Run, member: int) -> list[dict[str, Any]]:
    """All phases that a run is to have, as the head of a recording describes them."""
    found, start = [], 0.0
    for phase in planned(run)[member]:
        said = {"label": phase.label, "kind": phase.kind, "start": start, "duration": float(phase.duration)}
        found.append(said | {"period": phase.period, "sample": float(phase.sample)})
        start += float(phase.duration)
    return found
