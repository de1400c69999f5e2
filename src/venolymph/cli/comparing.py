"""Findings of several runs or people side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from venolymph.cli.output import say, show_json, show_table
from venolymph.errors import RunError
from venolymph.simulation.files import write_json, writing

if TYPE_CHECKING:
    from venolymph.body.person import Person
    from venolymph.regimen import Regimen
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


COURSE = 900.0
"""From so many seconds on a regimen is a course, whose effect and its fading are looked at."""


def is_course(regimen: Regimen) -> bool:
    """Whether a regimen is looked at as a course: whether it is long, or holds massage."""
    return bool(regimen.massages) or regimen.lasts >= COURSE


def courses(
    people: Sequence[Person],
    regimens: Sequence[Regimen],
    folder: Path,
    overwrite: bool,
    spread: bool,
    override: str | None,
    as_json: bool,
) -> None:
    """Compare courses, print a table for each person (or JSON), and write one page.

    Args:
        people: to take through them.
        regimens: the first is what the others are compared with.
        folder: that the page and the numbers are written to.
        overwrite: whether a page that is there is replaced.
        spread: whether massage is simulated with other depths too.
        override: recorded reason for simulating what would be refused.
        as_json: whether to print JSON.

    Raises:
        RunError: where the folder holds something already or cannot be written.
    """
    from venolymph.comparison import compare, page
    from venolymph.comparison.words import heads, rows
    from venolymph.plan.gate import gate

    target = folder / "courses.html"
    if target.exists() and not overwrite:
        raise RunError("there is a comparison already", place=str(target), hint="replace it with --overwrite")
    for who in people:  # before the first of them is simulated
        for regimen in regimens:
            gate(who, regimen, override)
    found = []
    for who in people:
        say(f"{who.label}: {len(regimens)} courses, each followed by two hours of sitting")
        found.append(compare(who, regimens, spread=spread, research_override=override, progress=say))
    content = {"people": [effects.to_json() for effects in found]}
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / "courses.json", content)
        target.write_text(page(found), encoding="utf-8")
    if as_json:
        show_json(content)
        return
    for effects in found:
        columns = heads(effects)
        if effects.uneven:
            print(f"{effects.uneven}\n")
        for course in effects.courses[1:]:
            print(f"{effects.person}: {course.regimen}, compared with {effects.reference.regimen}")
            show_table(columns, rows(effects, course), fold=columns[1:])
            print()
    print("Simulated, not measured. For research and education; not a medical device.")
    print(f"page: {target}")


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
