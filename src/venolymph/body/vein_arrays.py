"""Arrays of veins as they are filled from the figures, and how a person differs from the reference body.

- heights and lengths go with stature;
- lumen (and the number of small vessels) goes with body mass to a power and is a little smaller in women;
- inflow goes with body mass to a power of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np

from venolymph.body.links import along, joints
from venolymph.body.structure import SegmentPlan
from venolymph.body.vessels import WallClass
from venolymph.figures import Figure
from venolymph.network.parameters import Beds, Cells, Faces, Fluid, Parameters, Surroundings, Valves

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

    def put_wall(self, name: str, wall: WallClass, *aged: str) -> None:
        """Append the wall of a cell: its class, what a person makes of it, and keys of the figures by which."""
        prefix = f"walls.{name}."
        self.put("cells.friction", self.value("blood.friction"), "blood.friction")
        self.put("cells.collapse_stiffness", wall.collapse, prefix + "collapse_stiffness")
        self.put("cells.elastin_stiffness", wall.elastin, prefix + "elastin_stiffness", *aged)
        self.put("cells.collagen_stiffness", wall.collagen, prefix + "collagen_stiffness", *aged)
        self.put("cells.collagen_exponent", wall.exponent, prefix + "collagen_exponent", *aged)
        self.put("cells.tether", wall.tether, prefix + "tether")
        self.put("cells.viscous_time", self.value("walls.viscous_time"), "walls.viscous_time")
        self.put("cells.relaxation_gain", wall.relaxation_gain, prefix + "relaxation_gain")
        self.put("cells.relaxation_time", wall.relaxation_time, prefix + "relaxation_time")

    def put_valve_rates(self) -> None:
        """Append what is alike in all valves."""
        for rate in ("opening_time", "closing_time", "closing_pressure", "threshold"):
            self.put(f"valves.{rate}", self.value(f"valves.{rate}"), f"valves.{rate}")

    def put_bed(self, conductance: float, *sources: str, muscle: bool = False) -> None:
        """Append a microvascular bed: conductance, mL/(s mmHg), its figures, and whether it works as muscle does."""
        self.put("beds.conductance", conductance, *sources)
        for name in ("gain", "threshold", "full", "time", "opening_time"):
            key = f"inflow.arteriolar.{name}"
            self.put(f"beds.arteriolar_{name}", self.value(key), key)
        gain = self.value("inflow.exercise.gain") if muscle else 0.0
        self.put("beds.exercise_gain", gain, *(("inflow.exercise.gain",) if muscle else ()))
        self.put("beds.exercise_time", self.value("inflow.exercise.time"), "inflow.exercise.time")

    def put_fluid(self) -> None:
        """Append what blood is."""
        for name in ("viscosity", "density"):
            self.put(f"fluid.{name}", self.value(f"blood.{name}"), f"blood.{name}")
        self.put("fluid.weight", self.weight, "blood.density", "blood.gravity")

    def parameters(self) -> Parameters:
        """All arrays as the engine takes them, with a batch axis of length 1."""

        def part(kind: type, name: str) -> Any:
            arrays = {key.split(".")[1]: value for key, value in self.values.items() if key.startswith(name + ".")}
            return kind(**{k: jnp.asarray(np.asarray(value, np.float64)[..., None]) for k, value in arrays.items()})

        return Parameters(
            cells=part(Cells, "cells"),
            faces=part(Faces, "faces"),
            valves=part(Valves, "valves"),
            beds=part(Beds, "beds"),
            surroundings=part(Surroundings, "surroundings"),
            fluid=part(Fluid, "fluid"),
        )

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
