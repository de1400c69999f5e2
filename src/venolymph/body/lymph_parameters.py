"""Numbers of lymph: initial lymphatics, lymphangions, nodes and valves, from those of each vessel that differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from venolymph.body.figure_columns import Column, FigureColumns, Number, as_array, column
from venolymph.body.tissue_parameters import TissueParameters
from venolymph.network.drainage import DrainageParameters
from venolymph.network.initial_lymphatic import Initials, Plexus
from venolymph.network.lymphangion import Lymphangions, LymphValves
from venolymph.network.node import Nodes


@dataclass(frozen=True)
class LymphangionNumbers:
    """Numbers of a lymphangion in which one differs from another.

    Attributes:
        length: cm.
        vessels: how many run side by side, 1.
        diameter: cm.
        tension: of a contraction, mmHg cm.
        frequency: own rate of its pacemaker, 1/s.
        resistance: of its open outflow valve, mmHg s/mL.
        leak: conductance of it when shut, mL/s/mmHg.
        open: whether anything leaves it.
    """

    length: float
    vessels: Number
    diameter: Number
    tension: Number
    frequency: Number
    resistance: Number
    leak: Number
    open: bool


@dataclass(frozen=True)
class NodeNumbers:
    """Numbers of a group of nodes, or a cistern, in which one differs from another.

    Attributes:
        volume: mL.
        absorption: filtration coefficient of its capillaries, mL/s/mmHg.
        resistance: of its outflow, mmHg s/mL.
        leak: conductance of it when shut, mL/s/mmHg.
        open: whether anything leaves it.
    """

    volume: Number
    absorption: Number
    resistance: Number
    leak: Number
    open: bool


class LymphParameters:
    """Parameters of lymph vessels from the figures.

    Args:
        patches: volume of tissue that each initial lymphatic drains, mL.
        plexus: number of stretches that join them.
        lymphangions: numbers of each.
        nodes: numbers of each.
        columns: where the figures come from, and their keys are kept.
    """

    def __init__(
        self,
        patches: Sequence[float],
        plexus: int,
        lymphangions: Sequence[LymphangionNumbers],
        nodes: Sequence[NodeNumbers],
        columns: FigureColumns,
    ) -> None:
        self._patches, self._plexus, self._lymphangions, self._nodes = patches, plexus, lymphangions, nodes
        self.columns = columns

    def initials(self) -> Initials:
        """Initial lymphatics, one for each patch of tissue."""
        n, k = len(self._patches), "lymph.initial."
        volume, uptake = self.columns.value(k + "volume"), self.columns.value(k + "uptake")
        return self.columns.rows(
            Initials,
            "initials",
            volume=([volume * v for v in self._patches], (k + "volume",)),
            stiffness=self.columns.same(k + "stiffness", n),
            uptake=([uptake * v for v in self._patches], (k + "uptake",)),
            tether=self.columns.same(k + "tether", n),
            still_swing=self.columns.same(k + "still_swing", n),
            moved_swing=self.columns.same(k + "moved_swing", n),
            moved_rate=self.columns.same(k + "moved_rate", n),
            worked_swing=self.columns.same(k + "worked_swing", n),
            tissue_share=self.columns.same(k + "tissue_share", n),
            flat=self.columns.same(k + "flat", n),
        )

    def plexus(self) -> Plexus:
        """What joins initial lymphatics of the skin."""
        resistance = self.columns.same("lymph.plexus.resistance", self._plexus)
        return self.columns.rows(Plexus, "plexus", resistance=resistance)

    def lymphangions(self) -> Lymphangions:
        """All lymphangions."""
        cells = self._lymphangions
        n, k = len(cells), "lymph.lymphangion."
        bore, bores = column([cell.diameter for cell in cells])

        def part(name: str, key: str = k) -> Column:
            return [self.columns.value(key + name) * b for b in bore], [(key + name, *own) for own in bores]

        return self.columns.rows(
            Lymphangions,
            "lymphangions",
            length=([cell.length for cell in cells], ("body_proportions.reference.height",)),
            vessels=column([cell.vessels for cell in cells]),
            passive_pressure=self.columns.same(k + "passive_pressure", n),
            passive_diameter=(bore, bores),
            passive_scale=part("passive_scale"),
            collapse_pressure=self.columns.same(k + "collapse_pressure", n),
            collapse_diameter=part("collapse_diameter"),
            tension=column([cell.tension for cell in cells]),
            best_diameter=(bore, bores),
            best_width=self.columns.same(k + "best_width", n),
            contraction_time=self.columns.same(k + "contraction_time", n),
            refractory_time=self.columns.same(k + "refractory_time", n),
            delay=([cell.length / self.columns.value(k + "speed") for cell in cells], (k + "speed",)),
            speed_gain=self.columns.same(k + "speed_gain", n),
            filled=self.columns.same(k + "filled", n),
            frequency=column([cell.frequency for cell in cells]),
            stretch_gain=self.columns.same(k + "stretch_gain", n),
            stretch_diameter=part("stretch_diameter"),
            shear=self.columns.same(k + "shear", n),
            shear_power=self.columns.same(k + "shear_power", n),
            shear_time=self.columns.same(k + "shear_time", n),
            warmth=self.columns.same(k + "warmth", n),
            reference_temperature=self.columns.same("posture.temperature.reference", n),
            tissue_share=self.columns.same(k + "tissue_share", n),
            leak_gain=self.columns.same("lymph.valve.distension_leak", n),
            leak_diameter=part("distension_diameter", "lymph.valve."),
        )

    def nodes(self) -> Nodes:
        """Nodes, cisterns among them."""
        n, k = len(self._nodes), "lymph.node."
        return self.columns.rows(
            Nodes,
            "nodes",
            volume=column([node.volume for node in self._nodes]),
            stiffness=self.columns.same(k + "stiffness", n),
            absorption=column([node.absorption for node in self._nodes]),
            reflection=self.columns.same(k + "reflection", n),
            oncotic_share=self.columns.same(k + "oncotic_share", n),
            reference_pressure=self.columns.same(k + "reference_pressure", n),
            opening=self.columns.same(k + "opening", n),
        )

    def valves(self) -> LymphValves:
        """Outflows of the initial lymphatics, of the lymphangions and of the nodes, one below the other."""
        k, drain, single = "lymph.valve.", "lymph.initial.drain", (1.0, ())
        shut = (1.0 / self.columns.value(k + "closed_resistance"), (k + "closed_resistance",))
        resistances = [(self.columns.value(drain) / volume, (drain,)) for volume in self._patches]
        vessels = (*self._lymphangions, *self._nodes)
        n, before = len(self._patches) + len(vessels), len(self._patches)
        return self.columns.rows(
            LymphValves,
            "lymph_valves",
            resistance=column([*resistances, *(vessel.resistance for vessel in vessels)]),
            vessels=column(
                [*[single] * before, *(c.vessels for c in self._lymphangions), *[single] * len(self._nodes)]
            ),
            leak=column([*[shut] * before, *(vessel.leak for vessel in vessels)]),
            steepness=self.columns.same(k + "steepness", n),
            bias=self.columns.same(k + "bias", n),
            open=([True] * before + [vessel.open for vessel in vessels], ()),
        )


def drainage_parameters(tissue: TissueParameters, lymph: LymphParameters) -> DrainageParameters:
    """All parameters of a drainage."""
    columns = lymph.columns
    columns.sources["lymph.viscosity"] = (("lymph.lymph.viscosity",),)
    columns.sources["lymph.weight"] = (("lymph.lymph.density", "blood.gravity"),)
    return DrainageParameters(
        beds=tissue.beds(),
        plasma=tissue.plasma(),
        tissue=tissue.interstitium(),
        links=tissue.links(),
        depots=tissue.depots(),
        initials=lymph.initials(),
        plexus=lymph.plexus(),
        lymphangions=lymph.lymphangions(),
        nodes=lymph.nodes(),
        valves=lymph.valves(),
        viscosity=as_array([columns.value("lymph.lymph.viscosity")]),
        weight=as_array([columns.value("lymph.lymph.density") * columns.value("blood.gravity")]),
    )


def unlike_rates(columns: FigureColumns, count: int, seed: int) -> np.ndarray:
    """Random factors on the own rate of each pacemaker, 1: identical pacemakers would lock."""
    width = math.log1p(columns.value("lymph.lymphangion.spread") ** 2)
    drawn = np.random.default_rng(seed).standard_normal(count)
    return np.exp(math.sqrt(width) * drawn - 0.5 * width)
