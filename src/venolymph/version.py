"""Which version of venolymph this is."""

from __future__ import annotations

import importlib.metadata


def version() -> str:
    """Version of the installed package, or "unknown" where it runs from a bare source tree."""
    try:
        return importlib.metadata.version("venolymph")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
