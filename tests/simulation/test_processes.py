"""Processes that are forked after JAX had begun say so at once; those forked before, or started anew, compute."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")

AFTER = """
import multiprocessing
import warnings

import venolymph as vl
from venolymph.interop import svzerod

CASE = {
    "simulation_parameters": {"number_of_cardiac_cycles": 1, "number_of_time_pts_per_cardiac_cycle": 3},
    "boundary_conditions": [
        {"bc_name": "IN", "bc_type": "FLOW", "bc_values": {"Q": [1.0, 1.0], "t": [0.0, 1.0]}},
        {"bc_name": "OUT", "bc_type": "RESISTANCE", "bc_values": {"R": 5.0, "Pd": 2.0}},
    ],
    "vessels": [
        {
            "vessel_id": 0, "vessel_name": "v", "zero_d_element_type": "BloodVessel",
            "zero_d_element_values": {"R_poiseuille": 1.0},
            "boundary_conditions": {"inlet": "IN", "outlet": "OUT"},
        }
    ],
}
STEPS = [{"lie": {"for": "1 s"}}]
run = vl.simulate("healthy", STEPS)  # JAX has begun
run.save("run")
model = svzerod.read(CASE)
WAYS = {
    "simulate": lambda: vl.simulate("healthy", STEPS),
    "predict": lambda: vl.predict("healthy", STEPS, ["ankle pressure"]),
    "branch": lambda: run.branch(STEPS),
    "a measure with a manoeuvre": lambda: run.measure("VFI"),
    "save": lambda: run.save("another"),
    "open_run": lambda: vl.open_run("run"),
    "leg_body": lambda: vl.leg_body(vl.load_person("healthy")),
    "parameters": lambda: vl.parameters("healthy"),
    "svzerod.read": lambda: svzerod.read(CASE),
    "svzerod.run": lambda: model.run(),
}


def attempt(name):
    WAYS[name]()
    return "computed"


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # JAX warns of the fork too
    pool = multiprocessing.get_context("fork").Pool(2)
    for name in WAYS:
        try:
            print(name, "|", pool.apply_async(attempt, (name,)).get(60))
        except multiprocessing.TimeoutError:
            print(name, "| HANGS")
        except Exception as error:
            print(name, "|", type(error).__name__, "|", str(error).replace(chr(10), " "))
    print("reading |", pool.apply_async(run.__getitem__, ("ankle pressure",)).get(60).sizes["time"] > 0)
    pool.terminate()
    print("here |", attempt("leg_body"))
"""

BEFORE = """
import multiprocessing

import venolymph as vl


def attempt(_):
    return bool(vl.leg_body(vl.load_person("healthy")).parameters.cells.length.sum() > 0)


if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(pool.map_async(attempt, range(2)).get(200))
"""


def lines(script: str, folder: Path) -> list[str]:
    """What a script prints as a process of its own, which ends in time."""
    (folder / "script.py").write_text(script, "utf-8")
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=folder, capture_output=True, text=True, check=False, timeout=500
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_process_that_was_forked_after_a_run_says_so(tmp_path: Path) -> None:
    found: dict[str, Any] = {}
    for line in lines(AFTER, tmp_path):
        name, said = line.split(" | ", 1)
        found[name] = said
    assert found.pop("reading") == "True"
    assert found.pop("here") == "computed"
    assert len(found) == 10
    for name, said in found.items():
        assert said.startswith("SimulationError | "), (name, said)
        assert 'get_context("spawn")' in said
    assert not (tmp_path / "another").exists()


def test_a_process_that_was_forked_before_anything_was_simulated_computes(tmp_path: Path) -> None:
    (said,) = lines(BEFORE, tmp_path)
    assert said == "[True, True]"
