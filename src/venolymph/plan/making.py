"""A plan: a session for a person, as screening allows it."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from venolymph.massage.catalogue import places
from venolymph.massage.session import Session, load_session
from venolymph.plan.changing import SessionChange, SessionChanger, changes_for
from venolymph.plan.refusing import PlanRefused, check_possible
from venolymph.plan.wording import words
from venolymph.screening import Answers, Assessment, assess, load_answers


@dataclass(frozen=True)
class Plan:
    """A session for a person. There is none that screening does not allow, however it is put together.

    Attributes:
        session: what is done.
        assessment: the screening that allows it.
        changes: what is different from the session as written.
        numbers: for each step its number in the session as written, from 1, which changes refer to.

    Raises:
        PlanRefused: where the assessment blocks it or leaves something out that is in it, or a rule for sessions is
            broken.
    """

    session: Session
    assessment: Assessment
    changes: tuple[SessionChange, ...]
    numbers: tuple[int, ...]

    def __post_init__(self) -> None:
        check_possible(self.session, self.assessment)
        if left := [change.text() for change in changes_for(self.session, self.assessment) if change.rules]:
            raise PlanRefused(words().refusals.blocked, left, outcome=self.assessment.outcome)

    @property
    def cautions(self) -> tuple[str, ...]:
        """Exclusions that no step of a session can show (compression, both legs, a site to be marked)."""
        shown = {region for place in places().values() if (region := place.region)}
        shown |= {
            "flat-on-back",
            "face-down",
            "deep-abdomen",
            "firm-pressure",
            "long-session",
            "both-neck-sides-at-once",
        }
        return tuple(one.what for one in self.assessment.exclusions if one.what not in shown)


def plan(
    session: object,
    answers: str | os.PathLike[str] | Mapping[str, Any] | Answers,
    *,
    today: dt.date,
    leg: Literal["left", "right"] | None = None,
) -> Plan:
    """A session for the person who gave these answers.

    Args:
        session: a packaged session's name, a path, a mapping or a `Session`.
        answers: a document of answers: a path, a mapping or `Answers`. They are judged for the regions of the session,
            whatever regions they name.
        today: the day of the plan.
        leg: the leg that is worked, of a session that is for either leg; without it such a session is for both.

    Raises:
        DocumentError: where a document cannot be used.
        PlanRefused: where there is no plan.
    """
    what = load_session(session)
    if leg is not None:
        if what.body not in ("leg", f"leg.{leg}"):
            raise PlanRefused(words().refusals.other_side.format(body=what.body, leg=leg))
        what = what.model_copy(update={"body": f"leg.{leg}"})
    given = load_answers(answers)
    regions = {what.body.partition(".")[0], *what.screening, *given.regions}
    return plan_for(what, assess(given, today=today, regions=sorted(regions)), today=today)


def plan_for(session: Session, assessment: Assessment, *, today: dt.date | None = None) -> Plan:
    """A session for a person who was assessed.

    Args:
        session: what is to be done.
        assessment: what screening said about the person.
        today: the day of the plan, where it is not the day of the assessment.

    Raises:
        PlanRefused: where there is no plan.
    """
    check_possible(session, assessment, today)
    made, changes, numbers = SessionChanger(session, assessment).changed()
    return Plan(made, assessment, changes, numbers)
