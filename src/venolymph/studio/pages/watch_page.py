"""The front page: a leg that moves at once, what can be run, and runs as they are computed."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from venolymph.studio.pages.assets_page import import_map
from venolymph.studio.pages.rendering import render
from venolymph.studio.wording import words
from venolymph.viewer.modules import styles

FIRST = ("healthy-moving", "varicose-moving")
"""Packaged recordings that move before anything is run."""


def make_router(token: str) -> APIRouter:
    """The front page.

    Args:
        token: what its requests carry that write or run.
    """
    router = APIRouter()

    @router.get("/")
    def show_front() -> HTMLResponse:
        """The front page."""
        shown = {
            "token": token,
            "recordings": [[f"/recordings/{one}.head", f"/recordings/{one}.frames"] for one in FIRST],
            "words": words().watch.model_dump(),
        }
        return render("watch", shown=shown, import_map=import_map(), styles=styles())

    return router
