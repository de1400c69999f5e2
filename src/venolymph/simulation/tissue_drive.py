"""What veins, posture, temperature and hands do to tissue and lymph over an exchange interval."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from venolymph.network import drainage
from venolymph.network.drainage import PostureAndLoads
from venolymph.network.phase_drive import PhaseDrive, Ramped
from venolymph.network.pulse import Beat
from venolymph.network.surroundings import heights
from venolymph.simulation.tissue_model import ContactMaps, Hand, Layout


def weighted_sum(shares: Array, pressure: Array) -> Array:
    """Pressure on each row by its shares of several, mmHg."""
    return jnp.sum(shares * pressure[None], axis=1)


def _strongest(shares: Array, drive: PhaseDrive) -> Beat:
    """The strongest pulses on each row."""
    heard = shares * drive.pulse[None]
    which = jnp.argmax(jnp.abs(heard), axis=1)
    height = jnp.take_along_axis(heard, which[:, None], axis=1)[:, 0]

    def of(values: Array) -> Array:
        return jnp.take_along_axis(jnp.broadcast_to(values[None], heard.shape), which[:, None], axis=1)[:, 0]

    return Beat(height, of(drive.onset), of(drive.rise), of(drive.hold), of(drive.fall))


class ExchangeInputs(eqx.Module):
    """Inputs shared by the exchange intervals of a call.

    Attributes:
        contacts: how veins map to tissue and lymph.
        figures: parameters of tissue and lymph.
        position: of the vein cells along each link, cm.
        weight: of blood, mmHg/cm.
        drive: of the veins.
        hand: loads of a hand.
        skin, foot, deeper: temperature of the skin, of the skin of the foot, and of deeper parts, degrees Celsius.
        laid: how far the posture goes from standing (0) to lying (1).
        protein: of plasma over what it is without salt or drink, 1.
        flow: of blood over what it is without alcohol, 1.
        crying: 1 while the person cries, else 0.
        tolerance: of steps of lymph (see `drainage.interval`).
    """

    contacts: ContactMaps
    figures: drainage.DrainageParameters
    position: Float[Array, "cells links batch"]
    weight: Float[Array, "one batch"]
    drive: PhaseDrive
    hand: Hand
    skin: Float[Array, ""]
    foot: Float[Array, ""]
    deeper: Float[Array, ""]
    laid: Float[Array, ""]
    protein: Float[Array, ""]
    flow: Float[Array, ""]
    crying: Float[Array, ""]
    tolerance: Float[Array, ""] | None


def drive_tissue(
    layout: Layout, inputs: ExchangeInputs, pressure: Array, clock: Array, window: tuple[Array, Array]
) -> drainage.DrainageDrive:
    """What tissue and lymph are exposed to in one exchange interval.

    Args:
        layout: static.
        inputs: shared by all intervals of the call.
        pressure: mean pressure of the vein cells over the interval, mmHg, shape (cells, batch).
        clock: of tissue and lymph at its start, s.
        window: its start and end, s from the phase's start.
    """
    contacts, drive, hand = inputs.contacts, inputs.drive, inputs.hand
    begin, end = window
    where = np.array(layout.topology.initial_compartment)
    middle, final = drive.ramped(0.5 * (begin + end)), drive.ramped(end)
    venous, arterial, depth = _pressures_at_beds(layout, inputs, pressure, middle.inclination, final.ends)
    working, working_vessels = _strongest(contacts.works, drive), _strongest(contacts.works_vessels, drive)
    working = jax.tree.map(lambda rows: rows[where], working)
    walking = jnp.zeros_like(contacts.moved)
    if layout.soleus:
        walking = (drive.pulse[np.array(layout.soleus)] > 0.0).astype(pressure.dtype)
    hand_works = hand.works

    def by_hand(a: Array, b: Array) -> Array:
        return jnp.where(hand_works > 0.0, a, b)

    return drainage.DrainageDrive(
        placed=place(layout, contacts, final),
        venous=venous,
        arterial=arterial,
        column=depth,
        warmth=inputs.flow * weighted_sum(contacts.fed, drive.inflow) + inputs.crying * contacts.weeps_flow,
        exercised=weighted_sum(contacts.exercises, drive.exercise) + inputs.crying * contacts.weeps,
        laid=jnp.broadcast_to(inputs.laid, inputs.weight.shape),
        protein_factor=jnp.broadcast_to(inputs.protein, inputs.weight.shape),
        strain=jnp.maximum(hand_works * hand.strain, walking * contacts.moved),
        strain_rate=jnp.broadcast_to(1.0 / by_hand(hand.period, drive.period), contacts.moved.shape),
        worked=working.height,
        temperature=_temperature(layout, inputs, pressure.shape[-1]),
        beat_initials=jax.tree.map(by_hand, hand.initials, working),
        beat_vessels=jax.tree.map(by_hand, hand.vessels, working_vessels),
        pulse_tissue=by_hand(hand.tissue, working.height),
        pressed=hand_works * hand.pressed
        + weighted_sum(contacts.squeezed, drive.pulse * (drive.hold + 0.5 * (drive.rise + drive.fall))),
        pulse_period=by_hand(hand.period, drive.period),
        pulse_begin=clock - begin + hand_works * hand.begin,
        breath_vessels=weighted_sum(contacts.breathes, drive.breath_surroundings),
        breath_end=drive.breath_ends[layout.atrium][None],
        breath_period=drive.breath_period,
        inflow=contacts.inflow,
        inflow_solutes=contacts.inflow_solutes,
    )


def _pressures_at_beds(
    layout: Layout, inputs: ExchangeInputs, pressure: Array, angles: Array, ends: Array
) -> tuple[Array, Array, Array]:
    """Venous and arterial pressure of each bed and the pressure of the column above it, mmHg, shapes (beds, batch).

    Args:
        layout: static.
        inputs: shared by all intervals of the call.
        pressure: of the vein cells, mmHg, shape (cells, batch).
        angles: inclination of each link, rad, shape (links, batch).
        ends: pressure of each end of the veins, mmHg, shape (ends, batch).
    """
    contacts, weight = inputs.contacts, inputs.weight
    lies = np.array(layout.topology.bed_compartment)
    head = pressure + weight * heights(inputs.position, angles)
    depth = -weight * heights(contacts.compartment_position[lies], angles)
    return jnp.sum(contacts.drains * head[None], axis=1) + depth, ends[layout.artery] + depth, depth


def place(layout: Layout, contacts: ContactMaps, at: Ramped) -> PostureAndLoads:
    """Posture and loads of tissue and lymph."""
    on = weighted_sum(contacts.worn, at.pressure)
    return PostureAndLoads(
        on_compartments=on,
        on_initials=on[np.array(layout.topology.initial_compartment)],
        on_vessels=weighted_sum(contacts.worn_vessels, at.pressure),
        compartment_height=heights(contacts.compartment_position, at.inclination),
        vessel_height=heights(contacts.vessel_position, at.inclination),
        end_height=heights(contacts.end_position, at.inclination),
        end_pressure=at.ends[layout.atrium][None],
    )


def _temperature(layout: Layout, inputs: ExchangeInputs, batch: int) -> Float[Array, "lymphangions batch"]:
    """Temperature of each lymphangion, degrees Celsius."""
    temperature = jnp.where(np.array(layout.leg_skin)[:, None], inputs.skin, inputs.deeper)
    temperature = jnp.where(np.array(layout.foot_skin)[:, None], inputs.foot, temperature)
    return jnp.broadcast_to(temperature, (len(layout.topology.lymphangions), batch))
