"""What changes a face for hours without a hand: salt, alcohol, crying. How much they change is assumed."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from venolymph import figures
from venolymph.steps.step import Step
from venolymph.units import DURATION, SHARE, Quantity

Hours = Annotated[Quantity, DURATION.between("1 min", "72 h", example="10 h")]


class Salt(Step):
    """A salty meal: the plasma is diluted from now on, while the steps that follow are done. It takes no time itself.

    Attributes:
        protein: by which share plasma protein changes, 1; where not given, `regimen.salt.protein`.
        for_: how long, s inside; where not given, `regimen.salt.lasts`.
    """

    word: ClassVar[str] = "salt"
    example: ClassVar[str] = "{protein: -8 %, for: 10 h}"
    protein: Annotated[Quantity, SHARE.between("-30 %", "0 %", example="-8 %")] | None = None
    for_: Hours | None = Field(default=None, alias="for")

    @property
    def change(self) -> float:
        """By which share plasma protein changes, 1."""
        return float(figures.internal("regimen.salt.protein") if self.protein is None else self.protein)

    @property
    def acts(self) -> float:
        """How long, s."""
        return float(self.for_ or figures.internal("regimen.salt.lasts"))


class Alcohol(Step):
    """Alcohol: the face gets more blood from now on, while the steps that follow are done. It takes no time itself.

    Attributes:
        flow: of blood to the face as a multiple of what it is without, 1; where not given, `regimen.alcohol.flow`.
        for_: how long, s inside; where not given, `regimen.alcohol.lasts`.
    """

    word: ClassVar[str] = "alcohol"
    example: ClassVar[str] = "{flow: 1.25, for: 6 h}"
    flow: Annotated[Quantity, SHARE.between("1", "3", example="1.25")] | None = None
    for_: Hours | None = Field(default=None, alias="for")

    @property
    def change(self) -> float:
        """Flow of blood to the face as a multiple of what it is without, 1."""
        return float(figures.internal("regimen.alcohol.flow") if self.flow is None else self.flow)

    @property
    def acts(self) -> float:
        """How long, s."""
        return float(self.for_ or figures.internal("regimen.alcohol.lasts"))


class Cry(Step):
    """Crying, in the posture that is in force: capillaries of lids and nose filter more (figures `regimen.cry.*`).

    Attributes:
        for_: how long, s inside; where not given, `regimen.cry.lasts`.
    """

    word: ClassVar[str] = "cry"
    example: ClassVar[str] = "{for: 20 min}"
    for_: Annotated[Quantity, DURATION.between("1 min", "3 h", example="20 min")] | None = Field(
        default=None, alias="for"
    )

    @property
    def lasts(self) -> float:
        return float(self.for_ or figures.internal("regimen.cry.lasts"))


KINDS = (Salt, Alcohol, Cry)
