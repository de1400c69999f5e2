"""Cases of svZeroDSolver: read and checked, the circuit that each means, and results in its columns.

`document` reads the JSON file into the models of `schema`, `wiring` finds which elements are joined, `drawing` makes
a `circuit` of them, and `columns` puts a solution of the circuit into svZeroD's tables. Nothing is solved here.
"""

from __future__ import annotations

from venolymph.interop.svzerod.circuit import Circuit
from venolymph.interop.svzerod.columns import Solution, tabulate, to_csv, to_json
from venolymph.interop.svzerod.document import read_case
from venolymph.interop.svzerod.drawing import build
from venolymph.interop.svzerod.schema import Case

__all__ = ["Case", "Circuit", "Solution", "build", "read_case", "tabulate", "to_csv", "to_json"]
