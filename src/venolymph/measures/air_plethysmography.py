"""An air cuff round the calf: how much blood the calf holds, how fast it fills, how much the pump throws out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from jaxtyping import Array, Float

from venolymph.measures.episodes import Episode, first_start, last, samples, window
from venolymph.measures.places import inside, region_shares
from venolymph.measures.reading import Found, Measure, Recorded, Trace
from venolymph.measures.recognise import (
    REST,
    for_long,
    is_one_tiptoe,
    is_raised,
    is_standing,
    is_ten_tiptoes,
    is_walking,
)
from venolymph.measures.settings import setting
from venolymph.measures.signals import crossing_time, interval_weights, plain, space, weighted

REGION = "plethysmograph"
"""The stretch of calf under the air cuff."""
FILLED = setting("plethysmograph.filled")
"""Share of the venous volume at which filling and draining are timed, 1."""
FILLING = setting("least_filling")
"""Shortest standing whose end counts as the plateau of filling, s."""
PLATEAU = setting("plethysmograph.plateau")
"""Stretch over which a plateau is averaged, s."""
LEVEL = setting("plethysmograph.level")
"""Rise from one such stretch to the next, as a share of what has filled, at which a filling calf counts as full, 1."""
QUARTERS = 4
"""Number of parts of that time in which the first level one is searched, 1."""


def calf_volume(run: Recorded) -> Float[Array, "samples batch"]:
    """Blood under the air cuff over time, mL."""
    return inside(run.volume, region_shares(run, REGION))


def _plateau(run: Recorded, volume: Float[Array, "samples batch"], episode: Episode) -> Float[Array, " batch"]:
    start, stop = window(run, episode, PLATEAU)
    return weighted(interval_weights(np.asarray(run.time), first_start(run), start, stop), volume)


def _full(
    run: Recorded, volume: Float[Array, "samples batch"], empty: Float[Array, " batch"], episode: Episode
) -> Float[Array, " batch"]:
    """Volume where a filling calf has come to its plateau, by member.

    Walls creep for minutes and tissue swells for hours, so the end of a long standing is no plateau: it is read where
    the trace becomes level, as a person reads it. Where it never does, the end counts.
    """
    starts = np.arange(episode.start, episode.end - PLATEAU + 1e-9, PLATEAU / QUARTERS)
    ends, first = np.asarray(run.time), first_start(run)
    xp = space(volume)
    means = xp.stack([weighted(interval_weights(ends, first, at, at + PLATEAU), volume) for at in starts])
    last = _plateau(run, volume, episode)
    now, later, times = means[:-QUARTERS], means[QUARTERS:], starts[QUARTERS:]
    filled = now - empty
    rising = xp.where(filled > 0.5 * (last - empty), later - now - LEVEL * filled, xp.abs(last - empty))
    when = crossing_time(times, rising, xp.zeros_like(last), rising=False)
    never = xp.isnan(when)
    place = (xp.where(never, times[0], when) - times[0]) * (QUARTERS / PLATEAU)
    before = xp.clip(xp.floor(place).astype(int), 0, len(times) - 2)
    column, share = np.arange(later.shape[1]), place - before
    return xp.where(never, last, (1.0 - share) * later[before, column] + share * later[before + 1, column])


def _trace(run: Recorded, volume: Float[Array, "samples batch"], start: float, stop: float) -> Trace:
    at = samples(run, start, stop)
    return Trace(np.asarray(run.time)[at], volume[at], "mL")


def _filling(run: Recorded, before: Episode | None = None) -> Found:
    """Leg raised, then standing still. Filling is timed from the moment the calf drops below the heart."""
    manoeuvre = f"legs raised for {REST:g} s, then standing still for {FILLING:g} s"
    raised, standing = last(run, manoeuvre, for_long(is_raised), for_long(is_standing, FILLING), before=before)
    volume = calf_volume(run)
    empty = _plateau(run, volume, raised)
    full = _full(run, volume, empty, standing)
    at = samples(run, raised.end, standing.end)
    time = np.asarray(run.time)[at]
    shares = region_shares(run, REGION)
    height = inside(run.height, shares / shares.sum(axis=0))[at]
    begun = crossing_time(time, height, plain(np.zeros(len(run.bodies))), rising=False)
    seconds = crossing_time(time, volume[at], empty + FILLED * (full - empty)) - begun
    venous = full - empty
    parts = {"raised": empty, "standing": full, "VV": venous, "VFT90": seconds, "VFI": FILLED * venous / seconds}
    return Found(venous, _trace(run, volume, raised.start, standing.end), parts)


def _draining(run: Recorded) -> Found:
    """Standing still, then lying with the leg raised: how fast the calf drains."""
    manoeuvre = f"standing still for {FILLING:g} s, then legs raised for {REST:g} s"
    standing, raised = last(run, manoeuvre, for_long(is_standing, FILLING), for_long(is_raised))
    volume = calf_volume(run)
    full, empty = _plateau(run, volume, standing), _plateau(run, volume, raised)
    at = samples(run, standing.end, raised.end)
    level = full - FILLED * (full - empty)
    seconds = crossing_time(np.asarray(run.time)[at], volume[at], level, rising=False) - standing.end
    index = FILLED * (full - empty) / seconds
    return Found(index, _trace(run, volume, standing.start, raised.end), {"VDT90": seconds, "VDI": index})


def _pumping(run: Recorded, wanted: Callable[[Episode], bool], what: str) -> Found:
    """Volume before and at the end of tiptoes, and the venous volume that both are related to, mL."""
    before, tiptoes = last(run, f"standing still for {REST:g} s, then {what}", for_long(is_standing), wanted)
    filling = _filling(run, before=tiptoes)
    volume = calf_volume(run)
    held = _plateau(run, volume, before)
    cycle = tiptoes.period or tiptoes.duration
    at = samples(run, tiptoes.end - cycle, tiptoes.end)
    least = space(volume).min(volume[at], axis=0)
    parts = {
        "VV": filling.parts["VV"],
        "before": held,
        "least": least,
        "ejected": held - least,
        "residual": least - filling.parts["raised"],
    }
    return Found(held - least, _trace(run, volume, before.end - PLATEAU, tiptoes.end), parts)


def _part(name: str) -> Callable[[Recorded], Found]:
    def read(run: Recorded) -> Found:
        filling = _filling(run)
        return Found(filling.parts[name], filling.trace, filling.parts)

    return read


def _ejected(run: Recorded) -> Found:
    return _pumping(run, is_one_tiptoe, "one tiptoe")


def _ejection_fraction(run: Recorded) -> Found:
    pumped = _ejected(run)
    return Found(100 * pumped.parts["ejected"] / pumped.parts["VV"], pumped.trace, pumped.parts)


def _residual_fraction(run: Recorded) -> Found:
    pumped = _pumping(run, is_ten_tiptoes, "ten tiptoes")
    return Found(100 * pumped.parts["residual"] / pumped.parts["VV"], pumped.trace, pumped.parts)


def _walking_fraction(run: Recorded) -> Found:
    """Volume ejected from the standing calf by walking, mean over the last whole gait cycles, share of VV."""
    before, walk = last(run, f"standing still for {REST:g} s, then walking", for_long(is_standing), is_walking)
    filling = _filling(run, before=walk)
    volume = calf_volume(run)
    held, walking = _plateau(run, volume, before), _plateau(run, volume, walk)
    parts = {"VV": filling.parts["VV"], "before": held, "walking": walking}
    trace = _trace(run, volume, before.end - PLATEAU, walk.end)
    return Found(100 * (held - walking) / filling.parts["VV"], trace, parts)


def _draining_time(run: Recorded) -> Found:
    drained = _draining(run)
    return Found(drained.parts["VDT90"], drained.trace, drained.parts)


_DRAINAGE = {
    "kind": "regimen",
    "version": 1,
    "regimen": "standing, then legs raised",
    "steps": [{"stand": {"for": "3 min"}}, {"raise_legs": {"to": "45 deg", "for": "2 min"}}],
}


_WALK = {
    "kind": "regimen",
    "version": 1,
    "regimen": "legs raised, standing, then walking",
    "steps": [
        {"raise_legs": {"to": "45 deg", "for": "5 min"}},
        {"stand": {"for": "5 min"}},
        {"walk": {"speed": "3 km/h", "for": "30 s"}},
    ],
}


def _measure(
    name: str,
    short: str,
    unit: str,
    description: str,
    finder: Callable[[Recorded], Found],
    *,
    manoeuvre: str | Mapping[str, Any] = "plethysmography",
) -> Measure:
    return Measure(name, unit, description, "air_plethysmography", finder, aliases=(short,), manoeuvre=manoeuvre)


MEASURES = (
    _measure("venous volume", "VV", "mL", "blood that the calf takes up from leg raised to standing", _part("VV")),
    _measure(
        "venous filling time",
        "VFT90",
        "s",
        "time from the calf below the heart to 90 % of VV in it",
        _part("VFT90"),
    ),
    _measure("venous filling index", "VFI", "mL/s", "0.9 VV / VFT90: how fast the standing calf fills", _part("VFI")),
    _measure("ejected volume", "EV", "mL", "blood that one tiptoe throws out of the calf", _ejected),
    _measure("ejection fraction", "EF", "%", "EV / VV", _ejection_fraction),
    _measure("residual volume fraction", "RVF", "%", "what ten tiptoes leave of VV", _residual_fraction),
    _measure(
        "walking ejection fraction",
        "WEF",
        "%",
        "what walking takes from the standing calf, of VV",
        _walking_fraction,
        manoeuvre=_WALK,
    ),
    _measure(
        "venous drainage index",
        "VDI",
        "mL/s",
        "0.9 VV / VDT90 on raising the standing leg",
        _draining,
        manoeuvre=_DRAINAGE,
    ),
    _measure(
        "venous drainage time",
        "VDT90",
        "s",
        "time from raising the leg until 90 % of VV is gone",
        _draining_time,
        manoeuvre=_DRAINAGE,
    ),
)
