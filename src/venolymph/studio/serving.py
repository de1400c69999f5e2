"""The studio's server as one application, on this machine alone."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from venolymph.studio.answering import answer_problems
from venolymph.studio.api import Studio, make_router
from venolymph.studio.guard import LOOPBACK, Door, GuardMiddleware
from venolymph.studio.pages.all_pages import router
from venolymph.studio.pages.assets_page import import_map_hash
from venolymph.studio.shelf import RunShelf
from venolymph.studio.trials import ClaimTrials
from venolymph.version import version


def create_app(
    folder: Path,
    token: str | None = None,
    *,
    also: Mapping[str, Path] | None = None,
    hosts: frozenset[str] = LOOPBACK,
    for_all: bool = False,
) -> FastAPI:
    """The application that serves pages and API.

    Args:
        folder: of runs; made where it is not there.
        token: what requests that write or run have to carry; a new one where None.
        also: runs elsewhere, by the id that they get.
        hosts: names by which the server may be called.
        for_all: whether reading needs the token too, as where other machines may ask.
    """
    token = secrets.token_urlsafe(32) if token is None else token
    studio, trials = Studio(RunShelf(folder, also)), ClaimTrials()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        studio.queue.close()
        trials.close()

    app = FastAPI(
        title="venolymph studio", version=version(), lifespan=lifespan, docs_url=None, redoc_url=None,
        openapi_url="/api/openapi.json",
    )  # fmt: skip
    app.state.studio, app.state.token, app.state.trials = studio, token, trials
    answer_problems(app)
    app.include_router(make_router(studio))
    app.include_router(router, include_in_schema=False)  # the description is of what programs ask, not of pages
    app.add_middleware(GuardMiddleware, door=Door(token, hosts, for_all, (import_map_hash(),)))
    return app
