"""The arrays of a run: name, dimensions, unit and meaning of each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Quantity:
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


SAMPLES: dict[str, Quantity] = {
    "time": Quantity(("time",), "s", "time since the start of the run at the end of the sample"),
    "pressure": Quantity(("time", "cell", "member"), "mmHg", "blood pressure in the cell at the end of the sample"),
    "volume": Quantity(("time", "cell", "member"), "mL", "blood in the cell at the end of the sample"),
    "flow": Quantity(("time", "face", "member"), "mL/s", "flow through the face at the end of the sample"),
    "inflow": Quantity(("time", "bed", "member"), "mL/s", "flow out of the bed at the end of the sample"),
    "valve": Quantity(
        ("time", "valve", "member"), "1", "how far the valve is open at the end of the sample, 0 to 1", "valve_opening"
    ),
    "area": Quantity(("time", "cell", "member"), "cm2", "lumen of one vessel of the cell at the end of the sample"),
    "mean_pressure": Quantity(("time", "cell", "member"), "mmHg", "blood pressure in the cell, mean over the sample"),
    "mean_volume": Quantity(("time", "cell", "member"), "mL", "blood in the cell, mean over the sample"),
    "mean_flow": Quantity(("time", "face", "member"), "mL/s", "flow through the face, mean over the sample"),
    "mean_inflow": Quantity(("time", "bed", "member"), "mL/s", "flow out of the bed, mean over the sample"),
    "mean_valve": Quantity(("time", "valve", "member"), "1", "how far the valve is open, mean over the sample"),
    "surroundings": Quantity(("time", "surrounding", "member"), "mmHg", "pressure of the surrounding"),
    "height": Quantity(("time", "cell", "member"), "cm", "height of the cell above the right atrium"),
    "end_flow": Quantity(("time", "end", "member"), "mL/s", "flow into the end, mean over the sample"),
}
"""What `append_phase` takes as `arrays`: one row for each sample."""


def _exchange(*dims: str) -> tuple[str, ...]:
    return ("exchange", *dims, "member")


EXCHANGES: dict[str, Quantity] = {
    "exchange_time": Quantity(("exchange",), "s", "time since the start of the run at the end of the exchange record"),
    "tissue_volume": Quantity(_exchange("compartment"), "mL", "tissue fluid in the compartment at the end"),
    "tissue_content": Quantity(_exchange("solute", "compartment"), "mg", "solute in the compartment at the end"),
    "capillaries_open": Quantity(_exchange("compartment"), "1", "share of the capillaries that is open at the end"),
    "lymph_volume": Quantity(_exchange("lymph_cell"), "mL", "lymph in the vessel at the end"),
    "lymph_content": Quantity(_exchange("solute", "lymph_cell"), "mg", "solute in the vessel at the end"),
    "since_contraction": Quantity(_exchange("lymphangion"), "s", "time since the last contraction began, at the end"),
    "tissue_pressure": Quantity(
        _exchange("compartment"), "mmHg", "tissue pressure, mean, with what presses from outside"
    ),
    "tissue_oncotic": Quantity(_exchange("compartment"), "mmHg", "oncotic pressure of tissue fluid, mean"),
    "capillary_pressure": Quantity(_exchange("compartment"), "mmHg", "capillary pressure, mean"),
    "plasma_flow": Quantity(_exchange("compartment"), "mL/s", "plasma that passes the capillaries, mean"),
    "lymph_pressure": Quantity(_exchange("lymph_cell"), "mmHg", "pressure in the lymph vessel, mean"),
    "filtered": Quantity(_exchange("compartment"), "mL", "water that capillaries gave to tissue"),
    "filtered_solutes": Quantity(_exchange("solute", "compartment"), "mg", "solute that capillaries gave to tissue"),
    "uptake": Quantity(_exchange("initial"), "mL", "lymph that formed in the initial lymphatic"),
    "uptake_solutes": Quantity(_exchange("solute", "initial"), "mg", "solute that it took up"),
    "passed": Quantity(_exchange("lymph_cell"), "mL", "lymph that left the vessel towards the heart"),
    "pulsed": Quantity(_exchange("lymph_cell"), "mL", "the part of it that left while a neighbour contracted"),
    "passed_solutes": Quantity(_exchange("solute", "lymph_cell"), "mg", "solute that left the vessel"),
    "returned": Quantity(_exchange("node"), "mL", "water that the node gave back to blood"),
    "returned_beyond": Quantity(_exchange(), "mL", "the part of it that entered blood beyond the network of veins"),
    "contractions": Quantity(_exchange("lymphangion"), "1", "contractions that began"),
    "ejected": Quantity(_exchange("lymphangion"), "1", "sum of the ejection fractions of contractions that ended"),
    "entered": Quantity(_exchange("lymph_vessel"), "mL", "lymph that entered from the rest of the body"),
    "entered_solutes": Quantity(_exchange("solute", "lymph_vessel"), "mg", "solute that entered with it"),
    "at_venous_angle": Quantity(_exchange(), "mL", "lymph that reached blood at the venous angle"),
    "solutes_at_venous_angle": Quantity(_exchange("solute"), "mg", "solute that reached blood there"),
}
"""What `append_phase` takes as `arrays` besides, where tissue and lymph are simulated: one row for each exchange
record, which covers one or more exchange intervals."""

ARRAYS: dict[str, Quantity] = SAMPLES | EXCHANGES
"""All that may be recorded over time."""

EXTREMES: dict[str, Quantity] = {
    "pressure_max": Quantity(("phase", "cell", "member"), "mmHg", "highest blood pressure over all steps"),
    "pressure_min": Quantity(("phase", "cell", "member"), "mmHg", "lowest blood pressure over all steps"),
    "volume_max": Quantity(("phase", "cell", "member"), "mL", "largest volume over all steps"),
    "volume_min": Quantity(("phase", "cell", "member"), "mL", "smallest volume over all steps"),
    "flow_max": Quantity(("phase", "face", "member"), "mL/s", "greatest flow over all steps"),
    "flow_min": Quantity(("phase", "face", "member"), "mL/s", "least flow over all steps (negative: backwards)"),
    "valve_max": Quantity(("phase", "valve", "member"), "1", "widest opening over all steps"),
    "valve_min": Quantity(("phase", "valve", "member"), "1", "narrowest opening over all steps"),
    "residual": Quantity(("phase", "member"), "mL", "most that a step left missing in the volume of a cell"),
    "mass_defect": Quantity(("phase", "member"), "mL", "blood gained or lost by rounding in the phase"),
    "error": Quantity(("phase", "member"), "mL", "largest estimated error of a step in the volume of a cell"),
    "water_defect": Quantity(("phase", "member"), "mL", "water of tissue and lymph gained or lost by rounding"),
}
"""What `append_phase` takes as `extremes`: one array for each phase."""


def variable(name: str) -> str:
    """Name of a quantity in a dataset: its own, but for one that would clash with a dimension."""
    quantity = ARRAYS.get(name) or EXTREMES.get(name)
    return quantity.variable or name if quantity else name
