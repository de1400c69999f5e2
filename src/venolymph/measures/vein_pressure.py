"""A catheter in a vein: pressure at a place, walking pressure and refill time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from venolymph.measures.episodes import (
    RESTING,
    Episode,
    episodes,
    first_start,
    last,
    samples,
    window,
)
from venolymph.measures.places import ANKLE, cell_of, parameters, pick, vein_places
from venolymph.measures.reading import Found, ManoeuvreMissingError, Measure, Recorded, Trace
from venolymph.measures.recognise import REST, WALK, for_long, is_lying, is_standing, is_ten_tiptoes, is_walking
from venolymph.measures.settings import setting
from venolymph.measures.signals import back_for_good, interval_weights, plain, space, weighted

RECOVERED = setting("refill.share")
"""Share of the fall in pressure after which the vein counts as refilled, 1."""
STRIDE = {
    "push-off": (setting("stride.push_off_begin"), setting("stride.push_off_end")),
    "swing": (setting("stride.swing_begin"), 1.0),
}
"""Begin and end of parts of the stride, as shares of a gait cycle from heel strike, 1."""


def mean_pressure(run: Recorded, place: str, episode: Episode) -> Found:
    """Mean over the last 20 s of an episode, over whole gait cycles where it has them."""
    values = pick(run.mean_pressure, cell_of(run, place))
    weights = interval_weights(np.asarray(run.time), first_start(run), *window(run, episode))
    trace = Trace(np.asarray(run.time), pick(run.pressure, cell_of(run, place)), "mmHg")
    return Found(weighted(weights, values), trace)


def _at_end(run: Recorded, place: str) -> Found:
    return mean_pressure(run, place, episodes(run)[-1])


def _ankle(run: Recorded) -> Found:
    return _at_end(run, ANKLE)


def _ankle_lying(run: Recorded) -> Found:
    return mean_pressure(run, ANKLE, *last(run, f"lying flat for {REST:g} s", for_long(is_lying)))


def _ankle_standing(run: Recorded) -> Found:
    return mean_pressure(run, ANKLE, *last(run, f"standing still for {REST:g} s", for_long(is_standing)))


def _ankle_walking(run: Recorded) -> Found:
    return mean_pressure(run, ANKLE, *last(run, f"walking for {WALK:g} s", for_long(is_walking, WALK)))


def _at_heart(run: Recorded, place: str) -> Any:
    """Pressure at a place, had the vein lain at the height of the right atrium, mmHg, mean over the samples."""
    weight = plain(parameters(run).fluid.weight)[0]
    cell = cell_of(run, place)
    return pick(run.mean_pressure, cell) + weight * pick(run.height, cell)


def _heart_level(run: Recorded, place: str) -> Found:
    values, time = _at_heart(run, place), np.asarray(run.time)
    weights = interval_weights(time, first_start(run), *window(run, episodes(run)[-1]))
    return Found(weighted(weights, values), Trace(time, values, "mmHg"))


def _in_stride(part: str) -> Callable[[Recorded, str], Found]:
    """Mean over a part of the stride, in whole gait cycles of the last 20 s of walking or running."""

    def read(run: Recorded, place: str) -> Found:
        gait = [p for p in run.phases if p.kind in ("walk", "run") and p.marks.stage == "cycles"]
        if not gait:
            raise ManoeuvreMissingError("the run holds no walking or running", hint="put a step such as `- walk:`")
        period, end = gait[-1].period, gait[-1].start + gait[-1].duration
        cycles = max(1, int(min(RESTING, gait[-1].duration) / period + 1e-9))
        values, time = _at_heart(run, place), np.asarray(run.time)
        weights = sum(
            interval_weights(time, first_start(run), *(end - (cycle - share) * period for share in STRIDE[part]))
            for cycle in range(1, cycles + 1)
        )
        return Found(weighted(np.asarray(weights) / cycles, values), Trace(time, values, "mmHg"))

    return read


def _emptied(run: Recorded, what: str, is_exercise: Callable[[Episode], bool], place: str = ANKLE) -> Found:
    """The lowest pressure from the last cycle of exercise on, and how long 90 % of the fall take to come back."""
    rested = for_long(is_standing)
    manoeuvre = f"standing still for {REST:g} s, {what}, and standing still for {REST:g} s"
    before, exercise, after = last(run, manoeuvre, rested, is_exercise, rested)
    time, means = np.asarray(run.time), pick(run.mean_pressure, cell_of(run, place))
    standing = mean_pressure(run, place, before).value
    emptying = samples(run, exercise.end - (exercise.period or exercise.duration), after.end)
    lowest = space(means).min(means[emptying], axis=0)
    recovery = samples(run, exercise.end, after.end)
    level = lowest + RECOVERED * (standing - lowest)
    reached = back_for_good(time[recovery], means[recovery], level) - exercise.end
    xp = space(standing, lowest, reached)
    refill = xp.where(standing > lowest, reached, np.nan)
    shown = samples(run, before.end - RESTING, after.end)
    trace = Trace(time[shown], pick(run.pressure, cell_of(run, place))[shown], "mmHg")
    return Found(lowest, trace, {"standing": standing, "lowest": lowest, "refill": refill})


def _ambulatory(run: Recorded) -> Found:
    return _emptied(run, "ten tiptoes", is_ten_tiptoes)


def _refill(run: Recorded) -> Found:
    emptied = _ambulatory(run)
    return Found(emptied.parts["refill"], emptied.trace, emptied.parts)


def _fall_at(run: Recorded, place: str) -> Found:
    emptied = _emptied(run, "ten tiptoes", is_ten_tiptoes, place)
    return Found(emptied.parts["standing"] - emptied.parts["lowest"], emptied.trace, emptied.parts)


def _refill_at(run: Recorded, place: str) -> Found:
    emptied = _emptied(run, "ten tiptoes", is_ten_tiptoes, place)
    return Found(emptied.parts["refill"], emptied.trace, emptied.parts)


def _refill_after_walking(run: Recorded) -> Found:
    emptied = _emptied(run, "walking", is_walking)
    return Found(emptied.parts["refill"], emptied.trace, emptied.parts)


MEASURES = (
    Measure(
        "ankle pressure",
        "mmHg",
        "pressure in the great saphenous vein 4 cm above the ankle, mean over whole gait cycles of the last 20 s",
        "vein_pressure",
        _ankle,
    ),
    Measure(
        "ankle pressure lying",
        "mmHg",
        "ankle pressure in the last 20 s of lying flat",
        "vein_pressure",
        _ankle_lying,
        manoeuvre="lying",
    ),
    Measure(
        "ankle pressure standing",
        "mmHg",
        "ankle pressure in the last 20 s of standing still",
        "vein_pressure",
        _ankle_standing,
        manoeuvre="lying-and-standing",
    ),
    Measure(
        "ankle pressure walking",
        "mmHg",
        "ankle pressure, mean over whole gait cycles of the last 20 s of walking",
        "vein_pressure",
        _ankle_walking,
        manoeuvre="ambulatory",
    ),
    Measure(
        "ambulatory venous pressure",
        "mmHg",
        "lowest ankle pressure that ten tiptoes bring about",
        "vein_pressure",
        _ambulatory,
        aliases=("AVP",),
        manoeuvre="ten-tiptoes",
    ),
    Measure(
        "90 % refill time",
        "s",
        "time after ten tiptoes until ankle pressure has made good 90 % of its fall",
        "vein_pressure",
        _refill,
        aliases=("RT90",),
        manoeuvre="ten-tiptoes",
    ),
    Measure(
        "90 % refill time after walking",
        "s",
        "time after walking until ankle pressure has made good 90 % of its fall",
        "vein_pressure",
        _refill_after_walking,
        manoeuvre="ambulatory",
    ),
    Measure(
        "pressure at {place}",
        "mmHg",
        "pressure in a vein, mean over whole gait cycles of the last 20 s",
        "vein_pressure",
        _at_end,
        places=vein_places,
        on="any",
    ),
    Measure(
        "heart-level pressure at {place}",
        "mmHg",
        "pressure in a vein less the blood's weight from the heart down to it, mean as above",
        "vein_pressure",
        _heart_level,
        places=vein_places,
        on="any",
    ),
    Measure(
        "push-off pressure at {place}",
        "mmHg",
        "heart-level pressure while the foot pushes off, mean over the gait cycles of the last 20 s",
        "vein_pressure",
        _in_stride("push-off"),
        places=vein_places,
    ),
    Measure(
        "swing pressure at {place}",
        "mmHg",
        "heart-level pressure while the leg swings, mean over the gait cycles of the last 20 s",
        "vein_pressure",
        _in_stride("swing"),
        places=vein_places,
    ),
    Measure(
        "fall of pressure at {place}",
        "mmHg",
        "what ten tiptoes take from the standing pressure of a vein at most",
        "vein_pressure",
        _fall_at,
        manoeuvre="ten-tiptoes",
        places=vein_places,
    ),
    Measure(
        "90 % refill time at {place}",
        "s",
        "time after ten tiptoes until a vein's pressure has made good 90 % of its fall",
        "vein_pressure",
        _refill_at,
        manoeuvre="ten-tiptoes",
        places=vein_places,
    ),
)
