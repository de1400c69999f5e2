"""The leg at each date of a life: veins as wide and as bent as they are then, those that are gone dotted, a slider."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from small.lives import course
from venolymph.anatomy import Geometry, geometry
from venolymph.body import load_person
from venolymph.report.life_leg import MOST, WIDER, bent, drawn_days, legs_by_date
from venolymph.report.life_page import page
from venolymph.wall.life_document import load_life
from venolymph.wall.showing import FollowedLife

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def where() -> Geometry:
    return geometry("mild-varicose")


def followed(name: str, every: str | None = None) -> FollowedLife:
    life = load_life(name).lasting(None, every).plain()
    return FollowedLife(load_person("mild-varicose"), life, course([*life.report_days], 1, life))


def widths(drawn: str, vein: str) -> list[float]:
    found = re.findall(rf'stroke-width="([\d.]+)" points="[^"]*"><title>{vein}:', drawn)
    return [float(one) for one in found]


def test_a_vein_is_as_wide_as_it_is_on_each_date(where: Geometry) -> None:
    one = followed("junction-closed", "1 y")
    found = widths(legs_by_date([one], where, "left"), "great saphenous, thigh")
    assert found == pytest.approx(0.1 * WIDER * one.widths("great saphenous, thigh"), abs=0.01)
    assert found[-1] < found[0]


def test_a_vein_that_is_gone_is_dotted(where: Geometry) -> None:
    drawn = legs_by_date([followed("ablation-then-five-years", "5 y")], where, "left")
    assert not widths(drawn, "great saphenous, thigh")
    assert drawn.count("<title>great saphenous, thigh: closed</title>") == 2
    assert len(widths(drawn, "great saphenous, calf")) == 2


def test_only_bent_veins_wind(where: Geometry) -> None:
    drawn = legs_by_date([followed("a-year-as-it-is", "1 y")], where, "left")
    assert set(re.findall(r'class="vein winding"[^>]*><title>([^:]*):', drawn)) == {
        "tributary, medial calf",
        "tributary, anterior calf",
    }


def test_waves_are_as_high_and_as_long_as_said_and_leave_the_ends() -> None:
    straight = np.stack([np.zeros(101), np.linspace(0.0, 30.0, 101)], axis=1)
    waves = bent(straight, 0.8, 5.0)
    assert np.abs(waves[:, 0]).max() == pytest.approx(0.8, abs=0.02)
    assert np.allclose(waves[[0, -1]], straight[[0, -1]])
    crossings = np.sum(np.diff(np.sign(waves[1:-1, 0])) != 0)
    assert crossings == pytest.approx(2 * 30.0 / 5.0 - 1, abs=1)
    assert bent(straight, 0.0, 5.0) is straight


def test_a_right_leg_is_the_mirror_of_a_left_one(where: Geometry) -> None:
    one = followed("a-year-as-it-is", "1 y")
    boxes = [
        re.findall(r'viewBox="([^"]*)"', legs_by_date([one], where, side))[0].split() for side in ("left", "right")
    ]
    left, right = ([float(number) for number in box] for box in boxes)
    assert right[0] == pytest.approx(-left[0] - left[2], abs=0.2)


def test_many_dates_are_thinned_and_two_lives_share_theirs() -> None:
    many = drawn_days([followed("a-year-as-it-is", "1 week")])
    assert len(many) == MOST
    assert (many[0], many[-1]) == (0.0, 365.25)
    both = drawn_days([followed("a-year-as-it-is", "3 months"), followed("massage-weekly-for-a-year", "6 months")])
    assert both == [0.0, 182.625, 365.25]


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_the_slider_shows_one_date(where: Geometry, tmp_path: Path) -> None:
    one = followed("junction-closed", "1 y")
    file, text = tmp_path / "report.html", page([one], [None], where)
    # a second script, which the page's policy has to be told of, moves the slider to the third date
    move = "slider.value = 2; slider.dispatchEvent(new Event('input'));"
    text = re.sub(r"script-src '[^']*'", "script-src 'unsafe-inline'", text)
    file.write_text(text.replace("</body>", f"<script>{move}</script></body>"), encoding="utf-8")
    command = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * 0.0.0.0",
        f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", file.as_uri(),
    ]  # fmt: skip
    found = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    shown = re.findall(r'<figure class="when"( hidden="")?><figcaption>([^<]*)', found)
    assert [date for hidden, date in shown if not hidden] == ["2 years"]
    assert re.search(r'<output id="said"[^>]*>2 years</output>', found)
    assert 'id="choice" hidden' not in found


def test_the_policy_names_the_script_and_without_it_all_dates_are_there(where: Geometry) -> None:
    text = page([followed("junction-closed", "1 y")], [None], where)
    assert re.search(r"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-[\w+/=]{44}'", text)
    assert text.count('<figure class="when">') == 6
    assert '<p id="choice" hidden>' in text
