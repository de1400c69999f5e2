"""The queue of runs: one after another in a process of their own, each in its own folder, so that nothing is lost."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, Literal

from venolymph.errors import RunError, VenolymphError
from venolymph.simulation.folder_layout import is_run_folder
from venolymph.studio.problems import BusyError
from venolymph.studio.shelf import RunShelf
from venolymph.studio.worker import STOP, serve_runs

State = Literal["queued", "running", "complete", "stopped", "failed"]
MOST_QUEUED = 20
"""Runs that wait at most."""
_WAIT = 0.1
"""How often a run is asked how far it is, s."""
_UNTIL_KILLED = 5.0
"""How long a run that is to stop may go on, as it does while it compiles, s."""


@dataclass
class Job:
    """A run that was asked for.

    Attributes:
        name: id of the run.
        asked: person, regimen and legs as documents, a title, and when it was asked for.
        state: how far it is.
        progress: `done` and `total` (simulated s) and `label` of the phase; empty before it began.
        error: what went wrong: `message`, `hint` and `place`.
        stopping: whether it is to stop.
        pieces: packed head and frames of what is computed; another list where it begins anew.
        listeners: called, in another thread, where there is a piece more, or another state.
    """

    name: str
    asked: Mapping[str, Any]
    state: State = "queued"
    progress: dict[str, Any] = field(default_factory=dict)
    error: dict[str, Any] | None = None
    stopping: bool = False
    pieces: list[bytes] = field(default_factory=list)
    listeners: set[Callable[[], None]] = field(default_factory=set)

    def tell(self) -> None:
        """Call all listeners."""
        for listener in tuple(self.listeners):
            listener()


class RunQueue:
    """Runs one after another.

    What was asked for is kept beside the runs; a queue that begins goes on with what another one left.

    Args:
        shelf: where runs are.
    """

    def __init__(self, shelf: RunShelf) -> None:
        self.shelf = shelf
        self._jobs: dict[str, Job] = {}
        self._changed = threading.Condition()
        self._closing = False
        self._process: Any = None
        self._connection: Connection | None = None
        for name, asked in shelf.asked().items():
            self._jobs[name] = Job(name, asked, asked["state"], error=asked.get("error"))
        self._thread = threading.Thread(target=self._work, name="runs", daemon=True)
        self._thread.start()

    def jobs(self) -> list[Job]:
        """All runs that were asked for, oldest first."""
        with self._changed:
            return list(self._jobs.values())

    def job(self, name: str) -> Job | None:
        """What was asked for by this id; None where it was not asked for here."""
        with self._changed:
            return self._jobs.get(name)

    def submit(self, asked: Mapping[str, Any]) -> Job:
        """Ask for a run.

        Args:
            asked: `person` and `regimen` as documents, `legs`, and a `title`.

        Raises:
            BusyError: where too many wait already.
        """
        with self._changed:
            self._check_room()
            number = 1 + max((job.asked["number"] for job in self._jobs.values()), default=0)
            now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
            job = Job(self.shelf.new_id(asked["title"]), {**asked, "number": number, "when": now, "state": "queued"})
            self._put(job, "queued")
            return job

    def stop(self, name: str) -> Job:
        """Stop a run, or take it out of the queue. What it did is kept, and it can go on.

        Raises:
            RunError: where it neither runs nor waits.
        """
        with self._changed:
            job = self._jobs.get(name)
            if job is None or job.state not in ("queued", "running"):
                raise RunError("this run neither runs nor waits", place=name, hint="there is nothing to stop")
            if job.state == "queued":
                self._put(job, "stopped")
            job.stopping = True
            self._changed.notify_all()
            return job

    def go_on(self, name: str) -> Job:
        """Go on with a run that was stopped, cut short, or failed.

        Raises:
            RunError: where it is complete, runs, waits, or was not asked for here.
            BusyError: where too many wait already.
        """
        with self._changed:
            job = self._jobs.get(name)
            if job is None:
                raise RunError(
                    "this run was not asked for here", place=name, hint="go on with it by `venolymph run --resume`"
                )
            if job.state not in ("stopped", "failed"):
                raise RunError(f"this run is {job.state}", place=name, hint="there is nothing to go on with")
            self._check_room()
            job.stopping, job.error, job.pieces = False, None, []
            self._put(job, "queued")
            return job

    def close(self) -> None:
        """End the process of runs. The one that runs goes on when a queue begins with the same folder."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(2.0 * _UNTIL_KILLED)
        self._end_process()

    def _check_room(self) -> None:
        if sum(job.state == "queued" for job in self._jobs.values()) >= MOST_QUEUED:
            raise BusyError(f"{MOST_QUEUED} runs wait already", hint="stop some, or ask again later")

    def _put(self, job: Job, state: State) -> None:
        """Set a state, and keep it: a run that is on counts as one that waits, to whoever starts anew."""
        job.state = state
        self._jobs[job.name] = job
        kept = "queued" if state == "running" else state
        self.shelf.keep(job.name, {**job.asked, "state": kept, "error": job.error})
        self._changed.notify_all()
        job.tell()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                self._run(job)
            except VenolymphError as error:  # such as a full disk
                job.error = {"message": error.message, "hint": error.hint, "place": error.place}
                job.state = "failed"
            except (EOFError, OSError):  # the process ended, as where memory is short or somebody killed it
                self._end_process()
                with self._changed:
                    if self._closing:
                        return
                    if job.stopping:
                        self._put(job, "stopped")
                        continue
                    begun = is_run_folder(self.shelf.path(job.name))
                    job.error = {
                        "message": "the process that simulated ended",
                        "hint": "what is done is kept; go on with it" if begun else "try again",
                        "place": None,
                    }
                    self._put(job, "failed")

    def _next(self) -> Job | None:
        """The next run that waits; waits for one; None where the queue closes."""
        with self._changed:
            while not self._closing:
                for job in self._jobs.values():
                    if job.state == "queued":
                        job.progress = {}
                        self._put(job, "running")
                        return job
                self._changed.wait()
            return None

    def _run(self, job: Job) -> None:
        connection = self._process_connection()
        task = {name: job.asked[name] for name in ("person", "regimen", "legs")}
        connection.send(task | {"folder": str(self.shelf.path(job.name))})
        asked_to_stop = 0
        while True:
            if connection.poll(_WAIT):
                what, content = connection.recv()
                if what == "piece":
                    job.pieces.append(content)
                    job.tell()
                    continue
                if what != "progress":
                    with self._changed:
                        if self._closing:
                            return  # it is kept as one that waits
                        job.error = content if what == "failed" else None
                        job.pieces = []  # the folder has it all; who watches keeps the list
                        self._put(job, what)
                    return
                job.progress = content
            elif asked_to_stop > _UNTIL_KILLED / _WAIT:
                self._process.kill()
            if job.stopping or self._closing:
                if not asked_to_stop:
                    connection.send(STOP)
                asked_to_stop += 1

    def _process_connection(self) -> Connection:
        if self._connection is None or not self._process.is_alive():
            self._end_process()
            context = multiprocessing.get_context("spawn")
            self._connection, theirs = context.Pipe()
            self._process = context.Process(target=serve_runs, args=(theirs,), name="venolymph runs", daemon=True)
            self._process.start()
            theirs.close()
        return self._connection

    def _end_process(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._process.join(1.0)
            if self._process.is_alive():
                self._process.kill()
                self._process.join(1.0)
        self._connection = self._process = None
