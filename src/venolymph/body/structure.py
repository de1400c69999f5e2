"""The template of a leg laid out as a network: cells, faces, valves and beds by name, the same for all people.

`structure("one")` is one leg in full, the pelvis, and the other leg in a few lumps; `structure("both")` has the
second leg in full too, every name of it with `other leg: ` in front.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from venolymph.body.places import segment_valves, template
from venolymph.errors import NetworkError
from venolymph.figures import Figures, load
from venolymph.network.topology import Topology

Legs = Literal["one", "both"]
OTHER = "other leg: "
ATRIUM, ARTERY = "right atrium", "artery"
LINKS = ("trunk", "thigh", "shank", "foot")
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
        leg: "index", "other" or "pelvis".
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
    leg: str
    lower: float
    upper: float

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
    """

    name: str
    tail_share: float
    head_share: float
    spare: str | None = None
    perforator: str | None = None
    place: str | None = None


@dataclass(frozen=True)
class BedPlan:
    """A microvascular bed: its name, the key of its figures, the leg that it is in."""

    name: str
    figures: str
    leg: str


@dataclass(frozen=True)
class Structure:
    """A topology, and the anatomical meaning of its numbers.

    Attributes:
        topology: layout that the engine takes.
        segments: by name.
        faces: in the topology's order.
        beds: in the topology's order.
        valve_place: for each valve its name in the documents.
        regions: for each region the cells in it, with the fraction of their volume.
        shares: for each cell and slot what surrounds it ("shell" for a garment on that part, else the muscle's name)
            and the fraction of the cell inside.
    """

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
    return _VeinLayout(load()).build(legs)


class _VeinLayout:
    def __init__(self, figures: Figures) -> None:
        self.figures = figures
        self.segments: dict[str, SegmentPlan] = {}
        self.cells: list[str] = []
        self.faces: list[FacePlan] = []
        self.ends_of: list[tuple[int | str, int | str]] = []
        self.valves: dict[int, tuple[str, str]] = {}
        self.pending: dict[tuple[int, str], tuple[str, str]] = {}
        self.beds: list[BedPlan] = []
        self.bed_cells: list[int] = []

    def build(self, legs: Legs) -> Structure:
        data = template()
        both = legs == "both"
        self._add_segments(data["segments"], "", "index")
        self._add_segments(data["pelvis"], "", "pelvis")
        if both:
            self._add_segments(data["segments"], OTHER, "other")
            self._add_segments([s for s in data["pelvis"] if s["name"] == "common iliac"], OTHER, "other")
        else:
            self._add_segments(data["other"], "", "other")
        joins = data["joins"]
        self._join([*joins["leg"], *joins["spare"], *joins["pelvis"]], "")
        self._perforate(data["perforators"], "")
        if both:
            pelvis = [["external iliac", "common iliac"]]
            self._join([*joins["leg"], *joins["spare"], *pelvis], OTHER)
            self._connect(self._last(OTHER + "common iliac"), self._first("vena cava"), 0.5, 0.5, None)
            self._perforate(data["perforators"], OTHER)
        else:
            self._join(joins["other"], "")
        self._add_beds(data["beds"], "", "index")
        self._add_beds(data["beds"] if both else data["other_beds"], OTHER if both else "", "other")
        return self._finish(data, both)

    # -------------------------------------------------------------- segments and their inner faces

    def _add_segments(self, segments: list[dict[str, Any]], prefix: str, leg: str) -> None:
        for data in segments:
            name, count = prefix + data["name"], data["cells"]
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
                muscle=muscle if muscle is None or muscle == "abdomen" else prefix + muscle,
                sheathed=data.get("sheathed", False),
                spare=data.get("spare", False),
                leg=leg,
                lower=self.figures[data["figures"] + ".lower_end"].internal,
                upper=self.figures[data["figures"] + ".upper_end"].internal,
            )
            self.segments[name] = plan
            valves = {after: valve for after, valve in segment_valves(data)}
            for i in range(count - 1):
                valve = valves.pop(i + 1, None)
                self._connect(numbers[i], numbers[i + 1], 0.5, 0.5, name if plan.spare else None)
                if valve:
                    self.valves[len(self.faces) - 1] = (prefix + valve, valve)
            if valves:
                self.pending[numbers[-1], name] = (prefix + valves[count], valves[count])

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

    def _perforate(self, perforators: list[dict[str, Any]], prefix: str) -> None:
        for data in perforators:
            height = self.figures[data["figures"] + ".height"].internal
            tail = self.segments[prefix + data["tail"]].at(height)
            head = self.segments[prefix + data["head"]].at(height)
            self.faces.append(FacePlan(prefix + data["name"], 0.0, 0.0, perforator=data["figures"], place=data["name"]))
            self.ends_of.append((tail, head))
            if data.get("valve", True):
                self.valves[len(self.faces) - 1] = (prefix + data["name"], data["name"])

    def _add_beds(self, beds: list[dict[str, Any]], prefix: str, leg: str) -> None:
        for data in beds:
            _, cell, _ = self._node(prefix + data["cell"], is_tail=False)
            self.beds.append(BedPlan(prefix + data["name"], data["figures"], leg))
            self.bed_cells.append(cell)

    # -------------------------------------------------------------- surroundings, regions, the whole

    def _bounds(self, region: str) -> tuple[float, ...]:
        key = f"body_proportions.region.{region}"
        return self.figures[key + ".lower_end"].internal, self.figures[key + ".upper_end"].internal

    def _finish(self, data: dict[str, Any], both: bool) -> Structure:
        if self.pending:
            raise NetworkError(f"valves without a face: {sorted(name for name, _ in self.pending.values())}")
        leg = data["surroundings"]["leg"]
        surroundings = [*leg, *data["surroundings"]["body"]]
        surroundings += [OTHER + name for name in leg] if both else data["surroundings"]["other"]
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
                if plan.leg == "index" or both:
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
            links=LINKS,
            elastic=tuple(number[prefix + name] for prefix in ("", OTHER)[: 1 + both] for name in FASCIA),
        )
        return Structure(
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
