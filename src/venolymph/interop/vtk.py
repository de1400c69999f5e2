"""A run as files of VTK, which ParaView opens: vessels as poly-lines, one file for each moment, and a list of them.

    veins.pvd      the list: which file shows which time
    veins/         a file (XML PolyData, `.vtp`) for each frame
    lymph.pvd      the same of lymph vessels, where the run has tissue and lymph
    lymph/

Lines lie in a straight body (see `venolymph.anatomy.Geometry`), lengths are in cm, times in s since the run's start.
Each line is a cell with the values of its vessel there, each point has its radius, so that a tube filter draws it.
"""

from __future__ import annotations

import base64
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from venolymph.body.make import part_of
from venolymph.errors import RunError
from venolymph.simulation import Run
from venolymph.simulation.files import writing
from venolymph.viewer.recording import Recording, can_be_shown, record

MOST = 500
"""Frames that are written where nothing else is asked for."""
VEINS = {"pressure": "pressure_mmHg", "transmural": "transmural_mmHg", "diameter": "diameter_mm"}
"""Quantities of cells of the veins, and what they are called in the files."""
LYMPH = {"lymph_volume": "volume_mL", "lymph_pressure": "pressure_mmHg", "passed": "flow_mL_per_h"}
"""Quantities of lymph vessels."""
WRITTEN = {"veins.pvd", "veins", "lymph.pvd", "lymph"}
"""What such a folder holds."""
_TYPES = {"f": "Float32", "i": "Int64"}


@dataclass(frozen=True)
class _Lines:
    """Poly-lines that stay where they are.

    Attributes:
        points: of all of them, cm, shape (n, 3).
        counts: points of each.
        names: of each.
        fixed: values of each that do not change, by name.
    """

    points: np.ndarray
    counts: np.ndarray
    names: Sequence[str]
    fixed: Mapping[str, np.ndarray]


def write_vtk(
    run: Run,
    folder: str | os.PathLike[str],
    *,
    member: int = 0,
    every: int | None = None,
    overwrite: bool = False,
) -> list[Path]:
    """Write a member of a run as files of VTK.

    Args:
        run: what was simulated.
        folder: of the files; made, with all files or not at all.
        member: its number.
        every: which samples are written: every first, second, third one; None: `MOST` of them at most.
        overwrite: whether a folder of such files that is there is replaced.

    Returns:
        The lists of files (`.pvd`), which ParaView opens.

    Raises:
        RunError: where the folder is there already or cannot be written, the run is not one of legs or holds nothing,
            there is no such member, or `every` is no positive number.
    """
    target = Path(folder)
    if not can_be_shown(run) or part_of(run.body) != "leg":
        raise RunError("this run holds nothing of a leg that could be drawn", hint="export a run of a person")
    if not 0 <= member < len(run.bodies):
        raise RunError(f"there is no member {member}; allowed are 0 to {len(run.bodies) - 1}")
    if every is not None and every < 1:
        raise RunError(f"every {every}th sample; allowed is 1 or more")
    _check_free(target, overwrite)
    recording = record(run, member, every, most=MOST)
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        begun = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        try:
            names = [path.name for path in _write(recording, begun)]
            if target.exists():
                shutil.rmtree(target)
            begun.chmod(0o755)
            begun.rename(target)
        except BaseException:
            shutil.rmtree(begun, ignore_errors=True)
            raise
    return [target / name for name in names]


def _check_free(target: Path, overwrite: bool) -> None:
    """Refuse a place where something is that is not to be replaced, or was not written here."""
    if not target.exists() and not target.is_symlink():
        return
    if not overwrite:
        raise RunError("this folder is there already", place=str(target), hint="replace it, or name another one")
    if not target.is_dir() or target.is_symlink() or {path.name for path in target.iterdir()} - WRITTEN:
        raise RunError(
            "there is something else here, which is not replaced", place=str(target), hint="name another folder"
        )


def _write(recording: Recording, folder: Path) -> Iterator[Path]:
    head, series = recording.head, recording.series
    vessels = [one for one in head["vessels"] if one["present"]]
    lines = _lines(recording, vessels, {"count": "count", "resting_radius_cm": "radius"})
    rows = {
        **{called: (series[name], [one["cell"] for one in vessels]) for name, called in VEINS.items()},
        "flow_mL_per_s": (series["flow"], [one["face"] for one in vessels]),
    }
    yield _series(folder, "veins", lines, recording.times["samples"], rows)
    if "lymph_volume" in series:
        lymph = head["lymph"]
        lines = _lines(recording, lymph, {"count": "count", "resting_radius_cm": "radius"})
        found = {called: (series[name], [one["row"] for one in lymph]) for name, called in LYMPH.items()}
        yield _series(folder, "lymph", lines, recording.times["exchange"], found)


def _lines(recording: Recording, things: Sequence[Mapping[str, Any]], fixed: Mapping[str, str]) -> _Lines:
    own = np.asarray(recording.places.blocks["points"])
    points = [own[first : first + count] for first, count in (one["line"] for one in things)]
    return _Lines(
        np.concatenate(points),
        np.array([len(part) for part in points]),
        [one["name"] for one in things],
        {called: np.array([one[name] for one in things], np.float32) for called, name in fixed.items()},
    )


def _series(
    folder: Path,
    name: str,
    lines: _Lines,
    times: np.ndarray,
    rows: Mapping[str, tuple[np.ndarray, Sequence[int | None]]],
) -> Path:
    """Write a file for each time, and the list of them; gives the list."""
    (folder / name).mkdir()
    where = {called: np.array([-1 if row is None else row for row in wanted]) for called, (_, wanted) in rows.items()}
    entries = []
    for frame, time in enumerate(times):
        values = {
            called: np.where(where[called] < 0, np.nan, all_[frame][where[called]])
            for called, (all_, _) in rows.items()
        }
        file = f"{name}/{frame:06d}.vtp"
        (folder / file).write_text(_poly_data(lines, values), encoding="utf-8")
        entries.append(f'<DataSet timestep="{float(time)!r}" part="0" file="{file}"/>')
    listed = "\n".join(entries)
    path = folder / f"{name}.pvd"
    path.write_text(
        f'<?xml version="1.0"?>\n<VTKFile type="Collection" version="0.1" byte_order="LittleEndian">\n<Collection>\n'
        f"{listed}\n</Collection>\n</VTKFile>\n",
        encoding="utf-8",
    )
    return path


def _poly_data(lines: _Lines, values: Mapping[str, np.ndarray]) -> str:
    """One moment as XML PolyData."""
    count = len(lines.points)
    radius = lines.fixed["resting_radius_cm"]
    if "diameter_mm" in values:  # what has none of its own (a perforator's rigid channel) keeps its resting one
        radius = np.where(np.isnan(values["diameter_mm"]), radius, values["diameter_mm"] / 20.0)
    cells = {name: _array(name, one) for name, one in {**values, **lines.fixed}.items()}
    return (
        '<?xml version="1.0"?>\n<VTKFile type="PolyData" version="1.0" byte_order="LittleEndian" header_type="UInt64" '
        'compressor="vtkZLibDataCompressor">\n<PolyData>\n'
        f'<Piece NumberOfPoints="{count}" NumberOfVerts="0" NumberOfLines="{len(lines.counts)}" NumberOfStrips="0" '
        'NumberOfPolys="0">\n'
        f'<PointData Scalars="radius_cm">{_array("radius_cm", np.repeat(radius, lines.counts))}</PointData>\n'
        f'<CellData Scalars="{next(iter(values))}">{"".join(cells.values())}{_text("name", lines.names)}</CellData>\n'
        f"<Points>{_array('points', lines.points, 3)}</Points>\n"
        f"<Lines>{_array('connectivity', np.arange(count))}{_array('offsets', np.cumsum(lines.counts))}</Lines>\n"
        "</Piece>\n</PolyData>\n</VTKFile>\n"
    )


def _array(name: str, values: np.ndarray, components: int = 1) -> str:
    kind = "i" if values.dtype.kind == "i" else "f"
    body = np.ascontiguousarray(values, dtype={"f": "<f4", "i": "<i8"}[kind]).tobytes()
    return (
        f'<DataArray type="{_TYPES[kind]}" Name="{escape(name)}" NumberOfComponents="{components}" format="binary">'
        f"{_encoded(body)}</DataArray>\n"
    )


def _text(name: str, values: Sequence[str]) -> str:
    """Names as an array of strings, each ended by a zero."""
    body = b"".join(value.encode("utf-8") + b"\0" for value in values)
    return (
        f'<Array type="String" Name="{escape(name)}" NumberOfTuples="{len(values)}" format="binary">'
        f"{_encoded(body)}</Array>\n"
    )


def _encoded(body: bytes) -> str:
    """Bytes as VTK's compressor writes them: one block, its sizes in front."""
    packed = zlib.compress(body)
    sizes = np.array([1, len(body), 0, len(packed)], "<u8").tobytes()
    return base64.b64encode(sizes).decode("ascii") + base64.b64encode(packed).decode("ascii")
