"""Lets an application answer whatever is wrong with a request by a problem document, or in words on a page."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from venolymph.errors import VenolymphError
from venolymph.studio.problems import of_error, problem


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
            headers = _allowed(request) if error.status_code == 405 else error.headers
            return problem(error.status_code, str(error.detail), headers=headers)
        return PlainTextResponse(f"{error.status_code}: {error.detail}", error.status_code, headers=error.headers)


def _allowed(request: Request) -> dict[str, str]:
    """The header that names all methods of an address, which several routes may have between them."""
    paths, asked = request.app.openapi()["paths"], request.scope["path"]
    here = [operations for path, operations in paths.items() if compile_path(path)[0].match(asked)]
    return {"Allow": ", ".join(sorted(method.upper() for operations in here for method in operations))}
