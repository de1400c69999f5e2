"""The leg in a browser: what is drawn follows the run, and what is said of it is the run's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from venolymph.viewer import pack_frames, pack_head, record, unpack
from viewer.pages import chromium, opened, serving

LYING, STANDING, TIPTOE, WALKING, SITTING = 3.0, 9.5, 10.4, 16.0, 23.5
"""Times in the run `moving`, s."""
SHARES = """(which) => {
  const {data, lit} = venolymph.pixels();
  let [orange, green, pale, count] = [0, 0, 0, 0];
  for (let i = 0; i < data.length; i += 4) {
    const [r, g, b] = [data[i], data[i + 1], data[i + 2]];
    if (r > 150 && r > 1.7 * g && g > 1.3 * b) orange += 1;
    if (g > 1.25 * r && g > 1.25 * b && g > 90) green += 1;
    count += 1;
  }
  return {lit, orange: orange / count, green: green / count};
}"""
"""What share of the picture is of a kind."""
DIFFERENCE = """(times) => {
  const [a, b] = times.map((time) => { venolymph.setTime(time); return venolymph.pixels().data; });
  let differs = 0;
  for (let i = 0; i < a.length; i += 4) {
    if (Math.abs(a[i] - b[i]) + Math.abs(a[i + 1] - b[i + 1]) + Math.abs(a[i + 2] - b[i + 2]) > 24) differs += 1;
  }
  return 4 * differs / a.length;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def address(moving: Any, swelling: Any) -> Iterator[str]:
    recordings = {
        "thinned": record(moving, 1, most=40),
        "healthy": record(moving, 0),
        "varicose": record(moving, 1),
        "swelling": record(swelling),
    }
    files = {f"{name}.head": pack_head(one) for name, one in recordings.items()}
    files |= {f"{name}.frames": pack_frames(one) for name, one in recordings.items()}
    with serving(files) as found:
        yield found


@pytest.fixture(scope="module")
def page(browser: Browser, address: str) -> Iterator[Page]:
    """Somebody with varicose veins; whatever is done to the page, its console says nothing bad."""
    shown, complaints = opened(browser, f"{address}/?varicose")
    yield shown
    assert not complaints


@pytest.fixture(autouse=True)
def _as_begun(page: Page) -> None:
    page.evaluate("venolymph.setPlaying(false); venolymph.set({...venolymph.usual})")


def show(page: Page, **state: Any) -> dict[str, float]:
    """Put the viewer into a state, and say of what kinds its pixels are."""
    page.evaluate("(state) => venolymph.set(state)", state)
    return page.evaluate(SHARES)


def test_hover_says_what_the_dataset_has(page: Page, moving: Any) -> None:
    data = moving.dataset()
    rng = np.random.default_rng(3)
    drawn = set(page.evaluate("venolymph.things.filter((one) => one.kind === 'vein').map((one) => one.name)"))
    cells = [str(one) for one in data.cell.values if one in drawn]
    asked = [(float(time), str(rng.choice(cells))) for time in rng.choice(data.time.values, 50)]
    said = page.evaluate(
        """(asked) => asked.map(([time, name]) => {
          venolymph.setTime(time);
          return venolymph.hover('vein', name);
        })""",
        asked,
    )
    for (time, name), one in zip(asked, said, strict=True):
        wanted = float(data.pressure.sel(time=time, cell=name).values[1])
        assert one["unit"] == "mmHg" and one["name"] == name
        assert one["value"] == pytest.approx(wanted, abs=0.06)
        assert f"pressure: {wanted:.0f}"[:10] in one["text"].replace("−", "-")


def test_every_kind_of_thing_says_what_was_recorded(browser: Browser, address: str, swelling: Any) -> None:
    kept = unpack(pack_frames(record(swelling))).arrays
    clocks = {name: what["clock"] for name, what in record(swelling).head["quantities"].items()}
    page, _ = opened(browser, f"{address}/?swelling")
    rng = np.random.default_rng(4)
    readings = page.evaluate("venolymph.things.flatMap((one) => one.readings)")
    asked = [readings[number] for number in rng.choice(len(readings), 200)]
    kinds = {one["quantity"] for one in asked}
    assert {"pressure", "flow", "opening", "tissue_volume", "lymph_pressure", "muscle"} <= kinds
    for one in asked:
        times = kept["time" if clocks[one["quantity"]] == "samples" else "time.exchange"]
        one["frame"] = int(rng.integers(len(times)))
        one["time"] = float(times[one["frame"]])
    said = page.evaluate(
        "(asked) => asked.map(({quantity, row, time}) => venolymph.recordings[0].value(quantity, row, time))", asked
    )
    wanted = [kept[one["quantity"]][one["frame"], one["row"]] for one in asked]
    np.testing.assert_allclose(np.array(said, float), wanted, rtol=1e-9, atol=1e-9, equal_nan=True)
    page.context.close()


def test_pointer_finds_the_vein_that_is_drawn_there(page: Page) -> None:
    for time in (LYING, STANDING, WALKING):
        page.evaluate("(time) => venolymph.set({time, layer: 'deep'})", time)
        found = page.evaluate(
            """() => {
              venolymph.drawPicture();
              const [figure] = venolymph.stage.figures;
              const {points, leg} = venolymph.thing('vein:femoral [3]');
              venolymph.camera.place(venolymph.stage.size[0] / venolymph.stage.size[1], figure);
              const {x, y} = venolymph.stage.onScreen(0, venolymph.camera, figure.inRoom(points[4], leg));
              venolymph.point(x, y);
              return [x, y, venolymph.hovered?.thing.name ?? '', venolymph.tip.textContent];
            }"""
        )
        x, y, name, tip = found
        assert 0 < x < 900 and 0 < y < 600
        assert name.startswith("femoral")  # the vein, or a valve on it
        assert "mmHg" in tip or "opening" in tip


def test_a_leg_is_in_the_picture_from_every_side(page: Page) -> None:
    for azimuth in (-100, -38, 0, 75, 180):
        for time in (LYING, STANDING, SITTING):
            lit = show(page, azimuth=azimuth, time=time)["lit"]
            assert 0.05 < lit < 0.95, (azimuth, time)


@pytest.mark.parametrize(
    "times", [(LYING, STANDING), (STANDING, TIPTOE), (WALKING, WALKING + 0.5), (STANDING, SITTING)]
)
def test_the_picture_moves_with_the_run(page: Page, times: tuple[float, float]) -> None:
    assert page.evaluate(DIFFERENCE, times) > 0.01
    assert page.evaluate(DIFFERENCE, (times[0], times[0])) == 0.0


def test_reflux_is_orange_where_valves_leak(page: Page, browser: Browser, address: str) -> None:
    leaking = show(page, time=STANDING - 1.5, mode="reflux", exaggeration=4, frame="calf", azimuth=-100)["orange"]
    healthy, _ = opened(browser, f"{address}/?healthy")
    sound = show(healthy, time=STANDING - 1.5, mode="reflux", exaggeration=4, frame="calf", azimuth=-100)["orange"]
    healthy.context.close()
    assert leaking > 0.01
    assert sound < 0.2 * leaking


def test_marks_go_where_the_blood_goes(page: Page) -> None:
    """Distances that marks have come grow where flow is positive and shrink where it is not."""
    moves = page.evaluate(
        """(times) => {
          const {vessels, recording} = venolymph.stage.figures[0];
          const {journeys} = vessels;
          return recording.head.vessels.map((one, i) => [
            journeys.at(recording.at(times[1]), i) - journeys.at(recording.at(times[0]), i),
            recording.value('flow', one.face ?? -1, times[1]),
          ]).filter(([, flow]) => Math.abs(flow) > 0.05);
        }""",
        [STANDING, STANDING + 0.005],
    )
    assert len(moves) > 20
    assert all(np.sign(moved) == np.sign(flow) for moved, flow in moves)


def test_leaflets_follow_the_opening_of_their_valve(page: Page) -> None:
    rows = page.evaluate(
        """(times) => times.flatMap((time) => {
          venolymph.setTime(time);
          venolymph.drawPicture();
          const [{valves, recording}] = venolymph.stage.figures;
          const drawn = valves.material.uniforms.uRows.value.image.data;
          return venolymph.things.filter((one) => one.kind === 'valve').map(({index, readings: [{row}]}) =>
            [drawn[4 * index + 2], recording.value('opening', row, time)]);
        })""",
        [STANDING, TIPTOE, WALKING],
    )
    drawn, opening = np.array(rows).T
    assert np.ptp(opening) > 0.9
    np.testing.assert_allclose(drawn, opening, atol=1e-6)


def test_layers_peel(page: Page) -> None:
    """The sum of all colours, as muscles replace skin and the deep veins alone are left."""
    total = "venolymph.pixels().data.reduce((sum, one) => sum + one, 0)"
    sums = []
    for layer, least in (("skin", 0.05), ("fascia", 0.05), ("deep", 0.02)):
        assert show(page, time=STANDING, layer=layer)["lit"] > least
        sums.append(page.evaluate(total))
    assert len(set(sums)) == 3


@pytest.mark.parametrize("mode", ["pressure", "transmural", "flow", "reflux", "valves"])
def test_each_mode_has_a_legend_with_unit_and_ends(page: Page, mode: str) -> None:
    page.evaluate("(mode) => venolymph.setMode(mode)", mode)
    page.evaluate("venolymph.show(0)")
    legend = page.locator(".vl-legend")
    title = legend.locator("h2").inner_text()
    assert mode == "valves" or "(mmHg)" in title or "(mL/s)" in title
    assert legend.locator(".vl-ticks span").count() >= 3
    assert "2 times as wide" in legend.inner_text()
    page.evaluate("venolymph.set({exaggeration: 1})")
    page.evaluate("venolymph.show(0)")
    assert "true width" in legend.inner_text()


def test_unknown_modes_are_refused_by_name(page: Page) -> None:
    said = page.evaluate("() => { try { venolymph.setMode('colour'); } catch (error) { return error.message; } }")
    assert "colour" in said and "pressure" in said


def test_keys_move_time_and_view(page: Page) -> None:
    page.evaluate("venolymph.setTime(5)")
    page.locator("canvas.vl-canvas").focus()
    steps = [("ArrowRight", 6.0), ("ArrowLeft", 5.0), ("Shift+ArrowRight", 15.0), ("Home", 0.0), ("End", 28.0)]
    for key, time in steps:
        page.keyboard.press(key)
        assert page.evaluate("venolymph.time") == pytest.approx(time, abs=1e-6)
    page.keyboard.press("[")
    assert "legs raised" in page.locator(".vl-time").inner_text() or page.evaluate("venolymph.time") < 28.0
    before = page.evaluate("venolymph.state.azimuth")
    page.keyboard.press("d")
    assert page.evaluate("venolymph.state.azimuth") != before
    page.keyboard.press("Home")
    page.keyboard.press("Space")
    page.wait_for_function("venolymph.playing && venolymph.time > 0.2")
    page.keyboard.press("Space")
    assert page.evaluate("venolymph.playing") is False


def test_every_control_is_reached_by_tab(page: Page) -> None:
    page.evaluate("venolymph.set({focus: 'vein:femoral [3]'})")
    page.evaluate("venolymph.show(0)")
    page.evaluate("document.activeElement.blur()")
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.add(
            page.evaluate(
                "(({ariaLabel, textContent}) => ariaLabel || textContent.trim().slice(0, 20))(document.activeElement)"
            )
        )
    names = " | ".join(seen)
    for wanted in ("Play", "Time", "Skin", "Muscles", "Nearer", "Pin", "The leg"):
        assert wanted in names, names


def test_click_pins_a_trace_and_click_takes_it_away(page: Page) -> None:
    page.evaluate("venolymph.togglePin('valve:popliteal, valve 1')")
    if page.evaluate("venolymph.state.pins.length") == 2:  # named otherwise in this network
        page.evaluate("venolymph.togglePin(venolymph.idOf(venolymph.things.find((one) => one.kind === 'valve')))")
    page.evaluate("venolymph.show(0)")
    assert page.locator(".vl-chart").count() == 3
    assert "opening" in page.locator(".vl-charts").inner_text()
    page.evaluate("venolymph.togglePin(venolymph.state.focus)")
    page.evaluate("venolymph.show(0)")
    assert page.locator(".vl-chart").count() == 2


def test_the_address_keeps_the_view(page: Page, browser: Browser, address: str) -> None:
    view = {"time": 9.5, "mode": "flow", "layer": "deep", "frame": "calf", "azimuth": 60, "exaggeration": 4}
    page.evaluate("(view) => venolymph.set(view)", {**view, "focus": "vein:femoral [3]"})
    page.wait_for_function("location.hash.includes('flow')")
    again, complaints = opened(browser, f"{address}/?varicose", page.evaluate("location.hash.slice(1)"))
    same = "({...venolymph.state})"
    assert again.evaluate(same) == page.evaluate(same)
    again.context.close()
    odd, complaints = opened(browser, f"{address}/?varicose", "t=1e99&mode=nothing&layer=&x=7&zoom=-3&pins=vein:none")
    assert not complaints
    assert odd.evaluate("venolymph.state.mode") == "pressure"
    odd.context.close()


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_both_themes_are_legible(browser: Browser, address: str, scheme: Any) -> None:
    page, complaints = opened(browser, f"{address}/?varicose", "t=9", color_scheme=scheme)
    ink, paper = page.evaluate(
        """() => {
          const style = getComputedStyle(venolymph.element);
          return [style.color, style.backgroundColor].map((one) => one.match(/\\d+/g).map(Number));
        }"""
    )
    assert contrast(ink, paper) > 7
    corner = page.evaluate("Array.from(venolymph.pixels().data.slice(0, 3))")
    assert contrast(corner, paper) < 1.1
    assert not complaints
    page.context.close()


def contrast(one: list[float], other: list[float]) -> float:
    """Contrast of two colours as WCAG 2 has it."""

    def bright(colour: list[float]) -> float:
        parts = np.array(colour[:3]) / 255.0
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    high, low = sorted((bright(one), bright(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("width", [320, 640, 1920, 3840])
def test_every_width_shows_all_without_scrolling_aside(browser: Browser, address: str, width: int) -> None:
    page, _ = opened(browser, f"{address}/?varicose", "t=9", viewport={"width": width, "height": min(width, 1200)})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("venolymph.picture.clientHeight") > 150
    assert page.evaluate(SHARES)["lit"] > 0.02
    page.context.close()


def test_nothing_moves_of_itself_where_motion_is_unwelcome(browser: Browser, address: str) -> None:
    page, _ = opened(browser, f"{address}/?varicose&autoplay", reduced_motion="reduce")
    assert page.evaluate("venolymph.playing") is False
    page.context.close()
    page, _ = opened(browser, f"{address}/?varicose&autoplay")
    page.wait_for_function("venolymph.time > 0.3")
    page.context.close()


def test_without_webgl_charts_and_values_remain(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 900, "height": 600})
    context.add_init_script(
        "HTMLCanvasElement.prototype.getContext = ((usual) => function (kind, ...rest) "
        "{ return kind.startsWith('webgl') ? null : usual.call(this, kind, ...rest); })"
        "(HTMLCanvasElement.prototype.getContext);"
    )
    page = context.new_page()
    page.goto(f"{address}/?varicose#t=9.5")
    page.wait_for_selector("body[data-ready]")
    assert "cannot draw in three dimensions" in page.locator(".vl-stage").inner_text()
    assert page.locator(".vl-chart").count() == 2
    assert "mmHg" in page.locator(".vl-values").inner_text()
    context.close()


def test_two_people_beside_each_other_and_their_difference(browser: Browser, address: str) -> None:
    page, complaints = opened(browser, f"{address}/?healthy,varicose", "t=9.5&mode=pressure")
    assert page.evaluate("venolymph.stage.areas.length") == 2
    plain = page.evaluate("venolymph.pixels().data.reduce((sum, one) => sum + one, 0)")
    page.evaluate("venolymph.set({difference: true})")
    assert page.evaluate("venolymph.pixels().data.reduce((sum, one) => sum + one, 0)") != plain
    page.evaluate("venolymph.show(0)")
    assert "Difference" in page.locator(".vl-legend h2").inner_text()
    rows = page.locator(".vl-values tr").all_inner_texts()
    assert any("healthy" in one for one in rows) and any("varicose" in one for one in rows)
    assert not complaints
    page.context.close()


def test_tissue_lymph_and_both_legs(browser: Browser, address: str, swelling: Any) -> None:
    page, complaints = opened(browser, f"{address}/?swelling", "t=60")
    assert page.evaluate("venolymph.state.lymph") is True
    for mode in ("swelling", "lymph"):
        page.evaluate("(mode) => venolymph.setMode(mode)", mode)
        assert page.evaluate(SHARES)["lit"] > 0.05
    name = page.evaluate("venolymph.things.find((one) => one.kind === 'tissue').name")
    said = page.evaluate("(name) => venolymph.hover('tissue', name)", name)
    assert said["unit"] == "mL" and np.isfinite(said["value"])
    true = page.evaluate("Array.from(venolymph.stage.figures[0].skin.sides[0].uniforms.uSwollen.value)")
    page.evaluate("venolymph.set({swollen: 5})")
    page.evaluate("venolymph.drawPicture()")
    larger = page.evaluate("Array.from(venolymph.stage.figures[0].skin.sides[0].uniforms.uSwollen.value)")
    np.testing.assert_allclose(larger, 5.0 * np.array(true))
    page.evaluate("venolymph.show(0)")
    assert "swelling drawn 5 times" in page.locator(".vl-legend").inner_text()
    assert not complaints
    page.context.close()


def test_frames_may_come_one_after_another(browser: Browser, address: str, moving: Any) -> None:
    """A run that is still computed: the head first, then files of frames."""
    page, _ = opened(browser, f"{address}/?varicose")
    said = page.evaluate(
        """async () => {
          const {Recording, mount, readFile} = await import('venolymph/main');
          const get = async (name) => (await fetch(`/recordings/${name}`)).arrayBuffer();
          const recording = new Recording(readFile(await get('varicose.head')));
          const viewer = mount(document.getElementById('viewer'), [recording], {autoplay: false, antialias: false});
          await viewer.ready;
          const empty = viewer.recordings[0].lastTime;
          recording.add(readFile(await get('varicose.frames')));
          viewer.setTime(9.5);
          viewer.show(0);
          return [empty, recording.lastTime, viewer.hover('vein', 'popliteal [2]').value];
        }"""
    )
    assert said[0] == 0.0
    assert said[1] == pytest.approx(28.0)
    data = moving.dataset().pressure.sel(cell="popliteal [2]")
    assert said[2] == pytest.approx(float(data.sel(time=9.5, method="nearest").values[1]), abs=1.0)
    page.context.close()


@pytest.mark.parametrize("names", ["varicose", "healthy,varicose"])
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_no_serious_fault(browser: Browser, address: str, names: str, scheme: Any) -> None:
    page, _ = opened(browser, f"{address}/?{names}", "t=9.5&focus=vein:femoral [3]", color_scheme=scheme)
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in {"serious", "critical"}]
    assert not serious, [(one["id"], one["nodes"][0]["html"], one["nodes"][0]["failureSummary"]) for one in serious]
    page.context.close()


def test_paper_gets_a_light_picture_of_the_leg(page: Page) -> None:
    page.evaluate("venolymph.set({time: 9.5})")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    image = page.locator(".vl-print")
    assert image.count() == 1
    assert image.evaluate("(one) => one.src.length") > 10_000
    assert page.evaluate("venolymph.theme") == "light"
    assert not page.locator(".vl-controls").is_visible()
    assert page.locator(".vl-legend").is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert image.count() == 0
    assert page.locator(".vl-controls").is_visible()


def test_a_trickle_through_shut_valves_is_no_reflux(browser: Browser, address: str) -> None:
    """The share of veins and moments that are called reflux after standing up."""
    page, _ = opened(browser, f"{address}/?healthy,varicose")
    healthy, varicose = page.evaluate(
        """() => venolymph.stage.figures.map(({recording, vessels: {journeys}}) => {
          let [back, all] = [0, 0];
          for (let time = 5; time < 9.8; time += 0.2) {
            recording.head.vessels.forEach((one, i) => {
              if (!one.present || one.face === null) return;
              all += 1;
              back += journeys.isReflux(recording.at(time), i) ? 1 : 0;
            });
          }
          return back / all;
        })"""
    )
    assert healthy < 0.03
    assert varicose > 4.0 * healthy and varicose > 0.05
    page.context.close()


def test_viewers_that_are_replaced_let_go_of_their_picture(browser: Browser, address: str) -> None:
    """A browser keeps about sixteen pictures, and complains of more."""
    page, complaints = opened(browser, f"{address}/?varicose", viewport={"width": 420, "height": 300})
    left = page.evaluate(
        """async () => {
          const {mount} = await import('venolymph/main');
          const {recordings} = venolymph;
          for (let i = 0; i < 17; i += 1) {
            const element = document.createElement('div');
            document.getElementById('viewer').replaceChildren(element);
            await mount(element, recordings, {autoplay: true, antialias: false, hash: false}).ready;
          }
          venolymph.setPlaying(false);
          const canvases = document.querySelectorAll('canvas.vl-canvas').length;
          return [recordings[0].listeners.size, canvases, venolymph.pixels().lit];
        }"""
    )
    assert left[:2] == [1, 1]
    assert left[2] > 0.05
    assert not [one for one in complaints if "Too many active WebGL" in one]
    page.context.close()


def test_a_thinned_run_gets_all_frames_where_one_looks(browser: Browser, address: str, moving: Any) -> None:
    page, _ = opened(browser, f"{address}/?varicose")
    times = moving.dataset().time.values
    pressure = moving.dataset().pressure.sel(cell="popliteal [2]").values[:, 1]
    looked = float(times[np.argmin(np.abs(times - 15.37))])
    before, after, asked, most = page.evaluate(
        """async (time) => {
          const {mount, recordingOf} = await import('venolymph/main');
          const get = async (name) => (await fetch(`/recordings/${name}`)).arrayBuffer();
          const recording = recordingOf([await get('thinned.head'), await get('thinned.frames')]);
          const asked = [];
          const more = async (which, from, to) => {
            asked.push([which, from, to]);
            return get('varicose.frames');
          };
          const options = {autoplay: false, antialias: false, more};
          const viewer = mount(document.getElementById('viewer'), [recording], options);
          viewer.setTime(time);
          const before = recording.value('pressure', viewer.thing('vein:popliteal [2]').readings[0].row, time);
          await viewer.ready;
          while (!recording.windows.length) await new Promise((resolve) => setTimeout(resolve, 20));
          const after = viewer.hover('vein', 'popliteal [2]').value;
          const header = {detail: 'all', blocks: {pose: {shape: [1, 9]}}};
          for (let i = 0; i < 12; i += 1) {
            const time = new Float64Array([i]);
            recording.add({header, blocks: {time, 'time.pose': time, pose: new Float32Array(9)}});
          }
          return [before, after, asked, recording.windows.length];
        }""",
        looked,
    )
    wanted = float(pressure[np.argmin(np.abs(times - looked))])
    assert after == pytest.approx(wanted, abs=0.06)
    assert abs(before - wanted) > 0.06
    assert asked[0][1] <= looked <= asked[0][2]
    assert most <= 8
    page.context.close()


def test_somebody_who_lies_face_down_has_calves_above_and_shins_below(page: Page) -> None:
    heights, named, couch = page.evaluate(
        """() => {
          const [figure] = venolymph.stage.figures;
          const {joints, index_side: side} = figure.recording.head;
          const [x, y, z] = joints[side].knee;
          const low = y - 20;
          const points = {shin: [x, low, z + 4], calf: [x, low, z - 4]};
          const stand = (roll) => figure.stand([0, 0, 0, 0, 0, 0, 0, 0, 0, roll]);
          const heights = [0, 180].map((roll) => {
            stand(roll);
            return Object.fromEntries(Object.entries(points).map(([name, one]) => [name, figure.inRoom(one, side).y]));
          });
          stand(180);
          venolymph.look('front');
          const named = [venolymph.direction(), Math.abs(venolymph.state.azimuth)];
          const couch = figure.body.couch;
          couch.updateMatrixWorld(true);
          const under = couch.matrixWorld.elements[13];
          venolymph.set({time: 0, azimuth: 0});
          return [heights, named, under];
        }"""
    )
    back, front = heights
    assert back["shin"] - back["calf"] == pytest.approx(8.0, abs=0.1)
    assert front["calf"] - front["shin"] == pytest.approx(8.0, abs=0.1)
    assert couch < front["shin"], "on the couch, not under it"
    assert named == ["front", 180.0], "what is called front is that of the body, which is below"


def test_who_scrubs_waits_for_one_stretch_at_a_time(page: Page) -> None:
    waiting, asked = page.evaluate(
        """async () => {
          const {Detail} = await import('venolymph/detail');
          const recording = {head: {thinned: 'much'}, hasDetail: () => false};
          const asked = [];
          let come = () => {};
          const detail = new Detail([recording, recording], (which, from) => {
            asked.push([which, from]);
            return new Promise((resolve) => { come = () => resolve(null); });
          });
          for (const time of [10, 100, 500, 1000]) detail.keep(time, 0);
          const waiting = asked.length;
          come();
          await new Promise((resolve) => setTimeout(resolve));
          detail.keep(1000, 0);
          return [waiting, asked];
        }"""
    )
    assert waiting == 2, "one of each recording"
    assert asked == [[0, 0], [1, 0], [1, 988]]


def test_what_a_page_holds_does_not_grow_with_the_run(browser: Browser, address: str) -> None:
    page, _ = opened(browser, f"{address}/?varicose")
    held = page.evaluate(
        """async () => {
          const {recordingOf, readFile} = await import('venolymph/main');
          const get = async (name) => (await fetch(`/recordings/${name}`)).arrayBuffer();
          const [head, frames] = [await get('thinned.head'), await get('thinned.frames')];
          const whole = await get('varicose.frames');
          const recording = recordingOf([head, frames]);
          recording.head.quantities.beats = {clock: 'exchange'};
          const bytes = () => {
            const seen = new Set();
            const look = (one) => {
              if (ArrayBuffer.isView(one)) seen.add(one.buffer);
              else if (one && typeof one === 'object') Object.values(one).forEach(look);
            };
            [...recording.overview, ...recording.windows, ...recording.exchanges].forEach(look);
            return [...seen].reduce((sum, one) => sum + one.byteLength, 0);
          };
          const found = [];
          for (let window = 0; window < 60; window += 1) { // as somebody who looks at one stretch after another
            const file = readFile(whole);
            file.blocks.time = file.blocks.time.map((time) => time + 1000 * window);
            file.blocks['time.exchange'] = new Float64Array(1000); // all records so far come with each stretch
            const [low, high] = [new Float64Array(10), new Float64Array(10)];
            file.blocks.beats = {rows: 10, steps: new Uint16Array(10_000), low, high};
            recording.add(file);
            recording.series('pressure', 0);
            found.push(bytes());
          }
          return [found, whole.byteLength, frames.byteLength];
        }"""
    )
    sizes, window, overview = held
    assert max(sizes) < overview + 9 * window + 200_000, "eight stretches, the overview, and one set of records"
    assert sizes[-1] == pytest.approx(sizes[20], rel=0.01)
    page.context.close()


def test_a_vein_has_the_colour_that_the_legend_gives_its_pressure(page: Page) -> None:
    """Seen from the inner side, the great saphenous vein lies before the others."""
    seen = page.evaluate(
        """async (times) => {
          const {colourAt, share} = await import('venolymph/colours');
          const id = 'vein:great saphenous, calf [3]';
          return times.map((time) => {
            venolymph.set({time, mode: 'pressure', frame: 'calf', azimuth: -100, exaggeration: 4, zoom: 2});
            const {width, height, data} = venolymph.pixels();
            const [figure] = venolymph.stage.figures;
            const {points, leg, readings: [{row}]} = venolymph.thing(id);
            const {x, y} = venolymph.stage.onScreen(0, venolymph.camera, figure.inRoom(points[6], leg));
            const scale = width / venolymph.stage.size[0];
            const at = 4 * (Math.round(height - y * scale) * width + Math.round(x * scale));
            const {range} = figure.recording.head.quantities.pressure;
            const value = figure.recording.value('pressure', row, time);
            return [[...data.slice(at, at + 3)], colourAt('pressure', share(value, range, 'pressure'))];
          });
        }""",
        [LYING, SITTING],
    )
    drawn, legend = np.array(seen, float).swapaxes(0, 1)
    colours = [one / np.linalg.norm(one, axis=1, keepdims=True) for one in (drawn, legend)]
    assert np.linalg.norm(legend[0] - legend[1]) > 40
    for one in range(2):
        own, other = (float(colours[0][one] @ colours[1][k]) for k in (one, 1 - one))
        assert own > other, (drawn, legend)
