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

import venolymph as vl

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


def test_a_mistake_writes_nothing(tmp_path: Path) -> None:
    done = command("run", "helthy", "posture-and-walk", "--out", str(tmp_path / "run"))
    assert done.returncode == 2
    assert "did you mean 'healthy'" in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout
    assert not list(tmp_path.iterdir())
