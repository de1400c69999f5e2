"""Ten days of a leg whose junction was closed, as one step of their mean load and posture by posture, end alike."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from venolymph.body import load_person
from venolymph.simulation import simulate
from venolymph.wall.law import Loads, step
from venolymph.wall.life import Situation
from venolymph.wall.living_leg import LivingLeg, living_leg
from venolymph.wall.loads import DayPart, day_loads, posture_means
from venolymph.wall.state import SlowWall
from venolymph.wall.typical_day import POSTURES, short_day, usual_hours

DAYS = 10
MEMORY = 3.0
"""How long a wall remembers its loads, days: it cannot follow those of a single hour."""
CLOSED = Situation(usual_hours(), closed=("great saphenous, terminal valve",))

pytestmark = pytest.mark.slow


def loads_by_posture(leg: LivingLeg, wall: SlowWall, pressure: jax.Array, day: float) -> dict[str, Loads]:
    """What a day of nothing else but one posture would do to a wall, for each posture."""
    short, parameters = short_day(), leg.parameters(wall, pressure, CLOSED, day)
    run = simulate([leg.body], short.regimen, parameters=parameters, tissue=False)
    found = posture_means(run, short, leg.places)
    upright = DayPart("standing", 0.0, found["standing"])
    return {
        posture: day_loads([DayPart(posture, 1.0, found[posture]), upright], leg.healthy, parameters, leg.places)
        for posture in POSTURES
    }


def test_a_day_as_one_is_as_good_as_each_of_its_postures_in_a_whole_leg() -> None:
    leg, begun, first = living_leg(load_person("mild-varicose"), np.ones(1))
    bias, move = leg.pushed(CLOSED, 0.0), jax.jit(step)
    hours = {posture: getattr(CLOSED.hours, posture) for posture in POSTURES}

    whole = leg.day(begun, first.pressure, CLOSED, 0.0).loads
    averaged = move(leg.growth, whole, bias, begun, jnp.asarray(float(DAYS)))

    now, kept = begun, (whole.tension, whole.shear)
    for day in range(DAYS):
        morning = now.radius
        fresh = loads_by_posture(leg, now, first.pressure, float(day))
        for posture in POSTURES:
            moved = now.radius - morning
            part = hours[posture] / 24.0
            left = np.exp(-part / MEMORY)
            # at held pressure and flow, as in the law
            there = fresh[posture].tension * jnp.exp(2.0 * moved), fresh[posture].shear * jnp.exp(-3.0 * moved)
            kept = tuple(left * old + (1.0 - left) * new for old, new in zip(kept, there, strict=True))
            loads = replace(fresh[posture], tension=kept[0], shear=kept[1])
            now = move(leg.growth, loads, bias, now, jnp.asarray(part))

    thigh = leg.places.segment_rows["great saphenous, thigh"]
    assert float(np.max(np.asarray(now.radius - begun.radius)[thigh])) < -0.05
    apart = np.abs(np.asarray(now.radius - averaged.radius))
    # 0.0065, where the largest change is 0.077; 0.01 is 0.03 mm at a radius of 3 mm
    assert apart.max() < 0.01
    np.testing.assert_allclose(now.length, averaged.length, atol=0.002)
    np.testing.assert_allclose(now.mass, averaged.mass, atol=0.01)
