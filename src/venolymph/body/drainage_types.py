"""The drainage of a region, and of a leg, as data: tissue compartments, patches that are drained, and a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import jax
import numpy as np

from venolymph.body.head_scale import HeadSide
from venolymph.body.region import INDEX_LEG, BodyRegion, LegName
from venolymph.figures import Figure
from venolymph.network.drainage import DrainageParameters, DrainageTopology
from venolymph.steps.marks import Injection

MUSCLE = "muscle"
"""Tissue of a compartment that is muscle."""
PER_MILLILITRE = 1e3
"""Factor from g/mL to mg/mL."""


@dataclass(frozen=True)
class LymphDisease:
    """Lymphatic disease as factors on healthy values; healthy by default.

    Attributes:
        contractility: active tension of the leg's lymphangions as a multiple of healthy, 1.
        collectors: number of the leg's collectors as a multiple, 1.
        valve_leak: share of a valve's open conductance that is left when it is shut, 1.
        removed: names of nodes that are gone.
        swelling: fluid of subcutis to begin from as a multiple, 1.
    """

    contractility: float = 1.0
    collectors: float = 1.0
    valve_leak: float = 0.0
    removed: frozenset[str] = frozenset()
    swelling: float = 1.0


@dataclass(frozen=True)
class HeadDisease:
    """What is unusual about tissue and lymph of head and neck; nothing by default.

    Attributes:
        removed: names, with their side, of nodes and trunks that are gone ("left upper deep cervical").
        irradiated: sides whose skin was irradiated: capillaries let more through, tissue is stiffer.
        contractility: active tension of lymphangions as a multiple of healthy, 1.
        uptake: of tissue fluid by initial lymphatics as a multiple, 1.
        plasma_protein: by how much protein of plasma differs from the reference, as a share of it, 1.
        lid_looseness: of the lids' tissue, where it is not the figure, 1.
        lid_dermis: thickness of the lower lids' dermis, where it is not the figure, cm.
        ways: for compartments ("left forehead") shares of their lymph by chain, where they are not the figures, 1.
    """

    removed: frozenset[str] = frozenset()
    irradiated: frozenset[HeadSide] = frozenset()
    contractility: float = 1.0
    uptake: float = 1.0
    plasma_protein: float = 0.0
    lid_looseness: float | None = None
    lid_dermis: float | None = None
    ways: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Compartment:
    """A tissue compartment of a leg.

    Attributes:
        name: "calf, medial [2]", or "calf, muscle".
        region: foot, ankle, calf, knee or thigh.
        tissue: "subcutis" or "muscle".
        quarter: front, medial, back, lateral; None for muscle.
        lower: height of its lower end above the medial malleolus, cm.
        upper: height of its upper end, cm.
        volume: of the tissue, mL (fluid is a share of it).
        territory: the chain of collectors that it drains into.
        thickness: of the layer under the skin, cm (of a muscle: that of the subcutis over it).
        arc: its extent around the limb, along its middle, cm.
        leg: `index` or `other`.
    """

    name: str
    region: str
    tissue: str
    quarter: str | None
    lower: float
    upper: float
    volume: float
    territory: str
    thickness: float
    arc: float
    leg: LegName = "index"

    @property
    def tight(self) -> bool:
        """Whether it lies in foot or ankle, whose skin and muscle are bound tighter than elsewhere in the leg."""
        return self.region in ("foot", "ankle")


@dataclass(frozen=True)
class HeadCompartment:
    """A tissue compartment of head and neck: a region of one side, from the skin to bone or deep fascia.

    Attributes:
        name: "left lower lid, medial".
        region: the same without the side.
        side: of the head.
        place: cm forward of, outward from and above the right atrium with the head upright, in the reference body.
        area_cm2: of the skin.
        thickness_cm: from the skin to bone or deep fascia, with tissue fluid at v = 1.
        dermis_cm: of epidermis and dermis, part of it.
        interstitial_share: share of the tissue that is fluid at v = 1, 1.
        looseness: how much less its pressure rises with its fluid than that of a leg's skin, 1.
        filters: water that its capillaries let through over that of healthy skin of the head, 1.
        tissue: skin and what lies under it.
    """

    name: str
    region: str
    side: HeadSide
    place: tuple[float, float, float]
    area_cm2: float
    thickness_cm: float
    dermis_cm: float
    interstitial_share: float
    looseness: float
    filters: float = 1.0
    tissue: str = "subcutis"

    @property
    def volume(self) -> float:
        """Of the tissue, mL."""
        return self.area_cm2 * self.thickness_cm

    @property
    def tight(self) -> bool:
        """Not: only foot and ankle are bound tighter."""
        return False


@dataclass(frozen=True)
class HeadPatch:
    """The part of a compartment of head and neck that one initial lymphatic drains.

    Attributes:
        name: "left forehead to orbito-temporal".
        compartment: number of the compartment.
        volume: of the tissue that it serves, mL.
        territory: the chain of collectors that it drains into ("left orbito-temporal").
        side: of the head.
    """

    name: str
    compartment: int
    volume: float
    territory: str
    side: HeadSide


@dataclass(frozen=True)
class Patch:
    """The patch of tissue of a leg that one initial lymphatic drains.

    Attributes:
        name: the compartment's, or "calf, muscle [2]".
        compartment: number of the compartment that it lies in.
        lower: height of its lower end above the medial malleolus, cm.
        upper: height of its upper end, cm.
        volume: of the tissue that it serves, mL.
        territory: the chain of collectors that it drains into.
        leg: `index` or `other`.
    """

    name: str
    compartment: int
    lower: float
    upper: float
    volume: float
    territory: str
    leg: LegName = "index"

    @property
    def middle(self) -> float:
        """Height of its middle, cm."""
        return 0.5 * (self.lower + self.upper)


@dataclass(frozen=True, kw_only=True)
class Drainage:
    """A person's drainage as a network, and the names of its places: what every region of a body has.

    Attributes:
        topology: what is joined to what; the same for all people.
        parameters: every number, batch axis of length 1.
        compartments: in the topology's order; beds are one to each, in the same order.
        patches: patch of tissue that each initial lymphatic drains.
        chains: the vessels of each chain of lymphangions by name, from the periphery to the centre.
        nodes: the vessel that each node is, by name.
        compartment_position, vessel_position, end_position: where each lies along the body's links, cm down from the
            right atrium (see `network.surroundings.heights`), shapes (n, links, batch).
        concentration: of each solute in tissue to begin from, mg/mL, shape (solutes, n, batch).
        swelling: fluid of each compartment to begin from, relative to its reference volume, 1, shape (n, batch).
        opened: share of open capillaries of each compartment to begin from, 1, shape (n, batch).
        filling: lymph in each cell to begin from, relative to that of a slack one, 1, shape (cells, batch).
        lymph_concentration: of each solute in it, mg/mL, shape (solutes, cells, batch).
        inflow: lymph from the rest of the body into each vessel, mL/s, shape (vessels, batch).
        inflow_solutes: what it brings, mg/s.
        figures: the figures that the numbers come from, by key.
        sources: for each array of the parameters ("lymphangions.tension") and each entry along its first dimension the
            keys of those figures.
        seed: of what was drawn by chance.
    """

    topology: DrainageTopology
    parameters: DrainageParameters
    compartments: tuple[Any, ...]
    patches: tuple[Any, ...]
    chains: dict[str, tuple[int, ...]]
    nodes: dict[str, int]
    compartment_position: jax.Array
    vessel_position: jax.Array
    end_position: jax.Array
    concentration: jax.Array
    swelling: jax.Array
    opened: jax.Array
    filling: jax.Array
    lymph_concentration: jax.Array
    inflow: jax.Array
    inflow_solutes: jax.Array
    figures: dict[str, Figure] = field(repr=False)
    sources: dict[str, tuple[tuple[str, ...], ...]] = field(repr=False)
    seed: int = 0

    def reached_by(self, one: Injection) -> tuple[int, ...]:
        """Numbers of the compartments that a tracer is put into."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class LegDrainage(Drainage):
    """The drainage of one leg, or of both joined (`joined_legs`).

    Names of the second leg's places bear its prefix; names of regions, tissue and sides do not.

    Attributes:
        compartments: quarters of subcutis slab by slab, then muscle.
        patches: one for each compartment of subcutis, several along a muscle.
        extents: heights of the lower and upper end of each vessel above the medial malleolus, cm, shape (vessels, 2).
        parts: heights of the lower and the upper end of each part of the leg, and of the abdomen, cm.
        bulk: volume of each part of the leg, bone and all, with tissue fluid at v = 1, mL.
        region: of the body that it is; the index leg where both are joined.
        side: of the body that this leg is on.
        legs: where both are joined, each by itself, the index leg first.
    """

    compartments: tuple[Compartment, ...]
    patches: tuple[Patch, ...]
    extents: np.ndarray
    parts: dict[str, tuple[float, float]]
    bulk: dict[str, float]
    region: BodyRegion = INDEX_LEG
    side: Literal["left", "right"] = "left"
    legs: tuple[LegDrainage, ...] = ()

    @property
    def shared(self) -> frozenset[int]:
        """Vessels that both legs share: those from the port on at which a leg's lymph is joined to the rest."""
        port = self.region.lymph
        at, found = self.nodes[port.into] if port else len(self.topology.downstream), []
        while at < len(self.topology.downstream):
            found.append(at)
            at = self.topology.downstream[at]
        return frozenset(found)

    def reached_by(self, one: Injection) -> tuple[int, ...]:
        """Numbers of the compartments that a tracer is put into."""
        return self.under_skin(one.at, one.side, self.leg_on(one.leg))

    def leg_on(self, side: Literal["left", "right"] | None) -> LegName:
        """The leg on a side; the index leg where none is named."""
        return "index" if side in (None, self.side) else "other"

    def within(self, region: str, tissue: str | None = None, leg: LegName = "index") -> tuple[int, ...]:
        """Numbers of the compartments of a region of a leg, of one tissue or both."""
        return tuple(
            i
            for i, c in enumerate(self.compartments)
            if (c.region, c.leg) == (region, leg) and tissue in (None, c.tissue)
        )

    def under_skin(self, region: str, side: str | None = None, leg: LegName = "index") -> tuple[int, ...]:
        """Numbers of the compartments of subcutis of a region of a leg, of one side or all around."""
        return tuple(i for i in self.within(region, "subcutis", leg) if side in (None, self.compartments[i].quarter))

    def below(self, level: float) -> np.ndarray:
        """Share of each compartment that lies below a level, shape (n,).

        Args:
            level: cm above the medial malleolus of a leg of the reference length; it is scaled with this one's.
        """
        scaled = level * self.parts["calf"][1] / self.figures["body_proportions.region.calf.upper_end"].internal
        lower, upper = (np.array([getattr(c, end) for c in self.compartments]) for end in ("lower", "upper"))
        return np.clip((scaled - lower) / (upper - lower), 0.0, 1.0)


@dataclass(frozen=True, kw_only=True)
class HeadDrainage(Drainage):
    """The drainage of head and neck, of the left half alone or of both, each to its own venous angle.

    Attributes:
        compartments: region by region, of the left and then of the right side.
        patches: one for each way that lymph leaves a compartment.
        sides: that it has.
        vessel_place: of each vessel's middle, cm forward, outward and up as for compartments, shape (vessels, 3).
        vessel_side: of each vessel.
    """

    compartments: tuple[HeadCompartment, ...]
    patches: tuple[HeadPatch, ...]
    sides: tuple[HeadSide, ...]
    vessel_place: np.ndarray
    vessel_side: tuple[HeadSide, ...]

    def reached_by(self, one: Injection) -> tuple[int, ...]:
        """Numbers of the compartments that a tracer is put into."""
        return self.within(one.at, one.half)

    def within(self, region: str, side: HeadSide | None = None) -> tuple[int, ...]:
        """Numbers of the compartments of a region ("cheek" or "cheek, medial"), of one side or both."""
        return tuple(
            number
            for number, c in enumerate(self.compartments)
            if (c.region == region or c.region.startswith(f"{region}, ")) and side in (None, c.side)
        )
