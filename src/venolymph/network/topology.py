"""Which cell is joined to which: the part of a network that never changes during a run.

A network is a graph of **cells** (each holds a volume) and **faces** (each carries a flow). A face leads from
its *tail* to its *head*; flow in that direction is positive. Tail and head are *nodes*: a cell, or an **end**, a
place whose pressure is prescribed (the right atrium, the arteries). **Valves** sit on faces. **Beds** are
microvascular beds: they carry blood from a node into a cell through a conductance that is itself a state.
**Surroundings** press on cells. **Links** are the rigid parts (trunk, thigh, shank, foot) whose inclination gives
every node its height.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from venolymph.errors import NetworkError


@dataclass(frozen=True)
class Topology:
    """Static structure of a network. Hashable: equal topologies share one compiled program.

    Attributes:
        cells: names of the cells.
        ends: names of the ends. Node numbers count the cells first, then the ends.
        faces: names of the faces.
        tail: node number of each face's tail.
        head: node number of each face's head.
        valves: names of the valves.
        valve_face: the face that each valve sits on; at most one valve a face.
        beds: names of the microvascular beds.
        bed_tail: node number of what feeds each bed: an end, or a cell (an artery of the network).
        bed_cell: for each bed the cell that it fills.
        surroundings: names of what can press on cells.
        surrounded: for each cell the surroundings that it lies in, the same number of slots for each cell
            (an unused slot repeats a surrounding and has share 0 in the parameters).
        links: names of the rigid links, whose inclination gives the heights.
        elastic: numbers of the surroundings whose pressure may rise with the blood inside them (fascia, garments);
            the elastance of all others is not looked at.
        linear: numbers of the cells whose wall is linear: they hold their compliance times their pressure, which may
            be nothing at all (a junction). Their state is their pressure, and nothing around presses on them.
        switches: numbers of the faces whose resistance changes with the pressure across (see `switch`).
        flaps: numbers of the faces that let nothing back (see `flap`).
        chambers: numbers of the linear cells whose pressure follows from their volume and from time (see `chamber`), in
            networks whose cells are all linear. Their state is their volume.

    Raises:
        NetworkError: where an index points nowhere or twice to the same, names repeat, or two faces or beds join the
            same two cells.
    """

    cells: tuple[str, ...]
    ends: tuple[str, ...]
    faces: tuple[str, ...]
    tail: tuple[int, ...]
    head: tuple[int, ...]
    valves: tuple[str, ...]
    valve_face: tuple[int, ...]
    beds: tuple[str, ...]
    bed_tail: tuple[int, ...]
    bed_cell: tuple[int, ...]
    surroundings: tuple[str, ...]
    surrounded: tuple[tuple[int, ...], ...]
    links: tuple[str, ...]
    elastic: tuple[int, ...] = ()
    linear: tuple[int, ...] = ()
    switches: tuple[int, ...] = ()
    flaps: tuple[int, ...] = ()
    chambers: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for what in ("cells", "ends", "faces", "valves", "beds", "surroundings", "links"):
            names = getattr(self, what)
            if len(set(names)) != len(names):
                twice = next(name for name in names if names.count(name) > 1)
                raise NetworkError(f"two {what} are named {twice!r}", hint="give each a name of its own")
        nodes = self.n_cells + self.n_ends
        self._check("tail", self.tail, len(self.faces), nodes)
        self._check("head", self.head, len(self.faces), nodes)
        self._check("valve_face", self.valve_face, len(self.valves), len(self.faces))
        self._check("bed_tail", self.bed_tail, len(self.beds), nodes)
        self._check("bed_cell", self.bed_cell, len(self.beds), self.n_cells)
        if len(set(self.valve_face)) != len(self.valve_face):
            raise NetworkError("two valves sit on one face", hint="a face carries one valve at most")
        for face, tail, head in zip(self.faces, self.tail, self.head, strict=True):
            if tail == head or (tail >= self.n_cells and head >= self.n_cells):
                raise NetworkError(f"face {face!r} does not join a cell to something else")
        for bed, tail, cell in zip(self.beds, self.bed_tail, self.bed_cell, strict=True):
            if tail == cell:
                raise NetworkError(f"bed {bed!r} leads from a cell to itself")
        joined: dict[frozenset[int], str] = {}
        for name, *pair in (
            *zip((f"face {face!r}" for face in self.faces), self.tail, self.head, strict=True),
            *zip((f"bed {bed!r}" for bed in self.beds), self.bed_tail, self.bed_cell, strict=True),
        ):
            if max(pair) < self.n_cells and joined.setdefault(frozenset(pair), name) != name:
                raise NetworkError(
                    f"{joined[frozenset(pair)]} and {name} join the same two cells",
                    hint="make one of them, or put a cell between",
                )
        if len(self.surrounded) != self.n_cells or len({len(slots) for slots in self.surrounded}) > 1:
            raise NetworkError("each cell needs the same number of slots for surroundings")
        self._check("elastic", self.elastic, len(self.elastic), len(self.surroundings))
        self._check("linear", self.linear, len(self.linear), self.n_cells)
        self._check("switches", self.switches, len(self.switches), self.n_faces)
        self._check("flaps", self.flaps, len(self.flaps), self.n_faces)
        self._check("chambers", self.chambers, len(self.chambers), self.n_cells)
        if self.chambers and (len(self.linear) < self.n_cells or self.beds or self.valves):
            raise NetworkError(
                "chambers stand beside veins",
                hint="a network with chambers has linear cells only, no beds and no valves",
            )
        for what in ("linear", "switches", "flaps", "chambers"):
            if len(set(getattr(self, what))) != len(getattr(self, what)):
                raise NetworkError(f"{what} names the same number twice")
        for slots in self.surrounded:
            self._check("surrounded", slots, len(slots), len(self.surroundings))

    @staticmethod
    def _check(what: str, values: tuple[int, ...], length: int, limit: int) -> None:
        if len(values) != length:
            raise NetworkError(f"{what} has {len(values)} entries where {length} are needed")
        if any(not 0 <= value < limit for value in values):
            raise NetworkError(f"{what} points outside 0 to {limit - 1}")

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return len(self.cells)

    @property
    def n_ends(self) -> int:
        """Number of ends."""
        return len(self.ends)

    @property
    def n_faces(self) -> int:
        """Number of faces."""
        return len(self.faces)

    @property
    def n_slots(self) -> int:
        """Number of surroundings that one cell can lie in."""
        return len(self.surrounded[0]) if self.surrounded else 0

    @cached_property
    def drawing(self) -> tuple[int, ...]:
        """Numbers of the beds that draw from a cell."""
        return tuple(bed for bed, tail in enumerate(self.bed_tail) if tail < self.n_cells)

    @cached_property
    def face_valve(self) -> np.ndarray:
        """Valve number of each face, -1 where it has none. Shape (faces,)."""
        valve = np.full(self.n_faces, -1, np.int32)
        valve[list(self.valve_face)] = np.arange(len(self.valves), dtype=np.int32)
        return valve
