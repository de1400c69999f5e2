"""What of a leg's veins changes over weeks and years, and which veins it is kept of.

Places are the cells of superficial veins of the index leg that are there, then its perforators. Logarithms are natural,
and over the healthy leg of the same person.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from venolymph.body import Body

SLOW_KINDS = ("superficial", "tributary")
"""Kinds of segments whose walls change; deep veins keep theirs."""


class SlowWall(eqx.Module):
    """The slow state of walls and valves.

    Attributes:
        radius: logarithm of the natural radius, 1.
        mass: logarithm of the wall's mass, 1.
        damage: share of elastin that is lost, 0 to 1.
        length: logarithm of the natural length, 1; that of perforators is not used.
        leak: share of the annulus that leaflets leave open for good, 0 to 1.
    """

    radius: Float[Array, "places batch"]
    mass: Float[Array, "places batch"]
    damage: Float[Array, "places batch"]
    length: Float[Array, "places batch"]
    leak: Float[Array, "valves batch"]


@dataclass(frozen=True)
class WallPlaces:
    """Which veins of a network have a slow state.

    Attributes:
        cells: numbers of the cells.
        faces: numbers of the faces that are perforators.
        valves: numbers of the valves.
        names: of the places, cells first.
        segments: segment of each cell, or the perforator itself.
        free: whether each place lies in fat, without a sheath of fascia.
    """

    cells: tuple[int, ...]
    faces: tuple[int, ...]
    valves: tuple[int, ...]
    names: tuple[str, ...]
    segments: tuple[str, ...]
    free: tuple[bool, ...]

    @cached_property
    def segment_rows(self) -> dict[str, list[int]]:
        """Rows of each segment of veins, distal to proximal."""
        found: dict[str, list[int]] = {}
        for row, name in enumerate(self.segments[: len(self.cells)]):
            found.setdefault(name, []).append(row)
        return found


def places_of(body: Body, sheathed: frozenset[str]) -> WallPlaces:
    """The places of a leg.

    Args:
        body: the leg.
        sheathed: names of the segments that run between two layers of fascia.
    """
    topology = body.topology
    slow = [
        (cell, segment.name)
        for segment in body.segments.values()
        if segment.kind in SLOW_KINDS and segment.leg == body.index_side and segment.present
        for cell in segment.cells
    ]
    bored = np.asarray(body.parameters.faces.channel_length)[:, 0] > 0.0
    faces = [number for number in range(len(topology.faces)) if bored[number]]
    borne = {*(cell for cell, _ in slow)}
    valves = [
        number for number, face in enumerate(topology.valve_face) if topology.tail[face] in borne or face in faces
    ]
    perforators = [topology.faces[face] for face in faces]
    return WallPlaces(
        cells=tuple(cell for cell, _ in slow),
        faces=tuple(faces),
        valves=tuple(valves),
        names=(*(topology.cells[cell] for cell, _ in slow), *perforators),
        segments=(*(name for _, name in slow), *perforators),
        free=(*(name not in sheathed for _, name in slow), *(True for _ in faces)),
    )
