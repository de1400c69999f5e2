"""Verdicts as a page of the documentation and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from venolymph.simulation.alike import MEMBERS
from venolymph.validation import left_out
from venolymph.validation.run import Verdict, fits
from venolymph.validation.targets import Target

DIRECTIONS = {1: "rises", -1: "falls", 0: "stays"}
"""How a published direction is shown."""
_HEAD = f"""# Validation

What the model predicts beside what has been published. This page is written by `venolymph validate`.

A target is `in range` where the prediction lies in the published range, `out of range` where it does not (or where
nothing could be read), and `not yet` where its protocol cannot be performed yet. Where a target has several numbers
they stand in the order of its source, a `/` between them, and all of them have to be in range; those that are not are
bold. Where a direction alone was published, `rises`, `falls` or `stays` stands in place of a range, and less than 5 %
of change counts as none. What hangs on when lymphatics contract is the mean of {MEMBERS} legs that are alike but for
chance; the least and the greatest stand in brackets where they differ in what is shown. Targets marked `calibrate`
set parameters (`scripts/calibrate.py`, `calibrate_tissue.py` and `calibrate_wall.py` beside it); those marked
`check` are not fitted here. They are weak evidence all the same: many figures start from an earlier small model that
was tuned on nearly all of these targets.

"""
_LEFT_OUT = """A target that sets figures is met because it sets them. What the model predicts of it when calibrated by
the others alone is the honest score (`scripts/leave_one_out.py`)."""


def as_json(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """A list of `{id, predicted, value, low, high, unit, use, verdict, met, least, greatest}`."""
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
        if kept := each_left_out(left_out.load(), {verdict.id: verdict.target for verdict in run}):
            lines += ["", "## Each target left out", "", _LEFT_OUT, "", *kept]
        lines += ["", "## What was done and read", ""]
        lines += [_what(verdict) for verdict in run]
    if waiting:
        lines += [
            "",
            "## Not yet",
            "",
            "| target | why | published | unit | use | source |",
            "|---|---|---|---|---|---|",
        ]
        lines += [
            f"| `{v.id}` | {v.note} | {published(v.target)} | {v.target.unit} | {v.target.use} | {v.target.source} |"
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


def published(target: Target) -> str:
    """The published range and its centre, as text; those of several parts with a `/` between."""
    if target.unit == "order":
        return "in this order"
    if target.by_direction:
        return " / ".join(DIRECTIONS[one] for one in _listed(target.value))
    if target.parts:
        return " / ".join(_range(part.low, part.high, part.value) for part in target.parts)
    low, high, values = (_listed(given) for given in (target.low, target.high, target.value))
    if len(low) != len(high) or len(values) != len(low):
        values = (None,) * len(low)
    return " / ".join(_range(*ends) for ends in zip(low, high, values, strict=True))


def _listed(given: Any) -> tuple[Any, ...]:
    return given if isinstance(given, tuple) else (given,)


def predicted(verdict: Verdict, mark: str = "") -> str:
    """What the model gives, as text; `mark` is put around parts that are out of range.

    In brackets: the least and the greatest of legs that are alike but for chance, where it shows that they differ.
    """
    found, *ends = (_listed(given) for given in (verdict.predicted, verdict.least, verdict.greatest))
    if len(found) == 1:
        return _spread(found[0], *(one[0] for one in ends))
    least, greatest = (one if len(one) == len(found) else (None,) * len(found) for one in ends)
    shown = [_spread(*each) for each in zip(found, least, greatest, strict=True)]
    return " / ".join(one if met else f"{mark}{one}{mark}" for one, met in zip(shown, verdict.met, strict=True))


def _spread(value: float | None, least: float | None, greatest: float | None) -> str:
    ends = [number(least), number(greatest)]
    return number(value) if ends[0] == ends[1] else f"{number(value)} ({ends[0]} to {ends[1]})"


def number(value: float | None) -> str:
    """A number to three figures, as people write it; a dash for none."""
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _range(low: float | None, high: float | None, value: Any) -> str:
    centre = f" ({number(value)})" if isinstance(value, float | int) else ""
    if low is None and high is None:
        return centre.strip(" ()") or "no range"
    if low is None:
        return f"up to {number(high)}{centre}"
    return f"from {number(low)}{centre}" if high is None else f"{number(low)} to {number(high)}{centre}"


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
        f"| `{verdict.id}` | {target.person} | {predicted(verdict, '**')} | {published(target)} | {target.unit} "
        f"| {outcome} | {target.use} | {target.source} |"
    )


def each_left_out(parts: Mapping[str, Any], known: Mapping[str, Target]) -> list[str]:
    """What the model predicts of targets when it is calibrated without them, as lines of Markdown.

    Args:
        parts: what was found, as `left_out.load` gives it.
        known: the targets that the page speaks of, by name.

    Returns:
        The lines; none where none of these targets is among what was found.
    """
    shown = {name: [one for one in part["targets"] if one["id"] in known] for name, part in parts.items()}
    rows, met = [], 0
    for one in (one for targets in shown.values() for one in targets):
        target = known[one["id"]]
        inside = fits(target, target.parts[0], one["without"])
        met += inside
        rows.append(
            f"| `{target.id}` | {number(one['with'])} | {number(one['without'])} | {published(target)} | {target.unit} "
            f"| {'in range' if inside else '**out of range**'} |"
        )
    if not rows:
        return []
    lines = [
        f"{met} of {len(rows)} `calibrate` targets in range when they are left out of the calibration.",
        "",
        "| target | with it | without it | published | unit | verdict without it |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
        "What the targets tell of each knob: the standard deviation of its logarithm before and after, and the Fisher",
        "matrix of the targets in units of the priors' (on the diagonal, below 1 the prior rules and not the targets).",
    ]
    for name in (name for name, targets in shown.items() if targets):
        lines += ["", *_knobs(name, parts[name])]
    return lines


def _knobs(name: str, part: Mapping[str, Any]) -> list[str]:
    columns = [str(number) for number in range(1, len(part["knobs"]) + 1)]
    lines = [f"| knob of {name} | before | after | {' | '.join(columns)} |", "|---|---|---|" + "---|" * len(columns)]
    for column, knob, row in zip(columns, part["knobs"], part["fisher"], strict=True):
        values = " | ".join(f"{value:.3g}" for value in row)
        lines.append(f"| {column}. {knob['name']} | {knob['prior']:g} | {knob['left']:g} | {values} |")
    return lines


def _what(verdict: Verdict) -> str:
    target = verdict.target
    note = f" ({verdict.note})" if verdict.note else ""
    return f"- `{verdict.id}`: {target.protocol}; {target.measure}{note}"
