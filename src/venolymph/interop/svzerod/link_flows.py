"""The flow through each link of a drawing: it follows from what goes into the points of its place on one side of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from venolymph.documents import Source
from venolymph.errors import DocumentError
from venolymph.interop.svzerod import circuit as c
from venolymph.interop.svzerod.drawing_parts import Drawing
from venolymph.interop.svzerod.places import Places
from venolymph.interop.svzerod.wiring import Wiring

MOST_TERMS = 2_000_000
"""The most terms that the flows through connections may have together."""


def flows_through_links(drawing: Drawing, places: Places, wiring: Wiring, source: Source) -> list[c.FlowSum]:
    """Flow through each connection, from upstream to downstream.

    The links of a place make a tree. What enters the points of the tree beyond a link must come out through it; of
    the two sides the one whose sum is the simpler is taken, and never the one with a prescribed pressure, which lets
    anything in.
    """
    inflow = [_Inflow() for _ in drawing.points]
    for edge, branch in places.branch_of_edge.items():
        inflow[drawing.edges[edge].stop].flows["branches", branch] = 1.0
        inflow[drawing.edges[edge].start].flows["branches", branch] = -1.0
    for n, (_, point, _) in enumerate(drawing.sources):
        inflow[point].flows["sources", n] = 1.0
    for point, capacitance, _ in drawing.stores:
        inflow[point].capacitance = capacitance
    flows = [c.FlowSum()] * len(wiring.connections)
    budget = MOST_TERMS
    for root, order in _trees(drawing, places):
        place = places.of_point[root]
        total = _Inflow()
        if root not in places.pinned:
            for point in (root, *(point for point, _, _ in order)):
                total.add(inflow[point])
        for point, link, nearer in reversed(order):
            if link < len(flows):  # the first edges are the connections
                beyond, towards_root = inflow[point], 1.0 if drawing.edges[link].start == point else -1.0
                budget -= len(beyond.flows)
                if root not in places.pinned and total.without_is_simpler(beyond):
                    beyond, towards_root = total.without(beyond), -towards_root
                    budget -= len(total.flows)
                flows[link] = beyond.sum(place, towards_root)
                if budget < 0:
                    raise DocumentError(
                        "too many elements are joined without resistance or inertance",
                        hint="give vessels a resistance, or take out those that have none",
                        place=source.place(()),
                    )
            small, large = sorted((inflow[nearer], inflow[point]), key=lambda found: len(found.flows))
            large.add(small)
            inflow[nearer] = large
    return flows


@dataclass
class _Inflow:
    """What enters some points of one place: flows of branches and sources, less what is stored there."""

    flows: dict[tuple[str, int], float] = field(default_factory=dict)
    capacitance: float = 0.0

    def add(self, more: _Inflow, factor: float = 1.0) -> None:
        for key, value in more.flows.items():
            result = self.flows.pop(key, 0.0) + factor * value
            if result != 0:
                self.flows[key] = result
        self.capacitance += factor * more.capacitance

    def without(self, less: _Inflow) -> _Inflow:
        rest = _Inflow(dict(self.flows), self.capacitance)
        rest.add(less, -1.0)
        if rest.capacitance <= 1e-9 * self.capacitance:
            rest.capacitance = 0.0  # rounding
        return rest

    def without_is_simpler(self, less: _Inflow) -> bool:
        """Whether the rest has fewer terms; rates of pressure, less exact than flows, count for ten."""
        stored = 10 * (self.capacitance - less.capacitance > 1e-9 * self.capacitance)
        return len(self.flows) - len(less.flows) + stored < len(less.flows) + 10 * (less.capacitance > 0)

    def sum(self, place: int, factor: float) -> c.FlowSum:
        def of(kind: str) -> tuple[tuple[int, float], ...]:
            return tuple(sorted((n, factor * value) for (found, n), value in self.flows.items() if found == kind))

        stored = ((place, -factor * self.capacitance),) if self.capacitance > 0 else ()
        return c.FlowSum(of("branches"), of("sources"), stored)


def _trees(drawing: Drawing, places: Places) -> Iterator[tuple[int, list[tuple[int, int, int]]]]:
    """The links of each place as a tree: its root, and outwards each further point, the link to it and where from.

    The root is where a pressure is prescribed, if there is such a point.
    """
    beside: list[list[tuple[int, int]]] = [[] for _ in drawing.points]  # of each point: link, point at its other side
    for n, edge in enumerate(drawing.edges):
        if edge.is_link:
            beside[edge.start].append((n, edge.stop))
            beside[edge.stop].append((n, edge.start))
    seen = [False] * len(drawing.points)
    for root in [*places.pinned, *range(len(drawing.points))]:
        if seen[root]:
            continue
        seen[root] = True
        order: list[tuple[int, int, int]] = []
        stack = [root]
        while stack:
            here = stack.pop()
            for link, there in beside[here]:
                if not seen[there]:
                    seen[there] = True
                    order.append((there, link, here))
                    stack.append(there)
        yield root, order
