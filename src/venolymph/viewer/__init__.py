"""The leg that moves: a run as a recording that a browser shows, as one file, and in a notebook.

- `record(run)`: a member of a run as it is shown
- `pack_head(recording)`, `pack_frames(recording)`: as bytes
- `unpack(data)`: what such bytes hold
- `write_page(recordings, path)`: one file that opens anywhere
- `view(run)`, `plot(run, "ankle pressure")`: for a notebook; a run lends them as `run.view()` and `run.plot(...)`
"""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from venolymph.simulation import showing

if TYPE_CHECKING:
    from venolymph.viewer.notebook import ViewedRun, view
    from venolymph.viewer.packing import PackedArrays, unpack
    from venolymph.viewer.page import write_page
    from venolymph.viewer.plotting import plot
    from venolymph.viewer.recording import Recording, pack_frames, pack_head, record

__all__ = [
    "PackedArrays",
    "Recording",
    "ViewedRun",
    "pack_frames",
    "pack_head",
    "plot",
    "record",
    "unpack",
    "view",
    "write_page",
]

_HOME = {
    "PackedArrays": "packing",
    "Recording": "recording",
    "ViewedRun": "notebook",
    "pack_frames": "recording",
    "pack_head": "recording",
    "plot": "plotting",
    "record": "recording",
    "unpack": "packing",
    "view": "notebook",
    "write_page": "page",
}


def __getattr__(name: str) -> Any:
    """Load what needs the engine only when it is asked for: its scripts and styles are shown without it."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def _show(name: str, *given: Any, **named: Any) -> Any:
    return __getattr__(name)(*given, **named)


for _name in ("view", "plot"):
    showing.lend(_name, partial(_show, _name))
