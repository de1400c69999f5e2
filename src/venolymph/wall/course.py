"""A life followed: steps of the slow equations, each from a run of a typical day, with what changes at its date.

Steps begin with two weeks wherever something changes at once, and grow while little happens. Pressure and flow are held
within a step, radius is not (`law.py`). A member that finds no solution keeps the wall it had, and is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from venolymph.body import Person, load_person
from venolymph.errors import SimulationError
from venolymph.screening import load_answers
from venolymph.simulation import Run, simulate
from venolymph.wall.allowed import check_life_allowed
from venolymph.wall.growth import value
from venolymph.wall.law import step
from venolymph.wall.life import Life, Situation
from venolymph.wall.living_leg import LegDay, LivingLeg, driven, living_leg
from venolymph.wall.readings import READ, WallReadings, read
from venolymph.wall.state import SlowWall

if TYPE_CHECKING:
    import xarray as xr

FIRST, LONGEST = 14.0, 365.0
"""Length of the first step after a change, and of the longest, days."""
GROWS = 1.4
"""By which factor a step may be longer than the last one."""
QUIET, MOST = 0.05, 0.25
"""Change of a logarithm of radius below which steps grow, and above which one is taken again, half as long, 1."""
SHORTEST = 7.0
"""A step is not halved below this, days."""

Keep = Callable[[float, "xr.Dataset", Mapping[str, np.ndarray]], None]
"""Called after each step with the day, the course so far, and the state there as arrays by name."""

MONTH = 28.0
"""The longest step in a pregnancy, days."""
PER_PLACE = ("radius", "mass", "damage", "length")
"""What of a slow state is by place."""

_step = jax.jit(step)


@dataclass(frozen=True)
class LifeCourse:
    """What became of a leg.

    Attributes:
        person: whose.
        life: that was followed.
        leg: the leg, and what it was measured against.
        days: with a reading, days from the start.
        walls: slow state on each of them.
        pressures: transmural pressure by place on each of them, mean of the day, mmHg, at which veins are bent.
        readings: of each of them.
        failed: for each member the day on which it found no solution; NaN for none.
        earlier: the course up to where this one goes on from.
    """

    person: Person
    life: Life
    leg: LivingLeg
    days: list[float] = field(default_factory=list)
    walls: list[SlowWall] = field(default_factory=list)
    pressures: list[Array] = field(default_factory=list)
    readings: list[WallReadings] = field(default_factory=list)
    failed: np.ndarray = field(default_factory=lambda: np.zeros(0))
    earlier: xr.Dataset | None = None

    def wall_at(self, day: float) -> SlowWall:
        """The slow state on a day, on straight lines between those that are kept.

        Raises:
            SimulationError: where the course does not reach that day.
        """
        return self._between(self.walls, day)

    def run_on(self, day: float, regimen: Any) -> Run:
        """Simulate a regimen with the leg as it is on a day, to read any of its instruments: `run.measure("VFI")`.

        What is changed on that very day counts; a garment of the life is not worn.

        Args:
            day: from the start of the course to its end.
            regimen: as `simulate` takes it.

        Raises:
            SimulationError: where the course does not reach that day.
        """
        situation = self.life.situation(day)
        pressure = self._between(self.pressures, day)
        parameters = self.leg.parameters(self.wall_at(day), pressure, situation, day)
        body = driven(self.leg.body, situation, day)
        return simulate([body] * parameters.batch, regimen, parameters=parameters, tissue=False)

    def _between(self, kept: Sequence[Any], day: float) -> Any:
        """What is kept of each day with a reading, on a straight line to a day between two of them."""
        if not self.days[0] <= day <= self.days[-1]:
            raise SimulationError(
                f"day {day:g} is not in the course, which is from {self.days[0]:g} to {self.days[-1]:g} days",
                hint="name a day in it",
            )
        before = max(0, int(np.searchsorted(self.days, day)) - 1)
        after = min(before + 1, len(self.days) - 1)
        begin, end = self.days[before], self.days[after]
        share = (day - begin) / (end - begin) if end > begin else 0.0
        return jax.tree.map(lambda a, b: a + share * (b - a), kept[before], kept[after])

    def dataset(self) -> xr.Dataset:
        """Readings by date, with names and units."""
        import xarray as xr

        places, body = self.leg.places, self.leg.body
        if not self.days and self.earlier is not None:
            return self.earlier
        names: dict[str, Any] = {
            "day": np.array(self.days),
            "place": list(places.names),
            "segment": list(places.segment_rows),
            "valve": [body.topology.valves[number] for number in places.valves],
            "member": np.arange(len(self.failed)),
        }
        variables = {}
        for name, (dims, unit, title) in READ.items():
            values = np.stack([np.asarray(getattr(one, name)) for one in self.readings])
            variables[name] = (("day", *dims), values, {"units": unit, "long_name": title})
        variables["failed_on"] = (("member",), self.failed, {"units": "day", "long_name": "day without a solution"})
        found = xr.Dataset(variables, names, {"life": self.life.title, "person": self.person.label})
        if self.earlier is None:
            return found
        before = self.earlier.sel(day=self.earlier["day"] < self.days[0] - 1e-9)
        return xr.concat([before, found], "day", data_vars="minimal", coords="minimal", compat="override")


@dataclass(frozen=True)
class _Reached:
    """Where a course stands.

    Attributes:
        day: days from the start.
        wall: slow state.
        pressure: mean transmural pressure of the day before the last step, mmHg, at which its veins are bent.
        next_step: its length, days.
    """

    day: float
    wall: SlowWall
    pressure: Array
    next_step: float = FIRST

    def state(self, failed: np.ndarray) -> dict[str, np.ndarray]:
        """All of it as arrays by name."""
        walls = {name: np.asarray(array) for name, array in vars(self.wall).items()}
        rest = {"day": self.day, "pressure": self.pressure, "next_step": self.next_step, "failed": failed}
        return walls | {name: np.asarray(array) for name, array in rest.items()}

    @classmethod
    def of(cls, state: Mapping[str, np.ndarray]) -> _Reached:
        """What `state` made arrays of."""
        wall = SlowWall(**{part.name: jnp.asarray(state[part.name]) for part in fields(SlowWall)})
        return cls(float(state["day"]), wall, jnp.asarray(state["pressure"]), float(state["next_step"]))


def follow(
    person: Any,
    life: Life,
    *,
    cohort: int = 1,
    seed: int = 0,
    begin_from: tuple[xr.Dataset, Mapping[str, np.ndarray]] | None = None,
    keep: Keep | None = None,
    research_override: str | None = None,
    answers: Any = None,
) -> LifeCourse:
    """Follow a leg through a life.

    Args:
        person: a packaged name, a path, a document or a `Person`.
        life: what happens.
        cohort: number of legs alike but for the reserve of their valves, which is drawn; these lose it slowly, as
            people in a cohort do. 1: the leg as documented.
        seed: of the drawing.
        begin_from: the course so far and the state at its end, as `keep` was given them, to go on from.
        keep: called at each reading with the day, the course so far, and the state.
        research_override: recorded reason for following a treatment that would be refused.
        answers: what the person answered to the questions of screening: a path, a mapping or `Answers`.

    Raises:
        DocumentError: where the person or the answers cannot be used.
        SimulationError: where massage or something worn is refused (`wall.allowed`).
    """
    who = load_person(person)
    check_life_allowed(who, life, research_override, None if answers is None else load_answers(answers))
    one = cohort == 1
    drawn = None if one else np.random.default_rng(seed).normal(scale=value("valve.reserve_spread"), size=cohort)
    reserve = np.ones(1) if drawn is None else np.exp(drawn)
    leg, wall, first = living_leg(who, reserve, 0.0 if one else value("valve.drift"))
    course = LifeCourse(who, life, leg, failed=np.where(first.failed, 0.0, np.nan))
    at = _Reached(0.0, wall, first.pressure)
    if begin_from is not None:
        course = replace(course, earlier=begin_from[0], failed=np.array(begin_from[1]["failed"]))
        at = _Reached.of(begin_from[1])
    for begin, end, situation in life.stretches():
        if end > at.day:
            at = at if begin < at.day else replace(at, next_step=FIRST)
            at = _through(course, at, (end, situation), keep)
    return course


def _through(course: LifeCourse, at: _Reached, stretch: tuple[float, Situation], keep: Keep | None) -> _Reached:
    """The end of a stretch in which nothing changes at once; its readings are added to the course."""
    end, situation = stretch
    leg, rows = course.leg, course.life.report_days
    treated = leg.massage(at.wall, at.pressure, situation, at.day)
    now = leg.day(at.wall, at.pressure, situation, at.day, treated)
    if not course.days and course.earlier is None:
        _note(course, at, now, situation, keep)
    while at.day < end - 1e-9:
        most = MONTH if situation.weeks_pregnant(at.day) else LONGEST
        next_row = min([end, *(row for row in rows if row > at.day + 1e-9)])
        days = min(at.next_step, most, next_row - at.day)
        bias = leg.pushed(situation, at.day + 0.5 * days)
        grown = _kept(leg, situation, course.failed, at.wall, _step(leg.growth, now.loads, bias, at.wall, days))
        moved = float(jnp.max(jnp.abs(grown.radius - at.wall.radius)))
        if moved > MOST and days > SHORTEST:
            at = replace(at, next_step=0.5 * days)
            continue
        length = at.next_step * (GROWS if moved < QUIET else 1.0)
        at = _Reached(at.day + days, grown, now.pressure, min(length, LONGEST))
        now = leg.day(at.wall, at.pressure, situation, at.day, treated)
        course.failed[now.failed & np.isnan(course.failed)] = at.day
        if at.day >= next_row - 1e-9 and (at.day in rows or next_row == end):
            _note(course, at, now, situation, keep)
    return at


def _kept(leg: LivingLeg, situation: Situation, failed: np.ndarray, before: SlowWall, after: SlowWall) -> SlowWall:
    """The later state, but that of members that failed and of veins that are gone, which stay as they were."""
    lost = np.isin(np.arange(len(leg.places.names)), [leg.places.cells.index(cell) for cell in leg.gone(situation)])
    stays = jnp.asarray(~np.isnan(failed))[None] | jnp.asarray(lost)[:, None]
    places = {name: jnp.where(stays, vars(before)[name], vars(after)[name]) for name in PER_PLACE}
    return SlowWall(**places, leak=jnp.where(jnp.asarray(~np.isnan(failed))[None], before.leak, after.leak))


def _note(course: LifeCourse, at: _Reached, now: LegDay, situation: Situation, keep: Keep | None) -> None:
    course.days.append(at.day)
    course.walls.append(at.wall)
    course.pressures.append(now.pressure)
    course.readings.append(read(course.leg, at.wall, now, situation, at.day))
    if keep is not None:
        keep(at.day, course.dataset(), at.state(course.failed))
