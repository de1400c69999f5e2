"""Whatever is sent to any page, or asked to be run, is answered, never by a fault, and says what was wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import venolymph as vl
from studio.serving import SHORT, WITH, studio
from venolymph.studio.pages.all_pages import router
from venolymph.studio.problems import MEDIA_TYPE

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20),
    st.sampled_from(["healthy", "rest", "one", "both", "leg-massage-short", "10 min", "nan s", "../x", "p.yaml"]),
)  # fmt: skip
ANYTHING = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
)
WORDS = st.sampled_from(
    ["kind", "version", "person", "regimen", "steps", "lie", "stand", "massage", "wear", "for", "legs"]
)
DOCUMENT = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=5))
NAMES = st.one_of(st.just("short"), st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
APP = FastAPI()
APP.include_router(router)
PAGES = ["/", "/recordings/{name}.head", "/studio/{name}", "/viewer/{name}", *sorted(APP.openapi()["paths"])]
FUZZ = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("fuzz")
    vl.simulate("healthy", SHORT, out=folder / "short")
    with studio(folder) as found:
        yield found


def checked(answer: Any) -> None:
    """An answer that says what was wrong, where something was."""
    assert answer.status_code < 500, answer.text
    of_pages = not answer.request.url.path.startswith("/api/")  # they say it in words
    if answer.status_code >= 400 and answer.request.method != "HEAD" and not of_pages:
        assert answer.headers["content-type"] == MEDIA_TYPE
        assert answer.json()["status"] == answer.status_code


@FUZZ
@given(data=st.data(), name=NAMES, method=st.sampled_from(METHODS), query=st.dictionaries(
    st.sampled_from(["from", "to", "every", "member", "token", "x"]),
    st.one_of(st.text(max_size=8), st.floats().map(str), st.integers().map(str)), max_size=4,
))  # fmt: skip
def test_every_page(client: TestClient, data: st.DataObject, name: str, method: str, query: dict[str, str]) -> None:
    path = data.draw(st.sampled_from(PAGES)).replace("{name}", quote(name, safe=""))
    body = data.draw(
        st.one_of(st.just(b""), st.binary(max_size=50), ANYTHING.map(lambda one: json.dumps(one).encode()))
    )
    headers = {**WITH, "content-type": data.draw(st.sampled_from(["application/json", "text/plain", "x"]))}
    checked(client.request(method, path, params=query, content=body, headers=headers))


@FUZZ
@given(
    person=st.one_of(st.just("healthy"), DOCUMENT), regimen=DOCUMENT, more=st.dictionaries(WORDS, ANYTHING, max_size=2)
)
def test_what_is_asked_to_be_run(client: TestClient, person: Any, regimen: Any, more: dict[str, Any]) -> None:
    sent = json.dumps({**more, "person": person, "regimen": regimen}).encode()
    answer = client.post("/api/runs", content=sent, headers={**WITH, "content-type": "application/json"})
    checked(answer)
    if answer.status_code == 202:
        client.delete(f"/api/runs/{answer.json()['id']}", headers=WITH)
