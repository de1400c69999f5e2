"""Recorded quantities at places as columns of a table over time."""

from __future__ import annotations

from typing import Any

import numpy as np

from venolymph.errors import RunError, nearest
from venolymph.measures.over_time import heading
from venolymph.simulation.quantities import EXCHANGES, SAMPLES, by_variable
from venolymph.simulation.results import Results


def column(run: Results, place: str, quantity: str) -> tuple[str, np.ndarray]:
    """A recorded quantity at one place over the samples of a run.

    Args:
        run: the run.
        place: a name along the quantity's dimension, with the solute behind a `|` where it has one.
        quantity: its name (`simulation.quantities.ARRAYS`).

    Returns:
        heading with the unit, and values of shape (samples, members). What is recorded of tissue and lymph lies on
        straight lines between records, and is NaN before the first.

    Raises:
        RunError: where there is no such quantity or place, or the quantity is summed over records.
    """
    quantity = by_variable(quantity)
    known = SAMPLES if run.tissue is None else SAMPLES | EXCHANGES
    what = known.get(quantity)
    if what is None or len(what.dims) < 3:
        near = nearest(quantity, [name for name, one in known.items() if len(one.dims) > 2])
        hint = f"did you mean {near!r}?" if near else "docs/reference/recorded.md lists them"
        raise RunError(f"no quantity with a place is named {quantity!r}", hint=hint)
    if what.pooled == "sum":
        raise RunError(
            f"{quantity!r} is summed over each record, which samples cannot hold",
            hint=f"read it by `run[{quantity!r}]`, one row for each record",
        )
    names = run.names()
    *solutes, dim = what.dims[1:-1]
    places = {name: (index,) for index, name in enumerate(names[dim])}
    for solute in solutes:
        places = {
            f"{name} | {one}": (number, *index)
            for number, one in enumerate(names[solute])
            for name, index in places.items()
        }
    if place not in places:
        near = nearest(place, places)
        raise RunError(
            f"{quantity!r} has no place {place!r}",
            hint=f"did you mean {near!r}?" if near else f"see `run.names()[{dim!r}]`",
        )
    recorded: Any = getattr(run, quantity) if quantity in SAMPLES else run.exchange(quantity)
    values = np.asarray(recorded, float)[(slice(None), *places[place])]
    if quantity not in SAMPLES:
        ends = np.asarray(run.exchange("exchange_time"))
        values = np.stack([np.interp(run.time, ends, one, left=np.nan) for one in values.T], axis=1)
    return heading(f"{quantity} {place}", what.unit), values
