"""Sums on skin that need no simulation: oxygen at a depth, or the colour of skin, before and after a change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from pydantic import Field, model_validator

from venolymph.documents import Entry
from venolymph.skin import FaceSkin, difference, lab, oxygen_profile, reflectance, skin_table, xyz
from venolymph.units import refusal


class Sum(Entry):
    """A change of one number of skin.

    Attributes:
        what: what is looked at, in words.
        change: what is changed, in words.
        of: `oxygen` in mmHg at a depth, or `colour`: the colour difference dE* that the change makes.
        depth: mm below the surface, for oxygen.
        tone: individual typology angle of the skin, degrees, for colour.
        given: what is changed: arguments of `skin.oxygen_profile`, or entries of `skin.FaceSkin` and `veil`, the share
            of light that dry scales send back without colour.
        smallest: the smallest difference that can be told apart, in the same unit; None where not known.
        smallest_basis: where that is from.
    """

    what: str
    change: str
    of: Literal["oxygen", "colour"]
    depth: float | None = Field(default=None, gt=0, le=1.5)
    tone: float | None = Field(default=None, ge=-90, le=90)
    given: dict[str, float | bool] = Field(min_length=1)
    smallest: float | None = Field(default=None, gt=0)
    smallest_basis: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Sum:
        wanted = "depth" if self.of == "oxygen" else "tone"
        if (self.depth is None) == (wanted == "depth") or (self.tone is None) == (wanted == "tone"):
            raise refusal(f"{self.of!r} needs `{wanted}`, and that alone of `depth` and `tone`")
        if (self.smallest is None) != (not self.smallest_basis):
            raise refusal("`smallest` and `smallest_basis` come together")
        return self


@dataclass(frozen=True)
class SumResult:
    """How a sum came out.

    Attributes:
        sum: what was asked.
        before: mmHg of oxygen; of colour 0.
        after: mmHg of oxygen; of colour dE* to that before.
    """

    sum: Sum
    before: float
    after: float

    @property
    def unit(self) -> str:
        """Unit of both."""
        return "mmHg" if self.sum.of == "oxygen" else "dE*"

    @property
    def difference(self) -> float:
        """What the change does."""
        return self.after - self.before

    @property
    def visible(self) -> bool | None:
        """Whether it can be told apart; None where that is not known."""
        return None if self.sum.smallest is None else abs(self.difference) >= self.sum.smallest

    @property
    def text(self) -> str:
        """That in words."""
        numbers = f"{self.before:.0f} to {self.after:.0f} mmHg ({self.difference:+.1f})"
        found = numbers if self.sum.of == "oxygen" else f"dE* {self.difference:.1f}"
        if self.visible is None:
            return f"{found}; what could be told apart is not known"
        seen = "could be told apart" if self.visible else "could not be told apart"
        return f"{found}; {seen}, from {self.sum.smallest:g} on ({self.sum.smallest_basis})"

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            **self.sum.document(),
            "unit": self.unit,
            "before": self.before,
            "after": self.after,
            "difference": self.difference,
            "visible": self.visible,
        }


def work_out(one: Sum) -> SumResult:
    """A sum's result."""
    given: dict[str, Any] = dict(one.given)
    if one.of == "oxygen":
        depth = one.depth or 0.0
        return SumResult(one, oxygen_profile().at(depth), oxygen_profile(**given).at(depth))
    veil = given.pop("veil", 0.0)
    skin = {"melanin": float(skin_table().melanin_at(one.tone or 0.0))}
    before, after = (np.asarray(reflectance(FaceSkin("cheek", **skin, **more))) for more in ({}, given))
    return SumResult(one, 0.0, float(difference(lab(xyz(before)), lab(xyz(after + veil)))))
