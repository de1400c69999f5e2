"""Make the recordings that come with the program: `python scripts/make_recordings.py [NAME ...]`."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from typing import Any

import venolymph as vl
from venolymph.lessons.packaged import PackagedRecording, recordings
from venolymph.report.words import sentences
from venolymph.viewer import pack_frames, pack_head, record

FOLDER = Path(__file__).parents[1] / "src" / "venolymph" / "lessons" / "recordings"


def simulate(name: str, what: PackagedRecording) -> Any:
    """The run that a recording is of."""
    regimen: Any = what.regimen
    if not isinstance(regimen, str):
        regimen = {"kind": "regimen", "version": 1, "regimen": what.title, "purpose": "experiment", "steps": regimen}
    return vl.simulate(what.person, regimen, tissue=what.tissue or None, research_override=f"the recording {name}")


def main(names: list[str]) -> None:
    """Make the recordings of these names, or all."""
    for name, what in recordings().items():
        if names and name not in names:
            continue
        run = simulate(name, what)
        outcomes = [
            (label, one.code == "ok", one.time, one.cause) for label, one in zip(run.members, run.status, strict=True)
        ]
        recorded = record(run, sentences=sentences(run, outcomes)[0], most=what.frames)
        sizes = []
        for part, data in (("head", pack_head(recorded)), ("frames", pack_frames(recorded))):
            packed = gzip.compress(data, 9, mtime=0)
            (FOLDER / f"{name}.{part}.gz").write_bytes(packed)
            sizes.append(f"{part} {len(packed) / 1000:.0f} kB")
        print(f"{name}: {run.time[-1]:g} s, {len(recorded.numbers)} frames, {', '.join(sizes)}")


if __name__ == "__main__":
    main(sys.argv[1:])
