"""The studio in a browser: pages that everybody can read, narrow, wide, light and dark, and a run from card to leg."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from studio.serving import server
from venolymph import evidence
from venolymph.studio.serving import create_app
from viewer.pages import chromium

PAGES = ("/run", "/runs", "/lessons", "/screen", "/follow", "/evidence", f"/evidence/{next(iter(evidence.claims()))}")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the studio is served."""
    with server(create_app(tmp_path_factory.mktemp("runs"))) as found:
        yield f"http://{found}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def opened(browser: Browser, address: str, **context: Any) -> tuple[Page, list[str]]:
    page = browser.new_context(**{"viewport": {"width": 1000, "height": 700}, **context}).new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.goto(address)
    return page, complaints


def serious(page: Page) -> list[str]:
    """Serious faults that axe-core finds on a page."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] in ("serious", "critical")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(browser: Browser, address: str, scheme: Any) -> None:
    page, complaints = opened(browser, address + "/run", color_scheme=scheme, bypass_csp=True)
    for path in PAGES:
        page.goto(address + path)
        assert serious(page) == [], path
    page.goto(address + "/screen")
    page.fill("#label", "A-17")
    page.check("input[name=leg][value=left]")
    page.click("button[value=begin]")
    assert page.inner_text("h1").startswith("Warning signs")
    assert serious(page) == []
    page.check("input[name=P01][value=yes]")
    page.click("button[value=answer]")
    assert page.inner_text("h1") == "Stop"
    assert serious(page) == []
    assert complaints == []
    page.context.close()


@pytest.mark.parametrize("width", [320, 3840])
def test_nothing_is_wider_than_the_page(browser: Browser, address: str, width: int) -> None:
    page, complaints = opened(browser, address + "/run", viewport={"width": width, "height": 700})
    for path in PAGES:
        page.goto(address + path)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width, path
    assert complaints == []
    page.context.close()


def test_the_first_page_moves(browser: Browser, address: str) -> None:
    page, complaints = opened(browser, address + "/")
    page.wait_for_selector("body[data-ready]", timeout=60_000)
    before = page.evaluate("venolymph.time")
    page.wait_for_function("before => venolymph.time > before + 0.2", arg=before, timeout=60_000)
    assert complaints == []
    page.context.close()


def test_pages_answer_to_the_keyboard_alone(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address + "/screen")
    page.focus("#label")
    page.keyboard.type("A-17")
    for key in ("Tab", "Tab", "Tab", "Tab", "Tab", "Space"):  # past the regions to the left leg
        page.keyboard.press(key)
    assert page.is_checked("input[name=leg][value=left]")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Warning signs')")
    page.context.close()


@pytest.mark.slow
def test_a_card_a_knob_and_a_button_make_a_leg_that_moves(browser: Browser, address: str) -> None:
    page, complaints = opened(browser, address + "/run")
    page.check("input[name=person][value=healthy]")
    page.wait_for_url("**person=healthy**")
    page.check("input[name=regimen][value=valsalva]")
    page.wait_for_url("**regimen=valsalva**")
    assert page.locator("#knob-walking-speed").count() == 0
    page.fill("#knob-height", "182")
    assert page.input_value("#knob-height + input, p:has(#knob-height) input[type=range]") == "182"
    page.click("#knobs button")
    page.wait_for_url("**/runs/**")
    page.wait_for_selector("body[data-state=complete]", timeout=300_000)
    page.wait_for_selector("body[data-ready]", timeout=60_000)
    assert page.evaluate("venolymph.duration") == pytest.approx(115.0, abs=0.5)
    name = page.url.rpartition("/")[2]
    page.goto(address + "/runs")
    page.check(f"input[name=run][value='{name}']")
    page.click("button:text('side by side')")
    page.wait_for_selector("body[data-ready]", timeout=60_000)
    assert complaints == []
    page.context.close()
