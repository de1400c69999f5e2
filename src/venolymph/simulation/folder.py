"""A run's folder: written phase by phase, openable at any moment, bit for bit what was computed.

    DIR/
      progress.json        what the run is made of, which phases are done, whether it is complete; a fingerprint of each
                           document and of the settings, as they were when the run began
      documents/           the people and the regimen as resolved (person-1.yaml, ..., regimen.yaml)
      phases/0000.npz      samples of a finished phase; only while the run is incomplete
      states/0000.npz      the engine's state at the end of each phase; kept, for going on and for branches
      results.zarr         all samples with names, units and dimensions; only when the run is complete
      summary.json         the summary; only when the run is complete

Each file appears under its final name only when its content is whole (written beside it, flushed, then renamed), and
`progress.json` is replaced after the files it speaks of. A process killed at any moment therefore leaves a folder that
opens with all phases that it says are done.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import shutil
import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from venolymph.errors import RunError, nearest
from venolymph.simulation.files import (
    alive,
    locked,
    plain,
    read_json,
    read_npz,
    reading,
    take_lock,
    write_json,
    write_npz,
    writing,
)
from venolymph.simulation.quantities import ARRAYS, EXTREMES, SAMPLES, RecordedQuantity, variable
from venolymph.version import version

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "EXTREMES",
    "FORMAT",
    "SAMPLES",
    "OpenFolder",
    "RecordedQuantity",
    "RunFolder",
    "check_free",
    "is_run_folder",
    "open_folder",
    "remove_run",
]

FORMAT = 1
"""Version of the folder's layout; a folder with a later one is refused."""

_KIND = "venolymph run"
_PROGRESS = "progress.json"
_RESULTS = "results.zarr"
ROWS = {"time": "time", "exchange": "exchange_time"}
"""The array that has a number for each row along a dimension."""

_CHUNK = 1 << 19
"""Greatest number of float64 in one chunk of the results (4 MiB)."""


class RunFolder:
    """A run's folder being written. Make one with `RunFolder.create` or `RunFolder.resume`.

    While one is open no other process can write to the folder (where the system has file locks). It is a context
    manager that lets go of the folder; leaving it early keeps what was written.
    """

    def __init__(self, directory: Path, progress: dict[str, Any], lock: IO[str] | None) -> None:
        self.directory = directory
        self._progress = progress
        self._lock = lock

    @classmethod
    def create(
        cls,
        directory: str | os.PathLike[str],
        people: Sequence[str],
        regimen: str,
        settings: Mapping[str, Any] | None = None,
        *,
        names: Mapping[str, Sequence[str]],
        overwrite: bool = False,
    ) -> RunFolder:
        """Begin a run's folder.

        Args:
            directory: the folder; made if it does not exist, and must be empty if it does.
            people: the people as resolved, one YAML text a member.
            regimen: the regimen as resolved, a YAML text.
            settings: anything else needed to go on with the run to the same result; must fit into JSON.
            names: names along each dimension: `cell`, `face`, `valve`, `bed`, `surrounding`, `member` (and `end`).
            overwrite: replace a run that is there already (never anything else).

        Raises:
            RunError: where the folder holds something already or cannot be written.
        """
        target = Path(directory)
        check_free(target, overwrite)
        progress = {
            "kind": _KIND,
            "format": FORMAT,
            "venolymph": version(),
            "complete": False,
            "members": len(people),
            "settings": dict(settings or {}),
            "names": {dim: list(values) for dim, values in names.items()},
            "people": list(people),
            "regimen": regimen,
            "fingerprints": _fingerprints(people, regimen, settings or {}),
            "phases": [],
        }
        with writing(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            _sweep(target)
            draft = target.parent / f".{target.name}.{os.getpid()}.partial"
            shutil.rmtree(draft, ignore_errors=True)
            try:
                for part in ("documents", "phases", "states"):
                    (draft / part).mkdir(parents=True)
                for name, text in _documents(people, regimen).items():
                    (draft / "documents" / name).write_text(text, encoding="utf-8")
                write_json(draft / _PROGRESS, progress)
                _move_in(draft, target)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        return cls(target, progress, take_lock(target))

    @classmethod
    def resume(cls, directory: str | os.PathLike[str]) -> RunFolder:
        """Go on writing to the folder of an incomplete run.

        Raises:
            RunError: where the folder is no run, is complete, is damaged, holds documents that were changed since the
                run began, or another process writes to it.
        """
        target = Path(directory)
        opened = open_folder(target)
        if opened.complete:
            raise RunError("this run is complete: there is nothing to go on with", place=str(target))
        if opened.changed:
            raise RunError(
                f"changed since the run began: {', '.join(opened.changed)}; what is done so far was made from others",
                place=str(target),
                hint="run the documents as they are now into a new folder",
            )
        lock = take_lock(target)
        with writing(target):
            for part in ("phases", "states"):
                (target / part).mkdir(exist_ok=True)
            for leftover in [*target.glob("*.partial"), *target.glob("*/*.partial")]:
                if leftover.is_dir():
                    shutil.rmtree(leftover)
                else:
                    leftover.unlink()
        return cls(target, _read_progress(target), lock)

    @property
    def phases_done(self) -> int:
        """How many phases are in the folder; the next one to append has this index."""
        return len(self._progress["phases"])

    @property
    def vouched(self) -> bool:
        """Whether the folder says what its documents were when the run began; those of earlier versions do not."""
        return "fingerprints" in self._progress

    def append_phase(
        self,
        index: int,
        arrays: Mapping[str, Any],
        state: Mapping[str, Any],
        info: Mapping[str, Any],
        *,
        extremes: Mapping[str, Any] | None = None,
    ) -> None:
        """Add a finished phase. When this returns, the phase survives the process's death.

        Args:
            index: number of the phase; phases come in order.
            arrays: records of the phase by name, each as in `ARRAYS` (`time` is needed, and `exchange_time` where
                there is tissue); every phase of a run carries the same names.
            state: the engine's state at the end of the phase: arrays of any shape by any name.
            info: what the phase was (label, kind, start, duration, ...); numbers that are not finite become null.
            extremes: one array for each quantity of `EXTREMES`, without the leading dimension.

        Raises:
            RunError: where a name or a shape does not fit or the folder cannot be written.
        """
        if index != self.phases_done:
            raise RunError(f"phase {index} came where phase {self.phases_done} was next", place=str(self.directory))
        samples = {name: np.asarray(value) for name, value in arrays.items()}
        peaks = {name: np.asarray(value) for name, value in (extremes or {}).items()}
        if "time" not in samples:
            raise RunError("the samples of a phase need their 'time'")
        counts = {dim: len(samples[name]) for dim, name in ROWS.items() if name in samples}
        self._check(samples, ARRAYS, counts)
        self._check({name: value[None] for name, value in peaks.items()}, EXTREMES, {"phase": 1})
        if self._progress["phases"]:
            first = self._progress["phases"][0]
            for what, here in (("arrays", sorted(samples)), ("extremes", sorted(peaks))):
                if here != first[what]:
                    raise RunError(f"phase {index} has {what} {here}, phase 0 has {first[what]}")
        content = {f"samples/{name}": value for name, value in samples.items()}
        content |= {f"extremes/{name}": value for name, value in peaks.items()}
        entry = {
            "samples": counts["time"],
            "exchanges": counts.get("exchange", 0),
            "arrays": sorted(samples),
            "extremes": sorted(peaks),
            "info": plain(info),
        }
        with writing(self.directory):
            write_npz(self.directory / "states" / f"{index:04d}.npz", dict(state))
            write_npz(self.directory / "phases" / f"{index:04d}.npz", content)
            self._progress["phases"].append(entry)
            write_json(self.directory / _PROGRESS, self._progress)

    def finish(self, summary: Mapping[str, Any]) -> None:
        """Gather the phases into `results.zarr`, write the summary, and declare the run complete.

        Args:
            summary: whatever is worth keeping about the whole run; must fit into JSON.
        """
        if not self._progress["phases"]:
            raise RunError("a run without a single phase cannot be finished", place=str(self.directory))
        with writing(self.directory):
            draft = self.directory / f"{_RESULTS}.partial"
            shutil.rmtree(draft, ignore_errors=True)
            _write_zarr(draft, open_folder(self.directory))
            shutil.rmtree(self.directory / _RESULTS, ignore_errors=True)
            os.replace(draft, self.directory / _RESULTS)
            write_json(self.directory / "summary.json", plain(summary))
            self._progress["complete"] = True
            write_json(self.directory / _PROGRESS, self._progress)
            shutil.rmtree(self.directory / "phases", ignore_errors=True)
        self.close()

    def close(self) -> None:
        """Let go of the folder, so that another process may go on with it."""
        if self._lock is not None:
            with contextlib.suppress(OSError):
                Path(self._lock.name).unlink()
            self._lock.close()
            self._lock = None

    def __enter__(self) -> RunFolder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check(
        self, arrays: Mapping[str, np.ndarray], known: Mapping[str, RecordedQuantity], rows: Mapping[str, int]
    ) -> None:
        """A look at the names and shapes of arrays, given the number of rows along each leading dimension."""
        for name, value in arrays.items():
            if name not in known:
                near = nearest(name, known)
                raise RunError(f"no quantity is named {name!r}", hint=f"did you mean {near!r}?" if near else None)
            if known[name].dims[0] not in rows:
                raise RunError(f"{name} needs {ROWS[known[name].dims[0]]!r} beside it")
            expected = [rows[known[name].dims[0]]]
            for dim in known[name].dims[1:]:
                if dim != "member" and dim not in self._progress["names"]:
                    raise RunError(f"{name} runs along {dim!r}, whose names were not given")
                expected.append(self._progress["members"] if dim == "member" else len(self._progress["names"][dim]))
            if list(value.shape) != expected:
                raise RunError(f"{name} has shape {list(value.shape)} where {expected} was expected")


@dataclass(frozen=True)
class OpenFolder:
    """A run's folder being read.

    Attributes:
        directory: where it is.
        version: version of the package that wrote it.
        people: the people as resolved, one YAML text a member.
        regimen: the regimen as resolved, a YAML text.
        settings: as given to `RunFolder.create`.
        names: names along each dimension.
        complete: whether the run went to its end.
        phases: the `info` of each phase that is done, in order.
        samples: number of samples of each phase that is done.
        exchanges: number of records of tissue and lymph of each phase that is done.
        summary: as given to `RunFolder.finish`; None while incomplete.
        changed: documents (and "settings") that are not what they were when the run began.
        vouched: whether the folder says what they were; those of earlier versions do not.
    """

    directory: Path
    version: str
    people: tuple[str, ...]
    regimen: str
    settings: dict[str, Any]
    names: dict[str, tuple[str, ...]]
    complete: bool
    phases: tuple[dict[str, Any], ...]
    samples: tuple[int, ...]
    exchanges: tuple[int, ...]
    summary: dict[str, Any] | None
    array_names: tuple[str, ...] = ()
    extreme_names: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    vouched: bool = True
    _zarr: list[Any] = field(default_factory=list, repr=False, compare=False)

    @property
    def status(self) -> str:
        """One sentence on how far the run got."""
        if self.complete:
            return f"complete: {len(self.phases)} phases"
        total = self.settings.get("phases")
        of = f" of {total}" if isinstance(total, int) else ""
        how = f"go on with `venolymph run --resume {self.directory}`"
        if self.changed:
            how = f"it does not go on: changed since it began are {', '.join(self.changed)}"
        return f"incomplete: {len(self.phases)}{of} phases are done; {how}"

    def arrays(self, phase: int | None = None, only: Sequence[str] | None = None) -> dict[str, np.ndarray]:
        """Samples by name, of one phase (negative: from the end) or of all phases one after another.

        Args:
            phase: number of the phase, or None for all that are done.
            only: names of the quantities wanted; all where None.

        Returns:
            Arrays with the leading dimension time; empty where no phase is done.
        """
        wanted = [name for name in self.array_names if only is None or name in only]
        if not self.phases:
            return {}
        if phase is not None:
            phase = self._phase(phase)
        if self.complete:
            group = self._results()
            rows = {"time": self.samples, "exchange": self.exchanges}
            begin = {dim: sum(counts[: phase or 0]) for dim, counts in rows.items()}
            end = {dim: begin[dim] + (sum(counts) if phase is None else counts[phase]) for dim, counts in rows.items()}
            with reading(self.directory / _RESULTS):
                return {
                    name: np.asarray(group[variable(name)][begin[dim] : end[dim]])
                    for name in wanted
                    for dim in ARRAYS[name].dims[:1]
                }
        chosen = range(len(self.phases)) if phase is None else [phase]
        pieces = [self._piece(number, [f"samples/{name}" for name in wanted]) for number in chosen]
        return {name: np.concatenate([piece[f"samples/{name}"] for piece in pieces]) for name in wanted}

    def extremes(self) -> dict[str, np.ndarray]:
        """Extremes and checks by name, with the leading dimension phase; empty where no phase is done."""
        if not self.phases:
            return {}
        if self.complete:
            group = self._results()
            with reading(self.directory / _RESULTS):
                return {name: np.asarray(group[variable(name)][:]) for name in self.extreme_names}
        keys = [f"extremes/{name}" for name in self.extreme_names]
        pieces = [self._piece(number, keys) for number in range(len(self.phases))]
        return {name: np.stack([piece[f"extremes/{name}"] for piece in pieces]) for name in self.extreme_names}

    def state(self, after: int = -1) -> dict[str, np.ndarray] | None:
        """The engine's state at the end of a phase (the last one done by default); None where no phase is done."""
        if not self.phases:
            return None
        number = self._phase(after)
        return read_npz(self.directory / "states" / f"{number:04d}.npz", None)

    def dataset(self) -> xr.Dataset:
        """All samples and extremes with names, units and dimensions; of a complete run read when asked for."""
        import xarray as xr

        if self.complete:
            with reading(self.directory / _RESULTS):
                self._results()
                return xr.open_zarr(self.directory / _RESULTS, consolidated=False, chunks=None)
        variables: dict[str, Any] = {}
        for known, arrays in ((ARRAYS, self.arrays()), (EXTREMES, self.extremes())):
            for name, value in arrays.items():
                what = known[name]
                variables[variable(name)] = (what.dims, value, {"units": what.unit, "long_name": what.title})
        for name, (dims, value, attributes) in _extra(self).items():
            variables[name] = (dims, value, attributes)
        coordinates = {dim: np.array(values, dtype=object) for dim, values in self.names.items()}
        data = xr.Dataset(variables, coords=coordinates, attrs=_attributes(self))
        return data.set_coords([name for name in (*ROWS.values(), "phase_of_sample") if name in data])

    def _phase(self, number: int) -> int:
        """Number of a phase counted from the start."""
        if not -len(self.phases) <= number < len(self.phases):
            raise RunError(f"there is no phase {number}", hint=self.status, place=str(self.directory))
        return number % len(self.phases)

    def _piece(self, number: int, keys: list[str]) -> dict[str, np.ndarray]:
        return read_npz(self.directory / "phases" / f"{number:04d}.npz", keys)

    def _results(self) -> Any:
        """The opened group of a complete run, looked through for missing parts once."""
        if not self._zarr:
            import zarr

            path = self.directory / _RESULTS
            with reading(path):
                group = zarr.open_group(path, mode="r")
                for name in (*self.array_names, *self.extreme_names):
                    array = group[variable(name)]
                    if not isinstance(array, zarr.Array) or array.nchunks_initialized != array.nchunks:
                        raise RunError(f"parts of {name!r} are missing", place=str(path), hint="run it again")
                self._zarr.append(group)
        return self._zarr[0]


def open_folder(directory: str | os.PathLike[str]) -> OpenFolder:
    """Open a run's folder, complete or not.

    Raises:
        RunError: where it is no run's folder, was written by a later version, or is damaged.
    """
    target = Path(directory)
    progress = _read_progress(target)
    summary = None
    try:
        entries = progress["phases"]
        complete = bool(progress["complete"])
        if complete:
            summary = read_json(target / "summary.json")
        opened = OpenFolder(
            directory=target,
            version=str(progress["venolymph"]),
            people=tuple(progress["people"]),
            regimen=progress["regimen"],
            settings=dict(progress["settings"]),
            names={dim: tuple(values) for dim, values in progress["names"].items()},
            complete=complete,
            phases=tuple(entry["info"] for entry in entries),
            samples=tuple(int(entry["samples"]) for entry in entries),
            exchanges=tuple(int(entry.get("exchanges", 0)) for entry in entries),
            summary=summary,
            array_names=tuple(entries[0]["arrays"]) if entries else (),
            extreme_names=tuple(entries[0]["extremes"]) if entries else (),
            changed=_changed(target, progress),
            vouched="fingerprints" in progress,
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise RunError(
            "the run's own description is damaged", place=str(target / _PROGRESS), hint="run it again into a new folder"
        ) from error
    places = [target / "states" / f"{number:04d}.npz" for number in range(len(opened.phases))]
    places += (
        [target / _RESULTS / "zarr.json"]
        if complete
        else [target / "phases" / f"{number:04d}.npz" for number in range(len(opened.phases))]
    )
    for place in places:
        if not place.is_file():
            raise RunError("a part of the run is missing", place=str(place), hint="run it again into a new folder")
    return opened


def remove_run(directory: str | os.PathLike[str]) -> None:
    """Remove a run's folder where there is one; nothing else is ever removed.

    Raises:
        RunError: where the folder holds something else, or another process writes to it.
    """
    target = Path(directory)
    check_free(target, overwrite=True)
    if is_run_folder(target):
        with writing(target):
            shutil.rmtree(target)


def is_run_folder(directory: str | os.PathLike[str]) -> bool:
    """Whether the folder holds a run, complete or not."""
    try:
        _read_progress(Path(directory))
    except RunError:
        return False
    return True


# ------------------------------------------------------------------------------------------------ the parts


def check_free(directory: str | os.PathLike[str], overwrite: bool = False) -> None:
    """See that a run can go to a folder, without touching anything.

    Args:
        directory: the folder; may be absent or empty.
        overwrite: whether a run that is there already may be replaced.

    Raises:
        RunError: where the folder holds something that must not be written over.
    """
    target = Path(directory)
    if not target.exists() and not target.is_symlink():
        return
    if not target.is_dir():
        raise RunError("this is a file, not a folder", place=str(target), hint="name a folder that does not exist yet")
    try:
        empty = not any(target.iterdir())
    except OSError as error:
        raise RunError(f"the folder cannot be read: {error.strerror}", place=str(target)) from error
    if empty:
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
    if _read_progress(target).get("complete"):
        raise RunError(
            "this folder holds a run already", place=str(target), hint="name another folder, or pass --overwrite"
        )
    raise RunError(
        "this folder holds a run that is not complete",
        place=str(target),
        hint=f"go on with it by `venolymph run --resume {target}`, or name another folder, or pass --overwrite",
    )


def _sweep(target: Path) -> None:
    """Remove what a creation that was killed left beside the folder."""
    for leftover in target.parent.glob(f".{target.name}.*.partial"):
        owner = leftover.name.rsplit(".", 2)[-2]
        if owner.isdigit() and not alive(int(owner)):
            shutil.rmtree(leftover, ignore_errors=True)


def _move_in(draft: Path, target: Path) -> None:
    """Put a finished draft in the place of the target, which is absent, empty or an old run."""
    old = target.parent / f".{target.name}.{os.getpid()}.old.partial"
    if target.is_dir() and any(target.iterdir()):
        os.replace(target, old)
    elif target.is_dir() and sys.platform == "win32":
        target.rmdir()
    os.replace(draft, target)
    shutil.rmtree(old, ignore_errors=True)


def _read_progress(target: Path) -> dict[str, Any]:
    """The description of a run, checked for being one that this version can read."""
    path = target / _PROGRESS
    if not target.exists():
        raise RunError("there is no such folder", place=str(target))
    if not path.is_file():
        raise RunError(
            "this is not the folder of a run", place=str(target), hint="a run's folder holds a file progress.json"
        )
    progress = read_json(path)
    if progress.get("kind") != _KIND:
        raise RunError("this is not the folder of a run", place=str(target))
    if not isinstance(progress.get("format"), int) or progress["format"] > FORMAT:
        raise RunError(
            f"this run was written by a later version ({progress.get('venolymph')})",
            place=str(target),
            hint=f"this is version {version()}; update venolymph",
        )
    return progress


def _documents(people: Sequence[str], regimen: str) -> dict[str, str]:
    """The texts of the documents by the names of their files."""
    return {**{f"person-{number}.yaml": text for number, text in enumerate(people, 1)}, "regimen.yaml": regimen}


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _fingerprints(people: Sequence[str], regimen: str, settings: Mapping[str, Any]) -> dict[str, str]:
    """A fingerprint of each document, and of the settings."""
    found = {name: _fingerprint(text) for name, text in _documents(people, regimen).items()}
    return {**found, "settings": _fingerprint(json.dumps(plain(settings), sort_keys=True))}


def _changed(target: Path, progress: Mapping[str, Any]) -> tuple[str, ...]:
    """Documents that are not what they were when the run began: in the description, or as files beside it."""
    if "fingerprints" not in progress:
        return ()
    begun: Mapping[str, str] = progress["fingerprints"]
    now = _fingerprints(progress["people"], progress["regimen"], progress["settings"])
    found = {name for name in {*begun, *now} if begun.get(name) != now.get(name)}
    for name in now.keys() - {"settings"}:
        try:
            text = (target / "documents" / name).read_text("utf-8")
        except (OSError, ValueError):
            text = None
        if text is None or _fingerprint(text) != begun.get(name):
            found.add(name)
    return tuple(sorted(found))


def _attributes(opened: OpenFolder) -> dict[str, Any]:
    return {
        "title": "venous drainage of the leg, simulated",
        "venolymph": opened.version,
        "complete": int(opened.complete),
        "phases": json.dumps(opened.phases, ensure_ascii=False),
    }


def _extra(opened: OpenFolder) -> dict[str, tuple[tuple[str, ...], np.ndarray, dict[str, Any]]]:
    """Variables that say which phase is which."""
    labels = np.array([str(info.get("label", "")) for info in opened.phases], dtype=object)
    of_sample = np.repeat(np.arange(len(opened.phases), dtype=np.int64), opened.samples)
    return {
        "phase_label": (("phase",), labels, {"long_name": "what was done in the phase"}),
        "phase_of_sample": (("time",), of_sample, {"long_name": "number of the phase that the sample belongs to"}),
    }


def _write_zarr(path: Path, opened: OpenFolder) -> None:
    """Write all phases as one Zarr 3 group, phase after phase so that memory does not grow with the run."""
    import zarr
    from zarr.codecs import ZstdCodec

    group = zarr.open_group(path, mode="w", zarr_format=3)
    group.attrs.update({**_attributes(opened), "complete": 1, "coordinates": "phase_of_sample"})

    def make(name: str, what: RecordedQuantity, kind: Any) -> Any:
        sizes = {"time": sum(opened.samples), "exchange": sum(opened.exchanges)}
        sizes |= {"phase": len(opened.phases), "member": len(opened.people)}
        sizes |= {dim: len(values) for dim, values in opened.names.items()}
        shape = tuple(sizes[dim] for dim in what.dims)
        across = max(1, math.prod(shape[1:]))
        chunks = (max(1, min(shape[0], _CHUNK // across)), *(max(1, size) for size in shape[1:]))
        return group.create_array(
            variable(name),
            shape=shape,
            dtype=kind,
            chunks=chunks,
            fill_value=float("nan") if np.issubdtype(kind, np.floating) else 0,
            compressors=[ZstdCodec(level=1, checksum=True)],
            dimension_names=what.dims,
            attributes={"units": what.unit, "long_name": what.title},
            config={"write_empty_chunks": True},
        )

    first = opened.arrays(phase=0)
    targets = {name: make(name, ARRAYS[name], first[name].dtype) for name in opened.array_names}
    # Chunks are filled whole: rows wait until a chunk is full, so that none is compressed twice.
    waiting: dict[str, list[np.ndarray]] = {name: [] for name in targets}
    written = dict.fromkeys(targets, 0)
    for number in range(len(opened.phases)):
        last = number + 1 == len(opened.phases)
        for name, value in (first if number == 0 else opened.arrays(phase=number)).items():
            waiting[name].append(value)
            held = sum(len(part) for part in waiting[name])
            size = targets[name].chunks[0]
            take = held if last else held - held % size
            if take:
                joined = np.concatenate(waiting[name])
                targets[name][written[name] : written[name] + take] = joined[:take]
                written[name] += take
                waiting[name] = [joined[take:]]
    for name, value in opened.extremes().items():
        make(name, EXTREMES[name], value.dtype)[:] = value
    labels = {dim: ((dim,), np.array(values, dtype=object), {}) for dim, values in opened.names.items()}
    for name, (dims, value, attributes) in {**_extra(opened), **labels}.items():
        array = group.create_array(
            name,
            shape=value.shape,
            chunks=tuple(max(1, size) for size in value.shape),
            dtype=str if value.dtype == object else value.dtype,
            dimension_names=dims,
            attributes=attributes,
        )
        array[:] = value
    # All metadata in one place too, which is where xarray looks first and warns where it finds none. Zarr says that
    # its standard does not describe this yet; readers that do not know it read the arrays' own.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Consolidated metadata", category=UserWarning)
        zarr.consolidate_metadata(path, zarr_format=3)
