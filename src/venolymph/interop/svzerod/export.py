"""A network whose walls are linear, written as a case of svZeroDSolver.

    cell      BloodVesselCRL without resistance: its compliance, and a place to read its pressure
    face      BloodVessel: resistance, inertance, and a quadratic loss as stenosis; with a switch a ValveTanh
    junction  in front of a cell and behind it, where faces meet there
    end       PRESSURE, one for each face that leads to it
    source    FLOW, through a vessel without impedance

A side of a cell where no face lies is closed by a FLOW of nothing. Faces that carry nothing (switched off, a shut
valve) are left out, and cells that are then joined to nothing. Results carry the names of cells and faces, with
semicolons for their commas. Numbers are in the network's units (mmHg, mL, s); pressures count from the level of the
heart. Tables are linear between their points, which is where they differ from what drives the network.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from venolymph.errors import NetworkError, RunError
from venolymph.network import Linear
from venolymph.network import linearised as _linearised

if TYPE_CHECKING:
    from venolymph.simulation.run import Run

REPEATS = 1e-9
"""What drives a network must come back to where it was within this share of its size."""


def linearised(run: Run, phase: int = -1, member: int = 0) -> Linear:
    """The leg of a run as it answers small changes at the end of a phase, ready to be exported.

    Args:
        run: best one that ends at rest.
        phase: number of the phase.
        member: number of the member.

    Returns:
        see `venolymph.network.linear`, which also says what is left out.

    Raises:
        RunError: where the run has no such phase or member.
    """
    if not -len(run.records) <= phase < len(run.records) or not -len(run.bodies) <= member < len(run.bodies):
        raise RunError(
            f"there is no phase {phase} of member {member}",
            hint=f"the run has {len(run.records)} phases and {len(run.bodies)} members, counted from 0",
        )
    record = run.records[phase]

    def own(tree: Any) -> Any:
        return jax.tree.map(lambda leaf: leaf if jnp.ndim(leaf) == 0 else jnp.asarray(leaf)[..., [member]], tree)

    parameters, drive, state = (own(tree) for tree in (run.parameters, record.drive, record.state))
    return _linearised(run.topology, parameters, drive, state, record.info.duration)


def write(
    linear: Linear, path: str | os.PathLike[str], *, period: float, points: int, cycles: int = 1, member: int = 0
) -> None:
    """Write a network as a case of svZeroDSolver; arguments as for `to_case`.

    Raises:
        NetworkError: as `to_case` does.
        RunError: where the file cannot be written.
    """
    text = json.dumps(to_case(linear, period=period, points=points, cycles=cycles, member=member), indent=1)
    try:
        Path(path).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise RunError(
            f"the case cannot be written: {error.strerror}", hint="give a path to write to", place=os.fspath(path)
        ) from None


def to_case(linear: Linear, *, period: float, points: int, cycles: int = 1, member: int = 0) -> dict[str, Any]:
    """A network as a case of svZeroDSolver, which goes on from where the network stands.

    Args:
        linear: the network. Its walls are linear and it has no valves with leaflets that move; see `linearised`.
        period: time after which what drives it repeats, s.
        points: time points of a period, both ends counted; pressures of ends and sources are given at these.
        cycles: how many periods to run.
        member: number of the member.

    Returns:
        the content of the JSON file.

    Raises:
        NetworkError: where the network has something that svZeroD has not, or what drives it does not repeat.
    """
    _check(linear, period, points)
    return _Writer(linear, period, points, member).case(cycles)


def _check(linear: Linear, period: float, points: int) -> None:
    topology = linear.topology
    walls = topology.n_cells - len(topology.linear)
    if walls or topology.valves or topology.beds:
        raise NetworkError(
            f"the network has {walls} cells with walls that are not linear, {len(topology.valves)} valves with "
            f"leaflets and {len(topology.beds)} beds; svZeroD has none of these",
            hint="make it linear first: `linearised`",
        )
    if topology.chambers or topology.flaps:
        raise NetworkError(
            f"the network has {len(topology.chambers)} chambers and {len(topology.flaps)} flaps, which are not written",
            hint="write the case that it was read from instead",
        )
    if not period > 0.0 or points < 2:
        raise NetworkError(
            f"the period is {period} s and has {points} points; it must be longer than 0 and have 2 at least",
            hint="give the time after which what drives the network repeats",
        )
    more = linear.inertance + linear.loss
    for face in topology.switches:
        if bool(jnp.any(more[face] > 0.0)):
            raise NetworkError(
                f"face {topology.faces[face]!r} has a switch and an inertance or a loss; a ValveTanh has neither",
                hint="put a cell without compliance between the two",
            )


@dataclass
class _Port:
    """Where two elements meet: their names, and place and flow of the network there, with their rates."""

    upstream: str
    downstream: str
    pressure: tuple[float, float]
    flow: tuple[float, float]


_Joined = tuple[dict[str, Any], float, float]
"""A vessel that meets a cell, its flow and the rate of that."""


@dataclass
class _Writer:
    """Collects the elements of a case."""

    linear: Linear
    period: float
    points: int
    member: int
    vessels: list[dict[str, Any]] = field(default_factory=list)
    junctions: list[dict[str, Any]] = field(default_factory=list)
    ends: list[dict[str, Any]] = field(default_factory=list)
    valves: list[dict[str, Any]] = field(default_factory=list)
    ports: list[_Port] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        topology, state, at = self.linear.topology, self.linear.state, self.member
        self.times = np.linspace(0.0, self.period, self.points)
        driven, sources = self._driven()
        faces, switches = self.linear.parameters.faces, self.linear.parameters.switches
        self.compliance = np.asarray(self.linear.compliance)[:, at]
        self.resistance = np.asarray(self.linear.resistance)[:, at]
        self.inertance = np.asarray(self.linear.inertance)[:, at]
        self.loss = np.asarray(self.linear.loss)[:, at]
        self.switched: dict[int, tuple[float, float]] = {}
        if switches is not None:
            added, steepness = (np.asarray(part)[:, at].tolist() for part in (switches.added, switches.steepness))
            self.switched = dict(zip(topology.switches, zip(added, steepness, strict=True), strict=True))
        self.open = np.flatnonzero(np.asarray(faces.open)[:, at] > 0.0).tolist()
        step = self.times[1]
        self.driven, self.sources = driven, sources
        self.pressure = np.concatenate([np.asarray(state.pressure)[:, at], driven[0]])
        slope = (driven[1] - driven[0]) / step
        self.pressure_rate = np.concatenate([np.asarray(state.rates.volume)[:, at], slope])
        self.flow, self.flow_rate = (np.asarray(part.flow)[:, at] for part in (state.states, state.rates))

    def _driven(self) -> tuple[np.ndarray, np.ndarray]:
        """Pressures of ends and flows into cells at the times, (points, ends) and (points, cells)."""
        cells, drive, clock = self.linear.parameters.cells, self.linear.drive, self.linear.state.clock
        found = [drive.values_at(cells, jnp.asarray(time), clock + time) for time in self.times]
        ends = np.stack([np.asarray(now.ends)[:, self.member] for now in found])
        sources = np.zeros((self.points, self.linear.topology.n_cells))
        if found[0].source is not None:
            sources = np.stack([np.asarray(now.source)[:, self.member] for now in found])
        for name, tables in (("the pressure of an end", ends), ("the flow into a cell", sources)):
            if np.any(np.abs(tables[-1] - tables[0]) > REPEATS * np.abs(tables).max(initial=0.0)):
                raise NetworkError(
                    f"{name} does not repeat after {self.period:g} s",
                    hint="give the period of what drives the network (that of a breath, if nothing else moves)",
                )
        ends[-1], sources[-1] = ends[0], sources[0]
        return ends, sources

    # -------------------------------------------------------------- elements

    def _name(self, wanted: str) -> str:
        # the package writes its results as CSV without quotes
        wanted = wanted.replace(",", ";")
        name, number = wanted, 1
        while name in self.names:
            number += 1
            name = f"{wanted} ({number})"
        self.names.add(name)
        return name

    def _vessel(self, wanted: str, kind: str = "BloodVessel", **values: float) -> dict[str, Any]:
        name = self._name(wanted)
        vessel = {
            "vessel_id": len(self.vessels),
            "vessel_name": name,
            "zero_d_element_type": kind,
            "zero_d_element_values": {"R_poiseuille": 0.0} | {key: float(value) for key, value in values.items()},
            "boundary_conditions": {},
        }
        self.vessels.append(vessel)
        return vessel

    def _end(self, wanted: str, vessel: dict[str, Any], side: str, kind: str, key: str, values: np.ndarray) -> str:
        name, constant = self._name(wanted), bool(np.all(values == values[0]))
        times, values = (self.times[[0, -1]], values[[0, -1]]) if constant else (self.times, values)
        table = {key: values.tolist(), "t": times.tolist()}
        self.ends.append({"bc_name": name, "bc_type": kind, "bc_values": table})
        vessel["boundary_conditions"][side] = name
        return name

    def _port(self, upstream: str, downstream: str, node: int, flow: float, rate: float) -> None:
        pressure = float(self.pressure[node]), float(self.pressure_rate[node])
        self.ports.append(_Port(upstream, downstream, pressure, (float(flow), float(rate))))

    def _face(self, face: int, tail: int, head: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """The vessels that begin and end a face: one and the same, but for a valve."""
        name, flow, rate = self.linear.topology.faces[face], self.flow[face], self.flow_rate[face]
        if face not in self.switched:
            values = {"R_poiseuille": self.resistance[face], "L": self.inertance[face]}
            vessel = self._vessel(name, **values, stenosis_coefficient=self.loss[face])
            return vessel, vessel
        before, behind = self._vessel(f"{name}, before"), self._vessel(f"{name}, behind")
        valve, (added, steepness) = self._name(name), self.switched[face]
        params = {
            "Rmax": float(self.resistance[face] + added),
            "Rmin": float(self.resistance[face]),
            "Steepness": steepness,
            "upstream_block": before["vessel_name"],
            "downstream_block": behind["vessel_name"],
        }
        self.valves.append({"type": "ValveTanh", "name": valve, "params": params})
        self._port(before["vessel_name"], valve, tail, flow, rate)
        self._port(valve, behind["vessel_name"], head, flow, rate)
        return before, behind

    # -------------------------------------------------------------- the whole

    def case(self, cycles: int) -> dict[str, Any]:
        """All elements as a case."""
        topology = self.linear.topology
        cells = range(topology.n_cells)
        met = {node for face in self.open for node in (topology.tail[face], topology.head[face])}
        fed = [cell for cell in cells if np.any(self.sources[:, cell] != 0.0)]
        places = {
            cell: self._vessel(topology.cells[cell], "BloodVesselCRL", C=self.compliance[cell])
            for cell in cells
            if cell in met or cell in fed
        }
        into: dict[int, list[_Joined]] = {cell: [] for cell in places}
        out: dict[int, list[_Joined]] = {cell: [] for cell in places}
        for face in self.open:
            tail, head = topology.tail[face], topology.head[face]
            flow, rate = self.flow[face], self.flow_rate[face]
            first, last = self._face(face, tail, head)
            for node, vessel, side, lists in ((tail, first, "inlet", out), (head, last, "outlet", into)):
                if node in lists:
                    lists[node].append((vessel, flow, rate))
                    continue
                end = node - topology.n_cells
                wanted = f"{topology.ends[end]}, {topology.faces[face]}"
                name = self._end(wanted, vessel, side, "PRESSURE", "P", self.driven[:, end])
                first, second = (name, vessel["vessel_name"])[:: 1 if side == "inlet" else -1]
                self._port(first, second, node, flow, rate)
        for cell in fed:
            flows = self.sources[:, cell]
            flow, rate = flows[0], (flows[1] - flows[0]) / self.times[1]
            vessel = self._vessel(f"source of {topology.cells[cell]}")
            name = self._end(f"flow into {topology.cells[cell]}", vessel, "inlet", "FLOW", "Q", flows)
            self._port(name, vessel["vessel_name"], cell, flow, rate)
            into[cell].append((vessel, flow, rate))
        for cell, vessel in places.items():
            self._meet(cell, vessel, into[cell], "inlet")
            self._meet(cell, vessel, out[cell], "outlet")
        return self._written(cycles)

    def _meet(self, cell: int, place: dict[str, Any], vessels: list[_Joined], side: str) -> None:
        """Join the vessels on one side of a cell to it."""
        cell_name = place["vessel_name"]

        def port(outer: str, inner: str, flow: float, rate: float) -> None:
            first, second = (outer, inner) if side == "inlet" else (inner, outer)
            self._port(first, second, cell, flow, rate)

        if not vessels:
            name = self._end(f"closed {side} of {cell_name}", place, side, "FLOW", "Q", np.zeros(self.points))
            port(name, cell_name, 0.0, 0.0)
            return
        name = self._name(f"{side} of {cell_name}")
        ids = [vessel["vessel_id"] for vessel, _, _ in vessels]
        pair = (ids, [place["vessel_id"]])
        inlets, outlets = pair if side == "inlet" else pair[::-1]
        self.junctions.append(
            {
                "junction_name": name,
                "junction_type": "NORMAL_JUNCTION",
                "inlet_vessels": inlets,
                "outlet_vessels": outlets,
            }
        )
        for vessel, flow, rate in vessels:
            port(vessel["vessel_name"], name, flow, rate)
        port(name, cell_name, sum(flow for _, flow, _ in vessels), sum(rate for _, _, rate in vessels))

    def _written(self, cycles: int) -> dict[str, Any]:
        values, rates = {}, {}
        for port in self.ports:
            label = f"{port.upstream}:{port.downstream}"
            for kind, (value, rate) in (("flow", port.flow), ("pressure", port.pressure)):
                values[f"{kind}:{label}"], rates[f"{kind}:{label}"] = value, rate
        return {
            "simulation_parameters": {
                "number_of_cardiac_cycles": cycles,
                "number_of_time_pts_per_cardiac_cycle": self.points,
                "cardiac_period": float(self.times[-1]),
                "steady_initial": False,
                "output_all_cycles": True,
            },
            "boundary_conditions": self.ends,
            "vessels": self.vessels,
            "junctions": self.junctions,
            "valves": self.valves,
            "initial_condition": values,
            "initial_condition_d": rates,
        }
