"""Tissue of head and neck: compartments of each side, the patches that are drained, neighbours, and their numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import jax.numpy as jnp

from venolymph.body.drainage_types import HeadCompartment, HeadDisease, HeadPatch
from venolymph.body.figure_columns import Column, FigureColumns, as_array
from venolymph.body.head_scale import HeadScale, HeadSide, figure_name
from venolymph.body.tissue_parameters import TissueParameters
from venolymph.errors import DocumentError
from venolymph.network.exchange import CapillaryBeds
from venolymph.network.interstitium import Interstitium


@dataclass(frozen=True)
class HeadTissue:
    """Tissue of head and neck.

    Attributes:
        compartments: region by region, side by side.
        patches: one for each way that lymph leaves a compartment, in their order.
        links: pairs of neighbouring compartments, on a side and across the midline.
        conductance: of each link, mL/s/mmHg.
        plexus: pairs of patches that the valveless plexus joins: of neighbours, and of one compartment.
    """

    compartments: tuple[HeadCompartment, ...]
    patches: tuple[HeadPatch, ...]
    links: tuple[tuple[int, int], ...]
    conductance: tuple[float, ...]
    plexus: tuple[tuple[int, int], ...]


def head_tissue(
    template: Mapping[str, Any],
    sides: Sequence[HeadSide],
    scale: HeadScale,
    columns: FigureColumns,
    disease: HeadDisease,
) -> HeadTissue:
    """The tissue of a person's head and neck.

    Args:
        template: what is joined to what (`head_drainage.toml`).
        sides: that there are.
        scale: the person's size.
        columns: where the figures come from.
        disease: what is unusual about it.
    """
    regions = template["regions"]
    compartments = [
        _compartment(name, side, regions[name], scale, columns, disease) for side in sides for name in regions
    ]
    patches: list[HeadPatch] = []
    for number, c in enumerate(compartments):
        for way, part in _ways(c, regions[c.region], columns, disease).items():
            # an initial lymphatic that serves nothing would be no cell
            volume = max(part, 1e-3) * c.volume
            patches.append(HeadPatch(f"{c.name} to {way}", number, volume, f"{c.side} {way}", c.side))
    links = _neighbours(regions, sides)
    conductivity = columns.value("tissue.darcy.conductivity")
    first = [next(i for i, p in enumerate(patches) if p.compartment == n) for n in range(len(compartments))]
    own = [(i, i + 1) for i in range(len(patches) - 1) if patches[i].compartment == patches[i + 1].compartment]
    return HeadTissue(
        tuple(compartments),
        tuple(patches),
        tuple(links),
        tuple(_conductance(conductivity, compartments[a], compartments[b]) for a, b in links),
        (*((first[a], first[b]) for a, b in links), *own),
    )


def _ways(
    compartment: HeadCompartment, region: Mapping[str, Any], columns: FigureColumns, disease: HeadDisease
) -> dict[str, float]:
    """By which chains lymph leaves a compartment, and which share of it by each.

    Raises:
        DocumentError: where a share is stated of a chain that it cannot leave by.
    """
    ways = region["drains"]
    if compartment.name in disease.ways:
        stated = disease.ways[compartment.name]
        for way in stated:
            if way not in ways:
                raise DocumentError(
                    f"lymph of {compartment.name!r} cannot leave by {way!r}", hint=f"it leaves by {' or '.join(ways)}"
                )
        return {way: stated.get(way, 0.0) for way in ways}
    if len(ways) == 1:
        return {ways[0]: 1.0}
    second = columns.value("head_lymph." + region["share"])
    return {ways[0]: 1.0 - second, ways[1]: second}


def _compartment(
    name: str,
    side: HeadSide,
    region: Mapping[str, Any],
    scale: HeadScale,
    columns: FigureColumns,
    disease: HeadDisease,
) -> HeadCompartment:
    """One region of one side."""

    def value(what: str) -> float:
        return columns.value(f"head_tissue.region.{figure_name(name)}.{what}")

    lid = name.split(", ", maxsplit=1)[0].endswith("lid")
    loose = disease.lid_looseness if lid and disease.lid_looseness is not None else value("looseness")
    thin = disease.lid_dermis if name.startswith("lower lid") and disease.lid_dermis is not None else value("dermis")
    irradiated = side in disease.irradiated
    stiffer = columns.value("head_tissue.radiation.stiffness") if irradiated else 1.0
    forward, lateral, up = region["place"]
    return HeadCompartment(
        name=f"{side} {name}",
        region=name,
        side=side,
        place=(forward, lateral, up),
        area_cm2=value("area") * scale.length**2,
        thickness_cm=value("thickness"),
        dermis_cm=thin,
        interstitial_share=value("interstitial_share"),
        looseness=loose / stiffer,
        filters=columns.value("head_tissue.radiation.filtration") if irradiated else 1.0,
    )


def _neighbours(regions: Mapping[str, Any], sides: Sequence[HeadSide]) -> list[tuple[int, int]]:
    """Pairs of neighbouring compartments: those of each side, then across the midline."""
    names, count = list(regions), len(regions)
    beside = [(names.index(a), names.index(b)) for a in names for b in regions[a]["beside"]]
    pairs = [(a + s * count, b + s * count) for s in range(len(sides)) for a, b in beside]
    if len(sides) > 1:
        pairs += [(n, n + count) for n, name in enumerate(names) if regions[name].get("midline")]
    return pairs


def _conductance(conductivity: float, one: HeadCompartment, two: HeadCompartment) -> float:
    """What joins two neighbours, mL/s/mmHg: both taken as squares that share the smaller one's edge."""
    edges = math.sqrt(one.area_cm2), math.sqrt(two.area_cm2)
    depth = 0.5 * (one.thickness_cm + two.thickness_cm)
    return conductivity * depth * min(edges) / (0.5 * sum(edges))


class HeadTissueParameters(TissueParameters):
    """Parameters of the tissue of head and neck: as in the leg, where a region does not differ.

    Args:
        tissue: its layout.
        columns: where the figures come from, and their keys are kept.
    """

    kept_drop: ClassVar[str | None] = "head_tissue.capillary.kept_drop"

    def __init__(self, tissue: HeadTissue, columns: FigureColumns) -> None:
        super().__init__(tissue.compartments, tissue.conductance, columns)
        self._places = tissue.compartments

    def _figures(self, what: str) -> list[tuple[str, ...]]:
        """Key of a figure of each region."""
        return [(f"head_tissue.region.{figure_name(c.region)}.{what}",) for c in self._places]

    def _fluid(self) -> Column:
        keys = self._figures("interstitial_share")
        return [c.volume * c.interstitial_share for c in self._places], keys

    def beds(self) -> CapillaryBeds:
        """Capillaries of each compartment; those of irradiated skin let more through."""
        beds = super().beds()
        neck = self.columns.value("head_tissue.neck.perfusion")
        perfused = as_array([neck if c.region.startswith("neck") else 1.0 for c in self._places])
        return replace(
            beds,
            filtration=beds.filtration * perfused * as_array([c.filters for c in self._places]),
            permeability=beds.permeability * perfused[None],
            plasma_flow=beds.plasma_flow * perfused,
        )

    def interstitium(self) -> Interstitium:
        """Tissue fluid of each compartment and what holds it: in loose tissue pressure rises later and less.

        Drying, tissue is held by what binds its water, as in the leg. Swelling, with a looseness m, P(v) becomes
        P(1 + (v - 1) / m) with one slope up to the flat part, that of the chord.
        """
        found = super().interstitium()
        loose, keys = as_array([c.looseness for c in self._places]), self._figures("looseness")
        rise = found.stiff_slope * (found.middle_knee - 1.0) + found.middle_slope * (
            found.flat_knee - found.middle_knee
        )
        changed = {
            "middle_knee": jnp.ones_like(loose),
            "middle_slope": rise / (found.flat_knee - 1.0) / loose,
            "flat_slope": found.flat_slope / loose,
            "taut_slope": found.taut_slope / loose,
            "flat_knee": 1.0 + (found.flat_knee - 1.0) * loose,
            "taut_knee": 1.0 + (found.taut_knee - 1.0) * loose,
        }
        for name in changed:
            known = self.columns.sources[f"tissue.{name}"]
            self.columns.sources[f"tissue.{name}"] = tuple((*a, *b) for a, b in zip(known, keys, strict=True))
        return replace(found, **changed)
