"""Film the two legs of the first page as `docs/images/legs.webp`: `python scripts/film.py`. Needs a Chromium."""

from __future__ import annotations

import io
import json
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from venolymph.lessons import recording
from venolymph.viewer.modules import ENTRY, assets, modules, styles

OUT = Path(__file__).parents[1] / "docs" / "images" / "legs.webp"
NAMES = ("healthy-moving", "varicose-moving")
BEGIN, END, EACH = 178.5, 185.5, 0.16
"""Filmed time of the recordings, and from picture to picture, s: standing, then the first steps."""
WIDTH = 560
FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
STATE = {"mode": "flow", "layer": "skin", "frame": "leg", "column": False, "azimuth": -100, "zoom": 1.0}


def write_site(folder: Path) -> None:
    """A page with both legs, its scripts and recordings, into a folder."""
    for path in (*modules().values(), *styles()):
        target = folder / "viewer" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(assets().joinpath(*path.split("/")).read_bytes())
    files = []
    for name in NAMES:
        for part, content in zip(("head", "frames"), recording(name), strict=True):
            (folder / f"{name}.{part}").write_bytes(content)
        files.append([f"/{name}.head", f"/{name}.frames"])
    known = json.dumps({"imports": {name: f"/viewer/{path}" for name, path in modules().items()}})
    links = "".join(f'<link rel="stylesheet" href="/viewer/{one}">' for one in styles())
    (folder / "index.html").write_text(
        f"""<!doctype html><meta charset="utf-8"><title>film</title>{links}<style>body {{ margin: 0 }}</style>
        <script type="importmap">{known}</script><div id="viewer" data-theme="light"></div><script type="module">
        import {{fetchRecording, mount}} from '{ENTRY}';
        const read = await Promise.all({json.dumps(files)}.map(fetchRecording));
        const viewer = mount(document.getElementById('viewer'), read,
          {{autoplay: false, hash: false, state: {json.dumps(STATE)}}});
        await viewer.ready;
        document.body.dataset.ready = 'yes';
        </script>""",
        encoding="utf-8",
    )


def main() -> None:
    """Film them."""
    pictures = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        write_site(Path(folder))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1300, "height": 1000})
        page.route("**/*", lambda route: route.fulfill(path=_path(Path(folder), route.request.url)))
        page.goto("http://film/")
        page.wait_for_selector("body[data-ready]")
        page.evaluate("() => venolymph.set({pins: []})")
        page.evaluate("() => { document.querySelector('.vl-zoom').hidden = true; }")
        stage, time = page.locator(".vl-stage"), BEGIN
        while time < END:
            page.evaluate("time => { venolymph.setTime(time); venolymph.drawPicture(); }", time)
            page.wait_for_timeout(60)
            picture = Image.open(io.BytesIO(stage.screenshot())).convert("RGB")
            pictures.append(picture.resize((WIDTH, picture.height * WIDTH // picture.width), Image.Resampling.LANCZOS))
            time += EACH
        browser.close()
    first, *others = pictures
    first.save(OUT, save_all=True, append_images=others, duration=round(1000 * EACH), loop=0, quality=48, method=6)
    print(f"{OUT.name}: {len(pictures)} pictures, {first.size}, {OUT.stat().st_size / 1e6:.2f} MB")


def _path(folder: Path, address: str) -> Path:
    name = address.partition("://film/")[2].partition("?")[0]
    return folder / (name or "index.html")


if __name__ == "__main__":
    main()
