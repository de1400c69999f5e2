"""Which figures matter to which measures, as tables: for the terminal, as Markdown, and as a page."""

from __future__ import annotations

from html import escape

import numpy as np

from venolymph.html_document import html_document
from venolymph.numbers import number, unit_text
from venolymph.report.page import as_html, override_notice, stylesheet
from venolymph.sensitivity.indices import half_of
from venolymph.sensitivity.running import MeasureSensitivity, Sensitivity
from venolymph.version import version
from venolymph.viewer.recording import NOTICE

SHOWN = 12
"""Factors in a table."""


def heads(result: Sensitivity) -> list[str]:
    """Headings of a table of factors."""
    if result.method == "morris":
        effects = ["mean effect over its range", "± (95 %)", "sd of effects"]
    else:
        effects = ["in all", "± (95 %)", "by itself"]
    return ["figure", "range", "basis", *effects]


def rows(result: Sensitivity, one: MeasureSensitivity, most: int = SHOWN) -> list[list[str]]:
    """Cells of a table of the factors that matter most to a measure."""
    found = []
    for at in result.ranked(one)[:most]:
        last, factor = one.course[-1], result.factors[at]
        unit = unit_text(one.unit) if result.method == "morris" else ""
        numbers = [last.leading(result.method)[at], last.confidence[at]]
        numbers.append((last.total if result.method == "morris" else last.first)[at])
        ends = f"{number(factor.low)} to {number(factor.high)}{unit_text(factor.figure.unit)}"
        found.append([factor.key, ends, factor.figure.basis, *(f"{number(value)}{unit}" for value in numbers)])
    return found


def about(result: Sensitivity) -> str:
    """What was done, in a sentence."""
    blocks = "trajectories of Morris" if result.method == "morris" else "samples of Sobol"
    lost = result.failed.total()
    failed = f"{lost} failed ({'; '.join(f'{count} {cause}' for cause, count in result.failed.items())})"
    many = f"{len(result.factors)} figure{'' if len(result.factors) == 1 else 's'}"
    return (
        f"{result.person}, {result.regimen}: {many}, {result.plan.blocks} {blocks}, {result.members} members, "
        f"{failed if lost else 'none failed'}, seed {result.plan.seed}."
    )


def sentence(result: Sensitivity, one: MeasureSensitivity) -> str:
    """What was found of a measure, and how far it has settled."""
    unit = unit_text(one.unit)
    if not one.course:
        return f"{one.measure}: too few of the members could be read to say anything."
    settled = "nothing can be said of whether that has settled"
    half = half_of(one.course)
    if half is not None and np.isfinite(one.agreement):
        settled = (
            f"{half.blocks} of them put the figures in the same order up to a rank correlation of {one.agreement:.2f}"
        )
    last = one.course[-1].leading(result.method)
    least = ""
    if result.method == "morris" and one.detectable is not None:
        least = (
            f" {int(np.sum(last >= one.detectable))} figures move it by more than an instrument's smallest detectable "
            f"change, {number(one.detectable)}{unit}."
        )
    return (
        f"{one.measure} went from {number(one.low)} to {number(one.high)}{unit} over {one.whole} whole blocks; "
        f"{settled}.{least}"
    )


def settling(result: Sensitivity, one: MeasureSensitivity, most: int = 5) -> list[list[str]]:
    """For the factors that matter most, their index by number of blocks: how it settles.

    Returns:
        Rows; the first is the heading.
    """
    table = [["figure", *(f"{part.blocks} blocks" for part in one.course)]]
    for at in result.ranked(one)[:most]:
        each = [(part.leading(result.method)[at], part.confidence[at]) for part in one.course]
        table.append([result.factors[at].key, *(f"{number(value)} ± {number(half)}" for value, half in each)])
    return table


def markdown(result: Sensitivity, most: int = SHOWN) -> str:
    """The tables as Markdown."""
    parts = [about(result)]
    for one in result.measures:
        parts.append(f"### {one.measure}\n\n{sentence(result, one)}")
        if one.course:
            parts.append(_table([heads(result), *rows(result, one, most)]))
            parts.append("How the index of the first ones settles:\n\n" + _table(settling(result, one)))
    return "\n\n".join(parts) + "\n"


def _table(cells: list[list[str]]) -> str:
    head, *body = cells
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def page(result: Sensitivity) -> str:
    """The tables as one self-contained page of HTML."""
    title = f"What matters: {result.person}, {result.regimen}"
    parts = []
    for one in result.measures:
        parts.append(f"<h2>{escape(one.measure)}</h2>\n<p>{as_html(sentence(result, one))}</p>")
        if one.course:
            parts.append(_html([heads(result), *rows(result, one)]))
            parts.append("<h3>How the index of the first ones settles</h3>" + _html(settling(result, one)))
    body = f"""<header class="page">
<h1>{escape(title)}</h1>
<p class="soft">{escape(about(result))} By venolymph {escape(version())}. Simulated, not measured.</p>
<p class="notice">{escape(NOTICE)}</p>
{override_notice(result.reason)}</header>
<main class="page">
{"".join(parts)}
</main>
"""
    return html_document(title, body, style=stylesheet())


def _html(cells: list[list[str]]) -> str:
    head, *body = cells
    heads = "".join(f"<th scope='col'>{escape(text)}</th>" for text in head)
    lines = "\n".join(
        f"<tr><th scope='row'>{escape(row[0])}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in row[1:])}</tr>"
        for row in body
    )
    return f"<div class='scroll'><table><thead><tr>{heads}</tr></thead><tbody>\n{lines}\n</tbody></table></div>\n"
