"""Ctrl-C says what is kept and how to go on; a folder for compiled programs that cannot be written is said once."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import venolymph as vl
from venolymph import comparison
from venolymph.cli.app import app

SHORT = "kind: regimen\nversion: 1\nregimen: short\nsteps:\n  - lie: {for: 5 s}\n"
LONG = """\
kind: regimen
version: 1
regimen: back-and-forth
steps:
  - stand: {for: 5 s}
  - regimen: {steps: [walk: {speed: 3 km/h, for: 10 s}, stand: {for: 5 s}], times: 300}
"""

HANGS = 1800.0
"""Longer than a command takes on a machine with much else to do: only one that hangs meets it, s."""
LOST = 120.0
"""After this a Ctrl-C that nothing came of is sent anew, s: Python cannot raise one everywhere."""


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """Ctrl-C reaches what tests start: a shell makes what it runs in the background deaf to it, children included."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def stopped(words: list[str], when: Callable[[Path], bool], errors: Path) -> tuple[int, str]:
    """Exit code and standard error of a command that gets Ctrl-C once something holds."""
    with errors.open("w") as stream:
        child = subprocess.Popen([sys.executable, "-m", "venolymph", *words], stdout=subprocess.DEVNULL, stderr=stream)
        try:
            deadline = time.monotonic() + HANGS
            while not when(errors) and child.poll() is None:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            while child.poll() is None:
                assert time.monotonic() < deadline
                child.send_signal(signal.SIGINT)
                try:
                    child.wait(LOST)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            child.kill()
            child.wait()
    return child.returncode, errors.read_text("utf-8")


def phases_in(folder: Path) -> int:
    try:
        return len(json.loads((folder / "progress.json").read_text("utf-8"))["phases"])
    except (OSError, ValueError):
        return 0


@pytest.fixture
def documents(tmp_path: Path) -> tuple[str, str]:
    for name, text in (("short.yaml", SHORT), ("long.yaml", LONG)):
        (tmp_path / name).write_text(text, "utf-8")
    return str(tmp_path / "short.yaml"), str(tmp_path / "long.yaml")


def test_a_stopped_run_says_how_to_go_on(documents: tuple[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "a run"
    words = ["run", "healthy", documents[1], "--out", str(folder)]
    code, said = stopped(words, lambda _: phases_in(folder) >= 2, tmp_path / "errors")
    assert code == 130
    found = re.search(r"^stopped: (\d+) of (\d+) phases are kept in (.*); go on with `(venolymph .*)`$", said, re.M)
    assert found is not None, said
    assert int(found[1]) == len(vl.open_run(folder).records)
    assert int(found[2]) > 600
    assert found[3] == str(folder)
    assert shlex.split(found[4]) == ["venolymph", "run", "--resume", str(folder)]
    assert "Traceback" not in said


def test_a_comparison_that_is_stopped_names_what_is_complete(documents: tuple[str, str], tmp_path: Path) -> None:
    where = tmp_path / "compared"
    words = ["compare", "-p", "healthy", "-r", documents[0], documents[1], "--out", str(where)]
    last = where / "back-and-forth"
    code, said = stopped(words, lambda _: phases_in(last) >= 1, tmp_path / "errors")
    assert code == 130
    assert f"phases are kept in {last}; go on with `venolymph run --resume {last}`" in said
    assert f"complete are {where / 'short'}" in said
    assert vl.open_run(where / "short").complete
    assert (where / "short" / "report.html").exists()


def test_courses_that_are_stopped_say_that_nothing_is_kept(tmp_path: Path) -> None:
    where = tmp_path / "courses"
    words = ["compare", "-p", "healthy", "-r", "rest", "desk-day", "--out", str(where)]
    code, said = stopped(words, lambda errors: "2 courses" in errors.read_text("utf-8"), tmp_path / "errors")
    assert code == 130
    assert "stopped: nothing is kept; a person's courses are kept when all of them are done" in said
    assert not where.exists()


class Done:
    """What a comparison found in one person, as far as it is written."""

    person = "healthy"

    def to_json(self) -> dict[str, Any]:
        return {"person": self.person}


def test_courses_of_people_who_are_done_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def compare(who: Any, regimens: Any, **_: Any) -> Any:
        if who.label != "healthy":
            raise KeyboardInterrupt
        return Done()

    monkeypatch.setattr(comparison, "compare", compare)
    monkeypatch.setattr(comparison, "page", lambda found: f"{len(found)} on a page")
    where = tmp_path / "courses"
    words = ["compare", "-p", "healthy", "mild-varicose", "-r", "rest", "desk-day", "--out", str(where)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 130
    assert f"stopped: the courses of healthy are kept in {where / 'courses.html'}; those of mild-varicose are not" in (
        done.stderr
    )
    assert (where / "courses.html").read_text("utf-8") == "1 on a page"
    assert json.loads((where / "courses.json").read_text("utf-8")) == {"people": [{"person": "healthy"}]}


def test_a_cache_that_cannot_be_written_is_said_once(
    documents: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = tmp_path / "a-file"
    nowhere.touch()
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(nowhere))
    words = ["run", "healthy", documents[1], "--out", str(tmp_path / "run")]  # which does not end first
    note = f"note: compiled programs cannot be kept in {nowhere} (that is a file)"
    code, said = stopped(words, lambda errors: note in errors.read_text("utf-8"), tmp_path / "errors")
    assert code == 130
    assert said.count("compiled programs cannot be kept") == 1


def doctor() -> Any:
    words = [sys.executable, "-m", "venolymph", "doctor", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)
    assert done.returncode == (1 if found["trouble"] else 0)
    return found


def test_doctor_names_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = tmp_path / "a-file"
    nowhere.touch()
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(nowhere))
    found = doctor()
    assert found["cache"]["folder"] == str(nowhere)
    assert found["cache"]["writable"] is False
    assert any(
        f"compiled programs cannot be kept in {nowhere}" in one and "JAX_COMPILATION_CACHE_DIR=FOLDER" in one
        for one in found["trouble"]
    )


SAID = """
from venolymph.cli.output import progress
for _ in range(2):
    with progress("a run"):
        import jax
        jax.jit(lambda x: x + 1)(1.0)
"""


def test_jax_does_not_say_it_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a-file").touch()
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(tmp_path / "a-file"))
    done = subprocess.run([sys.executable, "-W", "error", "-c", SAID], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(done.stderr.splitlines()) == 2  # a note and a hint, for both runs together


def test_doctor_looks_at_the_folder_that_runs_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "caches" / "venolymph" / "compiled"
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(kept))
    found = doctor()["cache"]
    assert found["folder"] == str(kept)
    assert found["writable"] is True
    assert list(kept.iterdir()) == []  # what was tried in it is gone
