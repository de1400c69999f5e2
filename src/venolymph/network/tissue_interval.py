"""Tissue and capillaries over one exchange interval, once lymph has taken its steps.

Beds filter, fluid seeps between neighbours, depots dissolve; what initial lymphatics took is gone. Each transfer is
booked once with both partners.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from venolymph.network import depot, exchange, initial_lymphatic, interstitium
from venolymph.network.drainage_types import (
    LYMPH_FAILED,
    TISSUE_FAILED,
    DrainageDrive,
    DrainageParameters,
    DrainageState,
    DrainageTopology,
    IntervalRecord,
    IntervalTotals,
)
from venolymph.network.lymph_ambient import FrozenTissue
from venolymph.network.lymph_steps import StepCarry
from venolymph.network.plasma import oncotic_pressure

EMPTY = 0.05
"""Share of its resting fluid below which a compartment has failed, 1."""


@dataclass(frozen=True)
class TissueInterval:
    """One exchange interval.

    Attributes:
        topology: of the drainage.
        parameters: of the drainage.
        drive: of the interval.
        state: at its start.
        tissue: the same in terms of the tissue.
        span: length of the interval, s.
    """

    topology: DrainageTopology
    parameters: DrainageParameters
    drive: DrainageDrive
    state: DrainageState
    tissue: TissueBefore
    span: Array

    @property
    def fed(self) -> np.ndarray:
        """The compartment that each bed lies in."""
        return np.array(self.topology.bed_compartment, int)

    @property
    def drained(self) -> np.ndarray:
        """The compartment that each initial lymphatic lies in."""
        return np.array(self.topology.initial_compartment)

    @property
    def links(self) -> tuple[np.ndarray, np.ndarray]:
        """The compartments at the tail and at the head of each link."""
        return np.array(self.topology.link_tail, int), np.array(self.topology.link_head, int)


@dataclass(frozen=True)
class TissueBefore:
    """The tissue at the start of an interval.

    Attributes:
        swelling: volume of fluid relative to its reference, 1.
        pressure: interstitial pressure without external pressure, mmHg.
        available: volume that each solute can enter, mL.
        density: concentration of each solute in it, mg/mL.
        borne: share of external pressure that the fluid bears, 1.
    """

    swelling: Float[Array, "compartments batch"]
    pressure: Float[Array, "compartments batch"]
    available: Float[Array, "solutes compartments batch"]
    density: Float[Array, "solutes compartments batch"]
    borne: Float[Array, "compartments batch"]


@dataclass(frozen=True)
class FromBlood:
    """What beds give to tissue in an interval.

    Attributes:
        opened: share of open capillaries at its end, 1.
        pressure: in the capillaries, mmHg.
        plasma_flow: through them, mL/s.
        filtered: volume filtered, mL.
        solutes: what leaked with it, mg.
    """

    opened: Float[Array, "beds batch"]
    pressure: Float[Array, "beds batch"]
    plasma_flow: Float[Array, "beds batch"]
    filtered: Float[Array, "beds batch"]
    solutes: Float[Array, "solutes beds batch"]


@dataclass(frozen=True)
class Seepage:
    """What seeps along the links between compartments in an interval: volume, mL, and solutes, mg."""

    volume: Float[Array, "links batch"]
    solutes: Float[Array, "solutes links batch"]


@dataclass(frozen=True)
class TissueGains:
    """What compartments gain in an interval.

    Attributes:
        volume: of fluid, mL.
        solutes: in the fluid, but for what depots give, mg.
        dissolved: from depots into the fluid around them, mg.
        drawn: from depots straight into each initial lymphatic, mg.
    """

    volume: Float[Array, "compartments batch"]
    solutes: Float[Array, "solutes compartments batch"]
    dissolved: Float[Array, "solutes compartments batch"]
    drawn: Float[Array, "solutes initials batch"]


def tissue_pressure(parameters: DrainageParameters, state: DrainageState) -> Float[Array, "compartments batch"]:
    """Interstitial pressure without external pressure, mmHg."""
    return interstitium.elastic_pressure(parameters.tissue, state.volume / parameters.tissue.volume) + jnp.sum(
        state.stress, axis=0
    )


def _into(rows: int, where: np.ndarray, values: Array) -> Array:
    """Sum of values (n batch) or (solutes n batch) by the row that each belongs to."""
    start = jnp.zeros((*values.shape[:-2], rows, values.shape[-1]))
    return start.at[..., where, :].add(values)


def tissue_before(parameters: DrainageParameters, state: DrainageState) -> TissueBefore:
    """The tissue at the start of an interval."""
    swelling = state.volume / parameters.tissue.volume
    pressure = tissue_pressure(parameters, state)
    available = interstitium.available_volume(parameters.tissue, state.volume)
    density = state.content / available
    return TissueBefore(swelling, pressure, available, density, interstitium.borne_share(parameters.tissue, swelling))


def freeze_tissue(
    topology: DrainageTopology, parameters: DrainageParameters, drive: DrainageDrive, tissue: TissueBefore
) -> FrozenTissue:
    """The tissue as lymph finds it during the whole interval."""
    where = np.array(topology.initial_compartment)
    lying = np.array(topology.lymphangion_compartment, int)
    plasma = parameters.plasma
    return FrozenTissue(
        tissue=tissue.pressure[where],
        borne=tissue.borne[where],
        slow_pressure=jnp.concatenate(
            [
                parameters.initials.tissue_share * tissue.pressure[where],
                parameters.lymphangions.tissue_share * tissue.pressure[lying],
                jnp.zeros((len(topology.nodes), parameters.batch)),
            ]
        ),
        density=tissue.density[:, where],
        uptake_conductance=initial_lymphatic.uptake_conductance(parameters.initials, tissue.swelling[where]),
        swing=initial_lymphatic.swing(parameters.initials, drive.strain, drive.strain_rate, drive.worked),
        plasma=oncotic_pressure(plasma.plasma_oncotic, plasma.concentration[:1]),
    )


def exchange_with_blood(one: TissueInterval, pressed: Array, felt: Array) -> FromBlood:
    """Filtration and leak of solutes in an interval.

    Args:
        one: the interval.
        pressed: external pressure on the compartments, mmHg, shape (compartments, batch).
        felt: pressure of their fluid, mmHg, the same shape.
    """
    parameters, drive, span = one.parameters, one.drive, one.span
    beds, plasma, lies = parameters.beds, parameters.plasma, one.fed
    goal = exchange.closure_goal(beds, drive.column, drive.venous - pressed[lies])
    opened = goal + (one.state.opened - goal) * jnp.exp(-span / beds.closure_time)
    capillary = exchange.capillary_pressure(beds, drive.warmth, opened, drive.venous, drive.arterial)
    open_capillaries = (1.0 + beds.recruitment * drive.exercised) * opened
    flow = beds.plasma_flow * opened * drive.warmth * (1.0 + drive.exercised)
    filtered = exchange.filtration(
        beds, plasma, open_capillaries, flow, capillary, felt[lies], one.tissue.density[0][lies]
    )
    blood = plasma.concentration[:, None] * exchange.thickening(filtered[None], flow[None], beds.reflection)
    permeability = open_capillaries[None] * beds.permeability
    leaked = exchange.solute_flow(
        jnp.broadcast_to(filtered, beds.reflection.shape),
        beds.reflection,
        permeability,
        blood,
        one.tissue.density[:, lies],
    )
    return FromBlood(opened, capillary, flow, span * filtered, span * leaked)


def seep(one: TissueInterval, felt: Array) -> Seepage:
    """Flow between neighbouring compartments in an interval; `felt` is the pressure of their fluid, mmHg."""
    parameters, state, drive, density, swelling = (
        one.parameters, one.state, one.drive, one.tissue.density, one.tissue.swelling
    )  # fmt: skip
    tail, head = one.links
    height = 0.5 * (state.placed.compartment_height + drive.placed.compartment_height)
    raised = felt + parameters.weight * height
    bound = 0.02 * jnp.minimum(state.volume[tail], state.volume[head])
    mean = 0.5 * (swelling[tail] + swelling[head])
    seeped = one.span * interstitium.darcy_flow(parameters.links, mean, raised[tail] - raised[head])
    seeped = jnp.clip(seeped, -bound, bound)
    solutes = density[:, tail] * jnp.maximum(seeped, 0.0)[None] + density[:, head] * jnp.minimum(seeped, 0.0)[None]
    return Seepage(seeped, solutes)


def book_gains(one: TissueInterval, totals: IntervalTotals, blood: FromBlood, seepage: Seepage) -> TissueGains:
    """The gains of compartments from beds, initial lymphatics, their neighbours and depots."""
    rows = partial(_into, len(one.topology.compartments))
    lies, where, (tail, head) = one.fed, one.drained, one.links
    gain = rows(lies, blood.filtered) - rows(where, totals.uptake) - rows(tail, seepage.volume)
    gain = gain + rows(head, seepage.volume)
    gain_solutes = rows(lies, blood.solutes) - rows(where, totals.uptake_solutes) - rows(tail, seepage.solutes)
    gain_solutes = gain_solutes + rows(head, seepage.solutes)
    formed = rows(where, totals.uptake)
    drawn, dissolved = depot.clear_depots(
        one.parameters.depots, one.state.depot, formed, one.tissue.available, one.span
    )
    drawn = drawn[:, where] * (totals.uptake / jnp.maximum(formed, 1e-30)[where])[None]
    drawn = jnp.where((formed > 0.0)[where], drawn, 0.0)
    return TissueGains(gain, gain_solutes, dissolved, drawn)


def reach_end(one: TissueInterval, lymph: StepCarry, blood: tuple[Array, Array], gains: TissueGains) -> DrainageState:
    """The state at the end of an interval; members that fail keep that at its start.

    Args:
        one: the interval.
        lymph: after its last step.
        blood: share of open capillaries of each bed at the end, 1, shape (beds, batch), and gain of plasma's volume, 1.
        gains: of the compartments.
    """
    tissue, state, where = one.parameters.tissue, one.state, one.drained
    opened, gained = blood
    volume, content = state.volume + gains.volume, state.content + gains.solutes + gains.dissolved
    wet = jnp.all(jnp.isfinite(volume) & (volume > EMPTY * tissue.volume), axis=0, keepdims=True)
    wet = wet & jnp.all(jnp.isfinite(content) & (content >= 0.0), axis=(0, 1))[None]
    sound = lymph.sound & wet
    fresh = DrainageState(
        volume=volume,
        content=content,
        depot=state.depot - _into(len(one.topology.compartments), where, gains.drawn) - gains.dissolved,
        stress=interstitium.relax_stress(tissue, state.stress, gains.volume / tissue.volume, one.span),
        opened=opened,
        gained=gained,
        lymph=lymph.lymph,
        lymph_content=lymph.content.at[:, : len(where)].add(gains.drawn),
        change=lymph.change,
        pacing=lymph.pacing,
        diastole=lymph.diastole,
        systole=lymph.systole,
        placed=one.drive.placed,
        clock=state.clock,
        alive=sound,
        failed_at=state.failed_at,
        cause=state.cause,
    )
    kept = jax.tree.map(lambda new, old: jnp.where(sound, new, old), fresh, state)
    fails = state.alive & ~sound
    return replace(
        kept,
        clock=state.clock + one.span,
        alive=sound,
        failed_at=jnp.where(fails, state.clock, state.failed_at),
        cause=jnp.where(fails, jnp.where(lymph.sound, TISSUE_FAILED, LYMPH_FAILED), state.cause),
    )


def zero_where_failed(tree: Any, sound: Bool[Array, "one batch"]) -> Any:
    """The arrays of a tree, 0 for members that failed."""
    return jax.tree.map(lambda value: jnp.where(sound, value, 0.0), tree)


def record_interval(
    reached: DrainageState, one: TissueInterval, totals: IntervalTotals, moved: tuple[FromBlood, Seepage], felt: Array
) -> IntervalRecord:
    """What is kept of an interval.

    Args:
        reached: state at its end.
        one: the interval.
        totals: of its steps of lymph, 0 for members that failed.
        moved: between blood and compartments, and between compartments.
        felt: pressure of the fluid in compartments, mmHg, shape (compartments, batch).
    """
    blood, seepage = moved
    topology, drive = one.topology, one.drive

    def sound(value: Array) -> Array:
        return zero_where_failed(value, reached.alive)

    return IntervalRecord(
        totals=totals,
        filtered=sound(blood.filtered),
        filtered_solutes=sound(blood.solutes),
        seeped=sound(seepage.volume),
        seeped_solutes=sound(seepage.solutes),
        entered=sound(one.span * drive.inflow),
        entered_solutes=sound(one.span * drive.inflow_solutes),
        angle=_ending(topology, totals.passed),
        angle_solutes=_ending(topology, totals.solutes),
        volume=reached.volume,
        content=reached.content + reached.depot,
        pressure=sound(felt),
        oncotic=sound(oncotic_pressure(one.parameters.plasma.tissue_oncotic, one.tissue.density[0])),
        capillary=sound(blood.pressure),
        plasma_flow=sound(blood.plasma_flow),
        plasma_protein=sound(one.parameters.plasma.concentration[:1]),
        opened=reached.opened,
        lymph=reached.lymph,
        lymph_content=reached.lymph_content,
        since=reached.pacing.since,
        alive=reached.alive,
    )


def _ending(topology: DrainageTopology, passed: Array) -> Array:
    """Sum over the outflows that lead to venous angles."""
    last = np.flatnonzero(topology.tree.down >= len(topology.vessels))
    return jnp.sum(passed[..., last, :], axis=-2, keepdims=True)
