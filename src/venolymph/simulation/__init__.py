"""Simulation: body + forcing -> Run; saving and loading a Run."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from venolymph.simulation.opening import open_run
    from venolymph.simulation.results import PhaseInfo, Results, Status
    from venolymph.simulation.run import Run
    from venolymph.simulation.starting import SimulationOptions, resume, simulate

__all__ = ["PhaseInfo", "Results", "Run", "SimulationOptions", "Status", "open_run", "resume", "simulate"]

_HOME = {
    "simulate": "starting",
    "resume": "starting",
    "SimulationOptions": "starting",
    "Run": "run",
    "PhaseInfo": "results",
    "Results": "results",
    "Status": "results",
    "open_run": "opening",
}


def __getattr__(name: str) -> Any:
    """Load the engine only when it is asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
