"""Flow into a leg through its arteries and out of it through its veins."""

from __future__ import annotations

import numpy as np

from venolymph.errors import MeasureError
from venolymph.measures.episodes import Episode, episodes, first_start, last, window
from venolymph.measures.other_leg import OTHER
from venolymph.measures.places import batch, beds_in, inside, topology, unknown
from venolymph.measures.reading import Found, Measure, Recorded, Trace
from venolymph.measures.recognise import REST, for_long, is_lying, is_sitting
from venolymph.measures.signals import interval_weights, weighted

PER_MINUTE = 60.0
BELOW_KNEE = ("foot", "ankle", "calf")
"""Regions that the popliteal artery feeds."""
OUTLET = ("common femoral", "external iliac")
"""The veins between which a leg's blood leaves it."""


def _mean(run: Recorded, values, episode: Episode) -> Found:
    weights = interval_weights(np.asarray(run.time), first_start(run), *window(run, episode))
    values = PER_MINUTE * values
    return Found(weighted(weights, values), Trace(np.asarray(run.time), values, "mL/min"))


def _below_knee(run: Recorded, episode: Episode) -> Found:
    return _mean(run, inside(run.mean_inflow, beds_in(run, BELOW_KNEE)), episode)


def _popliteal(run: Recorded) -> Found:
    return _below_knee(run, episodes(run)[-1])


def _popliteal_lying(run: Recorded) -> Found:
    return _below_knee(run, *last(run, f"lying flat for {REST:g} s", for_long(is_lying)))


def _popliteal_sitting(run: Recorded) -> Found:
    return _below_knee(run, *last(run, f"sitting for {REST:g} s", for_long(is_sitting)))


def _inflow(run: Recorded) -> Found:
    own = np.array([not name.startswith(OTHER) for name in topology(run).beds], float)
    return _mean(run, inside(run.mean_inflow, np.repeat(own[:, None], batch(run), 1)), episodes(run)[-1])


def _outflow(run: Recorded) -> Found:
    below, above = (set(run.bodies[0].segments[name].cells) for name in OUTLET)
    network = topology(run)
    through = np.zeros((network.n_faces, batch(run)))
    for face, (tail, head) in enumerate(zip(network.tail, network.head, strict=True)):
        if tail in below and head in above:
            through[face] = 1.0
    if not through.any():
        raise MeasureError(f"the body has no face from {OUTLET[0]!r} to {OUTLET[1]!r}")
    return _mean(run, inside(run.mean_flow, through), episodes(run)[-1])


def _beds(run: Recorded) -> list[str]:
    return [name for name in topology(run).beds if not name.startswith(OTHER)]


def _through(run: Recorded, place: str) -> Found:
    if place not in _beds(run):
        raise unknown("bed", place, _beds(run))
    shares = np.array([float(name == place) for name in topology(run).beds])
    return _mean(run, inside(run.mean_inflow, np.repeat(shares[:, None], batch(run), 1)), episodes(run)[-1])


MEASURES = (
    Measure(
        "blood flow through {place}",
        "mL/min",
        "what arteries bring to a bed of small vessels (`skin, foot`), mean over whole cycles of the last 20 s",
        "flows",
        _through,
        places=_beds,
        on="any",
    ),
    Measure(
        "arterial inflow",
        "mL/min",
        "blood that the arteries bring to the leg, mean over whole gait cycles of the last 20 s",
        "flows",
        _inflow,
        aliases=("flow in",),
    ),
    Measure(
        "venous outflow",
        "mL/min",
        "blood that leaves the leg through the common femoral vein, mean over whole gait cycles of the last 20 s",
        "flows",
        _outflow,
        aliases=("flow out",),
    ),
    Measure(
        "popliteal arterial flow",
        "mL/min",
        "blood that the arteries bring to the leg below the knee, mean over the last 20 s",
        "flows",
        _popliteal,
        aliases=("arterial flow below the knee",),
    ),
    Measure(
        "popliteal arterial flow lying",
        "mL/min",
        "arterial flow below the knee in the last 20 s of lying flat",
        "flows",
        _popliteal_lying,
        manoeuvre="lying",
    ),
    Measure(
        "popliteal arterial flow sitting",
        "mL/min",
        "arterial flow below the knee in the last 20 s of sitting with the legs hanging",
        "flows",
        _popliteal_sitting,
        manoeuvre="sitting",
    ),
)
