"""The arrays of a run: name, dimensions, unit and meaning of each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RecordedQuantity:
    """One array of a run's results.

    Attributes:
        dims: its dimensions, in order; the first is `time` (a sample), `exchange` (a record of tissue and lymph) or
            `phase` (one figure for each phase).
        unit: its unit.
        title: what it is, in words.
        variable: its name in a dataset where that is not its own, which a dimension there bears already.
    """

    dims: tuple[str, ...]
    unit: str
    title: str
    variable: str = ""


SAMPLES: dict[str, RecordedQuantity] = {
    "time": RecordedQuantity(("time",), "s", "time since the start of the run at the end of the sample"),
    "pressure": RecordedQuantity(
        ("time", "cell", "member"), "mmHg", "blood pressure in the cell at the end of the sample"
    ),
    "volume": RecordedQuantity(("time", "cell", "member"), "mL", "blood in the cell at the end of the sample"),
    "flow": RecordedQuantity(("time", "face", "member"), "mL/s", "flow through the face at the end of the sample"),
    "inflow": RecordedQuantity(("time", "bed", "member"), "mL/s", "flow out of the bed at the end of the sample"),
    "valve": RecordedQuantity(
        ("time", "valve", "member"), "1", "how far the valve is open at the end of the sample, 0 to 1", "valve_opening"
    ),
    "area": RecordedQuantity(
        ("time", "cell", "member"), "cm2", "lumen of one vessel of the cell at the end of the sample"
    ),
    "mean_pressure": RecordedQuantity(
        ("time", "cell", "member"), "mmHg", "blood pressure in the cell, mean over the sample"
    ),
    "mean_volume": RecordedQuantity(("time", "cell", "member"), "mL", "blood in the cell, mean over the sample"),
    "mean_flow": RecordedQuantity(("time", "face", "member"), "mL/s", "flow through the face, mean over the sample"),
    "mean_inflow": RecordedQuantity(("time", "bed", "member"), "mL/s", "flow out of the bed, mean over the sample"),
    "mean_valve": RecordedQuantity(("time", "valve", "member"), "1", "how far the valve is open, mean over the sample"),
    "surroundings": RecordedQuantity(("time", "surrounding", "member"), "mmHg", "pressure of the surrounding"),
    "height": RecordedQuantity(("time", "cell", "member"), "cm", "height of the cell above the right atrium"),
    "end_flow": RecordedQuantity(("time", "end", "member"), "mL/s", "flow into the end, mean over the sample"),
}
"""What `append_phase` takes as `arrays`: one row for each sample."""


def _exchange(*dims: str) -> tuple[str, ...]:
    return ("exchange", *dims, "member")


EXCHANGES: dict[str, RecordedQuantity] = {
    "exchange_time": RecordedQuantity(
        ("exchange",), "s", "time since the start of the run at the end of the exchange record"
    ),
    "tissue_volume": RecordedQuantity(_exchange("compartment"), "mL", "tissue fluid in the compartment at the end"),
    "tissue_content": RecordedQuantity(
        _exchange("solute", "compartment"), "mg", "solute in the compartment at the end"
    ),
    "capillaries_open": RecordedQuantity(
        _exchange("compartment"), "1", "share of the capillaries that is open at the end"
    ),
    "lymph_volume": RecordedQuantity(_exchange("lymph_cell"), "mL", "lymph in the vessel at the end"),
    "lymph_content": RecordedQuantity(_exchange("solute", "lymph_cell"), "mg", "solute in the vessel at the end"),
    "since_contraction": RecordedQuantity(
        _exchange("lymphangion"), "s", "time since the last contraction began, at the end"
    ),
    "tissue_pressure": RecordedQuantity(
        _exchange("compartment"), "mmHg", "tissue pressure, mean, with what presses from outside"
    ),
    "tissue_oncotic": RecordedQuantity(_exchange("compartment"), "mmHg", "oncotic pressure of tissue fluid, mean"),
    "capillary_pressure": RecordedQuantity(_exchange("compartment"), "mmHg", "capillary pressure, mean"),
    "plasma_flow": RecordedQuantity(_exchange("compartment"), "mL/s", "plasma that passes the capillaries, mean"),
    "lymph_pressure": RecordedQuantity(_exchange("lymph_cell"), "mmHg", "pressure in the lymph vessel, mean"),
    "filtered": RecordedQuantity(_exchange("compartment"), "mL", "water that capillaries gave to tissue"),
    "filtered_solutes": RecordedQuantity(
        _exchange("solute", "compartment"), "mg", "solute that capillaries gave to tissue"
    ),
    "uptake": RecordedQuantity(_exchange("initial"), "mL", "lymph that formed in the initial lymphatic"),
    "uptake_solutes": RecordedQuantity(_exchange("solute", "initial"), "mg", "solute that it took up"),
    "passed": RecordedQuantity(_exchange("lymph_cell"), "mL", "lymph that left the vessel towards the heart"),
    "pulsed": RecordedQuantity(_exchange("lymph_cell"), "mL", "the part of it that left while a neighbour contracted"),
    "passed_solutes": RecordedQuantity(_exchange("solute", "lymph_cell"), "mg", "solute that left the vessel"),
    "returned": RecordedQuantity(_exchange("node"), "mL", "water that the node gave back to blood"),
    "returned_beyond": RecordedQuantity(
        _exchange(), "mL", "the part of it that entered blood beyond the network of veins"
    ),
    "contractions": RecordedQuantity(_exchange("lymphangion"), "1", "contractions that began"),
    "ejected": RecordedQuantity(
        _exchange("lymphangion"), "1", "sum of the ejection fractions of contractions that ended"
    ),
    "entered": RecordedQuantity(_exchange("lymph_vessel"), "mL", "lymph that entered from the rest of the body"),
    "entered_solutes": RecordedQuantity(_exchange("solute", "lymph_vessel"), "mg", "solute that entered with it"),
    "at_venous_angle": RecordedQuantity(_exchange(), "mL", "lymph that reached blood at the venous angle"),
    "solutes_at_venous_angle": RecordedQuantity(_exchange("solute"), "mg", "solute that reached blood there"),
}
"""What `append_phase` takes as `arrays` besides, where tissue and lymph are simulated: one row for each exchange
record, which covers one or more exchange intervals."""

ARRAYS: dict[str, RecordedQuantity] = SAMPLES | EXCHANGES
"""All that may be recorded over time."""

EXTREMES: dict[str, RecordedQuantity] = {
    "pressure_max": RecordedQuantity(("phase", "cell", "member"), "mmHg", "highest blood pressure over all steps"),
    "pressure_min": RecordedQuantity(("phase", "cell", "member"), "mmHg", "lowest blood pressure over all steps"),
    "volume_max": RecordedQuantity(("phase", "cell", "member"), "mL", "largest volume over all steps"),
    "volume_min": RecordedQuantity(("phase", "cell", "member"), "mL", "smallest volume over all steps"),
    "flow_max": RecordedQuantity(("phase", "face", "member"), "mL/s", "greatest flow over all steps"),
    "flow_min": RecordedQuantity(
        ("phase", "face", "member"), "mL/s", "least flow over all steps (negative: backwards)"
    ),
    "valve_max": RecordedQuantity(("phase", "valve", "member"), "1", "widest opening over all steps"),
    "valve_min": RecordedQuantity(("phase", "valve", "member"), "1", "narrowest opening over all steps"),
    "residual": RecordedQuantity(("phase", "member"), "mL", "most that a step left missing in the volume of a cell"),
    "mass_defect": RecordedQuantity(("phase", "member"), "mL", "blood gained or lost by rounding in the phase"),
    "error": RecordedQuantity(("phase", "member"), "mL", "largest estimated error of a step in the volume of a cell"),
    "water_defect": RecordedQuantity(("phase", "member"), "mL", "water of tissue and lymph gained or lost by rounding"),
}
"""What `append_phase` takes as `extremes`: one array for each phase."""


def variable(name: str) -> str:
    """Name of a quantity in a dataset: its own, but for one that would clash with a dimension."""
    quantity = ARRAYS.get(name) or EXTREMES.get(name)
    return quantity.variable or name if quantity else name
