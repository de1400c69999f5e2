"""Cases of svZeroDSolver: read and checked, the circuit that each means, and results in its columns.

`document` reads the JSON file into the models of `schema`, `wiring` finds which elements are joined, `building` makes a
`circuit` of them (drawn between points by `drawing`, joined in `places`, with `link_flows` and `initial_values`), and
`columns` puts a solution of the circuit into svZeroD's tables. `network` lays the circuit out for the engine, `solve`
runs it and `recording` keeps what it finds, `arteries` puts it above a leg; `export` goes the other way, from a network
whose walls are linear to a file. These load JAX, so they wait until they are asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from venolymph.interop.svzerod.building import build
from venolymph.interop.svzerod.circuit import Circuit
from venolymph.interop.svzerod.columns import Solution, tabulate, to_csv, to_json
from venolymph.interop.svzerod.document import read_case
from venolymph.interop.svzerod.schema import Case

if TYPE_CHECKING:
    from venolymph.interop.svzerod.arteries import upstream
    from venolymph.interop.svzerod.export import linearised, to_case, write
    from venolymph.interop.svzerod.network import CircuitValues
    from venolymph.interop.svzerod.solve import Model, read

__all__ = [
    "Case",
    "Circuit",
    "CircuitValues",
    "Model",
    "Solution",
    "build",
    "linearised",
    "read",
    "read_case",
    "tabulate",
    "to_case",
    "to_csv",
    "to_json",
    "upstream",
    "write",
]

_HOME = {
    "Model": "solve",
    "read": "solve",
    "CircuitValues": "network",
    "to_case": "export",
    "linearised": "export",
    "write": "export",
    "upstream": "arteries",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
