"""Templates of the pages, and what each of them is given."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from venolymph.studio.wording import words
from venolymph.version import version


@cache
def _environment() -> Environment:
    found = Environment(
        loader=PackageLoader("venolymph.studio.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    found.filters |= {"plain": lambda number: f"{number:g}", "unit": lambda unit: unit.replace("degC", "°C")}
    return found


def render(template: str, *, status: int = 200, language: str = "en", **given: Any) -> HTMLResponse:
    """A page.

    Args:
        template: name of its file, without ending.
        status: of the answer (HTTP).
        language: of the words.
        given: what the template shows besides.
    """
    said = words(language)
    content = (
        _environment().get_template(f"{template}.html").render(said=said, language=language, version=version(), **given)
    )
    return HTMLResponse(content, status)
