"""How a run is watched in the browser, as JSON: `python bench/watching.py [PART ...]`.

Parts: `frames` (from computed to received over a socket, minutes of walking), `scrubbing` (memory of a browser that
goes to and fro in an hour of 100 Hz). The second needs playwright and a Chromium. Aims: 200 ms, 400 MB. Other work on
the machine makes times worse: the load average is printed with them.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import numpy as np
import uvicorn
import websockets

import venolymph as vl
from venolymph.body import load_person
from venolymph.regimen import load_regimen
from venolymph.simulation import Run
from venolymph.studio import queue, worker
from venolymph.studio.asking import asked_of
from venolymph.studio.launching import server_settings
from venolymph.studio.serving import create_app
from venolymph.studio.showing import RunReader, ShownRun
from venolymph.viewer import record, unpack
from viewer import browser

LOG = "VENOLYMPH_BENCH_COMPUTED"
MINUTES = {
    "veins, 2 min": (2, "one"),
    "veins, 10 min": (10, "one"),
    "veins, tissue and lymph of both legs, 31 min": (31, "both"),
}
HOUR, HERTZ = 3600.0, 100.0
PLACES = 250
"""Places in the hour that are looked at."""


def serve_and_log(connection: Any) -> None:
    """The process of runs, which writes down when how much was computed."""
    told = worker._Told.__call__

    def tell(self: Any, done: float, total: float, label: str) -> None:
        with open(os.environ[LOG], "a", encoding="ascii") as log:
            log.write(f"{time.time()} {done}\n")
        told(self, done, total, label)

    worker._Told.__call__ = tell  # type: ignore[method-assign]
    worker.serve_runs(connection)


@contextmanager
def served(folder: Path) -> Iterator[tuple[Any, str]]:
    """The server of the pages in a thread, and where it is."""
    app = create_app(folder, "a-token-of-the-bench")
    running = uvicorn.Server(server_settings(app))
    running.config.port = 0
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    try:
        yield app.state.studio, f"127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    finally:
        running.should_exit = True
        thread.join()


async def received(address: str, name: str) -> list[tuple[float, float, float]]:
    """When which time of a run was there, for somebody who watches it to its end, and how far apart its frames lie."""
    found = []
    async with websockets.connect(f"ws://{address}/api/runs/{name}/live", max_size=None) as stream:
        async for message in stream:
            now = time.time()
            times = unpack(message).arrays.get("time", np.zeros(0)) if isinstance(message, bytes) else np.zeros(0)
            if len(times):
                found.append((now, float(times[-1]), float(np.diff(times).max(initial=0.0))))
    return found


def delays(folder: Path, minutes: float, legs: str) -> dict[str, float]:
    """From computed to received, ms."""
    log = folder / "computed.txt"
    os.environ[LOG] = str(log)
    steps: list[Any] = [{"stand": {"for": "10 s"}}, {"walk": {"speed": "3 km/h", "for": f"{minutes} min"}}]
    asked = asked_of(load_person("mild-varicose"), load_regimen(steps), "both" if legs == "both" else "one")
    with served(folder / "runs") as (studio, address):
        begun = time.time()
        name = studio.queue.submit(asked).name
        there = asyncio.run(received(address, name))
        took = time.time() - begun
    computed = [tuple(map(float, line.split())) for line in log.read_text("ascii").splitlines()]
    frame = max(apart for *_, apart in there)  # every second or third sample may be sent
    found, first = [], there[0][0]
    for at, done in computed:
        if at > first:  # before, the leg is drawn
            found.append(1e3 * (min(when for when, time_, _ in there if time_ > done - frame) - at))
    share = float(np.mean(np.array(found) < 200.0))
    return {
        "median, ms": statistics.median(found), "95 of 100 below, ms": float(np.percentile(found, 95)),
        "most, ms": max(found), "share below 200 ms": share, "pieces": len(there), "run, s": took,
    }  # fmt: skip


def frames() -> dict[str, Any]:
    """Delays in runs of several lengths."""
    result = {}
    queue.serve_runs = serve_and_log
    for name, (minutes, legs) in MINUTES.items():
        with tempfile.TemporaryDirectory() as folder:
            result[name] = delays(Path(folder), minutes, legs)
    return result


def hour() -> Run:
    """An hour of standing and walking at 100 Hz: a minute's records, again and again, each under its own time."""
    run = vl.simulate("mild-varicose", [{"stand": {"for": "20 s"}}, {"walk": {"speed": "3 km/h", "for": "40 s"}}])
    minute: list[Any] = []
    for one in run.records:
        count = int(one.info.duration * HERTZ)
        rows = np.arange(count) * one.info.samples // count
        samples = jax.tree.map(lambda leaf, rows=rows: np.asarray(leaf)[rows], one.samples)
        info = replace(one.info, sample=one.info.duration / count, samples=count)
        minute.append(replace(one, info=info, samples=samples))
    records, start = [], 0.0
    while start < HOUR:
        for one in minute:
            records.append(replace(one, info=replace(one.info, start=start)))
            start += one.info.duration
    return replace(run, records=records)


def scrubbing() -> dict[str, Any]:
    """Memory of a page that shows an hour, while one goes to many places in it."""
    run = hour()
    shown = ShownRun(run, record(run))
    with tempfile.TemporaryDirectory() as folder:
        vl.simulate("mild-varicose", [{"stand": {"for": "2 s"}}], out=Path(folder) / "hour")
        RunReader._read = lambda *_: shown  # type: ignore[method-assign]
        with served(Path(folder)) as (_, address), browser() as opened:
            page = opened.new_page(viewport={"width": 1280, "height": 720})
            page.goto(f"http://{address}/runs/hour")
            page.wait_for_selector("body[data-ready=yes]", timeout=120_000)
            of_page, of_all = page.context.new_cdp_session(page), opened.new_browser_cdp_session()
            of_page.send("Performance.enable")

            def memory() -> dict[str, float]:
                metrics = {one["name"]: one["value"] for one in of_page.send("Performance.getMetrics")["metrics"]}
                tasks = of_all.send("SystemInfo.getProcessInfo")["processInfo"]
                pids = [one["id"] for one in tasks if one["type"] == "renderer"]
                resident = max(own_memory(pid) for pid in pids)
                held = page.evaluate("""() => { // what typed arrays hold lies outside of that of scripts
                  const [{recording}] = venolymph.stage.figures;
                  const seen = new Set();
                  const look = (one) => {
                    if (ArrayBuffer.isView(one)) seen.add(one.buffer);
                    else if (one && typeof one === 'object') Object.values(one).forEach(look);
                  };
                  [...recording.overview, ...recording.windows, ...recording.exchanges].forEach(look);
                  return [...seen].reduce((sum, one) => sum + one.byteLength, 0);
                }""")
                return {
                    "scripts, MB": metrics["JSHeapUsedSize"] / 1e6, "frames, MB": held / 1e6,
                    "process of the page, MB": resident,
                }  # fmt: skip

            before, most, detailed = memory(), {}, 0
            for place in np.random.default_rng(1).uniform(0.0, HOUR, PLACES):
                page.evaluate("(time) => venolymph.set({time, playing: false, speed: 1})", float(place))
                page.wait_for_timeout(40)
                detailed += page.evaluate("() => venolymph.stage.figures[0].recording.windows.length > 0")
                most = {name: max(value, most.get(name, 0.0)) for name, value in memory().items()}
            of_page.send("HeapProfiler.collectGarbage")
            after = memory()
    samples = len(run.time)
    return {
        "samples": samples,
        "places with all frames": detailed,
        "opened": before,
        "most": most,
        "after": after,
        "aim, MB": 400.0,
    }


def own_memory(pid: int) -> float:
    """Memory that a process has to itself, and its part of what it shares (PSS), MB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6


PARTS = {"frames": frames, "scrubbing": scrubbing}


def main() -> None:
    """Measure the parts that are named, or all."""
    for name in sys.argv[1:] or PARTS:
        result = {"load average": os.getloadavg()[0], **PARTS[name]()}
        print(json.dumps({name: result}, indent=2), flush=True)


if __name__ == "__main__":
    main()
