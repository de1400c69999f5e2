"""Going on from the end of a phase of a run: with the same parameters (a branch), or from its state with others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from venolymph.errors import RunError
from venolymph.measures import check_asked
from venolymph.network.parameters import Parameters
from venolymph.network.state import with_kept_volumes
from venolymph.plan.gate import treats
from venolymph.processes import check_process
from venolymph.regimen import Regimen, load_regimen
from venolymph.regimen.forcing import Phase, phases, worn_after
from venolymph.simulation import driver
from venolymph.simulation.allowed import check_allowed
from venolymph.simulation.exchange import with_kept_fluid
from venolymph.simulation.one_phase import of_member
from venolymph.simulation.results import Predecessor, Results, Start, Status
from venolymph.simulation.tissue_model import Tissue
from venolymph.version import version

R = TypeVar("R", bound=Results)


def continue_run(run: R, regimen: Any, after: int | None = None) -> R:
    """Go on with another regimen from the end of a phase of a run.

    Raises:
        RunError: where there is no such phase, or a treatment is to follow, or stays on, in a folder whose documents
            were changed.
        MeasureError: where the regimen asks for a measure that there is none of.
        SimulationError: where somebody may not be treated, or in a process that was forked after JAX had begun.
    """
    check_process()
    document = load_regimen(regimen)
    check_asked(document.measures, run.bodies[0].legs, [body.index_side for body in run.bodies])
    begun = begin(run, document, after)
    asked = with_worn(document, begun.start)
    check_allowed([body.person for body in run.bodies], asked, run.override, run.answers)
    if treats(asked):
        check_unchanged(run)
    phases_by_member = planned(begun)
    driver.check_fit(document, phases_by_member, begun.tissue)
    return driver.run_phases(begun, phases_by_member)


def check_unchanged(run: Results, what: str = "no treatment goes on") -> None:
    """Refuse to go on from a state that cannot be shown to come from the documents of its run.

    Args:
        run: opened from a folder, or not.
        what: is refused, in words.

    Raises:
        RunError: where documents were changed since the run began, or its folder does not say what they were.
    """
    if run.changed:
        raise RunError(
            f"{what} from a run whose documents were changed since it began: {', '.join(run.changed)}",
            hint="run the documents as they are now into a new folder",
        )
    if not run.vouched:
        raise RunError(
            f"{what} from a run of an earlier version, which did not keep what its documents were",
            hint="run it anew into a new folder",
        )


def begin(run: R, regimen: Regimen, after: int | None = None, folder: str | None = None) -> R:
    """A run that is about to begin, of the same people, from the state of another at the end of a phase.

    Args:
        run: the other one.
        regimen: what they go through next.
        after: number of the phase; None: the last.
        folder: where the other run is kept, if it was opened from there.

    Raises:
        RunError: where there is no such phase.
    """
    start = _start_after(run, after, folder)
    status = [Status("ok", 0.0)] * len(run.bodies)
    return replace(run, regimen=regimen, records=[], status=status, complete=True, branches={}, start=start)


def _start_after(run: Results, after: int | None, folder: str | None) -> Start:
    """The state at the end of a phase of a run (None: the last), with where it comes from."""
    count = len(run.records)
    if not count:
        raise RunError("no phase of this run is done yet, so nothing goes on from it", place=folder)
    number = count - 1 if after is None else after
    if not -count <= number < count:
        raise RunError(f"there is no phase {after}", hint=f"the run has phases 0 to {count - 1}", place=folder)
    record = run.records[number]
    worn, history = ((), ()) if run.start is None else (run.start.worn, run.start.history)
    came_from = Predecessor(
        regimen=run.regimen.regimen,
        phase=number % count,
        label=record.info.label,
        time=record.info.start + record.info.duration,
        folder=folder or "",
        override=run.override or "",
        venolymph=version(),
    )
    return Start(
        came_from.time, record.state, record.drive, record.tissue_state,
        worn_after(run.regimen, record.info.marks, worn), (*history, came_from),
    )  # fmt: skip


def with_parameters(run: R, veins: Parameters, tissue: Tissue | None) -> R:
    """A run that is about to begin, with other parameters.

    What it begins from keeps every volume of blood, tissue fluid and lymph, all solutes, creep of walls, tone and
    valves; pressures follow from the volumes. So nothing appears or is lost as parameters change.
    """
    start = run.start
    if start is not None:
        state = with_kept_volumes(run.topology, run.parameters, veins, start.state)
        fluid = start.tissue_state
        if fluid is not None and tissue is not None:
            fluid = with_kept_fluid(tissue, fluid)
        start = replace(start, state=state, tissue_state=fluid)
    return replace(run, parameters=veins, tissue=tissue, start=start)


def planned(run: Results) -> list[list[Phase]]:
    """All phases of each member of a run: from what it begins from, or settled in its first posture."""
    start = run.start
    if start is None:
        return [phases(run.regimen, body) for body in run.bodies]
    return [
        phases(run.regimen, body, previous=of_member(start.drive, member), worn=start.worn)
        for member, body in enumerate(run.bodies)
    ]


def with_worn(regimen: Regimen, start: Start | None) -> Regimen:
    """A regimen with what is worn from the start, for the gate: what stays on treats as what is put on does."""
    if start is None or not start.worn:
        return regimen
    return regimen.model_copy(update={"steps": (*start.worn, *regimen.steps)})
