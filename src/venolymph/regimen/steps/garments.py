"""Garments, bandages and pneumatic sleeves put on and taken off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import model_validator

from venolymph import compression, figures
from venolymph.compression.garment import Garment, Limb, Sleeve
from venolymph.regimen.steps.inner import Inner, in_a_row
from venolymph.steps.step import Step
from venolymph.units import refusal


class Wear(Garment, Step):
    """Putting a garment on: until `remove`, or for the steps given.

    Attributes:
        steps: what is done in it; where there are none, it stays on.
    """

    word: ClassVar[str] = "wear"
    example: ClassVar[str] = "{garment: stocking, class: RAL I, up_to: knee}"
    steps: Inner = ()

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, data: Any) -> Any:
        if not isinstance(data, str):
            return data
        found = compression.garment_named(data)
        if found is None:
            message, hint = compression.unknown_garment(data)
            raise refusal(message, hint=hint)
        return found

    def unfolded(self) -> Iterator[tuple[Step, tuple[str | int, ...]]]:
        yield self, ()
        if self.steps:
            yield from in_a_row(self.steps, ("steps",))
            yield Remove(garment=self.garment, on=self.on), ()

    @property
    def steps_in_all(self) -> int:
        return 1 + sum(step.steps_in_all for step in self.steps) + bool(self.steps)

    @property
    def lasts(self) -> float:
        dressing = figures.internal("compression.putting_on.time")
        return dressing * (2 if self.steps else 1) + sum(step.lasts for step in self.steps)


class Remove(Step):
    """Taking a garment off.

    Attributes:
        garment: its kind.
        on: the leg; where not given, the index leg.
    """

    word: ClassVar[str] = "remove"
    example: ClassVar[str] = "{garment: stocking}"
    garment: Literal["stocking", "bandage", "profile"]
    on: Limb = None

    @property
    def lasts(self) -> float:
        return figures.internal("compression.putting_on.time")


class Pumped(Sleeve, Step):
    """A pneumatic sleeve at work; see `venolymph.compression.Sleeve`."""

    word: ClassVar[str] = "sleeve"
    example: ClassVar[str] = "{chambers: [{over: [foot, ankle], pressure: 45 mmHg}], for: 30 min}"

    @property
    def lasts(self) -> float:
        return float(self.for_)


KINDS = (Wear, Remove, Pumped)
