"""Scripts and styles of the viewer and of the pages."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response
from markupsafe import Markup

from venolymph.viewer.modules import assets, modules, styles

router = APIRouter()

TYPES = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}


def _own() -> Traversable:
    return resources.files("venolymph.studio.pages").joinpath("assets")


@cache
def served() -> dict[str, Traversable]:
    """Files by the path under which they are served: the viewer's scripts and styles, and those of the pages."""
    viewer = {f"viewer/{path}": assets().joinpath(*path.split("/")) for path in (*modules().values(), *styles())}
    own = {f"studio/{file.name}": file for file in _own().iterdir() if file.name.rpartition(".")[2] in TYPES}
    return viewer | own


@router.get("/viewer/{path:path}")
def show_viewer_file(path: str) -> Response:
    """A script or style of the viewer."""
    return _file(f"viewer/{path}")


@router.get("/studio/{name}")
def show_own_file(name: str) -> Response:
    """A script or style of the pages."""
    return _file(f"studio/{name}")


def _file(path: str) -> Response:
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


@cache
def import_map_hash() -> str:
    """The hash by which a page's policy allows its import map."""
    digest = hashlib.sha256(str(import_map()).encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
