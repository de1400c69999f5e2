"""The leg that moves: a run as a recording that a browser shows, as one file, and in a notebook.

- `record(run)`: a member of a run as it is shown
- `pack_head(recording)`, `pack_frames(recording)`: as bytes
- `unpack(data)`: what such bytes hold
- `write_page(recordings, path)`: one file that opens anywhere
- `view(run)`, `plot(run, "ankle pressure")`: for a notebook; a run lends them as `run.view()` and `run.plot(...)`
"""

from __future__ import annotations

from venolymph.simulation import showing
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

showing.lend("view", view)
showing.lend("plot", plot)
