"""The thirteen cases of svZeroDSolver, and small ones written here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "interop" / "svzerod"
CASES = {path.stem: path for path in sorted((FOLDER / "cases").glob("*.json"))}


def load(name: str) -> dict[str, Any]:
    """A case as plain data."""
    return json.loads(CASES[name].read_text("utf-8"))


def result(name: str) -> dict[str, list[Any]]:
    """The stored result, by columns."""
    stored = json.loads((FOLDER / "results" / f"result_{name}.json").read_text("utf-8"))
    return {label: list(column.values()) for label, column in stored.items()}


FLOW = {"bc_type": "FLOW", "bc_values": {"Q": [1.0, 3.0, 1.0], "t": [0.0, 0.5, 1.0]}}
PRESSURE = {"bc_type": "PRESSURE", "bc_values": {"P": [10.0, 30.0, 10.0], "t": [0.0, 0.5, 1.0]}}
RESISTANCE = {"bc_type": "RESISTANCE", "bc_values": {"R": 5.0, "Pd": 2.0}}
RCR = {"bc_type": "RCR", "bc_values": {"Rp": 3.0, "C": 0.25, "Rd": 4.0, "Pd": 1.0}}


def vessel(
    number: int, kind: str = "BloodVessel", inlet: str = "", outlet: str = "", **values: float
) -> dict[str, Any]:
    """A vessel `v0`, `v1`, ... of these values (`R`, `C`, `L`, `S`)."""
    names = {"R": "R_poiseuille", "S": "stenosis_coefficient"}
    ends = {side: name for side, name in (("inlet", inlet), ("outlet", outlet)) if name}
    return {
        "vessel_id": number,
        "vessel_name": f"v{number}",
        "zero_d_element_type": kind,
        "zero_d_element_values": {"R_poiseuille": 0.0} | {names.get(key, key): value for key, value in values.items()},
        **({"boundary_conditions": ends} if ends else {}),
    }


def junction(inlets: list[int], outlets: list[int], **more: Any) -> dict[str, Any]:
    """A junction `J` of vessels."""
    return {
        "junction_name": "J",
        "junction_type": "NORMAL_JUNCTION",
        "inlet_vessels": inlets,
        "outlet_vessels": outlets,
    } | more


def valve(upstream: str, downstream: str) -> dict[str, Any]:
    """A valve `valve` between two elements."""
    params = {
        "Rmax": 1000.0,
        "Rmin": 10.0,
        "Steepness": 0.5,
        "upstream_block": upstream,
        "downstream_block": downstream,
    }
    return {"type": "ValveTanh", "name": "valve", "params": params}


def flap(name: str, upstream: str, downstream: str) -> dict[str, Any]:
    """A valve that is open or closed."""
    params = {"Rmax": 1000.0, "Rmin": 0.1, "upstream_block": upstream, "downstream_block": downstream}
    return {"type": "PiecewiseValve", "name": name, "params": params}


def chamber(
    name: str, activation: dict[str, Any], kind: str = "LinearElastanceChamber", **values: float
) -> dict[str, Any]:
    """A chamber of a heart."""
    values = values or {"Emax": 5.0, "Epass": 0.3, "Vrest": 1.0}
    return {"type": kind, "name": name, "values": values, "activation_function": activation}


HEART = {
    "closed_loop_type": "ClosedLoopHeartAndPulmonary",
    "outlet_blocks": ["v0"],
    "cardiac_cycle_period": 1.0,
    "parameters": {
        "Tsa": 0.4,
        "tpwave": 9.0,
        "iml": 0.5,
        "imr": 0.8,
        "Rpd": 0.1,
        "Cp": 1.1,
        "Cpa": 0.6,
        "Erv_s": 2.1,
        "Vrv_u": 9.4,
        "Lrv_a": 2e-4,
        "Rrv_a": 0.035,
        "Elv_s": 3.1,
        "Vlv_u": 5.6,
        "Llv_a": 1e-4,
        "Rlv_ao": 0.034,
        "Emax_ra": 0.2,
        "Vaso_ra": 4.8,
        "Kxp_ra": 9.2,
        "Kxv_ra": 0.005,
        "Lra_v": 2e-4,
        "Rra_v": 0.008,
        "Emax_la": 0.3,
        "Vaso_la": 9.4,
        "Kxp_la": 9.2,
        "Kxv_la": 0.008,
        "Lla_v": 3.5e-4,
        "Rla_v": 0.005,
    },
}
"""A heart and lungs that feed `v0`, in mmHg, mL and s."""
RETURN = {"bc_type": "ClosedLoopRCR", "bc_values": {"Rp": 0.13, "C": 0.24, "Rd": 1.36, "closed_loop_outlet": True}}


def case(ends: dict[str, dict[str, Any]], vessels: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A case of two cycles with four steps each; `simulation` adds to its parameters."""
    simulation = {"number_of_cardiac_cycles": 2, "number_of_time_pts_per_cardiac_cycle": 5, "absolute_tolerance": 1e-9}
    return {
        "simulation_parameters": simulation | more.pop("simulation", {}),
        "boundary_conditions": [{"bc_name": name, **end} for name, end in ends.items()],
        "vessels": vessels,
        **more,
    }
