"""How fast the moving leg is drawn without a graphics processor, as JSON: `python bench/viewer.py [PART ...]`.

Parts: `drawing` (pages of one person and of two), `start` (from `venolymph studio` to legs that move). Needs playwright
and a Chromium. Aims: a packaged recording moves within 2 s of `venolymph studio`, the first picture is there within 2 s
of a page's load, and 12 pictures a second at 1280x720. Other work on the machine makes every number worse: the load
average is printed with them.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

import venolymph as vl
from venolymph.viewer import record
from venolymph.viewer.page import write_page

FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
SIZE: Any = {"width": 1280, "height": 720}
REPEATS = 5
SHOWN = """async () => {
  while (!globalThis.venolymph?.stage) await new Promise((resolve) => setTimeout(resolve, 5));
  await venolymph.ready;
  venolymph.pixels();
  return performance.now();
}"""
"""From the begin of loading until the leg is there, ms."""
MOVES = """async () => {
  while (!globalThis.venolymph?.stage) await new Promise((resolve) => setTimeout(resolve, 5));
  await venolymph.ready;
  const from = venolymph.time;
  while (venolymph.time <= from) await new Promise((resolve) => requestAnimationFrame(resolve));
  venolymph.pixels();
  return performance.now();
}"""
"""From the begin of loading until a second picture, of a later time, is there, ms."""
PICTURES = """() => {
  const {stage, camera} = venolymph;
  const gl = stage.renderer.getContext();
  const one = new Uint8Array(4);
  const draw = (time) => {
    const begin = performance.now();
    venolymph.state.time = time;
    venolymph.drawPicture();
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, one); // waits until it is drawn
    return performance.now() - begin;
  };
  return Array.from({length: 25}, (_, i) => draw(185 + 0.37 * i)).slice(5);
}"""
"""Times that pictures of walking take, each fully drawn, ms."""


@contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium that is open."""
    with sync_playwright() as playwright:
        found = shutil.which("chromium") or shutil.which("google-chrome")
        opened = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield opened
        opened.close()


@contextmanager
def studio(folder: Path) -> Iterator[str]:
    """The command `venolymph studio`; gives its address."""
    words = [sys.executable, "-m", "venolymph", "studio", "--no-browser", "--folder", str(folder)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def seconds(times: Sequence[float], aim: float | None = None) -> dict[str, float]:
    """Times, beside what they should be at most where that is said, s."""
    found = {"least": min(times), "median": statistics.median(times)}
    return found if aim is None else {**found, "aim": aim}


def first_picture(page: Page, address: str) -> float:
    """From the begin of loading until the leg is there, s."""
    page.goto(address)
    return page.evaluate(SHOWN) / 1e3


def measured(address: str) -> dict[str, Any]:
    """Times of one page."""
    with browser() as opened:
        page = opened.new_page(viewport=SIZE)
        first = [first_picture(page, address) for _ in range(REPEATS)]
        took = page.evaluate(PICTURES)
        memory = page.evaluate("performance.memory.usedJSHeapSize")
    return {
        "first picture, s": seconds(first, 2.0),
        "pictures a second": {"most": 1e3 / min(took), "median": 1e3 / statistics.median(took), "aim": 12.0},
        "memory of scripts, MB": memory / 1e6,
    }


def drawing() -> dict[str, Any]:
    """A page of one person and one of two."""
    run = vl.simulate(["healthy", "mild-varicose"], "posture-and-walk")
    people = [record(run, member) for member in range(2)]
    options = {"autoplay": False, "antialias": False}
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, shown in (("one person", people[1:]), ("two people", people)):
            path = write_page(shown, Path(folder) / "leg.html", options=options)
            result[name] = {"page, MB": path.stat().st_size / 1e6, **measured(path.as_uri())}
    return result


def start() -> dict[str, Any]:
    """From the command `venolymph studio`, beside a browser that is open, to its address, and to legs that moved."""
    told, moved, loaded = [], [], []
    with browser() as opened:
        for _ in range(REPEATS):
            page = opened.new_page(viewport=SIZE)
            with tempfile.TemporaryDirectory() as folder:
                begun = time.perf_counter()
                with studio(Path(folder)) as address:
                    told.append(time.perf_counter() - begun)
                    page.goto(address, wait_until="commit")
                    loaded.append(page.evaluate(MOVES) / 1e3)
                    moved.append(time.perf_counter() - begun)
            page.close()
    return {
        "address, s": seconds(told),
        "from loading to moving, s": seconds(loaded),
        "moving, s": seconds(moved, 2.0),
    }


PARTS = {"drawing": drawing, "start": start}


def main() -> None:
    """Measure the parts that are named, or all."""
    for name in sys.argv[1:] or PARTS:
        result = {"load average": os.getloadavg()[0], **PARTS[name]()}
        print(json.dumps({name: result}, indent=2), flush=True)


if __name__ == "__main__":
    main()
