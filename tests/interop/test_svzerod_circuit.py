"""What each element and each way of joining them becomes, written out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from small.circuits import CASES, FLOW, PRESSURE, RCR, RESISTANCE, case, junction, load, valve, vessel
from venolymph.errors import DocumentError
from venolymph.interop.svzerod import Circuit, build, read_case
from venolymph.interop.svzerod.circuit import Branch, End, Node, Table, Valve


def circuit(*arguments: Any, **more: Any) -> Circuit:
    return build(read_case(case(*arguments, **more)))


def branches(found: Circuit) -> dict[str, tuple[str, str, float, float, float]]:
    """Branches by name, with the names of their places, R, L and S."""
    names = [place.name for place in (*found.nodes, *found.ends)]
    return {
        branch.name: (names[branch.start], names[branch.stop], branch.resistance, branch.inertance, branch.stenosis)
        for branch in found.branches
    }


@pytest.mark.parametrize("name", CASES)
def test_every_case_reads(name: str) -> None:
    found = build(read_case(CASES[name]), name)
    assert len(found.vessels) == len(load(name)["vessels"])
    assert found == build(read_case(load(name))) == build(read_case(CASES[name].read_text("utf-8")))


def test_resistance_between_flow_and_resistance() -> None:
    found = build(read_case(CASES["steadyFlow_R_R"]))
    assert found.nodes == (Node("INFLOW:branch0_seg0", 0.0, 0.0), Node("branch0_seg0:OUT", 0.0, 0.0))
    assert found.ends == (End("OUT", Table((0.0,), (100.0,))),)
    assert found.branches == (Branch("branch0_seg0", 0, 1, 100.0), Branch("OUT", 1, 2, 100.0))
    (source,) = found.sources
    assert (source.name, source.place, source.flow) == ("INFLOW", 0, Table((0.0, 1.0), (5.0, 5.0)))
    assert [(joint.name, joint.place) for joint in found.connections] == [
        ("INFLOW:branch0_seg0", 0),
        ("branch0_seg0:OUT", 1),
    ]
    assert found.connections[0].flow.branches == ((0, 1.0),)
    assert found.connections[1].flow.branches == ((1, 1.0),)


def test_windkessel_counts_not_in_the_steady_start() -> None:
    found = circuit({"A": FLOW, "B": RCR}, [vessel(0, inlet="A", R=2.0, outlet="B")])
    assert found.nodes[-1] == Node("pressure_c:B", 0.25, 0.0)
    assert branches(found) == {
        "v0": ("A:v0", "v0:B", 2.0, 0.0, 0.0),
        "B:Rp": ("v0:B", "pressure_c:B", 3.0, 0.0, 0.0),
        "B:Rd": ("pressure_c:B", "B", 4.0, 0.0, 0.0),
    }
    assert [(variable.name, variable.place) for variable in found.internal] == [("pressure_c:B", 2)]


def test_vessel_with_everything() -> None:
    found = circuit({"A": FLOW, "B": RESISTANCE}, [vessel(0, inlet="A", R=2.0, C=0.5, L=0.1, S=0.3, outlet="B")])
    assert branches(found) == {
        "v0": ("A:v0", "v0:C", 2.0, 0.0, 0.3),
        "v0:L": ("v0:C", "v0:B", 0.0, 0.1, 0.0),
        "B": ("v0:B", "B", 5.0, 0.0, 0.0),
    }
    assert [node.capacitance for node in found.nodes] == [0.0, 0.0, 0.5]
    assert [node.steady_capacitance for node in found.nodes] == [0.0, 0.0, 0.5]


def test_without_capacitance_a_vessel_is_one_branch() -> None:
    found = circuit({"A": FLOW, "B": RESISTANCE}, [vessel(0, inlet="A", R=2.0, L=0.1, S=0.3, outlet="B")])
    assert branches(found)["v0"] == ("A:v0", "v0:B", 2.0, 0.1, 0.3)


def test_without_inertance_the_capacitance_lies_at_the_outlet() -> None:
    found = circuit({"A": FLOW, "B": RESISTANCE}, [vessel(0, inlet="A", R=2.0, C=0.5, outlet="B")])
    assert [(node.name, node.capacitance) for node in found.nodes] == [("A:v0", 0.0), ("v0:B", 0.5)]
    assert "v0:L" not in branches(found)


def test_capacitance_first() -> None:
    found = circuit(
        {"A": FLOW, "B": RESISTANCE}, [vessel(0, "BloodVesselCRL", inlet="A", R=2.0, C=0.5, L=0.1, outlet="B")]
    )
    assert [(node.name, node.capacitance) for node in found.nodes] == [("A:v0", 0.5), ("v0:B", 0.0)]
    assert branches(found)["v0"] == ("A:v0", "v0:B", 2.0, 0.1, 0.0)


def test_pressure_at_a_capacitance_makes_it_an_end_but_its_flow_is_still_told() -> None:
    found = build(read_case(CASES["pulsatileFlow_CRL"]))
    assert [node.name for node in found.nodes] == ["branch0_seg0:OUT"]
    assert [end.name for end in found.ends] == ["IN"]
    inlet, outlet = found.connections
    assert (inlet.place, inlet.flow.branches, inlet.flow.rates) == (1, ((0, 1.0),), ((1, 1.0),))
    assert (outlet.place, outlet.flow.sources) == (0, ((0, -1.0),))
    assert found.sources[0].flow.values[0] == -1.0  # a flow at an outlet leaves


def test_what_has_no_impedance_is_one_place_and_capacitances_add() -> None:
    found = circuit(
        {"A": FLOW, "B": RESISTANCE, "C": {**RCR, "bc_values": RCR["bc_values"] | {"Rp": 0.0}}},
        [
            vessel(0, inlet="A", R=2.0, C=0.5),
            vessel(1, "BloodVesselCRL", R=3.0, C=0.125, outlet="B"),
            vessel(2, outlet="C"),
        ],
        junctions=[junction([0], [1, 2])],
    )
    assert [(node.capacitance, node.steady_capacitance) for node in found.nodes if node.capacitance] == [(0.875, 0.625)]
    flows = {joint.name: joint.flow for joint in found.connections}
    names = [branch.name for branch in found.branches]
    assert flows["v2:C"].branches == ((names.index("C:Rd"), 1.0),)
    assert [factor for _, factor in flows["v2:C"].rates] == [0.25]
    assert flows["J:v2"] == flows["v2:C"]
    assert [factor for _, factor in flows["J:v1"].rates] == [0.125]


def test_pressure_through_a_vessel_without_impedance_pins_the_junction() -> None:
    found = circuit(
        {"A": FLOW, "B": PRESSURE, "C": RESISTANCE},
        [vessel(0, inlet="A", R=2.0), vessel(1, outlet="B"), vessel(2, R=4.0, outlet="C")],
        junctions=[junction([0], [1, 2])],
    )
    assert [end.name for end in found.ends] == ["B", "C"]
    place = len(found.nodes)
    assert {joint.place for joint in found.connections if "J" in joint.name} == {place}
    names = [branch.name for branch in found.branches]
    into_b = next(joint.flow for joint in found.connections if joint.name == "v1:B")
    assert into_b.branches == tuple(sorted([(names.index("v0"), 1.0), (names.index("v2"), -1.0)]))


def test_junction_with_vessels_in_it() -> None:
    values = {"R_poiseuille": [1.0, 0.0], "L": [0.25, 0.0], "stenosis_coefficient": [0.5, 0.0]}
    found = circuit(
        {"A": FLOW, "B": RESISTANCE, "C": RESISTANCE},
        [vessel(0, inlet="A", R=2.0), vessel(1, R=3.0, outlet="B"), vessel(2, R=4.0, outlet="C")],
        junctions=[junction([0], [1, 2], junction_type="BloodVesselJunction", junction_values=values)],
    )
    assert branches(found)["J:v1"] == ("v0:J", "J:v1", 1.0, 0.25, 0.5)
    assert "J:v2" not in branches(found)
    assert branches(found)["v2"][0] == "v0:J"


def test_valve() -> None:
    found = build(read_case(CASES["valve_tanh"]))
    (branch,) = [branch for branch in found.branches if branch.valve]
    assert branch.valve == Valve(r_max=1e5, r_min=100.0, steepness=100.0)
    names = [node.name for node in found.nodes]
    assert (names[branch.start], names[branch.stop]) == ("upstream_vessel:valve", "valve:downstream_vessel")
    assert found.output.variable_based


def test_two_vessels_side_by_side_stay_two_branches() -> None:
    found = circuit(
        {"A": FLOW, "B": RESISTANCE},
        [vessel(0, inlet="A", R=1.0), vessel(1, R=2.0), vessel(2, R=3.0), vessel(3, R=4.0, outlet="B")],
        junctions=[junction([0], [1, 2]), junction([1, 2], [3], junction_name="K")],
    )
    assert branches(found)["v1"][:2] == branches(found)["v2"][:2] == ("v0:J", "v1:K")


def test_boundary_conditions_and_valves_may_stand_at_junctions() -> None:
    found = circuit(
        {"A": FLOW, "B": PRESSURE, "C": RESISTANCE},
        [vessel(0, R=1.0), vessel(1, R=2.0, outlet="C")],
        junctions=[
            {
                "junction_name": "J",
                "junction_type": "internal_junction",
                "inlet_blocks": ["A", "B"],
                "outlet_blocks": ["v0"],
            }
        ],
        valves=[valve("v0", "v1")],
    )
    assert branches(found)["v0"][0] == "B"
    assert found.sources[0].place == len(found.nodes)


def test_a_ring_without_flow_is_left_out() -> None:
    found = circuit(
        {"A": FLOW, "B": RESISTANCE},
        [vessel(0, inlet="A", R=1.0), vessel(1, R=2.0), vessel(2, R=3.0, outlet="B")],
        junctions=[junction([0, 1], [1, 2])],
    )
    assert set(branches(found)) == {"v0", "v2", "B"}
    assert next(joint.flow for joint in found.connections if joint.name == "v1:J").branches == ()


def test_course_and_output() -> None:
    found = build(read_case(CASES["pulsatileFlow_CRL"]))
    assert (found.course.period, found.course.cycles, found.course.steps_per_cycle) == (6.283185306, 10, 299)
    assert found.course.steps == 2990
    assert found.course.step == 6.283185306 / 299
    assert found.course.times[-1] == found.course.step * 2990
    assert (found.course.tolerance, found.course.rho_infty, found.course.steady_initial) == (1e-8, 0.5, True)
    assert not found.output.all_cycles


def test_period_of_tables_or_as_given_or_one() -> None:
    constant = {"bc_type": "FLOW", "bc_values": {"Q": [1.0], "t": [0.0]}}
    one = [vessel(0, inlet="A", R=2.0, outlet="B")]
    assert circuit({"A": FLOW, "B": RESISTANCE}, one).course.period == 1.0
    assert circuit({"A": constant, "B": RESISTANCE}, one).course.period == 1.0
    assert circuit({"A": constant, "B": RESISTANCE}, one, simulation={"cardiac_period": 0.8}).course.period == 0.8
    assert circuit({"A": FLOW, "B": RESISTANCE}, one, simulation={"cardiac_period": -2.0}).course.period == 1.0


def test_number_of_cycles_from_the_error_from_cycle_to_cycle() -> None:
    simulation = {"use_cycle_to_cycle_error": True, "sim_cycle_to_cycle_percent_error": 0.5}
    ends = {"A": FLOW, "B": {**RCR, "bc_values": RCR["bc_values"] | {"C": 2.0}}}
    found = circuit(ends, [vessel(0, inlet="A", R=2.0, outlet="B")], simulation=simulation)
    assert found.course.cycles == 43  # -8 ln 0.005 = 42.4


def test_comments_and_what_others_write_between_the_elements_are_left_out() -> None:
    data = load("steadyFlow_R_R")
    data["simulation_parameters"] |= {"density": 1.06, "viscosity": 0.04, "_note": [1, {"a": None}]}
    data["vessels"][0]["zero_d_element_values"]["_C"] = "none"
    data["vessels"][0]["vessel_D"] = 1.0
    data["junctions"] = []
    data["chambers"] = []
    assert build(read_case(data)) == build(read_case(CASES["steadyFlow_R_R"]))


def test_long_chains_of_nothing_stay_quick() -> None:
    count = 3000
    data = case(
        {"A": FLOW, "B": RESISTANCE},
        [vessel(n, inlet="A" if n == 0 else "", outlet="B" if n == count - 1 else "", C=1e-3) for n in range(count)],
        junctions=[junction([n], [n + 1], junction_name=f"J{n}") for n in range(count - 1)],
    )
    found = build(read_case(data))
    assert len(found.nodes) == 1
    assert found.nodes[0].capacitance == pytest.approx(3.0)


def test_what_cannot_be_told_within_bounds_is_refused() -> None:
    count = 2500
    ends = {"A": PRESSURE} | {f"O{n}": RESISTANCE for n in range(count)}
    rungs = [vessel(count + n, R=1.0, outlet=f"O{n}") for n in range(count)]
    data = case(
        ends,
        [*(vessel(n, inlet="A" if n == 0 else "") for n in range(count)), *rungs],
        junctions=[
            junction([n], [count + n, *([n + 1] if n + 1 < count else [])], junction_name=f"J{n}") for n in range(count)
        ],
    )
    with pytest.raises(DocumentError, match="too many elements are joined without resistance"):
        build(read_case(data))
