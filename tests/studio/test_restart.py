"""A server that is killed in the middle of a run and started anew goes on with it to the same result."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import numpy as np

import venolymph as vl
from studio.reading import Page
from studio.serving import wait_for
from venolymph.studio.guard import TOKEN_HEADER

STEPS: list[Any] = [
    {"lie": {"for": "2 s"}}, {"stand": {"for": "4 s"}}, {"walk": {"speed": "3 km/h", "for": "4 min"}},
    {"stand": {"for": "5 s"}},
]  # fmt: skip


@contextmanager
def started(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server of its own, as somebody starts it; gives where it is."""
    words = [sys.executable, "-m", "venolymph", "studio", "--no-browser", "--folder", str(folder)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=folder.parent)
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip().rstrip("/")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        process.stdout.close()


def get(address: str) -> Any:
    with urlopen(address, timeout=60) as answer:
        content = answer.read().decode()
    return json.loads(content) if content.startswith(("[", "{")) else content


def test_killed_in_the_middle_of_a_run_it_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    with started(folder) as (process, address):
        token = Page(get(f"{address}/run")).hidden["token"]
        sent = json.dumps({"person": "healthy", "regimen": STEPS}).encode()
        headers = {TOKEN_HEADER: token, "Content-Type": "application/json"}
        with urlopen(Request(f"{address}/api/runs", sent, headers), timeout=60) as answer:
            name = json.loads(answer.read())["id"]
        wait_for(lambda: get(f"{address}/api/runs/{name}")["phases_done"] > 2)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    cut = vl.open_run(folder / name)
    assert cut.records
    with started(folder) as (process, address):
        run = wait_for(lambda: (one := get(f"{address}/api/runs/{name}"))["state"] == "complete" and one)
        assert run["phases_done"] == run["phases"]
    assert process.returncode in (0, 130)
    again = vl.open_run(folder / name)
    np.testing.assert_array_equal(again.pressure, vl.simulate("healthy", STEPS).pressure)
    try:
        get(f"{address}/api/runs")
        raise AssertionError("the server is still there")
    except URLError:
        pass
