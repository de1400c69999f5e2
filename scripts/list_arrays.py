"""Write the tables of parameters and of recorded quantities into docs/reference, between the marks of their pages."""

from __future__ import annotations

from pathlib import Path

from venolymph.body.parameter_arrays import ARRAYS
from venolymph.simulation.quantities import COORDINATES, EXCHANGES, EXTREMES, SAMPLES

REFERENCE = Path(__file__).resolve().parents[1] / "docs" / "reference"
BEGIN, END = "<!-- arrays: written by scripts/list_arrays.py -->", "<!-- end of arrays -->"


def parameters() -> str:
    """The arrays of parameters, circuit by circuit."""
    parts = []
    for circuit in dict.fromkeys(array.circuit for array in ARRAYS.values()):
        rows = [
            f"| `{name}` | {_along(array.along)} | {array.unit} | {array.title} |"
            for name, array in ARRAYS.items()
            if array.circuit == circuit
        ]
        head = "| array | along | unit | what |\n|---|---|---|---|\n"
        parts.append(f"### {circuit.title()}\n\n{head}" + "\n".join(rows))
    return "\n\n".join(parts)


def recorded() -> str:
    """Recorded quantities, table by table, and coordinates."""
    parts = []
    for title, table in (("Veins", SAMPLES), ("Tissue and lymph", EXCHANGES), ("Of each phase", EXTREMES)):
        rows = [
            f"| `{what.variable or name}` | {_along(what.dims)} | {what.unit} | {POOLED[what.pooled]} | {what.title} |"
            for name, what in table.items()
        ]
        head = "| name | along | unit | value | what |\n|---|---|---|---|---|\n"
        parts.append(f"### {title}\n\n{head}" + "\n".join(rows))
    rows = [f"| `{name}` | {_along(what.dims)} | {what.unit} | {what.title} |" for name, what in COORDINATES.items()]
    head = "| name | along | unit | what |\n|---|---|---|---|\n"
    return "\n\n".join([*parts, f"### Coordinates\n\n{head}" + "\n".join(rows)])


POOLED = {"point": "at the end", "mean": "mean", "sum": "sum", "maximum": "largest", "minimum": "smallest"}
"""How a quantity is pooled, in words."""


def _along(dims: tuple[str, ...]) -> str:
    return ", ".join(dim for dim in dims if dim != "one")


PAGES = {"parameters.md": parameters, "recorded.md": recorded}
"""What stands in each page between its marks."""


def renewed(name: str) -> str:
    """A page with the tables of today."""
    before, rest = (REFERENCE / name).read_text("utf-8").split(BEGIN)
    return f"{before}{BEGIN}\n\n{PAGES[name]()}\n\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    for page in PAGES:
        (REFERENCE / page).write_text(renewed(page), encoding="utf-8")
        print(f"written: {REFERENCE / page}")
