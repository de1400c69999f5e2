"""Recorded arrays as a dataset with names, units, coordinates and provenance, from a run or from its folder."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from venolymph.simulation.labels import Labels
from venolymph.simulation.quantities import ARRAYS, COORDINATES, EXTREMES, ROWS, variable

if TYPE_CHECKING:
    import xarray as xr

TITLE = "venous drainage of the leg, simulated"

Variable = tuple[tuple[str, ...], np.ndarray, dict[str, str]]
"""Dimensions, values and attributes of a variable of a dataset."""


def coordinates(
    labels: Labels, phases: Sequence[Mapping[str, Any]], rows: Mapping[str, Sequence[int]]
) -> dict[str, Variable]:
    """Names along dimensions, and what is known of places, phases and members.

    Args:
        labels: names and places.
        phases: the phases in order (fields of `results.PhaseInfo`, and `status` of the members at the end).
        rows: number of rows of each phase along `time`, and along `exchange` where there are any.
    """
    values: dict[str, Any] = dict(labels.coordinates)
    counted = {"phase_of_sample": rows["time"]}
    if any(rows["exchange"]):
        counted["phase_of_exchange"] = rows["exchange"]
    values |= {name: np.repeat(np.arange(len(phases)), counts) for name, counts in counted.items()}
    for name in ("label", "kind"):
        values[f"phase_{name}"] = [str(phase.get(name, "")) for phase in phases]
    for name in ("start", "duration"):
        values[f"phase_{name}"] = np.array([phase.get(name, np.nan) for phase in phases], float)
    if phases and phases[-1].get("status"):
        values["status"] = [code for code, *_ in phases[-1]["status"]]
    found: dict[str, Variable] = {
        dim: ((dim,), np.array(names, dtype=object), {}) for dim, names in labels.names.items()
    }
    for name, what in COORDINATES.items():
        if name in values:
            kind = float if what.unit else np.int64 if name in counted else object
            found[name] = what.dims, np.array(values[name], kind), what.attributes
    return found


def without_dimension(names: Iterable[str]) -> list[str]:
    """Those of the variables that are coordinates and no dimension."""
    return [name for name in names if name in COORDINATES or (name in ROWS.values() and name not in ROWS)]


def attributes(labels: Labels, phases: Sequence[Mapping[str, Any]], complete: bool) -> dict[str, str | int]:
    """Attributes of the dataset as a whole."""
    described = [{name: value for name, value in phase.items() if name != "status"} for phase in phases]
    return {
        "title": TITLE,
        **labels.provenance,
        "complete": int(complete),
        "phases": json.dumps(described, ensure_ascii=False),
    }


def dataset(
    arrays: Mapping[str, Any],
    extremes: Mapping[str, Any],
    beside: Mapping[str, Variable],
    described: Mapping[str, str | int],
) -> xr.Dataset:
    """A dataset of recorded arrays.

    Args:
        arrays: by the names of `ARRAYS`, samples and exchange records of all phases.
        extremes: by the names of `EXTREMES`, one row for each phase.
        beside: coordinates.
        described: attributes.
    """
    import xarray as xr

    found = {
        variable(name): (known[name].dims, np.asarray(value), known[name].attributes)
        for known, values in ((ARRAYS, arrays), (EXTREMES, extremes))
        for name, value in values.items()
    }
    data = xr.Dataset({**found, **beside}, attrs=dict(described))
    return data.set_coords(without_dimension(map(str, data.variables)))
