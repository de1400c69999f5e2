"""Words of plans and of the linter, by language."""

from __future__ import annotations

from functools import cache

from venolymph.documents import Entry
from venolymph.wording import read_words


class LintRuleWords(Entry):
    """What a rule of the linter says, and its hint."""

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


class PlanPhrases(Entry):
    """Phrases around a plan, in one language."""

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
    """Phrases on the page to print."""

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


class PlanWords(Entry):
    """All words of plans and of the linter in one language."""

    rules: dict[str, LintRuleWords]
    changes: dict[str, str]
    refusals: Refusals
    talk: PlanPhrases
    sheet: Sheet


@cache
def words(language: str = "en") -> PlanWords:
    """The words of a language.

    Raises:
        DocumentError: where there are none.
    """
    return read_words(PlanWords, "venolymph.plan", language)
