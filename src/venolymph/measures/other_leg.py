"""A run as it is seen from its second leg: names of the two legs change places, so that instruments read the other.

Arrays stay as they are. A cuff is on the index leg, and some movements are of that leg, so their marks are left out:
what is read after them is not there to be read in the other leg.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from venolymph.errors import MeasureError
from venolymph.measures.reading import Recorded

OTHER = "other leg: "
_OF_INDEX_LEG = ("ankle pumps", "stimulate", "trace")
"""Kinds of steps that the index leg does alone."""


class SeenFromOtherLeg:
    """A run whose second leg bears the names of the index leg, and the other way round.

    Args:
        run: with both legs in full.

    Attributes:
        seen: the run.

    Raises:
        MeasureError: where only one leg is in full.
    """

    def __init__(self, run: Recorded) -> None:
        if run.bodies[0].legs != "both":
            raise MeasureError(
                "the other leg is simulated as a few lumps here, which no instrument reads",
                hint="simulate with legs='both', or with that leg as the index leg",
            )
        self.seen: Any = run
        self.bodies = [_body(body) for body in run.bodies]
        self.phases = [_phase(phase) for phase in run.phases]
        self.tissue = None if run.tissue is None else _tissue(run.tissue)
        self.branches: dict[str, Any] = {}  # manoeuvres after the run are done for the index leg

    def measure(self, name: str) -> Any:
        """Read a measure of the second leg, as `run.measure` does of the first."""
        return self.seen.measure(OTHER + name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.seen, name)


def _exchanged(names: Iterable[str]) -> dict[str, str]:
    """The name of each place's counterpart in the other leg; its own where both legs share it."""
    known = set(names)

    def swapped(name: str) -> str:
        there = name.removeprefix(OTHER) if name.startswith(OTHER) else OTHER + name
        return there if there in known else name

    return {name: " -> ".join(map(swapped, name.split(" -> "))) for name in known}


def _names(owner: Any, *fields: str, also: Iterable[str] = ()) -> dict[str, Any]:
    """Those fields of an object that are lists of names, with the names exchanged."""
    lists = {field: getattr(owner, field) for field in fields}
    there = _exchanged([*also, *(name for names in lists.values() for name in names)])
    return {field: tuple(there[name] for name in names) for field, names in lists.items()}


def _keys(named: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping by name, with the names exchanged, in the same order."""
    there = _exchanged(named)
    return {name: named[there[name]] for name in named}


def _body(body: Any) -> Any:
    network = body.topology
    segments = {name: replace(one, name=name) for name, one in _keys(body.segments).items()}
    return replace(
        body,
        topology=replace(network, **_names(network, "cells", "faces", "valves", "beds", "surroundings")),
        segments=segments,
        valves=_keys(body.valves),
        regions=_keys(body.regions),
        index_side="right" if body.index_side == "left" else "left",
    )


def _phase(phase: Any) -> Any:
    marks = replace(phase.marks, cuff=None, cuff_pressure=None, released=None)
    kind = "of the index leg" if phase.kind in _OF_INDEX_LEG else phase.kind
    return replace(phase, kind=kind, marks=marks)


def _tissue(tissue: Any) -> Any:
    layout = tissue.layout
    return replace(
        tissue,
        legs=[_leg(leg) for leg in tissue.legs],
        layout=replace(layout, topology=_drainage(layout.topology)),
    )


def _drainage(topology: Any) -> Any:
    return replace(topology, **_names(topology, "compartments", "beds", "initials", "lymphangions", "nodes"))


def _leg(leg: Any) -> Any:
    topology = _drainage(leg.topology)
    there = {"index": "other", "other": "index"}
    territories = _exchanged(leg.chains)

    def place(one: Any, name: str) -> Any:
        return replace(one, name=name, territory=territories[one.territory], leg=there[one.leg])

    return replace(
        leg,
        topology=topology,
        compartments=tuple(map(place, leg.compartments, topology.compartments)),
        patches=tuple(map(place, leg.patches, topology.initials)),
        chains=_keys(leg.chains),
        nodes=_keys(leg.nodes),
        side="right" if leg.side == "left" else "left",
    )
