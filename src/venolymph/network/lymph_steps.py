"""Steps of lymph within an exchange interval, with the state of the tissue frozen.

A step advances the pacemakers, evaluates the ambient at its end, solves for volumes and flows (`lymph_equations`), and
moves solutes with them. The dermal plexus is slow and is treated explicitly. Where a step finds no solution it is
repeated in substeps, for those members alone (`lymph_retries`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Bool, Float

from venolymph.network import initial_lymphatic, lymph_solutes, lymphangion
from venolymph.network.drainage_types import (
    DrainageDrive,
    DrainageParameters,
    DrainageState,
    DrainageTopology,
    IntervalTotals,
)
from venolymph.network.lymph_ambient import Ambient, FrozenTissue, SteadyAmbient, ambient_at, steady_ambient
from venolymph.network.lymph_equations import StepInputs, StepResult
from venolymph.network.lymph_retries import is_solution, solve_step
from venolymph.network.lymphangion import LymphValves, Pacing
from venolymph.network.plasma import oncotic_pressure

STEPS_PER_SOLUTE_UPDATE = 5
"""Number of steps after which solutes are moved with the volumes transferred in them."""


class PendingTransfers(eqx.Module):
    """Volumes transferred since solutes were last moved, in either direction, mL.

    Attributes:
        ahead, back: through each outflow.
        taken, released: from tissue into each initial lymphatic, and back into tissue.
        along, against: through each stretch of plexus.
    """

    ahead: Float[Array, "outflows batch"]
    back: Float[Array, "outflows batch"]
    taken: Float[Array, "initials batch"]
    released: Float[Array, "initials batch"]
    along: Float[Array, "plexus batch"]
    against: Float[Array, "plexus batch"]


class StepCarry(eqx.Module):
    """Variables carried from one step of lymph to the next.

    Attributes:
        solute_volume: volume of each cell when solutes were last moved, mL.
        change: of volume in the previous step, mL.
        earlier: of volume in the step before that, mL.
    """

    lymph: Float[Array, "cells batch"]
    content: Float[Array, "solutes cells batch"]
    solute_volume: Float[Array, "cells batch"]
    pending: PendingTransfers
    change: Float[Array, "cells batch"]
    earlier: Float[Array, "cells batch"]
    pacing: Pacing
    diastole: Float[Array, "lymphangions batch"]
    systole: Float[Array, "lymphangions batch"]
    ambient: Ambient
    totals: IntervalTotals
    relative_residual: Float[Array, "cells batch"]
    sound: Bool[Array, "one batch"]


def _valves(parameters: DrainageParameters, lymph: Array, width: Array, unflattened: Array) -> LymphValves:
    """Outflow parameters of the current state: a flat sac conducts little, a fuller node may resist less, and the valve
    of a distended lymphangion may leak more.

    R = R_open (V / V0)^-k of a node's outflow, k its `opening`; leak = leak_shut + l max(0, D / Df - 1) / R_open.
    """
    valves, nodes, cells = parameters.valves, parameters.nodes, parameters.lymphangions
    n, m = len(unflattened), len(unflattened) + len(width)
    full = jnp.exp(-nodes.opening * jnp.log(lymph[m:] / nodes.volume))
    stretched = cells.leak_gain * jax.nn.relu(width / cells.leak_diameter - 1.0) / valves.resistance[n:m]
    return replace(
        valves,
        resistance=jnp.concatenate([valves.resistance[:m], valves.resistance[m:] * full]),
        open=jnp.concatenate([valves.open[:n] * unflattened, valves.open[n:]]),
        leak=jnp.concatenate([valves.leak[:n], valves.leak[n:m] + stretched, valves.leak[m:]]),
    )


@dataclass(frozen=True)
class LymphInterval:
    """What the steps of lymph of one exchange interval share.

    Attributes:
        topology: of the drainage.
        parameters: of the drainage.
        drive: of the interval.
        state: at its start.
        frozen: the tissue.
        dt: length of a step, s.
        tolerance: of a step where it is not the usual one (see `lymph_equations.StepInputs`).
    """

    topology: DrainageTopology
    parameters: DrainageParameters
    drive: DrainageDrive
    state: DrainageState
    frozen: FrozenTissue
    dt: Array
    tolerance: Array | None = None

    @property
    def initials(self) -> int:
        """Number of initial lymphatics: the first cells."""
        return len(self.topology.initials)

    @property
    def vessels(self) -> slice:
        """The cells that are lymphangions; nodes follow them."""
        return slice(self.initials, self.initials + len(self.topology.lymphangions))

    @property
    def none_at_nodes(self) -> Float[Array, "nodes batch"]:
        """Zeros, one for each node."""
        return jnp.zeros((len(self.topology.nodes), self.parameters.batch))


def take_lymph_step(
    interval: LymphInterval,
    ambients: tuple[SteadyAmbient, SteadyAmbient],
    number: Array,
    steps: Array,
    carry: StepCarry,
) -> StepCarry:
    """One step of lymph.

    Args:
        interval: that the step belongs to.
        ambients: without pulses and breathing, at the start and at the end of the interval.
        number: of the step in the interval, from 0.
        steps: in the interval.
        carry: before the step.
    """
    drive, state, cells, dt = interval.drive, interval.state, interval.parameters.lymphangions, interval.dt
    vessels = interval.vessels
    part = (number + 1).astype(jnp.float64) / steps
    clock = state.clock + (number + 1).astype(jnp.float64) * dt
    width = lymphangion.diameter(cells, carry.lymph[vessels])
    pacing, fires = lymphangion.pace(cells, carry.pacing, interval.topology.neighbours, width, drive.temperature, dt)
    now = jax.tree.map(lambda a, b: a + part * (b - a), *ambients)
    ambient = ambient_at(interval.parameters, drive, now, pacing, clock)
    inputs, plexus = _prepare_step(interval, carry, ambient, now.hydrostatic, width)
    expected = 2.0 * carry.change - carry.earlier
    result, iterations, whole = solve_step(
        interval.topology.tree, inputs, carry.ambient, expected, state.alive & carry.sound
    )
    sound = carry.sound & is_solution(result)
    passed, taken = dt * result.leaving, dt * result.uptake
    pending = _book_transfers(carry.pending, passed, taken, plexus)
    pulsed_share = _pulsed_share(interval, pacing)
    volume = result.volume[vessels]
    fraction = fires * (1.0 - carry.systole / carry.diastole)
    shear = _smoothed_shear(interval, result, pacing, width)
    totals = carry.totals
    # Values of failed members are undefined here; `drainage.interval` discards them.
    return StepCarry(
        lymph=result.volume,
        content=carry.content,
        solute_volume=carry.solute_volume,
        pending=pending,
        change=result.volume - carry.lymph,
        earlier=carry.change,
        pacing=replace(pacing, shear=shear),
        diastole=jnp.where(fires > 0.0, volume, carry.diastole),
        systole=jnp.where(fires > 0.0, volume, jnp.minimum(carry.systole, volume)),
        ambient=ambient,
        totals=replace(
            totals,
            pulsed=totals.pulsed + pulsed_share * passed,
            returned=totals.returned + dt * result.returned,
            pressure=totals.pressure + result.pressure,
            contractions=totals.contractions + fires,
            ejected=totals.ejected + fraction,
            iterations=totals.iterations + iterations.astype(jnp.float64),
            parted=totals.parted + (~whole).astype(jnp.float64),
        ),
        relative_residual=jnp.maximum(carry.relative_residual, result.relative_residual),
        sound=sound,
    )


def _prepare_step(
    interval: LymphInterval, carry: StepCarry, ambient: Ambient, hydrostatic: Array, width: Array
) -> tuple[StepInputs, Float[Array, "plexus batch"]]:
    """Inputs of the equations of a step, and the volume that moves along each stretch of the plexus in it, mL.

    Args:
        interval: that the step belongs to.
        carry: before the step.
        ambient: at the end of the step.
        hydrostatic: pressure equivalent of each sac's height there, mmHg, shape (initials, batch).
        width: diameter of each lymphangion at the start of the step, cm, shape (lymphangions, batch).
    """
    parameters, frozen, dt = interval.parameters, interval.frozen, interval.dt
    tube = _tube_resistance(interval, carry.lymph)
    sac = carry.lymph[: interval.initials]
    plexus = _move_along_plexus(interval, sac, ambient, hydrostatic)
    nodes = slice(interval.vessels.stop, None)
    protein = carry.content[0, nodes] / carry.solute_volume[nodes]
    unflattened = initial_lymphatic.openness(parameters.initials, sac)
    inputs = StepInputs(
        initials=parameters.initials,
        lymphangions=parameters.lymphangions,
        nodes=parameters.nodes,
        valves=_valves(parameters, carry.lymph, width, unflattened),
        before=carry.lymph,
        outside=ambient.outside,
        head=ambient.head,
        tube=jnp.concatenate([jnp.zeros_like(sac), tube]),
        active=ambient.active,
        tissue=ambient.tissue,
        uptake_conductance=frozen.uptake_conductance * unflattened,
        swing=frozen.swing,
        lymph=oncotic_pressure(parameters.plasma.tissue_oncotic, protein),
        plasma=frozen.plasma,
        ends=ambient.ends,
        prescribed=jnp.concatenate([interval.topology.sum_at_initials(-plexus, plexus) / dt, interval.drive.inflow]),
        dt=dt,
        tolerance=interval.tolerance,
    )
    return inputs, plexus


def _tube_resistance(interval: LymphInterval, lymph: Array) -> Float[Array, "vessels batch"]:
    """Resistance of the tubes between the middle of each vessel and that of the next, mmHg s/mL."""
    parameters, tree = interval.parameters, interval.topology.tree
    half = lymphangion.half_resistance(parameters.lymphangions, parameters.viscosity, lymph[interval.vessels])
    tubes = jnp.concatenate([half, interval.none_at_nodes])
    # An initial lymphatic joins from the side: no tube of the collector is in series with it.
    return tubes + tree.value_downstream(tubes)[interval.initials :]


def _move_along_plexus(
    interval: LymphInterval, sac: Array, ambient: Ambient, hydrostatic: Array
) -> Float[Array, "plexus batch"]:
    """Volume that moves along each stretch of the plexus in a step, mL."""
    parameters, topology = interval.parameters, interval.topology
    tail, head = np.array(topology.plexus_tail, int), np.array(topology.plexus_head, int)
    # The explicit plexus flow of a step is a small share of a sac's volume; the bound keeps it stable.
    pressure, _ = initial_lymphatic.sac_pressure(sac, parameters.initials.volume, parameters.initials.stiffness)
    total = pressure + ambient.outside[: interval.initials] + hydrostatic
    bound = 0.02 * jnp.minimum(sac[tail], sac[head])
    return jnp.clip(interval.dt * (total[tail] - total[head]) / parameters.plexus.resistance, -bound, bound)


def _book_transfers(pending: PendingTransfers, passed: Array, taken: Array, plexus: Array) -> PendingTransfers:
    """Pending transfers with those of a step, mL: through outflows, from tissue into sacs, and along the plexus."""
    volumes = (passed, -passed, taken, -taken, plexus, -plexus)
    return jax.tree.map(lambda sum, more: sum + jnp.maximum(more, 0.0), pending, PendingTransfers(*volumes))


def _pulsed_share(interval: LymphInterval, pacing: Pacing) -> Float[Array, "outflows batch"]:
    """1 for each outflow that a contracting lymphangion drives, above it or below it, else 0."""
    tree = interval.topology.tree
    active = (pacing.since < interval.parameters.lymphangions.contraction_time).astype(jnp.float64)
    pulsing = jnp.concatenate([active, interval.none_at_nodes])
    sacs = jnp.zeros((interval.initials, interval.parameters.batch))
    return jnp.maximum(jnp.concatenate([sacs, pulsing]), tree.value_downstream(pulsing))


def _smoothed_shear(
    interval: LymphInterval, result: StepResult, pacing: Pacing, width: Array
) -> Float[Array, "lymphangions batch"]:
    """The wall shear that pacemakers feel, after a step of these flows."""
    parameters, vessels = interval.parameters, interval.vessels
    count = vessels.stop - vessels.start
    flow = 0.5 * (result.leaving[vessels] + interval.topology.tree.arriving(result.leaving)[:count])
    return lymphangion.smoothed_shear(
        parameters.lymphangions, parameters.viscosity, pacing.shear, flow, width, interval.dt
    )


def move_solutes(
    topology: DrainageTopology, drive: DrainageDrive, frozen: FrozenTissue, span: Array, carry: StepCarry
) -> StepCarry:
    """The carry with its solutes moved by the volumes transferred in the `span` s since they were last moved."""
    tree, pending, totals = topology.tree, carry.pending, carry.totals
    n = len(topology.initials)
    tail, head = np.array(topology.plexus_tail, int), np.array(topology.plexus_head, int)
    out = pending.released + topology.sum_at_initials(pending.along, pending.against)
    otherwise = jnp.concatenate([out, jnp.zeros_like(carry.solute_volume[n:])])
    density = lymph_solutes.densities(tree, carry.content, carry.solute_volume, pending.ahead, pending.back, otherwise)
    solutes = lymph_solutes.carried(tree, density, pending.ahead, pending.back)
    taken = frozen.density * pending.taken[None] - density[:, :n] * pending.released[None]
    plexus = density[:, tail] * pending.along[None] - density[:, head] * pending.against[None]
    gained = taken + jax.vmap(topology.sum_at_initials)(-plexus, plexus)
    arrived = jax.vmap(tree.arriving)(solutes) + span * drive.inflow_solutes
    return replace(
        carry,
        content=carry.content - solutes + jnp.concatenate([gained, arrived], axis=1),
        solute_volume=carry.lymph,
        pending=jax.tree.map(jnp.zeros_like, pending),
        totals=replace(
            totals,
            passed=totals.passed + pending.ahead - pending.back,
            solutes=totals.solutes + solutes,
            uptake=totals.uptake + pending.taken - pending.released,
            uptake_solutes=totals.uptake_solutes + taken,
            plexus=totals.plexus + pending.along - pending.against,
            plexus_solutes=totals.plexus_solutes + plexus,
        ),
    )


def _empty_totals(interval: LymphInterval) -> IntervalTotals:
    """The totals of an interval before its first step."""
    topology, batch = interval.topology, interval.parameters.batch
    solutes, outflows = len(topology.solutes), len(topology.tree.down)

    def zeros(*shape: int) -> Array:
        return jnp.zeros((*shape, batch))

    return IntervalTotals(
        passed=zeros(outflows),
        pulsed=zeros(outflows),
        solutes=zeros(solutes, outflows),
        uptake=zeros(len(topology.initials)),
        uptake_solutes=zeros(solutes, len(topology.initials)),
        returned=zeros(len(topology.nodes)),
        plexus=zeros(len(topology.plexus_tail)),
        plexus_solutes=zeros(solutes, len(topology.plexus_tail)),
        pressure=zeros(interval.state.lymph.shape[0]),
        contractions=zeros(len(topology.lymphangions)),
        ejected=zeros(len(topology.lymphangions)),
        relative_residual=zeros(1),
        iterations=zeros(1),
        parted=zeros(1),
    )


def _first_carry(interval: LymphInterval, totals: IntervalTotals) -> StepCarry:
    """What the first step of an interval begins with; totals are zero."""
    state, zeros = interval.state, jnp.zeros_like
    begin = steady_ambient(interval.topology, interval.parameters, interval.frozen, state.placed)
    sac, plexus = state.lymph[: interval.initials], totals.plexus
    return StepCarry(
        lymph=state.lymph,
        content=state.lymph_content,
        solute_volume=state.lymph,
        pending=PendingTransfers(totals.passed, totals.passed, zeros(sac), zeros(sac), plexus, plexus),
        change=state.change,
        earlier=state.change,
        pacing=state.pacing,
        diastole=state.diastole,
        systole=state.systole,
        ambient=ambient_at(interval.parameters, interval.drive, begin, state.pacing, state.clock),
        totals=totals,
        relative_residual=zeros(state.lymph),
        sound=state.alive,
    )


def run_lymph_steps(interval: LymphInterval, steps: int | Array) -> StepCarry:
    """All `steps` steps of an interval; solutes move every `STEPS_PER_SOLUTE_UPDATE` steps."""
    totals = _empty_totals(interval)
    topology, drive, frozen, dt = interval.topology, interval.drive, interval.frozen, interval.dt
    count = jnp.asarray(steps, jnp.float64)
    begin, end = (
        steady_ambient(topology, interval.parameters, frozen, placed)
        for placed in (interval.state.placed, drive.placed)
    )
    step = partial(take_lymph_step, interval, (begin, end))
    carry = _first_carry(interval, totals)

    def group(number: Array, several: int | Array, carry: StepCarry) -> StepCarry:
        carry = lax.fori_loop(
            0, several, lambda k, carry: step(number * STEPS_PER_SOLUTE_UPDATE + k, count, carry), carry
        )
        return move_solutes(topology, drive, frozen, several * dt, carry)

    if isinstance(steps, int):  # loops of known length are differentiated in reverse
        groups, rest = divmod(steps, STEPS_PER_SOLUTE_UPDATE)
        carry = lax.fori_loop(0, groups, lambda number, carry: group(number, STEPS_PER_SOLUTE_UPDATE, carry), carry)
        return group(jnp.asarray(groups), rest, carry) if rest else carry

    def full(number: Array, carry: StepCarry) -> StepCarry:
        return group(number, jnp.minimum(steps - number * STEPS_PER_SOLUTE_UPDATE, STEPS_PER_SOLUTE_UPDATE), carry)

    return lax.fori_loop(0, -(-steps // STEPS_PER_SOLUTE_UPDATE), full, carry)
