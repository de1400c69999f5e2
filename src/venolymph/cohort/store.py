"""The folder of a cohort: what it is made of, its readings as a Zarr group, and a mark for each chunk that is done.

    cohort.json              population or members, regimens, measures, seed, chunk: what any part of it follows from
    readings.zarr            one array for each measure, (regimen, member), a chunk of people a chunk of the array
    done/000-000003.json     chunk 3 of regimen 0 is in the group; who failed, and draws that were nobody

A chunk's numbers are written before its mark, each file whole or not at all: whatever dies, a chunk that is marked is
there, and one that is not is computed anew.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from venolymph import measures as instruments
from venolymph.errors import RunError
from venolymph.population import Drawn, Member, draw_members, load_population, member_of
from venolymph.simulation.files import fingerprint, plain, read_json, reading, vacant, write_json, writing
from venolymph.version import version

if TYPE_CHECKING:
    import xarray as xr

COHORT = "cohort.json"
READINGS = "readings.zarr"
DONE = "done"
KIND = "cohort"
FORMAT = 1
WHO = {"age": "y", "height": "cm", "mass": "kg"}
"""What is kept of each member beside readings, with its unit."""
SEX, GROUP = "sex", "group"
"""Arrays that hold a member's sex (0 female, 1 male) and the number of the class."""


@dataclass(frozen=True)
class Task:
    """One chunk of people through one regimen.

    Attributes:
        regimen: number of the regimen.
        chunk: number of the chunk.
    """

    regimen: int
    chunk: int

    @property
    def name(self) -> str:
        """Name of its mark."""
        return f"{self.regimen:03d}-{self.chunk:06d}"


@dataclass(frozen=True)
class CohortSettings:
    """What the numbers of a cohort follow from.

    Attributes:
        number: of members.
        seed: by which they are drawn; 0 where they are given.
        chunk: members that are computed side by side.
        measures: names.
        regimens: documents.
        population: document that members are drawn from; None where they are given.
        members: given members as plain data; empty where they are drawn.
        override: recorded reason for treating those whom the gate stops.
        legs: `one` or `both`.
        venolymph: version that began it.
    """

    number: int
    seed: int
    chunk: int
    measures: tuple[str, ...]
    regimens: tuple[Mapping[str, Any], ...]
    population: Mapping[str, Any] | None = None
    members: tuple[Mapping[str, Any], ...] = ()
    override: str | None = None
    legs: str = "one"
    venolymph: str = version()

    @property
    def chunks(self) -> int:
        """Number of chunks of people."""
        return math.ceil(self.number / self.chunk)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Everything that there is to do."""
        return tuple(Task(regimen, chunk) for regimen in range(len(self.regimens)) for chunk in range(self.chunks))

    @property
    def regimen_names(self) -> tuple[str, ...]:
        """Names of the regimens; one that is used twice is numbered."""
        names = [str(one.get("regimen", f"regimen {number}")) for number, one in enumerate(self.regimens)]
        return tuple(
            name if names.count(name) == 1 else f"{name} ({names[: i + 1].count(name)})" for i, name in enumerate(names)
        )

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the classes that members are of."""
        if self.population is not None:
            return tuple(str(one["class"]) for one in self.population["classes"])
        return tuple(dict.fromkeys(str(one["group"]) for one in self.members))

    def slice_of(self, task: Task) -> slice:
        """The members of a task."""
        return slice(task.chunk * self.chunk, min((task.chunk + 1) * self.chunk, self.number))

    def people(self, task: Task) -> int:
        """How many people a task is."""
        where = self.slice_of(task)
        return where.stop - where.start

    def part(self, task: Task) -> CohortPart:
        """A task with all that it needs, and no more: it goes to another process, or another machine."""
        where = self.slice_of(task)
        return CohortPart(self, task, self.members[where]) if self.population is None else CohortPart(self, task)

    def document(self) -> dict[str, Any]:
        """All of it as plain data."""
        return plain(vars(self))


@dataclass(frozen=True)
class CohortPart:
    """A task with the settings that it follows from; of given members it takes its own along.

    Attributes:
        settings: of the cohort, without given members.
        task: which part.
        members: its given members; none where they are drawn.
    """

    settings: CohortSettings
    task: Task
    members: tuple[Mapping[str, Any], ...] = ()

    def __getstate__(self) -> dict[str, Any]:
        lean = CohortSettings(**{**vars(self.settings), "members": ()})
        return {**vars(self), "settings": lean}

    def drawn(self) -> Drawn:
        """Its members."""
        if self.settings.population is None:
            return Drawn(tuple(member_of(one) for one in self.members), Counter())
        where = self.settings.slice_of(self.task)
        population = load_population(self.settings.population)
        return draw_members(population, where.stop - where.start, self.settings.seed, first=where.start)


@dataclass(frozen=True)
class CohortFolder:
    """A cohort's folder.

    Attributes:
        path: of the folder.
        settings: what it is made of.
    """

    path: Path
    settings: CohortSettings

    @cached_property
    def done(self) -> frozenset[str]:
        """Names of the tasks that were done when this was first asked."""
        with writing(self.path):
            return frozenset(one.stem for one in (self.path / DONE).glob("*.json"))

    @property
    def missing(self) -> tuple[Task, ...]:
        """Tasks that are not done."""
        return tuple(one for one in self.settings.tasks if one.name not in self.done)

    def marks(self) -> Iterator[tuple[Task, dict[str, Any]]]:
        """Tasks that are done, with what their marks say."""
        for task in self.settings.tasks:
            path = self.path / DONE / f"{task.name}.json"
            if path.exists():
                yield task, read_json(path)

    def again(self) -> CohortFolder:
        """The folder as it is now."""
        return CohortFolder(self.path, self.settings)


def create_cohort(path: Path, settings: CohortSettings) -> CohortFolder:
    """Begin the folder of a cohort.

    Raises:
        RunError: where it holds something, or cannot be written.
    """
    if not vacant(path):
        again = f"go on with it by `venolymph cohort --resume {path}`, " if (path / COHORT).is_file() else ""
        held = "a cohort" if again else "something else than a cohort"
        raise RunError(f"this folder holds {held} already", place=str(path), hint=f"{again}or name another folder")
    document = settings.document()
    with writing(path):
        (path / DONE).mkdir(parents=True, exist_ok=True)
        _create_arrays(path / READINGS, settings)
        content = {"kind": KIND, "format": FORMAT, "settings": document, "fingerprint": _print_of(document)}
        write_json(path / COHORT, content)
    return CohortFolder(path, settings)


def open_folder(path: Path) -> CohortFolder:
    """The folder of a cohort that was begun.

    Raises:
        RunError: where it is none of a cohort, of a later version, or its settings were changed.
    """
    if not (path / COHORT).is_file():
        raise RunError(
            "this is not the folder of a cohort", place=str(path), hint="name one that `venolymph cohort` wrote"
        )
    found = read_json(path / COHORT)
    if found.get("kind") != KIND or not isinstance(found.get("format"), int) or found["format"] > FORMAT:
        raise RunError("this cohort was written by a later version", place=str(path), hint="update venolymph")
    with reading(path / COHORT):
        if _print_of(found["settings"]) != found["fingerprint"]:
            raise RunError(
                "the settings of this cohort were changed since it began",
                place=str(path / COHORT),
                hint="begin another cohort in a new folder",
            )
        given = found["settings"]
        rows = {name: tuple(given[name]) for name in ("measures", "regimens", "members")}
        return CohortFolder(path, CohortSettings(**{**given, **rows}))


def _print_of(settings: Mapping[str, Any]) -> str:
    """What tells whether settings were changed."""
    return fingerprint(json.dumps(plain(settings), sort_keys=True))


def _create_arrays(path: Path, settings: CohortSettings) -> None:
    """An empty array for each measure, and for who members are; each chunk of people is a chunk of it."""
    import zarr

    group = zarr.open_group(path, mode="w", zarr_format=3)
    group.attrs.update({"groups": list(settings.groups), "venolymph": settings.venolymph, "seed": settings.seed})

    def make(name: str, dims: Sequence[str], kind: str, empty: float, attributes: dict[str, Any]) -> None:
        group.create_array(
            name,
            shape=tuple({"regimen": len(settings.regimens), "member": settings.number}[dim] for dim in dims),
            chunks=tuple({"regimen": 1, "member": settings.chunk}[dim] for dim in dims),
            dtype=kind,
            fill_value=empty,
            dimension_names=dims,
            attributes=attributes,
            config={"write_empty_chunks": True},
        )

    for name in settings.measures:
        make(name, ("regimen", "member"), "float64", math.nan, {"units": instruments.find(name)[0].unit})
    for name, unit in WHO.items():
        make(name, ("member",), "float64", math.nan, {"units": unit})
    for name in (SEX, GROUP):
        make(name, ("member",), "int16", -1, {})


def write_part(path: Path, part: CohortPart, values: Mapping[str, np.ndarray], members: Sequence[Member]) -> None:
    """Write the readings of a part into its own chunks of the arrays.

    Raises:
        RunError: where the disk is full, or does not let it.
    """
    import zarr

    settings, where = part.settings, part.settings.slice_of(part.task)
    with writing(path):
        group: Any = zarr.open_group(path / READINGS, mode="r+")
        for name, read in values.items():
            group[name][part.task.regimen, where] = read
        if part.task.regimen == 0:
            people = [one.person for one in members]
            group["age"][where] = np.array([one.age for one in people])
            group["height"][where] = np.array([one.height for one in people])
            group["mass"][where] = np.array([one.mass for one in people])
            group[SEX][where] = np.array([one.sex == "male" for one in people], np.int16)
            group[GROUP][where] = np.array([settings.groups.index(one.group) for one in members], np.int16)


def mark_done(path: Path, task: Task, failed: Mapping[int, str], rejected: Mapping[str, int]) -> None:
    """Declare a part done, once its numbers are written.

    Args:
        path: of the folder.
        task: the part.
        failed: why members failed, by their number.
        rejected: draws that were nobody, by reason.

    Raises:
        RunError: where it cannot be written.
    """
    with writing(path):
        write_json(path / DONE / f"{task.name}.json", {"failed": failed, "rejected": rejected})


def dataset_of(folder: CohortFolder) -> xr.Dataset:
    """The readings of a cohort as far as it is: numbers lazily, and who failed and why.

    Returns:
        a variable for each measure with dimensions `regimen` and `member`; coordinates `age`, `height`, `mass`, `sex`
        and `group` of members; `cause`: why a member has no readings of a regimen, empty where it has, `not done yet`
        where its chunk is missing. Numbers are Dask arrays where Dask is installed, else read when they are used.
    """
    import xarray as xr

    settings = folder.settings
    with reading(folder.path / READINGS):
        found = xr.open_zarr(folder.path / READINGS, consolidated=False, chunks={} if _has_dask() else None)
    cause = np.full((len(settings.regimens), settings.number), "not done yet", dtype=object)
    rejected: Counter[str] = Counter()
    for task, mark in folder.marks():
        cause[task.regimen, settings.slice_of(task)] = ""
        for number, why in mark["failed"].items():
            cause[task.regimen, int(number)] = why
        if task.regimen == 0:
            rejected.update(mark["rejected"])
    groups = np.array([*settings.groups, ""], dtype=object)
    found = found.assign_coords(
        regimen=list(settings.regimen_names),
        member=np.arange(settings.number),
        sex=("member", np.array(["female", "male", ""], dtype=object)[found[SEX].to_numpy()]),
        group=("member", groups[found[GROUP].to_numpy()]),
    ).set_coords(list(WHO))
    found["cause"] = (("regimen", "member"), cause)
    return found.assign_attrs(complete=int(not folder.again().missing), rejected=dict(rejected))


def _has_dask() -> bool:
    return find_spec("dask") is not None
