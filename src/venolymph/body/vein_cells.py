"""Vessels of a leg's segments: wall, number, lumen and length of each, laid into the arrays of its cells.

Walls stiffen with age, and keep the lumen that they have lying; in pregnancy they give way. What the person's document
says about veins is laid on top. A diameter measured standing becomes an unstressed lumen through the wall's law at the
pressure that stands at the middle of that segment.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from venolymph.body.change import VeinChange
from venolymph.body.structure import SegmentPlan, Structure
from venolymph.body.vein_arrays import VeinArrays
from venolymph.body.vessels import Bundle, WallClass, bundle
from venolymph.body.walls import age_figures, aged_wall, pregnant_wall, widened, young_wall

ABSENT_AREA = 1e-4
"""Unstressed lumen that a spare segment keeps while it is absent, cm2: enough for its equations to stay regular."""


@dataclass
class SegmentVessel:
    """Properties shared by the cells of a segment."""

    wall: WallClass
    vessels: float
    unstressed_area: float
    length: float
    standing_area: float
    healthy_standing_area: float
    changed: bool
    present: bool


class VeinCells:
    """Segments of a leg and their cells.

    Args:
        plan: what is joined to what.
        changes: what the document says, by leg ("index", "other") and place.
        arrays: to fill.

    Attributes:
        vessel: of each segment, by its name.
    """

    def __init__(self, plan: Structure, changes: Mapping[str, Mapping[str, VeinChange]], arrays: VeinArrays) -> None:
        self.plan, self.changes, self.arrays = plan, changes, arrays
        self.value, self.put, self.scale = arrays.value, arrays.put, arrays.scale
        self.vessel = {segment.name: self._vessel(segment) for segment in plan.segments.values()}

    def fill(self) -> None:
        """Fill the arrays of cells."""
        for segment in self.plan.segments.values():
            self._cells(segment)

    def _change(self, plan: SegmentPlan) -> VeinChange:
        if plan.leg == "other" and not plan.region.full:
            return VeinChange()
        side = "other" if plan.leg == "other" else "index"
        return self.changes[side].get(plan.place, VeinChange())

    def _vessel(self, plan: SegmentPlan) -> SegmentVessel:
        change = self._change(plan)
        young = young_wall(plan.wall, self.value)
        aged = aged_wall(plan.wall, young, self.arrays.person.age, self.value)
        # a document's stiffness is a multiple of what people of the same age have
        wall = pregnant_wall(aged, self.arrays.person.weeks_pregnant, self.value)
        wall = wall.stiffened(change.stiffness) if change.stiffness else wall
        key = plan.figures
        length = (plan.upper - plan.lower) if key + ".length" not in self.arrays.all else self.value(key + ".length")
        length *= self.scale.length
        if plan.spare and change.added:
            length *= change.tortuosity or self.value("people.varicose_tributary.tortuosity")
        elif change.tortuosity:
            length *= change.tortuosity
        pressure = self.arrays.standing_pressure(plan)
        healthy = self._bundle(plan, young, pressure)
        vessels, unstressed = healthy.vessels, healthy.unstressed_area * widened(young, aged, self.value)
        if change.diameter is not None:
            vessels = round(vessels) if plan.kind not in ("lump", "muscle") else vessels
            unstressed = math.pi / 4 * change.diameter**2 / wall.lumen(pressure, crept=True)
        if change.lumen is not None:
            unstressed *= max(change.lumen, self.value("people.closed.lumen"))
        present = change.added or not plan.spare
        return SegmentVessel(
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
        if key + ".vessels" in self.arrays.all:
            vessels = self.value(key + ".vessels")
            if key + ".diameter_unstressed" in self.arrays.all:
                unstressed = math.pi / 4 * self.value(key + ".diameter_unstressed") ** 2
            else:
                # the figure holds for the reference leg, hence at its standing pressure
                reference = pressure / self.scale.length if plan.muscle != "abdomen" else pressure
                standing = math.pi / 4 * self.value(key + ".diameter_standing") ** 2
                unstressed = standing / wall.lumen(reference, crept=True)
            return Bundle(vessels, unstressed * area)
        if key + ".volume_at_75" in self.arrays.all:
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
            drag=self.arrays.drag,
        )
        return Bundle(fine.vessels * area, fine.unstressed_area)

    def _cells(self, plan: SegmentPlan) -> None:
        vessel, key, scaled = self.vessel[plan.name], plan.figures, self.scale.sources
        named = "vessels" if key + ".vessels" in self.arrays.all else "volume"
        calibre = [k for k in self.arrays.used if k.startswith(key + ".diameter_")] or [
            k for k in self.arrays.used if k.startswith((key + ".volume", key + ".resistance"))
        ]
        ends = (key + ".length",) if key + ".length" in self.arrays.all else (key + ".lower_end", key + ".upper_end")
        count = [key + ".vessels"] if named == "vessels" else calibre
        aged = age_figures(plan.wall)
        for end in ("lower_end", "upper_end"):
            self.value(f"{key}.{end}")
        for i, cell in enumerate(plan.cells):
            self.put("cells.length", vessel.length / len(plan.cells), *ends, "body_proportions.reference.height")
            self.put("cells.vessels", vessel.vessels, *count, *(scaled if named == "volume" else ()))
            scaling = scaled if named == "vessels" else ()
            self.put("cells.unstressed_area", vessel.unstressed_area, *calibre, *aged, *scaling)
            self.arrays.put_wall(plan.wall, vessel.wall, *aged)
            shares, keys = self._shares(plan, i, cell)
            self.put("cells.share", shares, *keys)
            low, high = plan.extent(i)
            position = self.arrays.position(0.5 * (low + high) * self.scale.length)
            position = plan.region.spread(self.plan.topology.links, position)
            proportions = tuple(f"body_proportions.{name}" for name in ("ankle", "knee", "hip", "right_atrium"))
            self.put("cells.position", position, key + ".lower_end", key + ".upper_end", *proportions)

    def _shares(self, plan: SegmentPlan, number: int, cell: int) -> tuple[list[float], list[str]]:
        shares, keys = [], []
        for name, fraction in self.plan.shares[cell]:
            if name.endswith(" shell"):
                surface = plan.kind in ("superficial", "tributary") or "skin" in plan.place
                depth = "superficial" if surface else "deep"
                depth = "varix" if plan.kind == "tributary" else "sheathed" if plan.sheathed else depth
                key = f"muscle_pump.shell.share_{depth}"
            else:
                top = number == len(plan.cells) - 1 and plan.figures + ".muscle_share_top" in self.arrays.all
                key = plan.figures + (".muscle_share_top" if top else ".muscle_share")
            shares.append(fraction * self.value(key))
            keys.append(key)
        slots = self.plan.topology.n_slots
        return shares + [0.0] * (slots - len(shares)), keys

    def reach(self, plan: SegmentPlan) -> float:
        """Standing lumen at a segment's lower end over that at its middle, 1."""
        wall, pressure = self.vessel[plan.name].wall, self.arrays.standing_pressure(plan)
        below = 0.5 * (plan.upper - plan.lower) * self.scale.length * self.arrays.weight
        return wall.lumen(pressure + below, crept=True) / wall.lumen(pressure, crept=True)
