"""A circuit as a network of the engine: nodes become linear cells, branches faces, tables a drive.

Every node is a linear cell with the node's capacitance (none where it has none), every prescribed pressure an end,
every prescribed flow a source. The engine wants one face between two cells, and a cell at one side of each face at
least; a branch that stands beside another, or between two ends, is cut in halves with a junction between them.

Numbers keep the units of the file: the engine does not ask which units it computes in.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from venolymph.interop.svzerod.chambers import ChamberValues, chamber_values
from venolymph.interop.svzerod.circuit import Branch, Circuit
from venolymph.interop.svzerod.tables import Tables, together
from venolymph.network import (
    Beds,
    Flaps,
    Fluid,
    Parameters,
    State,
    Surroundings,
    Switches,
    Topology,
    Valves,
    linear_cells,
    linear_faces,
    linear_state,
)

NEGLIGIBLE = 1e-12
"""Resistance beside that of a valve or a stenosis (at the largest flow that is prescribed) where a face needs some."""


class CircuitValues(eqx.Module):
    """All numbers of a circuit, with members side by side along the last axis; units of the file.

    Attributes:
        resistance, inertance, stenosis: of the branches (of a valve: 0).
        r_max, r_min, steepness: of the valves, in the order of the branches.
        capacitance: of the nodes.
        steady_capacitance: of the nodes, during the steady start.
        end_pressure: of each end at the times of the network's tables.
        source_flow: of each source at these times.
        shut: resistance that flaps add when shut, in the order of the branches.
        around: pressure around each chamber at these times.
        chambers: of the chambers; None where there are none.
    """

    resistance: Float[Array, "branches batch"]
    inertance: Float[Array, "branches batch"]
    stenosis: Float[Array, "branches batch"]
    r_max: Float[Array, "valves batch"]
    r_min: Float[Array, "valves batch"]
    steepness: Float[Array, "valves batch"]
    capacitance: Float[Array, "nodes batch"]
    steady_capacitance: Float[Array, "nodes batch"]
    end_pressure: Float[Array, "points ends batch"]
    source_flow: Float[Array, "points sources batch"]
    shut: Float[Array, "flaps batch"]
    around: Float[Array, "points chambers batch"]
    chambers: ChamberValues | None

    @property
    def batch(self) -> int:
        """Number of members."""
        return self.resistance.shape[-1]


@dataclass(frozen=True)
class _Face:
    """A branch, or a half of one: resistance, inertance and stenosis are that share of the branch's.

    Attributes:
        valve: number of the valve that it is, or -1.
        flap: number of the flap that it has its share of, or -1.
        behind: number of the valve that it only gives a place of its own to, or -1.
    """

    name: str
    tail: int
    head: int
    branch: int
    share: float
    valve: int = -1
    behind: int = -1
    flap: int = -1


class Network:
    """A circuit laid out for the engine.

    Attributes:
        circuit: what it was made of.
        topology: for the engine; the cells are the circuit's nodes and then the junctions that cut branches.
        values: numbers of the file, one member.
        times: of all tables together, (points,).
        mean_weights: share of each point in the plain mean of each table (ends, sources, around chambers), (points,
            tables).
        cut: for each further junction the branch that it cuts.
        first_face: for each branch the face that has its flow.
        face_branch: for each face its branch.
        flow_scale: a flow of the size of those in the circuit, for tolerances.
    """

    def __init__(self, circuit: Circuit) -> None:
        self.circuit = circuit
        self.valves = [n for n, branch in enumerate(circuit.branches) if branch.valve is not None]
        self.flaps = [n for n, branch in enumerate(circuit.branches) if branch.shut is not None]
        self.times, columns, self.mean_weights = together(
            [end.pressure for end in circuit.ends]
            + [source.flow for source in circuit.sources]
            + [chamber.around for chamber in circuit.chambers],
            circuit.course.period,
        )
        ends, driven = len(circuit.ends), len(circuit.ends) + len(circuit.sources)
        self.values = _values(circuit, self.valves, self.flaps, np.split(columns, [ends, driven], axis=1))
        self.flow_scale = _flow_scale(circuit, columns[:, :ends], columns[:, ends:driven])
        self._lay_faces()
        self.face_branch = np.array([face.branch for face in self.faces], np.int32)
        self.first_face = np.array([self.face_branch.tolist().index(n) for n in range(len(circuit.branches))], np.int32)

    def _lay_faces(self) -> None:
        circuit, nodes = self.circuit, len(self.circuit.nodes)
        # Ends come after all cells; until these are counted an end is the negative of its number less one.
        joined: set[frozenset[int]] = set()
        self.faces: list[_Face] = []
        self.cut: list[int] = []
        for n, branch in enumerate(circuit.branches):
            tail, head = (place if place < nodes else nodes - 1 - place for place in (branch.start, branch.stop))
            pair = frozenset((tail, head))
            valve = self.valves.index(n) if branch.valve is not None else -1
            flap = self.flaps.index(n) if branch.shut is not None else -1
            if max(tail, head) >= 0 and (min(tail, head) < 0 or pair not in joined):
                joined.add(pair)
                self.faces.append(_Face(branch.name, tail, head, n, 1.0, valve, flap=flap))
                continue
            middle = nodes + len(self.cut)
            self.cut.append(n)
            shares = (0.5, 0.5) if valve < 0 else (1.0, 0.0)
            self.faces.append(_Face(f"{branch.name} 1", tail, middle, n, shares[0], valve, flap=flap))
            self.faces.append(_Face(f"{branch.name} 2", middle, head, n, shares[1], behind=valve, flap=flap))

    @cached_property
    def cells(self) -> int:
        """Number of cells."""
        return max(len(self.circuit.nodes) + len(self.cut), 1)

    @cached_property
    def topology(self) -> Topology:
        """The network's topology. It has one cell and one face at the least; what is there for that is shut off."""
        circuit = self.circuit
        cells = [f"{n} {node.name}" for n, node in enumerate(circuit.nodes)]
        cells += [f"in {circuit.branches[n].name} {n}" for n in self.cut]
        ends = [f"{n} {end.name}" for n, end in enumerate(circuit.ends)]

        def node(place: int) -> int:
            return place if place >= 0 else self.cells - 1 - place

        tail, head = ([node(getattr(face, side)) for face in self.faces] for side in ("tail", "head"))
        return Topology(
            cells=tuple(cells) or ("nothing",),
            ends=tuple(ends) if self.faces else (*ends, "nowhere"),
            faces=tuple(f"{n} {face.name}" for n, face in enumerate(self.faces)) or ("shut",),
            tail=tuple(tail) or (0,),
            head=tuple(head) or (self.cells + len(ends),),
            valves=(),
            valve_face=(),
            beds=(),
            bed_tail=(),
            bed_cell=(),
            surroundings=(),
            surrounded=((),) * self.cells,
            links=(),
            linear=tuple(range(self.cells)),
            switches=tuple(n for n, face in enumerate(self.faces) if face.valve >= 0),
            flaps=tuple(n for n, face in enumerate(self.faces) if face.flap >= 0),
            chambers=tuple(chamber.place for chamber in circuit.chambers),
        )

    @cached_property
    def has_loss(self) -> bool:
        """Whether any branch has a stenosis."""
        return any(branch.stenosis > 0 for branch in self.circuit.branches)

    def parameters(self, values: CircuitValues, steady: bool = False) -> Parameters:
        """The engine's parameters.

        Args:
            values: numbers of the circuit.
            steady: whether for the steady start, in which some capacitances do not count.
        """
        batch, count = values.batch, len(self.topology.faces)
        capacitance = values.steady_capacitance if steady else values.capacitance
        # The one cell of a circuit without any needs something that determines its pressure.
        further = jnp.zeros((len(self.cut), batch)) if self.circuit.nodes or self.cut else jnp.ones((1, batch))
        compliance = jnp.concatenate([capacitance, further])
        none = jnp.zeros((0, batch))
        if self.faces:
            share = jnp.asarray(np.array([face.share for face in self.faces])[:, None])
            inertance = share * values.inertance[self.face_branch]
            loss = share * values.stenosis[self.face_branch] if self.has_loss else None
            resistance = share * values.resistance[self.face_branch] + self._further_resistance(values)
        else:
            inertance, loss, resistance = jnp.zeros((1, batch)), None, jnp.ones((1, batch))
        own = np.array([face.valve for face in self.faces if face.valve >= 0], np.int32)
        flat = jnp.ones((count, batch))
        return Parameters(
            cells=linear_cells(compliance),
            faces=linear_faces(
                resistance=resistance,
                open=flat if self.faces else 0.0 * flat,
                loss=loss,
                inertance=inertance,
            ),
            valves=Valves(**{f.name: none for f in fields(Valves)}),
            beds=Beds(**{f.name: none for f in fields(Beds)}),
            surroundings=Surroundings(none, none),
            fluid=Fluid(jnp.zeros((1, batch)), jnp.ones((1, batch)), jnp.zeros((1, batch))),
            switches=Switches((values.r_max - values.r_min)[own], values.steepness[own]) if len(own) else None,
            flaps=self._flaps(values),
        )

    def _flaps(self, values: CircuitValues) -> Flaps | None:
        faces = [face for face in self.faces if face.flap >= 0]
        share = jnp.asarray([[face.share] for face in faces])
        return Flaps(share * values.shut[np.array([face.flap for face in faces])]) if faces else None

    def _without(self, branch: Branch) -> float:
        """A resistance beside which that of a face needs to be no more than negligible; 0 where it has one."""
        if branch.resistance > 0 or branch.inertance > 0 or branch.valve is not None:
            return 0.0
        return branch.stenosis * self.flow_scale + (branch.shut or 0.0)

    def _further_resistance(self, values: CircuitValues) -> Array:
        """Resistance of open valves, and what faces need that would have none, (faces, batch)."""
        branches = self.circuit.branches
        bare = np.array([self._without(branches[face.branch]) * face.share for face in self.faces])
        further = jnp.broadcast_to(jnp.asarray(NEGLIGIBLE * bare)[:, None], (len(self.faces), values.batch))
        if not self.valves:
            return further
        number = np.array([max(face.valve, face.behind) for face in self.faces])
        own = np.array([face.valve >= 0 for face in self.faces])[:, None]
        r_min, r_max = values.r_min[np.maximum(number, 0)], values.r_max[np.maximum(number, 0)]
        least = NEGLIGIBLE * r_max
        of_valve = jnp.where(own, jnp.where(r_min > 0.0, r_min, least), 1e3 * least)
        return further + jnp.where(number[:, None] >= 0, of_valve, 0.0)

    def drive(self, values: CircuitValues, steady: bool = False) -> Tables:
        """What drives the engine.

        Args:
            values: numbers of the circuit.
            steady: whether for the steady start, with the plain mean of each table in place of it.
        """
        circuit, batch = self.circuit, values.batch
        tables = jnp.concatenate([values.end_pressure, values.source_flow, values.around], axis=1)
        if steady:
            mean = jnp.sum(self.mean_weights[:, :, None] * tables, axis=0)
            tables = jnp.broadcast_to(mean, tables.shape)
        ends, chambers, around = len(circuit.ends), values.chambers, tables[:, len(circuit.ends + circuit.sources) :]
        if steady and chambers is not None:
            chambers, around = chambers.left_out(around, [chamber.in_muscle for chamber in circuit.chambers])
        fed = sorted({source.place for source in circuit.sources if source.place < len(circuit.nodes)})
        columns = [tables[:, :ends]]
        if not self.faces:
            columns.append(jnp.zeros((len(self.times), 1, batch)))
        for cell in fed:
            feeding = [ends + n for n, source in enumerate(circuit.sources) if source.place == cell]
            columns.append(jnp.sum(tables[:, feeding], axis=1, keepdims=True))
        columns.append(around)
        none = jnp.zeros((0, batch))
        return Tables(
            times=jnp.asarray(self.times),
            values=jnp.concatenate(columns, axis=1),
            exercise=none,
            inflow=none,
            calibre=jnp.ones((self.cells, batch)),
            elastance=none,
            grip_volume=none,
            feeds=tuple(fed.index(cell) if cell in fed else len(fed) for cell in range(self.cells)),
            ends=self.topology.n_ends,
            fed=len(fed),
            chambers=chambers,
        )

    def start(self, values: CircuitValues) -> State:
        """The engine's state at the start; that of a store in muscle is its pressure until `begun`."""
        initial, nodes = self.circuit.initial, len(self.circuit.nodes)

        def of_cells(places: tuple[float, ...]) -> np.ndarray:
            middle = [
                0.5 * (places[branch.start] + places[branch.stop])
                for branch in (self.circuit.branches[n] for n in self.cut)
            ]
            return np.array([*places[:nodes], *middle] or [0.0])

        def of_faces(branches: tuple[float, ...]) -> np.ndarray:
            return np.array([branches[n] for n in self.face_branch] or [0.0])

        found = (
            of_cells(initial.pressure),
            of_faces(initial.flow),
            of_cells(initial.pressure_rate),
            of_faces(initial.flow_rate),
        )
        state, flow, rate, flow_rate = (jnp.asarray(np.repeat(part[:, None], values.batch, axis=1)) for part in found)
        hearts = [n for n, chamber in enumerate(self.circuit.chambers) if not chamber.in_muscle]
        rows = np.array([self.circuit.chambers[n].place for n in hearts], np.int32)
        volume, volume_rate = (
            np.array([part[n] for n in hearts])[:, None] for part in (initial.volume, initial.volume_rate)
        )
        begun = linear_state(state.at[rows].set(volume), flow, rate.at[rows].set(volume_rate), flow_rate)
        return replace(begun, pressure=state)

    def begun(self, values: CircuitValues, state: State) -> State:
        """The state with which the run begins: stores in muscle hold what their pressure presses into them."""
        which, chambers = self.in_muscle, values.chambers
        if chambers is None or not len(which):
            return state
        initial, rows = self.circuit.initial, self.muscle_rows
        steady = self.circuit.course.steady_initial
        # After a steady start svZeroD still has the mean pressure of the muscle when it notes what presses at first.
        weights = self.mean_weights[:, -len(self.circuit.chambers) :, None]
        around = jnp.sum(weights * values.around, axis=0) if steady else values.around[0]
        first = 0.0 if steady else 1.0
        held, rate = (
            first * np.array([part[n] for n in which])[:, None] for part in (initial.volume, initial.volume_rate)
        )
        volume = held + (state.states.volume[rows] - around[which]) / chambers.elastance[which]
        states = replace(state.states, volume=state.states.volume.at[rows].set(volume))
        return replace(state, states=states, rates=replace(state.rates, volume=state.rates.volume.at[rows].set(rate)))

    def began(self, states: np.ndarray) -> np.ndarray:
        """Volumes at the start of the run from which those of chambers count, (chambers, batch)."""
        began, which = np.zeros((len(self.circuit.chambers), states.shape[1])), self.in_muscle
        if len(which) and not self.circuit.course.steady_initial:
            began[which] = -np.array([self.circuit.initial.volume[n] for n in which])[:, None]
        began[which] += states[self.muscle_rows]
        return began

    @cached_property
    def in_muscle(self) -> np.ndarray:
        """Numbers of the chambers that are stores in muscle."""
        return np.array([n for n, chamber in enumerate(self.circuit.chambers) if chamber.in_muscle], np.int32)

    @cached_property
    def muscle_rows(self) -> np.ndarray:
        """Their cells."""
        return np.array([self.circuit.chambers[n].place for n in self.in_muscle], np.int32)


def _values(circuit: Circuit, valves: list[int], flaps: list[int], tables: list[np.ndarray]) -> CircuitValues:
    """All numbers of a circuit, from its tables (of ends, of sources, around chambers) at the network's times."""

    def column(numbers: list[float]) -> Array:
        return jnp.asarray(np.array(numbers, float).reshape(-1, 1))

    taken = [valve for n in valves if (valve := circuit.branches[n].valve) is not None]
    return CircuitValues(
        resistance=column([branch.resistance for branch in circuit.branches]),
        inertance=column([branch.inertance for branch in circuit.branches]),
        stenosis=column([branch.stenosis for branch in circuit.branches]),
        r_max=column([valve.r_max for valve in taken]),
        r_min=column([valve.r_min for valve in taken]),
        steepness=column([valve.steepness for valve in taken]),
        capacitance=column([node.capacitance for node in circuit.nodes]),
        steady_capacitance=column([node.steady_capacitance for node in circuit.nodes]),
        end_pressure=jnp.asarray(tables[0][:, :, None]),
        source_flow=jnp.asarray(tables[1][:, :, None]),
        shut=column([circuit.branches[n].shut or 0.0 for n in flaps]),
        around=jnp.asarray(tables[2][:, :, None]),
        chambers=chamber_values(circuit.chambers, circuit.course.period),
    )


def _flow_scale(circuit: Circuit, ends: np.ndarray, sources: np.ndarray) -> float:
    initial = circuit.initial
    flow = np.abs([0.0, *sources.ravel(), *initial.flow]).max()
    pressure = np.abs([0.0, *ends.ravel(), *initial.pressure]).max()
    resistance = sum(branch.resistance + (branch.valve.r_max if branch.valve else 0.0) for branch in circuit.branches)
    through = pressure / resistance if resistance > 0 else 0.0
    stroke = np.abs([0.0, *initial.volume]).max() / circuit.course.period
    return float(max(flow, through, stroke)) or 1.0
