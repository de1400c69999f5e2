"""Scripts and styles of the viewer and of the pages."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from venolymph.viewer.modules import assets, modules, styles

TYPES = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}


def _own() -> Traversable:
    return resources.files("venolymph.studio.pages").joinpath("assets")


@cache
def served() -> dict[str, Traversable]:
    """Files by the path under which they are served: the viewer's scripts and styles, and those of the pages."""
    viewer = {f"viewer/{path}": assets().joinpath(*path.split("/")) for path in (*modules().values(), *styles())}
    own = {f"studio/{file.name}": file for file in _own().iterdir() if file.name.rpartition(".")[2] in TYPES}
    return viewer | own


def show_file(request: Request) -> Response:
    """A script or style, of the viewer or of the pages."""
    path = request.url.path.removeprefix("/")
    if path not in served():
        raise HTTPException(404)
    return Response(served()[path].read_bytes(), media_type=TYPES[path.rpartition(".")[2]])


@cache
def import_map() -> Markup:
    """By which names scripts import each other, as the one script that stands in a page."""
    own = {
        path.removesuffix(".js"): f"/{path}" for path in served() if path.startswith("studio/") and path.endswith(".js")
    }
    known = {name: f"/viewer/{path}" for name, path in modules().items()} | own
    return Markup(json.dumps({"imports": known}))  # made of our own file names alone


def viewer_head(recordings: Iterable[Sequence[str]] = ()) -> dict[str, Any]:
    """What `viewer_head.html` shows: all that the moving leg takes, so that a browser fetches it at once.

    Args:
        recordings: addresses of those that the page shows: of each the head's, then those of frames.
    """
    scripts = [f"/viewer/{path}" for path in modules().values()]
    return {"import_map": import_map(), "styles": styles(), "scripts": scripts, "recordings": [*recordings]}


@cache
def import_map_hash() -> str:
    """The hash by which a page's policy allows its import map."""
    digest = hashlib.sha256(str(import_map()).encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


routes: list[BaseRoute] = [Route("/viewer/{path:path}", show_file), Route("/studio/{name}", show_file)]
"""Addresses of scripts and styles."""
