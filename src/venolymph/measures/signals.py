"""Reading numbers off recorded traces, smoothly.

Times are plain numbers (a regimen fixes them), values may be traced by JAX: everything here differentiates with
respect to the values. A trace has shape `(samples, batch)`; a sample stands at the end of its interval.

What is not traced is computed by NumPy, by the same lines: JAX would compile each operation anew for each length of
record, which takes longer than all the arithmetic.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float


def plain(values: Any) -> Any:
    """Values as a NumPy array, or as they are where JAX traces them."""
    return values if isinstance(values, Tracer) else np.asarray(values)


def space(*values: Any) -> Any:
    """The module to compute with: `jax.numpy` where any of the values is traced, else `numpy`."""
    return jnp if any(isinstance(value, Tracer) for value in values) else np


def interval_weights(ends: np.ndarray, first: float, start: float, stop: float) -> np.ndarray:
    """Share of the window from `start` to `stop` that falls into each sampling interval.

    Args:
        ends: ends of the intervals, s, shape (samples,).
        first: start of the first interval, s.
        start: start of the window, s.
        stop: its end, s.

    Returns:
        Weights that sum to 1 where the window lies inside the record. Shape (samples,).
    """
    begins = np.concatenate([[first], ends[:-1]])
    overlap = np.clip(np.minimum(ends, stop) - np.maximum(begins, start), 0.0, None)
    total = overlap.sum()
    return overlap / total if total > 0 else overlap


def weighted(weights: np.ndarray, values: Float[Array, "samples batch"]) -> Float[Array, " batch"]:
    """Weighted sum over the samples with a weight, so that a gap elsewhere in the record does no harm."""
    values = plain(values)
    used = weights[:, None] > 0
    return space(values).einsum("n,nb->b", weights, space(values).where(used, values, 0.0))


def crossing_time(
    time: np.ndarray,
    values: Float[Array, "samples batch"],
    level: Float[Array, " batch"],
    *,
    rising: bool = True,
) -> Float[Array, " batch"]:
    """First time at which a trace reaches a level, by linear interpolation between samples.

    Args:
        time: s, shape (samples,).
        values: the trace.
        level: what is to be reached, one for each member.
        rising: whether it is reached from below.

    Returns:
        Time in s; NaN where the level is not reached; the first sample's time where it is reached already.
    """
    gap = plain(values) - plain(level)
    xp = space(gap)
    times = xp.asarray(time)
    reached = gap >= 0 if rising else gap <= 0
    index = xp.argmax(reached, axis=0)
    before = xp.maximum(index - 1, 0)
    column = np.arange(gap.shape[1])
    gap_before, gap_after = gap[before, column], gap[index, column]
    step = gap_before - gap_after
    moved = xp.where(step == 0, 1.0, step)
    share = xp.where((index == 0) | (step == 0), 0.0, gap_before / moved)
    found = times[before] + share * (times[index] - times[before])
    return xp.where(xp.any(reached, axis=0), found, np.nan)


def back_for_good(
    time: np.ndarray, values: Float[Array, "samples batch"], level: Float[Array, " batch"]
) -> Float[Array, " batch"]:
    """Time from which on a trace stays above a level, so that a pulse on the way does not count.

    Returns:
        Time in s; NaN where the trace ends below the level; the first sample's time where it never is below.
    """
    values = plain(values)
    xp = space(values, level)
    left = -crossing_time(-time[::-1], values[::-1], level, rising=False)
    found = xp.where(xp.any(values <= level, axis=0), left, time[0])
    return xp.where(values[-1] > level, found, np.nan)


def longest_above(time: np.ndarray, values: Float[Array, "samples ..."], level: float = 0.0) -> Float[Array, "*shape"]:
    """The longest unbroken stretch of time in which a trace lies above a level, taking it as straight between samples.

    Args:
        time: s, shape (samples,).
        values: the trace, samples first.
        level: in the unit of the values.

    Returns:
        Duration in s; shape of the values without their samples.
    """
    excess = plain(values) - level
    xp = space(excess)
    first, second = excess[:-1], excess[1:]
    size = xp.abs(first) + xp.abs(second)
    above = xp.maximum(first, 0.0) + xp.maximum(second, 0.0)
    share = xp.where(size == 0, 0.0, above / xp.where(size == 0, 1.0, size))
    parts = share * np.diff(time).reshape(-1, *(1,) * (excess.ndim - 1))
    total = xp.cumsum(parts, axis=0)
    began = xp.maximum.accumulate(xp.where(first > 0.0, 0.0, total - parts), axis=0)
    return xp.max(total - began, axis=0)


def steepest_fall(time: np.ndarray, values: Float[Array, "samples batch"], span: float) -> Float[Array, " batch"]:
    """Greatest fall per second of a trace over any stretch of length `span`.

    Args:
        time: s, shape (samples,).
        values: the trace.
        span: length of the stretch, s.

    Returns:
        Rate of fall in the values' unit per second, positive for a fall.
    """
    starts = time[time <= time[-1] - span + 1e-9]
    fall = interpolate(time, values, starts) - interpolate(time, values, starts + span)
    return space(fall).max(fall, axis=0) / span


def interpolate(
    time: np.ndarray, values: Float[Array, "samples batch"], at: np.ndarray
) -> Float[Array, "points batch"]:
    """Values at given times, straight between samples and constant outside them."""
    values = plain(values)
    at = np.clip(np.atleast_1d(at), time[0], time[-1])
    if len(time) == 1:
        return space(values).repeat(values, len(at), axis=0)
    after = np.clip(np.searchsorted(time, at), 1, len(time) - 1)
    share = ((at - time[after - 1]) / (time[after] - time[after - 1]))[:, None]
    return values[after - 1] * (1 - share) + values[after] * share


def quadratic(x: Float[Array, "points batch"], y: Float[Array, "points batch"]) -> Float[Array, "3 batch"]:
    """Least-squares parabola `b0 + b1 x + b2 x^2` through points, member by member.

    Args:
        x: at least three different places a member.
        y: values there.

    Returns:
        b0, b1, b2 in the first axis.
    """
    x, y = plain(x), plain(y)
    xp = space(x, y)
    scale = xp.max(xp.abs(x), axis=0)
    u = x / scale
    powers = xp.stack([xp.ones_like(u), u, u**2])  # (3, points, batch)
    normal = xp.einsum("ipb,jpb->bij", powers, powers)
    right = xp.einsum("ipb,pb->bi", powers, y)
    solution = xp.linalg.solve(normal, right[..., None])[..., 0].T
    return solution / xp.stack([xp.ones_like(scale), scale, scale**2])
