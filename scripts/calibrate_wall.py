"""Hold the wall over weeks and years to published courses: those that its figures were set on, and those they were not.

    python scripts/calibrate_wall.py                           every course, a few minutes
    python scripts/calibrate_wall.py --only junction           one of them
    python scripts/calibrate_wall.py --only junction --set radius.time=45 --set radius.gain_shear=0.5

`--set` takes another value of a figure of `wall_life.toml`, in the figure's unit. What is printed is what
`docs/explanation/wall-over-years.md` says.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from unittest import mock

import jax.numpy as jnp
import numpy as np

from venolymph import figures
from venolymph.body import load_person
from venolymph.compression.garment import Garment
from venolymph.validation.wall_courses import (
    JUNCTION,
    PERSON,
    PREGNANCY,
    THIGH,
    TRIBUTARIES,
    WEEK,
    changed,
    graft,
    junction_closed,
    lived,
    pregnant,
    tributaries_after_ablation,
    width,
    woman,
)
from venolymph.wall.law import Bias, target
from venolymph.wall.life import YEAR, Change, DayHours
from venolymph.wall.living_leg import living_leg
from venolymph.wall.typical_day import usual_hours

CALF = "great saphenous, calf"
STOCKING = {"garment": "stocking", "class": "RAL II", "up_to": "thigh"}


def say(what: str, found: float, low: float | None = None, high: float | None = None, use: str = "") -> None:
    """Print a figure beside its range."""
    verdict = "" if low is None or high is None else f"  {low:g} to {high:g} ({use}): "
    verdict += "" if low is None or high is None else "met" if low <= found <= high else "MISSED"
    print(f"  {what:62s} {found:7.3f}{verdict}", flush=True)


def junction() -> None:
    """Junction closed, trunk left."""
    course = lived(PERSON, 5.4 * YEAR, 0.9 * YEAR, Change(0.0, closed=(JUNCTION,)))
    say("trunk in the thigh after 8 weeks over before", junction_closed(8.0 * WEEK), 0.60, 0.80, "calibrate")
    say("the same after 5.4 years", changed(course, THIGH), 0.50, 0.72, "calibrate")
    for segment in TRIBUTARIES:
        say(f"{segment} after 5.4 years", changed(course, segment))


def ablation() -> None:
    """Trunk in the thigh ablated, tributaries left."""
    say("tributaries six months after, mean of two", tributaries_after_ablation(), 0.45, 0.85, "check")


def documented() -> None:
    """A documented leg on its usual day."""
    course = lived(PERSON, YEAR, YEAR)
    healthy = width(lived("healthy", 14.0, 14.0), THIGH, 0)
    say("refluxing trunk over the healthy twin's, as documented", width(course, THIGH, 0) / healthy)
    say("trunk after a year as it is over before", changed(course, THIGH))


def law_alone() -> None:
    """What loads alone make of a leg whose valves leak, without what they do not explain."""
    leg, wall, day = living_leg(load_person(PERSON), np.ones(1))
    explained = target(leg.growth, day.loads, Bias.none(wall.radius.shape), wall, jnp.zeros_like(wall.radius))
    for segment in (THIGH, CALF, *TRIBUTARIES):
        index = np.array(leg.places.segment_rows[segment])
        say(f"{segment}: logarithm of radius, documented", float(wall.radius[index].mean()))
        say("  of it explained by loads", float(explained[index].mean()))


def pregnancy() -> None:
    """A first pregnancy of a healthy woman."""
    course = lived(woman(), 378.0, 98.0, Change(0.0, pregnant_for=PREGNANCY))
    leaking = course.dataset().leaking.values[:, 0]
    for row, day in enumerate(course.days):
        print(f"  day {day:5.0f}: {width(course, THIGH, row):5.2f} mm, {leaking[row]:.0f} valves leak")
    say("trunk at 29 weeks over before", pregnant(29.0 * WEEK), 1.10, 1.55, "calibrate")
    say("14 weeks after birth over before", changed(course, THIGH), 0.95, 1.12, "calibrate")


def walking() -> None:
    """An hour and a half more of walking in place of sitting; trusted by nobody, see the page."""
    usual = usual_hours()
    more = DayHours(usual.lying, usual.sitting - 1.5, usual.standing, usual.walking + 1.5)
    course = lived(PERSON, YEAR, YEAR, hours=more)
    for segment in (THIGH, CALF, *TRIBUTARIES):
        say(f"{segment} after a year over before", changed(course, segment))


def stocking() -> None:
    """A stocking to the thigh for all upright hours; trusted by nobody, see the page."""
    worn = Change(0.0, garment=Garment.model_validate(STOCKING), garment_share=1.0)
    course = lived(PERSON, YEAR, YEAR, worn)
    for segment in (THIGH, CALF, *TRIBUTARIES):
        say(f"{segment} after a year over before", changed(course, segment))


def standing_work() -> None:
    """A healthy leg in standing work for three months, and three months after."""
    usual = usual_hours()
    work = DayHours(usual.lying, usual.sitting - 6.0, usual.standing + 6.0, usual.walking)
    course = lived("healthy", 182.0, 91.0, Change(91.0, hours=usual), hours=work)
    for row in (1, 2):
        say(
            f"trunk in the thigh on day {course.days[row]:.0f} over before",
            width(course, THIGH, row) / width(course, THIGH, 0),
        )


def ten_years() -> None:
    """A healthy leg for ten years."""
    course = lived("healthy", 10.0 * YEAR, YEAR)
    for segment in (THIGH, CALF, "tributaries, lower calf"):
        say(f"{segment} after ten years, mm", width(course, segment, -1))
        say("  before, mm", width(course, segment, 0))


def massage() -> None:
    """A session of massage a week for a year against none."""
    rubbed = lived(PERSON, YEAR, YEAR, Change(0.0, massage_per_week=1.0))
    without = lived(PERSON, YEAR, YEAR)
    for segment in (THIGH, CALF, *TRIBUTARIES):
        say(
            f"{segment}, mm wider than without",
            width(rubbed, segment, -1) - width(without, segment, -1),
            -0.1,
            0.1,
            "check",
        )


def vein_graft() -> None:
    """A leg vein under arterial pressure and flow; judges rate alone."""
    say("share of the widening of three months reached after one", graft(), 0.50, 0.85, "check")


COURSES: dict[str, Callable[[], None]] = {
    "documented": documented,
    "law": law_alone,
    "junction": junction,
    "ablation": ablation,
    "pregnancy": pregnancy,
    "walking": walking,
    "stocking": stocking,
    "standing": standing_work,
    "ten-years": ten_years,
    "massage": massage,
    "graft": vein_graft,
}


def main() -> None:
    """Read the arguments, and run the courses."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--only", choices=COURSES, action="append")
    parser.add_argument("--set", action="append", default=[], metavar="FIGURE=VALUE", dest="values")
    arguments = parser.parse_args()
    known = dict(figures.load())
    for entry in arguments.values:
        name, _, number = entry.partition("=")
        key = f"wall_life.{name}"
        known[key] = replace(figures.load()[key], value=float(number), low=None, high=None)
    changed = figures.Figures(known)
    with mock.patch("venolymph.wall.growth.load", return_value=changed):
        for name in arguments.only or COURSES:
            print(f"{name}: {COURSES[name].__doc__}")
            began = time.perf_counter()
            COURSES[name]()
            print(f"  {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
