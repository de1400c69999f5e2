"""Readings that instruments for tissue and lymph share: exchange records, places, territories; member by member."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Array, Float

from venolymph.errors import MeasureError
from venolymph.measures.episodes import first_start
from venolymph.measures.other_leg import OTHER
from venolymph.measures.places import unknown
from venolymph.measures.reading import Found, Recorded, Trace
from venolymph.measures.settings import setting
from venolymph.measures.signals import interval_weights, plain, space, weighted

WINDOW = setting("lymph.window")
"""Time at the end of a run over which pulsatile quantities are averaged, s."""
HOUR = 3600.0
LEG = "leg"
"""All parts of the leg together, as a place."""
SHANK = "lower leg"
"""Ankle and calf together, as a place."""
SUNK = "foot and ankle"
"""The parts that stand in a vessel of water for volumetry, as a place."""


def tissue(run: Recorded) -> Any:
    """The tissue and lymph of a run's members.

    Raises:
        MeasureError: where they were not simulated.
    """
    if run.tissue is None:
        raise MeasureError(
            "this run has no tissue and lymph to read",
            hint="simulate with tissue=True; runs with massage or of half an hour and longer have them unasked",
        )
    return run.tissue


def exchange_array(run: Recorded, name: str) -> Any:
    """A recorded quantity (`simulation.quantities.EXCHANGES`), shape (records, ..., batch)."""
    tissue(run)
    return plain(run.exchange(name))


def record_ends(run: Recorded) -> np.ndarray:
    """End of each record, s, shape (records,)."""
    return np.asarray(exchange_array(run, "exchange_time"))


def record_durations(run: Recorded) -> np.ndarray:
    """Duration of each record, s, shape (records,)."""
    return np.diff(record_ends(run), prepend=first_start(run))


def at_end(run: Recorded, values: Float[Array, "records batch"], unit: str, **parts: Any) -> Found:
    """Value at the run's end, with its trace."""
    return Found(values[-1], Trace(record_ends(run), values, unit), parts)


def recent_weights(run: Recorded, seconds: float = WINDOW) -> np.ndarray:
    """Weights that average records over the last seconds of the run; sum 1, shape (records,)."""
    stop = float(record_ends(run)[-1])
    return interval_weights(record_ends(run), first_start(run), max(first_start(run), stop - seconds), stop)


def rate(run: Recorded, amounts: Float[Array, "records batch"], unit: str = "mL/h", per: float = HOUR) -> Found:
    """Rate of an amount recorded per record: mean over the last ten minutes, and its trace."""
    rates = amounts * (per / record_durations(run))[:, None]
    return Found(weighted(recent_weights(run), rates), Trace(record_ends(run), rates, unit))


def ratio(run: Recorded, above: Float[Array, "records batch"], below: Float[Array, "records batch"]) -> Any:
    """Sum of one quantity over the sum of another in the last ten minutes, shape (batch,)."""
    within = recent_weights(run) / record_durations(run)
    below = weighted(within, below)
    xp = space(below)
    return xp.where(below > 0.0, weighted(within, above) / xp.where(below > 0.0, below, 1.0), np.nan)


# ------------------------------------------------------------------ places


def of_index_leg(places: Sequence[Any]) -> list[int]:
    """Numbers of those places of tissue that are in the index leg."""
    return [number for number, place in enumerate(places) if place.leg == "index"]


def parts_of(run: Recorded) -> list[str]:
    """Names of the parts of the leg from the toes up."""
    return list(tissue(run).legs[0].bulk)


def parts_within(run: Recorded, place: str) -> list[str]:
    """Names of the parts that a place consists of: itself, or those of the leg, lower leg, or foot and ankle."""
    every = parts_of(run)
    whole = {LEG: every, SHANK: ["ankle", "calf"], SUNK: ["foot", "ankle"], **{part: [part] for part in every}}
    if place not in whole:
        raise unknown("part of the leg", place, whole)
    return whole[place]


def limb_places(run: Recorded) -> list[str]:
    """`leg`, `lower leg`, `foot and ankle`, and the parts of the leg."""
    return [LEG, SHANK, SUNK, *parts_of(run)]


def tissue_places(run: Recorded) -> list[str]:
    """Limb places, the same with `, muscle` or a side of the leg, and compartments by name."""
    leg = tissue(run).legs[0]
    limbs = limb_places(run)
    sides = dict.fromkeys(c.quarter or c.tissue for c in leg.compartments)
    return [*limbs, *(f"{limb}, {side}" for limb in limbs for side in sides), *leg.topology.compartments]


def compartments_at(run: Recorded, place: str, *, all_tissue: bool) -> list[int]:
    """Numbers of the compartments at a place.

    Args:
        run: the run.
        place: as in `tissue_places`.
        all_tissue: whether a part of the leg includes its muscle, or its skin and subcutis alone.
    """
    leg = tissue(run).legs[0]
    names = list(leg.topology.compartments)
    if place in names:
        return [names.index(place)]
    limb, _, side = place.partition(", ")
    if place not in tissue_places(run):
        raise unknown("tissue", place, tissue_places(run))
    parts = parts_within(run, limb)
    wanted = (side,) if side else ("subcutis", "muscle") if all_tissue else ("subcutis",)
    return [i for i in of_index_leg(leg.compartments) if leg.compartments[i].region in parts
            and {leg.compartments[i].tissue, leg.compartments[i].quarter} & set(wanted)]  # fmt: skip


def mean_over(run: Recorded, values: Any, numbers: Sequence[int]) -> Any:
    """Mean over compartments, weighted by their fluid at rest: (records, compartments, batch) to (records, batch)."""
    weights = plain(tissue(run).parameters.tissue.volume)[np.asarray(numbers)]
    held = values[:, np.asarray(numbers), :]
    return space(held, weights).einsum("ncb,cb->nb", held, weights / weights.sum(axis=0))


def own_territories(run: Recorded) -> list[str]:
    """The groups of collectors of the index leg."""
    return [name for name in territories(run) if not name.startswith(OTHER)]


def territories(run: Recorded) -> list[str]:
    """The groups of collectors of the leg, or of both legs where both are in full."""
    leg = tissue(run).legs[0]
    nodes = set(leg.nodes)
    own = {c.territory for c in leg.compartments}
    return [name for name in leg.chains if name in own and name not in nodes]


def collectors_of(run: Recorded, territory: str) -> tuple[int, ...]:
    """The vessels of a group of collectors, from the periphery to the centre.

    Raises:
        MeasureError: where there is no such group.
    """
    if territory not in territories(run):
        raise unknown("group of collectors", territory, territories(run))
    return tissue(run).legs[0].chains[territory]


def cells_before(run: Recorded) -> int:
    """Number of initial lymphatics, which precede the vessels in arrays of lymph cells."""
    return len(tissue(run).layout.topology.initials)
