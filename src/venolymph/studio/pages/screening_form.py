"""Screening as a form: what was answered so far travels with the page, and the conversation is gone through again."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from venolymph.documents import Entry, check
from venolymph.errors import DocumentError
from venolymph.screening import Answers, Assessment, Clearance, Outcome, ScreeningWords, assess, rulebook
from venolymph.screening.answers import Leg
from venolymph.screening.conversation import Conversation, Line, Prompt
from venolymph.screening.one_answer import check_regions, read_answer
from venolymph.screening.rulebook import Region, Rule

MOST_TURNS = 400
"""Turns that a form may hold; all questions together are fewer than a quarter of this."""


class Said(Entry):
    """An answer to a prompt, or a line of the review that is asked again.

    Attributes:
        to: ids of the rules that were asked, or are asked again.
        listed: whether they were asked as a list.
        answer: None where they are asked again.
    """

    to: tuple[str, ...]
    listed: bool = False
    answer: Any = None


class Turn(Entry):
    """What was sent at once: answers of a page, or that the questions go on after an answer that ends them."""

    said: tuple[Said, ...] = ()
    gone_on: str | None = None


class SoFar(Entry):
    """What a page of questions remembers.

    Attributes:
        label: of the person.
        legs: that the session is for.
        regions: that it is for.
        compression: whether the plan has compression.
        turns: what was sent, page by page.
        earlier: saved answers whose questions of the day are asked anew.
        clearances: doctors' agreements.
    """

    label: str
    legs: tuple[Leg, ...] = ()
    regions: tuple[str, ...] = ("leg",)
    compression: bool = False
    turns: tuple[Turn, ...] = Field(default=(), max_length=MOST_TURNS)
    earlier: dict[str, Any] | None = None
    clearances: tuple[dict[str, Any], ...] = ()

    def text(self) -> str:
        """As it stands in the form."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":"))


def read_so_far(text: str) -> SoFar:
    """What a page remembered.

    Raises:
        DocumentError: where that is not what a page of questions writes.
    """
    try:
        data = json.loads(text)
    except ValueError:
        raise DocumentError("this page was not sent whole", hint="begin anew") from None
    return check(SoFar, data)


@dataclass
class Questions:
    """The questions after all that was said.

    Attributes:
        so_far: what was said.
        course: the conversation.
        contradicted: whether a list was said to hold something and each of its questions was denied.
        gone_on: the gravest outcome after which somebody went on all the same.
    """

    so_far: SoFar
    course: Conversation
    contradicted: bool = False
    gone_on: Outcome | None = None

    @property
    def stopped(self) -> bool:
        """Whether an answer ends the questions here."""
        now = self.course.stopping()
        return bool(now) and (self.gone_on is None or max(now.values()) > self.gone_on)

    def answers(self, today: dt.date) -> Answers:
        """The document of answers.

        Raises:
            DocumentError: where they cannot be put together.
        """
        so_far = self.so_far
        if so_far.earlier is not None:
            return check(Answers, so_far.earlier).asked_again(today, self.course.given)
        return check(
            Answers,
            {
                "label": so_far.label, "date": today, "legs": so_far.legs, "regions": so_far.regions,
                "compression": so_far.compression, "answers": self.course.answers, "clearances": so_far.clearances,
            },
        )  # fmt: skip


def begin(so_far: SoFar, today: dt.date) -> SoFar:
    """The same, once label, legs and regions have been found to be usable.

    Raises:
        DocumentError: where they are not.
    """
    check(Answers, {"label": so_far.label, "date": today, "legs": so_far.legs, "regions": so_far.regions})
    return so_far


def follow(so_far: SoFar, only: Sequence[str] | None = None) -> Questions:
    """Go through all that was said.

    Args:
        so_far: what was said.
        only: ids of the rules that are asked; all where nothing is said.

    Raises:
        DocumentError: where something was answered that is not asked, or with what is no answer to it.
    """
    known = {} if so_far.earlier is None else check(Answers, so_far.earlier).answers
    course = Conversation(
        regions=check_regions(so_far.regions), compression=so_far.compression, only=only, answers=known
    )
    found = Questions(so_far, course)
    for turn in so_far.turns:
        found.contradicted = False
        for said in turn.said:
            _repeat(found, said)
        if turn.gone_on is not None:
            found.gone_on = max(found.course.stopping().values(), default=None)
        elif not found.course.stopping():
            found.gone_on = None
    return found


def _repeat(found: Questions, said: Said) -> None:
    course = found.course
    if said.answer is None:
        line = next((one for one in course.review() if one.rules == said.to), None)
        if line is None:
            raise DocumentError("this answer is no longer in the review", hint="begin anew")
        course.change(line)
        return
    prompt = next((one for one in course.page() if one.rules == said.to and one.listed == said.listed), None)
    if prompt is None:
        raise DocumentError("this question is not asked here", hint="begin anew")
    answer = tuple(said.answer) if isinstance(said.answer, list) else said.answer
    if not course.take(prompt, answer):
        found.contradicted = True


@dataclass(frozen=True)
class Question:
    """A question as it stands on the page.

    Attributes:
        name: in the form.
        question: in words.
        items: what a list asks for.
        options: values with their words.
        number: lowest, highest and unit, where a number may be answered.
        places: that may be named, with their words.
        more: for doctors.
        chosen: what was sent for it, where that was not taken.
        wrong: why it was not taken.
    """

    name: str
    question: str
    items: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    number: tuple[float, float, str] | None = None
    places: tuple[tuple[str, str], ...] = ()
    more: tuple[str, ...] = ()
    chosen: str = ""
    wrong: str = ""


def prompt_name(prompt: Prompt) -> str:
    """The name of a prompt in the form."""
    return "+".join(prompt.rules)


def field(
    prompt: Prompt, text: ScreeningWords, regions: tuple[Region, ...], sent: Mapping[str, str], wrong: str = ""
) -> Question:
    """A prompt as it stands on the page.

    Args:
        prompt: what is asked.
        text: the words.
        regions: of the session.
        sent: what was sent with the page before, by name in the form.
        wrong: why that was not taken.
    """
    name = prompt_name(prompt)
    chosen = sent.get(name, "")
    if prompt.listed:
        yes_no = tuple((word, text.answers[word]) for word in ("yes", "no", "don't know"))
        rules = [rulebook().rules[one] for one in prompt.rules]
        items = tuple(text.short(one) for one in prompt.rules)
        more = tuple(text.question(one, regions) for one in rules)
        return Question(
            name, text.lists[prompt.step.name or ""].ask, items, yes_no, more=more, chosen=chosen, wrong=wrong
        )
    rule = prompt.rule
    about = text.talk.more_about.format(
        term=text.rules[rule.id].term,
        basis=", ".join(rule.basis),
        source="; ".join(rulebook().sources[one].text for one in rule.source),
    )
    return Question(
        name,
        text.question(rule, regions),
        options=tuple((word, text.answers[word]) for word in rule.answers),
        number=None if rule.number is None else (rule.number.low, rule.number.high, rule.number.unit),
        places=tuple(_places(rule, text, regions).items()),
        more=(about,),
        chosen=chosen,
        wrong=wrong,
    )


def _places(rule: Rule, text: ScreeningWords, regions: Sequence[Region]) -> dict[str, str]:
    return {place: text.places[place] for place in (rulebook().gate.places_in(regions) if rule.places else ())}


def taken(prompt: Prompt, form: Mapping[str, Sequence[str]]) -> tuple[Any, Literal["", "open", "two"]]:
    """What a form answers to a prompt, and what is wrong with it where there is no single answer.

    Raises:
        DocumentError: where it is no answer to it.
    """
    name = prompt_name(prompt)
    word = next((one for one in form.get(name, ()) if one), None)
    number = next((one.strip() for one in form.get(f"{name}.number", ()) if one.strip()), None)
    places = [one for one in form.get(f"{name}.place", ()) if one]
    given = [one for one in (word, number, places or None) if one is not None]
    if not given:
        return None, "open"
    if len(given) > 1:
        return None, "two"
    if number is not None:
        try:
            answer: Any = float(number.replace(",", "."))
        except ValueError:
            answer = number
    else:
        answer = given[0]
    if not prompt.listed:
        read_answer(prompt.rules[0], answer)
    elif answer not in ("yes", "no", "don't know"):
        raise DocumentError(f"{answer!r} is no answer to a list", hint="answer yes, no or don't know")
    return answer, ""


def line_text(line: Line, text: ScreeningWords) -> tuple[str, str]:
    """A line of the review: what was asked, in short, and what was answered."""
    if line.listed:
        return text.lists[line.step.name or ""].title, text.answers["no"]
    return text.short(line.rules[0]), _said(line.answer, text)


def _said(answer: Any, text: ScreeningWords) -> str:
    if isinstance(answer, tuple):
        return ", ".join(text.places[one] for one in answer)
    return f"{answer:g}" if isinstance(answer, float) else text.answers.get(answer) or str(answer)


def to_agree(given: Answers, today: dt.date) -> list[str]:
    """Ids of the findings to which a doctor's agreement would open the way, where nothing else stands in it."""
    found: Assessment = assess(given, today=today)
    blocking = [one.rule for one in found.fired if one.outcome.blocks]
    return [] if not blocking or set(blocking) - set(found.clearable) else blocking


def agreement(rule: str, form: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """A doctor's agreement as it stands in a form.

    Raises:
        DocumentError: where it is none.
    """
    first = {key: next((one.strip() for one in form.get(key, ()) if one.strip()), "") for key in ("by", "date")}
    found: dict[str, Any] = {**first, "for": [rule]}
    kind = rulebook().rules[rule].agreed
    if kind is not None:
        found["finding"] = next((one.strip() for one in form.get("finding", ()) if one.strip()), "")
    if kind == "site":
        found["site"] = [one for one in form.get("site", ()) if one]
    check(Clearance, found)
    return found
