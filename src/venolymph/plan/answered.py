"""Treatment simulated for somebody who answered the questions of screening: what a plan would refuse is refused.

The answers count beside the person's document. Where the two contradict each other, neither is believed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from venolymph.errors import SimulationError
from venolymph.massage.session import Session
from venolymph.plan.changing import changes_for
from venolymph.plan.refusing import PlanRefused, check_screened
from venolymph.regimen.steps.garments import Pumped, Wear
from venolymph.screening import Answers, Assessment, assess
from venolymph.screening import words as screening_words

if TYPE_CHECKING:
    from venolymph.body.person import Person
    from venolymph.regimen.schema import Regimen


def check_answers_for(
    person: Person, regimen: Regimen, answers: Answers, *, said: Iterable[tuple[str, str]] = (), today: dt.date
) -> None:
    """Refuse a treatment that the answers do not allow on this day.

    Args:
        person: who is to be treated.
        regimen: what is to be done.
        answers: what the person answered.
        said: what the person's document states and which rule of screening has to find the same in the answers.
        today: the day.

    Raises:
        DocumentError: where the answers are dated after today.
        SimulationError: where they are somebody else's, too old, not of today where they have to be, about another leg
            or region, block a plan, would change it, or contradict the person's document.
    """
    if answers.label != person.label:
        raise SimulationError(
            f"the answers are of {answers.label!r}, the document is of {person.label!r}",
            hint="the answers and the person's document bear the same label where they are of one person",
            place=person.label,
        )
    worn = [step for step in regimen.unfolded if isinstance(step, Wear | Pumped)]
    legs = {*regimen.treated(person.index_side), *(step.on for step in worn if step.on is not None)}
    regions = {
        *(() if regimen.on_face else ("leg",)),
        *(region for one in regimen.massages for region in (one.body.partition(".")[0], *one.screening)),
    }
    found = assess(
        answers,
        today=today,
        regions=sorted({*regions, *answers.regions}),
        compression=answers.compression or bool(worn),
    )
    try:
        check_screened(found, regions=regions, legs=legs, today=today)
    except PlanRefused as refused:
        rules = f" ({', '.join(found.rules)})" if not found.plan_allowed else ""
        raise refused_for(person, f"{refused.message}{rules}") from None
    for what, rule in said:
        if rule not in found.rules:
            raise refused_for(person, f"its document says {what}, and the answers do not ({rule})")
    for text in (*_changed(regimen.massages, found), *_pressed(worn, found)):
        raise refused_for(person, f"the answers leave something out: {text}")


def _changed(sessions: Iterable[Session], found: Assessment) -> Iterable[str]:
    """What a plan would take out of sessions, or do otherwise, because of the answers."""
    for session in sessions:
        try:
            changes = changes_for(session, found)
        except PlanRefused as refused:
            yield refused.message
            continue
        yield from (change.text() for change in changes if change.rules)


def _pressed(worn: Iterable[Wear | Pumped], found: Assessment) -> Iterable[str]:
    """What is worn and would press where the answers leave compression out."""
    out = {one.what: one for one in found.exclusions}
    for step in worn:
        parts = step.parts if isinstance(step, Wear) else tuple(step.starts())
        for name in ("compression", *parts):
            if name in out:
                yield f"{screening_words().excluded(out[name])} ({', '.join(out[name].rules)})"


def refused_for(person: Person, why: str) -> SimulationError:
    """The error for treatment that is not simulated, and why."""
    return SimulationError(
        f"treatment is not simulated for {person.label!r}: {why}",
        hint="see what the answers lead to with `venolymph screen --answers FILE`; `venolymph plan` makes a session of "
        "what they leave",
        place=person.label,
    )
