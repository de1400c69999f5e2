"""A plan on one page, to be printed on A4 or Letter: a file that fetches nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib import resources

from venolymph.massage.table import Row, clock, heading, rows
from venolymph.massage.table import words as massage_words
from venolymph.plan.making import Plan
from venolymph.plan.showing import lines_about
from venolymph.plan.wording import words


def sheet(plan: Plan, language: str = "en") -> str:
    """The plan as one page of HTML."""
    from venolymph import __version__

    said, about = words(language).talk, lines_about(plan, language)
    names = massage_words(language)
    columns = names.columns
    end = Row(clock(plan.session.seconds), "", names.talk.the_end, "", "", "", "", "")
    title = escape(said.title.format(session=heading(plan.session, language)))
    style = resources.files("venolymph.plan").joinpath("sheet.css").read_text("utf-8")
    headings = (columns.time, columns.lasts, columns.what, columns.where, columns.how, columns.counts, columns.pressure)
    head = "".join(f"<th>{escape(cell)}</th>" for cell in headings)
    body = "\n".join(f"<tr>{_row(row)}</tr>" for row in (*rows(plan.session, language), end))
    return f"""<!doctype html>
<html lang="{escape(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<h1>{title}</h1>
<p class="notice">{escape(" ".join([*about["notices"], *about["remarks"]]))}</p>
<table>
<thead><tr>{head}</tr></thead>
<tbody>
{body}
</tbody>
</table>
<p><strong>{escape(about["stop"][0])}</strong></p>
<h2>{escape(said.changes)}</h2>
{_list(about["changes"])}
<h2>{escape(said.screening)}</h2>
{_list(about["screening"])}
<h2>{escape(said.strokes)}</h2>
{_list(about["strokes"])}
<footer>{escape(said.made_by.format(version=__version__))}</footer>
</body>
</html>
"""


def _row(row: Row) -> str:
    """A step; one without strokes has what there is to say in one wide cell."""
    times = "".join(f'<td class="number">{escape(cell)}</td>' for cell in (row.time, row.lasts))
    if not row.where:
        said = ": ".join(part for part in (row.what, row.note) if part)
        return f'{times}<td colspan="5">{escape(said)}</td>'
    how = "; ".join(part for part in (row.how, row.note) if part)
    return times + "".join(f"<td>{escape(cell)}</td>" for cell in (row.what, row.where, how, row.counts, row.pressure))


def _list(lines: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"
