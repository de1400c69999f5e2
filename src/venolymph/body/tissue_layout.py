"""Where a leg's tissue lies: compartments of subcutis and muscle, the patches that are drained, and what is joined."""

from __future__ import annotations

import math
from dataclasses import dataclass

from venolymph.body.drainage_types import MUSCLE, Compartment, Patch
from venolymph.body.limb import LimbScale


@dataclass(frozen=True)
class TissueLayout:
    """Tissue of a leg.

    Attributes:
        compartments: quarters of subcutis slab by slab, then the muscle of each region.
        patches: of tissue, one for each initial lymphatic.
        links: pairs of neighbouring subcutis, along the limb and around it. The dermal plexus joins the initial
            lymphatics there in the same pairs.
        conductance: of each link, mL/s/mmHg.
    """

    compartments: tuple[Compartment, ...]
    patches: tuple[Patch, ...]
    links: tuple[tuple[int, int], ...]
    conductance: tuple[float, ...]


def tissue_layout(limb: LimbScale) -> TissueLayout:
    """The tissue of a person's leg."""
    compartments, sections = _compartments(limb)
    links, conductance = _links(limb, compartments, sections)
    return TissueLayout(tuple(compartments), tuple(_patches(limb, compartments)), tuple(links), tuple(conductance))


def _compartments(limb: LimbScale) -> tuple[list[Compartment], list[tuple[float, float]]]:
    """Compartments, and for each of subcutis the limb's cross-section there, cm2, and its share of subcutis, 1."""
    compartments: list[Compartment] = []
    sections: list[tuple[float, float]] = []
    around = len(limb.template["quarters"])
    for region, slabs in limb.template["regions"].items():
        low, high = limb.end(region, "lower_end"), limb.end(region, "upper_end")
        whole = limb.value(f"tissue.region.{region}.volume") * limb.bulk
        share = min(0.9, limb.value(f"tissue.region.{region}.subcutis_share") * limb.female)
        below = "distal" if region in ("foot", "ankle", "calf") else "proximal"
        _, thickness, arc = _quarter(around, whole / (high - low), share)
        for slab in range(slabs):
            lower, upper = (low + (high - low) * (slab + i) / slabs for i in (0, 1))
            for quarter in limb.template["quarters"]:
                territory = limb.template["quarter_territory"][below][quarter]
                name = f"{region}, {quarter} [{slab + 1}]"
                volume = whole * share / (slabs * len(limb.template["quarters"]))
                compartments.append(
                    Compartment(name, region, "subcutis", quarter, lower, upper, volume, territory, thickness, arc)
                )
                sections.append((whole / (high - low), share))
    for region in limb.template["regions"]:
        low, high = limb.end(region, "lower_end"), limb.end(region, "upper_end")
        skin = next(c for c in compartments if c.region == region)
        subcutis = limb.value(f"tissue.region.{region}.subcutis_share")
        share = limb.value(f"tissue.region.{region}.muscle_share")
        # What women have more in subcutis they have less in muscle and bone, in proportion.
        share *= (1.0 - min(0.9, subcutis * limb.female)) / (1.0 - subcutis)
        volume = limb.value(f"tissue.region.{region}.volume") * limb.bulk * share
        territory = limb.template["muscle_territory"][region]
        compartments.append(
            Compartment(
                f"{region}, {MUSCLE}", region, MUSCLE, None, low, high, volume, territory,
                skin.thickness, skin.arc * len(limb.template["quarters"]),
            )
        )  # fmt: skip
    return compartments, sections


def _patches(limb: LimbScale, compartments: list[Compartment]) -> list[Patch]:
    """Patches of tissue: each compartment of subcutis, and muscle in as many parts as its region has slabs."""
    patches: list[Patch] = []
    for number, c in enumerate(compartments):
        parts = limb.template["regions"][c.region] if c.tissue == MUSCLE else 1
        for i in range(parts):
            name = c.name if parts == 1 else f"{c.name} [{i + 1}]"
            lower, upper = (c.lower + (c.upper - c.lower) * (i + j) / parts for j in (0, 1))
            patches.append(Patch(name, number, lower, upper, c.volume / parts, c.territory))
    return patches


def _links(
    limb: LimbScale, compartments: list[Compartment], sections: list[tuple[float, float]]
) -> tuple[list[tuple[int, int]], list[float]]:
    """Pairs of neighbouring subcutis, along the limb and around it, and the conductance of each, mL/s/mmHg."""
    conductivity = limb.value("tissue.darcy.conductivity")
    around = len(limb.template["quarters"])
    skin = len(sections)
    pairs, conductance = [], []

    def shape(number: int) -> tuple[float, float, float]:
        return _quarter(around, *sections[number])

    for number in range(skin):
        here = compartments[number]
        section, depth, arc = shape(number)
        height = here.upper - here.lower
        slab, quarter = divmod(number, around)
        beside = slab * around + (quarter + 1) % around
        pairs.append((number, beside))
        conductance.append(conductivity * depth * height / arc)
        above = number + around
        if above < skin:
            there = compartments[above]
            far = 0.5 * (height + there.upper - there.lower)
            pairs.append((number, above))
            conductance.append(conductivity * 0.5 * (section + shape(above)[0]) / far)
    return pairs, conductance


def _quarter(around: int, area: float, share: float) -> tuple[float, float, float]:
    """Cross-section of a quarter of subcutis (cm2), its thickness, and its arc along the middle (cm).

    Args:
        around: how many quarters there are.
        area: cross-section of the limb, cm2.
        share: of it that is subcutis, 1.
    """
    outer, inner = math.sqrt(area / math.pi), math.sqrt((1.0 - share) * area / math.pi)
    return area * share / around, outer - inner, math.pi * (outer + inner) / around
