"""Traces of a run over time as a figure, with what was done behind them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

from venolymph.errors import MeasureError, RunError
from venolymph.simulation import Run

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHADES = ("#f2f4f7", "#e3e9f1")
"""Behind what was done, by turns."""


class TracePlot:
    """Traces as a figure of matplotlib, which a notebook displays.

    Attributes:
        figure: the figure.
    """

    def __init__(self, figure: Figure) -> None:
        self.figure = figure

    def _repr_png_(self) -> bytes:
        stream = io.BytesIO()
        self.figure.savefig(stream, format="png", dpi=110)
        return stream.getvalue()

    def save(self, path: Any) -> None:
        """Keep the figure, in the format that the file's name says."""
        self.figure.savefig(path)


def plot(run: Run, *names: str) -> TracePlot:
    """Traces over time, one chart for each unit.

    Args:
        run: what was simulated.
        names: measures that have a trace ("ankle pressure", "pressure at popliteal", "popliteal pressure"); the
            ankle's pressure where none is given, of a face that in the jugular vein.

    Raises:
        MeasureError: where there is no such measure.
        RunError: where one has no trace over time.
    """
    from matplotlib.figure import Figure

    by_unit: dict[str, list[tuple[str, xr.DataArray]]] = {}
    for name in names or (("jugular pressure",) if run.body.legs == "none" else ("ankle pressure",)):
        trace = _trace(run, name)
        by_unit.setdefault(str(trace.attrs["units"]), []).append((name, trace))
    figure = Figure(figsize=(9.0, 1.2 + 2.4 * len(by_unit)), layout="constrained")
    charts: Any = figure.subplots(len(by_unit), sharex=True, squeeze=False)[:, 0]
    for chart, (unit, traces) in zip(charts, by_unit.items(), strict=True):
        _shade(chart, run, label=chart is charts[0])
        for name, trace in traces:
            for member, label in enumerate(run.members):
                who = f"{name}, {label}" if len(run.members) > 1 else name
                chart.plot(trace["time"].values, trace.values[:, member], label=who, linewidth=1.2)
        chart.set_ylabel(unit)
        chart.legend(fontsize=8, loc="upper right")
    charts[-1].set_xlabel("time, s")
    return TracePlot(figure)


def _trace(run: Run, name: str) -> xr.DataArray:
    place = name.removesuffix(" pressure")
    try:
        trace = run[name]
    except MeasureError:
        if place == name:
            raise
        try:
            trace = run[f"pressure at {place}"]
        except MeasureError:
            return run[name]  # says what is near the name that was given
    if trace.dims != ("time", "member"):
        raise RunError(f"{name!r} has no trace over time", hint=f'`run["{name}"]` gives its value')
    return trace


def _shade(chart: Axes, run: Run, *, label: bool) -> None:
    """What was done, behind a chart."""
    stretches: list[tuple[str, float, float]] = []
    for phase in run.phases:
        end = phase.start + phase.duration
        if stretches and stretches[-1][0] == phase.label:
            stretches[-1] = (phase.label, stretches[-1][1], end)
        else:
            stretches.append((phase.label, phase.start, end))
    whole = stretches[-1][2] - stretches[0][1]
    for number, (what, start, end) in enumerate(stretches):
        chart.axvspan(start, end, color=SHADES[number % 2], linewidth=0, zorder=0)
        if label and (end - start) / whole > 0.06:
            middle = float(np.mean([start, end]))
            chart.annotate(what, (middle, 1.01), xycoords=("data", "axes fraction"), ha="center", fontsize=8)
