"""Lessons in the browser: each step shows what its document says, and plays no further than it says."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Browser

from studio.serving import server
from venolymph.lessons import lessons, recording
from venolymph.studio.pages.all_pages import router
from viewer.pages import chromium, opened


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the pages are served."""
    app = FastAPI()
    app.include_router(router)
    with server(app) as found:
        yield f"http://{found}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.mark.parametrize("name", list(lessons()))
def test_every_step_shows_what_its_document_says(browser: Browser, address: str, name: str) -> None:
    page, complaints = opened(browser, f"{address}/lessons/{name}", reduced_motion="reduce")
    lesson = lessons()[name]
    for number, step in enumerate(lesson.steps):
        page.evaluate("number => lesson.go(number)", number)
        assert page.inner_text(".caption") == " ".join(step.say.split())
        state = page.evaluate("venolymph.state")
        wanted = step.state() | {"time": step.at if step.until is None else step.until}
        assert {key: state[key] for key in wanted} == wanted
        assert page.evaluate("venolymph.direction()") == step.show.seen_from
        page.wait_for_function(
            "speed => document.querySelector('.vl-transport select').value === speed", arg=f"{step.speed:g}"
        )
    assert page.is_disabled("button:text-is('Next')")
    assert page.evaluate("venolymph.recordings.map(one => one.head.member)") == list(lesson.names)
    assert complaints == []
    page.context.close()


def test_a_step_plays_and_stops_where_it_ends(browser: Browser, address: str) -> None:
    page, complaints = opened(browser, f"{address}/lessons/why-veins-have-valves?step=4")
    until = lessons()["why-veins-have-valves"].steps[3].until
    assert until is not None
    page.evaluate("venolymph.set({speed: 50})")
    page.wait_for_function("!venolymph.playing", timeout=60_000)
    assert page.evaluate("venolymph.time") >= until
    page.click("button:text-is('Next')")
    assert page.inner_text(".where") == "Step 5 of 5"
    assert page.evaluate("location.search") == "?step=5"
    assert complaints == []
    page.context.close()


def test_captions_can_be_read_without_a_script(browser: Browser, address: str) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{address}/lessons/what-a-leak-does")
    assert page.locator(".captions li").count() == len(lessons()["what-a-leak-does"].steps)
    page.context.close()


def test_recordings_are_served_as_they_are_packaged(pages: TestClient) -> None:
    for part, packed in zip(("head", "frames"), recording("healthy-moving"), strict=True):
        served = pages.get(f"/recordings/healthy-moving.{part}")
        assert served.headers["content-encoding"] == "gzip"
        assert served.content == packed
    for path in ("/recordings/nobody.head", "/recordings/healthy-moving.toml", "/lessons/none", "/viewer/../x.js"):
        assert pages.get(path).status_code in (404, 422)


def test_all_lessons_are_listed_with_what_they_show(pages: TestClient) -> None:
    listed = pages.get("/lessons").text
    for name, lesson in lessons().items():
        assert f'href="/lessons/{name}"' in listed
        assert lesson.about in listed


def test_scripts_and_styles_are_served_and_named_in_the_import_map(pages: TestClient) -> None:
    page = pages.get("/lessons/what-a-leak-does").text
    known = json.loads(page.partition('<script type="importmap">')[2].partition("</script>")[0])["imports"]
    for path in known.values():
        served = pages.get(path)
        assert served.status_code == 200
        assert served.headers["content-type"].startswith("text/javascript")
