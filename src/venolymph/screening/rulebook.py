"""The rules of screening as they stand in the data files beside this module, checked when they are read.

A file of `rules/` is a region; a table in it is a rule, and its name is the rule's id. Ids are never reused.

    asked        "everybody", or the regions whose sessions ask it
    when         skip logic: asked only where one of these answers was given
    compression  asked only where the plan has compression
    answers      words that may be answered (yes, no, don't know where nothing is said)
    number       range of numbers that may be answered
    places       whether places of the body may be answered
    optional     left open it counts as "don't know", and not as unanswered
    reads        in place of a question: the rule whose answer this one judges too
    state        in place of a question, fires by the state of the document: `open` where questions are left open,
                 `old` where answers are past their expiry, `not of today` where questions that are asked anew on the
                 day of a session were not, `added` where questions were not asked yet in the version that was answered;
                 these last two bar a plan and leave the outcome that is reported as it is
    added        version of the rules that asked it first, where it is not the first of all
    benign       answers that do not fire
    cases        answers that fire, each with its outcome and what it excludes
    blocks_for   regions of a session that it may block; any other leaves neck and collarbone out instead
    again        asked again before each session
    agreed       what a clinician's agreement has to name: `finding`, so that it is for this finding alone, or `site`,
                 where the place of the finding decides what is left out besides; each is for one rule at a time
    basis        guideline, literature, convention, project
    source       keys of `sources.toml`
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from enum import IntEnum
from functools import cache, cached_property
from importlib import resources
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, PlainSerializer

from venolymph.documents import Entry, Source, check
from venolymph.errors import DocumentError, nearest

Region = Literal["leg", "abdomen", "neck", "face"]
State = Literal["open", "old", "not of today", "added"]
Basis = Literal["guideline", "literature", "convention", "project"]
Answer = str | float | tuple[str, ...]
"""What may be answered: a word, a number, or places of the body."""

REGIONS: tuple[Region, ...] = get_args(Region)
"""Regions of the body that can be asked about."""

UNKNOWN = "don't know"
"""The answer of somebody who does not know; it is never easier to clear than the firm one."""


class Outcome(IntEnum):
    """Outcomes of screening, lowest first; the highest of all rules that fired is reported."""

    TREAT = 0
    MODIFY = 1
    REFER_MAY_PROCEED = 2
    POSTPONE = 3
    CLEAR = 4
    REFER = 5
    URGENT = 6
    EMERGENCY = 7

    @property
    def blocks(self) -> bool:
        """Whether no plan is made."""
        return self >= Outcome.POSTPONE


def _words(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _benign(value: Any) -> Any:
    """`"no"` and `["no", "not measured"]` for short."""
    words = _words(value)
    return [{"is": words}] if all(isinstance(word, str) for word in words) else words


class Match(Entry):
    """A set of answers: words, numbers within bounds, or places."""

    is_: Annotated[tuple[str, ...], BeforeValidator(_words)] = Field(default=(), alias="is")
    from_: float | None = Field(default=None, alias="from")
    above: float | None = None
    to: float | None = None
    below: float | None = None
    places: bool = False

    def holds(self, answer: Answer | None) -> bool:
        """Whether an answer belongs to the set."""
        if answer is None:
            return False
        if isinstance(answer, str):
            return answer in self.is_
        if isinstance(answer, tuple):
            return self.places
        bounds = (self.from_, self.above, self.to, self.below)
        return bounds != (None,) * 4 and (
            (self.from_ is None or answer >= self.from_)
            and (self.above is None or answer > self.above)
            and (self.to is None or answer <= self.to)
            and (self.below is None or answer < self.below)
        )


class Condition(Match):
    """A set of answers to one rule."""

    rule: str

    def met(self, answers: Mapping[str, Answer]) -> bool:
        """Whether one of these answers was given."""
        return self.holds(answers.get(self.rule))


class AnswerCase(Match):
    """Answers that fire, and what follows.

    Attributes:
        with_any: further answers, one of which must be there too.
        outcome: what follows.
        exclude: what is left out of a plan: places, techniques, postures.
        days: for POSTPONE, how long to wait.
        since: rule whose number says how many of these days have passed.
        clearable: whether a clinician's recorded agreement opens it; where not given, CLEAR alone.
    """

    with_any: tuple[Condition, ...] = ()
    outcome: Annotated[
        Outcome,
        BeforeValidator(lambda name: Outcome[name] if isinstance(name, str) else name),
        PlainSerializer(lambda outcome: outcome.name),
    ]
    exclude: tuple[str, ...] = ()
    days: int | None = None
    since: str | None = None
    clearable: bool | None = None

    @property
    def may_be_cleared(self) -> bool:
        """Whether a clinician's recorded agreement opens it."""
        return self.outcome is Outcome.CLEAR if self.clearable is None else self.clearable

    def fires(self, answer: Answer | None, answers: Mapping[str, Answer]) -> bool:
        """Whether this case is the one that was answered."""
        return self.holds(answer) and (not self.with_any or any(one.met(answers) for one in self.with_any))


class Range(Entry):
    """Numbers that may be answered."""

    low: float
    high: float
    unit: str


class Rule(Entry):
    """One rule: what is asked, which answers fire and what follows. See the top of this module."""

    id: str
    region: Literal["general", "leg", "abdomen", "neck", "face"]
    asked: Literal["everybody"] | tuple[Region, ...] = ()
    when: tuple[Condition, ...] = ()
    compression: bool = False
    answers: tuple[str, ...] = ("yes", "no", UNKNOWN)
    number: Range | None = None
    places: bool = False
    optional: bool = False
    reads: str | None = None
    state: State | None = None
    added: str | None = None
    benign: Annotated[tuple[Match, ...], BeforeValidator(_benign)] = ()
    cases: tuple[AnswerCase, ...] = Field(min_length=1)
    blocks_for: tuple[Region, ...] = ()
    again: bool = False
    agreed: Literal["finding", "site"] | None = None
    basis: tuple[Basis, ...] = Field(min_length=1)
    source: tuple[str, ...] = Field(min_length=1)

    @property
    def is_question(self) -> bool:
        """Whether it has a question of its own."""
        return self.reads is None and self.state is None

    def in_session(self, regions: tuple[Region, ...], compression: bool) -> bool:
        """Whether it is a question of a session for these regions, skip logic aside."""
        concerned = self.asked == "everybody" or bool(set(self.asked) & set(regions))
        return self.is_question and concerned and (compression or not self.compression)

    @property
    def bars_alone(self) -> bool:
        """Whether it bars a plan without changing the reported outcome."""
        return self.state in ("not of today", "added")

    @property
    def judges(self) -> str:
        """Id of the rule whose answer it judges: by default itself."""
        return self.reads or self.id

    @cached_property
    def looks_at(self) -> tuple[str, ...]:
        """Ids of the rules whose answers it looks at."""
        beside = [one.rule for case in self.cases for one in case.with_any]
        return tuple(dict.fromkeys([self.judges, *beside, *(case.since for case in self.cases if case.since)]))

    def case(self, answers: Mapping[str, Answer]) -> AnswerCase | None:
        """The case that these answers make fire, if any."""
        answer = answers.get(self.judges)
        return next((case for case in self.cases if case.fires(answer, answers)), None)

    def blocks_in(self, regions: tuple[Region, ...]) -> bool:
        """Whether it may block a session for these regions."""
        return not self.blocks_for or bool(set(self.blocks_for) & set(regions))


class Citation(Entry):
    """A source of rules, and how much of it was at hand."""

    text: str
    seen: Literal["read", "excerpt", "practice", "recalled"]


class Other(Entry):
    """Exclusions other than places: techniques and postures."""

    techniques: tuple[str, ...]
    postures: tuple[str, ...]


class Gate(Entry):
    """What holds for all rules together; see `gate.toml`."""

    version: str
    readable: tuple[str, ...]
    reviewed: bool
    expires_days: int
    clearance_days: int
    order: tuple[str, ...]
    touches: dict[Region, tuple[Region, ...]]
    parts: dict[str, tuple[str, ...]]
    near: dict[str, tuple[str, ...]]
    other: Other

    @cached_property
    def places(self) -> tuple[str, ...]:
        """All places, each once."""
        return tuple(dict.fromkeys(place for places in self.parts.values() for place in places))

    def asked_in(self, rule: Rule, version: str) -> bool:
        """Whether a version of the rules asks a question already."""
        return rule.added is None or self.readable.index(rule.added) <= self.readable.index(version)

    def kind(self, excluded: str) -> Literal["region", "technique", "posture"]:
        """What kind of thing an exclusion is."""
        if excluded in self.other.techniques:
            return "technique"
        return "posture" if excluded in self.other.postures else "region"

    def places_in(self, regions: Iterable[Region]) -> tuple[str, ...]:
        """Places that can be named in a session for these regions: what it touches; the collarbone with the neck."""
        touched = dict.fromkeys(part for region in regions for part in self.touches[region])
        return tuple(
            place for whole in (*touched, *(["collarbone"] if "neck" in touched else [])) for place in self.parts[whole]
        )

    def expand(self, excluded: tuple[str, ...]) -> tuple[str, ...]:
        """Exclusions with words for several places written out (`neck`: its front, side and back)."""
        return tuple(place for word in excluded for place in self.parts.get(word, (word,)))


class Rulebook(Entry):
    """All rules in the order in which they are asked, what holds for them together, and their sources."""

    gate: Gate
    rules: dict[str, Rule]
    sources: dict[str, Citation]

    def rule(self, name: str) -> Rule:
        """The rule of that id.

        Raises:
            DocumentError: where there is none.
        """
        if name not in self.rules:
            near = nearest(name, self.rules)
            raise DocumentError(
                f"there is no rule {name!r}",
                hint=f"did you mean {near!r}?" if near else "the reference of screening lists all rules",
                place=name,
            )
        return self.rules[name]

    def of_state(self, state: State) -> Rule:
        """The rule that fires by this state of the document."""
        return next(rule for rule in self.rules.values() if rule.state == state)

    def gravity(self, name: str, answer: Answer) -> Outcome:
        """The gravest outcome that an answer of a rule leads to by itself."""
        judges = (rule for rule in self.rules.values() if rule.judges == name)
        return max((case.outcome for rule in judges if (case := rule.case({name: answer}))), default=Outcome.TREAT)

    @cached_property
    def emergencies(self) -> tuple[Rule, ...]:
        """Rules that may end in an emergency."""
        return tuple(
            rule for rule in self.rules.values() if any(case.outcome is Outcome.EMERGENCY for case in rule.cases)
        )

    @cached_property
    def again(self) -> tuple[str, ...]:
        """Rules that are asked again before each session."""
        return tuple(sorted(rule.id for rule in self.rules.values() if rule.again))


@cache
def rulebook() -> Rulebook:
    """The packaged rules.

    Raises:
        DocumentError: where a packaged file breaks the rules at the top of this module (a test holds them to it).
    """
    here = resources.files(__package__ or __name__)

    def data(*path: str) -> dict[str, Any]:
        return tomllib.loads(here.joinpath(*path).read_text("utf-8"))

    gate = check(Gate, data("gate.toml"), Source("gate.toml"))
    found: list[Rule] = []
    for region in ("general", *REGIONS):
        name = f"rules/{region}.toml"
        for key, entry in data("rules", f"{region}.toml").items():
            found.append(check(Rule, {**entry, "id": key, "region": region}, Source(name)))
    found.sort(key=lambda rule: gate.order.index(rule.id[0]))
    rules = {rule.id: rule for rule in found}
    if len(rules) != len(found):
        raise DocumentError("two rules have the same id", place="rules")
    return Rulebook(gate=gate, rules=rules, sources=data("sources.toml"))
