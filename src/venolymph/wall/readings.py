"""What a clinic would read of a leg on a date: calibre, tortuosity, valves that leak, blood that runs down."""

from __future__ import annotations

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np

from venolymph.wall.buckling import amplitude, tortuosity
from venolymph.wall.life import Situation
from venolymph.wall.living_leg import LegDay, LivingLeg
from venolymph.wall.state import SlowWall

LEAKS_FROM = 0.01
"""Open share of a shut valve from which on it counts as leaking, 1 (assumed)."""


@dataclass(frozen=True)
class WallReadings:
    """Readings of one day; see `READ` for what they are."""

    radius: np.ndarray
    standing: np.ndarray
    lying: np.ndarray
    tortuosity: np.ndarray
    amplitude: np.ndarray
    leak: np.ndarray
    leaking: np.ndarray
    reflux: np.ndarray
    reentry: np.ndarray
    damage: np.ndarray


READ = {
    "radius": (("place", "member"), "1", "natural radius over the healthy leg's"),
    "standing": (("segment", "member"), "mm", "calibre at the pressure of quiet standing"),
    "lying": (("segment", "member"), "mm", "calibre at the healthy leg's pressure lying"),
    "tortuosity": (("segment", "member"), "1", "length along the vein over the straight distance"),
    "amplitude": (("segment", "member"), "mm", "half the width of the flat serpentine that it makes"),
    "leak": (("valve", "member"), "1", "open share of the shut valve, standing"),
    "leaking": (("member",), "1", "number of valves that leak"),
    "reflux": (
        ("member",),
        "mL/min",
        "most that runs down in a superficial vein, mean of standing with small movements",
    ),
    "reentry": (("member",), "mL/min", "blood that perforators take inwards, mean of standing with small movements"),
    "damage": (("segment", "member"), "1", "share of elastin that is lost"),
}
"""Each reading: dimensions besides the day, unit, what it is."""


def read(leg: LivingLeg, wall: SlowWall, now: LegDay, situation: Situation, day: float) -> WallReadings:
    """Readings of a leg on a day, calibres without a garment and at equal pressure."""
    count = len(leg.places.cells)
    calibre = leg.calibre(wall, now.pressure, situation, day)
    bent = np.asarray(tortuosity(leg.hold, wall.length[:count], now.pressure[:count]))
    bent = bent / np.asarray(leg.begun.tortuosity) * leg.documented_tortuosity
    flow = 60.0 * np.asarray(now.standing.flow)
    leak = np.asarray(now.leak)
    return WallReadings(
        radius=np.asarray(jnp.exp(wall.radius)),
        standing=_by_segment(leg, calibre["standing"]),
        lying=_by_segment(leg, calibre["lying"]),
        tortuosity=_by_segment(leg, bent),
        amplitude=_by_segment(leg, 10.0 * amplitude(bent, leg.wave)),
        leak=leak,
        leaking=(leak > LEAKS_FROM).sum(axis=0),
        reflux=np.maximum(0.0, -flow[:count].min(axis=0)),
        reentry=np.maximum(0.0, flow[count:]).sum(axis=0),
        damage=_by_segment(leg, np.asarray(wall.damage)),
    )


def _by_segment(leg: LivingLeg, values: np.ndarray) -> np.ndarray:
    return np.stack([values[rows].mean(axis=0) for rows in leg.places.segment_rows.values()])
