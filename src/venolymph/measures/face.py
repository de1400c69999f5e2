"""Face, head and neck: fluid and thickness of tissue by region, blood in jugular veins, lymph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Array, Float

from venolymph.errors import MeasureError
from venolymph.measures.episodes import first_start
from venolymph.measures.limb_volume import blood_within
from venolymph.measures.places import topology, unknown
from venolymph.measures.reading import Found, Measure, Recorded, Trace
from venolymph.measures.settings import setting
from venolymph.measures.signals import interval_weights, plain, weighted
from venolymph.measures.tissue_readings import at_end, exchange_array, rate, tissue

INSTRUMENT = "face"
SMALL = "small veins, "
FACE, HEAD = "face", "head and neck"
BEYOND = ("ear and mastoid", "scalp, back", "neck, front", "neck, side")
"""Regions of head and neck that are not the face."""
JUGULAR, VERTEBRAL = "internal jugular", ("vertebral plexus", "epidural plexus")
SITE = setting("jugular.site")
"""Where pressure in the internal jugular vein is read: height above the right atrium with the head upright, cm."""
DERMIS = setting("dermis.fluid")
"""Share of fluid in the dermis, 1."""
PER_MINUTE = 60.0


def _check_head(run: Recorded) -> None:
    """Refuse a run of a leg.

    Raises:
        MeasureError: where it is one.
    """
    if run.bodies[0].legs != "none":
        raise MeasureError("this run is of a leg, not of a face", hint="simulate a regimen with `body: face`")


def head_of(run: Recorded) -> Any:
    """Tissue and lymph of a head.

    Raises:
        MeasureError: where a leg was simulated, or no tissue.
    """
    _check_head(run)
    return tissue(run).legs[0]


def face_places(run: Recorded) -> list[str]:
    """`face`, `head and neck`, their regions and groups of them (`cheek`), of both sides or with one's name before."""
    drainage = head_of(run)
    regions = dict.fromkeys(name for one in drainage.compartments for name in (one.region, one.region.split(", ")[0]))
    whole = [FACE, HEAD, *regions]
    return [*whole, *(f"{side} {name}" for side in drainage.sides for name in whole)]


def compartments_at(run: Recorded, place: str) -> np.ndarray:
    """Numbers of the compartments at a place."""
    drainage = head_of(run)
    if place not in face_places(run):
        raise unknown("place of the face", place, face_places(run))
    side = next((one for one in ("left", "right") if place.startswith(f"{one} ")), None)
    name = place.removeprefix(f"{side} ") if side else place

    if name not in (FACE, HEAD):
        return np.array(drainage.within(name, side))
    every = enumerate(drainage.compartments)
    return np.array([i for i, one in every if side in (None, one.side) and (name == HEAD or one.region not in BEYOND)])


def halves(run: Recorded, place: str = FACE) -> float:
    """How many halves of the head one half that was simulated stands for at a place: 2 where both are meant."""
    named = place.startswith(("left ", "right "))
    return 1.0 if named else _both(run)


def _gained(run: Recorded, at: np.ndarray) -> Float[Array, "records places batch"]:
    """Tissue fluid beyond that at v = 1, mL."""
    rest = plain(tissue(run).parameters.tissue.volume)
    return (exchange_array(run, "tissue_volume") - rest[None])[:, at]


def _swelling(run: Recorded, place: str) -> Found:
    """Fluid gained since the first record of the run, mL."""
    gained = _gained(run, compartments_at(run, place)).sum(axis=1)
    return at_end(run, halves(run, place) * (gained - gained[:1]), "mL")


def _fluid(run: Recorded, place: str) -> Found:
    return at_end(
        run, halves(run, place) * exchange_array(run, "tissue_volume")[:, compartments_at(run, place)].sum(axis=1), "mL"
    )


def _blood(run: Recorded, at: np.ndarray) -> Float[Array, "records batch"]:
    """Blood in the small veins of compartments beyond that of slack ones, mean over each record, mL."""
    drainage, cells = head_of(run), topology(run).cells
    shares = np.zeros((len(cells), len(run.members)))
    for number in at:
        one = drainage.compartments[number]
        shares[cells.index(f"{one.side} {SMALL}{one.region}")] = 1.0
    return blood_within(run, shares)


def _thickness(run: Recorded, place: str) -> Found:
    """Mean from the skin to bone or deep fascia, by area, mm: tissue with its fluid, and blood in small veins."""
    at = compartments_at(run, place)
    areas = np.array([head_of(run).compartments[number].area_cm2 for number in at])
    thick = np.array([head_of(run).compartments[number].thickness_cm for number in at])
    fluid, blood = _gained(run, at).sum(axis=1), _blood(run, at)
    whole = (areas * thick).sum() + fluid + blood
    return at_end(run, 10.0 * whole / areas.sum(), "mm", fluid=fluid[-1], blood=blood[-1])


def _thickening(run: Recorded, place: str) -> Found:
    """Of a place's regions the one that thickened most since the first record, mm."""
    regions = [_thickness(run, head_of(run).compartments[number].name).trace for number in compartments_at(run, place)]
    gained = np.max([one.values - one.values[:1] for one in regions if one is not None], axis=0)
    return at_end(run, gained, "mm")


def _dermis(run: Recorded, place: str) -> Found:
    """Mean thickness of epidermis and dermis, by area, mm: their fluid swells as that of the whole layer does."""
    at = compartments_at(run, place)
    areas = np.array([head_of(run).compartments[number].area_cm2 for number in at])
    dermis = np.array([head_of(run).compartments[number].dermis_cm for number in at])
    rest = plain(tissue(run).parameters.tissue.volume)[at]
    swollen = 1.0 + DERMIS * _gained(run, at) / rest[None]
    whole = ((areas * dermis)[None, :, None] * swollen).sum(axis=1)
    thick = np.array([head_of(run).compartments[number].thickness_cm for number in at])
    # blood of small veins lies in the dermis as much as below it, by thickness
    blood = _blood(run, at) * (areas * dermis).sum() / (areas * thick).sum()
    return at_end(run, 10.0 * (whole + blood) / areas.sum(), "mm")


def _mean_of(name: str, unit: str) -> Callable[[Recorded, str], Found]:
    """A quantity of compartments at a place, mean by fluid at rest."""

    def read(run: Recorded, place: str) -> Found:
        at = compartments_at(run, place)
        weights = plain(tissue(run).parameters.tissue.volume)[at]
        values = (exchange_array(run, name)[:, at] * weights[None]).sum(axis=1) / weights.sum(axis=0)
        return at_end(run, values, unit)

    return read


def _jugular_faces(run: Recorded, names: Sequence[str], first: bool) -> np.ndarray:
    """Faces into the first cell, or out of the last one, of veins of these names, shape (faces, one)."""
    network = topology(run)
    found = np.zeros((network.n_faces, 1))
    for name, segment in run.bodies[0].segments.items():
        if name.split(" ", 1)[1] not in names:
            continue
        cell = segment.cells[0 if first else -1]
        own = set(segment.cells)
        ends = zip(network.tail, network.head, strict=True)
        for face, (tail, head) in enumerate(ends):
            if first and head == cell and tail not in own:
                found[face] = 1.0
            if not first and tail == cell and head not in own:
                found[face] = 1.0
    return found


def _last_minute(run: Recorded, values: Float[Array, "samples batch"]) -> Float[Array, " batch"]:
    """Mean over the last minute of the run, some fifteen breaths."""
    stop = float(run.time[-1])
    weights = interval_weights(np.asarray(run.time), first_start(run), max(first_start(run), stop - 60.0), stop)
    return weighted(weights, values)


def _flow_of(names: Sequence[str], *, first: bool) -> Callable[[Recorded], Found]:
    def read(run: Recorded) -> Found:
        _check_head(run)
        through = _jugular_faces(run, names, first)
        values = _both(run) * PER_MINUTE * (plain(run.mean_flow) * through[None]).sum(axis=1)
        return Found(_last_minute(run, values), Trace(np.asarray(run.time), values, "mL/min"))

    return read


def _both(run: Recorded) -> float:
    """How many halves one half that was simulated stands for."""
    return 2.0 if len(run.bodies[0].body_regions) == 1 else 1.0


def _jugular_pressure(run: Recorded) -> Found:
    """Pressure in the left internal jugular vein in the middle of the neck, mmHg."""
    _check_head(run)
    segment = run.bodies[0].segments[f"left {JUGULAR}"]
    cell = segment.cells[int(np.argmin(np.abs(np.array(segment.heights) - SITE)))]
    values = plain(run.mean_pressure)[:, cell]
    return Found(_last_minute(run, values), Trace(np.asarray(run.time), values, "mmHg"))


def _taken_up(run: Recorded, place: str) -> Found:
    drainage, at = head_of(run), set(compartments_at(run, place).tolist())
    patches = np.array([number for number, one in enumerate(drainage.patches) if one.compartment in at])
    return rate(run, halves(run, place) * exchange_array(run, "uptake")[:, patches].sum(axis=1))


def _returned(run: Recorded) -> Found:
    return rate(run, halves(run) * exchange_array(run, "at_venous_angle"))


def _measure(name: str, unit: str, description: str, finder: Callable[..., Found], *aliases: str) -> Measure:
    placed = "{place}" in name
    places = face_places if placed else None
    return Measure(name, unit, description, INSTRUMENT, finder, aliases=aliases, places=places, on="face")


MEASURES = (
    _measure("face fluid at {place}", "mL", "tissue fluid of a part of face, head and neck, of both sides", _fluid),
    _measure(
        "face swelling at {place}",
        "mL",
        "tissue fluid that a part of face, head and neck gained since the run began",
        _swelling,
    ),
    _measure("thickness at {place}", "mm", "from the skin to bone or deep fascia, mean by area", _thickness),
    _measure(
        "largest thickening at {place}",
        "mm",
        "thickness that the region which gained most has gained since the first record",
        _thickening,
    ),
    _measure("dermis at {place}", "mm", "thickness of epidermis and dermis, mean by area", _dermis),
    _measure(
        "tissue pressure at {place}",
        "mmHg",
        "pressure of tissue fluid of the face",
        _mean_of("tissue_pressure", "mmHg"),
    ),
    _measure("oncotic pressure at {place}", "mmHg", "of tissue fluid of the face", _mean_of("tissue_oncotic", "mmHg")),
    _measure(
        "face capillary pressure at {place}", "mmHg", "mean in the capillaries", _mean_of("capillary_pressure", "mmHg")
    ),
    _measure(
        "jugular flow",
        "mL/min",
        "flow into both internal jugular veins from the skull",
        _flow_of((JUGULAR,), first=False),
    ),
    _measure(
        "vertebral flow", "mL/min", "flow into the plexus around and in the spine", _flow_of(VERTEBRAL, first=True)
    ),
    _measure(
        "jugular pressure", "mmHg", "in the left internal jugular vein, in the middle of the neck", _jugular_pressure
    ),
    _measure(
        "face lymph formed at {place}", "mL/h", "fluid taken up by initial lymphatics, mean of ten minutes", _taken_up
    ),
    _measure(
        "face lymph returned to blood",
        "mL/h",
        "lymph of head and neck that enters blood, mean of ten minutes",
        _returned,
    ),
)
