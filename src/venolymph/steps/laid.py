"""How far a posture goes from standing to lying, by what it does to the volume of plasma."""

from __future__ import annotations

import math
from collections.abc import Callable

from venolymph import figures
from venolymph.steps.postures import Posture


def laid(posture: Posture, value: Callable[[str], float] = figures.internal) -> float:
    """How far a posture goes from standing (0) to lying (1), by the volume of plasma.

    It falls in proportion to the angle of a table (Hinghofer-Szalkay and Moser); of that fall the hanging legs
    have a part of their own, which is what sitting lacks.

    Args:
        posture: the posture.
        value: a figure in internal units by its key.
    """
    angles, legs = posture.angles(), value("posture.plasma.sitting")
    upright = (1.0 - legs) * angles["trunk"] + legs * angles["thigh"]
    return min(1.0, max(0.0, 1.0 - upright / (math.pi / 2)))
