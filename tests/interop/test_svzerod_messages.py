"""Every way of getting a case wrong gives one clear message: what, where, what is allowed, what to try."""

from __future__ import annotations

import copy
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from small.circuits import (
    FLOW,
    HEART,
    PRESSURE,
    RCR,
    RESISTANCE,
    RETURN,
    case,
    chamber,
    flap,
    junction,
    load,
    valve,
    vessel,
)
from venolymph.errors import DocumentError
from venolymph.interop.svzerod import build, read_case

Snapshot = Callable[[str, str], None]
Change = Callable[[dict[str, Any]], Any]


def refusal(source: Any) -> str:
    """The message with which a case is refused."""
    with pytest.raises(DocumentError) as caught:
        build(read_case(source))
    assert caught.value.hint
    return str(caught.value)


def fork() -> dict[str, Any]:
    """A vessel that forks into two, one with a Windkessel, the other behind a valve."""
    return case(
        {"IN": FLOW, "OUT1": RCR, "OUT2": RESISTANCE},
        [
            vessel(0, inlet="IN", R=1.0, C=0.1),
            vessel(1, R=2.0, outlet="OUT1"),
            vessel(2, R=3.0),
            vessel(3, R=1.0, outlet="OUT2"),
        ],
        junctions=[junction([0], [1, 2])],
        valves=[valve("v2", "v3")],
    )


def put(value: Any, *path: str | int) -> Change:
    """Write a value somewhere in a case."""

    def change(data: dict[str, Any]) -> None:
        here: Any = data
        for part in path[:-1]:
            here = here[part]
        here[path[-1]] = value

    return change


def drop(*path: str | int) -> Change:
    """Take something out of a case."""

    def change(data: dict[str, Any]) -> None:
        here: Any = data
        for part in path[:-1]:
            here = here[part]
        del here[path[-1]]

    return change


def both(*changes: Change) -> Change:
    """One change after the other."""
    return lambda data: [change(data) for change in changes]


VALUES = ("vessels", 1, "zero_d_element_values")
RCR_VALUES = ("boundary_conditions", 1, "bc_values")
TABLE = ("boundary_conditions", 0, "bc_values")
SIMULATION = "simulation_parameters"
IN_JUNCTION = {"R_poiseuille": [1.0, 1.0], "L": [0.0, 0.0], "stenosis_coefficient": [0.0, 0.0]}

MISTAKES: dict[str, Change] = {
    "no-simulation-parameters": drop(SIMULATION),
    "no-boundary-conditions": drop("boundary_conditions"),
    "section-not-a-list": put({"v0": 1}, "vessels"),
    "entry-not-a-mapping": put(3, "vessels", 1),
    "key-misspelt": both(drop(SIMULATION, "absolute_tolerance"), put(1e-8, SIMULATION, "absolute_tolerence")),
    "value-unknown": put(1.0, *VALUES, "stenosis_coeficient"),
    "value-missing": drop(*VALUES, "R_poiseuille"),
    "value-is-text": put("2.0", *VALUES, "R_poiseuille"),
    "value-is-true": put(True, *VALUES, "C"),
    "value-is-nothing": put(None, *VALUES, "C"),
    "compliance-negative": put(-1e-4, *VALUES, "C"),
    "resistance-infinite": put(float("inf"), *VALUES, "R_poiseuille"),
    "cycles-none": put(0, SIMULATION, "number_of_cardiac_cycles"),
    "cycles-not-whole": put(1.5, SIMULATION, "number_of_cardiac_cycles"),
    "points-too-few": put(1, SIMULATION, "number_of_time_pts_per_cardiac_cycle"),
    "steps-too-many": put(10**9, SIMULATION, "number_of_cardiac_cycles"),
    "rho-too-large": put(1.5, SIMULATION, "rho_infty"),
    "flag-is-a-number": put(1, SIMULATION, "steady_initial"),
    "coupled": put(True, SIMULATION, "coupled_simulation"),
    "period-mismatch": put(0.8, SIMULATION, "cardiac_period"),
    "period-zero": put(0.0, SIMULATION, "cardiac_period"),
    "period-mismatch-of-tables": put(
        {"bc_name": "OUT2", "bc_type": "PRESSURE", "bc_values": {"P": [1.0, 1.0], "t": [0.0, 1.1]}},
        "boundary_conditions",
        2,
    ),
    "cycle-error-without-windkessel": both(
        put(True, SIMULATION, "use_cycle_to_cycle_error"),
        put({"bc_name": "OUT1", **RESISTANCE}, "boundary_conditions", 1),
    ),
    "time-goes-back": put([0.0, 1.0, 0.5], *TABLE, "t"),
    "time-starts-late": put([0.1, 0.5, 1.1], *TABLE, "t"),
    "time-stands-still": put([0.0, 0.0, 0.0], *TABLE, "t"),
    "time-too-short": put([0.0, 1.0], *TABLE, "t"),
    "time-missing": drop(*TABLE, "t"),
    "table-empty": put([], *TABLE, "Q"),
    "table-a-number": put(5.0, *TABLE, "Q"),
    "table-a-formula": put({"fn": "sin(t)"}, *TABLE),
    "type-unknown": put("BloodVesel", "vessels", 1, "zero_d_element_type"),
    "type-missing": drop("boundary_conditions", 1, "bc_type"),
    "types-unsupported": both(
        put("IMPEDANCE", "boundary_conditions", 1, "bc_type"),
        both(
            put("IdealValve", "valves", 0, "type"),
            both(
                put([{"type": "ChamberSphere", "name": "ventricle"}], "chambers"),
                put([{"name": "CLH", "closed_loop_type": "ClosedLoopHeart"}], "closed_loop_blocks"),
            ),
        ),
    ),
    "types-unsupported-several": both(
        both(
            put("IMPEDANCE", "boundary_conditions", 1, "bc_type"), put("IMPEDANCE", "boundary_conditions", 2, "bc_type")
        ),
        both(
            put([{"type": "ChamberSphere", "name": name} for name in ("left", "right")], "chambers"),
            put([{"closed_loop_type": "TwoHearts", "parameters": {}}], "closed_loop_blocks"),
        ),
    ),
    "valve-resistances-exchanged": put(
        {
            "type": "PiecewiseValve",
            "name": "valve",
            "params": {"Rmax": 1.0, "Rmin": 2.0, "upstream_block": "v2", "downstream_block": "v3"},
        },
        "valves",
        0,
    ),
    "chamber-contracts-oddly": put([chamber("heart", {"type": "half_sine"})], "chambers"),
    "chamber-joined-to-nothing": put([chamber("heart", {"type": "fourier"})], "chambers"),
    "chamber-at-a-capacitance": both(
        both(
            put([chamber("heart", {"type": "fourier"})], "chambers"),
            put(vessel(3, "BloodVesselCRL", C=0.1, R=1.0, outlet="OUT2"), "vessels", 3),
        ),
        both(
            put([flap("before", "v2", "heart")], "valves"),
            lambda data: data["junctions"].append(
                {
                    "junction_name": "J2",
                    "junction_type": "NORMAL_JUNCTION",
                    "inlet_blocks": ["heart"],
                    "outlet_blocks": ["v3"],
                }
            ),
        ),
    ),
    "heart-without-a-way-back": put(RETURN | {"bc_name": "OUT2"}, "boundary_conditions", 2),
    "heart-with-a-steady-start": put([HEART | {"outlet_blocks": ["v0"]}], "closed_loop_blocks"),
    "heart-of-another-period": put([HEART | {"cardiac_cycle_period": 0.8}], "closed_loop_blocks"),
    "heart-twice": put([HEART, HEART], "closed_loop_blocks"),
    "return-not-closed": put(
        RETURN | {"bc_name": "OUT2", "bc_values": RETURN["bc_values"] | {"closed_loop_outlet": False}},
        "boundary_conditions",
        2,
    ),
    "coupled-to-another-solver": put(
        [
            {"name": name, "type": "FLOW", "location": "inlet", "connected_block": "v0", "periodic": False}
            for name in ("inflow of the flow solver", "outflow 1", "outflow 2")
        ],
        "external_solver_coupling_blocks",
    ),
    "coupled-by-something-else": put("yes", "external_solver_coupling_blocks"),
    "several-negative": both(
        both(put(-3.0, *VALUES, "R_poiseuille"), put(-1e-4, *VALUES, "C")),
        both(put(-5e-16, "vessels", 2, *VALUES[2:], "R_poiseuille"), put(-900.0, *RCR_VALUES, "Rd")),
    ),
    "junction-missing": drop("junctions"),
    "junction-of-unknown-vessel": put([1, 7], "junctions", 0, "outlet_vessels"),
    "junction-half-by-name": both(
        drop("junctions", 0, "outlet_vessels"), put(["v1", "v2"], "junctions", 0, "outlet_blocks")
    ),
    "junction-of-nothing": both(put([], "junctions", 0, "inlet_vessels"), put([], "junctions", 0, "outlet_vessels")),
    "junction-twice-the-same": put([1, 2, 2], "junctions", 0, "outlet_vessels"),
    "junction-with-values": put(IN_JUNCTION, "junctions", 0, "junction_values"),
    "junction-without-values": put("BloodVesselJunction", "junctions", 0, "junction_type"),
    "junction-values-too-few": both(
        put("BloodVesselJunction", "junctions", 0, "junction_type"),
        put(IN_JUNCTION | {"L": [0.0]}, "junctions", 0, "junction_values"),
    ),
    "boundary-condition-unknown": put("UOT1", "vessels", 1, "boundary_conditions", "outlet"),
    "boundary-condition-unused": drop("vessels", 1, "boundary_conditions"),
    "boundary-condition-twice": put("OUT1", "vessels", 3, "boundary_conditions", "outlet"),
    "resistance-at-inlet": put({"bc_name": "IN", **RESISTANCE}, "boundary_conditions", 0),
    "valve-to-unknown": put("v9", "valves", 0, "params", "downstream_block"),
    "valve-without-resistance": put(0.0, "valves", 0, "params", "Rmax"),
    "same-name": put("v0", "vessels", 1, "vessel_name"),
    "same-id": put(0, "vessels", 1, "vessel_id"),
    "initial-condition-unknown": put({"pressure:IN:v1": 3.0}, "initial_condition"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes(name: str, snapshot: Snapshot) -> None:
    data = fork()
    build(read_case(data))
    data = copy.deepcopy(data)
    MISTAKES[name](data)
    snapshot(name, refusal(data))


CIRCUITS = {
    "pressure-undetermined": case({"IN": FLOW, "OUT": FLOW}, [vessel(0, inlet="IN", R=1.0, outlet="OUT")]),
    "pressures-joined": case({"IN": PRESSURE, "OUT": PRESSURE}, [vessel(0, inlet="IN", outlet="OUT")]),
    "loop-without-impedance": case(
        {"IN": FLOW, "OUT": RESISTANCE},
        [vessel(0, inlet="IN", R=1.0), vessel(1), vessel(2), vessel(3, R=1.0, outlet="OUT")],
        junctions=[junction([0], [1, 2]), junction([1, 2], [3], junction_name="K")],
    ),
    "valve-bridged": case(
        {"IN": FLOW, "OUT": RESISTANCE},
        [vessel(0), vessel(1), vessel(2)],
        junctions=[
            junction([], [], junction_name="J", inlet_vessels=None, outlet_vessels=None)
            | {"inlet_blocks": ["IN"], "outlet_blocks": ["v0", "v2"]},
            junction([1, 2], [], junction_name="K", inlet_vessels=None, outlet_vessels=None)
            | {"inlet_blocks": ["v1", "v2"], "outlet_blocks": ["OUT"]},
        ],
        valves=[valve("v0", "v1")],
    ),
}


@pytest.mark.parametrize("name", CIRCUITS)
def test_circuits_that_mean_nothing(name: str, snapshot: Snapshot) -> None:
    data = CIRCUITS[name]
    for entry in data.get("junctions", []):
        for key in [key for key, value in entry.items() if value is None]:
            del entry[key]
    snapshot(name, refusal(data))


TEXTS = {
    "text-truncated": json.dumps(fork())[:700],
    "text-cut-in-a-word": json.dumps(fork(), indent=1)[:43],
    "text-with-a-comma-too-many": '{"vessels": [],\n "junctions": [,]}',
    "text-key-twice": '{"vessels": [], "vessels": []}',
    "text-nan": '{"boundary_conditions": [NaN]}',
    "text-minus-infinity": '{"boundary_conditions": [-Infinity]}',
    "text-a-list": "[1, 2]",
    "text-too-deep": '{"a": ' * 40 + "1" + "}" * 40,
    "text-far-too-deep": "[" * 200_000,
}


@pytest.mark.parametrize("name", TEXTS)
def test_texts(name: str, snapshot: Snapshot) -> None:
    snapshot(name, refusal(TEXTS[name]))


def test_numbers_that_are_too_large_for_a_number() -> None:
    for number in ("1e400", "-1e999", "9" * 5000):
        text = json.dumps(fork()).replace('"R_poiseuille": 2.0', f'"R_poiseuille": {number}')
        assert "vessels.1.zero_d_element_values.R_poiseuille" in refusal(text)


def test_files(tmp_path: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "steady.json").write_text(json.dumps(fork()))
    (tmp_path / "picture.json").write_bytes(b"\x89PNG\r\n\x1a\n\x00")
    (tmp_path / "empty.json").write_text("")
    (tmp_path / "words.json").write_text("once upon a time")
    (tmp_path / "bad.json").write_text(json.dumps(load("steadyFlow_R_R") | {"vessels": []}))
    os.mkfifo(tmp_path / "pipe.json")
    build(read_case("steady.json"))
    snapshot("file-missing", refusal("stedy.json"))
    snapshot("file-a-folder", refusal(os.curdir))
    snapshot("file-not-text", refusal(Path("picture.json")))
    snapshot("file-empty", refusal("empty.json"))
    snapshot("file-not-json", refusal("words.json"))
    snapshot("file-a-pipe", refusal("pipe.json"))
    with pytest.raises(DocumentError, match=r"bad\.json: boundary_conditions\.0"):
        build(read_case("bad.json"), "bad.json")
    for nonsense in ("\0", "x" * 10_000, "{", "\ud800"):
        assert refusal(nonsense)
    assert refusal(b"\xff.json")
    assert refusal(7)


@pytest.mark.parametrize("nonsense", [b"\x00\xff", b"[[[[", b'{"a":', b"1234,"])
def test_50_megabytes_of_nonsense_are_refused_at_once(nonsense: bytes, tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    path.write_bytes(nonsense * (50_000_000 // len(nonsense)))
    start = time.process_time()
    assert "at most 20,000,000 are allowed" in refusal(path)
    assert time.process_time() - start < 1.0


@pytest.mark.parametrize("nonsense", ["[[[[", '{"a":', '{"vessels": [1234,', '{"vessels": "'])
def test_nonsense_just_small_enough_is_refused_soon(nonsense: str, tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    path.write_text((nonsense * 10_000_000)[:19_900_000])
    start = time.process_time()
    assert refusal(path)
    assert time.process_time() - start < 10.0


def test_mappings_from_python(snapshot: Snapshot) -> None:
    data = fork()
    data["boundary_conditions"][0]["bc_values"] = {"Q": np.array([1.0, 3.0, 1.0]), "t": (0.0, np.float64(0.5), 1)}
    assert build(read_case(data)) == build(read_case(fork()))
    endless: dict[str, Any] = {}
    endless["more"] = endless
    assert "nested deeper" in refusal(fork() | {"vessels": [endless]})
    assert "keys are text" in refusal(fork() | {"valves": [{3: 4}]})
    assert refusal(fork() | {"vessels": object()})
