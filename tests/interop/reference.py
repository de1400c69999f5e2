"""A small dense solver of circuits, to show that they mean what svZeroD means; for tests only.

First-order generalised-alpha with a steady start. All that the circuit holds is one vector y: pressures of places,
branch flows, source flows, rates of pressure as the balances take them, and valve states; also what an equation
gives at once, since the scheme meets equations between time points and so remembers the past of all.
"""

from __future__ import annotations

import math

import numpy as np

from venolymph.interop.svzerod import Circuit, Solution
from venolymph.interop.svzerod.circuit import Table


class Reference:
    """One circuit as E y' + F y + nonlinear(y) = c(t)."""

    def __init__(self, circuit: Circuit) -> None:
        self.circuit = circuit
        self.nodes, self.places = len(circuit.nodes), circuit.places
        self.branches, self.sources = len(circuit.branches), len(circuit.sources)
        sizes = [self.places, self.branches, self.sources, self.places, self.branches]
        self.p, self.q, self.s, self.r, self.v = (
            slice(stop - size, stop) for size, stop in zip(sizes, np.cumsum(sizes).tolist(), strict=True)
        )
        self.size = sum(sizes)
        self.stenosis = np.array([branch.stenosis for branch in circuit.branches])
        self.valves = [(n, branch, branch.valve) for n, branch in enumerate(circuit.branches) if branch.valve]
        self.tables = [end.pressure for end in circuit.ends] + [source.flow for source in circuit.sources]
        self.driven = [self.nodes + n for n in range(len(circuit.ends))] + list(range(self.s.start, self.s.stop))

    def matrices(self, steady: bool) -> tuple[np.ndarray, np.ndarray]:
        """E and F; rows stand for what the columns of the same number hold."""
        circuit = self.circuit
        E, F = np.zeros((self.size, self.size)), np.zeros((self.size, self.size))
        for n, node in enumerate(circuit.nodes):
            E[n, n] = -(node.steady_capacitance if steady else node.capacitance)
        for n, branch in enumerate(circuit.branches, self.q.start):
            for place, sign in ((branch.start, -1.0), (branch.stop, 1.0)):
                F[n, place] -= sign
                if place < self.nodes:
                    F[place, n] += sign
            F[n, n], E[n, n] = -branch.resistance, -branch.inertance
        for n, source in enumerate(circuit.sources, self.s.start):
            if source.place < self.nodes:
                F[source.place, n] += 1.0
        for n in self.driven:
            F[n, n] = 1.0
        for n in range(self.places):
            F[self.r.start + n, self.r.start + n], E[self.r.start + n, n] = 1.0, -1.0
        for n in range(self.branches):
            F[self.v.start + n, self.v.start + n] = 1.0
        return E, F

    def nonlinear(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What is not linear, and its derivative."""
        value, slope = np.zeros(self.size), np.zeros((self.size, self.size))
        rows = np.arange(self.q.start, self.q.stop)
        flow = y[self.q]
        value[rows] = -self.stenosis * np.abs(flow) * flow
        slope[rows, rows] = -2 * self.stenosis * np.abs(flow)
        for n, branch, valve in self.valves:
            row, swing = self.q.start + n, math.tanh(valve.steepness * (y[branch.stop] - y[branch.start]))
            half, gain = (valve.r_max - valve.r_min) / 2, valve.steepness * (1 - swing**2)
            value[row] -= flow[n] * (valve.r_min + half * (1 + swing))
            slope[row, row] -= valve.r_min + half * (1 + swing)
            slope[row, branch.stop] -= flow[n] * half * gain
            slope[row, branch.start] += flow[n] * half * gain
            value[self.v.start + n] = -(1 + swing) / 2
            slope[self.v.start + n, branch.stop] = -gain / 2
            slope[self.v.start + n, branch.start] = gain / 2
        return value, slope

    def step(
        self, y: np.ndarray, dy: np.ndarray, dt: float, time: float, steady: bool, E: np.ndarray, F: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """One step of generalised-alpha from `time`, with Newton to the tolerance of the case."""
        rho = self.circuit.course.rho_infty
        am, af = (3 - rho) / (2 * (1 + rho)), 1 / (1 + rho)
        g = 0.5 + am - af
        c = np.zeros(self.size)
        c[self.driven] = [table.mean if steady else at(table, time + af * dt) for table in self.tables]
        dy_am = dy + am * (dy * (1 - 1 / g) - dy)
        y_af = y.copy()
        for _ in range(self.circuit.course.iterations):
            value, slope = self.nonlinear(y_af)
            residual = E @ dy_am + F @ y_af + value - c
            if np.abs(residual).max() < min(self.circuit.course.tolerance, 1e-9):
                break
            change = np.linalg.solve(E * (am / (af * g * dt)) + F + slope, -residual)
            y_af = y_af + change
            dy_am = dy_am + change * (am / (af * g * dt))
        else:
            raise AssertionError("Newton's iteration does not end")
        return y + (y_af - y) / af, dy + (dy_am - dy) / am

    def run(self) -> tuple[Solution, Solution]:
        """The solution at all time points, and its derivative."""
        course, initial = self.circuit.course, self.circuit.initial
        y, dy = np.zeros(self.size), np.zeros(self.size)
        y[self.p], y[self.q], y[self.s] = initial.pressure, initial.flow, initial.source
        dy[self.p], dy[self.q], dy[self.s] = initial.pressure_rate, initial.flow_rate, initial.source_rate
        _, F = self.matrices(steady=False)
        for n, node in enumerate(self.circuit.nodes):
            if node.capacitance > 0:
                y[self.r.start + n] = F[n] @ y / node.capacitance
        if course.steady_initial:
            E, F = self.matrices(steady=True)
            for n in range(31):
                y, dy = self.step(y, dy, course.period / 10, n * course.period / 10, True, E, F)
        E, F = self.matrices(steady=False)
        states, slopes = [y], [dy]
        for time in course.times[:-1].tolist():
            y, dy = self.step(y, dy, course.step, time, False, E, F)
            states.append(y)
            slopes.append(dy)
        return self.solution(np.array(states)), self.solution(np.array(slopes))

    def solution(self, y: np.ndarray) -> Solution:
        """The parts of y by their names."""
        parts = (y[:, part] for part in (self.p, self.q, self.s, self.r, self.v))
        return Solution(*parts, volume=np.zeros((len(y), 0)))


def at(table: Table, time: float) -> float:
    """A table's value at a time."""
    if table.period is None:
        return table.values[0]
    now = math.fmod(time, table.period)
    later = int(np.searchsorted(table.times, now))
    if table.times[later] == now:
        return table.values[later]
    (a, b), (x, y) = table.times[later - 1 : later + 1], table.values[later - 1 : later + 1]
    return x + (y - x) / (b - a) * (now - a)
