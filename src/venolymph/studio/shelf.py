"""Runs in a folder by id: the name of a run's own folder in it, never a path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from venolymph import report
from venolymph.errors import RunError
from venolymph.simulation.files import locked, read_json, write_json
from venolymph.simulation.folder_layout import PROGRESS, read_progress
from venolymph.studio.problems import NoSuchRunError

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
MOST_RUNS = 500
"""Runs that are listed."""
_ASKED = ".studio"
"""Folder of what was asked for, one file a run, so that a server that starts anew goes on with it."""


class RunShelf:
    """The runs of a folder.

    Args:
        folder: in which each run has its own; made where it is not there.
        also: runs elsewhere, by the id that they get here.
    """

    def __init__(self, folder: Path, also: Mapping[str, Path] | None = None) -> None:
        self.folder = folder
        self._also = dict(also or {})
        self._read: dict[Path, tuple[tuple[int, int], dict[str, Any]]] = {}
        (folder / _ASKED).mkdir(parents=True, exist_ok=True)

    def ids(self) -> list[str]:
        """Ids of all runs that are there, the newest first."""
        own = [one for one in self.folder.iterdir() if ID.fullmatch(one.name) and not one.is_symlink()]
        there = [one for one in own if self._described(one) is not None]
        there.sort(key=lambda one: (one / PROGRESS).stat().st_mtime, reverse=True)
        return [*self._also, *(one.name for one in there if one.name not in self._also)][:MOST_RUNS]

    def new_id(self, title: str) -> str:
        """An id that no run has, from words."""
        words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60] or "run"
        number = 1
        while (self.folder / f"{words}-{number}").exists() or self.asked_file(f"{words}-{number}").exists():
            number += 1
        return f"{words}-{number}"

    def path(self, name: str) -> Path:
        """The folder of a run, which may not have been begun.

        Raises:
            NoSuchRunError: where nobody asked for a run of this id and there is none.
        """
        if name in self._also:
            return self._also[name]
        if ID.fullmatch(name):
            folder = self.folder / name
            if not folder.is_symlink() and (self.asked_file(name).exists() or self._described(folder)):
                return folder
        raise NoSuchRunError(f"there is no run {name[:100]!r}", hint="`GET /api/runs` lists them")

    def description(self, name: str) -> dict[str, Any] | None:
        """What the folder of a run says of itself; None where it has not been begun."""
        return self._described(self.path(name))

    def _described(self, folder: Path) -> dict[str, Any] | None:
        """What a folder says of its run, read anew where it changed; None where it holds none."""
        try:
            status = (folder / PROGRESS).stat()
            seen = (status.st_mtime_ns, status.st_ino)
            if folder not in self._read or self._read[folder][0] != seen:
                self._read[folder] = seen, read_progress(folder)
        except (OSError, RunError):
            return None
        return self._read[folder][1]

    def report(self, name: str) -> Path | None:
        """The page of a run's report; None where there is none."""
        page = self.path(name) / report.PAGE
        return page if page.is_file() else None

    def sentences(self, name: str) -> list[str]:
        """What happened to the first member of a run, as its report says it; none where there is no report."""
        summary = self.path(name) / report.SUMMARY
        told = read_json(summary)["sentences"] if summary.is_file() else {}
        return list(next(iter(told.values()), ()))

    def is_written(self, name: str) -> bool:
        """Whether some process writes to a run at this moment."""
        return locked(self.path(name))

    def asked_file(self, name: str) -> Path:
        """The file of what was asked for."""
        return self.folder / _ASKED / f"{name}.json"

    def asked(self) -> dict[str, dict[str, Any]]:
        """What was asked for here, by id, in the order in which it was."""
        files = [one for one in (self.folder / _ASKED).glob("*.json") if ID.fullmatch(one.stem)]
        found = {one.stem: read_json(one) for one in files}
        return dict(sorted(found.items(), key=lambda one: one[1].get("number", 0)))

    def keep(self, name: str, asked: Mapping[str, Any]) -> None:
        """Keep what was asked for."""
        write_json(self.asked_file(name), asked)
