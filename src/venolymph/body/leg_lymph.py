"""Numbers of each lymph vessel of a leg and of the trunks beyond it, healthy and ill."""

from __future__ import annotations

from typing import Any

from venolymph.body.drainage_types import LymphDisease
from venolymph.body.figure_columns import FigureColumns, Keys
from venolymph.body.limb import LimbScale
from venolymph.body.lymph_layout import LymphangionPlace, LymphLayout
from venolymph.body.lymph_parameters import LymphangionNumbers, NodeNumbers, unlike_rates

_K, _DUCT, _VALVE, _NODE = "lymph.lymphangion.", "lymph.duct.", "lymph.valve.", "lymph.node."


class LegLymph:
    """Numbers of the lymph vessels of a leg.

    Args:
        limb: the leg's scale.
        layout: of its lymph vessels.
        disease: of these.
        columns: where the figures come from.
        seed: of what is drawn by chance, the own rates of pacemakers.
    """

    def __init__(
        self, limb: LimbScale, layout: LymphLayout, disease: LymphDisease, columns: FigureColumns, seed: int
    ) -> None:
        self._limb, self._layout, self._disease, self._columns, self._seed = limb, layout, disease, columns, seed

    def lymphangions(self) -> list[LymphangionNumbers]:
        """Lymphangions, those of the leg with its disease."""
        stretches = self._layout.stretches
        unlike = unlike_rates(self._columns, len(stretches), self._seed)
        return [self._lymphangion(stretch, float(own)) for stretch, own in zip(stretches, unlike, strict=True)]

    def nodes(self) -> list[NodeNumbers]:
        """Nodes, the cisterna chyli among them."""
        number, value = self._columns.number, self._columns.value
        plain, shut = value(_VALVE + "resistance"), 1.0 / value(_VALVE + "closed_resistance")
        found = []
        for name, node in self._limb.template["nodes"].items():
            cistern = bool(node.get("cistern"))
            key = "lymph." + node["resistance"] if "resistance" in node else _DUCT + "valve_resistance"
            own = value(key)
            found.append(
                NodeNumbers(
                    volume=number("lymph.cisterna.volume" if cistern else _NODE + "volume"),
                    absorption=(0.0, ()) if cistern else number(_NODE + "absorption"),
                    resistance=(own, (key,)),
                    leak=(shut * plain / own, (_VALVE + "closed_resistance", _VALVE + "resistance", key)),
                    open=not {name, node["into"]} & self._disease.removed,
                )
            )
        return found

    def _chain(self, stretch: LymphangionPlace) -> dict[str, Any]:
        return self._limb.template["chains"][stretch.chain]

    def _lymphangion(self, stretch: LymphangionPlace, unlike: float) -> LymphangionNumbers:
        number, value = self._columns.number, self._columns.value
        chain = self._chain(stretch)
        duct = bool(chain.get("duct"))
        # disease is that of the leg's collectors, and not of a trunk beyond
        ill = "length" not in chain
        own, valve = (_DUCT, _DUCT) if duct else (_K, _VALVE)
        weak = self._disease.contractility if ill else 1.0
        leak = 1.0 / value(valve + "closed_resistance")
        leak += self._disease.valve_leak / value(_VALVE + "resistance") if ill else 0.0
        into = chain["into"] if stretch.number == chain["cells"] - 1 else None
        return LymphangionNumbers(
            length=stretch.length,
            vessels=(1.0, ()) if duct else (self._count(stretch, ill), self._counted(stretch)),
            diameter=number(own + "diameter"),
            tension=number(own + "tension", weak),
            frequency=number(own + "frequency", unlike, _K + "spread"),
            resistance=number(valve + ("valve_resistance" if duct else "resistance")),
            leak=(leak, (valve + "closed_resistance",)),
            open=into not in self._disease.removed,
        )

    def _count(self, stretch: LymphangionPlace, ill: bool) -> float:
        """How many collectors run side by side there."""
        chain = self._chain(stretch)
        found = self._columns.value("lymph." + chain["figures"])
        if ill:
            found *= self._disease.collectors
        if chain.get("begin_higher"):
            # evenly from the ankle on
            part = 0.5 * (stretch.lower + stretch.upper) / self._limb.levels["groin"]
            found *= 1.0 + (self._columns.value("lymph.collectors.growth") - 1.0) * max(0.0, part)
        return found

    def _counted(self, stretch: LymphangionPlace) -> Keys:
        """Keys of the figures that `_count` comes from."""
        chain = self._chain(stretch)
        return (f"lymph.{chain['figures']}", *(("lymph.collectors.growth",) if chain.get("begin_higher") else ()))
