"""Courses of treatment side by side: the same person, the same hour before, the same hours after.

Each course begins with the same ten minutes of lying, in which a tracer is put under the skin of the calf; then comes
the regimen; then two hours of sitting for all. What a course does is its difference from the first course at the same
time after its end. How long that lasts is when it has fallen for good below a tenth of what it was at the end, in
those two hours.

Each course is simulated in some legs that are alike but for chance (`simulation.alike`). A difference is told only
where all legs of a course lie on one side of all legs of the reference; of two courses that do the same, four legs
each lie so by chance once in 35 times.

Of massage nobody knows how a hand's pressure divides between skin, collectors and veins: it comes here from how deep
they lie, which is assumed. With `spread` each course of massage is simulated with these depths at the ends of their
ranges too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from venolymph.body import load_person
from venolymph.errors import SimulationError
from venolymph.figures import Figure, load
from venolymph.measures import detectable
from venolymph.plan.gate import gate
from venolymph.regimen import Regimen, load_regimen
from venolymph.screening import Answers, load_answers
from venolymph.simulation import simulate
from venolymph.simulation.alike import MEMBERS, alike, legs

BEFORE = 600.0
"""Lying before a course, s."""
AFTER = 7200.0
"""Sitting after it, s."""
LOOKED_AT = (0.0, 600.0, 3600.0, 7200.0)
"""Times after the end of a course at which it is compared, s."""
SITTING = LOOKED_AT[1]
"""Time after the end at which all courses are compared sitting, and detectability is judged, s."""
STRIDE = 300.0
"""Interval at which the fading of a difference is read, s."""
GRID = 20.0
"""Interval of the common times of all quantities, s."""
FADED = 0.1
"""Share of a difference below which it has faded, 1."""
TRACER = {"tracer": "large", "at": "calf", "side": "medial"}
DEPTHS = ("massage.depth.initial", "massage.depth.collector", "massage.depth.superficial_vein")
"""Figures of the depths that decide how a hand's pressure divides."""

Progress = Callable[[str], Any]


@dataclass(frozen=True)
class ComparedQuantity:
    """A quantity that a course may change.

    Attributes:
        name: in plain words.
        unit: of its values.
        grain: rounding step of differences, in the same unit; smaller differences are not reported.
        measure: the measure by which its detectability is judged.
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
    ComparedQuantity("pressure in a vein at the ankle", "mmHg", 0.1, "ankle pressure", _traced("ankle pressure")),
    ComparedQuantity("blood in the leg's veins", "mL", 0.1, "leg blood volume", _traced("leg blood volume")),
    ComparedQuantity("tissue fluid of the leg", "mL", 0.1, "tissue water in leg", _water),
    ComparedQuantity("volume of the lower leg", "mL", 0.1, "volume of lower leg", _traced("volume of lower leg")),
    ComparedQuantity("girth of the calf", "cm", 0.01, "girth at calf", _traced("girth at calf")),
    ComparedQuantity("lymph that forms", "mL/h", 0.1, "lymph formed", _lymph),
    ComparedQuantity("tracer left under the skin of the calf", "%", 0.01, "tracer left", _traced("tracer left")),
)
"""What is compared."""


@dataclass(frozen=True)
class Difference:
    """A course's quantity less the reference's.

    Attributes:
        mean: of the legs of the course less that of the legs of the reference.
        low: least difference between a leg of the course and one of the reference.
        high: greatest.
        grain: smallest difference that is reported.
        reference: the quantity in the reference, mean of its legs.
    """

    mean: float
    low: float
    high: float
    grain: float
    reference: float

    @property
    def told(self) -> bool:
        """Whether it exceeds chance and rounding."""
        return abs(self.mean) > 0.5 * self.grain and (self.low > 0.0 or self.high < 0.0)

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        shown = {"mean": self.mean, "least": self.low, "greatest": self.high, "reference": self.reference}
        return {**shown, "more than chance": self.told}


@dataclass(frozen=True)
class Persistence:
    """How long a difference lasts after the end of a course; all in s after it.

    Attributes:
        begins: first time at which there is a difference.
        turns: first time at which its sign is reversed; None where it never is.
        gone: time from which on none is left; infinite where there is one at the last time compared.
        looked: time for which it was followed.
    """

    begins: float
    turns: float | None
    gone: float
    looked: float


@dataclass(frozen=True)
class TreatmentCourse:
    """What one regimen did to one person, in some legs that are alike but for chance.

    Attributes:
        regimen: its name.
        massage: whether it contains massage.
        status: `ok`, or what failed in the simulation.
        time: s since the regimen's end (negative before).
        values: of each quantity by name at these times, shape (times, members).
        by_depth: for each quantity the values with other depths under a hand, shape (times, variants); empty without.
        during: mean over the regimen, by quantity, shape (members,).
        lasted: duration of the regimen, s.
    """

    regimen: str
    massage: bool
    status: str
    time: np.ndarray
    values: Mapping[str, np.ndarray]
    by_depth: Mapping[str, np.ndarray] = field(default_factory=dict)
    during: Mapping[str, np.ndarray] = field(default_factory=dict)
    lasted: float = 0.0

    @property
    def members(self) -> int:
        """Number of legs that are alike but for chance."""
        return next(iter(self.values.values())).shape[1]

    def each(self, name: str, time: float) -> np.ndarray:
        """A quantity in each leg, mean over the last minutes before a time after the end (s)."""
        return _at(self.time, self.values[name], time)

    def at(self, name: str, time: float) -> float:
        """The same, mean of the legs."""
        return float(self.each(name, time).mean())


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
    courses: Sequence[TreatmentCourse]
    override: str | None = None

    @property
    def reference(self) -> TreatmentCourse:
        """The course that the others are compared with."""
        return self.courses[0]

    @property
    def looked(self) -> float:
        """Time after the end for which all courses are compared, s."""
        last = min(float(course.time[-1]) for course in self.courses)
        return AFTER if last > AFTER - GRID else last

    @property
    def uneven(self) -> str | None:
        """Warning where courses differ in length, in words; None where they do not."""
        lengths = {course.regimen: course.lasted for course in self.courses}
        if max(lengths.values()) - min(lengths.values()) <= 60.0:
            return None
        told = ", ".join(f"{name} {seconds / 60:.0f} min" for name, seconds in lengths.items())
        return f"The courses differ in length ({told}): differences hold what rest alone does in the time between."

    def difference(self, course: TreatmentCourse, name: str, when: float) -> Difference:
        """A course's quantity less the reference's, at a time after the end, s."""
        return _difference(course.each(name, when), self.reference.each(name, when), _quantity(name).grain)

    def during(self, course: TreatmentCourse, name: str) -> Difference:
        """The same for the means over the regimens."""
        return _difference(course.during[name], self.reference.during[name], _quantity(name).grain)

    def by_depth(self, course: TreatmentCourse, name: str, when: float) -> tuple[float, float] | None:
        """Least and largest difference over the depths that things may lie at under a hand; None without."""
        if name not in course.by_depth:
            return None
        values = _at(course.time, course.by_depth[name], when) - self.reference.at(name, when)
        nominal = self.difference(course, name, when).mean
        return float(min(values.min(), nominal)), float(max(values.max(), nominal))

    def persistence(self, course: TreatmentCourse, name: str) -> Persistence | None:
        """How long a difference lasts in the time compared; None where there is none."""
        times = np.arange(0.0, self.looked + 1.0, STRIDE)
        found = [self.difference(course, name, when) for when in times]
        ways = np.array([math.copysign(1.0, one.mean) if one.told else 0.0 for one in found])
        # After the end, where nobody moves, a single look may be chance: it takes two in a row.
        ways[1:] *= (ways[1:] == ways[:-1]) | (ways[1:] == np.append(ways[2:], 0.0))
        if not ways.any():
            return None
        least = FADED * abs(found[int(np.flatnonzero(ways)[0])].mean)
        ways *= [abs(one.mean) >= least for one in found]
        present = np.flatnonzero(ways)
        against = np.flatnonzero(ways == -ways[present[0]])
        return Persistence(
            begins=float(times[present[0]]),
            turns=float(times[against[0]]) if against.size else None,
            gone=math.inf if present[-1] == len(times) - 1 else float(times[present[-1] + 1]),
            looked=self.looked,
        )

    def detectable(self, course: TreatmentCourse, name: str) -> str:
        """Detectability of the difference once all courses sit, in words."""
        return detectable(_quantity(name).measure, self.reference.at(name, SITTING), course.at(name, SITTING)).text

    def to_json(self) -> dict[str, Any]:
        """Everything that is shown, as plain data."""
        return {
            "person": self.person,
            "compared with": self.reference.regimen,
            "override": self.override,
            "courses of unequal length": self.uneven,
            "legs alike but for chance": {course.regimen: course.members for course in self.courses},
            "status": {course.regimen: course.status for course in self.courses},
            "rows": [self._row(course, quantity) for quantity in QUANTITIES for course in self.courses],
        }

    def _row(self, course: TreatmentCourse, quantity: ComparedQuantity) -> dict[str, Any]:
        name, persistence = quantity.name, self.persistence(course, quantity.name)
        looked_at = [when for when in LOOKED_AT if when <= self.looked + 1.0]
        return {
            "quantity": name,
            "unit": quantity.unit,
            "regimen": course.regimen,
            "each leg during": course.during[name].tolist(),
            "each leg at the end": course.each(name, 0.0).tolist(),
            "difference during": self.during(course, name).to_json(),
            "difference by seconds after the end": {
                f"{when:g}": self.difference(course, name, when).to_json() for when in looked_at
            },
            "by depth at the end": self.by_depth(course, name, 0.0),
            "begins, s": None if persistence is None else persistence.begins,
            "reversed, s": None if persistence is None else persistence.turns,
            "gone, s": None if persistence is None or math.isinf(persistence.gone) else persistence.gone,
            "has not faded": persistence is not None and math.isinf(persistence.gone),
            "seen": self.detectable(course, name),
        }


def _quantity(name: str) -> ComparedQuantity:
    return next(quantity for quantity in QUANTITIES if quantity.name == name)


def _difference(course: np.ndarray, reference: np.ndarray, grain: float) -> Difference:
    return Difference(
        mean=float(course.mean() - reference.mean()),
        low=float(course.min() - reference.max()),
        high=float(course.max() - reference.min()),
        grain=grain,
        reference=float(reference.mean()),
    )


def compare(
    person: Any,
    regimens: Sequence[Any],
    *,
    members: int = MEMBERS,
    spread: bool = False,
    research_override: str | None = None,
    answers: Any = None,
    figures: Mapping[str, Figure] | None = None,
    after: float = AFTER,
    progress: Progress | None = None,
) -> Effects:
    """What regimens do to a person, compared with the first of them.

    Args:
        person: a packaged name, a path or a document.
        regimens: packaged names, paths or documents; the first is what the others are compared with.
        members: legs alike but for chance that each course is simulated in. With one, chance is taken for effect.
        spread: whether courses of massage are simulated with other depths too (see the top of this module).
        research_override: recorded reason for running what would be refused.
        answers: what the person answered to the questions of screening, as for `simulate`.
        figures: in place of the packaged ones, for tissue, lymph and hands.
        after: sitting after each course, s.
        progress: told what is simulated next.

    Raises:
        DocumentError: where a document cannot be used.
        SimulationError: where fewer than two regimens or no leg are given; where somebody may not be treated by one of
            them and no reason is given.
    """
    if len(regimens) < 2:
        raise SimulationError("one regimen alone cannot be compared", hint="add another, for example rest")
    several = alike(figures or load(), members)
    who, loaded = load_person(person), [load_regimen(one) for one in regimens]
    given = None if answers is None else load_answers(answers)
    for regimen in loaded:  # before the first of them is simulated
        gate(who, regimen, research_override, answers=given)
    courses = []
    for regimen in loaded:
        if progress is not None:
            progress(regimen.regimen)
        courses.append(_course(who, regimen, several, spread, research_override, given, after))
    return Effects(who.label, courses, research_override)


def composed(regimen: Regimen, after: float = AFTER) -> Regimen:
    """A course as it is simulated: a tracer, lying, the regimen, and in its last step sitting.

    Args:
        regimen: what is looked at.
        after: sitting after it, s.
    """
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


def between(document: Regimen, phases: Sequence[Any]) -> tuple[float, float]:
    """When the regimen inside a composed course begins and ends, s from the start.

    It is told by the steps that the course was composed of: two before the regimen, one after it.

    Args:
        document: what `composed` gave.
        phases: of the course, each with its start and marks.
    """
    last = len(document.unfolded) - 1
    begin = min(phase.start for phase in phases if phase.marks["step"] >= 2)
    return begin, min(phase.start for phase in phases if phase.marks["step"] == last)


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
    several: Sequence[Mapping[str, Figure]],
    spread: bool,
    override: str | None,
    answers: Answers | None,
    after: float,
) -> TreatmentCourse:
    document = composed(regimen, after)
    massage, members = bool(regimen.massages), len(several)
    used = [*several, *(_variants(several[0]) if spread and massage else [])]
    bodies, tissue = legs([person], regimen, used)
    run = simulate(bodies, document, research_override=override, answers=answers, tissue=tissue)
    failed = [status.cause for status in run.status if status.code != "ok"]
    begin, end = between(document, run.phases)
    grid = np.arange(-end + GRID, after + 1.0, GRID)
    inside = (grid > begin - end) & (grid <= GRID)
    values, by_depth, during = {}, {}, {}
    for quantity in QUANTITIES:
        time, found = quantity.read(run)
        laid = _laid(grid, time - end, found)
        values[quantity.name] = laid[:, :members]
        during[quantity.name] = laid[inside, :members].mean(axis=0)
        if laid.shape[1] > members:
            by_depth[quantity.name] = laid[:, members:]
    status = failed[0] if failed else "ok"
    return TreatmentCourse(regimen.regimen, massage, status, grid, values, by_depth, during, end - begin)
