"""The template of head and neck laid out as a network: cells, faces, valves and beds by name, alike for all people.

One half is the left one alone; with both, names begin with their side, and sinuses, angular and anterior jugular veins
are joined across the midline. A pillow presses on the tissue that lies on it and not on veins: blood of what is lain on
leaves beside it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, get_args

from venolymph.body.head_scale import HeadScale, HeadSide, HeadSides, figure_name
from venolymph.body.region import HEAD_LINKS, HEADS, BodyRegion
from venolymph.body.structure import ARTERY, ATRIUM, BedPlan
from venolymph.errors import NetworkError
from venolymph.network.topology import Topology
from venolymph.steps.head import On

PILLOWS: dict[On, str] = {on: f"pillow, {on}" for on in get_args(On)}
"""What presses on what somebody lies on, by what that is."""
SURROUNDINGS = ("air", "neck", "chest", *PILLOWS.values())
BRAIN = "brain"
SMALL = "small veins, "


@dataclass(frozen=True)
class HeadSegment:
    """A stretch of vein on one side, or the small veins of a region there.

    Attributes:
        name: with its side in front.
        place: without.
        side: left or right.
        kind: deep, superficial, trunk or lump.
        wall: class of wall.
        figures: key of its figures.
        cells: its cells' numbers, from upstream.
        begins: key of the place where it begins.
        ends: key of the place where it ends.
    """

    name: str
    place: str
    side: HeadSide
    kind: str
    wall: str
    figures: str
    cells: tuple[int, ...]
    begins: str
    ends: str


@dataclass(frozen=True)
class HeadFace:
    """A face.

    Attributes:
        name: "A -> B".
        tail_share: part of the tail's length that its flow runs along.
        head_share: part of the head's.
        resistance: key of the resistance in it, of both sides side by side, or None.
        conductance: key of the conductance of the way that it lies in, of both sides together, or None.
        share: its part of the resistance of that way, 1.
    """

    name: str
    tail_share: float = 0.5
    head_share: float = 0.5
    resistance: str | None = None
    conductance: str | None = None
    share: float = 1.0


@dataclass(frozen=True)
class HeadLayout:
    """A topology, and what its numbers are.

    Attributes:
        regions: the sides.
        topology: layout that the engine takes.
        segments: by name.
        faces: in the topology's order.
        beds: in the topology's order.
        valve_place: for each valve its name without the side.
    """

    regions: tuple[BodyRegion, ...]
    topology: Topology
    segments: dict[str, HeadSegment]
    faces: tuple[HeadFace, ...]
    beds: tuple[BedPlan, ...]
    valve_place: tuple[str, ...]


@cache
def head_template() -> dict[str, Any]:
    """The template (`head.toml`) as read; not to be changed by the caller."""
    return tomllib.loads(resources.files("venolymph.body").joinpath("head.toml").read_text("utf-8"))


@cache
def _lain_on() -> dict[str, str]:
    """The regions that may be lain on: `back`, `side` or `front`, by what somebody lies on."""
    return {small["region"]: small["lain_on"] for small in head_template()["small_veins"] if "lain_on" in small}


def pillow_of(region: str, side: HeadSide) -> str | None:
    """The surrounding that presses on a region of a side when somebody lies on it; None where nobody does."""
    on = _lain_on().get(region)
    if on is None:
        return None
    return PILLOWS[side if on == "side" else "back" if on == "back" else "front"]


def area_lain_on(on: On, scale: HeadScale, value: Callable[[str], float]) -> float:
    """Skin of the regions that are lain on, cm2: of one side of the head, or of both on the back and on the front.

    Args:
        on: what somebody lies on.
        scale: of the head.
        value: a figure in internal units by its key.
    """
    sides: tuple[HeadSide, ...] = get_args(HeadSide)
    places = [place for place in _lain_on() for side in sides if pillow_of(place, side) == PILLOWS[on]]
    return scale.length**2 * sum(value(f"head_tissue.region.{figure_name(place)}.area") for place in places)


@cache
def head_layout(sides: HeadSides) -> HeadLayout:
    """The network's layout of the left half or of both."""
    return _Builder(HEADS if sides == "both" else HEADS[:1]).build()


class _Builder:
    def __init__(self, regions: tuple[BodyRegion, ...]) -> None:
        self.regions = regions
        self.segments: dict[str, HeadSegment] = {}
        self.cells: list[str] = []
        self.around: list[str] = []
        self.faces: list[HeadFace] = []
        self.ends_of: list[tuple[int | str, int | str]] = []
        self.valves: dict[str, str] = {}
        self.beds: list[BedPlan] = []
        self.bed_cells: list[int] = []

    def build(self) -> HeadLayout:
        data = head_template()
        for region in self.regions:
            for segment in data["segments"]:
                self._add(segment, region)
            for small in data["small_veins"]:
                self._add_small(small, region)
            for join in data["joins"]:
                self._join(join, region)
            self._add_bed(BRAIN, "sigmoid sinus", "head_veins.brain", region)
        if len(self.regions) > 1:
            for across in data["across"]:
                self._connect(*(self._cell(region.named(across["segment"]), 0) for region in self.regions))
        return self._finish()

    def _add(self, data: dict[str, Any], region: BodyRegion) -> None:
        name, count, start = region.named(data["name"]), data["cells"], len(self.cells)
        numbers = tuple(range(start, start + count))
        self.cells += [name] if count == 1 else [f"{name} [{i + 1}]" for i in range(count)]
        self.around += [data["surrounding"]] * count
        self.segments[name] = HeadSegment(
            name=name,
            place=data["name"],
            side="left" if region.leg == "left head" else "right",
            kind=data["kind"],
            wall=data["wall"],
            figures=data["figures"],
            cells=numbers,
            begins=data["from"],
            ends=data["to"],
        )
        for i in range(count - 1):
            self._connect(numbers[i], numbers[i + 1])
        for valve in data.get("valves", ()):
            self.valves[self.cells[start + valve["after"] - 1]] = valve["name"]

    def _add_small(self, data: dict[str, Any], region: BodyRegion) -> None:
        place = SMALL + data["region"]
        key = "head_veins.small." + figure_name(data["region"])
        vessels = {"name": place, "kind": "lump", "wall": "muscle", "figures": key, "from": key, "to": key}
        self._add({**vessels, "cells": 1, "surrounding": "air"}, region)
        tail = self._cell(region.named(place), -1)
        self._connect(tail, self._cell(region.named(data["into"]), 0), tail_share=1.0)
        self._add_bed(data["region"], place, key, region)

    def _add_bed(self, name: str, place: str, figures: str, region: BodyRegion) -> None:
        self.beds.append(BedPlan(region.named(name), figures, region.leg))
        self.bed_cells.append(self._cell(region.named(place), 0))

    def _join(self, data: dict[str, Any], region: BodyRegion) -> None:
        tail = self._cell(region.named(data["tail"]), -1)
        head = ATRIUM if data["head"] == ATRIUM else self._cell(region.named(data["head"]), 0)
        resists = {key: data.get(key) for key in ("resistance", "conductance")}
        along = 0.5
        if resists["conductance"]:
            way = [join for join in head_template()["joins"] if join.get("conductance") == resists["conductance"]]
            along, resists["share"] = 0.0, 1.0 / len(way)
        self._connect(tail, head, tail_share=along, head_share=0.0 if head == ATRIUM else along, **resists)

    def _connect(self, tail: int | str, head: int | str, **how: Any) -> None:
        names = [self.cells[node] if isinstance(node, int) else node for node in (tail, head)]
        self.faces.append(HeadFace(" -> ".join(names), **how))
        self.ends_of.append((tail, head))

    def _cell(self, text: str, which: int) -> int:
        """A cell by its name, or the first (0) or last (-1) one of a segment."""
        match = re.fullmatch(r"(.*?)(?: \[(\d+)\])?", text)
        if match is None or match[1] not in self.segments:
            raise NetworkError(f"the template joins {text!r}, which is no segment")
        cells = self.segments[match[1]].cells
        return cells[which if match[2] is None else int(match[2]) - 1]

    def _finish(self) -> HeadLayout:
        ends = {ATRIUM: len(self.cells), ARTERY: len(self.cells) + 1}
        nodes = [tuple(ends[n] if isinstance(n, str) else n for n in pair) for pair in self.ends_of]
        valved = [self._valved(cell) for cell in self.valves]
        order = sorted(range(len(valved)), key=lambda i: valved[i])
        places = list(self.valves.items())
        sides = [next(r for r in self.regions if places[i][0].startswith(r.prefix)) for i in order]
        topology = Topology(
            cells=tuple(self.cells),
            ends=(ATRIUM, ARTERY),
            faces=tuple(face.name for face in self.faces),
            tail=tuple(tail for tail, _ in nodes),
            head=tuple(head for _, head in nodes),
            valves=tuple(side.named(places[i][1]) for side, i in zip(sides, order, strict=True)),
            valve_face=tuple(valved[i] for i in order),
            beds=tuple(bed.name for bed in self.beds),
            bed_tail=(ends[ARTERY],) * len(self.beds),
            bed_cell=tuple(self.bed_cells),
            surroundings=SURROUNDINGS,
            surrounded=tuple((SURROUNDINGS.index(name),) for name in self.around),
            links=HEAD_LINKS,
        )
        return HeadLayout(
            regions=self.regions,
            topology=topology,
            segments=self.segments,
            faces=tuple(self.faces),
            beds=tuple(self.beds),
            valve_place=tuple(places[i][1] for i in order),
        )

    def _valved(self, cell: str) -> int:
        """The face through which a cell empties."""
        number = self.cells.index(cell)
        return next(i for i, (tail, _) in enumerate(self.ends_of) if tail == number)
