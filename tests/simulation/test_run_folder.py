"""A run's folder: bit for bit, refusing what it must, and openable after a kill at any moment."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from venolymph.errors import RunError
from venolymph.simulation.folder import RunFolder, remove_run
from venolymph.simulation.folder_layout import FORMAT, is_run_folder
from venolymph.simulation.folder_reading import open_folder
from venolymph.simulation.labels import Labels

NAMES = {
    "cell": ["great saphenous, thigh [1]", "popliteal [1]"],
    "face": ["a -> b"],
    "valve": ["v"],
    "member": ["healthy", "müde"],
}
ROWS = (5, 1, 8)


def phase(number: int) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]:
    random = np.random.default_rng(number)
    rows = ROWS[number]
    arrays = {
        "time": np.arange(rows) + 0.1 * number,
        "pressure": random.normal(size=(rows, 2, 2)),
        "flow": random.normal(size=(rows, 1, 2)) * 1e-300,
        "valve": random.uniform(size=(rows, 1, 2)),
    }
    state = {"volume": random.normal(size=(2, 2)), "a.b": np.array(3), "file": np.array([True])}
    info = {"label": f"phase {number}", "start": 0.1 + number, "period": None, "marks": {"n": np.int64(3)}}
    return arrays, state, info, {"pressure_max": arrays["pressure"].max(axis=0)}


def written(directory: Path, count: int = 3) -> RunFolder:
    folder = RunFolder.create(directory, ["person: 1", "person: 2"], "regimen: x", {"phases": 3}, labels=Labels(NAMES))
    for number in range(count):
        arrays, state, info, extremes = phase(number)
        folder.append_phase(number, arrays, state, info, extremes=extremes)
    return folder


def check(directory: Path, count: int) -> None:
    opened = open_folder(directory)
    assert len(opened.phases) == count
    for number in range(count):
        arrays, state, info, extremes = phase(number)
        found = opened.arrays(number)
        assert set(found) == set(arrays)
        for name, value in arrays.items():
            assert found[name].dtype == value.dtype
            assert found[name].tobytes() == value.tobytes()
        kept = opened.state(number)
        assert kept is not None
        assert {name: value.tobytes() for name, value in kept.items()} == {
            name: np.asarray(value).tobytes() for name, value in state.items()
        }
        assert opened.phases[number]["label"] == info["label"]
        assert opened.phases[number]["start"] == info["start"]
        assert opened.extremes()["pressure_max"][number].tobytes() == extremes["pressure_max"].tobytes()


@pytest.mark.parametrize("count", [0, 1, 3])
def test_incomplete_folder_opens_and_says_so(tmp_path: Path, count: int) -> None:
    written(tmp_path / "run", count).close()
    opened = open_folder(tmp_path / "run")
    assert not opened.complete
    assert opened.status.startswith(f"incomplete: {count} of 3 phases")
    assert opened.summary is None
    assert opened.people == ("person: 1", "person: 2")
    check(tmp_path / "run", count)


def test_complete_folder_is_bit_for_bit(tmp_path: Path) -> None:
    written(tmp_path / "run").finish({"worst": float("nan"), "n": np.float64(2.5)})
    opened = open_folder(tmp_path / "run")
    assert opened.complete
    assert opened.summary == {"worst": None, "n": 2.5}
    check(tmp_path / "run", 3)
    together = opened.arrays(only=["pressure"])
    assert list(together) == ["pressure"]
    assert together["pressure"].shape == (sum(ROWS), 2, 2)
    last, state = opened.state(), phase(2)[1]
    assert last is not None
    assert last["volume"].tobytes() == state["volume"].tobytes()


@pytest.mark.parametrize("complete", [False, True])
@pytest.mark.filterwarnings("error")
def test_dataset_has_names_units_and_phases(tmp_path: Path, complete: bool) -> None:
    with written(tmp_path / "run") as folder:
        if complete:
            folder.finish({})
    data = open_folder(tmp_path / "run").dataset()
    assert data["pressure"].dims == ("time", "cell", "member")
    assert data["pressure"].attrs["units"] == "mmHg"
    assert list(data["member"].values) == ["healthy", "müde"]
    assert data["valve_opening"].dims == ("time", "valve", "member")
    assert list(data["valve"].values) == ["v"]
    assert list(data["phase_of_sample"].values) == [0] * 5 + [1] + [2] * 8
    assert list(data["phase_label"].values) == ["phase 0", "phase 1", "phase 2"]
    expected = np.concatenate([phase(number)[0]["pressure"] for number in range(3)])
    assert data["pressure"].sel(cell="popliteal [1]").values.tobytes() == expected[:, 1].tobytes()
    assert json.loads(data.attrs["phases"])[1]["label"] == "phase 1"


def test_chunks_do_not_follow_phases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("venolymph.simulation.folder_results._CHUNK", 16)
    written(tmp_path / "run").finish({})
    check(tmp_path / "run", 3)


def test_resume_goes_on(tmp_path: Path) -> None:
    written(tmp_path / "run", 2).close()
    (tmp_path / "run" / "phases" / "0002.npz.partial").write_bytes(b"half")
    (tmp_path / "run" / "results.zarr.partial").mkdir()
    folder = RunFolder.resume(tmp_path / "run")
    assert folder.phases_done == 2
    assert not list((tmp_path / "run").rglob("*.partial"))
    arrays, state, info, extremes = phase(2)
    folder.append_phase(2, arrays, state, info, extremes=extremes)
    folder.finish({})
    check(tmp_path / "run", 3)
    with pytest.raises(RunError, match="complete"):
        RunFolder.resume(tmp_path / "run")


def test_two_writers_are_refused(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    folder = written(tmp_path / "run", 1)
    with pytest.raises(RunError, match="another process is writing"):
        RunFolder.resume(tmp_path / "run")
    with pytest.raises(RunError, match="another process is writing"):
        RunFolder.create(tmp_path / "run", ["p"], "r", labels=Labels(NAMES), overwrite=True)
    folder.close()
    RunFolder.resume(tmp_path / "run").close()


def test_occupied_folders_are_refused(tmp_path: Path) -> None:
    foreign = tmp_path / "photos"
    foreign.mkdir()
    (foreign / "cat.txt").write_text("cat")
    file = tmp_path / "file"
    file.write_text("")
    written(tmp_path / "cut", 1).close()
    written(tmp_path / "whole").finish({})
    for directory, overwrite, message in (
        (foreign, False, "something other than a run"),
        (foreign, True, "something other than a run"),
        (file, False, "a file, not a folder"),
        (tmp_path / "cut", False, "not complete"),
        (tmp_path / "whole", False, "holds a run already"),
    ):
        with pytest.raises(RunError, match=message) as caught:
            RunFolder.create(directory, ["p"], "r", labels=Labels(NAMES), overwrite=overwrite)
        assert caught.value.hint
        assert caught.value.place == str(directory)
    assert [path.name for path in foreign.iterdir()] == ["cat.txt"]
    assert open_folder(tmp_path / "cut").people == ("person: 1", "person: 2")


def test_overwriting_replaces_a_run(tmp_path: Path) -> None:
    written(tmp_path / "run").finish({})
    RunFolder.create(tmp_path / "run", ["other"], "r", labels=Labels(NAMES), overwrite=True).close()
    opened = open_folder(tmp_path / "run")
    assert opened.people == ("other",)
    assert not opened.complete
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run"]


def test_only_runs_are_removed(tmp_path: Path) -> None:
    written(tmp_path / "run").finish({})
    remove_run(tmp_path / "run")
    remove_run(tmp_path / "run")
    assert not (tmp_path / "run").exists()
    (tmp_path / "photo").write_text("")
    with pytest.raises(RunError, match="something other than a run"):
        remove_run(tmp_path)


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    written(tmp_path / "run", 1).close()
    check(tmp_path / "run", 1)


def test_unwritable_place_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError) as caught:
        RunFolder.create(tmp_path / "file" / "run", ["p"], "r", labels=Labels(NAMES))
    assert caught.value.hint


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a, e: a.update(presure=a["pressure"]), "no quantity is named 'presure'"),
        (lambda a, e: a.pop("time"), "need their 'time'"),
        (lambda a, e: a.update(pressure=a["pressure"][:, :1]), "has shape"),
        (lambda a, e: a.update(inflow=a["flow"]), "names were not given"),
        (lambda a, e: e.update(pressure_max=np.zeros((3, 3))), "has shape"),
        (lambda a, e: a.pop("flow"), "phase 0 has"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, change: Any, message: str) -> None:
    with written(tmp_path / "run", 1) as folder:
        arrays, state, info, extremes = phase(1)
        change(arrays, extremes)
        with pytest.raises(RunError, match=message):
            folder.append_phase(1, arrays, state, info, extremes=extremes)
    check(tmp_path / "run", 1)


def test_phases_come_in_order(tmp_path: Path) -> None:
    with written(tmp_path / "run", 1) as folder, pytest.raises(RunError, match="phase 2 came where phase 1"):
        folder.append_phase(2, *phase(2)[:3])


def test_a_run_without_phases_cannot_be_finished(tmp_path: Path) -> None:
    with written(tmp_path / "run", 0) as folder, pytest.raises(RunError, match="without a single phase"):
        folder.finish({})


def test_no_run_is_said_so(tmp_path: Path) -> None:
    assert not is_run_folder(tmp_path)
    with pytest.raises(RunError, match="not the folder of a run"):
        open_folder(tmp_path)
    with pytest.raises(RunError, match="no such folder"):
        open_folder(tmp_path / "nowhere")
    (tmp_path / "progress.json").write_text('{"kind": "something else"}')
    with pytest.raises(RunError, match="not the folder of a run"):
        open_folder(tmp_path)


def test_a_later_format_is_refused(tmp_path: Path) -> None:
    written(tmp_path, 1).close()
    progress = json.loads((tmp_path / "progress.json").read_text())
    (tmp_path / "progress.json").write_text(json.dumps({**progress, "format": FORMAT + 1}))
    with pytest.raises(RunError, match="later version"):
        open_folder(tmp_path)


@pytest.mark.parametrize("damage", ["cut", "flip", "gone", "words"])
@pytest.mark.parametrize("which", ["progress.json", "phases/0001.npz", "states/0001.npz"])
def test_damage_to_an_incomplete_run_is_one_error(tmp_path: Path, which: str, damage: str) -> None:
    written(tmp_path / "run").close()
    spoil(tmp_path / "run" / which, damage)
    if damage == "flip" and which == "progress.json":
        pytest.skip("a changed letter may still be valid JSON")

    def everything() -> None:
        opened = open_folder(tmp_path / "run")
        opened.arrays()
        opened.state(1)

    with pytest.raises(RunError):
        everything()


@pytest.mark.parametrize("damage", ["cut", "flip", "gone", "words"])
@pytest.mark.parametrize("which", ["summary.json", "results.zarr/zarr.json", "results.zarr/pressure/c/0/0/0"])
def test_damage_to_a_complete_run_is_one_error(tmp_path: Path, which: str, damage: str) -> None:
    written(tmp_path / "run").finish({"text": "x"})
    spoil(tmp_path / "run" / which, damage)
    if damage == "flip" and not which.endswith("0"):
        pytest.skip("a changed letter may still be valid JSON")
    with pytest.raises(RunError):
        open_folder(tmp_path / "run").arrays()


def spoil(path: Path, damage: str) -> None:
    raw = path.read_bytes()
    if damage == "cut":
        path.write_bytes(raw[: len(raw) // 2])
    elif damage == "flip":
        middle = len(raw) // 2
        path.write_bytes(raw[:middle] + bytes([raw[middle] ^ 1]) + raw[middle + 1 :])
    elif damage == "words":
        path.write_bytes(b"not what it was")
    else:
        path.unlink()


def test_killed_at_any_moment_it_opens_and_goes_on(tmp_path: Path) -> None:
    """A process that kills itself at the k-th call of anything, for many k: what is left always opens and goes on."""
    if sys.platform == "win32":
        pytest.skip("needs fork")
    script = textwrap.dedent(
        f"""
        import os, random, signal, sys
        from pathlib import Path
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        import test_run_folder as t
        from venolymph.simulation.folder import RunFolder
        from venolymph.simulation.folder_reading import open_folder

        where = Path({str(tmp_path)!r})

        def forked(work):
            child = os.fork()
            if child == 0:
                code = 1
                try:
                    work()
                    code = 0
                finally:
                    os._exit(code)
            return os.waitpid(child, 0)[1]

        def whole(directory, kill_at):
            count = 0
            def profile(frame, event, argument):
                nonlocal count
                if "/venolymph/" in frame.f_code.co_filename or "zipfile" in frame.f_code.co_filename:
                    count += 1
                    if count == kill_at:
                        os.kill(os.getpid(), signal.SIGKILL)
            sys.setprofile(profile)
            t.written(directory).finish({{}})
            sys.setprofile(None)
            (where / "count").write_text(str(count))

        def left(directory):
            if not directory.exists():
                return
            opened = open_folder(directory)
            done = len(opened.phases)
            t.check(directory, done)
            if opened.complete:
                return
            with RunFolder.resume(directory) as folder:
                for number in range(done, 3):
                    arrays, state, info, extremes = t.phase(number)
                    folder.append_phase(number, arrays, state, info, extremes=extremes)
                folder.finish({{}})
            t.check(directory, 3)
            assert open_folder(directory).complete

        assert forked(lambda: whole(where / "first", -1)) == 0
        total = int((where / "count").read_text())
        chance = random.Random(1)
        for number in range(16):
            directory = where / f"run{{number}}"
            at = 1 + chance.randrange(total)
            status = forked(lambda: whole(directory, at))
            assert os.WTERMSIG(status) == signal.SIGKILL, (at, status)
            assert forked(lambda: left(directory)) == 0, at
        """
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
