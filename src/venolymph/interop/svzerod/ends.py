"""What may stand at the ends of a case's network: its boundary conditions."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from venolymph.interop.svzerod.entries import Amount, CasePart, ElementValues, Name, Number, Positive, Yes
from venolymph.units import refusal

ENDS = ("FLOW", "PRESSURE", "RESISTANCE", "RCR", "CORONARY", "ClosedLoopRCR")

TimeTable = tuple[tuple[float, ...], tuple[float, ...]]
"""Times and values; one of each for a constant."""


class _Times(ElementValues):
    """Values at times."""

    over_time: ClassVar[str]
    """Key of the values."""

    t: Annotated[tuple[Number, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _ordered(self) -> _Times:
        key, times = self.over_time, self.t
        values = getattr(self, key)
        if len(values) == 1:
            return self
        if len(values) != len(times):
            raise refusal(
                f"{key!r} has {len(values)} values and 't' has {len(times)} times; as many of each are needed",
                hint="write one time for each value",
                key="t",
            )
        if times[0] != 0:
            raise refusal(
                f"the table begins at {times[0]:g}; allowed is 0, where svZeroD's clock begins",
                hint="subtract the first time from all times",
                key="t",
            )
        back = next((n for n in range(1, len(times)) if times[n] < times[n - 1]), None)
        if back is not None:
            raise refusal(
                f"time goes back from {times[back - 1]:g} to {times[back]:g} at entry {back + 1}; "
                "times must not decrease",
                hint="put the entries in the order of time",
                key="t",
            )
        if times[-1] == 0:
            raise refusal(
                "all times are 0; a table must last longer than that",
                hint="write one value and one time for a constant",
                key="t",
            )
        return self

    @property
    def table(self) -> TimeTable:
        """Times and values."""
        values: tuple[float, ...] = getattr(self, self.over_time)
        return (self.t if len(values) > 1 else (0.0,), values)


class FlowValues(_Times):
    """A flow over time."""

    over_time = "Q"
    example = "{Q: [5.0, 5.0], t: [0.0, 1.0]}"

    Q: Annotated[tuple[Number, ...], Field(min_length=1)]


class PressureValues(_Times):
    """A pressure over time."""

    over_time = "P"
    example = "{P: [10.0, 10.0], t: [0.0, 1.0]}"

    P: Annotated[tuple[Number, ...], Field(min_length=1)]


class ResistanceValues(ElementValues):
    """A resistance to a fixed pressure."""

    example = "{R: 100.0, Pd: 0.0}"

    R: Amount
    Pd: Number


class RCRValues(ElementValues):
    """Resistance, capacitance, resistance to a fixed pressure (a Windkessel)."""

    example = "{Rp: 10.0, C: 0.01, Rd: 100.0, Pd: 0.0}"

    Rp: Amount
    C: Amount
    Rd: Amount
    Pd: Number = 0.0


class CoronaryValues(_Times):
    """Resistances, capacitances and the pressure of the heart's muscle around the second of these."""

    over_time = "Pim"
    example = "{Ra1: 1.0, Ra2: 1.0, Rv1: 1.0, Ca: 0.1, Cc: 0.1, Pim: [0.0, 90.0, 0.0], t: [0.0, 0.3, 1.0], P_v: 5.0}"

    Ra1: Amount
    Ra2: Positive
    Rv1: Positive
    Ca: Amount
    Cc: Positive
    Pim: Annotated[tuple[Number, ...], Field(min_length=1)]
    P_v: Number


class _End(CasePart):
    """What stands at an end of the network."""

    bc_name: Name

    @property
    def table(self) -> TimeTable | None:
        """What it prescribes over time; None where nothing changes."""
        return None


class ClosedLoopRCRValues(ElementValues):
    """Resistance, capacitance and resistance to the heart that closes the loop."""

    example = "{Rp: 10.0, C: 0.01, Rd: 100.0, closed_loop_outlet: true}"

    Rp: Amount
    C: Amount
    Rd: Amount
    closed_loop_outlet: Yes

    @model_validator(mode="after")
    def _closed(self) -> ClosedLoopRCRValues:
        if not self.closed_loop_outlet:
            raise refusal(
                "with 'closed_loop_outlet' false nothing is joined to the outlet",
                hint="write true, or make it an RCR",
                key="closed_loop_outlet",
            )
        return self


class FlowEnd(_End):
    """Prescribed flow: into the network at an inlet, out of it at an outlet."""

    example = "{bc_name: IN, bc_type: FLOW, bc_values: {Q: [5.0, 5.0], t: [0.0, 1.0]}}"

    bc_type: Literal["FLOW"]
    bc_values: FlowValues

    @property
    def table(self) -> TimeTable:
        """What it prescribes over time."""
        return self.bc_values.table


class PressureEnd(_End):
    """Prescribed pressure."""

    example = "{bc_name: IN, bc_type: PRESSURE, bc_values: {P: [10.0, 10.0], t: [0.0, 1.0]}}"

    bc_type: Literal["PRESSURE"]
    bc_values: PressureValues

    @property
    def table(self) -> TimeTable:
        """What it prescribes over time."""
        return self.bc_values.table


class ResistanceEnd(_End):
    """Outlet through a resistance."""

    example = "{bc_name: OUT, bc_type: RESISTANCE, bc_values: {R: 100.0, Pd: 0.0}}"

    bc_type: Literal["RESISTANCE"]
    bc_values: ResistanceValues


class RCREnd(_End):
    """Outlet through a Windkessel."""

    example = "{bc_name: OUT, bc_type: RCR, bc_values: {Rp: 10.0, C: 0.01, Rd: 100.0, Pd: 0.0}}"

    bc_type: Literal["RCR"]
    bc_values: RCRValues


class CoronaryEnd(_End):
    """Outlet through the vessels of the heart's own muscle, which presses on them (open-loop coronary)."""

    example = "{bc_name: OUT, bc_type: CORONARY, bc_values: {Ra1: 1.0, Ra2: 1.0, Rv1: 1.0, ...}}"

    bc_type: Literal["CORONARY"]
    bc_values: CoronaryValues

    @property
    def table(self) -> TimeTable:
        """The pressure of the muscle over time."""
        return self.bc_values.table


class ClosedLoopRCREnd(_End):
    """A Windkessel through which blood returns to the heart."""

    example = "{bc_name: OUT, bc_type: ClosedLoopRCR, bc_values: {Rp: 10.0, C: 0.01, Rd: 100.0, ...}}"

    bc_type: Literal["ClosedLoopRCR"]
    bc_values: ClosedLoopRCRValues


BoundaryCondition = Annotated[
    FlowEnd | PressureEnd | ResistanceEnd | RCREnd | CoronaryEnd | ClosedLoopRCREnd, Field(discriminator="bc_type")
]
