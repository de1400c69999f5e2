"""Collectors as near-infrared imaging and cuffs show them: contractions, packets, the pressure they pump against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from venolymph.measures.other_leg import SeenFromOtherLeg
from venolymph.measures.reading import Found, Measure, Recorded, Trace
from venolymph.measures.settings import setting
from venolymph.measures.signals import plain, space, weighted
from venolymph.measures.tissue_readings import (
    cells_before,
    collectors_of,
    exchange_array,
    recent_weights,
    record_durations,
    record_ends,
    territories,
    tissue,
)
from venolymph.network.lymphangion import wall

PER_MINUTE = 60.0
OCCLUDED = setting("pump.occluded")
"""Time for which outflow is blocked before the pressure is read, s."""
BLOCKED = "outflow of lymph shut"


def _middle(run: Recorded, place: str) -> int:
    vessels = collectors_of(run, place)
    return vessels[len(vessels) // 2]


def _frequency(run: Recorded, place: str) -> Found:
    """Contractions of the middle lymphangion of a territory, which every wave passes, 1/min."""
    begun = exchange_array(run, "contractions")[:, _middle(run, place)]
    rates = begun * (PER_MINUTE / record_durations(run))[:, None]
    return Found(weighted(recent_weights(run), rates), Trace(record_ends(run), rates, "1/min"))


def _ejection(run: Recorded, place: str) -> Found:
    """Mean of the ejection fractions of all contractions along the collectors."""
    at = np.asarray(collectors_of(run, place))
    within = recent_weights(run) / record_durations(run)
    ejected, ended = (
        weighted(within, exchange_array(run, name)[:, at].sum(axis=1)) for name in ("ejected", "contractions")
    )
    xp = space(ejected)
    return Found(100.0 * xp.where(ended > 0.0, ejected / xp.where(ended > 0.0, ended, 1.0), np.nan))


def _velocity(run: Recorded, place: str) -> Found:
    """Distance between neighbours over the time between their onsets, for neighbours that one wave passed last."""
    at = np.asarray(collectors_of(run, place))
    cells = tissue(run).parameters.lymphangions
    since = np.asarray(exchange_array(run, "since_contraction"))[recent_weights(run) > 0.0][:, at]
    length = np.asarray(plain(cells.length))[at]
    apart = 0.5 * (length[1:] + length[:-1])
    later = np.abs(np.diff(since, axis=1))
    same = (later > 1e-3) & (later < np.asarray(plain(cells.contraction_time))[at][1:])
    speed = np.where(same, apart / np.where(same, later, 1.0), np.nan)
    flat = speed.reshape(-1, speed.shape[-1])
    found: Any = np.array([np.nanmedian(of) if np.isfinite(of).any() else np.nan for of in flat.T])
    return Found(found)


# ------------------------------------------------------------------ pressure


def _blocked(run: Recorded) -> Recorded:
    """Continue the run lying, with the outflow of all collectors blocked."""
    branches = run.branches
    if BLOCKED not in branches:
        same: Any = run.seen if isinstance(run, SeenFromOtherLeg) else run
        own = tissue(same)
        last = cells_before(same) + np.array([collectors_of(same, name)[-1] for name in territories(same)])
        valves = own.parameters.valves
        shut = replace(valves, open=valves.open.at[last].set(0.0))
        parameters = replace(own.parameters, valves=shut)
        branches[BLOCKED] = replace(same, tissue=replace(own, parameters=parameters), branches={}).branch(
            {"kind": "regimen", "version": 1, "regimen": BLOCKED, "steps": [{"lie": {"for": f"{OCCLUDED:g} s"}}]}
        )
    return branches[BLOCKED]


def _pump(run: Recorded, place: str) -> Found:
    """Highest pressure of the last lymphangion in contractions against blocked outflow, mmHg."""
    last = collectors_of(run, place)[-1]
    blocked = _blocked(run)
    cells = jax.tree.map(lambda leaf: leaf[last], tissue(run).parameters.lymphangions)
    volume = exchange_array(blocked, "lymph_volume")[:, cells_before(run) + last]
    peak = plain(wall(cells, jnp.asarray(volume), jnp.ones_like(volume))[0])
    slack = exchange_array(blocked, "lymph_pressure")[:, cells_before(run) + last]
    within = recent_weights(blocked)
    return Found(
        weighted(within, peak), Trace(record_ends(blocked), peak, "mmHg"), {"mean, mmHg": weighted(within, slack)}
    )


def _measure(name: str, unit: str, description: str, finder: Callable[..., Found], **more: Any) -> Measure:
    return Measure(name, unit, description, "collectors", finder, places=territories, differentiable=False, **more)


MEASURES = (
    _measure(
        "contraction frequency in {place}",
        "1/min",
        "contraction waves that pass the middle of a territory's collectors, mean of ten minutes",
        _frequency,
    ),
    _measure(
        "lymph ejection fraction in {place}",
        "%",
        "part of a lymphangion's volume that a contraction throws out, mean along a territory in ten minutes",
        _ejection,
    ),
    _measure(
        "packet velocity in {place}",
        "cm/s",
        "speed at which contraction runs along a territory's collectors, median of ten minutes",
        _velocity,
    ),
    _measure(
        "lymph pump pressure in {place}",
        "mmHg",
        "pressure that a territory's last lymphangion pumps against, lying, 15 to 25 min after its outflow was shut",
        _pump,
    ),
)
