"""`venolymph plan` and `venolymph lint`: a session for a person who was screened, and what is wrong with a session."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from venolymph.cli.output import fail, say, show_json, show_table
from venolymph.errors import DocumentError

if TYPE_CHECKING:
    from venolymph.plan import PlanRefused

REFUSED = 3
"""Exit code where there is no plan."""
FOUND = 1
"""Exit code where the linter found an error."""

Session = Annotated[str, typer.Argument(metavar="SESSION", help="A packaged session's name or a document's path.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Language = Annotated[str, typer.Option(help="Language of the words.")]


def plan(
    *,
    answers: Annotated[Path, typer.Option(help="Answers to the questions of `venolymph screen`: YAML, JSON or FHIR.")],
    session: Annotated[str, typer.Option(help="A packaged session's name or a document's path.")] = "leg-massage",
    leg: Annotated[str | None, typer.Option(help="The leg that is worked: left or right; without it, both.")] = None,
    sheet: Annotated[Path | None, typer.Option(help="Write a page to print to this new file, HTML.")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    language: Language = "en",
    as_json: Json = False,
) -> None:
    """Plan a session for a person who was screened, or say why there is none. For research and education; not a
    medical device. No clinician has reviewed the rules.
    """
    from venolymph import plan as planning
    from venolymph.cli.screening import _read

    if as_json and markdown:
        raise DocumentError("--json and --markdown at once", hint="choose one of them")
    if sheet is not None and (sheet.exists() or not sheet.absolute().parent.is_dir()):
        wrong = "this file is there already" if sheet.exists() else "there is no such folder"
        raise DocumentError(wrong, hint="name a new file in a folder that exists", place=str(sheet))
    planning.words(language)
    if leg is not None and leg not in ("left", "right"):
        raise DocumentError(f"there is no leg {leg!r}; allowed are left, right", hint="name one", place="--leg")
    try:
        made = planning.plan(session, _read(answers), today=_today(), leg=leg)
    except planning.PlanRefused as refused:
        _refuse(refused, language, as_json)
        raise typer.Exit(REFUSED) from None
    if as_json:
        show_json(planning.as_json(made, language))
    elif markdown:
        print(planning.markdown(made, language), end="")
    else:
        _show(made, language)
    if sheet is not None:
        try:
            sheet.write_text(planning.sheet(made, language), encoding="utf-8")
        except OSError as error:
            raise DocumentError(f"the file cannot be written: {error.strerror}", place=str(sheet)) from None
        say(f"written: {sheet}")


def _today() -> dt.date:
    return dt.date.today()


def _refuse(refused: PlanRefused, language: str, as_json: bool) -> None:
    if as_json:
        show_json(
            {
                "plan": None,
                "outcome": refused.outcome.name if refused.outcome is not None else None,
                "refused": refused.message,
                "reasons": list(refused.reasons),
                "findings": [one.as_json(language) for one in refused.findings],
            }
        )
    fail(refused.message)
    for reason in refused.reasons:
        say(reason)


def _show(made: Any, language: str) -> None:
    from venolymph import plan as planning
    from venolymph.massage.table import cells, heading

    said, about = planning.words(language).talk, planning.lines_about(made, language)
    print(said.title.format(session=heading(made.session, language)))
    for line in (*about["notices"], *about["remarks"]):
        print(line)
    print()
    headings, table = cells(made.session, language)
    show_table(headings, table, fold=headings[2:])
    print(f"\n{about['stop'][0]}")
    for title, key in ((said.changes, "changes"), (said.screening, "screening")):
        print(f"\n{title}")
        for line in about[key]:
            print(f"- {line}")


def lint(session: Session, language: Language = "en", as_json: Json = False) -> None:
    """Find what a session does that no session may do."""
    from venolymph import plan as planning
    from venolymph.massage import load_session
    from venolymph.massage.table import remarks

    what = load_session(session)
    findings, warnings = planning.lint(what), remarks(what, language)
    said = planning.words(language).talk
    if as_json:
        found = [one.as_json(language) for one in findings]
        show_json({"session": what.session, "purpose": what.purpose, "errors": found, "warnings": warnings})
    else:
        for one in findings:
            print(f"{said.error} {one.rule}: {one.text(language)}\n  hint: {one.hint(language)}")
        for line in warnings:
            print(f"{said.warning}: {line}")
        if not findings:
            print(said.lint_good.format(session=what.session))
    if findings:
        raise typer.Exit(FOUND)
