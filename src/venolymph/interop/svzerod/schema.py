"""What may stand in a case, with the names of the file, so that each model shows how its part is written.

Between the elements (`vessel_length`, `description` and whatever else programs write there) a key that svZeroD does
not read is left out, unless it looks like a misspelling of one that is missing; among the values of an element every
unknown key is refused, as svZeroD does. All numbers are in the units of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from venolymph.interop.svzerod.closed_loop import HeartEntry
from venolymph.interop.svzerod.ends import BoundaryCondition
from venolymph.interop.svzerod.entries import Amount, CasePart, ElementValues, Name, Number, Whole, Yes
from venolymph.interop.svzerod.hearts import ChamberEntry, ValveEntry
from venolymph.units import refusal

VESSELS = ("BloodVessel", "BloodVesselCRL")
JUNCTIONS = ("NORMAL_JUNCTION", "internal_junction", "BloodVesselJunction")


class Simulation(CasePart):
    """How long to run, how to step and what to write.

    Times are in the file's unit; `absolute_tolerance` is that of Newton's residual.
    """

    example = "{number_of_cardiac_cycles: 10, number_of_time_pts_per_cardiac_cycle: 201}"

    number_of_cardiac_cycles: Annotated[Whole, Field(ge=1)]
    number_of_time_pts_per_cardiac_cycle: Annotated[Whole, Field(ge=2)]
    cardiac_period: Number = -1.0
    absolute_tolerance: Annotated[Number, Field(gt=0)] = 1e-8
    maximum_nonlinear_iterations: Annotated[Whole, Field(ge=1, le=100_000)] = 30
    steady_initial: Yes = True
    rho_infty: Annotated[Number, Field(ge=0, le=1)] = 0.5
    output_variable_based: Yes = False
    output_interval: Annotated[Whole, Field(ge=1)] = 1
    output_mean_only: Yes = False
    output_derivative: Yes = False
    output_all_cycles: Yes = False
    use_cycle_to_cycle_error: Yes = False
    sim_cycle_to_cycle_percent_error: Annotated[Number, Field(gt=0, lt=100)] = 1.0
    coupled_simulation: Yes = False

    @model_validator(mode="after")
    def _possible(self) -> Simulation:
        if self.coupled_simulation:
            raise refusal(
                "simulations coupled to another solver are not supported",
                hint="write false, or leave the key out",
                key="coupled_simulation",
            )
        if self.cardiac_period == 0:
            raise refusal(
                "a period of 0 is not possible",
                hint="leave the key out to take it from the time tables",
                key="cardiac_period",
            )
        return self


class VesselValues(ElementValues):
    """Resistance, capacitance, inertance and stenosis of a vessel, all lumped."""

    example = "{R_poiseuille: 100.0, C: 0.0001}"

    R_poiseuille: Amount
    C: Amount = 0.0
    L: Amount = 0.0
    stenosis_coefficient: Amount = 0.0


class VesselEnds(CasePart):
    """Boundary conditions at a vessel."""

    example = "{inlet: IN, outlet: OUT}"

    inlet: Name | None = None
    outlet: Name | None = None


class Vessel(CasePart):
    """A vessel; `BloodVessel` has its capacitance behind the resistance, `BloodVesselCRL` before it."""

    example = "{vessel_id: 0, vessel_name: branch0, zero_d_element_type: BloodVessel, zero_d_element_values: {...}}"

    vessel_id: Whole
    vessel_name: Name
    zero_d_element_type: Literal["BloodVessel", "BloodVesselCRL"]
    zero_d_element_values: VesselValues
    boundary_conditions: VesselEnds = VesselEnds()


class JunctionValues(ElementValues):
    """Resistance, inertance and stenosis towards each outlet."""

    example = "{R_poiseuille: [1.0, 1.0], L: [0.0, 0.0], stenosis_coefficient: [0.0, 0.0]}"

    R_poiseuille: tuple[Amount, ...]
    L: tuple[Amount, ...]
    stenosis_coefficient: tuple[Amount, ...]


class Junction(CasePart):
    """Where elements meet, by ids of vessels or by names of any elements."""

    example = "{junction_name: J0, junction_type: NORMAL_JUNCTION, inlet_vessels: [0], outlet_vessels: [1, 2]}"

    junction_name: Name
    junction_type: Literal["NORMAL_JUNCTION", "internal_junction", "BloodVesselJunction"]
    junction_values: JunctionValues | None = None
    inlet_vessels: tuple[Whole, ...] | None = None
    outlet_vessels: tuple[Whole, ...] | None = None
    inlet_blocks: tuple[Name, ...] | None = None
    outlet_blocks: tuple[Name, ...] | None = None

    @model_validator(mode="before")
    @classmethod
    def _no_empty_values(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and data.get("junction_values") == {}:
            return {key: value for key, value in data.items() if key != "junction_values"}
        return data

    @model_validator(mode="after")
    def _complete(self) -> Junction:
        by_id = self.inlet_vessels is not None and self.outlet_vessels is not None
        by_name = self.inlet_blocks is not None and self.outlet_blocks is not None
        if by_id == by_name:
            raise refusal(
                f"{'both' if by_id else 'neither'} inlet_vessels with outlet_vessels "
                f"{'and' if by_id else 'nor'} inlet_blocks with outlet_blocks; one of the two pairs is needed",
                hint="give ids of vessels or names of elements, for inlets and outlets alike",
            )
        inlets, outlets = self.ports
        if not inlets and not outlets:
            raise refusal("the junction joins nothing", hint="name its inlets and outlets")
        if self.junction_type != "BloodVesselJunction":
            if self.junction_values is not None:
                raise refusal(
                    f"a junction of type {self.junction_type} has no values",
                    hint="take them out, or make it a BloodVesselJunction",
                    key="junction_values",
                )
            return self
        if len(inlets) != 1:
            raise refusal(f"a BloodVesselJunction has one inlet; found {len(inlets)}", hint="make it a NORMAL_JUNCTION")
        if self.junction_values is None:
            raise refusal(
                "'junction_values' is missing; a BloodVesselJunction needs them",
                hint="write {R_poiseuille: [...], L: [...], stenosis_coefficient: [...]}",
            )
        for key, values in self.junction_values:
            if len(values) != len(outlets):
                raise refusal(
                    f"found {len(values)} values for {len(outlets)} outlets; one for each is needed",
                    hint="write them in the order of the outlets",
                    key=("junction_values", key),
                )
        return self

    @property
    def ports(self) -> tuple[tuple[int | str, ...], tuple[int | str, ...]]:
        """Inlets and outlets, as ids or names."""
        if self.inlet_vessels is not None and self.outlet_vessels is not None:
            return self.inlet_vessels, self.outlet_vessels
        return self.inlet_blocks or (), self.outlet_blocks or ()


class Case(CasePart):
    """A case as its file says it, checked entry by entry; whether it hangs together is seen by `circuit.build`."""

    example = "{simulation_parameters: {...}, boundary_conditions: [...], vessels: [...]}"

    simulation_parameters: Simulation
    boundary_conditions: tuple[BoundaryCondition, ...]
    vessels: tuple[Vessel, ...] = ()
    junctions: tuple[Junction, ...] = ()
    valves: tuple[ValveEntry, ...] = ()
    chambers: tuple[ChamberEntry, ...] = ()
    closed_loop_blocks: Annotated[tuple[HeartEntry, ...], Field(max_length=1)] = ()
    initial_condition: dict[str, Number] = Field(default_factory=dict)
    initial_condition_d: dict[str, Number] = Field(default_factory=dict)

    @cached_property
    def tables(self) -> dict[str, tuple[tuple[float, ...], tuple[float, ...]]]:
        """Times and values of each boundary condition that has them, by its name; one point for a constant."""
        return {end.bc_name: table for end in self.boundary_conditions if (table := end.table) is not None}

    @property
    def period(self) -> float:
        """The cardiac period: of the tables, else `cardiac_period`, else the heart's, else 1 (unit of the file)."""
        of_tables = (times[-1] for times, _ in self.tables.values() if len(times) > 1)
        given = self.simulation_parameters.cardiac_period
        of_hearts = [heart.cardiac_cycle_period for heart in self.closed_loop_blocks]
        return next(of_tables, given if given > 0 else next(iter(of_hearts), 1.0))
