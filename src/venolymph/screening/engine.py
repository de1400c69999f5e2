"""From answers to an outcome: pure, and without a word of the rules in it.

Every rule judges the answers by itself. The highest outcome is reported, exclusions add up, and no plan is made where
any outcome blocks it. An answer that fires counts even where its question would have been skipped, so skip logic only
spares questions. Questions left open are judged as "don't know" and never end below CLEAR. Where a question was asked
anew, both answers count, and the graver one decides.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from venolymph.errors import DocumentError
from venolymph.screening.answers import NOT_STATED, Answers, Leg
from venolymph.screening.clearance import Clearance
from venolymph.screening.one_answer import check_answers, check_regions
from venolymph.screening.rulebook import UNKNOWN, Answer, AnswerCase, Outcome, Region, Rule, State, rulebook

Said = Mapping[str, tuple[Answer, ...]]
"""By id of the rule, every answer that was given to its question: the first one, and what was answered anew."""


@dataclass(frozen=True)
class Fired:
    """A rule that fired.

    Attributes:
        rule: its id.
        answer: what was answered, or None where questions were left open.
        outcome: what follows, after softening for the region and after clearance.
        exclude: places, techniques and postures left out.
        postpone_until: for POSTPONE, the day from which on to ask again.
        clearable: whether a clinician's agreement would open it.
        cleared: the clinician's agreement that opened it.
    """

    rule: str
    answer: Answer | None
    outcome: Outcome
    exclude: tuple[str, ...] = ()
    postpone_until: dt.date | None = None
    clearable: bool = False
    cleared: Clearance | None = None


@dataclass(frozen=True)
class Exclusion:
    """A place, technique or posture that a plan leaves out.

    Attributes:
        kind: region, technique or posture.
        what: its name.
        rules: ids of the rules that leave it out.
    """

    kind: str
    what: str
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Assessment:
    """Result of screening: outcome, rules that fired, exclusions.

    Attributes:
        outcome: the highest outcome of all rules that fired, but for those that only ask for answers of today.
        fired: rules that fired, in the order in which they are asked.
        exclusions: what is left out, of all of them together.
        unanswered: questions left open.
        old_clearances: agreements that no longer count.
        regions: regions that the session was asked for.
        compression: whether the plan has compression.
        version: of the rules.
        time: when it was assessed, as given.
        expires: the last day on which it holds.
        label: whose answers they are.
        legs: the legs that they speak of.
        given: day on which the answers were given.
        asked_again: day on which questions were asked anew, if they were.
        to_ask_again: questions that have to be asked anew before a session on the day of the assessment.
    """

    outcome: Outcome
    fired: tuple[Fired, ...]
    exclusions: tuple[Exclusion, ...]
    unanswered: tuple[str, ...]
    old_clearances: tuple[Clearance, ...]
    regions: tuple[Region, ...]
    compression: bool
    version: str
    time: dt.date
    expires: dt.date
    label: str
    legs: tuple[Leg, ...]
    given: dt.date
    asked_again: dt.date | None
    to_ask_again: tuple[str, ...]

    @property
    def plan_allowed(self) -> bool:
        """Whether a plan may be made: no rule that fired blocks it."""
        return not any(one.outcome.blocks for one in self.fired)

    @property
    def rules(self) -> tuple[str, ...]:
        """Ids of the rules that fired."""
        return tuple(one.rule for one in self.fired)

    @property
    def postpone_until(self) -> dt.date | None:
        """Day until which a session is postponed; None where it is not."""
        return max((one.postpone_until for one in self.fired if one.postpone_until), default=None)

    @property
    def clearable(self) -> tuple[str, ...]:
        """Ids of the rules that a clinician's agreement would open."""
        return tuple(one.rule for one in self.fired if one.clearable and one.cleared is None)

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "outcome": self.outcome.name,
            "plan_allowed": self.plan_allowed,
            "rules": list(self.rules),
            "exclusions": [{"kind": one.kind, "what": one.what, "rules": list(one.rules)} for one in self.exclusions],
            "postpone_until": self.postpone_until.isoformat() if self.postpone_until else None,
            "expires": self.expires.isoformat(),
            "version": self.version,
            "time": self.time.isoformat(),
            "label": self.label,
            "legs": list(self.legs),
            "given": self.given.isoformat(),
            "asked_again": self.asked_again.isoformat() if self.asked_again else None,
            "to_ask_again": list(self.to_ask_again),
            "regions": list(self.regions),
            "compression": self.compression,
            "unanswered": list(self.unanswered),
            "cleared": [one.rule for one in self.fired if one.cleared],
        }


def questions(
    answers: Mapping[str, Any], *, regions: Iterable[str] = ("leg",), compression: bool = False
) -> tuple[Rule, ...]:
    """Questions that have to be answered, in order, given the answers so far.

    Args:
        answers: those given so far, by id of the rule.
        regions: regions that the session is for.
        compression: whether the plan has compression.
    """
    return _asked(_once(check_answers(answers)), check_regions(regions), compression)


def to_ask_again(answers: Answers, today: dt.date) -> tuple[Rule, ...]:
    """The questions that were answered on another day and have to be asked anew before a session, in their order.

    Args:
        answers: the document of answers.
        today: the day of the session.
    """
    said = _all_said(answers)
    return _stale(answers, said, _asked(said, answers.regions, answers.compression), _day(today))


def assess(
    answers: Mapping[str, Any] | Answers,
    *,
    today: dt.date,
    regions: Iterable[str] | None = None,
    compression: bool | None = None,
    clearances: Iterable[Clearance] | None = None,
) -> Assessment:
    """What answers lead to.

    Args:
        answers: by id of the rule, taken as given today by somebody not stated; or a document of answers, which then
            says what is not given here.
        today: the day (or day and time) of the assessment.
        regions: regions that the session is for; the leg where nothing is said.
        compression: whether the plan has compression; no where nothing is said.
        clearances: clinicians' agreements on record.

    Raises:
        DocumentError: where an answer or a region does not exist, or a day lies after today.
    """
    day = _day(today)
    document = answers if isinstance(answers, Answers) else Answers(label=NOT_STATED, date=day, answers=dict(answers))
    wanted = document.regions if regions is None else check_regions(regions)
    planned = document.compression if compression is None else compression
    held = document.clearances if clearances is None else tuple(clearances)
    _not_after(day, document, held)
    book, gate = rulebook(), rulebook().gate
    valid = [one for one in held if (day - one.date).days <= gate.clearance_days]
    expires = document.date + dt.timedelta(days=gate.expires_days)

    said = _all_said(document)
    missing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    anew: tuple[str, ...] = ()
    if not _emergency(said):
        asked = _asked(said, wanted, planned)
        said |= {rule.id: (UNKNOWN,) for rule in asked if rule.optional and rule.id not in said}
        lacking = [rule for rule in asked if rule.id not in said]
        missing = tuple(rule.id for rule in lacking if gate.asked_in(rule, document.questions))
        added = tuple(rule.id for rule in lacking if rule.id not in missing)
        anew = tuple(rule.id for rule in _stale(document, said, asked, day))
    found = {
        rule.id: one for rule in book.rules.values() if (one := _judge(rule, said, wanted, day, valid)) is not None
    }
    states: dict[State, Fired] = {}
    if missing:
        states["open"] = _left_open(missing, wanted, day)
    if day > expires:
        states["old"] = _of_state("old")
    if anew:
        states["not of today"] = _of_state("not of today")
    if added:
        states["added"] = _of_state("added")
    found |= {one.rule: one for one in states.values()}
    fired = tuple(found[name] for name in book.rules if name in found)
    counts = [one for one in fired if not book.rules[one.rule].bars_alone]
    return Assessment(
        outcome=max((one.outcome for one in counts), default=Outcome.TREAT),
        fired=fired,
        exclusions=_together(fired),
        unanswered=(*missing, *added),
        old_clearances=tuple(one for one in held if one not in valid),
        regions=wanted,
        compression=planned,
        version=gate.version,
        time=today,
        expires=expires,
        label=document.label,
        legs=document.legs,
        given=document.date,
        asked_again=document.again.date if document.again is not None else None,
        to_ask_again=anew,
    )


def _day(time: dt.date) -> dt.date:
    return dt.date(time.year, time.month, time.day)


def _not_after(day: dt.date, document: Answers, clearances: Iterable[Clearance]) -> None:
    """Nothing may have happened after the day of the assessment."""
    days = [("date", "the answers are", document.date)]
    if document.again is not None:
        days.append(("again.date", "the answers given anew are", document.again.date))
    days += [("clearances", "a clearance is", one.date) for one in clearances]
    for place, what, date in days:
        if date > day:
            raise DocumentError(f"{what} dated {date}, after today ({day})", hint="correct the date", place=place)


def _once(answers: Mapping[str, Answer]) -> dict[str, tuple[Answer, ...]]:
    return {name: (answer,) for name, answer in answers.items()}


def _all_said(document: Answers) -> dict[str, tuple[Answer, ...]]:
    said = _once(document.answers)
    for name, answer in (document.again.answers if document.again is not None else {}).items():
        said[name] = tuple(dict.fromkeys([*said.get(name, ()), answer]))
    return said


def _stale(document: Answers, said: Said, asked: Iterable[Rule], day: dt.date) -> tuple[Rule, ...]:
    """The questions of the day of a session that were answered on another day."""
    of_day = set(document.answers) if document.date == day else set[str]()
    if document.again is not None and document.again.date == day:
        of_day |= set(document.again.answers)
    return tuple(rule for rule in asked if rule.again and rule.id in said and rule.id not in of_day)


def _asked(said: Said, regions: tuple[Region, ...], compression: bool) -> tuple[Rule, ...]:
    return tuple(
        rule
        for rule in rulebook().rules.values()
        if rule.in_session(regions, compression)
        and (not rule.when or any(one.holds(answer) for one in rule.when for answer in said.get(one.rule, ())))
    )


def _readings(rule: Rule, said: Said) -> Iterator[dict[str, Answer]]:
    """All combinations of the answers given to the rules that one rule looks at."""
    names = [name for name in rule.looks_at if name in said]
    for answers in itertools.product(*(said[name] for name in names)):
        yield dict(zip(names, answers, strict=True))


def _emergency(said: Said) -> bool:
    """Whether an emergency fired, after which nothing else is asked."""
    cases = (rule.case(reading) for rule in rulebook().emergencies for reading in _readings(rule, said))
    return any(case is not None and case.outcome is Outcome.EMERGENCY for case in cases)


def _judge(
    rule: Rule, said: Said, regions: tuple[Region, ...], day: dt.date, clearances: Iterable[Clearance] = ()
) -> Fired | None:
    """Judgement of one rule: its gravest reading of all answers, with the exclusions of every reading."""
    found = [
        _fire(rule, case, reading, regions, day, clearances)
        for reading in _readings(rule, said)
        if (case := rule.case(reading)) is not None
    ]
    if not found:
        return None
    gravest = max(found, key=lambda one: one.outcome)
    return replace(gravest, exclude=tuple(dict.fromkeys(what for one in found for what in one.exclude)))


def _fire(
    rule: Rule,
    case: AnswerCase,
    answers: Mapping[str, Answer],
    regions: tuple[Region, ...],
    day: dt.date,
    clearances: Iterable[Clearance] = (),
) -> Fired:
    gate = rulebook().gate
    answer = answers.get(rule.judges)
    outcome, excluded = case.outcome, gate.expand(case.exclude)
    if isinstance(answer, tuple):
        excluded += answer
    if not rule.blocks_in(regions):
        outcome = Outcome.MODIFY
        excluded += gate.expand(("neck", "collarbone"))
    clearable = case.may_be_cleared and outcome.blocks
    agreed = [one for one in clearances if rule.id in one.for_] if clearable else []
    excluded += tuple(place for one in agreed for site in one.site for place in gate.expand(gate.near[site]))
    until = None
    if outcome is Outcome.POSTPONE and case.days is not None:
        passed = answers.get(case.since) if case.since else None
        left = case.days - int(passed) if isinstance(passed, float) and passed < case.days else case.days
        until = day + dt.timedelta(days=left)
    return Fired(
        rule=rule.id,
        answer=answer,
        outcome=Outcome.MODIFY if agreed else outcome,
        exclude=tuple(dict.fromkeys(excluded)),
        postpone_until=until,
        clearable=clearable,
        cleared=agreed[0] if agreed else None,
    )


def _of_state(state: State) -> Fired:
    rule = rulebook().of_state(state)
    return Fired(rule=rule.id, answer=None, outcome=rule.cases[0].outcome)


def _left_open(missing: tuple[str, ...], regions: tuple[Region, ...], day: dt.date) -> Fired:
    """The rule about open questions: each judged as "don't know", all of them together."""
    said = _once(dict.fromkeys(missing, UNKNOWN))
    judged = [one for rule in rulebook().rules.values() if (one := _judge(rule, said, regions, day)) is not None]
    last = _of_state("open")
    return replace(
        last,
        outcome=max(one.outcome for one in (*judged, last)),
        exclude=tuple(dict.fromkeys(what for one in judged for what in one.exclude)),
    )


def _together(fired: tuple[Fired, ...]) -> tuple[Exclusion, ...]:
    gate = rulebook().gate
    left_out: dict[str, list[str]] = {}
    for one in fired:
        for what in one.exclude:
            left_out.setdefault(what, []).append(one.rule)
    order = [*gate.places, *gate.other.techniques, *gate.other.postures]
    return tuple(Exclusion(gate.kind(what), what, tuple(left_out[what])) for what in sorted(left_out, key=order.index))
