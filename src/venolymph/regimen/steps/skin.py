"""Warming and cooling the skin."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import model_validator

from venolymph import figures
from venolymph.steps.step import Step
from venolymph.units import DURATION, TEMPERATURE, Quantity


class Skin(Step):
    """Warming or cooling the skin of the legs; it stays so until the next such step.

    Attributes:
        temperature: of the skin, degrees Celsius.
        air: temperature of the air around bare legs, degrees Celsius, in place of the skin's.
        at: the foot alone, as in a bath; the legs, feet and all, where left out.
        over: how long the change takes, s inside.
    """

    word: ClassVar[str] = "skin"
    example: ClassVar[str] = "{temperature: 36 degC, over: 5 min}"
    temperature: Annotated[Quantity, TEMPERATURE.between("15 degC", "42 degC", example="36 degC")] | None = None
    air: Annotated[Quantity, TEMPERATURE.between("10 degC", "45 degC", example="28 degC")] | None = None
    at: Literal["foot"] | None = None
    over: Annotated[Quantity, DURATION.between("10 s", "1 h", example="5 min")] | None = None

    @model_validator(mode="after")
    def _one_temperature(self) -> Skin:
        self.need_one({"temperature": self.temperature is not None, "air": self.air is not None})
        return self

    @property
    def degrees(self) -> float:
        """Temperature of the skin, degrees Celsius."""
        if self.temperature is not None:
            return float(self.temperature)
        warmer = float(self.air or 0.0) - figures.internal("posture.temperature.air")
        return (
            figures.internal("posture.temperature.reference")
            + figures.internal("posture.temperature.per_degree_of_air") * warmer
        )

    @property
    def lasts(self) -> float:
        return float(self.over or figures.internal("regimen.skin.change"))


KINDS = (Skin,)
