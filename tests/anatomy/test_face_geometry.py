"""The head as a mesh: regions swell by their mL on both sides alike, and vessels lie in it and under its skin."""

from __future__ import annotations

from importlib import resources
from typing import Any

import numpy as np
import pytest

import venolymph as vl
from venolymph.anatomy.face_mesh import MESH_REGIONS, FaceMesh, face_mesh
from venolymph.anatomy.face_places import FaceGeometry, face_geometry
from venolymph.anatomy.skin import SkinMesh, enclosed
from venolymph.body.head import head_body
from venolymph.body.person_face import FACE_REGIONS
from venolymph.errors import DocumentError, NetworkError

AT_THE_CUT = ("neck, front", "neck, side")


@pytest.fixture(scope="module")
def mesh() -> FaceMesh:
    return face_mesh(1.0)


@pytest.fixture(scope="module")
def places() -> FaceGeometry:
    return face_geometry(head_body(vl.load_person("rested"), sides="both"))


def capped(mesh: FaceMesh) -> SkinMesh:
    """The mesh with its opening at the neck closed."""
    edges = np.vstack([mesh.triangles[:, pair] for pair in ((0, 1), (1, 2), (2, 0))])
    known = {tuple(edge) for edge in edges.tolist()}
    cap = np.array([(b, a, len(mesh.vertices)) for a, b in edges.tolist() if (b, a) not in known])
    middle = mesh.vertices[np.unique(cap[:, :2])].mean(axis=0)
    return SkinMesh(np.vstack([mesh.vertices, middle]), mesh.triangles, cap, {})


@pytest.mark.parametrize("scale", [1.0, 0.9])
def test_a_region_swells_by_its_millilitres(scale: float) -> None:
    mesh = face_mesh(scale)
    closed = capped(mesh)
    for region in FACE_REGIONS:
        if region in AT_THE_CUT:
            continue
        amount = scale**3 * (0.05 if "lid" in region else 0.2)
        grown = np.vstack([mesh.swollen({f"right {region}": amount}), closed.vertices[-1:]])
        gained = enclosed(grown, closed.closed) - closed.volume
        assert gained == pytest.approx(amount, rel=0.03), region


def test_what_swells_lies_in_the_region(mesh: FaceMesh) -> None:
    for region in ("left cheek, medial", "right lower lid, lateral", "left chin"):
        moved = mesh.moved({region: 1.0})
        far = np.argmax(moved)
        assert mesh.share_of(region)[far] > 0.5
        assert (moved[~mesh.outer] == 0.0).all()


def test_both_sides_swell_alike(mesh: FaceMesh) -> None:
    left, right = (mesh.moved({f"{side} lower lid, medial": 0.2}) for side in ("left", "right"))
    assert left.max() == pytest.approx(right.max(), rel=0.05)
    assert (left * (mesh.vertices[:, 0] < 0.0)).max() == 0.0


def test_shares_sum_to_one_and_every_region_is_there(mesh: FaceMesh) -> None:
    assert mesh.shares.sum(axis=1) == pytest.approx(1.0)
    assert all(mesh.share_of(region).max() > 0.8 for region in MESH_REGIONS)


def test_a_region_that_is_not_there_is_refused(mesh: FaceMesh) -> None:
    with pytest.raises(DocumentError, match="left chin") as found:
        mesh.moved({"left chinn": 1.0})
    assert found.value.hint == "did you mean 'left chin'?"


def test_every_vein_and_lymph_vessel_has_a_place(places: FaceGeometry) -> None:
    body = head_body(vl.load_person("rested"), sides="both")
    assert set(places.veins) == {name for name in body.topology.cells if "small veins" not in name}
    assert len(places.nodes) == 22
    for line in (*places.veins.values(), *places.lymph.values()):
        assert np.isfinite(line.points).all()
        assert (line.points[:, 0].mean() > 0.0) == (line.leg == "left head")


def test_parts_of_a_vessel_follow_each_other(places: FaceGeometry) -> None:
    for lines in (places.veins, places.lymph):
        names = [name for name in lines if name.endswith(" [2]")]
        assert names
        for name in names:
            before = lines[name.replace("[2]", "[1]")]
            assert before.points[-1] == pytest.approx(lines[name].points[0])


def test_veins_of_the_face_lie_a_little_under_its_skin(places: FaceGeometry) -> None:
    closed = capped(places.mesh)
    for name in ("left facial [2]", "right angular", "left superficial temporal", "right external jugular [2]"):
        points = places.veins[name].points[1:-1]
        assert closed.contains(points).mean() > 0.7, name
        away = np.linalg.norm(points[:, None] - places.mesh.vertices, axis=2).min(axis=1)
        assert away.max() < 1.6, name


def test_legs_have_no_place_in_a_head(places: FaceGeometry) -> None:
    body: Any = vl.leg_body(vl.load_person("healthy"))
    with pytest.raises(NetworkError, match="of legs"):
        face_geometry(body)


def test_the_surface_is_small() -> None:
    assert len(resources.files("venolymph.anatomy").joinpath("face.npz").read_bytes()) < 400_000
