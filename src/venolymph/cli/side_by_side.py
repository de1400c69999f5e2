"""Findings of several runs side by side: a table at the terminal, and a page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from venolymph.cli.output import show_json, show_table, show_text
from venolymph.cli.simulating import COMPARISON
from venolymph.errors import RunError
from venolymph.simulation.files import writing

if TYPE_CHECKING:
    from venolymph.report import RunSummary
    from venolymph.report.side_by_side import Side
    from venolymph.viewer.page import MovingLeg


def show(found: Sequence[tuple[str, RunSummary, Path]], folder: Path, overwrite: bool, as_json: bool) -> None:
    """Print a table (or JSON) with a column for each member of each run and a line for each measure; write one page.

    Args:
        found: a name (a regimen's, a folder's), the summary of its run, and the run's folder.
        folder: that the page is written to.
        overwrite: whether a page that is there is replaced.
        as_json: whether to print JSON.

    Raises:
        RunError: where the folder holds a comparison already or cannot be written.
    """
    from venolymph.report.side_by_side import footnote, lines, page, sides, told

    target = folder / COMPARISON
    if target.exists() and not overwrite:
        raise RunError("there is a comparison already", place=str(target), hint="replace it with --overwrite")
    columns = sides([(name, run_summary) for name, run_summary, _ in found])
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        target.write_text(page(columns, _legs(columns, found)), encoding="utf-8")
    if as_json:
        show_json(
            {
                "page": str(target),
                "columns": [
                    {"label": one.label, "member": one.member_label, "regimen": one.run_summary.view.regimen}
                    for one in columns
                ],
                "measures": [
                    {
                        "name": first.name,
                        "unit": first.unit,
                        "published": {"low": first.low, "high": first.high} if first.published else None,
                        "values": [None if cell is None else _finite(cell.values[one.member]) for one, cell in cells],
                    }
                    for first, cells in lines(columns)
                ],
            }
        )
        return
    rows = [
        [first.name, *("" if cell is None else told(cell, one.member) for one, cell in cells), first.published]
        for first, cells in lines(columns)
    ]
    labels = [one.label for one in columns]
    show_table(["measure", *labels, "published"], rows, fold=labels)
    if note := footnote(columns):
        show_text(note)
    print(f"\npage: {target}")


def _legs(columns: Sequence[Side], found: Sequence[tuple[str, RunSummary, Path]]) -> MovingLeg | None:
    """The moving legs of the first two columns, from the folders of their runs."""
    from venolymph.simulation import open_run
    from venolymph.viewer.page import moving_leg
    from venolymph.viewer.recording import can_be_shown, record_for_page

    recordings = []
    for one in columns[:2]:  # the charts below take as much of the page as a third would
        run = open_run(next(folder for _, run_summary, folder in found if run_summary is one.run_summary))
        if not can_be_shown(run):
            return None
        recordings += [alone.named(one.label) for alone in record_for_page(run, [one.member], together=3)]
    return moving_leg(recordings, theme="light")


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
