"""A life's folder: what was followed, its course so far, and the state to go on from.

    DIR/
      progress.json     what it is, up to which day it was followed, which of the files below hold that, fingerprints of
                        the documents as they were when it began
      person.yaml       the person as resolved
      life.yaml         the life as resolved
      course-N.npz      readings by date, up to that day
      state-N.npz       state of the walls on that day

Files are whole or absent, and `progress.json` is replaced after those that it names: a process that is killed at any
moment leaves a folder that opens with all that it says was followed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from venolymph.body.person import Person, load_person
from venolymph.errors import RunError
from venolymph.simulation.files import (
    HeldFolder,
    drafted,
    fingerprint,
    locked,
    plain,
    read_json,
    read_npz,
    reading,
    take_lock,
    vacant,
    write_json,
    write_npz,
    writing,
)
from venolymph.version import version
from venolymph.wall.life_document import LifeDocument, load_life

if TYPE_CHECKING:
    import xarray as xr

FORMAT = 1
"""Version of the folder's layout; a folder with a later one is refused."""
KIND = "venolymph life"
PROGRESS = "progress.json"
PERSON, LIFE = "person.yaml", "life.yaml"


@dataclass(frozen=True)
class KeptLife:
    """A life as its folder holds it.

    Attributes:
        person: who was followed.
        life: what was followed.
        settings: anything else that it was followed with.
        day: up to which day, days from the start.
        complete: whether that is the end.
        course: readings by date so far; None where none are kept yet.
        state: arrays of the state on that day, by name; empty where none are kept yet.
        changed: documents that are not what they were when it began, and `settings` where these are not.
    """

    person: Person
    life: LifeDocument
    settings: dict[str, Any]
    day: float
    complete: bool
    course: xr.Dataset | None
    state: dict[str, np.ndarray]
    changed: tuple[str, ...]


class LifeFolder(HeldFolder):
    """A life's folder being written. Make one with `LifeFolder.create` or `LifeFolder.resume`."""

    @classmethod
    def create(
        cls,
        directory: str | os.PathLike[str],
        person: Person,
        life: LifeDocument,
        settings: Mapping[str, Any] | None = None,
        *,
        overwrite: bool = False,
    ) -> LifeFolder:
        """Begin a life's folder.

        Args:
            directory: the folder; made if it does not exist, and must be empty if it does.
            person: who is followed.
            life: what is followed.
            settings: anything else needed to go on to the same result; must fit into JSON.
            overwrite: replace a life that is there already (never anything else).

        Raises:
            RunError: where the folder holds something already or cannot be written.
        """
        target = Path(directory)
        check_free(target, overwrite)
        texts = {PERSON: person.to_yaml(), LIFE: life.to_yaml()}
        progress = {
            "kind": KIND,
            "format": FORMAT,
            "venolymph": version(),
            "complete": False,
            "day": 0.0,
            "kept": 0,
            "settings": dict(settings or {}),
            "fingerprints": {
                **{name: fingerprint(text) for name, text in texts.items()},
                "settings": _of_settings(settings or {}),
            },
        }
        with writing(target), drafted(target) as draft:
            draft.mkdir()
            for name, text in texts.items():
                (draft / name).write_text(text, encoding="utf-8")
            write_json(draft / PROGRESS, progress)
        return cls(target, progress, take_lock(target))

    @classmethod
    def resume(cls, directory: str | os.PathLike[str]) -> LifeFolder:
        """Go on writing to the folder of a life that is not followed to its end.

        Raises:
            RunError: where the folder is none, is complete or damaged, holds documents that were changed, or another
                process writes to it.
        """
        target = Path(directory)
        kept = open_life(target)
        if kept.complete:
            raise RunError(
                "this life is followed to its end: there is nothing to go on with",
                place=str(target),
                hint="follow a longer one into a new folder",
            )
        if kept.changed:
            raise RunError(
                f"changed since it began: {', '.join(kept.changed)}; what is followed so far was made from others",
                place=str(target),
                hint="follow the documents as they are now into a new folder",
            )
        return cls(target, _read_progress(target), take_lock(target))

    def keep(self, day: float, course: xr.Dataset, state: Mapping[str, Any], *, complete: bool = False) -> None:
        """Keep what was followed so far. When this returns, it survives the process's death.

        Args:
            day: up to which day, days from the start.
            course: readings by date from the start.
            state: arrays of the state on that day, by name.
            complete: whether that is the end.

        Raises:
            RunError: where the folder cannot be written.
        """
        number = self._progress["kept"] + 1
        arrays, layout = _taken_apart(course)
        with writing(self.directory):
            write_npz(self.directory / f"course-{number}.npz", arrays)
            write_npz(self.directory / f"state-{number}.npz", state)
            self._progress |= {"kept": number, "day": float(day), "complete": complete, "course": layout}
            write_json(self.directory / PROGRESS, self._progress)
            for name in ("course", "state"):
                (self.directory / f"{name}-{number - 1}.npz").unlink(missing_ok=True)


def check_free(directory: str | os.PathLike[str], overwrite: bool = False) -> None:
    """See that a life can go to a folder, without touching anything.

    Args:
        directory: the folder; may be absent or empty.
        overwrite: whether a life that is there already may be replaced.

    Raises:
        RunError: where the folder holds something that must not be written over.
    """
    target = Path(directory)
    if vacant(target):
        return
    try:
        progress = _read_progress(target)
    except RunError:
        raise RunError(
            "this folder holds something other than a life",
            place=str(target),
            hint="name a folder that is empty or does not exist yet",
        ) from None
    if overwrite:
        if locked(target):
            raise RunError("another process is writing to this life", place=str(target))
        return
    again = "" if progress["complete"] else f"go on with it by `venolymph life --resume {target}`, "
    raise RunError("this folder holds a life already", place=str(target), hint=f"{again}name another, or --overwrite")


def open_life(directory: str | os.PathLike[str]) -> KeptLife:
    """A life from its folder, followed to its end or not.

    Raises:
        RunError: where the folder is none of a life, was written by a later version, or is damaged.
    """
    target = Path(directory)
    progress = _read_progress(target)
    with reading(target / PROGRESS):
        number, layout, begun = progress["kept"], progress.get("course", {}), progress["fingerprints"]
        day, complete, settings = float(progress["day"]), bool(progress["complete"]), progress["settings"]
    changed = []
    for name in (PERSON, LIFE):
        with reading(target / name):
            if fingerprint((target / name).read_text("utf-8")) != begun.get(name):
                changed.append(name)
    if _of_settings(settings) != begun.get("settings"):
        changed.append("settings")
    course = None if not number else _put_together(read_npz(target / f"course-{number}.npz", None), layout)
    state = {} if not number else read_npz(target / f"state-{number}.npz", None)
    person, life = load_person(target / PERSON), load_life(target / LIFE)
    return KeptLife(person, life, settings, day, complete, course, state, tuple(changed))


def _of_settings(settings: Mapping[str, Any]) -> str:
    """A fingerprint of what a life is followed with: a reason that is written in later opens nothing."""
    return fingerprint(json.dumps(plain(settings), sort_keys=True))


def _read_progress(target: Path) -> dict[str, Any]:
    """The description of a life's folder, checked for being one that this version can read."""
    if not target.exists():
        raise RunError("there is no such folder", place=str(target), hint="check the path")
    found = read_json(target / PROGRESS) if (target / PROGRESS).is_file() else {}
    if found.get("kind") != KIND:
        raise RunError(
            "this is not the folder of a life", place=str(target), hint="name one that `venolymph life` wrote"
        )
    if not isinstance(found.get("format"), int) or found["format"] > FORMAT:
        raise RunError(
            f"this life was written by a later version ({found.get('venolymph')})",
            place=str(target),
            hint=f"this is version {version()}; update venolymph",
        )
    return found


def _taken_apart(course: xr.Dataset) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays of a dataset by name, and what else it is."""
    variables = {str(name): variable for name, variable in course.variables.items()}
    arrays = {
        name: np.asarray(one.values, str) if one.dtype == object else np.asarray(one.values)
        for name, one in variables.items()
    }
    layout = {
        "attributes": plain(dict(course.attrs)),
        "coordinates": [str(name) for name in course.coords],
        "variables": {
            name: {"dims": [str(dim) for dim in one.dims], "attributes": plain(dict(one.attrs))}
            for name, one in variables.items()
        },
    }
    return arrays, layout


def _put_together(arrays: Mapping[str, np.ndarray], layout: Mapping[str, Any]) -> xr.Dataset:
    """The dataset that was taken apart."""
    import xarray as xr

    found = {name: (one["dims"], arrays[name], one["attributes"]) for name, one in layout["variables"].items()}
    coordinates = {name: found.pop(name) for name in layout["coordinates"]}
    return xr.Dataset(found, coordinates, layout["attributes"])
