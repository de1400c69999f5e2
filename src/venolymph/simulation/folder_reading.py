"""A run's folder being read: its documents, samples, extremes and states."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from venolymph.errors import RunError
from venolymph.simulation import datasets
from venolymph.simulation.files import read_json, read_npz, reading
from venolymph.simulation.folder_layout import PROGRESS, RESULTS, START, changed_documents, read_progress
from venolymph.simulation.labels import Labels
from venolymph.simulation.quantities import ARRAYS, variable

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class OpenFolder:
    """A run's folder being read.

    Attributes:
        directory: where it is.
        version: version of the package that wrote it.
        people: the people as resolved, one YAML text a member.
        regimen: the regimen as resolved, a YAML text.
        settings: as given to `RunFolder.create`.
        labels: names along each dimension, coordinates, and what the run was made from.
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
    labels: Labels
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
            with reading(self.directory / RESULTS):
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
            with reading(self.directory / RESULTS):
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

    def start_state(self) -> dict[str, np.ndarray] | None:
        """The engine's state that the run begins from; None where it begins from rest."""
        return read_npz(self.directory / START, None) if self.settings.get("start") else None

    def dataset(self) -> xr.Dataset:
        """All samples and extremes with names, units and dimensions; of a complete run read when asked for."""
        if self.complete:
            import xarray as xr

            with reading(self.directory / RESULTS):
                self._results()
                return xr.open_zarr(self.directory / RESULTS, consolidated=False, chunks=None)
        return datasets.dataset(self.arrays(), self.extremes(), self.coordinates, self.attributes)

    @property
    def coordinates(self) -> dict[str, datasets.Variable]:
        """Coordinates of the dataset."""
        return datasets.coordinates(self.labels, self.phases, {"time": self.samples, "exchange": self.exchanges})

    @property
    def attributes(self) -> dict[str, str | int]:
        """Attributes of the dataset."""
        return {"venolymph": self.version} | datasets.attributes(self.labels, self.phases, self.complete)

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

            path = self.directory / RESULTS
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
    progress = read_progress(target)
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
            labels=Labels(progress["names"], progress.get("coordinates", {}), progress.get("provenance", {})),
            complete=complete,
            phases=tuple(entry["info"] for entry in entries),
            samples=tuple(int(entry["samples"]) for entry in entries),
            exchanges=tuple(int(entry.get("exchanges", 0)) for entry in entries),
            summary=summary,
            array_names=tuple(entries[0]["arrays"]) if entries else (),
            extreme_names=tuple(entries[0]["extremes"]) if entries else (),
            changed=changed_documents(target, progress),
            vouched="fingerprints" in progress,
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise RunError(
            "the run's own description is damaged", place=str(target / PROGRESS), hint="run it again into a new folder"
        ) from error
    places = [target / "states" / f"{number:04d}.npz" for number in range(len(opened.phases))]
    places += [target / START] if opened.settings.get("start") else []
    places += (
        [target / RESULTS / "zarr.json"]
        if complete
        else [target / "phases" / f"{number:04d}.npz" for number in range(len(opened.phases))]
    )
    for place in places:
        if not place.is_file():
            raise RunError("a part of the run is missing", place=str(place), hint="run it again into a new folder")
    return opened
