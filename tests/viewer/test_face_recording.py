"""A face as a recording: rows that places name are there, half a head is mirrored, colours are those of the run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from venolymph.body.person_face import FACE_REGIONS
from venolymph.measures.skin_course import skin_of_run
from venolymph.skin import skin_table
from venolymph.viewer import pack_frames, pack_head, record, unpack
from venolymph.viewer.recording import can_be_shown


@pytest.fixture(scope="module")
def head(face: Any) -> Any:
    return unpack(pack_head(record(face)))


@pytest.fixture(scope="module")
def frames(face: Any) -> Any:
    return unpack(pack_frames(record(face)))


def test_every_row_that_a_place_names_is_there(head: Any) -> None:
    told = head.header
    rows = {name: what["rows"] for name, what in told["quantities"].items()}
    kinds = {"valves": "opening", "lymph": "lymph_volume", "nodes": "lymph_volume", "compartments": "swelling"}
    for kind, quantity in kinds.items():
        assert told[kind]
        for one in told[kind]:
            assert rows[quantity][one["row"]] == one["name"].replace("right", "left", 1)
    for one in told["vessels"]:
        assert rows["pressure"][one["cell"]] == one["name"].replace("right", "left", 1)
        first, count = one["line"]
        assert first + count <= len(head.arrays["points"])


def test_a_half_is_shown_with_its_mirror_image_and_says_so(head: Any) -> None:
    lines = {}
    for one in head.header["vessels"]:
        first, count = one["line"]
        lines[one["name"]] = head.arrays["points"][first : first + count]
        assert ("mirror image of the left" in one["title"]) == one["name"].startswith("right")
    assert len(lines) % 2 == 0
    np.testing.assert_allclose(lines["right facial [2]"], lines["left facial [2]"] * [-1, 1, 1])
    told = head.header["face"]
    assert told["mirrored"]
    assert told["rows"] == [*range(len(FACE_REGIONS)), *range(len(FACE_REGIONS))]


def test_the_head_lies_and_sits_as_the_run_does(frames: Any) -> None:
    trunk, up, forward, left = frames.arrays["pose"].T
    assert (trunk[0], up[0], forward[0], left[0]) == (0.0, 0.0, 90.0, 0.0)
    assert (trunk[-1], up[-1], forward[-1], left[-1]) == (90.0, 90.0, 0.0, 0.0)


def test_what_colours_the_skin_is_that_of_the_run(face: Any, head: Any, frames: Any) -> None:
    skin = skin_of_run(face)
    for name in ("blood", "oxygenation", "water"):
        np.testing.assert_allclose(frames.arrays[f"skin_{name}"], getattr(skin, name)[:, :, 0], atol=0.005)
    told = head.header["face"]
    assert told["melanin"][:15] == pytest.approx(skin.melanin[:, 0])
    assert told["places"][:15] == list(skin.places)
    table = skin_table()
    np.testing.assert_array_equal(head.arrays["face.colours"], table.srgb_bytes())
    assert told["tone"]["melanin"] == pytest.approx(float(table.melanin_at(38.0)))
    assert (told["trough"], told["bag"]) == pytest.approx((1.0, 1.0))


def test_swelling_begins_at_nothing_and_is_what_tissue_gained(face: Any, frames: Any) -> None:
    volume = np.asarray(face.exchange("tissue_volume"))[:, :, 0]
    np.testing.assert_allclose(frames.arrays["swelling"], volume - volume[0], atol=0.002)
    areas = np.array([one.area_cm2 for one in face.tissue.legs[0].compartments])
    np.testing.assert_allclose(frames.arrays["thickening"] * areas / 10.0, volume - volume[0], atol=0.02)


def test_a_face_without_tissue_is_shown_at_rest(face: Any) -> None:
    assert can_be_shown(face)
    assert not can_be_shown(face.__class__(face.bodies, face.regimen, face.parameters, [], face.status))
