"""Starts the studio's server at an address of this machine, and opens a browser."""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
import socket
import threading
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import uvicorn
from starlette.types import ASGIApp

from venolymph import studio
from venolymph.errors import VenolymphError
from venolymph.studio.guard import LOOPBACK, Door
from venolymph.studio.loading import LoadingApp
from venolymph.studio.pages.assets_page import import_map_hash

if TYPE_CHECKING:
    from fastapi import FastAPI

HERE = "127.0.0.1"
WAITING = 512
"""Connections that wait to be taken at most."""
LARGEST_MESSAGE = 64 * 1024
"""Bytes of a message that a page may send."""


@dataclass(frozen=True)
class Launch:
    """How the server starts.

    Attributes:
        folder: of runs.
        also: runs elsewhere, by the id that they get.
        port: on which it listens; 0: one that is free.
        listen: address of this machine on which others may ask too; None: this machine alone.
        token: that others need where `listen` is given.
        asked: a run to begin with (`asking.asked_of`).
        show: id of a run that is shown first.
    """

    folder: Path
    also: Mapping[str, Path]
    port: int = 0
    listen: str | None = None
    token: str | None = None
    asked: Mapping[str, object] | None = None
    show: str | None = None


def launch(how: Launch, say: Callable[[str], None], browse: bool = True) -> None:
    """Serve until somebody stops it.

    Args:
        how: it starts.
        say: takes the address that a browser opens.
        browse: whether to open a browser.

    Raises:
        VenolymphError: where the address or the folder cannot be had, or others are to ask without a token.
    """
    for_all = how.listen is not None and not _is_loopback(how.listen)
    if for_all and not how.token:
        raise VenolymphError(
            f"{how.listen} can be reached by other machines, and no token is given that they need",
            hint="give one of at least 16 letters: --token, or leave --listen out",
        )
    if how.token is not None and not re.fullmatch(r"[A-Za-z0-9_-]{16,200}", how.token):
        raise VenolymphError(
            "a token has at least 16 letters and digits (also - and _)", hint="such as one of `openssl rand -hex 16`"
        )
    _make_folder(how.folder)
    host, token = how.listen or HERE, how.token or secrets.token_urlsafe(32)
    with listening_socket(host, how.port) as door:
        shown = f"[{host}]" if ":" in host else host
        hosts = LOOPBACK | {shown.lower()} if host not in ("0.0.0.0", "::") else LOOPBACK | _own_names()

        def create() -> FastAPI:  # which is what loads the engine
            return studio.create_app(how.folder, token, also=how.also, hosts=hosts, for_all=for_all)

        app, first = LoadingApp(create, Door(token, hosts, for_all, (import_map_hash(),))), how.show
        if how.asked is not None:
            app = create()
            first = app.state.studio.queue.submit(how.asked).name
        path = f"runs/{quote(first)}" if first else ""
        query = f"?{urlencode({'token': token})}" if for_all else ""
        address = f"http://{shown}:{door.getsockname()[1]}/{path}{query}"
        say(address)
        server = uvicorn.Server(server_settings(app))
        if browse:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        server.run(sockets=[door])


def server_settings(app: ASGIApp) -> uvicorn.Config:
    """How the server treats those who ask: recordings go uncompressed, since they hardly go over a wire."""
    return uvicorn.Config(
        app, log_level="warning", ws_max_size=LARGEST_MESSAGE, ws_per_message_deflate=False,
        timeout_graceful_shutdown=3, server_header=False,
    )  # fmt: skip


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _own_names() -> frozenset[str]:
    """Names and addresses by which other machines may call this one."""
    name = socket.gethostname().lower()
    try:
        found = {str(one[4][0]) for one in socket.getaddrinfo(name, None)}
    except OSError:
        found = set()
    return frozenset({name, *(f"[{one}]" if ":" in one else one for one in found)})


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        why = "" if os.access(folder, os.W_OK | os.X_OK) else "nothing may be written there"
    except OSError as error:
        why = error.strerror or str(error)
    if why:
        raise VenolymphError(
            f"runs cannot go to {folder}: {why}", hint="name a folder that can be written to: --folder"
        )


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket of the server.

    Args:
        host: address of this machine.
        port: on which it listens; 0: one that is free.

    Raises:
        VenolymphError: where it cannot be had.
    """
    # Named as TCP, for only then does asyncio send what is short at once and not wait 40 ms for the other side.
    door = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
        door.listen(WAITING)  # whoever is told the address may be there before the server is
    except OSError as error:
        door.close()
        raise VenolymphError(
            f"the server cannot listen on {host}:{port}: {error.strerror or error}",
            hint="name another port (--port), or leave it out for one that is free",
        ) from None
    return door
