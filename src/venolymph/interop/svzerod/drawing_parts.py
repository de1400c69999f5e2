"""What a drawing is made of: points, and elements between them."""

from __future__ import annotations

from dataclasses import dataclass, field

from venolymph.interop.svzerod import circuit as c


@dataclass(frozen=True)
class Edge:
    """An element between points; `port` is the connection whose flow it carries, if it does."""

    name: str
    start: int
    stop: int
    resistance: float = 0.0
    inertance: float = 0.0
    stenosis: float = 0.0
    valve: c.Valve | None = None
    port: int | None = None
    shut: float | None = None

    @property
    def one_way(self) -> bool:
        """Whether it is a valve or a flap."""
        return self.valve is not None or self.shut is not None

    @property
    def is_link(self) -> bool:
        """Whether it has no impedance at all."""
        return not self.one_way and self.resistance == self.inertance == self.stenosis == 0


@dataclass(frozen=True)
class Muscle:
    """A coronary: points of its two stores, its inlet connection, and what lies between these."""

    artery: int
    store: int
    port: int
    first: float
    capacitance: float
    second: float


@dataclass
class Drawing:
    """Elements between points; the points of the connections come first."""

    points: list[str]
    edges: list[Edge] = field(default_factory=list)
    stores: list[tuple[int, float, bool]] = field(default_factory=list)  # point, C, whether in the steady start
    sources: list[tuple[str, int, c.Table]] = field(default_factory=list)
    ends: list[tuple[str, int, c.Table]] = field(default_factory=list)
    internal: list[tuple[str, int | None, int | None]] = field(default_factory=list)  # name; point, edge or a chamber
    chambers: list[tuple[int, c.ChamberNode]] = field(default_factory=list)  # point; its place is not known yet
    capacitors: list[tuple[int, int, int | None]] = field(default_factory=list)  # point, inlet connection, edge between

    muscles: list[Muscle] = field(default_factory=list)

    def point(self, name: str) -> int:
        """A further point; its number."""
        self.points.append(name)
        return len(self.points) - 1

    def chamber(self, point: int, chamber: c.ChamberNode) -> None:
        """Make a point a chamber."""
        self.stores.append((point, 1.0, not chamber.in_muscle))
        self.chambers.append((point, chamber))

    def vessel(self, name: str, start: int, stop: int, values: tuple[float, float, float], port: int | None) -> int:
        """A further element between two points, with resistance, inertance and stenosis; its number."""
        resistance, inertance, stenosis = values
        self.edges.append(Edge(name, start, stop, resistance, inertance, stenosis, port=port))
        return len(self.edges) - 1
