"""Files that a document names: meant from its folder, and what is wrong with them becomes a refusal of the document."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from venolymph.errors import DocumentError, UnitError
from venolymph.units import refusal


@contextmanager
def refused_inside() -> Iterator[None]:
    """What a document inside another is refused with becomes a refusal of the outer one."""
    try:
        yield
    except DocumentError as error:
        where = f" ({error.place})" if error.place else ""
        raise refusal(f"{error.message}{where}", hint=error.hint, unit=isinstance(error, UnitError)) from None


being_read: ContextVar[tuple[str, ...]] = ContextVar("being_read", default=())
"""Regimens that are being read, outermost first."""


def beside(name: Any) -> Any:
    """The path of a document that a document names; other names stay as they are."""
    return from_here(name) if isinstance(name, str) and name.endswith((".yaml", ".yml")) else name


def from_here(path: str) -> str:
    """A path named in a document is meant from that document's folder."""
    reading = being_read.get()
    return str(Path(reading[-1]).parent / path) if reading and os.path.isabs(reading[-1]) else path
