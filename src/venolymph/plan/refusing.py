"""What can be no plan, whatever is taken out of a session, and the refusal with its reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from venolymph.errors import VenolymphError
from venolymph.massage.session import Session
from venolymph.plan.linter import LintFinding, lint
from venolymph.plan.wording import words
from venolymph.screening import NOT_STATED, Assessment, Outcome
from venolymph.screening import words as screening_words


class PlanRefused(VenolymphError):
    """There is no plan, and why.

    Attributes:
        reasons: lines for people.
        outcome: outcome of screening; None where nobody was screened.
        findings: findings of the linter, where they are the reason.
    """

    def __init__(
        self,
        message: str,
        reasons: Iterable[str] = (),
        *,
        outcome: Outcome | None = None,
        findings: Iterable[LintFinding] = (),
    ) -> None:
        super().__init__(message)
        self.reasons = tuple(reasons)
        self.outcome = outcome
        self.findings = tuple(findings)


def check_possible(session: Session, assessment: Assessment, today: dt.date | None = None) -> None:
    """Refuse what can be no plan, whatever is taken out of it."""
    said = words().refusals
    if session.purpose == "experiment":
        raise PlanRefused(said.experiment)
    body, _, side = session.body.partition(".")
    legs = {side} if side else {"left", "right"} if body == "leg" else set[str]()
    check_screened(assessment, regions={body, *session.screening}, legs=legs, today=today)
    if findings := lint(session):
        reasons = [f"{one.rule}: {one.text()}" for one in findings]
        raise PlanRefused(said.linted, reasons, outcome=assessment.outcome, findings=findings)


def check_screened(assessment: Assessment, *, regions: set[str], legs: set[str], today: dt.date | None = None) -> None:
    """Refuse where an assessment does not allow a session.

    Args:
        assessment: what screening said about the person.
        regions: regions of the session, and those that it asks to be screened for.
        legs: the legs that are worked.
        today: the day, where it is not the day of the assessment.

    Raises:
        PlanRefused: where it blocks, is of another day or too old, or speaks of nobody, of other regions or legs.
    """
    said = words().refusals
    if not assessment.plan_allowed:
        nobody = [said.nobody] if assessment.label == NOT_STATED else []
        raise PlanRefused(said.blocked, [*screening_words().say(assessment), *nobody], outcome=assessment.outcome)
    missing = regions - set(assessment.regions)
    if missing:
        raise PlanRefused(said.regions.format(regions=", ".join(sorted(missing))), outcome=assessment.outcome)
    assessed = dt.date(assessment.time.year, assessment.time.month, assessment.time.day)
    day = assessed if today is None else dt.date(today.year, today.month, today.day)
    if day > assessment.expires:
        raise PlanRefused(said.expired.format(date=assessment.expires), outcome=assessment.outcome)
    if day != assessed:
        raise PlanRefused(said.other_day.format(date=assessed), outcome=assessment.outcome)
    if assessment.label == NOT_STATED:
        raise PlanRefused(said.nobody, outcome=assessment.outcome)
    if lacking := legs - set(assessment.legs):
        about = " and ".join(assessment.legs) or NOT_STATED
        raise PlanRefused(
            said.side.format(needed=" and ".join(sorted(lacking)), about=about), outcome=assessment.outcome
        )
