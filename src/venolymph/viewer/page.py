"""The moving leg, or face, as one file that needs nothing else, not even a network, and as a part of other such pages.

Modules and recordings stand in the page gzipped, in base64; `boot.js` unpacks them. Where a browser cannot show it, and
on paper, pictures and tables stand in.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from venolymph.html_document import html_document
from venolymph.numbers import clock, number
from venolymph.simulation.files import write_text
from venolymph.viewer.face_pictures import face_stills
from venolymph.viewer.modules import assets, modules, styles
from venolymph.viewer.pictures import pictures
from venolymph.viewer.recording import NOTICE, Recording, pack_frames, pack_head

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' blob:; style-src 'unsafe-inline'; img-src data: blob:; "
    "media-src blob:"
)
"""What a page may do: show what it holds, and fetch nothing."""
STYLE = """\
:root { color-scheme: light dark; }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; }
#still-leg, .above { max-width: 1280px; margin: 0 auto; padding: 4px 24px; }
h1 { font-size: 22px; margin: 12px 0 2px; }
table { border-collapse: collapse; font-size: 14px; }
th, td { text-align: left; padding: 3px 14px 3px 0; vertical-align: top; }
"""


@dataclass(frozen=True)
class MovingLeg:
    """The moving leg as parts of a page.

    Attributes:
        style: of its elements, CSS.
        body: where it is shown, with what stands in for it, HTML.
        scripts: what it is shown by, HTML; to stand at the end of the page.
    """

    style: str
    body: str
    scripts: str


@cache
def sources() -> dict[str, str]:
    """Source of each script by the name that others import it by."""
    return {name: assets().joinpath(path).read_text("utf-8") for name, path in modules().items()}


@cache
def stylesheet() -> str:
    """How the moving leg looks, that of libraries included."""
    return "\n".join(assets().joinpath(path).read_text("utf-8") for path in styles()) + _asset("page.css")


def moving_leg(
    recordings: Sequence[Recording], options: Mapping[str, Any] | None = None, *, theme: str = "", title: str = ""
) -> MovingLeg:
    """The moving leg of one recording, or of two side by side, as parts of a page.

    Args:
        recordings: one or two.
        options: for the browser's `mount`.
        theme: `light` or `dark` in a page that is either; else as the reader has it.
        title: over what stands in for it; the page has its own where empty.
    """
    parts = [f'<script type="application/gzip" data-module="{name}">{packed(text.encode("utf-8"))}</script>'
             for name, text in sources().items()]  # fmt: skip
    for person, one in enumerate(recordings):
        parts += [
            f'<script type="application/gzip" data-recording="{person}">{packed(data)}</script>'
            for data in (pack_head(one), pack_frames(one))
        ]
    told = json.dumps(dict(options or {}), ensure_ascii=False).replace("<", "\\u003c")
    parts.append(f'<script type="application/json" id="leg-options">{told}</script>')
    parts.append(f"<script>\n{_asset('boot.js')}</script>")
    instead = [f'<div class="person">{_told(one)}{_stills(one)}</div>' for one in recordings]
    still = "".join([f"<header><h1>{escape(title)}</h1><p>{escape(NOTICE)}</p></header>" if title else "", *instead])
    unseen = "<noscript><style>#moving-leg { display: none; }</style></noscript>"
    own = f' data-theme="{theme}"' if theme else ""
    body = (
        f'{unseen}<div id="moving-leg"{own}></div>\n'
        f'<section id="still-leg" aria-label="The {recordings[0].head["body"]} as pictures">{still}</section>'
    )
    return MovingLeg(stylesheet(), body, "\n".join(parts))


def view_page(
    recordings: Sequence[Recording],
    title: str = "",
    sentences: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
) -> str:
    """A page that shows one recording, or two side by side.

    Args:
        recordings: one or two.
        title: of the page; those of the recordings where empty.
        sentences: said above the leg, besides those of the recordings.
        options: for the browser's `mount`.
    """
    heading = title or " and ".join(one.head["title"] for one in recordings)
    leg = moving_leg(recordings, options, title=heading)
    above = "".join(f'<p class="above">{escape(text)}</p>\n' for text in sentences)
    body = f"""<main>
{above}{leg.body}
</main>
{leg.scripts}
"""
    return html_document(heading, body, style=STYLE + leg.style, policy=POLICY)


def write_page(
    recordings: Sequence[Recording],
    path: str | os.PathLike[str],
    title: str = "",
    sentences: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
) -> Path:
    """Write a page that shows one recording, or two side by side: one file that opens anywhere.

    Args:
        recordings: one or two.
        path: the file.
        title: of the page; those of the recordings where empty.
        sentences: said above the leg, besides those of the recordings.
        options: for the browser's `mount`.

    Returns:
        The file's path.

    Raises:
        RunError: where it cannot be written.
    """
    target = Path(path)
    write_text(target, view_page(recordings, title, sentences, options))
    return target


def _told(one: Recording) -> str:
    """What happened to one person, in sentences."""
    said = [one.head["failed"], *one.head["sentences"], one.head["thinned"]]
    items = "".join(f"<li>{escape(text)}</li>" for text in said if text)
    return f"<h3>{escape(one.head['member'])}</h3>" + (f"<ul class=short>{items}</ul>" if items else "")


def _stills(one: Recording) -> str:
    """What stands in for a recording: pictures, and the main readings as a table."""
    return face_stills(one) if one.head["body"] == "face" else pictures(one) + _readings(one)


def _readings(one: Recording) -> str:
    """Phases and the main readings at the end of each, as a table."""
    rows, times = [], one.times["samples"]
    cells = one.head["quantities"]["pressure"]["rows"]
    asked = {"ankle": "great saphenous, calf [1]", "behind the knee": "popliteal [1]", "groin": "common femoral [1]"}
    shown = {place: cells.index(cell) for place, cell in asked.items() if cell in cells}
    for phase in one.head["phases"][:60]:
        end = phase["start"] + phase["duration"]
        frame = int(np.clip(np.searchsorted(times, end + 1e-6) - 1, 0, len(times) - 1))
        values = (one.series["pressure"][frame, cell] for cell in shown.values())
        read = "".join(f"<td>{number(round(float(v), 1)) if np.isfinite(v) else 'no value'}</td>" for v in values)
        rows.append(f"<tr><td>{escape(phase['label'])}</td><td>{escape(clock(end))}</td>{read}</tr>")
    heads = "".join(f"<th>{escape(place)}</th>" for place in shown)
    return (
        f"<table><caption>Blood pressure in the veins of the {escape(one.head['index_side'])} leg at the end of each "
        f"phase, mmHg</caption><thead><tr><th>phase</th><th>until</th>{heads}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _asset(name: str) -> str:
    return resources.files("venolymph.viewer").joinpath(name).read_text("utf-8")


def packed(data: bytes) -> str:
    """A file as it stands in a page: gzipped, in base64."""
    return base64.b64encode(gzip.compress(data, 9, mtime=0)).decode("ascii")
