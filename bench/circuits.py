"""Circuits of svZeroDSolver to be timed: trees of vessels and chains with valves."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

POINTS = 1001
"""Time points of a period; the step is a millisecond."""


def tree(vessels: int, cycles: int) -> dict[str, Any]:
    """A binary tree of RCL vessels with a pulsing FLOW into it and an RCR behind each of the last ones."""
    inner = (vessels - 1) // 2
    ends = {n: f"OUT{n}" for n in range(inner, vessels)}
    return _case(
        [_vessel(n, "IN" if n == 0 else None, ends.get(n), vessels) for n in range(vessels)],
        [_rcr(name, len(ends)) for name in ends.values()],
        [_junction(n, [2 * n + 1, 2 * n + 2]) for n in range(inner)],
        [],
        cycles,
    )


def chain(vessels: int, cycles: int) -> dict[str, Any]:
    """Vessels in a row, each with resistance and capacitance, with a ValveTanh between any two."""
    names = [f"v{n}" for n in range(vessels)]
    valves = [
        {
            "type": "ValveTanh",
            "name": f"valve{n}",
            "params": {
                "Rmax": 1e5,
                "Rmin": 10.0,
                "Steepness": 1e-2,
                "upstream_block": before,
                "downstream_block": behind,
            },
        }
        for n, (before, behind) in enumerate(pairwise(names))
    ]
    row = [
        _vessel(n, "IN" if n == 0 else None, "OUT" if n == vessels - 1 else None, inertance=0.0) for n in range(vessels)
    ]
    return _case(row, [_rcr("OUT", 1)], [], valves, cycles)


def _vessel(
    number: int, inlet: str | None, outlet: str | None, width: int = 1, inertance: float = 1.0
) -> dict[str, Any]:
    depth = 2 ** int(math.log2(number + 1)) if width > 1 else 1
    ends = {side: name for side, name in (("inlet", inlet), ("outlet", outlet)) if name}
    return {
        "vessel_id": number,
        "vessel_name": f"v{number}",
        "zero_d_element_type": "BloodVessel",
        "zero_d_element_values": {"R_poiseuille": 20.0 * depth, "C": 1e-4 / depth, "L": inertance * depth},
        "boundary_conditions": ends,
    }


def _rcr(name: str, count: int) -> dict[str, Any]:
    return {
        "bc_name": name,
        "bc_type": "RCR",
        "bc_values": {"Rp": 100.0 * count, "C": 1e-3 / count, "Rd": 1000.0 * count, "Pd": 0.0},
    }


def _junction(number: int, outlets: list[int]) -> dict[str, Any]:
    return {
        "junction_name": f"J{number}",
        "junction_type": "NORMAL_JUNCTION",
        "inlet_vessels": [number],
        "outlet_vessels": outlets,
    }


def _case(vessels: list, ends: list, junctions: list, valves: list, cycles: int) -> dict[str, Any]:
    times = [n / 20 for n in range(21)]
    flow = [50.0 + 40.0 * math.sin(2.0 * math.pi * time) for time in times]
    return {
        "simulation_parameters": {
            "number_of_cardiac_cycles": cycles,
            "number_of_time_pts_per_cardiac_cycle": POINTS,
        },
        "boundary_conditions": [{"bc_name": "IN", "bc_type": "FLOW", "bc_values": {"Q": flow, "t": times}}, *ends],
        "vessels": vessels,
        "junctions": junctions,
        "valves": valves,
    }
