"""Steps in which muscles work: tiptoes, ankle pumps, stimulation, cycling, walking, running."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from venolymph import figures
from venolymph.steps.step import Step
from venolymph.units import DURATION, LENGTH, POWER, RATE, SHARE, SPEED, Quantity, refusal


class Tiptoes(Step):
    """Rising on tiptoe with both feet, standing.

    Attributes:
        count: how often.
        rate: how often in a time, 1/s inside; where not given, as `rise`, `hold` and coming down take.
        rise: how long the rise takes, s inside.
        hold: how long the top is held, s inside.
        down: how long coming down takes, s inside.
        heels: height of the shoes' heels, cm inside; the ankle starts so much extended, so its stroke is shorter.
    """

    word: ClassVar[str] = "tiptoes"
    example: ClassVar[str] = "{count: 10, rate: 60 /min}"
    count: Annotated[int, Field(ge=1, le=1000, strict=True)] = 1
    rate: Annotated[Quantity, RATE.between("1 /min", "120 /min", example="60 /min")] | None = None
    rise: Annotated[Quantity, DURATION.between("0.1 s", "10 s", example="0.4 s")] | None = None
    hold: Annotated[Quantity, DURATION.between("0 s", "60 s", example="2 s")] | None = None
    down: Annotated[Quantity, DURATION.between("0.1 s", "10 s", example="0.4 s")] | None = None
    heels: Annotated[Quantity, LENGTH.between("0 cm", "9 cm", example="7 cm")] | None = None

    @property
    def lasts(self) -> float:
        once = (
            1.0 / self.rate
            if self.rate
            else float(self.rise or 0.4) + float(self.hold or 2.0) + float(self.down or 0.4)
        )
        return self.count * once

    @model_validator(mode="after")
    def _fits(self) -> Tiptoes:
        # a rise or a fall that is not given needs a tenth of a second at least
        said = [0.1 if part is None else float(part) for part in (self.rise, self.down)]
        said.append(float(self.hold or 0.0))
        if self.rate is not None and sum(said) > 1.0 / self.rate + 1e-9:
            raise refusal(
                f"at {self.rate} one tiptoe has {1.0 / self.rate:.3g} s, "
                f"but rise, hold and down take at least {sum(said):.3g} s",
                hint="lower the rate, or leave rise, hold and down out",
                key="rate",
            )
        return self


class AnklePumps(Step):
    """Bending and stretching the ankle of the index leg, without weight on it, in any posture.

    Attributes:
        count: how often; once where neither it nor `for` is given.
        for_: for how long, s inside.
        rate: how often in a time, 1/s inside.
        load: what the foot works against, as a share of the heaviest load it can move once, 1.
        amplitude: share of the ankle's full range that it moves through, 1.
    """

    word: ClassVar[str] = "ankle pumps"
    example: ClassVar[str] = "{count: 20, rate: 30 /min}"
    count: Annotated[int, Field(ge=1, le=1000, strict=True)] | None = None
    for_: Annotated[Quantity, DURATION.between("1 s", "24 h", example="2 min")] | None = Field(
        default=None, alias="for"
    )
    rate: Annotated[Quantity, RATE.between("5 /min", "90 /min", example="30 /min")] | None = None
    load: Annotated[Quantity, SHARE.between("0", "1", example="0.75")] | None = None
    amplitude: Annotated[Quantity, SHARE.between("0.1", "1", example="0.5")] | None = None

    @model_validator(mode="after")
    def _one_length(self) -> AnklePumps:
        if self.count is not None and self.for_ is not None:
            raise refusal("found count and for at once; one of them is enough", hint=self.shape(), key="for")
        if self.for_ is not None and self.for_ < self.each:
            raise refusal(
                f"one movement takes {self.each:g} s, longer than the {self.for_} given",
                hint="make `for` longer, or `rate` higher",
                key="for",
            )
        return self

    @property
    def each(self) -> float:
        """How long one takes, s."""
        return 1.0 / float(self.rate or figures.internal("muscle_pump.ankle_pump.rate"))

    @property
    def times(self) -> int:
        """How often."""
        return int(self.for_ / self.each + 1e-9) if self.for_ is not None else self.count or 1

    @property
    def lasts(self) -> float:
        return self.times * self.each


class Stimulate(Step):
    """Muscles of the index leg made to contract by electrical stimulation, in any posture.

    Attributes:
        muscles: which.
        rate: contractions in a time, 1/s inside.
        for_: for how long, s inside.
    """

    word: ClassVar[str] = "stimulate"
    example: ClassVar[str] = "{muscles: [calf], rate: 12 /min, for: 30 min}"
    muscles: Annotated[tuple[Literal["calf", "shin"], ...], Field(min_length=1, max_length=2)] = ("calf",)
    rate: Annotated[Quantity, RATE.between("1 /min", "60 /min", example="12 /min")] | None = None
    for_: Annotated[Quantity, DURATION.between("1 min", "24 h", example="30 min")] = Field(alias="for")

    @property
    def each(self) -> float:
        """From one contraction to the next, s."""
        return 1.0 / float(self.rate or figures.internal("muscle_pump.stimulation.rate"))

    @property
    def lasts(self) -> float:
        return float(self.for_)


class Cycle(Step):
    """Riding a bicycle that stands still, sitting on it.

    Attributes:
        power: W inside.
        cadence: turns of the pedals in a time, 1/s inside.
        for_: s inside.
    """

    word: ClassVar[str] = "cycle"
    example: ClassVar[str] = "{power: 50 W, cadence: 50 /min, for: 10 min}"
    power: Annotated[Quantity, POWER.between("10 W", "300 W", example="50 W")]
    cadence: Annotated[Quantity, RATE.between("30 /min", "110 /min", example="50 /min")] | None = None
    for_: Annotated[Quantity, DURATION.between("5 s", "24 h", example="10 min")] = Field(alias="for")

    @property
    def lasts(self) -> float:
        return float(self.for_)


class Walk(Step):
    """Walking on the level.

    Attributes:
        speed: cm/s inside.
        for_: s inside.
        held: joints of the index leg that are held by a splint.
    """

    word: ClassVar[str] = "walk"
    example: ClassVar[str] = "{speed: 3 km/h, for: 10 min}"
    speed: Annotated[Quantity, SPEED.between("1 km/h", "8 km/h", example="3 km/h")]
    for_: Annotated[Quantity, DURATION.between("5 s", "24 h", example="10 min")] = Field(alias="for")
    held: Annotated[tuple[Literal["ankle", "knee"], ...], Field(max_length=2)] = ()

    @property
    def lasts(self) -> float:
        return float(self.for_)


class Jog(Step):
    """Running on the level.

    Attributes:
        speed: cm/s inside.
        for_: s inside.
    """

    word: ClassVar[str] = "run"
    example: ClassVar[str] = "{speed: 10 km/h, for: 10 min}"
    speed: Annotated[Quantity, SPEED.between("6 km/h", "25 km/h", example="10 km/h")]
    for_: Annotated[Quantity, DURATION.between("5 s", "24 h", example="10 min")] = Field(alias="for")

    @property
    def lasts(self) -> float:
        return float(self.for_)


KINDS = (Tiptoes, AnklePumps, Stimulate, Walk, Jog, Cycle)
