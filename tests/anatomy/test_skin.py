"""The mesh of the skin: closed, of the figures' volume, scaled to a person, and swollen by mL."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

import venolymph as vl
from venolymph.body.drainage import body_drainage
from venolymph.body.limb import girths
from venolymph.figures import load

REGIONS = ("foot", "ankle", "calf", "knee", "thigh")


@pytest.fixture(scope="module")
def skin() -> Any:
    return vl.geometry("healthy").skins["left"]


def test_with_its_cap_the_mesh_is_closed(skin: Any) -> None:
    edges = Counter((int(one[i]), int(one[(i + 1) % 3])) for one in skin.closed for i in range(3))
    assert set(edges.values()) == {1}
    assert all((b, a) in edges for a, b in edges)


@pytest.mark.parametrize("person", ["healthy", "tall", "heavy"])
def test_the_leg_has_the_volume_of_the_figures(person: str) -> None:
    body = vl.leg_body(vl.load_person(person))
    bulk = body_drainage(body.person, body.body_regions).bulk
    assert vl.geometry(body).skins["left"].volume == pytest.approx(sum(bulk[name] for name in REGIONS), rel=0.02)


def test_girths_are_near_those_of_the_figures(skin: Any) -> None:
    own = {name: girth for name, (girth, _) in girths(vl.load_person("healthy")).items()}
    for name, height in {"calf": 27.0, "knee": 44.0, "thigh": 66.0}.items():
        assert girth(skin, height) == pytest.approx(own[name], rel=0.15), name


def girth(skin: Any, height: float) -> float:
    """Length of the cut through the mesh at a height, cm."""
    total = 0.0
    for corners in skin.vertices[skin.triangles] - [0.0, height, 0.0]:
        met = [
            one + (two - one) * one[1] / (one[1] - two[1])
            for one, two in zip(corners, np.roll(corners, -1, axis=0), strict=True)
            if (one[1] < 0.0) != (two[1] < 0.0)
        ]
        total += float(np.linalg.norm(met[1] - met[0])) if len(met) == 2 else 0.0
    return total


def test_joints_and_sole_are_where_the_person_has_them() -> None:
    person = vl.load_person("tall")
    ankle = load()["body_proportions.ankle"].internal * person.height
    assert vl.geometry(person).skins["right"].vertices[:, 1].min() == pytest.approx(-ankle, rel=1e-3)


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("amount", [20.0, 100.0])
def test_a_swelling_adds_its_volume_where_it_is(skin: Any, region: str, amount: float) -> None:
    swollen = skin.swollen({region: amount})
    assert swollen.volume - skin.volume == pytest.approx(amount, rel=0.01)
    ends = [load()[f"body_proportions.region.{region}.{end}"].internal for end in ("lower_end", "upper_end")]
    moved = np.linalg.norm(swollen.vertices - skin.vertices, axis=1)
    far = (skin.vertices[:, 1] < ends[0] - 6.5) | (skin.vertices[:, 1] > ends[1] + 6.5)
    assert moved[far].max(initial=0.0) < 1e-6
    assert moved.max() > 0.02


@pytest.mark.parametrize("region", REGIONS)
def test_up_to_100_ml_volume_goes_with_the_weight(skin: Any, region: str) -> None:
    """The share that adds 100 mL is within 4 % of ten times the one that adds 10 mL."""
    one, ten = (skin.weights({region: amount})[region] for amount in (10.0, 100.0))
    assert ten == pytest.approx(10.0 * one, rel=0.04)


def test_several_regions_swell_together(skin: Any) -> None:
    swollen = skin.swollen({"foot": 60, "ankle": 80, "calf": 300, "knee": 90, "thigh": 200})
    assert swollen.volume - skin.volume == pytest.approx(730.0, rel=0.01)


@pytest.mark.parametrize("amounts", [{"calve": 10.0}, {"foot": 2000.0}, {"foot": -1.0}])
def test_what_cannot_swell_is_refused(skin: Any, amounts: dict[str, float]) -> None:
    with pytest.raises(vl.DocumentError, match="allowed"):
        skin.swollen(amounts)
