"""Runs out of folders (into them: `saving`; the folder itself: `folder`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from venolymph import documents
from venolymph.body import Body, load_person
from venolymph.body.make import Part, make_body
from venolymph.errors import RunError
from venolymph.network.integrate import Sample
from venolymph.network.parameters import Parameters, stack
from venolymph.network.phase_drive import PhaseDrive
from venolymph.network.stage import StateVector
from venolymph.network.state import State
from venolymph.processes import check_process
from venolymph.regimen import load_regimen
from venolymph.regimen.steps.garments import Wear
from venolymph.screening import load_answers
from venolymph.simulation.exchange import initial_tissue_state
from venolymph.simulation.folder import RunFolder
from venolymph.simulation.folder_reading import open_folder
from venolymph.simulation.quantities import EXCHANGES, SAMPLES
from venolymph.simulation.results import PhaseInfo, Predecessor, Record, Start, Status
from venolymph.simulation.run import Run
from venolymph.simulation.saving import changed_figures
from venolymph.simulation.tissue_model import Tissue, TissueState, tissue_of
from venolymph.steps.marks import Marks


def open_run(directory: str | Path) -> Run:
    """Open a run from its folder; one that was cut short opens too, with `complete` False.

    Raises:
        RunError: where the folder holds no run or is damaged.
        SimulationError: in a process that was forked after JAX had begun.
    """
    check_process()
    opened = open_folder(directory)
    regimen = load_regimen(documents.parse(opened.regimen)[0])
    legs, sides = opened.settings["legs"], opened.settings.get("sides", "one")
    people = [load_person(documents.parse(text)[0]) for text in opened.people]
    part: Part = "face" if legs == "none" else "leg"
    bodies = [make_body(one, part, legs="both" if legs == "both" else "one", sides=sides) for one in people]
    parameters: Parameters = stack([body.parameters for body in bodies])
    try:
        parameters = _with_own(parameters, opened.settings.get("parameters"))
        tissue = _tissue(opened.settings.get("tissue"), bodies)
    except KeyError as error:
        raise RunError(
            f"this run was made with a parameter {error} that this version does not have", place=str(directory)
        ) from error
    start = None
    if (state := opened.start_state()) is not None:
        start = _start(_KeptState(state, place=str(opened.directory)), opened.settings["start"], (tissue, parameters))
    records, status, extremes = [], [Status("ok", 0.0)] * len(bodies), opened.extremes()
    for number, described in enumerate(opened.phases):
        arrays = opened.arrays(number)
        found = described.pop("status") if "status" in described else []
        status = [Status(code, float("inf") if time is None else time, cause) for code, time, cause in found]
        info = _phase_info(described, str(opened.directory))
        kept = _KeptState(opened.state(number) or {}, place=str(opened.directory))
        state, drive, tissue_state = _states(kept, tissue, parameters)
        exchanges = {name: arrays[name] for name in EXCHANGES if name in arrays} or None
        if exchanges is not None and "plasma_protein" not in exchanges:  # folders of before it was recorded
            exchanges["plasma_protein"] = np.full((len(exchanges["exchange_time"]), len(bodies)), np.nan)
        samples = _samples(bodies[0].topology, arrays)
        worst = {name: value[number] for name, value in extremes.items()}
        records.append(Record(info, samples, worst, state, drive, tissue_state, exchanges))
    override, answers = opened.settings.get("override"), opened.settings.get("answers")
    return Run(
        bodies, regimen, parameters, records, status, override,
        complete=opened.complete, tissue=tissue, changed=opened.changed, vouched=opened.vouched, start=start,
        differentiable=opened.settings.get("differentiable", False),
        answers=None if answers is None else load_answers(answers),
    )  # fmt: skip


def _phase_info(described: Mapping[str, Any], place: str) -> PhaseInfo:
    """A phase as `PhaseInfo.document` describes it."""
    try:
        return PhaseInfo(**{**described, "marks": Marks.read(described["marks"])})
    except (TypeError, KeyError) as error:
        raise RunError(
            f"the folder describes a phase in a way that this version does not know: {error}",
            place=place,
            hint="open it with the version that wrote it, or run it again into a new folder",
        ) from error


def reopen(directory: str | Path) -> tuple[RunFolder, Run]:
    """The folder and the run of one that was cut short, to go on with."""
    folder = RunFolder.resume(directory)
    try:
        return folder, open_run(directory)
    except BaseException:
        folder.close()
        raise


def _with_own(parameters: Any, own: dict[str, Any] | None) -> Any:
    """Parameters with those of a run's own, by place in the tree; KeyError where there is no such place."""
    rest = dict(own or {})
    found = jax.tree_util.tree_map_with_path(
        lambda path, leaf: jnp.asarray(rest.pop(name)) if (name := jax.tree_util.keystr(path)) in rest else leaf,
        parameters,
    )
    if rest:
        raise KeyError(next(iter(rest)).lstrip("."))
    return found


def _tissue(kept: bool | Mapping[str, Any] | None, bodies: Sequence[Body]) -> Tissue | None:
    """Tissue and lymph as `_of_tissue` described them."""
    if not kept:
        return None
    if kept is True:
        return tissue_of(bodies)
    plain = tissue_of(bodies, None, changed_figures(kept["figures"]))
    return replace(plain, parameters=_with_own(plain.parameters, kept["parameters"]))


GAINED = "around.state.gained"
"""Where a state keeps the gain of plasma's volume, from format 2 on."""


class _KeptState(dict[str, np.ndarray]):
    """The state at a phase's end as a folder keeps it, by place in the tree."""

    def __init__(self, arrays: Mapping[str, np.ndarray], place: str) -> None:
        super().__init__(arrays)
        self.place = place

    def __missing__(self, name: str) -> np.ndarray:
        raise RunError(
            f"the state of a phase has no {name!r}, which this version needs",
            place=self.place,
            hint="run it again into a new folder",
        )


def _state_and_drive(arrays: _KeptState) -> tuple[State, PhaseDrive]:
    def vector(part: str) -> StateVector:
        return StateVector(
            **{name: jnp.asarray(arrays[f".{part}.{name}"]) for name in StateVector.__dataclass_fields__}
        )

    names = ("opening", "drop", "pressure", "inflow", "clock", "alive", "failed_at")
    rest = {name: jnp.asarray(arrays[f".{name}"]) for name in names}
    said = [name for name in PhaseDrive.__dataclass_fields__ if name not in ("loads", "joined")]
    drive = PhaseDrive(**{name: jnp.asarray(arrays[f"drive.{name}"]) for name in said}, loads=None, joined=None)
    return State(states=vector("states"), rates=vector("rates"), **rest), drive


def _states(
    kept: _KeptState, tissue: Tissue | None, parameters: Parameters
) -> tuple[State, PhaseDrive, TissueState | None]:
    """State and drive of the veins, and tissue and lymph, at a phase's end."""
    state, drive = _state_and_drive(kept)
    if tissue is None:
        return state, drive, None
    return state, drive, _tissue_state(kept, initial_tissue_state(tissue, parameters, drive))


def _start(kept: _KeptState, described: Mapping[str, Any], made_of: tuple[Tissue | None, Parameters]) -> Start:
    """What a run begins from."""
    worn = tuple(documents.check(Wear, one) for one in described["worn"])
    history = tuple(Predecessor(**one) for one in described["history"])
    return Start(described["time"], *_states(kept, *made_of), worn, history)


def _tissue_state(arrays: _KeptState, like: TissueState) -> TissueState:
    """Tissue and lymph at a phase's end, in the shape of another such state."""
    if GAINED not in arrays:
        # folders of format 1 hold legs, whose plasma stayed as it is upright
        arrays[GAINED] = np.zeros(like.state.gained.shape)
    return jax.tree_util.tree_map_with_path(
        lambda path, _: jnp.asarray(arrays["around" + jax.tree_util.keystr(path)]), like
    )


def _samples(topology: Any, arrays: dict[str, Any]) -> Sample:
    """Samples of the engine from recorded arrays; of faces without a valve the opening is not kept."""
    read = {what.read: arrays[name] for name, what in SAMPLES.items() if what.read}
    opening: Any = np.zeros((len(arrays["valve"]), topology.n_faces, arrays["valve"].shape[2]))
    opening[:, np.array(topology.valve_face, int)] = read.pop("opening")
    alive: Any = np.isfinite(arrays["pressure"]).all(axis=1, keepdims=True)
    return Sample(opening=opening, alive=alive, **read)
