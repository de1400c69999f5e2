"""A run as it is shown: where everything lies in the leg, what is seen there over time, and how the body stands.

    recording = record(run)
    pack_head(recording), pack_frames(recording)

gives what a browser reads (`packing`). A long run is thinned, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from venolymph.body.anatomy import Body
from venolymph.numbers import clock
from venolymph.simulation import Run
from venolymph.version import version
from venolymph.viewer.drawn_body import DrawnBody, draw_body
from venolymph.viewer.hands import drawn_hands
from venolymph.viewer.packing import pack
from venolymph.viewer.pose import pose_times, poses
from venolymph.viewer.shown import shown_quantities
from venolymph.viewer.thinning import frame_numbers, told

MOST_FRAMES = 2000
"""Frames beyond this many are thinned where nothing else is asked for."""
PAGE_VALUES = 950_000
"""Values of all recordings in one page together: with them it stays below 3 MB."""
NOTICE = "For research and education. Not a medical device: not for diagnosis, and no promise about anybody's health."


@dataclass(frozen=True)
class Recording:
    """A member of a run as it is shown.

    Attributes:
        head: everything but frames, as it goes into JSON.
        places: where everything lies.
        times: by clock (`samples`, `exchange`, `pose`), s since the run's start.
        series: of each quantity, shape (frames of its clock, rows).
        pose: at each time of its clock, see `pose.poses`.
        numbers: of the frames among all samples of the run.
    """

    head: Mapping[str, Any]
    places: DrawnBody
    times: Mapping[str, np.ndarray]
    series: Mapping[str, np.ndarray]
    pose: np.ndarray
    numbers: np.ndarray

    def named(self, label: str) -> Recording:
        """The same under another name, which tells it from the one beside it."""
        return replace(self, head={**self.head, "member": label, "title": label})


def record(
    run: Run,
    member: int = 0,
    every: int | None = None,
    sentences: Sequence[str] = (),
    *,
    most: int = MOST_FRAMES,
    places: DrawnBody | None = None,
    span: tuple[float, float] | None = None,
) -> Recording:
    """A member of a run as it is shown.

    Args:
        run: what was simulated.
        member: its number.
        every: which samples become frames: every first, second, third one; None: `most` of them at most.
        sentences: what happened, in words.
        most: frames beyond this many are thinned.
        places: of another recording of the same member, with the same rows; None: drawn anew.
        span: first and last time of frames, s from the run's start; None: all.
    """
    body, quantities = run.bodies[member], shown_quantities(run)
    begin = float(run.phases[0].start)
    numbers = frame_numbers(run.phases, most) if every is None else np.arange(every - 1, len(run.time), every)
    at, shown = {"samples": np.asarray(run.time, float)}, numbers
    if span is not None:
        here = at["samples"][numbers] - begin
        numbers = numbers[(here >= span[0]) & (here <= span[1])]
    if run.tissue is not None:
        at["exchange"] = np.asarray(run.exchange("exchange_time"), float)
    kept = {"samples": numbers, "exchange": np.arange(len(at.get("exchange", ())))}
    status = run.status[member]
    trusted = np.inf if status.code == "ok" else status.time + 1e-6
    series = {}
    for name, what in quantities.items():
        values = what.values(run, member)[kept[what.clock]]
        series[name] = np.where((at[what.clock][kept[what.clock]] <= trusted)[:, None], values, np.nan)
    if places is None:
        places = draw_body(body, {name: what.names(run, member) for name, what in quantities.items()})
    phases = [(record.info, record.drive) for record in run.records]
    head = {
        **_described(run, member, shown, begin),
        **places.header,
        "hands": list(drawn_hands(run, member, places.scale)),
        "quantities": {name: what.header(run, member) for name, what in quantities.items()},
        "sentences": list(sentences),
        "exaggeration": [1, 2, 4],
    }
    times = {name: all_[kept[name]] - begin for name, all_ in at.items()}
    posed = pose_times(run.phases, at["samples"][numbers])
    times["pose"] = posed - begin
    return Recording(head, places, times, series, poses(body, phases, posed, member), numbers)


def record_for_page(
    run: Run, members: Sequence[int], sentences: Sequence[Sequence[str]] = (), *, together: int | None = None
) -> list[Recording]:
    """Members of a run with as few frames as go into one file.

    Args:
        run: what was simulated.
        members: their numbers.
        sentences: what happened to each of them, in words; none where it is empty.
        together: how many recordings the file has; None: as many as members.
    """
    rows = sum(len(what.names(run, members[0])) for what in shown_quantities(run).values() if what.clock == "samples")
    most = min(MOST_FRAMES, PAGE_VALUES // (rows * (together or len(members))))
    told = sentences or [()] * len(members)
    return [record(run, one, sentences=said, most=most) for one, said in zip(members, told, strict=True)]


def can_be_shown(run: Any) -> bool:
    """Whether a run is one of legs, whose places are known, and holds something."""
    return bool(run.phases) and all(isinstance(body, Body) and body.legs != "none" for body in run.bodies)


def pack_head(recording: Recording) -> bytes:
    """What is known before the first frame, as bytes."""
    return pack({"kind": "head", **recording.head}, recording.places.blocks, {})


def pack_frames(recording: Recording, first: int = 0, last: int | None = None) -> bytes:
    """Frames as bytes.

    Args:
        recording: whose they are.
        first: number of the first of them.
        last: number of the one after the last; None: to the end. Tissue and lymph come with all of their records.
    """
    part = slice(first, last)
    rows = {"samples": part, "exchange": slice(None)}
    time, posed = recording.times["samples"][part], recording.times["pose"]
    here = slice(0 if not first else np.searchsorted(posed, time[0]), np.searchsorted(posed, time[-1], side="right"))
    plain = {"time": time, "time.pose": posed[here], "pose": recording.pose[here]}
    if "exchange" in recording.times:
        plain["time.exchange"] = recording.times["exchange"]
    quantities = recording.head["quantities"]
    series = {name: values[rows[quantities[name]["clock"]]] for name, values in recording.series.items()}
    steps = {name: what["step"] for name, what in quantities.items()}
    header = {
        "kind": "frames",
        "version": 1,
        "first": first,
        "detail": "thinned" if recording.head["thinned"] else "all",
    }
    return pack(header, plain, series, steps)


def _described(run: Run, member: int, numbers: np.ndarray, begin: float) -> dict[str, Any]:
    """What the head says of the run as a whole."""
    body, status = run.bodies[member], run.status[member]
    last = run.phases[-1]
    other = "right" if body.index_side == "left" else "left"
    failed = ""
    if status.code != "ok":
        why = f" Likely cause: {status.cause}." if status.cause else ""
        failed = f"The computation stopped after {clock(status.time - begin)}; nothing is shown from then on.{why}"
    return {
        "version": 1,
        "member": run.members[member],
        "title": f"{run.members[member].replace('-', ' ')}: {run.regimen.regimen}",
        "regimen": str(run.regimen.regimen),
        "venolymph": version(),
        "sides": [body.index_side, other] if body.legs == "both" else [body.index_side],
        "index_side": body.index_side,
        "notice": NOTICE,
        "begins": begin,
        "duration": float(last.start + last.duration - begin),
        "frames": len(numbers),
        "thinned": told(numbers, run.phases),
        "failed": failed,
        "posture": "Posture is drawn from what the regimen says: angles of the body as heights were computed with, and "
        "the usual movement of joints in walking and on tiptoe, which is not computed.",
        "phases": [
            {
                "label": phase.label,
                "kind": phase.kind,
                "start": float(phase.start - begin),
                "duration": float(phase.duration),
                "period": phase.period,
                "sample": float(phase.sample),
            }
            for phase in run.phases
        ],
    }
