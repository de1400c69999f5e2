"""Verdicts as a page of the documentation and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from venolymph.validation.run import Verdict

_HEAD = """# Validation

What the model predicts beside what has been published. This page is written by `venolymph validate`.

A target is `in range` where the prediction lies in the published range, `out of range` where it does not (or where
nothing could be read), and `not yet` where it needs a part of the model that is not built. Targets marked `calibrate`
set parameters (`scripts/calibrate.py`, `scripts/calibrate_tissue.py`); those marked `check` are not fitted here. They
are weak evidence all the same: many figures start from an earlier small model that was tuned on nearly all of these
targets.

"""


def as_json(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """A list of `{id, predicted, low, high, unit, use, verdict}`."""
    return [verdict.as_dict() for verdict in verdicts]


def markdown(verdicts: Sequence[Verdict]) -> str:
    """The page: a summary, the targets that were run, the notes, and what is not there yet."""
    run = [verdict for verdict in verdicts if verdict.verdict != "not yet"]
    waiting = [verdict for verdict in verdicts if verdict.verdict == "not yet"]
    lines = [_HEAD, _summary(run), ""]
    failing = [verdict for verdict in run if verdict.verdict == "out of range"]
    if failing:
        lines += ["**Out of range:** " + ", ".join(f"`{verdict.id}`" for verdict in failing) + ".", ""]
    if run:
        lines += [
            "| target | person | predicted | published | unit | verdict | use | source |",
            "|---|---|---|---|---|---|---|---|",
        ]
        lines += [_row(verdict) for verdict in run]
        lines += ["", "## What was done and read", ""]
        lines += [_what(verdict) for verdict in run]
    if waiting:
        lines += [
            "",
            "## Not yet",
            "",
            "| target | needs | published | unit | use | source |",
            "|---|---|---|---|---|---|",
        ]
        lines += [
            f"| `{v.id}` | {v.target.needs} | {published(v)} | {v.target.unit} | {v.target.use} | {v.target.source} |"
            for v in waiting
        ]
    return "\n".join(lines) + "\n"


def write_report(verdicts: Sequence[Verdict], path: str | Path = "docs/validation.md") -> Path:
    """Writes the page.

    Returns:
        Where it was written.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(markdown(verdicts), "utf-8")
    return path


def published(verdict: Verdict) -> str:
    """The published range and its centre, as text."""
    target = verdict.target
    if target.low is None or target.high is None:
        return "no range"
    centre = "" if target.value is None else f" ({number(target.value)})"
    return f"{number(target.low)} to {number(target.high)}{centre}"


def number(value: float | None) -> str:
    """A number to three figures, as people write it; a dash for none."""
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _summary(run: Sequence[Verdict]) -> str:
    parts = []
    for use in ("calibrate", "check"):
        of_use = [verdict for verdict in run if verdict.target.use == use]
        good = sum(verdict.verdict == "in range" for verdict in of_use)
        parts.append(f"{good} of {len(of_use)} `{use}` targets in range")
    return "; ".join(parts) + "."


def _row(verdict: Verdict) -> str:
    target = verdict.target
    outcome = "in range" if verdict.verdict == "in range" else "**out of range**"
    return (
        f"| `{verdict.id}` | {target.person} | {number(verdict.predicted)} | {published(verdict)} | {target.unit} "
        f"| {outcome} | {target.use} | {target.source} |"
    )


def _what(verdict: Verdict) -> str:
    target = verdict.target
    note = f" ({verdict.note})" if verdict.note else ""
    return f"- `{verdict.id}`: {target.protocol}; {target.measure}{note}"
