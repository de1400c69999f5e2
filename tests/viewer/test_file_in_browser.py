"""The one-file page and the report open from disk offline, print, and can be read without WebGL or scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from venolymph import report
from venolymph.viewer import record
from venolymph.viewer.page import write_page
from viewer.pages import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def files(moving: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    options = {"autoplay": False, "antialias": False}
    both = [record(moving, member, sentences=(f"told of {member}",)) for member in range(2)]
    return {
        "leg": write_page(both, folder / "leg.html", options=options),
        "report": report.write_report(moving, folder / "report.html"),
    }


def opened(browser: Browser, file: Path, **context: Any) -> tuple[Page, list[str]]:
    """A page from disk with the network off, and what it complains of or asks for."""
    page = browser.new_context(viewport={"width": 1000, "height": 700}, offline=True, **context).new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("request", lambda asked: complaints.append(asked.url) if asked.url.startswith("http") else None)
    page.goto(file.as_uri())
    return page, complaints


def mounted(page: Page) -> None:
    """Wait until the leg is there; the policy of the page lets nobody else evaluate text on a clock of its own."""
    page.locator(".vl-stage canvas").first.wait_for(timeout=60_000)
    page.evaluate("venolymph.setPlaying(false); venolymph.ready")


@pytest.mark.parametrize("name", ["leg", "report"])
def test_it_moves_and_says_what_the_dataset_has(name: str, browser: Browser, files: Any, moving: Any) -> None:
    page, complaints = opened(browser, files[name])
    mounted(page)
    lying, walking = (
        page.evaluate("(time) => { venolymph.setTime(time); return venolymph.pixels().lit; }", time)
        for time in (3.0, 16.0)
    )
    assert min(lying, walking) > 0.02
    assert abs(lying - walking) > 0.005, "it lies flat, then walks"
    data, rng = moving.dataset()["pressure"], np.random.default_rng(5)
    for time, cell in zip(rng.choice(data.time.values, 10), rng.choice(data.cell.values[:100], 10), strict=True):
        for member in range(2):
            asked = [float(time), str(cell), member]
            there = page.evaluate("([time, cell, who]) => venolymph.thing('vein:' + cell, who) != null", asked)
            if there:
                hover = "([time, cell, who]) => { venolymph.setTime(time); return venolymph.hover('vein', cell, who); }"
                exact = float(data.sel(time=time, cell=cell).isel(member=member))
                assert page.evaluate(hover, asked)["value"] == pytest.approx(exact, abs=0.1)
    assert not page.locator("#still-leg").is_visible()
    assert complaints == []


def test_without_scripts_pictures_sentences_and_tables_are_there(browser: Browser, files: Any) -> None:
    page, _ = opened(browser, files["leg"], java_script_enabled=False)
    still = page.locator("#still-leg")
    assert still.is_visible()
    assert not page.locator("#moving-leg").is_visible()
    assert still.locator("svg").count() == 8
    text = still.inner_text()
    assert "told of 1" in text and "not for diagnosis" in text and "walk 3 km/h" in text
    page, _ = opened(browser, files["report"], java_script_enabled=False)
    assert page.locator("#still-leg").is_visible()
    assert page.get_by_text("In short").is_visible()


def test_on_paper_the_pictures_stand_for_what_moves(browser: Browser, files: Any, tmp_path: Path) -> None:
    page, _ = opened(browser, files["report"])
    mounted(page)
    page.emulate_media(media="print")
    assert page.locator("#still-leg svg").first.is_visible()
    assert not page.locator("#moving-leg").is_visible()
    paper = page.pdf()
    assert paper.startswith(b"%PDF")
    assert len(paper) > 50_000
    assert paper.count(b"/Type /Page\n") + paper.count(b"/Type /Page ") > 1


def test_without_webgl_it_says_so_and_shows_values_and_pictures(browser: Browser, files: Any) -> None:
    context = browser.new_context(viewport={"width": 1000, "height": 700}, offline=True)
    context.add_init_script(
        """const own = HTMLCanvasElement.prototype.getContext;
        HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
          return kind.startsWith('webgl') ? null : own.call(this, kind, ...rest);
        };"""
    )
    page = context.new_page()
    page.goto(files["leg"].as_uri())
    page.get_by_text("cannot draw in three dimensions").wait_for(timeout=60_000)
    assert page.locator(".vl-side").is_visible()
    assert page.locator("#still-leg svg").first.is_visible()
