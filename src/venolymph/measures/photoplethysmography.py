"""A light on the skin of the lower calf: how fast the skin's small veins fill again after exercise."""

from __future__ import annotations

import numpy as np
from jaxtyping import Array, Float

from venolymph.measures.episodes import first_start, last, samples, window
from venolymph.measures.places import cell_of, pick
from venolymph.measures.reading import Found, Measure, Recorded, Trace
from venolymph.measures.recognise import REST, for_long, is_standing, is_ten_tiptoes
from venolymph.measures.settings import setting
from venolymph.measures.signals import back_for_good, interval_weights, space, weighted

SKIN = "skin venules, lower calf"
"""The vein lump whose blood the light sees."""
BACK = setting("refill.share")
"""Share of the loss of blood after which the trace counts as back at its base line, 1."""


def _skin(run: Recorded) -> Float[Array, "samples batch"]:
    return pick(run.volume, cell_of(run, SKIN))


def _refill(run: Recorded) -> Found:
    rested = for_long(is_standing)
    manoeuvre = f"standing still for {REST:g} s, ten tiptoes, and standing still for {REST:g} s"
    before, exercise, after = last(run, manoeuvre, rested, is_ten_tiptoes, rested)
    volume = _skin(run)
    start, stop = window(run, before)
    base = weighted(interval_weights(np.asarray(run.time), first_start(run), start, stop), volume)
    low = volume[samples(run, exercise.end, exercise.end).start]
    at = samples(run, exercise.end, after.end)
    time = np.asarray(run.time)[at]
    reached = back_for_good(time, volume[at], low + BACK * (base - low)) - exercise.end
    seconds = space(base, low, reached).where(base > low, reached, np.nan)
    trace = samples(run, start, after.end)
    drop = 100 * (base - low) / base
    return Found(seconds, Trace(np.asarray(run.time)[trace], volume[trace], "mL"), {"venous pump, %": drop})


MEASURES = (
    Measure(
        "photoplethysmographic refill time",
        "s",
        "time after ten tiptoes until the skin's veins have made good 90 % of the blood they lost",
        "photoplethysmography",
        _refill,
        aliases=("PPG", "VRT"),
        manoeuvre="ten-tiptoes",
    ),
)
