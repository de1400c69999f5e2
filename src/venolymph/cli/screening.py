"""Asking the questions of screening in the terminal, or reading the answers, and showing what they lead to."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast

import typer

from venolymph.cli.output import say, show_json
from venolymph.documents import read, write
from venolymph.errors import DocumentError

if TYPE_CHECKING:
    from venolymph.screening import Answers, Assessment, Rule, Words

Given = TypeVar("Given")


def screen(
    *,
    answers: Annotated[
        Path | None, typer.Option(help="Take the answers from this file: YAML, JSON or a FHIR QuestionnaireResponse.")
    ] = None,
    region: Annotated[
        list[str] | None, typer.Option("--region", help="Region of the session: leg, abdomen, neck or face.")
    ] = None,
    label: Annotated[str | None, typer.Option(help="A label of the person, such as A-17; never a name.")] = None,
    leg: Annotated[
        list[str] | None,
        typer.Option("--leg", help="A leg that the answers speak of: left or right; may be given twice."),
    ] = None,
    compression: Annotated[
        bool | None, typer.Option("--compression/--no-compression", help="Whether the plan has compression.")
    ] = None,
    language: Annotated[str, typer.Option(help="Language of the questions.")] = "en",
    out: Annotated[Path | None, typer.Option(help="Write answers and result to this new file.")] = None,
    fhir: Annotated[bool, typer.Option("--fhir", help="Write --out as a FHIR QuestionnaireResponse.")] = False,
    fhir_questionnaire: Annotated[
        Path | None, typer.Option(help="Write the questions to this new file as a FHIR Questionnaire, and end.")
    ] = None,
    fhir_release: Annotated[str, typer.Option(help="Release of FHIR for the questionnaire: R5 or R4.")] = "R5",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Ask whether a person may have a session, and say why. For research and education; not a medical device."""
    from venolymph import screening
    from venolymph.screening import fhir as exchange
    from venolymph.screening.answers import check_regions

    text = screening.words(language)
    for file in (out, fhir_questionnaire):
        if file is not None and (file.exists() or not file.absolute().parent.is_dir()):
            wrong = "this file is there already" if file.exists() else "there is no such folder"
            raise DocumentError(wrong, hint="name a new file in a folder that exists", place=str(file))
    if fhir and out is None:
        raise DocumentError("--fhir says how --out is written", hint="name a file with --out")
    if fhir_questionnaire is not None:
        session = {"regions": region or ["leg"], "compression": bool(compression)}
        asked = exchange.questionnaire(**session, language=language, release=cast("Any", fhir_release))
        _save(fhir_questionnaire, json.dumps(asked, indent=2, ensure_ascii=False) + "\n")
        say(f"written: {fhir_questionnaire}")
        return
    today = _today()
    if answers is not None:
        given = _read(answers)
        changed = {"regions": region, "compression": compression}
        given = given.model_copy(update={key: value for key, value in changed.items() if value is not None})
        given = given.model_copy(update={"regions": check_regions(given.regions)})
    else:
        about = {"label": label or screening.NOT_STATED, "legs": leg or [], "date": today}
        screening.Answers(**about)  # what is wrong with these is said before the questions
        given = _Talk(text, check_regions(region or ["leg"]), bool(compression), today, about).answers()
    found = screening.assess(given, today=today)
    if out is not None:
        _save(out, _document(given, found, as_fhir=fhir, as_json=out.suffix == ".json"))
        say(f"written: {out}")
    if as_json:
        show_json({**found.as_json(), "say": text.say(found)})
    else:
        print("\n".join(text.say(found)))


def _today() -> dt.date:
    return dt.date.today()


def _read(path: Path) -> Answers:
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


class _Back(Exception):
    """The person wants the question before this one."""


class _Again(Exception):
    """The same question again, after something is said."""


class _Talk:
    """Questions and answers in the terminal, on standard error and standard input."""

    def __init__(
        self, text: Words, regions: tuple[Any, ...], compression: bool, today: dt.date, about: dict[str, Any]
    ) -> None:
        self._text = text
        self._session = {"regions": regions, "compression": compression}
        self._regions = regions
        self._today = today
        self._about = about

    def answers(self) -> Answers:
        """Ask everything, and then for a clinician's agreement where one would open the way."""
        from venolymph.screening import Answers, Outcome, assess, questions

        for line in (*self._text.notices(), "", self._text.talk.how):
            say(line)
        given: dict[str, Any] = {}
        history: list[str] = []
        while True:
            found = assess(given, today=self._today, **self._session)
            rest = [rule for rule in questions(given, **self._session) if rule.id not in given]
            try:
                if not rest or found.outcome is Outcome.EMERGENCY:
                    clearances = self._clearances(found)
                    return Answers(answers=given, clearances=clearances, **self._session, **self._about)
                number, count = len(history) + 1, len(history) + len(rest)
                say("\n" + self._text.talk.question.format(number=number, count=count))
                given[rest[0].id] = self._ask(rest[0])
                history.append(rest[0].id)
            except _Back:
                if history:
                    del given[history.pop()]
                else:
                    say(self._text.talk.at_the_start)

    def _ask(self, rule: Rule) -> Any:
        talk, places = self._text.talk, self._places(rule)
        words = {word: self._text.answers[word] for word in rule.answers}
        options = {**places, **words}
        lines = [f"  {number} {label}" for number, label in enumerate(options.values(), 1)]
        if rule.number is not None:
            low, high = f"{rule.number.low:g}", f"{rule.number.high:g}"
            lines = [f"  {talk.number.format(low=low, high=high, unit=rule.number.unit).strip()}"]
            lines += [f"  {label}" for label in options.values()]
        if places:
            lines.append(f"  ({talk.places})")

        def understand(said: str) -> Any:
            if said in talk.more:
                about = self._text.rules[rule.id].term
                basis, source = ", ".join(rule.basis), "; ".join(self._sources(rule))
                raise _Again(talk.more_about.format(term=about, basis=basis, source=source))
            if rule.number is not None and (number := _number(said)) is not None:
                if not rule.number.low <= number <= rule.number.high:
                    raise _Again(talk.number_wrong.format(low=low, high=high))
                return number
            if places:
                chosen = [self._choose(part, options, True) for part in said.split(",") if part.strip()]
                return chosen if chosen and set(chosen) <= set(places) else self._choose(said, words, False)
            return self._choose(said, options, rule.number is None)

        return self._hear("\n".join([self._text.question(rule, self._regions), *lines]), understand)

    def _places(self, rule: Rule) -> dict[str, str]:
        from venolymph.screening import rulebook

        gate = rulebook().gate
        touched = dict.fromkeys(part for region in self._regions for part in gate.touches[region])
        wholes = [*touched, *(["collarbone"] if "neck" in touched else [])] if rule.places else []
        return {place: self._text.places[place] for whole in wholes for place in gate.parts[whole]}

    def _sources(self, rule: Rule) -> list[str]:
        from venolymph.screening import rulebook

        return [rulebook().sources[name].text for name in rule.source]

    def _choose(self, said: str, options: dict[str, str], numbered: bool) -> str:
        """The option meant by its number, its name or its first letters."""
        said = said.strip().lower()
        names = list(options)
        if numbered and said.isascii() and said.isdigit() and 1 <= int(said) <= len(names):
            return names[int(said) - 1]
        exact = [name for name, label in options.items() if said in (name.lower(), label.lower())]
        like = exact or [name for name, label in options.items() if said and label.lower().startswith(said)]
        if len(like) != 1:
            raise _Again(self._text.talk.ambiguous if like else self._text.talk.not_understood)
        return like[0]

    def _clearances(self, found: Assessment) -> list[dict[str, Any]]:
        """A clinician's agreement, where nothing else stands in the way."""
        talk = self._text.talk
        blocking = [one.rule for one in found.fired if one.outcome.blocks]
        if not blocking or set(blocking) - set(found.clearable):
            return []
        rules = ", ".join(blocking)

        def day(said: str) -> str:
            try:
                if dt.date.fromisoformat(said) <= self._today:
                    return said
            except ValueError:
                pass
            raise _Again(talk.date_wrong)

        def named(said: str) -> list[str]:
            names = [part.strip().upper() for part in said.split(",") if part.strip()]
            if not names or set(names) - set(blocking):
                raise _Again(talk.rules_wrong.format(rules=rules))
            return names

        say("")
        while by := self._hear(talk.clearance_who.format(rules=rules), str):
            try:
                date = self._hear(talk.clearance_date, day)
                return self._agreed({"by": by, "date": date}, self._hear(talk.clearance_for.format(rules=rules), named))
            except _Back:
                continue
        return []

    def _agreed(self, head: dict[str, Any], names: list[str]) -> list[dict[str, Any]]:
        """One agreement for each finding, and one for the other rules together."""
        from venolymph.screening import rulebook

        book, found = rulebook(), []
        special = [name for name in names if book.rules[name].agreed is not None]
        for name in special:
            one: dict[str, Any] = {**head, "for": [name]}
            one["finding"] = self._hear(f"{name}: {self._text.form.finding}", str)
            if book.rules[name].agreed == "site":
                sites = {site: self._text.site(site) for site in book.gate.near}
                lines = "\n".join(f"  {label}" for label in sites.values())
                asked = f"{name}: {self._text.form.site}\n{lines}"
                one["site"] = [self._hear(asked, lambda said, sites=sites: self._choose(said, sites, False))]
            found.append(one)
        others = [name for name in names if name not in special]
        return [*found, {**head, "for": others}] if others else found

    def _hear(self, question: str, understand: Callable[[str], Given]) -> Given:
        """Ask until the answer is understood."""
        talk = self._text.talk
        while True:
            say(question)
            print("> ", end="", file=sys.stderr, flush=True)
            line = sys.stdin.readline()
            if not line:
                raise DocumentError(
                    "the input ended before the questions did", hint="--answers FILE takes all answers at once"
                )
            said = line.strip()
            if said.lower() in talk.back:
                raise _Back
            if said.lower() in talk.quit:
                say(talk.nothing_kept)
                raise typer.Exit(130)
            try:
                return understand(said)
            except _Again as told:
                say(str(told))


def _number(said: str) -> float | None:
    try:
        return float(said.replace(",", "."))
    except ValueError:
        return None
