"""Couples the vein network with tissue and lymph: explicit exchange of volume at intervals of at most 60 s.

Veins advance by one call of the compiled program (seconds in gait, minutes at rest). Then tissue and lymph advance by
the same time, in exchange intervals, under the mean pressure of the veins over each of them. The volume filtered by
capillaries and returned by nodes is a pending transfer (`owed`): the veins receive it at a constant rate over their
next call, or a part of it where that call is shorter than the transfer took to arise (`pending_rate`). The tissue
pressure around them is that at the end of the last interval. Each transfer is booked once on both sides, so blood and
tissue water together are conserved to rounding.

Hands press cells, tissue and lymph, each according to its place (`massage.hands`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property, partial
from itertools import pairwise
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer
from jaxtyping import Array, Float

from venolymph.body import Body
from venolymph.body.contacts import TRUNKS, ContactMap, contact_map
from venolymph.body.drainage import leg_drainage
from venolymph.body.drainage_types import LegDrainage
from venolymph.figures import Figure, load
from venolymph.massage.hands import HandLoad, HandPlacement, edge, hand_load
from venolymph.network import drainage, interstitium, parameters
from venolymph.network.drainage import DrainageTopology, IntervalRecord, PostureAndLoads
from venolymph.network.parameters import Drive, ExternalLoads, stack
from venolymph.network.pulse import Beat, smooth_step
from venolymph.simulation.directional import directional
from venolymph.simulation.exchange_records import Recorder

LYMPH_STEP = 0.1
"""Longest step of lymph, s: with longer ones the flow at rest is too high."""

LONGEST_INTERVAL = 60.0
"""Longest exchange interval, s."""

SHORTEST_TRANSFER = LONGEST_INTERVAL
"""A pending transfer is spread over at least this time, s: minutes of standing would else leave in one step."""

INTERVALS_PER_CALL = 8
"""Largest number of exchange intervals in one call of the compiled program."""


class ContactMaps(eqx.Module):
    """Shares that map veins, tissue and lymph to each other; see `body.contacts.ContactMap` and `LegDrainage`."""

    drains: Float[Array, "beds cells batch"]
    fed: Float[Array, "beds veins_beds batch"]
    exercises: Float[Array, "beds veins_beds batch"]
    lies_in: Float[Array, "cells compartments batch"]
    returns: Float[Array, "nodes cells batch"]
    worn: Float[Array, "compartments surroundings batch"]
    worn_vessels: Float[Array, "vessels surroundings batch"]
    works: Float[Array, "compartments surroundings batch"]
    works_vessels: Float[Array, "vessels surroundings batch"]
    squeezed: Float[Array, "compartments surroundings batch"]
    inside: Float[Array, "surroundings cells batch"]
    holds: Float[Array, "surroundings compartments batch"]
    breathes: Float[Array, "vessels surroundings batch"]
    moved: Float[Array, "initials batch"]
    compartment_position: Float[Array, "compartments links batch"]
    vessel_position: Float[Array, "vessels links batch"]
    end_position: Float[Array, "one links batch"]
    inflow: Float[Array, "vessels batch"]
    inflow_solutes: Float[Array, "solutes vessels batch"]


class Hand(eqx.Module):
    """Loads of a hand on tissue and lymph during one placement.

    Attributes:
        initials, vessels: its pulses on initial lymphatics and on vessels.
        tissue: their height on the tissue around initial lymphatics, mmHg.
        pressed: mean pressure on compartments while it works there, mmHg.
        strain: stretch of the skin around initial lymphatics, 1.
        period: from push to push, s.
        begin: when the first push begins, s from the phase's start.
        works: 1 while it pushes, 0 while it moves on.
    """

    initials: Beat
    tissue: Float[Array, "initials batch"]
    vessels: Beat
    pressed: Float[Array, "compartments batch"]
    strain: Float[Array, "initials batch"]
    period: Float[Array, "one batch"]
    begin: Float[Array, "one batch"]
    works: Float[Array, "one batch"]


class TissueState(eqx.Module):
    """State of tissue and lymph, and their interface with the veins.

    Attributes:
        state: of tissue and lymph.
        owed: pending transfer into each vein cell over the next call (negative: out of it), mL.
        outside: pressure of the tissue around each vein cell, mmHg.
        grip: pressure of garments on each surrounding above that on a leg at rest, mmHg.
    """

    state: drainage.DrainageState
    owed: Float[Array, "cells batch"]
    outside: Float[Array, "cells batch"]
    grip: Float[Array, "surroundings batch"]


@dataclass(frozen=True)
class Layout:
    """Static indices: the topology of tissue and lymph, and rows of the veins' surroundings and ends."""

    topology: DrainageTopology
    soleus_index: int
    artery: int
    atrium: int
    leg_skin: tuple[bool, ...]
    """Which lymphangions are as warm as the skin."""
    foot_skin: tuple[bool, ...]
    """Which are as warm as the skin of the foot."""


@dataclass(frozen=True)
class Tissue:
    """The tissue and lymph of the members of a run.

    Attributes:
        legs: of each member.
        parameters: members side by side.
        contacts: how they map to the veins.
        layout: static part, shared by all members.
        targets: for each member the cells, compartments, initials and vessels within reach of a hand.
        reference: default temperature of lymphangions, degrees Celsius.
        figures: for each member the figures that it was made from; None: the packaged ones.
    """

    legs: Sequence[LegDrainage]
    parameters: drainage.DrainageParameters
    contacts: ContactMaps
    layout: Layout
    targets: Sequence[ContactMap]
    reference: float
    figures: Sequence[Mapping[str, Figure]] | None = None

    @cached_property
    def _felt(self) -> dict[Any, Any]:
        return {}

    @cached_property
    def idle(self) -> Hand:
        """No hand."""
        topology, batch = self.layout.topology, len(self.legs)

        def rows(n: int, value: float = 0.0) -> Any:
            return np.full((n, batch), value)

        def beat(n: int) -> Beat:
            return Beat(rows(n), rows(n), rows(n, 0.25), rows(n), rows(n, 0.25))

        n, m = len(topology.initials), len(topology.vessels)
        none = rows(len(topology.compartments))
        return Hand(beat(n), rows(n), beat(m), none, rows(n), rows(1, 1.0), rows(1), rows(1))

    def names(self) -> dict[str, list[str]]:
        """Names along each dimension."""
        topology = self.layout.topology
        return {
            "compartment": list(topology.compartments),
            "solute": list(topology.solutes),
            "initial": list(topology.initials),
            "lymphangion": list(topology.lymphangions),
            "node": list(topology.nodes),
            "lymph_vessel": list(topology.vessels),
            "lymph_cell": [f"initial lymphatic, {name}" for name in topology.initials] + list(topology.vessels),
        }

    def member(self, number: int) -> Tissue:
        """One member alone."""
        one = slice(number, number + 1)
        alone: Any = jax.tree.map(lambda leaf: leaf[..., one], (self.parameters, self.contacts))
        figures = None if self.figures is None else self.figures[one]
        return Tissue(self.legs[one], alone[0], alone[1], self.layout, self.targets[one], self.reference, figures)

    def hands(self, strokes: HandPlacement, begin: float) -> tuple[Hand, dict[str, Array]]:
        """Loads of one hand placement: on tissue and lymph, and (fields of `ExternalLoads`) on vein cells.

        Args:
            strokes: of the placement.
            begin: when the first push begins, s from the phase's start.
        """
        key = replace(strokes.stroke, start=0.0, step=0)
        if key not in self._felt:
            rows = [
                [hand_load(key, getattr(at, part), leg.parts) for at, leg in zip(self.targets, self.legs, strict=True)]
                for part in ("cells", "compartments", "initials", "vessels")
            ]
            self._felt[key] = [_joined(members) for members in rows]
        cells, compartments, initials, vessels = self._felt[key]
        period, rise = strokes.period, edge(key)
        batch = len(self.legs)

        # As numpy arrays: compiled programs accept them, and converting each to a JAX array is slow.
        def one(value: float) -> Any:
            return np.full((1, batch), value)

        def beat(on: HandLoad) -> Beat:
            edges = np.full(on.pressure.shape, rise / period)
            rows: Any = on.pressure, on.onset / period, edges, on.hold / period, edges
            return Beat(*rows)

        where = np.array(self.layout.topology.initial_compartment)
        hand = Hand(
            initials=beat(initials),
            tissue=compartments.pressure[where],
            vessels=beat(vessels),
            pressed=compartments.pressure * (compartments.hold + rise) / period,
            strain=key.stretch * initials.cover,
            period=one(period),
            begin=one(begin),
            works=one(1.0),
        )
        return hand, {
            "begin": one(begin), "period": one(period), "pulses": one(strokes.count),
            "press": cells.pressure, "onset": cells.onset, "hold": cells.hold, "edge": one(rise),
        }  # fmt: skip


def _joined(members: Sequence[HandLoad]) -> HandLoad:
    return HandLoad(*(np.stack([getattr(m, f.name) for m in members], axis=-1) for f in fields(HandLoad)))


def tissue_of(
    bodies: Sequence[Body],
    own: drainage.DrainageParameters | None = None,
    figures: Sequence[Mapping[str, Figure]] | None = None,
) -> Tissue:
    """Tissue and lymph of the index legs.

    Args:
        bodies: the veins of each member.
        own: parameters in place of those that the people's documents give, members along the last axis.
        figures: for each member the figures to use in place of the packaged ones.
    """
    used = figures or [load()] * len(bodies)
    legs = [leg_drainage(body.person, figures=given) for body, given in zip(bodies, used, strict=True)]
    met = [contact_map(body, leg, given) for body, leg, given in zip(bodies, legs, used, strict=True)]
    rows: dict[str, Any] = {}
    for field in fields(ContactMaps):
        source = met if hasattr(met[0], field.name) else legs
        values = [np.asarray(getattr(one, field.name)) for one in source]
        rows[field.name] = jnp.asarray(np.stack(values, axis=-1) if source is met else np.concatenate(values, axis=-1))
    veins, first = bodies[0].topology, legs[0]
    trunk = {vessel for name in TRUNKS for vessel in first.chains[name]}
    skin = tuple(
        number not in trunk and not name.startswith("deep, ") for number, name in enumerate(first.topology.lymphangions)
    )
    top = first.parts["foot"][1]
    layout = Layout(
        topology=first.topology,
        soleus_index=veins.surroundings.index("soleus"),
        artery=veins.ends.index("artery"),
        atrium=veins.ends.index("right atrium"),
        leg_skin=skin,
        foot_skin=tuple(warm and float(first.extents[n].mean()) < top for n, warm in enumerate(skin)),
    )
    reference = load()["posture.temperature.reference"].internal
    given = stack([leg.parameters for leg in legs]) if own is None else own
    return Tissue(legs, given, ContactMaps(**rows), layout, met, reference, figures)


# ------------------------------------------------------------------ one exchange


def _ramped(drive: Drive, time: Array) -> tuple[Array, Array, Array]:
    """Inclination, steady pressure of surroundings and of ends, at a time of the phase."""
    part = smooth_step(time / jnp.maximum(drive.ramp, 1e-9))
    return (
        drive.inclination_from + (drive.inclination_to - drive.inclination_from) * part,
        drive.pressure_from + (drive.pressure_to - drive.pressure_from) * part,
        drive.end_from + (drive.end_to - drive.end_from) * part,
    )


def _height(position: Array, inclination: Array) -> Array:
    return -jnp.sum(position * jnp.sin(inclination)[None], axis=1)


def _weighted_sum(shares: Array, pressure: Array) -> Array:
    return jnp.sum(shares * pressure[None], axis=1)


def _strongest(shares: Array, drive: Drive) -> Beat:
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
        tolerance: of steps of lymph (see `drainage.interval`).
    """

    contacts: ContactMaps
    figures: drainage.DrainageParameters
    position: Float[Array, "cells links batch"]
    weight: Float[Array, "one batch"]
    drive: Drive
    hand: Hand
    skin: Float[Array, ""]
    foot: Float[Array, ""]
    deeper: Float[Array, ""]
    tolerance: Float[Array, ""] | None


def _drive_tissue(
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
    middle, final = _ramped(drive, 0.5 * (begin + end)), _ramped(drive, end)
    venous, arterial, depth = _pressures_at_beds(layout, inputs, pressure, middle[0], final[2])
    working, working_vessels = _strongest(contacts.works, drive), _strongest(contacts.works_vessels, drive)
    working = jax.tree.map(lambda rows: rows[where], working)
    walking = (drive.pulse[layout.soleus_index] > 0.0).astype(pressure.dtype)
    hand_works = hand.works

    def by_hand(a: Array, b: Array) -> Array:
        return jnp.where(hand_works > 0.0, a, b)

    return drainage.DrainageDrive(
        placed=_place(layout, contacts, final),
        venous=venous,
        arterial=arterial,
        column=depth,
        warmth=_weighted_sum(contacts.fed, drive.inflow),
        exercised=_weighted_sum(contacts.exercises, drive.exercise),
        strain=jnp.maximum(hand_works * hand.strain, walking * contacts.moved),
        strain_rate=jnp.broadcast_to(1.0 / by_hand(hand.period, drive.period), contacts.moved.shape),
        worked=working.height,
        temperature=_temperature(layout, inputs, pressure.shape[-1]),
        beat_initials=jax.tree.map(by_hand, hand.initials, working),
        beat_vessels=jax.tree.map(by_hand, hand.vessels, working_vessels),
        pulse_tissue=by_hand(hand.tissue, working.height),
        pressed=hand_works * hand.pressed
        + _weighted_sum(contacts.squeezed, drive.pulse * (drive.hold + 0.5 * (drive.rise + drive.fall))),
        pulse_period=by_hand(hand.period, drive.period),
        pulse_begin=clock - begin + hand_works * hand.begin,
        breath_vessels=_weighted_sum(contacts.breathes, drive.breath_surroundings),
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
    head = pressure + weight * _height(inputs.position, angles)
    depth = -weight * _height(contacts.compartment_position[lies], angles)
    return jnp.sum(contacts.drains * head[None], axis=1) + depth, ends[layout.artery] + depth, depth


def _place(layout: Layout, contacts: ContactMaps, at: tuple[Array, Array, Array]) -> PostureAndLoads:
    """Posture and loads of tissue and lymph, from inclination and pressures (see `_ramped`)."""
    angles, worn, ends = at
    on = _weighted_sum(contacts.worn, worn)
    return PostureAndLoads(
        on_compartments=on,
        on_initials=on[np.array(layout.topology.initial_compartment)],
        on_vessels=_weighted_sum(contacts.worn_vessels, worn),
        compartment_height=_height(contacts.compartment_position, angles),
        vessel_height=_height(contacts.vessel_position, angles),
        end_height=_height(contacts.end_position, angles),
        end_pressure=ends[layout.atrium][None],
    )


def _temperature(layout: Layout, inputs: ExchangeInputs, batch: int) -> Float[Array, "lymphangions batch"]:
    """Temperature of each lymphangion, degrees Celsius."""
    temperature = jnp.where(np.array(layout.leg_skin)[:, None], inputs.skin, inputs.deeper)
    temperature = jnp.where(np.array(layout.foot_skin)[:, None], inputs.foot, temperature)
    return jnp.broadcast_to(temperature, (len(layout.topology.lymphangions), batch))


@partial(jax.jit, static_argnums=0)  # so that it is traced once, for its shapes and for its work
def _exchange_interval(
    layout: Layout,
    inputs: ExchangeInputs,
    pressure: Array,
    state: drainage.DrainageState,
    interval: tuple[Array, Array, Array],
) -> tuple[drainage.DrainageState, IntervalRecord, Array, Array, Array]:
    """One exchange interval.

    Args:
        layout: static.
        inputs: shared by all intervals of the call.
        pressure: mean pressure of the vein cells over the interval, mmHg.
        state: before.
        interval: start and end of the interval, s from the phase's start, and its number of steps of lymph.

    Returns:
        the state after it, its record, the volume it gave each vein cell (mL), the volume that nodes returned to blood
        outside the network (mL), and the pressure of the tissue around each cell (mmHg).
    """
    contacts, (begin, end, steps) = inputs.contacts, interval
    drive = _drive_tissue(layout, inputs, pressure, state.clock, (begin, end))
    dt = (end - begin) / steps.astype(pressure.dtype)
    after, record = drainage.interval(layout.topology, inputs.figures, drive, state, dt, steps, inputs.tolerance)
    blood = jnp.sum(contacts.returns * record.totals.returned[:, None], axis=0)
    blood = blood - jnp.sum(contacts.drains * record.filtered[:, None], axis=0)
    beyond = record.totals.returned - jnp.sum(contacts.returns, axis=1) * record.totals.returned
    outside = _pressure_outside(contacts, inputs.figures, after)
    return after, record, blood, jnp.sum(beyond, axis=0, keepdims=True), outside


def _pressure_outside(
    contacts: ContactMaps, figures: drainage.DrainageParameters, state: drainage.DrainageState
) -> Array:
    """Pressure of the tissue around each vein cell, mmHg."""
    return jnp.sum(contacts.lies_in * drainage.tissue_pressure(figures, state)[None], axis=1)


def _exchange_intervals(
    layout: Layout,
    inputs: ExchangeInputs,
    pressure: Array,
    state: drainage.DrainageState,
    intervals: tuple[Array, Array, Array, Array],
) -> tuple[drainage.DrainageState, IntervalRecord, Array, Array, Array]:
    """Several exchange intervals of equal length; arguments and results as of `_exchange_interval`, except:

    `pressure`, the records, and the volume returned outside the network have a leading axis of `INTERVALS_PER_CALL`,
    filled up to the number of intervals. `intervals` is start and end of all, their number, and the steps of lymph in
    each. The volume given to vein cells is the sum over all.
    """
    begin, end, parts, steps = intervals

    def row(
        number: Array, state: drainage.DrainageState
    ) -> tuple[drainage.DrainageState, IntervalRecord, Array, Array, Array]:
        low, high = (
            begin + (end - begin) * k.astype(begin.dtype) / parts.astype(begin.dtype) for k in (number, number + 1)
        )
        mean = lax.dynamic_index_in_dim(pressure, number, keepdims=False)
        return _exchange_interval(layout, inputs, mean, state, (low, high, steps))

    def step(number: Array, carry: tuple) -> tuple:
        state, rows, blood, _ = carry
        state, record, more, beyond, outside = row(number, state)
        put = partial(lax.dynamic_update_index_in_dim, index=number, axis=0)
        return state, jax.tree.map(put, rows, (record, beyond)), blood + more, outside

    _, record, blood, beyond, outside = jax.eval_shape(row, jnp.asarray(0), state)
    rows = jax.tree.map(lambda leaf: jnp.zeros((INTERVALS_PER_CALL, *leaf.shape), leaf.dtype), (record, beyond))
    nothing = (jnp.zeros(leaf.shape, leaf.dtype) for leaf in (blood, outside))
    state, (record, beyond), blood, outside = lax.fori_loop(0, parts, step, (state, rows, *nothing))
    return state, record, blood, beyond, outside


_compiled_intervals = jax.jit(_exchange_intervals, static_argnums=0)
_directional_intervals = directional(_exchange_intervals)


def no_hand(cells: int, batch: int) -> dict[str, Array]:
    """Fields of `ExternalLoads` without a hand."""

    def rows(n: int, value: float = 0.0) -> Any:
        return np.full((n, batch), value)

    return {
        "begin": rows(1), "period": rows(1, 1.0), "pulses": rows(1), "press": rows(cells), "onset": rows(cells),
        "hold": rows(cells), "edge": rows(1, 1.0),
    }  # fmt: skip


def is_traced(tree: Any) -> bool:
    """Whether JAX traces any leaf of a tree (for a derivative or a compilation)."""
    return any(isinstance(leaf, Tracer) for leaf in jax.tree.leaves(tree))


def with_garment_pressure(drive: Drive, tissue_state: TissueState) -> Drive:
    """A drive of the veins with the present pressure of garments, never below zero."""
    xp: Any = jnp if is_traced((drive.pressure_from, drive.pressure_to, tissue_state.grip)) else np

    def held(pressure: Array) -> Any:
        steady = xp.asarray(pressure)
        return steady + xp.maximum(tissue_state.grip, -xp.maximum(steady, 0.0))

    return replace(drive, pressure_from=held(drive.pressure_from), pressure_to=held(drive.pressure_to))


def update_garment_pressure(
    tissue: Tissue, cells: parameters.Parameters, drive: Drive, tissue_state: TissueState, blood: Array
) -> TissueState:
    """Update the pressure of garments to the present volume of the limb, once per call of the veins.

    Args:
        tissue: of the members.
        cells: parameters of the veins.
        drive: of the veins; its elastance is that of garments.
        tissue_state: tissue and lymph at the end of a call.
        blood: in each cell, mean over the call, mL.
    """
    unstressed, fluid = cells.cells.unstressed_volume, tissue_state.state.volume - tissue.parameters.tissue.volume
    added_volume = _weighted_sum(tissue.contacts.inside, blood - unstressed) + _weighted_sum(
        tissue.contacts.holds, fluid
    )
    return replace(tissue_state, grip=drive.elastance * added_volume)


def pending_rate(tissue_state: TissueState, span: float) -> Array:
    """Rate at which each vein cell receives its pending transfer in the next call of `span` s, mL/s."""
    return tissue_state.owed / max(span, SHORTEST_TRANSFER)


def with_loads(drive: Drive, tissue_state: TissueState, span: float, hand: Mapping[str, Array]) -> Drive:
    """A drive of the veins with the external loads of the next call of `span` s."""
    loads = ExternalLoads(outside=tissue_state.outside, source=pending_rate(tissue_state, span), **hand)
    return replace(with_garment_pressure(drive, tissue_state), loads=loads)


def interval_edges(begin: float, end: float, busy: float | None) -> list[tuple[list[float], bool]]:
    """Edges of the exchange intervals of a time window, s, at most `INTERVALS_PER_CALL` equal ones together, and
    whether the hand works in them.

    Args:
        begin: s from the phase's start.
        end: s.
        busy: when the hand leaves, s; None where there is no hand.
    """
    edges = [begin, end] if busy is None or not begin + 1e-6 < busy < end - 1e-6 else [begin, busy, end]
    found = []
    for low, high in pairwise(edges):
        parts = max(1, math.ceil((high - low) / LONGEST_INTERVAL - 1e-9))
        works = busy is not None and high <= busy + 1e-6
        points = [low + (high - low) * number / parts for number in range(parts + 1)]
        found += [
            (points[first : first + INTERVALS_PER_CALL + 1], works) for first in range(0, parts, INTERVALS_PER_CALL)
        ]
    return found


@dataclass(frozen=True)
class VeinCall:
    """A call of the veins, over which tissue and lymph advance after it.

    Attributes:
        pressure: mean pressure of the cells over each sample of the call, mmHg, shape (samples, cells, batch).
        window: start and end of the call, s from the phase's start.
        hand: loads of a hand, if any.
        busy: when it leaves, s from the phase's start.
    """

    pressure: Array | np.ndarray
    window: tuple[float, float]
    hand: Hand | None = None
    busy: float | None = None

    def over(self, edges: Sequence[float]) -> Array | np.ndarray:
        """Mean pressure between each edge (s) and the next, filled up to `INTERVALS_PER_CALL`, mmHg."""
        begin, end = self.window
        pressure, samples = self.pressure, self.pressure.shape[0]

        def sample(time: float) -> int:
            return int((time - begin) / (end - begin) * samples + 1e-6)

        means = [pressure[sample(a) : max(sample(a) + 1, sample(b))].mean(axis=0) for a, b in pairwise(edges)]
        means += means[-1:] * (INTERVALS_PER_CALL + 1 - len(edges))
        return (np if isinstance(pressure, np.ndarray) else jnp).stack(means)


def advance_tissue(
    tissue: Tissue,
    cells: parameters.Parameters,
    drive: Drive,
    tissue_state: TissueState,
    call: VeinCall,
    skin: Mapping[str, float | None] | None = None,
    recorder: Recorder | None = None,
    tolerance: float | None = None,
) -> TissueState:
    """Advance tissue and lymph over a call of the veins.

    Args:
        tissue: of the members.
        cells: parameters of the veins.
        drive: of the veins; its external loads are ignored.
        tissue_state: tissue and lymph before.
        call: of the veins.
        skin: temperature of the `skin`, and of the `foot` where another, if the regimen says so, degrees Celsius.
        recorder: collects the intervals.
        tolerance: of the steps of lymph (see `drainage.interval`).
    """
    state, hand = tissue_state.state, call.hand
    owed: Any = np.zeros(tissue_state.owed.shape)
    outside: Any = tissue_state.outside
    inputs = _exchange_inputs(tissue, cells, drive, skin or {}, tolerance)
    derived = is_traced((inputs, hand, call.pressure, state))
    compiled = (
        partial(_directional_intervals, (tissue.layout,)) if derived else partial(_compiled_intervals, tissue.layout)
    )

    for edges, works in interval_edges(*call.window, call.busy):
        low, high, parts = edges[0], edges[-1], len(edges) - 1
        steps = max(1, math.ceil((high - low) / (parts * LYMPH_STEP) - 1e-9))
        intervals = np.float64(low), np.float64(high), np.int64(parts), np.int64(steps)
        interval_inputs = replace(inputs, hand=hand) if works and hand is not None else inputs
        state, records, blood, beyond, outside = compiled(interval_inputs, call.over(edges), state, intervals)
        if not isinstance(blood, Tracer):
            records, blood, beyond, outside = jax.tree.map(np.asarray, (records, blood, beyond, outside))
        owed = owed + blood
        if recorder is not None:
            recorder.add(edges, records, beyond)
    return TissueState(state, owed, outside, tissue_state.grip)


def _exchange_inputs(
    tissue: Tissue,
    cells: parameters.Parameters,
    drive: Drive,
    skin: Mapping[str, float | None],
    tolerance: float | None,
) -> ExchangeInputs:
    """Inputs of the intervals of a call without a hand; arguments as of `advance_tissue`."""
    scalar: Any = np.float64  # accepted by JAX without conversion
    warmth = skin.get("skin") or tissue.reference
    return ExchangeInputs(
        contacts=tissue.contacts,
        figures=tissue.parameters,
        position=cells.cells.position,
        weight=cells.fluid.weight,
        drive=replace(drive, loads=None),
        hand=tissue.idle,
        skin=scalar(warmth),
        foot=scalar(skin.get("foot") or warmth),
        deeper=scalar(tissue.reference),
        tolerance=None if tolerance is None else scalar(tolerance),
    )


def with_tracers(tissue: Tissue, tissue_state: TissueState, tracers: Sequence[Mapping[str, Any]]) -> TissueState:
    """Tissue and lymph with tracers injected, as depots spread evenly over the fluid of the place.

    Args:
        tissue: of the members.
        tissue_state: before.
        tracers: each with `tracer` (small, large), `at`, `side` and `amount`.
    """
    depot = tissue_state.state.depot
    for one in tracers:
        solute = tissue.layout.topology.solutes.index(f"{one['tracer']} tracer")
        places = np.array(tissue.legs[0].under_skin(one["at"], one["side"]))
        shares = tissue_state.state.volume[places] / jnp.sum(tissue_state.state.volume[places], axis=0)
        depot = depot.at[solute, places].add(one["amount"] * shares)
    return eqx.tree_at(lambda a: a.state.depot, tissue_state, depot)


def with_kept_fluid(tissue: Tissue, tissue_state: TissueState) -> TissueState:
    """The state with the parameters of `tissue`: every volume and content is kept, and pressures follow from them."""
    return replace(tissue_state, outside=_pressure_outside(tissue.contacts, tissue.parameters, tissue_state.state))


def initial_tissue_state(tissue: Tissue, cells: parameters.Parameters, drive: Drive) -> TissueState:
    """Initial state of tissue and lymph: that of the morning, before lymphangions contract rhythmically."""
    topology, batch = tissue.layout.topology, len(tissue.legs)
    placed = _place(tissue.layout, tissue.contacts, _ramped(drive, jnp.asarray(0.0)))
    swelling = jnp.concatenate([leg.swelling for leg in tissue.legs], axis=-1)
    concentration = jnp.concatenate([leg.concentration for leg in tissue.legs], axis=-1)
    opened, filling, lymph_concentration = (
        jnp.concatenate([getattr(leg, name) for leg in tissue.legs], axis=-1)
        for name in ("opened", "filling", "lymph_concentration")
    )
    mean = jnp.mean(concentration, axis=1)
    state = drainage.initial_state(topology, tissue.parameters, placed, swelling, mean, opened)
    available = interstitium.available_volume(tissue.parameters.tissue, state.volume)
    lymph = filling * state.lymph
    vessels = lymph[len(topology.initials) : len(topology.initials) + len(topology.lymphangions)]
    state = eqx.tree_at(
        lambda s: (s.content, s.lymph, s.lymph_content, s.diastole, s.systole),
        state,
        (concentration * available, lymph, lymph_concentration * lymph, vessels, vessels),
    )
    rows = cells.cells.length.shape[0]
    none = jnp.zeros((rows, batch))
    return TissueState(state, none, none, jnp.zeros_like(drive.elastance))
