"""A body as the rest of the program sees it: a network and the names of its places."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from venolymph.body.region import BodyRegion, Legs
from venolymph.figures import Figure
from venolymph.network.parameters import Parameters
from venolymph.network.topology import Topology

if TYPE_CHECKING:
    from venolymph.body.person import Person


@dataclass(frozen=True)
class Segment:
    """A named stretch of vein.

    Attributes:
        name: as documents and instruments say it.
        cells: numbers of its cells, distal to proximal.
        heights: height of each cell's middle above the medial malleolus, in a head above the right atrium, cm.
        kind: deep, superficial, muscle (sinuses and veins in muscle), trunk, lump or tributary (a spare slot).
        leg: "left", "right", or "pelvis".
        present: False for a spare slot that is switched off.
    """

    name: str
    cells: tuple[int, ...]
    heights: tuple[float, ...]
    kind: str
    leg: str
    present: bool = True


@dataclass(frozen=True)
class Body:
    """A person's veins as a network, and the names of its places.

    Attributes:
        topology: what is joined to what; the same for all people.
        parameters: every number, batch axis of length 1.
        person: whose it is.
        segments: stretches of vein by name.
        valves: number of each valve by name.
        regions: for "foot", "ankle", "calf", "knee", "thigh" and "plethysmograph" the cells inside and the fraction
            of their volume that is.
        index_side: side of the index leg, the one in full where only one is.
        body_regions: what it is made of: legs and pelvis, or sides of head and neck.
        figures: the figures that the numbers come from, by key.
        sources: for each array of the parameters ("cells.length") and each of its entries the keys of those figures.
        known: all figures that it was made with and that a regimen's forces come from; None for the packaged ones.
        phase_modifier: changes each phase of a regimen where a circuit above the leg drives the body too; else None.
    """

    topology: Topology
    parameters: Parameters
    person: Person
    segments: dict[str, Segment]
    valves: dict[str, int]
    regions: dict[str, dict[int, float]]
    index_side: Literal["left", "right"]
    body_regions: tuple[BodyRegion, ...]
    figures: dict[str, Figure] = field(repr=False)
    sources: dict[str, tuple[tuple[str, ...], ...]] = field(repr=False)
    known: Mapping[str, Figure] | None = field(default=None, repr=False, compare=False)
    phase_modifier: Callable[[Any], Any] | None = field(default=None, repr=False, compare=False)

    @property
    def legs(self) -> Legs | Literal["none"]:
        """`one` leg in full, `both`, or `none` in a body of head and neck."""
        full = {region.leg for region in self.body_regions if region.leg == "index" or region.full}
        return "both" if "other" in full else "one" if "index" in full else "none"

    def side_of(self, region: BodyRegion) -> str:
        """Side of a region: `left`, `right`, or `pelvis`."""
        other = "right" if self.index_side == "left" else "left"
        heads = {"left head": "left", "right head": "right"}
        return {"index": self.index_side, "other": other, "pelvis": "pelvis", **heads}[region.leg]
