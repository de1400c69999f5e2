"""Lymph: how much forms, flows and returns to blood, and the protein in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from venolymph.measures.other_leg import OTHER
from venolymph.measures.places import unknown
from venolymph.measures.reading import Found, Measure, Recorded, Trace
from venolymph.measures.signals import plain, weighted
from venolymph.measures.tissue_readings import (
    HOUR,
    cells_before,
    collectors_of,
    exchange_array,
    limb_places,
    of_index_leg,
    own_territories,
    parts_within,
    rate,
    ratio,
    recent_weights,
    record_durations,
    record_ends,
    territories,
    tissue,
)

DEEP = "deep, "
CISTERN = "cisterna chyli"
TRUNK = "lumbar trunk"
"""The last vessels that carry the leg's lymph alone."""


def _of_leg(run: Recorded, name: str, places: Sequence[Any]) -> Any:
    """A recorded quantity summed over the places of the index leg, shape (records, batch)."""
    at = of_index_leg(places)
    recorded = exchange_array(run, name)
    return (recorded if len(at) == len(places) else recorded[:, np.asarray(at)]).sum(axis=1)


def _formed(run: Recorded) -> Found:
    return rate(run, _of_leg(run, "uptake", tissue(run).legs[0].patches))


def _formed_in(run: Recorded, place: str) -> Found:
    leg, parts = tissue(run).legs[0], parts_within(run, place)
    own = of_index_leg(leg.patches)
    at = [i for i in own if leg.compartments[leg.patches[i].compartment].region in parts]
    return rate(run, exchange_array(run, "uptake")[:, np.asarray(at)].sum(axis=1))


def _through(run: Recorded, name: str, number: int) -> Any:
    return exchange_array(run, name)[..., cells_before(run) + number, :]


def _territory(run: Recorded, place: str) -> Found:
    """Flow from the last lymphangion of a territory into its node, mL/h."""
    return rate(run, _through(run, "passed", collectors_of(run, place)[-1]))


def _cannulated(run: Recorded, place: str) -> int:
    """The lymphangion of a territory in the middle of the calf, where legs are cannulated; else its last one."""
    leg, chain = tissue(run).legs[0], collectors_of(run, place)
    middle = 0.5 * sum(leg.parts["calf"])
    at = [vessel for vessel in chain if leg.extents[vessel][0] <= middle < leg.extents[vessel][1]]
    return at[0] if at else chain[-1]


def _collector(run: Recorded, place: str) -> Found:
    """Flow of one of the parallel collectors past the middle of the calf, mL/h."""
    at = _cannulated(run, place)
    count = plain(tissue(run).parameters.lymphangions.vessels)[at]
    return rate(run, _through(run, "passed", at) / count)


def _daily(run: Recorded) -> Found:
    """Mean flow of one collector under the skin over the whole run, mL/h."""
    at = np.array([_cannulated(run, name) for name in own_territories(run) if not name.startswith(DEEP)])
    count = plain(tissue(run).parameters.lymphangions.vessels)[at].sum(axis=0)
    went = exchange_array(run, "passed")[:, cells_before(run) + at].sum(axis=1) / count
    found = rate(run, went)
    return Found(HOUR * went.sum(axis=0) / float(record_durations(run).sum()), found.trace)


def _pulsed(run: Recorded, place: str) -> Found:
    last = collectors_of(run, place)[-1]
    during = _through(run, "pulsed", last)
    between = abs(_through(run, "passed", last) - during)  # what leaks back between contractions does not add to it
    return Found(ratio(run, during, during + between))


def _returned(run: Recorded) -> Found:
    """Flow of the leg's lumbar trunk towards the venous angle, mL/h."""
    leg = tissue(run).legs[0]
    return rate(run, _through(run, "passed", leg.chains[TRUNK][-1]))


def _angle(run: Recorded) -> Found:
    return rate(run, exchange_array(run, "at_venous_angle"))


def _by_nodes(run: Recorded) -> Found:
    leg = tissue(run).legs[0]
    returned = exchange_array(run, "returned")
    first = len(leg.topology.lymphangions)
    numbers = {name: leg.nodes[name] - first for name in nodes(run) if not name.startswith(OTHER)}
    found = rate(run, returned[:, np.asarray([*numbers.values()])].sum(axis=1))
    own = {name: rate(run, returned[:, number]).value for name, number in numbers.items()}
    return Found(found.value, found.trace, own)


def _capillaries(run: Recorded, place: str) -> Found:
    """Pressure in the initial lymphatics of the skin and subcutis of a part, mean weighted by the tissue they serve."""
    leg = tissue(run).legs[0]
    parts = parts_within(run, place)
    own = {i: leg.compartments[leg.patches[i].compartment] for i in of_index_leg(leg.patches)}
    at = [i for i, c in own.items() if c.region in parts and c.tissue == "subcutis"]
    weights = np.array([leg.patches[i].volume for i in at])
    pressure = exchange_array(run, "lymph_pressure")[:, np.asarray(at)]
    values = (pressure * (weights / weights.sum())[None, :, None]).sum(axis=1)
    return Found(weighted(recent_weights(run), values), Trace(record_ends(run), values, "mmHg"))


# ------------------------------------------------------------------ protein


def _protein(run: Recorded, place: str) -> Found:
    """Protein in the lymph that leaves a territory over that of plasma."""
    last = collectors_of(run, place)[-1]
    plasma = weighted(recent_weights(run), exchange_array(run, "plasma_protein"))
    return Found(ratio(run, _through(run, "passed_solutes", last)[:, 0], _through(run, "passed", last)) / plasma)


def nodes(run: Recorded) -> list[str]:
    """Names of the nodes of the leg."""
    return [name for name in tissue(run).legs[0].nodes if name != CISTERN]


def _node(run: Recorded, place: str) -> Found:
    """Protein concentration of lymph that leaves a node over that of lymph that enters it."""
    leg = tissue(run).legs[0]
    if place not in nodes(run):
        raise unknown("node", place, nodes(run))
    number = leg.nodes[place]
    into = [vessel for vessel, below in enumerate(leg.topology.downstream) if below == number]
    at = cells_before(run) + np.asarray(into)
    came = ratio(
        run,
        exchange_array(run, "passed_solutes")[:, 0][:, at].sum(axis=1),
        exchange_array(run, "passed")[:, at].sum(axis=1),
    )
    went = ratio(run, _through(run, "passed_solutes", number)[:, 0], _through(run, "passed", number))
    return Found(went / came, parts={"incoming, mg/mL": came, "outgoing, mg/mL": went})


def _balance(run: Recorded) -> Found:
    """Filtration less lymph uptake since the begin of the run, mL."""
    leg = tissue(run).legs[0]
    filtered, formed = _of_leg(run, "filtered", leg.compartments), _of_leg(run, "uptake", leg.patches)
    gained = (filtered - formed).cumsum(axis=0)
    return Found(gained[-1], Trace(record_ends(run), gained, "mL"))


def _measure(name: str, unit: str, description: str, finder: Callable[..., Found], **more: Any) -> Measure:
    return Measure(name, unit, description, "lymph", finder, **more)


MEASURES = (
    _measure("lymph formed", "mL/h", "lymph that the leg's initial lymphatics take up, mean of ten minutes", _formed),
    _measure(
        "lymph formed in {place}",
        "mL/h",
        "lymph that the initial lymphatics of a part of the leg take up, mean of ten minutes",
        _formed_in,
        places=limb_places,
    ),
    _measure(
        "lymph flow in {place}",
        "mL/h",
        "lymph that all collectors of a territory bring to its nodes, mean of ten minutes",
        _territory,
        places=territories,
    ),
    _measure(
        "collector flow in {place}",
        "mL/h",
        "lymph that one collector of a territory carries past mid-calf, mean of ten minutes",
        _collector,
        places=territories,
    ),
    _measure(
        "mean collector flow",
        "mL/h",
        "lymph that one collector under the skin carries past mid-calf, mean of them all and of the whole run",
        _daily,
    ),
    _measure(
        "pulsed share of flow in {place}",
        "1",
        "part of what passes a territory's end, either way, while a contraction runs there, in the last ten minutes",
        _pulsed,
        places=territories,
    ),
    _measure(
        "lymph returned to blood",
        "mL/h",
        "lymph of the leg that its trunks carry to the cisterna and on to the venous angle, mean of ten minutes",
        _returned,
    ),
    _measure(
        "lymph at the venous angle",
        "mL/h",
        "lymph of the leg and of the rest of the body that enters blood, mean of ten minutes",
        _angle,
    ),
    _measure(
        "fluid returned by nodes",
        "mL/h",
        "water that the leg's nodes give back to blood, mean of ten minutes; each node in `parts`",
        _by_nodes,
    ),
    _measure(
        "tissue fluid balance",
        "mL",
        "water that capillaries of the leg gave to tissue less what its lymph took, since the run began",
        _balance,
    ),
    _measure(
        "lymph protein ratio in {place}",
        "1",
        "protein in the lymph of a territory over that in plasma, in the last ten minutes",
        _protein,
        places=territories,
    ),
    _measure(
        "node protein ratio in {place}",
        "1",
        "protein in the lymph that leaves a node over that in what enters it, in the last ten minutes",
        _node,
        places=nodes,
    ),
    _measure(
        "pressure in lymph capillaries of {place}",
        "mmHg",
        "in the initial lymphatics of skin and subcutis of a part of the leg, mean of ten minutes",
        _capillaries,
        places=limb_places,
    ),
)
