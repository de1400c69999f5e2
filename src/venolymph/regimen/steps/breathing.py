"""Straining against a closed airway; breathing itself is in `venolymph.steps.breathing`."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from venolymph.steps.step import Step
from venolymph.units import DURATION, PRESSURE, Quantity


class Valsalva(Step):
    """Straining against a closed airway.

    Attributes:
        pressure: in the airway, mmHg inside.
        for_: s inside.
    """

    word: ClassVar[str] = "valsalva"
    example: ClassVar[str] = "{pressure: 40 mmHg, for: 10 s}"
    pressure: Annotated[Quantity, PRESSURE.between("5 mmHg", "60 mmHg", example="40 mmHg")]
    for_: Annotated[Quantity, DURATION.between("2 s", "30 s", example="10 s")] = Field(alias="for")

    @property
    def lasts(self) -> float:
        return float(self.for_)


KINDS = (Valsalva,)
