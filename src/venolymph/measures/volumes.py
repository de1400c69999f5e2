"""Blood in the parts of a leg."""

from __future__ import annotations

import numpy as np

from venolymph.measures.episodes import episodes, first_start, window
from venolymph.measures.places import inside, region_places, region_shares
from venolymph.measures.reading import Found, Measure, Recorded, Trace
from venolymph.measures.signals import interval_weights, plain, weighted

PARTS = ("foot", "ankle", "calf", "knee", "thigh")
"""Parts that a leg divides into without a rest and without overlap."""


def _in_region(run: Recorded, place: str) -> Found:
    values = inside(run.volume, region_shares(run, place))
    weights = interval_weights(np.asarray(run.time), first_start(run), *window(run, episodes(run)[-1]))
    return Found(weighted(weights, values), Trace(np.asarray(run.time), values, "mL"))


def _leg(run: Recorded) -> Found:
    found = {part: _in_region(run, part) for part in PARTS}
    values = plain(sum(part.trace.values for part in found.values() if part.trace))
    total = plain(sum(part.value for part in found.values()))
    trace = Trace(np.asarray(run.time), values, "mL")
    return Found(total, trace, {name: part.value for name, part in found.items()})


MEASURES = (
    Measure(
        "blood volume in {place}",
        "mL",
        "blood in the veins of a part of the leg, mean over the last 20 s",
        "volumes",
        _in_region,
        places=region_places,
    ),
    Measure(
        "leg blood volume",
        "mL",
        "blood in the veins of foot, ankle, calf, knee and thigh together, mean over the last 20 s",
        "volumes",
        _leg,
    ),
)
