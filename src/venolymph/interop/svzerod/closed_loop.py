"""What closes the loop in a case: a heart with the lungs in it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from venolymph.interop.svzerod.entries import Amount, CasePart, ElementValues, Name, Number, Positive

HEARTS = ("ClosedLoopHeartAndPulmonary",)
HEART, HEART_INLET, HEART_OUTLET = "CLH", "J_heart_inlet", "J_heart_outlet"
"""svZeroD's names of the heart, and of the junctions at its inlet and outlet."""


class HeartValues(ElementValues):
    """Two atria that stiffen as they fill, two ventricles, four valves with inertance, and the lungs between."""

    example = "{Tsa: 0.4, tpwave: 9.0, Erv_s: 2.1, Elv_s: 3.1, ...}"

    Tsa: Positive
    tpwave: Positive
    Erv_s: Amount
    Elv_s: Amount
    iml: Number
    imr: Number
    Lra_v: Amount
    Rra_v: Positive
    Lrv_a: Amount
    Rrv_a: Positive
    Lla_v: Amount
    Rla_v: Positive
    Llv_a: Amount
    Rlv_ao: Positive
    Vrv_u: Number
    Vlv_u: Number
    Rpd: Positive
    Cp: Positive
    Cpa: Positive
    Kxp_ra: Amount
    Kxv_ra: Amount
    Kxp_la: Amount
    Kxv_la: Amount
    Emax_ra: Amount
    Emax_la: Amount
    Vaso_ra: Number
    Vaso_la: Number


class HeartEntry(CasePart):
    """The heart that closes the loop."""

    example = "{closed_loop_type: ClosedLoopHeartAndPulmonary, outlet_blocks: [aorta], cardiac_cycle_period: 1.0, ...}"

    closed_loop_type: Literal["ClosedLoopHeartAndPulmonary"]
    outlet_blocks: Annotated[tuple[Name, ...], Field(min_length=1)]
    cardiac_cycle_period: Positive
    parameters: HeartValues
