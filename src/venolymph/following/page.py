"""Readings on one page, to be printed on A4 or Letter: a file that fetches nothing and runs nothing."""

from __future__ import annotations

import datetime as dt
from html import escape
from importlib import resources

from venolymph.following.chart import svg_chart
from venolymph.following.findings import Following
from venolymph.following.showing import heading, lines_about, verdict_text
from venolymph.following.wording import words
from venolymph.html_document import html_document
from venolymph.version import version

MOST = 11
"""Days that the table has room for where little else is said: the first and the latest ones."""


def page(found: Following, language: str = "en") -> str:
    """Readings as one page of HTML."""
    said, about = words(language).talk, lines_about(found, language)
    title, extent = heading(found, language)
    days = _days(found, len(about["alarms"]), len(about["remarks"]))
    style = resources.files("venolymph.following").joinpath("page.css").read_text("utf-8")
    alarms = "".join(f"<p><strong>{escape(line)}</strong></p>" for line in about["alarms"])
    chart = ""
    if len(found.dates) > 1:
        chart = f"<figure>{svg_chart(found, language)}<figcaption>{escape(said.page_chart)}</figcaption></figure>"
    left_out = len(found.dates) - len(days)
    earlier = f"<p>{escape(said.earlier.format(count=left_out))}</p>" if left_out else ""
    footer = [*about["notices"], said.made_by.format(version=version())]
    body = f"""<h1>{escape(title)}</h1>
<p>{escape(extent)}</p>
<div class="notice">{alarms}<p>{escape(" ".join(about["safety"]))}</p></div>
{_table(found, days, language)}
{earlier}
{chart}
<ul>{"".join(f"<li>{escape(line)}</li>" for line in [*about["remarks"], said.formula])}</ul>
<footer>{escape(" ".join(footer))}</footer>
"""
    return html_document(title, body, style=style, language=language)


def _days(found: Following, alarms: int, remarks: int) -> list[dt.date]:
    """The days that the table has room for."""
    most = MOST - alarms - max(0, remarks - 4)
    days = found.dates
    return days if len(days) <= most else [days[0], *days[-most + 1 :]]


def _table(found: Following, days: list[dt.date], language: str) -> str:
    said = words(language)
    both = len(found.sides) == 2
    head = [said.headings.date]
    for side in found.sides:
        name = said.talk.left_leg if side == "left" else said.talk.right_leg
        head += [f"{name}, mL", said.headings.change]
    head += [said.headings.difference] if both else []
    body = "\n".join(f"<tr>{_day(found, date, both, language)}</tr>" for date in days)
    return f"""<table>
<thead><tr>{"".join(f"<th>{escape(cell)}</th>" for cell in head)}</tr></thead>
<tbody>
{body}
</tbody>
</table>"""


def _day(found: Following, date: dt.date, both: bool, language: str) -> str:
    said = words(language).talk
    cells = [str(date)]
    for side in found.sides:
        row = found.on(date, side)
        cells.append("" if row is None else f"{row.volume:.0f}")
        change = None if row is None else row.change
        if row is None or change is None:
            cells.append("" if row is None else said.first_day)
        else:
            cells.append(f"{change.change:+.0f} ({change.percent:+.1f} %) {verdict_text(row, language)}")
    left = found.on(date, "left")
    if both and left is not None and left.beyond is not None and left.excess is not None:
        cells.append(f"{left.beyond:+.0f} ({left.excess:+.1f} %)")
    elif both:
        cells.append("")
    return "".join(f"<td>{escape(cell)}</td>" for cell in cells)
