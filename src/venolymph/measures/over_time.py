"""Readings over time as a tidy table: one row for each sample of each member, a column for each reading."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from venolymph.errors import MeasureError
from venolymph.measures import read_from
from venolymph.measures.reading import Reading

if TYPE_CHECKING:
    import pandas as pd

USUAL = (
    "ankle pressure",
    "pressure at great saphenous, calf",
    "pressure at great saphenous, thigh",
    "pressure at popliteal",
    "leg blood volume",
    "blood volume in calf",
    "blood volume in thigh",
    "arterial inflow",
    "venous outflow",
    "volume of leg",
    "girth at ankle",
    "girth at calf",
    "tissue pressure in calf",
    "lymph formed",
    "lymph at the venous angle",
)
"""Readings that a table has where no others are asked for: those of them that the run holds."""


def heading(name: str, unit: str) -> str:
    """Heading of a reading's column: its name in one word, and behind it the unit (`ankle_pressure_mmHg`)."""
    return f"{in_one_word(name)}_{unit}"


def in_one_word(name: str) -> str:
    """A name as the heading of a column has it: `pressure_at_great_saphenous_thigh`."""
    return re.sub(r"[\s,_]+", "_", name.strip()).lower()


def table(run: Any, names: Iterable[str] | None = None) -> pd.DataFrame:
    """Readings over time of all members, one below the other.

    Args:
        run: the run, held to nothing but what it holds: no manoeuvre is performed.
        names: measures that have a trace, with their places; `USUAL` where None.

    Returns:
        columns `member`, `time_s` (end of the sample), `phase` (what was done), and one for each reading with its unit
        behind the name. What is recorded more seldom than veins are (tissue and lymph) lies on straight lines between
        its records; where a reading has no trace it is NaN.

    Raises:
        MeasureError: where a measure that was asked for does not exist, has no trace or cannot be read.
    """
    import pandas as pd

    time = np.asarray(run.time, float)
    labels = np.array([phase.label for phase in run.phases], object)[np.asarray(run.phase_of_sample)]
    found = {heading(one.name, one.trace.unit): _on(time, one) for one in _readings(run, names) if one.trace}
    parts = []
    for member, label in enumerate(run.members):
        columns = {name: values[:, member] for name, values in found.items()}
        parts.append(pd.DataFrame({"member": label, "time_s": time, "phase": labels, **columns}))
    return pd.concat(parts, ignore_index=True)


def _readings(run: Any, names: Iterable[str] | None) -> list[Reading]:
    """Readings with a trace: those asked for, or of the usual ones those that the run holds."""
    found = []
    for name in USUAL if names is None else names:
        try:
            reading = read_from(run, name)
        except MeasureError:
            if names is not None:
                raise
            continue
        if reading.trace is not None:
            found.append(reading)
        elif names is not None:
            raise MeasureError(
                f"{reading.name!r} is one number, not a trace over time", hint="read it by `run.measure`", place=name
            )
    return found


def _on(time: np.ndarray, reading: Reading) -> np.ndarray:
    """A trace at the samples of a run, shape (samples, members)."""
    assert reading.trace is not None
    own, values = np.asarray(reading.trace.time, float), np.asarray(reading.trace.values, float)
    if len(own) == len(time) and np.allclose(own, time):
        return values
    columns = [np.interp(time, own, column, left=np.nan, right=np.nan) for column in values.T]
    return np.stack(columns, axis=1)
