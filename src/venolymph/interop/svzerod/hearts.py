"""What a case may hold of a heart: its chambers, how they contract, and its valves."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from venolymph.interop.svzerod.entries import Amount, CasePart, ElementValues, Name, Number, Positive
from venolymph.units import refusal

CHAMBERS = ("LinearElastanceChamber", "ChamberElastanceInductor", "ChamberElastanceInductorExponential")
VALVES = ("ValveTanh", "PiecewiseValve")

SHAPES: dict[str, tuple[str, ...]] = {
    "half_cosine": ("t_active", "t_twitch"),
    "piecewise_cosine": ("contract_start", "relax_start", "contract_duration", "relax_duration"),
    "two_hill": ("t_shift", "tau_1", "tau_2", "m1", "m2"),
    "double_tanh": ("tsys", "tdias", "steepness"),
    "wrapping_cosine": ("Tsa", "tpwave"),
    "fourier": (),
}
"""The numbers of each activation function, in their order."""


class _Activation(ElementValues):
    """How a chamber contracts through a beat."""

    type: str

    @property
    def numbers(self) -> tuple[float, ...]:
        """Its numbers, in the order of `SHAPES`."""
        return tuple(getattr(self, name) for name in SHAPES[self.type])


class HalfCosine(_Activation):
    """One hump."""

    example = "{type: half_cosine, t_active: 0.2, t_twitch: 0.3}"

    type: Literal["half_cosine"]
    t_active: Number
    t_twitch: Positive


class PiecewiseCosine(_Activation):
    """Up in one time, down in another."""

    example = "{type: piecewise_cosine, contract_start: 0.0, relax_start: 0.1, contract_duration: 0.1, ...}"

    type: Literal["piecewise_cosine"]
    contract_start: Number
    relax_start: Number
    contract_duration: Positive
    relax_duration: Positive


class TwoHill(_Activation):
    """A power that rises over one that falls."""

    example = "{type: two_hill, t_shift: 0.0, tau_1: 0.1, tau_2: 0.3, m1: 2.0, m2: 10.0}"

    type: Literal["two_hill"]
    t_shift: Number
    tau_1: Positive
    tau_2: Positive
    m1: Positive
    m2: Positive


class DoubleTanh(_Activation):
    """On at one time and off at another, both smoothly."""

    example = "{type: double_tanh, tsys: 0.1, tdias: 0.4, steepness: 0.01}"

    type: Literal["double_tanh"]
    tsys: Number
    tdias: Number
    steepness: Positive


class WrappingCosine(_Activation):
    """One hump that goes on into the next beat."""

    example = "{type: wrapping_cosine, Tsa: 0.4, tpwave: 9.0}"

    type: Literal["wrapping_cosine"]
    Tsa: Positive
    tpwave: Positive


class Fourier(_Activation):
    """That of ventricles, as a series."""

    example = "{type: fourier}"

    type: Literal["fourier"]


Activation = Annotated[
    HalfCosine | PiecewiseCosine | TwoHill | DoubleTanh | WrappingCosine | Fourier, Field(discriminator="type")
]


class LinearElastanceValues(ElementValues):
    """Elastance at rest and what contraction adds, and the volume at which they press with nothing."""

    example = "{Emax: 2.0, Epass: 0.1, Vrest: 10.0}"

    Emax: Amount
    Epass: Amount
    Vrest: Number


class InductorValues(ElementValues):
    """Elastance and unstressed volume contracted and at rest, and the inertance at the outlet."""

    example = "{Emax: 2.0, Emin: 0.1, Vrd: 20.0, Vrs: 10.0, Impedance: 0.0}"

    Emax: Amount
    Emin: Amount
    Vrd: Number
    Vrs: Number
    Impedance: Amount


class ExponentialValues(ElementValues):
    """Elastance when contracted, the wall at rest that stiffens as it fills, and the inertance at the outlet."""

    example = "{Emax: 0.2, Kxp: 9.0, Kxv: 0.005, Vaso: 5.0, Impedance: 0.0}"

    Emax: Amount
    Kxp: Amount
    Kxv: Amount
    Vaso: Number
    Impedance: Amount


class _Chamber(CasePart):
    """A chamber of a heart, with one inlet and one outlet."""

    name: Name
    activation_function: Activation


class LinearElastanceChamber(_Chamber):
    """A chamber whose elastance follows its contraction."""

    example = "{type: LinearElastanceChamber, name: LV, values: {...}, activation_function: {...}}"

    type: Literal["LinearElastanceChamber"]
    values: LinearElastanceValues


class ElastanceInductor(_Chamber):
    """The same with an unstressed volume that follows contraction too, and an inertance."""

    example = "{type: ChamberElastanceInductor, name: LV, values: {...}, activation_function: {...}}"

    type: Literal["ChamberElastanceInductor"]
    values: InductorValues


class ExponentialInductor(_Chamber):
    """A chamber that stiffens as it fills at rest, with an inertance."""

    example = "{type: ChamberElastanceInductorExponential, name: LA, values: {...}, activation_function: {...}}"

    type: Literal["ChamberElastanceInductorExponential"]
    values: ExponentialValues


ChamberEntry = Annotated[LinearElastanceChamber | ElastanceInductor | ExponentialInductor, Field(discriminator="type")]


class _Joins(ElementValues):
    """Resistance of a valve when closed and when open, and what it stands between."""

    Rmax: Positive
    Rmin: Amount
    upstream_block: Name
    downstream_block: Name


class ValveValues(_Joins):
    """How steeply resistance changes with the pressure across, too."""

    example = "{Rmax: 1e5, Rmin: 100.0, Steepness: 100.0, upstream_block: branch0, downstream_block: branch1}"

    Steepness: Amount


class FlapValues(_Joins):
    """Closed wherever pressure is not higher upstream."""

    example = "{Rmax: 1e5, Rmin: 100.0, upstream_block: branch0, downstream_block: branch1}"

    @model_validator(mode="after")
    def _closes(self) -> FlapValues:
        if self.Rmax < self.Rmin:
            raise refusal(
                f"Rmax is {self.Rmax:g} and Rmin is {self.Rmin:g}; a closed valve resists no less than an open one",
                hint="are the two exchanged?",
                key="Rmax",
            )
        return self


class TanhValve(CasePart):
    """A valve between two elements whose resistance changes smoothly."""

    example = "{type: ValveTanh, name: valve0, params: {...}}"

    type: Literal["ValveTanh"]
    name: Name
    params: ValveValues


class PiecewiseValve(CasePart):
    """A valve between two elements that is open or closed."""

    example = "{type: PiecewiseValve, name: valve0, params: {...}}"

    type: Literal["PiecewiseValve"]
    name: Name
    params: FlapValues


ValveEntry = Annotated[TanhValve | PiecewiseValve, Field(discriminator="type")]
