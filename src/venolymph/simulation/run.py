"""A Run: the results of a simulation, and what one does with them: read, go on, tabulate, save."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from venolymph.measures import Reading, measure
from venolymph.measures.over_time import table
from venolymph.simulation.continuing import continue_run
from venolymph.simulation.labels import changed_parameters
from venolymph.simulation.quantities import EXCHANGES, SAMPLES, by_variable, variable
from venolymph.simulation.results import Results
from venolymph.simulation.saving import write
from venolymph.simulation.showing import as_html, in_a_line, lent
from venolymph.simulation.tabulating import column

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


class Run(Results):
    """A simulation's result: all that `Results` has, and what one does with it.

    `run.measure("VFI")` reads an instrument, `run["ankle pressure"]` is a trace with labels, `run.dataset()` all that
    was recorded, `run.branch(regimen)` goes on with another regimen, `run.save(folder)` writes it. Arrays such as
    `run.pressure` have shape `(samples, things, members)`.
    """

    def measure(self, name: str) -> Reading:
        """Read a measure, performing its manoeuvre on a branch where this run does not hold it.

        Args:
            name: a measure's name or abbreviation, with a place where it has one (`diameter of great saphenous,
                thigh`).

        Raises:
            MeasureError: where there is no such measure or it cannot be read.
            SimulationError: where a garment would stay on in the manoeuvre and may not be worn.

        Returns:
            the reading; `performed` (and its text) names the manoeuvre where it was done on a branch.
        """
        recorded: Any = self  # its cached properties fulfil the protocol, which type checkers do not see
        return measure(recorded, name)

    def branch(self, regimen: Any, after: int | None = None) -> Run:
        """Go on with another regimen from the end of a phase (the last by default). This run stays as it is."""
        return continue_run(self, regimen, after)

    def __getitem__(self, name: str) -> xr.DataArray:
        """A quantity by name over time: `pressure`, or a measure that has a trace (`ankle pressure`)."""
        import xarray as xr

        name = by_variable(name)
        if name in SAMPLES or (self.tissue is not None and name in EXCHANGES):
            return self.dataset()[variable(name)]
        reading = self.measure(name)
        if reading.trace is None:
            return xr.DataArray(
                np.asarray(reading.value), dims=["member"], coords={"member": list(self.members)}, name=name
            ).assign_attrs(units=reading.unit, performed=reading.performed)
        return xr.DataArray(
            np.asarray(reading.trace.values),
            dims=["time", "member"],
            coords={"time": np.asarray(reading.trace.time), "member": list(self.members)},
            name=name,
        ).assign_attrs(units=reading.trace.unit, performed=reading.performed)

    def to_dataframe(self, names: Iterable[str | tuple[str, str]] | None = None) -> pd.DataFrame:
        """Readings over time as a tidy table: one row for each sample of each member, a column for each reading.

        Everything that was recorded, cell by cell, is in `dataset()`.

        Args:
            names: measures that have a trace, with their places (`["ankle pressure", "girth at calf"]`), and recorded
                quantities by place and name (`("calf, muscle", "tissue_volume")`); the usual measures that the run
                holds where None.

        Returns:
            columns `member`, `time_s`, `phase`, and one for each reading with its unit (`ankle_pressure_mmHg`). What is
            recorded more seldom (tissue, lymph) lies on straight lines between its records, and is NaN before them.

        Raises:
            MeasureError: where a measure that was asked for does not exist, has no trace, or needs a manoeuvre that the
                run does not hold.
            RunError: where there is no such quantity or place.
        """
        if names is None:
            return table(self, None)
        asked = list(names)
        found = table(self, [name for name in asked if isinstance(name, str)])
        for name in asked:
            if not isinstance(name, str):
                title, values = column(self, *name)
                found[title] = values.T.ravel()  # members one below the other
        return found

    def changed_parameters(self) -> dict[tuple[str, str], np.ndarray]:
        """Numbers in which this run differs from what its people's documents give, by name, one for each member.

        `simulate(parameters=...)` takes them.
        """
        return changed_parameters(self)

    def save(self, directory: str | Path, overwrite: bool = False) -> None:
        """Write the run into a folder: documents, results as Zarr, summary.

        Raises:
            RunError: where the folder cannot be used.
            SimulationError: in a process that was forked after JAX had begun.
        """
        write(self, directory, overwrite)

    def view(self, *members: int, **options: Any) -> Any:
        """The leg as it moves, for a notebook: see `venolymph.viewer.view`, which gives it once it is loaded."""
        return lent("view")(self, *members, **options)

    def plot(self, *names: str, **options: Any) -> Any:
        """Traces over time as a figure: see `venolymph.viewer.plot`, which gives it once it is loaded."""
        return lent("plot")(self, *names, **options)

    def __repr__(self) -> str:
        return f"<Run of {in_a_line(self)}>"

    def _repr_html_(self) -> str:
        return as_html(self)
