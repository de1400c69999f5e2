"""Legs alike but for chance.

Contracting lymphatics keep no clock, and sitting their rhythm never settles: two legs that differ by a billionth in
the tension of their lymphangions, and in nothing else, form and carry different lymph after a while. How far such legs
end apart is what chance makes of one simulation, and nothing smaller than that is an effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from venolymph.figures import Figure

APART = 1e-9
"""By how much of itself the tension differs from one leg to the next, 1."""
TENSION = "lymph.lymphangion.tension"


def alike(figures: Mapping[str, Figure], members: int) -> list[Mapping[str, Figure]]:
    """Figures of legs that are alike but for chance, to be simulated side by side.

    Args:
        figures: of the leg.
        members: how many legs.

    Returns:
        One set of figures for each; the first are those given.
    """
    tension = figures[TENSION]
    others = [replace(tension, value=tension.value * (1.0 + APART * more)) for more in range(1, members)]
    return [figures, *({**figures, TENSION: other} for other in others)]
