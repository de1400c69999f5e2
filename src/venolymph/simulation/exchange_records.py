"""What is recorded of exchange intervals: short ones are pooled, states as they end, means and sums over them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import pairwise
from operator import add, attrgetter
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from venolymph.network.drainage import IntervalRecord
from venolymph.simulation.quantities import EXCHANGES

RECORD_INTERVAL = 20.0
"""Intervals are pooled into records at least this long, s."""


class PooledInterval(NamedTuple):
    """One exchange interval as it is pooled.

    Attributes:
        duration: s.
        record: what tissue and lymph did.
        beyond: water that nodes gave back to blood beyond the network of veins, mL.
    """

    duration: float
    record: IntervalRecord
    beyond: Array


def pool(intervals: Sequence[PooledInterval]) -> dict[str, Any]:
    """Consecutive intervals pooled into one record, each quantity as it is declared."""
    whole = sum(interval.duration for interval in intervals)
    found = {}
    for name, what in EXCHANGES.items():
        if not what.read:
            continue
        read = attrgetter(what.read)
        if what.pooled == "point":
            value = read(intervals[-1])
        elif what.pooled == "mean":
            value = reduce(add, (interval.duration / whole * read(interval) for interval in intervals))
        else:
            value = reduce(add, map(read, intervals))
        # what there is one of has an axis of length 1 before the members
        found[name] = value if value.ndim == len(what.dims) - 1 else value[..., 0, :]
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
        self.waiting: list[PooledInterval] = []

    def add(self, edges: Sequence[float], given: IntervalRecord, beyond: Array) -> None:
        """Add consecutive intervals with these edges, s; their records have a leading axis."""

        def at(row: int) -> tuple[IntervalRecord, Array]:
            # A copy, since a view would keep the unused rows in memory.
            return jax.tree.map(lambda leaf: leaf[row].copy(), (given, beyond))

        for row, (begin, end) in enumerate(pairwise(edges)):
            self.waiting.append(PooledInterval(end - begin, *at(row)))
            if sum(interval.duration for interval in self.waiting) >= RECORD_INTERVAL:
                self.close(end)

    def close(self, end: float) -> None:
        """Pool the pending intervals into a record."""
        if self.waiting:
            self.records.append(pool(self.waiting))
            self.times.append(end)
            self.waiting = []

    def arrays(self) -> dict[str, Any]:
        """The records by name, with a leading time axis."""
        join = jnp.stack if isinstance(self.records[0]["filtered"], Tracer) else np.stack
        found = {name: join([record[name] for record in self.records]) for name in self.records[0]}
        return found | {"exchange_time": np.array(self.times)}
