"""Which figures decide which measures: members that differ in figures, side by side, read, and put in order."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from venolymph.body import Person
from venolymph.cohort import MemberReadings, measure_members
from venolymph.errors import SimulationError
from venolymph.measures import detectable
from venolymph.plan.gate import gate
from venolymph.population import Member
from venolymph.regimen import Regimen
from venolymph.sensitivity.factors import Factor, drawn
from venolymph.sensitivity.indices import Indices, Method, agreement, block_size, converge, sample, whole_blocks

CHUNK = 64
"""Members that are computed side by side, in one compiled program, at most."""


@dataclass(frozen=True)
class SamplingPlan:
    """How factors are sampled.

    Attributes:
        method: `morris` or `sobol`.
        blocks: trajectories of Morris (factors + 1 members each), or samples of Sobol (factors + 2 members each), a
            power of 2.
        seed: of chance.
    """

    method: Method = "morris"
    blocks: int = 8
    seed: int = 0


@dataclass(frozen=True)
class MeasureSensitivity:
    """How much factors matter to a measure.

    Attributes:
        measure: its name.
        unit: of it.
        low: least of its readings.
        high: greatest.
        whole: blocks without a failure.
        course: indices from a quarter of these to all; empty where there are too few.
        agreement: rank correlation of the orders that half of them and all of them give; NaN where there is none.
        detectable: smallest change that its instrument detects at the mean reading, in its unit; None: not known.
    """

    measure: str
    unit: str
    low: float
    high: float
    whole: int
    course: tuple[Indices, ...]
    agreement: float
    detectable: float | None


@dataclass(frozen=True)
class Sensitivity:
    """What was varied, and what it did.

    Attributes:
        person: label of the person.
        regimen: its name.
        plan: how the factors were sampled.
        factors: that were varied.
        members: how many were simulated.
        failed: of these without readings, by cause.
        measures: that were read.
        reason: recorded reason for simulating a treatment that would be refused.
    """

    person: str
    regimen: str
    plan: SamplingPlan
    factors: tuple[Factor, ...]
    members: int
    failed: Counter[str]
    measures: tuple[MeasureSensitivity, ...]
    reason: str | None = None

    @property
    def method(self) -> Method:
        """How the factors were sampled."""
        return self.plan.method

    def ranked(self, one: MeasureSensitivity) -> list[int]:
        """Numbers of the factors, those that matter most to a measure first."""
        if not one.course:
            return []
        return np.argsort(-one.course[-1].leading(self.method), kind="stable").tolist()

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        factors = [
            {"figure": one.key, "low": one.low, "high": one.high, "unit": one.figure.unit, "basis": one.figure.basis}
            for one in self.factors
        ]
        return {
            "person": self.person,
            "regimen": self.regimen,
            "method": self.method,
            "blocks": self.plan.blocks,
            "block_size": block_size(self.method, len(self.factors)),
            "seed": self.plan.seed,
            "members": self.members,
            "failed": dict(self.failed),
            "reason": self.reason,
            "factors": factors,
            "measures": [self._measure(one) for one in self.measures],
        }

    def _measure(self, one: MeasureSensitivity) -> dict[str, Any]:
        names = ("mean_absolute_effect", "sd_of_effects") if self.method == "morris" else ("first_order", "total")
        course = [
            {
                "blocks": part.blocks,
                names[0]: _by_factor(self.factors, part.first),
                names[1]: _by_factor(self.factors, part.total),
                "confidence": _by_factor(self.factors, part.confidence),
            }
            for part in one.course
        ]
        return {
            "measure": one.measure,
            "unit": one.unit,
            "low": _plain(one.low),
            "high": _plain(one.high),
            "whole_blocks": one.whole,
            "agreement_of_half": _plain(one.agreement),
            "detectable": one.detectable,
            "course": course,
        }


def analyse_sensitivity(
    person: Person,
    regimen: Regimen,
    measures: Sequence[str],
    factors: Sequence[Factor],
    plan: SamplingPlan,
    *,
    research_override: str | None = None,
    progress: Callable[[float, float, str], None] | None = None,
    follow: Callable[..., MemberReadings] | None = None,
) -> Sensitivity:
    """Simulate a person many times, with figures drawn from their ranges, and say which of them matter.

    Args:
        person: who.
        regimen: what is done.
        measures: what is read.
        factors: what is varied; all else is as packaged.
        plan: how the factors are sampled.
        research_override: recorded reason for simulating a treatment that would be refused.
        progress: called with how many members are done, how many there are, and the number done as text.
        follow: what simulates and reads members, in place of `venolymph.cohort.measure_members`.

    Raises:
        VenolymphError: where there are too few factors or blocks, or SALib is not installed.
        SimulationError: where the person may not be treated and no reason is given; where every member failed.
        MeasureError: where a measure cannot be read after the regimen.
    """
    gate(person, regimen, research_override)
    follow = measure_members if follow is None else follow
    shares = sample(plan.method, len(factors), plan.blocks, plan.seed)
    members = [Member(number, person, drawn(factors, row)) for number, row in enumerate(shares)]
    values = {name: np.full(len(members), np.nan) for name in measures}
    failed: Counter[str] = Counter()
    units: dict[str, str] = {}
    chunk = math.ceil(len(members) / math.ceil(len(members) / CHUNK))  # chunks as even as can be: places left over cost
    for begin in range(0, len(members), chunk):
        if progress:
            progress(begin, len(members), f"{begin} members")
        found = follow(
            members[begin : begin + chunk], regimen, measures, research_override=research_override, chunk=chunk
        )
        for name in measures:
            values[name][begin : begin + chunk] = found.values[name]
        failed.update(cause for cause in found.failed if cause is not None)
        units = found.units
    if failed.total() == len(members):
        cause, times = failed.most_common(1)[0]
        raise SimulationError(
            f"all {len(members)} members failed, {times} of them so: {cause}",
            hint="simulate the person alone with `venolymph run`, or name fewer --factors",
            place=person.label,
        )
    read = tuple(_of_measure(name, units[name], plan, shares, values[name]) for name in measures)
    who, what = person.label, regimen.regimen
    return Sensitivity(who, what, plan, tuple(factors), len(members), failed, read, research_override)


def _of_measure(name: str, unit: str, plan: SamplingPlan, shares: np.ndarray, values: np.ndarray) -> MeasureSensitivity:
    method = plan.method
    course = tuple(converge(method, shares, values, plan.seed))
    there = values[np.isfinite(values)]
    low, high, mean = (there.min(), there.max(), there.mean()) if len(there) else (np.nan, np.nan, np.nan)
    least = detectable(name, float(mean), float(mean)).least
    whole = int(whole_blocks(method, shares.shape[1], values).sum())
    return MeasureSensitivity(name, unit, float(low), float(high), whole, course, agreement(method, course), least)


def _by_factor(factors: Sequence[Factor], values: np.ndarray) -> dict[str, float | None]:
    return {factor.key: _plain(float(value)) for factor, value in zip(factors, values, strict=True)}


def _plain(value: float) -> float | None:
    """A number for JSON."""
    return float(value) if np.isfinite(value) else None
