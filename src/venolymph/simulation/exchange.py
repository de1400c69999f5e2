"""Couples the vein network with tissue and lymph: explicit exchange of volume at intervals of at most 60 s.

Veins advance by one call of the compiled program (seconds in gait, minutes at rest). Then tissue and lymph advance by
the same time, in exchange intervals, under the mean pressure of the veins over each of them. The volume filtered by
capillaries and returned by nodes goes through a port (`network.port`): the veins receive it at a constant rate over
their next call, or a part of it where that call is short. The tissue pressure around them is that at the end of the
last interval. Each transfer is booked once on both sides, so blood and tissue water together are conserved to rounding.

Hands press cells, tissue and lymph, each according to its place (`massage.hands`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer
from jaxtyping import Array

from venolymph.network import drainage, interstitium, parameters
from venolymph.network.drainage import IntervalRecord
from venolymph.network.phase_drive import ExternalLoads, PhaseDrive
from venolymph.network.port import rate_of
from venolymph.simulation.directional import directional
from venolymph.simulation.exchange_records import Recorder
from venolymph.simulation.tissue_drive import ExchangeInputs, drive_tissue, place, weighted_sum
from venolymph.simulation.tissue_model import ContactMaps, Hand, Layout, Tissue, TissueState
from venolymph.steps.marks import FaceChanges, Injection, Marks

LYMPH_STEP = 0.1
"""Longest step of lymph, s: with longer ones the flow at rest is too high."""

LONGEST_INTERVAL = 60.0
"""Longest exchange interval, s."""

INTERVALS_PER_CALL = 8
"""Largest number of exchange intervals in one call of the compiled program."""


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
    drive = drive_tissue(layout, inputs, pressure, state.clock, (begin, end))
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
_directional_intervals = directional(_exchange_intervals, _compiled_intervals)


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


def with_garment_pressure(drive: PhaseDrive, tissue_state: TissueState) -> PhaseDrive:
    """A drive of the veins with the present pressure of garments, never below zero."""
    xp: Any = jnp if is_traced((drive.pressure_from, drive.pressure_to, tissue_state.grip)) else np

    def held(pressure: Array) -> Any:
        steady = xp.asarray(pressure)
        return steady + xp.maximum(tissue_state.grip, -xp.maximum(steady, 0.0))

    return replace(drive, pressure_from=held(drive.pressure_from), pressure_to=held(drive.pressure_to))


def update_garment_pressure(
    tissue: Tissue, cells: parameters.Parameters, drive: PhaseDrive, tissue_state: TissueState, blood: Array
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
    added_volume = weighted_sum(tissue.contacts.inside, blood - unstressed) + weighted_sum(tissue.contacts.holds, fluid)
    return replace(tissue_state, grip=drive.elastance * added_volume)


def with_loads(drive: PhaseDrive, tissue_state: TissueState, span: float, hand: Mapping[str, Array]) -> PhaseDrive:
    """A drive of the veins with the external loads of the next call of `span` s."""
    loads = ExternalLoads(outside=tissue_state.outside, source=rate_of(tissue_state.owed, span), **hand)
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
class TissueConditions:
    """What a regimen does to tissue and lymph besides posture, loads and hands.

    Attributes:
        skin: temperature of the skin, degrees Celsius; None: as at rest.
        foot: of the foot's skin; None: as that of the skin.
        laid: how far the posture goes from standing (0) to lying (1), for plasma.
        protein: of plasma over what it is without salt or drink, 1.
        flow: of blood over what it is without alcohol, 1.
        crying: whether the person cries.
    """

    skin: float | None = None
    foot: float | None = None
    laid: float = 0.0
    protein: float = 1.0
    flow: float = 1.0
    crying: bool = False

    @classmethod
    def of(cls, marks: Marks) -> TissueConditions:
        """Those of a phase."""
        face = marks.face or FaceChanges()
        warmth, laid = (marks.skin_temperature, marks.foot_temperature), marks.laid or 0.0
        return cls(*warmth, laid, 1.0 + face.protein, face.flow, face.crying)


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
    drive: PhaseDrive,
    tissue_state: TissueState,
    call: VeinCall,
    conditions: TissueConditions | None = None,
    recorder: Recorder | None = None,
    tolerance: float | None = None,
) -> TissueState:
    """Tissue and lymph after a call of the veins; `owed` is what they gave to these in it.

    Args:
        tissue: of the members.
        cells: parameters of the veins.
        drive: of the veins; its external loads are ignored.
        tissue_state: tissue and lymph before.
        call: of the veins.
        conditions: temperature and plasma; None: those of somebody at rest.
        recorder: collects the intervals.
        tolerance: of the steps of lymph (see `drainage.interval`).
    """
    state, hand = tissue_state.state, call.hand
    owed: Any = np.zeros(tissue_state.owed.shape)
    outside: Any = tissue_state.outside
    inputs = _exchange_inputs(tissue, cells, drive, conditions or TissueConditions(), tolerance)
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
    drive: PhaseDrive,
    conditions: TissueConditions,
    tolerance: float | None,
) -> ExchangeInputs:
    """Inputs of the intervals of a call without a hand; arguments as of `advance_tissue`."""
    scalar: Any = np.float64  # accepted by JAX without conversion
    warmth = conditions.skin or tissue.reference
    return ExchangeInputs(
        contacts=tissue.contacts,
        figures=tissue.parameters,
        position=cells.cells.position,
        weight=cells.fluid.weight,
        drive=replace(drive, loads=None),
        hand=tissue.idle,
        skin=scalar(warmth),
        foot=scalar(conditions.foot or warmth),
        deeper=scalar(tissue.reference),
        laid=scalar(conditions.laid),
        protein=scalar(conditions.protein),
        flow=scalar(conditions.flow),
        crying=scalar(conditions.crying),
        tolerance=None if tolerance is None else scalar(tolerance),
    )


def with_tracers(tissue: Tissue, tissue_state: TissueState, tracers: Sequence[Injection]) -> TissueState:
    """Tissue and lymph with tracers injected, as depots spread evenly over the fluid of the place.

    Args:
        tissue: of the members.
        tissue_state: before.
        tracers: that are injected.
    """
    depot = tissue_state.state.depot
    for one in tracers:
        solute = tissue.layout.topology.solutes.index(f"{one.tracer} tracer")
        members: dict[tuple[int, ...], list[int]] = {}
        for number, leg in enumerate(tissue.legs):
            members.setdefault(leg.reached_by(one), []).append(number)
        for places, those in members.items():
            at = np.ix_(places, those)
            held = tissue_state.state.volume[at]
            depot = depot.at[(solute, *at)].add(one.amount * held / jnp.sum(held, axis=0))
    return eqx.tree_at(lambda a: a.state.depot, tissue_state, depot)


def with_kept_fluid(tissue: Tissue, tissue_state: TissueState) -> TissueState:
    """The state with the parameters of `tissue`: every volume and content is kept, and pressures follow from them."""
    return replace(tissue_state, outside=_pressure_outside(tissue.contacts, tissue.parameters, tissue_state.state))


def initial_tissue_state(
    tissue: Tissue, cells: parameters.Parameters, drive: PhaseDrive, laid: float = 0.0
) -> TissueState:
    """Initial state of tissue and lymph: that of the morning, before lymphangions contract rhythmically.

    `laid` is how far the posture goes from standing (0) to lying (1), for plasma.
    """
    topology, batch = tissue.layout.topology, len(tissue.legs)
    placed = place(tissue.layout, tissue.contacts, drive.ramped(jnp.asarray(0.0)))
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
        lambda s: (s.content, s.lymph, s.lymph_content, s.diastole, s.systole, s.gained),
        state,
        (
            concentration * available,
            lymph,
            lymph_concentration * lymph,
            vessels,
            vessels,
            tissue.parameters.plasma.gain * laid,
        ),
    )
    rows = cells.cells.length.shape[0]
    none = jnp.zeros((rows, batch))
    return TissueState(state, none, none, jnp.zeros_like(drive.elastance))
