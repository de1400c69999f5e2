"""The tables beside this file: what a code, an attribute or a grade means, and where that was published."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """A table by the name of its file, without ending."""
    return tomllib.loads(resources.files("venolymph.classification").joinpath(f"{name}.toml").read_text("utf-8"))
