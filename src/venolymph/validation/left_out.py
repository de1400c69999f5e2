"""Each `calibrate` target as the model predicts it when calibrated without it; kept by scripts/leave_one_out.py."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from venolymph.validation.targets import Target

FILE = Path(__file__).parent / "left_out.json"


def load() -> Mapping[str, Any]:
    """By part (veins, tissue), what was found: targets, knobs, Fisher matrix; empty where nothing is kept."""
    return json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}


def lines(parts: Mapping[str, Any], known: Mapping[str, Target]) -> list[str]:
    """The section of the page, as lines of Markdown; none where nothing is kept.

    Args:
        parts: what was found, as `load` gives it.
        known: the targets that the page speaks of, by name.
    """
    rows, good, everything = [], 0, 0
    for part in parts.values():
        for one in part["targets"]:
            if one["id"] not in known:
                continue
            target = known[one["id"]]
            met = _within(target.low, one["without"], target.high)
            good, everything = good + met, everything + 1
            outcome = "in range" if met else "**out of range**"
            span = f"{target.low:g} to {target.high:g} ({target.value:g})"
            rows.append(
                f"| `{target.id}` | {one['with']:g} | {one['without']:g} | {span} | {target.unit} | {outcome} |"
            )
    if not rows:
        return []
    found = [
        f"{good} of {everything} `calibrate` targets in range when they are left out of the calibration.",
        "",
        "| target | with it | without it | published | unit | verdict without it |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
        "What the targets tell of each knob: the standard deviation of its logarithm before and after, and the Fisher",
        "matrix of the targets in units of the priors' (on the diagonal, below 1 the prior rules and not the targets).",
        "",
    ]
    for name, part in parts.items():
        found += [
            f"| knob of {name} | before | after | " + " | ".join(str(k + 1) for k in range(len(part["knobs"]))) + " |",
            "|---|---|---|" + "---|" * len(part["knobs"]),
        ]
        for number, (knob, row) in enumerate(zip(part["knobs"], part["fisher"], strict=True), 1):
            values = " | ".join(f"{value:.3g}" for value in row)
            found.append(f"| {number}. {knob['name']} | {knob['prior']:g} | {knob['left']:g} | {values} |")
        found.append("")
    return found


def _within(low: Any, value: float, high: Any) -> bool:
    return low <= value <= high
