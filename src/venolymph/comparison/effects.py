"""What courses did beside the first of them: differences, how long they last, whether a clinic could see them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from venolymph.comparison.quantities import QUANTITIES, ComparedQuantity, compared_quantity
from venolymph.measures import detectable
from venolymph.viewer import Recording

AFTER = 7200.0
"""Sitting after a course, s."""
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
        recording: of the first of these legs, as a browser shows it; None where it is not kept.
    """

    regimen: str
    massage: bool
    status: str
    time: np.ndarray
    values: Mapping[str, np.ndarray]
    by_depth: Mapping[str, np.ndarray] = field(default_factory=dict)
    during: Mapping[str, np.ndarray] = field(default_factory=dict)
    lasted: float = 0.0
    recording: Recording | None = field(default=None, repr=False, compare=False)

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
        return _difference(course.each(name, when), self.reference.each(name, when), compared_quantity(name).grain)

    def during(self, course: TreatmentCourse, name: str) -> Difference:
        """The same for the means over the regimens."""
        return _difference(course.during[name], self.reference.during[name], compared_quantity(name).grain)

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
        before, after = self.reference.at(name, SITTING), course.at(name, SITTING)
        return detectable(compared_quantity(name).measure, before, after).text

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


def _difference(course: np.ndarray, reference: np.ndarray, grain: float) -> Difference:
    return Difference(
        mean=float(course.mean() - reference.mean()),
        low=float(course.min() - reference.max()),
        high=float(course.max() - reference.min()),
        grain=grain,
        reference=float(reference.mean()),
    )
