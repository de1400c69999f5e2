"""Cases run in the engine: against stored results, against a solver of another kind, alone and in batches."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interop.reference import Reference
from small.circuits import CASES, FLOW, PRESSURE, RCR, RESISTANCE, case, junction, load, result, valve, vessel
from venolymph.errors import DocumentError, SimulationError
from venolymph.interop.svzerod import Model, build, read, read_case
from venolymph.interop.svzerod.solve import TOGETHER
from venolymph.network.parameters import stack

pytestmark = pytest.mark.usefixtures("hasty")
STENOSED = "pulsatileFlow_CStenosis_steadyPressure"
OFF = (STENOSED, "flow_out")
"""Where the stored result does not conserve volume."""


def by_name(table: dict[str, np.ndarray], label: str, name: str) -> np.ndarray:
    return table[label][table["name"] == name]


# ------------------------------------------------------------------ stored results


@pytest.mark.parametrize("name", CASES)
def test_stored_results_are_met_at_their_own_tolerance(name: str) -> None:
    table, stored = read(CASES[name]).run("generalised-alpha"), result(name)
    assert table["name"].tolist() == stored["name"]
    for label in list(stored)[1:]:
        if (name, label) != OFF:
            np.testing.assert_allclose(table[label], np.array(stored[label]), rtol=1e-7, atol=1e-7, err_msg=label)


@pytest.mark.parametrize("scheme", ["ours", "generalised-alpha"])
def test_where_the_stored_flow_is_off_ours_is_nearer_to_the_exact_one(scheme: Any) -> None:
    # the capacitance lies at a constant pressure and stores nothing: what goes in, sin t, comes out
    table = read(CASES[STENOSED]).run(scheme)
    exact, stored = np.sin(table["time"]), np.array(result(STENOSED)["flow_out"])
    assert np.abs(table["flow_out"] - exact).max() < 1e-3
    assert np.abs(stored - exact).max() > 0.02
    np.testing.assert_allclose(table["flow_out"], stored, rtol=0, atol=2.5e-2)


@pytest.mark.parametrize("name", CASES)
def test_our_scheme_agrees_with_stored_results_on_the_last_cycle(name: str) -> None:
    model = read(CASES[name])
    table, stored = model.run(), result(name)
    rows = model.circuit.course.steps_per_cycle + 1
    for label in list(stored)[2:]:
        for series in dict.fromkeys(stored["name"]):
            if (name, label) == OFF or series.startswith("valve_status"):
                continue
            was = np.array(stored[label])[np.array(stored["name"]) == series][-rows:]
            error = by_name(table, label, series)[-rows:] - was
            size = max(np.ptp(was), 1e-3 * np.abs(was).max())  # what is steady has no height
            assert np.sqrt(np.mean(error**2)) < (1e-2 if model.network.valves else 1e-4) * size, (label, series)


def test_what_our_scheme_differs_by_is_the_stored_scheme_s_own_error() -> None:
    data = load("pulsatileFlow_CRL")
    simulation = data["simulation_parameters"]
    points, stored = simulation["number_of_time_pts_per_cardiac_cycle"], result("pulsatileFlow_CRL")
    ours = read(data).run()
    simulation |= {"number_of_time_pts_per_cardiac_cycle": 8 * (points - 1) + 1, "output_interval": 8}
    fine = read(data).run()
    for label in ("flow_out", "pressure_in", "pressure_out"):
        assert np.abs(ours[label] - fine[label]).max() < 0.01 * np.abs(np.array(stored[label]) - fine[label]).max()


# ------------------------------------------------------------------ another solver


def mixture() -> dict[str, Any]:
    """Elements of all kinds in one circuit, all cycles written by variable."""
    return case(
        {"A": FLOW, "B": RCR, "C": PRESSURE, "D": RESISTANCE},
        [
            vessel(0, inlet="A", R=2.0, C=0.1, L=0.3),
            vessel(1, "BloodVesselCRL", outlet="B", R=3.0, C=0.2, L=0.1, S=0.4),
            vessel(2, R=1.0, L=0.2, S=0.1),
            vessel(3, inlet="C", S=0.5),
            vessel(4, outlet="D", R=1.0),
        ],
        junctions=[junction([0, 3], [1, 2])],
        valves=[valve("v2", "v4")],
        simulation={
            "output_variable_based": True,
            "output_all_cycles": True,
            "output_derivative": True,
            "number_of_time_pts_per_cardiac_cycle": 21,
        },
    )


def compare(data: dict[str, Any], tolerance: float = 1e-7) -> None:
    """Both solvers' solutions, and what they say of its slope."""
    circuit = build(read_case(data))
    found, slope = Model(circuit).solve(scheme="generalised-alpha")[0]
    known, known_slope = Reference(circuit).run()
    for name in ("pressure", "flow", "source", "pressure_rate", "valve_status"):
        this, other = getattr(found, name), getattr(known, name)
        if name == "pressure_rate":  # it matters only where something is stored
            store = [node.capacitance > 0 for node in circuit.nodes]
            this, other = this[:, : len(store)][:, store], other[:, : len(store)][:, store]
        if name == "valve_status":
            valves = [n for n, branch in enumerate(circuit.branches) if branch.valve]
            this, other = this[:, valves], other[:, valves]
        size = max(1.0, np.abs(other).max(initial=0.0))
        np.testing.assert_allclose(this, other, rtol=0, atol=tolerance * size, err_msg=name)
    if slope is not None:
        for name in ("pressure", "flow", "source"):
            this, other = getattr(slope, name), getattr(known_slope, name)
            size = max(1.0, np.abs(other).max(initial=0.0))
            np.testing.assert_allclose(this, other, rtol=0, atol=1e2 * tolerance * size, err_msg=name)


def test_all_elements_together() -> None:
    data = mixture()
    compare(data)
    data["simulation_parameters"] |= {"steady_initial": False, "rho_infty": 0.2}
    compare(data)


def test_branches_side_by_side_and_between_ends() -> None:
    ends = {"A": PRESSURE, "B": {"bc_type": "PRESSURE", "bc_values": {"P": [1.0, 4.0, 1.0], "t": [0.0, 0.3, 1.0]}}}
    straight = case(
        ends,
        [vessel(0, inlet="A", outlet="B", R=2.0, L=0.3, S=0.2)],
        simulation={"output_all_cycles": True},
    )
    compare(straight)
    beside = case(
        ends,
        [vessel(0, inlet="A", R=1.0), vessel(1, R=2.0, L=0.1), vessel(2, R=3.0, S=0.1), vessel(3, outlet="B", R=1.0)],
        junctions=[junction([0], [1, 2], junction_name="J0"), junction([1, 2], [3], junction_name="J1")],
        simulation={"output_all_cycles": True},
    )
    compare(beside)
    assert len(read(beside).network.cut) == 1


def test_tables_with_jumps_and_constants() -> None:
    flow = {"bc_type": "FLOW", "bc_values": {"Q": [1.0, 1.0, 4.0, 4.0], "t": [0.0, 0.45, 0.45, 1.0]}}
    flat = {"bc_type": "PRESSURE", "bc_values": {"P": [3.0], "t": [0.0]}}
    data = case(
        {"A": flow, "B": flat},
        [vessel(0, inlet="A", R=2.0, C=0.3, L=0.1, outlet="B")],
        simulation={"output_all_cycles": True, "output_derivative": True, "number_of_time_pts_per_cardiac_cycle": 12},
    )
    compare(data)


@st.composite
def circuits(draw: st.DrawFn) -> dict[str, Any]:
    """Trees of vessels of any kind, ended in any way."""
    number = st.floats(0.1, 10.0)
    some = st.one_of(st.just(0.0), number)
    count = draw(st.integers(1, 5))
    parents = [draw(st.integers(0, n - 1)) for n in range(1, count)]
    ends: dict[str, dict[str, Any]] = {"IN": draw(st.sampled_from([FLOW, PRESSURE]))}
    vessels = []
    for n in range(count):
        more: dict[str, Any] = {"inlet": "IN"} if n == 0 else {}
        if n not in parents:
            ends[f"OUT{n}"] = draw(st.sampled_from([RCR, RESISTANCE]))
            more["outlet"] = f"OUT{n}"
        kind = draw(st.sampled_from(["BloodVessel", "BloodVesselCRL"]))
        vessels.append(vessel(n, kind, R=draw(number), C=draw(some), L=draw(some), S=draw(some), **more))
    forks = [
        junction([n], [child for child, parent in enumerate(parents, 1) if parent == n], junction_name=f"J{n}")
        for n in sorted(set(parents))
    ]
    return case(ends, vessels, junctions=forks, simulation={"output_all_cycles": True})


@given(circuits())
@settings(max_examples=6)
def test_random_trees(data: dict[str, Any]) -> None:
    compare(data)


# ------------------------------------------------------------------ what must hold in any scheme


@pytest.mark.parametrize("scheme", ["ours", "generalised-alpha"])
def test_volume_is_conserved(scheme: Any) -> None:
    """At every node what flows in is stored or flows out, and what is stored is what pressures say."""
    data = mixture()
    circuit = build(read_case(data))
    model = Model(circuit)
    solution, _ = model.solve(scheme=scheme)[0]
    net = np.zeros_like(solution.pressure)
    for n, branch in enumerate(circuit.branches):
        net[:, branch.start] -= solution.flow[:, n]
        net[:, branch.stop] += solution.flow[:, n]
    for n, source in enumerate(circuit.sources):
        net[:, source.place] += solution.source[:, n]
    skip = 60 if scheme == "generalised-alpha" else 1  # there the start's imbalance rings down
    skip = min(skip, len(net) - 5)
    for n, node in enumerate(circuit.nodes):
        stored = node.capacitance * solution.pressure_rate[:, n] if node.capacitance else 0.0
        np.testing.assert_allclose((net[:, n] - stored)[skip:], 0.0, atol=1e-9)


@pytest.mark.parametrize("scheme", ["ours", "generalised-alpha"])
def test_members_of_a_batch_equal_them_alone(scheme: Any) -> None:
    model = read(mixture())
    members = [eqx.tree_at(lambda v: v.resistance, model.values, f * model.values.resistance) for f in (0.5, 1.0, 3.0)]
    together = model.run_batch(stack(members), scheme)
    for member, table in zip(members, together, strict=True):
        alone = model.run(scheme, member)
        for label in ("time", "y"):
            np.testing.assert_allclose(table[label], alone[label], rtol=1e-10, atol=1e-10)
    assert np.abs(together[0]["y"] - together[2]["y"]).max() > 0.1
    with pytest.raises(ValueError, match="of 3 members"):
        model.run(scheme, stack(members))


def test_a_cohort_larger_than_a_group_is_its_members() -> None:
    model = read(mixture())
    factors = 0.5 + 0.1 * np.arange(TOGETHER + 3)
    members = [eqx.tree_at(lambda v: v.resistance, model.values, f * model.values.resistance) for f in factors]
    together = model.run_batch(stack(members))
    assert len(together) == len(members)
    for number in (0, TOGETHER - 1, TOGETHER, len(members) - 1):
        np.testing.assert_allclose(
            together[number]["y"], model.run("ours", members[number])["y"], rtol=1e-10, atol=1e-10
        )


@pytest.mark.parametrize("scheme", ["ours", "generalised-alpha"])
def test_gradient_of_a_mean_pressure_in_all_values(scheme: Any) -> None:
    model = read(mixture())

    @jax.jit
    def mean(values: Any) -> Any:
        return jnp.mean(model.trajectory(values, scheme)[0])

    slope = jax.jit(jax.grad(mean))(model.values)
    for name in ("resistance", "inertance", "stenosis", "capacitance", "r_min", "steepness", "source_flow"):
        at, step = (0, 0), 1e-6
        if name in {"resistance", "stenosis", "inertance", "capacitance"}:
            at = (int(np.argmax(getattr(model.values, name))), 0)
        at = (*at, 0) if name == "source_flow" else at

        def moved(by: float, name: str = name, at: tuple = at) -> Any:
            return eqx.tree_at(lambda v: getattr(v, name), model.values, getattr(model.values, name).at[at].add(by))

        difference = (mean(moved(step)) - mean(moved(-step))) / (2 * step)
        np.testing.assert_allclose(getattr(slope, name)[at], difference, rtol=2e-5, atol=1e-8, err_msg=name)


def test_gradient_where_nothing_bends() -> None:
    """The factors of the matrix are kept from step to step there."""
    model = read(case({"A": FLOW, "B": RCR}, [vessel(0, inlet="A", R=2.0, C=0.5, L=0.5, outlet="B")]))

    @jax.jit
    def last(values: Any) -> Any:
        pressure, flow = model.trajectory(values)
        return jnp.sum(pressure[-1] ** 2) + jnp.sum(flow[-1] ** 2)

    slope = jax.jit(jax.grad(last))(model.values)
    for name in ("resistance", "inertance", "capacitance", "end_pressure", "source_flow"):
        given = getattr(model.values, name)
        at = np.unravel_index(int(np.argmax(np.abs(getattr(slope, name)))), given.shape)

        def moved(by: float, name: str = name, at: tuple = at) -> Any:
            return eqx.tree_at(lambda v: getattr(v, name), model.values, getattr(model.values, name).at[at].add(by))

        difference = (last(moved(1e-5)) - last(moved(-1e-5))) / 2e-5
        np.testing.assert_allclose(getattr(slope, name)[at], difference, rtol=1e-6, err_msg=name)


def test_trajectory_is_what_run_writes() -> None:
    model = read(mixture())
    pressure, flow = model.trajectory(model.values)
    solution, _ = model.solve()[0]
    nodes = len(model.circuit.nodes)
    np.testing.assert_allclose(pressure[:, :, 0], solution.pressure[1:, :nodes], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(flow[:, :, 0], solution.flow[1:], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("scheme", ["ours", "generalised-alpha"])
def test_what_is_not_written_is_stepped_all_the_same(scheme: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A last cycle is that of all cycles, though what is before it is not kept."""
    monkeypatch.setattr("venolymph.interop.svzerod.solve.LONGEST_TRACE", 100)
    data = mixture()
    settings = data["simulation_parameters"] | {"number_of_cardiac_cycles": 23}
    whole, last = (
        read(data | {"simulation_parameters": settings | {"output_all_cycles": all_cycles}}).run(scheme)
        for all_cycles in (True, False)
    )
    for label in ("y", "ydot"):
        for name in dict.fromkeys(last["name"]):
            expected = by_name(whole, label, name)[-21:]
            np.testing.assert_allclose(by_name(last, label, name), expected, rtol=1e-9, atol=1e-9, err_msg=name)


def test_what_cannot_be_solved_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    model = read(mixture())
    bad = eqx.tree_at(lambda v: v.resistance, model.values, model.values.resistance * jnp.nan)
    with pytest.raises(SimulationError, match="no solution was found beyond"):
        model.run("ours", bad)
    with pytest.raises(DocumentError, match="there is no scheme 'our'; there are ours and generalised-alpha"):
        model.run("our")  # pyright: ignore[reportArgumentType]


# ------------------------------------------------------------------ the command


def command(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    from venolymph.cli import main

    monkeypatch.setattr("sys.argv", ["venolymph", "svzerod", *words])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


def test_the_command_prints_the_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = str(CASES["steadyFlow_R_R"])
    assert command(monkeypatch, path, "--scheme", "generalised-alpha") == 0
    printed = capsys.readouterr().out
    rows = list(csv.DictReader(io.StringIO(printed)))
    stored = result("steadyFlow_R_R")
    np.testing.assert_allclose([float(row["pressure_in"]) for row in rows], stored["pressure_in"], rtol=1e-7)
    out = tmp_path / "table.csv"
    assert command(monkeypatch, path, "--scheme", "generalised-alpha", "--out", str(out)) == 0
    assert capsys.readouterr().out == ""
    assert out.read_text("utf-8") == printed


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nowhere.json",), "there is no such file"),
        ((str(CASES["steadyFlow_R_R"]), "--scheme", "euler"), "there is no scheme 'euler'"),
        ((str(CASES["steadyFlow_R_R"]), "--out", str(CASES["steadyFlow_R_R"])), "this file is there already"),
    ],
)
def test_mistakes_end_with_one_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    assert command(monkeypatch, *words) == 2
    heard = capsys.readouterr()
    assert heard.out == ""
    assert message in heard.err
    assert "Traceback" not in heard.err
