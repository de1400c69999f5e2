"""Where everything in the network of head and neck lies: veins as drawn, lymph from place to place under the skin.

One half that was simulated is one half here; who shows a whole head mirrors it.
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from venolymph.anatomy.courses import smooth
from venolymph.anatomy.face_mesh import FaceMesh, face_mesh, laid_under_skin
from venolymph.anatomy.places import VesselLine
from venolymph.body.anatomy import Body
from venolymph.body.drainage_types import HeadDrainage
from venolymph.body.head_layout import SMALL
from venolymph.body.head_scale import HeadScale
from venolymph.body.make import make_drainage
from venolymph.body.places import head_drainage_template
from venolymph.errors import NetworkError
from venolymph.figures import load

DEEP = ("upper deep trunk", "lower deep trunk", "jugular trunk")
"""Trunks that run where their ends lie and are not laid under the skin."""
_POINTS = 5
"""Points of the part of each."""
_DEPTH = "head_lymph.depth."


@dataclass(frozen=True)
class FaceGeometry:
    """Where everything in a person's head and neck lies, in cm; coordinates as those of `FaceMesh`.

    Attributes:
        veins: each cell by name; small veins, which are too many to be drawn, are left out.
        lymph: each lymphangion by name.
        nodes: each group of nodes by name.
        regions: the middle of the skin of each compartment of tissue by name, shape (3,).
        mesh: the skin.
        scale: of the reference body to the person, 1.
    """

    veins: Mapping[str, VesselLine] = field(repr=False)
    lymph: Mapping[str, VesselLine] = field(repr=False)
    nodes: Mapping[str, VesselLine] = field(repr=False)
    regions: Mapping[str, np.ndarray] = field(repr=False)
    mesh: FaceMesh = field(repr=False)
    scale: float


def face_geometry(body: Body) -> FaceGeometry:
    """Where everything in a body of head and neck lies.

    Args:
        body: of head and neck (`body.head.head_body`).

    Raises:
        NetworkError: where the body is of legs, or a vein has no course.
    """
    if body.legs != "none":
        raise NetworkError("this body is of legs, not of head and neck")
    drainage = make_drainage(body)
    assert isinstance(drainage, HeadDrainage)
    known = load()
    scale = HeadScale.of(body.person, lambda key: known[key].internal).length
    places = {one.name: _placed(one.place, one.side) for one in drainage.compartments}
    return FaceGeometry(
        veins=_veins(body, scale),
        lymph=_lymph(drainage, scale),
        nodes=_nodes(drainage, scale),
        regions={name: scale * laid_under_skin(place[None], 0.0)[0] for name, place in places.items()},
        mesh=face_mesh(scale),
        scale=scale,
    )


@cache
def _drawn() -> dict[str, Any]:
    return tomllib.loads(resources.files("venolymph.anatomy").joinpath("face_lines.toml").read_text("utf-8"))


def _placed(place: Any, side: str) -> np.ndarray:
    """A place of the template (forward, outward, up) as a point."""
    forward, outward, up = place
    return np.array([outward if side == "left" else -outward, up, forward], float)


@cache
def _course(name: str, side: str) -> np.ndarray:
    """The course of a vein in the reference head."""
    if name not in _drawn()["veins"]:
        raise NetworkError(f"face_lines.toml has no course for {name!r}")
    said = _drawn()["veins"][name]
    own = np.array([_placed(point, side) for point in said["points"]])
    fine = smooth(own, own)
    return _steady(laid_under_skin(fine, said["depth"])) if "depth" in said else fine


def _steady(points: np.ndarray) -> np.ndarray:
    """A line without the small steps that come of laying it on a mesh; its ends stay."""
    for _ in range(8):
        points = np.vstack([points[:1], 0.25 * points[:-2] + 0.5 * points[1:-1] + 0.25 * points[2:], points[-1:]])
    return points


def _parts(points: np.ndarray, count: int) -> list[np.ndarray]:
    """A line divided into parts of one length."""
    along = np.r_[0.0, np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))]
    edges = np.linspace(0.0, along[-1], count + 1)
    found = []
    for low, high in itertools.pairwise(edges):
        at = np.linspace(low, high, max(_POINTS, int(2.0 * (high - low))))
        found.append(np.stack([np.interp(at, along, one) for one in points.T], axis=1))
    return found


def _veins(body: Body, scale: float) -> dict[str, VesselLine]:
    names, cells = body.topology.cells, body.parameters.cells
    areas, vessels = np.asarray(cells.unstressed_area)[:, 0], np.asarray(cells.vessels)[:, 0]
    found = {}
    for segment in body.segments.values():
        side, place = segment.name.split(" ", 1)
        if place.startswith(SMALL):
            continue
        for number, points in zip(segment.cells, _parts(_course(place, side), len(segment.cells)), strict=True):
            radius = float(np.sqrt(areas[number] / np.pi))
            found[names[number]] = VesselLine(
                points * scale, radius, float(vessels[number]), "head", f"{side} head", segment.kind
            )
    return found


def _lymph(drainage: HeadDrainage, scale: float) -> dict[str, VesselLine]:
    template, known = head_drainage_template(), load()
    bore = np.asarray(drainage.parameters.lymphangions.passive_diameter)[:, 0]
    many = np.asarray(drainage.parameters.lymphangions.vessels)[:, 0]
    found = {}
    for chain, vessels in drainage.chains.items():
        side, name = chain.split(" ", 1)
        said = template["chains"][name]
        begin, end = (_placed(_end(template, said[key]), side) for key in ("from", "into"))
        depth = known[_DEPTH + ("node" if said["from"] in template["nodes"] else "collector")].internal
        way = [_placed(place, side) for place in _drawn()["lymph"].get(name, ())]
        points = smooth(np.array([begin, *way, end]), np.array([begin, *way, end]))
        if name not in DEEP:
            points = _steady(laid_under_skin(points, depth))
            points[-1] = _node_point(said["into"], side)  # collectors end in nodes, which lie deeper
            if said["from"] in template["nodes"]:
                points[0] = _node_point(said["from"], side)
        for vessel, part in zip(vessels, _parts(points, len(vessels)), strict=True):
            found[drainage.topology.vessels[vessel]] = VesselLine(
                part * scale, 0.5 * float(bore[vessel]), float(many[vessel]), "head", f"{side} head", name
            )
    return found


def _end(template: Mapping[str, Any], name: str) -> Any:
    """The place of a region, a node, or the venous angle."""
    for kind in ("regions", "nodes"):
        if name in template[kind]:
            return template[kind][name]["place"]
    return template["end"]["place"]


def _node_point(name: str, side: str) -> np.ndarray:
    """Where a node lies: deep ones as said, others as deep under the skin as nodes lie."""
    own = _placed(_end(head_drainage_template(), name), side)
    if name not in head_drainage_template()["nodes"] or "deep" in name:
        return own
    return laid_under_skin(own[None], load()[_DEPTH + "node"].internal)[0]


def _nodes(drainage: HeadDrainage, scale: float) -> dict[str, VesselLine]:
    volumes = np.asarray(drainage.parameters.nodes.volume)[:, 0]
    first = len(drainage.topology.lymphangions)
    found = {}
    for full, vessel in drainage.nodes.items():
        side, name = full.split(" ", 1)
        radius = float((0.75 * volumes[vessel - first] / np.pi) ** (1 / 3))
        point = _node_point(name, side) * scale
        found[full] = VesselLine(np.stack([point, point]), radius, 1.0, "head", f"{side} head", "node")
    return found
