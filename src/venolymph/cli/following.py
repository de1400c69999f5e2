"""`venolymph follow`: readings of a leg over weeks, and what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from venolymph.cli.output import say, show_json, show_table, show_text, width
from venolymph.errors import DocumentError


def follow(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Readings: a YAML or JSON document, or a CSV table.")],
    *,
    common: Annotated[
        bool, typer.Option("--common", help="Compare the part that all readings have, where some reach further.")
    ] = False,
    start: Annotated[
        Literal["sole", "malleolus"] | None, typer.Option("--from", help="What heights of a table are counted from.")
    ] = None,
    method: Annotated[
        Literal["tape", "perometer"] | None, typer.Option(help="What girths of a table were taken with.")
    ] = None,
    label: Annotated[str | None, typer.Option(help="A label of the person, for a table; never a name.")] = None,
    page: Annotated[Path | None, typer.Option(help="Write a page to print to this new file, HTML.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the volumes as CSV.")] = False,
    language: Annotated[str, typer.Option(help="Language of the words.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Follow a leg over weeks: volumes from girths, changes beside what error is, one leg beside the other.

    For research and education; not a medical device. No clinician has reviewed it.
    """
    from venolymph import following

    if as_json and as_csv:
        raise DocumentError("--json and --csv at once", hint="choose one of them")
    if page is not None and (page.exists() or not page.absolute().parent.is_dir()):
        wrong = "this file is there already" if page.exists() else "there is no such folder"
        raise DocumentError(wrong, hint="name a new file in a folder that exists", place=str(page))
    following.words(language)
    readings = following.load_readings(file, start=start, label=label, method=method)
    try:
        found = following.follow(readings, common=common)
    except DocumentError as error:
        raise DocumentError(error.message, hint=error.hint, place=str(file)) from None
    if page is not None:
        _write(page, following.page(found, language))
    if as_json:
        show_json(following.as_json(found, language))
    elif as_csv:
        print(following.as_csv(found), end="")
        for line in following.lines_about(found, language)["alarms"]:
            say(line)
    else:
        _show(found, language)
    if page is not None:
        say(f"written: {page}")


def _write(page: Path, content: str) -> None:
    try:
        page.write_text(content, encoding="utf-8")
    except OSError as error:
        page.unlink(missing_ok=True)
        raise DocumentError(f"the file cannot be written: {error.strerror}", place=str(page)) from None


def _show(found: Any, language: str) -> None:
    from venolymph.following import lines_about, words
    from venolymph.following.chart import text_chart
    from venolymph.following.showing import change_text, heading, other_text, verdict_text

    about, names = lines_about(found, language), words(language)
    for line in (*heading(found, language), "", *about["alarms"], *about["safety"], ""):
        show_text(line)
    heads = names.headings
    columns = [heads.date, heads.side, heads.volume, heads.change, heads.error]
    both = len(found.sides) == 2
    rows = [
        [
            str(row.date),
            names.sides[row.side],
            f"{row.volume:.0f} mL",
            change_text(row, language),
            verdict_text(row, language),
            *([other_text(row, language)] if both else []),
        ]
        for row in found.rows
    ]
    columns += [heads.other] if both else []
    show_table(columns, rows, fold=columns[3:])
    if len(found.dates) > 1:
        print()
        for line in text_chart(found, language, width()):
            show_text(line)
    print()
    for line in (*about["remarks"], names.talk.formula, *about["notices"]):
        show_text(f"- {line}", "  ")
