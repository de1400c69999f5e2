"""Circuits, solved by a small dense reference, give svZeroD's stored results: files are read as they are meant."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest

from interop.reference import Reference
from small.circuits import CASES, FLOW, PRESSURE, RCR, RESISTANCE, case, junction, load, result, valve, vessel
from venolymph.interop.svzerod import build, read_case, tabulate, to_csv, to_json

OFF = ("pulsatileFlow_CStenosis_steadyPressure", "flow_out")
"""Where the stored result does not conserve volume."""


@pytest.mark.parametrize("name", CASES)
def test_stored_results_are_met_at_their_own_tolerance(name: str) -> None:
    circuit = build(read_case(CASES[name]), name)
    solution, _ = Reference(circuit).run()
    table, stored = tabulate(circuit, solution), result(name)
    assert list(table) == list(stored)
    assert table["name"].tolist() == stored["name"]
    for label in list(stored)[1:]:
        if (name, label) != OFF:
            # their tolerance is 1e-7; one hundredth of it leaves no room for another reading
            np.testing.assert_allclose(table[label], np.array(stored[label]), rtol=1e-9, atol=1e-9, err_msg=label)


def test_where_the_stored_flow_is_off_ours_is_nearer_to_the_exact_one() -> None:
    # the capacitance lies at a constant pressure and stores nothing: what goes in, sin t, comes out
    circuit = build(read_case(CASES[OFF[0]]))
    table = tabulate(circuit, Reference(circuit).run()[0])
    exact, stored = np.sin(table["time"]), np.array(result(OFF[0])["flow_out"])
    assert np.abs(table["flow_out"] - exact).max() < 1e-3  # the table is linear between its points
    assert 0.02 < np.abs(stored - exact).max() < 0.025
    np.testing.assert_allclose(table["flow_out"], stored, rtol=0, atol=2.5e-2)


BIG = case(
    {"A": FLOW, "B": PRESSURE, "C": RCR, "D": RESISTANCE, "E": {**FLOW}},
    [
        vessel(0, inlet="A", R=2.0, C=0.1, L=0.3),
        vessel(1, "BloodVesselCRL", inlet="B", R=3.0, C=0.2, L=0.1, S=0.4),
        vessel(2, "BloodVesselCRL", C=0.1, outlet="C"),
        vessel(3, outlet="D"),
        vessel(4, R=1.0, L=0.2, outlet="E"),
    ],
    junctions=[junction([0, 1], [2, 3, 4])],
)


def test_flows_through_joints_without_impedance_balance() -> None:
    """Vessels that are nothing but a capacitance or nothing at all still have flows of their own."""
    BIG["simulation_parameters"] |= {"output_variable_based": True, "output_all_cycles": True}
    circuit = build(read_case(BIG))
    table = tabulate(circuit, Reference(circuit).run()[0])
    flow = {name: table["y"][table["name"] == name] for name in circuit.variables}
    into = flow["flow:v0:J"] + flow["flow:v1:J"]
    np.testing.assert_allclose(into, flow["flow:J:v2"] + flow["flow:J:v3"] + flow["flow:J:v4"], atol=1e-9)
    np.testing.assert_allclose(flow["flow:J:v3"], flow["flow:v3:D"], atol=1e-9)
    np.testing.assert_allclose(flow["flow:v3:D"], (flow["pressure:v3:D"] - 2.0) / 5.0, atol=1e-9)
    assert np.abs(flow["flow:J:v2"] - flow["flow:v2:C"]).max() > 0.1  # it stores
    np.testing.assert_allclose(flow["flow:v4:E"], flow["flow:A:v0"], atol=1e-9)  # out here as much as in there


@pytest.mark.parametrize("variable_based", [False, True])
def test_what_is_written(variable_based: bool) -> None:
    """All cycles, every so many steps, means and derivatives, against the whole table."""

    def table(**output: object) -> dict[str, np.ndarray]:
        simulation = {"number_of_time_pts_per_cardiac_cycle": 9, "output_variable_based": variable_based, **output}
        circuit = build(
            read_case(
                case(
                    {"A": PRESSURE, "B": RCR},
                    [vessel(0, inlet="A", R=2.0, C=0.1), vessel(1, R=1.0, C=0.2, L=0.1, outlet="B")],
                    valves=[valve("v0", "v1")],
                    simulation=simulation,
                )
            )
        )
        return tabulate(circuit, *Reference(circuit).run())

    whole = table(output_all_cycles=True, output_derivative=True)
    names = list(dict.fromkeys(whole["name"].tolist()))
    assert names == (["v0", "v1"] if not variable_based else build_names())
    labels = (
        ["y", "ydot"]
        if variable_based
        else [
            *(marks := ["flow_in", "flow_out", "pressure_in", "pressure_out"]),
            *(f"d_{mark}" for mark in marks),
        ]
    )
    assert list(whole) == ["name", "time", *labels]
    shape = (len(names), 17)
    np.testing.assert_allclose(whole["time"].reshape(shape)[0], np.arange(17) / 8)

    last = table()
    for label in labels[: len(labels) // 2]:
        np.testing.assert_array_equal(last[label].reshape(-1, 9), whole[label].reshape(shape)[:, 8:])
    np.testing.assert_allclose(last["time"].reshape(-1, 9)[-1], np.arange(9) / 8)

    thirds = table(output_interval=3, output_derivative=True)
    for label in labels:
        np.testing.assert_array_equal(thirds[label].reshape(-1, 3), whole[label].reshape(shape)[:, 8::3])

    means = table(output_mean_only=True, output_all_cycles=True)
    assert np.isnan(means["time"]).all()
    assert means["name"].tolist() == names
    for label in labels[: len(labels) // 2]:
        np.testing.assert_allclose(means[label], whole[label].reshape(shape).mean(axis=1))


def build_names() -> list[str]:
    """Variables of the case above in svZeroD's order: connections of vessels, of valves, then what is inside."""
    joints = ["A:v0", "v1:B", "v0:valve", "valve:v1"]
    return [f"{kind}:{joint}" for joint in joints for kind in ("flow", "pressure")] + [
        "pressure_c:B",
        "valve_status:valve",
    ]


def test_valve_status_without_a_solver_that_keeps_it() -> None:
    circuit = build(read_case(CASES["valve_tanh"]))
    solution, _ = Reference(circuit).run()
    kept = tabulate(circuit, solution)
    plain = {name: value for name, value in vars(solution).items() if name != "valve_status"}
    read = tabulate(circuit, type(solution)(**plain))
    last = slice(-101, None)
    assert np.sqrt(np.mean((kept["y"][last] - read["y"][last]) ** 2)) < 0.1  # the scheme swings about the state
    assert read["y"][last].min() >= 0 and read["y"][last].max() <= 1


def test_only_the_last_cycle_is_enough_where_only_that_is_written() -> None:
    circuit = build(read_case(CASES["pulsatileFlow_CRL"]))
    solution, _ = Reference(circuit).run()
    cycle = {name: None if value is None else value[-300:] for name, value in vars(solution).items()}
    for label, column in tabulate(circuit, type(solution)(**cycle)).items():
        np.testing.assert_array_equal(column, tabulate(circuit, solution)[label])
    with pytest.raises(ValueError, match="has 299 time points; the run has 2991 and its last cycle 300"):
        tabulate(circuit, type(solution)(**{name: value[-299:] for name, value in cycle.items()}))


def test_a_given_start_is_where_the_run_starts() -> None:
    data = case(
        {"A": FLOW, "B": RCR},
        [vessel(0, inlet="A", R=2.0, C=0.5, outlet="B", L=0.5)],
        simulation={"steady_initial": False, "output_variable_based": True, "output_all_cycles": True},
        initial_condition={"pressure_all": 50.0, "flow:A:v0": 1.0, "flow:v0:B": 1.0, "pressure_c:B": 47.0},
        initial_condition_d={"flow:v0:B": 3.0},
    )
    circuit = build(read_case(data))
    inner = [node.name for node in circuit.nodes].index("v0:C")
    assert circuit.initial.pressure[inner] == 48.0  # behind the resistance
    assert circuit.initial.flow_rate[[branch.name for branch in circuit.branches].index("v0:L")] == 3.0
    assert circuit.initial.pressure[circuit.places - 1] == 1.0  # Pd, a constant
    table = tabulate(circuit, Reference(circuit).run()[0])
    first = dict(zip(circuit.variables, table["y"].reshape(-1, 9)[:, 0].tolist(), strict=True))
    assert first["pressure:A:v0"] == 50.0
    assert first["pressure_c:B"] == 47.0
    assert first["flow:v0:B"] == 1.0


def test_tables_as_text() -> None:
    circuit = build(read_case(load("steadyFlow_R_R") | {"description": "none"}))
    table = tabulate(circuit, Reference(circuit).run()[0])
    read = list(csv.DictReader(io.StringIO(to_csv(table))))
    assert [row["name"] for row in read] == ["branch0_seg0"] * 5
    assert [float(row["pressure_in"]) for row in read] == table["pressure_in"].tolist()
    back = json.loads(to_json(table))
    assert list(back["flow_in"]) == ["0", "1", "2", "3", "4"]
    assert back["pressure_in"]["0"] == result("steadyFlow_R_R")["pressure_in"][0]
    table["time"][:] = np.nan
    assert to_csv(table).splitlines()[1].startswith("branch0_seg0,,")
    assert json.loads(to_json(table))["time"]["0"] is None
