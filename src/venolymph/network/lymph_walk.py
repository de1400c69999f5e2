"""The steps that lymph takes within an exchange interval, against tissue that holds still.

A step lets pacemakers run, takes what lies around at its end, solves for volumes and flows (`lymph_flow`), and moves
solutes with them. The dermal plexus is slow and is carried explicitly. Where a step is no solution it is taken again in
parts, for those members alone.
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

from venolymph.network import exchange, initial_lymphatic, lymph_flow, lymphangion
from venolymph.network.drainage_parts import DrainageTopology, Drive, Parameters, Placed, State, Tally
from venolymph.network.lymph_flow import Given, Moved, Tree
from venolymph.network.lymphangion import LymphValves, Pacing

LIMIT = 3e-3
"""A step that was this far off before its last Newton step, as a share of what a cell holds, is taken again in parts;
if that fails too, it has failed."""

PARTS = 16
"""Parts that such a step is taken in."""


def _pulse(turn: Array, share: Array) -> Array:
    """A pulse of height 1 that begins at turn 0."""
    part = turn - jnp.floor(turn)
    return 0.5 * (1.0 - jnp.cos(2.0 * jnp.pi * jnp.minimum(part / share, 1.0)))


class Still(eqx.Module):
    """What does not change in the steps of one interval.

    Attributes:
        tissue: interstitial pressure without what presses from outside, at each initial lymphatic, mmHg.
        lain: what slow tissue pressure adds outside each cell, mmHg.
        density: of solutes in the tissue at each initial lymphatic, mg/mL.
        ready: uptake per pressure difference, mL/s/mmHg.
        plasma: oncotic pressure of plasma, mmHg.
    """

    tissue: Float[Array, "initials batch"]
    lain: Float[Array, "cells batch"]
    density: Float[Array, "solutes initials batch"]
    ready: Float[Array, "initials batch"]
    plasma: Float[Array, "one batch"]


class Around(eqx.Module):
    """What changes evenly over a step: pressure outside cells, in tissue and at the end, heads, activation."""

    outside: Float[Array, "cells batch"]
    tissue: Float[Array, "initials batch"]
    head: Float[Array, "outflows batch"]
    end: Float[Array, "one batch"]
    active: Float[Array, "lymphangions batch"]


def around_at(
    topology: DrainageTopology,
    parameters: Parameters,
    drive: Drive,
    before: Placed,
    still: Still,
    pacing: Pacing,
    part: Array,
    clock: Array,
) -> Around:
    """What lies around, at a part (0 to 1) of the interval and a time of the run."""
    now = jax.tree.map(lambda a, b: a + part * (b - a), before, drive.placed)
    turn = (clock - drive.pulse_begin) / drive.pulse_period
    beat = _pulse(turn - drive.onset_initials, drive.share_initials)
    vessel_pulse = drive.pulse_vessels * _pulse(turn - drive.onset_vessels, drive.share_vessels)
    breath = jnp.sin(2.0 * jnp.pi * clock / drive.breath_period)
    pressed = (
        now.on_initials + drive.pulse_initials * beat,
        now.on_vessels + vessel_pulse + drive.breath_vessels * breath,
    )
    where = np.array(topology.initial_compartment)
    height = jnp.concatenate([now.compartment_height[where], now.vessel_height])
    return Around(
        outside=still.lain + jnp.concatenate(pressed),
        tissue=still.tissue + now.on_compartments[where] + drive.pulse_tissue * beat,
        head=parameters.weight * (height - topology.tree.beyond(now.vessel_height, now.end_height)),
        end=now.end_pressure + drive.breath_end * breath,
        active=lymphangion.activation(parameters.lymphangions, pacing.since),
    )


class Walk(eqx.Module):
    """What goes from one step of lymph to the next."""

    lymph: Float[Array, "cells batch"]
    content: Float[Array, "solutes cells batch"]
    change: Float[Array, "cells batch"]
    pacing: Pacing
    diastole: Float[Array, "lymphangions batch"]
    systole: Float[Array, "lymphangions batch"]
    around: Around
    tally: Tally
    sound: Bool[Array, "one batch"]


def _solved(moved: Moved) -> Array:
    """Whether each member's step is a solution."""
    fine = jnp.all(jnp.isfinite(moved.volume) & (moved.volume > 0.0), axis=0, keepdims=True)
    return fine & (moved.missing < LIMIT)


def _move(tree: Tree, given: Given, before: Around, change: Array, asked: Array) -> tuple[Moved, Array, Array]:
    """A step of lymph: whole, or in parts for members for which the whole is no solution."""
    bound = 0.1 * given.before
    whole, turns = lymph_flow.step(tree, given, given.before + jnp.clip(change, -bound, bound), asked)
    done = _solved(whole)

    def in_parts() -> tuple[Moved, Array]:
        after = Around(given.outside, given.tissue, given.head, given.end, given.active)

        def one(number: Array, carry: tuple[Moved, Array]) -> tuple[Moved, Array]:
            sums, turns = carry
            part = (number + 1).astype(jnp.float64) / PARTS
            here = jax.tree.map(lambda a, b: a + part * (b - a), before, after)
            small = replace(
                given,
                before=sums.volume,
                dt=given.dt / PARTS,
                outside=here.outside,
                tissue=here.tissue,
                head=here.head,
                end=here.end,
                active=here.active,
            )
            moved, more = lymph_flow.step(tree, small, sums.volume, asked & ~done)
            volume = jnp.where(done, given.before, moved.volume)
            added = Moved(
                volume,
                moved.pressure,
                sums.leaving + moved.leaving / PARTS,
                sums.uptake + moved.uptake / PARTS,
                sums.returned + moved.returned / PARTS,
                jnp.maximum(sums.missing, moved.missing),
            )
            return added, turns + more

        nothing = jax.tree.map(jnp.zeros_like, whole)
        return lax.fori_loop(0, PARTS, one, (replace(nothing, volume=given.before), turns))

    moved, turns = lax.cond(jnp.all(done | ~asked), lambda: (whole, turns), in_parts)
    moved = jax.tree.map(lambda a, b: jnp.where(done, a, b), whole, moved)
    return moved, turns, done


def _valves(parameters: Parameters, lymph: Array, width: Array, n: int) -> LymphValves:
    """Outflows as they are now: a fuller node may resist less, and a distended lymphangion's valve may leak more.

    R = R_open (V / V0)^-k of a node's outflow, k its `opening`; leak = leak_shut + l max(0, D / Df - 1) / R_open.
    """
    valves, nodes, cells = parameters.valves, parameters.nodes, parameters.lymphangions
    m = n + width.shape[0]
    full = jnp.exp(-nodes.opening * jnp.log(lymph[m:] / nodes.volume))
    stretched = cells.leak_gain * jax.nn.relu(width / cells.leak_diameter - 1.0) / valves.resistance[n:m]
    return replace(
        valves,
        resistance=jnp.concatenate([valves.resistance[:m], valves.resistance[m:] * full]),
        leak=jnp.concatenate([valves.leak[:n], valves.leak[n:m] + stretched, valves.leak[m:]]),
    )


def lymph_step(
    topology: DrainageTopology,
    parameters: Parameters,
    drive: Drive,
    state: State,
    still: Still,
    dt: Array,
    asked: Array,
) -> Callable[[Array, Array, Walk], Walk]:
    """The step of lymph within an interval, as a function of (number, number of steps, walk)."""
    tree, cells = topology.tree, parameters.lymphangions
    n, m = len(topology.initials), len(topology.initials) + len(topology.lymphangions)
    tail, head = np.array(topology.plexus_tail, int), np.array(topology.plexus_head, int)
    padding = jnp.zeros((len(topology.nodes), parameters.batch))

    def step(number: Array, steps: Array, walk: Walk) -> Walk:
        part = (number + 1).astype(jnp.float64) / steps
        clock = state.clock + (number + 1).astype(jnp.float64) * dt
        width = lymphangion.diameter(cells, walk.lymph[n:m])
        pacing, fires = lymphangion.pace(cells, walk.pacing, topology.around, width, drive.temperature, dt)
        around = around_at(topology, parameters, drive, state.placed, still, pacing, part, clock)
        half = lymphangion.half_resistance(cells, parameters.viscosity, walk.lymph[n:m])
        tubes = jnp.concatenate([half, padding])
        # An initial lymphatic joins from the side: no tube of the collector's lies in series with it.
        tube = tubes + tree.beyond(tubes, jnp.zeros_like(tubes[:1]))[n:]
        sac = walk.lymph[:n]
        # What a plexus carries in a step is little of what a sac holds; the bound keeps it so.
        pressure, _ = initial_lymphatic.sac_pressure(sac, parameters.initials.volume, parameters.initials.stiffness)
        pressure = pressure + around.outside[:n]
        where = np.array(topology.initial_compartment)
        height = (
            state.placed.compartment_height[where]
            + part * (drive.placed.compartment_height - state.placed.compartment_height)[where]
        )
        raised = pressure + parameters.weight * height
        bound = 0.02 * jnp.minimum(sac[tail], sac[head])
        plexus = jnp.clip(dt * (raised[tail] - raised[head]) / parameters.plexus.resistance, -bound, bound)
        spread = jnp.zeros_like(sac).at[tail].add(-plexus).at[head].add(plexus)
        protein = walk.content[0, m:] / walk.lymph[m:]
        given = Given(
            initials=parameters.initials,
            lymphangions=cells,
            nodes=parameters.nodes,
            valves=_valves(parameters, walk.lymph, width, n),
            before=walk.lymph,
            outside=around.outside,
            head=around.head,
            tube=jnp.concatenate([jnp.zeros_like(sac), tube]),
            active=around.active,
            tissue=around.tissue,
            ready=still.ready,
            lymph=exchange.oncotic_pressure(parameters.plasma.tissue_oncotic, protein),
            plasma=still.plasma,
            end=around.end,
            prescribed=jnp.concatenate([spread / dt, drive.inflow]),
            dt=dt,
        )
        moved, turns, whole = _move(tree, given, walk.around, walk.change, asked & walk.sound)
        sound = walk.sound & _solved(moved)
        passed, taken = dt * moved.leaving, dt * moved.uptake
        back = jnp.maximum(-taken, 0.0)
        out = back.at[tail].add(jnp.maximum(plexus, 0.0)).at[head].add(jnp.maximum(-plexus, 0.0))
        otherwise = jnp.concatenate([out, jnp.zeros_like(walk.lymph[n:])])
        density = lymph_flow.densities(tree, walk.content, walk.lymph, passed, otherwise)
        solutes = lymph_flow.carried(tree, density, passed)
        taken_solutes = still.density * jnp.maximum(taken, 0.0)[None] - density[:, :n] * back[None]
        ahead, behind = jnp.maximum(plexus, 0.0)[None], jnp.minimum(plexus, 0.0)[None]
        plexus_solutes = density[:, tail] * ahead + density[:, head] * behind
        gained = taken_solutes.at[:, tail].add(-plexus_solutes).at[:, head].add(plexus_solutes)
        arrived = jnp.stack([tree.arriving(row) for row in solutes]) + dt * drive.inflow_solutes
        content = walk.content - solutes + jnp.concatenate([gained, arrived], axis=1)
        active = (pacing.since < cells.contraction_time).astype(passed.dtype)
        pulsing = jnp.concatenate([active, padding])
        near = jnp.maximum(
            jnp.concatenate([jnp.zeros_like(sac), pulsing]), tree.beyond(pulsing, jnp.zeros_like(pulsing[:1]))
        )
        volume = moved.volume[n:m]
        fraction = fires * (1.0 - walk.systole / walk.diastole)
        flow = 0.5 * (moved.leaving[n:m] + tree.arriving(moved.leaving)[: m - n])
        shear = lymphangion.smoothed_shear(cells, parameters.viscosity, pacing.shear, flow, width, dt)
        tally = walk.tally
        count = jnp.broadcast_to(turns.astype(jnp.float64), sound.shape)
        # A member that has failed walks on as nonsense: the interval keeps nothing of it.
        return Walk(
            lymph=moved.volume,
            content=content,
            change=moved.volume - walk.lymph,
            pacing=replace(pacing, shear=shear),
            diastole=jnp.where(fires > 0.0, volume, walk.diastole),
            systole=jnp.where(fires > 0.0, volume, jnp.minimum(walk.systole, volume)),
            around=around,
            tally=Tally(
                passed=tally.passed + passed,
                pulsed=tally.pulsed + near * passed,
                solutes=tally.solutes + solutes,
                uptake=tally.uptake + taken,
                uptake_solutes=tally.uptake_solutes + taken_solutes,
                returned=tally.returned + dt * moved.returned,
                plexus=tally.plexus + plexus,
                plexus_solutes=tally.plexus_solutes + plexus_solutes,
                pressure=tally.pressure + moved.pressure,
                contractions=tally.contractions + fires,
                ejected=tally.ejected + fraction,
                missing=jnp.maximum(tally.missing, moved.missing),
                iterations=tally.iterations + count,
                parted=tally.parted + (~whole).astype(jnp.float64),
            ),
            sound=sound,
        )

    return step
