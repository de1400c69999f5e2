"""A run as it is shown: where everything lies in leg or face, what is seen there over time, and how the body lies.

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
from venolymph.body.make import part_of, sides_of
from venolymph.numbers import clock
from venolymph.simulation import Run
from venolymph.version import version
from venolymph.viewer.drawn_body import DrawnBody, draw_body
from venolymph.viewer.drawn_face import draw_face
from venolymph.viewer.face_pose import face_poses
from venolymph.viewer.hands import drawn_hands
from venolymph.viewer.packing import pack
from venolymph.viewer.pose import TIME_STEP, pose_times, poses
from venolymph.viewer.shown import ShownQuantity, shown_of_leg
from venolymph.viewer.shown_face import shown_of_face
from venolymph.viewer.thinning import frame_numbers, told

MOST_FRAMES = 2000
"""Frames beyond this many are thinned where nothing else is asked for."""
PAGE_VALUES = 950_000
"""Values of all recordings in one page together: with them it stays below 3 MB."""
NOTICE = "For research and education. Not a medical device: not for diagnosis, and no promise about anybody's health."

POSTURE = {
    "leg": "Posture is drawn from what the regimen says: angles of the body as heights were computed with, and the "
    "usual movement of joints in walking and on tiptoe, which is not computed.",
    "face": "Shape of the head, lips, brows and eyes are drawn, and the same for all; how much each region swells, "
    "and the colour of its skin, are computed. Posture is that which heights were computed with.",
}
"""What is said of the drawing, by part of the body."""


@dataclass(frozen=True)
class Recording:
    """A member of a run as it is shown.

    Attributes:
        head: everything but frames, as it goes into JSON.
        places: where everything lies.
        times: by clock (`samples`, `exchange`, `pose`), s since the run's start.
        series: of each quantity, shape (frames of its clock, rows).
        pose: at each time of its clock, see `pose.poses`; of a face `face_pose.face_poses`.
        numbers: of the frames among all samples of the run.
        first: how many frames, and records of tissue and lymph, were shown before these.
    """

    head: Mapping[str, Any]
    places: DrawnBody
    times: Mapping[str, np.ndarray]
    series: Mapping[str, np.ndarray]
    pose: np.ndarray
    numbers: np.ndarray
    first: tuple[int, int] = (0, 0)

    def named(self, label: str) -> Recording:
        """The same under another name, which tells it from the one beside it."""
        return replace(self, head={**self.head, "member": label, "title": label})


def shown_quantities(run: Run) -> Mapping[str, ShownQuantity]:
    """The quantities that a run has, by name."""
    return shown_of_face(run) if part_of(run.body) == "face" else shown_of_leg(run)


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
        span: first and last time of frames, s from the run's start, without records of tissue and lymph; None: all.
    """
    body, quantities = run.bodies[member], shown_quantities(run)
    begin = float(run.phases[0].start)
    numbers = frame_numbers(run.phases, most) if every is None else np.arange(every - 1, len(run.time), every)
    shown = numbers
    if span is not None:
        here = np.asarray(run.time, float)[numbers] - begin
        numbers = numbers[(here >= span[0]) & (here <= span[1])]
    if places is None:
        rows = {name: what.names(run, member) for name, what in quantities.items()}
        places = draw_body(body, rows) if part_of(body) == "leg" else draw_face(run, member, rows)
    head = {
        **_described(run, member, shown, begin),
        **places.header,
        "hands": list(drawn_hands(run, member, places.scale)),
        "quantities": {name: what.header(run, member) for name, what in quantities.items()},
        "sentences": list(sentences),
        "exaggeration": [1, 2, 4] if part_of(body) == "leg" else [1, 2, 3],
    }
    count = 0 if run.tissue is None or span is not None else len(run.phase_of_exchange)
    bare = Recording(head, places, {}, {}, np.zeros((0, 0)), numbers)
    after = None if span is None else begin + span[0] - 2.0 * TIME_STEP
    return _with_frames(bare, run, member, (numbers, np.arange(count)), after)


def record_more(recording: Recording, run: Run, member: int, every: int) -> Recording:
    """What a run has come to since it was recorded, and nothing of what was shown before.

    Args:
        recording: of a member of the run when it was shorter, with the same quantities.
        run: as far as it is now.
        member: its number.
        every: which samples become frames: every first, second, third one.
    """
    frames, records = (len(recording.times.get(name, ())) for name in ("samples", "exchange"))
    first = recording.first[0] + frames, recording.first[1] + records
    count = 0 if run.tissue is None else len(run.phase_of_exchange)
    numbers = np.arange(every * (first[0] + 1) - 1, sum(phase.samples for phase in run.phases), every)
    after = float(run.phases[0].start) + (recording.times["samples"][-1] if frames else -1.0)
    return _with_frames(replace(recording, first=first), run, member, (numbers, np.arange(first[1], count)), after)


def _with_frames(
    recording: Recording, run: Run, member: int, numbers: tuple[np.ndarray, np.ndarray], after: float | None
) -> Recording:
    """The same with samples, and records of tissue and lymph, of these numbers, and poses after a time, s."""
    kept: Mapping[str, np.ndarray] = dict(zip(("samples", "exchange"), numbers, strict=True))
    begin, status = float(run.phases[0].start), run.status[member]
    trusted = np.inf if status.code == "ok" else status.time + 1e-6
    at = {"samples": np.asarray(run.time, float)[kept["samples"]]}
    if run.tissue is not None:
        at["exchange"] = np.asarray(run.exchange("exchange_time"), float)[kept["exchange"]]
    series = {}
    for name, what in shown_quantities(run).items():
        wanted = kept[what.clock]
        values = what.values(run, member, wanted) if len(wanted) else np.zeros((0, len(what.names(run, member))))
        series[name] = np.where((at[what.clock] <= trusted)[:, None], values, np.nan)
    phases = [(one.info, one.drive) for one in run.records]
    posed = pose_times(run.phases, at["samples"], after)
    times = {name: all_ - begin for name, all_ in (*at.items(), ("pose", posed))}
    body = run.bodies[member]
    lain = poses(body, phases, posed, member) if part_of(body) == "leg" else face_poses(phases, posed, member)
    return replace(recording, times=times, series=series, pose=lain, numbers=kept["samples"])


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
    """Whether a run is one of legs or of a face, whose places are known, and holds something."""
    return bool(run.phases) and all(isinstance(body, Body) for body in run.bodies)


def pack_head(recording: Recording) -> bytes:
    """What is known before the first frame, as bytes."""
    return pack({"kind": "head", **recording.head}, recording.places.blocks, {})


def pack_frames(recording: Recording, first: int = 0, last: int | None = None) -> bytes:
    """Frames as bytes.

    Args:
        recording: whose they are.
        first: number of the first of them.
        last: number of the one after the last; None: to the end. Tissue and lymph come with all records that it has.
    """
    part = slice(first, last)
    rows = {"samples": part, "exchange": slice(None)}
    time, posed = recording.times["samples"][part], recording.times["pose"]
    end = np.searchsorted(posed, time[-1] + TIME_STEP) if len(time) else 0
    here = slice(0 if not first else np.searchsorted(posed, time[0] - TIME_STEP), end)
    plain = {"time": time, "time.pose": posed[here], "pose": recording.pose[here]}
    if "exchange" in recording.times:
        plain["time.exchange"] = recording.times["exchange"]
    quantities = recording.head["quantities"]
    series = {name: values[rows[quantities[name]["clock"]]] for name, values in recording.series.items()}
    steps = {name: what["step"] for name, what in quantities.items()}
    header = {
        "kind": "frames",
        "version": 1,
        "first": recording.first[0] + first,
        "first_record": recording.first[1],
        "detail": "thinned" if recording.head["thinned"] else "all",
    }
    return pack(header, plain, series, steps)


def _described(run: Run, member: int, numbers: np.ndarray, begin: float) -> dict[str, Any]:
    """What the head says of the run as a whole."""
    body, status = run.bodies[member], run.status[member]
    last = run.phases[-1]
    other = "right" if body.index_side == "left" else "left"
    both = body.legs == "both" if part_of(body) == "leg" else sides_of(body) == "both"
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
        "body": part_of(body),
        "sides": [body.index_side, other] if both else [body.index_side],
        "index_side": body.index_side,
        "notice": NOTICE,
        "begins": begin,
        "duration": float(last.start + last.duration - begin),
        "frames": len(numbers),
        "thinned": told(numbers, run.phases),
        "failed": failed,
        "posture": POSTURE[part_of(body)],
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
