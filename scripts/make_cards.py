"""Draw the pictures of people on the studio's cards: `python scripts/make_cards.py [NAME ...]`. Needs a Chromium."""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

import venolymph as vl
from venolymph.body import packaged_people
from venolymph.viewer import record
from venolymph.viewer.page import write_page

FOLDER = Path(__file__).parents[1] / "src" / "venolymph" / "studio" / "pages" / "cards"
STEPS = [{"stand": {"for": "40 s"}}, {"tiptoes": {"count": 8, "rate": "60 /min"}}, {"stand": {"for": "6 s"}}]
SIZE = (192, 256)
WINDOW = 1500, 1400
FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
NIGHT = 8 * 3600.0


def shown(name: str) -> tuple[vl.Run, dict[str, Any]]:
    """A run of somebody, and what of it is on the card."""
    if vl.load_person(name).face is not None:  # after a night, in light from above
        state = {"time": NIGHT, "mode": "skin", "frame": "face", "light": "above", "zoom": 1.4, "azimuth": 12}
        return vl.simulate(name, "face-night"), state
    # the calf from the inner side just after tiptoes, coloured by flow
    run = vl.simulate(name, {"kind": "regimen", "version": 1, "regimen": "a card", "steps": STEPS})
    azimuth = 100 if run.body.index_side == "right" else -100
    return run, {"time": 50.0, "mode": "flow", "frame": "calf", "azimuth": azimuth, "zoom": 0.9}


def main(names: list[str]) -> None:
    """Draw those that are named, or all."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name in names or packaged_people():
            run, state = shown(name)
            page_path = write_page([record(run)], Path(folder) / f"{name}.html", "a card")
            page = browser.new_page(
                viewport={"width": WINDOW[0], "height": WINDOW[1]}, color_scheme="light", reduced_motion="reduce"
            )
            page.goto(f"file://{page_path}")
            page.wait_for_selector(".vl-canvas")
            page.wait_for_timeout(3000)
            page.evaluate("state => { venolymph.set(state); }", {**state, "column": False, "pins": []})
            page.evaluate("() => { document.querySelector('.vl-zoom').hidden = true; }")
            page.wait_for_timeout(1500)
            picture = Image.open(io.BytesIO(page.locator(".vl-stage").screenshot()))
            width = picture.height * SIZE[0] // SIZE[1]
            left = (picture.width - width) // 2
            small = picture.crop((left, 0, left + width, picture.height)).resize(SIZE, Image.Resampling.LANCZOS)
            small.convert("P", palette=Image.Palette.ADAPTIVE, colors=128).save(FOLDER / f"{name}.png", optimize=True)
            page.close()
            print(name, (FOLDER / f"{name}.png").stat().st_size)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
