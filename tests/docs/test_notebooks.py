"""The tutorial's notebooks were executed without an error, run today, and say what the program says."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "tutorial" / "notebooks"
LARGEST = 3_500_000
"""Bytes of a notebook: it may hold one moving leg or two."""


def cells(name: str) -> list[dict[str, Any]]:
    """Code cells of a notebook."""
    content = json.loads((FOLDER / f"{name}.ipynb").read_text("utf-8"))
    return [cell for cell in content["cells"] if cell["cell_type"] == "code"]


def said(name: str) -> str:
    """What cells printed when the notebook was executed."""
    streams = [one for cell in cells(name) for one in cell["outputs"] if one["output_type"] == "stream"]
    return "".join("".join(one["text"]) for one in streams)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_cell_was_executed_and_nothing_of_the_machine_is_kept(path: Path) -> None:
    text = path.read_text("utf-8")
    for cell in cells(path.stem):
        assert cell["execution_count"]
        assert not [one for one in cell["outputs"] if one["output_type"] == "error"]
    assert len(text) < LARGEST
    assert not re.search(r"/(home|root|work|Users)/", text)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["first-run", "what-a-stocking-does"])
def test_it_runs_and_prints_what_is_kept(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {"__name__": "notebook"}
    for cell in cells(name):
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, name, "exec"), names)
        if isinstance(last, ast.Expr):
            shown = eval(compile(ast.Expression(last.value), name, "eval"), names)
            kinds = {kind for one in cell["outputs"] for kind in one.get("data", {})}
            assert "text/html" not in kinds or shown._repr_html_()
            assert "image/png" not in kinds or shown._repr_png_()
    assert capsys.readouterr().out == said(name)


def test_the_derivative_is_the_difference() -> None:
    found = re.search(r"derivative (\S+), difference (\S+) mmHg", said("a-leak-and-a-gradient"))
    assert found
    slope, difference = map(float, found.groups())
    assert slope > 1.0
    assert slope == pytest.approx(difference, rel=0.02)
