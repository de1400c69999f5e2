"""Where everything lies that a recording of a face shows: vessels, valves, lymph, the skin and how its colour is found.

A page shows a whole head. Where one half was simulated, the other is drawn as its mirror image, with the same rows of
every quantity, and its names say so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from venolymph.anatomy import VesselLine
from venolymph.anatomy.face_mesh import MESH_REGIONS, FaceMesh
from venolymph.anatomy.face_places import FaceGeometry, face_geometry
from venolymph.body.anatomy import Body
from venolymph.body.make import sides_of
from venolymph.body.person_face import TONES, Face
from venolymph.figures import load
from venolymph.measures.skin_course import USUAL_TONE, USUAL_TROUGH
from venolymph.simulation import Run
from venolymph.skin import numbers, skin_table
from venolymph.viewer import titles
from venolymph.viewer.drawn_body import (
    DrawnBody,
    in_order,
    leaving,
    line_of_vessel,
    lymph_entry,
    rounded,
    row_numbers,
    triple,
)
from venolymph.viewer.shown_face import skin_course

LAYERS = {"superficial": "skin", "deep": "deep", "trunk": "deep"}
"""The layer that a kind of vein lies in."""
SHAPE = ("trough.place", "trough.width", "bag.place", "bag.width")
LAMPS = ("front", "window", "above", "overhead")
"""Lights that come from one direction (`skin.LIGHTS`)."""
MILLIMETRES = 10.0
_FINE, _FINE_SWELLING = 2.0**-9, 2.0**-16
"""Places are kept to the first, cm, and swellings to the second, cm/mL."""
_MIRRORED = " (mirror image of the left)"


def draw_face(run: Run, member: int, rows: Mapping[str, Sequence[str]]) -> DrawnBody:
    """Where everything lies in a head and neck.

    Args:
        run: whose.
        member: its number.
        rows: names of the rows of each quantity that is shown.
    """
    body = run.bodies[member]
    places = face_geometry(body)
    mirrored = sides_of(body) == "one"
    drawn = DrawnBody(scale=np.full(3, places.scale))
    drawn.header["vessels"] = list(_vessels(drawn, body, places, mirrored))
    drawn.header["valves"] = list(_valves(drawn, body))
    drawn.header["lymph"] = list(_lymph(drawn, body, places, rows, mirrored))
    drawn.header["nodes"] = list(_nodes(body, places, rows, mirrored))
    drawn.header["compartments"] = list(_regions(drawn, body, places, rows, mirrored))
    drawn.header |= {"muscles": [], "garments": [], "skin": {}, "joints": {}}
    drawn.header["face"] = _face(run, member, places, mirrored)
    drawn.arrays |= _mesh(places.mesh)
    return drawn


def _both(lines: Mapping[str, VesselLine], mirrored: bool) -> Iterator[tuple[str, str, VesselLine]]:
    """Each line with the name that it is shown by and the one that rows have, with its mirror image where asked for."""
    for name, line in lines.items():
        yield name, name, line
    for name, line in lines.items() if mirrored else ():
        other = replace(line, points=line.points * [-1.0, 1.0, 1.0], leg="right head")
        yield name.replace("left", "right", 1), name, other


def _note(shown: str, name: str) -> str:
    return "" if shown == name else _MIRRORED


def _titled(body: Body, shown: str, name: str) -> str:
    return titles.titled(body, shown) + _note(shown, name)


def _vessels(drawn: DrawnBody, body: Body, places: FaceGeometry, mirrored: bool) -> Iterator[dict[str, Any]]:
    """Each cell of the veins that are drawn."""
    topology = body.topology
    row = {name: number for number, name in enumerate(topology.cells)}
    segment = {topology.cells[cell]: one for one in body.segments.values() for cell in one.cells}
    out = leaving(topology, ())
    for shown, name, line in _both(places.veins, mirrored):
        one = segment[name]
        base = shown.partition(" [")[0]
        title = titles.vein_title(body, shown, base, len(one.cells)) + _note(shown, name)
        numbers_ = {"cell": row[name], "face": out.get(row[name]), "tortuous": 0.0}
        yield line_of_vessel(drawn, shown, title, line, numbers_, layer=LAYERS[one.kind])


def _valves(drawn: DrawnBody, body: Body) -> Iterator[dict[str, Any]]:
    """Valves at the ends of the veins that they lie in."""
    topology, vessels, points = body.topology, drawn.header["vessels"], np.concatenate(drawn.points)
    leak = np.asarray(body.parameters.valves.leak)[:, 0]
    for row, (name, face) in enumerate(zip(topology.valves, topology.valve_face, strict=True)):
        cell = topology.tail[face]
        for number, vessel in enumerate(vessels):
            if vessel["cell"] != cell:
                continue
            shown = f"{vessel['leg'].split()[0]} {name.split(' ', 1)[1]}"
            first, count = vessel["line"]
            before, end = points[first + count - 2 : first + count]
            yield {
                "name": shown,
                "title": titles.valve_title(body, shown) + _note(shown, name),
                "vessel": number,
                "place": triple(end),
                "direction": triple((end - before) / np.linalg.norm(end - before)),
                "radius": vessel["radius"],
                "leak": round(float(leak[row]), 4),
                "present": True,
                "leg": vessel["leg"],
                "row": row,
            }


def _lymph(
    drawn: DrawnBody, body: Body, places: FaceGeometry, rows: Mapping[str, Sequence[str]], mirrored: bool
) -> Iterator[dict[str, Any]]:
    row, pacing = (row_numbers(rows.get(name, ())) for name in ("lymph_volume", "since_contraction"))
    parts = Counter(name.partition(" [")[0] for name in places.lymph)
    for shown, name, line in _both(places.lymph, mirrored):
        chain = f"{shown.split(' ', 1)[0]} {line.kind}"
        title = titles.lymph_title(body, shown, chain, parts[name.partition(" [")[0]])
        yield {
            "name": shown,
            "title": title + _note(shown, name),
            **lymph_entry(drawn, line),
            "row": row.get(name),
            "pacing": pacing.get(name),
        }


def _nodes(
    body: Body, places: FaceGeometry, rows: Mapping[str, Sequence[str]], mirrored: bool
) -> Iterator[dict[str, Any]]:
    row = row_numbers(rows.get("lymph_volume", ()))
    for shown, name, line in _both(places.nodes, mirrored):
        yield {
            "name": shown,
            "title": titles.node_title(body, shown) + _note(shown, name),
            "place": triple(line.middle),
            "radius": round(line.radius, 5),
            "leg": line.leg,
            "row": row.get(name),
        }


def _regions(
    drawn: DrawnBody, body: Body, places: FaceGeometry, rows: Mapping[str, Sequence[str]], mirrored: bool
) -> Iterator[dict[str, Any]]:
    """Regions of the skin, each with the point in its middle."""
    row = row_numbers(rows.get("tissue_volume", ()))
    lines = {
        name: VesselLine(point[None], 0.0, 1.0, "head", f"{name.split(' ', 1)[0]} head", "region")
        for name, point in places.regions.items()
    }
    for shown, name, line in _both(lines, mirrored):
        yield {
            "name": shown,
            "title": _titled(body, shown, name),
            "tissue": "skin",
            "region": shown.split(" ", 1)[1],
            "leg": line.leg,
            "line": drawn.line(line.points),
            "row": row.get(name),
        }


def _face(run: Run, member: int, places: FaceGeometry, mirrored: bool) -> dict[str, Any]:
    """What a page needs to know to swell and colour the mesh."""
    person = run.bodies[member].person
    face, table, known = person.face or Face(), skin_table(), load()
    usual = known[USUAL_TONE].value
    own = usual if face.tone is None else face.tone
    cells = list(places.regions)
    of_row = [cells.index(name if name in cells else name.replace("right", "left", 1)) for name in MESH_REGIONS]
    cheek = float(table.melanin_at(own))
    told: dict[str, Any] = {
        "regions": list(MESH_REGIONS),
        "rows": of_row,
        "mirrored": mirrored,
        "scale": places.scale,
        "trough": MILLIMETRES * float(USUAL_TROUGH if face.trough is None else face.trough),
        "bag": 0.0 if face.bag is None else MILLIMETRES * float(face.bag),
        "shape": {name: MILLIMETRES * numbers()[name] for name in SHAPE},
        "tone": {"angle": round(float(own), 1), "melanin": cheek},
        "tones": [
            {"name": name, "angle": angle, "melanin": float(table.melanin_at(angle))}
            for name, angle in ((name, known[f"people.tone.{name.replace(' ', '_')}"].value) for name in TONES)
        ],
        "table": {"places": list(table.places), "axes": {name: nodes.tolist() for name, nodes in table.axes.items()}},
        "oxygenation": float(numbers()["plexus.oxygenation"]),
        "lights": {name: float(np.degrees(numbers()[f"light.{name}.elevation"])) for name in LAMPS},
    }
    if run.tissue is None:
        return {**told, "places": [_place(name) for name in MESH_REGIONS], "melanin": [cheek] * len(MESH_REGIONS)}
    skin = skin_course(run)
    return {
        **told,
        "places": [skin.places[row] for row in of_row],
        "melanin": [float(skin.melanin[row, member]) for row in of_row],
    }


def _place(region: str) -> str:
    """The skin in the table that a region has."""
    return "lower lid" if region.split(", ", maxsplit=1)[0].endswith("lid") else "cheek"


def _mesh(mesh: FaceMesh) -> dict[str, np.ndarray]:
    """The mesh as blocks of the head."""
    return {
        "face.vertices": rounded(mesh.vertices, _FINE),
        "face.triangles": in_order(mesh.triangles),
        "face.regions": mesh.regions.astype(np.uint8),
        "face.shares": np.round(255.0 * mesh.shares).astype(np.uint8),
        "face.swellings": rounded(mesh.swellings, _FINE_SWELLING),
        "face.paint": np.round(255.0 * mesh.paint).astype(np.uint8),
        "face.below_lashes": rounded(mesh.below_lashes, 2.0**-4),
        "face.under_eye": np.round(255.0 * mesh.under_eye).astype(np.uint8),
        "face.eyes": rounded(mesh.eyes[0], _FINE),
        "face.eyes.triangles": in_order(mesh.eyes[1]),
        "face.bust": rounded(mesh.bust[0], _FINE),
        "face.bust.triangles": in_order(mesh.bust[1]),
        "face.colours": skin_table().srgb_bytes(),
    }
