"""`venolymph plan` and `venolymph lint`: a session for a person who was screened, and what is wrong with a session."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from venolymph.cli.asking import at_terminal
from venolymph.cli.output import fail, say, show_json, show_table, show_text
from venolymph.cli.screening import ask_again, read_answers
from venolymph.errors import DocumentError

if TYPE_CHECKING:
    from venolymph.plan import PlanRefused
    from venolymph.screening import Answers

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
    leg: Annotated[
        str | None, typer.Option(help="The leg that is worked: left or right; by default that of the answers.")
    ] = None,
    sheet: Annotated[Path | None, typer.Option(help="Write a page to print to this new file, HTML.")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Ask in one line a prompt: for screen readers.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    language: Language = "en",
    as_json: Json = False,
) -> None:
    """Plan a session for a person who was screened, or say why there is none. For research and education; not a
    medical device. No clinician has reviewed the rules.

    At a terminal, what has to be asked on the day of the session, and was not answered today, is asked first.
    """
    from venolymph import plan as planning
    from venolymph import screening
    from venolymph.massage import load_session

    if as_json and markdown:
        raise DocumentError("--json and --markdown at once", hint="choose one of them")
    if sheet is not None and (sheet.exists() or not sheet.absolute().parent.is_dir()):
        wrong = "this file is there already" if sheet.exists() else "there is no such folder"
        raise DocumentError(wrong, hint="name a new file in a folder that exists", place=str(sheet))
    planning.words(language)
    if leg is not None and leg not in ("left", "right"):
        raise DocumentError(f"there is no leg {leg!r}; allowed are left, right", hint="name one", place="--leg")
    what, given = load_session(session), read_answers(answers)
    if leg is None and what.body == "leg" and len(given.legs) == 1:
        leg = given.legs[0]
    keep = ""
    if _only_today_is_missing(given):
        keep = screening.words(language).talk.keep_again.format(file=answers)
        if at_terminal():
            given = ask_again(given, screening.words(language), _today(), plain=plain)
    try:
        made = planning.plan(what, given, today=_today(), leg=leg)
    except planning.PlanRefused as refused:
        _refuse(refused, language, as_json)
        if keep:
            say(f"hint: {keep}")
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
    if keep:
        say(f"hint: {keep}")


def _today() -> dt.date:
    return dt.date.today()


def _only_today_is_missing(given: Answers) -> bool:
    """Whether nothing but the questions of the day stands in the way."""
    from venolymph import screening

    found, state = screening.assess(given, today=_today()), screening.rulebook().of_state("not of today")
    blocking = [one.rule for one in found.fired if one.outcome.blocks]
    return blocking == [state.id]


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
    from venolymph.massage.table import heading

    said, about = planning.words(language).talk, planning.lines_about(made, language)
    show_text(said.title.format(session=heading(made.session, language)))
    for line in (*about["notices"], *about["remarks"], ""):
        show_text(line)
    headings, table = planning.numbered(made, language)
    show_table(headings, table, fold=headings[3:])
    show_text(f"\n{about['stop'][0]}")
    for title, key in ((said.changes, "changes"), (said.screening, "screening")):
        show_text(f"\n{title}")
        for line in about[key]:
            show_text(f"- {line}", "  ")


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
