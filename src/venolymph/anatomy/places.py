"""Where everything in a person's network lies in the body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from venolymph.anatomy.reference_lines import ReferenceLines, reference_lines, scaling
from venolymph.anatomy.skin import SkinMesh, skin_of
from venolymph.body.anatomy import Body
from venolymph.body.drainage import body_drainage
from venolymph.body.drainage_types import LegDrainage
from venolymph.body.leg import leg_body
from venolymph.body.limb import LimbScale
from venolymph.body.person import load_person
from venolymph.body.region import OTHER, Legs
from venolymph.figures import load

AXES = ("x", "y", "z")


@dataclass(frozen=True)
class VesselLine:
    """The centre line of a part of a vessel.

    Attributes:
        points: cm, shape (n, 3), in the direction of healthy flow.
        radius: of each vessel, cm: of a vein at zero transmural pressure, of a collector where its wall begins to
            resist, of a node as a sphere of its volume.
        vessels: how many the line stands for.
        region: foot, ankle, calf, knee, thigh or trunk, by the height of its middle.
        leg: left, right, or pelvis for what both legs share.
        kind: of vein (`Segment.kind`), perforator, the chain of a lymph vessel, or node.
        present: False for a spare vein that the person does not have.
    """

    points: np.ndarray
    radius: float
    vessels: float
    region: str
    leg: str
    kind: str
    present: bool = True

    @property
    def middle(self) -> np.ndarray:
        """The point half way along, cm, shape (3,)."""
        return half_way(self.points)


@dataclass(frozen=True)
class ValvePoint:
    """A valve: its place (cm), the direction in which it opens (length 1), and the face that it is on."""

    place: np.ndarray
    direction: np.ndarray
    face: str


@dataclass(frozen=True)
class TissueLine:
    """A compartment of tissue as a line (cm): around the limb in the middle of a quarter of skin, or up a muscle."""

    points: np.ndarray
    region: str
    tissue: str
    leg: str


@dataclass(frozen=True)
class Geometry:
    """Where everything in a person's network lies, in cm.

    Somebody lies straight, or stands, with the foot at a right angle. x is the distance to the left of the body's
    mid-plane, y the height above the medial malleolus along the body's axis, z the distance forward. Above the
    malleolus y of a leg's vessel is its height in the network. Heights of the foot in the network go down from 0 at the
    malleolus to the toes; its vessels lie here where they lie in a foot. The legs stand apart as those of the mesh do.

    Attributes:
        veins: each cell by name.
        perforators: by name.
        joins: each other face between cells by name: a single point where two ends meet, else the way between them.
        valves: by name.
        compartments: of tissue, by name.
        lymph: each lymphangion by name.
        nodes: each group of nodes by name.
        skins: of the left and the right leg.
        scale: of the reference body to the person in x, y and z, 1.
    """

    veins: Mapping[str, VesselLine] = field(repr=False)
    perforators: Mapping[str, VesselLine] = field(repr=False)
    joins: Mapping[str, np.ndarray] = field(repr=False)
    valves: Mapping[str, ValvePoint] = field(repr=False)
    compartments: Mapping[str, TissueLine] = field(repr=False)
    lymph: Mapping[str, VesselLine] = field(repr=False)
    nodes: Mapping[str, VesselLine] = field(repr=False)
    skins: Mapping[str, SkinMesh] = field(repr=False)
    scale: np.ndarray


def geometry(person: object, *, legs: Legs = "one") -> Geometry:
    """Where everything in a person's network lies.

    Args:
        person: a person as `load_person` takes it, or a body.
        legs: "one" leg in full and the other in a few lumps, or "both" in full; a body has its own.

    Raises:
        DocumentError: where there is no such person or its document cannot be used, or `legs` is neither.
        SimulationError: in a process that was forked after JAX had begun.
    """
    body = person if isinstance(person, Body) else leg_body(load_person(person), legs=legs)
    return _Placing(body).geometry()


def place_middles(bodies: Sequence[Body], *, drainage: LegDrainage | None = None) -> dict[str, np.ndarray]:
    """Middles of cells, and of compartments and lymph vessels where there are any, for several people.

    Args:
        bodies: of one network.
        drainage: names of compartments and vessels.

    Returns:
        "cell_x", "cell_y" and so on, cm, shape (places, people); not a number for cells that are in no leg.
    """
    found: dict[str, list[np.ndarray]] = {}
    for body in bodies:
        lines, scale = _reference(body), scaling(LimbScale(body.person, load()))
        kinds = {"cell": (lines.cells, body.topology.cells)}
        if drainage is not None:
            kinds["compartment"] = lines.compartments, tuple(one.name for one in drainage.compartments)
            kinds["lymph_vessel"] = lines.vessels, drainage.topology.vessels
        for kind, (known, names) in kinds.items():
            nowhere = np.full((1, 3), np.nan)  # what a circuit above the leg adds
            middles = np.array([half_way(known.get(name, nowhere)) for name in names]) * scale
            for axis, values in zip(AXES, middles.T, strict=True):
                found.setdefault(f"{kind}_{axis}", []).append(values)
    return {name: np.array(values).T for name, values in found.items()}


def half_way(points: np.ndarray) -> np.ndarray:
    """The point half way along a line, whose points are evenly spaced before they are scaled to a person."""
    last = len(points) - 1
    return 0.5 * (points[last // 2] + points[(last + 1) // 2])


def _reference(body: Body) -> ReferenceLines:
    return reference_lines(body.legs, body.index_side, body.person.sex)


class _Placing:
    def __init__(self, body: Body) -> None:
        self.body, self.lines = body, _reference(body)
        self.limb = LimbScale(body.person, load())
        self.scale = scaling(self.limb)
        self.drainage = body_drainage(body.person, body.body_regions, body.known)
        other = "right" if body.index_side == "left" else "left"
        self.sides = {"index": body.index_side, "other": other}

    def geometry(self) -> Geometry:
        faces, topology = self.lines.faces, self.body.topology
        perforators = self._perforators()
        valve_face = dict(zip(topology.valves, topology.valve_face, strict=True))
        valves = {}
        for name, (place, along) in self.lines.valves.items():
            direction = along * self.scale
            unit = direction / np.linalg.norm(direction)
            valves[name] = ValvePoint(place * self.scale, unit, topology.faces[valve_face[name]])
        lymph, nodes = self._lymph()
        return Geometry(
            veins=self._veins(),
            perforators=perforators,
            joins={name: line * self.scale for name, line in faces.items() if name not in perforators},
            valves=valves,
            compartments={
                one.name: TissueLine(
                    self.lines.compartments[one.name] * self.scale, one.region, one.tissue, self.sides[one.leg]
                )
                for one in self.drainage.compartments
            },
            lymph=lymph,
            nodes=nodes,
            skins={side: skin_of(side, self.scale) for side in ("left", "right")},
            scale=self.scale,
        )

    def _line(self, points: np.ndarray, area: Any, vessels: Any, leg: str, kind: str, *, present: bool) -> VesselLine:
        own = points * self.scale
        radius = float(np.sqrt(float(area) / np.pi))
        return VesselLine(own, radius, float(vessels), self._region(own), leg, kind, present)

    def _region(self, points: np.ndarray) -> str:
        height = half_way(points)[1]
        for region in self.limb.regions:
            if height < self.limb.end(region, "upper_end"):
                return region
        return "trunk"

    def _veins(self) -> dict[str, VesselLine]:
        cells, names = self.body.parameters.cells, self.body.topology.cells
        areas, vessels = np.asarray(cells.unstressed_area)[:, 0], np.asarray(cells.vessels)[:, 0]
        found = {}
        for segment in self.body.segments.values():
            for number in segment.cells:
                points = self.lines.cells[names[number]]
                found[names[number]] = self._line(
                    points, areas[number], vessels[number], segment.leg, segment.kind, present=segment.present
                )
        return found

    def _perforators(self) -> dict[str, VesselLine]:
        faces, topology = self.body.parameters.faces, self.body.topology
        leg_of = {number: segment.leg for segment in self.body.segments.values() for number in segment.cells}
        areas, vessels = np.asarray(faces.channel_area)[:, 0], np.asarray(faces.channel_vessels)[:, 0]
        lengths = np.asarray(faces.channel_length)[:, 0]
        return {
            name: self._line(
                self.lines.faces[name], areas[number], vessels[number], leg_of[topology.tail[number]], "perforator",
                present=True,
            )
            for number, name in enumerate(topology.faces)
            if name in self.lines.faces and lengths[number] > 0.0
        }  # fmt: skip

    def _lymph(self) -> tuple[dict[str, VesselLine], dict[str, VesselLine]]:
        topology, parameters = self.drainage.topology, self.drainage.parameters
        bore, many = (np.asarray(one)[:, 0] for one in (parameters.lymphangions.passive_diameter,
                                                        parameters.lymphangions.vessels))  # fmt: skip
        volumes = np.asarray(parameters.nodes.volume)[:, 0]
        shared, lymph, nodes = self.drainage.shared, {}, {}
        chain = {vessel: name for name, vessels in self.drainage.chains.items() for vessel in vessels}
        for number, name in enumerate(topology.vessels):
            side = self.sides["other" if name.startswith(OTHER) else "index"]
            leg = "pelvis" if number in shared else side
            points = self.lines.vessels[name]
            if number < len(topology.lymphangions):
                area = 0.25 * np.pi * bore[number] ** 2
                lymph[name] = self._line(points, area, many[number], leg, chain[number], present=True)
            else:
                radius = (0.75 * volumes[number - len(topology.lymphangions)] / np.pi) ** (1 / 3)
                nodes[name] = self._line(points, np.pi * radius**2, 1.0, leg, "node", present=True)
        return lymph, nodes
