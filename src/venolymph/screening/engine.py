"""From answers to an outcome: pure, and without a word of the rules in it.

Every rule judges the answers by itself. The highest outcome is reported, exclusions add up, and no plan is made where
any outcome blocks it. An answer that fires counts even where its question would have been skipped, so skip logic only
spares questions. Questions left open are judged as "don't know" and never end below CLEAR.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from venolymph.errors import DocumentError
from venolymph.screening.answers import Answers, Clearance, check_answers, check_regions
from venolymph.screening.rulebook import UNKNOWN, Answer, Case, Outcome, Region, Rule, rulebook


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
    """What is left out of a plan.

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
    """What the answers lead to.

    Attributes:
        outcome: the highest outcome of all rules that fired.
        fired: rules that fired, in the order in which they are asked.
        exclusions: what is left out, of all of them together.
        unanswered: questions left open.
        old_clearances: agreements that no longer count.
        regions: regions that the session was asked for.
        compression: whether the plan has compression.
        version: of the rules.
        time: when it was assessed, as given.
        expires: the last day on which it holds.
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
        """The last of the days to wait for, if there is one."""
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
            "regions": list(self.regions),
            "compression": self.compression,
            "unanswered": list(self.unanswered),
            "cleared": [one.rule for one in self.fired if one.cleared],
        }


def questions(
    answers: Mapping[str, Any], *, regions: Iterable[str] = ("leg",), compression: bool = False
) -> tuple[Rule, ...]:
    """The questions that have to be answered, in their order, as far as the answers so far tell.

    Args:
        answers: those given so far, by id of the rule.
        regions: regions that the session is for.
        compression: whether the plan has compression.
    """
    return _asked(check_answers(answers), check_regions(regions), compression)


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
        answers: by id of the rule, or a document of answers, which then says what is not given here.
        today: the day (or day and time) of the assessment.
        regions: regions that the session is for; the leg where nothing is said.
        compression: whether the plan has compression; no where nothing is said.
        clearances: clinicians' agreements on record.

    Raises:
        DocumentError: where an answer or a region does not exist, or a clearance is dated after today.
    """
    document = answers if isinstance(answers, Answers) else Answers(answers=dict(answers))
    wanted = document.regions if regions is None else check_regions(regions)
    planned = document.compression if compression is None else compression
    held = document.clearances if clearances is None else tuple(clearances)
    gate, day = rulebook().gate, dt.date(today.year, today.month, today.day)
    for one in held:
        if one.date > day:
            raise DocumentError(
                f"a clearance is dated {one.date}, after today ({day})", hint="correct its date", place="clearances"
            )
    valid = [one for one in held if (day - one.date).days <= gate.clearance_days]

    given: dict[str, Answer] = dict(document.answers)
    missing: tuple[str, ...] = ()
    if not _emergency(given):
        asked = _asked(given, wanted, planned)
        given |= {rule.id: UNKNOWN for rule in asked if rule.optional and rule.id not in given}
        missing = tuple(rule.id for rule in asked if rule.id not in given)
    found = {
        rule.id: _fire(rule, case, given, wanted, day, valid)
        for rule in rulebook().rules.values()
        if (case := rule.case(given)) is not None
    }
    if missing:
        last = rulebook().unanswered
        found[last.id] = _left_open(last, missing, wanted, day)
    fired = tuple(found[name] for name in rulebook().rules if name in found)
    return Assessment(
        outcome=max((one.outcome for one in fired), default=Outcome.TREAT),
        fired=fired,
        exclusions=_together(fired),
        unanswered=missing,
        old_clearances=tuple(one for one in held if one not in valid),
        regions=wanted,
        compression=planned,
        version=gate.version,
        time=today,
        expires=day + dt.timedelta(days=gate.expires_days),
    )


def _asked(answers: Mapping[str, Answer], regions: tuple[Region, ...], compression: bool) -> tuple[Rule, ...]:
    return tuple(
        rule
        for rule in rulebook().rules.values()
        if rule.in_session(regions, compression) and (not rule.when or any(one.met(answers) for one in rule.when))
    )


def _emergency(answers: Mapping[str, Answer]) -> bool:
    """Whether something needs help now, so that nothing else is asked."""
    cases = (rule.case(answers) for rule in rulebook().emergencies)
    return any(case is not None and case.outcome is Outcome.EMERGENCY for case in cases)


def _fire(
    rule: Rule,
    case: Case,
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
    cleared = next((one for one in clearances if rule.id in one.for_), None) if clearable else None
    until = None
    if outcome is Outcome.POSTPONE and case.days is not None:
        passed = answers.get(case.since) if case.since else None
        left = case.days - int(passed) if isinstance(passed, float) and passed < case.days else case.days
        until = day + dt.timedelta(days=left)
    return Fired(
        rule=rule.id,
        answer=answer,
        outcome=Outcome.MODIFY if cleared else outcome,
        exclude=tuple(dict.fromkeys(excluded)),
        postpone_until=until,
        clearable=clearable,
        cleared=cleared,
    )


def _left_open(last: Rule, missing: tuple[str, ...], regions: tuple[Region, ...], day: dt.date) -> Fired:
    """The rule about open questions: each judged as "don't know", all of them together."""
    answers: dict[str, Answer] = dict.fromkeys(missing, UNKNOWN)
    judged = [
        _fire(rule, case, answers, regions, day)
        for rule in rulebook().rules.values()
        if (case := rule.case(answers)) is not None
    ]
    return Fired(
        rule=last.id,
        answer=None,
        outcome=max(one.outcome for one in (*judged, _fire(last, last.cases[0], answers, regions, day))),
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
