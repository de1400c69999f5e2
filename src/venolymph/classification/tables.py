"""The tables beside this file: what a code, an attribute or a grade means, and where that was published."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from venolymph.errors import DocumentError
from venolymph.units import show


@cache
def table(name: str) -> dict[str, Any]:
    """A table by the name of its file, without ending."""
    return tomllib.loads(resources.files("venolymph.classification").joinpath(f"{name}.toml").read_text("utf-8"))


def yes_or_no(value: object, place: str) -> bool:
    """What is so or not: True or False, Python's, numpy's, or a table's 1 or 0; a gap in a table is neither.

    Raises:
        DocumentError: where it is something else.
    """
    try:
        known = value in {True, False}
    except TypeError:
        known = False
    if not known:
        raise DocumentError(f"found {show(value)}, where True or False is needed", place=place)
    return bool(value)
