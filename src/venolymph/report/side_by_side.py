"""Runs side by side: one page that opens offline, with what was read in each and their charts on the same axes."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from venolymph.report.page import stylesheet
from venolymph.report.pictures import STYLE, backdrop, draw
from venolymph.report.run_summary import MeasureRow, RunSummary
from venolymph.viewer.page import POLICY, MovingLeg
from venolymph.viewer.recording import NOTICE

_POINTS = 600
"""Points of a line in a small chart."""
_TENTHS = re.compile(r"(\.\d)\d+")
_ACROSS = 3
"""Charts in a row."""


@dataclass(frozen=True)
class Side:
    """One member of one run, as a column.

    Attributes:
        label: heading that tells it from the others.
        run_summary: summary of its run.
        member: its number in the run.
    """

    label: str
    run_summary: RunSummary
    member: int

    @property
    def member_label(self) -> str:
        """The member as its run calls it."""
        return self.run_summary.view.members[self.member]


def sides(found: Sequence[tuple[str, RunSummary]]) -> list[Side]:
    """A column for each member of each run.

    Args:
        found: a name (a regimen's, a folder's) and the summary of each run.
    """
    columns = []
    for name, run_summary in found:
        members = run_summary.view.members
        for member, label in enumerate(members):
            heading = label
            if len(found) > 1:
                heading = f"{label}, {Path(name).name}" if len(members) > 1 else Path(name).name
            columns.append(Side(heading, run_summary, member))
    plain = [one.label for one in columns]
    return [
        one if plain.count(one.label) == 1 else Side(f"{one.label} ({number})", one.run_summary, one.member)
        for number, one in enumerate(columns, 1)
    ]


def lines(columns: Sequence[Side]) -> list[tuple[MeasureRow, list[tuple[Side, MeasureRow | None]]]]:
    """A line for each measure: the first row that has it, and each column with its row where it has one."""
    found: dict[str, tuple[MeasureRow, list[tuple[Side, MeasureRow | None]]]] = {}
    for one in columns:
        for row in one.run_summary.rows:
            if row.name not in found:
                cells = [(other, _row(other, row.name)) for other in columns]
                found[row.name] = (row, cells)
    return list(found.values())


def _row(column: Side, name: str) -> MeasureRow | None:
    return next((row for row in column.run_summary.rows if row.name == name), None)


def told(row: MeasureRow, member: int) -> str:
    """A value in words, with where it lies beside the published range; a star where `footnote` speaks of it."""
    short = {"in the range": "in", "below the range": "below", "above the range": "above"}
    text = row.value_text(member) + ("*" if row.performed else "")
    if row.verdicts and row.verdicts[member] in short:
        text += f" ({short[row.verdicts[member]]})"
    return text


def footnote(columns: Sequence[Side]) -> str:
    """What the stars in a table stand for; empty where there are none."""
    rows = [row for _, cells in lines(columns) for _, row in cells if row is not None and row.performed]
    done = ", ".join(dict.fromkeys(row.performed for row in rows))
    return f"* read after the run, in a manoeuvre of its own: {done}" if done else ""


def page(columns: Sequence[Side], leg: MovingLeg | None = None) -> str:
    """The page.

    Args:
        columns: what stands side by side.
        leg: the moving legs of the first two of them; None: there are none.
    """
    moving = leg or MovingLeg("", "", "")
    title = "Side by side: " + ", ".join(one.label for one in columns)
    parts = [
        f"<header class=page><h1>{escape(title)}</h1><p class=notice>{escape(NOTICE)}</p>",
        *_warnings(columns),
        *(_lead(one) for one in columns[:2] if leg),
        "</header>",
        f"<div class=wide>{moving.body}</div>" if leg else "",
    ]
    parts += ["<main class=page><h2>In short</h2>", *map(_short, columns)]
    parts += ["<h2>What was read, beside what has been published</h2>", _table(columns)]
    parts += [f"<p class=soft>{escape(note)}</p>"] if (note := footnote(columns)) else []
    parts.append(
        "<h2>Over time</h2><p class=soft>A pale band holds swings too fast to draw; the line is their mean.</p>"
    )
    keys = dict.fromkeys(panel.key for one in columns for panel in one.run_summary.view.panels)
    parts += [_charts(columns, key) for key in keys]
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>{escape(title)}</title>'
        f"<style>{stylesheet()} figure svg {{ width: 100%; height: auto; }} figure {{ margin: 0; }}"
        f"{moving.style}</style></head><body>{''.join(parts)}</main>{moving.scripts}</body></html>\n"
    )


def _warnings(columns: Sequence[Side]) -> list[str]:
    parts = []
    for one in columns:
        outcome, reason = one.run_summary.member_outcomes[one.member], one.run_summary.override
        if not outcome.ok:
            parts.append(
                f"<p class='notice failed'>{escape(one.label)} did not go to its end: {escape(outcome.cause)}</p>"
            )
        if reason is not None:
            text = f"{one.label} was simulated for this recorded reason: {reason}"
            parts.append(f"<p class='notice failed'>{escape(text)}</p>")
    return parts


def _lead(column: Side) -> str:
    """What happened in a column, in short."""
    return f"<p class=lead><b>{escape(column.label)}</b>: {escape(column.run_summary.lead[column.member])}</p>"


def _short(column: Side) -> str:
    items = "".join(f"<li>{escape(text)}</li>" for text in column.run_summary.sentences[column.member])
    return f"<h3>{escape(column.label)}</h3><ul class=short>{items}</ul>"


def _table(columns: Sequence[Side]) -> str:
    head = "".join(f"<th scope=col>{escape(one.label)}</th>" for one in columns)
    body = []
    for first, cells in lines(columns):
        values = "".join(f"<td>{'' if row is None else escape(told(row, one.member))}</td>" for one, row in cells)
        body.append(f"<tr><th scope=row>{escape(first.name)}</th>{values}<td>{escape(first.published)}</td></tr>")
    return (
        f"<div class=scroll><table><thead><tr><th scope=col>measure</th>{head}<th scope=col>published</th></tr></thead>"
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


def _charts(columns: Sequence[Side], key: str) -> str:
    """One panel of all that have it, on one scale, as SVG."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    held = [(one, one.run_summary.view.panel[key]) for one in columns if key in one.run_summary.view.panel]
    across = min(len(held), _ACROSS)
    down = -(-len(held) // across)
    with rc_context(STYLE):
        figure = Figure(figsize=(4.2 * across, 2.9 * down + 0.6))
        axes = figure.subplots(down, across, sharey=True, squeeze=False).ravel()
        for axis, (one, panel) in zip(axes, held, strict=False):
            backdrop(axis, one.run_summary.view)
            draw(axis, one.run_summary.view, panel, one.member, _POINTS)
            axis.set_title(one.label, loc="left")
        for axis in axes[len(held) :]:
            axis.set_visible(False)
        panel = held[0][1]
        figure.supylabel(panel.unit, fontsize=9)
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=8)
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": "venolymph"})
    drawn = re.sub(r"^.*?<svg", "<svg", stream.getvalue(), count=1, flags=re.DOTALL)
    # a tenth of a point is finer than any screen; more digits are most of the page
    drawn = re.sub(r' d="[^"]*"', lambda path: re.sub(r"\s*\n(\w) ", r"\1", _TENTHS.sub(r"\1", path[0])), drawn)
    return f"<h3>{escape(panel.title)}</h3><p class=note>{escape(panel.note)}</p><figure>{drawn}</figure>"
