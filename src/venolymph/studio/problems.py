"""What is wrong with a request, as a problem document (RFC 9457)."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException

from venolymph.errors import RunError, SimulationError, VenolymphError

MEDIA_TYPE = "application/problem+json"


class NoSuchRunError(RunError):
    """There is no run of this id."""


class BusyError(VenolymphError):
    """More is asked for than is done at once."""


def problem(status: int, title: str, detail: str = "", **more: Any) -> JSONResponse:
    """A problem document.

    Args:
        status: of the answer (HTTP).
        title: what kind of problem it is, in a few words.
        detail: what was wrong here.
        more: further members, such as a hint; those that are None are left out.
    """
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(
        content | {name: value for name, value in more.items() if value is not None}, status, media_type=MEDIA_TYPE
    )


def of_error(error: VenolymphError) -> JSONResponse:
    """The problem document of an error of the library: its words, its hint, and the place in what was sent."""
    status, title = 422, "That cannot be used"
    if isinstance(error, NoSuchRunError):
        status, title = 404, "There is no such run"
    elif isinstance(error, BusyError):
        status, title = 429, "Too much at once"
    elif isinstance(error, RunError):
        status, title = 409, "That does not fit the run"
    elif isinstance(error, SimulationError):
        status, title = 403, "That is not simulated"
    return problem(status, title, error.message, hint=error.hint, place=error.place)


def answer_problems(app: FastAPI) -> None:
    """Let an application answer whatever is wrong with a request by a problem document, or in words on a page."""

    @app.exception_handler(VenolymphError)
    async def _refused(request: Request, error: VenolymphError) -> Response:
        return of_error(error)

    @app.exception_handler(RequestValidationError)
    async def _unreadable(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return problem(422, "That cannot be used", str(first["msg"]), place=place)

    @app.exception_handler(HTTPException)
    async def _wrong(request: Request, error: HTTPException) -> Response:
        if request.url.path.startswith("/api/"):
            return problem(error.status_code, str(error.detail))
        return PlainTextResponse(f"{error.status_code}: {error.detail}", error.status_code, headers=error.headers)
