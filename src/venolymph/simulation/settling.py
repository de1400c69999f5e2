"""Veins, tissue and lymph at rest in the first posture of a run."""

from __future__ import annotations

from dataclasses import replace

import equinox as eqx
import jax
import jax.numpy as jnp

from venolymph.network.parameters import Parameters
from venolymph.network.phase_drive import ExternalLoads, PhaseDrive
from venolymph.network.state import State, initial_state
from venolymph.network.time_grid import SAMPLES_PER_CALL, grid
from venolymph.network.topology import Topology
from venolymph.simulation.exchange import TissueConditions, VeinCall, advance_tissue, initial_tissue_state, no_hand
from venolymph.simulation.one_phase import (
    DIFFERENTIABLE_STRIDE,
    PhaseResult,
    PhaseWork,
    lymph_tolerance,
    run_phase,
    scalar,
)
from venolymph.simulation.results import Differentiable, Results, in_reverse
from venolymph.simulation.reversible import reversible
from venolymph.simulation.tissue_model import Tissue, TissueState

SETTLING = ((10.0, 0.02), (40.0, 0.1), (352.0, 0.25))
"""Durations and steps, s, of the settling in the first posture before a run begins. The last step is exactly a
sixteenth of a breath at rest (see `network.predictor.STEPS_PER_BREATH`)."""

SETTLING_OF_TISSUE = 300.0
"""Duration of the settling of tissue and lymph before a run begins, s."""

_initial = jax.jit(initial_state, static_argnums=0)
_initial_reversible = reversible(initial_state)


def settle(run: Results, drive: PhaseDrive, conditions: TissueConditions) -> PhaseResult:
    """Veins, tissue and lymph after settling in the posture that a drive begins with, under those conditions."""
    topology, parameters, tissue, differentiable = run.topology, run.parameters, run.tissue, run.differentiable
    state = _settle_veins(topology, parameters, _with_empty_loads(tissue, drive, topology), differentiable)
    if tissue is None:
        return PhaseResult(state)
    return PhaseResult(state, _settle_tissue(tissue, parameters, drive, state, conditions, differentiable))


def _settle_veins(
    topology: Topology, parameters: Parameters, drive: PhaseDrive, differentiable: Differentiable = False
) -> State:
    """A body at rest in a phase's first posture; its clock is set back to zero."""
    still = _frozen_drive(drive)
    if in_reverse(differentiable):
        state = _initial_reversible((topology,), parameters, still)
    else:
        state = _initial(topology, parameters, still)
    for duration, step in SETTLING:
        steps = grid(duration, step, duration / SAMPLES_PER_CALL, DIFFERENTIABLE_STRIDE if differentiable else None)
        work = PhaseWork(topology, parameters, still, steps, differentiable=differentiable)
        state = run_phase(work, None, PhaseResult(state), None).state
    failed_at = jnp.where(state.alive, state.failed_at, 0.0)  # a body that does not come to rest fails at the start
    return eqx.tree_at(lambda s: (s.clock, s.failed_at), state, (scalar(0.0), failed_at))


def _settle_tissue(
    tissue: Tissue,
    parameters: Parameters,
    drive: PhaseDrive,
    state: State,
    conditions: TissueConditions,
    differentiable: Differentiable,
) -> TissueState:
    """Tissue and lymph after settling in a phase's first posture at constant vein pressures; no transfer is pending."""
    tissue_state = initial_tissue_state(tissue, parameters, drive, conditions.laid)
    still = _frozen_drive(drive)
    tissue_state = advance_tissue(
        tissue, parameters, still, tissue_state, VeinCall(state.pressure[None], (0.0, SETTLING_OF_TISSUE)), conditions,
        tolerance=lymph_tolerance(differentiable),
    )  # fmt: skip
    calm = eqx.tree_at(lambda s: s.clock, tissue_state.state, scalar(0.0))
    return TissueState(calm, jnp.zeros_like(tissue_state.owed), tissue_state.outside, tissue_state.grip)


def _with_empty_loads(tissue: Tissue | None, drive: PhaseDrive, topology: Topology) -> PhaseDrive:
    """A drive with loads of zero, for the same compiled program as the rest of the run."""
    if tissue is None:
        return drive
    none = jnp.zeros((topology.n_cells, len(tissue.legs)))
    return replace(drive, loads=ExternalLoads(outside=none, source=none, **no_hand(*none.shape)))


def _frozen_drive(drive: PhaseDrive) -> PhaseDrive:
    """A drive held at its initial values, without movement."""
    return eqx.tree_at(
        lambda d: (d.inclination_to, d.pressure_to, d.end_to, d.pulse, d.exercise),
        drive,
        (drive.inclination_from, drive.pressure_from, drive.end_from, 0 * drive.pulse, 0 * drive.exercise),
    )
