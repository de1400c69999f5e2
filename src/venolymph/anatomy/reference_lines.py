"""Lines of everything in the network, in a body of the reference size: what is the same for all people of one sex.

Coordinates are those of the body (`Geometry`). A person's are these, scaled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from venolymph.anatomy.courses import Courses, VesselCourse, drawn
from venolymph.anatomy.surface import LimbSurface
from venolymph.body.drainage_types import Compartment
from venolymph.body.limb import LimbScale
from venolymph.body.lymph_layout import lymph_layout
from venolymph.body.person import Person, load_person
from venolymph.body.places import drainage_template
from venolymph.body.region import BodyRegion, Legs, body_regions, full_legs
from venolymph.body.structure import FacePlan, SegmentPlan, Structure, structure
from venolymph.body.tissue_layout import tissue_layout
from venolymph.figures import load

MEETS = 0.3
"""Below this length, cm, a face is a meeting of two ends, and no way between them."""
ARC = 13
"""Points along the arc of a quarter of the skin."""


@dataclass(frozen=True)
class ReferenceLines:
    """Lines in a body of the reference size by name, cm, each of shape (n, 3).

    Attributes:
        cells: of veins.
        faces: of what joins them; a single point where two ends meet.
        valves: place of each valve and the direction in which it opens, shape (2, 3).
        compartments: of tissue: along the middle of a quarter of skin, up the middle of muscle.
        vessels: of lymph, nodes among them.
    """

    cells: dict[str, np.ndarray]
    faces: dict[str, np.ndarray]
    valves: dict[str, np.ndarray]
    compartments: dict[str, np.ndarray]
    vessels: dict[str, np.ndarray]


def scaling(limb: LimbScale) -> np.ndarray:
    """A person's size as multiples of the reference body's: to the side, upward, forward.

    Heights go with the leg's length; widths with the root of its volume over that, as girths do.
    """
    wide = float(np.sqrt(limb.bulk / limb.length))
    return np.array([wide, limb.length, wide])


@cache
def reference_lines(legs: Legs, side: str, sex: str) -> ReferenceLines:
    """Lines in a body of the reference size; not to be changed by the caller.

    Args:
        legs: `one` leg in full, or `both`.
        side: of the index leg, `left` or `right`.
        sex: `male` or `female`: women have more subcutis over less muscle.
    """
    return _Drawing(_reference_person(sex), legs, side).lines()


def _reference_person(sex: str) -> Person:
    figures = load()
    size = {name: figures[f"body_proportions.reference.{name}"].internal for name in ("height", "mass")}
    subject = {"label": "reference", "sex": sex, "age": "40 y", "height": f"{size['height']} cm"}
    return load_person({"kind": "person", "version": 1, "person": subject | {"mass": f"{size['mass']} kg"}})


class _Drawing:
    def __init__(self, person: Person, legs: Legs, side: str) -> None:
        self.limb = LimbScale(person, load())
        self.plan: Structure = structure(legs)
        self.regions: Sequence[BodyRegion] = body_regions(legs)
        self.skin: Sequence[Compartment] = tissue_layout(self.limb).compartments
        self.sign = {"index": 1 if side == "left" else -1}
        self.sign |= {"other": -self.sign["index"], "pelvis": self.sign["index"]}
        ends = {one.place: (one.lower, one.upper) for one in (structure("one").segments | self.plan.segments).values()}
        layer = [(0.5 * (one.lower + one.upper), one.thickness) for one in self.skin if one.quarter == "front"]
        surface = LimbSurface(*np.array(layer).T)
        self.courses = {leg: Courses(surface, ends, sign) for leg, sign in self.sign.items()}
        self.surface = surface

    def lines(self) -> ReferenceLines:
        topology = self.plan.topology
        cells = {
            topology.cells[number]: line
            for plan in self.plan.segments.values()
            for number, line in zip(plan.cells, self._cells(plan), strict=True)
        }
        of_cell = {number: plan for plan in self.plan.segments.values() for number in plan.cells}
        faces, valves = {}, {}
        valve_of = dict(zip(topology.valve_face, topology.valves, strict=True))
        for number, face in enumerate(self.plan.faces):
            tail, head = topology.tail[number], topology.head[number]
            here = cells[topology.cells[tail]]
            if head >= topology.n_cells:
                line = here[-1:]
            elif face.perforator is not None:
                line = self._perforator(face, of_cell[tail], of_cell[head])
            else:
                line = _between(here, cells[topology.cells[head]], face)
            faces[face.name] = line
            if number in valve_of:
                valves[valve_of[number]] = _valve(line, here)
        return ReferenceLines(cells, faces, valves, *self._drainage())

    def _turned(self, points: np.ndarray, leg: str) -> np.ndarray:
        """Points of a leg, to its own side, as points of the body."""
        return points * [self.sign[leg], 1, 1]

    def _cells(self, plan: SegmentPlan) -> list[np.ndarray]:
        course = self.courses[plan.leg].of("veins", plan.place)
        last = len(plan.cells) - 1
        found = []
        for number in range(last + 1):
            low, high = plan.extent(number)
            part = course.part(-np.inf if number == 0 else low, np.inf if number == last else high)
            found.append(self._turned(part, plan.leg))
        return found

    def _perforator(self, face: FacePlan, tail: SegmentPlan, head: SegmentPlan) -> np.ndarray:
        """From the superficial vein straight to the deep one, at the height of the figures."""
        height = load()[f"{face.perforator}.height"].internal
        courses = self.courses[tail.leg]
        deep, _ = courses.of("veins", head.place).at(height)
        course = courses.of("veins", tail.place)
        rises = bool(np.all(np.diff(course.places[:, 0]) >= 0.0))
        shallow = course.at(height)[0] if rises else _nearest(course.points, deep[None])[0]
        return self._turned(shallow + np.linspace(0.0, 1.0, 5)[:, None] * (deep - shallow), tail.leg)

    def _drainage(self) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        compartments, vessels = {}, {}
        layout = lymph_layout(self.limb)
        shared = self._shared()
        for region in full_legs(self.regions):
            for one in self.skin:
                compartments[region.named(one.name)] = self._turned(self._tissue(one), region.leg)
            for name, numbers in layout.chains.items():
                course = self.courses[region.leg].of("lymph", name)
                for place, number in enumerate(numbers):
                    low, high = layout.extents[number]
                    last = place == len(numbers) - 1
                    part = course.part(-np.inf if place == 0 else low, np.inf if last else high)
                    own = name if name in shared else region.named(name)
                    vessels.setdefault(f"{own} [{place + 1}]", self._turned(part, region.leg))
            half = 0.5 * self.limb.value("lymph.node.length")
            for name in layout.nodes:
                middle = self.courses[region.leg].of("nodes", name)
                own = name if name in shared else region.named(name)
                vessels.setdefault(own, self._turned(self._node(middle, half), region.leg))
        return compartments, vessels

    def _shared(self) -> set[str]:
        """Chains and nodes that both legs share."""
        template = drainage_template()
        port = self.regions[0].lymph
        found, at = set(), port.into if port else None
        joined: dict[str, dict[str, Any]] = template["chains"] | template["nodes"]
        while at in joined:
            found.add(at)
            at = joined[at]["into"]
        return found

    def _node(self, middle: VesselCourse, half: float) -> np.ndarray:
        places = middle.places.repeat(3, axis=0) + np.array([[-half], [0.0], [half]]) * [1.0, 0.0, 0.0]
        if np.isnan(places).any():
            return middle.points + np.array([[-half], [0.0], [half]]) * [0.0, 1.0, 0.0]
        return self.surface.points(places)

    def _tissue(self, one: Compartment) -> np.ndarray:
        if one.quarter is None:
            heights = np.linspace(one.lower, one.upper, ARC)
            return self.surface.points(np.stack([heights, np.full(ARC, 270.0), np.full(ARC, 1.5)], axis=1))
        angles = drawn()["quarters"][one.quarter] + np.linspace(-45.0, 45.0, ARC)
        middle = 0.5 * (one.lower + one.upper)
        return self.surface.points(np.stack([np.full(ARC, middle), angles, np.full(ARC, 0.5)], axis=1))


def _nearest(points: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The two of two sets of points that are nearest each other."""
    apart = np.linalg.norm(points[:, None] - others[None], axis=2)
    one, two = np.unravel_index(int(apart.argmin()), apart.shape)
    return points[one], others[two]


def _between(tail: np.ndarray, head: np.ndarray, face: FacePlan) -> np.ndarray:
    """The way from one cell to the next: between their ends, or from or to where one enters the other's side."""
    here = tail if face.tail_share == 0.0 else tail[[0, -1]]
    there = head if face.head_share == 0.0 else head[[0, -1]]
    one, two = _nearest(here, there)
    return np.array([one, two]) if np.linalg.norm(two - one) > MEETS else one[None]


def _valve(line: np.ndarray, tail: np.ndarray) -> np.ndarray:
    """Place and direction of the valve of a face."""
    if len(line) > 1:
        place, along = 0.5 * (line[0] + line[-1]), line[-1] - line[0]
    else:
        place, along = line[0], tail[-1] - tail[-2]
    return np.array([place, along / np.linalg.norm(along)])
