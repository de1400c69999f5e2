"""The books of a phase: volumes that have to agree, heights of what was recorded, and how each member fared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from venolymph.network import drainage
from venolymph.network.drainage_types import TISSUE_FAILED
from venolymph.network.integrate import Sample
from venolymph.network.parameters import Parameters
from venolymph.network.phase_drive import PhaseDrive
from venolymph.network.pulse import smooth_step
from venolymph.network.state import State, stored_volume
from venolymph.network.tr_bdf2 import integrated
from venolymph.simulation.one_phase import PhaseResult, plain
from venolymph.simulation.results import PhaseInfo, Record, Results, Status
from venolymph.simulation.tissue_model import TissueState


def mass_defect(run: Results, drive: PhaseDrive, before: State, done: PhaseResult, info: PhaseInfo) -> Any:
    """Change of blood volume less the volume through the ends and from tissue and lymph, mL, shape (batch,)."""
    topology, samples = run.topology, done.samples
    crossing = np.zeros((topology.n_faces, 1))
    for face, (tail, head) in enumerate(zip(topology.tail, topology.head, strict=True)):
        crossing[face] += (tail >= topology.n_cells) - float(head >= topology.n_cells)
    outside = np.array([tail >= topology.n_cells for tail in topology.bed_tail], bool)
    after, begun, gained = plain(
        (
            stored_volume(topology, run.parameters, done.state),
            stored_volume(topology, run.parameters, before),
            done.gained,
        )
    )
    inflow = samples.mean_inflow[:, outside]
    entered = (samples.mean_flow * crossing[None]).sum(axis=(0, 1)) + inflow.sum(axis=(0, 1))
    got = gained.sum(axis=0)
    if (joined := drive.joined) is not None:  # a circuit above the leg injects volume of its own
        steps = round(info.duration / info.step)
        got = got + integrated(lambda clock: jnp.sum(joined.at(clock)[1], axis=0), before.clock, info.step, steps)
    return (after - begun).sum(axis=0) - entered * info.sample - got


def water_defect(before: TissueState, done: PhaseResult) -> Any:
    """Change of water in tissue and lymph less the volume exchanged with blood, mL, shape (batch,)."""
    assert done.tissue_state is not None
    after, passed = done.tissue_state, done.exchanges
    gained = (drainage.water(after.state) - drainage.water(before.state))[0]
    owed = jnp.sum(after.owed - before.owed, axis=0) + jnp.sum(jnp.asarray(done.gained), axis=0)
    away = passed["at_venous_angle"].sum(axis=0) + passed["returned_beyond"].sum(axis=0) + owed
    return gained + away - passed["entered"].sum(axis=(0, 1))


def with_heights(parameters: Parameters, drive: PhaseDrive, samples: Sample, info: PhaseInfo) -> Sample:
    """Samples with the height of each cell."""
    position, ramp, begin, end = plain(
        (parameters.cells.position, drive.ramp, drive.inclination_from, drive.inclination_to)
    )
    xp: Any = np if isinstance(ramp, np.ndarray) else jnp
    time = info.sample * np.arange(1.0, info.samples + 1)
    part = smooth_step(time[:, None, None] / xp.maximum(ramp, 1e-9)[None])
    height = -xp.einsum("clm,tlm->tcm", position, xp.sin(begin + (end - begin)[None] * part))
    return eqx.tree_at(lambda s: s.height, samples, height, is_leaf=lambda leaf: leaf is None)


def statuses(run: Results, records: Sequence[Record], state: State, tissue_state: TissueState | None) -> list[Status]:
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
