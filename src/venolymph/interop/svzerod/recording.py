"""Solutions in the terms of a circuit, from the engine's traces: what follows from tables and states at once."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array

from venolymph.interop.svzerod.building import MOST_STEPS
from venolymph.interop.svzerod.network import CircuitValues, Network
from venolymph.interop.svzerod.tables import Tables, between
from venolymph.network import GeneralisedAlpha, State, StateTrace, chamber_pressure

FORGOTTEN = 1e-20
"""Part of an earlier value that is nothing beside rounding."""

SHORT = 1e-3
"""Part of a step over which the rate of a chamber's pressure is read off."""

Parts = dict[str, np.ndarray]
"""Arrays by their names in `Solution`, each (steps, number, batch)."""


class _Follower:
    """What follows from tables and states at once, as generalised-alpha carries it from step to step.

    Attributes:
        value, rate: of each quantity, (quantities, batch).
    """

    def __init__(self, value: np.ndarray, rate: np.ndarray, scheme: GeneralisedAlpha) -> None:
        self.value, self.rate, self.scheme = value, rate, scheme

    def follow(self, within: np.ndarray, dt: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Values and rates after each step, and rates within it, from the values within, (steps, quantities, batch)."""
        am, af, g = self.scheme.weights
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
def _pressures_at(drive: Tables, when: Array, volume: Array) -> Array:
    def one(now: tuple[Array, Array]) -> Array:
        return chamber_pressure(drive.chambers_at(now[0]), now[1])[0]

    return lax.map(one, (when, volume))


@jax.jit
def _tables_at(times: Array, values: Array, when: Array) -> Array:
    return lax.map(lambda time: between(times, values, time), when)


class CaseRecorder:
    """Makes solutions of a circuit from the engine's traces, chunk by chunk."""

    def __init__(self, net: Network, values: CircuitValues, scheme: GeneralisedAlpha | None) -> None:
        circuit = net.circuit
        self.net, self.values, self.scheme = net, values, scheme
        self.nodes, self.ends = len(circuit.nodes), len(circuit.ends)
        tables = np.concatenate([values.end_pressure, values.source_flow], axis=1)
        weights = net.mean_weights[:, : tables.shape[1], None]
        self.tables = {False: tables, True: np.broadcast_to((weights * tables).sum(axis=0), tables.shape)}
        self.valves = [(circuit.branches[n].start, circuit.branches[n].stop) for n in net.valves]
        self.chambers = [chamber.place for chamber in circuit.chambers]
        initial, batch = circuit.initial, values.batch

        def column(*parts: Any) -> np.ndarray:
            return np.repeat(np.concatenate([np.asarray(part, float) for part in parts])[:, None], batch, axis=1)

        self.began = np.zeros((len(self.chambers), batch))
        flows = column(initial.flow)
        driven = column(initial.pressure[self.nodes :], initial.source)
        driven_rate = column(initial.pressure_rate[self.nodes :], initial.source_rate)
        stored = np.zeros((len(initial.pressure), batch))
        for branch, flow in zip(circuit.branches, flows, strict=True):
            stored[branch.start] -= flow
            stored[branch.stop] += flow
        for source, flow in zip(circuit.sources, driven[self.ends :], strict=True):
            stored[source.place] += flow
        capacitance = np.concatenate([values.capacitance, np.zeros((self.ends, batch))])
        stored = np.where(capacitance > 0, stored, 0.0) / np.where(capacitance > 0, capacitance, 1.0)
        if scheme is not None:
            self.driven = _Follower(driven, driven_rate, scheme)
            self.stored = _Follower(stored, np.zeros_like(stored), scheme)
            status = np.zeros((len(self.valves), batch))
            self.status = _Follower(status, status.copy(), scheme)
            pressed, pressed_rate = column(initial.pressure), column(initial.pressure_rate)
            self.pressed = _Follower(pressed[self.chambers], pressed_rate[self.chambers], scheme)

    def stand(self, state: State, steady: bool) -> None:
        """Note the state that a steady start or the run begins with."""
        self.states, self.rates = (np.asarray(part.volume)[: self.nodes] for part in (state.states, state.rates))
        self.flow, self.flow_rate = (np.asarray(part.flow)[self.net.first_face] for part in (state.states, state.rates))
        if not steady:
            self.began = self.net.began(self.states)

    def now(self) -> tuple[Parts, Parts]:
        """What holds before the next step, and its rates, each (1, number, batch)."""
        states, rates = self.states[None], self.rates[None]
        if self.scheme is None:
            driven = self._tables(np.zeros(1), False)
            pressure, pressed_rate = (
                self._pressed(states, np.zeros(1), False),
                self._pressed_rate(states, rates, np.zeros(1)),
            )
            values = self._values(states, pressure, driven) | {"pressure_rate": self._with_ends(rates)}
            return values | {"flow": self.flow[None]}, {
                "pressure": self._with_ends(self._at_nodes(rates, pressed_rate)),
                "flow": self.flow_rate[None],
                "volume": rates[:, self.chambers],
            }
        driven, stored, status, pressed = self.driven, self.stored, self.status, self.pressed
        values = self._values(states, pressed.value[None], driven.value[None]) | {
            "flow": self.flow[None],
            "pressure_rate": stored.value[None],
            "valve_status": self._by_branch(status.value[None]),
        }
        pressure_rate = self._at_nodes(rates, pressed.rate[None])
        return values, {
            "pressure": np.concatenate([pressure_rate, driven.rate[None, : self.ends]], axis=1),
            "flow": self.flow_rate[None],
            "source": driven.rate[None, self.ends :],
            "pressure_rate": stored.rate[None],
            "valve_status": self._by_branch(status.rate[None]),
            "volume": rates[:, self.chambers],
        }

    @property
    def memory(self) -> int:
        """Steps back from which a value still shows in what follows from tables and states."""
        fading = abs(1.0 - 1.0 / self.scheme.weights[2]) if self.scheme is not None else 0.0
        if fading == 0.0:
            return 1
        return math.ceil(math.log(FORGOTTEN) / math.log(fading)) if fading < 1.0 else MOST_STEPS

    def skip(self, trace: StateTrace) -> None:
        """Go on to the first step of a trace; no step until there is written or shows in those to come."""
        first: Any = jax.tree.map(lambda part: part[0], trace)
        self._go_on(*self._of_circuit(first))

    def take(self, trace: StateTrace, first: int, dt: float, steady: bool) -> tuple[Parts, Parts]:
        """What holds after each step of a trace from step `first` on, and its rates, each (steps, number, batch)."""
        states, rates_of_states, flow, flow_rate = self._of_circuit(trace)
        steps = first + np.arange(len(states))
        if self.scheme is None:
            after = dt * (steps + 1.0)
            driven = self._tables(after, steady)
            slope = (self._tables(after + 0.5 * dt, steady) - self._tables(after - 0.5 * dt, steady)) / dt
            pressed = self._pressed(states, after, steady)
            pressed_rate = self._pressed_rate(states, rates_of_states, after, steady)
            values = {"pressure_rate": np.concatenate([rates_of_states, slope[:, : self.ends]], axis=1)}
            rates: dict[str, np.ndarray] = {}
        else:
            am, af, _ = self.scheme.weights
            when = dt * (steps.astype(float)) + af * dt
            within = self._tables(when, steady)
            driven, slope, slope_within = self.driven.follow(within, dt)
            before = np.concatenate([self.states[None], states[:-1]])
            rate_before = np.concatenate([self.rates[None], rates_of_states[:-1]])
            inside = before + af * (states - before)
            pressed_within = self._pressed(inside, when, steady)
            pressed, pressed_rate, _ = self.pressed.follow(pressed_within, dt)
            inside = np.concatenate([self._at_nodes(inside, pressed_within), within[:, : self.ends]], axis=1)
            rate_inside = rate_before + am * (rates_of_states - rate_before)
            rate_inside = np.concatenate([rate_inside, slope_within[:, : self.ends]], axis=1)
            stored, stored_rate, _ = self.stored.follow(rate_inside, dt)
            status, status_rate, _ = self.status.follow(self._closed(inside), dt)
            values = {"pressure_rate": stored, "valve_status": self._by_branch(status)}
            rates = {"pressure_rate": stored_rate, "valve_status": self._by_branch(status_rate)}
        values |= self._values(states, pressed, driven) | {"flow": flow}
        rates |= {
            "pressure": np.concatenate([self._at_nodes(rates_of_states, pressed_rate), slope[:, : self.ends]], axis=1),
            "flow": flow_rate,
            "source": slope[:, self.ends :],
            "volume": rates_of_states[:, self.chambers],
        }
        self._go_on(states[-1], rates_of_states[-1], flow[-1], flow_rate[-1])
        return values, rates

    def _of_circuit(self, trace: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """States of nodes and their rates, flows of branches and their rates."""
        faces = self.net.first_face
        return (
            trace.volume[..., : self.nodes, :],
            trace.volume_rate[..., : self.nodes, :],
            trace.flow[..., faces, :],
            trace.flow_rate[..., faces, :],
        )

    def _go_on(self, states: np.ndarray, rates: np.ndarray, flow: np.ndarray, flow_rate: np.ndarray) -> None:
        self.states, self.rates, self.flow, self.flow_rate = states, rates, flow, flow_rate

    def _values(self, states: np.ndarray, pressed: np.ndarray, driven: np.ndarray) -> Parts:
        """Pressures, sources and volumes, from the states of nodes, pressures of chambers and what tables say."""
        pressure = np.concatenate([self._at_nodes(states, pressed), driven[:, : self.ends]], axis=1)
        return {
            "pressure": pressure,
            "source": driven[:, self.ends :],
            "volume": states[:, self.chambers] - self.began,
        }

    def _at_nodes(self, states: np.ndarray, pressed: np.ndarray) -> np.ndarray:
        """Pressures of all nodes (or their rates), from their states and what those of chambers are."""
        pressure = np.array(states)
        pressure[:, self.chambers] = pressed
        return pressure

    def _with_ends(self, of_nodes: np.ndarray) -> np.ndarray:
        return np.concatenate([of_nodes, np.zeros((len(of_nodes), self.ends, self.values.batch))], axis=1)

    def _pressed(self, states: np.ndarray, when: np.ndarray, steady: bool) -> np.ndarray:
        """Pressure of each chamber, (steps, chambers, batch)."""
        if not self.chambers:
            return np.zeros((len(states), 0, self.values.batch))
        return np.asarray(_pressures_at(self.net.drive(self.values, steady), when, states[:, self.chambers]))

    def _pressed_rate(
        self, states: np.ndarray, rates: np.ndarray, when: np.ndarray, steady: bool = False
    ) -> np.ndarray:
        """Rate of the pressure of each chamber, (steps, chambers, batch), over a short while around each time."""
        span = SHORT * self.net.circuit.course.step
        after, before = (self._pressed(states + way * span * rates, when + way * span, steady) for way in (0.5, -0.5))
        return (after - before) / span

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


def in_order(rows: np.ndarray, count: int) -> np.ndarray:
    """The rows of a trace of so many steps, one after another."""
    return rows[:count] if count <= len(rows) else np.roll(rows, -(count % len(rows)), axis=0)


def beginning_at(parts: Parts, first: int) -> Parts:
    """The same from a step on."""
    return {name: part[first:] for name, part in parts.items()}


def joined(pieces: list[Parts]) -> Parts:
    """Pieces one after another; what the first lacks begins later."""
    return {name: np.concatenate([piece[name] for piece in pieces if name in piece]) for name in pieces[-1]}
