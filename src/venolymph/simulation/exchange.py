"""Tissue and lymph beside the veins: what passes between them, volume by volume, each at its own pace.

Veins take a call of the compiled program (seconds in gait, minutes at rest). Then tissue and lymph take the same time,
in exchange intervals of a minute at most, under the mean pressure of the veins over each of them. What capillaries
filtered and what nodes gave back is owed to the veins, which get it evenly over their next call; the pressure of the
tissue around them is that at the last interval's end. What one side gives the other receives by the same number, so
blood and tissue water together are conserved to rounding.

Hands press cells, tissue and lymph alike, each by where it lies (`massage.hands`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property, partial, reduce
from itertools import pairwise
from operator import add, attrgetter
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer
from jaxtyping import Array, Float

from venolymph.body import Body
from venolymph.body.coupling import TRUNKS, Coupling, coupling
from venolymph.body.drainage import LegDrainage, leg_drainage
from venolymph.figures import Figure, load
from venolymph.massage.hands import Felt, edge, felt
from venolymph.massage.hands import Touch as Strokes
from venolymph.network import drainage, interstitium, parameters
from venolymph.network.drainage import DrainageTopology, IntervalRecord, PostureAndLoads
from venolymph.network.parameters import Drive, Touch, stack
from venolymph.network.pulse import Beat, smooth_step
from venolymph.simulation.directional import directional

STEP = 0.1
"""Longest step of lymph, s: beyond it flow at rest comes out too high."""

LONGEST = 60.0
"""Longest exchange interval, s."""

ROWS = 8
"""Exchange intervals that one call of the compiled program takes at most."""

POOLED = 20.0
"""Intervals are recorded together until they are so long, s."""


class Meeting(eqx.Module):
    """How veins, tissue and lymph meet, members side by side; see `body.coupling.Coupling` and `LegDrainage`."""

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
    """What a hand does to tissue and lymph while it works in one spot.

    Attributes:
        initials, vessels: its pulses on initial lymphatics and on vessels.
        tissue: their height on the tissue around initial lymphatics, mmHg.
        pressed: mean pressure on compartments while it works there, mmHg.
        strain: stretch of the skin around initial lymphatics, 1.
        period: from push to push, s.
        begin: when the first push begins, s from the phase's start.
        works: 1 while it pushes, 0 on its way.
    """

    initials: Beat
    tissue: Float[Array, "initials batch"]
    vessels: Beat
    pressed: Float[Array, "compartments batch"]
    strain: Float[Array, "initials batch"]
    period: Float[Array, "one batch"]
    begin: Float[Array, "one batch"]
    works: Float[Array, "one batch"]


class Around(eqx.Module):
    """Tissue and lymph at one moment of a run, and what is between them and the veins.

    Attributes:
        state: of tissue and lymph.
        owed: blood that each vein cell gets over the next call (negative: gives), mL.
        outside: pressure of the tissue around each vein cell, mmHg.
        grip: how much harder than on a leg at rest what is worn presses on each surrounding, mmHg.
    """

    state: drainage.State
    owed: Float[Array, "cells batch"]
    outside: Float[Array, "cells batch"]
    grip: Float[Array, "surroundings batch"]


@dataclass(frozen=True)
class Layout:
    """What is static: the layout of tissue and lymph, and where muscles and ends stand in that of the veins."""

    topology: DrainageTopology
    walks: int
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
        meeting: how they meet the veins.
        layout: what all share.
        targets: for each member what a hand may press: cells, compartments, initials, vessels.
        reference: temperature that lymphangions have where nothing else is said, degrees Celsius.
        figures: for each member the figures that it was made from; None: the packaged ones.
    """

    legs: Sequence[LegDrainage]
    parameters: drainage.Parameters
    meeting: Meeting
    layout: Layout
    targets: Sequence[Coupling]
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
        alone: Any = jax.tree.map(lambda leaf: leaf[..., one], (self.parameters, self.meeting))
        figures = None if self.figures is None else self.figures[one]
        return Tissue(self.legs[one], alone[0], alone[1], self.layout, self.targets[one], self.reference, figures)

    def hands(self, strokes: Strokes, begin: float) -> tuple[Hand, dict[str, Array]]:
        """What a hand does in one spot: to tissue and lymph, and (fields of `Touch`) to vein cells.

        Args:
            strokes: in the spot.
            begin: when the first push begins, s from the phase's start.
        """
        key = replace(strokes.stroke, start=0.0, step=0)
        if key not in self._felt:
            rows = [[felt(key, getattr(one, part), leg.parts) for one, leg in zip(self.targets, self.legs, strict=True)]
                    for part in ("cells", "compartments", "initials", "vessels")]  # fmt: skip
            self._felt[key] = [_joined(members) for members in rows]
        cells, compartments, initials, vessels = self._felt[key]
        period, rise = strokes.period, edge(key)
        batch = len(self.legs)

        # As numpy has them: the compiled programs take these as they are, and JAX takes its time over each.
        def one(value: float) -> Any:
            return np.full((1, batch), value)

        def beat(on: Felt) -> Beat:
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


def _joined(members: Sequence[Felt]) -> Felt:
    return Felt(*(np.stack([getattr(m, f.name) for m in members], axis=-1) for f in fields(Felt)))


def tissue_of(
    bodies: Sequence[Body],
    own: drainage.Parameters | None = None,
    figures: Sequence[Mapping[str, Figure]] | None = None,
) -> Tissue:
    """Tissue and lymph of the legs asked about.

    Args:
        bodies: the veins of each member.
        own: parameters in place of those that the people's documents give, members along the last axis.
        figures: for each member the figures to use in place of the packaged ones.
    """
    used = figures or [load()] * len(bodies)
    legs = [leg_drainage(body.person, figures=given) for body, given in zip(bodies, used, strict=True)]
    met = [coupling(body, leg, given) for body, leg, given in zip(bodies, legs, used, strict=True)]
    rows: dict[str, Any] = {}
    for field in fields(Meeting):
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
        walks=veins.surroundings.index("soleus"),
        artery=veins.ends.index("artery"),
        atrium=veins.ends.index("right atrium"),
        leg_skin=skin,
        foot_skin=tuple(warm and float(first.extents[n].mean()) < top for n, warm in enumerate(skin)),
    )
    reference = load()["posture.temperature.reference"].internal
    given = stack([leg.parameters for leg in legs]) if own is None else own
    return Tissue(legs, given, Meeting(**rows), layout, met, reference, figures)


# ------------------------------------------------------------------ one exchange


def _along(drive: Drive, time: Array) -> tuple[Array, Array, Array]:
    """Inclination, steady pressure of surroundings and of ends, at a time of the phase."""
    part = smooth_step(time / jnp.maximum(drive.ramp, 1e-9))
    return (
        drive.inclination_from + (drive.inclination_to - drive.inclination_from) * part,
        drive.pressure_from + (drive.pressure_to - drive.pressure_from) * part,
        drive.end_from + (drive.end_to - drive.end_from) * part,
    )


def _up(position: Array, inclination: Array) -> Array:
    return -jnp.sum(position * jnp.sin(inclination)[None], axis=1)


def _on(shares: Array, pressure: Array) -> Array:
    return jnp.sum(shares * pressure[None], axis=1)


def _strongest(shares: Array, drive: Drive) -> Beat:
    """The pulses that each row feels most."""
    heard = shares * drive.pulse[None]
    which = jnp.argmax(jnp.abs(heard), axis=1)
    height = jnp.take_along_axis(heard, which[:, None], axis=1)[:, 0]

    def of(values: Array) -> Array:
        return jnp.take_along_axis(jnp.broadcast_to(values[None], heard.shape), which[:, None], axis=1)[:, 0]

    return Beat(height, of(drive.onset), of(drive.rise), of(drive.hold), of(drive.fall))


class Setting(eqx.Module):
    """What does not change from one exchange interval of a call to the next.

    Attributes:
        meeting: how the networks meet.
        figures: of tissue and lymph.
        position: of the vein cells along each link, cm.
        weight: of blood, mmHg/cm.
        drive: what the regimen does to the veins.
        hand: what a hand does.
        skin, foot, deeper: temperature of the skin, of that of the foot, and of what is deeper, degrees Celsius.
        tolerance: of steps of lymph (see `drainage.interval`).
    """

    meeting: Meeting
    figures: drainage.Parameters
    position: Float[Array, "cells links batch"]
    weight: Float[Array, "one batch"]
    drive: Drive
    hand: Hand
    skin: Float[Array, ""]
    foot: Float[Array, ""]
    deeper: Float[Array, ""]
    tolerance: Float[Array, ""] | None


@partial(jax.jit, static_argnums=0)  # so that it is traced once, for its shapes and for its work
def _exchange(
    layout: Layout, setting: Setting, pressure: Array, state: drainage.State, spell: tuple[Array, Array, Array]
) -> tuple[drainage.State, IntervalRecord, Array, Array, Array]:
    """One exchange interval.

    Args:
        layout: static.
        setting: what stays.
        pressure: mean pressure of the vein cells over the interval, mmHg.
        state: before.
        spell: begin and end of the interval, s from the phase's start, and its number of steps of lymph.

    Returns:
        the state after it, what it gave, what it gave each vein cell (mL), what nodes gave to blood beyond (mL), and
        the pressure of the tissue around each cell.
    """
    meeting, drive, hand, weight = setting.meeting, setting.drive, setting.hand, setting.weight
    begin, end, steps = spell
    topology = layout.topology
    angles, _, _ = _along(drive, 0.5 * (begin + end))
    final, worn, ends = _along(drive, end)
    lies = np.array(topology.bed_compartment)
    where = np.array(topology.initial_compartment)
    head = pressure + weight * -jnp.sum(setting.position * jnp.sin(angles)[None], axis=1)
    depth = -weight * _up(meeting.compartment_position[lies], angles)
    venous = jnp.sum(meeting.drains * head[None], axis=1) + depth
    arterial = ends[layout.artery] + depth
    on = _on(meeting.worn, worn)
    working, working_vessels = _strongest(meeting.works, drive), _strongest(meeting.works_vessels, drive)
    working = jax.tree.map(lambda rows: rows[where], working)
    walking = (drive.pulse[layout.walks] > 0.0).astype(pressure.dtype)
    held = hand.works

    def by_hand(a: Array, b: Array) -> Array:
        return jnp.where(held > 0.0, a, b)

    temperature = jnp.where(np.array(layout.leg_skin)[:, None], setting.skin, setting.deeper)
    temperature = jnp.where(np.array(layout.foot_skin)[:, None], setting.foot, temperature)
    given = drainage.Drive(
        placed=PostureAndLoads(
            on_compartments=on,
            on_initials=on[where],
            on_vessels=_on(meeting.worn_vessels, worn),
            compartment_height=_up(meeting.compartment_position, final),
            vessel_height=_up(meeting.vessel_position, final),
            end_height=_up(meeting.end_position, final),
            end_pressure=ends[layout.atrium][None],
        ),
        venous=venous,
        arterial=arterial,
        column=depth,
        warmth=_on(meeting.fed, drive.inflow),
        exercised=_on(meeting.exercises, drive.exercise),
        strain=jnp.maximum(held * hand.strain, walking * meeting.moved),
        strain_rate=jnp.broadcast_to(1.0 / by_hand(hand.period, drive.period), meeting.moved.shape),
        worked=working.height,
        temperature=jnp.broadcast_to(temperature, (len(topology.lymphangions), pressure.shape[-1])),
        beat_initials=jax.tree.map(by_hand, hand.initials, working),
        beat_vessels=jax.tree.map(by_hand, hand.vessels, working_vessels),
        pulse_tissue=by_hand(hand.tissue, working.height),
        pressed=held * hand.pressed
        + _on(meeting.squeezed, drive.pulse * (drive.hold + 0.5 * (drive.rise + drive.fall))),
        pulse_period=by_hand(hand.period, drive.period),
        pulse_begin=state.clock - begin + held * hand.begin,
        breath_vessels=_on(meeting.breathes, drive.breath_surroundings),
        breath_end=drive.breath_ends[layout.atrium][None],
        breath_period=drive.breath_period,
        inflow=meeting.inflow,
        inflow_solutes=meeting.inflow_solutes,
    )
    dt = (end - begin) / steps.astype(pressure.dtype)
    after, found = drainage.interval(topology, setting.figures, given, state, dt, steps, setting.tolerance)
    blood = jnp.sum(meeting.returns * found.totals.returned[:, None], axis=0)
    blood = blood - jnp.sum(meeting.drains * found.filtered[:, None], axis=0)
    beyond = found.totals.returned - jnp.sum(meeting.returns, axis=1) * found.totals.returned
    around = jnp.sum(meeting.lies_in * drainage.tissue_pressure(setting.figures, after)[None], axis=1)
    return after, found, blood, jnp.sum(beyond, axis=0, keepdims=True), around


def _several(
    layout: Layout, setting: Setting, pressure: Array, state: drainage.State, spell: tuple[Array, Array, Array, Array]
) -> tuple[drainage.State, IntervalRecord, Array, Array, Array]:
    """Exchange intervals in a row, as long as each other; arguments and results are as those of `_exchange`, but:

    `pressure`, what intervals gave, and what nodes gave to blood beyond have a leading axis of `ROWS`, of which results
    fill as many as there are intervals. `spell` is begin and end of all, their number, and the steps of lymph in each.
    What vein cells got is the sum over all.
    """
    begin, end, parts, steps = spell

    def row(number: Array, state: drainage.State) -> tuple[drainage.State, IntervalRecord, Array, Array, Array]:
        low, high = (
            begin + (end - begin) * k.astype(begin.dtype) / parts.astype(begin.dtype) for k in (number, number + 1)
        )
        here = lax.dynamic_index_in_dim(pressure, number, keepdims=False)
        return _exchange(layout, setting, here, state, (low, high, steps))

    def one(number: Array, carry: tuple) -> tuple:
        state, rows, blood, _ = carry
        state, given, more, beyond, around = row(number, state)
        put = partial(lax.dynamic_update_index_in_dim, index=number, axis=0)
        return state, jax.tree.map(put, rows, (given, beyond)), blood + more, around

    _, given, blood, beyond, around = jax.eval_shape(row, jnp.asarray(0), state)
    rows = jax.tree.map(lambda leaf: jnp.zeros((ROWS, *leaf.shape), leaf.dtype), (given, beyond))
    nothing = (jnp.zeros(leaf.shape, leaf.dtype) for leaf in (blood, around))
    state, (given, beyond), blood, around = lax.fori_loop(0, parts, one, (state, rows, *nothing))
    return state, given, blood, beyond, around


_exchanges = jax.jit(_several, static_argnums=0)
_exchanges_directional = directional(_several)


# ------------------------------------------------------------------ what is recorded


STATES = {
    "tissue_volume": "volume",
    "tissue_content": "content",
    "capillaries_open": "opened",
    "lymph_volume": "lymph",
    "lymph_content": "lymph_content",
    "since_contraction": "since",
}
"""Quantities (`simulation.quantities.EXCHANGES`) that hold at the end of an interval, with their names there."""
MEANS = {
    "tissue_pressure": "pressure",
    "tissue_oncotic": "oncotic",
    "capillary_pressure": "capillary",
    "plasma_flow": "plasma_flow",
    "lymph_pressure": "totals.pressure",
}
"""Quantities that are means over it."""
SUMS = {
    "filtered": "filtered",
    "filtered_solutes": "filtered_solutes",
    "uptake": "totals.uptake",
    "uptake_solutes": "totals.uptake_solutes",
    "passed": "totals.passed",
    "pulsed": "totals.pulsed",
    "passed_solutes": "totals.solutes",
    "returned": "totals.returned",
    "contractions": "totals.contractions",
    "ejected": "totals.ejected",
    "entered": "entered",
    "entered_solutes": "entered_solutes",
}
"""Quantities that add up."""


def _together(pieces: Sequence[tuple[float, IntervalRecord, Array]]) -> dict[str, Any]:
    """Intervals in a row as one record."""
    whole = sum(span for span, _, _ in pieces)
    last = pieces[-1][1]

    def added(read: Callable[[IntervalRecord], Any]) -> Any:
        return reduce(add, (read(piece) for _, piece, _ in pieces))

    def mean(read: Callable[[IntervalRecord], Any]) -> Any:
        return reduce(add, (span / whole * read(piece) for span, piece, _ in pieces))

    found: dict[str, Any] = {name: attrgetter(where)(last) for name, where in STATES.items()}
    found |= {name: mean(attrgetter(where)) for name, where in MEANS.items()}
    found |= {name: added(attrgetter(where)) for name, where in SUMS.items()}
    found["at_venous_angle"] = added(attrgetter("angle"))[0]
    found["solutes_at_venous_angle"] = added(attrgetter("angle_solutes"))[:, 0]
    found["returned_beyond"] = reduce(add, (beyond for _, _, beyond in pieces))[0]
    return found


class Recorder:
    """Collects intervals of a phase, short ones together.

    Attributes:
        times: end of each record, s from the phase's start.
        records: what was recorded.
    """

    def __init__(self) -> None:
        self.times: list[float] = []
        self.records: list[dict[str, Any]] = []
        self.waiting: list[tuple[float, IntervalRecord, Array]] = []

    def add(self, edges: Sequence[float], given: IntervalRecord, beyond: Array) -> None:
        """Intervals in a row, from edge to edge; what they gave has a leading axis."""

        def at(row: int) -> tuple[IntervalRecord, Array]:
            # A view would keep rows that hold nothing for as long as the record is kept.
            return jax.tree.map(lambda leaf: leaf[row].copy(), (given, beyond))

        for row, (begin, end) in enumerate(pairwise(edges)):
            self.waiting.append((end - begin, *at(row)))
            if sum(span for span, _, _ in self.waiting) >= POOLED:
                self.close(end)

    def close(self, end: float) -> None:
        """What waits becomes a record."""
        if self.waiting:
            self.records.append(_together(self.waiting))
            self.times.append(end)
            self.waiting = []

    def arrays(self) -> dict[str, Any]:
        """The records by name, with a leading time axis."""
        join = jnp.stack if isinstance(self.records[0]["filtered"], Tracer) else np.stack
        found = {name: join([record[name] for record in self.records]) for name in self.records[0]}
        return found | {"exchange_time": np.array(self.times)}


def untouched(cells: int, batch: int) -> dict[str, Array]:
    """Fields of `Touch` without a hand."""

    def rows(n: int, value: float = 0.0) -> Any:
        return np.full((n, batch), value)

    return {
        "begin": rows(1), "period": rows(1, 1.0), "pulses": rows(1), "press": rows(cells), "onset": rows(cells),
        "hold": rows(cells), "edge": rows(1, 1.0),
    }  # fmt: skip


def traced(tree: Any) -> bool:
    """Whether anything in a tree is followed for a derivative or a compilation."""
    return any(isinstance(leaf, Tracer) for leaf in jax.tree.leaves(tree))


def gripped(drive: Drive, around: Around) -> Drive:
    """A drive of veins in which what is worn presses as the leg is now: never less than not at all."""
    xp: Any = jnp if traced((drive.pressure_from, drive.pressure_to, around.grip)) else np

    def held(pressure: Array) -> Any:
        steady = xp.asarray(pressure)
        return steady + xp.maximum(around.grip, -xp.maximum(steady, 0.0))

    return replace(drive, pressure_from=held(drive.pressure_from), pressure_to=held(drive.pressure_to))


def grip(tissue: Tissue, cells: parameters.Parameters, drive: Drive, around: Around, blood: Array) -> Around:
    """What is worn follows the limb's present girth, from one call of the veins to the next.

    Args:
        tissue: of the members.
        cells: parameters of the veins.
        drive: of the veins; its elastance is that of what is worn.
        around: tissue and lymph at the end of a call.
        blood: in each cell, mean over the call, mL.
    """
    slack, fluid = cells.cells.unstressed_volume, around.state.volume - tissue.parameters.tissue.volume
    grown = _on(tissue.meeting.inside, blood - slack) + _on(tissue.meeting.holds, fluid)
    return replace(around, grip=drive.elastance * grown)


def touched(drive: Drive, around: Around, span: float, hand: Mapping[str, Array]) -> Drive:
    """A drive of veins with what reaches them over the next call of `span` s."""
    touch = Touch(outside=around.outside, source=around.owed / span, **hand)
    return replace(gripped(drive, around), touch=touch)


def spells(begin: float, end: float, busy: float | None) -> list[tuple[list[float], bool]]:
    """Exchange intervals of a stretch, at most `ROWS` of one length together: their edges, and whether the hand works.

    Args:
        begin: s from the phase's start.
        end: s.
        busy: when the hand leaves, s; None where there is no hand.
    """
    edges = [begin, end] if busy is None or not begin + 1e-6 < busy < end - 1e-6 else [begin, busy, end]
    found = []
    for low, high in pairwise(edges):
        parts = max(1, math.ceil((high - low) / LONGEST - 1e-9))
        works = busy is not None and high <= busy + 1e-6
        at = [low + (high - low) * number / parts for number in range(parts + 1)]
        found += [(at[first : first + ROWS + 1], works) for first in range(0, parts, ROWS)]
    return found


def exchanged(
    tissue: Tissue,
    cells: parameters.Parameters,
    drive: Drive,
    around: Around,
    pressure: Array | np.ndarray,
    stretch: tuple[float, float],
    hand: Hand | None,
    busy: float | None,
    skin: Mapping[str, float | None] | None,
    recorder: Recorder | None,
    tolerance: float | None = None,
) -> Around:
    """Tissue and lymph over a call of the veins.

    Args:
        tissue: of the members.
        cells: parameters of the veins.
        drive: of the veins; what touches them is left out.
        around: tissue and lymph before.
        pressure: mean pressure of the cells over each sample of the call, mmHg, shape (samples, cells, batch).
        stretch: begin and end of the call, s from the phase's start.
        hand: what a hand does, if any.
        busy: when it leaves, s from the phase's start.
        skin: temperature of the `skin`, and of the `foot` where another, if the regimen says so, degrees Celsius.
        recorder: told what passed.
        tolerance: of the steps of lymph (see `drainage.interval`).
    """
    begin, end = stretch
    state = around.state
    owed: Any = np.zeros(around.owed.shape)
    outside: Any = around.outside
    samples = pressure.shape[0]
    scalar: Any = np.float64  # as JAX takes it without asking
    said = skin or {}
    warmth = said.get("skin") or tissue.reference
    setting = Setting(
        meeting=tissue.meeting,
        figures=tissue.parameters,
        position=cells.cells.position,
        weight=cells.fluid.weight,
        drive=replace(drive, touch=None),
        hand=tissue.idle,
        skin=scalar(warmth),
        foot=scalar(said.get("foot") or warmth),
        deeper=scalar(tissue.reference),
        tolerance=None if tolerance is None else scalar(tolerance),
    )
    derived = traced((setting, hand, pressure, state))
    once = partial(_exchanges_directional, (tissue.layout,)) if derived else partial(_exchanges, tissue.layout)

    def sample(time: float) -> int:
        return int((time - begin) / (end - begin) * samples + 1e-6)

    for edges, works in spells(begin, end, busy):
        low, high, parts = edges[0], edges[-1], len(edges) - 1
        means = [pressure[sample(a) : max(sample(a) + 1, sample(b))].mean(axis=0) for a, b in pairwise(edges)]
        means += means[-1:] * (ROWS - parts)
        steps = max(1, math.ceil((high - low) / (parts * STEP) - 1e-9))
        spell = np.float64(low), np.float64(high), np.int64(parts), np.int64(steps)
        here = replace(setting, hand=hand) if works and hand is not None else setting
        mean = (np if isinstance(pressure, np.ndarray) else jnp).stack(means)
        state, rows, blood, beyond, outside = once(here, mean, state, spell)
        if not isinstance(blood, Tracer):
            rows, blood, beyond, outside = jax.tree.map(np.asarray, (rows, blood, beyond, outside))
        owed = owed + blood
        if recorder is not None:
            recorder.add(edges, rows, beyond)
    return Around(state, owed, outside, around.grip)


def injected(tissue: Tissue, around: Around, tracers: Sequence[Mapping[str, Any]]) -> Around:
    """Tissue and lymph with tracers put in, as depots spread evenly over the fluid of the place.

    Args:
        tissue: of the members.
        around: before.
        tracers: each with `tracer` (small, large), `at`, `side` and `amount`.
    """
    depot = around.state.depot
    for one in tracers:
        solute = tissue.layout.topology.solutes.index(f"{one['tracer']} tracer")
        places = np.array(tissue.legs[0].under_skin(one["at"], one["side"]))
        shares = around.state.volume[places] / jnp.sum(around.state.volume[places], axis=0)
        depot = depot.at[solute, places].add(one["amount"] * shares)
    return eqx.tree_at(lambda a: a.state.depot, around, depot)


def fresh(tissue: Tissue, cells: parameters.Parameters, drive: Drive) -> Around:
    """Tissue and lymph to begin from: as in the morning, before lymphangions find their rhythm."""
    topology, batch = tissue.layout.topology, len(tissue.legs)
    angles, worn, ends = _along(drive, jnp.asarray(0.0))
    where = np.array(topology.initial_compartment)
    on = _on(tissue.meeting.worn, worn)
    placed = PostureAndLoads(
        on_compartments=on,
        on_initials=on[where],
        on_vessels=_on(tissue.meeting.worn_vessels, worn),
        compartment_height=_up(tissue.meeting.compartment_position, angles),
        vessel_height=_up(tissue.meeting.vessel_position, angles),
        end_height=_up(tissue.meeting.end_position, angles),
        end_pressure=ends[tissue.layout.atrium][None],
    )
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
    return Around(state, none, none, jnp.zeros_like(drive.elastance))
