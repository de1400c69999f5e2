"""How fast the moving leg is drawn without a graphics processor, as JSON: `python bench/viewer.py`.

Needs playwright and a Chromium. Aims: the first picture within 2 s of the page's load, and 12 pictures a second at
1280x720. Other work on the machine makes every number worse: the load average is printed with them.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

import venolymph as vl
from venolymph.viewer import record
from venolymph.viewer.page import write_page

FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
REPEATS = 5
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


def first_picture(page: Page, address: str) -> float:
    """From the begin of loading until the leg is there, ms."""
    page.goto(address)
    return page.evaluate(
        """async () => {
          while (!globalThis.venolymph?.stage) await new Promise((resolve) => setTimeout(resolve, 5));
          await venolymph.ready;
          venolymph.pixels();
          return performance.now();
        }"""
    )


def measured(address: str) -> dict[str, Any]:
    """Times of one page."""
    with sync_playwright() as playwright:
        found = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        first = [first_picture(page, address) for _ in range(REPEATS)]
        took = page.evaluate(PICTURES)
        memory = page.evaluate("performance.memory.usedJSHeapSize")
        browser.close()
    return {
        "first picture, s": {"least": min(first) / 1e3, "median": statistics.median(first) / 1e3, "aim": 2.0},
        "pictures a second": {"most": 1e3 / min(took), "median": 1e3 / statistics.median(took), "aim": 12.0},
        "memory of scripts, MB": memory / 1e6,
    }


def main() -> None:
    """Measure a page of one person and one of two."""
    run = vl.simulate(["healthy", "mild-varicose"], "posture-and-walk")
    people = [record(run, member) for member in range(2)]
    options = {"autoplay": False, "antialias": False}
    result: dict[str, Any] = {"load average": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory() as folder:
        for name, shown in (("one person", people[1:]), ("two people", people)):
            path = write_page(shown, Path(folder) / "leg.html", options=options)
            result[name] = {"page, MB": path.stat().st_size / 1e6, **measured(path.as_uri())}
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
