"""The face in a browser: colours of the table on any skin, swelling as the run has it, a light and a line to move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from venolymph.measures.skin_course import skin_of_run
from venolymph.skin import difference, lab, skin_table, xyz_of_linear
from venolymph.viewer import pack_frames, pack_head, record
from viewer.pages import chromium, opened, serving

SWOLLEN = 0.3
"""What lower lids are drawn to gain until the end, mL: more than a short run gives."""
LID, CHEEK = "left lower lid, medial", "left cheek, medial"
TOOLS = """() => {
  const [figure] = venolymph.stage.figures;
  const known = {};
  const placed = (name) => {
    const [wide, high] = venolymph.stage.size;
    venolymph.camera.place(wide / high, figure);
    return venolymph.stage.onScreen(0, venolymph.camera, figure.inRoom(venolymph.thing(`tissue:${name}`).points[0]));
  };
  globalThis.face = {
    placed,
    shot: (as, state) => { venolymph.set(state); known[as] = venolymph.pixels(); },
    // the mean colour around the middle of a region in a picture, 0 to 255
    patch: (as, name) => {
      const {width, height, data} = known[as];
      const [wide, high] = venolymph.stage.size;
      const {x, y} = placed(name);
      const [column, row] = [Math.round((x / wide) * width), Math.round((1 - y / high) * height)];
      const sum = [0, 0, 0];
      for (let j = row - 3; j <= row + 3; j += 1)
        for (let i = column - 3; i <= column + 3; i += 1)
          for (let k = 0; k < 3; k += 1) sum[k] += data[4 * (j * width + i) + k] / 49;
      return sum;
    },
    // how far two pictures differ from one share of the width to another: the mean, and the most, 0 to 255
    apart: (one, other, from = 0, to = 1) => {
      const [{width, height, data}, {data: second}] = [known[one], known[other]];
      let [sum, most, count] = [0, 0, 0];
      for (let j = 0; j < height; j += 1)
        for (let i = Math.ceil(from * width); i < Math.floor(to * width); i += 1) {
          const at = 4 * (j * width + i);
          const by = Math.max(...[0, 1, 2].map((k) => Math.abs(data[at + k] - second[at + k])));
          sum += by;
          most = Math.max(most, by);
          count += 1;
        }
      return {mean: sum / count, most};
    },
  };
}"""
"""Pictures are kept and compared in the page: they are too large to be sent."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def page(browser: Browser, face: Any) -> Iterator[Page]:
    one = record(face)
    swelling = one.series["swelling"].copy()
    lids = [number for number, name in enumerate(one.head["quantities"]["swelling"]["rows"]) if "lower lid" in name]
    swelling[:, lids] += SWOLLEN * np.linspace(0.0, 1.0, len(swelling))[:, None]
    shown = replace(one, series={**one.series, "swelling": swelling})
    with serving({"face.head": pack_head(shown), "face.frames": pack_frames(shown)}) as address:
        found, complaints = opened(browser, f"{address}/?face", viewport={"width": 860, "height": 480})
        found.evaluate(TOOLS)
        yield found
        assert not complaints


@pytest.fixture(autouse=True)
def _as_begun(page: Page) -> None:
    page.evaluate("venolymph.setPlaying(false); venolymph.set({...venolymph.usual, column: false})")


def shot(page: Page, name: str, **state: Any) -> None:
    page.evaluate("([name, state]) => face.shot(name, state)", [name, state])


def patch(page: Page, picture: str, region: str) -> np.ndarray:
    return np.array(page.evaluate("([picture, region]) => face.patch(picture, region)", [picture, region]))


def apart(page: Page, one: str, other: str, *part: float) -> dict[str, float]:
    return page.evaluate("(given) => face.apart(...given)", [one, other, *part])


def measured(colour: np.ndarray) -> np.ndarray:
    """CIELAB of a screen's colour, 0 to 255."""
    share = colour / 255.0
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return np.asarray(lab(xyz_of_linear(linear)))


@pytest.mark.parametrize("tone", ["", "very light", "brown", "dark"])
def test_in_even_light_skin_has_the_colour_of_the_table(page: Page, face: Any, tone: str) -> None:
    shot(page, "even", tone=tone, light="even", time=float(face.exchange("exchange_time")[-1]))
    told = record(face).head["face"]
    own, skin = told["tone"]["melanin"], skin_of_run(face)
    factor = {one["name"]: one["melanin"] / own for one in told["tones"]}.get(tone, 1.0)
    row = skin.regions.index(CHEEK)
    now = {key: getattr(skin, key)[-1, row, 0] for key in ("blood", "oxygenation", "water")}
    wanted = skin_table().lab("cheek", skin.melanin[row, 0] * factor, **now)
    for region in (CHEEK, CHEEK.replace("left", "right")):
        assert float(difference(measured(patch(page, "even", region)), wanted)) < 2.0


def test_the_face_is_in_the_picture_from_every_side(page: Page) -> None:
    for azimuth in (0, 90, 180):
        page.evaluate("(azimuth) => venolymph.set({azimuth, frame: 'head'})", azimuth)
        assert 0.1 < page.evaluate("() => venolymph.pixels().lit") < 0.9


def test_a_line_parts_before_and_after_which_differ_at_the_lids(page: Page, face: Any) -> None:
    state, end = {"frame": "eyes", "light": "above"}, float(face.time[-1])
    for swollen in (1, 5):
        shot(page, f"before {swollen}", time=0, swollen=swollen, **state)
        shot(page, f"after {swollen}", time=end, swollen=swollen, **state)
    shot(page, "both", time=end, swollen=5, before=0, split=0.5, **state)
    assert apart(page, "both", "before 5", 0.0, 0.495)["most"] == 0
    assert apart(page, "both", "after 5", 0.505, 1.0)["most"] == 0
    assert np.abs(patch(page, "before 5", LID) - patch(page, "after 5", LID)).max() > 3.0
    true, larger = (apart(page, f"before {swollen}", f"after {swollen}") for swollen in (1, 5))
    assert 0.0 < true["mean"] < larger["mean"]
    assert larger["most"] > 25
    assert page.locator(".vl-split").is_visible()
    assert "5 times as large as it is" in page.locator(".vl-legend").inner_text()


def test_light_can_be_turned(page: Page) -> None:
    for turn, bright, dim in ((60, "left", "right"), (-60, "right", "left")):
        shot(page, "turned", light="own", lightTurn=turn, lightHeight=20)
        sides = {side: patch(page, "turned", f"{side} cheek, medial").mean() for side in ("left", "right")}
        assert sides[bright] > 1.2 * sides[dim]


def test_a_trough_makes_shadow_in_light_from_above_and_none_in_even_light(page: Page) -> None:
    for light in ("even", "overhead"):
        for trough in (1, 0):
            page.evaluate("(mm) => { venolymph.stage.figures[0].skin.uniforms.uTrough.value[0] = mm; }", trough)
            shot(page, f"{light} {trough}", light=light, frame="eyes")
    page.evaluate("() => { venolymph.stage.figures[0].skin.uniforms.uTrough.value[0] = 1; }")
    assert apart(page, "even 1", "even 0")["most"] < 2
    assert apart(page, "overhead 1", "overhead 0")["most"] > 15


def test_pointing_at_the_skin_names_the_region_and_its_colour(page: Page) -> None:
    name, tip = page.evaluate(
        """() => {
          venolymph.drawPicture();
          const {x, y} = face.placed('right cheek, medial');
          venolymph.point(x, y);
          return [venolymph.hovered?.thing.name ?? '', venolymph.tip.textContent];
        }"""
    )
    assert name == "right cheek, medial"
    assert "mirror image of the left" in tip
    assert "L*" in tip and "mL" in tip and "mm" in tip


def test_vessels_are_seen_where_they_are_what_has_a_colour(page: Page) -> None:
    shot(page, "whole", frame="head")
    shot(page, "glass", frame="head", mode="pressure")
    assert page.evaluate("venolymph.state.layer") == "fascia"
    assert apart(page, "whole", "glass")["mean"] > 5
    shot(page, "again", frame="head", mode="skin")
    assert page.evaluate("venolymph.state.layer") == "skin"
    assert apart(page, "whole", "again")["most"] == 0


@pytest.mark.parametrize("mode", ["thickening", "blood", "water", "pigment"])
def test_maps_explain_the_skin_with_unit_and_range(page: Page, mode: str) -> None:
    shot(page, "skin", mode="skin")
    shot(page, "map", mode=mode)
    assert apart(page, "skin", "map")["mean"] > 5
    page.evaluate("() => venolymph.legend.update(venolymph)")
    assert page.locator(".vl-legend .vl-ticks span").count() >= 3
    assert "a map, and no colour of skin" in page.locator(".vl-legend").inner_text()


def test_lying_is_seen_in_the_room_and_the_picture_says_which_way_is_down(page: Page) -> None:
    for held in ("room", "face"):
        shot(page, held, time=60, held=held, azimuth=90, frame="head")
    assert apart(page, "room", "face")["mean"] > 5
    page.evaluate("() => { venolymph.set({column: true}); venolymph.drawPicture(); }")
    assert "down" in (page.locator(".vl-overlay").text_content() or "")


def test_the_page_says_that_half_is_mirrored_and_that_it_is_no_medical_device(page: Page) -> None:
    said = page.locator("#viewer").inner_text()
    assert "the other half is its mirror image" in said
    assert "Not a medical device" in said


def test_nothing_serious_bars_anybody_from_using_it(page: Page) -> None:
    page.evaluate("() => venolymph.set({before: 0})")
    found = Axe().run(page)
    bad = [one["id"] for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
    assert not bad
