"""The phases of a run, one after another, from rest or from what it begins from, and what is recorded of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import numpy as np

from venolymph.errors import SimulationError
from venolymph.network.parameters import stack
from venolymph.network.phase_drive import PhaseDrive
from venolymph.network.time_grid import Grid, grid
from venolymph.regimen import Regimen
from venolymph.regimen.forcing import Phase
from venolymph.simulation import saving
from venolymph.simulation.books import mass_defect, statuses, water_defect, with_heights
from venolymph.simulation.exchange import TissueConditions, with_tracers
from venolymph.simulation.folder import RunFolder
from venolymph.simulation.one_phase import DIFFERENTIABLE_STRIDE, PhaseResult, PhaseWork, Recorded, run_phase
from venolymph.simulation.progress import Progress, Shown
from venolymph.simulation.quantities import EXTREMES
from venolymph.simulation.results import Differentiable, PhaseInfo, Record, Results
from venolymph.simulation.settling import settle
from venolymph.simulation.tissue_model import Tissue

VEIN_STEPS_PER_TISSUE_SECOND = 12.0
"""Cost of one simulated second of tissue and lymph, in steps of the veins."""

Forcing = Callable[[int, PhaseDrive], PhaseDrive]
"""Called with the number of a phase and its `PhaseDrive` from the regimen; returns the `PhaseDrive` to use."""

Watch = Callable[[Callable[[], Results], bool], None]
"""Called as a run is computed, with what gives the run as far as it is, and whether the phase is done, after which the
next call may take long to come. What it gives is to be looked at, not kept."""

R = TypeVar("R", bound=Results)


def check_fit(regimen: Regimen, phases_by_member: list[list[Phase]], tissue: Tissue | None) -> None:
    """Refuse members and a regimen that do not go together in one run.

    Raises:
        SimulationError: where they do not.
    """
    if regimen.injects and tissue is None:
        raise SimulationError("a tracer needs tissue and lymph", hint="simulate with tissue=True")
    if len({tuple(phase.duration for phase in plan) for plan in phases_by_member}) > 1:
        raise SimulationError(
            "this regimen lasts differently for these people (a gait that follows their height)",
            hint="simulate them one by one, or state the durations",
        )


def run_phases(
    run: R,
    phases_by_member: list[list[Phase]],
    folder: RunFolder | None = None,
    progress: Progress | None = None,
    forcing: Forcing | None = None,
    watch: Watch | None = None,
) -> R:
    """Run the remaining phases: from the last record of the run, from the state that it begins from, or from rest.

    Args:
        run: what is there so far.
        phases_by_member: all phases of each member.
        folder: takes each phase as it is done, and is declared complete at the end.
        progress: as for `simulate`.
        forcing: as for `simulate`.
        watch: as for `simulate`.

    Returns:
        The run with the records of all phases.
    """
    tissue, differentiable = run.tissue, run.differentiable
    records = list(run.records)
    works = np.array([_work(phase, differentiable, tissue is not None) for phase in phases_by_member[0]])
    drives: list[PhaseDrive] = [
        stack([plan[i].drive for plan in phases_by_member]) for i in range(len(phases_by_member[0]))
    ]
    if forcing is not None:
        drives = [forcing(number, drive) for number, drive in enumerate(drives)]
    begun = 0.0 if run.start is None else run.start.time
    before = records[-1] if records else run.start
    if before is None:
        start = settle(run, drives[0], TissueConditions(laid=phases_by_member[0][0].marks.laid or 0.0))
    else:
        start = PhaseResult(before.state, before.tissue_state)
    clock = sum(record.info.duration for record in records)
    for number in range(len(records), len(drives)):
        phase = phases_by_member[0][number]
        if start.tissue_state is not None and tissue is not None and phase.marks.injected:
            start = replace(start, tissue_state=with_tracers(tissue, start.tissue_state, phase.marks.injected))
        worn = any(np.any(plan[number].drive.elastance) for plan in phases_by_member)
        work = _work_of(run, phase, drives[number], worn)
        tell = None
        if progress is not None or watch is not None:
            told = None if progress is None else partial(_report_progress, progress, works, number, phases_by_member[0])
            shown = None if watch is None else partial(_show, watch, run, phase, work, (start, begun + clock))
            tell = partial(_tell, told, shown)
        done = run_phase(work, tissue, start, tell)
        records.append(_record(run, phase, work, (start, done), begun + clock))
        start, clock = PhaseResult(done.state, done.tissue_state), clock + phase.duration
        status = statuses(run, records, done.state, done.tissue_state)
        run = replace(run, records=records, status=status, branches={})
        if folder is not None:
            saving.append(folder, run, number)
    if folder is not None:
        saving.finish(folder, run)
    return replace(run, complete=True)


def _work_of(run: Results, phase: Phase, drive: PhaseDrive, worn: bool) -> PhaseWork:
    """Inputs of a phase; `worn` says whether anybody wears a garment in it."""
    turns = phase.hand_placements or (None,)
    conditions = TissueConditions.of(phase.marks)
    steps = _steps(phase, run.differentiable)
    return PhaseWork(run.topology, run.parameters, drive, steps, turns, conditions, run.differentiable, worn)


def _record(run: Results, phase: Phase, work: PhaseWork, ends: tuple[PhaseResult, PhaseResult], begun: float) -> Record:
    """What is kept of a phase.

    Args:
        run: so far.
        phase: as the regimen has it.
        work: its inputs.
        ends: the states before it, and what it came to.
        begun: when it began, s from the start of the run.
    """
    before, done = ends
    steps, extremes = work.steps, done.extremes
    info = _info(phase, work, begun, steps.samples * len(work.turns) // work.pooled)
    quality = {name: getattr(extremes, what.read) for name, what in EXTREMES.items() if what.read}
    # what there is one of has an axis of length 1 before the members
    quality = {name: value[0] if len(EXTREMES[name].dims) == 2 else value for name, value in quality.items()}
    quality["mass_defect"] = mass_defect(run, work.drive, before.state, done, info)
    if done.tissue_state is not None and before.tissue_state is not None:
        quality["water_defect"] = water_defect(before.tissue_state, done)
    samples = with_heights(run.parameters, work.drive, done.samples, info)
    passed = _from_start(done.exchanges, begun)
    return Record(info, samples, quality, done.state, work.drive, done.tissue_state, passed)


def _info(phase: Phase, work: PhaseWork, begun: float, samples: int) -> PhaseInfo:
    """What a phase is, with so many samples."""
    steps = work.steps
    return PhaseInfo(
        phase.label, phase.kind, begun, phase.duration, steps.dt, steps.interval * work.pooled,
        phase.period, phase.marks, samples,
    )  # fmt: skip


def _from_start(exchanges: Mapping[str, Any] | None, begun: float) -> dict[str, Any] | None:
    """Records of tissue and lymph with times from the start of the run."""
    return None if exchanges is None else {**exchanges, "exchange_time": begun + exchanges["exchange_time"]}


def _show(
    watch: Watch,
    run: Results,
    phase: Phase,
    work: PhaseWork,
    at: tuple[PhaseResult, float],
    done: float,
    recorded: Callable[[], Recorded],
) -> None:
    """Let somebody look at a run with the present phase so far (s) done; `at`: the state before it, and when."""
    before, begun = at

    def as_far() -> Results:
        samples, exchanges = recorded()
        info = _info(phase, work, begun, len(samples.volume))
        samples = with_heights(run.parameters, work.drive, samples, info)
        passed = _from_start(exchanges, begun)
        part = Record(info, samples, {}, before.state, work.drive, before.tissue_state, passed)
        return replace(run, records=[*run.records, part], complete=False, branches={})

    watch(as_far, done > phase.duration - 0.5 * work.steps.interval)


def _tell(
    told: Callable[[float], None] | None,
    shown: Callable[[float, Callable[[], Recorded]], None] | None,
    done: float,
    recorded: Callable[[], Recorded],
) -> None:
    """Tell whoever wants to know that so many seconds of a phase are done."""
    if told is not None:
        told(done)
    if shown is not None:
        shown(done, recorded)


def _steps(phase: Phase, differentiable: Differentiable) -> Grid:
    """Steps and samples of a phase, or of one hand placement in it."""
    turns = len(phase.hand_placements) or 1
    return grid(phase.duration / turns, phase.step, phase.sample, DIFFERENTIABLE_STRIDE if differentiable else None)


def _work(phase: Phase, differentiable: Differentiable, tissue: bool) -> float:
    """Approximate cost of a phase, in steps of the veins."""
    steps = _steps(phase, differentiable)
    turns = len(phase.hand_placements) or 1
    return turns * steps.samples * steps.stride + (VEIN_STEPS_PER_TISSUE_SECOND * phase.duration if tissue else 0.0)


def _report_progress(progress: Progress, works: np.ndarray, number: int, plan: Sequence[Phase], done: float) -> None:
    """Report the progress of a run after some seconds of a phase."""
    phase = plan[number]
    clock, total = (sum(one.duration for one in some) for some in (plan[:number], plan))
    share = (works[:number].sum() + works[number] * done / phase.duration) / works.sum()
    if isinstance(progress, Shown):
        progress(clock + done, total, phase.label, share)
    else:
        progress(clock + done, total, phase.label)
