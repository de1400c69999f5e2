"""The template of a leg laid out as a network: cells, faces, valves and beds by name, the same for all people.

`structure("one")` is one leg in full, the pelvis, and the other leg in a few lumps; `structure("both")` has the
second leg in full too, every name of it with `other leg: ` in front. What the regions are is in `region.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from venolymph.body.places import segment_valves, template
from venolymph.body.region import OTHER, BodyRegion, LegName, Legs, all_links, body_regions
from venolymph.errors import NetworkError
from venolymph.figures import Figures, load
from venolymph.network.topology import Topology

ATRIUM, ARTERY = "right atrium", "artery"
SHELLS = ("foot", "ankle", "calf", "knee", "thigh")
REGIONS = (*SHELLS, "plethysmograph")
FASCIA = ("anterior compartment", "deep posterior compartment", "soleus", "gastrocnemius")
"""Compartments that press harder when the blood in them rises."""


@dataclass(frozen=True)
class SegmentPlan:
    """A segment of the template and its cells.

    Attributes:
        name: with `other leg: ` in front on the second leg.
        place: name in the documents, without that.
        kind: deep, superficial, muscle, trunk, lump or tributary.
        wall: class of wall.
        figures: key of its figures.
        cells: its cells' numbers, distal to proximal.
        muscle: the surrounding that presses on it, or None.
        sheathed: whether fascia keeps a part of a garment's pressure from it.
        spare: whether it is absent unless added.
        region: that it belongs to.
        lower: height of its lower end in the reference leg, cm above the malleolus.
        upper: height of its upper end.
    """

    name: str
    place: str
    kind: str
    wall: str
    figures: str
    cells: tuple[int, ...]
    muscle: str | None
    sheathed: bool
    spare: bool
    region: BodyRegion
    lower: float
    upper: float

    @property
    def leg(self) -> LegName:
        """The leg that it is in, or `pelvis`."""
        return self.region.leg

    def extent(self, number: int) -> tuple[float, float]:
        """Lower and upper height of its cell of that number (from 0) in the reference leg, cm."""
        step = (self.upper - self.lower) / len(self.cells)
        return self.lower + step * number, self.lower + step * (number + 1)

    def at(self, height: float) -> int:
        """The cell that holds a height of the reference leg."""
        share = (height - self.lower) / (self.upper - self.lower)
        return self.cells[min(len(self.cells) - 1, max(0, int(share * len(self.cells))))]


@dataclass(frozen=True)
class FacePlan:
    """A face.

    Attributes:
        name: "A -> B".
        tail_share: part of the tail's length that its flow runs along.
        head_share: part of the head's.
        spare: the spare segment that it belongs to, or None.
        perforator: key of the perforator's figures, or None.
        place: name of the perforator in the documents, or None.
        leg: the leg that a perforator is in.
    """

    name: str
    tail_share: float
    head_share: float
    spare: str | None = None
    perforator: str | None = None
    place: str | None = None
    leg: LegName = "index"


@dataclass(frozen=True)
class BedPlan:
    """A microvascular bed: its name, the key of its figures, the leg that it is in."""

    name: str
    figures: str
    leg: LegName


@dataclass(frozen=True)
class Structure:
    """A topology, and the anatomical meaning of its numbers.

    Attributes:
        body_regions: what it is made of.
        topology: layout that the engine takes.
        segments: by name.
        faces: in the topology's order.
        beds: in the topology's order.
        valve_place: for each valve its name in the documents.
        regions: for each region the cells in it, with the fraction of their volume.
        shares: for each cell and slot what surrounds it ("shell" for a garment on that part, else the muscle's name)
            and the fraction of the cell inside.
    """

    body_regions: tuple[BodyRegion, ...]
    topology: Topology
    segments: dict[str, SegmentPlan]
    faces: tuple[FacePlan, ...]
    beds: tuple[BedPlan, ...]
    valve_place: tuple[str, ...]
    regions: dict[str, dict[int, float]]
    shares: tuple[tuple[tuple[str, float], ...], ...]


@cache
def structure(legs: Legs) -> Structure:
    """The network's layout for one leg or both in full."""
    return _VeinLayout(load(), body_regions(legs)).build()


class _VeinLayout:
    def __init__(self, figures: Figures, regions: tuple[BodyRegion, ...]) -> None:
        self.figures, self.regions = figures, regions
        self.segments: dict[str, SegmentPlan] = {}
        self.cells: list[str] = []
        self.faces: list[FacePlan] = []
        self.ends_of: list[tuple[int | str, int | str]] = []
        self.valves: dict[int, tuple[str, str]] = {}
        self.pending: dict[tuple[int, str], tuple[str, str]] = {}
        self.beds: list[BedPlan] = []
        self.bed_cells: list[int] = []

    def build(self) -> Structure:
        data = template()
        for region in self.regions:
            own = [segment for segment in data["pelvis"] if segment["name"] in region.own]
            self._add_segments([*data[region.segments], *own], region)
        for region in self.regions:
            self._join([pair for key in region.joins for pair in data["joins"][key]], region.prefix)
            if region.veins is not None:
                tail, head = self._last(region.named(region.veins.own)), self._first(region.veins.into)
                self._connect(tail, head, 0.5, 0.5, None)
            if region.perforated:
                self._perforate(data["perforators"], region)
            if region.beds is not None:
                self._add_beds(data[region.beds], region)
        return self._finish(data["surroundings"])

    # -------------------------------------------------------------- segments and their inner faces

    def _add_segments(self, segments: list[dict[str, Any]], region: BodyRegion) -> None:
        for data in segments:
            name, count = region.named(data["name"]), data["cells"]
            start = len(self.cells)
            numbers = tuple(range(start, start + count))
            self.cells += [name] if count == 1 else [f"{name} [{i + 1}]" for i in range(count)]
            muscle = data.get("muscle")
            plan = SegmentPlan(
                name=name,
                place=data["name"],
                kind=data["kind"],
                wall=data["wall"],
                figures=data["figures"],
                cells=numbers,
                muscle=muscle if muscle is None or muscle == "abdomen" else region.named(muscle),
                sheathed=data.get("sheathed", False),
                spare=data.get("spare", False),
                region=region,
                lower=self.figures[data["figures"] + ".lower_end"].internal,
                upper=self.figures[data["figures"] + ".upper_end"].internal,
            )
            self.segments[name] = plan
            valves = {after: valve for after, valve in segment_valves(data)}
            for i in range(count - 1):
                valve = valves.pop(i + 1, None)
                self._connect(numbers[i], numbers[i + 1], 0.5, 0.5, name if plan.spare else None)
                if valve:
                    self.valves[len(self.faces) - 1] = (region.named(valve), valve)
            if valves:
                self.pending[numbers[-1], name] = (region.named(valves[count]), valves[count])

    def _first(self, name: str) -> int:
        return self.segments[name].cells[0]

    def _last(self, name: str) -> int:
        return self.segments[name].cells[-1]

    def _connect(
        self, tail: int | str, head: int | str, tail_share: float, head_share: float, spare: str | None
    ) -> None:
        names = [self.cells[node] if isinstance(node, int) else node for node in (tail, head)]
        self.faces.append(FacePlan(" -> ".join(names), tail_share, head_share, spare))
        self.ends_of.append((tail, head))

    # -------------------------------------------------------------- joins, perforators, beds

    def _join(self, joins: list[list[str]], prefix: str) -> None:
        for tail_text, head_text in joins:
            tail_name, tail, tail_share = self._node(prefix + tail_text, is_tail=True)
            if head_text == ATRIUM:
                self._connect(tail, ATRIUM, tail_share, 0.0, None)
                continue
            head_name, head, head_share = self._node(prefix + head_text, is_tail=False)
            spare = next((name for name in (tail_name, head_name) if self.segments[name].spare), None)
            self._connect(tail, head, tail_share, head_share, spare)
            if tail_text == tail_name.removeprefix(prefix) and isinstance(tail, int):
                valve = self.pending.pop((tail, tail_name), None)
                if valve:
                    self.valves[len(self.faces) - 1] = valve

    def _node(self, text: str, *, is_tail: bool) -> tuple[str, int, float]:
        match = re.fullmatch(r"(.*?)(?: \[(\d+)\])?", text)
        assert match is not None
        name, number = match[1], match[2]
        if name not in self.segments:
            raise NetworkError(f"the template joins {text!r}, which is no segment")
        plan = self.segments[name]
        if number is not None:
            return name, plan.cells[int(number) - 1], 0.0
        fine = plan.kind in ("lump", "muscle") and len(plan.cells) == 1
        if is_tail:
            return name, plan.cells[-1], 1.0 if fine else 0.5
        return name, plan.cells[0], 0.0 if fine else 0.5

    def _perforate(self, perforators: list[dict[str, Any]], region: BodyRegion) -> None:
        for data in perforators:
            height = self.figures[data["figures"] + ".height"].internal
            tail, head = (self.segments[region.named(data[end])].at(height) for end in ("tail", "head"))
            name = region.named(data["name"])
            self.faces.append(FacePlan(name, 0.0, 0.0, perforator=data["figures"], place=data["name"], leg=region.leg))
            self.ends_of.append((tail, head))
            if data.get("valve", True):
                self.valves[len(self.faces) - 1] = (name, data["name"])

    def _add_beds(self, beds: list[dict[str, Any]], region: BodyRegion) -> None:
        for data in beds:
            _, cell, _ = self._node(region.named(data["cell"]), is_tail=False)
            self.beds.append(BedPlan(region.named(data["name"]), data["figures"], region.leg))
            self.bed_cells.append(cell)

    # -------------------------------------------------------------- surroundings, regions, the whole

    def _bounds(self, region: str) -> tuple[float, ...]:
        key = f"body_proportions.region.{region}"
        return self.figures[key + ".lower_end"].internal, self.figures[key + ".upper_end"].internal

    def _finish(self, around: dict[str, list[str]]) -> Structure:
        if self.pending:
            raise NetworkError(f"valves without a face: {sorted(name for name, _ in self.pending.values())}")
        surroundings = [region.named(name) for region in self.regions for name in around[region.surroundings]]
        number = {name: i for i, name in enumerate(surroundings)}
        bounds = {region: self._bounds(region) for region in REGIONS}
        regions: dict[str, dict[int, float]] = {region: {} for region in REGIONS}
        regions |= {OTHER + region: {} for region in REGIONS}
        shares: list[tuple[tuple[str, float], ...]] = [()] * len(self.cells)
        surrounded: list[tuple[int, ...]] = [()] * len(self.cells)
        for plan in self.segments.values():
            prefix = OTHER if plan.leg == "other" else ""
            for i, cell in enumerate(plan.cells):
                inside = {} if plan.leg == "pelvis" else _inside(plan.extent(i), bounds)
                for region, fraction in inside.items():
                    regions[prefix + region][cell] = fraction
                slots: list[tuple[str, float]] = [(plan.muscle, 1.0)] if plan.muscle else []
                if plan.region.full:
                    slots += [(f"{prefix}{r} shell", f) for r, f in inside.items() if r in SHELLS]
                shares[cell] = tuple(slots)
                surrounded[cell] = tuple(number[name] for name, _ in slots)
        width = max(len(slots) for slots in surrounded)
        idle = number["abdomen"]
        order = sorted(self.valves)
        ends = {ATRIUM: len(self.cells), ARTERY: len(self.cells) + 1}
        nodes = [tuple(ends[n] if isinstance(n, str) else n for n in pair) for pair in self.ends_of]
        topology = Topology(
            cells=tuple(self.cells),
            ends=(ATRIUM, ARTERY),
            faces=tuple(face.name for face in self.faces),
            tail=tuple(tail for tail, _ in nodes),
            head=tuple(head for _, head in nodes),
            valves=tuple(self.valves[face][0] for face in order),
            valve_face=tuple(order),
            beds=tuple(bed.name for bed in self.beds),
            bed_tail=(ends[ARTERY],) * len(self.beds),
            bed_cell=tuple(self.bed_cells),
            surroundings=tuple(surroundings),
            # an unused slot repeats what is there already
            surrounded=tuple(slots + (slots[0] if slots else idle,) * (width - len(slots)) for slots in surrounded),
            links=all_links(self.regions),
            elastic=tuple(number[region.named(name)] for region in self.regions if region.full for name in FASCIA),
        )
        return Structure(
            body_regions=self.regions,
            topology=topology,
            segments=self.segments,
            faces=tuple(self.faces),
            beds=tuple(self.beds),
            valve_place=tuple(self.valves[face][1] for face in order),
            regions={name: cells for name, cells in regions.items() if cells},
            shares=tuple(shares),
        )


def _inside(extent: tuple[float, float], bounds: dict[str, tuple[float, ...]]) -> dict[str, float]:
    """Fraction of a stretch of leg that lies in each region."""
    low, high = extent
    found = {name: (min(high, ends[1]) - max(low, ends[0])) / (high - low) for name, ends in bounds.items()}
    return {name: fraction for name, fraction in found.items() if fraction > 1e-9}
