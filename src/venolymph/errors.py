"""What can go wrong, as a tree:

    VenolymphError
    ├── DocumentError      a person, regimen or figures document that cannot be used
    │   └── UnitError      a quantity with a missing, wrong or unreadable unit
    ├── NetworkError       a network that is not one
    ├── SimulationError    a run that could not be started or gone on with
    ├── RunError           a run's folder that cannot be read or written
    └── MeasureError       a measure that does not exist or does not fit the run

Each says what was wrong, what was found, what is allowed, and carries a hint where one helps. Failure of one
member *during* a simulation is not an exception but data (see `simulate.Status`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class VenolymphError(Exception):
    """Root of all errors that this package raises on purpose.

    Args:
        message: what was wrong, what was found and what is allowed.
        hint: what to try; shown on a line of its own.
        place: where in the input (`legs.left.reflux.0.at`, a file's name).
    """

    def __init__(self, message: str, *, hint: str | None = None, place: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.place = place

    def __str__(self) -> str:
        lines = [f"{self.place}: {self.message}" if self.place else self.message]
        if self.hint:
            lines.append(f"hint: {self.hint}")
        return "\n".join(lines)


class DocumentError(VenolymphError):
    """A person, regimen or figures document cannot be used."""


class UnitError(DocumentError):
    """A quantity has a missing, wrong or unreadable unit."""


class NetworkError(VenolymphError):
    """Cells and faces do not make a network."""


class SimulationError(VenolymphError):
    """A run could not be started or gone on with."""


class RunError(VenolymphError):
    """A run's folder cannot be read or written."""


class MeasureError(VenolymphError):
    """A measure does not exist or does not fit the run."""


def nearest(word: str, allowed: Iterable[str]) -> str | None:
    """The allowed word most like `word`, or None where none is near."""
    names = list(allowed)
    by_lower = {name.lower(): name for name in names}
    match = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.5)
    return by_lower[match[0]] if match else None
