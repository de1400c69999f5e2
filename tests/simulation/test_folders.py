"""A run that is killed goes on from its folder to the same bits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
import xarray as xr

import venolymph as vl
from venolymph.simulation import saving

REGIMEN = [
    {"stand": {"for": "12 s"}},
    {"tiptoes": {"count": 3, "rate": "60 /min"}},
    {"stand": {"for": "15 s"}},
    {"walk": {"speed": "3 km/h", "for": "10 s"}},
    {"stand": {"for": "10 s"}},
]

CHILD = """
import sys, venolymph as vl
# slower by a moment after each phase, so that there is time to be killed in between
from venolymph.simulation import saving
import time
plain = saving.append
def slow(*arguments, **named):
    plain(*arguments, **named)
    time.sleep(0.3)
saving.append = slow
vl.simulate(["healthy", "mild-varicose"], {regimen!r}, out=sys.argv[1])
"""


def _phases_in(folder: Path) -> int:
    try:
        return len(vl.open_run(folder).records)
    except (vl.RunError, OSError):
        return 0


@pytest.fixture(scope="module")
def unbroken() -> Any:
    return vl.simulate(["healthy", "mild-varicose"], REGIMEN)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: Any) -> Path:
    """A folder whose run was killed after at least two phases."""
    folder = tmp_path_factory.mktemp("killed") / "run"
    child = subprocess.Popen([sys.executable, "-c", CHILD.format(regimen=REGIMEN), str(folder)], env=dict(os.environ))
    try:
        deadline = time.monotonic() + 300
        while _phases_in(folder) < 2:
            assert child.poll() is None, "the run ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    return folder


def same(one: Any, other: Any) -> None:
    """Two runs, bit by bit."""
    assert len(one.records) == len(other.records)
    for mine, theirs in zip(one.records, other.records, strict=True):
        assert mine.info == theirs.info
        for name in ("pressure", "volume", "flow", "inflow", "mean_flow", "mean_pressure", "surroundings", "height"):
            np.testing.assert_array_equal(getattr(mine.samples, name), getattr(theirs.samples, name), err_msg=name)
        for a, b in zip(jax.tree.leaves(mine.state), jax.tree.leaves(theirs.state), strict=True):
            np.testing.assert_array_equal(a, b)
        for name, value in mine.extremes.items():
            np.testing.assert_array_equal(value, theirs.extremes[name], err_msg=name)
    np.testing.assert_array_equal(one.valve, other.valve)
    assert list(one.status) == list(other.status)


def test_a_killed_run_opens_and_says_so(killed: Path, unbroken: Any) -> None:
    opened = vl.open_run(killed)
    assert not opened.complete
    assert 2 <= len(opened.records) < len(unbroken.records)
    np.testing.assert_array_equal(opened.pressure, unbroken.pressure[: len(opened.time)])


def test_resumed_it_is_the_unbroken_run_bit_for_bit(killed: Path, unbroken: Any) -> None:
    resumed = vl.resume(killed)
    assert resumed.complete
    same(resumed, unbroken)
    same(vl.open_run(killed), unbroken)
    with pytest.raises(vl.RunError):
        vl.resume(killed)


def test_saved_and_opened_it_is_the_same(unbroken: Any, tmp_path: Path) -> None:
    unbroken.save(tmp_path / "run")
    opened = vl.open_run(tmp_path / "run")
    assert opened.complete
    same(opened, unbroken)


def test_results_open_in_xarray_without_a_warning(tmp_path: Path) -> None:
    run = vl.simulate("healthy", [{"lie": {"for": "2 s"}}, {"wait": {"for": "2 s"}}])
    cut = tmp_path / "cut"
    with saving.create(run, cut, len(run.records)) as folder:
        saving.append(folder, run, 0)
    assert not vl.open_run(cut).complete
    vl.resume(cut)
    run.save(tmp_path / "whole")
    for folder in (cut, tmp_path / "whole"):  # a warning is an error here
        data = xr.open_zarr(folder / "results.zarr").load()
        assert data["pressure"].attrs["units"] == "mmHg"
        assert list(data["member"].values) == ["healthy"]
        assert data["pressure"].dims == ("time", "cell", "member")


def test_parameters_of_ones_own_come_back(tmp_path: Path) -> None:
    body = vl.leg_body(vl.load_person("healthy"))
    softer = jax.tree_util.tree_map_with_path(
        lambda path, leaf: 0.9 * leaf if jax.tree_util.keystr(path) == ".cells.collagen_stiffness" else leaf,
        body.parameters,
    )
    run = vl.simulate(body, [{"stand": {"for": "2 s"}}], parameters=softer, out=tmp_path / "run")
    opened = vl.open_run(tmp_path / "run")
    for a, b in zip(jax.tree.leaves(run.parameters), jax.tree.leaves(opened.parameters), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_run_to_be_differentiated_goes_on_as_one(tmp_path: Path) -> None:
    whole = vl.simulate("healthy", [{"lie": {"for": "5 s"}}, {"stand": {"for": "5 s"}}], differentiable="forward")
    with saving.create(whole, tmp_path / "cut", len(whole.records)) as folder:
        saving.append(folder, whole, 0)
    resumed = vl.resume(tmp_path / "cut")
    assert resumed.differentiable == "forward"
    same(resumed, whole)


def test_a_branch_leaves_the_run_alone_and_goes_on_from_its_phase(unbroken: Any) -> None:
    before = unbroken.pressure.copy()
    branch = unbroken.branch([{"stand": {"for": "3 s"}}], after=1)
    np.testing.assert_array_equal(unbroken.pressure, before)
    assert branch.time[0] > unbroken.phases[1].start + unbroken.phases[1].duration
    step = np.abs(branch.volume[0] - unbroken.volume[unbroken.phase_of_sample == 1][-1]).max()
    assert step < 1.0
