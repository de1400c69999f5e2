"""Who may ask the server for what: its own pages, on this machine, and with the token where something runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from studio.serving import HERE, HOST, TOKEN, WITH, studio
from venolymph.errors import VenolymphError
from venolymph.studio.guard import COOKIE, LARGEST_DOCUMENT
from venolymph.studio.launching import Launch, launch
from venolymph.studio.problems import MEDIA_TYPE


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with studio(tmp_path_factory.mktemp("door")) as found:
        yield found


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "", "127.0.0.1.evil.example", "localhost.", "[::2]:80"]
)
def test_another_name_does_not_lead_here(client: TestClient, host: str) -> None:
    for path in ("/", "/api/runs", "/screen"):
        answer = client.get(path, headers={"host": host})
        assert answer.status_code == 421
        assert TOKEN not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:1", "LOCALHOST", "[::1]:8000"])
def test_names_of_this_machine_do(client: TestClient, host: str) -> None:
    assert client.get("/api/runs", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "file://", "http://localhost"])
def test_pages_of_other_origins_are_refused(client: TestClient, origin: str) -> None:
    for method, path in (("GET", "/api/runs"), ("POST", "/api/runs"), ("POST", "/screen"), ("DELETE", "/api/runs/x")):
        answer = client.request(method, path, headers={**WITH, "origin": origin})
        assert answer.status_code == 403, path
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/api/runs/x/live", headers={**HOST, "origin": origin}),
    ):
        pass


def test_other_sites_do_not_read_by_a_link_or_a_picture(client: TestClient) -> None:
    for site in ("cross-site", "same-site"):
        assert client.get("/api/runs", headers={"sec-fetch-site": site}).status_code == 403
        assert client.get("/", headers={"sec-fetch-site": site}).status_code == 200  # a bookmark, or a link in a mail
    assert client.get("/api/runs", headers={"sec-fetch-site": "same-origin", "origin": HERE}).status_code == 200


@pytest.mark.parametrize("given", [None, "", "wrong", TOKEN + "x", TOKEN[:-1], "é"])
def test_what_runs_needs_the_token(client: TestClient, given: str | None) -> None:
    headers: Any = {} if given is None else {"x-venolymph-token": given.encode()}
    for method, path in (("POST", "/api/runs"), ("DELETE", "/api/runs/x"), ("POST", "/api/runs/x/resume")):
        answer = client.request(method, path, headers=headers, json={"person": "healthy", "regimen": "rest"})
        assert (answer.status_code, answer.headers["content-type"]) == (403, MEDIA_TYPE)
    assert client.get("/api/runs").json() == []


def test_the_page_carries_the_token_and_each_start_has_its_own(client: TestClient, tmp_path: Path) -> None:
    assert TOKEN in client.get("/run").text
    with studio(tmp_path / "one") as one, TestClient(one.app, base_url=HERE):
        pass
    from venolymph.studio.serving import create_app

    tokens = {create_app(tmp_path / name).state.token for name in ("a", "b")}
    assert len(tokens) == 2
    assert min(map(len, tokens)) > 30


def test_too_much_is_not_taken(client: TestClient) -> None:
    headers = {**WITH, "content-type": "application/json"}
    answer = client.post("/api/runs", content=b" " * (LARGEST_DOCUMENT + 1), headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (413, MEDIA_TYPE)

    def endless() -> Iterator[bytes]:  # says no length
        for _ in range(100):
            yield b" " * (LARGEST_DOCUMENT // 50)

    assert client.post("/api/runs", content=endless(), headers=headers).status_code == 413
    assert client.post("/screen", content=b"", headers={"content-length": "9" * 30}).status_code == 413


def test_a_browser_is_told_to_load_and_run_nothing_from_elsewhere(client: TestClient) -> None:
    for path in ("/", "/screen", "/api/runs", "/viewer/viewer.css", "/api/nothing", "/nothing"):
        headers = client.get(path).headers
        policy = dict(one.strip().split(" ", 1) for one in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["frame-ancestors"] == "'none'"
        assert all(one == "'self'" or one.startswith("'sha256-") for one in policy["script-src"].split())
        assert "http" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    page = client.get("/run").text
    scripts = [part.partition(">")[0] for part in page.split("<script")[1:]]
    assert all('src="/' in one or 'type="importmap"' in one or 'type="application/json"' in one for one in scripts)


def test_where_others_may_ask_everything_needs_the_token(tmp_path: Path) -> None:
    with studio(tmp_path, hosts=frozenset({"127.0.0.1"}), for_all=True) as client:
        for path in ("/", "/api/runs", "/viewer/viewer.css", "/screen"):
            assert client.get(path).status_code == 401
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/api/runs/x/live", headers=HOST):
            pass
        first = client.get("/", params={"token": TOKEN})
        assert first.status_code == 200
        assert "HttpOnly; SameSite=Strict" in first.headers["set-cookie"]
        assert client.cookies.get(COOKIE) is not None
        assert client.get("/api/runs").status_code == 200  # the cookie is there now


@pytest.mark.parametrize(
    ("listen", "token", "said"),
    [
        ("0.0.0.0", None, "no token is given"),
        ("192.0.2.7", None, "no token is given"),
        ("::", None, "no token is given"),
        ("some.host.example", None, "no token is given"),
        ("0.0.0.0", "short", "at least 16 letters"),
    ],
)
def test_the_server_is_not_opened_to_others_without_a_token(
    listen: str, token: str | None, said: str, tmp_path: Path
) -> None:
    with pytest.raises(VenolymphError, match=said):
        launch(Launch(tmp_path / "runs", {}, 0, listen, token), print, browse=False)
    assert not (tmp_path / "runs").exists()


def test_a_port_that_is_taken_is_one_error(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(VenolymphError, match="cannot listen on") as refused:
            launch(Launch(tmp_path, {}, taken.getsockname()[1]), print, browse=False)
    assert refused.value.hint
