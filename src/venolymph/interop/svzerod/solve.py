"""Running a circuit in the engine, and what it found in the terms of the circuit.

A run starts as svZeroD's does: from the given state by 31 steps of a tenth of the period with the mean of each table
and without the capacitances of RCR ends, where the case asks for it. Then come the case's own steps, in chunks of one
compiled program.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, cast

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from venolymph.errors import DocumentError, SimulationError, nearest
from venolymph.interop.svzerod.building import build
from venolymph.interop.svzerod.circuit import Circuit
from venolymph.interop.svzerod.columns import Solution, Table, tabulate
from venolymph.interop.svzerod.document import read_case
from venolymph.interop.svzerod.network import CircuitValues, Network
from venolymph.interop.svzerod.recording import CaseRecorder, Parts, beginning_at, in_order, joined
from venolymph.network import (
    TRBDF2,
    GeneralisedAlpha,
    Method,
    Scheme,
    State,
    StateTrace,
    Steps,
    TracedSteps,
    advance,
    start_phase,
    trace,
)
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
        values: all numbers of the circuit, one member; change or stack them (`venolymph.network.stack`) and
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
        state = net.start(values)
        for steady in (True, False) if course.steady_initial else (False,):
            state = state if steady else net.begun(values, state)
            step, count = (course.period / 10, STEADY_STEPS) if steady else (course.step, course.steps)
            count = count if steady or cycles is None else cycles * course.steps_per_cycle
            parameters, drive = net.parameters(values, steady), net.drive(values, steady)
            if isinstance(way, TRBDF2):
                state = start_phase(net.topology, parameters, drive, state, OPENING * step)
            tolerance = jnp.asarray(TOLERANCE * step * net.flow_scale)
            keep = count * net.topology.n_cells * values.batch <= MOST_KEPT
            steps, method = Steps(jnp.asarray(0.0), jnp.asarray(step), 1, count), Method(tolerance, way, keep=keep)
            state, recorded, _ = advance(net.topology, parameters, drive, state, steps, method)
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
    return TRBDF2() if name == "ours" else GeneralisedAlpha(circuit.course.rho_infty)


# ------------------------------------------------------------------ the engine


_trace = jax.jit(trace, static_argnums=0)
_begin = jax.jit(start_phase, static_argnums=0)


def _solve(net: Network, values: CircuitValues, scheme: Scheme) -> list[tuple[Solution, Solution | None]]:
    circuit, topology = net.circuit, net.topology
    course, output = circuit.course, circuit.output
    ours = isinstance(scheme, TRBDF2)
    recorder = CaseRecorder(net, values, scheme if isinstance(scheme, GeneralisedAlpha) else None)
    fits = LARGEST_TRACE // (2 * (topology.n_cells + topology.n_faces) * values.batch)
    length = max(min(fits, LONGEST_TRACE, course.steps), SHORTEST_TRACE)
    state = net.start(values)
    written = 0 if output.all_cycles else course.steps - course.steps_per_cycle
    kept: list[tuple[Parts, Parts]] = []
    for steady in (True, False) if course.steady_initial else (False,):
        step, steps = (course.period / 10, STEADY_STEPS) if steady else (course.step, course.steps)
        parameters, drive = net.parameters(values, steady), net.drive(values, steady)
        state = replace(state if steady else net.begun(values, state), clock=jnp.asarray(0.0))
        if ours:
            state = _begin(topology, parameters, drive, state, OPENING * step)
        recorder.stand(state, steady)
        if not steady and written == 0:
            kept.append(recorder.now())
        first = 0
        while first < steps:
            # after step n stands point n + 1
            blank = steps if steady else max(0, written - 1 - first)
            count = blank if blank > length > recorder.memory else min(length, steps - first)
            stretch = TracedSteps(jnp.asarray(first), jnp.asarray(count), jnp.asarray(step), length)
            method = Method(jnp.asarray(TOLERANCE * step * net.flow_scale), scheme)
            state, found = _trace(topology, parameters, drive, state, stretch, method)
            _check(state, steady)
            unseen = count - length + 1 if count > length else 0
            seen: StateTrace = jax.tree.map(lambda part, count=count: in_order(np.asarray(part), count), found)
            if unseen:
                recorder.skip(seen)
                seen = jax.tree.map(lambda part: part[1:], seen)
            parts = recorder.take(seen, first + unseen, step, steady)
            if blank < count:
                kept.append((beginning_at(parts[0], blank - unseen), beginning_at(parts[1], blank - unseen)))
            first += count
    solution, slope = (joined([part[n] for part in kept]) for n in (0, 1))
    return [_member(circuit, solution, slope, member) for member in range(values.batch)]


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
