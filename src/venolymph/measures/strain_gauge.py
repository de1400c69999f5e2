"""A strain gauge round the calf: a thigh cuff holds the blood back and lets it go, or suction draws it in."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Array, Float

from venolymph.measures.air_plethysmography import FILLED, REGION, calf_volume
from venolymph.measures.episodes import SUCTION, Episode, episodes, first_start, samples
from venolymph.measures.places import inside, region_shares, topology
from venolymph.measures.reading import Found, ManoeuvreMissingError, Measure, Recorded, Trace
from venolymph.measures.recognise import THIGH, released, thigh_cuff
from venolymph.measures.settings import setting
from venolymph.measures.signals import (
    crossing_time,
    interpolate,
    interval_weights,
    plain,
    quadratic,
    space,
    steepest_fall,
    weighted,
)
from venolymph.measures.tissue_readings import compartments_at, exchange_array, record_durations, record_ends, tissue

CALF = setting("strain_gauge.calf_volume")
"""Reference volume of the calf with its tissue, to which volumes are related, mL."""
SETTLED = setting("strain_gauge.settled")
"""Stretch at the end of each hold that is averaged, s: at least one breath."""
FIRST = setting("strain_gauge.first_outflow")
"""Stretch over which first outflow is read, s."""
LOW_CUFF = setting("strain_gauge.least_cuff")
"""Cuff pressure below which a hold is left out of the curve, mmHg."""
FILTERS = setting("strain_gauge.filters")
"""Cuff pressure from which capillaries filter more the higher it is, mmHg."""
STEPS = 3
"""Smallest number of holds for the fit of a parabola."""


def _holds(run: Recorded) -> list[Episode]:
    """The longest series of holds of the thigh cuff at rising pressures; the last one, of equals."""
    best: list[Episode] = []
    series: list[Episode] = []
    for episode in episodes(run):
        cuff = thigh_cuff(episode)
        if cuff <= LOW_CUFF:
            series = []
        elif series and cuff > thigh_cuff(series[-1]):
            series = [*series, episode]
        else:
            series = [episode]
        if len(series) >= len(best):
            best = series
    if len(best) < STEPS:
        raise ManoeuvreMissingError(
            f"the run holds a thigh cuff at {len(best)} rising pressures, at least {STEPS} are needed",
            hint="raise a thigh cuff in steps, as the regimen 'occlusion-test' does",
        )
    return best


def _settled(run: Recorded, values: Float[Array, "samples batch"], start: float, end: float) -> Float[Array, " batch"]:
    """Mean over the last seconds before `end`."""
    return weighted(interval_weights(np.asarray(run.time), first_start(run), max(start, end - SETTLED), end), values)


def curve(run: Recorded) -> tuple[Float[Array, "holds batch"], Float[Array, "holds batch"], Float[Array, "3 batch"]]:
    """Cuff pressure (mmHg) and calf volume (mL/100 mL) at the end of each hold, and the parabola through them."""
    holds = _holds(run)
    cuff = plain(run.surroundings)[:, topology(run).surroundings.index(THIGH), :]
    volume = calf_volume(run) * 100 / CALF
    xp = space(cuff, volume)
    pressures = xp.stack([_settled(run, cuff, hold.start, hold.end) for hold in holds])
    volumes = xp.stack([_settled(run, volume, hold.start, hold.end) for hold in holds])
    volumes = volumes - volumes[0]
    return pressures, volumes, quadratic(pressures, volumes)


def _slope_at(pressure: float) -> Callable[[Recorded], Found]:
    def read(run: Recorded) -> Found:
        pressures, volumes, (b0, b1, b2) = curve(run)
        parts = {"cuff, mmHg": pressures, "volume, mL/100 mL": volumes, "b0": b0, "b1": b1, "b2": b2}
        volume = calf_volume(run) * 100 / CALF
        return Found(b1 + 2 * b2 * pressure, Trace(np.asarray(run.time), volume, "mL/100 mL"), parts)

    return read


def _under_suction(run: Recorded) -> Found:
    """Slope of a straight line through the calf's volume before suction and at the end of each pressure of it."""
    every = episodes(run)
    first = next((number for number, episode in enumerate(every) if SUCTION in episode.cuffs), 0)
    held = [episode for episode in every[first:] if set(episode.cuffs) == {SUCTION}]
    if first == 0 or not held:
        raise ManoeuvreMissingError(
            "the run holds no rest with suction around the legs after it",
            hint="put steps such as `- lie: {for: 5 min}` and `- suction: {pressure: 44 mmHg, for: 5 min}`",
        )
    volume = calf_volume(run) * 100 / CALF
    stays = [every[first - 1], *held]
    volumes = space(volume).stack([_settled(run, volume, stay.start, stay.end) for stay in stays])
    suction = np.array([stay.cuffs.get(SUCTION, 0.0) for stay in stays])
    slope = _straight_slope(suction, volumes)
    parts = {"suction, mmHg": suction, "volume, mL/100 mL": volumes - volumes[0]}
    return Found(slope, Trace(np.asarray(run.time), volume, "mL/100 mL"), parts)


def _straight_slope(at: np.ndarray, values: Float[Array, "points batch"]) -> Float[Array, " batch"]:
    """Slope of the straight line through values, by least squares."""
    apart = at - at.mean()
    return space(values).einsum("n,nb->b", apart, values) / float(apart @ apart)


def _outflow_resistance(run: Recorded) -> Found:
    """Fall of the calf's venous pressure over the first outflow, mmHg s/mL."""
    start, end = released(run, THIGH, "lying")
    volume = calf_volume(run)
    shares = region_shares(run, REGION)
    pressure = inside(plain(run.pressure) * plain(run.volume), shares) / volume
    at = samples(run, start - FIRST, end)
    time = np.asarray(run.time)[at]
    held = interpolate(time, pressure[at], np.array([start]))[0]
    rest = _settled(run, pressure, start, end)
    after = samples(run, start, min(end, start + 10.0))
    outflow = steepest_fall(np.asarray(run.time)[after], volume[after], FIRST)
    parts = {"held, mmHg": held, "rest, mmHg": rest, "first outflow, mL/s": outflow}
    return Found((held - rest) / outflow, Trace(time - start, volume[at], "mL"), parts)


def _greatest_outflow(run: Recorded) -> Found:
    """Steepest fall of the calf's volume when a thigh cuff is let go, lying, mL/100 mL/min."""
    start, end = released(run, THIGH, "lying")
    volume = calf_volume(run) * 100 / CALF
    after = samples(run, start, min(end, start + 10.0))
    time = np.asarray(run.time)[after]
    return Found(60.0 * steepest_fall(time, volume[after], FIRST), Trace(time - start, volume[after], "mL/100 mL"))


def _emptying(run: Recorded) -> Found:
    """A thigh cuff let go, lying: the share of what it held back that leaves in a second, and the time for 90 %."""
    start, end = released(run, THIGH, "lying")
    volume, time = calf_volume(run), np.asarray(run.time)
    held = interpolate(time, volume, np.array([start]))[0]
    rest = _settled(run, volume, start, end)
    after = interpolate(time, volume, np.array([start + 1.0]))[0]
    at = samples(run, start, end)
    seconds = crossing_time(time[at], volume[at], held - FILLED * (held - rest), rising=False) - start
    parts = {"share": 100.0 * (held - after) / (held - rest), "seconds": seconds}
    return Found(parts["share"], Trace(time[at] - start, volume[at], "mL"), parts)


def _emptying_time(run: Recorded) -> Found:
    found = _emptying(run)
    return Found(found.parts["seconds"], found.trace, found.parts)


def _filtration_coefficient(run: Recorded) -> Found:
    """Slope of a straight line through what capillaries of the calf gave in the last minute of each hold."""
    holds = [hold for hold in _holds(run) if thigh_cuff(hold) >= FILTERS]
    numbers = np.asarray(compartments_at(run, "calf", all_tissue=True))
    bulk = np.array([leg.bulk["calf"] for leg in tissue(run).legs])
    gave = (
        exchange_array(run, "filtered")[:, numbers].sum(axis=1) * (60.0 / record_durations(run))[:, None] * 100.0 / bulk
    )
    first = first_start(run)
    rates = [
        weighted(interval_weights(record_ends(run), first, max(h.start, h.end - 60.0), h.end), gave) for h in holds
    ]
    cuff = np.array([thigh_cuff(hold) for hold in holds])
    rates = space(*rates).stack(rates)
    return Found(_straight_slope(cuff, rates), parts={"cuff, mmHg": cuff, "filtration, mL/100 mL/min": rates})


def _measure(name: str, unit: str, description: str, finder: Callable[[Recorded], Found], *aliases: str) -> Measure:
    return Measure(name, unit, description, "strain_gauge", finder, aliases=aliases, manoeuvre="occlusion-test")


SUCKED = {
    "kind": "regimen",
    "version": 1,
    "regimen": "suction around the legs",
    "steps": [
        {"lie": {"for": "10 min"}},
        *({"suction": {"pressure": f"{pressure} mmHg", "for": "3 min"}} for pressure in (22, 44, 59)),
        {"suction": {"pressure": "0 mmHg"}},
    ],
}
"""Done where a run holds no suction: the pressures of Olsen and Lanne 1998, one after the other."""

MEASURES = (
    _measure(
        "calf compliance at 20 mmHg",
        "mL/100 mL/mmHg",
        "slope at 20 mmHg of calf volume against the pressure of a thigh cuff raised in steps",
        _slope_at(20.0),
        "calf compliance",
    ),
    _measure(
        "calf compliance at 40 mmHg",
        "mL/100 mL/mmHg",
        "slope at 40 mmHg of calf volume against the pressure of a thigh cuff raised in steps",
        _slope_at(40.0),
    ),
    _measure(
        "calf outflow resistance",
        "mmHg s/mL",
        "fall of pressure in the calf's veins over first outflow when a thigh cuff is let go, for a calf of 2000 mL",
        _outflow_resistance,
    ),
    _measure(
        "greatest outflow",
        "mL/100 mL/min",
        "steepest fall of calf volume in half a second when a thigh cuff is let go, lying",
        _greatest_outflow,
        "maximal venous outflow",
        "MVO",
    ),
    _measure(
        "share emptied in one second",
        "%",
        "of the blood that a thigh cuff held back in the calf, lying: what leaves in the first second",
        _emptying,
    ),
    _measure(
        "90 % emptying time",
        "s",
        "time in which 90 % of the blood that a thigh cuff held back leaves the calf, lying",
        _emptying_time,
    ),
    _measure(
        "capillary filtration coefficient",
        "mL/100 mL/min/mmHg",
        "rise of the calf's filtration with the pressure of a thigh cuff raised in steps, from 20 mmHg on",
        _filtration_coefficient,
    ),
    Measure(
        "calf compliance under suction",
        "mL/100 mL/mmHg",
        "slope of the straight line through calf volume against suction around the legs, lying, from none to the most",
        "strain_gauge",
        _under_suction,
        manoeuvre=SUCKED,
    ),
)
