"""Which scripts and style sheets a page needs to show a recording, and by which names scripts import each other."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

ENTRY = "venolymph/main"
"""The module whose `mount` shows recordings."""


def assets() -> Traversable:
    """The folder that `modules` and `styles` are relative to."""
    return resources.files("venolymph.viewer").joinpath("assets")


@cache
def _vendored() -> list[dict[str, Any]]:
    return tomllib.loads(assets().joinpath("vendor", "vendor.toml").read_text("utf-8"))["file"]


@cache
def modules() -> dict[str, str]:
    """The path of each script by the bare name that others import it by: what an import map says."""
    own = sorted(one.name for one in assets().iterdir() if one.name.endswith(".js"))
    return {
        **{one["module"]: f"vendor/{one['name']}" for one in _vendored() if one["module"]},
        **{f"venolymph/{name.removesuffix('.js')}": name for name in own},
    }


@cache
def styles() -> tuple[str, ...]:
    """Paths of style sheets, in the order in which a page takes them."""
    return (*(f"vendor/{one['name']}" for one in _vendored() if one["name"].endswith(".css")), "viewer.css")
