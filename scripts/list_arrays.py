"""Write the tables of parameters into docs/reference/parameters.md, between the two marks there."""

from __future__ import annotations

from pathlib import Path

from venolymph.body.parameter_arrays import ARRAYS

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


def _along(dims: tuple[str, ...]) -> str:
    return ", ".join(dim.replace("_", " ") for dim in dims if dim != "one")


PAGES = {"parameters.md": parameters}
"""What stands in each page between its marks."""


def renewed(name: str) -> str:
    """A page with the tables of today."""
    before, rest = (REFERENCE / name).read_text("utf-8").split(BEGIN)
    return f"{before}{BEGIN}\n\n{PAGES[name]()}\n\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    for page in PAGES:
        (REFERENCE / page).write_text(renewed(page), encoding="utf-8")
        print(f"written: {REFERENCE / page}")
