"""What a run records: each array's name, dimensions, unit and meaning."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Quantity:
    """One array of a run's results.

    Attributes:
        dims: its dimensions, in order; the first is `time` (a sample) or `phase` (one figure for each phase).
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

EXTREMES: dict[str, Quantity] = {
    "pressure_max": Quantity(("phase", "cell", "member"), "mmHg", "highest blood pressure over all steps"),
    "pressure_min": Quantity(("phase", "cell", "member"), "mmHg", "lowest blood pressure over all steps"),
    "volume_max": Quantity(("phase", "cell", "member"), "mL", "largest volume over all steps"),
    "volume_min": Quantity(("phase", "cell", "member"), "mL", "smallest volume over all steps"),
    "flow_max": Quantity(("phase", "face", "member"), "mL/s", "greatest flow over all steps"),
    "flow_min": Quantity(("phase", "face", "member"), "mL/s", "least flow over all steps (negative: backwards)"),
    "valve_max": Quantity(("phase", "valve", "member"), "1", "widest opening over all steps"),
    "valve_min": Quantity(("phase", "valve", "member"), "1", "narrowest opening over all steps"),
    "residual": Quantity(("phase", "member"), "1", "worst relative residual of the Newton iteration"),
    "mass_defect": Quantity(("phase", "member"), "mL", "blood gained or lost by rounding in the phase"),
    "error": Quantity(("phase", "member"), "1", "estimated error of a step, relative, worst over all steps"),
}
"""What `append_phase` takes as `extremes`: one array for each phase."""


def variable(name: str) -> str:
    """Name of a quantity in a dataset: its own, but for one that would clash with a dimension."""
    quantity = SAMPLES.get(name) or EXTREMES.get(name)
    return quantity.variable or name if quantity else name
