"""Faces of a leg's veins and the valves in them: healthy ones, and what a person's document says of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from venolymph.body.structure import FacePlan
from venolymph.body.vein_cells import VeinCells

if TYPE_CHECKING:
    from venolymph.body.person import Leg

SUPRASAPHENIC = "common femoral, suprasaphenic valve"


class VeinFaces:
    """Faces and valves of a leg's veins.

    Args:
        cells: whose vessels they lie in.
        legs: what the document says, by leg ("index", "other").
    """

    def __init__(self, cells: VeinCells, legs: Mapping[str, Leg]) -> None:
        self.cells, self.legs = cells, legs
        self.plan, self.changes, self.arrays = cells.plan, cells.changes, cells.arrays
        self.value, self.put = self.arrays.value, self.arrays.put

    def fill(self) -> None:
        """Fill the arrays of faces and of valves."""
        self._faces()
        self._valves()

    def _perforator(self, face: FacePlan, place: str, key: str) -> tuple[float, float, float]:
        """Healthy and present diameter (cm) of a perforator's vessels, and their number."""
        change = self.changes[face.leg].get(place)
        healthy = self.value("perforators.diameter")
        bore = change.diameter if change and change.diameter is not None else healthy
        return healthy, bore, self.value(key + ".vessels")

    def _faces(self) -> None:
        for face in self.plan.faces:
            present = face.spare is None or self.cells.vessel[face.spare].present
            self.put("faces.tail_share", face.tail_share)
            self.put("faces.head_share", face.head_share)
            self.put("faces.open", 1.0 if present else 0.0)
            if face.perforator is None or face.place is None:
                self.put("faces.resistance", 0.0)
                self.put("faces.channel_length", 0.0)
                self.put("faces.channel_area", 1.0)
                self.put("faces.channel_vessels", 1.0)
                continue
            _, bore, vessels = self._perforator(face, face.place, face.perforator)
            length = self.value("perforators.length") * self.arrays.scale.length
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

    def _valves(self) -> None:
        leaks = {side: self._leaks(leg) for side, leg in self.legs.items()}
        meets = {side: _meets(leg) for side, leg in self.legs.items()}
        cell_segment = {cell: plan for plan in self.plan.segments.values() for cell in plan.cells}
        reserve = {side: leg.valve_reserve for side, leg in self.legs.items()}
        margin = self.value("valves.coaptation_margin")
        topology = self.plan.topology
        for place, number in zip(self.plan.valve_place, topology.valve_face, strict=True):
            face, plan = self.plan.faces[number], cell_segment[topology.tail[number]]
            side = "other" if plan.leg == "other" else "index"
            # lumps of the other leg have no place in documents, so that they find no leak
            self.put("valves.leak", leaks[side].get(place, self.value("people.leak.none")), "people.leak.none")
            self.arrays.put_valve_rates()
            if face.perforator is not None and face.place is not None:
                healthy, bore, vessels = self._perforator(face, face.place, face.perforator)
                area, normal, changed = math.pi / 4 * bore**2, math.pi / 4 * healthy**2, bore != healthy
            else:
                vessel = self.cells.vessel[plan.name]
                vessels, area, normal = vessel.vessels, vessel.standing_area, vessel.healthy_standing_area
                changed = vessel.changed
                # the lowest cell of a segment stands under more pressure than its middle
                area *= self.cells.reach(plan)
                normal *= self.cells.reach(plan)
            bearer = self.arrays.sources["cells.vessels"][topology.tail[number]]
            self.put("valves.vessels", vessels, *((face.perforator + ".vessels",) if face.perforator else bearer))
            self.put("valves.in_channel", 1.0 if face.perforator is not None else 0.0)
            stated = reserve[side]
            ratio = self.value("valves.coaptation_ratio") if stated is None else stated**2
            coaptation = max(ratio * normal, margin * area) if changed else ratio * normal
            if place in meets[side]:
                coaptation = meets[side][place] * area
            keys = ("valves.coaptation_ratio", "valves.coaptation_margin")
            self.put("valves.coaptation_area", coaptation, *keys)


def _meets(leg: Leg) -> dict[str, float]:
    """By valve, the share of its standing lumen at which the leaflets meet again, where a document says so."""
    found: dict[str, float] = {}
    for entry in leg.reflux:
        for name in entry.valves:
            found.pop(name, None)
            if entry.meets is not None:
                found[name] = float(entry.meets)
    return found
