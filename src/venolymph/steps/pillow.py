"""How hard a pillow presses, and the posture that a head is in by its angles."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from venolymph import figures
from venolymph.steps.head import ON, neck_level
from venolymph.steps.postures import Lie, Posture, Stand


def pillow_pressure(mass: float, lain_on: float, value: Callable[[str], float] = figures.internal) -> float:
    """Mean pressure on the regions that the head's weight rests on, lying flat.

    Whatever part of them touches the pillow, the pressures on them add up to the weight, so that their mean is that
    weight over all their skin. Where they are small the pillow touches more than them, and presses less.

    Args:
        mass: of the body, kg.
        lain_on: skin of the regions that are lain on, cm2.
        value: a figure in internal units by its key.

    Returns:
        mmHg: `posture.head.mass_share` of the body's weight over that skin, or over `posture.head.contact_area` if
        that is larger.
    """
    weight = mass * value("posture.head.mass_share") * value("blood.gravity")  # kg cm/s2
    return weight / max(lain_on, value("posture.head.contact_area")) * figures.factor("kPa") / 10.0


def posture_of_head(angles: Mapping[str, float], value: Callable[[str], float] = figures.internal) -> Posture:
    """The posture that has these angles, as `Posture.head_angles` gives them, or is nearest to them.

    Args:
        angles: of "trunk", "head up", "head forward" and "head left", rad.
        value: a figure in internal units by its key.

    Returns:
        Standing where the trunk is upright, else lying, with a pillow where the head is not in line with the trunk.
    """
    trunk, bend = angles["trunk"], angles["head up"] - angles["trunk"]
    if trunk > math.radians(80.0):
        return Stand()
    forward, left = math.sin(angles["head forward"]), math.sin(angles["head left"])
    on = max(ON, key=lambda side: ON[side][0] * forward + ON[side][1] * left)
    given: dict[str, object] = {"on": on}
    if trunk:
        given["head_up" if trunk > 0.0 else "head_down"] = f"{round(math.degrees(abs(trunk)), 3):g} deg"
    if abs(bend) > 1e-9:
        level = neck_level(on, value)
        given["pillow"] = f"{round(level + value('posture.head.reach') * math.sin(bend), 6):g} cm"
    return Lie.model_validate(given)
