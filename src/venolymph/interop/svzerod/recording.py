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
from venolymph.interop.svzerod.network import CircuitValues, Network, between
from venolymph.network import GeneralisedAlpha, StateTrace

FORGOTTEN = 1e-20
"""Part of an earlier value that is nothing beside rounding."""

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
def _tables_at(times: Array, values: Array, when: Array) -> Array:
    return lax.map(lambda time: between(times, values, time), when)


class CaseRecorder:
    """Makes solutions of a circuit from the engine's traces, chunk by chunk."""

    def __init__(self, net: Network, values: CircuitValues, scheme: GeneralisedAlpha | None) -> None:
        circuit = net.circuit
        self.net, self.values, self.scheme = net, values, scheme
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
        if scheme is not None:
            self.driven = _Follower(driven, driven_rate, scheme)
            self.stored = _Follower(stored, np.zeros_like(stored), scheme)
            status = np.zeros((len(self.valves), batch))
            self.status = _Follower(status, status.copy(), scheme)
        else:
            self.stored_value = stored

    def now(self) -> tuple[Parts, Parts]:
        """What holds before the next step, and its rates, each (1, number, batch)."""
        if self.scheme is None:
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
        fading = abs(1.0 - 1.0 / self.scheme.weights[2]) if self.scheme is not None else 0.0
        if fading == 0.0:
            return 1
        return math.ceil(math.log(FORGOTTEN) / math.log(fading)) if fading < 1.0 else MOST_STEPS

    def skip(self, trace: StateTrace) -> None:
        """Go on to the first step of a trace; no step until there is written or shows in those to come."""
        first: Any = jax.tree.map(lambda part: part[0], trace)
        cells, faces, cell_rates, face_rates = first.volume, first.flow, first.volume_rate, first.flow_rate
        self.pressure = np.concatenate([cells[: self.nodes], self.pressure[self.nodes :]])
        self.pressure_rate = np.concatenate([cell_rates[: self.nodes], self.pressure_rate[self.nodes :]])
        self.flow, self.flow_rate = faces[self.net.first_face], face_rates[self.net.first_face]

    def take(self, trace: StateTrace, first: int, dt: float, steady: bool) -> tuple[Parts, Parts]:
        """What holds after each step of a trace from step `first` on, and its rates, each (steps, number, batch)."""
        every: Any = trace
        cells, faces, cell_rates, face_rates = every.volume, every.flow, every.volume_rate, every.flow_rate
        flow, flow_rate = faces[:, self.net.first_face], face_rates[:, self.net.first_face]
        free, free_rate = cells[:, : self.nodes], cell_rates[:, : self.nodes]
        steps = first + np.arange(len(cells))
        if self.scheme is None:
            driven = self._tables(dt * (steps + 1.0), steady)
            slope = (self._tables(dt * (steps + 1.5), steady) - self._tables(dt * (steps + 0.5), steady)) / dt
            pressure_rate = np.concatenate([free_rate, slope[:, : self.ends]], axis=1)
            values = {"pressure_rate": pressure_rate}
            rates: dict[str, np.ndarray] = {}
        else:
            am, af, _ = self.scheme.weights
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


def in_order(rows: np.ndarray, count: int) -> np.ndarray:
    """The rows of a trace of so many steps, one after another."""
    return rows[:count] if count <= len(rows) else np.roll(rows, -(count % len(rows)), axis=0)


def beginning_at(parts: Parts, first: int) -> Parts:
    """The same from a step on."""
    return {name: part[first:] for name, part in parts.items()}


def joined(pieces: list[Parts]) -> Parts:
    """Pieces one after another; what the first lacks begins later."""
    return {name: np.concatenate([piece[name] for piece in pieces if name in piece]) for name in pieces[-1]}
