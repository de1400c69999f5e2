"""Which element of a case is joined to which: names and ids looked up, every port joined once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from venolymph.documents import Place, Source
from venolymph.errors import DocumentError, nearest
from venolymph.interop.svzerod.closed_loop import HEART, HEART_INLET, HEART_OUTLET
from venolymph.interop.svzerod.ends import ClosedLoopRCREnd, CoronaryEnd, RCREnd, ResistanceEnd
from venolymph.interop.svzerod.schema import Case
from venolymph.units import show


@dataclass(frozen=True)
class Wiring:
    """Which elements are joined.

    Attributes:
        connections: names of the elements upstream and downstream, in svZeroD's order.
        into: of each element, the connections at its inlets.
        out_of: of each element, the connections at its outlets.
    """

    connections: tuple[tuple[str, str], ...]
    into: Mapping[str, list[int]]
    out_of: Mapping[str, list[int]]

    @cached_property
    def labels(self) -> list[str]:
        """Name of each connection as svZeroD writes it."""
        return [f"{first}:{second}" for first, second in self.connections]

    @staticmethod
    def upstream(connection: int) -> int:
        """Point on the upstream side of a connection."""
        return 2 * connection

    @staticmethod
    def downstream(connection: int) -> int:
        """Point on the downstream side of a connection."""
        return 2 * connection + 1

    def inlet(self, element: str) -> int:
        """Point inside the (first) inlet of an element."""
        return self.downstream(self.into[element][0])

    def outlet(self, element: str) -> int:
        """Point inside the (first) outlet of an element."""
        return self.upstream(self.out_of[element][0])


def wire(case: Case, source: Source) -> Wiring:
    """Look up what every vessel, junction and valve is joined to.

    Args:
        case: a case whose entries were checked.
        source: where it came from, for messages.

    Returns:
        Its connections in svZeroD's order: those of the vessels' boundary conditions, of the junctions, of the valves.

    Raises:
        DocumentError: where a name or an id means nothing, or a port is joined to nothing or more than once.
    """
    where = _places_in_file(case)
    by_id = {vessel.vessel_id: vessel.vessel_name for vessel in case.vessels}
    connections: list[tuple[str, str]] = []
    into: dict[str, list[int]] = {name: [] for name in where}
    out_of: dict[str, list[int]] = {name: [] for name in where}

    def join(first: str, second: str) -> None:
        out_of[first].append(len(connections))
        into[second].append(len(connections))
        connections.append((first, second))

    def named(name: str, *place: str | int) -> str:
        if name not in where:
            near = nearest(name, where)
            raise DocumentError(
                f"there is no element {show(name)}",
                hint=f"did you mean {near!r}?"
                if near
                else "name a vessel, boundary condition, junction, valve or chamber",
                place=source.place(place),
            )
        return name

    def numbered(port: int | str, *place: str | int) -> str:
        if isinstance(port, str):
            return named(port, *place)
        if port not in by_id:
            raise DocumentError(
                f"there is no vessel with the id {port}",
                hint=f"ids go from {min(by_id)} to {max(by_id)}" if by_id else "there are no vessels at all",
                place=source.place(place),
            )
        return by_id[port]

    for n, vessel in enumerate(case.vessels):
        at = ("vessels", n, "boundary_conditions")
        if vessel.boundary_conditions.inlet is not None:
            join(named(vessel.boundary_conditions.inlet, *at, "inlet"), vessel.vessel_name)
        if vessel.boundary_conditions.outlet is not None:
            join(vessel.vessel_name, named(vessel.boundary_conditions.outlet, *at, "outlet"))
    for n, junction in enumerate(case.junctions):
        inlets, outlets = junction.ports
        kind = "vessels" if junction.inlet_vessels is not None and junction.outlet_vessels is not None else "blocks"
        for port in inlets:
            join(numbered(port, "junctions", n, f"inlet_{kind}"), junction.junction_name)
        for port in outlets:
            join(junction.junction_name, numbered(port, "junctions", n, f"outlet_{kind}"))
    for n, heart in enumerate(case.closed_loop_blocks):
        join(HEART_INLET, HEART)
        for end in case.boundary_conditions:
            if isinstance(end, ClosedLoopRCREnd):
                join(end.bc_name, HEART_INLET)
        join(HEART, HEART_OUTLET)
        for m, block in enumerate(heart.outlet_blocks):
            join(HEART_OUTLET, named(block, "closed_loop_blocks", n, "outlet_blocks", m))
    for n, valve in enumerate(case.valves):
        join(named(valve.params.upstream_block, "valves", n, "params", "upstream_block"), valve.name)
        join(valve.name, named(valve.params.downstream_block, "valves", n, "params", "downstream_block"))

    wiring = Wiring(tuple(connections), into, out_of)
    _ports_are_right(case, wiring, where, source)
    return wiring


def _places_in_file(case: Case) -> dict[str, Place]:
    """Where each element stands, by its name."""
    where: dict[str, Place] = {}
    for n, vessel in enumerate(case.vessels):
        where[vessel.vessel_name] = ("vessels", n)
    for n, end in enumerate(case.boundary_conditions):
        where[end.bc_name] = ("boundary_conditions", n)
    for n, junction in enumerate(case.junctions):
        where[junction.junction_name] = ("junctions", n)
    for n, valve in enumerate(case.valves):
        where[valve.name] = ("valves", n)
    for n, chamber in enumerate(case.chambers):
        where[chamber.name] = ("chambers", n)
    if case.closed_loop_blocks:
        where |= dict.fromkeys((HEART, HEART_INLET, HEART_OUTLET), ("closed_loop_blocks", 0))
    return where


def _ports_are_right(case: Case, wiring: Wiring, where: Mapping[str, Place], source: Source) -> None:
    def refuse(name: str, message: str, hint: str) -> DocumentError:
        return DocumentError(message, hint=hint, place=source.place(where[name]))

    def among(connections: Iterable[int]) -> str:
        return ", ".join(wiring.labels[n] for n in list(connections)[:5])

    two_ports = [
        *(vessel.vessel_name for vessel in case.vessels),
        *(one.name for one in (*case.valves, *case.chambers)),
    ]
    for name in two_ports:
        for side, found in (("inlet", wiring.into[name]), ("outlet", wiring.out_of[name])):
            if not found:
                raise refuse(
                    name,
                    f"the {side} of {show(name)} is joined to nothing",
                    f"give it an {side} boundary condition, or name it in a junction or valve",
                )
            if len(found) > 1:
                raise refuse(
                    name,
                    f"the {side} of {show(name)} is joined {len(found)} times ({among(found)}); once is allowed",
                    "put a junction there, or take one out",
                )
    for end in case.boundary_conditions:
        name = end.bc_name
        found = [*wiring.into[name], *wiring.out_of[name]]
        if isinstance(end, ClosedLoopRCREnd):
            if len(wiring.into[name]) != 1 or len(wiring.out_of[name]) != 1:
                raise refuse(
                    name,
                    f"the inlet of {show(name)} is joined {len(wiring.into[name])} times and its outlet "
                    f"{len(wiring.out_of[name])} times, to the heart; each must be once",
                    "name it as the outlet of one vessel, and write a heart in 'closed_loop_blocks'",
                )
        elif len(found) != 1:
            raise refuse(
                name,
                f"the boundary condition {show(name)} is joined {len(found)} times"
                f"{f' ({among(found)})' if found else ''}; it must be once",
                "give each place a boundary condition of its own, and take out those that are not used",
            )
        if isinstance(end, ResistanceEnd | RCREnd | CoronaryEnd) and wiring.out_of[name]:
            raise refuse(
                name,
                f"{show(name)} is of type {end.bc_type} and stands at an inlet, where it would drive the flow that it "
                "should resist; allowed there are FLOW and PRESSURE",
                "turn the vessel round, or put a vessel of that resistance behind a PRESSURE",
            )
    for junction in case.junctions:
        name = junction.junction_name
        if junction.junction_values is not None:
            found = len(wiring.into[name]), len(wiring.out_of[name])
            if found != (1, len(junction.junction_values.L)):
                raise refuse(
                    name,
                    f"with what else names it, the BloodVesselJunction {show(name)} has {found[0]} inlets and "
                    f"{found[1]} outlets; it must have 1 and, as its values say, {len(junction.junction_values.L)}",
                    "name each neighbour once",
                )
