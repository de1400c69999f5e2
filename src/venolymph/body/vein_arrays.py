"""Arrays of a leg's veins as they are filled from the figures, and how a person differs from the reference leg.

- heights and lengths go with stature;
- lumen (and the number of small vessels) goes with body mass to a power and is a little smaller in women;
- inflow goes with body mass to a power of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from venolymph.body.links import along, joints
from venolymph.body.structure import SegmentPlan
from venolymph.figures import Figure

if TYPE_CHECKING:
    from venolymph.body.person import Person


@dataclass(frozen=True)
class VeinScale:
    """Factors from the reference leg to a person."""

    length: float
    area: float
    inflow: float
    sources: tuple[str, ...]
    inflow_sources: tuple[str, ...]


class VeinArrays:
    """Arrays of parameters that grow entry by entry, with the keys of the figures that each entry comes from.

    Args:
        person: the person.
        figures: all figures.

    Attributes:
        used: figures that were asked for, by key.
        values: entries of each array, by its name ("cells.length").
        sources: keys of the figures of each entry.
        scale: factors from the reference leg to the person.
        density: of blood.
        weight: of blood, mmHg/cm.
        drag: friction factor times pi times viscosity.
        links: heights of knee, hip and right atrium above the malleolus, cm.
    """

    def __init__(self, person: Person, figures: Mapping[str, Figure]) -> None:
        self.person, self.all = person, figures
        self.used: dict[str, Figure] = {}
        self.scale = self._scaling()
        self.density = self.value("blood.density")
        self.weight = self.density * self.value("blood.gravity")
        self.drag = self.value("blood.friction") * math.pi * self.value("blood.viscosity")
        self.links = joints(self.value, person.height)
        self.values: dict[str, list[Any]] = {}
        self.sources: dict[str, list[tuple[str, ...]]] = {}

    def value(self, key: str) -> float:
        """A figure in internal units, recorded as used."""
        figure = self.all[key]
        self.used[key] = figure
        return figure.internal

    def put(self, array: str, value: Any, *sources: str) -> None:
        """Append an entry to an array of the parameters."""
        self.values.setdefault(array, []).append(value)
        self.sources.setdefault(array, []).append(sources)

    def _scaling(self) -> VeinScale:
        length = self.person.height / self.value("body_proportions.reference.height")
        mass = self.person.mass / self.value("body_proportions.reference.mass")
        female = self.value("body_proportions.scaling.female_area")
        sex = female if self.person.sex == "female" else 1.0
        return VeinScale(
            length=length,
            area=sex * mass ** self.value("body_proportions.scaling.area_mass_exponent"),
            inflow=mass ** self.value("body_proportions.scaling.inflow_mass_exponent"),
            sources=("body_proportions.scaling.area_mass_exponent", "body_proportions.scaling.female_area"),
            inflow_sources=("body_proportions.scaling.inflow_mass_exponent",),
        )

    def position(self, height: float) -> tuple[float, float, float, float]:
        """Where a height above the malleolus (cm) lies along trunk, thigh, shank and foot, cm down from the atrium."""
        return along(self.links, height)

    def standing_pressure(self, plan: SegmentPlan) -> float:
        """Transmural pressure at the middle of a segment in quiet standing, mmHg."""
        height = 0.5 * (plan.lower + plan.upper) * self.scale.length
        outside = self.value("posture.abdomen.pressure") if plan.muscle == "abdomen" else 0.0
        column = self.weight * (self.links[2] - height)
        return self.value("posture.right_atrium.upright") + column - outside
