"""Recordings that come with the program: a leg that moves before anything was computed.

`recordings.toml` says of whom and of what each one is; `scripts/make_recordings.py` makes them.
"""

from __future__ import annotations

import gzip
from functools import cache
from importlib import resources
from typing import Any

from pydantic import Field

from venolymph.documents import Entry, load_packaged
from venolymph.errors import DocumentError, nearest


class PackagedRecording(Entry):
    """A packaged recording.

    Attributes:
        title: in words.
        person: packaged person.
        regimen: packaged regimen, or steps of one.
        tissue: whether tissue and lymph are in it.
        frames: how many at most.
        duration: s.
    """

    title: str
    person: str
    regimen: str | list[dict[str, Any]]
    tissue: bool = False
    frames: int = Field(default=900, ge=10)
    duration: float


class _File(Entry):
    recordings: dict[str, PackagedRecording]


@cache
def recordings() -> dict[str, PackagedRecording]:
    """All packaged recordings by name."""
    return load_packaged(_File, "venolymph.lessons", "recordings.toml").recordings


def recording(name: str) -> tuple[bytes, bytes]:
    """Head and frames of a packaged recording, as `venolymph.viewer.packing` writes them.

    Raises:
        DocumentError: where there is none of that name.
    """
    if name not in recordings():
        near = nearest(name, recordings())
        raise DocumentError(
            f"there is no recording {name!r}; allowed are {', '.join(recordings())}",
            hint=f"did you mean {near!r}?" if near else None,
        )
    folder = resources.files("venolymph.lessons").joinpath("recordings")
    head, frames = (gzip.decompress(folder.joinpath(f"{name}.{part}.gz").read_bytes()) for part in ("head", "frames"))
    return head, frames
