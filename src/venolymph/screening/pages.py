"""The order in which a person is asked, page by page, with questions of a kind gathered into lists (`pages.toml`)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from pydantic import Field, model_validator

from venolymph.documents import Entry, load_packaged
from venolymph.screening.rulebook import Outcome, Rule, rulebook
from venolymph.units import refusal


class StepEntry(Entry):
    """A step as it is written: one question, or a list of them."""

    ask: str | None = None
    list_: str | None = Field(default=None, alias="list")
    of: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_of_both(self) -> StepEntry:
        if (self.ask is None) == (self.list_ is None):
            raise refusal("a step is either `ask` or `list`", hint="write one of them")
        return self


class PageEntry(Entry):
    """A page as it is written."""

    page: str
    stops: bool = False
    rest: str | None = None
    steps: tuple[StepEntry, ...]


class Pages(Entry):
    """The file as it is written."""

    none: dict[str, str] = Field(default_factory=dict)
    pages: tuple[PageEntry, ...]


@dataclass(frozen=True)
class QuestionStep:
    """One question, or a list of questions that is asked at once.

    Attributes:
        page: name of its page.
        stops: whether an answer that blocks a session ends the questions here.
        rules: ids of the rules that it asks.
        name: of the list; None for a question by itself.
    """

    page: str
    stops: bool
    rules: tuple[str, ...]
    name: str | None = None


@cache
def steps() -> tuple[QuestionStep, ...]:
    """All steps in order; every rule that is a question stands in exactly one.

    Raises:
        DocumentError: where the packaged file names a rule that is no question, or one twice.
    """
    rules = {rule.id: rule for rule in rulebook().rules.values() if rule.is_question}
    found = [
        QuestionStep(page.page, page.stops, (step.ask,) if step.ask else step.of, step.list_)
        for page in _file().pages
        for step in page.steps
    ]
    named = [name for step in found for name in step.rules]
    wrong = sorted({name for name in named if name not in rules or named.count(name) > 1})
    if wrong:
        raise refusal(f"no questions, or named twice: {', '.join(wrong)}", hint="name each question once")
    for name, rule in rules.items():
        if name not in named:
            found = placed(found, rule)
    return tuple(found)


def none_of_these(rule: str) -> str:
    """What `n` answers to a rule, and a list of which nothing is so to each of its rules."""
    return _file().none.get(rule, "no")


@cache
def _file() -> Pages:
    return load_packaged(Pages, "venolymph.screening", "pages.toml")


def placed(found: list[QuestionStep], rule: Rule) -> list[QuestionStep]:
    """Steps with one more rule, which the file does not name, where it belongs."""
    parents = {condition.rule for condition in rule.when}
    at = max((number for number, step in enumerate(found) if parents & set(step.rules)), default=None)
    pages = [page for page in _file().pages if page.rest]
    page = pages[0] if max(case.outcome for case in rule.cases) >= Outcome.URGENT else pages[-1]
    if at is not None:
        # after those that follow from the same answer already
        while at + 1 < len(found) and found[at + 1].name is None and _follows(found[at + 1], parents):
            at += 1
        return [*found[: at + 1], QuestionStep(found[at].page, found[at].stops, (rule.id,)), *found[at + 1 :]]
    none = none_of_these(rule.id)
    if none in rule.answers and rule.case({rule.id: none}) is None:
        return [replace(one, rules=(*one.rules, rule.id)) if one.name == page.rest else one for one in found]
    last = max(number for number, step in enumerate(found) if step.page == page.page)
    return [*found[: last + 1], QuestionStep(page.page, page.stops, (rule.id,)), *found[last + 1 :]]


def _follows(step: QuestionStep, parents: set[str]) -> bool:
    return all(bool({one.rule for one in rulebook().rules[name].when} & parents) for name in step.rules)
