"""Volume of the leg, true and by tape, and girths: tissue and blood together."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Array, Float

from venolymph.errors import MeasureError
from venolymph.measures.episodes import STAYING, Episode, episodes, first_start, samples
from venolymph.measures.places import inside, parameters, region_shares, topology
from venolymph.measures.reading import Found, ManoeuvreMissingError, Measure, Recorded, Trace
from venolymph.measures.settings import setting
from venolymph.measures.signals import crossing_time, interpolate, plain, space
from venolymph.measures.tissue_readings import (
    at_end,
    exchange_array,
    limb_places,
    of_index_leg,
    parts_of,
    parts_within,
    record_durations,
    record_ends,
    tissue,
)
from venolymph.units import quantity

FIRST = setting("first_minutes")
"""How long veins fill or empty after a change of posture, s; what comes later is tissue fluid."""
STEP = setting("tape.step")
"""Distance between tape lines, cm."""
ERROR = setting("tape.error")
"""A rater's standard error, % of volume."""
DETECTABLE = setting("detectable.tape_volume")
"""Smallest change of tape volume that exceeds the error, %."""
SLOW = (setting("slow_change.begin"), setting("slow_change.end"))
"""Begin and end of the time in which a slow change is read, s after a posture or a walk began."""


def blood(run: Recorded, part: str) -> Float[Array, "records batch"]:
    """Blood in a part of the leg beyond that of slack veins, mean over each record, mL."""
    return blood_within(run, region_shares(run, part))


def blood_within(run: Recorded, shares: np.ndarray) -> Float[Array, "records batch"]:
    """The same for shares of the cells, shape (cells, batch)."""
    held = inside(run.mean_volume, shares) - np.sum(shares * plain(parameters(run).cells.unstressed_volume), axis=0)
    steps = np.diff(np.asarray(run.time), prepend=first_start(run))[:, None]
    xp = space(held)
    through = xp.concatenate([0.0 * held[:1], xp.cumsum(held * steps, axis=0)])
    at = interpolate(np.concatenate([[first_start(run)], run.time]), through, np.r_[first_start(run), record_ends(run)])
    return xp.diff(at, axis=0) / record_durations(run)[:, None]


def fluid(run: Recorded, numbers: tuple[int, ...]) -> Float[Array, "records batch"]:
    """Tissue fluid in some compartments beyond that at v = 1, mL."""
    rest = plain(tissue(run).parameters.tissue.volume)
    return (exchange_array(run, "tissue_volume") - rest[None])[:, np.asarray(numbers)].sum(axis=1)


def limb_volume(run: Recorded, place: str) -> Float[Array, "records batch"]:
    """Volume of a part of the leg over time, bone and all, mL."""
    legs = tissue(run).legs
    parts = parts_within(run, place)
    whole: Any = np.array([sum(leg.bulk[part] for part in parts) for leg in legs])
    return whole + sum(blood(run, part) + fluid(run, legs[0].within(part)) for part in parts)


def _volume(run: Recorded, place: str) -> Found:
    parts = {part: limb_volume(run, part)[-1] for part in parts_within(run, place)}
    return at_end(run, limb_volume(run, place), "mL", **parts)


# ------------------------------------------------------------------ tape


def _sections(run: Recorded) -> tuple[list[np.ndarray], Float[Array, "records slabs batch"]]:
    """Heights of the middles of the slabs of each member, cm, and cross-sections there, cm2.

    The cross-section of the leg at rest goes straight from the middle of one part to that of the next.
    """
    legs, parts = tissue(run).legs, parts_of(run)
    own = {i: legs[0].compartments[i] for i in of_index_leg(legs[0].compartments)}
    skin = {i: (c.region, c.lower, c.upper) for i, c in own.items() if c.tissue == "subcutis"}
    slabs = list(dict.fromkeys(skin.values()))
    numbers = [tuple(i for i, at in skin.items() if at == slab) for slab in slabs]
    first = [n[0] for n in numbers]
    middles = [np.array([0.5 * (leg.compartments[i].lower + leg.compartments[i].upper) for i in first]) for leg in legs]
    tall = np.array([[leg.compartments[i].upper - leg.compartments[i].lower for leg in legs] for i in first])
    part_tall = {part: np.array([leg.parts[part][1] - leg.parts[part][0] for leg in legs]) for part in parts}
    rest = []
    for leg, heights in zip(legs, middles, strict=True):
        at = [sum(leg.parts[part]) / 2 for part in parts]
        areas = [leg.bulk[part] / (leg.parts[part][1] - leg.parts[part][0]) for part in parts]
        rest.append(np.interp(heights, at, areas))
    within = {part: (blood(run, part) + fluid(run, legs[0].within(part, "muscle"))) / part_tall[part] for part in parts}
    grown = [
        fluid(run, n) / tall[row] + within[slab[0]] for row, (slab, n) in enumerate(zip(slabs, numbers, strict=True))
    ]
    xp = space(*grown)
    return middles, xp.stack(grown, axis=1) + np.stack(rest, axis=1)[None]


def _girths(run: Recorded, heights: list[np.ndarray]) -> list[Float[Array, "records lines"]]:
    """Girth of each member at heights above the malleolus, cm."""
    middles, sections = _sections(run)
    found = []
    for member, (at, lines) in enumerate(zip(middles, heights, strict=True)):
        # straight between the middles of slabs: each line takes from the slab below and the one above
        shares = np.stack([np.interp(lines, at, row) for row in np.eye(len(at))], axis=1)
        area = space(sections).einsum("ns,ls->nl", sections[:, :, member], shares)
        found.append(space(area).sqrt(4.0 * math.pi * area))
    return found


def _lines(run: Recorded) -> list[np.ndarray]:
    """Tape lines from the malleolus to the groin, cm above the malleolus."""
    return [np.arange(0.0, leg.parts["thigh"][1] + 1e-9, STEP) for leg in tissue(run).legs]


def cones(girths: Float[Array, "records lines"], step: float = STEP) -> Float[Array, " records"]:
    """Volume of a pile of cut-off cones between girths, mL: h (C1^2 + C1 C2 + C2^2) / (12 pi) for each."""
    below, above = girths[..., :-1], girths[..., 1:]
    return step / (12.0 * math.pi) * (below**2 + below * above + above**2).sum(axis=-1)


def _tape(run: Recorded) -> Found:
    lines = _lines(run)
    girths = _girths(run, lines)
    xp = space(*girths)
    volume = xp.stack([cones(of) for of in girths], axis=1)
    return at_end(
        run,
        volume,
        "mL",
        girths=[of[-1] for of in girths],
        heights=lines,
        **{"standard error, mL": volume[-1] * ERROR / 100, "smallest change seen, mL": volume[-1] * DETECTABLE / 100},
    )


def _girth(run: Recorded, place: str) -> Found:
    """At the middle of a part of the leg, or at a height such as `20 cm`."""
    legs = tissue(run).legs
    if place[:1].isdigit():
        height = quantity(place, "cm", example="20 cm")
        for leg in legs:
            if not 0.0 <= height <= leg.parts["thigh"][1]:
                raise MeasureError(
                    f"there is no leg {place} above the malleolus",
                    hint=f"the tape reaches from 0 to {leg.parts['thigh'][1]:.0f} cm",
                )
        lines = [np.array([height]) for _ in legs]
    else:
        (part,) = parts_within(run, place)
        lines = [np.array([sum(leg.parts[part]) / 2]) for leg in legs]
    girths = _girths(run, lines)
    return at_end(run, space(*girths).concatenate(girths, axis=1), "cm")


# ------------------------------------------------------------------ slow changes


def _lasting(episode: Episode) -> bool:
    steady = episode.kind in (STAYING, "walk", "run") and not episode.cuffs
    return steady and episode.duration >= SLOW[1] - 1e-6


def _slow(run: Recorded, place: str) -> Found:
    """Slope of a straight line through the volume, % of it a minute."""
    found = [episode for episode in episodes(run) if _lasting(episode)]
    if not found:
        raise ManoeuvreMissingError(
            f"the run holds no posture or walk of {SLOW[1] / 60:g} min", hint="simulate `- stand: {for: 15 min}`"
        )
    start = found[-1].start
    volume, time = limb_volume(run, place), record_ends(run)
    at = np.flatnonzero((time > start + SLOW[0]) & (time <= start + SLOW[1] + 1e-6))
    since = (time[at] - time[at].mean()) / 60.0
    slope = space(volume).einsum("n,nb->b", since, volume[at]) / float(since @ since)
    return Found(100.0 * slope / volume[at].mean(axis=0), Trace(time, volume, "mL"))


# ------------------------------------------------------------------ after a change of posture


def _since_posture(run: Recorded) -> float:
    """When the last posture was taken up, s."""
    return episodes(run)[-1].start


def _made_good(time: np.ndarray, values: Any, share: float, start: float) -> Any:
    """Time after which a trace has made a share of its change from the first value to the last, s."""
    change = values - values[0]
    rising = space(change).sign(change[-1]) * change
    return crossing_time(time, rising, share * rising[-1]) - start


def _emptying_constant(run: Recorded, place: str) -> Found:
    """Time in which blood volume makes all but 1/e of its change in the first two minutes, s."""
    start = _since_posture(run)
    at = samples(run, start, start + FIRST)
    shares = sum(np.asarray(region_shares(run, part)) for part in parts_within(run, place))
    values, time = inside(run.volume, np.asarray(shares))[at], np.asarray(run.time)[at]
    return Found(_made_good(time, values, 1.0 - math.exp(-1.0), start), Trace(time - start, values, "mL"))


def _drainage_constant(run: Recorded, place: str) -> Found:
    """The time constant of the exponential that fits the volume best from two minutes on."""
    start, time = _since_posture(run), record_ends(run)
    at = time > start + FIRST
    since = (time[at] - start) / 60.0
    values: Any = np.asarray(plain(limb_volume(run, place)))[at]
    tried = np.geomspace(1.0, 600.0, 400)
    missed = []
    for constant in tried:
        terms = np.stack([np.ones_like(since), np.exp(-since / constant)], axis=1)
        missed.append(((values - terms @ np.linalg.lstsq(terms, values, rcond=None)[0]) ** 2).sum(axis=0))
    best: Any = tried[np.argmin(missed, axis=0)]
    return Found(best, Trace(time[at] - start, values, "mL"))


def _half_time(run: Recorded, place: str) -> Found:
    """Tissue fluid alone, from the last posture to the run's end."""
    start, time = _since_posture(run), record_ends(run)
    at = time >= start - 1e-6
    legs, parts = tissue(run).legs, parts_within(run, place)
    values: Any = sum(fluid(run, legs[0].within(part)) for part in parts)
    seconds = _made_good(time[at], values[at], 0.5, start)
    return Found(seconds / 60.0, Trace(time[at] - start, values[at], "mL"))


def _layer(tissue_kind: str) -> Callable[[Recorded, str], Found]:
    """A layer of a part of the leg with its fluid and the blood in its veins, as a section shows it."""

    def read(run: Recorded, place: str) -> Found:
        legs, parts, own = tissue(run).legs, parts_within(run, place), tissue_kind == "subcutis"
        outer = np.zeros(topology(run).n_cells)
        for segment in run.bodies[0].segments.values():
            if segment.kind in ("superficial", "tributary") or segment.name.startswith("skin"):
                outer[list(segment.cells)] = 1.0
        values: Any = 0.0
        for part in parts:
            solid = np.array([sum(leg.compartments[i].volume for i in leg.within(part, tissue_kind)) for leg in legs])
            within = (outer if own else 1.0 - outer)[:, None] * region_shares(run, part)
            values = values + solid + fluid(run, legs[0].within(part, tissue_kind)) + blood_within(run, within)
        return at_end(run, values, "mL")

    return read


def _whole(run: Recorded) -> list[str]:
    return parts_of(run)


MEASURES = (
    Measure(
        "volume of {place}",
        "mL",
        "a part of the leg, tissue, blood, bone and all, at the end of the run",
        "limb_volume",
        _volume,
        places=limb_places,
    ),
    Measure(
        "tape volume",
        "mL",
        "the leg from malleolus to groin as a pile of cones between girths 4 cm apart, with a rater's error beside it",
        "limb_volume",
        _tape,
    ),
    Measure(
        "girth at {place}",
        "cm",
        "around the middle of a part of the leg, or at a height above the malleolus such as `20 cm`",
        "limb_volume",
        _girth,
        places=_whole,
    ),
    Measure(
        "slow change of {place}",
        "%/min",
        "slope of its volume from minute 5 to 15 of the last posture or walk that lasts so long",
        "limb_volume",
        _slow,
        places=limb_places,
    ),
    Measure(
        "muscle volume of {place}",
        "mL",
        "muscle of a part of the leg with its fluid and the blood in its veins, as a section shows it, at the end",
        "limb_volume",
        _layer("muscle"),
        places=limb_places,
    ),
    Measure(
        "fat volume of {place}",
        "mL",
        "skin and subcutis of a part of the leg with their fluid and the blood in their veins, at the end",
        "limb_volume",
        _layer("subcutis"),
        places=limb_places,
    ),
    Measure(
        "emptying time constant of {place}",
        "s",
        "after the last change of posture: time for 63 % of the change of blood in the first two minutes",
        "limb_volume",
        _emptying_constant,
        places=limb_places,
    ),
    Measure(
        "drainage time constant of {place}",
        "min",
        "after the last change of posture: time constant of the volume's course from the second minute on",
        "limb_volume",
        _drainage_constant,
        differentiable=False,
        places=limb_places,
    ),
    Measure(
        "half time of tissue water in {place}",
        "min",
        "after the last change of posture: time for half of the change of tissue fluid until the run's end",
        "limb_volume",
        _half_time,
        places=limb_places,
    ),
)
