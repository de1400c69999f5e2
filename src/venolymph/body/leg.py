"""A person becomes a leg: every parameter of the network as a number.

How a person differs from the reference leg of the figures: in size (`vein_arrays.py`), in walls, by age and in
pregnancy, and in what the person's document says about veins (`vein_cells.py`) and valves (`vein_faces.py`).

The other leg is laid out in a few lumps, or in full on request; both drain into one pelvis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from venolymph.body.anatomy import Body, Segment
from venolymph.body.change import changes_of
from venolymph.body.region import Legs
from venolymph.body.structure import Structure, structure
from venolymph.body.vein_arrays import VeinArrays
from venolymph.body.vein_cells import VeinCells
from venolymph.body.vein_faces import VeinFaces
from venolymph.errors import DocumentError, nearest
from venolymph.figures import Figure, load
from venolymph.processes import check_process

if TYPE_CHECKING:
    from venolymph.body.person import Person


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
        near = nearest(str(legs), ("one", "both"))
        raise DocumentError(
            f"legs is {legs!r}; allowed are 'one' and 'both'",
            hint=f"did you mean {near!r}?" if near else "'one' is the leg asked about, with the other as a few lumps",
        )
    body = _VeinBuilder(person, structure(legs), figures or load()).body()
    return body if figures is None else replace(body, known=figures)


class _VeinBuilder:
    def __init__(self, person: Person, plan: Structure, figures: Mapping[str, Figure]) -> None:
        self.plan = plan
        self.index_side: Literal["left", "right"] = person.index_side
        self.arrays = VeinArrays(person, figures)
        self.value, self.put, self.scale = self.arrays.value, self.arrays.put, self.arrays.scale
        legs = {"index": person.leg, "other": person.other_leg}
        self.cells = VeinCells(plan, {side: changes_of(leg) for side, leg in legs.items()}, self.arrays)
        self.faces = VeinFaces(self.cells, legs)

    def body(self) -> Body:
        topology = self.plan.topology
        self.cells.fill()
        self.faces.fill()
        self._beds()
        self._surroundings()
        self.arrays.put_fluid()
        other = "right" if self.index_side == "left" else "left"
        sides = {"index": self.index_side, "other": other, "pelvis": "pelvis"}
        segments = {}
        for plan in self.plan.segments.values():
            middles = [sum(plan.extent(i)) / 2 * self.scale.length for i in range(len(plan.cells))]
            present = self.cells.vessel[plan.name].present
            segments[plan.name] = Segment(plan.name, plan.cells, tuple(middles), plan.kind, sides[plan.leg], present)
        return Body(
            topology=topology,
            parameters=self.arrays.parameters(),
            person=self.arrays.person,
            segments=segments,
            valves={name: number for number, name in enumerate(topology.valves)},
            regions={name: dict(cells) for name, cells in self.plan.regions.items()},
            index_side=self.index_side,
            body_regions=self.plan.body_regions,
            figures=dict(sorted(self.arrays.used.items())),
            sources={array: tuple(keys) for array, keys in self.arrays.sources.items()},
        )

    def _beds(self) -> None:
        drop = self.value("inflow.arterial_pressure") - self.value("inflow.venular_pressure_lying")
        drop_keys = ("inflow.arterial_pressure", "inflow.venular_pressure_lying")
        for bed in self.plan.beds:
            flow = self.value(bed.figures + ".flow_lying") * self.scale.inflow
            keys = (bed.figures + ".flow_lying", *drop_keys, *self.scale.inflow_sources)
            self.arrays.put_bed(flow / drop, *keys, muscle="muscle," in bed.name)

    def _surroundings(self) -> None:
        topology = self.plan.topology
        rest = self.value("muscle_pump.fascia.rest_pressure")
        inside = dict.fromkeys(range(len(topology.surroundings)), 0.0)
        volume: dict[int, float] = {}
        for plan in self.plan.segments.values():
            vessel = self.cells.vessel[plan.name]
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
