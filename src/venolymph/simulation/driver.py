"""The phases of a run, one after another: settling, steps, retries of members that failed, the books of each phase."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from venolymph.errors import SimulationError
from venolymph.massage.hands import HandPlacement
from venolymph.network import drainage, integrate
from venolymph.network.drainage_types import TISSUE_FAILED
from venolymph.network.integrate import Extremes, Method, Sample, State, Steps, stored_volume
from venolymph.network.newton import TOLERANCE
from venolymph.network.parameters import Drive, ExternalLoads, Parameters, stack
from venolymph.network.pulse import smooth_step
from venolymph.network.time_grid import SAMPLES_PER_CALL, Grid, grid
from venolymph.network.topology import Topology
from venolymph.regimen import Regimen
from venolymph.regimen.forcing import Phase
from venolymph.simulation import saving
from venolymph.simulation.directional import directional
from venolymph.simulation.exchange import (
    Tissue,
    TissueState,
    VeinCall,
    advance_tissue,
    initial_tissue_state,
    is_traced,
    no_hand,
    pending_rate,
    update_garment_pressure,
    with_loads,
    with_tracers,
)
from venolymph.simulation.exchange_records import Recorder
from venolymph.simulation.folder import RunFolder
from venolymph.simulation.progress import Progress, Shown
from venolymph.simulation.quantities import EXTREMES
from venolymph.simulation.results import Differentiable, PhaseInfo, Record, Results, Status, in_reverse
from venolymph.simulation.reversible import reversible

SETTLING = ((10.0, 0.02), (40.0, 0.1), (352.0, 0.25))
"""Durations and steps, s, of the settling in the first posture before a run begins. The last step is exactly a
sixteenth of a breath at rest (see `network.integrate.STEPS_PER_BREATH`)."""

SETTLING_OF_TISSUE = 300.0
"""Duration of the settling of tissue and lymph before a run begins, s."""

STROKE_POOL = 8
"""Number of samples of a stroke phase that are pooled into one."""

DIFFERENTIABLE_STRIDE = 4
"""Steps per sample in a differentiable run: one number for all phases, hence one program, and that of quiet phases
otherwise. With more steps the derivative of the time at which a trace crosses a level, which is interpolated between
two samples, is inaccurate: with 8 that of the venous filling index was 12 % off."""

DIFFERENTIABLE_TOLERANCE = 1e-10
"""Newton tolerance of a differentiable run, mL: small enough for differences of runs to be smooth."""

DIFFERENTIABLE_LYMPH_TOLERANCE = 1e-12
"""The same for lymph, relative to the volume of each cell, 1."""

VACUUM = -760.0
"""Pressure below which nothing can be, mmHg: a vein that falls below it was shut within one step and does not open."""

RETRY_REFINEMENTS = (4, 16)
"""Refinements of the time step with which the phase of a failed member is repeated."""

VEIN_STEPS_PER_TISSUE_SECOND = 12.0
"""Cost of one simulated second of tissue and lymph, in steps of the veins."""

Forcing = Callable[[int, Drive], Drive]
"""Called with the number of a phase and its `Drive` from the regimen; returns the `Drive` to use."""

R = TypeVar("R", bound=Results)

_begin = jax.jit(integrate.start_phase, static_argnums=0)
_advance = jax.jit(integrate.advance, static_argnums=0)
_initial = jax.jit(integrate.initial_state, static_argnums=0)
_begin_reversible = reversible(integrate.start_phase)
_advance_reversible = reversible(
    lambda topology, stride, samples, parameters, drive, state, time, dt, tolerance: integrate.advance(
        topology, parameters, drive, state, Steps(time, dt, stride, samples), Method(tolerance)
    )
)
_initial_reversible = reversible(integrate.initial_state)
_begin_directional = directional(integrate.start_phase)
_advance_directional = directional(integrate.advance)


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
) -> R:
    """Run the remaining phases: from the last record of the run, from the state that it begins from, or from rest.

    Args:
        run: what is there so far.
        phases_by_member: all phases of each member.
        folder: takes each phase as it is done, and is declared complete at the end.
        progress: as for `simulate`.
        forcing: as for `simulate`.

    Returns:
        The run with the records of all phases.
    """
    tissue, differentiable = run.tissue, run.differentiable
    records = list(run.records)
    works = np.array([_work(phase, differentiable, tissue is not None) for phase in phases_by_member[0]])
    drives: list[Drive] = [stack([plan[i].drive for plan in phases_by_member]) for i in range(len(phases_by_member[0]))]
    if forcing is not None:
        drives = [forcing(number, drive) for number, drive in enumerate(drives)]
    begun = 0.0 if run.start is None else run.start.time
    before = records[-1] if records else run.start
    start = _rest(run, drives[0]) if before is None else _PhaseResult(before.state, before.tissue_state)
    clock = sum(record.info.duration for record in records)
    for number in range(len(records), len(drives)):
        phase = phases_by_member[0][number]
        if start.tissue_state is not None and tissue is not None and "injected" in phase.marks:
            start = replace(start, tissue_state=with_tracers(tissue, start.tissue_state, phase.marks["injected"]))
        worn = any(np.any(plan[number].drive.elastance) for plan in phases_by_member)
        work = _work_of(run, phase, drives[number], worn)
        tell = None if progress is None else partial(_report_progress, progress, works, number, phases_by_member[0])
        done = _run_phase(work, tissue, start, tell)
        records.append(_record(run, phase, work, (start, done), begun + clock))
        start, clock = _PhaseResult(done.state, done.tissue_state), clock + phase.duration
        status = _status(run, records, done.state, done.tissue_state)
        run = replace(run, records=records, status=status, branches={})
        if folder is not None:
            saving.append(folder, run, number)
    if folder is not None:
        saving.finish(folder, run)
    return replace(run, complete=True)


def _rest(run: Results, drive: Drive) -> _PhaseResult:
    """Veins, tissue and lymph after settling in the posture that a drive begins with."""
    topology, parameters, tissue, differentiable = run.topology, run.parameters, run.tissue, run.differentiable
    state = _settle_veins(topology, parameters, _with_empty_loads(tissue, drive, topology), differentiable)
    if tissue is None:
        return _PhaseResult(state)
    return _PhaseResult(state, _settle_tissue(tissue, parameters, drive, state, differentiable))


def _work_of(run: Results, phase: Phase, drive: Drive, worn: bool) -> _PhaseWork:
    """Inputs of a phase; `worn` says whether anybody wears a garment in it."""
    turns = phase.hand_placements or (None,)
    skin = {part: phase.marks.get(f"{part} temperature") for part in ("skin", "foot")}
    steps = _steps(phase, run.differentiable)
    return _PhaseWork(run.topology, run.parameters, drive, steps, turns, skin, run.differentiable, worn)


def _record(
    run: Results, phase: Phase, work: _PhaseWork, ends: tuple[_PhaseResult, _PhaseResult], begun: float
) -> Record:
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
    info = PhaseInfo(
        phase.label, phase.kind, begun, phase.duration, steps.dt, steps.interval * work.pooled,
        phase.period, dict(phase.marks), steps.samples * len(work.turns) // work.pooled,
    )  # fmt: skip
    quality = {name: getattr(extremes, what.read) for name, what in EXTREMES.items() if what.read}
    # what there is one of has an axis of length 1 before the members
    quality = {name: value[0] if len(EXTREMES[name].dims) == 2 else value for name, value in quality.items()}
    quality["mass_defect"] = _mass_defect(run, work.drive, before.state, done, info)
    if done.tissue_state is not None and before.tissue_state is not None:
        quality["water_defect"] = _water_defect(before.tissue_state, done)
    samples = _with_heights(run.parameters, work.drive, done.samples, info)
    passed = done.exchanges
    if passed is not None:
        passed = {**passed, "exchange_time": begun + passed["exchange_time"]}
    return Record(info, samples, quality, done.state, work.drive, done.tissue_state, passed)


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


def _settle_veins(
    topology: Topology, parameters: Parameters, drive: Drive, differentiable: Differentiable = False
) -> State:
    """A body at rest in a phase's first posture; its clock is set back to zero."""
    still = _frozen_drive(drive)
    if in_reverse(differentiable):
        state = _initial_reversible((topology,), parameters, still)
    else:
        state = _initial(topology, parameters, still)
    for duration, step in SETTLING:
        steps = grid(duration, step, duration / SAMPLES_PER_CALL, DIFFERENTIABLE_STRIDE if differentiable else None)
        work = _PhaseWork(topology, parameters, still, steps, differentiable=differentiable)
        state = _run_phase(work, None, _PhaseResult(state), None).state
    failed_at = jnp.where(state.alive, state.failed_at, 0.0)  # a body that does not come to rest fails at the start
    return eqx.tree_at(lambda s: (s.clock, s.failed_at), state, (_scalar(0.0), failed_at))


def _settle_tissue(
    tissue: Tissue, parameters: Parameters, drive: Drive, state: State, differentiable: Differentiable
) -> TissueState:
    """Tissue and lymph after settling in a phase's first posture at constant vein pressures; no transfer is pending."""
    tissue_state = initial_tissue_state(tissue, parameters, drive)
    still = _frozen_drive(drive)
    tissue_state = advance_tissue(
        tissue, parameters, still, tissue_state, VeinCall(state.pressure[None], (0.0, SETTLING_OF_TISSUE)),
        tolerance=DIFFERENTIABLE_LYMPH_TOLERANCE if differentiable else None,
    )  # fmt: skip
    calm = eqx.tree_at(lambda s: s.clock, tissue_state.state, _scalar(0.0))
    return TissueState(calm, jnp.zeros_like(tissue_state.owed), tissue_state.outside, tissue_state.grip)


def _with_empty_loads(tissue: Tissue | None, drive: Drive, topology: Topology) -> Drive:
    """A drive with loads of zero, for the same compiled program as the rest of the run."""
    if tissue is None:
        return drive
    none = jnp.zeros((topology.n_cells, len(tissue.legs)))
    return replace(drive, loads=ExternalLoads(outside=none, source=none, **no_hand(*none.shape)))


def _frozen_drive(drive: Drive) -> Drive:
    """A drive held at its initial values, without movement."""
    return eqx.tree_at(
        lambda d: (d.inclination_to, d.pressure_to, d.end_to, d.pulse, d.exercise),
        drive,
        (drive.inclination_from, drive.pressure_from, drive.end_from, 0 * drive.pulse, 0 * drive.exercise),
    )


def _scalar(value: float) -> jax.Array:
    return jnp.asarray(value, jnp.float64)


@dataclass(frozen=True)
class _PhaseWork:
    """Inputs of a phase."""

    topology: Topology
    parameters: Parameters
    drive: Drive
    steps: Grid
    turns: Sequence[HandPlacement | None] = (None,)
    skin: Mapping[str, float | None] | None = None
    differentiable: Differentiable = False
    worn: bool = False
    """Whether a garment is worn whose pressure rises with the volume of the leg."""

    @property
    def pooled(self) -> int:
        """Number of samples pooled into one: hands move so often that not all are needed."""
        return 1 if self.turns[0] is None else STROKE_POOL

    def member(self, number: int, times: int) -> _PhaseWork:
        """The same for one member, with the time step divided by `times`."""
        parameters, drive = of_member((self.parameters, self.drive), number)
        return replace(self, parameters=parameters, drive=drive, steps=self.steps.finer(times))


class _PhaseResult(eqx.Module):
    """State at the start of a phase, and the state and records at its end."""

    state: State
    tissue_state: TissueState | None = None
    samples: Any = None
    extremes: Any = None
    exchanges: Any = None
    gained: Any = None
    """Volume that vein cells gained from tissue and lymph, mL, shape (cells, batch)."""


def _run_phase(
    work: _PhaseWork, tissue: Tissue | None, before: _PhaseResult, tell: Callable[[float], None] | None
) -> _PhaseResult:
    """One phase of all members; failed members are repeated alone with shorter steps."""
    done = _attempt_phase(work, tissue, before, tell)
    if isinstance(done.state.alive, Tracer):
        return done
    for member in map(int, np.flatnonzero(np.asarray(before.state.alive[0]) & ~_solved(done))):
        alone = None if tissue is None else tissue.member(member)
        for times in RETRY_REFINEMENTS:
            again = _attempt_phase(work.member(member, times), alone, of_member(before, member), None)
            if bool(_solved(again)[0]):
                done = _with_member(done, again, member)
                break
    state = done.state
    impossible = np.asarray(state.alive) & ~_solved(done)[None]
    if not impossible.any():
        return done
    ended = eqx.tree_at(
        lambda s: (s.alive, s.failed_at),
        state,
        (jnp.asarray(np.asarray(state.alive) & ~impossible), jnp.where(impossible, state.clock, state.failed_at)),
    )
    return replace(done, state=ended)


def _solved(done: _PhaseResult) -> np.ndarray:
    """Whether each member's steps were solutions that can be: no pressure below `VACUUM`; shape (batch,)."""
    alive, lowest = np.asarray(done.state.alive[0]), done.extremes.pressure_min
    # While slopes are carried along no pressure can be looked at.
    return alive if isinstance(lowest, Tracer) else alive & (np.asarray(lowest).min(axis=0) > VACUUM)


def _attempt_phase(
    work: _PhaseWork, tissue: Tissue | None, before: _PhaseResult, tell: Callable[[float], None] | None
) -> _PhaseResult:
    """All steps of a phase, call by call of the compiled program."""
    state, tissue_state, steps = before.state, before.tissue_state, work.steps
    recorded: list[Sample] = []
    extremes: Extremes | None = None
    begin, advance = _programs(work.topology, steps, work.differentiable)
    tolerance, dt = _scalar(DIFFERENTIABLE_TOLERANCE if work.differentiable else TOLERANCE), _scalar(steps.dt)
    span = SAMPLES_PER_CALL * steps.interval
    recorder = None if tissue is None else Recorder()
    none = {} if tissue is None else no_hand(work.topology.n_cells, work.parameters.batch)
    gained = np.zeros(state.states.volume.shape)

    if tissue_state is not None and not work.worn:
        tissue_state = replace(tissue_state, grip=0 * tissue_state.grip)

    def drive_with(hand: dict[str, jax.Array]) -> Drive:
        return work.drive if tissue_state is None else with_loads(work.drive, tissue_state, span, hand)

    state = begin(work.parameters, drive_with(none), state)
    rate = 0.0 if tissue_state is None else pending_rate(tissue_state, span)
    for turn, strokes in enumerate(work.turns):
        hand, felt, busy = None, none, None
        start = turn * steps.calls * span
        if tissue is not None and strokes is not None:
            hand, felt = tissue.hands(strokes, start)
            busy = start + strokes.busy
        for call in range(steps.calls):
            time = start + call * span
            drive = drive_with(felt)
            state, samples, worst = advance(work.parameters, drive, state, np.float64(time), dt, tolerance)
            if tissue is not None and tissue_state is not None:
                # The first trapezoidal stage still uses the previous call's source; correct the booked volume for it.
                previous, rate = rate, pending_rate(tissue_state, span)
                received = rate * span - integrate.TRAPEZOID_WEIGHT * steps.dt * (rate - previous)
                gained, waiting = gained + received, tissue_state.owed - received
                samples = samples if work.differentiable else jax.tree.map(np.asarray, samples)
                tissue_state = advance_tissue(
                    tissue, work.parameters, drive, tissue_state,
                    VeinCall(samples.mean_pressure, (time, time + span), hand, busy),
                    work.skin, recorder, DIFFERENTIABLE_LYMPH_TOLERANCE if work.differentiable else None,
                )  # fmt: skip
                tissue_state = replace(tissue_state, owed=tissue_state.owed + waiting)
                if work.worn:
                    tissue_state = update_garment_pressure(
                        tissue, work.parameters, work.drive, tissue_state, samples.mean_volume.mean(axis=0)
                    )
            samples = samples if work.differentiable else jax.tree.map(np.asarray, samples)
            recorded.append(_pooled(samples, work.pooled))
            extremes = worst if extremes is None else _combine_extremes(extremes, worst)
            if tell is not None:
                tell(time + span)
    assert extremes is not None
    exchanges = None
    if recorder is not None:
        recorder.close(len(work.turns) * steps.calls * span)
        exchanges = recorder.arrays()
    join = jnp.concatenate if work.differentiable else np.concatenate
    joined = jax.tree.map(lambda *parts: join(parts), *recorded)
    return _PhaseResult(state, tissue_state, joined, extremes, exchanges, gained)


def _pooled(samples: Sample, several: int) -> Sample:
    """Several samples pooled into one: the last of each momentary value, the mean of each mean."""
    if several == 1:
        return samples

    def last(leaf: Any) -> Any:
        return leaf[several - 1 :: several]

    def mean(leaf: Any) -> Any:
        return leaf.reshape(-1, several, *leaf.shape[1:]).mean(axis=1)

    thinned = jax.tree.map(last, samples)
    names = ("mean_volume", "mean_pressure", "mean_flow", "mean_inflow")
    return replace(thinned, **{name: mean(getattr(samples, name)) for name in names})


def _programs(
    topology: Topology, steps: Grid, differentiable: Differentiable
) -> tuple[Callable[..., State], Callable[..., tuple[State, Sample, Extremes]]]:
    """The compiled programs that start and advance a phase: plain, or differentiable."""
    if in_reverse(differentiable):
        fixed = (topology, steps.stride, SAMPLES_PER_CALL)
        return partial(_begin_reversible, (topology,)), partial(_advance_reversible, fixed)

    def advance(
        parameters: Parameters, drive: Drive, state: State, time: jax.Array, dt: jax.Array, tolerance: jax.Array
    ) -> tuple[State, Sample, Extremes]:
        stride: Any = np.int64(steps.stride)  # accepted by JAX without conversion
        given = parameters, drive, state, Steps(time, dt, stride, SAMPLES_PER_CALL), Method(tolerance)
        return _advance_directional((topology,), *given) if differentiable else _advance(topology, *given)

    return partial(_begin_directional, (topology,)) if differentiable else partial(_begin, topology), advance


def _plain(tree: Any) -> Any:
    """Leaves as numpy arrays, between two calls of compiled programs; a traced tree is unchanged.

    Each operation of JAX by itself is a small compiled program; together they would cost a second of a short run.
    """
    return tree if is_traced(tree) else jax.tree.map(np.asarray, tree)


def _combine_extremes(a: Extremes, b: Extremes) -> Extremes:
    a, b = _plain((a, b))
    xp: Any = np if isinstance(a.residual, np.ndarray) else jnp
    return Extremes(
        xp.maximum(a.pressure_max, b.pressure_max),
        xp.minimum(a.pressure_min, b.pressure_min),
        xp.maximum(a.flow_max, b.flow_max),
        xp.minimum(a.flow_min, b.flow_min),
        xp.maximum(a.residual, b.residual),
        xp.maximum(a.error, b.error),
        a.iterations + b.iterations,
    )


def of_member(tree: Any, member: int) -> Any:
    """One member of a tree whose leaves have the batch last; numbers that all share stay as they are."""
    return jax.tree.map(lambda leaf: leaf if jnp.ndim(leaf) == 0 else leaf[..., member : member + 1], tree)


def _with_member(tree: Any, one: Any, member: int) -> Any:
    """A tree with one member's part in place; clocks and times, which have no batch axis, stay as they are."""

    def put(leaf: Any, new: Any) -> Any:
        if jnp.ndim(leaf) < 2:
            return leaf
        return jnp.asarray(leaf).at[..., member : member + 1].set(jnp.asarray(new))

    return jax.tree.map(put, tree, one)


def _mass_defect(run: Results, drive: Drive, before: State, done: _PhaseResult, info: PhaseInfo) -> Any:
    """Change of blood volume less the volume through the ends and from tissue and lymph, mL, shape (batch,)."""
    topology, samples = run.topology, done.samples
    crossing = np.zeros((topology.n_faces, 1))
    for face, (tail, head) in enumerate(zip(topology.tail, topology.head, strict=True)):
        crossing[face] += (tail >= topology.n_cells) - float(head >= topology.n_cells)
    outside = np.array([tail >= topology.n_cells for tail in topology.bed_tail], bool)
    after, begun, gained = _plain(
        (
            stored_volume(topology, run.parameters, done.state),
            stored_volume(topology, run.parameters, before),
            done.gained,
        )
    )
    inflow = samples.mean_inflow[:, outside]
    entered = (samples.mean_flow * crossing[None]).sum(axis=(0, 1)) + inflow.sum(axis=(0, 1))
    got = gained.sum(axis=0)
    if (brought := getattr(drive, "brought", None)) is not None:  # a circuit above the leg injects volume of its own
        got = got + brought(before.clock, info.step, round(info.duration / info.step))
    return (after - begun).sum(axis=0) - entered * info.sample - got


def _water_defect(before: TissueState, done: _PhaseResult) -> Any:
    """Change of water in tissue and lymph less the volume exchanged with blood, mL, shape (batch,)."""
    assert done.tissue_state is not None
    after, passed = done.tissue_state, done.exchanges
    gained = (drainage.water(after.state) - drainage.water(before.state))[0]
    owed = jnp.sum(after.owed - before.owed, axis=0) + jnp.sum(jnp.asarray(done.gained), axis=0)
    away = passed["at_venous_angle"].sum(axis=0) + passed["returned_beyond"].sum(axis=0) + owed
    return gained + away - passed["entered"].sum(axis=(0, 1))


def _with_heights(parameters: Parameters, drive: Drive, samples: Sample, info: PhaseInfo) -> Sample:
    """Samples with the height of each cell."""
    position, ramp, begin, end = _plain(
        (parameters.cells.position, drive.ramp, drive.inclination_from, drive.inclination_to)
    )
    xp: Any = np if isinstance(ramp, np.ndarray) else jnp
    time = info.sample * np.arange(1.0, info.samples + 1)
    part = smooth_step(time[:, None, None] / xp.maximum(ramp, 1e-9)[None])
    height = -xp.einsum("clm,tlm->tcm", position, xp.sin(begin + (end - begin)[None] * part))
    return eqx.tree_at(lambda s: s.height, samples, height, is_leaf=lambda leaf: leaf is None)


def _status(run: Results, records: Sequence[Record], state: State, tissue_state: TissueState | None) -> list[Status]:
    """Status of each member so far."""
    if isinstance(state.failed_at, Tracer):
        return list(run.status)
    alive, failed_at = np.asarray(state.alive[0]), np.asarray(state.failed_at[0])
    drained = alive if tissue_state is None else np.asarray(tissue_state.state.alive[0])
    found = []
    for member, before in enumerate(run.status):
        if before.code != "ok":
            found.append(before)
        elif alive[member] and drained[member]:
            found.append(Status("ok", float(state.clock)))
        elif alive[member] and tissue_state is not None:
            dry = float(tissue_state.state.cause[0, member]) == TISSUE_FAILED
            cause = "a compartment of tissue ran dry" if dry else "the flow of lymph found no solution"
            found.append(Status("failed", float(tissue_state.state.failed_at[0, member]), cause))
        else:
            found.append(Status("failed", float(failed_at[member]), _cause(run, state, member)))
    return found


def _cause(run: Results, state: State, member: int) -> str:
    """Description of the vein furthest from rest when a member failed."""
    cells = run.parameters.cells
    stretch = np.asarray(state.states.volume / cells.unstressed_volume)[:, member]
    in_use = np.asarray(cells.unstressed_volume)[:, member] > 1e-2
    in_use[list(run.topology.linear)] = False
    low = int(np.argmin(np.where(in_use, stretch, np.inf)))
    high = int(np.argmax(np.where(in_use, stretch, -np.inf)))
    names = run.topology.cells
    if stretch[low] < 0.05:
        return f"{names[low]} was squeezed empty ({stretch[low]:.1%} of its unstressed volume)"
    if stretch[high] > 15:
        return f"{names[high]} was stretched to {stretch[high]:.0f} times its unstressed volume"
    return f"the balance found no solution; most stretched: {names[high]}, most collapsed: {names[low]}"
