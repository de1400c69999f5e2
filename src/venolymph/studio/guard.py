"""Who may ask the studio's server for what: the door that every request passes, before anything is looked at.

Pages of other sites can send requests to this machine too, and names of theirs can be made to lead here. So a request
has to name this server as its host and its own pages as its origin, and whatever writes or runs needs the token that
only a page of this start of the server carries. Where other machines may ask (`--listen`), everything needs it.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from venolymph.studio.problems import problem

TOKEN_HEADER = "x-venolymph-token"
COOKIE = "venolymph-token"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""Host names of this machine alone."""
LARGEST_DOCUMENT = 256 * 1024
"""Bytes that a request of the API may have."""
LARGEST_FORM = 5 * 1024 * 1024
"""Bytes that a form of a page may have."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""


@dataclass(frozen=True)
class Door:
    """What requests have to carry.

    Attributes:
        token: of this start of the server.
        hosts: names by which it may be called.
        for_all: whether reading needs the token too.
        scripts: hashes of scripts that stand in its pages (`sha256-...`).
    """

    token: str
    hosts: frozenset[str] = LOOPBACK
    for_all: bool = False
    scripts: tuple[str, ...] = field(default=())

    def policy(self) -> str:
        """What a browser may load and run in a page (Content-Security-Policy)."""
        scripts = " ".join(["'self'", *(f"'{one}'" for one in self.scripts)])
        return (
            f"default-src 'none'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
            "font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"
        )

    def knows(self, given: str | None) -> bool:
        """Whether this is the token."""
        return given is not None and hmac.compare_digest(given.encode(), self.token.encode())


class GuardMiddleware:
    """Lets requests pass that `Door` allows, and answers the others.

    Args:
        app: what is behind the door.
        door: what requests have to carry.
    """

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at a request, and answer it or pass it on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refused = self._refused(scope, headers)
        if refused is not None:
            await _refuse(scope, receive, send, *refused)
            return
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        most = LARGEST_DOCUMENT if scope["path"].startswith("/api/") else LARGEST_FORM
        read = _Limited(receive, most)
        try:
            await self._app(scope, read, self._with_headers(scope, headers, send))
        except _TooLargeError:
            await problem(413, "That is too much", f"at most {most:,} bytes are taken")(scope, receive, send)

    def _refused(self, scope: Scope, headers: Headers) -> tuple[int, str, str] | None:
        """Status, title and detail where a request is refused."""
        return self._foreign(scope, headers) or _endless(scope, headers) or self._without_token(scope, headers)

    def _foreign(self, scope: Scope, headers: Headers) -> tuple[int, str, str] | None:
        """What is said of a request that another site sent."""
        door, host = self._door, headers.get("host", "")
        if _name(host) not in door.hosts:
            return 421, "Not this server", "the request names another host"
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in {f"{scheme}://{host.lower()}" for scheme in ("http", "https")}:
            return 403, "Not from here", "the request comes from a page of another origin"
        if headers.get("sec-fetch-site") in ("cross-site", "same-site") and scope["path"] != "/":
            return 403, "Not from here", "the request comes from a page of another site"
        return None

    def _without_token(self, scope: Scope, headers: Headers) -> tuple[int, str, str] | None:
        """What is said of a request that lacks the token that it needs."""
        door = self._door
        writes = scope["type"] == "http" and scope["method"] not in SAFE and scope["path"].startswith("/api/")
        if writes and not door.knows(headers.get(TOKEN_HEADER)):
            return 403, "No token", "what writes or runs needs the token that this server's own page carries"
        if door.for_all and not door.knows(_carried(scope, headers)):
            return 401, "No token", "open the address that `venolymph studio` printed"
        return None

    def _with_headers(self, scope: Scope, headers: Headers, send: Send) -> Send:
        """Adds what browsers have to hold to."""
        door = self._door
        new = door.for_all and not door.knows(_cookie(headers)) and _carried(scope, headers) is not None

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                found = MutableHeaders(scope=message)
                found.setdefault("Content-Security-Policy", door.policy())  # a report has its own
                found["X-Content-Type-Options"] = "nosniff"
                found["Referrer-Policy"] = "same-origin"  # without it a form of ours would name no origin
                found["Cross-Origin-Opener-Policy"] = "same-origin"
                found["Cross-Origin-Resource-Policy"] = "same-origin"
                found.setdefault("Cache-Control", "no-store")
                if new:
                    found.append("Set-Cookie", f"{COOKIE}={door.token}; HttpOnly; SameSite=Strict; Path=/")
            await send(message)

        return sending


def _endless(scope: Scope, headers: Headers) -> tuple[int, str, str] | None:
    """What is said of a request that says that its body is too large, or nothing that can be read."""
    length = headers.get("content-length", "0")
    if scope["type"] != "http" or (length.isascii() and length.isdigit() and int(length[:12]) <= LARGEST_FORM):
        return None
    return 413, "That is too much", f"at most {LARGEST_FORM:,} bytes are taken"


class _TooLargeError(Exception):
    """A body is larger than what is taken."""


class _Limited:
    """Receives a body of at most so many bytes."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self._left = receive, most

    async def __call__(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b"")) if message["type"] == "http.request" else 0
        if self._left < 0:
            raise _TooLargeError
        return message


def _name(host: str) -> str:
    """A host without its port."""
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdigit() else host.lower()


def _cookie(headers: Headers) -> str | None:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return None if found is None else found.value


def _carried(scope: Scope, headers: Headers) -> str | None:
    """The token that a request carries: in its header, its cookie, or its address."""
    asked: Iterable[str] = parse_qs(scope["query_string"].decode("latin-1")).get("token", ())
    return headers.get(TOKEN_HEADER) or _cookie(headers) or next(iter(asked), None)


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, title: str, detail: str) -> None:
    if scope["type"] == "http":
        await problem(status, title, detail)(scope, receive, send)
        return
    await receive()  # the request to connect
    await send({"type": "websocket.close", "code": 1008, "reason": title})
