"""Leaflets seen by ultrasound: how far a valve is open, and how long opening and closing take."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from venolymph.errors import MeasureError
from venolymph.measures.episodes import RESTING, episodes, first_start, samples, window
from venolymph.measures.places import topology, unknown, valve_places
from venolymph.measures.reading import Found, Measure, Recorded, Trace
from venolymph.measures.settings import setting
from venolymph.measures.signals import interval_weights, plain, space, weighted

TRAVEL = setting("valves.unseen_travel")
"""Part of a valve's swing at either end that cannot be told from rest, 1."""
COARSEST = setting("valves.coarsest_sample")
"""Largest sampling interval at which opening and closing are timed, s."""
SWINGS = setting("valves.least_swing")
"""Least swing, as a share of full travel, of a valve that opens and closes, 1."""


def state(run: Recorded, place: str) -> Float[Array, "samples batch"]:
    """How far a valve is open over time, 0 (closed) to 1."""
    valves = topology(run).valves
    if place not in valves:
        raise unknown("valve", place, valves)
    return plain(run.valve)[:, valves.index(place), :]


def stroke_time(time: np.ndarray, openness: Float[Array, "samples batch"]) -> Float[Array, " batch"]:
    """Mean time that a rise from nearly lowest to nearly highest takes, over all complete rises.

    A rise runs from the last time the trace leaves the lowest 5 % of its swing to the first time that it reaches the
    highest 5 %. NaN where there is none, or where the swing is less than half of full travel.
    """
    openness = plain(openness)
    xp = space(openness)
    lowest, highest = xp.min(openness, axis=0), xp.max(openness, axis=0)
    swing = highest - lowest
    leaves, left = _rises(time, openness, lowest + TRAVEL * swing)
    arrives, arrived = _rises(time, openness, highest - TRAVEL * swing)
    number = np.arange(len(time) - 1)[:, None]
    left_last = _latest_so_far(xp.where(left, number, -1))
    arrived_last = _latest_so_far(xp.where(arrived, number, -1))
    arrived_before = xp.concatenate([xp.full_like(arrived_last[:1], -1), arrived_last[:-1]])
    complete = arrived & (left_last > arrived_before)
    began = xp.take_along_axis(leaves, xp.maximum(left_last, 0), axis=0)
    count = xp.sum(complete, axis=0)
    mean = xp.sum(xp.where(complete, arrives - began, 0.0), axis=0) / xp.maximum(count, 1)
    return xp.where((count > 0) & (swing >= SWINGS), mean, np.nan)


def _latest_so_far(numbers: Any) -> Any:
    return jax.lax.cummax(numbers, axis=0) if space(numbers) is jnp else np.maximum.accumulate(numbers, axis=0)


def _rises(
    time: np.ndarray, values: Float[Array, "samples batch"], level: Float[Array, " batch"]
) -> tuple[Float[Array, "intervals batch"], Bool[Array, "intervals batch"]]:
    """For each interval between samples whether the trace rises past a level, and the time at which, s."""
    gap = values - level
    xp = space(gap)
    first, second = gap[:-1], gap[1:]
    passes = (first < 0) & (second >= 0)
    share = xp.where(passes, first / xp.where(passes, first - second, 1.0), 0.0)
    return time[:-1, None] + share * np.diff(time)[:, None], passes


def _latest(run: Recorded, place: str) -> tuple[np.ndarray, Float[Array, "samples batch"]]:
    episode = episodes(run)[-1]
    at = samples(run, episode.end - min(RESTING, episode.duration), episode.end)
    return np.asarray(run.time)[at], state(run, place)[at]


def _state(run: Recorded, place: str) -> Found:
    openness = state(run, place)
    weights = interval_weights(np.asarray(run.time), first_start(run), *window(run, episodes(run)[-1]))
    time, latest = _latest(run, place)
    parts = {
        "share of time open": space(latest).mean(latest >= 0.5, axis=0),
        "times opened": space(latest).sum((latest[:-1] < 0.5) & (latest[1:] >= 0.5), axis=0),
        "window, s": float(time[-1] - time[0]),
    }
    return Found(weighted(weights, openness), Trace(np.asarray(run.time), openness, "1"), parts)


def _timed(run: Recorded, place: str) -> tuple[np.ndarray, Float[Array, "samples batch"]]:
    time, openness = _latest(run, place)
    apart = float(np.max(np.diff(time), initial=0.0))
    if apart > COARSEST * (1 + 1e-6):
        raise MeasureError(
            f"samples {apart:.3g} s apart are too far apart to time a valve; at most {COARSEST:g} s",
            hint="end the run with something recorded finely, such as walking",
        )
    return time, openness


def _opening(run: Recorded, place: str) -> Found:
    time, openness = _timed(run, place)
    return Found(stroke_time(time, openness), Trace(time, openness, "1"), _swing(openness))


def _closing(run: Recorded, place: str) -> Found:
    time, openness = _timed(run, place)
    return Found(stroke_time(time, -openness), Trace(time, openness, "1"), _swing(openness))


def _swing(openness: Float[Array, "samples batch"]) -> dict[str, Float[Array, " batch"]]:
    return {"lowest": space(openness).min(openness, axis=0), "highest": space(openness).max(openness, axis=0)}


MEASURES = (
    Measure(
        "valve state of {place}",
        "1",
        "how far a valve is open, 0 closed to 1 open, mean over whole gait cycles of the last 20 s",
        "valves",
        _state,
        places=valve_places,
        on="any",
    ),
    Measure(
        "valve opening time of {place}",
        "s",
        "time from first motion of the leaflets to fully open, mean over the last 20 s",
        "valves",
        _opening,
        places=valve_places,
        on="any",
    ),
    Measure(
        "valve closing time of {place}",
        "s",
        "time from the start of closing to closed, mean over the last 20 s",
        "valves",
        _closing,
        places=valve_places,
        on="any",
    ),
)
