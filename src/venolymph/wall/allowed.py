"""Who may be followed through a life with treatment in it: the gate of all simulations, asked before the first day."""

from __future__ import annotations

from venolymph.body import Person
from venolymph.errors import SimulationError
from venolymph.screening import Answers
from venolymph.simulation.allowed import check_allowed
from venolymph.wall.life import Life
from venolymph.wall.typical_day import massage_session, short_day


def check_life_allowed(person: Person, life: Life, override: str | None, answers: Answers | None) -> None:
    """Refuse a life with massage or something worn in it for somebody whom the gate stops.

    Args:
        person: who is to be followed.
        life: what happens.
        override: recorded reason for going on all the same.
        answers: what the person answered to the questions of screening.

    Raises:
        SimulationError: where the gate refuses one of the treatments (`plan.gate`), or one falls into a pregnancy and
            no reason is given.
    """
    treatments = {}
    for begin, end, situation in life.stretches():
        if situation.massage_per_week:
            treatments["massage"] = massage_session()
        if situation.garment is not None:
            treatments[repr(situation.garment)] = short_day(situation.garment).regimen
        treated = bool(situation.massage_per_week) or situation.garment is not None
        if treated and override is None and situation.weeks_pregnant(0.5 * (begin + end)):
            raise SimulationError(
                f"treatment is not simulated for {person.label!r} in a pregnancy, which begins on day "
                f"{situation.pregnant_since:g}: that is a doctor's to allow",
                hint="end the treatment before it, or for research give a reason, which is recorded and printed: "
                "research_override=... (--research-override)",
                place=person.label,
            )
    for regimen in treatments.values():
        check_allowed([person], regimen, override, answers)
