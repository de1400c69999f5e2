"""The moving leg in a notebook, and saved as a page or a picture."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

from venolymph.errors import RunError
from venolymph.simulation import Run
from venolymph.simulation.files import replacing, writing
from venolymph.viewer.page import view_page, write_page
from venolymph.viewer.recording import Recording, can_be_shown, record_for_page

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
"""Programs that draw a picture without a window, the first that is there."""
PATIENCE = 180.0
"""Time after which a browser that has not drawn a picture is given up, s."""
PARTS = ("body", "leg", "thigh", "calf", "foot")
"""Parts that a picture can show."""


@dataclass(frozen=True)
class ViewedRun:
    """A run as it is shown: a notebook displays it, `save` keeps it.

    Attributes:
        recordings: one, or two side by side.
        height: in a notebook, pixels.
    """

    recordings: Sequence[Recording]
    height: int = 760

    @cached_property
    def page(self) -> str:
        """The page that shows it, HTML."""
        return view_page(self.recordings, options={"hash": False})

    def _repr_html_(self) -> str:
        """A frame that holds the page: what it does stays in it, and nothing is fetched."""
        return (
            f'<iframe srcdoc="{escape(self.page)}" title="the moving leg" sandbox="allow-scripts" '
            f'style="width: 100%; height: {self.height}px; border: 0"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<moving leg of {', '.join(one.head['title'] for one in self.recordings)}>"

    def save(
        self, path: str | os.PathLike[str], *, time: float = 0.0, view: str = "leg", size: tuple[int, int] = (1280, 800)
    ) -> Path:
        """Keep it as a page (`.html`) or as a picture of one moment (`.png`).

        Args:
            path: of the file.
            time: of a picture, s since the run's start.
            view: the part of a picture: one of `PARTS`.
            size: of a picture, pixels.

        Returns:
            The file's path.

        Raises:
            RunError: where the file is neither, there is no such part, it cannot be written, or there is no Chromium
                that could draw a picture.
        """
        target = Path(path)
        if target.suffix == ".html":
            return write_page(self.recordings, target)
        if target.suffix != ".png":
            raise RunError(f"a file {target.suffix!r}; allowed are .html and .png", place=str(target))
        if view not in PARTS:
            raise RunError(f"no part is called {view!r}; allowed are {', '.join(PARTS)}")
        with tempfile.TemporaryDirectory() as folder:
            state = {"time": time, "frame": view}
            page = Path(folder) / "leg.html"
            page.write_text(view_page(self.recordings, options=_still(state)), encoding="utf-8")
            picture = _drawn(page, Path(folder) / "leg.png", size).read_bytes()
        with writing(target), replacing(target) as handle:
            handle.write(picture)
        return target


def view(run: Run, *members: int, height: int = 760) -> ViewedRun:
    """A run as a leg that moves, for Jupyter and marimo.

    Args:
        run: what was simulated.
        members: numbers of one or two; the first two of the run where none is given.
        height: in a notebook, pixels.

    Raises:
        RunError: where the run is not one of legs or holds nothing yet, or there are no such members.
    """
    if not can_be_shown(run):
        raise RunError("this run holds nothing of a leg that could be shown")
    chosen = members or tuple(range(min(2, len(run.bodies))))
    if len(chosen) > 2 or not all(0 <= one < len(run.bodies) for one in chosen):
        raise RunError(f"members {list(chosen)}; one or two of 0 to {len(run.bodies) - 1} can be shown")
    return ViewedRun(record_for_page(run, chosen), height)


def _still(state: Mapping[str, Any]) -> dict[str, Any]:
    return {"autoplay": False, "hash": False, "antialias": False, "state": dict(state)}


def _drawn(page: Path, picture: Path, size: tuple[int, int]) -> Path:
    """A page as a picture, drawn by a browser without a window."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise RunError("a picture needs Chromium, which is not there", hint="install it, or save a page: .html")
    alone = ["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []  # it refuses its sandbox to root
    command = [
        browser, "--headless=new", *alone, "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
        "--hide-scrollbars",
        f"--user-data-dir={page.parent / 'profile'}", f"--window-size={size[0]},{size[1]}",
        "--virtual-time-budget=60000", f"--screenshot={picture}", page.as_uri(),
    ]  # fmt: skip
    try:
        subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RunError(f"the browser drew no picture: {error}", place=browser) from error
    if not picture.is_file():
        raise RunError("the browser drew no picture", place=browser, hint="save a page instead: .html")
    return picture
