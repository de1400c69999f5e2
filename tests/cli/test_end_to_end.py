"""The command itself, as a process of its own on the real engine: run, killed, resumed, read by machines."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import venolymph as vl
from venolymph.cli import app

REGIMEN = """\
kind: regimen
version: 1
regimen: back-and-forth
steps:
  - stand: {for: 20 s}
""" + "".join("  - walk: {speed: 3 km/h, for: 30 s}\n  - stand: {for: 10 s}\n" for _ in range(4))


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "venolymph", *words], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def regimen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("documents") / "back-and-forth.yaml"
    file.write_text(REGIMEN, "utf-8")
    return file


@pytest.fixture(scope="module")
def unbroken(regimen: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unbroken") / "run"
    done = command("run", "mild-varicose", str(regimen), "--out", str(folder), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["members"] == ["mild-varicose"]
    return folder


def test_a_run_leaves_all_that_is_promised(unbroken: Path) -> None:
    for name in ("report.html", "summary.json", "results.zarr", "documents", "figures"):
        assert (unbroken / name).exists(), name
    assert any((unbroken / "figures").glob("*.svg"))
    assert any((unbroken / "figures").glob("*.png"))
    page = (unbroken / "report.html").read_text("utf-8")
    assert "Not a medical device" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert vl.open_run(unbroken).complete


def test_killed_and_resumed_it_is_the_unbroken_run(unbroken: Path, regimen: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    words = [sys.executable, "-m", "venolymph", "run", "mild-varicose", str(regimen), "--out", str(folder)]
    child = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 300
        while not (folder / "states").exists() or len(list((folder / "states").iterdir())) < 2:
            assert child.poll() is None, "the run ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert not vl.open_run(folder).complete
    done = command("run", "--resume", str(folder))
    assert done.returncode == 0, done.stderr
    one, other = vl.open_run(folder), vl.open_run(unbroken)
    assert one.complete
    for name in ("time", "pressure", "volume", "mean_flow", "valve"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


@pytest.fixture(scope="module")
def lying(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("documents") / "lie-down.yaml"
    file.write_text("kind: regimen\nversion: 1\nregimen: lie-down\nsteps:\n  - lie: {for: 5 s}\n", "utf-8")
    return file


def test_a_run_begins_from_the_end_of_another_and_says_so(unbroken: Path, lying: Path, tmp_path: Path) -> None:
    done = command("run", "--begin-from", f"{unbroken}:2", str(lying), "--out", str(tmp_path / "on"), "--json")
    assert done.returncode == 0, done.stderr
    summary, before = json.loads(done.stdout), vl.open_run(unbroken)
    (origin,) = summary["begun_from"]
    assert (origin["regimen"], origin["phase"], Path(origin["folder"])) == ("back-and-forth", 2, unbroken)
    assert (summary["members"], summary["regimen"]) == (["mild-varicose"], "lie-down")
    made = vl.open_run(tmp_path / "on")
    assert made.phases[0].start == pytest.approx(before.phases[2].start + before.phases[2].duration)
    again = before.branch(vl.load_regimen(str(lying)), after=2)
    np.testing.assert_array_equal(made.pressure, again.pressure)
    page = (tmp_path / "on" / "report.html").read_text("utf-8")
    assert "This run goes on where another was left: “back-and-forth”" in page
    assert "This run goes on" not in (unbroken / "report.html").read_text("utf-8")
    third = command("run", "--begin-from", str(tmp_path / "on"), "--out", str(tmp_path / "on-and-on"))
    assert third.returncode == 0, third.stderr  # the same once more
    assert "where another was left: “lie-down”" in third.stdout
    assert "Before that one came one more run, “back-and-forth”" in " ".join(third.stdout.split())


WRONG = {
    "{run}:99 {lie}": "there is no phase 99",
    "{run}:standing {lie}": "found 'standing' as the number of a phase",
    "{none} {lie}": "there is no such folder",
    "{run} healthy": "with --begin-from a single name is a regimen's",
    "{run} healthy {lie}": "the people are not those of the run",
    "{run} {lie} --overwrite --out {run}": "the run to begin from is in this folder, and is not replaced",
    "{run} {lie} --resume {run}": "--resume takes everything from the folder",
}


@pytest.mark.parametrize("words", WRONG)
def test_what_a_run_cannot_begin_from_is_one_error(words: str, unbroken: Path, lying: Path, tmp_path: Path) -> None:
    before = vl.open_run(unbroken).pressure
    out = [] if "--out" in words or "--resume" in words else ["--out", str(tmp_path / "new")]
    names = words.format(run=unbroken, none=tmp_path / "none", lie=lying).split()
    done = CliRunner().invoke(app, ["run", "--begin-from", *names, *out])
    assert (done.exit_code, done.stdout) == (2, "")
    assert WRONG[words] in " ".join(done.stderr.split())
    assert "hint: " in done.stderr or "no such folder" in done.stderr
    assert not (tmp_path / "new").exists()
    np.testing.assert_array_equal(vl.open_run(unbroken).pressure, before)


def test_a_run_that_cannot_begin_replaces_no_other(unbroken: Path, lying: Path, tmp_path: Path) -> None:
    made = command("run", "--begin-from", f"{unbroken}:0", str(lying), "--out", str(tmp_path / "on"))
    assert made.returncode == 0, made.stderr
    person = vl.load_person("healthy").document()
    person["legs"] = {"left": {"symptoms": ["none"], "skin": "ulcer"}, "right": {}, "asked": "left"}
    vl.simulate(person, [{"lie": {"for": "1 s"}}], out=tmp_path / "ulcer")
    for source, what, said in (
        (f"{unbroken}:99", str(lying), "there is no phase 99"),
        (str(tmp_path / "ulcer"), "leg-massage-short", "massage is not simulated for"),
    ):
        words = ["run", "--begin-from", source, what, "--out", str(tmp_path / "on"), "--overwrite"]
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 2
        assert said in " ".join(done.stderr.split())
        assert vl.open_run(tmp_path / "on").regimen.regimen == "lie-down"
    words = ["run", "--begin-from", f"{unbroken}:1", str(lying), "--out", str(tmp_path / "on"), "--overwrite"]
    assert CliRunner().invoke(app, words).exit_code == 0
    assert vl.open_run(tmp_path / "on").start.history[-1].phase == 1


def test_a_mistake_writes_nothing(tmp_path: Path) -> None:
    done = command("run", "helthy", "posture-and-walk", "--out", str(tmp_path / "run"))
    assert done.returncode == 2
    assert "did you mean 'healthy'" in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout
    assert not list(tmp_path.iterdir())
