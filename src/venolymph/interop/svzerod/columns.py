"""Results of a circuit in svZeroD's columns.

A table is a dict of columns: `name`, `time` and either `flow_in`, `flow_out`, `pressure_in`, `pressure_out` of each
vessel or `y` of each variable; where derivatives are asked for, the same again as `d_flow_in` and so on or `ydot`.
Rows go vessel by vessel (or variable by variable) and within each through time. Numbers are in the units of the file.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from venolymph.interop.svzerod.circuit import Circuit, FlowSum

Table = dict[str, np.ndarray]


@dataclass(frozen=True)
class Solution:
    """What a solver found, at all time points of the run (`circuit.course.times`) or at those of the last cycle.

    Attributes:
        pressure: at all places, nodes first and then ends, (time, places).
        flow: in all branches, (time, branches).
        source: of all sources, (time, sources).
        pressure_rate: rate of pressure at all places as the balance of flows took it, (time, places); it matters only
            where a vessel or an RCR stores something.
        valve_status: 0 open to 1 closed, of all branches (any number where there is no valve), (time, branches); from
            the pressures where it is None.
        volume: of all chambers, (time, chambers); None where there are none.
    """

    pressure: np.ndarray
    flow: np.ndarray
    source: np.ndarray
    pressure_rate: np.ndarray
    valve_status: np.ndarray | None = None
    volume: np.ndarray | None = None


def rows(circuit: Circuit) -> np.ndarray:
    """Time points that are written, as indices into `circuit.course.times`, (rows,)."""
    course, output = circuit.course, circuit.output
    first = 0 if output.all_cycles else course.steps - course.steps_per_cycle
    return np.arange(first, course.steps + 1, output.interval)


def tabulate(circuit: Circuit, solution: Solution, derivative: Solution | None = None) -> Table:
    """The table that svZeroD writes for this case.

    Args:
        circuit: what was solved.
        solution: what was found.
        derivative: time derivatives of all arrays of `solution`; needed where the case asks for derivatives.

    Returns:
        Columns by name, all of one length; the time of a mean is NaN.

    Raises:
        ValueError: where the arrays are as long neither as the run nor as its last cycle, or derivatives are missing.
    """
    output, written = circuit.output, rows(circuit)
    if output.derivative and derivative is None:
        raise ValueError("the case asks for derivatives: pass `derivative`")
    values = _variables(circuit, _at(circuit, solution, written))
    slopes = []
    if output.derivative and derivative is not None:
        slopes = _variables(circuit, _at(circuit, solution, written), _at(circuit, derivative, written))
    if output.mean_only:
        values, slopes = ([np.mean(y, keepdims=True) for y in series] for series in (values, slopes))
        time = np.array([np.nan])
    else:
        time = circuit.course.times[written]
        time = time if output.all_cycles else time - time[0]

    if output.variable_based:
        names = circuit.variables
        chosen = {"y": range(len(names))}
        marks = {"y": "ydot"}
    else:
        names = [vessel.name for vessel in circuit.vessels]
        inlets, outlets = ([2 * getattr(v, side) for v in circuit.vessels] for side in ("inlet", "outlet"))
        chosen = {
            "flow_in": inlets,
            "flow_out": outlets,
            "pressure_in": [n + 1 for n in inlets],
            "pressure_out": [n + 1 for n in outlets],
        }
        marks = {label: f"d_{label}" for label in chosen}
    table = {"name": np.repeat(np.array(names, dtype=object), len(time)), "time": np.tile(time, len(names))}
    table |= {label: _stacked(values, which) for label, which in chosen.items()}
    if slopes:
        table |= {marks[label]: _stacked(slopes, which) for label, which in chosen.items()}
    return table


def _stacked(series: list[np.ndarray], which: list[int] | range) -> np.ndarray:
    return np.concatenate([series[n] for n in which]) if which else np.empty(0)


def _at(circuit: Circuit, solution: Solution, written: np.ndarray) -> Solution:
    """The solution at the time points that are written."""
    length, whole, cycle = len(solution.pressure), circuit.course.steps + 1, circuit.course.steps_per_cycle + 1
    if length == whole:
        index = written
    elif length == cycle and not circuit.output.all_cycles:
        index = written - written[0]
    else:
        raise ValueError(f"the solution has {length} time points; the run has {whole} and its last cycle {cycle}")
    status, volume = solution.valve_status, solution.volume
    return Solution(
        pressure=solution.pressure[index],
        flow=solution.flow[index],
        source=solution.source[index],
        pressure_rate=solution.pressure_rate[index],
        valve_status=None if status is None else status[index],
        volume=None if volume is None else volume[index],
    )


def _variables(circuit: Circuit, solution: Solution, slope: Solution | None = None) -> list[np.ndarray]:
    """All variables of svZeroD in its order (`circuit.variables`), or their slopes, each (time,)."""
    found = solution if slope is None else slope
    series: list[np.ndarray] = []
    for connection in circuit.connections:
        series += [flow_through(connection.flow, found), found.pressure[:, connection.place]]
    for variable in circuit.internal:
        if variable.place is not None:
            series.append(found.pressure[:, variable.place])
        elif variable.chamber is not None and found.volume is not None:
            series.append(found.volume[:, variable.chamber])
        elif variable.branch is not None and circuit.branches[variable.branch].valve is None:
            series.append(found.flow[:, variable.branch])
        elif variable.branch is not None and found.valve_status is not None:
            series.append(found.valve_status[:, variable.branch])
        elif variable.branch is not None:
            series.append(_valve_status(circuit, variable.branch, solution, slope))
    return series


def flow_through(flow: FlowSum, solution: Solution) -> np.ndarray:
    """A flow that is a sum over the solution, (time,)."""
    result = np.zeros(len(solution.pressure))
    for terms, found in (
        (flow.branches, solution.flow),
        (flow.sources, solution.source),
        (flow.rates, solution.pressure_rate),
    ):
        for n, factor in terms:
            result += factor * found[:, n]
    return result


def _valve_status(circuit: Circuit, branch: int, solution: Solution, slope: Solution | None) -> np.ndarray:
    """How far a valve is closed (or the slope of that): the weight that its closed resistance has."""
    part = circuit.branches[branch]
    steepness = part.valve.steepness if part.valve else 0.0
    swing = np.tanh(steepness * (solution.pressure[:, part.stop] - solution.pressure[:, part.start]))
    if slope is None:
        return (1 + swing) / 2
    return (1 - swing**2) * steepness * (slope.pressure[:, part.stop] - slope.pressure[:, part.start]) / 2


def to_csv(table: Mapping[str, np.ndarray]) -> str:
    """The table as CSV text with 17 digits; what is not a number stays empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table)
    columns = [[_written(entry) for entry in column.tolist()] for column in table.values()]
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue()


def _written(entry: str | float) -> str:
    return entry if isinstance(entry, str) else "" if math.isnan(entry) else f"{entry:.16e}"


def to_json(table: Mapping[str, np.ndarray], decimals: int = 10) -> str:
    """The table as JSON text by columns and rows, which `pandas.read_json` reads; svZeroD stores results so.

    Args:
        table: columns by name.
        decimals: that numbers are rounded to.
    """
    data = {
        label: {
            str(n): entry if isinstance(entry, str) else None if math.isnan(entry) else round(entry, decimals)
            for n, entry in enumerate(column.tolist())
        }
        for label, column in table.items()
    }
    return json.dumps(data, ensure_ascii=False)
