"""How the head lies in a posture: the elevation of its axes, and what a pillow does to them.

Three axes of the head (up, forward, to its left) and that of the trunk, each with its angle above the horizontal.
Somebody who lies turns about the long axis of the body; a pillow turns the head about the neck's base.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

from venolymph import figures

On = Literal["back", "left", "right", "front"]
"""What somebody lies on."""

ON: dict[On, tuple[float, float]] = {"back": (1.0, 0.0), "left": (0.0, -1.0), "right": (0.0, 1.0), "front": (-1.0, 0.0)}
"""Which way the head's forward and left axes point of somebody who lies so, flat: 1 up, -1 down, 0 level."""


def head_axes(trunk: float, on: On = "back", bend: float = 0.0) -> dict[str, float]:
    """Elevation of the trunk's axis and of the head's three axes above the horizontal.

    Args:
        trunk: elevation of the trunk, rad: 0 lying, pi/2 upright, below 0 head down.
        on: what somebody lies on; upright it makes no difference.
        bend: of the neck, by which the head rises beyond the trunk, rad.

    Returns:
        Angles of "trunk", "head up", "head forward" and "head left", rad. Their sines are the height that a cm along
        the axis gains.
    """
    forward, left = ON[on]
    up = trunk + bend
    # at right angles to the head's length: as far from the vertical as that is from the horizontal
    across = math.pi / 2 - up
    return {"trunk": trunk, "head up": up, "head forward": forward * across, "head left": left * across}


def neck_level(on: On, value: Callable[[str], float] = figures.internal) -> float:
    """Thickness of the pillow on which the head is in line with the trunk, cm.

    Args:
        on: what somebody lies on.
        value: a figure in internal units by its key.
    """
    return value(f"posture.head.level.{'side' if on in ('left', 'right') else on}")


def neck_bend(pillow: float | None, on: On, value: Callable[[str], float] = figures.internal) -> float:
    """Angle by which a pillow bends the neck: how far the head rises beyond the line of the trunk.

    Args:
        pillow: thickness under the head's weight, cm; None: the head lies in line with the trunk.
        on: what somebody lies on.
        value: a figure in internal units by its key.

    Returns:
        rad: above 0 on a pillow thicker than `posture.head.level.*`, at which the head is level, below 0 on a thinner
        one. A pillow that would bend the neck beyond `posture.head.bends` lifts the shoulders too.
    """
    if pillow is None:
        return 0.0
    lift = (pillow - neck_level(on, value)) / value("posture.head.reach")
    most = value("posture.head.bends")
    return min(most, max(-most, math.asin(min(1.0, max(-1.0, lift)))))
