"""Runs into folders (out of them: `opening`; the folder itself: `folder`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import numpy as np

from venolymph.body import Body
from venolymph.body.drainage_types import Drainage
from venolymph.body.make import sides_of
from venolymph.errors import RunError
from venolymph.figures import Figure, load
from venolymph.network.parameters import stack
from venolymph.network.phase_drive import PhaseDrive
from venolymph.network.state import State
from venolymph.processes import check_process
from venolymph.simulation.folder import RunFolder
from venolymph.simulation.results import Record, Results, Start
from venolymph.simulation.tissue_model import Tissue, TissueState, tissue_of


def create(run: Results, directory: str | Path, phases: int, overwrite: bool = False) -> RunFolder:
    """Begin the folder of a run that has not begun.

    Raises:
        RunError: where more than documents, figures and parameters made the bodies or their tissue, so that the folder
            could not bring them back.
    """
    if any(body.phase_modifier is not None for body in run.bodies):
        raise RunError(
            "a leg with a circuit above it cannot be written into a folder, which holds people and regimens only",
            hint="keep the numbers: `run.dataset()`",
            place=str(directory),
        )
    if run.changed or not run.vouched:
        raise RunError(
            "a run that cannot be shown to come from its documents is not written into a new folder",
            hint="run the documents as they are now into a new folder",
            place=str(directory),
        )
    start = run.start
    settings = {
        "phases": phases,
        "legs": run.body.legs,
        "sides": sides_of(run.body),
        "override": run.override,
        "answers": None if run.answers is None else run.answers.document(),
        "parameters": _own(run.parameters, stack([body.parameters for body in run.bodies])),
        "differentiable": run.differentiable,
        "tissue": False if run.tissue is None else _of_tissue(run.tissue, run.bodies, str(directory)),
        "start": None if start is None else _described(start),
    }
    return RunFolder.create(
        directory,
        [body.person.to_yaml() for body in run.bodies],
        run.regimen.to_yaml(),
        settings,
        labels=run.labels,
        state=None if start is None else _state(start),
        overwrite=overwrite,
    )


def append(folder: RunFolder, run: Results, number: int) -> None:
    """Add a finished phase of a run to its folder."""
    record = run.records[number]
    info = record.info.document()
    info["status"] = [[status.code, status.time, status.cause] for status in run.status]
    folder.append_phase(
        number,
        run.phase_arrays(number),
        _state(record),
        info,
        extremes={name: np.asarray(value) for name, value in record.extremes.items()},
    )


def write(run: Results, directory: str | Path, overwrite: bool = False) -> None:
    """Write a whole run into a new folder and declare it complete."""
    check_process()
    with create(run, directory, len(run.records), overwrite) as folder:
        for number in range(len(run.records)):
            append(folder, run, number)
        finish(folder, run)


def finish(folder: RunFolder, run: Results) -> None:
    """Declare a run's folder complete."""
    folder.finish(
        {"members": list(run.members), "status": [[status.code, status.time, status.cause] for status in run.status]}
    )


def _state(at: Record | Start) -> dict[str, np.ndarray]:
    """The state at a phase's end, by place in the tree."""
    return _flat(at.state) | _flat(at.drive, "drive") | _flat(at.tissue_state, "around")


def _described(start: Start) -> dict[str, Any]:
    """What a run begins from, without the state."""
    return {
        "time": start.time,
        "worn": [one.document() for one in start.worn],
        "history": [dict(vars(one)) for one in start.history],
    }


def _own(mine: Any, plain: Any) -> dict[str, Any] | None:
    """Parameters that differ from what the documents give, by place in the tree; None where none does."""
    own = {
        jax.tree_util.keystr(path): np.asarray(leaf).tolist()
        for (path, leaf), other in zip(jax.tree_util.tree_leaves_with_path(mine), jax.tree.leaves(plain), strict=True)
        if not np.array_equal(leaf, other)
    }
    return own or None


def _of_tissue(tissue: Tissue, bodies: Sequence[Body], place: str) -> bool | dict[str, Any]:
    """Inputs of tissue and lymph other than the people's documents: figures by member, parameters; True if none."""
    packaged = load()
    figures = None
    if tissue.figures is not None:
        changed = [{key: one for key, one in given.items() if one != packaged[key]} for given in tissue.figures]
        figures = [{key: one.value for key, one in found.items()} for found in changed]
    again = tissue_of(bodies, None, changed_figures(figures))
    made, anew = ((one.contacts, [_arrays(leg) for leg in one.legs]) for one in (tissue, again))
    if not eqx.tree_equal(made, anew):
        raise RunError(
            "tissue and lymph that were put together by hand cannot be written into a folder",
            hint="make them by `vl.tissue_of(bodies, parameters, figures)`, or keep the numbers: `run.dataset()`",
            place=place,
        )
    own = _own(tissue.parameters, again.parameters)
    return {"figures": figures, "parameters": own} if own or any(figures or ()) else True


def _arrays(leg: Drainage) -> dict[str, Any]:
    """The arrays of a leg's tissue and lymph, by name."""
    return {name: value for name, value in vars(leg).items() if isinstance(value, jax.Array | np.ndarray)}


def changed_figures(values: Sequence[Mapping[str, float]] | None) -> list[Mapping[str, Figure]] | None:
    """The packaged figures with other values, for each member."""
    if values is None:
        return None
    packaged = load()
    return [{**packaged, **{key: replace(packaged[key], value=one) for key, one in own.items()}} for own in values]


def _flat(tree: State | PhaseDrive | TissueState | None, prefix: str = "") -> dict[str, np.ndarray]:
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return {prefix + jax.tree_util.keystr(path): np.asarray(leaf) for path, leaf in leaves}
