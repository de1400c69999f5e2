"""Where a leg's lymph runs: lymphangions in chains, nodes, and what drains into what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from venolymph.body.drainage_types import Compartment, Patch
from venolymph.body.limb import LimbScale

VENOUS_ANGLE = "venous angle"


@dataclass(frozen=True)
class LymphangionPlace:
    """A lymphangion: its chain, the heights of its ends, and its length, cm."""

    chain: str
    number: int
    lower: float
    upper: float
    length: float


@dataclass(frozen=True)
class LymphLayout:
    """Lymph vessels of a leg and beyond; nodes are vessels that follow the lymphangions.

    Attributes:
        stretches: the lymphangions.
        chains: the vessels of each chain, from the periphery to the centre.
        nodes: the vessel that each node is.
        downstream: the vessel that each one drains into; the venous angle comes after the last.
        extents: heights of the lower and upper end of each vessel above the malleolus, cm.
    """

    stretches: tuple[LymphangionPlace, ...]
    chains: dict[str, tuple[int, ...]]
    nodes: dict[str, int]
    downstream: tuple[int, ...]
    extents: tuple[tuple[float, float], ...]


def lymph_layout(limb: LimbScale) -> LymphLayout:
    """The lymph vessels of a person's leg, and the trunks beyond it."""
    stretches = _stretches(limb)
    chains = {name: tuple(i for i, s in enumerate(stretches) if s.chain == name) for name in limb.template["chains"]}
    nodes = {name: len(stretches) + i for i, name in enumerate(limb.template["nodes"])}
    downstream = _downstream(limb.template, chains, nodes)
    return LymphLayout(tuple(stretches), chains, nodes, downstream, tuple(_extents(limb, stretches)))


def _stretches(limb: LimbScale) -> list[LymphangionPlace]:
    """The lymphangions, chain by chain, from the periphery to the centre."""
    stretches: list[LymphangionPlace] = []
    for name, chain in limb.template["chains"].items():
        low, high, cells = limb.levels[chain["from"]], limb.levels[chain["to"]], chain["cells"]
        whole = limb.value("lymph." + chain["length"]) * limb.length if "length" in chain else high - low
        for i in range(cells):
            lower, upper = (low + (high - low) * (i + j) / cells for j in (0, 1))
            stretches.append(LymphangionPlace(name, i, lower, upper, whole / cells))
    return stretches


def _downstream(
    template: Mapping[str, Any], chains: Mapping[str, tuple[int, ...]], nodes: Mapping[str, int]
) -> tuple[int, ...]:
    """The vessel that each one drains into; the venous angle comes after the last.

    Args:
        template: what is joined to what.
        chains: the vessels of each chain, from the periphery to the centre.
        nodes: the vessel that each node is.
    """
    angle = sum(map(len, chains.values())) + len(nodes)
    entry = {name: cells[0] for name, cells in chains.items()} | dict(nodes) | {VENOUS_ANGLE: angle}
    downstream = [0] * angle
    for name, cells in chains.items():
        for here, there in pairwise(cells):
            downstream[here] = there
        downstream[cells[-1]] = entry[template["chains"][name]["into"]]
    for name, number in nodes.items():
        downstream[number] = entry[template["nodes"][name]["into"]]
    return tuple(downstream)


def _extents(limb: LimbScale, stretches: Sequence[LymphangionPlace]) -> list[tuple[float, float]]:
    """Heights of the lower and upper end of each vessel above the malleolus, cm; nodes follow the lymphangions."""
    half = 0.5 * limb.value("lymph.node.length")
    levels = [limb.levels[node["level"]] for node in limb.template["nodes"].values()]
    return [(s.lower, s.upper) for s in stretches] + [(level - half, level + half) for level in levels]


def nearest_lymphangion(patch: Patch, patches: Sequence[Patch], stretches: Sequence[LymphangionPlace]) -> int:
    """The lymphangion of its territory at a patch's height; a chain begins where its lowest patch lies."""
    own = [i for i, s in enumerate(stretches) if s.chain == patch.territory]
    if patch.lower <= min(p.lower for p in patches if p.territory == patch.territory):
        return own[0]
    return min(own, key=lambda i: abs(0.5 * (stretches[i].lower + stretches[i].upper) - patch.middle))


def compartment_around(stretch: LymphangionPlace, compartments: Sequence[Compartment]) -> int:
    """The compartment that a lymphangion lies in; the uppermost for the trunks beyond the leg."""
    middle = 0.5 * (stretch.lower + stretch.upper)
    own = [i for i, c in enumerate(compartments) if c.territory == stretch.chain]
    own = own or list(range(len(compartments)))
    return min(own, key=lambda i: abs(0.5 * (compartments[i].lower + compartments[i].upper) - middle))
