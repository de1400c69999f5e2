"""A tracer under the skin: clearance, arrival at the nodes, and the front of a dye."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from venolymph.measures.other_leg import OTHER
from venolymph.measures.reading import Found, ManoeuvreMissingError, Measure, Recorded, Trace
from venolymph.measures.settings import setting
from venolymph.measures.signals import space
from venolymph.measures.tissue_readings import (
    cells_before,
    collectors_of,
    exchange_array,
    record_ends,
    territories,
    tissue,
)
from venolymph.steps.marks import Injection

HOUR = 3600.0
SEEN = setting("dye.seen")
"""Concentration at which a dye is seen, as a share of that at the place of injection, 1."""
FIRST = ("anteromedial", "anterolateral", "posteromedial", "posterolateral", "deep, calf")
"""Territories whose nodes are the first that lymph from under the skin of the leg reaches."""


def _injection(run: Recorded) -> tuple[Injection, float]:
    """The last tracer injected, and the time of injection, s."""
    tissue(run)
    for phase in reversed(run.phases):
        for one in reversed(phase.marks.injected):
            return one, float(phase.start)
    raise ManoeuvreMissingError("no tracer was put in", hint="put a step such as `- inject: {tracer: large, at: foot}`")


def _place(run: Recorded, one: Injection) -> np.ndarray:
    """Numbers of the compartments that a tracer was put into."""
    leg = tissue(run).legs[0]
    return np.asarray(leg.under_skin(one.at, one.side, leg.leg_on(one.leg)))


def _solute(run: Recorded, one: Injection) -> int:
    return tissue(run).layout.topology.solutes.index(f"{one.tracer} tracer")


def _since(run: Recorded, start: float) -> slice:
    return slice(int(np.searchsorted(record_ends(run), start + 1e-6)), None)


def _left(run: Recorded) -> Found:
    """Tracer left at the place of injection, % of the amount injected."""
    one, start = _injection(run)
    at = _place(run, one)
    held = exchange_array(run, "tissue_content")[_since(run, start), _solute(run, one)][:, at].sum(axis=1)
    share = 100.0 * held / one.amount
    return Found(share[-1], Trace(record_ends(run)[_since(run, start)], share, "%"), {"injected at, s": start})


def _gone(run: Recorded) -> Found:
    left = _left(run)
    return Found(100.0 - left.value, left.trace, left.parts)


def _clearance(run: Recorded) -> Found:
    """Rate constant of clearance: slope of a line through the logarithm of the tracer left, from 100 % at the start."""
    left = _left(run)
    assert left.trace is not None
    hours = (left.trace.time - left.parts["injected at, s"]) / HOUR
    logs = space(left.trace.values).log(left.trace.values / 100.0)
    slope = space(logs).einsum("n,nb->b", hours, logs) / float(hours @ hours)
    return Found(-100.0 * slope, left.trace)


def _nodes(run: Recorded) -> Found:
    """Tracer that has reached the first nodes, with what has left them again, %."""
    one, start = _injection(run)
    prefix = OTHER if tissue(run).legs[0].leg_on(one.leg) == "other" else ""
    last = cells_before(run) + np.array([collectors_of(run, prefix + name)[-1] for name in FIRST])
    came = exchange_array(run, "passed_solutes")[_since(run, start), _solute(run, one)][:, last].sum(axis=1)
    share = 100.0 * came.cumsum(axis=0) / one.amount
    return Found(share[-1], Trace(record_ends(run)[_since(run, start)], share, "%"))


def _front(run: Recorded, place: str) -> Found:
    """Upper end of the highest stretch of a territory's collectors in which the dye is seen."""
    one, start = _injection(run)
    vessels, solute, legs = np.asarray(collectors_of(run, place)), _solute(run, one), tissue(run).legs
    at = cells_before(run) + vessels
    rows = _since(run, start)
    density = np.asarray(exchange_array(run, "lymph_content"))[rows, solute][:, at]
    density = density / np.asarray(exchange_array(run, "lymph_volume"))[rows][:, at]
    where = _place(run, one)
    depot = one.amount / np.asarray(exchange_array(run, "tissue_volume"))[rows][0][where].sum(axis=0)
    tops = np.stack([leg.extents[vessels, 1] for leg in legs], axis=-1)
    highest = np.where(density >= SEEN * depot, tops[None], -np.inf).max(axis=1)
    front: Any = np.where(np.isfinite(highest), highest, np.nan)
    return Found(front[-1], Trace(record_ends(run)[rows], front, "cm"))


def _arrival(run: Recorded, place: str) -> Found:
    """When the dye is first seen in the last vessel of a territory's collectors."""
    _, start = _injection(run)
    front = _front(run, place).trace
    assert front is not None
    top = np.array([leg.extents[collectors_of(run, place)[-1], 1] for leg in tissue(run).legs])
    reached = np.asarray(front.values) >= top - 1e-6
    seen: Any = np.where(reached.any(axis=0), front.time[reached.argmax(axis=0)] - start, np.nan)
    return Found(seen, front, {"distance, cm": top})


def _speed(run: Recorded, place: str) -> Found:
    """Distance from the middle of the place of injection to the nodes over the time of arrival, cm/min."""
    one, _ = _injection(run)
    arrival = _arrival(run, place)
    lower = np.array([sum(leg.parts[one.at]) / 2 for leg in tissue(run).legs])
    return Found(60.0 * (arrival.parts["distance, cm"] - lower) / arrival.value, arrival.trace)


_SCAN = {
    "kind": "regimen",
    "version": 1,
    "regimen": "a colloid in the foot, two hours lying",
    "steps": [
        {"lie": {"for": "1 min"}},
        {"inject": {"tracer": "large", "at": "foot", "side": "front"}},
        {"wait": {"for": "2 h"}},
    ],
}


def _measure(name: str, unit: str, description: str, finder: Callable[..., Found], **more: Any) -> Measure:
    return Measure(name, unit, description, "lymphoscintigraphy", finder, manoeuvre=_SCAN, **more)


MEASURES = (
    _measure("tracer left", "%", "part of the last tracer put in that is still in the tissue it was put into", _left),
    _measure(
        "tracer clearance",
        "%/h",
        "rate constant at which the last tracer put in leaves the tissue it was put into",
        _clearance,
    ),
    _measure(
        "tracer at nodes",
        "%",
        "part of the last tracer put in that lymph has brought to the first nodes",
        _nodes,
        aliases=("node uptake",),
    ),
    _measure(
        "front of dye in {place}",
        "cm",
        "height above the malleolus that the last tracer put in is seen up to in a territory's collectors",
        _front,
        places=territories,
        differentiable=False,
    ),
    _measure("tracer gone", "%", "part of the last tracer put in that has left the tissue it was put into", _gone),
    _measure(
        "time of dye to nodes through {place}",
        "s",
        "time after which the last tracer put in is seen at the end of a territory's collectors",
        _arrival,
        places=territories,
        differentiable=False,
    ),
    _measure(
        "tracer speed through {place}",
        "cm/min",
        "distance from the place of injection to the nodes of a territory over the time after which it is seen there",
        _speed,
        places=territories,
        differentiable=False,
    ),
)
