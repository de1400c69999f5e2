"""The way from a person and a regimen to a Run: body, forcing, phases, retries, and where asked for a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from venolymph.body import Body, Person, leg_body, load_person
from venolymph.errors import RunError, SimulationError
from venolymph.massage.hands import Touch as Strokes
from venolymph.network import drainage, integrate
from venolymph.network.balance import TOLERANCE
from venolymph.network.drainage_parts import TISSUE_FAILED
from venolymph.network.integrate import Extremes, Sample, State, held
from venolymph.network.parameters import Drive, Parameters, Touch, stack
from venolymph.network.pulse import smooth_step
from venolymph.network.topology import Topology
from venolymph.plan.gate import gate, treats
from venolymph.processes import check_process
from venolymph.regimen import Regimen, load_regimen
from venolymph.regimen.forcing import Phase, phases
from venolymph.screening import Answers, load_answers
from venolymph.simulation.directional import directional
from venolymph.simulation.exchange import (
    Around,
    Recorder,
    Tissue,
    exchanged,
    fresh,
    grip,
    injected,
    tissue_of,
    touched,
    traced,
    untouched,
)
from venolymph.simulation.plan import SAMPLES_PER_CALL, Grid, grid
from venolymph.simulation.progress import Progress, Shown, told
from venolymph.simulation.reversible import reversible
from venolymph.simulation.run import Differentiable, PhaseInfo, Record, Run, Status

SETTLING = ((10.0, 0.02), (40.0, 0.1), (350.0, 0.25))
"""Durations and steps, s, in which a body comes to rest in its first posture before the run begins."""

SETTLING_OF_TISSUE = 300.0
"""How long tissue and lymph come to rest before the run begins, s."""

LONG_ENOUGH = 1800.0
"""From so many seconds on a run has tissue and lymph unless it is told otherwise."""

STROKE_POOL = 8
"""Samples of a stroke phase that are kept as one."""

DIFFERENTIABLE_STRIDE = 4
"""Steps to a sample in a run that is differentiated: one number for all phases, hence one program, and that of quiet
phases otherwise. With more the time at which a trace crosses a level, which is found between two samples, has another
slope: with 8 that of the venous filling index was 12 % off."""

SMOOTH = 1e-10
"""What Newton may leave missing in a run that is differentiated, mL: so little that differences of runs are smooth."""

SMOOTH_LYMPH = 1e-12
"""The same for lymph, as a share of what each cell holds."""

VACUUM = -760.0
"""Pressure below which nothing can be, mmHg: a vein that falls below it was shut within one step and does not open."""
FINER = (4, 16)
"""How many times shorter steps get when a member's phase is done again."""

STEPS_OF_LYMPH = 12.0
"""How many steps of veins a second of tissue and lymph is worth in work."""

Forcing = Callable[[int, Drive], Drive]
"""Called with the number of a phase and what the regimen prescribes in it; gives what is to be prescribed."""

_begin = jax.jit(integrate.begin, static_argnums=0)
_advance = jax.jit(integrate.advance, static_argnums=(0, 7))
_initial = jax.jit(integrate.initial, static_argnums=0)
_begin_reversible = reversible(integrate.begin)
_advance_reversible = reversible(
    lambda topology, stride, samples, parameters, drive, state, time, dt, tolerance: integrate.advance(
        topology, parameters, drive, state, time, dt, stride, samples, tolerance
    )
)
_initial_reversible = reversible(integrate.initial)
_begin_directional = directional(integrate.begin)
_advance_directional = directional(
    lambda topology, samples, parameters, drive, state, time, dt, stride, tolerance: integrate.advance(
        topology, parameters, drive, state, time, dt, stride, samples, tolerance
    )
)


def simulate(
    person: Any,
    regimen: Any,
    *,
    parameters: Parameters | None = None,
    out: str | Path | None = None,
    progress: Progress | bool | None = None,
    legs: Literal["one", "both"] = "one",
    research_override: str | None = None,
    answers: Any = None,
    differentiable: Differentiable = False,
    forcing: Forcing | None = None,
    tissue: bool | Tissue | None = None,
) -> Run:
    """Take one or more people through a regimen.

    Args:
        person: a packaged name, a path, a document (mapping or `Person`) or a `Body`; or a list of these, which are
            then computed side by side as members of one batch.
        regimen: a packaged name, a path, or a document.
        parameters: the network's parameters in place of those that the people's documents give, members along the
            last axis; may be traced by JAX.
        out: folder to write the run to, phase by phase.
        progress: told how far the run is (simulated seconds, simulated seconds in all, what is done); True shows it on
            standard error, with the time left.
        legs: `one` (the leg asked about in full, the other lumped) or `both`.
        research_override: recorded reason for running what would be refused.
        answers: what the person answered to the questions of screening: a path, a mapping or `Answers`. They have to
            allow the treatment today, as they would a plan, and are kept with the run; without them the person's
            document speaks alone, as of a person of the model.
        differentiable: whether JAX is to differentiate the run: `reverse` (or True) for `jax.grad`, `forward` for
            `jax.jvp`. Such a run has 4 steps to a sample, as quiet phases have without, and is solved
            more exactly.
        forcing: changes what the regimen prescribes: called with the number of each phase and its `Drive`, members
            along the last axis, and gives the `Drive` to use; may be traced by JAX (gradients for the pressure of a
            muscle or a cuff).
        tissue: whether tissue fluid and lymph of the leg asked about are simulated beside its veins. Where not said,
            they are if the regimen holds massage, a tracer or something worn, or lasts half an hour, which is when
            they matter.
            A `Tissue` (`vl.tissue_of`) is used as it is.

    Returns:
        the Run. A member that fails is data (`run.status`), not an exception.

    Raises:
        DocumentError: where a document cannot be used.
        SimulationError: where somebody may not be treated and no reason is given; where people and parameters do not
            fit together; where a run with a forcing of its own is to be written to a folder (which could not go on
            with it); where tissue and lymph are to be differentiated in reverse; in a process that was forked after
            JAX had begun (`venolymph.processes`).
        RunError: where the folder cannot be written.
    """
    check_process()
    people = list(person) if isinstance(person, list | tuple) else [person]
    if not people:
        raise SimulationError("nobody to simulate", hint="give at least one person")
    document = load_regimen(regimen)
    given = None if answers is None else load_answers(answers)
    who = [entry if isinstance(entry, Body) else _asked(entry, document) for entry in people]
    _allowed([one.person if isinstance(one, Body) else one for one in who], document, research_override, given)
    bodies = [one if isinstance(one, Body) else leg_body(one, legs=legs) for one in who]
    plans = [phases(document, body) for body in bodies]
    if forcing is not None and out is not None:
        raise SimulationError(
            "a run with a forcing of its own cannot be written as it goes", hint="leave out `out`, and save the numbers"
        )
    if tissue is None:
        worn = any(np.any(phase.drive.elastance) for phase in plans[0])
        tissue = bool(document.massages) or worn or sum(phase.duration for phase in plans[0]) >= LONG_ENOUGH
        tissue = tissue or document.injects
        tissue = tissue and not differentiable
    if tissue and _backward(differentiable):
        raise SimulationError(
            "tissue and lymph are differentiated forward only", hint="use differentiable='forward', or tissue=False"
        )
    beside = tissue if isinstance(tissue, Tissue) else tissue_of(bodies) if tissue else None
    with told(progress, f"{', '.join(str(body.person.label) for body in bodies)}: {document.regimen}") as tell:
        return _run(
            bodies, document, plans, parameters, None, out, tell, research_override, differentiable, forcing, beside,
            given,
        )  # fmt: skip


def _asked(entry: Any, regimen: Regimen) -> Person:
    """A person's document, asked about the leg that the regimen is about, if it says which."""
    person = load_person(entry)
    return person if regimen.side is None else person.asking(regimen.side)


def _allowed(people: Sequence[Person], regimen: Regimen, override: str | None, answers: Answers | None) -> None:
    """Refuse, before anything is computed, a regimen for another leg than a body's and a treatment of anybody whom the
    gate stops.
    """
    for person in people:
        if regimen.side not in (None, person.asked):
            raise SimulationError(
                f"the regimen is done on the {regimen.side} leg, the body is that of the {person.asked} one",
                hint=f"make it by leg_body(person.asking({regimen.side!r}))",
                place=person.label,
            )
        gate(person, regimen, override, answers=answers)


def continue_run(run: Run, regimen: Any, after: int | None = None) -> Run:
    """Go on with another regimen from the end of a phase of a run.

    Raises:
        RunError: where there is no such phase, or a treatment is to follow in a folder whose documents were changed.
        SimulationError: where somebody may not be treated, or in a process that was forked after JAX had begun.
    """
    check_process()
    document = load_regimen(regimen)
    if run.changed and treats(document):
        raise RunError(
            f"no treatment goes on from a run whose documents were changed since it began: {', '.join(run.changed)}",
            hint="run the documents as they are now into a new folder",
        )
    _allowed([body.person for body in run.bodies], document, run.override, run.answers)
    number = len(run.records) - 1 if after is None else after
    if not -len(run.records) <= number < len(run.records):
        raise RunError(f"there is no phase {after}", hint=f"the run has phases 0 to {len(run.records) - 1}")
    before = run.records[number]
    plans = [phases(document, body, previous=_member(before.drive, member)) for member, body in enumerate(run.bodies)]
    mode = run.differentiable
    return _run(
        run.bodies, document, plans, run.parameters, before, None, None, run.override, mode, None, run.tissue,
        run.answers,
    )  # fmt: skip


def resume(directory: str | Path, progress: Progress | bool | None = None) -> Run:
    """Go on with a run that was cut short, to the same result as if it had not been.

    Args:
        directory: the run's folder.
        progress: as for `simulate`.

    Raises:
        RunError: where the folder is no run, is complete, is damaged, holds documents that were changed since the run
            began, or holds a treatment and is of a version that did not keep what its documents were.
        SimulationError: where somebody may not be treated, by the documents in the folder.
    """
    from venolymph.simulation.store import reopen

    folder, run = reopen(directory)
    with folder:
        if not folder.vouched and treats(run.regimen):
            raise RunError(
                "this treatment was begun by an earlier version, which did not keep what its documents were",
                place=str(directory),
                hint="run it anew into a new folder",
            )
        _allowed([body.person for body in run.bodies], run.regimen, run.override, run.answers)
        plans = [phases(run.regimen, body) for body in run.bodies]
        with told(progress, str(directory)) as tell:
            return _walk(run, plans, folder, tell)


def _run(
    bodies: Sequence[Body],
    document: Any,
    plans: list[list[Phase]],
    parameters: Parameters | None,
    before: Record | None,
    out: str | Path | None,
    progress: Progress | None,
    override: str | None,
    differentiable: Differentiable,
    forcing: Forcing | None = None,
    tissue: Tissue | None = None,
    answers: Answers | None = None,
) -> Run:
    topology = bodies[0].topology
    if document.injects and tissue is None:
        raise SimulationError("a tracer needs tissue and lymph", hint="simulate with tissue=True")
    if any(body.topology != topology for body in bodies):
        raise SimulationError(
            "these people do not share one network", hint="build them all with one leg or all with both legs in full"
        )
    if parameters is None:
        parameters = stack([body.parameters for body in bodies])
    elif parameters.batch != len(bodies):
        raise SimulationError(f"parameters are for {parameters.batch} members, the people are {len(bodies)}")
    if len({tuple(phase.duration for phase in plan) for plan in plans}) > 1:
        raise SimulationError(
            "this regimen lasts differently for these people (a gait that follows their height)",
            hint="simulate them one by one, or state the durations",
        )
    status = [Status("ok", 0.0)] * len(bodies)
    run = Run(
        bodies, document, parameters, [], status, override,
        tissue=tissue, differentiable=differentiable, answers=answers,
    )  # fmt: skip
    folder = None
    if out is not None:
        from venolymph.simulation.store import create

        folder = create(run, out, sum(1 for _ in plans[0]))
    if folder is None:
        return _walk(run, plans, None, progress, before, forcing)
    with folder:
        return _walk(run, plans, folder, progress, before)


def _walk(
    run: Run,
    plans: list[list[Phase]],
    folder: Any,
    progress: Progress | None,
    before: Record | None = None,
    forcing: Forcing | None = None,
) -> Run:
    """Take a run from where it stands (at its begin: from rest, or `before`) through the phases that are left."""
    topology, parameters, tissue, differentiable = run.topology, run.parameters, run.tissue, run.differentiable
    records = list(run.records)
    works = np.array([_work(phase, differentiable, tissue is not None) for phase in plans[0]])
    drives: list[Drive] = [stack([plan[i].drive for plan in plans]) for i in range(len(plans[0]))]
    if forcing is not None:
        drives = [forcing(number, drive) for number, drive in enumerate(drives)]
    begun = 0.0 if before is None else before.info.start + before.info.duration
    if records:
        before, begun = records[-1], records[0].info.start
    if before is None:
        state = _settled(topology, parameters, _begun(tissue, drives[0], topology), differentiable)
        around = None if tissue is None else _at_rest(tissue, parameters, drives[0], state, differentiable)
    else:
        state, around = before.state, before.around
    clock = sum(record.info.duration for record in records)
    for number in range(len(records), len(drives)):
        phase, drive = plans[0][number], drives[number]
        if tissue is not None and around is not None and "injected" in phase.marks:
            around = injected(tissue, around, phase.marks["injected"])
        turns = phase.touches or (None,)
        steps = _steps(phase, differentiable)
        tell = None if progress is None else partial(_told, progress, works, number, plans[0])
        worn = any(np.any(plan[number].drive.elastance) for plan in plans)
        skin = {part: phase.marks.get(f"{part} temperature") for part in ("skin", "foot")}
        work = _Work(topology, parameters, drive, steps, turns, skin, differentiable, worn)
        done = _phase(work, tissue, _Reached(state, around), tell)
        after, samples, extremes = done.state, done.samples, done.extremes
        kept = steps.samples * len(turns) // work.pooled
        info = PhaseInfo(
            phase.label, phase.kind, begun + clock, phase.duration, steps.dt, steps.interval * work.pooled,
            phase.period, dict(phase.marks), kept,
        )  # fmt: skip
        quality = {
            "pressure_max": extremes.pressure_max,
            "pressure_min": extremes.pressure_min,
            "flow_max": extremes.flow_max,
            "flow_min": extremes.flow_min,
            "residual": extremes.missing[0],
            "mass_defect": _mass_defect(run, drive, state, done, info),
            "error": extremes.error[0],
        }
        if done.around is not None and around is not None:
            quality["water_defect"] = _water_defect(around, done)
        samples = _with_heights(parameters, drive, samples, info)
        passed = done.exchanges
        if passed is not None:
            passed = {**passed, "exchange_time": begun + clock + passed["exchange_time"]}
        records.append(Record(info, samples, quality, after, drive, done.around, passed))
        state, around, clock = after, done.around, clock + phase.duration
        run = replace(run, records=records, status=_status(run, records, state, around), branches={})
        if folder is not None:
            from venolymph.simulation.store import append

            append(folder, run, number)
    if folder is not None:
        from venolymph.simulation.store import finish

        finish(folder, run)
    return replace(run, complete=True)


def _steps(phase: Phase, differentiable: Differentiable) -> Grid:
    """Steps and samples of one turn of a phase (of one spot, where hands are at work)."""
    turns = len(phase.touches) or 1
    return grid(phase.duration / turns, phase.step, phase.sample, DIFFERENTIABLE_STRIDE if differentiable else None)


def _work(phase: Phase, differentiable: Differentiable, tissue: bool) -> float:
    """About how much there is to compute in a phase, in steps of veins."""
    steps = _steps(phase, differentiable)
    turns = len(phase.touches) or 1
    return turns * steps.samples * steps.stride + (STEPS_OF_LYMPH * phase.duration if tissue else 0.0)


def _told(progress: Progress, works: np.ndarray, number: int, plan: Sequence[Phase], done: float) -> None:
    """Tell how far a run is that has done some seconds of a phase."""
    phase = plan[number]
    clock, total = (sum(one.duration for one in some) for some in (plan[:number], plan))
    share = (works[:number].sum() + works[number] * done / phase.duration) / works.sum()
    if isinstance(progress, Shown):
        progress(clock + done, total, phase.label, share)
    else:
        progress(clock + done, total, phase.label)


def _settled(topology: Topology, parameters: Parameters, drive: Drive, differentiable: Differentiable = False) -> State:
    """A body at rest in a phase's first posture; its clock is set back to zero."""
    still = _still(drive)
    if _backward(differentiable):
        state = _initial_reversible((topology,), parameters, still)
    else:
        state = _initial(topology, parameters, still)
    for duration, step in SETTLING:
        steps = grid(duration, step, duration / SAMPLES_PER_CALL, DIFFERENTIABLE_STRIDE if differentiable else None)
        work = _Work(topology, parameters, still, steps, differentiable=differentiable)
        state = _phase(work, None, _Reached(state), None).state
    failed_at = jnp.where(state.alive, state.failed_at, 0.0)  # a body that does not come to rest fails at the start
    return eqx.tree_at(lambda s: (s.clock, s.failed_at), state, (_scalar(0.0), failed_at))


def _at_rest(
    tissue: Tissue, parameters: Parameters, drive: Drive, state: State, differentiable: Differentiable
) -> Around:
    """Tissue and lymph after a rest in a phase's first posture, with veins as they are; nothing is owed yet."""
    around = fresh(tissue, parameters, drive)
    still = _still(drive)
    around = exchanged(
        tissue, parameters, still, around, state.pressure[None], (0.0, SETTLING_OF_TISSUE), None, None, None, None,
        SMOOTH_LYMPH if differentiable else None,
    )  # fmt: skip
    calm = eqx.tree_at(lambda s: s.clock, around.state, _scalar(0.0))
    return Around(calm, jnp.zeros_like(around.owed), around.outside, around.grip)


def _begun(tissue: Tissue | None, drive: Drive, topology: Topology) -> Drive:
    """A drive for the same compiled program as the rest of the run."""
    if tissue is None:
        return drive
    none = jnp.zeros((topology.n_cells, len(tissue.legs)))
    return replace(drive, touch=Touch(outside=none, source=none, **untouched(*none.shape)))


def _still(drive: Drive) -> Drive:
    """A drive that stays as it begins, without movement."""
    return eqx.tree_at(
        lambda d: (d.inclination_to, d.pressure_to, d.end_to, d.pulse, d.exercise),
        drive,
        (drive.inclination_from, drive.pressure_from, drive.end_from, 0 * drive.pulse, 0 * drive.exercise),
    )


def _scalar(value: float) -> jax.Array:
    return jnp.asarray(value, jnp.float64)


@dataclass(frozen=True)
class _Work:
    """What is to be done in a phase."""

    topology: Topology
    parameters: Parameters
    drive: Drive
    steps: Grid
    turns: Sequence[Strokes | None] = (None,)
    skin: Mapping[str, float | None] | None = None
    differentiable: Differentiable = False
    worn: bool = False
    """Whether something is worn that presses harder on a thicker leg."""

    @property
    def pooled(self) -> int:
        """Samples that are kept as one: hands move so often that not all are needed."""
        return 1 if self.turns[0] is None else STROKE_POOL

    def member(self, number: int, times: int) -> _Work:
        """The same for one member, with steps so many times shorter."""
        parameters, drive = _member((self.parameters, self.drive), number)
        return replace(self, parameters=parameters, drive=drive, steps=self.steps.finer(times))


class _Reached(eqx.Module):
    """Where a phase begins, and what it leaves behind."""

    state: State
    around: Around | None = None
    samples: Any = None
    extremes: Any = None
    exchanges: Any = None
    gained: Any = None
    """Blood that vein cells got from tissue and lymph, mL, shape (cells, batch)."""


def _phase(work: _Work, tissue: Tissue | None, before: _Reached, tell: Callable[[float], None] | None) -> _Reached:
    """One phase of all members; members whose steps fail are done again alone with shorter ones."""
    done = _stretch(work, tissue, before, tell)
    if isinstance(done.state.alive, Tracer):
        return done
    for member in map(int, np.flatnonzero(np.asarray(before.state.alive[0]) & ~_solved(done))):
        alone = None if tissue is None else tissue.member(member)
        for times in FINER:
            again = _stretch(work.member(member, times), alone, _member(before, member), None)
            if bool(_solved(again)[0]):
                done = _replaced(done, again, member)
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


def _solved(done: _Reached) -> np.ndarray:
    """Whether each member's steps were solutions that can be: no pressure below `VACUUM`; shape (batch,)."""
    alive, lowest = np.asarray(done.state.alive[0]), done.extremes.pressure_min
    # While slopes are carried along no pressure can be looked at.
    return alive if isinstance(lowest, Tracer) else alive & (np.asarray(lowest).min(axis=0) > VACUUM)


def _stretch(work: _Work, tissue: Tissue | None, before: _Reached, tell: Callable[[float], None] | None) -> _Reached:
    """All steps of a phase, call by call of the compiled program."""
    state, around, steps = before.state, before.around, work.steps
    recorded: list[Sample] = []
    extremes: Extremes | None = None
    begin, advance = _programs(work.topology, steps, work.differentiable)
    tolerance, dt = _scalar(SMOOTH if work.differentiable else TOLERANCE), _scalar(steps.dt)
    span = SAMPLES_PER_CALL * steps.interval
    recorder = None if tissue is None else Recorder()
    none = {} if tissue is None else untouched(work.topology.n_cells, work.parameters.batch)
    gained = np.zeros(state.states.volume.shape)

    if around is not None and not work.worn:
        around = replace(around, grip=0 * around.grip)

    def drive_with(hand: dict[str, jax.Array]) -> Drive:
        return work.drive if around is None else touched(work.drive, around, span, hand)

    state = begin(work.parameters, drive_with(none), state)
    rate = 0.0 if around is None else around.owed / span
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
            if tissue is not None and around is not None:
                # The first step of a call still begins with the rates of the call before.
                short = integrate.W * steps.dt * (around.owed / span - rate)
                gained, rate = gained + around.owed - short, around.owed / span
                samples = samples if work.differentiable else jax.tree.map(np.asarray, samples)
                around = exchanged(
                    tissue, work.parameters, drive, around, samples.mean_pressure, (time, time + span),
                    hand, busy, work.skin, recorder, SMOOTH_LYMPH if work.differentiable else None,
                )  # fmt: skip
                around = replace(around, owed=around.owed + short)
                if work.worn:
                    around = grip(tissue, work.parameters, work.drive, around, samples.mean_volume.mean(axis=0))
            samples = samples if work.differentiable else jax.tree.map(np.asarray, samples)
            recorded.append(_pooled(samples, work.pooled))
            extremes = worst if extremes is None else _worse(extremes, worst)
            if tell is not None:
                tell(time + span)
    assert extremes is not None
    exchanges = None
    if recorder is not None:
        recorder.close(len(work.turns) * steps.calls * span)
        exchanges = recorder.arrays()
    join = jnp.concatenate if work.differentiable else np.concatenate
    joined = jax.tree.map(lambda *parts: join(parts), *recorded)
    return _Reached(state, around, joined, extremes, exchanges, gained)


def _pooled(samples: Sample, several: int) -> Sample:
    """Several samples as one: the last of what holds at a moment, the mean of means."""
    if several == 1:
        return samples

    def last(leaf: Any) -> Any:
        return leaf[several - 1 :: several]

    def mean(leaf: Any) -> Any:
        return leaf.reshape(-1, several, *leaf.shape[1:]).mean(axis=1)

    thinned = jax.tree.map(last, samples)
    names = ("mean_volume", "mean_pressure", "mean_flow", "mean_inflow")
    return replace(thinned, **{name: mean(getattr(samples, name)) for name in names})


def _backward(differentiable: Differentiable) -> bool:
    """Whether a run is to be differentiated in reverse."""
    return differentiable is True or differentiable == "reverse"


def _programs(
    topology: Topology, steps: Grid, differentiable: Differentiable
) -> tuple[Callable[..., State], Callable[..., tuple[State, Sample, Extremes]]]:
    """The compiled programs that begin a phase and go on with it: as such, or so that they can be differentiated."""
    if _backward(differentiable):
        fixed = (topology, steps.stride, SAMPLES_PER_CALL)
        return partial(_begin_reversible, (topology,)), partial(_advance_reversible, fixed)

    def advance(
        parameters: Parameters, drive: Drive, state: State, time: jax.Array, dt: jax.Array, tolerance: jax.Array
    ) -> tuple[State, Sample, Extremes]:
        stride = np.int64(steps.stride)
        if differentiable:
            fixed = (topology, SAMPLES_PER_CALL)
            return _advance_directional(fixed, parameters, drive, state, time, dt, stride, tolerance)
        return _advance(topology, parameters, drive, state, time, dt, stride, SAMPLES_PER_CALL, tolerance)

    return partial(_begin_directional, (topology,)) if differentiable else partial(_begin, topology), advance


def _plain(tree: Any) -> Any:
    """Arrays of numpy, between two calls of compiled programs; what is traced stays as it is.

    Each operation of JAX by itself is a small program, to be looked up and loaded: a second of a short run.
    """
    return tree if traced(tree) else jax.tree.map(np.asarray, tree)


def _worse(a: Extremes, b: Extremes) -> Extremes:
    a, b = _plain((a, b))
    xp: Any = np if isinstance(a.missing, np.ndarray) else jnp
    return Extremes(
        xp.maximum(a.pressure_max, b.pressure_max),
        xp.minimum(a.pressure_min, b.pressure_min),
        xp.maximum(a.flow_max, b.flow_max),
        xp.minimum(a.flow_min, b.flow_min),
        xp.maximum(a.missing, b.missing),
        xp.maximum(a.error, b.error),
        a.iterations + b.iterations,
    )


def _member(tree: Any, member: int) -> Any:
    """One member of a tree whose leaves have the batch last; numbers that all share stay as they are."""
    return jax.tree.map(lambda leaf: leaf if jnp.ndim(leaf) == 0 else leaf[..., member : member + 1], tree)


def _replaced(tree: Any, one: Any, member: int) -> Any:
    """A tree with one member's part in place; clocks and times, which have no batch axis, stay as they are."""

    def put(leaf: Any, new: Any) -> Any:
        if jnp.ndim(leaf) < 2:
            return leaf
        return jnp.asarray(leaf).at[..., member : member + 1].set(jnp.asarray(new))

    return jax.tree.map(put, tree, one)


def _mass_defect(run: Run, drive: Drive, before: State, done: _Reached, info: PhaseInfo) -> Any:
    """Blood gained or lost against what crossed the ends and came from tissue and lymph, mL, shape (batch,)."""
    topology, samples = run.topology, done.samples
    crossing = np.zeros((topology.n_faces, 1))
    for face, (tail, head) in enumerate(zip(topology.tail, topology.head, strict=True)):
        crossing[face] += (tail >= topology.n_cells) - float(head >= topology.n_cells)
    outside = np.array([tail >= topology.n_cells for tail in topology.bed_tail], bool)
    after, begun, gained = _plain(
        (held(topology, run.parameters, done.state), held(topology, run.parameters, before), done.gained)
    )
    inflow = samples.mean_inflow[:, outside]
    entered = (samples.mean_flow * crossing[None]).sum(axis=(0, 1)) + inflow.sum(axis=(0, 1))
    got = gained.sum(axis=0)
    if (brought := getattr(drive, "brought", None)) is not None:  # what more drives the body has sources of its own
        got = got + brought(before.clock, info.step, round(info.duration / info.step))
    return (after - begun).sum(axis=0) - entered * info.sample - got


def _water_defect(before: Around, done: _Reached) -> Any:
    """Water of tissue and lymph gained or lost against what passed to and from blood, mL, shape (batch,)."""
    assert done.around is not None
    after, passed = done.around, done.exchanges
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


def _status(run: Run, records: Sequence[Record], state: State, around: Around | None) -> list[Status]:
    """How each member fared until now."""
    if isinstance(state.failed_at, Tracer):
        return list(run.status)
    alive, failed_at = np.asarray(state.alive[0]), np.asarray(state.failed_at[0])
    drained = alive if around is None else np.asarray(around.state.alive[0])
    found = []
    for member, before in enumerate(run.status):
        if before.code != "ok":
            found.append(before)
        elif alive[member] and drained[member]:
            found.append(Status("ok", float(state.clock)))
        elif alive[member] and around is not None:
            dry = float(around.state.cause[0, member]) == TISSUE_FAILED
            cause = "a compartment of tissue ran dry" if dry else "the flow of lymph found no solution"
            found.append(Status("failed", float(around.state.failed_at[0, member]), cause))
        else:
            found.append(Status("failed", float(failed_at[member]), _cause(run, state, member)))
    return found


def _cause(run: Run, state: State, member: int) -> str:
    """What the vein furthest from rest looked like when a member failed."""
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
