"""Data types of the drainage: topology, parameters, drive, state and results.

Units: mmHg, mL, s, cm, degrees Celsius; protein in mg, its concentration in mg/mL (a tracer: a unit of its own).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from venolymph.errors import NetworkError
from venolymph.network.depot import Depots
from venolymph.network.exchange import CapillaryBeds
from venolymph.network.initial_lymphatic import Initials, Plexus
from venolymph.network.interstitium import Interstitium, TissueLinks
from venolymph.network.lymph_tree import Tree
from venolymph.network.lymphangion import Lymphangions, LymphValves, Pacing
from venolymph.network.node import Nodes
from venolymph.network.plasma import Plasma
from venolymph.network.pulse import Beat

SOUND, LYMPH_FAILED, TISSUE_FAILED = 0.0, 1.0, 2.0
"""Values of `State.cause`."""


@dataclass(frozen=True)
class DrainageTopology:
    """Static structure of a drainage. Hashable: equal topologies share one compiled program.

    **Vessels** are the lymphangions, then the nodes (cisterns among them). **Outflows** are those of the initial
    lymphatics, then those of the vessels. **Cells** are the initial lymphatics, then the vessels.

    Attributes:
        solutes: names; the first is protein.
        compartments: names of the tissue compartments.
        beds: names of the capillary beds.
        bed_compartment: the compartment that each bed lies in.
        link_tail, link_head: the compartments that each link joins.
        initials: names of the initial lymphatics.
        initial_compartment: the compartment that each fills from.
        initial_vessel: the vessel that each empties into.
        plexus_tail, plexus_head: the initial lymphatics that each stretch of plexus joins.
        lymphangions: names.
        lymphangion_compartment: the compartment that each lies in.
        peripheral: the neighbour towards the periphery that contraction is conducted from; its own number where none.
        nodes: names.
        downstream: for each vessel the vessel that it empties into; the number of vessels plus e for end e.
        ends: names of the venous angles where lymph reaches blood.

    Raises:
        NetworkError: where names repeat, an index points nowhere, or vessels empty into each other in a ring.
    """

    solutes: tuple[str, ...]
    compartments: tuple[str, ...]
    beds: tuple[str, ...]
    bed_compartment: tuple[int, ...]
    link_tail: tuple[int, ...]
    link_head: tuple[int, ...]
    initials: tuple[str, ...]
    initial_compartment: tuple[int, ...]
    initial_vessel: tuple[int, ...]
    plexus_tail: tuple[int, ...]
    plexus_head: tuple[int, ...]
    lymphangions: tuple[str, ...]
    lymphangion_compartment: tuple[int, ...]
    peripheral: tuple[int, ...]
    nodes: tuple[str, ...]
    downstream: tuple[int, ...]
    ends: tuple[str, ...] = ("venous angle",)

    def __post_init__(self) -> None:
        for what in ("solutes", "compartments", "beds", "initials", "vessels", "ends"):
            names = getattr(self, what)
            if len(set(names)) != len(names):
                twice = next(name for name in names if names.count(name) > 1)
                raise NetworkError(f"two {what} are named {twice!r}", hint="give each a name of its own")
        if not self.solutes or not self.compartments or not self.initials or not self.vessels:
            raise NetworkError("drainage needs a solute, a compartment, an initial lymphatic and a vessel at least")
        tissue, vessels = len(self.compartments), len(self.vessels)
        self._check("bed_compartment", len(self.beds), tissue)
        self._check("link_tail", len(self.link_tail), tissue)
        self._check("link_head", len(self.link_tail), tissue)
        self._check("initial_compartment", len(self.initials), tissue)
        self._check("initial_vessel", len(self.initials), vessels)
        self._check("plexus_tail", len(self.plexus_tail), len(self.initials))
        self._check("plexus_head", len(self.plexus_tail), len(self.initials))
        self._check("lymphangion_compartment", len(self.lymphangions), tissue)
        self._check("peripheral", len(self.lymphangions), len(self.lymphangions))
        self._check("downstream", vessels, vessels + len(self.ends))
        for vessel, name in enumerate(self.vessels):
            at = vessel
            for _ in range(vessels):
                at = self.downstream[at]
                if at >= vessels:
                    break
            else:
                raise NetworkError(f"lymph of {name!r} runs in a ring", hint="each vessel must lead to a venous angle")

    def _check(self, what: str, length: int, limit: int) -> None:
        values = getattr(self, what)
        if len(values) != length:
            raise NetworkError(f"{what} has {len(values)} entries where {length} are needed")
        if any(not 0 <= value < limit for value in values):
            raise NetworkError(f"{what} points outside 0 to {limit - 1}")

    @property
    def vessels(self) -> tuple[str, ...]:
        """Names of the vessels."""
        return self.lymphangions + self.nodes

    @cached_property
    def tree(self) -> Tree:
        """The vessels as a tree."""
        return Tree(self.initial_vessel, self.downstream, len(self.ends))

    @cached_property
    def _plexus_at(self) -> np.ndarray:
        """For each initial lymphatic the stretches of plexus at it: those it is tail of, those it is head of, none."""
        ends = np.array([*self.plexus_tail, *self.plexus_head], int)
        met = [np.flatnonzero(ends == number) for number in range(len(self.initials))]
        width = max(map(len, met))
        return np.array([np.pad(at, (0, width - len(at)), constant_values=len(ends)) for at in met])

    def sum_at_initials(self, tails: Float[Array, "plexus batch"], heads: Float[Array, "plexus batch"]) -> Array:
        """Sum at each initial lymphatic over its plexus: of `tails` where it is the tail, of `heads` where the head."""
        padded = jnp.concatenate([tails, heads, jnp.zeros((1, tails.shape[-1]))])
        return sum((padded[column] for column in self._plexus_at.T), jnp.zeros((len(self.initials), tails.shape[-1])))

    @cached_property
    def neighbours(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Each lymphangion's neighbour towards the periphery, and towards the centre; its own number where none."""
        central = list(range(len(self.lymphangions)))
        for number, neighbour in enumerate(self.peripheral):
            if neighbour != number:
                central[neighbour] = number
        return self.peripheral, tuple(central)


class DrainageParameters(eqx.Module):
    """All parameters: one tree, every leaf float64 with the batch axis last.

    Attributes:
        beds, plasma, tissue, links, depots, initials, plexus, lymphangions, nodes, valves: of each kind of part.
        viscosity: of lymph, mmHg s.
        weight: rise of pressure per depth in lymph and tissue fluid, mmHg/cm.
    """

    beds: CapillaryBeds
    plasma: Plasma
    tissue: Interstitium
    links: TissueLinks
    depots: Depots
    initials: Initials
    plexus: Plexus
    lymphangions: Lymphangions
    nodes: Nodes
    valves: LymphValves
    viscosity: Float[Array, "one batch"]
    weight: Float[Array, "one batch"]

    @property
    def batch(self) -> int:
        """Number of members."""
        return self.viscosity.shape[-1]


class PostureAndLoads(eqx.Module):
    """Heights, external pressures and pressures at the venous angles. Pressures in mmHg, heights in cm above the heart.

    Attributes:
        on_compartments: external pressure on the tissue.
        on_initials: external pressure on the initial lymphatics.
        on_vessels: external pressure on the vessels.
        compartment_height, vessel_height, end_height: heights.
        end_pressure: pressure at each venous angle.
    """

    on_compartments: Float[Array, "*time compartments batch"]
    on_initials: Float[Array, "*time initials batch"]
    on_vessels: Float[Array, "*time vessels batch"]
    compartment_height: Float[Array, "*time compartments batch"]
    vessel_height: Float[Array, "*time vessels batch"]
    end_height: Float[Array, "*time ends batch"]
    end_pressure: Float[Array, "*time ends batch"]


class DrainageDrive(eqx.Module):
    """Boundary conditions of an exchange interval, from a regimen and the rest of the body.

    Attributes:
        placed: pressures and heights at the end of the interval.
        venous: pressure at the outlet of each capillary bed, mmHg.
        arterial: arterial pressure at each bed, mmHg.
        column: hydrostatic part of it from the level of the heart, mmHg.
        warmth: blood flow of each bed over that at the reference temperature, 1.
        exercised: rise of its blood flow over rest where its muscle works, 1.
        laid: how far the posture goes from standing (0) to lying (1), for plasma (see `plasma`).
        protein_factor: protein of plasma over what it is without salt or drink, 1.
        strain: amplitude of cyclic strain of the tissue around each initial lymphatic, 1.
        strain_rate: its frequency, 1/s.
        worked: height of the pulse of muscles at work in the tissue around each initial lymphatic, mmHg.
        temperature: of each lymphangion, degrees Celsius.
        beat_initials, beat_vessels: pulses of pressure (working muscle, a hand) on them.
        pulse_tissue: their height on the tissue that each initial lymphatic fills from, mmHg.
        pressed: its mean over the interval on each compartment, mmHg.
        pulse_period: s.
        pulse_begin: time of the run from which periods count, s.
        breath_vessels: amplitude of breathing on each vessel, mmHg.
        breath_end: amplitude of breathing on each venous angle, mmHg.
        breath_period: s.
        inflow: lymph that enters each vessel from the rest of the body, mL/s.
        inflow_solutes: solutes that it brings, mg/s.
    """

    placed: PostureAndLoads
    venous: Float[Array, "*time beds batch"]
    arterial: Float[Array, "*time beds batch"]
    column: Float[Array, "*time beds batch"]
    warmth: Float[Array, "*time beds batch"]
    exercised: Float[Array, "*time beds batch"]
    laid: Float[Array, "*time one batch"]
    protein_factor: Float[Array, "*time one batch"]
    strain: Float[Array, "*time initials batch"]
    strain_rate: Float[Array, "*time initials batch"]
    worked: Float[Array, "*time initials batch"]
    temperature: Float[Array, "*time lymphangions batch"]
    beat_initials: Beat
    beat_vessels: Beat
    pulse_tissue: Float[Array, "*time initials batch"]
    pressed: Float[Array, "*time compartments batch"]
    pulse_period: Float[Array, "*time one batch"]
    pulse_begin: Float[Array, "*time one batch"]
    breath_vessels: Float[Array, "*time vessels batch"]
    breath_end: Float[Array, "*time ends batch"]
    breath_period: Float[Array, "*time one batch"]
    inflow: Float[Array, "*time vessels batch"]
    inflow_solutes: Float[Array, "*time solutes vessels batch"]


class DrainageState(eqx.Module):
    """State of tissue and lymph between two intervals.

    Attributes:
        volume: interstitial fluid of each compartment, mL.
        content: of each solute spread through each compartment, mg.
        depot: of each solute still in the injected depot of each compartment, mg.
        stress: of the Maxwell arms, mmHg.
        opened: share of open capillaries of each bed, 1.
        gained: gain of plasma's volume over that upright, 1.
        lymph: volume of each cell (initial lymphatics, then vessels), mL.
        lymph_content: of each solute in each cell, mg.
        change: of lymph over the last step, mL (for Newton's initial guess).
        pacing: pacemakers.
        diastole: volume of each lymphangion at the onset of its last contraction, mL.
        systole: the least since, mL.
        placed: posture and loads at the end of the last interval.
        clock: time of the run, s.
        alive: whether all intervals so far have been solutions.
        failed_at: when a member failed, s (infinite if it did not).
        cause: SOUND, LYMPH_FAILED or TISSUE_FAILED.
    """

    volume: Float[Array, "compartments batch"]
    content: Float[Array, "solutes compartments batch"]
    depot: Float[Array, "solutes compartments batch"]
    stress: Float[Array, "2 compartments batch"]
    opened: Float[Array, "beds batch"]
    gained: Float[Array, "one batch"]
    lymph: Float[Array, "cells batch"]
    lymph_content: Float[Array, "solutes cells batch"]
    change: Float[Array, "cells batch"]
    pacing: Pacing
    diastole: Float[Array, "lymphangions batch"]
    systole: Float[Array, "lymphangions batch"]
    placed: PostureAndLoads
    clock: Float[Array, ""]
    alive: Bool[Array, "one batch"]
    failed_at: Float[Array, "one batch"]
    cause: Float[Array, "one batch"]


class IntervalTotals(eqx.Module):
    """Totals over the steps of lymph of an interval: volumes in mL, solutes in mg.

    Attributes:
        passed: volume through each outflow towards the centre.
        pulsed: part of it during contraction of a lymphangion on either side.
        solutes: through each outflow.
        uptake: volume from tissue into each initial lymphatic.
        uptake_solutes: with it.
        returned: water that each node gave back to blood.
        plexus: volume from tail to head of each stretch of plexus.
        plexus_solutes: with it.
        pressure: mean of each cell's over the interval, mmHg.
        contractions: number of onsets in each lymphangion.
        ejected: sum over them of the ejection fraction of the contraction before.
        relative_residual: largest residual before the last Newton step over a cell's volume, 1.
        iterations: of Newton, all steps together.
        parted: number of steps that were retried.
    """

    passed: Float[Array, "*time outflows batch"]
    pulsed: Float[Array, "*time outflows batch"]
    solutes: Float[Array, "*time solutes outflows batch"]
    uptake: Float[Array, "*time initials batch"]
    uptake_solutes: Float[Array, "*time solutes initials batch"]
    returned: Float[Array, "*time nodes batch"]
    plexus: Float[Array, "*time plexus batch"]
    plexus_solutes: Float[Array, "*time solutes plexus batch"]
    pressure: Float[Array, "*time cells batch"]
    contractions: Float[Array, "*time lymphangions batch"]
    ejected: Float[Array, "*time lymphangions batch"]
    relative_residual: Float[Array, "*time one batch"]
    iterations: Float[Array, "*time one batch"]
    parted: Float[Array, "*time one batch"]


class IntervalRecord(eqx.Module):
    """Record of an exchange interval; with a leading time axis once recorded. Failed members have zero flows.

    Attributes:
        totals: of the steps of lymph.
        filtered: water from the blood of each bed, mL.
        filtered_solutes: from the blood of each bed, mg (negative: washed into blood).
        seeped: volume from tail to head of each link, mL.
        seeped_solutes: with it, mg.
        entered: lymph from the rest of the body into the vessels, mL.
        entered_solutes: with it, mg.
        angle: lymph that reached blood at the venous angles, all together, mL.
        angle_solutes: with it, mg.
        volume: of each compartment at the end, mL.
        content: of solutes in each compartment at the end, depots included, mg.
        pressure: interstitial pressure, external pressure included, mean over the interval, mmHg.
        oncotic: interstitial oncotic pressure at the begin, mmHg.
        capillary: capillary pressure, mmHg.
        plasma_flow: plasma that passes the capillaries of each bed, mL/s.
        plasma_protein: protein of arterial plasma, mg/mL.
        opened: share of open capillaries, 1.
        lymph: volume of each cell at the end, mL.
        lymph_content: of solutes in each cell at the end, mg.
        since: time since each lymphangion's last onset at the end, s.
        alive: whether the member is still a solution.
    """

    totals: IntervalTotals
    filtered: Float[Array, "*time beds batch"]
    filtered_solutes: Float[Array, "*time solutes beds batch"]
    seeped: Float[Array, "*time links batch"]
    seeped_solutes: Float[Array, "*time solutes links batch"]
    entered: Float[Array, "*time vessels batch"]
    entered_solutes: Float[Array, "*time solutes vessels batch"]
    angle: Float[Array, "*time one batch"]
    angle_solutes: Float[Array, "*time solutes one batch"]
    volume: Float[Array, "*time compartments batch"]
    content: Float[Array, "*time solutes compartments batch"]
    pressure: Float[Array, "*time compartments batch"]
    oncotic: Float[Array, "*time compartments batch"]
    capillary: Float[Array, "*time beds batch"]
    plasma_flow: Float[Array, "*time beds batch"]
    plasma_protein: Float[Array, "*time one batch"]
    opened: Float[Array, "*time beds batch"]
    lymph: Float[Array, "*time cells batch"]
    lymph_content: Float[Array, "*time solutes cells batch"]
    since: Float[Array, "*time lymphangions batch"]
    alive: Bool[Array, "*time one batch"]
