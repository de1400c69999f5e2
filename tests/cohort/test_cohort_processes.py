"""A cohort computed for real: alike here and by workers over tcp, in whatever chunks, whoever is killed meanwhile."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from venolymph.body.scaling import ScaledBy
from venolymph.cohort import finish_cohort, follow_cohort, measure_members, measuring, open_cohort
from venolymph.cohort.store import open_folder
from venolymph.errors import RunError
from venolymph.population import Member, draw_members, load_population
from venolymph.simulation import simulate

LYING: dict[str, Any] = {"kind": "regimen", "version": 1, "regimen": "lying", "steps": [{"lie": {"for": "1 s"}}]}
READ = ("ankle pressure", "pressure at great saphenous, thigh")
CHUNK = 8
FEW, MANY = 16, 64


def cohort(out: Path, number: int, **changes: Any) -> Any:
    """People who lie down, by chunks of one size."""
    return follow_cohort(
        "long-haul-passengers", [LYING], out=out, number=number, seed=1, measures=READ, chunk=CHUNK, **changes
    )


@pytest.fixture(scope="module")
def members() -> tuple[Member, ...]:
    """The first of them."""
    return draw_members(load_population("long-haul-passengers"), FEW, 1).members


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first of them, computed in this process."""
    out = tmp_path_factory.mktemp("cohorts") / "here"
    cohort(out, FEW, workers=0)
    return out


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[Any]]]]:
    """A scheduler and two workers in processes of their own, in folders of their own; the scheduler first."""
    found = tmp_path / "scheduler.json"
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    script = "import sys; from distributed.cli import dask_{0} as one; sys.argv = ['dask'] + sys.argv[1:]; one.main()"
    where = ["--no-dashboard", "--scheduler-file", str(found)]
    listening = ["--host", "127.0.0.1", "--port", "0"]
    scheduler = [sys.executable, "-c", script.format("scheduler"), *listening, *where]
    worker = [sys.executable, "-c", script.format("worker"), "--nthreads", "1", "--no-nanny", *where]
    folders = [tmp_path / name for name in ("one", "two", "three")]
    for folder in folders:
        folder.mkdir()
    begun = [subprocess.Popen(scheduler, cwd=folders[0], **quiet)]
    try:
        begun += [subprocess.Popen(worker, cwd=folder, **quiet) for folder in folders[1:]]
        yield str(found), begun
    finally:
        for process in begun:
            process.kill()
            process.wait()


def test_nothing_is_lost_when_a_worker_and_then_the_scheduler_are_killed(
    tmp_path: Path, here: Path, cluster: tuple[str, list[subprocess.Popen[Any]]]
) -> None:
    import distributed

    file, (scheduler, victim, _) = cluster
    told: list[float] = []

    def kill(done: float, *_: Any) -> None:
        told.append(done)
        if done == 2 * CHUNK:
            os.kill(victim.pid, signal.SIGKILL)
        if done == 5 * CHUNK:
            os.kill(scheduler.pid, signal.SIGKILL)

    out = tmp_path / "out"
    with distributed.Client(scheduler_file=file, set_as_default=False) as client:
        client.wait_for_workers(2)
        address = client.scheduler_info()["address"]
        with pytest.raises(RunError, match="the scheduler is gone"):
            cohort(out, MANY, scheduler=address, progress=kill)
    assert victim.wait() == -signal.SIGKILL
    assert told[:6] == [0, 8, 16, 24, 32, 40], "after the worker was killed the other one went on"
    kept = {path.name: path.stat().st_mtime_ns for path in (out / "done").iterdir()}
    assert len(kept) >= 5
    found = finish_cohort(out, workers=0).load()
    again = {path.name: path.stat().st_mtime_ns for path in (out / "done").iterdir()}
    assert len(again) == MANY // CHUNK and kept.items() <= again.items(), "what was done was not done again"
    assert found.attrs["complete"] == 1 and (found["cause"] == "").all()
    whole = open_cohort(here).load()
    for name in READ:
        assert np.isfinite(found[name]).all()
        np.testing.assert_array_equal(found[name][:, :FEW], whole[name], "the same by other processes, to the last bit")


def test_processes_that_are_begun_for_it_find_the_same(tmp_path: Path, here: Path) -> None:
    settings = open_folder(here).settings
    shutil.copytree(here, tmp_path / "out")
    (tmp_path / "out" / "done" / f"{settings.tasks[1].name}.json").unlink()
    shutil.rmtree(tmp_path / "out" / "readings.zarr" / READ[0] / "c" / "0" / "1", ignore_errors=True)
    said: list[str] = []
    found = finish_cohort(tmp_path / "out", workers=1, tell=said.append)
    assert found.load().equals(open_cohort(here).load())
    assert len(said) == 1 and said[0].startswith("dashboard: http://127.0.0.1:")


def test_the_size_of_a_chunk_changes_rounding_alone(here: Path, members: tuple[Member, ...]) -> None:
    alone = measure_members(members[3:4], LYING, READ)
    whole = open_cohort(here)
    for name in READ:
        np.testing.assert_allclose(alone.values[name][0], whole[name][0, 3], rtol=1e-9)


def test_places_left_over_are_filled_and_dropped(here: Path, members: tuple[Member, ...]) -> None:
    backwards = measure_members(members[4:0:-1], LYING, READ, chunk=CHUNK)
    assert backwards.failed == (None,) * 4 and backwards.units == dict.fromkeys(READ, "mmHg")
    for name in READ:
        np.testing.assert_allclose(backwards.values[name], open_cohort(here)[name][0, 4:0:-1], rtol=1e-9)


def test_members_go_through_with_their_own_factors(here: Path, members: tuple[Member, ...]) -> None:
    wide = ScaledBy(of="cells.unstressed_area", at="great saphenous, thigh", power=2.0, by=1.3)
    some = [members[0], replace(members[1], factors=(wide,)), members[2]]
    name = "diameter of great saphenous, thigh [3]"
    found = measure_members(some, LYING, [*READ, name], chunk=CHUNK)
    plain = measure_members(members[:3], LYING, [name], chunk=CHUNK)
    assert found.failed == (None,) * 3
    ratio = found.values[name] / plain.values[name]
    assert ratio[[0, 2]] == pytest.approx(1.0, abs=1e-9)
    assert 1.2 < ratio[1] < 1.35


def test_factors_of_one_leg_are_not_those_of_the_other(members: tuple[Member, ...]) -> None:
    leak = ScaledBy(of="leak", at="great saphenous", by=0.5)
    other = "right" if members[0].person.index_side == "left" else "left"
    found = measure_members([replace(members[0], factors=(leak,))], {**LYING, "body": f"leg.{other}"}, READ)
    assert found.failed[0] is not None and "the regimen is not done on it" in found.failed[0]


def test_failed_members_are_data_and_the_others_stay(
    here: Path, members: tuple[Member, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*given: Any, **more: Any) -> Any:
        run = simulate(*given, **more)
        worst = replace(run.status[1], code="failed", time=0.5, cause="it was too wide")
        return replace(run, status=[run.status[0], worst, *run.status[2:]])

    monkeypatch.setattr(measuring, "simulate", failing)
    found = measure_members(members[:CHUNK], LYING, READ, chunk=CHUNK)
    assert found.failed[1] == "failed at 0.5 s: it was too wide"
    assert [why is None for why in found.failed] == [place != 1 for place in range(CHUNK)]
    for name in READ:
        assert np.isnan(found.values[name][1])
        others = [place for place in range(CHUNK) if place != 1]
        np.testing.assert_array_equal(found.values[name][others], open_cohort(here)[name][0, others])


def test_whom_the_gate_stops_is_not_simulated(members: tuple[Member, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("somebody was simulated")

    monkeypatch.setattr(measuring, "simulate", never)
    ulcer = members[0].person.model_dump(mode="json") | {"legs": {"left": {"skin": "ulcer", "symptoms": ["none"]}}}
    member = Member(0, type(members[0].person).model_validate(ulcer))
    found = measure_members([member, member], "leg-massage", ["tape volume"])
    assert np.isnan(found.values["tape volume"]).all()
    assert all(why is not None and "massage is not simulated" in why for why in found.failed)
