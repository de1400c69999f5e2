"""Runs as recordings that a page shows: whole ones thinned, windows of them with every frame, and one that goes on."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from venolymph.errors import RunError
from venolymph.simulation import Run, open_run
from venolymph.studio.pieces import PiecePacker
from venolymph.studio.problems import NoSuchRunError
from venolymph.studio.queue import Job
from venolymph.studio.shelf import RunShelf
from venolymph.viewer import Recording, pack_frames, pack_head, record

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

    def shown(self, name: str, member: int = 0) -> ShownRun:
        """A run as it is now.

        Args:
            name: its id.
            member: whose recording.

        Raises:
            RunError: where nothing of it is done, or it has no such member.
        """
        done = self.done(name)
        if not done[0]:
            raise RunError("no phase of this run is done yet", place=name, hint="wait for it")
        with self._lock:  # one at a time: each takes memory, and others then find it
            key = (name, member, done)
            if key not in self._kept:
                self._kept[key] = self._read(self.shelf.path(name), name, member)
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]

    def _read(self, folder: Path, name: str, member: int) -> ShownRun:
        run = open_run(folder)
        if not 0 <= member < len(run.members):
            raise NoSuchRunError(f"this run has no member {member}", place=name)
        return ShownRun(run, record(run, member))

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
        whole = self.shown(name, member)
        times = whole.recording.times["samples"]
        if every is not None:
            times = (np.asarray(whole.run.time, float) - whole.run.phases[0].start)[every - 1 :: every]
        first, last = np.searchsorted(times, span[0], "left"), np.searchsorted(times, span[1], "right")
        if first >= last:
            end = whole.recording.times["samples"][-1]
            raise RunError("there is no frame between these times", place=name, hint=f"the run ends at {end:g} s")
        if every is None:
            return pack_frames(whole.recording, int(first), int(last))
        if last - first > MOST_IN_WINDOW:
            raise RunError(
                f"there are {last - first:,} frames between these times; at most {MOST_IN_WINDOW:,} are sent at once",
                place=name,
                hint="ask for a shorter time, or for every second or third of them",
            )
        places = whole.recording.places
        return pack_frames(record(whole.run, member, every, places=places, span=span))  # and no other frame is read


class LiveRun:
    """A run that some process computes, in pieces as its folder gets them: the head, then frames, phase by phase.

    All who watch share them.

    Args:
        reader: reads the run.
        name: its id.
        member: whose recording.

    Attributes:
        pieces: packed, in order; only ever appended to.
        ended: whether there will be no more.
        listeners: would be called where there is a piece more; nobody calls them, for the folder has to be looked at.
    """

    def __init__(self, reader: RunReader, name: str, member: int = 0) -> None:
        self.pieces: list[bytes] = []
        self.ended = False
        self.listeners: set[Callable[[], None]] = set()
        self._reader, self._name, self._member = reader, name, member
        self._lock = threading.Lock()
        self._packer = PiecePacker(member)
        self._done, self._looked = 0, 0.0

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
                self.pieces += self._packer.pack(open_run(self._reader.shelf.path(self._name)))
                self._done = done
            self.ended = complete
            self._looked = time.monotonic()

    def _whole(self) -> None:
        recording = self._reader.shown(self._name, self._member).recording
        self.pieces += [pack_head(recording), pack_frames(recording)]


class QueuedRun:
    """A run of the queue, in pieces as they are computed.

    Args:
        job: what was asked for.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self.pieces, self.listeners = job.pieces, job.listeners

    @property
    def ended(self) -> bool:
        """Whether there will be no more."""
        return self._job.pieces is not self.pieces or self._job.state not in ("queued", "running")

    def is_due(self) -> bool:
        """Never: pieces come by themselves."""
        return False

    def look(self) -> None:
        """Nothing is looked for."""
