"""The leg that moves: a run as a recording that a browser shows.

- `record(run)`: a member of a run as it is shown
- `pack_head(recording)`, `pack_frames(recording)`: as bytes
- `unpack(data)`: what such bytes hold
"""

from __future__ import annotations

from venolymph.viewer.packing import PackedArrays, unpack
from venolymph.viewer.recording import Recording, pack_frames, pack_head, record

__all__ = ["PackedArrays", "Recording", "pack_frames", "pack_head", "record", "unpack"]
