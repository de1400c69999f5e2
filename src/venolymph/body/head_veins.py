"""Numbers of the veins of head and neck: where each cell lies, how wide it is, what resists, what flows in.

Calibres were measured in people lying on the back; a lumen becomes an unstressed one through the wall's law at the
pressure that stands there then. Small veins of a region hold a share of its tissue and resist so that the blood of
lying falls through them by a given pressure. Neck veins keep the walls of the young at any age.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from venolymph.body.head_layout import BRAIN, HeadLayout, HeadSegment
from venolymph.body.head_scale import HeadScale
from venolymph.body.vein_arrays import VeinArrays
from venolymph.body.vessels import Bundle, WallClass, bundle
from venolymph.body.walls import young_wall

KEY = "head_veins."
AXES = ("forward", "lateral", "up")


class HeadVeins:
    """Arrays of the veins of head and neck.

    Args:
        layout: what is joined to what.
        arrays: to fill.
        scale: the person's head beside that of the reference body.
    """

    def __init__(self, layout: HeadLayout, arrays: VeinArrays, scale: HeadScale) -> None:
        self.layout, self.arrays, self.scale = layout, arrays, scale
        self.value, self.put = arrays.value, arrays.put
        tissue = {s.figures + ".tissue" for s in layout.segments.values() if s.kind == "lump"}
        self.tissue = sum(self.value(key) for key in tissue)

    def fill(self) -> None:
        """Fill all arrays."""
        self._cells()
        self._faces()
        self._valves()
        self._beds()
        for _ in self.layout.topology.surroundings:
            self.put("surroundings.elastance", 0.0)
            self.put("surroundings.rest_volume", 0.0)
        self.arrays.put_fluid()

    def middle(self, segment: HeadSegment, number: int) -> np.ndarray:
        """Where the middle of its cell of that number (from 0) lies in the reference body, cm along `AXES`."""
        begins, ends = self._place(segment.begins), self._place(segment.ends)
        return begins + (ends - begins) * (number + 0.5) / len(segment.cells)

    def _place(self, place: str) -> np.ndarray:
        return np.array([self.value(key) for key in self._keys(place)])

    @staticmethod
    def _keys(place: str) -> tuple[str, ...]:
        """Keys of a place's coordinates: that of a region of small veins, or one of those along which veins run."""
        key = place if place.startswith(KEY) else f"{KEY}place.{place}"
        return tuple(f"{key}.{axis}" for axis in AXES)

    def _length(self, segment: HeadSegment) -> tuple[float, tuple[str, ...]]:
        """Length of each vessel, cm, and the figures of it."""
        if segment.kind == "lump":
            return self.value(KEY + "small.length") * self.scale.length, (KEY + "small.length",)
        span = self._place(segment.ends) - self._place(segment.begins)
        keys = (*self._keys(segment.begins), *self._keys(segment.ends))
        return float(np.linalg.norm(span)) * self.scale.length, keys

    def _vessels(self, segment: HeadSegment, wall: WallClass, length: float) -> tuple[Bundle, tuple[str, ...]]:
        """Number and unstressed lumen of a segment's vessels, and the figures of them."""
        scale, key = self.arrays.scale, segment.figures
        if segment.kind == "lump":
            shares = (key + ".tissue", KEY + "small.blood", KEY + "small.drop", KEY + "small.flow_lying")
            tissue, blood, drop, _ = (self.value(name) for name in shares)
            resistance = drop / self._flow(segment.figures)
            fine = bundle(
                wall,
                volume=tissue * blood,
                resistance=resistance * scale.inflow,
                pressure=self._lying(segment) + drop,
                length=length / self.scale.length,
                drag=self.arrays.drag,
            )
            return Bundle(fine.vessels * scale.area, fine.unstressed_area), (*shares, KEY + "lying_pressure")
        lumen = math.pi / 4 * self.value(key + ".diameter_lying") ** 2 / wall.lumen(self._lying(segment), crept=True)
        return Bundle(1.0, lumen * scale.area), (key + ".diameter_lying", KEY + "lying_pressure", *scale.sources)

    def _lying(self, segment: HeadSegment) -> float:
        """Transmural pressure of a segment in somebody who lies on the back, mmHg."""
        middle = 0.5 * (self._place(segment.begins) + self._place(segment.ends))
        outside = self.value(KEY + "chest.pressure") if segment.kind == "trunk" else 0.0
        column = self.arrays.weight * middle[0] if middle[2] > self.scale.neck_base else 0.0
        return self.value(KEY + "lying_pressure") - column - outside

    def _cells(self) -> None:
        for segment in self.layout.segments.values():
            wall = young_wall(segment.wall, self.value)
            length, spans = self._length(segment)
            vessels, calibre = self._vessels(segment, wall, length)
            keys = tuple(dict.fromkeys((*self._keys(segment.begins), *self._keys(segment.ends))))
            for number in range(len(segment.cells)):
                self.put("cells.length", length / len(segment.cells), *spans)
                self.put("cells.vessels", vessels.vessels, *(calibre if segment.kind == "lump" else ()))
                self.put("cells.unstressed_area", vessels.unstressed_area, *calibre)
                self.arrays.put_wall(segment.wall, wall)
                self.put("cells.share", [1.0])
                forward, lateral, up = map(float, self.middle(segment, number))
                position = self.scale.position(forward, lateral, up, segment.side)
                self.put("cells.position", position, *keys, "head.neck.base", "body_proportions.reference.height")

    def _faces(self) -> None:
        for face in self.layout.faces:
            self.put("faces.tail_share", face.tail_share)
            self.put("faces.head_share", face.head_share)
            self.put("faces.channel_length", 0.0)
            self.put("faces.channel_area", 1.0)
            self.put("faces.channel_vessels", 1.0)
            self.put("faces.open", 1.0)
            resistance, keys = 0.0, ()
            if face.resistance is not None:
                resistance, keys = 2.0 * self.value(face.resistance), (face.resistance,)
            if face.conductance is not None:
                resistance, keys = face.share * 2.0 / self.value(face.conductance), (face.conductance,)
            self.put("faces.resistance", resistance, *keys)

    def _valves(self) -> None:
        topology = self.layout.topology
        ratio, keys = self.value("valves.coaptation_ratio"), ("valves.coaptation_ratio",)
        owner = {cell: segment for segment in self.layout.segments.values() for cell in segment.cells}
        for face in topology.valve_face:
            segment = owner[topology.tail[face]]
            wall = young_wall(segment.wall, self.value)
            lumen, _ = self._vessels(segment, wall, self._length(segment)[0])
            lying = lumen.unstressed_area * wall.lumen(self._lying(segment), crept=True)
            self.put("valves.leak", self.value(segment.figures + ".leak"), segment.figures + ".leak")
            self.arrays.put_valve_rates()
            self.put("valves.vessels", 1.0)
            self.put("valves.in_channel", 0.0)
            self.put("valves.coaptation_area", ratio * lying, *keys, segment.figures + ".diameter_lying")

    def _flow(self, figures: str) -> float:
        """Blood that flows into a bed on one side of the reference body lying, mL/s."""
        if figures == KEY + BRAIN:
            return 0.5 * self.value(f"{KEY}{BRAIN}.flow_lying")
        share = self.value(figures + ".tissue") / self.tissue
        return 0.5 * self.value(KEY + "small.flow_lying") * share

    def _beds(self) -> None:
        scale = self.arrays.scale
        for bed in self.layout.beds:
            brain = bed.figures == KEY + BRAIN
            drops = ("inflow.arterial_pressure", KEY + "lying_pressure", *(() if brain else (KEY + "small.drop",)))
            arterial, *less = (self.value(key) for key in drops)
            flow = self._flow(bed.figures) * scale.inflow
            own = f"{KEY}{BRAIN}.flow_lying" if brain else KEY + "small.flow_lying"
            keys = (own, *(() if brain else (bed.figures + ".tissue",)), *drops, *scale.inflow_sources)
            self.arrays.put_bed(flow / (arterial - sum(less)), *keys)


def brain_inflow(value: Callable[[str], float], height: float) -> float:
    """Factor on the conductance of the brain's bed with which its flow is that of lying, 1.

    The brain keeps its flow, so its vessels widen by as much as the pressure that drives blood through them falls:
    that of the arteries by the whole column up to the sinuses, that of the sinuses by the share of it that was
    measured.

    Args:
        value: a figure in internal units by its key.
        height: of the cell that the bed fills above the heart, cm.
    """
    lying = value("inflow.arterial_pressure") - value(KEY + "lying_pressure")
    column = value("blood.density") * value("blood.gravity") * height
    return lying / (lying - (1.0 - value(f"{KEY}{BRAIN}.siphon")) * column)
