"""Steps of lymph within an exchange interval, with the state of the tissue frozen.

A step advances the pacemakers, evaluates the ambient at its end, solves for volumes and flows (`lymph_equations`), and
moves solutes with them. The dermal plexus is slow and is treated explicitly. Where a step finds no solution it is
repeated in substeps, for those members alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Bool, Float

from venolymph.network import exchange, initial_lymphatic, lymph_equations, lymphangion
from venolymph.network.drainage_types import (
    DrainageDrive,
    DrainageParameters,
    DrainageState,
    DrainageTopology,
    IntervalTotals,
    PostureAndLoads,
)
from venolymph.network.lymph_equations import StepInputs, StepResult, Tree
from venolymph.network.lymphangion import LymphValves, Pacing

FAILURE_RESIDUAL = 1e-2
"""Relative residual (or relative size of the last Newton step) above which a step is retried: first with a tighter
tolerance, then in substeps. If all fail, the member fails."""

STEPS_PER_SOLUTE_UPDATE = 5
"""Number of steps after which solutes are moved with the volumes transferred in them."""

SUBSTEPS = 16
"""Number of substeps of a step that is retried."""


class FrozenTissue(eqx.Module):
    """State of the tissue, constant during the steps of one interval.

    Attributes:
        tissue: interstitial pressure at each initial lymphatic without external pressure, mmHg.
        borne: share of external pressure that the fluid there bears, 1.
        slow_pressure: contribution of slow tissue pressure to the pressure outside each cell, mmHg.
        density: of solutes in the tissue at each initial lymphatic, mg/mL.
        uptake_conductance: uptake per pressure difference, mL/s/mmHg.
        swing: of that difference, mmHg.
        plasma: oncotic pressure of plasma, mmHg.
    """

    tissue: Float[Array, "initials batch"]
    borne: Float[Array, "initials batch"]
    slow_pressure: Float[Array, "cells batch"]
    density: Float[Array, "solutes initials batch"]
    uptake_conductance: Float[Array, "initials batch"]
    swing: Float[Array, "initials batch"]
    plasma: Float[Array, "one batch"]


class SteadyAmbient(eqx.Module):
    """The ambient without pulses and breathing; see `Ambient`.

    Attributes:
        borne: share of external pressure that tissue fluid bears, 1.
        hydrostatic: pressure equivalent of each sac's height, mmHg.
    """

    outside: Float[Array, "cells batch"]
    tissue: Float[Array, "initials batch"]
    head: Float[Array, "outflows batch"]
    end: Float[Array, "one batch"]
    borne: Float[Array, "initials batch"]
    hydrostatic: Float[Array, "initials batch"]


def steady_ambient(
    topology: DrainageTopology, parameters: DrainageParameters, frozen: FrozenTissue, placed: PostureAndLoads
) -> SteadyAmbient:
    """The ambient of a posture and its loads."""
    where = np.array(topology.initial_compartment)
    height = jnp.concatenate([placed.compartment_height[where], placed.vessel_height])
    return SteadyAmbient(
        outside=frozen.slow_pressure + jnp.concatenate([placed.on_initials, placed.on_vessels]),
        tissue=frozen.tissue + frozen.borne * placed.on_compartments[where],
        head=parameters.weight * (height - topology.tree.value_downstream(placed.vessel_height, placed.end_height)),
        end=placed.end_pressure,
        borne=frozen.borne,
        hydrostatic=parameters.weight * height[: len(where)],
    )


class Ambient(eqx.Module):
    """Quantities linear over a step: pressures outside cells, in tissue and at the end, heads, activation."""

    outside: Float[Array, "cells batch"]
    tissue: Float[Array, "initials batch"]
    head: Float[Array, "outflows batch"]
    end: Float[Array, "one batch"]
    active: Float[Array, "lymphangions batch"]


def ambient_at(
    parameters: DrainageParameters, drive: DrainageDrive, now: SteadyAmbient, pacing: Pacing, clock: Array
) -> Ambient:
    """The ambient with pulses and breathing at a time of the run, s."""
    turn = (clock - drive.pulse_begin) / drive.pulse_period
    beat = drive.beat_initials.at(turn)
    vessel_pulse = drive.beat_vessels.height * drive.beat_vessels.at(turn)
    breath = jnp.sin(2.0 * jnp.pi * clock / drive.breath_period)
    pressed = drive.beat_initials.height * beat, vessel_pulse + drive.breath_vessels * breath
    return Ambient(
        outside=now.outside + jnp.concatenate(pressed),
        tissue=now.tissue + now.borne * drive.pulse_tissue * beat,
        head=now.head,
        end=now.end + drive.breath_end * breath,
        active=lymphangion.activation(parameters.lymphangions, pacing.since),
    )


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


def _is_solution(moved: StepResult) -> Array:
    """Whether the step of each member is a solution."""
    valid = jnp.isfinite(moved.volume) & (moved.volume > 0.0) & (moved.relative_residual < FAILURE_RESIDUAL)
    return jnp.all(valid, axis=0, keepdims=True)


Attempt = Callable[[Array, StepResult, Array], tuple[StepResult, Array, Array]]
"""A retry for members that are not done, from the best result so far and the number of iterations it took."""


def _solve_step(
    tree: Tree, inputs: StepInputs, before: Ambient, change: Array, members: Array
) -> tuple[StepResult, Array, Array]:
    """One step of lymph: whole; retried with a tighter tolerance; retried in substeps."""
    bound = 0.1 * inputs.before
    guess = inputs.before + jnp.clip(change, -bound, bound)
    # Differentiable runs polish this solution, so they start from the tight tolerance.
    loose = inputs.tolerance is None
    tolerance = lymph_equations.RELATIVE_TOLERANCE if loose else lymph_equations.TIGHT_TOLERANCE
    result, iterations, converged = lymph_equations.step(tree, inputs, guess, members, tolerance)
    done = _is_solution(result) & converged

    def choose(first: StepResult, done: Array, second: StepResult) -> StepResult:
        return jax.tree.map(lambda a, b: jnp.where(done, a, b), first, second)

    def unless_done(
        done: Array, best: StepResult, iterations: Array, attempt: Attempt
    ) -> tuple[StepResult, Array, Array]:
        """The best result so far where all members are done, else the next attempt."""
        return lax.cond(
            jnp.all(done | ~members), lambda: (best, iterations, done), lambda: attempt(done, best, iterations)
        )

    def with_tight_tolerance(done: Array, best: StepResult, iterations: Array) -> tuple[StepResult, Array, Array]:
        # Where Newton diverged its last step may be of any size.
        bounded = jnp.clip(best.volume, 0.7 * inputs.before, 1.3 * inputs.before)
        second, more, converged = lymph_equations.step(tree, inputs, bounded, members & ~done)
        return unless_done(
            done | (_is_solution(second) & converged),
            choose(best, done, second),
            iterations + more,
            in_substeps,
        )

    def in_substeps(done: Array, best: StepResult, iterations: Array) -> tuple[StepResult, Array, Array]:
        after = Ambient(inputs.outside, inputs.tissue, inputs.head, inputs.end, inputs.active)

        def substep_of(number: Array, carry: tuple[StepResult, Array]) -> tuple[StepResult, Array]:
            sums, iterations = carry
            part = (number + 1).astype(jnp.float64) / SUBSTEPS
            ambient = jax.tree.map(lambda a, b: a + part * (b - a), before, after)
            substep_inputs = replace(
                inputs,
                before=sums.volume,
                dt=inputs.dt / SUBSTEPS,
                outside=ambient.outside,
                tissue=ambient.tissue,
                head=ambient.head,
                end=ambient.end,
                active=ambient.active,
            )
            substep, more, _ = lymph_equations.step(tree, substep_inputs, sums.volume, members & ~done)
            volume = jnp.where(done, inputs.before, substep.volume)
            added = StepResult(
                volume,
                substep.pressure,
                sums.leaving + substep.leaving / SUBSTEPS,
                sums.uptake + substep.uptake / SUBSTEPS,
                sums.returned + substep.returned / SUBSTEPS,
                jnp.maximum(sums.relative_residual, substep.relative_residual),
            )
            return added, iterations + more

        nothing = jax.tree.map(jnp.zeros_like, result)
        substep, iterations = lax.fori_loop(
            0, SUBSTEPS, substep_of, (replace(nothing, volume=inputs.before), iterations)
        )
        return choose(best, done, substep), iterations, done

    return unless_done(done, result, iterations, with_tight_tolerance if loose else in_substeps)


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


def lymph_step(
    topology: DrainageTopology,
    parameters: DrainageParameters,
    drive: DrainageDrive,
    state: DrainageState,
    frozen: FrozenTissue,
    dt: Array,
    tolerance: Array | None = None,
) -> Callable[[Array, Array, StepCarry], StepCarry]:
    """The step of lymph within an interval, as a function of (number, number of steps, carry)."""
    tree, cells = topology.tree, parameters.lymphangions
    n, m = len(topology.initials), len(topology.initials) + len(topology.lymphangions)
    tail, head = np.array(topology.plexus_tail, int), np.array(topology.plexus_head, int)
    padding = jnp.zeros((len(topology.nodes), parameters.batch))
    begin, end = (steady_ambient(topology, parameters, frozen, placed) for placed in (state.placed, drive.placed))

    def step(number: Array, steps: Array, carry: StepCarry) -> StepCarry:
        part = (number + 1).astype(jnp.float64) / steps
        clock = state.clock + (number + 1).astype(jnp.float64) * dt
        width = lymphangion.diameter(cells, carry.lymph[n:m])
        pacing, fires = lymphangion.pace(cells, carry.pacing, topology.neighbours, width, drive.temperature, dt)
        now = jax.tree.map(lambda a, b: a + part * (b - a), begin, end)
        ambient = ambient_at(parameters, drive, now, pacing, clock)
        half = lymphangion.half_resistance(cells, parameters.viscosity, carry.lymph[n:m])
        tubes = jnp.concatenate([half, padding])
        # An initial lymphatic joins from the side: no tube of the collector is in series with it.
        tube = tubes + tree.value_downstream(tubes, jnp.zeros_like(tubes[:1]))[n:]
        sac = carry.lymph[:n]
        # The explicit plexus flow of a step is a small share of a sac's volume; the bound keeps it stable.
        pressure, _ = initial_lymphatic.sac_pressure(sac, parameters.initials.volume, parameters.initials.stiffness)
        hydrostatic = pressure + ambient.outside[:n] + now.hydrostatic
        bound = 0.02 * jnp.minimum(sac[tail], sac[head])
        plexus = jnp.clip(dt * (hydrostatic[tail] - hydrostatic[head]) / parameters.plexus.resistance, -bound, bound)
        protein = carry.content[0, m:] / carry.solute_volume[m:]
        unflattened = initial_lymphatic.openness(parameters.initials, sac)
        inputs = StepInputs(
            initials=parameters.initials,
            lymphangions=cells,
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
            lymph=exchange.oncotic_pressure(parameters.plasma.tissue_oncotic, protein),
            plasma=frozen.plasma,
            end=ambient.end,
            prescribed=jnp.concatenate([topology.sum_at_initials(-plexus, plexus) / dt, drive.inflow]),
            dt=dt,
            tolerance=tolerance,
        )
        expected = 2.0 * carry.change - carry.earlier
        result, iterations, whole = _solve_step(tree, inputs, carry.ambient, expected, state.alive & carry.sound)
        sound = carry.sound & _is_solution(result)
        passed, taken = dt * result.leaving, dt * result.uptake
        volumes = (passed, -passed, taken, -taken, plexus, -plexus)
        pending = jax.tree.map(
            lambda sum, more: sum + jnp.maximum(more, 0.0), carry.pending, PendingTransfers(*volumes)
        )
        active = (pacing.since < cells.contraction_time).astype(passed.dtype)
        pulsing = jnp.concatenate([active, padding])
        pulsed_share = jnp.maximum(
            jnp.concatenate([jnp.zeros_like(sac), pulsing]), tree.value_downstream(pulsing, jnp.zeros_like(pulsing[:1]))
        )
        volume = result.volume[n:m]
        fraction = fires * (1.0 - carry.systole / carry.diastole)
        flow = 0.5 * (result.leaving[n:m] + tree.arriving(result.leaving)[: m - n])
        shear = lymphangion.smoothed_shear(cells, parameters.viscosity, pacing.shear, flow, width, dt)
        totals = carry.totals
        # Values of failed members are undefined here; `interval` discards them.
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

    return step


def move_solutes(
    topology: DrainageTopology, drive: DrainageDrive, frozen: FrozenTissue, span: Array, carry: StepCarry
) -> StepCarry:
    """The carry with its solutes moved by the volumes transferred in the `span` s since they were last moved."""
    tree, pending, totals = topology.tree, carry.pending, carry.totals
    n = len(topology.initials)
    tail, head = np.array(topology.plexus_tail, int), np.array(topology.plexus_head, int)
    out = pending.released + topology.sum_at_initials(pending.along, pending.against)
    otherwise = jnp.concatenate([out, jnp.zeros_like(carry.solute_volume[n:])])
    density = lymph_equations.densities(
        tree, carry.content, carry.solute_volume, pending.ahead, pending.back, otherwise
    )
    solutes = lymph_equations.carried(tree, density, pending.ahead, pending.back)
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


def run_lymph_steps(
    topology: DrainageTopology,
    parameters: DrainageParameters,
    drive: DrainageDrive,
    state: DrainageState,
    frozen: FrozenTissue,
    zero_totals: IntervalTotals,
    dt: Array,
    steps: int | Array,
    tolerance: Array | None = None,
) -> StepCarry:
    """All steps of an interval; solutes move every `STEPS_PER_SOLUTE_UPDATE` steps."""
    count = jnp.asarray(steps, jnp.float64)
    step = lymph_step(topology, parameters, drive, state, frozen, dt, tolerance)
    begin = steady_ambient(topology, parameters, frozen, state.placed)
    zeros = jnp.zeros_like
    sac, plexus = state.lymph[: len(topology.initials)], zero_totals.plexus
    carry = StepCarry(
        lymph=state.lymph,
        content=state.lymph_content,
        solute_volume=state.lymph,
        pending=PendingTransfers(zero_totals.passed, zero_totals.passed, zeros(sac), zeros(sac), plexus, plexus),
        change=state.change,
        earlier=state.change,
        pacing=state.pacing,
        diastole=state.diastole,
        systole=state.systole,
        ambient=ambient_at(parameters, drive, begin, state.pacing, state.clock),
        totals=zero_totals,
        relative_residual=zeros(state.lymph),
        sound=state.alive,
    )

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
