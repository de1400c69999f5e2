"""Many who watch a run at once, and some who stop reading: nobody else notices, and nothing piles up."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import websockets

import venolymph as vl
from studio.serving import HERE, SHORT, TOKEN, server, wait_for
from venolymph.studio import api
from venolymph.studio.serving import create_app
from venolymph.viewer import unpack

MANY = 200


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("streams")
    vl.simulate("healthy", SHORT, out=folder / "short")
    return create_app(folder, TOKEN)


@pytest.fixture(scope="module")
def address(app: Any) -> Iterator[str]:
    with server(app) as found:
        yield found


async def watched(address: str) -> tuple[list[int], int]:
    """Sizes of the packed files that somebody is sent, and the code with which the server closed."""
    async with websockets.connect(f"ws://{address}/api/runs/short/live", max_size=None) as stream:
        sizes = [len(message) async for message in stream if isinstance(message, bytes)]
        return sizes, stream.close_code or 0


def test_many_watch_at_once(app: Any, address: str) -> None:
    async def all_of_them() -> list[tuple[list[int], int]]:
        return await asyncio.gather(*(watched(address) for _ in range(MANY)))

    found = asyncio.run(all_of_them())
    sizes = [len(one) for one in app.state.studio.live("short", 0).pieces]
    assert len(sizes) == 2
    assert found == [(sizes, 1000)] * MANY
    wait_for(lambda: app.state.studio.streams == 0)


def silent(address: str) -> socket.socket:
    """Somebody who asks to watch and never reads an answer."""
    host, _, port = address.partition(":")
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    found.connect((host, int(port)))
    key = base64.b64encode(os.urandom(16)).decode()
    found.sendall(
        f"GET /api/runs/short/live HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    return found


def test_who_stops_reading_holds_up_nobody_and_is_let_go(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "PATIENCE", 3.0)
    with server(app, kept=16_384) as address:
        quiet = [silent(address) for _ in range(20)]
        try:
            wait_for(lambda: app.state.studio.streams == len(quiet))
            assert asyncio.run(watched(address))[1] == 1000
            with urlopen(f"http://{address}/api/runs", timeout=30) as answer:
                assert json.loads(answer.read())[0]["state"] == "complete"
            wait_for(lambda: app.state.studio.streams == 0)
        finally:
            for one in quiet:
                one.close()


def test_a_piece_that_is_not_read_ends_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stuck:
        """A page that never reads."""

        async def send_text(self, text: str) -> None:
            await asyncio.Event().wait()

        async def receive(self) -> Any:
            await asyncio.Event().wait()

    monkeypatch.setattr(api, "PATIENCE", 0.05)
    live: Any = type("Live", (), {"is_due": lambda self: False, "pieces": [], "ended": False, "listeners": set()})()
    stuck: Any = Stuck()
    asyncio.run(asyncio.wait_for(api._stream(stuck, live, lambda: {"state": "running"}), 30.0))


def test_too_many_are_turned_away(app: Any, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "MOST_STREAMS", 0)
    with pytest.raises(websockets.InvalidStatus):
        asyncio.run(watched(address))


@pytest.mark.parametrize("message", ["", "x" * 1000, "{", b"\x00\xff" * 100, "ping"])
def test_whatever_a_page_sends_the_run_is_shown(address: str, message: str | bytes) -> None:
    async def talk() -> list[Any]:
        async with websockets.connect(f"ws://{address}/api/runs/short/live", max_size=None) as stream:
            try:
                for _ in range(20):
                    await stream.send(message)
            except websockets.ConnectionClosed:  # all was sent before
                pass
            return [unpack(one).header["kind"] async for one in stream if isinstance(one, bytes)]

    assert asyncio.run(talk()) == ["head", "frames"]


def test_frames_and_head_are_read_without_a_page(app: Any, tmp_path: Path) -> None:
    assert HERE == "http://127.0.0.1"
    with server(app) as other, urlopen(f"http://{other}/api/runs/short/head", timeout=60) as answer:
        assert unpack(answer.read()).header["kind"] == "head"
