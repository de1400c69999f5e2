"""Replicates of a leg that differ by chance alone.

Contracting lymphatics keep no clock, and sitting their rhythm never settles: two legs that differ by a billionth in
the tension of their lymphangions, and in nothing else, form and carry different lymph after a while. How far such legs
end apart is what chance makes of one simulation, and nothing smaller than that is an effect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from venolymph.body import Body, Person
from venolymph.body.make import Part, make_body
from venolymph.errors import SimulationError
from venolymph.figures import Figure
from venolymph.regimen import Regimen
from venolymph.simulation.tissue_model import Tissue, tissue_of

MEMBERS = 4
"""Default number of replicates where chance matters."""
APART = 1e-9
"""Relative difference of tension between successive replicates, 1."""
TENSION = "lymph.lymphangion.tension"


def alike(figures: Mapping[str, Figure], members: int) -> list[Mapping[str, Figure]]:
    """Figures of legs that are alike but for chance, to be simulated side by side.

    Args:
        figures: of the leg.
        members: how many legs.

    Returns:
        One set of figures for each; the first are those given.

    Raises:
        SimulationError: where `members` is below 1.
    """
    if members < 1:
        raise SimulationError(
            f"found {members} members, where at least 1 is needed", hint=f"leave it out for {MEMBERS}"
        )
    tension = figures[TENSION]
    others = [replace(tension, value=tension.value * (1.0 + APART * more)) for more in range(1, members)]
    return [figures, *({**figures, TENSION: other} for other in others)]


def legs(
    people: Sequence[Person], regimen: Regimen, figures: Sequence[Mapping[str, Figure]]
) -> tuple[list[Body], Tissue]:
    """Each person as many times as there are sets of figures, ready for `simulate` in one batch: legs, or whole faces.

    Args:
        people: who.
        regimen: what they are to go through; it may say which leg it is about.
        figures: of tissue and lymph, one set for each leg of a person, as `alike` gives them.

    Returns:
        Bodies, those of a person next to each other, and their tissue and lymph.
    """
    chosen = people if regimen.side is None else [person.with_index_side(regimen.side) for person in people]
    part: Part = "face" if regimen.body == "face" else "leg"
    bodies = [body for body in (make_body(person, part, sides="both") for person in chosen) for _ in figures]
    return bodies, tissue_of(bodies, figures=[*figures] * len(people))
