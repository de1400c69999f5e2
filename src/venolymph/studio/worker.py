"""The process that simulates: it takes one run after another and tells how far it is."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from venolymph import report
from venolymph.body.person import load_person
from venolymph.errors import VenolymphError
from venolymph.regimen import load_regimen
from venolymph.simulation import open_run, resume, simulate
from venolymph.simulation.files import locked
from venolymph.simulation.folder_layout import is_run_folder, read_progress
from venolymph.studio.pieces import PiecePacker

STOP = "stop"
"""What stops the run that is on."""
OFTEN = 0.1
"""Least time between two messages of progress, s."""
_PACKED = 0.04
"""Least time between two packings of frames where a phase goes on, s."""
_PATIENCE = 180.0
"""How long a folder is waited for that another process writes to, s: one that the server before left behind."""


class _StoppedError(Exception):
    """Somebody stopped the run, or nobody is there any more who could."""


class _Told:
    """Progress of a run as messages; sees whether it is to stop."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self._last = connection, 0.0

    def __call__(self, done: float, total: float, label: str) -> None:
        self.look()
        if time.monotonic() - self._last >= OFTEN or done >= total:
            self._last = time.monotonic()
            self._connection.send(("progress", {"done": done, "total": total, "label": label}))

    def look(self) -> None:
        """Stop where that was asked for."""
        if self._connection.poll():
            self._connection.recv()  # nothing but STOP is sent while a run is on; EOFError where the server is gone
            raise _StoppedError


class _Shown:
    """Sends what is new in a run: at once, but for what is computed within a moment, which goes together."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self._packer, self._due = connection, PiecePacker(), 0.0

    def __call__(self, as_far: Callable[[], Any], phase_done: bool) -> None:
        if phase_done or time.monotonic() >= self._due:
            self.send(as_far())
            self._due = time.monotonic() + _PACKED

    def send(self, run: Any) -> None:
        """Send what is new in a run."""
        for piece in self._packer.pack(run):
            self._connection.send(("piece", piece))


def serve_runs(connection: Connection) -> None:
    """Simulate what comes, until the server is gone.

    Args:
        connection: gives tasks (`folder`, `person`, `regimen`, `legs`) and takes messages: `progress` and `piece`
            while one runs, then how it ended. `STOP` stops the run that is on.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends this process
    while True:
        try:
            task = connection.recv()
            if task == STOP:  # it came as the run before had ended
                continue
            ended = _ended(task, connection)
            connection.send(ended)
        except (EOFError, OSError):
            return
        if ended[0] == "complete":
            _report(Path(task["folder"]))


def _ended(task: dict[str, Any], connection: Connection) -> tuple[str, dict[str, Any]]:
    """Simulate, and say how it ended."""
    told, shown = _Told(connection), _Shown(connection)
    folder = Path(task["folder"])
    try:
        _wait_for(folder, told)
        if is_run_folder(folder) and read_progress(folder)["complete"]:
            return "complete", {}
        if not is_run_folder(folder):
            person, regimen = load_person(task["person"]), load_regimen(task["regimen"])
            run = simulate(person, regimen, out=folder, progress=told, legs=task["legs"], watch=shown)
        else:
            run = resume(folder, progress=told, watch=shown)
        shown.send(run)
    except _StoppedError:
        return "stopped", {}
    except VenolymphError as error:
        return "failed", {"message": error.message, "hint": error.hint, "place": error.place}
    except (EOFError, OSError):
        raise
    except Exception as error:  # a fault of the program: it is told, and the next run goes its way
        return "failed", {
            "message": f"the program failed: {type(error).__name__}: {error}",
            "hint": None,
            "place": None,
        }
    return "complete", {}


def _report(folder: Path) -> None:
    """Write the report of a run, as the command does; where that cannot be, the run is whole all the same."""
    with suppress(VenolymphError):
        if not (folder / report.PAGE).exists():
            report.write_all(open_run(folder), folder)


def _wait_for(folder: Path, told: _Told) -> None:
    """Wait until nobody else writes to a folder; what comes then says so itself where somebody still does."""
    end = time.monotonic() + _PATIENCE
    while locked(folder) and time.monotonic() < end:
        told.look()
        time.sleep(0.2)
