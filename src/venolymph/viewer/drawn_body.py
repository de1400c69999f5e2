"""Where everything lies that a recording shows: vessels, valves, lymph, muscles, skin, joints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from venolymph.anatomy import Geometry, SkinMesh, VesselLine, geometry
from venolymph.body.anatomy import Body, Segment
from venolymph.body.limb import LimbScale
from venolymph.body.region import OTHER, plain_name
from venolymph.figures import load
from venolymph.network.topology import Topology
from venolymph.viewer import titles

LAYERS = {"superficial": "skin", "tributary": "skin", "perforator": "fascia", "muscle": "fascia"}
"""The layer that a kind of vein lies in, from the skin inwards: skin, fascia (with the muscles), deep."""
MUSCLE_LINES: Mapping[str, tuple[tuple[str, ...], float]] = {
    "foot": (("plantar",), 1.6),
    "anterior compartment": (("muscle venules, anterior",), 2.0),
    "deep posterior compartment": (("peroneal",), 1.6),
    "soleus": (("muscle venules, lower soleus", "muscle venules, upper soleus"), 2.4),
    "gastrocnemius": (("muscle venules, gastrocnemius",), 2.6),
    "thigh muscle": (("muscle venules, thigh",), 4.5),
    "other calf": (("other leg: calf muscle",), 3.0),
    "other thigh": (("other leg: thigh deep",), 4.5),
}
"""Veins along which a muscle is drawn, and how thick it is drawn, cm: a picture, no measure of the muscle."""
_FINE = 2.0**-8
"""Places are kept to this, cm: what is rounded to a power of two compresses better."""
_SOME = 0.05
"""Share of what a region can swell by at which its movement per mL is taken: less swells less for as much of it."""
_FINE_SWELLING = 2.0**-16
"""Movements of the skin are kept to this, cm/mL."""


@dataclass
class DrawnBody:
    """Places of a body as a recording keeps them.

    Attributes:
        header: entries of the head: vessels, valves and so on.
        points: of all lines one after another, cm.
        arrays: meshes of the skin by name of their block.
        scale: of the reference body to the person's, 1.
    """

    header: dict[str, Any] = field(default_factory=dict)
    points: list[np.ndarray] = field(default_factory=list)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    scale: np.ndarray = field(default_factory=lambda: np.ones(3))

    def line(self, points: np.ndarray) -> list[int]:
        """Keep a line; gives the number of its first point and of its points."""
        first = sum(len(one) for one in self.points)
        self.points.append(points)
        return [first, len(points)]

    @property
    def blocks(self) -> dict[str, np.ndarray]:
        """The arrays of the head."""
        return {"points": rounded(np.concatenate(self.points), _FINE), **self.arrays}


def draw_body(body: Body, rows: Mapping[str, Sequence[str]]) -> DrawnBody:
    """Where everything lies in a body.

    Args:
        body: the body.
        rows: names of the rows of each quantity that is shown.
    """
    places = geometry(body)
    drawn = DrawnBody(scale=places.scale)
    drawn.header["vessels"] = _vessels(drawn, body, places)
    drawn.header["valves"] = _valves(body, places, [one["name"] for one in drawn.header["vessels"]])
    drawn.header["lymph"] = _lymph(drawn, body, places, rows)
    drawn.header["nodes"] = _nodes(body, places, rows)
    drawn.header["compartments"] = _compartments(drawn, body, places, rows)
    drawn.header["muscles"] = _muscles(drawn, body, places, rows["muscle"])
    drawn.header["garments"] = _garments(body, rows["garment"])
    drawn.header["skin"] = {side: _skin(drawn, side, mesh) for side, mesh in places.skins.items()}
    drawn.header |= _joints(body, places)
    return drawn


def rounded(values: np.ndarray, step: float) -> np.ndarray:
    """Values to the nearest multiple of a step."""
    return (np.round(np.asarray(values, float) / step) * step).astype(np.float32)


def triple(values: np.ndarray) -> list[float]:
    """A point as it goes into JSON."""
    return [round(float(value), 4) for value in values]


def _vessels(drawn: DrawnBody, body: Body, places: Geometry) -> list[dict[str, Any]]:
    """Each cell of the veins, each perforator, and the ways between cells that do not meet."""
    topology = body.topology
    row = {name: number for number, name in enumerate(topology.cells)}
    face = {name: number for number, name in enumerate(topology.faces)}
    segment = {topology.cells[cell]: one for one in body.segments.values() for cell in one.cells}
    out = leaving(topology, places.perforators)
    length = np.asarray(body.parameters.cells.length)[:, 0]
    found = []
    for name, line in places.veins.items():
        one = segment[name]
        title = titles.vein_title(body, name, one.name, len(one.cells))
        winding = _winding(line, length[row[name]]) if one.kind == "tributary" and one.present else 0.0
        numbers = {"cell": row[name], "face": out.get(row[name]), "tortuous": winding}
        found.append(line_of_vessel(drawn, name, title, line, numbers, layer=_layer(one)))
    for name, line in places.perforators.items():
        numbers = {"cell": None, "face": face[name], "tortuous": 0.0}
        found.append(line_of_vessel(drawn, name, titles.titled(body, name), line, numbers, layer="fascia"))
    known = {one["name"]: one for one in found}
    for name, points in places.joins.items():
        tail, head = topology.tail[face[name]], topology.head[face[name]]
        if len(points) < 2 or head >= topology.n_cells:
            continue
        at, to = (known[topology.cells[cell]] for cell in (tail, head))
        found.append(
            {
                **at,
                "name": name,
                "title": f"{at['title']}, where it joins {to['title']}",
                "radius": min(at["radius"], to["radius"]),
                "present": at["present"] and to["present"],
                "tortuous": 0.0,
                "line": drawn.line(points),
                "cell": tail,
                "face": face[name],
                "count": 1.0,
            }
        )
    return found


def line_of_vessel(
    drawn: DrawnBody, name: str, title: str, line: VesselLine, numbers: Mapping[str, Any], layer: str
) -> dict[str, Any]:
    """A vessel as the head of a recording has it; `numbers` are its rows, and what else is known of it."""
    return {
        "name": name,
        "title": title,
        "kind": line.kind,
        "leg": line.leg,
        "region": line.region,
        "layer": layer,
        "radius": round(line.radius, 5),
        "count": round(line.vessels, 3),
        "present": line.present,
        "line": drawn.line(line.points),
        **numbers,
    }


def _layer(segment: Segment) -> str:
    if segment.kind == "lump":
        name = plain_name(segment.name)
        return "skin" if name.startswith("skin") or "superficial" in name else "fascia"
    return LAYERS.get(segment.kind, "deep")


def _winding(line: VesselLine, length: float) -> float:
    """How much longer than its line a vein is, from 0 to 1 for one that is twice as long."""
    straight = float(np.linalg.norm(np.diff(line.points, axis=0), axis=1).sum())
    return round(float(np.clip(length / straight - 1.0, 0.0, 1.0)), 3)


def leaving(topology: Topology, perforators: Collection[str]) -> dict[int, int]:
    """The face by which blood leaves each cell towards the heart: where there are several, that along its vein."""
    found: dict[int, int] = {}
    for number, (name, tail) in enumerate(zip(topology.faces, topology.tail, strict=True)):
        if tail < topology.n_cells and name not in perforators:
            found.setdefault(tail, number)
    return found


def _valves(body: Body, places: Geometry, vessels: Sequence[str]) -> list[dict[str, Any]]:
    topology = body.topology
    leak = np.asarray(body.parameters.valves.leak)[:, 0]
    numbers = {name: number for number, name in enumerate(vessels)}
    found = []
    for row, (name, face) in enumerate(zip(topology.valves, topology.valve_face, strict=True)):
        if name not in places.valves:  # of a circuit above the leg, which has no place
            continue
        point = places.valves[name]
        where = topology.faces[face]
        vessel = where if where in places.perforators else topology.cells[topology.tail[face]]
        line = places.perforators.get(where) or places.veins[vessel]
        found.append(
            {
                "name": name,
                "title": titles.valve_title(body, name),
                "vessel": numbers[vessel],
                "place": triple(point.place),
                "direction": triple(point.direction),
                "radius": round(line.radius, 5),
                "leak": round(float(leak[row]), 4),
                "present": line.present,
                "leg": line.leg,
                "row": row,
            }
        )
    return found


def _lymph(drawn: DrawnBody, body: Body, places: Geometry, rows: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    row = row_numbers(rows.get("lymph_volume", ()))
    pacing = row_numbers(rows.get("since_contraction", ()))
    parts = Counter(name.partition(" [")[0] for name in places.lymph)
    return [
        {
            "name": name,
            "title": titles.lymph_title(body, name, line.kind, parts[name.partition(" [")[0]]),
            **lymph_entry(drawn, line),
            "row": row.get(name),
            "pacing": pacing.get(name),
        }
        for name, line in places.lymph.items()
    ]


def lymph_entry(drawn: DrawnBody, line: VesselLine) -> dict[str, Any]:
    """What a stretch of lymph vessel is drawn by, of a leg or a face: chain, side, region, calibre and line."""
    return {
        "chain": line.kind,
        "leg": line.leg,
        "region": line.region,
        "radius": round(line.radius, 5),
        "count": round(line.vessels, 3),
        "line": drawn.line(line.points),
    }


def _nodes(body: Body, places: Geometry, rows: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    row = row_numbers(rows.get("lymph_volume", ()))
    return [
        {
            "name": name,
            "title": titles.node_title(body, name),
            "place": triple(line.middle),
            "radius": round(line.radius, 5),
            "leg": line.leg,
            "row": row.get(name),
        }
        for name, line in places.nodes.items()
    ]


def _compartments(
    drawn: DrawnBody, body: Body, places: Geometry, rows: Mapping[str, Sequence[str]]
) -> list[dict[str, Any]]:
    row = row_numbers(rows.get("tissue_volume", ()))
    return [
        {
            "name": name,
            "title": titles.titled(body, name),
            "tissue": line.tissue,
            "region": line.region,
            "leg": line.leg,
            "line": drawn.line(line.points),
            "row": row.get(name),
        }
        for name, line in places.compartments.items()
    ]


def _muscles(drawn: DrawnBody, body: Body, places: Geometry, rows: Sequence[str]) -> list[dict[str, Any]]:
    topology = body.topology
    found = []
    for row, name in enumerate(rows):
        bare = plain_name(name)
        of, radius = MUSCLE_LINES[bare]
        prefix = name.removesuffix(bare)
        cells = [topology.cells[cell] for one in of for cell in body.segments[prefix + one].cells]
        points = np.concatenate([places.veins[cell].points for cell in cells])
        leg = places.veins[cells[0]].leg
        found.append(
            {
                "name": name,
                "title": titles.muscle_title(body, name),
                "leg": leg,
                "row": row,
                "line": drawn.line(points),
                "radius": radius * float(places.scale[0]),
            }
        )
    return found


def _garments(body: Body, rows: Sequence[str]) -> list[dict[str, Any]]:
    other = "right" if body.index_side == "left" else "left"
    return [
        {
            "name": name,
            "title": f"what presses on the {plain_name(name).removesuffix(' shell')}",
            "leg": other if name.startswith(OTHER) else body.index_side,
            "region": plain_name(name).removesuffix(" shell"),
            "row": row,
        }
        for row, name in enumerate(rows)
    ]


def _skin(drawn: DrawnBody, side: str, mesh: SkinMesh) -> dict[str, Any]:
    told = {"regions": list(mesh.swellings), "room": {name: round(room, 1) for name, room in mesh.room.items()}}
    if side != "left":  # the mirror image of the left one
        return {**told, "mirror": "left"}
    drawn.arrays[f"skin.{side}.vertices"] = rounded(mesh.vertices[:-1], _FINE)  # the last one is the cap's
    drawn.arrays[f"skin.{side}.triangles"] = in_order(mesh.triangles)
    for region, room in mesh.room.items():
        some = _SOME * room
        moved = mesh.swellings[region][:-1] * (mesh.weights({region: some})[region] / some)
        drawn.arrays[f"skin.{side}.swelling.{region}"] = rounded(moved, _FINE_SWELLING)
    return told


def in_order(triangles: np.ndarray) -> np.ndarray:
    """Triangles sorted by their corners, each from its lowest one on, which compresses better."""
    first = triangles.argmin(axis=1)[:, None]
    turned = np.take_along_axis(triangles, (first + np.arange(3)) % 3, axis=1)
    return turned[np.lexsort(turned.T[::-1])].astype(np.uint32)


def _joints(body: Body, places: Geometry) -> dict[str, Any]:
    """Where the joints lie: at the heights of the body's links, in the middle of the leg there."""
    knee, hip, atrium = LimbScale(body.person, body.known or load()).joints
    joints = {}
    for side, mesh in places.skins.items():
        vertices = mesh.vertices[:-1]

        def middle(height: float, at: float, own: np.ndarray = vertices) -> list[float]:
            near = own[np.abs(own[:, 1] - at) < 1.5]
            x, _, z = 0.5 * (near.min(axis=0) + near.max(axis=0))
            return triple(np.array([x, height, z]))

        top = float(vertices[:, 1].max())
        joints[side] = {
            "hip": middle(hip, min(hip, top - 8.0)),
            "knee": middle(knee, knee),
            "ankle": middle(0.0, 4.0),
        }
    heart = places.veins[body.topology.cells[body.segments["vena cava"].cells[-1]]].points[-1]
    return {"joints": joints, "heart": triple(np.array([heart[0], atrium, heart[2]]))}


def row_numbers(names: Sequence[str]) -> dict[str, int]:
    """The number of each row by its name."""
    return {name: number for number, name in enumerate(names)}
