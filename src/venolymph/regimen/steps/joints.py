"""Straightening knees fully, and letting them go."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from venolymph import figures
from venolymph.steps.postures import Side
from venolymph.steps.step import Step
from venolymph.units import DURATION, Quantity


class Knees(Step):
    """Knees straightened fully, or let go to a slight bend, as they are without it; stays until the next one.

    Attributes:
        to: straight, which squeezes the popliteal veins, or bent.
        leg: left or right, where it is the knee of one leg alone.
        over: how long the change takes, s inside.
    """

    word: ClassVar[str] = "knees"
    example: ClassVar[str] = "{to: straight}"
    to: Literal["straight", "bent"]
    leg: Side | None = None
    over: Annotated[Quantity, DURATION.between("0.5 s", "1 min", example="2 s")] | None = None

    @property
    def lasts(self) -> float:
        return float(self.over or figures.internal("posture.knee.change"))


KINDS = (Knees,)
