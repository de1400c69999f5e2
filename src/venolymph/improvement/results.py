"""What an improvement gave: what was tried, the best of it, and what other people say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from venolymph.improvement.document import ImprovementDocument, Value
from venolymph.improvement.searching import Tried
from venolymph.optional import optional


@dataclass(frozen=True)
class PairedDifference:
    """How the same people differ after two regimens.

    Attributes:
        people: who were read after both.
        mean: of one less the other, in the measure's unit.
        low: lower end of the interval of 1 - alpha, by t.
        high: its upper end.
    """

    people: int
    mean: float
    low: float
    high: float

    @property
    def beyond_chance(self) -> bool:
        """Whether the interval leaves out no difference at all."""
        return self.low > 0.0 or self.high < 0.0


def paired(one: np.ndarray, other: np.ndarray, alpha: float) -> PairedDifference | None:
    """How people differ after two regimens; None where fewer than three were read after both.

    Args:
        one: readings, shape (people,); NaN where somebody could not be read.
        other: the same after the other regimen.
        alpha: share of intervals that may miss by chance.
    """
    difference = (one - other)[np.isfinite(one - other)]
    if len(difference) < 3:
        return None
    mean, error = float(difference.mean()), float(difference.std(ddof=1)) / len(difference) ** 0.5
    half = float(optional("scipy.stats", "cohort").t.ppf(1.0 - alpha / 2.0, len(difference) - 1)) * error
    return PairedDifference(len(difference), mean, mean - half, mean + half)


@dataclass(frozen=True)
class PartEffect:
    """What one part of the best regimen does: with it, less with another value of it and all else alike.

    Attributes:
        name: of the part.
        best: its value in the best regimen.
        other: the value that it is compared with.
        difference: in other people than those of the search; None where too few could be read.
    """

    name: str
    best: Value
    other: Value
    difference: PairedDifference | None


@dataclass(frozen=True)
class ImprovementResult:
    """What an improvement gave.

    Attributes:
        improvement: its document.
        unit: of the measure.
        tried: in order; the first is the plain regimen.
        best: the best of them.
        plain_mean: mean reading after the plain regimen in the people of the confirmation.
        difference: of the best less the plain one, in these people; None where the plain one is the best, or too few
            could be read.
        parts: what each part of the best one does.
        least: smallest change that an instrument detects in one person, in the measure's unit.
        failed: readings that the people of the confirmation have not, by cause.
        refused: people who were drawn and not let through by the gate, by reason.
    """

    improvement: ImprovementDocument
    unit: str
    tried: Sequence[Tried]
    best: Tried
    plain_mean: float
    difference: PairedDifference | None
    parts: Sequence[PartEffect]
    least: float
    failed: Mapping[str, int]
    refused: Mapping[str, int]

    @property
    def found(self) -> bool:
        """Whether something was better than the plain regimen in the search."""
        return self.best is not self.tried[0]

    @property
    def is_better(self) -> bool:
        """Whether the best one is better beyond chance in other people."""
        if self.difference is None:
            return False
        return self.difference.high < 0.0 if self.improvement.better == "lower" else self.difference.low > 0.0

    @property
    def in_one_person(self) -> bool:
        """Whether a clinic could measure the difference in one person."""
        return self.difference is not None and abs(self.difference.mean) >= self.least

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "improvement": self.improvement.document(),
            "unit": self.unit,
            "tried": [{**asdict(one), "values": dict(one.values)} for one in self.tried],
            "best": dict(self.best.values),
            "better_than_plain_in_the_search": self.found,
            "plain_mean": self.plain_mean,
            "difference": None if self.difference is None else asdict(self.difference),
            "better_beyond_chance": self.is_better,
            "least_in_one_person": self.least,
            "measurable_in_one_person": self.in_one_person,
            "parts": [asdict(one) for one in self.parts],
            "failed": dict(self.failed),
            "refused": dict(self.refused),
        }
