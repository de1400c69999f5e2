"""What a run's folder holds: its description, its documents, and whether they are what they were when the run began."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from venolymph.errors import RunError, nearest
from venolymph.simulation.files import fingerprint, locked, plain, read_json, vacant
from venolymph.version import version

FORMAT = 2
"""Version of the folder's layout; a folder with a later one is refused."""

KIND = "venolymph run"
PROGRESS = "progress.json"
RESULTS = "results.zarr"
START = "states/start.npz"
"""The state that a run begins from, where that is another run's."""


def is_run_folder(directory: str | os.PathLike[str]) -> bool:
    """Whether the folder holds a run, complete or not."""
    try:
        read_progress(Path(directory))
    except RunError:
        return False
    return True


def check_free(directory: str | os.PathLike[str], overwrite: bool = False) -> None:
    """See that a run can go to a folder, without touching anything.

    Args:
        directory: the folder; may be absent or empty.
        overwrite: whether a run that is there already may be replaced.

    Raises:
        RunError: where the folder holds something that must not be written over.
    """
    target = Path(directory)
    if vacant(target):
        return
    if not is_run_folder(target):
        raise RunError(
            "this folder holds something other than a run",
            place=str(target),
            hint="name a folder that is empty or does not exist yet",
        )
    if overwrite:
        if locked(target):
            raise RunError("another process is writing to this run", place=str(target))
        return
    if read_progress(target).get("complete"):
        raise RunError(
            "this folder holds a run already", place=str(target), hint="name another folder, or pass --overwrite"
        )
    raise RunError(
        "this folder holds a run that is not complete",
        place=str(target),
        hint=f"go on with it by `venolymph run --resume {target}`, or name another folder, or pass --overwrite",
    )


def _elsewhere(target: Path) -> str:
    """What to try where a folder is not there: one beside it with a name like it."""
    there = [one.name for one in target.parent.iterdir() if one.is_dir()] if target.parent.is_dir() else []
    near = nearest(target.name, there)
    return f"did you mean {str(target.parent / near)!r}?" if near else "check the path; `venolymph run` makes folders"


def read_progress(target: Path) -> dict[str, Any]:
    """The description of a run, checked for being one that this version can read."""
    path = target / PROGRESS
    if not target.exists():
        raise RunError("there is no such folder", place=str(target), hint=_elsewhere(target))
    if not path.is_file():
        raise RunError(
            "this is not the folder of a run", place=str(target), hint="a run's folder holds a file progress.json"
        )
    progress = read_json(path)
    if progress.get("kind") != KIND:
        raise RunError(
            "this is not the folder of a run", place=str(target), hint="its progress.json was written by something else"
        )
    if not isinstance(progress.get("format"), int) or progress["format"] > FORMAT:
        raise RunError(
            f"this run was written by a later version ({progress.get('venolymph')})",
            place=str(target),
            hint=f"this is version {version()}; update venolymph",
        )
    return progress


def documents_of(people: Sequence[str], regimen: str) -> dict[str, str]:
    """The texts of the documents by the names of their files."""
    return {**{f"person-{number}.yaml": text for number, text in enumerate(people, 1)}, "regimen.yaml": regimen}


def fingerprints(people: Sequence[str], regimen: str, settings: Mapping[str, Any]) -> dict[str, str]:
    """A fingerprint of each document, and of the settings."""
    found = {name: fingerprint(text) for name, text in documents_of(people, regimen).items()}
    return {**found, "settings": fingerprint(json.dumps(plain(settings), sort_keys=True))}


def changed_documents(target: Path, progress: Mapping[str, Any]) -> tuple[str, ...]:
    """Documents that are not what they were when the run began: in the description, or as files beside it."""
    if "fingerprints" not in progress:
        return ()
    begun: Mapping[str, str] = progress["fingerprints"]
    now = fingerprints(progress["people"], progress["regimen"], progress["settings"])
    found = {name for name in {*begun, *now} if begun.get(name) != now.get(name)}
    for name in now.keys() - {"settings"}:
        try:
            text = (target / "documents" / name).read_text("utf-8")
        except (OSError, ValueError):
            text = None
        if text is None or fingerprint(text) != begun.get(name):
            found.add(name)
    return tuple(sorted(found))
