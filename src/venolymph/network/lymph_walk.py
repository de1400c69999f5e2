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

LIMIT = 1e-2
"""A step that was this far off before its last Newton step, or went so far in it, as a share of what a cell holds, is
gone on with, then taken again in parts; if that fails too, it has failed."""

TOGETHER = 5
"""Steps after which solutes are moved with the volumes that passed in them."""

PARTS = 16
"""Parts that such a step is taken in."""


class Still(eqx.Module):
    """What does not change in the steps of one interval.

    Attributes:
        tissue: interstitial pressure without what presses from outside, at each initial lymphatic, mmHg.
        borne: share of what presses from outside that the fluid there takes, 1.
        lain: what slow tissue pressure adds outside each cell, mmHg.
        density: of solutes in the tissue at each initial lymphatic, mg/mL.
        ready: uptake per pressure difference, mL/s/mmHg.
        swing: of that difference, mmHg.
        plasma: oncotic pressure of plasma, mmHg.
    """

    tissue: Float[Array, "initials batch"]
    borne: Float[Array, "initials batch"]
    lain: Float[Array, "cells batch"]
    density: Float[Array, "solutes initials batch"]
    ready: Float[Array, "initials batch"]
    swing: Float[Array, "initials batch"]
    plasma: Float[Array, "one batch"]


class Steady(eqx.Module):
    """What lies around without pulses and breathing; see `Around`.

    Attributes:
        borne: share of what presses from outside that tissue fluid takes, 1.
        raised: weight of each sac's height, mmHg.
    """

    outside: Float[Array, "cells batch"]
    tissue: Float[Array, "initials batch"]
    head: Float[Array, "outflows batch"]
    end: Float[Array, "one batch"]
    borne: Float[Array, "initials batch"]
    raised: Float[Array, "initials batch"]


def steady(topology: DrainageTopology, parameters: Parameters, still: Still, placed: Placed) -> Steady:
    """What lies around where all is placed so."""
    where = np.array(topology.initial_compartment)
    height = jnp.concatenate([placed.compartment_height[where], placed.vessel_height])
    return Steady(
        outside=still.lain + jnp.concatenate([placed.on_initials, placed.on_vessels]),
        tissue=still.tissue + still.borne * placed.on_compartments[where],
        head=parameters.weight * (height - topology.tree.beyond(placed.vessel_height, placed.end_height)),
        end=placed.end_pressure,
        borne=still.borne,
        raised=parameters.weight * height[: len(where)],
    )


class Around(eqx.Module):
    """What changes evenly over a step: pressure outside cells, in tissue and at the end, heads, activation."""

    outside: Float[Array, "cells batch"]
    tissue: Float[Array, "initials batch"]
    head: Float[Array, "outflows batch"]
    end: Float[Array, "one batch"]
    active: Float[Array, "lymphangions batch"]


def around_at(parameters: Parameters, drive: Drive, now: Steady, pacing: Pacing, clock: Array) -> Around:
    """What lies around, with pulses and breathing at a time of the run."""
    turn = (clock - drive.pulse_begin) / drive.pulse_period
    beat = drive.beat_initials.at(turn)
    vessel_pulse = drive.beat_vessels.height * drive.beat_vessels.at(turn)
    breath = jnp.sin(2.0 * jnp.pi * clock / drive.breath_period)
    pressed = drive.beat_initials.height * beat, vessel_pulse + drive.breath_vessels * breath
    return Around(
        outside=now.outside + jnp.concatenate(pressed),
        tissue=now.tissue + now.borne * drive.pulse_tissue * beat,
        head=now.head,
        end=now.end + drive.breath_end * breath,
        active=lymphangion.activation(parameters.lymphangions, pacing.since),
    )


class Passing(eqx.Module):
    """Volumes that passed since solutes were last moved, one way and the other, mL.

    Attributes:
        ahead, back: through each outflow.
        taken, given: from tissue into each initial lymphatic, and back.
        along, against: through each stretch of plexus.
    """

    ahead: Float[Array, "outflows batch"]
    back: Float[Array, "outflows batch"]
    taken: Float[Array, "initials batch"]
    given: Float[Array, "initials batch"]
    along: Float[Array, "plexus batch"]
    against: Float[Array, "plexus batch"]


class Walk(eqx.Module):
    """What goes from one step of lymph to the next.

    Attributes:
        held: what cells held when solutes were last moved, mL.
        change: of volume in the step before, mL.
        earlier: in the one before that.
    """

    lymph: Float[Array, "cells batch"]
    content: Float[Array, "solutes cells batch"]
    held: Float[Array, "cells batch"]
    passing: Passing
    change: Float[Array, "cells batch"]
    earlier: Float[Array, "cells batch"]
    pacing: Pacing
    diastole: Float[Array, "lymphangions batch"]
    systole: Float[Array, "lymphangions batch"]
    around: Around
    tally: Tally
    missing: Float[Array, "cells batch"]
    sound: Bool[Array, "one batch"]


def _solved(moved: Moved) -> Array:
    """Whether each member's step is a solution."""
    fine = jnp.isfinite(moved.volume) & (moved.volume > 0.0) & (moved.missing < LIMIT)
    return jnp.all(fine, axis=0, keepdims=True)


Further = Callable[[Array, Moved, Array], tuple[Moved, Array, Array]]
"""Goes on for members that are not done, with the best so far and the iterations that it took."""


def _move(tree: Tree, given: Given, before: Around, change: Array, asked: Array) -> tuple[Moved, Array, Array]:
    """A step of lymph: whole, gone on with where its end goes far, or in parts where that is no solution either."""
    bound = 0.1 * given.before
    guess = given.before + jnp.clip(change, -bound, bound)
    # What is differentiated is brought nearer still from here, which must not begin far off: it comes near at once.
    quick = given.tolerance is None
    near = lymph_flow.NEAR if quick else lymph_flow.NEARER
    whole, turns, reached = lymph_flow.step(tree, given, guess, asked, near)
    done = _solved(whole) & reached

    def kept(first: Moved, done: Array, second: Moved) -> Moved:
        return jax.tree.map(lambda a, b: jnp.where(done, a, b), first, second)

    def unless(done: Array, best: Moved, turns: Array, further: Further) -> tuple[Moved, Array, Array]:
        """The best so far where it will do for all, else what is found further on."""
        return lax.cond(jnp.all(done | ~asked), lambda: (best, turns, done), lambda: further(done, best, turns))

    def nearer(done: Array, best: Moved, turns: Array) -> tuple[Moved, Array, Array]:
        # Where Newton was lost its last step may have gone anywhere.
        arrived = jnp.clip(best.volume, 0.7 * given.before, 1.3 * given.before)
        second, more, reached = lymph_flow.step(tree, given, arrived, asked & ~done)
        return unless(done | (_solved(second) & reached), kept(best, done, second), turns + more, in_parts)

    def in_parts(done: Array, best: Moved, turns: Array) -> tuple[Moved, Array, Array]:
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
            moved, more, _ = lymph_flow.step(tree, small, sums.volume, asked & ~done)
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
        moved, turns = lax.fori_loop(0, PARTS, one, (replace(nothing, volume=given.before), turns))
        return kept(best, done, moved), turns, done

    return unless(done, whole, turns, nearer if quick else in_parts)


def _valves(parameters: Parameters, lymph: Array, width: Array, unflattened: Array) -> LymphValves:
    """Outflows as they are now: flat sacs let little out, a fuller node may resist less, and a distended lymphangion's
    valve may leak more.

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
    parameters: Parameters,
    drive: Drive,
    state: State,
    still: Still,
    dt: Array,
    tolerance: Array | None = None,
) -> Callable[[Array, Array, Walk], Walk]:
    """The step of lymph within an interval, as a function of (number, number of steps, walk)."""
    tree, cells = topology.tree, parameters.lymphangions
    n, m = len(topology.initials), len(topology.initials) + len(topology.lymphangions)
    tail, head = np.array(topology.plexus_tail, int), np.array(topology.plexus_head, int)
    padding = jnp.zeros((len(topology.nodes), parameters.batch))
    begin, end = (steady(topology, parameters, still, placed) for placed in (state.placed, drive.placed))

    def step(number: Array, steps: Array, walk: Walk) -> Walk:
        part = (number + 1).astype(jnp.float64) / steps
        clock = state.clock + (number + 1).astype(jnp.float64) * dt
        width = lymphangion.diameter(cells, walk.lymph[n:m])
        pacing, fires = lymphangion.pace(cells, walk.pacing, topology.around, width, drive.temperature, dt)
        now = jax.tree.map(lambda a, b: a + part * (b - a), begin, end)
        around = around_at(parameters, drive, now, pacing, clock)
        half = lymphangion.half_resistance(cells, parameters.viscosity, walk.lymph[n:m])
        tubes = jnp.concatenate([half, padding])
        # An initial lymphatic joins from the side: no tube of the collector's lies in series with it.
        tube = tubes + tree.beyond(tubes, jnp.zeros_like(tubes[:1]))[n:]
        sac = walk.lymph[:n]
        # What a plexus carries in a step is little of what a sac holds; the bound keeps it so.
        pressure, _ = initial_lymphatic.sac_pressure(sac, parameters.initials.volume, parameters.initials.stiffness)
        raised = pressure + around.outside[:n] + now.raised
        bound = 0.02 * jnp.minimum(sac[tail], sac[head])
        plexus = jnp.clip(dt * (raised[tail] - raised[head]) / parameters.plexus.resistance, -bound, bound)
        protein = walk.content[0, m:] / walk.held[m:]
        unflattened = initial_lymphatic.openness(parameters.initials, sac)
        given = Given(
            initials=parameters.initials,
            lymphangions=cells,
            nodes=parameters.nodes,
            valves=_valves(parameters, walk.lymph, width, unflattened),
            before=walk.lymph,
            outside=around.outside,
            head=around.head,
            tube=jnp.concatenate([jnp.zeros_like(sac), tube]),
            active=around.active,
            tissue=around.tissue,
            ready=still.ready * unflattened,
            swing=still.swing,
            lymph=exchange.oncotic_pressure(parameters.plasma.tissue_oncotic, protein),
            plasma=still.plasma,
            end=around.end,
            prescribed=jnp.concatenate([topology.beside(-plexus, plexus) / dt, drive.inflow]),
            dt=dt,
            tolerance=tolerance,
        )
        expected = 2.0 * walk.change - walk.earlier
        moved, turns, whole = _move(tree, given, walk.around, expected, state.alive & walk.sound)
        sound = walk.sound & _solved(moved)
        passed, taken = dt * moved.leaving, dt * moved.uptake
        volumes = (passed, -passed, taken, -taken, plexus, -plexus)
        passing = jax.tree.map(lambda sum, more: sum + jnp.maximum(more, 0.0), walk.passing, Passing(*volumes))
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
        # A member that has failed walks on as nonsense: the interval keeps nothing of it.
        return Walk(
            lymph=moved.volume,
            content=walk.content,
            held=walk.held,
            passing=passing,
            change=moved.volume - walk.lymph,
            earlier=walk.change,
            pacing=replace(pacing, shear=shear),
            diastole=jnp.where(fires > 0.0, volume, walk.diastole),
            systole=jnp.where(fires > 0.0, volume, jnp.minimum(walk.systole, volume)),
            around=around,
            tally=replace(
                tally,
                pulsed=tally.pulsed + near * passed,
                returned=tally.returned + dt * moved.returned,
                pressure=tally.pressure + moved.pressure,
                contractions=tally.contractions + fires,
                ejected=tally.ejected + fraction,
                iterations=tally.iterations + turns.astype(jnp.float64),
                parted=tally.parted + (~whole).astype(jnp.float64),
            ),
            missing=jnp.maximum(walk.missing, moved.missing),
            sound=sound,
        )

    return step


def move_solutes(topology: DrainageTopology, drive: Drive, still: Still, span: Array, walk: Walk) -> Walk:
    """A walk whose solutes have gone with the volumes that passed in the `span` s since they were last moved."""
    tree, passing, tally = topology.tree, walk.passing, walk.tally
    n = len(topology.initials)
    tail, head = np.array(topology.plexus_tail, int), np.array(topology.plexus_head, int)
    out = passing.given + topology.beside(passing.along, passing.against)
    otherwise = jnp.concatenate([out, jnp.zeros_like(walk.held[n:])])
    density = lymph_flow.densities(tree, walk.content, walk.held, passing.ahead, passing.back, otherwise)
    solutes = lymph_flow.carried(tree, density, passing.ahead, passing.back)
    taken = still.density * passing.taken[None] - density[:, :n] * passing.given[None]
    plexus = density[:, tail] * passing.along[None] - density[:, head] * passing.against[None]
    gained = taken + jax.vmap(topology.beside)(-plexus, plexus)
    arrived = jax.vmap(tree.arriving)(solutes) + span * drive.inflow_solutes
    return replace(
        walk,
        content=walk.content - solutes + jnp.concatenate([gained, arrived], axis=1),
        held=walk.lymph,
        passing=jax.tree.map(jnp.zeros_like, passing),
        tally=replace(
            tally,
            passed=tally.passed + passing.ahead - passing.back,
            solutes=tally.solutes + solutes,
            uptake=tally.uptake + passing.taken - passing.given,
            uptake_solutes=tally.uptake_solutes + taken,
            plexus=tally.plexus + passing.along - passing.against,
            plexus_solutes=tally.plexus_solutes + plexus,
        ),
    )


def walked(
    topology: DrainageTopology,
    parameters: Parameters,
    drive: Drive,
    state: State,
    still: Still,
    nothing: Tally,
    dt: Array,
    steps: int | Array,
    tolerance: Array | None = None,
) -> Walk:
    """All steps of an interval, and its solutes `TOGETHER` steps at a time."""
    count = jnp.asarray(steps, jnp.float64)
    step = lymph_step(topology, parameters, drive, state, still, dt, tolerance)
    begin = steady(topology, parameters, still, state.placed)
    zeros = jnp.zeros_like
    sac, plexus = state.lymph[: len(topology.initials)], nothing.plexus
    walk = Walk(
        lymph=state.lymph,
        content=state.lymph_content,
        held=state.lymph,
        passing=Passing(nothing.passed, nothing.passed, zeros(sac), zeros(sac), plexus, plexus),
        change=state.change,
        earlier=state.change,
        pacing=state.pacing,
        diastole=state.diastole,
        systole=state.systole,
        around=around_at(parameters, drive, begin, state.pacing, state.clock),
        tally=nothing,
        missing=zeros(state.lymph),
        sound=state.alive,
    )

    def group(number: Array, several: int | Array, walk: Walk) -> Walk:
        walk = lax.fori_loop(0, several, lambda k, walk: step(number * TOGETHER + k, count, walk), walk)
        return move_solutes(topology, drive, still, several * dt, walk)

    if isinstance(steps, int):  # loops of known length are differentiated in reverse
        groups, rest = divmod(steps, TOGETHER)
        walk = lax.fori_loop(0, groups, lambda number, walk: group(number, TOGETHER, walk), walk)
        return group(jnp.asarray(groups), rest, walk) if rest else walk

    def full(number: Array, walk: Walk) -> Walk:
        return group(number, jnp.minimum(steps - number * TOGETHER, TOGETHER), walk)

    return lax.fori_loop(0, -(-steps // TOGETHER), full, walk)
