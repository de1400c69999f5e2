"""The page: whole, self-contained, safe against its own data, and alive in a browser."""

from __future__ import annotations

import base64
import gzip
import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from small.recorded import stand_walk_and_stand
from venolymph import report
from venolymph.errors import RunError
from venolymph.report import run_summary
from venolymph.report.chart_data import bins
from venolymph.report.page import page
from venolymph.report.side_by_side import footnote, sides, told
from venolymph.report.side_by_side import page as beside
from venolymph.report.view import view

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
VOID = {"meta", "link", "br", "hr", "img", "input", "line"}


@pytest.fixture(autouse=True)
def _made_up_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the readings that the made-up run carries: the instruments have tests of their own."""
    monkeypatch.setattr(run_summary, "_held", lambda run: [])


class Reader(HTMLParser):
    """Checks that elements nest, and gathers attributes, data and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.scripts: dict[str, str] = {}
        self.text = ""
        self._script: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "script":
            self._script = dict(attrs).get("id") or "code"

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another element"
        self._script = None

    def handle_data(self, data: str) -> None:
        if self._script:
            self.scripts[self._script] = self.scripts.get(self._script, "") + data
        else:
            self.text += data


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def made(run: Any) -> tuple[str, Reader, dict[str, Any]]:
    text = page(report.summarise(run))
    reader = read(text)
    return text, reader, json.loads(gzip.decompress(base64.b64decode(reader.scripts["data"])))


def trace(packed: dict[str, Any], which: str = "lo") -> np.ndarray:
    codes = np.frombuffer(base64.b64decode(packed[which] or packed["lo"]), "<u2").astype(float)
    return np.where(codes == 65535, np.nan, packed["low"] + packed["step"] * codes)


def test_page_is_whole_and_fetches_nothing() -> None:
    text, reader, _ = made(stand_walk_and_stand())
    assert text.startswith("<!doctype html>")
    assert not re.search(r"https?://|//[a-z]+\.|url\(|@import|import\(|fetch\(|XMLHttpRequest", text)
    for tag, name, value in reader.attributes:
        assert name not in ("src", "href", "srcset", "action"), (tag, name, value)
    policy = [value for tag, name, value in reader.attributes if tag == "meta" and name == "content"]
    assert any("default-src 'none'" in (value or "") for value in policy)
    assert len(text) < 2_000_000


def test_page_says_who_what_and_what_it_is_not() -> None:
    _, reader, _ = made(stand_walk_and_stand())
    text = " ".join(reader.text.split())
    for part in (
        "healthy, mild-varicose: posture-and-walk",
        "Not a medical device",
        "9 min 3 s of simulated time, 2 people",
        "walking 3 km/h",
        "pressure at ankle",
        "75 to 95 mmHg",
        "84 mmHgin the range",
        "99 mmHgabove the range",
        "18 healthy people; Stick 1992",
        "not reached",
        "blood gained or lost3.0e-13 mL",
        "went to its end",
        "kind: person",
    ):
        assert part in text


def test_traces_keep_lowest_and_highest() -> None:
    run = stand_walk_and_stand()
    _, _, data = made(run)
    assert [panel["key"] for panel in data["panels"]] == ["pressure", "flow", "volume", "reverse"]
    shown = view(run)
    for panel, original in zip(data["panels"], shown.panels, strict=True):
        for series, values in zip(panel["series"], original.series, strict=True):
            for member in range(2):
                packed = series["data"][member]
                wanted = values.values[:, member]
                room = packed["step"] + 1e-9
                assert abs(trace(packed, "hi").max() - wanted.max()) <= room
                assert abs(trace(packed, "lo").min() - wanted.min()) <= room
    edges = np.frombuffer(base64.b64decode(data["time"]), "<f4")
    assert edges[0] == 0.0
    assert edges[-1] == pytest.approx(run.time[-1])
    assert np.all(np.diff(edges) > 0)


def test_bins_cover_all_samples_and_keep_the_end_of_gait() -> None:
    shown = view(stand_walk_and_stand(scale=20))
    starts = bins(shown, 1500)
    assert starts[0] == 0
    assert np.all(np.diff(starts) > 0)
    assert len(starts) <= 2000
    last = np.flatnonzero(shown.phase_of_sample == 3)[-1]
    assert set(range(last - 200, last)) <= set(starts.tolist())


def test_valves_state_comes_through() -> None:
    run = stand_walk_and_stand()
    _, _, data = made(run)
    valves, count = data["valves"], len(np.frombuffer(base64.b64decode(data["time"]), "<f4")) - 1
    states = []
    for member in range(2):
        raw = np.frombuffer(base64.b64decode(valves["state"][member]), np.uint8)
        codes = ((raw[:, None] >> np.array([0, 2, 4, 6])) & 3).ravel()
        states.append(codes[: count * len(valves["names"])].reshape(len(valves["names"]), count))
    assert not (states[0] == 3).any()
    reversed_ = [valves["names"][row] for row in np.flatnonzero((states[1] == 3).any(axis=1))]
    assert reversed_ == ["great saphenous, thigh, valve 1", "great saphenous, terminal valve"]


def test_its_own_data_cannot_break_the_page() -> None:
    run = stand_walk_and_stand(("</script><script>alert(1)</script>", '"><img onerror=x>'))
    _, reader, data = made(run)
    assert data["members"][0]["label"] == "</script><script>alert(1)</script>"
    assert set(reader.scripts) == {"data", "code"}
    assert not [one for one in reader.attributes if one[0] == "img"]


def test_a_failed_member_is_told() -> None:
    _, reader, data = made(stand_walk_and_stand(fails=True))
    text = " ".join(reader.text.split())
    assert "mild-varicose stopped at 6 min 33 s: a vein was stretched" in text
    assert "The computation stopped after 6 min 33 s; what follows holds up to then." in text
    assert np.isnan(trace(data["panels"][0]["series"][0]["data"][1])).any()


def test_many_people_stay_small() -> None:
    text, reader, data = made(stand_walk_and_stand(tuple(f"person {number}" for number in range(11))))
    assert len(data["members"]) == 8
    assert "first 8 of 11 people" in reader.text
    assert len(text) < 2_500_000


def test_summary_fits_into_json_and_names_everything() -> None:
    found = report.summary(stand_walk_and_stand(fails=True))
    again = json.loads(json.dumps(found, allow_nan=False))
    assert again["members"] == ["healthy", "mild-varicose"]
    assert again["status"][1]["code"] == "failed"
    assert again["measures"][0]["verdicts"] == ["in the range", "above the range"]
    assert again["measures"][1]["values"] == [1.7, None]
    assert {check["name"] for check in again["checks"]} == {
        "blood gained or lost",
        "worst residual of the equations",
        "estimated error of a step",
    }
    assert list(again["sentences"]) == ["healthy", "mild-varicose"]


def test_sentences_say_what_happened() -> None:
    healthy, varicose = report.summarise(stand_walk_and_stand()).sentences
    assert healthy == (
        "The pressure in the vein at the ankle was 8 mmHg lying and 94 mmHg standing still.",
        "At the end of walking it was 34 mmHg, 64 % below standing still.",
        "Standing still, the leg's veins held 48 mL more blood than lying.",
    )
    # Blood ran back for ten seconds after the walk, but no limit is published for that.
    assert varicose[-1].startswith("Standing still, the leg's veins held")


def test_all_files_are_written(tmp_path: Path) -> None:
    report.write_all(stand_walk_and_stand(scale=0.2), tmp_path)
    keys = ("pressure", "flow", "volume", "reverse", "valves")
    expected = {f"figures/{key}.{kind}" for key in keys for kind in ("png", "svg")} | {"report.html", "summary.json"}
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} == expected
    assert (tmp_path / "figures" / "pressure.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (tmp_path / "figures" / "valves.svg").read_text()


def test_an_empty_run_is_refused(tmp_path: Path) -> None:
    run = stand_walk_and_stand()
    run.phases = []
    with pytest.raises(RunError, match="no phase"):
        report.write_report(run, tmp_path / "report.html")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_browser_draws_and_answers(tmp_path: Path) -> None:
    """The page runs without an error, offline; keys, legend and zoom do what they should."""
    listener = """
    <script>
      const errors = [], frames = [];
      addEventListener("error", (event) => errors.push(event.message));
      addEventListener("unhandledrejection", (event) => errors.push(String(event.reason)));
      window.requestAnimationFrame = (paint) => frames.push(paint);
    </script>
    """
    # Runs once the page's own script is done; frames come when it asks for them, so nothing hangs on a clock.
    probe = """
    <script>
      const look = () => {
      const lit = (canvas) => {
        const raw = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        const colours = new Set();
        for (let i = 0; i < raw.length; i += 4) colours.add(raw[i] + "," + raw[i + 1] + "," + raw[i + 2]);
        return colours.size;
      };
      const chart = document.querySelector(".chart canvas");
      const picture = () => { frames.splice(0).forEach((paint) => paint()); return chart.toDataURL(); };
      const over = document.querySelector("canvas.over"), box = document.getElementById("window");
      const part = () => parseFloat(box.style.width);
      const press = (key) => over.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      const seen = { ready: document.documentElement.getAttribute("data-ready") };
      seen.colours = lit(chart);
      seen.charts = document.querySelectorAll(".chart").length;
      press("ArrowRight");
      seen.spoken = document.getElementById("spoken").textContent;
      seen.tip = document.getElementById("tip").textContent;
      const pictures = [picture()];
      press("+");
      seen.zoomed = part();
      pictures.push(picture());
      press("Home");
      seen.whole = part();
      seen.restored = picture() === pictures[0];
      const button = document.querySelector(".legend button");
      button.click();
      seen.pressed = button.getAttribute("aria-pressed");
      pictures.push(picture());
      seen.pictures = new Set(pictures).size;
      seen.errors = errors;
      const note = Object.assign(document.createElement("pre"), { id: "seen", textContent: JSON.stringify(seen) });
      document.body.append(note);
      };
      const watch = new MutationObserver(() => { watch.disconnect(); look(); });
      watch.observe(document.documentElement, { attributeFilter: ["data-ready"] });
    </script>
    """
    text = page(report.summarise(stand_walk_and_stand(scale=0.3)))
    file = tmp_path / "report.html"
    text = text.replace("</head>", listener + "</head>").replace("</body>", probe + "</body>")
    file.write_text(text, encoding="utf-8")
    command = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * 0.0.0.0",
        "--window-size=1300,2400", f"--user-data-dir={tmp_path / 'profile'}",
        "--virtual-time-budget=60000", "--dump-dom", file.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r'<pre id="seen">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stderr[-2000:]
    seen = json.loads(found.group(1).replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">"))
    assert seen["errors"] == []
    assert seen["ready"] == "yes"
    assert seen["charts"] == 10
    assert seen["colours"] > 20
    assert seen["spoken"].startswith("healthy: ")
    assert "ankle, great saphenous vein" in seen["spoken"]
    assert "mmHg" in seen["tip"]
    assert seen["pressed"] == "false"
    assert seen["zoomed"] == pytest.approx(50, abs=1)
    assert seen["whole"] == 100
    assert seen["restored"]
    assert seen["pictures"] == 3, "whole, zoomed in, and with a line hidden"


def test_a_manoeuvre_that_the_run_does_not_hold_is_said() -> None:
    run = stand_walk_and_stand(("healthy",))
    run.readings[0] = replace(run.readings[0], performed="plethysmography")
    found = report.summarise(run)
    told = "84 mmHg (from 'plethysmography', done after the run)"
    assert [row.text(0) for row in found.rows] == [told, "1.7 mL/s"]
    assert [row["performed"] for row in report.summary(run, run_summary=found)["measures"]] == ["plethysmography", None]
    assert told.replace("'", "&#x27;") in page(found)


def test_side_by_side_a_star_and_a_line_say_so() -> None:
    run = stand_walk_and_stand(("healthy",))
    columns = sides([("run", report.summarise(run))])
    assert "*" not in told(report.summarise(run).rows[0], 0)
    assert footnote(columns) == ""
    run.readings[0] = replace(run.readings[0], performed="plethysmography")
    columns = sides([("run", report.summarise(run))])
    assert told(report.summarise(run).rows[0], 0) == "84 mmHg* (in)"
    assert footnote(columns) == "* read after the run, in a manoeuvre of its own: plethysmography"
    assert footnote(columns) in beside(columns)
