"""What a run records: of each quantity its name, unit, dimensions, how it is pooled, where it is read, and its meaning.

Recording, datasets, folders and docs/reference/recorded.md (`scripts/list_arrays.py`) all go by these tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Pooling = Literal["point", "mean", "sum", "maximum", "minimum"]
"""What a record holds of its time: the value at its end, the mean, the sum, the largest or the smallest value."""


@dataclass(frozen=True)
class RecordedQuantity:
    """One array of a run's results.

    Attributes:
        dims: its dimensions, in order; the first is `time` (a sample), `exchange` (a record of tissue and lymph) or
            `phase` (one figure for each phase).
        unit: its unit.
        title: what it is, in words.
        pooled: how it is pooled over what the first dimension counts.
        read: the attribute that it is read from: of `network.integrate.Sample`, of `exchange_records.PooledInterval`
            or of `network.integrate.Extremes`. Empty for what is worked out from others.
        variable: its name in a dataset where that is not its own, which a dimension there bears already.
    """

    dims: tuple[str, ...]
    unit: str
    title: str
    pooled: Pooling = "point"
    read: str = ""
    variable: str = ""

    @property
    def attributes(self) -> dict[str, str]:
        """Attributes in a dataset, by the names of the CF conventions."""
        title = f"{self.title}, mean" if self.pooled == "mean" else self.title
        named = {"units": self.unit, "long_name": title}
        return named if len(self.dims) == 1 else named | {"cell_methods": f"{self.dims[0]}: {self.pooled}"}


@dataclass(frozen=True)
class Coordinate:
    """What a dataset says of the places along a dimension.

    Attributes:
        dims: its dimensions.
        unit: its unit; empty for a name.
        title: what it is, in words.
    """

    dims: tuple[str, ...]
    unit: str
    title: str

    @property
    def attributes(self) -> dict[str, str]:
        """Attributes in a dataset."""
        return {**({"units": self.unit} if self.unit else {}), "long_name": self.title}


def _sample(
    along: str, unit: str, title: str, pooled: Pooling = "point", read: str = "", variable: str = ""
) -> RecordedQuantity:
    return RecordedQuantity(("time", *along.split(), "member"), unit, title, pooled, read, variable)


def _exchange(along: str, unit: str, title: str, pooled: Pooling, read: str) -> RecordedQuantity:
    return RecordedQuantity(("exchange", *along.split(), "member"), unit, title, pooled, read)


def _extreme(along: str, unit: str, title: str, pooled: Pooling, read: str = "") -> RecordedQuantity:
    return RecordedQuantity(("phase", *along.split(), "member"), unit, title, pooled, read)


SAMPLES: dict[str, RecordedQuantity] = {
    "time": RecordedQuantity(("time",), "s", "time since the start of the run at the end of the sample"),
    "pressure": _sample("cell", "mmHg", "blood pressure in the cell", "point", "pressure"),
    "volume": _sample("cell", "mL", "blood in the cell", "point", "volume"),
    "flow": _sample("face", "mL/s", "flow through the face", "point", "flow"),
    "inflow": _sample("bed", "mL/s", "flow out of the bed", "point", "inflow"),
    "valve": _sample("valve", "1", "how far the valve is open, 0 to 1", "point", "opening", "valve_opening"),
    "area": _sample("cell", "cm2", "lumen of one vessel of the cell"),
    "mean_pressure": _sample("cell", "mmHg", "blood pressure in the cell", "mean", "mean_pressure"),
    "mean_volume": _sample("cell", "mL", "blood in the cell", "mean", "mean_volume"),
    "mean_flow": _sample("face", "mL/s", "flow through the face", "mean", "mean_flow"),
    "mean_inflow": _sample("bed", "mL/s", "flow out of the bed", "mean", "mean_inflow"),
    "surroundings": _sample("surrounding", "mmHg", "pressure of the surrounding", "point", "surroundings"),
    "height": _sample("cell", "cm", "height of the cell above the right atrium", "point", "height"),
}
"""Recorded of the veins: one row for each sample."""

EXCHANGES: dict[str, RecordedQuantity] = {
    "exchange_time": RecordedQuantity(
        ("exchange",), "s", "time since the start of the run at the end of the exchange record"
    ),
    "tissue_volume": _exchange("compartment", "mL", "tissue fluid in the compartment", "point", "record.volume"),
    "tissue_content": _exchange("solute compartment", "mg", "solute in the compartment", "point", "record.content"),
    "capillaries_open": _exchange(
        "compartment", "1", "share of the capillaries that is open", "point", "record.opened"
    ),
    "lymph_volume": _exchange("lymph_cell", "mL", "lymph in the vessel", "point", "record.lymph"),
    "lymph_content": _exchange("solute lymph_cell", "mg", "solute in the vessel", "point", "record.lymph_content"),
    "since_contraction": _exchange(
        "lymphangion", "s", "time since the last contraction began", "point", "record.since"
    ),
    "tissue_pressure": _exchange(
        "compartment", "mmHg", "tissue pressure, with what presses from outside", "mean", "record.pressure"
    ),
    "tissue_oncotic": _exchange("compartment", "mmHg", "oncotic pressure of tissue fluid", "mean", "record.oncotic"),
    "capillary_pressure": _exchange("compartment", "mmHg", "capillary pressure", "mean", "record.capillary"),
    "plasma_flow": _exchange("compartment", "mL/s", "plasma that passes the capillaries", "mean", "record.plasma_flow"),
    "plasma_protein": _exchange("", "mg/mL", "protein of arterial plasma", "mean", "record.plasma_protein"),
    "lymph_pressure": _exchange("lymph_cell", "mmHg", "pressure in the lymph vessel", "mean", "record.totals.pressure"),
    "filtered": _exchange("compartment", "mL", "water that capillaries gave to tissue", "sum", "record.filtered"),
    "filtered_solutes": _exchange(
        "solute compartment", "mg", "solute that capillaries gave to tissue", "sum", "record.filtered_solutes"
    ),
    "uptake": _exchange("initial", "mL", "lymph that formed in the initial lymphatic", "sum", "record.totals.uptake"),
    "uptake_solutes": _exchange(
        "solute initial", "mg", "solute that it took up", "sum", "record.totals.uptake_solutes"
    ),
    "passed": _exchange(
        "lymph_cell", "mL", "lymph that left the vessel towards the heart", "sum", "record.totals.passed"
    ),
    "pulsed": _exchange(
        "lymph_cell", "mL", "the part of it that left while a neighbour contracted", "sum", "record.totals.pulsed"
    ),
    "passed_solutes": _exchange(
        "solute lymph_cell", "mg", "solute that left the vessel", "sum", "record.totals.solutes"
    ),
    "returned": _exchange("node", "mL", "water that the node gave back to blood", "sum", "record.totals.returned"),
    "returned_beyond": _exchange(
        "", "mL", "the part of it that entered blood beyond the network of veins", "sum", "beyond"
    ),
    "contractions": _exchange(
        "lymphangion", "1", "number of contractions that began", "sum", "record.totals.contractions"
    ),
    "ejected": _exchange(
        "lymphangion", "1", "ejection fractions of contractions that ended", "sum", "record.totals.ejected"
    ),
    "entered": _exchange("lymph_vessel", "mL", "lymph that entered from the rest of the body", "sum", "record.entered"),
    "entered_solutes": _exchange(
        "solute lymph_vessel", "mg", "solute that entered with it", "sum", "record.entered_solutes"
    ),
    "at_venous_angle": _exchange("", "mL", "lymph that reached blood at the venous angle", "sum", "record.angle"),
    "solutes_at_venous_angle": _exchange(
        "solute", "mg", "solute that reached blood there", "sum", "record.angle_solutes"
    ),
}
"""Recorded besides where tissue and lymph are simulated: one row for each exchange record, which pools exchange
intervals."""

ARRAYS: dict[str, RecordedQuantity] = SAMPLES | EXCHANGES
"""All that is recorded over time."""

EXTREMES: dict[str, RecordedQuantity] = {
    "pressure_max": _extreme("cell", "mmHg", "highest blood pressure of all steps", "maximum", "pressure_max"),
    "pressure_min": _extreme("cell", "mmHg", "lowest blood pressure of all steps", "minimum", "pressure_min"),
    "flow_max": _extreme("face", "mL/s", "greatest flow of all steps", "maximum", "flow_max"),
    "flow_min": _extreme("face", "mL/s", "least flow of all steps (negative: backwards)", "minimum", "flow_min"),
    "residual": _extreme("", "mL", "most that a step left missing in the volume of a cell", "maximum", "residual"),
    "mass_defect": _extreme("", "mL", "blood gained or lost by rounding in the phase", "sum"),
    "error": _extreme("", "mL", "largest estimated error of a step in the volume of a cell", "maximum", "error"),
    "water_defect": _extreme("", "mL", "water of tissue and lymph gained or lost by rounding in the phase", "sum"),
}
"""Recorded of each phase: extremes over all steps, and checks."""

ROWS = {"time": "time", "exchange": "exchange_time"}
"""The array that has a number for each row along a dimension."""

_AXES = {"x": "to the left of the mid-plane", "y": "above the malleolus along the body", "z": "forward"}

COORDINATES: dict[str, Coordinate] = {
    "phase_of_sample": Coordinate(("time",), "", "number of the phase that the sample belongs to"),
    "phase_of_exchange": Coordinate(("exchange",), "", "number of the phase that the exchange record belongs to"),
    "phase_label": Coordinate(("phase",), "", "what was done in the phase"),
    "phase_kind": Coordinate(("phase",), "", "the kind of step that the phase comes from"),
    "phase_start": Coordinate(("phase",), "s", "time since the start of the run at which the phase begins"),
    "phase_duration": Coordinate(("phase",), "s", "duration of the phase"),
    "cell_segment": Coordinate(("cell",), "", "the vein that the cell is part of"),
    "cell_region": Coordinate(("cell",), "", "the region that most of the cell lies in; trunk above the thigh"),
    "cell_leg": Coordinate(("cell",), "", "index for the leg in full, other, or pelvis for what both share"),
    "cell_kind": Coordinate(("cell",), "", "deep, superficial, muscle, trunk, lump or tributary"),
    "cell_present": Coordinate(("cell", "member"), "1", "1, or 0 for a spare vein that the person does not have"),
    "cell_level": Coordinate(("cell", "member"), "cm", "height of the cell's middle above the malleolus, standing"),
    "face_tail": Coordinate(("face",), "", "the cell that flow through the face comes from"),
    "face_head": Coordinate(("face",), "", "the cell or end that flow through the face goes to"),
    "index_side": Coordinate(("member",), "", "side of the leg in full"),
    "status": Coordinate(("member",), "", "ok, or failed"),
    "compartment_region": Coordinate(("compartment",), "", "region of the leg"),
    "compartment_leg": Coordinate(("compartment",), "", "index, or other for the second leg in full"),
    "compartment_tissue": Coordinate(("compartment",), "", "subcutis or muscle"),
    "compartment_side": Coordinate(("compartment",), "", "front, medial, back or lateral; empty for muscle"),
    "compartment_territory": Coordinate(("compartment",), "", "the chain of lymph vessels that it drains into"),
    "compartment_level": Coordinate(("compartment", "member"), "cm", "height of its middle above the malleolus"),
    "initial_compartment": Coordinate(("initial",), "", "the compartment that the initial lymphatic fills from"),
    "lymph_vessel_chain": Coordinate(
        ("lymph_vessel",), "", "the chain that the vessel is part of; its name for a node"
    ),
    "lymph_vessel_leg": Coordinate(("lymph_vessel",), "", "index, other, or trunk for what both legs share"),
    "lymphangion_chain": Coordinate(("lymphangion",), "", "the chain that the lymphangion is part of"),
    **{
        f"{place}_{axis}": Coordinate((place, "member"), "cm", f"where its middle lies in a straight body: {way}")
        for place in ("cell", "compartment", "lymph_vessel")
        for axis, way in _AXES.items()
    },
}
"""What a dataset says of places, phases and members, besides their names."""


def variable(name: str) -> str:
    """Name of a quantity in a dataset: its own, but for one that would clash with a dimension."""
    quantity = ARRAYS.get(name) or EXTREMES.get(name)
    return quantity.variable or name if quantity else name


def by_variable(name: str) -> str:
    """The quantity that has a name in datasets."""
    return next((own for own, what in ARRAYS.items() if what.variable == name), name)
