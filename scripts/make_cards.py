"""Draw the pictures of packaged people on the studio's cards: `python scripts/make_cards.py`. Needs a Chromium."""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

import venolymph as vl
from venolymph.body import packaged_people
from venolymph.viewer import record
from venolymph.viewer.page import write_page

FOLDER = Path(__file__).parents[1] / "src" / "venolymph" / "studio" / "pages" / "cards"
STEPS = [{"stand": {"for": "40 s"}}, {"tiptoes": {"count": 8, "rate": "60 /min"}}, {"stand": {"for": "6 s"}}]
TIME = 50.0
SIZE = (192, 256)
WINDOW = 1500, 1400
FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


def main() -> None:
    """Draw them all: the calf from the inner side just after tiptoes, coloured by flow."""
    regimen = {"kind": "regimen", "version": 1, "regimen": "a card", "steps": STEPS}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name in packaged_people():
            if vl.load_person(name).face is not None:
                continue
            run = vl.simulate(name, regimen)
            page_path = write_page([record(run)], Path(folder) / f"{name}.html", "a card")
            page = browser.new_page(
                viewport={"width": 1500, "height": 1400}, color_scheme="light", reduced_motion="reduce"
            )
            page.goto(f"file://{page_path}")
            page.wait_for_selector(".vl-canvas")
            page.wait_for_timeout(3000)
            azimuth = 100 if run.body.index_side == "right" else -100
            page.evaluate(
                "state => { venolymph.set(state); }",
                {"time": TIME, "mode": "flow", "frame": "calf", "azimuth": azimuth, "column": False, "zoom": 0.9},
            )
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
    main()
