"""The rigid links of a standing person (trunk, thigh, shank, foot), and where a height lies along them."""

from __future__ import annotations

from collections.abc import Callable


def joints(value: Callable[[str], float], stature: float) -> tuple[float, float, float]:
    """Heights of knee, hip and right atrium above the malleolus, cm.

    Args:
        value: gives a figure by its key (`body_proportions.knee`: share of the body's height, 1).
        stature: height of the body, cm.
    """
    ankle = value("body_proportions.ankle")
    levels = (value("body_proportions." + name) for name in ("knee", "hip", "right_atrium"))
    knee, hip, atrium = ((level - ankle) * stature for level in levels)
    return knee, hip, atrium


def along(joints: tuple[float, float, float], height: float) -> tuple[float, float, float, float]:
    """Where a height above the malleolus (cm) lies along trunk, thigh, shank and foot, cm down from the atrium."""
    knee, hip, atrium = joints
    return (
        atrium - max(height, hip),
        hip - min(hip, max(height, knee)),
        knee - min(knee, max(height, 0.0)),
        max(-height, 0.0),
    )
