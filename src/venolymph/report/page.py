"""The report as one self-contained page: text, table and charts, nothing fetched from anywhere."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib import resources
from typing import Any

import numpy as np

from venolymph.html_document import html_document
from venolymph.numbers import clock, number, unit_text
from venolymph.report.chart_data import MEMBERS, chart_data
from venolymph.report.run_summary import MeasureRow, RunSummary
from venolymph.report.view import View
from venolymph.version import version
from venolymph.viewer.page import POLICY, MovingLeg, packed
from venolymph.viewer.recording import NOTICE

_CHARTS = """\
<div id="controls" class="screen">
<div class="row">
<label>Go to <select id="jump"><option value="">the whole run</option></select></label>
<button type="button" id="in">Zoom in</button>
<button type="button" id="out">Zoom out</button>
<button type="button" id="all">Whole run</button>
<span id="who"></span>
<span class="soft">Drag across a chart to zoom, double click for the whole run. A pale band holds
swings too fast to draw; the line in it is their mean.</span>
<span id="now" class="soft"></span>
</div>
<div id="timeline" role="group" aria-label="What was done when"></div>
</div>
<div id="charts"></div>
<div id="tip"></div>
<div id="spoken" class="hidden" aria-live="polite"></div>
<svg id="svg" hidden></svg>
"""
"""Where the charts are drawn, with the buttons above them."""


def page(run_summary: RunSummary, leg: MovingLeg | None = None) -> str:
    """The page as text of HTML.

    Args:
        run_summary: what it says.
        leg: the moving leg, which it begins with; None: there is none.
    """
    shown = run_summary.view
    title = f"{', '.join(shown.members[:3])}{' and others' if len(shown.members) > 3 else ''}: {shown.regimen}"
    data = json.dumps(chart_data(shown), separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    moving = leg or MovingLeg("", "", "")
    body = f"""<header class="page">
<h1>{escape(title)}</h1>
<p class="soft">Venous drainage of {escape(run_summary.part)}, simulated by venolymph {escape(version())}. \
{escape(clock(run_summary.duration))} of simulated time, {_count(len(shown.members), "person", "people")}.</p>
<p class="notice">{escape(NOTICE)}</p>
{"".join(_first(run_summary, leg is not None))}</header>
{f"<div class='wide'>{moving.body}</div>" if leg else ""}
<main class="page">
<h2>In short</h2>
{_sentences(run_summary)}
<h2>What was read, beside what has been published</h2>
{_measures(run_summary.rows, shown.members)}
<h2>Over time</h2>
<noscript><p class="notice failed">The charts need JavaScript, which is switched off here. The tables below need none.\
</p></noscript>
{_left_out(shown)}{_CHARTS}{_numbers(shown)}
<h2>What was done</h2>
{_timeline(shown)}
<h2>How exact the computation was</h2>
{_checks(run_summary)}
<h2>What it was made from</h2>
{_documents(run_summary)}
</main>
<footer class="page">
<p class="soft">{escape(NOTICE)} Published ranges are from the sources named in the table and describe the people who
were measured there. A value outside a range is a statement about the model as much as about the body.</p>
</footer>
<script type="application/gzip" id="data">{packed(data.encode("utf-8"))}</script>
{moving.scripts}
<script>
{_asset("report.js")}</script>
"""
    return html_document(title, body, style=stylesheet() + moving.style, policy=POLICY)


def stylesheet() -> str:
    """How pages look."""
    return _asset("report.css")


def _asset(name: str) -> str:
    return resources.files("venolymph.report").joinpath("assets", name).read_text(encoding="utf-8")


def _lines(parts: Any) -> str:
    return "\n".join(parts)


def as_html(text: str) -> str:
    """Text as HTML; commands stand between back ticks."""
    return re.sub(r"`([^`<>]+)`", r"<code>\1</code>", escape(text))


def as_items(lines: Iterable[str]) -> str:
    """Lines as items of a list in HTML."""
    return "".join(f"<li>{as_html(line)}</li>" for line in lines)


def override_notice(reason: str | None) -> str:
    """What a page says of somebody who was simulated though they would be refused; empty where there is no reason."""
    if reason is None:
        return ""
    return f'<p class="notice failed">{escape(f"Would be refused, and was simulated for this reason: {reason}")}</p>\n'


def _count(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _sentences(run_summary: RunSummary) -> str:
    parts = []
    for label, told in zip(run_summary.view.members, run_summary.sentences, strict=True):
        heading = f"<h3>{escape(label)}</h3>" if len(run_summary.sentences) > 1 else ""
        parts.append(f'<div>{heading}<ul class="short">{as_items(told)}</ul></div>')
    columns = " two" if len(parts) > 1 else ""
    return f'<div class="columns{columns}">\n{_lines(parts)}\n</div>'


def _first(run_summary: RunSummary, moving: bool) -> Iterator[str]:
    """What stands above all else: what has to be known of the run, and where the leg moves what happened in short."""
    if moving:
        yield _lead(run_summary)
    yield from (part(run_summary) for part in (_begun_from, _legs, _gate, _changed, _failures))


def _lead(run_summary: RunSummary) -> str:
    """What happened to each of those who are shown moving, in short."""
    told = list(zip(run_summary.view.members, run_summary.lead, strict=True))[:2]
    return "".join(f'<p class="lead"><b>{escape(label)}</b>: {as_html(text)}</p>\n' for label, text in told if text)


def _begun_from(run_summary: RunSummary) -> str:
    """From which run it goes on."""
    return f'<p class="notice">{escape(run_summary.begun_from)}</p>\n' if run_summary.begun_from else ""


def _legs(run_summary: RunSummary) -> str:
    """Which leg is which, where both are in full."""
    return f'<p class="notice">{escape(run_summary.legs)}</p>\n' if run_summary.legs else ""


def _gate(run_summary: RunSummary) -> str:
    """Why a treatment was simulated; where one would have been refused, for what reason it was all the same."""
    told = dict.fromkeys(text for text in run_summary.gate if text)
    reason = run_summary.override
    if reason is not None and not any(reason in text for text in told):
        needed = "Would be refused, and was simulated for this reason"
        told[f"{'A reason was recorded that was not needed' if told else needed}: {reason}"] = None
    refused = "" if run_summary.override is None else " failed"
    return "".join(f'<p class="notice{refused}">{as_html(text)}</p>\n' for text in told)


def _changed(run_summary: RunSummary) -> str:
    """That what is shown was made from other documents than the folder holds."""
    if not run_summary.changed:
        return ""
    names = escape(", ".join(run_summary.changed))
    return (
        f'<p class="notice failed">Changed in the folder since the run began: {names}. '
        "What is shown was made from what they were before.</p>\n"
    )


def _failures(run_summary: RunSummary) -> str:
    parts = []
    for outcome in run_summary.member_outcomes:
        if not outcome.ok:
            when = "" if outcome.time is None else f" at {clock(outcome.time)}"
            why = f": {outcome.cause}" if outcome.cause else ""
            parts.append(f'<p class="notice failed"><b>{escape(outcome.label)}</b> stopped{escape(when + why)}.</p>\n')
    return "".join(parts)


def _left_out(shown: View) -> str:
    if len(shown.members) <= MEMBERS:
        return ""
    return f'<p class="soft">The charts show the first {MEMBERS} of {len(shown.members)} people.</p>\n'


def _measures(rows: Sequence[MeasureRow], members: Sequence[str]) -> str:
    if not rows:
        return "<p>This regimen holds no manoeuvre that a measure is read from.</p>"
    several = len(members) > 1
    heads = "".join(f"<th scope='col'>{escape(label)}</th>" for label in members) if several else "<th>read here</th>"
    lines = []
    for row in rows:
        cells = []
        for member in range(len(members)):
            text = escape(row.text(member))
            if row.verdicts:
                word = row.verdicts[member]
                text += f'<br><span class="{word.split()[0]}">{escape(word)}</span>'
            cells.append(f'<td class="number">{text}</td>')
        title = f' title="{escape(row.description)}"' if row.description else ""
        source = escape("; ".join(part for part in (row.population, row.source) if part))
        lines.append(
            f"<tr><th scope='row'{title}>{escape(row.name)}</th>{''.join(cells)}"
            f'<td class="number">{escape(row.published) or "none"}</td><td class="soft">{source}</td></tr>'
        )
    return (
        '<div class="scroll"><table id="measures"><thead><tr><th scope="col">measure</th>'
        f"{heads}<th scope='col'>published</th><th scope='col'>in whom, where</th></tr></thead>"
        f"<tbody>\n{_lines(lines)}\n</tbody></table></div>"
    )


def _timeline(shown: View) -> str:
    rows = [
        f"<tr><td class='number'>{escape(clock(band.start))}</td><td class='number'>"
        f"{escape(clock(band.stop - band.start))}</td><td>{escape(band.label)}</td></tr>"
        for band in shown.bands[:200]
    ]
    more = f"<p class='soft'>and {len(shown.bands) - 200} more</p>" if len(shown.bands) > 200 else ""
    return (
        "<div class='scroll'><table><thead><tr><th scope='col'>from</th><th scope='col'>for</th>"
        f"<th scope='col'>what</th></tr></thead><tbody>\n{_lines(rows)}\n</tbody></table></div>{more}"
    )


def _numbers(shown: View) -> str:
    """The charts' values at the end of each stretch of the timeline, for reading without a chart."""
    ends = [int(np.searchsorted(shown.time, band.stop - 1e-9)) for band in shown.bands[:60]]
    ends = [min(end, len(shown.time) - 1) for end in ends]
    parts = []
    for panel in shown.panels:
        for member, label in enumerate(shown.members[:MEMBERS]):
            who = f", {label}" if len(shown.members) > 1 else ""
            head = "".join(f"<th scope='col'>{escape(series.name)}</th>" for series in panel.series)
            rows = [
                f"<tr><td class='number'>{escape(clock(band.stop))}</td><td>{escape(band.label)}</td>"
                + "".join(
                    f"<td class='number'>{_value(float(series.values[end, member]))}</td>" for series in panel.series
                )
                + "</tr>"
                for band, end in zip(shown.bands, ends, strict=False)
            ]
            parts.append(
                f"<h3>{escape(panel.title)}{escape(who)} ({escape(panel.unit)})</h3><div class='scroll'><table><thead>"
                f"<tr><th scope='col'>time</th><th scope='col'>at the end of</th>{head}</tr></thead><tbody>"
                f"{''.join(rows)}</tbody></table></div>"
            )
    return f"<details><summary>The charts as tables</summary>{''.join(parts)}</details>"


def _value(value: float) -> str:
    return "no value" if math.isnan(value) else number(round(value, 3))


def _checks(run_summary: RunSummary) -> str:
    member_outcomes = _lines(
        f"<li>{escape(outcome.label)}: "
        + ("went to its end" if outcome.ok else escape(f"stopped at {clock(outcome.time or 0.0)}: {outcome.cause}"))
        + "</li>"
        for outcome in run_summary.member_outcomes
    )
    rows = _lines(
        f"<tr><th scope='row'>{escape(check.name)}</th><td class='number'>{escape(_small(check.value))}"
        f"{escape(unit_text(check.unit))}</td><td class='soft'>{escape(check.meaning)}</td></tr>"
        for check in run_summary.checks
    )
    table = f"<table><tbody>\n{rows}\n</tbody></table>" if rows else ""
    return f"<ul>{member_outcomes}</ul>{table}"


def _documents(run_summary: RunSummary) -> str:
    return _lines(
        f"<details><summary>{escape(name)}</summary><pre>{escape(text)}</pre></details>"
        for name, text in run_summary.documents
    )


def _small(value: float) -> str:
    return "no value" if math.isnan(value) else f"{value:.1e}"
