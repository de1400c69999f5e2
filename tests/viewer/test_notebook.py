"""A run shows itself in a notebook: in a line, as a short table, as traces, and as the leg that moves."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser

from venolymph.errors import MeasureError, RunError
from venolymph.simulation import showing
from venolymph.simulation.results import Status
from venolymph.viewer import browser as browsers
from venolymph.viewer import view
from viewer.pages import chromium


class Frame(HTMLParser):
    """The attributes of the frame in a page."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "iframe":
            self.attributes = dict(attrs)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


def test_in_a_line_and_as_a_table_it_is_short(moving: Any) -> None:
    assert repr(moving) == "<Run of healthy, mild-varicose: a regimen, 28 s>"
    html = moving._repr_html_()
    assert len(html) < 3000
    assert "3 tiptoes" in html and "run.view()" in html
    failed = replace(moving, status=[Status("failed", 9.0, "the vein <shut>"), moving.status[1]], complete=False)
    assert repr(failed).endswith("28 s, incomplete>")
    assert "<b>healthy</b> stopped at 9 s: the vein &lt;shut&gt;" in failed._repr_html_()


def test_whoever_simulates_has_what_shows_runs() -> None:
    code = (
        "import venolymph as vl; vl.open_run; from venolymph.simulation.showing import lent; lent('view'), lent('plot')"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_without_what_shows_runs_it_says_what_to_load(moving: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(showing, "_LENT", {})
    with pytest.raises(RunError, match="gives a run's view") as refused:
        moving.view()
    assert refused.value.hint == "`import venolymph.viewer`"


def test_a_notebook_holds_the_leg_in_a_frame_that_moves(moving: Any, browser: Browser, tmp_path: Path) -> None:
    shown = moving.view(1, height=500)
    html = shown._repr_html_()
    frame = Frame()
    frame.feed(html)
    assert frame.attributes["srcdoc"] == shown.page
    assert frame.attributes["sandbox"] == "allow-scripts"
    assert repr(shown) == "<moving leg of mild varicose: a regimen>"
    (tmp_path / "notebook.html").write_text(f"<!doctype html><meta charset=utf-8>{html}", "utf-8")
    page = browser.new_context(viewport={"width": 1000, "height": 700}, offline=True).new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((tmp_path / "notebook.html").as_uri())
    inside = page.frame_locator("iframe")
    inside.locator(".vl-stage canvas").first.wait_for(timeout=60_000)
    frames = [one for one in page.frames if one is not page.main_frame]
    assert frames[0].evaluate("venolymph.ready.then(() => venolymph.pixels().lit)") > 0.01
    assert errors == []


@pytest.mark.parametrize("members", [(2,), (0, 1, 0), (-1,)])
def test_members_that_are_not_there_are_refused(members: tuple[int, ...], moving: Any) -> None:
    with pytest.raises(RunError, match="one or two of 0 to 1 can be shown"):
        view(moving, *members)


def test_it_is_saved_as_a_page_a_picture_or_a_film(moving: Any, tmp_path: Path) -> None:
    shown = moving.view()
    assert shown.save(tmp_path / "leg.html").read_text("utf-8").startswith("<!doctype html>")
    picture = matplotlib.image.imread(shown.save(tmp_path / "leg.png", time=9.5, view="calf", size=(700, 500)))
    assert picture.shape[:2] == (500, 700)
    drawn = picture[150:400, 50:400, :3]
    assert len(np.unique((drawn * 15).astype(int).reshape(-1, 3), axis=0)) > 40, "skin and veins, not an empty page"
    shown.save(tmp_path / "leg.gif", time=(14.0, 15.0), size=(500, 400), frames=3)
    with Image.open(tmp_path / "leg.gif") as film:
        assert getattr(film, "n_frames", 1) == 3
        assert film.info["duration"] == 500
        seen = []
        for number in range(3):
            film.seek(number)
            seen.append(np.asarray(film.convert("RGB"), int))
    assert all(np.abs(one - other).max(axis=2).mean() > 1.0 for one, other in pairwise(seen)), "legs walk"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["leg.gif", "leg.html", "leg.png"]


def test_what_cannot_be_saved_is_said(moving: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = moving.view(0)
    with pytest.raises(RunError, match=r"allowed are \.html, \.png and \.gif"):
        shown.save(tmp_path / "leg.mp4")
    with pytest.raises(RunError, match="no part is called 'arm'"):
        shown.save(tmp_path / "leg.png", view="arm")
    for name, time in (("leg.png", (1.0, 2.0)), ("leg.gif", 1.0)):
        with pytest.raises(RunError, match="a picture is of one moment"):
            shown.save(tmp_path / name, time=time)
    monkeypatch.setattr(browsers, "BROWSERS", ("no-such-browser",))
    with pytest.raises(RunError, match="needs Chromium"):
        shown.save(tmp_path / "leg.png")
    assert not list(tmp_path.iterdir())


def test_traces_are_drawn_over_what_was_done(moving: Any) -> None:
    drawn = moving.plot("ankle pressure", "popliteal pressure", "diameter of great saphenous, thigh")
    pressures, flow = drawn.figure.axes
    assert (pressures.get_ylabel(), flow.get_ylabel()) == ("mmHg", "mm")
    assert len(pressures.lines) == 4 and len(flow.lines) == 2
    trace = moving["pressure at popliteal"]
    line = next(one for one in pressures.lines if one.get_label() == "popliteal pressure, mild-varicose")
    np.testing.assert_array_equal(line.get_ydata(), trace.values[:, 1])
    assert {"standing", "walk 3 km/h"} <= {text.get_text() for text in pressures.texts}
    assert matplotlib.image.imread(io.BytesIO(drawn._repr_png_()), format="png").ndim == 3


def test_what_has_no_trace_is_refused(moving: Any) -> None:
    with pytest.raises(MeasureError, match="ankel pressure"):
        moving.plot("ankel pressure")
