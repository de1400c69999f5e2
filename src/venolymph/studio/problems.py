"""What is wrong with a request, as a problem document (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse

from venolymph.errors import RunError, SimulationError, VenolymphError

MEDIA_TYPE = "application/problem+json"
_TEXT = {"type": "string"}
_MEMBERS = {"type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT}
DESCRIBED: dict[str, Any] = {
    "description": "What was wrong with the request",
    "content": {
        MEDIA_TYPE: {
            "schema": {
                "type": "object",
                "properties": {**_MEMBERS, "hint": _TEXT, "place": _TEXT},
                "required": list(_MEMBERS),
            }
        }
    },
}
"""A problem document as OpenAPI describes it."""


class NoSuchRunError(RunError):
    """There is no run of this id."""


class BusyError(VenolymphError):
    """More is asked for than is done at once."""


def problem(
    status: int, title: str, detail: str = "", headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    """A problem document.

    Args:
        status: of the answer (HTTP).
        title: what kind of problem it is, in a few words.
        detail: what was wrong here.
        headers: of the answer, besides its type and length.
        more: further members, such as a hint; those that are None are left out.
    """
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    content |= {name: value for name, value in more.items() if value is not None}
    return JSONResponse(content, status, headers, MEDIA_TYPE)


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
