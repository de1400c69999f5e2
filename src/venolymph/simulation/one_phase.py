"""A phase of all members: its steps, call by call of compiled programs, and members that failed repeated alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from venolymph.massage.hands import HandPlacement
from venolymph.network import integrate
from venolymph.network.integrate import Advanced, Extremes, Method, Sample, Steps
from venolymph.network.newton import TOLERANCE
from venolymph.network.parameters import Parameters
from venolymph.network.phase_drive import PhaseDrive
from venolymph.network.port import CircuitPort, rate_of
from venolymph.network.state import State, start_phase
from venolymph.network.time_grid import SAMPLES_PER_CALL, Grid
from venolymph.network.topology import Topology
from venolymph.simulation.directional import directional
from venolymph.simulation.exchange import (
    TissueConditions,
    VeinCall,
    advance_tissue,
    is_traced,
    no_hand,
    update_garment_pressure,
    with_loads,
)
from venolymph.simulation.exchange_records import Recorder
from venolymph.simulation.results import Differentiable, in_reverse
from venolymph.simulation.reversible import reversible
from venolymph.simulation.tissue_model import Tissue, TissueState

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

LYMPH_TOLERANCE: float | None = None
"""What a run that is not differentiable solves lymph to, relative to the volume of each cell, 1; None: what
`network.lymph_equations` is content with. Golden runs that are compared between machines solve it further."""

VACUUM = -760.0
"""Pressure below which nothing can be, mmHg: a vein that falls below it was shut within one step and does not open."""

RETRY_REFINEMENTS = (4, 16)
"""Refinements of the time step with which the phase of a failed member is repeated."""


def lymph_tolerance(differentiable: Differentiable) -> float | None:
    """What a run solves lymph to (see `LYMPH_TOLERANCE`)."""
    return DIFFERENTIABLE_LYMPH_TOLERANCE if differentiable else LYMPH_TOLERANCE


_begin = jax.jit(start_phase, static_argnums=0)
_advance = jax.jit(integrate.advance, static_argnums=0)
_begin_reversible = reversible(start_phase)
_advance_reversible = reversible(
    lambda topology, stride, samples, parameters, drive, state, time, dt, tolerance: integrate.advance(
        topology, parameters, drive, state, Steps(time, dt, stride, samples), Method(tolerance)
    )
)
_begin_directional = directional(start_phase, _begin)
_advance_directional = directional(integrate.advance, _advance)


def scalar(value: float) -> jax.Array:
    """A number as an array without axes, so that a program is not compiled anew for another one."""
    return jnp.asarray(value, jnp.float64)


@dataclass(frozen=True)
class PhaseWork:
    """Inputs of a phase."""

    topology: Topology
    parameters: Parameters
    drive: PhaseDrive
    steps: Grid
    turns: Sequence[HandPlacement | None] = (None,)
    conditions: TissueConditions | None = None
    differentiable: Differentiable = False
    worn: bool = False
    """Whether a garment is worn whose pressure rises with the volume of the leg."""

    @property
    def pooled(self) -> int:
        """Number of samples pooled into one: hands move so often that not all are needed."""
        return 1 if self.turns[0] is None else STROKE_POOL

    def member(self, number: int, times: int) -> PhaseWork:
        """The same for one member, with the time step divided by `times`."""
        parameters, drive = of_member((self.parameters, self.drive), number)
        return replace(self, parameters=parameters, drive=drive, steps=self.steps.finer(times))


class PhaseResult(eqx.Module):
    """State at the start of a phase, and the state and records at its end."""

    state: State
    tissue_state: TissueState | None = None
    samples: Any = None
    extremes: Any = None
    exchanges: Any = None
    gained: Any = None
    """Volume that vein cells gained from tissue and lymph, mL, shape (cells, batch)."""


Recorded = tuple[Sample, Any]
"""Samples of a phase, and records of tissue and lymph (None where there are none)."""
Tell = Callable[[float, Callable[[], Recorded]], None]
"""Called with how much of a phase is done, s, and with what gives what was recorded of it so far."""


def run_phase(work: PhaseWork, tissue: Tissue | None, before: PhaseResult, tell: Tell | None) -> PhaseResult:
    """One phase of all members; failed members are repeated alone with shorter steps."""
    done = _attempt_phase(work, tissue, before, tell)
    if isinstance(done.state.alive, Tracer):
        return done
    for member in map(int, np.flatnonzero(np.asarray(before.state.alive[0]) & ~solved(done))):
        alone = None if tissue is None else tissue.member(member)
        for times in RETRY_REFINEMENTS:
            again = _attempt_phase(work.member(member, times), alone, of_member(before, member), None)
            if bool(solved(again)[0]):
                done = _with_member(done, again, member)
                break
    state = done.state
    impossible = np.asarray(state.alive) & ~solved(done)[None]
    if not impossible.any():
        return done
    ended = eqx.tree_at(
        lambda s: (s.alive, s.failed_at),
        state,
        (jnp.asarray(np.asarray(state.alive) & ~impossible), jnp.where(impossible, state.clock, state.failed_at)),
    )
    return replace(done, state=ended)


def solved(done: PhaseResult) -> np.ndarray:
    """Whether each member's steps were solutions that can be: no pressure below `VACUUM`; shape (batch,)."""
    alive, lowest = np.asarray(done.state.alive[0]), done.extremes.pressure_min
    # While slopes are carried along no pressure can be looked at.
    return alive if isinstance(lowest, Tracer) else alive & (np.asarray(lowest).min(axis=0) > VACUUM)


def _attempt_phase(work: PhaseWork, tissue: Tissue | None, before: PhaseResult, tell: Tell | None) -> PhaseResult:
    """All steps of a phase, call by call of the compiled program."""
    state, tissue_state, steps = before.state, before.tissue_state, work.steps
    recorded: list[Sample] = []
    extremes: Extremes | None = None
    begin, advance = _programs(work.topology, steps, work.differentiable)
    tolerance, dt = scalar(DIFFERENTIABLE_TOLERANCE if work.differentiable else TOLERANCE), scalar(steps.dt)
    span = SAMPLES_PER_CALL * steps.interval
    recorder = None if tissue is None else Recorder()
    none = {} if tissue is None else no_hand(work.topology.n_cells, work.parameters.batch)
    port = None if tissue_state is None else CircuitPort(tissue_state.owed, rate_of(tissue_state.owed, span))

    if tissue_state is not None and not work.worn:
        tissue_state = replace(tissue_state, grip=0 * tissue_state.grip)

    def drive_with(hand: dict[str, jax.Array]) -> PhaseDrive:
        return work.drive if tissue_state is None else with_loads(work.drive, tissue_state, span, hand)

    state = begin(work.parameters, drive_with(none), state)
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
            if tissue is not None and tissue_state is not None and port is not None:
                samples = samples if work.differentiable else jax.tree.map(np.asarray, samples)
                tissue_state = advance_tissue(
                    tissue, work.parameters, drive, tissue_state,
                    VeinCall(samples.mean_pressure, (time, time + span), hand, busy),
                    work.conditions, recorder, lymph_tolerance(work.differentiable),
                )  # fmt: skip
                port = port.receive(span, steps.dt).give(tissue_state.owed)
                tissue_state = replace(tissue_state, owed=port.waiting)
                if work.worn:
                    tissue_state = update_garment_pressure(
                        tissue, work.parameters, work.drive, tissue_state, samples.mean_volume.mean(axis=0)
                    )
            samples = samples if work.differentiable else jax.tree.map(np.asarray, samples)
            recorded.append(_pooled(samples, work.pooled))
            extremes = worst if extremes is None else _combine_extremes(extremes, worst)
            if tell is not None:
                tell(time + span, partial(_joined, recorded, recorder, work.differentiable))
    assert extremes is not None
    if recorder is not None:
        recorder.close(len(work.turns) * steps.calls * span)
    joined, exchanges = _joined(recorded, recorder, work.differentiable)
    gained = np.zeros(state.states.volume.shape) if port is None else port.received
    return PhaseResult(state, tissue_state, joined, extremes, exchanges, gained)


def _joined(recorded: Sequence[Sample], recorder: Recorder | None, differentiable: Differentiable) -> Recorded:
    """What was recorded of a phase so far."""
    join = jnp.concatenate if differentiable else np.concatenate
    exchanges = recorder.arrays() if recorder is not None and recorder.records else None
    return jax.tree.map(lambda *parts: join(parts), *recorded), exchanges


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
) -> tuple[Callable[..., State], Callable[..., Advanced]]:
    """The compiled programs that start and advance a phase: plain, or differentiable."""
    if in_reverse(differentiable):
        fixed = (topology, steps.stride, SAMPLES_PER_CALL)
        return partial(_begin_reversible, (topology,)), partial(_advance_reversible, fixed)

    def advance(
        parameters: Parameters, drive: PhaseDrive, state: State, time: jax.Array, dt: jax.Array, tolerance: jax.Array
    ) -> Advanced:
        stride: Any = np.int64(steps.stride)  # accepted by JAX without conversion
        given = parameters, drive, state, Steps(time, dt, stride, SAMPLES_PER_CALL), Method(tolerance)
        return _advance_directional((topology,), *given) if differentiable else _advance(topology, *given)

    return partial(_begin_directional, (topology,)) if differentiable else partial(_begin, topology), advance


def plain(tree: Any) -> Any:
    """Leaves as numpy arrays, between two calls of compiled programs; a traced tree is unchanged.

    Each operation of JAX by itself is a small compiled program; together they would cost a second of a short run.
    """
    return tree if is_traced(tree) else jax.tree.map(np.asarray, tree)


def _combine_extremes(a: Extremes, b: Extremes) -> Extremes:
    a, b = plain((a, b))
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
