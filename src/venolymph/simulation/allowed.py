"""Who may be simulated: asked before anything is computed, of all members of a run."""

from __future__ import annotations

from collections.abc import Sequence

from venolymph.body import Person
from venolymph.errors import SimulationError
from venolymph.plan.gate import gate
from venolymph.regimen import Regimen
from venolymph.screening import Answers


def check_allowed(people: Sequence[Person], regimen: Regimen, override: str | None, answers: Answers | None) -> None:
    """Refuse, before anything is computed, a regimen for another leg than a body's and a treatment of anybody whom the
    gate stops.

    Args:
        people: all who are to be simulated.
        regimen: what they are to go through.
        override: recorded reason for going on all the same.
        answers: what they answered to the questions of screening.

    Raises:
        SimulationError: where one of them is refused (`plan.gate`).
    """
    for person in people:
        if regimen.side not in (None, person.index_side):
            raise SimulationError(
                f"the regimen is done on the {regimen.side} leg, the body is that of the {person.index_side} one",
                hint=f"make it by leg_body(person.with_index_side({regimen.side!r}))",
                place=person.label,
            )
        gate(person, regimen, override, answers=answers)
