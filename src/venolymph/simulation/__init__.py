"""Simulation: body + forcing -> Run; saving and loading a Run."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from venolymph.simulation.driver import resume, simulate
    from venolymph.simulation.run import PhaseInfo, Run, Status
    from venolymph.simulation.store import open_run

__all__ = ["PhaseInfo", "Run", "Status", "open_run", "resume", "simulate"]

_HOME = {
    "simulate": "driver",
    "resume": "driver",
    "Run": "run",
    "PhaseInfo": "run",
    "Status": "run",
    "open_run": "store",
}


def __getattr__(name: str) -> Any:
    """Load the engine only when it is asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
