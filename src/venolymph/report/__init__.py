"""Showing a run: one page that opens anywhere, pictures, and a summary as data.

- `write_report(run, "report.html")`: one self-contained file with charts that answer
- `write_figures(run, "figures")`: the charts as PNG and SVG
- `summary(run)`: what the run showed, as a dictionary that fits into JSON
- `write_all(run, "folder")`: all three, reading the measures only once

`summarise(run, traces)` gives what they all show, with measured traces (`venolymph.traces.read_traces`) beside it.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from venolymph.report import page, pictures, view
from venolymph.report.face import is_face
from venolymph.report.measured import Beside
from venolymph.report.run_summary import Check, MeasureRow, MemberOutcome, RunSummary, summarise
from venolymph.simulation.files import replacing, writing
from venolymph.version import version
from venolymph.viewer.page import MovingLeg, moving_leg
from venolymph.viewer.recording import can_be_shown, record_for_page

PAGE = "report.html"
"""File of a run's report in its folder."""
SUMMARY = "summary.json"
"""File of its summary there."""

__all__ = [
    "PAGE",
    "SUMMARY",
    "Check",
    "MeasureRow",
    "MemberOutcome",
    "RunSummary",
    "summarise",
    "summary",
    "write_all",
    "write_figures",
    "write_report",
]


def write_report(run: Any, path: str | os.PathLike[str], *, run_summary: RunSummary | None = None) -> Path:
    """Write a run's report: one HTML file that needs nothing else, not even a network.

    Args:
        run: the run.
        path: the file to write.
        run_summary: result of `summarise(run)`; made where it is not given.

    Returns:
        The file's path.

    Raises:
        RunError: where the run holds nothing yet or the file cannot be written.
    """
    target = Path(path)
    _write(target, page.page(run_summary or summarise(run), _moving_leg(run)))
    return target


def _moving_leg(run: Any) -> MovingLeg | None:
    """The moving legs or faces of the first two members; None where there is no run."""
    if run is None or not can_be_shown(run):
        return None
    beside_begin = {"state": {"before": 0}} if is_face(run) else {}
    return moving_leg(record_for_page(run, range(min(2, len(run.bodies)))), beside_begin, theme="light")


def write_figures(run: Any, folder: str | os.PathLike[str], *, run_summary: RunSummary | None = None) -> list[Path]:
    """Draw a run's charts as PNG and SVG into a folder.

    Args:
        run: the run.
        folder: the folder; made where it does not exist.
        run_summary: result of `summarise(run)`; made where it is not given.

    Returns:
        The files' paths.
    """
    shown = run_summary.view if run_summary else view.view(run)
    with writing(Path(folder)):
        return pictures.pictures(shown, Path(folder))


def summary(run: Any, *, run_summary: RunSummary | None = None) -> dict[str, Any]:
    """What a run showed, as a dictionary that fits into JSON (values that could not be read are null)."""
    found = run_summary or summarise(run)
    shown = found.view
    return {
        "venolymph": version(),
        "regimen": shown.regimen,
        "members": list(shown.members),
        "override": found.override,
        "changed": list(found.changed),
        "legs": found.legs or None,
        "begun_from": [dict(vars(one)) for one in found.history],
        "duration": {"value": found.duration, "unit": "s"},
        "status": [
            {
                "member": outcome.label,
                "code": "ok" if outcome.ok else "failed",
                "time": outcome.time,
                "cause": outcome.cause or None,
            }
            for outcome in found.member_outcomes
        ],
        "timeline": [
            {"what": band.label, "kind": band.kind, "start": band.start, "stop": band.stop} for band in shown.bands
        ],
        "measures": [_row(row) for row in found.rows],
        "checks": [
            {"name": check.name, "worst": _finite(check.value), "unit": check.unit, "meaning": check.meaning}
            for check in found.checks
        ],
        "gate": {label: told or None for label, told in zip(shown.members, found.gate, strict=True)},
        "beside": [_beside(one, shown.members) for one in found.beside],
        "sentences": {label: list(told) for label, told in zip(shown.members, found.sentences, strict=True)},
    }


def write_all(run: Any, folder: str | os.PathLike[str], *, run_summary: RunSummary | None = None) -> dict[str, Any]:
    """Write `report.html`, `figures/` and `summary.json` into a folder; gives the summary.

    Args:
        run: the run.
        folder: the folder, as a rule the run's own.
        run_summary: result of `summarise(run)`; made where it is not given.
    """
    target = Path(folder)
    found = run_summary or summarise(run)
    content = summary(run, run_summary=found)
    write_figures(run, target / "figures", run_summary=found)
    _write(target / SUMMARY, json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    write_report(run, target / PAGE, run_summary=found)
    return content


def _beside(one: Beside, members: Sequence[str]) -> dict[str, Any]:
    return {
        "column": one.heading,
        "unit": one.unit,
        "chart": one.panel,
        "against": one.against or None,
        "time": {"unit": "s", "values": one.time.tolist()},
        "values": one.values.tolist(),
        "simulated less measured": {
            label: {"mean": _finite(mean), "root mean square": _finite(spread)}
            for label, mean, spread in zip(members, one.apart, one.spread, strict=False)
        },
    }


def _row(row: MeasureRow) -> dict[str, Any]:
    published = None
    if row.published:
        published = {"low": row.low, "high": row.high, "population": row.population, "source": row.source}
    return {
        "name": row.name,
        "description": row.description,
        "unit": row.unit,
        "values": [_finite(value) for value in row.values],
        "published": published,
        "verdicts": list(row.verdicts) or None,
        "performed": row.performed or None,
    }


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _write(path: Path, text: str) -> None:
    """Write a text so that no half of it is ever there under its name."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as handle:
            handle.write(text.encode("utf-8"))
