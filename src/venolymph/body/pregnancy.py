"""What pregnancy changes in the veins of the legs: their walls, and the pressure in the pelvis that blood has to pass.

Nothing else is changed: neither blood flow, nor lymph, nor tissue. Sizes of veins are not put in; they follow.
"""

from __future__ import annotations

import math
from collections.abc import Callable


def wall_compliance(weeks: float, value: Callable[[str], float]) -> float:
    """Stretch of a wall at any pressure over that before the pregnancy, 1.

    Args:
        weeks: of pregnancy; 0 without.
        value: a figure in internal units by its key.
    """
    share = min(1.0, weeks / value("pregnancy.wall.from_week"))
    return 1.0 + share * (value("pregnancy.wall.compliance") - 1.0)


def abdominal_rise(weeks: float, trunk: float, value: Callable[[str], float]) -> float:
    """Rise of the pressure on the veins of pelvis and abdomen, mmHg.

    Args:
        weeks: of pregnancy; 0 without.
        trunk: inclination of the trunk, rad: 0 lying flat, where the uterus lies on the vena cava.
        value: a figure in internal units by its key.
    """
    begins, ends = value("pregnancy.abdomen.from_week"), value("pregnancy.abdomen.to_week")
    share = min(1.0, max(0.0, (weeks - begins) / (ends - begins)))
    upright, lying = value("pregnancy.abdomen.rise"), value("pregnancy.abdomen.lying_rise")
    return share * (upright + (lying - upright) * max(0.0, math.cos(trunk)))
