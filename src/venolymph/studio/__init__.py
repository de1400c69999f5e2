"""The page in the browser: watch, run, screen, plan, follow, and look up claims, served to this machine alone."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from venolymph.studio.serving import create_app

__all__ = ["create_app"]

_HOME = {"create_app": "serving"}


def __getattr__(name: str) -> Any:
    """Load the application only when it is asked for: it takes the engine, and the first page does not."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
