"""Numbers of a leg's lymph: initial lymphatics, lymphangions, nodes and valves, healthy and ill."""

from __future__ import annotations

import math

import numpy as np

from venolymph.body.drainage_types import LymphDisease
from venolymph.body.figure_columns import Column, FigureColumns, Keys
from venolymph.body.limb import LimbScale
from venolymph.body.lymph_layout import LymphangionPlace, LymphLayout
from venolymph.body.tissue_layout import TissueLayout
from venolymph.network.initial_lymphatic import Initials, Plexus
from venolymph.network.lymphangion import Lymphangions, LymphValves
from venolymph.network.node import Nodes


class LymphParameters:
    """Parameters of a leg's lymph vessels from the figures.

    Args:
        limb: the leg's scale.
        tissue: layout of its tissue.
        lymph: layout of its lymph vessels.
        disease: of these.
        columns: where the figures come from, and their keys are kept.
        seed: of what is drawn by chance, the own rates of pacemakers.
    """

    def __init__(
        self,
        limb: LimbScale,
        tissue: TissueLayout,
        lymph: LymphLayout,
        disease: LymphDisease,
        columns: FigureColumns,
        seed: int,
    ) -> None:
        self.limb, self.tissue, self.lymph, self.disease = limb, tissue, lymph, disease
        self.columns, self.seed = columns, seed

    def initials(self) -> Initials:
        """Initial lymphatics, one for each patch of tissue."""
        volumes = [p.volume for p in self.tissue.patches]
        n, k = len(volumes), "lymph.initial."
        return self.columns.rows(
            Initials,
            "initials",
            volume=([self.limb.value(k + "volume") * v for v in volumes], (k + "volume",)),
            stiffness=self.columns.same(k + "stiffness", n),
            uptake=([self.limb.value(k + "uptake") * v for v in volumes], (k + "uptake",)),
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
        resistance = self.columns.same("lymph.plexus.resistance", len(self.tissue.links))
        return self.columns.rows(Plexus, "plexus", resistance=resistance)

    def _duct(self, stretch: LymphangionPlace) -> bool:
        return bool(self.limb.template["chains"][stretch.chain].get("duct"))

    def _ill(self, stretch: LymphangionPlace) -> bool:
        """Whether it is a collector of the leg, to which disease applies, and not a trunk beyond."""
        return "length" not in self.limb.template["chains"][stretch.chain]

    def _count(self, stretch: LymphangionPlace) -> float:
        """How many collectors run side by side there."""
        if self._duct(stretch):
            return 1.0
        chain = self.limb.template["chains"][stretch.chain]
        found = self.limb.value("lymph." + chain["figures"])
        if self._ill(stretch):
            found *= self.disease.collectors
        if chain.get("begin_higher"):
            # evenly from the ankle on
            part = 0.5 * (stretch.lower + stretch.upper) / self.limb.levels["groin"]
            found *= 1.0 + (self.limb.value("lymph.collectors.growth") - 1.0) * max(0.0, part)
        return found

    def _counted(self, stretch: LymphangionPlace) -> Keys:
        """Keys of the figures that `_count` comes from."""
        if self._duct(stretch):
            return ()
        chain = self.limb.template["chains"][stretch.chain]
        return (f"lymph.{chain['figures']}", *(("lymph.collectors.growth",) if chain.get("begin_higher") else ()))

    def lymphangions(self) -> Lymphangions:
        """Lymphangions, those of the leg with its disease."""
        stretches = self.lymph.stretches
        n, k = len(stretches), "lymph.lymphangion."
        weak = [self.disease.contractility if self._ill(s) else 1.0 for s in stretches]

        def either(name: str, *more: str) -> Column:
            return self.columns.each([("lymph.duct." if self._duct(s) else k) + name for s in stretches], *more)

        def part(name: str, key: str = k) -> Column:
            return [self.limb.value(key + name) * b for b in bore], [(key + name, *own) for own in bores]

        bore, bores = either("diameter")
        tension, tensions = either("tension")
        rate, rates = either("frequency", k + "spread")
        return self.columns.rows(
            Lymphangions,
            "lymphangions",
            length=([s.length for s in stretches], ("body_proportions.reference.height",)),
            vessels=([self._count(s) for s in stretches], [self._counted(s) for s in stretches]),
            passive_pressure=self.columns.same(k + "passive_pressure", n),
            passive_diameter=(bore, bores),
            passive_scale=part("passive_scale"),
            collapse_pressure=self.columns.same(k + "collapse_pressure", n),
            collapse_diameter=part("collapse_diameter"),
            tension=([t * w for t, w in zip(tension, weak, strict=True)], tensions),
            best_diameter=(bore, bores),
            best_width=self.columns.same(k + "best_width", n),
            contraction_time=self.columns.same(k + "contraction_time", n),
            refractory_time=self.columns.same(k + "refractory_time", n),
            delay=([s.length / self.limb.value(k + "speed") for s in stretches], (k + "speed",)),
            speed_gain=self.columns.same(k + "speed_gain", n),
            filled=self.columns.same(k + "filled", n),
            frequency=([f * own for f, own in zip(rate, self._unlike(n), strict=True)], rates),
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

    def _unlike(self, count: int) -> np.ndarray:
        """Random factors on the rate of each pacemaker, 1: identical pacemakers would lock."""
        width = math.log1p(self.limb.value("lymph.lymphangion.spread") ** 2)
        drawn = np.random.default_rng(self.seed).standard_normal(count)
        return np.exp(math.sqrt(width) * drawn - 0.5 * width)

    def nodes(self) -> Nodes:
        """Nodes, the cisterna chyli among them."""
        plans = list(self.limb.template["nodes"].values())
        n, k = len(plans), "lymph.node."
        cistern = [bool(plan.get("cistern")) for plan in plans]
        absorption = [0.0 if c else self.limb.value(k + "absorption") for c in cistern]
        return self.columns.rows(
            Nodes,
            "nodes",
            volume=self.columns.each(["lymph.cisterna.volume" if c else k + "volume" for c in cistern]),
            stiffness=self.columns.same(k + "stiffness", n),
            absorption=(absorption, [() if c else (k + "absorption",) for c in cistern]),
            reflection=self.columns.same(k + "reflection", n),
            oncotic_share=self.columns.same(k + "oncotic_share", n),
            reference_pressure=self.columns.same(k + "reference_pressure", n),
            opening=self.columns.same(k + "opening", n),
        )

    def valves(self) -> LymphValves:
        """Outflows of the initial lymphatics, of the lymphangions and of the nodes, one below the other."""
        k, d = "lymph.valve.", "lymph.duct."
        plain, shut = self.limb.value(k + "resistance"), 1.0 / self.limb.value(k + "closed_resistance")
        # resistance, leak, whether it is open, and the keys of the figures of the first two
        out: list[tuple[float, float, bool, Keys, Keys]] = []
        for patch in self.tissue.patches:
            drain = "lymph.initial.drain"
            out.append((self.limb.value(drain) / patch.volume, shut, True, (drain,), (k + "closed_resistance",)))
        for s in self.lymph.stretches:
            own = d if self._duct(s) else k
            resistance = own + ("valve_resistance" if self._duct(s) else "resistance")
            closed = 1.0 / self.limb.value(own + "closed_resistance")
            leak = closed + (self.disease.valve_leak / plain if self._ill(s) else 0.0)
            ends = s.number == self.limb.template["chains"][s.chain]["cells"] - 1
            into = self.limb.template["chains"][s.chain]["into"] if ends else None
            is_open = into not in self.disease.removed
            out.append((self.limb.value(resistance), leak, is_open, (resistance,), (own + "closed_resistance",)))
        for name, node in self.limb.template["nodes"].items():
            key = "lymph." + node["resistance"] if "resistance" in node else d + "valve_resistance"
            own = self.limb.value(key)
            is_open = not {name, node["into"]} & self.disease.removed
            keys = (k + "closed_resistance", k + "resistance", key)
            out.append((own, shut * plain / own, is_open, (key,), keys))
        n, before, behind = len(out), len(self.tissue.patches), len(self.limb.template["nodes"])
        resistances, leaks, opened, resistance_keys, leak_keys = zip(*out, strict=True)
        return self.columns.rows(
            LymphValves,
            "lymph_valves",
            resistance=(resistances, [*resistance_keys]),
            vessels=(
                [1.0] * before + [self._count(s) for s in self.lymph.stretches] + [1.0] * behind,
                [()] * before + [self._counted(s) for s in self.lymph.stretches] + [()] * behind,
            ),
            leak=(leaks, [*leak_keys]),
            steepness=self.columns.same(k + "steepness", n),
            bias=self.columns.same(k + "bias", n),
            open=(opened, ()),
        )
