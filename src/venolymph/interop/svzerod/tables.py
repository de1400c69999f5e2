"""Tables over time as what drives a circuit in the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

from venolymph.interop.svzerod.chambers import ChamberValues
from venolymph.interop.svzerod.circuit import Table
from venolymph.network import Cells, Chambers, Drive, DriveValues


@final
class Tables(Drive):
    """What drives a network: pressures of ends and around chambers, flows into cells; linear in between, periodic.

    Attributes:
        times: from 0 to the period, never going back.
        values: at these times: the ends first, then the flow into each cell that has one, then what is around chambers.
        chambers: numbers of the chambers; None where there are none.
        feeds: for each cell the column of its flow among those (static).
        ends, fed: number of ends, and of cells that have such a flow (static).
        exercise, inflow, calibre, elastance, grip_volume, breath_period: as of any drive; nothing here.
    """

    times: Float[Array, " points"]
    values: Float[Array, "points columns batch"]
    exercise: Float[Array, "beds batch"]
    inflow: Float[Array, "beds batch"]
    calibre: Float[Array, "cells batch"]
    elastance: Float[Array, "surroundings batch"]
    grip_volume: Float[Array, "surroundings batch"]
    chambers: ChamberValues | None = None
    breath_period: None = eqx.field(default=None, kw_only=True)
    feeds: tuple[int, ...] = eqx.field(static=True, kw_only=True)
    ends: int = eqx.field(static=True, kw_only=True)
    fed: int = eqx.field(static=True, kw_only=True)

    def values_at_times(
        self, cells: Cells, times: Sequence[Float[Array, ""]], clocks: Sequence[Float[Array, ""]]
    ) -> list[DriveValues]:
        """Pressures of ends, flows into cells and what chambers are like at some times; the clock does not matter."""
        return [self._now(cells, time) for time in times]

    def chambers_at(self, time: Float[Array, ""]) -> Chambers:
        """What chambers are like at a time; there must be some."""
        assert self.chambers is not None, "this circuit has no chambers"
        return self.chambers.at(time, between(self.times, self.values[:, self.ends + self.fed :], time))

    def _now(self, cells: Cells, time: Float[Array, ""]) -> DriveValues:
        now = between(self.times, self.values, time)
        batch = now.shape[-1]
        none = jnp.zeros((1, batch))
        source, chambers, around = None, None, self.ends + self.fed
        if self.fed:
            source = jnp.concatenate([now[self.ends : around], none])[np.array(self.feeds)]
        if self.chambers is not None:
            chambers = self.chambers.at(time, now[around:])
        height = jnp.zeros((cells.length.shape[0], batch))
        return DriveValues(height, none[:0], now[: self.ends], source, chambers=chambers)


def between(
    times: Float[Array, " points"], values: Float[Array, "points columns batch"], time: Array
) -> Float[Array, "columns batch"]:
    """Values of periodic tables at one time. Where they jump, the value before the jump."""
    now = lax.rem(time, times[-1])
    later = jnp.clip(jnp.sum(times < now), 1, times.shape[0] - 1)
    start, stop = (lax.dynamic_index_in_dim(times, later - n, 0, keepdims=False) for n in (1, 0))
    before, after = (lax.dynamic_index_in_dim(values, later - n, 0, keepdims=False) for n in (1, 0))
    width = stop - start
    part = jnp.where(width > 0.0, (now - start) / jnp.where(width > 0.0, width, 1.0), 0.0)
    return before + (after - before) * part


def together(tables: list[Table], period: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tables on one grid of times: the grid (points,), values (points, tables), shares in plain means (same).

    A time that stands several times in a table stands as often in the grid; other tables repeat their value there.
    """
    many: dict[float, int] = {0.0: 1, period: 1}
    for table in tables:
        times = list(table.times) if table.period is not None else []
        for time in set(times):
            many[time] = max(many.get(time, 1), times.count(time))
    grid = np.repeat(sorted(many), [many[time] for time in sorted(many)])
    values, weights = np.zeros((len(grid), len(tables))), np.zeros((len(grid), len(tables)))
    for column, table in enumerate(tables):
        if table.period is None:
            values[:, column], weights[0, column] = table.values[0], 1.0
            continue
        times, given = np.array(table.times), np.array(table.values)
        for time in sorted(many):
            rows, own = np.flatnonzero(grid == time), np.flatnonzero(times == time)
            if len(own):
                values[rows, column] = given[np.minimum(own[0] + np.arange(len(rows)), own[-1])]
                weights[rows[: len(own)], column] = 1.0 / len(times)
            else:
                after = int(np.searchsorted(times, time))
                (a, b), (x, y) = times[after - 1 : after + 1], given[after - 1 : after + 1]
                values[rows, column] = x + (y - x) / (b - a) * (time - a)
    return grid, values, weights
