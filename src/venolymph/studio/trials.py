"""Experiments on claims that pages ask for: one at a time, in a process of its own, kept while the server runs."""

from __future__ import annotations

import multiprocessing
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Literal

from venolymph import evidence
from venolymph.errors import VenolymphError
from venolymph.evidence import Trial


@dataclass(frozen=True)
class TrialState:
    """How far a claim's experiment is.

    Attributes:
        state: how far.
        trial: what it gave, where it is done.
        trouble: why it failed, where it did.
    """

    state: Literal["not run", "running", "done", "failed"]
    trial: Trial | None = None
    trouble: str = ""


class ClaimTrials:
    """Experiments by the claim's name."""

    def __init__(self) -> None:
        self._found: dict[str, TrialState] = {}
        self._running: tuple[str, BaseProcess, Connection] | None = None
        self._lock = threading.Lock()

    def start(self, name: str) -> None:
        """Run a claim's experiment, where it does not run or is done already.

        Raises:
            DocumentError: where there is no such claim.
            VenolymphError: where another one runs.
        """
        evidence.claim(name)
        with self._lock:
            self._look()
            if self._running is not None and self._running[0] != name:
                raise VenolymphError(f"the experiment of {self._running[0]!r} is running", hint="wait until it is done")
            if self._running is not None or self._state(name).state == "done":
                return
            context = multiprocessing.get_context("spawn")
            here, there = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(name, there), daemon=True)
            process.start()
            there.close()
            self._running = (name, process, here)

    def state(self, name: str) -> TrialState:
        """How far a claim's experiment is."""
        with self._lock:
            self._look()
            return self._state(name)

    def close(self) -> None:
        """End what runs."""
        with self._lock:
            if self._running is not None:
                _, process, connection = self._running
                process.kill()
                process.join()
                connection.close()
                self._running = None

    def _state(self, name: str) -> TrialState:
        if self._running is not None and self._running[0] == name:
            return TrialState("running")
        return self._found.get(name, TrialState("not run"))

    def _look(self) -> None:
        """Take what the process gave, if it has ended."""
        if self._running is None:
            return
        name, process, connection = self._running
        if not connection.poll() and process.is_alive():
            return
        try:
            self._found[name] = connection.recv()
        except EOFError:
            self._found[name] = TrialState("failed", trouble="its process ended before it was done")
        process.join()
        connection.close()
        self._running = None


def _work(name: str, connection: Connection) -> None:
    try:
        found = TrialState("done", evidence.run(name, sweep_factors=False))
    except VenolymphError as error:
        found = TrialState("failed", trouble=str(error))
    connection.send(found)
    connection.close()
