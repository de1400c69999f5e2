"""A browser, and pages that show packed recordings, served to it from memory."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from venolymph.viewer.modules import ENTRY, assets, modules, styles

FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
"""Of a browser that draws without a graphics processor."""
TYPES = {"js": "text/javascript", "css": "text/css", "html": "text/html; charset=utf-8"}


def page(names: Sequence[str], options: Mapping[str, object]) -> str:
    """A page that shows recordings of these names."""
    links = "".join(f'<link rel="stylesheet" href="/viewer/{one}">' for one in styles())
    known = json.dumps({"imports": {name: f"/viewer/{path}" for name, path in modules().items()}})
    files = json.dumps([[f"/recordings/{name}.head", f"/recordings/{name}.frames"] for name in names])
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A leg</title>
    <meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
    {links}<style>body {{ margin: 0 }}</style><script type="importmap">{known}</script></head>
    <body><main id="viewer"></main><script type="module">
    import {{fetchRecording, mount}} from '{ENTRY}';
    const recordings = await Promise.all({files}.map(fetchRecording));
    const viewer = mount(document.getElementById('viewer'), recordings, {json.dumps(options)});
    await viewer.ready;
    document.body.dataset.ready = 'yes';
    </script></body></html>"""


@contextmanager
def serving(files: Mapping[str, bytes]) -> Iterator[str]:
    """An address under which recordings are served by name, and "/?a,b" shows those of names a and b."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            if path == "/":
                names, _, rest = query.partition("&")
                body = page(names.split(","), {"autoplay": rest == "autoplay", "antialias": False}).encode()
                kind = TYPES["html"]
            elif path.startswith("/viewer/"):
                body = assets().joinpath(*path.split("/")[2:]).read_bytes()
                kind = TYPES[path.rpartition(".")[2]]
            else:
                body, kind = files[path.removeprefix("/recordings/")], "application/octet-stream"
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser of the system. It ends with the block: while one runs, nothing else in the process can use asyncio."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "these tests need a Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def opened(browser: Browser, address: str, hash_: str = "", **context: Any) -> tuple[Page, list[str]]:
    """A page that shows recordings, and what its console says that it should not."""
    page = browser.new_context(**{"viewport": {"width": 900, "height": 600}, **context}).new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.goto(f"{address}#{hash_}")
    page.wait_for_selector("body[data-ready]", timeout=60_000)
    return page, complaints
