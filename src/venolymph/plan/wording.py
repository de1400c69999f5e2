"""Words of plans and of the linter, by language."""

from __future__ import annotations

from functools import cache

from venolymph.documents import Entry
from venolymph.wording import read_words


class RuleWords(Entry):
    """What a rule of the linter says, and what to do."""

    says: str
    hint: str


class Refusals(Entry):
    """Why there is no plan."""

    experiment: str
    blocked: str
    regions: str
    expired: str
    other_day: str
    nobody: str
    side: str
    other_side: str
    linted: str
    nothing_left: str
    too_long: str


class Talk(Entry):
    """What is said around a plan."""

    title: str
    step: str
    steps: str
    changes: str
    no_changes: str
    screening: str
    strokes: str
    lint_good: str
    warning: str
    error: str
    more_cautions: str
    stop: str
    holds: str
    legs: dict[str, str]
    made_by: str


class Sheet(Entry):
    """What is said on the page to print."""

    answers: str
    made_by: str
    rule: str
    stop: str
    columns: tuple[str, ...]
    mark: str
    count: str
    away: str
    end: str
    ask: str
    changes: str
    advice: str
    girths: str
    before: str
    after: str
    screened: str
    signed: str
    author: str
    times: str
    hands: dict[str, str]
    outline: dict[str, str]


class Words(Entry):
    """The words of one language."""

    rules: dict[str, RuleWords]
    changes: dict[str, str]
    refusals: Refusals
    talk: Talk
    sheet: Sheet


@cache
def words(language: str = "en") -> Words:
    """The words of a language.

    Raises:
        DocumentError: where there are none.
    """
    return read_words(Words, "venolymph.plan", language)
