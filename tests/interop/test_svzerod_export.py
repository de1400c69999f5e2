"""Networks written as cases: run by the package svZeroD and read back, they do what the engine does."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import svzerod as package

import venolymph as vl
from small.circuits import FLOW, PRESSURE, RCR, RESISTANCE, case, junction, valve, vessel
from venolymph.errors import NetworkError, RunError
from venolymph.interop import svzerod
from venolymph.network import (
    Drive,
    GeneralisedAlpha,
    Linear,
    Method,
    Steps,
    advance,
    stack,
    start_phase,
)

BREATH, POINTS = 4.0, 101
go_on = jax.jit(advance, static_argnums=0)


@pytest.fixture(scope="module")
def run() -> Any:
    return vl.simulate(["healthy", "deep-reflux"], [{"lie": {"for": "3 min"}}])


class Dotted(Drive):
    """A drive like another at time points, and linear between them, as the tables of a case are."""

    of: Drive = eqx.field(kw_only=True)
    exercise: Any
    inflow: Any
    calibre: Any
    elastance: Any
    grip_volume: Any
    breath_period: None
    step: float = eqx.field(static=True, kw_only=True)

    def values_at_times(self, cells: Any, times: Any, clocks: Any) -> Any:
        return [self._between(cells, time, clock) for time, clock in zip(times, clocks, strict=True)]

    def _between(self, cells: Any, time: Any, clock: Any) -> Any:
        turn = jnp.floor(time / self.step + 1e-9)
        first, last = (
            self.of.values_at(cells, t, clock - time + t) for t in (turn * self.step, (turn + 1) * self.step)
        )
        return jax.tree.map(lambda a, b: a + (b - a) * (time / self.step - turn), first, last)


@pytest.fixture(scope="module")
def leg(run: Any) -> Linear:
    """A healthy leg at rest, lying, breathing."""
    linear = svzerod.linearised(run)
    of = linear.drive
    still = of.exercise, of.inflow, of.calibre, of.elastance, of.grip_volume
    return replace(linear, drive=Dotted(*still, None, of=of, step=BREATH / (POINTS - 1)))


def walk(linear: Linear, period: float, points: int, cycles: int) -> tuple[np.ndarray, np.ndarray]:
    """Pressures of cells and flows of faces at all time points, from the engine itself."""
    steps = Steps(jnp.asarray(0.0), jnp.asarray(period / (points - 1)), 1, cycles * (points - 1))
    method = Method(jnp.asarray(1e-13), GeneralisedAlpha())
    _, found, _ = go_on(linear.topology, linear.parameters, linear.drive, linear.state, steps, method)
    state = linear.state
    return (
        np.concatenate([state.pressure.T, found.pressure[:, :, 0]]),
        np.concatenate([state.states.flow.T, found.flow[:, :, 0]]),
    )


def agrees(table: Any, linear: Linear, pressure: np.ndarray, flow: np.ndarray, tolerance: float) -> set[str]:
    """Whether a table says of all cells and faces in it what the engine says; gives their names."""
    names, found = np.asarray(table["name"]), set()
    topology = linear.topology
    for known, series, label in ((topology.cells, pressure, "pressure_in"), (topology.faces, flow, "flow_in")):
        for number, name in enumerate(known):
            rows = names == name.replace(",", ";")
            if rows.any():
                found.add(name)
                size = tolerance * max(1.0, np.abs(series[:, number]).max())
                said = np.asarray(table[label])[rows]
                np.testing.assert_allclose(said, series[:, number], rtol=0, atol=size, err_msg=name)
    return found


def test_a_leg_runs_in_the_package_as_in_the_engine(leg: Linear, tmp_path: Path) -> None:
    path = tmp_path / "leg.json"
    svzerod.write(leg, path, period=BREATH, points=POINTS, cycles=2)
    pressure, flow = walk(leg, BREATH, POINTS, 2)
    assert np.ptp(pressure, axis=0).max() > 0.5  # it breathes
    named = agrees(package.simulate(json.loads(path.read_text("utf-8"))), leg, pressure, flow, 1e-8)
    assert {"popliteal [1]", "great saphenous, calf [1]", "bed muscle, lower soleus"} <= named
    assert "tributary, medial calf [1]" not in named  # a spare slot


def test_a_leg_read_back_is_the_same(leg: Linear) -> None:
    model = svzerod.read(svzerod.to_case(leg, period=BREATH, points=POINTS, cycles=2))
    pressure, flow = walk(leg, BREATH, POINTS, 2)
    agrees(model.run("generalised-alpha"), leg, pressure, flow, 1e-8)


def test_one_member_of_a_batch_is_that_member(run: Any) -> None:
    leg, other = (svzerod.linearised(run, member=member) for member in (0, 1))
    together = Linear(
        leg.topology, *(stack([getattr(one, part) for one in (leg, other)]) for part in ("parameters", "drive")),
        jax.tree.map(lambda a, b: a if jnp.ndim(a) == 0 else jnp.concatenate([a, b], -1), leg.state, other.state),
    )  # fmt: skip
    settings: dict[str, Any] = {"period": BREATH, "points": 3}
    assert svzerod.to_case(together, member=1, **settings) == svzerod.to_case(other, **settings)
    assert svzerod.to_case(leg, **settings) != svzerod.to_case(other, **settings)


def circuit() -> Linear:
    """A network from a file with sources, ends, losses and a valve."""
    data = case(
        {"A": FLOW, "B": RCR, "C": PRESSURE, "D": RESISTANCE},
        [
            vessel(0, inlet="A", R=2.0, C=0.1, L=0.3),
            vessel(1, "BloodVesselCRL", outlet="B", R=3.0, C=0.2, L=0.1, S=0.4),
            vessel(2, R=1.0, L=0.2, S=0.1),
            vessel(3, inlet="C", R=0.5),
            vessel(4, outlet="D", R=1.0, C=0.05),
        ],
        junctions=[junction([0, 3], [1, 2])],
        valves=[valve("v2", "v4")],
    )
    net = svzerod.read(data).network
    parameters, drive = net.parameters(net.values), net.drive(net.values)
    state = net.start(net.values)
    # some way on, where nothing starts any more
    state = start_phase(net.topology, parameters, drive, state, 1e-5)
    arguments = Steps(jnp.asarray(0.0), jnp.asarray(0.01), 1, 300), Method(jnp.asarray(1e-13))
    state = go_on(net.topology, parameters, drive, state, *arguments)[0]
    return Linear(net.topology, parameters, drive, replace(state, clock=jnp.asarray(0.0)))


def test_a_network_with_sources_and_a_valve_runs_in_the_package_and_read_back() -> None:
    linear = circuit()
    data = svzerod.to_case(linear, period=1.0, points=41, cycles=2)
    assert [one["type"] for one in data["valves"]] == ["ValveTanh"]
    assert sorted(one["bc_type"] for one in data["boundary_conditions"]).count("PRESSURE") == 3
    pressure, flow = walk(linear, 1.0, 41, 2)
    for table in (package.simulate(data), svzerod.read(data).run("generalised-alpha")):
        agrees(table, linear, pressure, flow, 1e-7)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"period": 3.0, "points": 11}, "the pressure of an end does not repeat after 3 s"),
        ({"period": 0.0, "points": 11}, "must be longer than 0"),
        ({"period": 4.0, "points": 1}, "have 2 at least"),
    ],
)
def test_a_period_that_is_none(leg: Linear, settings: Any, words: str) -> None:
    with pytest.raises(NetworkError, match=words):
        svzerod.to_case(leg, **settings)


def test_what_svzerod_has_not_is_refused(run: Any, leg: Linear) -> None:
    record = run.records[-1]
    bent = Linear(run.topology, run.parameters, record.drive, record.state)
    with pytest.raises(NetworkError, match=r"walls that are not linear, \d+ valves with leaflets and 15 beds"):
        svzerod.to_case(bent, period=BREATH, points=11)
    linear = circuit()
    face = linear.topology.switches[0]
    heavy = eqx.tree_at(
        lambda one: one.faces.channel_length,
        linear.parameters,
        linear.parameters.faces.channel_length.at[face].set(0.1),
    )
    with pytest.raises(NetworkError, match="has a switch and an inertance"):
        svzerod.to_case(replace(linear, parameters=heavy), period=1.0, points=11)


def test_a_phase_or_a_path_that_there_is_not(run: Any, leg: Linear, tmp_path: Path) -> None:
    for wrong in ({"phase": 9}, {"member": 2}):
        with pytest.raises(RunError, match=r"(?s)there is no phase .* counted from 0"):
            svzerod.linearised(run, **wrong)
    with pytest.raises(RunError, match="cannot be written"):
        svzerod.write(leg, tmp_path / "nowhere" / "leg.json", period=BREATH, points=3)
