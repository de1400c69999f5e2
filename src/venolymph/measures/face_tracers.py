"""Tracers under the skin of a face: how much is left where it was put, and by which way the rest went.

What leaves by lymph is taken up by initial lymphatics, and comes to blood at the venous angle hours later; what leaves
by blood passes the walls of capillaries. A little seeps into the tissue beside.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

import numpy as np
from jaxtyping import Array, Float

from venolymph.measures.face import compartments_at, face_places, head_of
from venolymph.measures.reading import Found, ManoeuvreMissingError, Measure, Recorded, Trace
from venolymph.measures.tissue_readings import exchange_array, record_ends

INSTRUMENT = "face_tracers"
Way = Literal["left", "lymph", "blood"]


def _injected(run: Recorded, tracer: str, at: np.ndarray) -> tuple[float, float]:
    """How much of a tracer was put into compartments, as far as they are among these, and when first, s.

    Raises:
        ManoeuvreMissingError: where none was put there.
    """
    amount, start = 0.0, np.inf
    for phase in run.phases:
        for one in phase.marks.injected:
            reached = head_of(run).reached_by(one)
            inside = len(set(reached) & set(at.tolist())) / len(reached)
            if one.tracer == tracer and inside > 0.0:
                amount, start = amount + inside * one.amount, min(start, float(phase.start))
    if not amount:
        raise ManoeuvreMissingError(
            f"no {tracer} tracer was put in there",
            hint=f"put a step such as `- inject: {{tracer: {tracer}, at: chin}}`",
        )
    return amount, start


def _share(run: Recorded, place: str, *, tracer: str, way: Way) -> Found:
    """Share of a tracer that is left at a place, or left it by lymph or by blood, %."""
    at, drainage = compartments_at(run, place), head_of(run)
    solute = drainage.topology.solutes.index(f"{tracer} tracer")
    amount, start = _injected(run, tracer, at)
    rows = record_ends(run) > start + 1e-6

    def rest(name: str, columns: np.ndarray) -> Float[Array, "records batch"]:
        return exchange_array(run, name)[rows][:, solute][:, columns].sum(axis=1)

    if way == "left":
        held = rest("tissue_content", at)
    elif way == "lymph":
        patches = np.array([number for number, one in enumerate(drainage.patches) if one.compartment in at])
        held = rest("uptake_solutes", patches).cumsum(axis=0)
    else:
        held = -rest("filtered_solutes", at).cumsum(axis=0)
    shares = 100.0 * held / amount
    return Found(shares[-1], Trace(record_ends(run)[rows], shares, "%"), {"injected at, s": start})


def _measure(tracer: str, way: Way, name: str, description: str) -> Measure:
    finder: Callable[..., Found] = partial(_share, tracer=tracer, way=way)
    return Measure(
        f"{tracer} tracer {name} {{place}}", "%", description, INSTRUMENT, finder, places=face_places, on="face"
    )


MEASURES = tuple(
    measure
    for tracer, what in (("small", "that blood and lymph take away"), ("large", "that lymph alone takes away"))
    for measure in (
        _measure(tracer, "left", "left in", f"of a tracer {what}: share still where it was put"),
        _measure(tracer, "lymph", "gone by lymph from", f"of a tracer {what}: share that initial lymphatics took up"),
        _measure(tracer, "blood", "gone by blood from", f"of a tracer {what}: share that capillaries took up"),
    )
)
