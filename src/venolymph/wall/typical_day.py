"""A typical day in a few minutes: each posture with the small movements that people make in it.

Hours are weights afterwards, so that other work or more walking needs no other run. Small movements decide: sitting or
standing quite still, pressure in the calf is the column of blood, whether valves leak or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from venolymph.compression.garment import Garment
from venolymph.figures import load
from venolymph.regimen import Regimen, load_regimen
from venolymph.wall.life import DayHours

POSTURES = ("lying", "sitting", "standing", "walking")
PUMPS, TIPTOES = 3, 2
"""How many movements are made in a row, sitting and standing."""
PUMP, TIPTOE = 2.0, 2.8
"""How long one takes, s."""
SITTING_CYCLES, STANDING_CYCLES = 2, 3
"""Cycles of stillness and movement in the short day; the last one counts."""


@dataclass(frozen=True)
class ShortDay:
    """A regimen that holds a typical day in short.

    Attributes:
        regimen: what is done.
        windows: for each of `POSTURES` the numbers of the steps over which it is averaged.
    """

    regimen: Regimen
    windows: dict[str, tuple[int, ...]]


def massage_session() -> Regimen:
    """The session of massage that a life has so many times a week."""
    document = {"kind": "regimen", "version": 1, "regimen": "massage", "steps": [{"massage": "leg-massage"}]}
    return load_regimen(document)


def usual_hours() -> DayHours:
    """Hours of the day that a leg is used to."""
    known = load()
    return DayHours(*(known[f"wall_life.day.{posture}"].internal / 3600.0 for posture in POSTURES))


def short_day(garment: Garment | None = None) -> ShortDay:
    """A typical day in short, in a garment if one is given; it is taken on after lying."""
    steps: list[dict[str, Any]] = [{"lie": {"for": "50 s"}}]
    windows: dict[str, tuple[int, ...]] = {"lying": (0,)}
    if garment is not None:
        steps.append({"wear": garment.document()})
    still = PUMPS / load()["wall_life.day.pumps"].internal - PUMPS * PUMP
    steps.append({"sit": {"for": "14 s"}})
    for _ in range(SITTING_CYCLES):
        windows["sitting"] = (len(steps), len(steps) + 1)
        pumping = {"ankle pumps": {"count": PUMPS, "rate": f"{60.0 / PUMP:g} /min"}}
        steps += [pumping, {"wait": {"for": f"{still:g} s"}}]
    still = TIPTOES / load()["wall_life.day.tiptoes"].internal - TIPTOES * TIPTOE
    steps.append({"stand": {"for": "14 s"}})
    for _ in range(STANDING_CYCLES):
        windows["standing"] = (len(steps), len(steps) + 1)
        rising = {"tiptoes": {"count": TIPTOES, "rate": f"{60.0 / TIPTOE:.12g} /min"}}
        steps += [rising, {"wait": {"for": f"{still:g} s"}}]
    windows["walking"] = (len(steps),)
    steps.append({"walk": {"speed": "3 km/h", "for": "40 s"}})
    document = {"kind": "regimen", "version": 1, "regimen": "a typical day in short", "steps": steps}
    return ShortDay(load_regimen(document), windows)
