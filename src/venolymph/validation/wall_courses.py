"""Courses of a leg's walls over weeks and years, done in place of a regimen, and a vein that is bent on a bench.

`scripts/calibrate_wall.py` prints these beside courses that have no target.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from venolymph.body import Person, load_person
from venolymph.figures import load
from venolymph.wall.buckling import AxialHold, critical_pressure, held_straight
from venolymph.wall.course import LifeCourse, follow
from venolymph.wall.law import Bias, Loads, step
from venolymph.wall.life import YEAR, Change, DayHours, Life
from venolymph.wall.state import SlowWall
from venolymph.wall.typical_day import usual_hours

THIGH = "great saphenous, thigh"
TRIBUTARIES = ("tributary, medial calf", "tributary, anterior calf")
JUNCTION = "great saphenous, terminal valve"
PERSON = "mild-varicose"
WEEK = 7.0
"""Days."""
PREGNANCY = 40.0 * WEEK
ARTERIAL_PRESSURE, ARTERIAL_FLOW = 90.0, 2.5
"""Of a vein graft in a leg, mmHg and mL/s."""
BENCH_RADIUS, BENCH_WALL, BENCH_STRETCH = 0.225, 0.08, 1.5
"""Of a jugular vein on the bench: lumen's radius and wall, cm (assumed), and axial stretch, 1 (Martinez 2010)."""


@dataclass(frozen=True)
class WallResult:
    """What a course gave.

    Attributes:
        value: the number that is judged, in one leg, shape (1,).
        note: how it was done.
    """

    value: np.ndarray
    note: str


def lived(
    person: str | Person, days: float, every: float, *changes: Change, hours: DayHours | None = None
) -> LifeCourse:
    """A life of a person on a usual day, or another one."""
    return follow(person, Life("a check", days, every, hours or usual_hours(), changes))


def width(course: LifeCourse, segment: str, row: int) -> float:
    """Calibre standing on a row of a course, mm."""
    return float(course.dataset().standing.sel(segment=segment)[row, 0])


def changed(course: LifeCourse, segment: str) -> float:
    """Calibre standing at the end of a course over that before it, 1."""
    return width(course, segment, -1) / width(course, segment, 0)


def junction_closed(days: float) -> float:
    """Trunk in the thigh so many days after its junction was closed over before, 1."""
    return changed(lived(PERSON, days, days, Change(0.0, closed=(JUNCTION,))), THIGH)


def tributaries_after_ablation() -> float:
    """Tributaries six months after the trunk in the thigh was ablated over before, mean of them, 1."""
    course = lived(PERSON, 182.0, 91.0, Change(0.0, ablated=(THIGH,)))
    return float(np.mean([changed(course, segment) for segment in TRIBUTARIES]))


def woman() -> Person:
    """The healthy person as a woman."""
    healthy = load_person("healthy")
    return healthy.model_copy(update={"person": healthy.person.model_copy(update={"sex": "female"})})


def pregnant(days: float) -> float:
    """Trunk in the thigh so many days from the beginning of a pregnancy of 40 weeks over before, 1."""
    return changed(lived(woman(), days, days, Change(0.0, pregnant_for=PREGNANCY)), THIGH)


def graft() -> float:
    """Share of the widening of three months that a leg vein under arterial pressure and flow reaches after one, 1."""
    leg = lived("healthy", 14.0, 14.0).leg
    row = leg.places.segment_rows[THIGH][4]
    none = jnp.zeros((1, 1))
    growth = eqx.tree_at(lambda g: g.gain_tension, leg.growth, leg.growth.gain_tension[row : row + 1])
    tension, shear = leg.healthy.tension[row : row + 1], leg.healthy.shear[row : row + 1]
    square = leg.healthy.standing[row : row + 1] ** 2
    pull = 4.0 * leg.begun.parameters.fluid.viscosity * ARTERIAL_FLOW / jnp.pi / square**1.5
    stretch, upright = jnp.ones((1, 1, 1)), jnp.ones(1)
    wall = SlowWall(none, none, none, none, none)
    moved = [0.0]
    for _ in range(18):  # five days each: pressure and flow are held, radius is not
        wide = jnp.exp(wall.radius)
        load = Loads(ARTERIAL_PRESSURE * square * wide**2, tension, pull / wide**3, shear, stretch, upright, none)
        wall = step(growth, load, Bias.none((1, 1)), wall, jnp.asarray(5.0))
        moved.append(float(jnp.exp(wall.radius[0, 0])) - 1.0)
    return moved[6] / moved[-1]


def bent_on_a_bench() -> float:
    """Pressure above which a stretched vein without a bed bends, mmHg, by the axial tension of a leg vein."""
    known = {name: load()[f"wall_life.buckling.{name}"].internal for name in ("tension", "steepness", "modulus")}
    held, _ = held_straight(BENCH_RADIUS, BENCH_WALL, known["modulus"], 0.0)
    parts = (known["tension"], known["steepness"], BENCH_STRETCH, held)
    return float(critical_pressure(AxialHold(*(jnp.full((1, 1), one) for one in parts)), jnp.zeros((1, 1)))[0, 0])


_VARICOSE = "mild-varicose on its usual day; calibre standing at equal pressure"
_COURSES: Mapping[str, tuple[Callable[[], float], str]] = {
    "junction closed, 8 weeks": (lambda: junction_closed(8.0 * WEEK), _VARICOSE),
    "junction closed, 5.4 years": (lambda: junction_closed(5.4 * YEAR), _VARICOSE),
    "trunk ablated": (tributaries_after_ablation, f"{_VARICOSE}; mean of two tributaries"),
    "pregnancy, 29 weeks": (lambda: pregnant(29.0 * WEEK), "the healthy person as a woman"),
    "pregnancy, 14 weeks after": (lambda: pregnant(PREGNANCY + 14.0 * WEEK), "the healthy person as a woman"),
    "vein graft": (graft, "trunk of the thigh at 90 mmHg and 2.5 mL/s"),
    "vein on a bench": (
        bent_on_a_bench,
        "axial tension is that assumed of a leg vein; the published one is a pig's jugular vein",
    ),
}


def _done(course: Callable[[], float], note: str) -> Callable[[int], WallResult]:
    return lambda _members: WallResult(np.array([course()]), note)


WALL_COURSES: Mapping[str, Callable[[int], WallResult]] = {name: _done(*one) for name, one in _COURSES.items()}
"""By name, as `protocols.toml` calls them."""
