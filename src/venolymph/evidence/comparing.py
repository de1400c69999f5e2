"""One measure in two arms of an experiment: what a claim expects, and how it came out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field, model_validator

from venolymph.documents import Entry
from venolymph.units import refusal

Sign = Literal["higher", "lower", "no difference"]
Outcome = Literal["as claimed", "contrary to the claim", "no difference", "could not be read", "not to be trusted"]


class Comparison(Entry):
    """One measure in two arms.

    Attributes:
        measure: name of the measure.
        arm: the arm that the claim is about.
        against: the arm that it is compared with.
        expected: how the first differs from the second if the claim is true.
        smallest: the smallest difference that a clinic can tell apart, in the measure's unit; None where not known.
        smallest_basis: where that is from.
        published: what was published of it.
        untrusted: why the model's answer is not to be trusted, where that is known; it is shown then, and not counted.
    """

    measure: str
    arm: str
    against: str
    expected: Sign
    smallest: float | None = Field(default=None, gt=0)
    smallest_basis: str = ""
    published: str
    untrusted: str = ""

    @model_validator(mode="after")
    def _tells(self) -> Comparison:
        if self.expected == "no difference" and self.smallest is None:
            raise refusal("'no difference' needs `smallest`, to say what counts as none")
        if (self.smallest is None) != (not self.smallest_basis):
            raise refusal("`smallest` and `smallest_basis` come together")
        return self


@dataclass(frozen=True)
class ComparisonResult:
    """How a comparison came out.

    Attributes:
        comparison: what was compared.
        value: the measure in the arm that the claim is about, or None where it could not be read.
        against: the measure in the other arm, or None.
        unit: unit of both.
        note: why something could not be read.
        least: least difference between a leg of the first arm and one of the second; None with one leg in each.
        greatest: the greatest likewise.
    """

    comparison: Comparison
    value: float | None
    against: float | None
    unit: str
    note: str = ""
    least: float | None = None
    greatest: float | None = None

    @property
    def difference(self) -> float | None:
        """The first arm less the second."""
        return None if self.value is None or self.against is None else self.value - self.against

    @property
    def percent(self) -> float | None:
        """The difference in % of the second arm."""
        difference = self.difference
        return None if difference is None or not self.against else 100 * difference / abs(self.against)

    @property
    def measurable(self) -> bool | None:
        """Whether a clinic could tell the difference; None where that is not known."""
        if self.difference is None or self.comparison.smallest is None:
            return None
        return abs(self.difference) >= self.comparison.smallest

    @property
    def chance(self) -> bool:
        """Whether the difference may be chance, as far as that was looked at."""
        return self.least is not None and self.greatest is not None and self.least <= 0.0 <= self.greatest

    @property
    def outcome(self) -> Outcome:
        """Whether the arms differ as claimed, where that can be trusted.

        Only `no difference` asks how large a difference is.
        """
        difference = self.difference
        if difference is None:
            return "could not be read"
        if self.comparison.untrusted:
            return "not to be trusted"
        if self.comparison.expected == "no difference":
            return "contrary to the claim" if self.measurable else "as claimed"
        if difference == 0.0 or self.chance:
            return "no difference"
        return "as claimed" if (difference > 0) == (self.comparison.expected == "higher") else "contrary to the claim"

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "measure": self.comparison.measure,
            "unit": self.unit,
            "arm": self.comparison.arm,
            "value": self.value,
            "against": self.comparison.against,
            "value_against": self.against,
            "difference": self.difference,
            "least difference": self.least,
            "greatest difference": self.greatest,
            "percent": self.percent,
            "expected": self.comparison.expected,
            "outcome": self.outcome,
            "smallest_measurable": self.comparison.smallest,
            "measurable": self.measurable,
            "published": self.comparison.published,
            "untrusted": self.comparison.untrusted,
            "note": self.note,
        }
