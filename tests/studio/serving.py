"""A studio's application and its client, and the server in a thread as a browser meets it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from venolymph.studio.guard import TOKEN_HEADER
from venolymph.studio.launching import listening_socket, server_settings
from venolymph.studio.serving import create_app

TOKEN = "a-token-of-these-tests"
WITH = {TOKEN_HEADER: TOKEN}
HERE = "http://127.0.0.1"
HOST = {"host": "127.0.0.1"}
SHORT: list[Any] = [{"lie": {"for": "2 s"}}, {"stand": {"for": "4 s"}}]
PATIENCE = 240.0
"""What a run may take where programs are compiled first and the machine is busy, s."""


@contextmanager
def studio(folder: Path, **given: Any) -> Iterator[TestClient]:
    """A client of an application with runs in a folder."""
    with TestClient(create_app(folder, TOKEN, **given), base_url=HERE) as client:
        yield client


@contextmanager
def server(app: FastAPI, kept: int | None = None) -> Iterator[str]:
    """A server in a thread; gives where it is, `127.0.0.1:PORT`.

    Args:
        app: that it serves.
        kept: bytes that the system keeps for somebody who does not read; None: as many as it likes.
    """
    door = listening_socket("127.0.0.1", 0)
    if kept is not None:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, kept)
    running = uvicorn.Server(server_settings(app))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{door.getsockname()[1]}"
    finally:
        running.should_exit = True
        thread.join()
        door.close()


def wait_for(what: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What something gives, once it is true."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)
    return found


def asked(client: TestClient, person: Any = "healthy", regimen: Any = None, **more: Any) -> dict[str, Any]:
    """A run that was asked for."""
    sent = {"person": person, "regimen": SHORT if regimen is None else regimen, **more}
    answer = client.post("/api/runs", json=sent, headers=WITH)
    assert answer.status_code == 202, answer.text
    return answer.json()


def ended(client: TestClient, name: str) -> Mapping[str, Any]:
    """A run once it does not run and does not wait any more."""

    def over() -> Any:
        run = client.get(f"/api/runs/{name}").json()
        return run if run["state"] not in ("queued", "running", "stopping") else None

    return wait_for(over)
