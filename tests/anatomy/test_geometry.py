"""Lines of everything in the network: complete, connected, of the right length, under the skin, mirrored, scaled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import venolymph as vl
from venolymph.anatomy.courses import drawn
from venolymph.anatomy.reference_lines import reference_lines
from venolymph.anatomy.surface import LimbSurface
from venolymph.body.drainage import body_drainage
from venolymph.body.limb import LimbScale
from venolymph.body.places import drainage_template, template
from venolymph.body.structure import structure
from venolymph.body.tissue_layout import tissue_layout
from venolymph.figures import load

TOUCH = 0.1
"""Ends that meet are no further apart, cm."""
SUPERFICIAL, DEEP = {"superficial", "tributary"}, {"deep", "muscle"}
STRAIGHT, WINDING = 0.2, 0.45
"""How much longer or shorter a line may be than its vein in the network: of a trunk, and of a
tributary, of which one of four is drawn, or which bends around the limb."""


@pytest.fixture(scope="module")
def body() -> Any:
    return vl.leg_body(vl.load_person("healthy"))


@pytest.fixture(scope="module")
def places(body: Any) -> Any:
    return vl.geometry(body)


@pytest.fixture(scope="module")
def surface(body: Any) -> LimbSurface:
    skin = [one for one in tissue_layout(LimbScale(body.person, load())).compartments if one.quarter == "front"]
    return LimbSurface(*np.array([(0.5 * (one.lower + one.upper), one.thickness) for one in skin]).T)


def length(points: np.ndarray) -> float:
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def apart(points: np.ndarray, others: np.ndarray) -> float:
    """Least distance between points and the line through others."""
    fine = np.vstack([np.linspace(one, two, 20) for one, two in zip(others, [*others[1:], others[-1]], strict=True)])
    return float(np.linalg.norm(points[:, None] - fine[None], axis=2).min())


def above_the_cut(skin: Any, points: np.ndarray) -> np.ndarray:
    """Points that lie above the plane of the groin in which the mesh is cut, or within 1 cm below it."""
    loop = skin.vertices[np.unique(skin.cap[:, :2])]
    middle = loop.mean(axis=0)
    up = np.linalg.svd(loop - middle)[2][2]
    up = up if up[1] > 0 else -up
    return (points - middle) @ up > -1.0


@pytest.mark.parametrize("legs", ["one", "both"])
def test_everything_in_the_network_has_a_place(legs: Any) -> None:
    body = vl.leg_body(vl.load_person("mild-varicose"), legs=legs)
    places, drainage = vl.geometry(body), body_drainage(body.person, body.body_regions)
    topology, lymph = body.topology, drainage.topology
    assert set(places.veins) == set(topology.cells)
    assert set(places.joins) | set(places.perforators) == set(topology.faces)
    assert set(places.valves) == set(topology.valves)
    assert set(places.compartments) == {one.name for one in drainage.compartments}
    assert set(places.lymph) | set(places.nodes) == set(lymph.vessels)
    assert set(places.lymph) == set(lymph.lymphangions)
    assert {line.leg for line in places.veins.values()} == {"left", "right", "pelvis"}
    for line in (*places.veins.values(), *places.perforators.values(), *places.lymph.values(), *places.nodes.values()):
        assert np.isfinite(line.points).all() and len(line.points) > 2 and line.points.shape[1] == 3
        assert line.radius > 0.0 and line.vessels > 0.0 and length(line.points) > 0.1


def test_each_course_of_the_data_belongs_to_a_vessel() -> None:
    known = {one["name"] for part in ("segments", "pelvis", "other") for one in template()[part]}
    assert set(drawn()["veins"]) == known
    assert set(drawn()["lymph"]) == set(drainage_template()["chains"])
    assert set(drawn()["nodes"]) == set(drainage_template()["nodes"])
    assert set(drawn()["quarters"]) == set(drainage_template()["quarters"])
    for kind in ("veins", "lymph", "nodes"):
        assert {one["basis"] for one in drawn()[kind].values()} <= {"anatomy", "assumed"}


def test_what_is_joined_meets(body: Any, places: Any) -> None:
    """Cells of a vein end to end, veins on the veins that they lead into, ways between others from one to the other."""
    topology, met = body.topology, 0
    for name, tail, head in zip(topology.faces, topology.tail, topology.head, strict=True):
        if head >= topology.n_cells:
            continue
        here, there = (places.veins[topology.cells[number]].points for number in (tail, head))
        line = places.joins.get(name)
        if line is None:  # a perforator is at its own height, which may be just beyond the cell's middle
            line = places.perforators[name].points
            assert apart(line[:1], here) < 1.5 and apart(line[-1:], there) < 2.5, name
        elif len(line) == 1:
            met += 1
            assert apart(line, here) < TOUCH and apart(line, there) < 0.3, name
        else:
            assert apart(line[:1], here) < TOUCH and apart(line[-1:], there) < TOUCH, name
    for segment in structure("one").segments.values():
        for one, two in zip(segment.cells, segment.cells[1:], strict=False):
            ends = places.veins[topology.cells[one]].points[-1], places.veins[topology.cells[two]].points[0]
            assert np.linalg.norm(ends[0] - ends[1]) < TOUCH, topology.cells[one]
    assert met > 90


@pytest.mark.parametrize(
    ("tail", "head"),
    [
        ("plantar", "posterior tibial"), ("posterior tibial", "popliteal"), ("peroneal", "popliteal"),
        ("anterior tibial", "popliteal"), ("popliteal", "femoral"), ("femoral", "common femoral"),
        ("deep femoral", "common femoral"), ("common femoral", "external iliac"), ("external iliac", "common iliac"),
        ("common iliac", "vena cava"), ("great saphenous, calf", "great saphenous, thigh"),
        ("great saphenous, thigh", "great saphenous, junction"), ("dorsal foot veins", "great saphenous, calf"),
    ],
)  # fmt: skip
def test_trunks_run_on_into_each_other(tail: str, head: str, body: Any, places: Any) -> None:
    cells = body.topology.cells
    last, first = body.segments[tail].cells[-1], body.segments[head].cells[0]
    gap = places.veins[cells[last]].points[-1] - places.veins[cells[first]].points[0]
    assert np.linalg.norm(gap) < TOUCH


def test_lymph_runs_from_vessel_to_vessel_and_into_its_nodes(places: Any, body: Any) -> None:
    topology = body_drainage(body.person, body.body_regions).topology
    lines = {**places.lymph, **places.nodes}
    for number, name in enumerate(topology.vessels):
        if name in places.nodes or topology.downstream[number] >= len(topology.vessels):
            continue
        there = topology.vessels[topology.downstream[number]]
        assert apart(lines[name].points[-1:], lines[there].points) < TOUCH, name


def test_lines_are_as_long_as_veins_in_the_network(body: Any, places: Any) -> None:
    own = np.asarray(body.parameters.cells.length)[:, 0]
    seen = set()
    for name, segment in body.segments.items():
        many = template()
        data = next(one for part in ("segments", "pelvis", "other") for one in many[part] if one["name"] == name)
        if segment.kind in ("lump", "muscle") or data["name"].startswith("other leg"):
            continue  # many short vessels, for which one line stands
        line = sum(length(places.veins[body.topology.cells[number]].points) for number in segment.cells)
        whole = own[list(segment.cells)].sum()
        if name == "dorsal foot veins":
            whole *= 2.0  # the arch is drawn with both its limbs
        loose = segment.kind in ("tributary", "trunk") or name.startswith("tributaries")
        far = WINDING if loose or name == "great saphenous, junction" else STRAIGHT
        assert abs(line / whole - 1.0) < far, (name, line, whole)
        seen.add(segment.kind)
    assert seen >= {"deep", "superficial", "tributary", "trunk"}


@pytest.mark.parametrize("person", ["healthy", "tall", "heavy"])
def test_heights_are_those_of_the_network(person: str) -> None:
    body = vl.leg_body(vl.load_person(person))
    places = vl.geometry(body)
    checked = 0
    for segment in body.segments.values():
        if len(segment.cells) < 2 or segment.heights[0] < 0.0:
            continue
        for number, height in list(zip(segment.cells, segment.heights, strict=True))[1:-1]:
            assert places.veins[body.topology.cells[number]].middle[1] == pytest.approx(height, abs=0.5)
            checked += 1
    assert checked > 50


def test_everything_of_the_leg_lies_under_the_skin(places: Any) -> None:
    skin, inside, left_out = places.skins["left"], 0, []
    for kind in ("veins", "perforators", "lymph", "nodes", "compartments"):
        for name, line in getattr(places, kind).items():
            points = line.points[:: max(1, len(line.points) // 2)]
            beyond = above_the_cut(skin, points)
            if line.leg == "right" or beyond.all():
                left_out += [name] * (line.leg != "right")
                continue
            assert skin.contains(points[~beyond]).all(), name
            inside += 1
    assert inside > 350
    assert len(left_out) < 50


def test_superficial_veins_lie_over_the_fascia_and_deep_ones_under_it(
    body: Any, places: Any, surface: LimbSurface
) -> None:
    """Read from points alone: how far under the skin, against the thickness of the subcutis there."""
    checked = {"superficial": 0, "deep": 0}
    for name, line in places.veins.items():
        pierces = "small saphenous [9]" in name or "junction" in name or "thigh extension" in name
        if line.leg != "left" or line.region in ("foot", "trunk") or pierces or line.points[:, 1].min() < 2.0:
            continue
        points = line.points
        centre = surface.points(np.stack([points[:, 1], np.zeros(len(points)), np.full(len(points), 2.0)], axis=1))
        angles = np.arctan2(points[:, 2] - centre[:, 2], points[:, 0] - centre[:, 0])
        far = np.hypot(points[:, 2] - centre[:, 2], points[:, 0] - centre[:, 0])
        depth = surface.radius(points[:, 1], angles) - far
        layer = surface.subcutis(points[:, 1], angles)
        if line.kind in SUPERFICIAL:
            assert (depth > 0.0).all() and (depth < layer + 0.05).all(), name
            checked["superficial"] += 1
        elif line.kind in DEEP:
            assert (depth > layer).all(), name
            checked["deep"] += 1
    assert min(checked.values()) > 25


def test_anatomy_is_where_a_textbook_has_it(places: Any) -> None:
    """A left leg: lateral is +x, forward is +z."""

    def at(name: str) -> np.ndarray:
        return places.veins[name].points[0]

    ankle = at("posterior tibial [1]")
    great, small = at("great saphenous, calf [1]"), at("small saphenous [1]")
    assert great[2] > ankle[2] and great[0] < small[0], "in front of the medial malleolus"
    assert small[0] > ankle[0] and small[2] < great[2], "behind the lateral malleolus"
    knee = places.veins["great saphenous, thigh [1]"].middle
    popliteal = places.veins["popliteal [2]"].middle
    assert knee[0] < popliteal[0], "medial of the popliteal vein"
    calf = places.veins["small saphenous [6]"].middle
    assert calf[2] < min(places.veins[f"{one} [4]"].middle[2] for one in ("peroneal", "posterior tibial"))
    assert places.veins["anterior tibial [4]"].middle[2] > places.veins["peroneal [4]"].middle[2]
    assert places.veins["vena cava [2]"].middle[0] < 0.0, "right of the mid-plane"
    assert places.lymph["thoracic duct [8]"].points[-1][0] > 0.0, "the left venous angle"


def test_left_is_the_mirror_of_right() -> None:
    places = vl.geometry("healthy", legs="both")
    left, right = places.skins["left"], places.skins["right"]
    np.testing.assert_allclose(left.vertices * [-1, 1, 1], right.vertices)
    assert left.volume == pytest.approx(right.volume)
    assert left.volume > 0.0, "triangles face outward"
    # what ends on what both share is no mirror
    shared = ("common iliac", "lumbar trunk")
    compared = 0
    for kind in ("veins", "perforators", "compartments", "lymph", "nodes"):
        lines = getattr(places, kind)
        for name, line in lines.items():
            own = "other leg: " + name
            if own in lines and not name.startswith(shared):
                np.testing.assert_allclose(line.points * [-1, 1, 1], lines[own].points, atol=1e-9)
                compared += 1
    assert compared > 350


def test_the_index_leg_is_on_its_side() -> None:
    person = vl.load_person("healthy").with_index_side("right")
    places = vl.geometry(person)
    assert places.veins["femoral [3]"].middle[0] < 0.0 < places.veins["other leg: thigh deep [1]"].middle[0]
    assert places.veins["vena cava [2]"].middle[0] < 0.0
    assert places.lymph["thoracic duct [8]"].points[-1][0] > 0.0


def test_valves_open_towards_the_heart(places: Any) -> None:
    for name, valve in places.valves.items():
        assert np.linalg.norm(valve.direction) == pytest.approx(1.0)
        if name.startswith(("femoral", "posterior tibial, valve", "great saphenous, calf", "peroneal")):
            assert valve.direction[1] > 0.7, name
        if name.startswith("perforator, Cockett"):
            assert valve.direction[0] > 0.7, "from the medial skin inward"
    terminal = places.valves["great saphenous, terminal valve"].place
    assert apart(terminal[None], places.veins["common femoral [2]"].points) < TOUCH


def test_women_have_thicker_subcutis() -> None:
    name = "perforator, Dodd"
    depth = {sex: reference_lines("one", "left", sex).faces[name] for sex in ("male", "female")}
    assert np.linalg.norm(depth["female"][0] - depth["male"][0]) > 0.1


def test_a_wrong_count_of_legs_is_refused() -> None:
    with pytest.raises(vl.DocumentError, match="allowed are 'one' and 'both'"):
        vl.geometry("healthy", legs="three")  # type: ignore[arg-type]
