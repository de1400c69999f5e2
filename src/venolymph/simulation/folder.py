"""A run's folder: written phase by phase, openable at any moment, bit for bit what was computed.

    DIR/
      progress.json        what the run is made of, which phases are done, whether it is complete; a fingerprint of each
                           document and of the settings, as they were when the run began
      documents/           the people and the regimen as resolved (person-1.yaml, ..., regimen.yaml)
      phases/0000.npz      samples of a finished phase; only while the run is incomplete
      states/0000.npz      the engine's state at the end of each phase; kept, for going on and for branches
      states/start.npz     the state that the run begins from, where that is another run's
      results.zarr         all samples with names, units and dimensions; only when the run is complete
      summary.json         the summary; only when the run is complete

Each file appears under its final name only when its content is whole (written beside it, flushed, then renamed), and
`progress.json` is replaced after the files it speaks of. A process killed at any moment therefore leaves a folder that
opens with all phases that it says are done.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from venolymph.errors import RunError, nearest
from venolymph.simulation.files import HeldFolder, drafted, plain, take_lock, write_json, write_npz, writing
from venolymph.simulation.folder_layout import (
    FORMAT,
    KIND,
    PROGRESS,
    RESULTS,
    START,
    check_free,
    documents_of,
    fingerprints,
    is_run_folder,
    read_progress,
)
from venolymph.simulation.folder_reading import open_folder
from venolymph.simulation.folder_results import write_results
from venolymph.simulation.labels import Labels
from venolymph.simulation.quantities import ARRAYS, EXTREMES, ROWS, RecordedQuantity
from venolymph.version import version


class RunFolder(HeldFolder):
    """A run's folder being written. Make one with `RunFolder.create` or `RunFolder.resume`."""

    @classmethod
    def create(
        cls,
        directory: str | os.PathLike[str],
        people: Sequence[str],
        regimen: str,
        settings: Mapping[str, Any] | None = None,
        *,
        labels: Labels,
        state: Mapping[str, Any] | None = None,
        overwrite: bool = False,
    ) -> RunFolder:
        """Begin a run's folder.

        Args:
            directory: the folder; made if it does not exist, and must be empty if it does.
            people: the people as resolved, one YAML text a member.
            regimen: the regimen as resolved, a YAML text.
            settings: anything else needed to go on with the run to the same result; must fit into JSON.
            labels: names along each dimension, coordinates, and what the run is made from.
            state: the engine's state that the run begins from, as for `append_phase`; None: it begins from rest.
            overwrite: replace a run that is there already (never anything else).

        Raises:
            RunError: where the folder holds something already or cannot be written.
        """
        target = Path(directory)
        check_free(target, overwrite)
        progress = {
            "kind": KIND,
            "format": FORMAT,
            "venolymph": version(),
            "complete": False,
            "members": len(people),
            "settings": dict(settings or {}),
            "names": {dim: list(values) for dim, values in labels.names.items()},
            "coordinates": plain(labels.coordinates),
            "provenance": dict(labels.provenance),
            "people": list(people),
            "regimen": regimen,
            "fingerprints": fingerprints(people, regimen, settings or {}),
            "phases": [],
        }
        with writing(target), drafted(target) as draft:
            for part in ("documents", "phases", "states"):
                (draft / part).mkdir(parents=True)
            for name, text in documents_of(people, regimen).items():
                (draft / "documents" / name).write_text(text, encoding="utf-8")
            if state is not None:
                write_npz(draft / START, dict(state))
            write_json(draft / PROGRESS, progress)
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
        return cls(target, read_progress(target), lock)

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
            info: what the phase was (`results.PhaseInfo.document`); numbers that are not finite become null.
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
            write_json(self.directory / PROGRESS, self._progress)

    def finish(self, summary: Mapping[str, Any]) -> None:
        """Gather the phases into `results.zarr`, write the summary, and declare the run complete.

        Args:
            summary: whatever is worth keeping about the whole run; must fit into JSON.
        """
        if not self._progress["phases"]:
            raise RunError("a run without a single phase cannot be finished", place=str(self.directory))
        with writing(self.directory):
            draft = self.directory / f"{RESULTS}.partial"
            shutil.rmtree(draft, ignore_errors=True)
            write_results(draft, open_folder(self.directory))
            shutil.rmtree(self.directory / RESULTS, ignore_errors=True)
            os.replace(draft, self.directory / RESULTS)
            write_json(self.directory / "summary.json", plain(summary))
            self._progress["complete"] = True
            write_json(self.directory / PROGRESS, self._progress)
            shutil.rmtree(self.directory / "phases", ignore_errors=True)
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
