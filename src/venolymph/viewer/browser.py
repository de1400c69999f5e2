"""A browser without a window that draws a page: Chromium, if this machine has it, spoken to by its own protocol."""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from venolymph.errors import RunError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
"""Programs that can draw a page, the first that is there."""
PATIENCE = 120.0
"""Time after which a browser that does not answer is given up, s."""
_PORT = "DevToolsActivePort"
"""File in which it says where it is spoken to."""


class HeadlessBrowser:
    """A page in a browser without a window.

    Args:
        socket: to the page.
    """

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._numbers = socket, itertools.count(1)

    def ask(self, method: str, **given: Any) -> dict[str, Any]:
        """The answer to one message of the protocol.

        Raises:
            RunError: where there is none, or the browser says that something is wrong.
        """
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": given}))
        until = time.monotonic() + PATIENCE
        while (left := until - time.monotonic()) > 0.0:
            answer = json.loads(self._socket.recv(timeout=left))
            if answer.get("id") == number:
                if "error" in answer:
                    raise RunError(f"the browser refused {method}: {answer['error'].get('message')}")
                return answer["result"]
        raise TimeoutError(method)

    def run(self, code: str) -> Any:
        """What a line of JavaScript gives, once it is settled."""
        found = self.ask("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise RunError(f"the page could not be drawn: {found['exceptionDetails'].get('text')}")
        return found["result"].get("value")

    def wait(self) -> None:
        """Until the page is read: before, what runs in it may be gone in the middle."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with suppress(RunError):
                if self.run("location.protocol + document.readyState") == "file:complete":
                    return
            time.sleep(0.05)
        raise TimeoutError("the page was not read")

    def picture(self) -> bytes:
        """The page as it is now, PNG."""
        return base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"])


@contextmanager
def opened(page: str, size: tuple[int, int]) -> Iterator[HeadlessBrowser]:
    """A page in a browser without a window, until the block ends.

    Args:
        page: HTML.
        size: of the window, pixels.

    Raises:
        RunError: where there is no Chromium, or it does not do its work.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise RunError("a picture needs Chromium, which is not there", hint="install it, or save a page: .html")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "page.html"
        file.write_text(page, encoding="utf-8")
        alone = ["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []  # it refuses its sandbox to root
        command = [
            browser, "--headless=new", *alone, "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
            "--hide-scrollbars", "--remote-debugging-port=0", f"--user-data-dir={folder}",
            f"--window-size={size[0]},{size[1]}", file.as_uri(),
        ]  # fmt: skip
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            with connect(_address(process, Path(folder) / _PORT), max_size=None, open_timeout=PATIENCE) as socket:
                found = HeadlessBrowser(socket)
                screen = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False}
                found.ask("Emulation.setDeviceMetricsOverride", **screen)
                found.wait()
                yield found
        except (OSError, TimeoutError, WebSocketException) as error:
            raise RunError(f"the browser drew no picture: {error}", place=browser) from error
        finally:
            process.terminate()
            process.wait()


def _address(process: subprocess.Popen[bytes], port: Path) -> str:
    """Where the page is spoken to, once the browser has it."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        if port.is_file() and (said := port.read_text("utf-8").split()):
            with urlopen(f"http://127.0.0.1:{int(said[0])}/json/list", timeout=PATIENCE) as answer:
                for target in json.load(answer):
                    if target["type"] == "page" and target["url"].startswith("file:"):
                        return target["webSocketDebuggerUrl"]
        time.sleep(0.05)
    raise TimeoutError("it did not start")
