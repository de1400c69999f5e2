"""From a checked case to its circuit.

First the wiring: which element is joined to which, each at its ports. Then every element is drawn between *points*;
each connection is two points, one for each side, joined by a link whose flow is that of the connection. Whatever has
no impedance is a link too. At last all points that are linked become one place, and the flow through a link follows
from what goes into the places' points on one side of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from venolymph.documents import Source
from venolymph.errors import DocumentError, nearest
from venolymph.interop.svzerod import circuit as c
from venolymph.interop.svzerod.schema import Case, FlowEnd, PressureEnd, RCREnd, ResistanceEnd
from venolymph.interop.svzerod.wiring import Wiring, wire
from venolymph.units import show

MOST_STEPS = 100_000_000
MOST_TERMS = 2_000_000
"""The most terms that the flows through connections may have together."""


def build(case: Case, name: str | None = None) -> c.Circuit:
    """The circuit that a case means.

    Args:
        case: a case whose entries were checked.
        name: of its file, for messages.

    Returns:
        Its circuit.

    Raises:
        DocumentError: where the elements do not hang together: names that mean nothing, elements with an open end or
            joined twice, pressures or flows that nothing determines, a number of cycles that cannot be known.
    """
    source = Source(name)
    wiring = wire(case, source)
    drawing = _draw(case, wiring)
    places = _gather(drawing, source)
    flows = _flows_through_links(drawing, places, wiring, source)
    connections = tuple(
        c.Connection(label, places.of_point[wiring.upstream(n)], flow)
        for n, (label, flow) in enumerate(zip(wiring.labels, flows, strict=True))
    )
    internal = tuple(
        c.Internal(
            label,
            place=None if point is None else places.of_point[point],
            branch=None if edge is None else places.branch_of_edge[edge],
        )
        for label, point, edge in drawing.internal
    )
    vessels = tuple(
        c.VesselPorts(vessel.vessel_name, wiring.into[vessel.vessel_name][0], wiring.out_of[vessel.vessel_name][0])
        for vessel in case.vessels
    )
    settings = case.simulation_parameters
    return c.Circuit(
        nodes=places.nodes,
        ends=places.ends,
        branches=places.branches,
        sources=tuple(c.FlowSource(label, places.of_point[point], table) for label, point, table in drawing.sources),
        connections=connections,
        internal=internal,
        vessels=vessels,
        initial=_initial(case, drawing, places, wiring, source),
        course=_course(case, source),
        output=c.Output(
            variable_based=settings.output_variable_based,
            all_cycles=settings.output_all_cycles,
            interval=settings.output_interval,
            mean_only=settings.output_mean_only,
            derivative=settings.output_derivative,
        ),
    )


def _course(case: Case, source: Source) -> c.Course:
    settings = case.simulation_parameters
    cycles = settings.number_of_cardiac_cycles
    if settings.use_cycle_to_cycle_error:
        constants = [end.bc_values.Rd * end.bc_values.C for end in case.boundary_conditions if isinstance(end, RCREnd)]
        if not constants:
            raise DocumentError(
                "the number of cycles cannot be told beforehand: without an RCR end, 'use_cycle_to_cycle_error' goes "
                "on until cycles repeat, which is not supported",
                hint="leave it out and give 'number_of_cardiac_cycles'",
                place=source.place(("simulation_parameters", "use_cycle_to_cycle_error")),
            )
        share = settings.sim_cycle_to_cycle_percent_error / 100
        needed = -1 * max(constants) / case.period * math.log(share)
        cycles = max(1, math.ceil(min(needed, MOST_STEPS)))
    steps = cycles * (settings.number_of_time_pts_per_cardiac_cycle - 1)
    if steps > MOST_STEPS:
        raise DocumentError(
            f"{steps:,} time steps are asked for; at most {MOST_STEPS:,} are allowed",
            hint="are cycles and points per cycle exchanged?",
            place=source.place(("simulation_parameters",)),
        )
    return c.Course(
        period=case.period,
        points=settings.number_of_time_pts_per_cardiac_cycle,
        cycles=cycles,
        steady_initial=settings.steady_initial,
        rho_infty=settings.rho_infty,
        tolerance=settings.absolute_tolerance,
        iterations=settings.maximum_nonlinear_iterations,
    )


# ------------------------------------------------------------------ drawing


@dataclass(frozen=True)
class _Edge:
    """An element between points; `port` is the connection whose flow it carries, if it does."""

    name: str
    start: int
    stop: int
    resistance: float = 0.0
    inertance: float = 0.0
    stenosis: float = 0.0
    valve: c.Valve | None = None
    port: int | None = None

    @property
    def is_link(self) -> bool:
        """Whether it has no impedance at all."""
        return self.valve is None and self.resistance == self.inertance == self.stenosis == 0


@dataclass
class _Drawing:
    """Elements between points; the points of the connections come first."""

    points: list[str]
    edges: list[_Edge] = field(default_factory=list)
    stores: list[tuple[int, float, bool]] = field(default_factory=list)  # point, C, whether in the steady start
    sources: list[tuple[str, int, c.Table]] = field(default_factory=list)
    ends: list[tuple[str, int, c.Table]] = field(default_factory=list)
    internal: list[tuple[str, int | None, int | None]] = field(default_factory=list)  # name, point or edge
    capacitors: list[tuple[int, int, int | None]] = field(default_factory=list)  # point, inlet connection, edge between

    def point(self, name: str) -> int:
        self.points.append(name)
        return len(self.points) - 1

    def vessel(self, name: str, start: int, stop: int, values: tuple[float, float, float], port: int | None) -> int:
        resistance, inertance, stenosis = values
        self.edges.append(_Edge(name, start, stop, resistance, inertance, stenosis, port=port))
        return len(self.edges) - 1


def _draw(case: Case, wiring: Wiring) -> _Drawing:
    drawing = _Drawing([label for label in wiring.labels for _ in range(2)])
    for n, label in enumerate(wiring.labels):
        drawing.vessel(label, wiring.upstream(n), wiring.downstream(n), (0.0, 0.0, 0.0), None)
    for vessel in case.vessels:
        name, values = vessel.vessel_name, vessel.zero_d_element_values
        start, stop = wiring.inlet(name), wiring.outlet(name)
        whole = values.R_poiseuille, values.L, values.stenosis_coefficient
        if vessel.zero_d_element_type == "BloodVesselCRL":
            drawing.stores.append((start, values.C, True))
            drawing.vessel(name, start, stop, whole, wiring.out_of[name][0])
            drawing.capacitors.append((start, wiring.into[name][0], None))
        elif values.C == 0:
            drawing.vessel(name, start, stop, whole, wiring.out_of[name][0])
        else:
            middle = drawing.point(f"{name}:C")
            drawing.stores.append((middle, values.C, True))
            before = drawing.vessel(name, start, middle, (whole[0], 0.0, whole[2]), wiring.into[name][0])
            drawing.capacitors.append((middle, wiring.into[name][0], before))
            drawing.vessel(f"{name}:L", middle, stop, (0.0, whole[1], 0.0), wiring.out_of[name][0])
    for end in case.boundary_conditions:
        _draw_end(end, case, wiring, drawing)
    for junction in case.junctions:
        name, values = junction.junction_name, junction.junction_values
        centre = drawing.point(name)
        for connection in wiring.into[name]:
            drawing.vessel(name, wiring.downstream(connection), centre, (0.0, 0.0, 0.0), None)
        for n, connection in enumerate(wiring.out_of[name]):
            there = (0.0, 0.0, 0.0)
            if values is not None:
                there = values.R_poiseuille[n], values.L[n], values.stenosis_coefficient[n]
            drawing.vessel(wiring.labels[connection], centre, wiring.upstream(connection), there, connection)
    for valve in case.valves:
        name, values = valve.name, valve.params
        drawing.internal.append((f"valve_status:{name}", None, len(drawing.edges)))
        drawing.edges.append(
            _Edge(
                name,
                wiring.inlet(name),
                wiring.outlet(name),
                valve=c.Valve(values.Rmax, values.Rmin, values.Steepness),
                port=wiring.into[name][0],
            )
        )
    return drawing


def _draw_end(
    end: FlowEnd | PressureEnd | ResistanceEnd | RCREnd, case: Case, wiring: Wiring, drawing: _Drawing
) -> None:
    name = end.bc_name
    at_inlet = bool(wiring.out_of[name])
    point = wiring.outlet(name) if at_inlet else wiring.inlet(name)
    port = (wiring.out_of[name] or wiring.into[name])[0]
    match end:
        case FlowEnd():
            times, values = case.tables[name]
            drawing.sources.append((name, point, c.Table(times, values if at_inlet else tuple(-q for q in values))))
        case PressureEnd():
            drawing.ends.append((name, point, c.Table(*case.tables[name])))
        case ResistanceEnd():
            far = drawing.point(name)
            drawing.vessel(name, point, far, (end.bc_values.R, 0.0, 0.0), port)
            drawing.ends.append((name, far, c.Table((0.0,), (end.bc_values.Pd,))))
        case RCREnd():
            capacitor, far = drawing.point(f"pressure_c:{name}"), drawing.point(name)
            drawing.vessel(f"{name}:Rp", point, capacitor, (end.bc_values.Rp, 0.0, 0.0), port)
            drawing.stores.append((capacitor, end.bc_values.C, False))
            drawing.vessel(f"{name}:Rd", capacitor, far, (end.bc_values.Rd, 0.0, 0.0), None)
            drawing.ends.append((name, far, c.Table((0.0,), (end.bc_values.Pd,))))
            drawing.internal.append((f"pressure_c:{name}", capacitor, None))


# ------------------------------------------------------------------ places


@dataclass(frozen=True)
class _Places:
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


def _gather(drawing: _Drawing, source: Source) -> _Places:
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
    branches: list[c.Branch] = []
    branch_of_edge: dict[int, int] = {}
    for n, edge in enumerate(drawing.edges):
        start, stop = of_point[edge.start], of_point[edge.stop]
        if start == stop:
            if edge.valve is not None:
                raise DocumentError(
                    f"both sides of the valve {show(edge.name)} are joined without resistance",
                    hint="give the elements around it a resistance",
                    place=source.place(("valves",)),
                )
            continue
        branch_of_edge[n] = len(branches)
        branches.append(c.Branch(edge.name, start, stop, edge.resistance, edge.inertance, edge.stenosis, edge.valve))
    nodes = tuple(map(c.Node, names, stored, steadily))
    _pressures_are_determined(nodes, len(drawing.ends), branches, source)
    return _Places(
        of_point,
        nodes,
        tuple(c.End(name, table) for name, _, table in drawing.ends),
        tuple(branches),
        branch_of_edge,
        frozenset(point for _, point, _ in drawing.ends),
    )


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


# ------------------------------------------------------------------ flows through links


def _flows_through_links(drawing: _Drawing, places: _Places, wiring: Wiring, source: Source) -> list[c.FlowSum]:
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


def _trees(drawing: _Drawing, places: _Places) -> Iterator[tuple[int, list[tuple[int, int, int]]]]:
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


# ------------------------------------------------------------------ state at the start


def _initial(case: Case, drawing: _Drawing, places: _Places, wiring: Wiring, source: Source) -> c.Initial:
    """Initial values of svZeroD's variables, as those of places, branches and sources."""
    variables = [f"{kind}:{label}" for label in wiring.labels for kind in ("flow", "pressure")]
    variables += [label for label, _, _ in drawing.internal]
    for section, allowed in (
        ("initial_condition", {*variables, "pressure_all", "flow_all"}),
        ("initial_condition_d", set(variables)),
    ):
        for name in getattr(case, section):
            if name not in allowed:
                near = nearest(name, allowed)
                raise DocumentError(
                    f"this case has no variable {show(name)}",
                    hint=f"did you mean {near!r}?" if near else f"its variables begin with {variables[0]!r}",
                    place=source.place((section,)),
                )
    values, rates = _Named(case.initial_condition, wiring), _Named(case.initial_condition_d, wiring)
    pressure, pressure_rate = ([0.0] * (len(places.nodes) + len(places.ends)) for _ in range(2))
    for n, end in enumerate(places.ends, len(places.nodes)):  # stays where svZeroD has a constant and no variable
        pressure[n] = end.pressure.values[0]
    for n in reversed(range(len(wiring.labels))):
        place = places.of_point[wiring.upstream(n)]
        pressure[place], pressure_rate[place] = values.pressure(n), rates.pressure(n)
    # where something is stored, what is stored decides
    for label, point, _ in drawing.internal:
        if point is not None:
            place = places.of_point[point]
            pressure[place], pressure_rate[place] = values.of(label), rates.of(label)
    for point, inlet, before in drawing.capacitors:
        edge, q = drawing.edges[before] if before is not None else _Edge("", 0, 0), values.flow(inlet)
        drop = (edge.resistance + edge.stenosis * abs(q)) * q
        slope = (edge.resistance + 2 * edge.stenosis * abs(q)) * rates.flow(inlet)
        place = places.of_point[point]
        pressure[place], pressure_rate[place] = values.pressure(inlet) - drop, rates.pressure(inlet) - slope
    ports = [drawing.edges[edge].port for edge in places.branch_of_edge]
    outer = [
        (wiring.out_of[name][0], 1.0) if wiring.out_of[name] else (wiring.into[name][0], -1.0)
        for name, _, _ in drawing.sources
    ]
    return c.Initial(
        pressure=tuple(pressure),
        flow=tuple(0.0 if port is None else values.flow(port) for port in ports),
        source=tuple(sign * values.flow(port) for port, sign in outer),
        pressure_rate=tuple(pressure_rate),
        flow_rate=tuple(0.0 if port is None else rates.flow(port) for port in ports),
        source_rate=tuple(sign * rates.flow(port) for port, sign in outer),
    )


@dataclass(frozen=True)
class _Named:
    """Values by the names of svZeroD's variables."""

    values: Mapping[str, float]
    wiring: Wiring

    def of(self, name: str, everywhere: str = "") -> float:
        return self.values.get(name, self.values.get(everywhere, 0.0))

    def pressure(self, connection: int) -> float:
        return self.of(f"pressure:{self.wiring.labels[connection]}", "pressure_all")

    def flow(self, connection: int) -> float:
        return self.of(f"flow:{self.wiring.labels[connection]}", "flow_all")
