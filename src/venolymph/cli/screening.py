"""Asking the questions of screening in the terminal, or reading the answers, and showing what they lead to."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from venolymph.cli.asking import asker
from venolymph.cli.output import say, show_json, show_text
from venolymph.errors import DocumentError

if TYPE_CHECKING:
    from venolymph.screening import Answers, Assessment, ScreeningWords


def screen(
    *,
    answers: Annotated[
        Path | None, typer.Option(help="Take the answers from this file: YAML, JSON or a FHIR QuestionnaireResponse.")
    ] = None,
    again: Annotated[
        Path | None, typer.Option(help="Ask anew what is asked on the day of a session; the other answers are here.")
    ] = None,
    label: Annotated[str | None, typer.Option(help="A label of the person, such as A-17; never a name.")] = None,
    leg: Annotated[
        list[str] | None,
        typer.Option("--leg", help="A leg that the session is for: left or right; may be given twice."),
    ] = None,
    region: Annotated[
        list[str] | None, typer.Option("--region", help="Region of the session: leg, abdomen, neck or face.")
    ] = None,
    compression: Annotated[
        bool | None, typer.Option("--compression/--no-compression", help="Whether the plan has compression.")
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="One line a prompt, no colour, nothing drawn again: for screen readers.")
    ] = False,
    language: Annotated[str, typer.Option(help="Language of the questions.")] = "en",
    out: Annotated[Path | None, typer.Option(help="Write answers and result to this new file.")] = None,
    fhir: Annotated[bool, typer.Option("--fhir", help="Write --out as a FHIR QuestionnaireResponse.")] = False,
    fhir_questionnaire: Annotated[
        Path | None, typer.Option(help="Write the questions to this new file as a FHIR Questionnaire, and end.")
    ] = None,
    fhir_release: Annotated[str, typer.Option(help="Release of FHIR for the questionnaire: R5 or R4.")] = "R5",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Ask whether a person may have a session, and say why. For research and education; not a medical device.

    Exit code: 0 where a session is possible by the answers, 3 where it is not, 4 where a doctor is needed today or at
    once.
    """
    from venolymph import screening
    from venolymph.cli.talking import exit_code

    text = screening.words(language)
    _can_be_written(out, fhir_questionnaire, as_fhir=fhir)
    if fhir_questionnaire is not None:
        _save_questions(fhir_questionnaire, region or ["leg"], bool(compression), language, fhir_release)
        return
    today = _today()
    if answers is not None or again is not None:
        _only_of_a_file(answers, again, label, leg)
    if answers is not None:
        given = _as_given(answers, region, compression)
    elif again is not None:
        given = ask_again(read_answers(again), text, today, plain=plain)
    else:
        given = _ask(text, today, region or ["leg"], bool(compression), label, leg or [], plain)
    found = screening.assess(given, today=today)
    if answers is not None and found.to_ask_again:
        say(f"hint: {text.talk.keep_again.format(file=answers)}")
    if out is not None:
        _save(out, _document(given, found, as_fhir=fhir, as_json=out.suffix == ".json"))
        say(f"written: {out}")
    if as_json:
        show_json({**found.as_json(), "say": text.say(found)})
    else:
        show_text("\n".join(text.say(found)))
    raise typer.Exit(exit_code(found.outcome))


def _can_be_written(out: Path | None, questions: Path | None, *, as_fhir: bool) -> None:
    """See that files can be written, before anything is asked."""
    for file in (out, questions):
        if file is not None and (file.exists() or not file.absolute().parent.is_dir()):
            wrong = "this file is there already" if file.exists() else "there is no such folder"
            raise DocumentError(wrong, hint="name a new file in a folder that exists", place=str(file))
    if as_fhir and out is None:
        raise DocumentError("--fhir says how --out is written", hint="name a file with --out")


def _save_questions(file: Path, regions: list[str], compression: bool, language: str, release: str) -> None:
    """Write the questions for a session as a FHIR Questionnaire."""
    from venolymph.screening.fhir import questionnaire

    session = {"regions": regions, "compression": compression}
    asked = questionnaire(**session, language=language, release=cast("Any", release))
    _save(file, json.dumps(asked, indent=2, ensure_ascii=False) + "\n")
    say(f"written: {file}")


def _as_given(file: Path, region: list[str] | None, compression: bool | None) -> Answers:
    """Answers from a file, for the session that options describe in place of the one that the file is about."""
    from venolymph.screening.one_answer import check_regions

    given = read_answers(file)
    changed = {"regions": check_regions(region) if region else None, "compression": compression}
    return given.model_copy(update={key: value for key, value in changed.items() if value is not None})


def _ask(
    text: ScreeningWords,
    today: dt.date,
    region: list[str],
    compression: bool,
    label: str | None,
    leg: list[str],
    plain: bool,
) -> Answers:
    """Ask all questions at the terminal."""
    from venolymph.cli.talking import Talk
    from venolymph.screening import Answers
    from venolymph.screening.one_answer import check_regions

    regions, legs = check_regions(region), _legs(leg)
    if label is not None:
        Answers(label=label, date=today, regions=["face"])  # what is wrong is said before the questions
    talk = Talk(text, asker(plain), today)
    return talk.answers(regions=regions, compression=compression, label=label, legs=legs)


def ask_again(given: Answers, text: ScreeningWords, today: dt.date, *, plain: bool = False) -> Answers:
    """Ask anew what is asked on the day of a session and was not answered today."""
    from venolymph.cli.talking import Talk
    from venolymph.screening import to_ask_again

    rules = [rule.id for rule in to_ask_again(given, today)]
    if not rules:
        say(text.talk.nothing_again)
        return given
    return Talk(text, asker(plain), today).again(given, rules)


def _only_of_a_file(answers: Path | None, again: Path | None, label: str | None, leg: list[str] | None) -> None:
    """Whose answers a file holds stands in it."""
    if answers is not None and again is not None:
        raise DocumentError("--answers and --again at once", hint="--again asks, --answers does not: choose one")
    for name, value in (("--label", label), ("--leg", leg)):
        if value is not None:
            raise DocumentError(f"{name} stands beside a file of answers", hint="the file says whose answers it holds")


def _legs(named: list[str]) -> tuple[str, ...]:
    from venolymph.screening.answers import LEGS

    for leg in named:
        if leg not in LEGS:
            allowed = ", ".join(LEGS)
            raise DocumentError(
                f"there is no leg {leg!r}; allowed are {allowed}", hint="name the leg of the session", place="--leg"
            )
    return tuple(leg for leg in LEGS if leg in named)


def _today() -> dt.date:
    return dt.date.today()


def read_answers(path: Path) -> Answers:
    """Answers from a file: YAML, JSON or a FHIR QuestionnaireResponse."""
    from venolymph.documents import read
    from venolymph.screening import fhir as exchange
    from venolymph.screening import load_answers

    data, _ = read(path)
    if "resourceType" not in data:
        return load_answers(path)
    try:
        return exchange.read_response(data)
    except DocumentError as error:
        raise DocumentError(error.message, hint=error.hint, place=f"{path}: {error.place}") from None


def _document(given: Answers, found: Assessment, *, as_fhir: bool, as_json: bool) -> str:
    from venolymph.documents import write
    from venolymph.screening import fhir as exchange

    if as_fhir:
        return json.dumps(exchange.response(given), indent=2, ensure_ascii=False) + "\n"
    content = given.model_copy(update={"result": found.as_json()}).document()
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n" if as_json else write(content)


def _save(path: Path, content: str) -> None:
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise DocumentError(f"the file cannot be written: {error.strerror}", place=str(path)) from None
