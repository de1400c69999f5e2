"""A person becomes a leg: every parameter of the network as a number.

How a person differs from the reference leg of the figures:

- heights and lengths go with stature;
- lumen (and the number of small vessels) goes with body mass to a power and is a little smaller in women;
- inflow goes with body mass to a power of its own;
- walls stiffen with age, and keep the lumen that they have lying; in pregnancy they give way;
- what the person's document says about valves and veins is laid on top. A diameter measured standing becomes an
  unstressed lumen through the wall's law at the pressure that stands at the middle of that segment.

The other leg is laid out in a few lumps, or in full on request; both drain into one pelvis.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

from venolymph.body.anatomy import Body, Segment
from venolymph.body.change import VeinChange, changes_of
from venolymph.body.links import along, joints
from venolymph.body.structure import OTHER, Legs, SegmentPlan, Structure, structure
from venolymph.body.vessels import Bundle, WallClass, bundle
from venolymph.body.walls import age_figures, aged_wall, pregnant_wall, widened, young_wall
from venolymph.errors import DocumentError
from venolymph.figures import Figure, load
from venolymph.network.parameters import Beds, Cells, Faces, Fluid, Parameters, Surroundings, Valves
from venolymph.processes import check_process

if TYPE_CHECKING:
    from venolymph.body.person import Leg, Person

ABSENT_AREA = 1e-4
"""Unstressed lumen that a spare segment keeps while it is absent, cm2: enough for its equations to stay regular."""

SUPRASAPHENIC = "common femoral, suprasaphenic valve"


def leg_body(person: Person, *, legs: Legs = "one", figures: Mapping[str, Figure] | None = None) -> Body:
    """A person's leg veins.

    Args:
        person: the person; `person.index_side` is the leg in full.
        legs: "one" leg in full and the other in a few lumps, or "both" in full.
        figures: figures to use in place of the packaged ones (a calibration tries others). Heights of segments,
            perforators and regions are the packaged ones in any case: they lay out the network, which all share.

    Returns:
        The body.

    Raises:
        DocumentError: where `legs` is neither, or the document names a place that the leg does not have.
        SimulationError: in a process that was forked after JAX had begun.
    """
    check_process()
    if legs not in ("one", "both"):
        raise DocumentError(f"legs is {legs!r}; allowed are 'one' and 'both'")
    body = _VeinBuilder(person, structure(legs), figures or load()).body()
    return body if figures is None else replace(body, known=figures)


@dataclass(frozen=True)
class _Scale:
    """Factors from the reference leg to a person."""

    length: float
    area: float
    inflow: float
    sources: tuple[str, ...]
    inflow_sources: tuple[str, ...]


@dataclass
class _Vessel:
    """Properties shared by the cells of a segment."""

    wall: WallClass
    vessels: float
    unstressed_area: float
    length: float
    standing_area: float
    healthy_standing_area: float
    changed: bool
    present: bool


class _VeinBuilder:
    def __init__(self, person: Person, plan: Structure, figures: Mapping[str, Figure]) -> None:
        self.person, self.plan, self.all = person, plan, figures
        self.used: dict[str, Figure] = {}
        self.index_side: Literal["left", "right"] = person.index_side
        self.scale = self._scaling()
        self.density = self.value("blood.density")
        self.weight = self.density * self.value("blood.gravity")
        self.drag = self.value("blood.friction") * math.pi * self.value("blood.viscosity")
        self.links = joints(self.value, person.height)
        self.changes = {"index": changes_of(person.leg), "other": changes_of(person.other_leg)}
        self.values: dict[str, list[Any]] = {}
        self.sources: dict[str, list[tuple[str, ...]]] = {}
        self.vessel: dict[str, _Vessel] = {}

    def value(self, key: str) -> float:
        """A figure in internal units, recorded as used."""
        figure = self.all[key]
        self.used[key] = figure
        return figure.internal

    def put(self, array: str, value: Any, *sources: str) -> None:
        """Append an entry to an array of the parameters."""
        self.values.setdefault(array, []).append(value)
        self.sources.setdefault(array, []).append(sources)

    # -------------------------------------------------------------- person

    def _scaling(self) -> _Scale:
        length = self.person.height / self.value("body_proportions.reference.height")
        mass = self.person.mass / self.value("body_proportions.reference.mass")
        female = self.value("body_proportions.scaling.female_area")
        sex = female if self.person.sex == "female" else 1.0
        return _Scale(
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

    # -------------------------------------------------------------- the whole

    def body(self) -> Body:
        topology = self.plan.topology
        for segment in self.plan.segments.values():
            self.vessel[segment.name] = self._vessel(segment)
        for segment in self.plan.segments.values():
            self._cells(segment)
        self._faces()
        self._valves()
        self._beds()
        self._surroundings()
        for name in ("viscosity", "density"):
            self.put(f"fluid.{name}", self.value(f"blood.{name}"), f"blood.{name}")
        self.put("fluid.weight", self.weight, "blood.density", "blood.gravity")
        other = "right" if self.index_side == "left" else "left"
        sides = {"index": self.index_side, "other": other, "pelvis": "pelvis"}
        segments = {}
        for plan in self.plan.segments.values():
            middles = [sum(plan.extent(i)) / 2 * self.scale.length for i in range(len(plan.cells))]
            present = self.vessel[plan.name].present
            segments[plan.name] = Segment(plan.name, plan.cells, tuple(middles), plan.kind, sides[plan.leg], present)
        return Body(
            topology=topology,
            parameters=self._parameters(),
            person=self.person,
            segments=segments,
            valves={name: number for number, name in enumerate(topology.valves)},
            regions={name: dict(cells) for name, cells in self.plan.regions.items()},
            index_side=self.index_side,
            figures=dict(sorted(self.used.items())),
            sources={array: tuple(keys) for array, keys in self.sources.items()},
        )

    def _parameters(self) -> Parameters:
        def part(kind: type, name: str) -> Any:
            arrays = {key.split(".")[1]: value for key, value in self.values.items() if key.startswith(name + ".")}
            return kind(**{key: _array(value) for key, value in arrays.items()})

        return Parameters(
            cells=part(Cells, "cells"),
            faces=part(Faces, "faces"),
            valves=part(Valves, "valves"),
            beds=part(Beds, "beds"),
            surroundings=part(Surroundings, "surroundings"),
            fluid=part(Fluid, "fluid"),
        )

    # -------------------------------------------------------------- cells

    def _change(self, plan: SegmentPlan) -> VeinChange:
        if plan.leg == "other" and not self._full(plan):
            return VeinChange()
        side = "other" if plan.leg == "other" else "index"
        return self.changes[side].get(plan.place, VeinChange())

    def _full(self, plan: SegmentPlan) -> bool:
        return plan.name == OTHER + plan.place or plan.leg != "other"

    def _vessel(self, plan: SegmentPlan) -> _Vessel:
        change = self._change(plan)
        young = young_wall(plan.wall, self.value)
        aged = aged_wall(plan.wall, young, self.person.age, self.value)
        # a document's stiffness is a multiple of what people of the same age have
        wall = pregnant_wall(aged, self.person.weeks_pregnant, self.value)
        wall = wall.stiffened(change.stiffness) if change.stiffness else wall
        key = plan.figures
        length = (plan.upper - plan.lower) if key + ".length" not in self.all else self.value(key + ".length")
        length *= self.scale.length
        if plan.spare and change.added:
            length *= change.tortuosity or self.value("people.varicose_tributary.tortuosity")
        elif change.tortuosity:
            length *= change.tortuosity
        pressure = self.standing_pressure(plan)
        healthy = self._bundle(plan, young, pressure)
        vessels, unstressed = healthy.vessels, healthy.unstressed_area * widened(young, aged, self.value)
        if change.diameter is not None:
            vessels = round(vessels) if plan.kind not in ("lump", "muscle") else vessels
            unstressed = math.pi / 4 * change.diameter**2 / wall.lumen(pressure, crept=True)
        if change.lumen is not None:
            unstressed *= max(change.lumen, self.value("people.closed.lumen"))
        present = change.added or not plan.spare
        return _Vessel(
            wall=wall,
            vessels=vessels,
            unstressed_area=unstressed if present else ABSENT_AREA,
            length=length,
            standing_area=unstressed * wall.lumen(pressure, crept=True),
            # leaflets are as wide as the vein was when it was young
            healthy_standing_area=healthy.unstressed_area * young.lumen(pressure, crept=True),
            changed=change.diameter is not None or change.stiffness is not None,
            present=present,
        )

    def _bundle(self, plan: SegmentPlan, wall: WallClass, pressure: float) -> Bundle:
        """Number and unstressed lumen of a healthy segment's vessels, scaled to the person."""
        key, area = plan.figures, self.scale.area
        if key + ".vessels" in self.all:
            vessels = self.value(key + ".vessels")
            if key + ".diameter_unstressed" in self.all:
                unstressed = math.pi / 4 * self.value(key + ".diameter_unstressed") ** 2
            else:
                # the figure holds for the reference leg, hence at its standing pressure
                reference = pressure / self.scale.length if plan.muscle != "abdomen" else pressure
                standing = math.pi / 4 * self.value(key + ".diameter_standing") ** 2
                unstressed = standing / wall.lumen(reference, crept=True)
            return Bundle(vessels, unstressed * area)
        if key + ".volume_at_75" in self.all:
            volume, resistance, at = self.value(key + ".volume_at_75"), self.value(key + ".resistance_at_75"), 75.0
        else:
            volume, resistance = self.value(key + ".volume"), self.value(key + ".resistance")
            at = self.value(key + ".reference_pressure")
        fine = bundle(
            wall,
            volume=volume,
            resistance=resistance,
            pressure=at,
            length=self.value(key + ".length"),
            drag=self.drag,
        )
        return Bundle(fine.vessels * area, fine.unstressed_area)

    def _cells(self, plan: SegmentPlan) -> None:
        vessel, key, scaled = self.vessel[plan.name], plan.figures, self.scale.sources
        named = "vessels" if key + ".vessels" in self.all else "volume"
        calibre = [k for k in self.used if k.startswith(key + ".diameter_")] or [
            k for k in self.used if k.startswith((key + ".volume", key + ".resistance"))
        ]
        ends = (key + ".length",) if key + ".length" in self.all else (key + ".lower_end", key + ".upper_end")
        count = [key + ".vessels"] if named == "vessels" else calibre
        wall, prefix = vessel.wall, f"walls.{plan.wall}."
        aged = age_figures(plan.wall)
        for end in ("lower_end", "upper_end"):
            self.value(f"{key}.{end}")
        for i, cell in enumerate(plan.cells):
            self.put("cells.length", vessel.length / len(plan.cells), *ends, "body_proportions.reference.height")
            self.put("cells.vessels", vessel.vessels, *count, *(scaled if named == "volume" else ()))
            scaling = scaled if named == "vessels" else ()
            self.put("cells.unstressed_area", vessel.unstressed_area, *calibre, *aged, *scaling)
            self.put("cells.friction", self.value("blood.friction"), "blood.friction")
            self.put("cells.collapse_stiffness", wall.collapse, prefix + "collapse_stiffness")
            self.put("cells.elastin_stiffness", wall.elastin, prefix + "elastin_stiffness", *aged)
            self.put("cells.collagen_stiffness", wall.collagen, prefix + "collagen_stiffness", *aged)
            self.put("cells.collagen_exponent", wall.exponent, prefix + "collagen_exponent", *aged)
            self.put("cells.tether", wall.tether, prefix + "tether")
            self.put("cells.viscous_time", self.value("walls.viscous_time"), "walls.viscous_time")
            self.put("cells.relaxation_gain", wall.relaxation_gain, prefix + "relaxation_gain")
            self.put("cells.relaxation_time", wall.relaxation_time, prefix + "relaxation_time")
            shares, keys = self._shares(plan, i, cell)
            self.put("cells.share", shares, *keys)
            low, high = plan.extent(i)
            height = 0.5 * (low + high) * self.scale.length
            proportions = tuple(f"body_proportions.{name}" for name in ("ankle", "knee", "hip", "right_atrium"))
            self.put("cells.position", self.position(height), key + ".lower_end", key + ".upper_end", *proportions)

    def _shares(self, plan: SegmentPlan, number: int, cell: int) -> tuple[list[float], list[str]]:
        shares, keys = [], []
        for name, fraction in self.plan.shares[cell]:
            if name.endswith(" shell"):
                surface = plan.kind in ("superficial", "tributary") or "skin" in plan.place
                depth = "superficial" if surface else "deep"
                depth = "varix" if plan.kind == "tributary" else "sheathed" if plan.sheathed else depth
                key = f"muscle_pump.shell.share_{depth}"
            else:
                top = number == len(plan.cells) - 1 and plan.figures + ".muscle_share_top" in self.all
                key = plan.figures + (".muscle_share_top" if top else ".muscle_share")
            shares.append(fraction * self.value(key))
            keys.append(key)
        slots = self.plan.topology.n_slots
        return shares + [0.0] * (slots - len(shares)), keys

    # -------------------------------------------------------------- faces and valves

    def _perforator(self, face_name: str, place: str, key: str) -> tuple[float, float, float]:
        """Healthy and present diameter (cm) of a perforator's vessels, and their number."""
        side = "other" if face_name.startswith(OTHER) else "index"
        change = self.changes[side].get(place)
        healthy = self.value("perforators.diameter")
        bore = change.diameter if change and change.diameter is not None else healthy
        return healthy, bore, self.value(key + ".vessels")

    def _faces(self) -> None:
        for face in self.plan.faces:
            present = face.spare is None or self.vessel[face.spare].present
            self.put("faces.tail_share", face.tail_share)
            self.put("faces.head_share", face.head_share)
            self.put("faces.open", 1.0 if present else 0.0)
            if face.perforator is None or face.place is None:
                self.put("faces.resistance", 0.0)
                self.put("faces.channel_length", 0.0)
                self.put("faces.channel_area", 1.0)
                self.put("faces.channel_vessels", 1.0)
                continue
            _, bore, vessels = self._perforator(face.name, face.place, face.perforator)
            length = self.value("perforators.length") * self.scale.length
            area = math.pi / 4 * bore**2
            self.put("faces.resistance", 0.0)
            self.put("faces.channel_length", length, "perforators.length")
            self.put("faces.channel_area", area, "perforators.diameter")
            self.put("faces.channel_vessels", vessels, face.perforator + ".vessels")

    def _leaks(self, leg: Leg) -> dict[str, float]:
        leaks: dict[str, float] = {}
        for vein in leg.veins:
            if vein.add is not None:
                for name in vein.segments:
                    leaks[f"{name}, mouth valve"] = self.value("people.varicose_tributary.leak")
        if leg.suprasaphenic_valve == "absent":
            leaks[SUPRASAPHENIC] = self.value("people.absent_valve.leak")
        for entry in leg.reflux:
            for name in entry.valves:
                leaks[name] = entry.open_share
        return leaks

    def _meets(self, leg: Leg) -> dict[str, float]:
        """By valve, the share of its standing lumen at which the leaflets meet again, where a document says so."""
        found: dict[str, float] = {}
        for entry in leg.reflux:
            for name in entry.valves:
                found.pop(name, None)
                if entry.meets is not None:
                    found[name] = float(entry.meets)
        return found

    def _valves(self) -> None:
        leaks = {"index": self._leaks(self.person.leg), "other": self._leaks(self.person.other_leg)}
        meets = {"index": self._meets(self.person.leg), "other": self._meets(self.person.other_leg)}
        cell_segment = {cell: plan for plan in self.plan.segments.values() for cell in plan.cells}
        ratio, margin = self.value("valves.coaptation_ratio"), self.value("valves.coaptation_margin")
        topology = self.plan.topology
        for place, number in zip(self.plan.valve_place, topology.valve_face, strict=True):
            face, plan = self.plan.faces[number], cell_segment[topology.tail[number]]
            side = "other" if plan.leg == "other" else "index"
            # lumps of the other leg have no place in documents, so that they find no leak
            self.put("valves.leak", leaks[side].get(place, self.value("people.leak.none")), "people.leak.none")
            for rate in ("opening_time", "closing_time", "closing_pressure", "threshold"):
                self.put(f"valves.{rate}", self.value(f"valves.{rate}"), f"valves.{rate}")
            if face.perforator is not None and face.place is not None:
                healthy, bore, vessels = self._perforator(face.name, face.place, face.perforator)
                area, normal, changed = math.pi / 4 * bore**2, math.pi / 4 * healthy**2, bore != healthy
            else:
                vessel = self.vessel[plan.name]
                vessels, area, normal = vessel.vessels, vessel.standing_area, vessel.healthy_standing_area
                changed = vessel.changed
                # the lowest cell of a segment stands under more pressure than its middle
                area *= self._reach(plan)
                normal *= self._reach(plan)
            bearer = self.sources["cells.vessels"][topology.tail[number]]
            self.put("valves.vessels", vessels, *((face.perforator + ".vessels",) if face.perforator else bearer))
            self.put("valves.in_channel", 1.0 if face.perforator is not None else 0.0)
            coaptation = max(ratio * normal, margin * area) if changed else ratio * normal
            if place in meets[side]:
                coaptation = meets[side][place] * area
            keys = ("valves.coaptation_ratio", "valves.coaptation_margin")
            self.put("valves.coaptation_area", coaptation, *keys)

    def _reach(self, plan: SegmentPlan) -> float:
        """Standing lumen at a segment's lower end over that at its middle, 1."""
        wall, pressure = self.vessel[plan.name].wall, self.standing_pressure(plan)
        below = 0.5 * (plan.upper - plan.lower) * self.scale.length * self.weight
        return wall.lumen(pressure + below, crept=True) / wall.lumen(pressure, crept=True)

    # -------------------------------------------------------------- beds and surroundings

    def _beds(self) -> None:
        drop = self.value("inflow.arterial_pressure") - self.value("inflow.venular_pressure_lying")
        drop_keys = ("inflow.arterial_pressure", "inflow.venular_pressure_lying")
        for bed in self.plan.beds:
            flow = self.value(bed.figures + ".flow_lying") * self.scale.inflow
            keys = (bed.figures + ".flow_lying", *drop_keys, *self.scale.inflow_sources)
            self.put("beds.conductance", flow / drop, *keys)
            for name in ("gain", "threshold", "full", "time", "opening_time"):
                key = f"inflow.arteriolar.{name}"
                self.put(f"beds.arteriolar_{name}", self.value(key), key)
            muscle = "muscle," in bed.name
            gain = self.value("inflow.exercise.gain") if muscle else 0.0
            self.put("beds.exercise_gain", gain, *(("inflow.exercise.gain",) if muscle else ()))
            self.put("beds.exercise_time", self.value("inflow.exercise.time"), "inflow.exercise.time")

    def _surroundings(self) -> None:
        topology = self.plan.topology
        rest = self.value("muscle_pump.fascia.rest_pressure")
        inside = dict.fromkeys(range(len(topology.surroundings)), 0.0)
        volume: dict[int, float] = {}
        for plan in self.plan.segments.values():
            vessel = self.vessel[plan.name]
            each = vessel.length / len(plan.cells) * vessel.vessels * vessel.unstressed_area * vessel.wall.lumen(rest)
            volume |= dict.fromkeys(plan.cells, each)
        for cell, slots in enumerate(topology.surrounded):
            for surrounding in set(slots):
                inside[surrounding] += volume[cell]
        key = "muscle_pump.fascia.calf_elastance"
        for number in range(len(topology.surroundings)):
            elastic = number in topology.elastic
            self.put("surroundings.elastance", self.value(key) if elastic else 0.0, *((key,) if elastic else ()))
            self.put("surroundings.rest_volume", inside[number], "muscle_pump.fascia.rest_pressure")


def _array(value: list[Any]) -> jax.Array:
    return jnp.asarray(np.asarray(value, np.float64)[..., None])
