"""Cuffs, suction around the legs, and measured pressures that the leg gets as they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from venolymph import figures
from venolymph.regimen.measured import Samples, as_text, read_samples
from venolymph.regimen.named_files import from_here, refused_inside
from venolymph.steps.step import Step
from venolymph.traces import read_traces
from venolymph.units import DURATION, PRESSURE, Quantity, refusal, show


class Cuff(Step):
    """A cuff around the leg, inflated, held, and let go; without `release` it stays as it is until its next step.

    Attributes:
        at: calf or thigh.
        pressure: mmHg inside; 0 empties a cuff that was left inflated.
        inflate: how long it takes to reach the pressure, s inside.
        hold: how long the pressure is held, s inside.
        release: how long it takes to empty it afterwards, s inside.
    """

    word: ClassVar[str] = "cuff"
    example: ClassVar[str] = "{at: calf, pressure: 80 mmHg, inflate: 3 s, hold: 5 s, release: 0.3 s}"
    at: Literal["calf", "thigh"]
    pressure: Annotated[Quantity, PRESSURE.between("0 mmHg", "300 mmHg", example="50 mmHg")]
    inflate: Annotated[Quantity, DURATION.between("0.1 s", "5 min", example="3 s")] | None = None
    hold: Annotated[Quantity, DURATION.between("0 s", "2 h", example="5 s")] | None = None
    release: Annotated[Quantity, DURATION.between("0.05 s", "5 min", example="0.3 s")] | None = None

    @property
    def lasts(self) -> float:
        return float(self.inflate or 0.0) + float(self.hold or 0.0) + float(self.release or 0.0)


class Suction(Step):
    """Suction around both legs up to the iliac crest, lying (lower body negative pressure); 0 lets the air in again.

    Attributes:
        pressure: below that of the air, mmHg inside.
        over: how long the change takes, s inside.
        for_: how long it lasts, the change included, s inside.
    """

    word: ClassVar[str] = "suction"
    example: ClassVar[str] = "{pressure: 44 mmHg, for: 5 min}"
    pressure: Annotated[Quantity, PRESSURE.between("0 mmHg", "100 mmHg", example="44 mmHg")]
    over: Annotated[Quantity, DURATION.between("1 s", "10 min", example="10 s")] | None = None
    for_: Annotated[Quantity, DURATION.between("1 s", "24 h", example="5 min")] | None = Field(
        default=None, alias="for"
    )

    @model_validator(mode="after")
    def _in_time(self) -> Suction:
        if self.for_ is not None and self.for_ < self.changes_in:
            raise refusal(
                f"the change takes {self.changes_in:g} s, longer than the {self.for_} that the step lasts",
                hint="make `for` longer or `over` shorter",
                key="for",
            )
        return self

    @property
    def changes_in(self) -> float:
        """How long the change takes, s."""
        return float(self.over or figures.internal("regimen.suction.change"))

    @property
    def lasts(self) -> float:
        return float(self.for_ or self.changes_in)


class FollowTrace(Step):
    """A measured pressure of a cuff or a muscle, which the leg gets as it was; a muscle is slack afterwards.

    Attributes:
        of: which cuff, or which muscle of the index leg.
        file: a table (CSV) with a time and a pressure, relative to the regimen's file; its samples are kept instead.
        column: heading of the pressure, where the table has several.
        samples: times, s, and pressures, mmHg.
    """

    word: ClassVar[str] = "trace"
    example: ClassVar[str] = "{of: calf cuff, file: cuff.csv}"
    of: Literal[
        "calf cuff", "thigh cuff", "foot", "anterior compartment", "deep posterior compartment", "soleus",
        "gastrocnemius", "thigh muscle",
    ]  # fmt: skip
    file: str | None = None
    column: str | None = None
    samples: Annotated[Samples, BeforeValidator(read_samples), PlainSerializer(as_text)] = ()

    @model_validator(mode="before")
    @classmethod
    def _from_a_table(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or not isinstance(data.get("file"), str):
            return data
        if "samples" in data:
            raise refusal("a file and samples at once", hint="take one of them out", key="samples")
        column = data.get("column")
        if not (column is None or isinstance(column, str)):
            raise refusal(f"found {show(column)}, where a heading of the table is needed", key="column")
        with refused_inside():
            table = read_traces(from_here(data["file"]))
            pressure = table.column(column, "pressure").in_unit("mmHg")
        samples = tuple(zip(table.time.tolist(), pressure.tolist(), strict=True))
        return {**{key: value for key, value in data.items() if key not in ("file", "column")}, "samples": samples}

    @model_validator(mode="after")
    def _has_samples(self) -> FollowTrace:
        if not self.samples:
            raise refusal("neither a file nor samples are given", hint=self.shape())
        return self

    @property
    def lasts(self) -> float:
        return self.samples[-1][0] - self.samples[0][0]


KINDS = (Cuff, Suction, FollowTrace)
