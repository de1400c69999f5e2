"""The first page: two legs that move, and all that this takes. It loads nothing of the engine."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from venolymph.lessons import recordings
from venolymph.studio.pages import assets_page
from venolymph.studio.pages.assets_page import viewer_head
from venolymph.studio.pages.rendering import render

USUAL = ("healthy-moving", "varicose-moving")
"""Packaged recordings that move on the first page."""


def show_home(request: Request) -> HTMLResponse:
    """The first page: two legs that move, and what one can do here."""
    recordings = addresses(USUAL)
    return render("home", shown={"recordings": recordings}, **viewer_head(recordings))


def addresses(names: Iterable[str]) -> list[list[str]]:
    """Where head and frames of packaged recordings are."""
    return [[f"/recordings/{name}.{part}" for part in ("head", "frames")] for name in names]


def show_recording(request: Request) -> Response:
    """Head or frames of a packaged recording, compressed."""
    name, part = request.path_params["name"], request.path_params["part"]
    if name not in recordings() or part not in ("head", "frames"):
        raise HTTPException(404)
    file = resources.files("venolymph.lessons").joinpath("recordings", f"{name}.{part}.gz")
    return Response(file.read_bytes(), media_type="application/octet-stream", headers={"Content-Encoding": "gzip"})


routes: list[BaseRoute] = [
    Route("/", show_home),
    Route("/recordings/{name}.{part}", show_recording),
    *assets_page.routes,
]
"""Addresses of the first page, and of what all pages take."""
