"""The report as one self-contained page: text, table and charts, nothing fetched from anywhere."""

from __future__ import annotations

import base64
import itertools
import json
import math
import re
from collections.abc import Sequence
from html import escape
from importlib import resources
from typing import Any

import numpy as np

from venolymph.numbers import clock, number, unit_text
from venolymph.report.panels import Panel
from venolymph.report.run_summary import MeasureRow, RunSummary
from venolymph.report.valve_states import STATES, ValveStates
from venolymph.report.view import View
from venolymph.version import version

NOTICE = "For research and education. Not a medical device: not for diagnosis, and no promise about anybody's health."
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""Colours that people with any colour vision tell apart (Okabe and Ito), without the yellow that white swallows."""
KINDS = {
    "lie": "#e3ebf4",
    "raise": "#d3e0ef",
    "sit": "#f1edf6",
    "stand": "#f8f2e1",
    "tilt": "#f3ead9",
    "walk": "#e2f1e8",
    "run": "#d0e9da",
    "tiptoe": "#f6e6ee",
    "tiptoes": "#f6e6ee",
    "cuff": "#fbe9df",
    "trace": "#fbe9df",
    "breathe": "#eef3ea",
    "valsalva": "#ece4f0",
    "skin": "#f4ecec",
}
"""Background of each kind of phase."""
_BINS = 3000
_MEMBERS = 8
"""Members beyond this many are left out of the charts, which would grow past what a browser opens with ease."""
_FINE = 12.0
"""Seconds at the end of a repeating phase (gait) that keep every sample where there is room, s."""
_ABSENT = 65535

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


def page(run_summary: RunSummary) -> str:
    """The page as text of HTML."""
    shown = run_summary.view
    title = f"{', '.join(shown.members[:3])}{' and others' if len(shown.members) > 3 else ''}: {shown.regimen}"
    data = json.dumps(_data(run_summary), separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; \
style-src 'unsafe-inline'; img-src data:">
<title>{escape(title)}</title>
<style>
{stylesheet()}</style>
</head>
<body>
<header>
<h1>{escape(title)}</h1>
<p class="soft">Venous drainage of the leg, simulated by venolymph {escape(version())}. \
{escape(clock(run_summary.duration))} of simulated time, {_count(len(shown.members), "person", "people")}.</p>
<p class="notice">{escape(NOTICE)}</p>
{_begun_from(run_summary)}{_legs(run_summary)}{_gate(run_summary)}{_changed(run_summary)}{_failures(run_summary)}</header>
<main>
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
<footer>
<p class="soft">{escape(NOTICE)} Published ranges are from the sources named in the table and describe the people who
were measured there. A value outside a range is a statement about the model as much as about the leg.</p>
</footer>
<script type="application/json" id="data">{data.replace("<", chr(92) + "u003c")}</script>
<script>
{_asset("report.js")}</script>
</body>
</html>
"""


# ---------------------------------------------------------------------------------------------- text and tables


def stylesheet() -> str:
    """How pages look."""
    return _asset("report.css")


def _asset(name: str) -> str:
    return resources.files("venolymph.report").joinpath("assets", name).read_text(encoding="utf-8")


def _lines(parts: Any) -> str:
    return "\n".join(parts)


def _text(text: str) -> str:
    """Text as HTML; commands stand between back ticks."""
    return re.sub(r"`([^`<>]+)`", r"<code>\1</code>", escape(text))


def _count(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _sentences(run_summary: RunSummary) -> str:
    parts = []
    for label, told in zip(run_summary.view.members, run_summary.sentences, strict=True):
        heading = f"<h3>{escape(label)}</h3>" if len(run_summary.sentences) > 1 else ""
        parts.append(
            f'<div>{heading}<ul class="short">{"".join(f"<li>{_text(text)}</li>" for text in told)}</ul></div>'
        )
    columns = " two" if len(parts) > 1 else ""
    return f'<div class="columns{columns}">\n{_lines(parts)}\n</div>'


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
    return "".join(f'<p class="notice{refused}">{_text(text)}</p>\n' for text in told)


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
    if len(shown.members) <= _MEMBERS:
        return ""
    return f'<p class="soft">The charts show the first {_MEMBERS} of {len(shown.members)} people.</p>\n'


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
        for member, label in enumerate(shown.members[:_MEMBERS]):
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


# ---------------------------------------------------------------------------------------------- what charts show


def _data(run_summary: RunSummary) -> dict[str, Any]:
    """What the page's script draws. Traces are the lowest and highest value in each bin of samples, in 16 bits."""
    shown = run_summary.view
    members = range(min(len(shown.members), _MEMBERS))
    budget = _BINS if len(members) <= 3 else _BINS // 2
    starts = bins(shown, budget)
    ends = np.append(starts[1:], len(shown.time)) - 1
    begin = shown.bands[0].start
    edges = np.append(begin, shown.time[ends])
    return {
        "time": _packed(edges.astype("<f4")),
        "members": [{"label": shown.members[member]} for member in members],
        "bands": [vars(band) for band in shown.bands],
        "kinds": KINDS,
        "states": STATES,
        "panels": [_panel(panel, starts, members) for panel in shown.panels],
        "valves": None if shown.valves is None else _valves(shown.valves, starts, members),
    }


def bins(shown: View, budget: int) -> np.ndarray:
    """First sample of each bin: about `budget` of them, phases apart, the last seconds of gait in full."""
    time, phase = shown.time, shown.phase_of_sample
    if len(time) <= budget:
        return np.arange(len(time))
    starts: list[np.ndarray] = []
    first = np.append(0, np.flatnonzero(np.diff(phase)) + 1)
    bounds = np.append(first, len(time))
    for begin, stop in itertools.pairwise(bounds.tolist()):
        share = max(8, int(budget * (stop - begin) / len(time)))
        fine = stop
        period = shown.periods[int(phase[begin])]
        if period:
            fine = int(np.searchsorted(time, time[stop - 1] - max(_FINE, 3 * period), side="right"))
            fine = max(begin, fine, stop - max(share * 2 // 3, min(400, budget // 4)))
        if fine > begin:
            coarse = min(fine - begin, max(share - (stop - fine), 8, share // 3))
            starts.append(begin + (np.arange(coarse) * (fine - begin)) // coarse)
        starts.append(np.arange(fine, stop))
    return np.concatenate(starts)


def _packed(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")


def _panel(panel: Panel, starts: np.ndarray, members: range) -> dict[str, Any]:
    lines = []
    for place, series in enumerate(panel.series):
        lines.append(
            {
                "name": series.name,
                "dashed": series.dashed,
                "shown": series.shown,
                "colour": PALETTE[place % len(PALETTE)],
                "data": [_trace(series.values[:, member], starts) for member in members],
            }
        )
    return {"key": panel.key, "title": panel.title, "unit": panel.unit, "note": panel.note, "series": lines}


def _trace(values: np.ndarray, starts: np.ndarray) -> dict[str, Any]:
    """Lowest and highest value of each bin in 16 bits: value = low + step * code."""
    values = np.where(np.isfinite(values), values, np.nan)
    lowest, highest = np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)
    known = np.isfinite(lowest)
    low = float(lowest[known].min()) if known.any() else 0.0
    high = float(highest[known].max()) if known.any() else 0.0
    step = (high - low) / (_ABSENT - 1) or 1.0

    def code(array: np.ndarray) -> np.ndarray:
        return np.where(known, np.round((np.where(known, array, low) - low) / step), _ABSENT).astype("<u2")

    below, above = code(lowest), code(highest)
    return {
        "low": low,
        "step": step,
        "lo": _packed(below),
        "hi": None if np.array_equal(below, above) else _packed(above),
    }


def _valves(valves: ValveStates, starts: np.ndarray, members: range) -> dict[str, Any]:
    """The valves' state in each bin, four to a byte: reversed where it is so for a quarter of the bin's samples."""
    sizes = np.diff(np.append(starts, len(valves.state)))
    packed = []
    for member in members:
        state = valves.state[:, :, member]
        back = np.add.reduceat((state == 3).astype(int), starts) * 4 >= sizes[:, None]
        usual = np.round(np.add.reduceat(np.minimum(state, 2).astype(int), starts) / sizes[:, None])
        codes = np.where(back, 3, usual).astype(np.uint8).T.ravel()
        codes = np.pad(codes, (0, -len(codes) % 4)).reshape(-1, 4)
        packed.append(_packed((codes << np.array([0, 2, 4, 6], np.uint8)).sum(axis=1).astype(np.uint8)))
    return {"names": valves.names, "chief": valves.chief.tolist(), "state": packed}
