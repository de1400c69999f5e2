"""All words of screening for people, by language: a file of `words/` each, checked when it is read."""

from __future__ import annotations

from functools import cache

from pydantic import Field

from venolymph.documents import Entry
from venolymph.screening.engine import Assessment, Exclusion, Fired
from venolymph.screening.rulebook import UNKNOWN, Outcome, Region, Rule, rulebook
from venolymph.wording import languages as languages_of
from venolymph.wording import read_words

_MANY = 12
"""Number of open questions from which on they are counted instead of named."""


class OutcomeWords(Entry):
    """What an outcome is called and what is said about it."""

    name: str
    say: str


class RuleWords(Entry):
    """A rule in words.

    Attributes:
        question: in plain words; none for rules that ask nothing.
        short: the same as an item of a list ("any of these?").
        term: as clinicians call it.
        action: what to do where it fires.
        actions: the same for certain answers.
    """

    question: str = ""
    short: str = ""
    term: str
    action: str
    actions: dict[str, str] = Field(default_factory=dict)


class ListWords(Entry):
    """A list of questions: its name, and what is asked of all of it."""

    title: str
    ask: str


class ScreeningPhrases(Entry):
    """Phrases around questions and results, in one language."""

    number: str
    how: str
    yes: tuple[str, ...]
    no: tuple[str, ...]
    dont_know: tuple[str, ...]
    back: tuple[str, ...]
    quit: tuple[str, ...]
    more: tuple[str, ...]
    not_understood: str
    ambiguous: str
    which: str
    label: str
    which_leg: str
    legs: dict[str, str]
    whose: dict[str, str]
    again_of: str
    contradiction: str
    go_on: str
    nothing_again: str
    review: str
    right: tuple[str, ...]
    line_wrong: str
    number_wrong: str
    at_the_start: str
    nothing_kept: str
    more_about: str
    clearance_who: str
    clearance_by: str
    clearance_rules: str
    clearance_date: str
    date_wrong: str
    result: str
    plan_yes: str
    plan_no: str
    unknown: str
    cleared: str
    old_clearance: str
    unanswered: str
    unanswered_many: str
    exclusions: str
    postpone: str
    expires: str
    again: str
    keep_again: str


class Form(Entry):
    """What a form program shows beside the questions."""

    label: str
    legs: str
    anew: str
    finding: str
    site: str


class ScreeningWords(Entry):
    """All words of screening in one language."""

    notice: str
    not_reviewed: str
    outcomes: dict[str, OutcomeWords]
    answers: dict[str, str]
    regions: dict[str, str]
    places: dict[str, str]
    techniques: dict[str, str]
    postures: dict[str, str]
    legs: dict[str, str]
    sites: dict[str, str]
    form: Form
    talk: ScreeningPhrases
    pages: dict[str, str]
    lists: dict[str, ListWords]
    rules: dict[str, RuleWords]

    def question(self, rule: Rule, regions: tuple[Region, ...]) -> str:
        """A rule's question, with the regions that the session touches filled in."""
        touches = rulebook().gate.touches
        touched = dict.fromkeys(part for region in regions for part in touches[region])
        return self.rules[rule.id].question.replace("{touched}", ", ".join(self.regions[part] for part in touched))

    def short(self, rule: str) -> str:
        """A rule's question as an item of a list."""
        about = self.rules[rule]
        return about.short or about.question

    def action(self, fired: Fired) -> str:
        """What to do about a rule that fired."""
        about = self.rules[fired.rule]
        return about.actions.get(fired.answer, about.action) if isinstance(fired.answer, str) else about.action

    def outcome(self, outcome: Outcome) -> OutcomeWords:
        """What an outcome is called and what is said about it."""
        return self.outcomes[outcome.name]

    def site(self, name: str) -> str:
        """Where a finding is: a place of a session, or another part of the body."""
        return self.places[name] if name in self.places else self.sites[name]

    def excluded(self, exclusion: Exclusion) -> str:
        """What is left out."""
        names = {"region": self.places, "technique": self.techniques, "posture": self.postures}
        return names[exclusion.kind][exclusion.what]

    def say(self, found: Assessment) -> list[str]:
        """What to say about an assessment: the outcome, the rules from the gravest down, the rest, the notice."""
        talk, book = self.talk, rulebook()
        lines = [
            talk.result.format(outcome=self.outcome(found.outcome).name),
            self.outcome(found.outcome).say,
            talk.plan_yes if found.plan_allowed else talk.plan_no,
        ]
        for one in sorted(found.fired, key=lambda fired: -fired.outcome):
            text = f"{one.rule} ({self.outcome(one.outcome).name}): {self.action(one)}"
            if one.answer == UNKNOWN and (rule := book.rules[one.rule]).is_question:
                text += " " + talk.unknown.format(question=self.question(rule, found.regions))
            if one.cleared:
                text += " " + talk.cleared.format(by=one.cleared.by, date=one.cleared.date)
            lines.append(text)
        if found.unanswered:
            many = len(found.unanswered) > _MANY
            said = talk.unanswered_many if many else talk.unanswered
            lines.append(said.format(rules=", ".join(found.unanswered), count=len(found.unanswered)))
        for old in found.old_clearances:
            lines.append(talk.old_clearance.format(by=old.by, date=old.date, days=book.gate.clearance_days))
        if found.exclusions:
            lines.append(talk.exclusions.format(what=", ".join(self.excluded(one) for one in found.exclusions)))
        if found.outcome is Outcome.POSTPONE:
            lines.append(talk.postpone.format(date=found.postpone_until))
        if found.plan_allowed:
            lines.append(talk.expires.format(date=found.expires))
        if found.plan_allowed or found.to_ask_again:
            lines.append(talk.again)
        return [*lines, *self.notices()]

    def notices(self) -> list[str]:
        """What stands with every result."""
        return [self.notice] if rulebook().gate.reviewed else [self.notice, self.not_reviewed]


def languages() -> list[str]:
    """Languages that there are words for."""
    return languages_of("venolymph.screening")


@cache
def words(language: str = "en") -> ScreeningWords:
    """The words of a language.

    Raises:
        DocumentError: where there are none.
    """
    return read_words(ScreeningWords, "venolymph.screening", language)
