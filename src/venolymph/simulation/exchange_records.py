"""What is recorded of exchange intervals: short ones are pooled, states as they end, means and sums over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from itertools import pairwise
from operator import add, attrgetter
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from venolymph.network.drainage import IntervalRecord

RECORD_INTERVAL = 20.0
"""Intervals are pooled into records at least this long, s."""

STATES = {
    "tissue_volume": "volume",
    "tissue_content": "content",
    "capillaries_open": "opened",
    "lymph_volume": "lymph",
    "lymph_content": "lymph_content",
    "since_contraction": "since",
}
"""Quantities (`simulation.quantities.EXCHANGES`) that hold at the end of an interval, with their names there."""
MEANS = {
    "tissue_pressure": "pressure",
    "tissue_oncotic": "oncotic",
    "capillary_pressure": "capillary",
    "plasma_flow": "plasma_flow",
    "lymph_pressure": "totals.pressure",
}
"""Quantities that are means over the interval."""
SUMS = {
    "filtered": "filtered",
    "filtered_solutes": "filtered_solutes",
    "uptake": "totals.uptake",
    "uptake_solutes": "totals.uptake_solutes",
    "passed": "totals.passed",
    "pulsed": "totals.pulsed",
    "passed_solutes": "totals.solutes",
    "returned": "totals.returned",
    "contractions": "totals.contractions",
    "ejected": "totals.ejected",
    "entered": "entered",
    "entered_solutes": "entered_solutes",
}
"""Quantities that are summed over intervals."""


def _pool(pieces: Sequence[tuple[float, IntervalRecord, Array]]) -> dict[str, Any]:
    """Consecutive intervals pooled into one record."""
    whole = sum(span for span, _, _ in pieces)
    last = pieces[-1][1]

    def added(read: Callable[[IntervalRecord], Any]) -> Any:
        return reduce(add, (read(piece) for _, piece, _ in pieces))

    def mean(read: Callable[[IntervalRecord], Any]) -> Any:
        return reduce(add, (span / whole * read(piece) for span, piece, _ in pieces))

    found: dict[str, Any] = {name: attrgetter(where)(last) for name, where in STATES.items()}
    found |= {name: mean(attrgetter(where)) for name, where in MEANS.items()}
    found |= {name: added(attrgetter(where)) for name, where in SUMS.items()}
    found["at_venous_angle"] = added(attrgetter("angle"))[0]
    found["solutes_at_venous_angle"] = added(attrgetter("angle_solutes"))[:, 0]
    found["returned_beyond"] = reduce(add, (beyond for _, _, beyond in pieces))[0]
    return found


class Recorder:
    """Collects the intervals of a phase, pooling short ones.

    Attributes:
        times: end of each record, s from the phase's start.
        records: recorded quantities by name.
    """

    def __init__(self) -> None:
        self.times: list[float] = []
        self.records: list[dict[str, Any]] = []
        self.waiting: list[tuple[float, IntervalRecord, Array]] = []

    def add(self, edges: Sequence[float], given: IntervalRecord, beyond: Array) -> None:
        """Add consecutive intervals with these edges, s; their records have a leading axis."""

        def at(row: int) -> tuple[IntervalRecord, Array]:
            # A copy, since a view would keep the unused rows in memory.
            return jax.tree.map(lambda leaf: leaf[row].copy(), (given, beyond))

        for row, (begin, end) in enumerate(pairwise(edges)):
            self.waiting.append((end - begin, *at(row)))
            if sum(span for span, _, _ in self.waiting) >= RECORD_INTERVAL:
                self.close(end)

    def close(self, end: float) -> None:
        """Pool the pending intervals into a record."""
        if self.waiting:
            self.records.append(_pool(self.waiting))
            self.times.append(end)
            self.waiting = []

    def arrays(self) -> dict[str, Any]:
        """The records by name, with a leading time axis."""
        join = jnp.stack if isinstance(self.records[0]["filtered"], Tracer) else np.stack
        found = {name: join([record[name] for record in self.records]) for name in self.records[0]}
        return found | {"exchange_time": np.array(self.times)}
