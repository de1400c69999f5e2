"""The first page is answered before the engine is loaded, and everything else once it is."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from studio.serving import HERE, TOKEN, wait_for
from venolymph.errors import VenolymphError
from venolymph.studio import loading
from venolymph.studio.guard import Door
from venolymph.studio.launching import Launch, launch, listening_socket
from venolymph.studio.loading import LoadingApp
from venolymph.viewer import unpack

NOT_NEEDED = ("jax", "numpy", "xarray", "scipy", "fastapi", "matplotlib")
FIRST_PAGE = f"""
import sys
from venolymph.cli.app import app
from venolymph.studio.launching import launch
from venolymph.studio.pages.home_page import show_home
show_home(None)
print([name for name in {NOT_NEEDED} if name in sys.modules])
"""


class Rest:
    """Loads an application of one page, and says what happened to it."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def __call__(self) -> Starlette:
        self.told.append("loaded")
        return Starlette(routes=[Route("/rest", lambda request: PlainTextResponse("rest"))], lifespan=self._lives)

    @asynccontextmanager
    async def _lives(self, app: Starlette) -> AsyncIterator[None]:
        self.told.append("begun")
        yield
        self.told.append("ended")


def test_the_first_page_loads_nothing_else() -> None:
    rest = Rest()
    with TestClient(LoadingApp(rest, Door(TOKEN)), base_url=HERE) as client:
        page = client.get("/")
        assert page.status_code == 200
        assert "content-security-policy" in page.headers
        for path in ("/studio/home.js", "/studio/studio.css", "/viewer/main.js", "/recordings/healthy-moving.frames"):
            assert f'href="{path}"' in page.text or f'src="{path}"' in page.text
            assert client.get(path).status_code == 200
        assert unpack(client.get("/recordings/healthy-moving.head").content).header["kind"] == "head"
        assert client.get("/recordings/nothing.head").status_code == 404
        assert client.get("/recordings/healthy-moving.toml").status_code == 404
        assert client.get("/", headers={"host": "evil.example"}).status_code == 421
    assert rest.told == []


def test_the_rest_is_loaded_once_where_it_is_asked_for() -> None:
    rest = Rest()
    with TestClient(LoadingApp(rest, Door(TOKEN)), base_url=HERE) as client:
        assert [client.get("/rest").text for _ in range(2)] == ["rest", "rest"]
        assert client.get("/nothing").status_code == 404
        assert rest.told == ["loaded", "begun"]
    assert rest.told == ["loaded", "begun", "ended"]


def test_the_rest_is_loaded_where_nobody_asks_for_it_since_runs_may_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "LATER", 0.0)
    rest = Rest()
    with TestClient(LoadingApp(rest, Door(TOKEN)), base_url=HERE):
        wait_for(lambda: "begun" in rest.told)
    assert rest.told == ["loaded", "begun", "ended"]


def test_neither_engine_nor_tables_are_imported_for_the_first_page() -> None:
    found = subprocess.run([sys.executable, "-c", FIRST_PAGE], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_folder_that_cannot_be_is_said_at_once(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(VenolymphError, match="runs cannot go to") as refused:
        launch(Launch(tmp_path / name, {}), print, browse=False)
    assert "--folder" in str(refused.value.hint)


def test_what_is_short_is_sent_at_once() -> None:
    async def sends_at_once() -> bool:
        found: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        async def take(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection = writer.get_extra_info("socket")
            found.set_result(bool(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
            writer.close()

        door = listening_socket("127.0.0.1", 0)
        async with await asyncio.start_server(take, sock=door):
            _, writer = await asyncio.open_connection(*door.getsockname())
            writer.close()
            return await found

    assert asyncio.run(sends_at_once())
