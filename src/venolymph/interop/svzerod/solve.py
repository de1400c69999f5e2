"""Running a circuit in the engine, and what it found in the terms of the circuit.

A run starts as svZeroD's does: from the given state by 31 steps of a tenth of the period with the mean of each table
and without the capacitances of RCR ends, where the case asks for it. Then come the case's own steps, in chunks of one
compiled program.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Literal, cast

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

from venolymph.errors import DocumentError, SimulationError, nearest
from venolymph.interop.svzerod.circuit import Circuit
from venolymph.interop.svzerod.columns import Solution, Table, tabulate
from venolymph.interop.svzerod.document import read_case
from venolymph.interop.svzerod.drawing import MOST_STEPS, build
from venolymph.interop.svzerod.network import CircuitValues, Network, between
from venolymph.network import balance, integrate
from venolymph.network.balance import StateVector
from venolymph.network.generalised_alpha import GeneralisedAlpha, weights
from venolymph.network.integrate import Method, Scheme, State, Steps
from venolymph.network.parameters import Drive, Parameters
from venolymph.network.surroundings import drive_values_at
from venolymph.network.topology import Topology
from venolymph.network.valve import Begun
from venolymph.processes import check_process
from venolymph.units import show

SchemeName = Literal["ours", "generalised-alpha"]
SCHEMES = ("ours", "generalised-alpha")

STEADY_STEPS = 31
LONGEST_TRACE, SHORTEST_TRACE, LARGEST_TRACE = 1000, 100, 2**23
"""Most and fewest steps that one call of the compiled program keeps, and the most numbers if that allows it."""

TOLERANCE = 1e-12
"""What Newton may leave missing, as a share of the largest flow times a step."""

MOST_KEPT = 2**20
"""Most steps times cells times members of which a gradient keeps all that was worked out (a gigabyte or so)."""

TOGETHER = 8
"""Members that one call takes side by side: what they hold stays in the processor's cache."""

FORGOTTEN = 1e-20
"""Part of an earlier value that is nothing beside rounding."""

OPENING = 1e-3
"""Part of a step over which the rates of a start are read off."""


def read(source: str | os.PathLike[str] | Mapping[str, Any]) -> Model:
    """Read a case, ready to be run.

    Args:
        source: path of a JSON file, JSON text, or the file's content as a mapping.

    Raises:
        DocumentError: where the case cannot be read or does not hang together.
    """
    named = isinstance(source, os.PathLike) or (
        isinstance(source, str) and source.lstrip("\ufeff \t\r\n")[:1] not in "{["
    )
    return Model(build(read_case(source), os.fsdecode(cast(str, source)) if named else None))


class Model:
    """A case that can be run.

    Attributes:
        circuit: what the case means.
        network: the circuit as the engine sees it.
        values: all numbers of the circuit, one member; change or stack them (`venolymph.network.parameters.stack`) and
            pass them to the methods.
    """

    def __init__(self, circuit: Circuit) -> None:
        check_process()
        self.circuit = circuit
        self.network = Network(circuit)

    @property
    def values(self) -> CircuitValues:
        """All numbers of the circuit, one member."""
        return self.network.values

    def run(self, scheme: SchemeName = "ours", values: CircuitValues | None = None) -> Table:
        """The table that the case asks for, in svZeroD's columns.

        Args:
            scheme: "ours" (TR-BDF2) or "generalised-alpha" (svZeroD's).
            values: other numbers than the file's, of one member.

        Raises:
            SimulationError: where the steps stop being solutions.
        """
        values = self.values if values is None else values
        if values.batch != 1:
            raise ValueError(f"the values are of {values.batch} members; run_batch gives a table for each")
        return self.run_batch(values, scheme)[0]

    def run_batch(self, values: CircuitValues, scheme: SchemeName = "ours") -> list[Table]:
        """One table for each member, computed side by side; see `run`."""
        return [tabulate(self.circuit, *solved) for solved in self.solve(values, scheme)]

    def solve(
        self, values: CircuitValues | None = None, scheme: SchemeName = "ours"
    ) -> list[tuple[Solution, Solution | None]]:
        """Solution and, where the case asks for it, its derivative, for each member."""
        check_process()
        values = self.values if values is None else values
        way, found = _scheme(scheme, self.circuit), []
        for first in range(0, values.batch, TOGETHER):
            # The last group is as wide as the others, so that one program serves all: its last member fills it up.
            width = min(values.batch, TOGETHER)
            members = np.minimum(np.arange(first, first + width), values.batch - 1)
            group: CircuitValues = jax.tree.map(lambda leaf, members=members: leaf[..., members], values)
            found += _solve(self.network, group, way)[: values.batch - first]
        return found

    def trajectory(
        self, values: CircuitValues, scheme: SchemeName = "ours", cycles: int | None = None
    ) -> tuple[Float[Array, "time nodes batch"], Float[Array, "time branches batch"]]:
        """Pressures of the nodes and flows of the branches after every step, to be differentiated and compiled by JAX.

        Args:
            values: numbers of the circuit.
            scheme: as in `run`.
            cycles: how many; the case's where not given.
        """
        check_process()
        net, course = self.network, self.circuit.course
        way = _scheme(scheme, self.circuit)
        state = _state(net, values)
        for steady in (True, False) if course.steady_initial else (False,):
            step, count = (course.period / 10, STEADY_STEPS) if steady else (course.step, course.steps)
            count = count if steady or cycles is None else cycles * course.steps_per_cycle
            parameters, drive = net.parameters(values, steady), net.drive(values, steady)
            if way is integrate.step:
                state = integrate.start_phase(net.topology, parameters, drive, state, OPENING * step)
            tolerance = jnp.asarray(TOLERANCE * step * net.flow_scale)
            keep = count * net.topology.n_cells * values.batch <= MOST_KEPT
            steps, method = Steps(jnp.asarray(0.0), jnp.asarray(step), 1, count), Method(tolerance, way, keep=keep)
            state, recorded, _ = integrate.advance(net.topology, parameters, drive, state, steps, method)
        return recorded.pressure[:, : len(self.circuit.nodes)], recorded.flow[:, net.first_face]


def check_scheme(name: str) -> None:
    """Refuse the name of a scheme that there is not.

    Raises:
        DocumentError: naming those that there are.
    """
    if name not in SCHEMES:
        near = nearest(name, list(SCHEMES))
        raise DocumentError(
            f"there is no scheme {show(name)}; there are {' and '.join(SCHEMES)}",
            hint=f"did you mean {near}?" if near else "take one of these",
        )


def _scheme(name: str, circuit: Circuit) -> Scheme:
    check_scheme(name)
    return integrate.step if name == "ours" else GeneralisedAlpha(circuit.course.rho_infty)


# ------------------------------------------------------------------ the engine


def _state(net: Network, values: CircuitValues) -> State:
    """The engine's state at the start."""
    pressure, flow, pressure_rate, flow_rate = (jnp.asarray(part) for part in net.start(values))
    none, batch = jnp.zeros((0, values.batch)), values.batch
    return State(
        states=StateVector(pressure, flow, jnp.zeros_like(pressure), none, none),
        rates=StateVector(pressure_rate, flow_rate, jnp.zeros_like(pressure), none, none),
        opening=jnp.zeros_like(flow),
        drop=jnp.zeros_like(flow),
        pressure=pressure,
        inflow=none,
        clock=jnp.asarray(0.0),
        alive=jnp.ones((1, batch), bool),
        failed_at=jnp.full((1, batch), jnp.inf),
    )


Trace = tuple[Array, Array, Array, Array]
"""Pressures of cells, flows of faces, and the rates of both, with a leading axis of steps."""

Seen = tuple[np.ndarray, ...]
"""A trace of steps that were taken."""


class _Stretch(eqx.Module):
    """Steps that one call takes, and how many of them it keeps.

    Attributes:
        first: number of the first step.
        count: of steps.
        dt: length of a step, s.
        length: number of the last steps that are kept (static).
    """

    first: Array
    count: Array
    dt: Array
    length: int = eqx.field(static=True)


@partial(jax.jit, static_argnums=0)
def _walk(
    topology: Topology, parameters: Parameters, drive: Drive, state: State, stretch: _Stretch, method: Method
) -> tuple[State, Trace]:
    """The state after a stretch of steps, and those that it keeps, each in the row of its number."""
    prepared = balance.prepare(topology, parameters, drive)
    scheme, dt, length = method.scheme, stretch.dt, stretch.length

    zero = jnp.asarray(0.0)
    begun, h = Begun(state.opening, state.drop, dt), integrate.implicit_share(scheme) * dt
    now = drive_values_at(parameters.cells, drive, zero, zero)
    cache = balance.newton_cache_at(topology, (prepared, now, state.states, begun, h), state.states.volume)

    def one(turn: Array, carry: tuple) -> tuple:
        state, cache, trace = carry
        time = (stretch.first + turn).astype(dt.dtype) * dt
        state, cache, _ = scheme(topology, prepared, state, cache, time, dt, method.tolerance)
        now = state.states.volume, state.states.flow, state.rates.volume, state.rates.flow
        row = turn % length
        rows = (lax.dynamic_update_index_in_dim(all_, new, row, 0) for all_, new in zip(trace, now, strict=True))
        return state, cache, tuple(rows)

    shapes = state.states.volume, state.states.flow, state.rates.volume, state.rates.flow
    trace = tuple(jnp.zeros((length, *part.shape)) for part in shapes)
    state, _, trace = lax.fori_loop(0, stretch.count, one, (state, cache, trace))
    return state, cast(Trace, trace)


_begin = jax.jit(integrate.start_phase, static_argnums=0)


Parts = dict[str, np.ndarray]
"""Arrays by their names in `Solution`, each (steps, number, batch)."""


class _Follower:
    """What follows from tables and states at once, as generalised-alpha carries it from step to step.

    Attributes:
        value, rate: of each quantity, (quantities, batch).
    """

    def __init__(self, value: np.ndarray, rate: np.ndarray, rho: float) -> None:
        self.value, self.rate, self.rho = value, rate, rho

    def follow(self, within: np.ndarray, dt: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Values and rates after each step, and rates within it, from the values within, (steps, quantities, batch)."""
        am, af, g = weights(self.rho)
        steepness = am / (af * g * dt)
        values = _faded(1.0 - 1.0 / af, within / af, self.value)
        moved = within - _shifted(values, self.value)
        rates = _faded(1.0 - 1.0 / g, (steepness / am) * moved, self.rate)
        slopes = steepness * (moved - af * dt * (1.0 - g / am) * _shifted(rates, self.rate))
        self.value, self.rate = values[-1], rates[-1]
        return values, rates, slopes


def _shifted(series: np.ndarray, before: np.ndarray) -> np.ndarray:
    """The values one step earlier."""
    return np.concatenate([before[None], series[:-1]])


def _faded(part: float, given: np.ndarray, before: np.ndarray) -> np.ndarray:
    """The series y with `y_n = part y_(n-1) + given_n`, by doubling the reach of each term."""
    series = given.copy()
    series[0] += part * before
    reach = 1
    while reach < len(series) and abs(part) > FORGOTTEN:
        series[reach:] += part * series[:-reach]
        part, reach = part * part, 2 * reach
    return series


@jax.jit
def _tables_at(times: Array, values: Array, when: Array) -> Array:
    return lax.map(lambda time: between(times, values, time), when)


class _Recorder:
    """Makes solutions of a circuit from the engine's traces, chunk by chunk."""

    def __init__(self, net: Network, values: CircuitValues, rho: float | None) -> None:
        circuit = net.circuit
        self.net, self.values, self.rho = net, values, rho
        self.nodes, self.ends = len(circuit.nodes), len(circuit.ends)
        tables = np.concatenate([values.end_pressure, values.source_flow], axis=1)
        self.tables = {
            False: tables,
            True: np.broadcast_to((net.mean_weights[:, :, None] * tables).sum(axis=0), tables.shape),
        }
        self.valves = [(circuit.branches[n].start, circuit.branches[n].stop) for n in net.valves]
        initial, batch = circuit.initial, values.batch

        def column(*parts: Any) -> np.ndarray:
            return np.repeat(np.concatenate([np.asarray(part, float) for part in parts])[:, None], batch, axis=1)

        self.pressure = column(initial.pressure)
        self.pressure_rate = column(initial.pressure_rate)
        self.flow, self.flow_rate = column(initial.flow), column(initial.flow_rate)
        driven = column(initial.pressure[self.nodes :], initial.source)
        driven_rate = column(initial.pressure_rate[self.nodes :], initial.source_rate)
        stored = np.zeros((len(initial.pressure), batch))
        for branch, flow in zip(circuit.branches, self.flow, strict=True):
            stored[branch.start] -= flow
            stored[branch.stop] += flow
        for source, flow in zip(circuit.sources, driven[self.ends :], strict=True):
            stored[source.place] += flow
        capacitance = np.concatenate([values.capacitance, np.zeros((self.ends, batch))])
        stored = np.where(capacitance > 0, stored, 0.0) / np.where(capacitance > 0, capacitance, 1.0)
        if rho is not None:
            self.driven = _Follower(driven, driven_rate, rho)
            self.stored = _Follower(stored, np.zeros_like(stored), rho)
            status = np.zeros((len(self.valves), batch))
            self.status = _Follower(status, status.copy(), rho)
        else:
            self.stored_value = stored

    def now(self) -> tuple[Parts, Parts]:
        """What holds before the next step, and its rates, each (1, number, batch)."""
        if self.rho is None:
            driven = self._tables(np.zeros(1), False)
            ends = np.zeros((1, self.ends, self.values.batch))
            values = {
                "pressure": np.concatenate([self.pressure[None, : self.nodes], driven[:, : self.ends]], axis=1),
                "flow": self.flow[None],
                "source": driven[:, self.ends :],
                "pressure_rate": np.concatenate([self.pressure_rate[None, : self.nodes], ends], axis=1),
            }
            rates = {"pressure": values["pressure_rate"], "flow": self.flow_rate[None]}
            return values, rates
        driven, stored, status = self.driven, self.stored, self.status
        values = {
            "pressure": np.concatenate([self.pressure[: self.nodes], driven.value[: self.ends]])[None],
            "flow": self.flow[None],
            "source": driven.value[None, self.ends :],
            "pressure_rate": stored.value[None],
            "valve_status": self._by_branch(status.value[None]),
        }
        rates = {
            "pressure": np.concatenate([self.pressure_rate[: self.nodes], driven.rate[: self.ends]])[None],
            "flow": self.flow_rate[None],
            "source": driven.rate[None, self.ends :],
            "pressure_rate": stored.rate[None],
            "valve_status": self._by_branch(status.rate[None]),
        }
        return values, rates

    @property
    def memory(self) -> int:
        """Steps back from which a value still shows in what follows from tables and states."""
        fading = abs(1.0 - 1.0 / weights(self.rho)[2]) if self.rho is not None else 0.0
        if fading == 0.0:
            return 1
        return math.ceil(math.log(FORGOTTEN) / math.log(fading)) if fading < 1.0 else MOST_STEPS

    def skip(self, trace: Seen) -> None:
        """Go on to the first step of a trace; no step until there is written or shows in those to come."""
        cells, faces, cell_rates, face_rates = (part[0] for part in trace)
        self.pressure = np.concatenate([cells[: self.nodes], self.pressure[self.nodes :]])
        self.pressure_rate = np.concatenate([cell_rates[: self.nodes], self.pressure_rate[self.nodes :]])
        self.flow, self.flow_rate = faces[self.net.first_face], face_rates[self.net.first_face]

    def take(self, trace: Seen, first: int, dt: float, steady: bool) -> tuple[Parts, Parts]:
        """What holds after each step of a trace from step `first` on, and its rates, each (steps, number, batch)."""
        cells, faces, cell_rates, face_rates = trace
        flow, flow_rate = faces[:, self.net.first_face], face_rates[:, self.net.first_face]
        free, free_rate = cells[:, : self.nodes], cell_rates[:, : self.nodes]
        steps = first + np.arange(len(cells))
        if self.rho is None:
            driven = self._tables(dt * (steps + 1.0), steady)
            slope = (self._tables(dt * (steps + 1.5), steady) - self._tables(dt * (steps + 0.5), steady)) / dt
            pressure_rate = np.concatenate([free_rate, slope[:, : self.ends]], axis=1)
            values = {"pressure_rate": pressure_rate}
            rates: dict[str, np.ndarray] = {}
        else:
            am, af, _ = weights(self.rho)
            within = self._tables(dt * (steps.astype(float)) + af * dt, steady)
            driven, slope, slope_within = self.driven.follow(within, dt)
            before = np.concatenate([self.pressure[None, : self.nodes], free[:-1]])
            rate_before = np.concatenate([self.pressure_rate[None, : self.nodes], free_rate[:-1]])
            inside = np.concatenate([before + af * (free - before), within[:, : self.ends]], axis=1)
            rate_inside = rate_before + am * (free_rate - rate_before)
            rate_inside = np.concatenate([rate_inside, slope_within[:, : self.ends]], axis=1)
            stored, stored_rate, _ = self.stored.follow(rate_inside, dt)
            status, status_rate, _ = self.status.follow(self._closed(inside), dt)
            values = {"pressure_rate": stored, "valve_status": self._by_branch(status)}
            rates = {"pressure_rate": stored_rate, "valve_status": self._by_branch(status_rate)}
        values |= {
            "pressure": np.concatenate([free, driven[:, : self.ends]], axis=1),
            "flow": flow,
            "source": driven[:, self.ends :],
        }
        rates |= {
            "pressure": np.concatenate([free_rate, slope[:, : self.ends]], axis=1),
            "flow": flow_rate,
            "source": slope[:, self.ends :],
        }
        self.pressure, self.pressure_rate = values["pressure"][-1], rates["pressure"][-1]
        self.flow, self.flow_rate = flow[-1], flow_rate[-1]
        return values, rates

    def _tables(self, when: np.ndarray, steady: bool) -> np.ndarray:
        return np.asarray(_tables_at(jnp.asarray(self.net.times), jnp.asarray(self.tables[steady]), jnp.asarray(when)))

    def _closed(self, pressure: np.ndarray) -> np.ndarray:
        """How far each valve is closed, (steps, valves, batch)."""
        start, stop = ([pair[side] for pair in self.valves] for side in (0, 1))
        return 0.5 * (1.0 + np.tanh(np.asarray(self.values.steepness) * (pressure[:, stop] - pressure[:, start])))

    def _by_branch(self, status: np.ndarray) -> np.ndarray:
        laid = np.zeros((status.shape[0], len(self.net.circuit.branches), status.shape[2]))
        laid[:, self.net.valves] = status
        return laid


def _solve(net: Network, values: CircuitValues, scheme: Scheme) -> list[tuple[Solution, Solution | None]]:
    circuit, topology = net.circuit, net.topology
    course, output = circuit.course, circuit.output
    ours = scheme is integrate.step
    recorder = _Recorder(net, values, None if ours else cast(GeneralisedAlpha, scheme).rho)
    fits = LARGEST_TRACE // (2 * (topology.n_cells + topology.n_faces) * values.batch)
    length = max(min(fits, LONGEST_TRACE, course.steps), SHORTEST_TRACE)
    state = _state(net, values)
    written = 0 if output.all_cycles else course.steps - course.steps_per_cycle
    kept: list[tuple[Parts, Parts]] = []
    for steady in (True, False) if course.steady_initial else (False,):
        step, steps = (course.period / 10, STEADY_STEPS) if steady else (course.step, course.steps)
        parameters, drive = net.parameters(values, steady), net.drive(values, steady)
        state = replace(state, clock=jnp.asarray(0.0))
        if ours:
            state = _begin(topology, parameters, drive, state, OPENING * step)
            recorder.pressure = np.concatenate(
                [state.states.volume[: recorder.nodes], recorder.pressure[recorder.nodes :]]
            )
            recorder.pressure_rate = np.concatenate(
                [state.rates.volume[: recorder.nodes], recorder.pressure_rate[recorder.nodes :]]
            )
            recorder.flow, recorder.flow_rate = (
                np.asarray(part)[net.first_face] for part in (state.states.flow, state.rates.flow)
            )
        if not steady and written == 0:
            kept.append(recorder.now())
        first = 0
        while first < steps:
            # after step n stands point n + 1
            blank = steps if steady else max(0, written - 1 - first)
            count = blank if blank > length > recorder.memory else min(length, steps - first)
            stretch = _Stretch(jnp.asarray(first), jnp.asarray(count), jnp.asarray(step), length)
            method = Method(jnp.asarray(TOLERANCE * step * net.flow_scale), scheme)
            state, trace = _walk(topology, parameters, drive, state, stretch, method)
            _check(state, steady)
            unseen = count - length + 1 if count > length else 0
            seen = tuple(_in_order(np.asarray(part), count) for part in trace)
            if unseen:
                recorder.skip(seen)
                seen = tuple(part[1:] for part in seen)
            found = recorder.take(seen, first + unseen, step, steady)
            if blank < count:
                kept.append((_from(found[0], blank - unseen), _from(found[1], blank - unseen)))
            first += count
    solution, slope = (_joined([part[n] for part in kept]) for n in (0, 1))
    return [_member(circuit, solution, slope, member) for member in range(values.batch)]


def _in_order(rows: np.ndarray, count: int) -> np.ndarray:
    """The rows of a trace of so many steps, one after another."""
    return rows[:count] if count <= len(rows) else np.roll(rows, -(count % len(rows)), axis=0)


def _from(parts: Parts, first: int) -> Parts:
    return {name: part[first:] for name, part in parts.items()}


def _joined(pieces: list[Parts]) -> Parts:
    """Pieces one after another; what the first lacks begins later."""
    return {name: np.concatenate([piece[name] for piece in pieces if name in piece]) for name in pieces[-1]}


def _check(state: State, steady: bool) -> None:
    if not bool(jnp.all(state.alive)):
        member = int(np.flatnonzero(~np.asarray(state.alive)[0])[0])
        when = float(state.failed_at[0, member])
        who = f"member {member}: " if state.alive.shape[-1] > 1 else ""
        raise SimulationError(
            f"{who}no solution was found beyond {when:.6g} of the {'steady start' if steady else 'run'}",
            hint="try shorter steps (more points per cycle), or look for values that are far from their neighbours'",
        )


def _member(circuit: Circuit, values: Parts, rates: Parts, member: int) -> tuple[Solution, Solution | None]:
    solution = Solution(**{name: part[:, :, member] for name, part in values.items()})
    if not circuit.output.derivative:
        return solution, None
    slopes = {name: part[:, :, member] for name, part in rates.items()}
    if len(slopes.get("source", ())) != len(solution.source) or "pressure_rate" not in slopes:
        step = circuit.course.step
        slopes |= {
            "source": np.gradient(solution.source, step, axis=0),
            "pressure_rate": np.gradient(solution.pressure_rate, step, axis=0),
        }
    return solution, Solution(**slopes)
