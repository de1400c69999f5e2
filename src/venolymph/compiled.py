"""The folder in which compiled programs are kept from one process to the next."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def folder() -> Path | None:
    """The folder that JAX is told to keep compiled programs in; None where they are not kept on a disk of this machine.

    The package sets it as it is imported, unless the environment names one (`JAX_COMPILATION_CACHE_DIR`).
    """
    named = os.environ.get("JAX_COMPILATION_CACHE_DIR", "")
    return Path(named) if named and "://" not in named else None


def trouble(place: Path) -> str | None:
    """Why nothing can be kept in a folder, in words; None where it can, which is tried."""
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place):
            return None
    except OSError as error:
        why = (
            "that is a file"
            if isinstance(error, FileExistsError | NotADirectoryError)
            else error.strerror or str(error)
        )
        return f"compiled programs cannot be kept in {place} ({why}), so every start compiles anew, which takes longer"


HINT = "name a folder that can be written: JAX_COMPILATION_CACHE_DIR=FOLDER, or XDG_CACHE_HOME"
"""What to do about it."""
