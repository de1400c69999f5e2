"""Numbers of tissue: capillaries, plasma, interstitium and what joins its compartments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from venolymph.body.drainage_types import MUSCLE, PER_MILLILITRE
from venolymph.body.figure_columns import Column, FigureColumns
from venolymph.network.depot import Depots
from venolymph.network.exchange import CapillaryBeds
from venolymph.network.interstitium import Interstitium, TissueLinks
from venolymph.network.plasma import Plasma


class TissueKind(Protocol):
    """What the numbers of a compartment follow from."""

    @property
    def tissue(self) -> str:
        """`subcutis` or `muscle`."""
        ...

    @property
    def volume(self) -> float:
        """Of the tissue, mL."""
        ...

    @property
    def tight(self) -> bool:
        """Whether skin and muscle are bound tighter there than elsewhere in a leg."""
        ...


class TissueParameters:
    """Parameters of tissue from the figures.

    Args:
        compartments: of the tissue.
        conductance: of what joins neighbours, mL/s/mmHg.
        columns: where the figures come from, and their keys are kept.
    """

    kept_drop: ClassVar[str | None] = None
    """Key of the figure of the pressure from capillaries to venules where arterioles keep the flow; None for a leg."""

    def __init__(
        self, compartments: Sequence[TissueKind], conductance: Sequence[float], columns: FigureColumns
    ) -> None:
        self.compartments, self.conductance, self.columns = compartments, conductance, columns
        self._volumes = [c.volume for c in compartments]

    def _by_kind(self, key: str, times: Sequence[float] | None = None) -> Column:
        """A figure of skin and subcutis, or of muscle, for each compartment, where asked for times its volume, mL."""
        values, keys = self.columns.each([f"{key}.{c.tissue}" for c in self.compartments])
        factors = times or [1.0] * len(values)
        return [x * y for x, y in zip(values, factors, strict=True)], keys

    def beds(self) -> CapillaryBeds:
        """Capillaries of each compartment."""
        n = len(self._volumes)
        keys = [f"tissue.{kind}.permeability" for kind in ("protein", "tracer.small", "tracer.large")]
        walls = [f"tissue.{kind}.reflection" for kind in ("protein", "tracer.small", "tracer.large")]
        k = "tissue.capillary."
        return self.columns.rows(
            CapillaryBeds,
            "capillaries",
            filtration=self._by_kind(k + "filtration", self._volumes),
            resistance_ratio=self.columns.same(k + "resistance_ratio", n),
            kept_drop=([0.0] * n, ()) if self.kept_drop is None else self.columns.same(self.kept_drop, n),
            glycocalyx=self.columns.same(k + "glycocalyx", n),
            closure_least=self._closure_least(k + "closure_least"),
            closure_weight=self._by_kind(k + "closure_weight"),
            closure_centre=self.columns.same(k + "closure_centre", n),
            closure_width=self.columns.same(k + "closure_width", n),
            closure_time=self.columns.same(k + "closure_time", n),
            reflection=([[self.columns.value(key)] * n for key in walls], [(key,) for key in walls]),
            permeability=(
                [[self.columns.value(key) * v for v in self._volumes] for key in keys],
                [(key,) for key in keys],
            ),
            plasma_flow=self._by_kind(k + "plasma_flow", self._volumes),
            recruitment=self.columns.same(k + "recruitment", n),
        )

    def _closure_least(self, key: str) -> Column:
        """Least open share of each bed. A foot was measured as a whole, so its muscle closes as its skin does."""
        keys = (f"{key}.subcutis", f"{key}.{MUSCLE}")
        return self.columns.each([keys[c.tissue == MUSCLE and not c.tight] for c in self.compartments])

    def plasma(self) -> Plasma:
        """Plasma, and the oncotic pressure of proteins in it and in tissue."""

        def cubic(kind: str) -> Column:
            values, keys = self.columns.each([f"tissue.oncotic.{kind}_{i}" for i in (1, 2, 3)])
            return [value * 0.1**i for i, value in enumerate(values, 1)], keys

        protein = self.columns.value("tissue.protein.plasma") * PER_MILLILITRE
        return self.columns.rows(
            Plasma,
            "plasma",
            concentration=([protein, 0.0, 0.0], [("tissue.protein.plasma",), (), ()]),
            plasma_oncotic=cubic("plasma"),
            tissue_oncotic=cubic("tissue"),
            gain=self.columns.same("tissue.plasma.gain", 1),
            gain_time=self.columns.same("tissue.plasma.gain_time", 1),
            gained_protein=(
                [self.columns.value("tissue.plasma.gained_protein") * PER_MILLILITRE],
                ("tissue.plasma.gained_protein",),
            ),
        )

    def _fluid(self) -> Column:
        """Tissue fluid of each compartment at v = 1, mL."""
        return self._by_kind("tissue.interstitial_share", self._volumes)

    def interstitium(self) -> Interstitium:
        """Tissue fluid of each compartment and what holds it."""
        n = len(self.compartments)
        p, r = "tissue.pressure.", "tissue.relaxation."
        protein = [self.columns.value(f"tissue.available.{c.tissue}") for c in self.compartments]
        small, more = self.columns.value("tissue.available.small"), self.columns.value("tissue.available.swelling")
        both = tuple(dict.fromkeys(f"tissue.available.{c.tissue}" for c in self.compartments))

        def limit(name: str, at_foot: str) -> Column:
            """Limit of swelling: by skin, or by a muscle's fascia."""
            keys = (p + "taut_" + name, p + "fascia_" + name, p + "fascia_" + at_foot)
            return self.columns.each([keys[(c.tissue == MUSCLE) * (1 + c.tight)] for c in self.compartments])

        def slope(name: str) -> Column:
            """Slope of pressure below oedema, by tissue."""
            return self.columns.each([p + ("muscle_slope" if c.tissue == MUSCLE else name) for c in self.compartments])

        def gain(name: str) -> list[float]:
            """Gain of a relaxing arm; almost none in muscle."""
            shares = (1.0, self.columns.value(r + "muscle"))
            return [self.columns.value(r + name) * shares[c.tissue == MUSCLE] for c in self.compartments]

        def knee(name: str) -> Column:
            """Swelling beyond which pressure rises less; larger in the tight skin of foot and ankle."""
            keys = (p + name, p + "foot_knee")
            later = self.columns.value(keys[0]) + self.columns.value(keys[1]) - self.columns.value(p + "middle_knee")
            foot = [c.tight and c.tissue != MUSCLE for c in self.compartments]
            return [later if late else self.columns.value(keys[0]) for late in foot], [
                keys[: 1 + late] for late in foot
            ]

        return self.columns.rows(
            Interstitium,
            "tissue",
            volume=self._fluid(),
            pressure=self.columns.same(p + "rest", n),
            stiff_slope=slope("stiff_slope"),
            middle_slope=slope("middle_slope"),
            flat_slope=self.columns.same(p + "flat_slope", n),
            taut_slope=limit("slope", "foot_slope"),
            middle_knee=knee("middle_knee"),
            flat_knee=knee("flat_knee"),
            taut_knee=limit("knee", "knee"),
            bend=self.columns.same(p + "bend", n),
            taut_bend=self.columns.same(p + "taut_bend", n),
            borne=(
                [1.0 if c.tissue == MUSCLE else self.columns.value(p + "borne") for c in self.compartments],
                (p + "borne",),
            ),
            borne_swelling=self.columns.same(p + "borne_swelling", n),
            relaxation_gain=(
                [gain("fast_gain"), gain("slow_gain")],
                [(r + "fast_gain", r + "muscle"), (r + "slow_gain", r + "muscle")],
            ),
            relaxation_time=(
                [[self.columns.value(r + "fast_time")] * n, [self.columns.value(r + "slow_time")] * n],
                [(r + "fast_time",), (r + "slow_time",)],
            ),
            available=([protein, [small] * n, protein], [both, ("tissue.available.small",), both]),
            available_swelling=(
                [[more] * n, [small] * n, [more] * n],
                [(f"tissue.available.{name}",) for name in ("swelling", "small", "swelling")],
            ),
        )

    def links(self) -> TissueLinks:
        """What joins neighbouring compartments."""
        return self.columns.rows(
            TissueLinks,
            "links",
            conductance=(self.conductance, ("tissue.darcy.conductivity",)),
            decades=self.columns.same("tissue.darcy.decades", len(self.conductance)),
            full_swelling=self.columns.same("tissue.darcy.full_swelling", len(self.conductance)),
        )

    def depots(self) -> Depots:
        """Depots of what was injected."""
        n = len(self.compartments)
        spreads = ("tissue.depot.spread", "tissue.depot.spread_small", "tissue.depot.spread")
        return self.columns.rows(
            Depots,
            "depots",
            nearness=self.columns.same("tissue.depot.nearness", n),
            spread=([[self.columns.value(k)] * n for k in spreads], [(k,) for k in spreads]),
        )
