"""Points of a drawing that are linked become one place; what is not determined there is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from venolymph.documents import Source
from venolymph.errors import DocumentError
from venolymph.interop.svzerod import circuit as c
from venolymph.interop.svzerod.drawing_parts import Drawing
from venolymph.units import show


@dataclass(frozen=True)
class Places:
    """Points that are linked, as one.

    Attributes:
        of_point: place of each point.
        nodes: see `Circuit`.
        ends: see `Circuit`.
        branches: see `Circuit`.
        branch_of_edge: branch that an edge became.
        pinned: points at which a pressure is prescribed.
    """

    of_point: list[int]
    nodes: tuple[c.Node, ...]
    ends: tuple[c.End, ...]
    branches: tuple[c.Branch, ...]
    branch_of_edge: Mapping[int, int]
    pinned: frozenset[int]


def gather(drawing: Drawing, source: Source) -> Places:
    """The places of a drawing.

    Raises:
        DocumentError: where nothing determines a flow or a pressure.
    """
    group = _Groups(len(drawing.points))
    for edge in drawing.edges:
        if edge.is_link and not group.merge(edge.start, edge.stop):
            raise DocumentError(
                f"through {show(edge.name)} closes a loop without resistance or inertance; nothing determines the flow "
                "round it",
                hint="give one of the elements of that loop a resistance",
                place=source.place(()),
            )
    end_of: dict[int, int] = {}
    for n, (name, point, _) in enumerate(drawing.ends):
        other = end_of.setdefault(group.of(point), n)
        if other != n:
            raise DocumentError(
                f"the pressures of {show(drawing.ends[other][0])} and {show(name)} are joined without resistance or "
                "inertance; nothing determines the flow between them",
                hint="give an element between them a resistance",
                place=source.place(()),
            )
    node_of: dict[int, int] = {}
    names: list[str] = []
    for point, name in enumerate(drawing.points):
        root = group.of(point)
        if root not in end_of and root not in node_of:
            node_of[root] = len(names)
            names.append(name)
    of_point = [
        node_of[root] if (root := group.of(point)) in node_of else len(names) + end_of[root]
        for point in range(len(drawing.points))
    ]
    stored, steadily = [0.0] * len(names), [0.0] * len(names)
    for point, capacitance, in_steady in drawing.stores:
        if (place := of_point[point]) < len(names):
            stored[place] += capacitance
            steadily[place] += capacitance * in_steady
    branches, branch_of_edge = _branches(drawing, of_point, source)
    nodes = tuple(map(c.Node, names, stored, steadily))
    _pressures_are_determined(nodes, len(drawing.ends), branches, source)
    _chambers_are_alone(drawing, of_point, len(nodes), source)
    return Places(
        of_point,
        nodes,
        tuple(c.End(name, table) for name, _, table in drawing.ends),
        tuple(branches),
        branch_of_edge,
        frozenset(point for _, point, _ in drawing.ends),
    )


def _branches(drawing: Drawing, of_point: list[int], source: Source) -> tuple[list[c.Branch], dict[int, int]]:
    """Edges between different places as branches, and which branch each edge became."""
    branches: list[c.Branch] = []
    branch_of_edge: dict[int, int] = {}
    for n, edge in enumerate(drawing.edges):
        start, stop = of_point[edge.start], of_point[edge.stop]
        if start == stop:
            if edge.one_way:
                raise DocumentError(
                    f"both sides of the valve {show(edge.name)} are joined without resistance",
                    hint="give the elements around it a resistance",
                    place=source.place(("valves",)),
                )
            continue
        branch_of_edge[n] = len(branches)
        branches.append(
            c.Branch(
                edge.name, start, stop, edge.resistance, edge.inertance, edge.stenosis, valve=edge.valve, shut=edge.shut
            )
        )
    return branches, branch_of_edge


class _Groups:
    """Which points are one."""

    def __init__(self, count: int) -> None:
        self.parent = list(range(count))

    def of(self, point: int) -> int:
        while self.parent[point] != point:
            self.parent[point] = self.parent[self.parent[point]]
            point = self.parent[point]
        return point

    def merge(self, first: int, second: int) -> bool:
        """Make two points one; False where they were one already."""
        first, second = self.of(first), self.of(second)
        self.parent[max(first, second)] = min(first, second)
        return first != second


def _chambers_are_alone(drawing: Drawing, of_point: list[int], nodes: int, source: Source) -> None:
    """Nothing else stores blood at the place of a chamber, or prescribes its pressure."""
    stores = Counter(of_point[point] for point, _, _ in drawing.stores)
    for point, chamber in drawing.chambers:
        place, name = of_point[point], chamber.name.partition(":")[2]
        if place >= nodes or stores[place] > 1:
            what = "a prescribed pressure" if place >= nodes else "another chamber or a capacitance"
            raise DocumentError(
                f"the chamber {show(name)} and {what} are joined without resistance or inertance",
                hint="put a valve, or a vessel with a resistance, between the two",
                place=source.place(()),
            )


def _pressures_are_determined(nodes: tuple[c.Node, ...], ends: int, branches: list[c.Branch], source: Source) -> None:
    """Each part of the circuit holds an end or a capacitance, else its pressures could be anything."""
    group = _Groups(len(nodes) + ends)
    for branch in branches:
        group.merge(branch.start, branch.stop)
    held = {group.of(len(nodes) + n) for n in range(ends)}
    held |= {group.of(n) for n, node in enumerate(nodes) if node.capacitance > 0}
    for n, node in enumerate(nodes):
        if group.of(n) not in held:
            raise DocumentError(
                f"nothing determines the pressure at {show(node.name)}: from there no pressure and no capacitance is "
                "reached",
                hint="end it with a PRESSURE, a RESISTANCE or an RCR, or give a vessel a capacitance",
                place=source.place(()),
            )
