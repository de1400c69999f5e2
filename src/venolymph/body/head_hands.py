"""What of head and neck lies under which place that a hand is put on (`head_hands.toml`), where along it, and how deep.

Tissue, initial lymphatics, collectors and small veins lie where their region does, a chain's lymphangions one behind
the other from the end that its lymph leaves by; nodes, the trunks between them, and named veins lie along a place.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any

import numpy as np

from venolymph.body.anatomy import Body
from venolymph.body.drainage_types import HeadDrainage
from venolymph.body.head_layout import SMALL
from venolymph.body.places import head_drainage_template
from venolymph.figures import Figure
from venolymph.massage.catalogue import places
from venolymph.massage.face_targets import FaceTargets, UnderPlace

DEEP_NODES = ("upper deep cervical", "lower deep cervical")
DEEP_VEINS = ("internal jugular", "common facial")
DEPTH = "head_lymph.depth."


@cache
def under_places() -> dict[str, Any]:
    """What lies under each place (`head_hands.toml`) as read; not to be changed by the caller."""
    return tomllib.loads(resources.files("venolymph.body").joinpath("head_hands.toml").read_text("utf-8"))


@dataclass(frozen=True)
class _Spread:
    """Where an element is spread out: a compartment, and from where to where of it, 1."""

    compartment: int
    begin: float = 0.0
    end: float = 1.0


_Along = tuple[str, int, float, float]
"""Where something narrow lies: a place, its number there, and from where to where of the place, 1."""


@dataclass(frozen=True)
class HeadHands:
    """Targets of hands on head and neck.

    Attributes:
        body: the veins.
        drainage: tissue and lymph.
        figures: that depths come from.
    """

    body: Body
    drainage: HeadDrainage
    figures: Mapping[str, Figure]

    def targets(self) -> dict[str, FaceTargets]:
        """Targets by the name that each kind has among contacts."""
        spread, side = self._of_regions(), [c.side for c in self.drainage.compartments]
        patches = self.drainage.patches
        depths = self._tissue_depths()
        initials = [self._depth("initial")] * len(patches)
        return {
            "cells": self._cells(),
            "compartments": self._made(depths, side, spread),
            "initials": self._made(
                initials, [p.side for p in patches], {n: _Spread(p.compartment) for n, p in enumerate(patches)}
            ),
            "vessels": self._vessels(),
        }

    def _depth(self, what: str) -> float:
        return self.figures[DEPTH + what].internal

    def _of_regions(self) -> dict[int, _Spread]:
        return {number: _Spread(number) for number in range(len(self.drainage.compartments))}

    def _tissue_depths(self) -> list[float]:
        """Middle of the tissue of each compartment."""
        return [0.5 * c.thickness_cm for c in self.drainage.compartments]

    def _cells(self) -> FaceTargets:
        """Small veins with their region; named ones along places; others out of reach."""
        names = self.body.topology.cells
        depths, spread = [self._depth("vein")] * len(names), dict[int, _Spread]()
        for number, depth in enumerate(self._tissue_depths()):
            c = self.drainage.compartments[number]
            cell = names.index(f"{c.side} {SMALL}{c.region}")
            depths[cell], spread[cell] = depth, _Spread(number)
        for cell, name in enumerate(names):
            if name.split(" ", 1)[1].startswith(DEEP_VEINS):
                depths[cell] = self._depth("deep")
        along = [
            (place, names.index(f"{side} {name}"), *part)
            for place, under in under_places().items()
            for side in self.drainage.sides
            for name, part in _one_by_one(under["veins"])
        ]
        return self._made(depths, [name.split(" ", 1)[0] for name in names], spread, along)

    def _vessels(self) -> FaceTargets:
        """Collectors with the region that they run under; nodes and trunks along places."""
        drainage, nodes = self.drainage, head_drainage_template()["nodes"]
        depths = [self._depth("collector")] * len(drainage.topology.vessels)
        spread = dict[int, _Spread]()
        for name, chain in drainage.chains.items():
            begins = head_drainage_template()["chains"][name.split(" ", 1)[1]]["from"]
            if begins in nodes:
                for vessel in chain:
                    depths[vessel] = self._depth("deep" if begins in DEEP_NODES else "node")
            else:
                spread |= self._collectors(chain)
        for name, vessel in drainage.nodes.items():
            depths[vessel] = self._depth("deep" if name.split(" ", 1)[1] in DEEP_NODES else "node")
        return self._made(depths, drainage.vessel_side, spread, list(self._nodes_and_trunks()))

    def _collectors(self, chain: Iterable[int]) -> dict[int, _Spread]:
        """Lymphangions of a chain one behind the other in each compartment that it runs under."""
        under: dict[int, list[int]] = {}
        for vessel in reversed(tuple(chain)):
            under.setdefault(self.drainage.topology.lymphangion_compartment[vessel], []).append(vessel)
        return {
            vessel: _Spread(compartment, *part)
            for compartment, vessels in under.items()
            for vessel, part in _one_by_one(vessels)
        }

    def _nodes_and_trunks(self) -> Iterator[_Along]:
        for place, under in under_places().items():
            for side in self.drainage.sides:
                for name, part in _one_by_one(under["nodes"]):
                    yield place, self.drainage.nodes[f"{side} {name}"], *part
                for name in under["trunks"]:
                    for vessel, part in _one_by_one(reversed(self.drainage.chains[f"{side} {name}"])):
                        yield place, vessel, *part

    @cached_property
    def _areas(self) -> dict[str, float]:
        """Skin of each region of one side, cm2."""
        return {c.region: c.area_cm2 for c in self.drainage.compartments}

    def _made(
        self, depths: Iterable[float], sides: Iterable[str], spread: Mapping[int, _Spread], along: Iterable[_Along] = ()
    ) -> FaceTargets:
        """Targets from what lies spread out in regions and what lies along places, by its number."""
        deep, under = np.array(list(depths)), dict[str, UnderPlace]()
        along = list(along)
        for name, data in under_places().items():
            at = _nothing(self._length(name), len(deep))
            for number, one in spread.items():
                self._lay(at, number, one, data["regions"])
            for place, number, begin, end in along:
                if place == name:
                    at.begin[number], at.end[number] = begin * at.length, end * at.length
                    at.share[number], at.broad[number] = 1.0, False
            under[name] = at
        return FaceTargets(deep, np.array(list(sides)), under)

    def _length(self, place: str) -> float:
        """Side of a square as large as the skin of a place, cm; one of the midline has that of both sides."""
        own = sum((end - begin) * self._areas[name] for name, (begin, end) in under_places()[place]["regions"].items())
        return math.sqrt(own if places()[place].sided else 2.0 * own)

    def _lay(self, at: UnderPlace, number: int, one: _Spread, regions: Mapping[str, tuple[float, float]]) -> None:
        """Enter what is spread out in a region into a place that has a part of it."""
        region = self.drainage.compartments[one.compartment].region
        if region not in regions:
            return
        sizes = {name: (end - begin) * self._areas[name] for name, (begin, end) in regions.items()}
        names, cm = list(sizes), at.length / sum(sizes.values())
        before = cm * sum(sizes[name] for name in names[: names.index(region)])
        low, high = max(one.begin, regions[region][0]), min(one.end, regions[region][1])
        if high - low < 1e-9:
            return
        at.begin[number], at.end[number] = (
            before + cm * self._areas[region] * (at_region - regions[region][0]) for at_region in (low, high)
        )
        at.share[number] = (high - low) / (one.end - one.begin)


def _nothing(length: float, rows: int) -> UnderPlace:
    return UnderPlace(length, np.zeros(rows), np.ones(rows), np.zeros(rows), np.ones(rows, bool))


def _one_by_one(names: Iterable[Any]) -> list[tuple[Any, tuple[float, float]]]:
    """Each with its stretch where all lie one behind the other, 1."""
    row = list(names)
    return [(name, (number / len(row), (number + 1) / len(row))) for number, name in enumerate(row)]
