"""Readings over weeks and claims in the browser: the same words and numbers as the commands."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from venolymph import evidence, following
from venolymph.studio.wording import languages, words

READINGS = Path(__file__).parents[2] / "docs" / "how-to" / "readings.csv"


def test_a_file_of_readings_gives_the_page_and_table_of_the_command(pages: TestClient) -> None:
    found = following.follow(following.load_readings(READINGS, start="sole", label="A-17"))
    sent = {"start": "sole", "label": "A-17"}
    file = {"readings": ("readings.csv", READINGS.read_bytes())}
    assert pages.post("/follow", data=sent | {"as": "csv"}, files=file).text == following.as_csv(found)
    page = pages.post("/follow", data=sent | {"as": "page"}, files=file)
    assert page.text == following.page(found)
    here = pages.post("/follow", data=sent | {"as": "here"}, files=file)
    assert "<iframe" in here.text
    assert 'sandbox srcdoc="' in here.text


def test_the_example_on_the_page_can_be_read(pages: TestClient) -> None:
    sent = {"readings": words().follow.example, "start": "sole", "label": "A-17"}
    response = pages.post("/follow", data=sent)
    assert response.status_code == 200
    assert "<iframe" in response.text


@pytest.mark.parametrize(
    ("readings", "said"),
    [("", "there are no readings"), ("date,side,height\n", "no unit"), ("kind: readings\n", "readings")],
)
def test_readings_that_cannot_be_used_say_why_and_stay(pages: TestClient, readings: str, said: str) -> None:
    response = pages.post("/follow", data={"readings": readings})
    assert response.status_code == 400
    assert said in response.text
    assert "/tmp" not in response.text
    assert readings.strip() in response.text


def test_every_claim_has_a_page_with_its_verdict(pages: TestClient) -> None:
    listed = pages.get("/evidence").text
    for name, one in evidence.claims().items():
        assert f'href="/evidence/{name}"' in listed
        page = pages.get(f"/evidence/{name}")
        assert page.status_code == 200
        for verdict in one.verdicts:
            assert verdict.verdict in page.text
    assert pages.get("/evidence/no-such-claim").status_code == 404


def test_there_are_words_in_every_language() -> None:
    assert "en" in languages()
    for language in languages():
        assert words(language).notice


def test_every_page_carries_the_notice(pages: TestClient) -> None:
    for path in ("/screen", "/follow", "/evidence", f"/evidence/{next(iter(evidence.claims()))}"):
        assert words().notice in pages.get(path).text
