"""Pictures of a face that stand in where nothing moves: its own colour, and a table of how it swelled."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import numpy as np
import pytest

from venolymph.measures.skin_course import skin_of_run
from venolymph.skin import difference, lab, skin_table, xyz_of_linear
from venolymph.viewer import record
from venolymph.viewer.face_pictures import BRIGHT, DIM, LIGHT, face_picture
from venolymph.viewer.page import view_page


@pytest.fixture(scope="module")
def recording(face: Any) -> Any:
    return record(face)


@pytest.mark.parametrize("tone", ["", "dark"])
def test_a_forehead_that_looks_ahead_has_the_colour_of_the_table_in_that_light(
    face: Any, recording: Any, tone: str
) -> None:
    picture = np.asarray(face_picture(recording, 0.0, tone=tone), float)
    x, y = picture.shape[1] // 2, round(picture.shape[0] * (43.0 - 34.5) / 26.0)  # between the brows and the crown
    light = (picture[y - 2 : y + 3, x - 2 : x + 3, :3] / 255.0).mean(axis=(0, 1))
    linear = np.where(light <= 0.04045, light / 12.92, ((light + 0.055) / 1.055) ** 2.4)
    told, skin = recording.head["face"], skin_of_run(face)
    row = skin.regions.index("left forehead")
    factor = {one["name"]: one["melanin"] for one in told["tones"]}.get(tone, told["tone"]["melanin"])
    now = {key: getattr(skin, key)[0, row, 0] for key in ("blood", "oxygenation", "water")}
    wanted = skin_table().linear_rgb("cheek", factor, **now) * (DIM + BRIGHT * LIGHT[2])
    apart = difference(np.asarray(lab(xyz_of_linear(linear))), np.asarray(lab(xyz_of_linear(wanted))))
    assert float(apart) < 4.0  # it is not quite upright


def test_nothing_is_drawn_beside_the_head(recording: Any) -> None:
    seen = np.asarray(face_picture(recording, 0.0))[..., 3]
    assert (seen[:5] == 0).all()
    assert 0.4 < (seen > 0).mean() < 0.9
    assert set(np.unique(seen)) == {0, 255}


def test_pictures_and_a_table_stand_in_and_say_that_half_is_mirrored(recording: Any) -> None:
    text = unescape(re.sub(r"<script.*?</script>", "", view_page([recording]), flags=re.DOTALL))
    assert text.count("data:image/png") == 3
    assert "The face as pictures" in text
    assert "the other half is its mirror image" in text
    rows = re.findall(r"<tr><td>(.*?)</td><td>.*?</td><td>(.*?)</td>", text)
    assert [label for label, _ in rows] == ["begin", "end of lying", "end of sitting"]
    names = recording.head["quantities"]["swelling"]["rows"]
    lids = [number for number, name in enumerate(names) if "lower lid" in name]
    assert float(rows[2][1].replace("−", "-")) == pytest.approx(
        2 * recording.series["swelling"][-1, lids].sum(), abs=0.01
    )
