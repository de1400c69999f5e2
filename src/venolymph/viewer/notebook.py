"""The moving leg or face in a notebook, and saved as a page or a picture."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path

import numpy as np

from venolymph.errors import RunError
from venolymph.simulation import Run
from venolymph.simulation.files import replacing, writing
from venolymph.viewer.browser import opened
from venolymph.viewer.page import view_page, write_page
from venolymph.viewer.recording import Recording, can_be_shown, record_for_page

PARTS = {"leg": ("leg", "body", "thigh", "calf", "foot"), "face": ("face", "eyes", "head", "neck", "body")}
"""Parts that a picture can show, of legs and of a face, the usual one first."""
_SHOWN = """new Promise((done) => {
  const look = () => (window.venolymph ? venolymph.ready.then(() => done(true)) : setTimeout(look, 50));
  look();
})"""
"""Settled once the leg is there."""


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
        self,
        path: str | os.PathLike[str],
        *,
        time: float | tuple[float, float] = 0.0,
        view: str | None = None,
        size: tuple[int, int] = (1280, 800),
        frames: int = 40,
    ) -> Path:
        """Keep it as a page (`.html`), as a picture of one moment (`.png`), or as a film (`.gif`).

        Args:
            path: of the file.
            time: of a picture, s since the run's start; of a film its first and last moment.
            view: the part that is shown: one of `PARTS`; None: the usual one.
            size: of a picture or film, pixels.
            frames: of a film, as many as there are pictures in it.

        Returns:
            The file's path.

        Raises:
            RunError: where the file is none of these, there is no such part, a film has no beginning and end, the file
                cannot be written, or there is no Chromium that could draw.
        """
        target = Path(path)
        if target.suffix == ".html":
            return write_page(self.recordings, target)
        if target.suffix not in (".png", ".gif"):
            raise RunError(f"a file {target.suffix!r}; allowed are .html, .png and .gif", place=str(target))
        parts = PARTS[self.recordings[0].head["body"]]
        if view not in (None, *parts):
            raise RunError(f"no part is called {view!r}; allowed are {', '.join(parts)}")
        if (target.suffix == ".gif") != isinstance(time, tuple):
            raise RunError(
                "a picture is of one moment, a film from one to another",
                hint="`time=30` for .png, `time=(30, 33)` for .gif",
            )
        begin, end = time if isinstance(time, tuple) else (time, time)
        moments = np.linspace(begin, end, max(2, frames)) if target.suffix == ".gif" else [begin]
        drawn = self._drawn([float(one) for one in moments], view or parts[0], size)
        with writing(target), replacing(target) as handle:
            handle.write(drawn[0] if target.suffix == ".png" else _film(drawn, (end - begin) / (len(drawn) - 1)))
        return target

    def _drawn(self, moments: Sequence[float], part: str, size: tuple[int, int]) -> list[bytes]:
        """Pictures of some moments, PNG."""
        state = {"time": moments[0], "frame": part}
        options = {"autoplay": False, "hash": False, "antialias": len(moments) == 1, "state": state}
        found = []
        with opened(view_page(self.recordings, options=options), size) as browser:
            browser.run(_SHOWN)
            for moment in moments:
                browser.run(f"venolymph.setTime({moment}); venolymph.pixels().lit")
                found.append(browser.picture())
        return found


def view(run: Run, *members: int, height: int = 760) -> ViewedRun:
    """A run as a leg or face that moves, for Jupyter and marimo.

    Args:
        run: what was simulated.
        members: numbers of one or two; the first two of the run where none is given.
        height: in a notebook, pixels.

    Raises:
        RunError: where the run holds nothing yet, or there are no such members.
    """
    if not can_be_shown(run):
        raise RunError("this run holds nothing that could be shown")
    chosen = members or tuple(range(min(2, len(run.bodies))))
    if len(chosen) > 2 or not all(0 <= one < len(run.bodies) for one in chosen):
        raise RunError(f"members {list(chosen)}; one or two of 0 to {len(run.bodies) - 1} can be shown")
    return ViewedRun(record_for_page(run, chosen), height)


def _film(pictures: Sequence[bytes], apart: float) -> bytes:
    """Pictures as a GIF that begins anew at its end; `apart` is the time from one to the next, s."""
    from PIL import Image

    images = [Image.open(io.BytesIO(one)).convert("P", palette=Image.Palette.ADAPTIVE) for one in pictures]
    stream = io.BytesIO()
    each = max(20, round(1000.0 * apart))
    images[0].save(stream, "GIF", save_all=True, append_images=images[1:], duration=each, loop=0)
    return stream.getvalue()
