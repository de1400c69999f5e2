"""Measured traces beside a run's result: each in a chart, and how far the two are apart."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from venolymph import measures
from venolymph.errors import DocumentError, MeasureError, nearest
from venolymph.measures.over_time import in_one_word
from venolymph.numbers import number
from venolymph.report.panels import Panel, Series
from venolymph.report.view import View
from venolymph.traces import Column, Traces
from venolymph.units import dimension

PARTS = ("foot", "ankle", "calf", "knee", "thigh", "leg")
"""Places that readings of tissue and lymph are named after, in a run without them."""

Read = Callable[[], tuple[str, np.ndarray, np.ndarray]]
"""Reads unit, times (s) and values, shape (samples, members), from a run."""


@dataclass(frozen=True)
class Beside:
    """One measured trace.

    Attributes:
        heading: of its column.
        unit: that it is shown in.
        panel: key of the chart that it is drawn in.
        name: what it was; where `against` is not empty, what was read of the run in its place.
        against: the reading or pressure of the run that it is compared with; empty where it is drawn among others.
        time: of its samples, s since the run's start, those within the run.
        values: in that unit.
        apart: for each member the mean difference, simulated less measured; empty where it is not compared.
        spread: for each member the root mean square of the difference.
    """

    heading: str
    unit: str
    panel: str
    name: str
    against: str
    time: np.ndarray
    values: np.ndarray
    apart: tuple[float, ...] = ()
    spread: tuple[float, ...] = ()


def beside(run: Any, shown: View, traces: Traces) -> tuple[View, tuple[Beside, ...]]:
    """A view with measured traces in it, and what was measured.

    A column that is named after a measure (`ankle_pressure_mmHg`) or after a muscle (`soleus_mmHg`) gets a chart of its
    own with what the run gives; others go into the chart of their kind (pressure, flow, volume).

    Args:
        run: the run.
        shown: its view.
        traces: what was measured; its times count from the run's start.

    Raises:
        DocumentError: where a column is nothing that a chart shows, or no sample lies within the run.
    """
    start, stop = float(run.phases[0].start), float(shown.time[-1])
    inside = (traces.time >= start) & (traces.time <= stop)
    if np.count_nonzero(inside) < 2:
        raise DocumentError(
            f"its times, {traces.time[0]:g} to {traces.time[-1]:g} s, lie beside the run's, {start:g} to {stop:g} s",
            hint="let 0 be the start of the run",
            place=traces.name,
        )
    panels, found = list(shown.panels), []
    for column in traces.columns:
        one, panels = _placed(run, shown, panels, column, traces, inside)
        found.append(one)
    return replace(shown, panels=tuple(panels), panel={panel.key: panel for panel in panels}), tuple(found)


def _placed(
    run: Any, shown: View, panels: list[Panel], column: Column, traces: Traces, inside: np.ndarray
) -> tuple[Beside, list[Panel]]:
    """A column as a line of a chart; gives the charts with it."""
    named = _known(run).get(in_one_word(column.name))
    if named is not None:
        one, panel = _compared(shown, column, traces, inside, *named)
        return one, [*panels, panel]
    fitting = next((panel for panel in panels if dimension(panel.unit) == column.dimension), None)
    if fitting is None:
        near = nearest(in_one_word(column.name), _known(run))
        raise DocumentError(
            f"no chart shows what {column.heading!r} is, a {column.dimension}",
            hint=f"name it after a measure that has a trace{f', such as {near}' if near else ''}",
            place=traces.name,
        )
    values = _in(column, fitting.unit, traces)
    line = Series(f"measured: {column.name}", _on(shown, traces, values), dashed=True)
    grown = replace(fitting, series=(*fitting.series, line))
    one = Beside(column.heading, fitting.unit, fitting.key, column.name, "", traces.time[inside], values[inside])
    return one, [grown if panel is fitting else panel for panel in panels]


def _compared(
    shown: View, column: Column, traces: Traces, inside: np.ndarray, name: str, read: Read
) -> tuple[Beside, Panel]:
    """A column beside what a run gives in its place, with a chart of both."""
    try:
        unit, time, values = read()
    except MeasureError as error:
        raise DocumentError(
            f"{column.heading!r} cannot be laid beside this run: {error.message}", hint=error.hint, place=traces.name
        ) from None
    measured = _in(column, unit, traces)

    def simulated(at: np.ndarray) -> np.ndarray:
        return np.stack([np.interp(at, time, one, left=np.nan, right=np.nan) for one in values.T], axis=1)

    apart = simulated(traces.time[inside]) - measured[inside, None]
    both = [one[np.isfinite(one)] for one in apart.T]
    mean = [float(one.mean()) if one.size else math.nan for one in both]
    spread = [float(np.sqrt(np.mean(one**2))) if one.size else math.nan for one in both]
    told = "; ".join(
        f"{label}: mean {number(one)}, root mean square {number(other)} {unit}"
        for label, one, other in zip(shown.members, mean, spread, strict=True)
        if not math.isnan(one)
    )
    key = f"beside-{in_one_word(name)}"
    panel = Panel(
        key,
        f"{name[0].upper()}{name[1:]}, simulated and measured",
        unit,
        f"Measured: {column.heading} of {traces.name}. Simulated less measured: {told or 'nothing at the same time'}.",
        (Series("simulated", simulated(shown.time)), Series("measured", _on(shown, traces, measured), dashed=True)),
    )
    at, own = traces.time[inside], measured[inside]
    return Beside(column.heading, unit, key, name, name, at, own, tuple(mean), tuple(spread)), panel


def _in(column: Column, unit: str, traces: Traces) -> np.ndarray:
    """A column's values in the unit of a chart."""
    if column.dimension != dimension(unit):
        raise DocumentError(
            f"{column.heading!r} is a {column.dimension}, where a {dimension(unit)} is needed, such as {unit}",
            hint=f"write {column.name}_{unit}",
            place=traces.name,
        )
    return column.in_unit(unit)


def _on(shown: View, traces: Traces, measured: np.ndarray) -> np.ndarray:
    """Measured values at the samples of a view, alike for all members."""
    line = np.interp(shown.time, traces.time, measured, left=np.nan, right=np.nan)
    return np.repeat(line[:, None], len(shown.members), axis=1)


def _known(run: Any) -> dict[str, tuple[str, Read]]:
    """What a column may be named after: measures, with their places, and the pressures around veins."""
    known: dict[str, tuple[str, Read]] = {}

    def pressure(number: int) -> Read:
        return lambda: ("mmHg", np.asarray(run.time, float), np.asarray(run.surroundings)[:, number])

    def trace(name: str) -> Read:
        def read() -> tuple[str, np.ndarray, np.ndarray]:
            found = measures.read_from(run, name).trace
            if found is None:
                raise MeasureError(f"{name!r} is one number, not a trace over time")
            return found.unit, np.asarray(found.time, float), np.asarray(found.values, float)

        return read

    for place, name in enumerate(run.bodies[0].topology.surroundings):
        for told in (name, f"{name} pressure", f"pressure in {name}"):
            known[in_one_word(told)] = (f"pressure in {name}", pressure(place))
    for one in measures.measures().values():
        if one.places is None:
            known.setdefault(in_one_word(one.name), (one.name, trace(one.name)))
            continue
        try:
            names = [one.name.replace("{place}", place) for place in one.places(run)]
        except MeasureError:  # of tissue and lymph that were not simulated; reading one says so
            names = [one.name.replace("{place}", place) for place in PARTS]
        for name in names:
            known.setdefault(in_one_word(name), (name, trace(name)))
    return known
