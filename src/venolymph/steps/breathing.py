"""Breathing as a step."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from venolymph import figures
from venolymph.steps.step import Step
from venolymph.units import RATE, Quantity


class Breathe(Step):
    """A number of breaths, deep or quiet.

    Attributes:
        deep: number of deep breaths.
        quiet: number of quiet breaths.
        rate: breaths in a time, 1/s inside.
    """

    word: ClassVar[str] = "breathe"
    example: ClassVar[str] = "{deep: 5, rate: 6 /min}"
    deep: Annotated[int, Field(ge=1, le=10_000, strict=True)] | None = None
    quiet: Annotated[int, Field(ge=1, le=10_000, strict=True)] | None = None
    rate: Annotated[Quantity, RATE.between("3 /min", "40 /min", example="6 /min")] | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Breathe:
        self.need_one({"deep": self.deep is not None, "quiet": self.quiet is not None})
        return self

    @property
    def breaths(self) -> int:
        """How many."""
        return self.deep or self.quiet or 0

    @property
    def lasts(self) -> float:
        usual = figures.internal("regimen.breathing.deep_rate" if self.deep else "posture.breathing.rate")
        return self.breaths / float(self.rate or usual)
