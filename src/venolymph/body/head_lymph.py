"""Lymph vessels of head and neck: where they run, what drains into what, and the numbers of each.

Pressures that a wall bears are those of the leg's collectors at every lumen, so tension goes with the lumen; the
resistance of a valve goes with its third power.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from venolymph.body.drainage_types import HeadCompartment, HeadDisease, HeadPatch
from venolymph.body.figure_columns import FigureColumns
from venolymph.body.head_scale import HeadScale, HeadSide, figure_name
from venolymph.body.lymph_parameters import LymphangionNumbers, NodeNumbers, unlike_rates

VENOUS_ANGLE = "venous angle"
_K, _VALVE, _NODE = "lymph.lymphangion.", "lymph.valve.", "lymph.node."


@dataclass(frozen=True)
class HeadLymph:
    """Lymph vessels of head and neck. All lymphangions come first, side by side, then all nodes; ends follow.

    Attributes:
        template: what is joined to what (`head_drainage.toml`).
        sides: that there are.
    """

    template: Mapping[str, Any]
    sides: tuple[HeadSide, ...]

    @cached_property
    def cells(self) -> tuple[tuple[str, int], ...]:
        """Lymphangions of one side: the chain of each, and its number in it."""
        return tuple((name, i) for name, chain in self.template["chains"].items() for i in range(chain["cells"]))

    @cached_property
    def _first(self) -> dict[str, int]:
        """The first vessel of each chain in a side's own numbers."""
        names = [name for name, _ in self.cells]
        return {name: names.index(name) for name in self.template["chains"]}

    @cached_property
    def _sacs(self) -> dict[str, int]:
        """Each node in a side's own numbers, and the venous angle behind them."""
        return {name: len(self.cells) + i for i, name in enumerate((*self.template["nodes"], VENOUS_ANGLE))}

    def number(self, own: int, side: int) -> int:
        """Number of a vessel or end from its own in a side; `side` counts from 0."""
        cells, nodes, sides = len(self.cells), len(self.template["nodes"]), len(self.sides)
        if own < cells:
            return side * cells + own
        if own < cells + nodes:
            return sides * cells + side * nodes + own - cells
        return sides * (cells + nodes) + side

    @cached_property
    def downstream(self) -> tuple[int, ...]:
        """The vessel or end that each vessel empties into."""
        chains, nodes = self.template["chains"], self.template["nodes"]
        ends = [i for i, (one, two) in enumerate(pairwise((*self.cells, ("", 0)))) if one[0] != two[0]]
        own = [self._sacs[chains[name]["into"]] if i in ends else i + 1 for i, (name, _) in enumerate(self.cells)] + [
            self._first[node["into"]] for node in nodes.values()
        ]
        found = {self.number(v, s): self.number(to, s) for s in range(len(self.sides)) for v, to in enumerate(own)}
        return tuple(found[vessel] for vessel in range(len(found)))

    @cached_property
    def chains(self) -> dict[str, tuple[int, ...]]:
        """The vessels of each chain, from the periphery to the centre."""
        return {
            f"{side} {name}": tuple(self.number(self._first[name] + i, s) for i in range(chain["cells"]))
            for s, side in enumerate(self.sides)
            for name, chain in self.template["chains"].items()
        }

    @cached_property
    def nodes(self) -> dict[str, int]:
        """The vessel that each node is."""
        return {
            f"{side} {name}": self.number(self._sacs[name], s)
            for s, side in enumerate(self.sides)
            for name in self.template["nodes"]
        }

    @cached_property
    def places(self) -> np.ndarray:
        """Middle of each vessel, cm forward, outward and up in the reference body, shape (vessels, 3)."""
        found = np.zeros((len(self.downstream), 3))
        where = {name: np.array(region["place"]) for name, region in self.template["regions"].items()}
        where |= {name: np.array(node["place"]) for name, node in self.template["nodes"].items()}
        where[VENOUS_ANGLE] = np.array(self.template["end"]["place"])
        for s, side in enumerate(self.sides):
            for name, chain in self.template["chains"].items():
                part = (np.arange(chain["cells"])[:, None] + 0.5) / chain["cells"]
                begin, end = where[chain["from"]], where[chain["into"]]
                found[list(self.chains[f"{side} {name}"])] = begin + part * (end - begin)
            for name in self.template["nodes"]:
                found[self.number(self._sacs[name], s)] = where[name]
        return found

    @cached_property
    def side_of(self) -> tuple[HeadSide, ...]:
        """Side of each vessel."""
        found = {}
        for s, side in enumerate(self.sides):
            found |= {self.number(own, s): side for own in range(len(self.downstream) // len(self.sides))}
        return tuple(found[vessel] for vessel in range(len(found)))

    def entered(self, patch: HeadPatch, compartments: Sequence[HeadCompartment]) -> int:
        """The lymphangion of its territory that lies nearest to a patch."""
        chain = self.chains[patch.territory]
        apart = self.places[list(chain)] - np.array(compartments[patch.compartment].place)
        return chain[int(np.argmin(np.linalg.norm(apart, axis=1)))]

    def around(self, vessel: int, compartments: Sequence[HeadCompartment]) -> int:
        """The compartment that a vessel lies in: the nearest on its side, of a collector the nearest that it drains."""
        regions, side = self.template["regions"], self.side_of[vessel]
        own = [i for i, c in enumerate(compartments) if c.side == side]
        drained = [i for i in own if self._chain_of.get(vessel) in regions[compartments[i].region]["drains"]] or own
        apart = [np.linalg.norm(self.places[vessel] - np.array(compartments[i].place)) for i in drained]
        return drained[int(np.argmin(apart))]

    @cached_property
    def _chain_of(self) -> dict[int, str]:
        """The chain of each vessel that is not a node, without its side."""
        return {v: name.split(" ", maxsplit=1)[1] for name, chain in self.chains.items() for v in chain}


def head_lymphangions(
    layout: HeadLymph, scale: HeadScale, disease: HeadDisease, columns: FigureColumns, seed: int
) -> list[LymphangionNumbers]:
    """Numbers of each lymphangion. Both sides draw the same chances, so that healthy halves are alike.

    Args:
        layout: of the lymph vessels.
        scale: the person's size.
        disease: of head and neck.
        columns: where the figures come from.
        seed: of what is drawn by chance, the own rates of pacemakers.
    """
    unlike = unlike_rates(columns, len(layout.cells), seed)
    usual, fitted = columns.value(_K + "diameter"), columns.value("head_lymph.valve.lumen")
    found = []
    for side in layout.sides:
        for (name, number), own in zip(layout.cells, unlike, strict=True):
            chain, key = layout.template["chains"][name], f"head_lymph.collectors.{figure_name(name)}."
            lumen = columns.value(key + "lumen")
            narrower = (fitted / lumen) ** 3
            sized = (key + "lumen", "head_lymph.valve.lumen")
            gone = {f"{side} {name}"} if chain["from"] in layout.template["nodes"] else set[str]()
            if number == chain["cells"] - 1:
                gone.add(f"{side} {chain['into']}")
            found.append(
                LymphangionNumbers(
                    length=columns.value(key + "length") * scale.length / chain["cells"],
                    vessels=columns.number(key + "count"),
                    diameter=(lumen, (key + "lumen",)),
                    tension=columns.number(_K + "tension", lumen / usual * disease.contractility, *sized[:1]),
                    frequency=columns.number(_K + "frequency", float(own), _K + "spread"),
                    resistance=columns.number(_VALVE + "resistance", narrower, *sized),
                    leak=(
                        1.0 / (columns.value(_VALVE + "closed_resistance") * narrower),
                        (_VALVE + "closed_resistance", *sized),
                    ),
                    open=not gone & disease.removed,
                )
            )
    return found


def head_nodes(layout: HeadLymph, disease: HeadDisease, columns: FigureColumns) -> list[NodeNumbers]:
    """Numbers of each group of nodes."""
    plain, shut = columns.value(_VALVE + "resistance"), 1.0 / columns.value(_VALVE + "closed_resistance")
    found = []
    for side in layout.sides:
        for name, node in layout.template["nodes"].items():
            key = "head_lymph." + node["resistance"] if "resistance" in node else _NODE + "resistance"
            own = columns.value(key)
            found.append(
                NodeNumbers(
                    volume=columns.number(_NODE + "volume"),
                    absorption=columns.number(_NODE + "absorption"),
                    resistance=(own, (key,)),
                    leak=(shut * plain / own, (_VALVE + "closed_resistance", _VALVE + "resistance", key)),
                    open=not {f"{side} {name}", f"{side} {node['into']}"} & disease.removed,
                )
            )
    return found
