"""Findings of several runs or people side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from venolymph.cli.output import show_json, show_table

if TYPE_CHECKING:
    from venolymph.report import Findings, Row


def show(found: Sequence[tuple[str, Findings]], as_json: bool) -> None:
    """Print a table (or JSON) with a column for each member of each run and a line for each measure.

    Args:
        found: a name (a regimen's, a folder's) and its findings.
        as_json: whether to print JSON.
    """
    columns = _columns(found)
    names: list[str] = []
    for _, findings in found:
        names += [row.name for row in findings.rows if row.name not in names]
    lines = []
    for name in names:
        cells = [_cell(findings, name, member) for _, findings, member in columns]
        first = next(row for _, findings in found for row in findings.rows if row.name == name)
        lines.append((first, cells))
    if as_json:
        show_json(
            {
                "columns": [
                    {"label": label, "member": findings.view.members[member], "regimen": findings.view.regimen}
                    for label, findings, member in columns
                ],
                "measures": [
                    {
                        "name": first.name,
                        "unit": first.unit,
                        "published": {"low": first.low, "high": first.high} if first.published else None,
                        "values": [None if cell is None else _finite(cell[0].values[cell[1]]) for cell in cells],
                    }
                    for first, cells in lines
                ],
            }
        )
        return
    rows = [
        [first.name, *("" if cell is None else _told(*cell) for cell in cells), first.published]
        for first, cells in lines
    ]
    heads = [label for label, _, _ in columns]
    show_table(["measure", *heads, "published"], rows, fold=heads)


def _columns(found: Sequence[tuple[str, Findings]]) -> list[tuple[str, Findings, int]]:
    """A column for each member of each run, under a heading that tells it from the others."""
    several = len(found) > 1
    columns = []
    for name, findings in found:
        for member, label in enumerate(findings.view.members):
            heading = label
            if several:
                heading = f"{label}, {Path(name).name}" if len(findings.view.members) > 1 else Path(name).name
            columns.append((heading, findings, member))
    plain = [heading for heading, _, _ in columns]
    return [
        (heading if plain.count(heading) == 1 else f"{heading} ({number})", findings, member)
        for number, (heading, findings, member) in enumerate(columns, 1)
    ]


def _cell(findings: Findings, name: str, member: int) -> tuple[Row, int] | None:
    """The row of a measure where the run holds it, with the member's number."""
    return next(((row, member) for row in findings.rows if row.name == name), None)


def _told(row: Row, member: int) -> str:
    short = {"in the range": "in", "below the range": "below", "above the range": "above"}
    text = row.text(member)
    if row.verdicts and row.verdicts[member] in short:
        text += f" ({short[row.verdicts[member]]})"
    return text


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
