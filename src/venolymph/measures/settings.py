"""Numbers that instruments read by: figures of the subject `measures`."""

from __future__ import annotations

from venolymph.figures import load


def setting(name: str) -> float:
    """A figure `measures.<name>` in the unit of its entry."""
    return load()[f"measures.{name}"].value
