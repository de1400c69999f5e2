"""Courses of treatment side by side: the same person, the same hour before, the same hours after.

Each course begins with the same ten minutes of lying, in which a tracer is put under the skin of the calf; then comes
the regimen; then two hours of sitting for all. What a course does is its difference from the first course at the same
time after its end. How long that lasts is when it has fallen for good below a tenth of what it was at the end, in
those two hours.

Of massage nobody knows how a hand's pressure divides between skin, collectors and veins: it comes here from how deep
they lie, which is assumed. With `spread` each course of massage is simulated with these depths at the ends of their
ranges too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from venolymph.body import leg_body, load_person
from venolymph.errors import SimulationError
from venolymph.figures import Figure, load
from venolymph.measures import seen
from venolymph.plan.gate import gate
from venolymph.regimen import Regimen, load_regimen
from venolymph.simulation import simulate
from venolymph.simulation.exchange import tissue_of

BEFORE = 600.0
"""Lying before a course, s."""
AFTER = 7200.0
"""Sitting after it, s."""
LOOKED_AT = (0.0, 600.0, 3600.0, 7200.0)
"""Times after the end at which a course is looked at, s."""
SITTING = LOOKED_AT[1]
"""When all courses sit alike: what a clinic could see is asked then, s after the end."""
GRID = 20.0
"""Times that quantities are laid out at are so far apart, s."""
FADED = 0.1
"""A difference has faded where less than this share of it is left."""
TRACER = {"tracer": "large", "at": "calf", "side": "medial"}
DEPTHS = ("massage.depth.initial", "massage.depth.collector", "massage.depth.superficial_vein")
"""Figures that say how a hand's pressure divides."""

Progress = Callable[[str], Any]


@dataclass(frozen=True)
class Quantity:
    """Something that a course may change.

    Attributes:
        name: in plain words.
        unit: of its values.
        grain: differences are told in steps of this, and smaller ones not at all, in the same unit.
        measure: the measure that says what a clinic could see of it.
        read: its trace over a run: time (s) and values of shape (time, members).
    """

    name: str
    unit: str
    grain: float
    measure: str
    read: Callable[[Any], tuple[np.ndarray, np.ndarray]]


def _traced(name: str) -> Callable[[Any], tuple[np.ndarray, np.ndarray]]:
    def read(run: Any) -> tuple[np.ndarray, np.ndarray]:
        trace = run.measure(name).trace
        return np.asarray(trace.time), np.asarray(trace.values)

    return read


def _water(run: Any) -> tuple[np.ndarray, np.ndarray]:
    return run.exchange("exchange_time"), run.exchange("tissue_volume").sum(axis=1)


def _lymph(run: Any) -> tuple[np.ndarray, np.ndarray]:
    time = run.exchange("exchange_time")
    span = np.diff(time, prepend=0.0)
    return time, 3600.0 * run.exchange("uptake").sum(axis=1) / span[:, None]


QUANTITIES = (
    Quantity("pressure in a vein at the ankle", "mmHg", 0.1, "ankle pressure", _traced("ankle pressure")),
    Quantity("blood in the leg's veins", "mL", 0.1, "leg blood volume", _traced("leg blood volume")),
    Quantity("tissue fluid of the leg", "mL", 0.1, "tissue water in leg", _water),
    Quantity("volume of the lower leg", "mL", 0.1, "volume of lower leg", _traced("volume of lower leg")),
    Quantity("girth of the calf", "cm", 0.01, "girth at calf", _traced("girth at calf")),
    Quantity("lymph that forms", "mL/h", 0.1, "lymph formed", _lymph),
    Quantity("tracer left under the skin of the calf", "%", 0.01, "tracer left", _traced("tracer left")),
)
"""What is compared."""


@dataclass(frozen=True)
class Course:
    """What one regimen did to one person.

    Attributes:
        regimen: its name.
        massage: whether hands were laid on.
        status: how the simulation fared (`ok`, or what went wrong).
        time: s since the regimen's end (negative before).
        values: of each quantity by name, at these times.
        spread: for each quantity the values of the variants, shape (times, variants); empty without.
        during: mean over the regimen, by quantity.
        lasted: how long the regimen took, s.
    """

    regimen: str
    massage: bool
    status: str
    time: np.ndarray
    values: Mapping[str, np.ndarray]
    spread: Mapping[str, np.ndarray] = field(default_factory=dict)
    during: Mapping[str, float] = field(default_factory=dict)
    lasted: float = 0.0

    def at(self, name: str, time: float) -> float:
        """A quantity, mean over the last minutes before a time after the end (s)."""
        return float(_at(self.time, self.values[name], time))


def _at(time: np.ndarray, values: np.ndarray, when: float) -> Any:
    """Mean over the five minutes before a time, or the first value after the end."""
    near = (time > when - 300.0) & (time <= when + 1e-6) & ((time > 0.0) | (when <= 0.0))
    return values[near].mean(axis=0) if near.any() else values[int(np.argmin(np.abs(time - when)))]


@dataclass(frozen=True)
class Effects:
    """Courses of one person, compared with the first of them.

    Attributes:
        person: label.
        courses: in the order asked for; the first is what the others are compared with.
        override: recorded reason for simulating what would be refused, if any.
    """

    person: str
    courses: Sequence[Course]
    override: str | None = None

    @property
    def reference(self) -> Course:
        """What the others are compared with."""
        return self.courses[0]

    @property
    def uneven(self) -> str | None:
        """What to mind where courses differ in length, in words; None where they do not."""
        lengths = {course.regimen: course.lasted for course in self.courses}
        if max(lengths.values()) - min(lengths.values()) <= 60.0:
            return None
        told = ", ".join(f"{name} {seconds / 60:.0f} min" for name, seconds in lengths.items())
        return f"The courses differ in length ({told}): differences hold what rest alone does in the time between."

    def difference(self, course: Course, name: str, when: float) -> float:
        """A course's quantity less the reference's, at a time after the end, s."""
        return course.at(name, when) - self.reference.at(name, when)

    def spread(self, course: Course, name: str, when: float) -> tuple[float, float] | None:
        """Least and largest difference over the variants of a course; None without."""
        if name not in course.spread:
            return None
        values = _at(course.time, course.spread[name], when) - self.reference.at(name, when)
        nominal = self.difference(course, name, when)
        return float(min(values.min(), nominal)), float(max(values.max(), nominal))

    def lasts(self, course: Course, name: str) -> float | None:
        """How long a difference lasts, s; infinite where it has not faded in the time looked at; None without one."""
        times = np.arange(0.0, AFTER + 1.0, 300.0)
        found = np.array([self.difference(course, name, when) for when in times])
        grain = next(quantity.grain for quantity in QUANTITIES if quantity.name == name)
        beyond = np.flatnonzero(np.abs(found) > max(0.5 * grain, FADED * abs(found[0])))
        if beyond.size == 0:
            return None
        last = int(beyond[-1])
        return float("inf") if last == len(times) - 1 else float(times[last + 1])

    def seen(self, course: Course, name: str) -> str:
        """Whether a clinic could see the difference once all sit alike, in words."""
        one = next(quantity for quantity in QUANTITIES if quantity.name == name)
        return seen(one.measure, self.reference.at(name, SITTING), course.at(name, SITTING)).text

    def to_json(self) -> dict[str, Any]:
        """Everything that is shown, as plain data."""
        rows = []
        for quantity in QUANTITIES:
            for course in self.courses:
                lasts = self.lasts(course, quantity.name)
                differences = {f"{when:g}": self.difference(course, quantity.name, when) for when in LOOKED_AT}
                rows.append(
                    {
                        "quantity": quantity.name,
                        "unit": quantity.unit,
                        "regimen": course.regimen,
                        "mean during": course.during.get(quantity.name),
                        "at the end": course.at(quantity.name, 0.0),
                        "difference by seconds after the end": differences,
                        "spread at the end": self.spread(course, quantity.name, 0.0),
                        "lasts, s": None if lasts is None or np.isinf(lasts) else lasts,
                        "has not faded": bool(lasts is not None and np.isinf(lasts)),
                        "seen": self.seen(course, quantity.name),
                    }
                )
        return {
            "person": self.person,
            "compared with": self.reference.regimen,
            "override": self.override,
            "courses of unequal length": self.uneven,
            "status": {course.regimen: course.status for course in self.courses},
            "rows": rows,
        }


def compare(
    person: Any,
    regimens: Sequence[Any],
    *,
    spread: bool = False,
    research_override: str | None = None,
    figures: Mapping[str, Figure] | None = None,
    after: float = AFTER,
    progress: Progress | None = None,
) -> Effects:
    """What regimens do to a person, compared with the first of them.

    Args:
        person: a packaged name, a path or a document.
        regimens: packaged names, paths or documents; the first is what the others are compared with.
        spread: whether courses of massage are simulated with other depths too (see the top of this module).
        research_override: recorded reason for running what would be refused.
        figures: in place of the packaged ones, for tissue, lymph and hands.
        after: sitting after each course, s.
        progress: told what is simulated next.

    Raises:
        DocumentError: where a document cannot be used.
        SimulationError: where fewer than two regimens are given; where somebody may not be treated by one of them and
            no reason is given.
    """
    if len(regimens) < 2:
        raise SimulationError("one regimen alone cannot be compared", hint="add another, for example rest")
    who, loaded = load_person(person), [load_regimen(one) for one in regimens]
    for regimen in loaded:  # before the first of them is simulated
        gate(who, regimen, research_override)
    courses = []
    for regimen in loaded:
        if progress is not None:
            progress(regimen.regimen)
        courses.append(_course(who, regimen, spread, research_override, figures or load(), after))
    return Effects(who.label, courses, research_override)


def _protocol(regimen: Regimen, after: float) -> Regimen:
    steps = regimen.document()["steps"]
    lie = {"rest": {"posture": "supine", "for": f"{BEFORE:g} s"}}
    return load_regimen(
        {
            "kind": "regimen",
            "version": 1,
            "regimen": regimen.regimen,
            "purpose": "experiment",
            "body": "leg" if regimen.side is None else f"leg.{regimen.side}",
            "steps": [{"inject": TRACER}, lie, *steps, {"sit": {"for": f"{after:g} s"}}],
        }
    )


def _laid(grid: np.ndarray, time: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Means over the stretches that end at the grid's times: breathing, which samples catch at any moment, is evened.

    Args:
        grid: times, `GRID` apart, s.
        time: end of each sample, s; the first begins at the run's begin.
        values: of shape (samples, members), each taken to hold over its sample.
    """
    edges = np.concatenate([[2.0 * time[0] - time[1]], time])
    through = np.concatenate([0.0 * values[:1], np.cumsum(values * np.diff(edges)[:, None], axis=0)])
    low, high = (np.clip(grid + shift, edges[0], edges[-1]) for shift in (-GRID, 0.0))
    parts = [np.interp(high, edges, column) - np.interp(low, edges, column) for column in through.T]
    return np.stack(parts, axis=1) / np.maximum(high - low, 1e-9)[:, None]


def _variants(figures: Mapping[str, Figure]) -> list[Mapping[str, Figure]]:
    """Figures with one depth at the end of its range each."""
    found: list[Mapping[str, Figure]] = []
    for key in DEPTHS:
        for end in (figures[key].low, figures[key].high):
            if end is not None:
                found.append({**figures, key: replace(figures[key], value=end)})
    return found


def _course(
    person: Any,
    regimen: Regimen,
    spread: bool,
    override: str | None,
    figures: Mapping[str, Figure],
    after: float,
) -> Course:
    document = _protocol(regimen, after)
    body = leg_body(person if regimen.side is None else person.asking(regimen.side))
    massage = bool(regimen.massages)
    several = [figures, *(_variants(figures) if spread and massage else [])]
    bodies = [body] * len(several)
    run = simulate(bodies, document, research_override=override, tissue=tissue_of(bodies, figures=several))
    failed = [status.cause for status in run.status if status.code != "ok"]
    end = next(info.start for info in reversed(run.phases) if info.kind != "sit")
    end += next(info.duration for info in reversed(run.phases) if info.kind != "sit")
    grid = np.arange(-end + GRID, after + 1.0, GRID)
    course = (grid > BEFORE - end) & (grid <= GRID)
    values, others, during = {}, {}, {}
    for quantity in QUANTITIES:
        time, found = quantity.read(run)
        laid = _laid(grid, time - end, found)
        values[quantity.name] = laid[:, 0]
        during[quantity.name] = float(laid[course, 0].mean())
        if laid.shape[1] > 1:
            others[quantity.name] = laid[:, 1:]
    status = failed[0] if failed else "ok"
    return Course(regimen.regimen, massage, status, grid, values, others, during, end - BEFORE)
