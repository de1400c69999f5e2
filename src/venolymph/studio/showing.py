"""Runs as recordings that a page shows: whole ones thinned, windows of them with every frame, and one that goes on."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from venolymph.errors import RunError
from venolymph.simulation import Run, open_run
from venolymph.simulation.continuing import planned
from venolymph.studio.problems import NoSuchRunError
from venolymph.studio.shelf import RunShelf
from venolymph.viewer import Recording, pack_frames, pack_head, record
from venolymph.viewer.recording import MOST_FRAMES

MOST_LIVE = 2 * MOST_FRAMES
"""Frames of a run that goes on, about; of a longer one every second or third is sent."""
MOST_IN_WINDOW = 4000
OFTEN = 0.1
"""Least time between two looks at a folder, s."""
_KEPT = 4
"""Recordings that are kept in memory."""


@dataclass(frozen=True)
class ShownRun:
    """A run as it was when it was last looked at.

    Attributes:
        run: as far as it is done.
        recording: of one member.
    """

    run: Run
    recording: Recording


class RunReader:
    """Reads recordings of runs, and keeps those that were read last.

    Args:
        shelf: where runs are.
    """

    def __init__(self, shelf: RunShelf) -> None:
        self.shelf = shelf
        self._kept: OrderedDict[tuple, ShownRun] = OrderedDict()
        self._lock = threading.Lock()

    def done(self, name: str) -> tuple[int, bool]:
        """How many phases of a run are done, and whether it is complete."""
        description = self.shelf.description(name)
        return (0, False) if description is None else (len(description["phases"]), bool(description["complete"]))

    def shown(self, name: str, member: int = 0, every: int | None = None) -> ShownRun:
        """A run as it is now.

        Args:
            name: its id.
            member: whose recording.
            every: which samples become frames, as `viewer.record` takes it.

        Raises:
            RunError: where nothing of it is done, or it has no such member.
        """
        done = self.done(name)
        if not done[0]:
            raise RunError("no phase of this run is done yet", place=name, hint="wait for it")
        with self._lock:  # one at a time: each takes memory, and others then find it
            key = (name, member, every, done)
            if key not in self._kept:
                self._kept[key] = self._read(self.shelf.path(name), name, member, every)
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]

    def _read(self, folder: Path, name: str, member: int, every: int | None) -> ShownRun:
        run = open_run(folder)
        if not 0 <= member < len(run.members):
            raise NoSuchRunError(f"this run has no member {member}", place=name)
        return ShownRun(run, record(run, member, every))

    def head(self, name: str, member: int = 0) -> bytes:
        """The head of a run, packed."""
        return pack_head(self.shown(name, member).recording)

    def frames(self, name: str, member: int, span: tuple[float, float], every: int | None) -> bytes:
        """Frames of a run between two times, packed.

        Args:
            name: its id.
            member: whose.
            span: first and last time, s from the run's start.
            every: which samples are sent; None: as many as show the whole run.

        Raises:
            RunError: where none lies there, or too many do.
        """
        recording = self.shown(name, member, every).recording
        times = recording.times["samples"]
        first, last = np.searchsorted(times, span[0], "left"), np.searchsorted(times, span[1], "right")
        if first >= last:
            raise RunError("there is no frame between these times", place=name, hint=f"the run ends at {times[-1]:g} s")
        if every is not None and last - first > MOST_IN_WINDOW:
            raise RunError(
                f"there are {last - first:,} frames between these times; at most {MOST_IN_WINDOW:,} are sent at once",
                place=name,
                hint="ask for a shorter time, or for every second or third of them",
            )
        return pack_frames(recording, int(first), int(last))


class LiveRun:
    """A run that goes on, in pieces as they are computed: the head, then frames. All who watch share them.

    Args:
        reader: reads the run.
        name: its id.
        member: whose recording.

    Attributes:
        pieces: packed, in order; only ever appended to.
        ended: whether there will be no more.
    """

    def __init__(self, reader: RunReader, name: str, member: int = 0) -> None:
        self.pieces: list[bytes] = []
        self.ended = False
        self._reader, self._name, self._member = reader, name, member
        self._lock = threading.Lock()
        self._every: int | None = None
        self._sent, self._done, self._looked = 0, 0, 0.0

    def is_due(self) -> bool:
        """Whether the folder was not looked at for a while."""
        return not self.ended and time.monotonic() - self._looked >= OFTEN

    def look(self) -> None:
        """Take what is new in the folder."""
        with self._lock:
            if not self.is_due():
                return
            done, complete = self._reader.done(self._name)
            if complete and not self.pieces:
                self._whole()
            elif done > self._done:
                self._more(done)
            self.ended = complete
            self._looked = time.monotonic()

    def _whole(self) -> None:
        recording = self._reader.shown(self._name, self._member).recording
        self.pieces += [pack_head(recording), pack_frames(recording)]

    def _more(self, done: int) -> None:
        if self._every is None:
            self._every = _every(self._reader.shown(self._name, self._member, 1).run)
        shown = self._reader.shown(self._name, self._member, self._every)
        if not self.pieces:
            head = {
                **shown.recording.head,
                "duration": None,
                "frames": None,
                "phases": _phases(shown.run, self._member),
            }
            self.pieces.append(pack_head(replace(shown.recording, head=head)))
        count = len(shown.recording.times["samples"])
        if count > self._sent:
            self.pieces.append(pack_frames(shown.recording, self._sent, count))
        self._sent, self._done = count, done


def _every(run: Run) -> int:
    """Which samples of a run that goes on become frames: every first, second, third one."""
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
