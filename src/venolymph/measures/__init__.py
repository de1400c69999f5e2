"""Instruments that read a run as a clinic reads a leg.

`measure(run, "VFI")` gives a `Reading`. Where the run does not hold the manoeuvre that a measure needs, it is
performed on a branch from the end of the run, and the run stays as it is. `measures()` lists what there is; a name
with `{place}` in it is asked with the place filled in: `"pressure at great saphenous, thigh"`. Instruments are put on
the index leg; where both legs are in full, `other leg: ` before a name puts them on the other, and `left leg: ` or
`right leg: ` on the one of that side.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from venolymph.errors import MeasureError, nearest
from venolymph.measures import (
    air_plethysmography,
    collapse,
    collectors,
    duplex,
    face,
    face_tracers,
    flows,
    limb_volume,
    lymph,
    lymphoscintigraphy,
    photoplethysmography,
    skin_colour,
    strain_gauge,
    tissue_fluid,
    valves,
    vein_pressure,
    volumes,
)
from venolymph.measures.detectability import Detectability, detectable, read_by_hand
from venolymph.measures.other_leg import OTHER, SeenFromOtherLeg
from venolymph.measures.reading import Found, ManoeuvreMissingError, Measure, Published, Reading, Recorded, Trace

__all__ = [
    "Detectability",
    "Found",
    "ManoeuvreMissingError",
    "Measure",
    "Published",
    "Reading",
    "Recorded",
    "Trace",
    "check_asked",
    "detectable",
    "find",
    "measure",
    "measures",
    "read_by_hand",
    "read_from",
]

_INSTRUMENTS = (
    vein_pressure,
    air_plethysmography,
    photoplethysmography,
    strain_gauge,
    duplex,
    volumes,
    flows,
    valves,
    collapse,
    limb_volume,
    tissue_fluid,
    lymph,
    collectors,
    lymphoscintigraphy,
    face,
    skin_colour,
    face_tracers,
)
_ALL = {measure.name: measure for instrument in _INSTRUMENTS for measure in instrument.MEASURES}
_PLAIN = {name.lower(): one for one in _ALL.values() if one.places is None for name in one.names}
_PLACED = [
    (re.compile(re.escape(one.name).replace(r"\{place\}", "(.+)"), re.IGNORECASE), one)
    for one in _ALL.values()
    if one.places is not None
]


def measures() -> dict[str, Measure]:
    """All measures by name, instrument by instrument."""
    return dict(_ALL)


_LEG = re.compile(r"\s*(other|left|right) leg\s*:\s*", re.IGNORECASE)


def find(name: str) -> tuple[Measure, str | None]:
    """The measure of a name or alias, and the place that the name asks for.

    Upper and lower case are alike, and the leg before a name (`other leg: `, `left leg: `) is passed over.

    Raises:
        MeasureError: where there is none; the hint names the nearest.
    """
    leg, wanted = _parted(name)
    prefix = f"{leg} leg: " if leg else ""
    if wanted.lower() in _PLAIN:
        return _PLAIN[wanted.lower()], None
    for pattern, one in _PLACED:
        match = pattern.fullmatch(wanted)
        if match:
            return one, match.group(1)
    every = [alias for one in _ALL.values() for alias in one.names]
    near = nearest(wanted, every)
    raise MeasureError(
        f"there is no measure named {name!r}",
        hint=f"did you mean {prefix + near!r}?" if near else "`venolymph measures` lists them",
    )


def check_asked(names: Iterable[str], legs: str, sides: Iterable[str]) -> None:
    """Refuse names of measures that there are none of, and those of a leg or face that is not simulated in full.

    Args:
        names: as for `measure`.
        legs: `one` or `both`: those that are simulated in full; `none` where it is a face.
        sides: of the index leg of each member (`left`, `right`).

    Raises:
        MeasureError: where one of them cannot be read.
    """
    sides = list(sides)
    for name in names:
        wanted, _ = find(name)
        wanted.check_part(legs)
        if _is_of_other_leg(name, lambda: sides) and legs != "both":
            raise MeasureError(
                f"the regimen asks for {name!r}, and only one leg is simulated in full",
                hint="simulate with legs='both' (`--both-legs`), or take that name out of the regimen",
            )


def measure(run: Recorded, name: str) -> Reading:
    """Reads a measure, on a branch of the run where it does not hold the manoeuvre.

    Args:
        run: the run.
        name: a measure's name or alias, with its place where it has one.

    Returns:
        One number for each member; `performed` names the manoeuvre that was done on a branch. The run keeps the branch
        among its `branches`, so that several measures share one.

    Raises:
        MeasureError: where there is no such measure or place, or the run lacks what cannot be performed.
    """
    seen, wanted, place = _asked(run, name)
    try:
        return _named(wanted.read(seen, place), seen)
    except ManoeuvreMissingError:
        if wanted.manoeuvre is None:
            raise
        if seen is not run:
            raise MeasureError(
                f"this run does not hold what {wanted.name!r} needs in the other leg, and it is not done there",
                hint="simulate it with that leg as the index leg",
            ) from None
    return replace(wanted.read(_performed(run, wanted), place), performed=str(wanted.manoeuvre_name))


def read_from(run: Recorded, name: str) -> Reading:
    """Reads a measure from a run as it is; no manoeuvre is performed.

    Raises:
        MeasureError: where there is no such measure or place, or the run does not hold it.
    """
    seen, wanted, place = _asked(run, name)
    return _named(wanted.read(seen, place), seen)


def _asked(run: Recorded, name: str) -> tuple[Recorded, Measure, str | None]:
    """The run as it is seen from the leg that a name asks for, the measure, and the place as the body writes it."""
    wanted, place = find(name)
    wanted.check_part(run.bodies[0].legs)
    seen: Any = SeenFromOtherLeg(run) if _is_of_other_leg(name, lambda: _sides(run)) else run
    if place is not None and wanted.places is not None:
        place = _written(place, wanted.places(seen))
    return seen, wanted, place


def _parted(name: str) -> tuple[str | None, str]:
    """The leg that a name asks for (`other`, `left`, `right`; None where it says none), and the rest of it."""
    wanted = " ".join(str(name).split())
    said = _LEG.match(wanted)
    return (said[1].lower(), wanted[said.end() :]) if said else (None, wanted)


def _is_of_other_leg(name: str, sides: Callable[[], Iterable[str]]) -> bool:
    """Whether a name asks for another leg than the index leg; `sides` gives where that is, member by member."""
    leg, _ = _parted(name)
    if leg is None or leg == "other":
        return leg is not None
    found = set(sides())
    if len(found) > 1:
        raise MeasureError(
            f"{name!r} names a side, and these people do not have the same index leg",
            hint=f"name it without a side, or with “{OTHER.strip()}” in front",
        )
    return leg not in found


def _sides(run: Recorded) -> list[str]:
    return [body.index_side for body in run.bodies]


def _named(reading: Reading, seen: Any) -> Reading:
    """A reading with the name that it was asked for by."""
    return replace(reading, name=OTHER + reading.name) if isinstance(seen, SeenFromOtherLeg) else reading


def _written(place: str, names: Iterable[str]) -> str:
    """A place as the body writes it, whatever its case; unknown ones are left to the instrument's message."""
    by_lower = {name.lower(): name for name in names}
    return by_lower.get(place.lower(), place)


def _performed(run: Recorded, wanted: Measure) -> Recorded:
    key = str(wanted.manoeuvre_name)
    if key not in run.branches:
        run.branches[key] = run.branch(wanted.manoeuvre)
    return run.branches[key]
