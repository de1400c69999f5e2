"""A run in plain English, for somebody who treats legs: what the readings say and nothing beyond it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from venolymph.measures.other_leg import SeenFromOtherLeg
from venolymph.numbers import clock
from venolymph.report import conditions, reflux
from venolymph.report.changes import changes
from venolymph.report.face import face_sentences, is_face
from venolymph.report.leg_traces import in_legs, inside, trace_at

_DOING = {
    "lie": "lying",
    "raise": "lying with the leg raised",
    "sit": "sitting",
    "stand": "standing still",
    "tilt": "on the tilt table",
    "tiptoe": "rising on tiptoe",
    "tiptoes": "rising on tiptoe",
    "walk": "walking",
    "run": "running",
}
_STOPPED = "The computation stopped"
_AVERAGED = 10.0
"""A pressure is the mean over the last so many seconds of a phase, s: whole gait cycles, no flicker."""


def sentences(run: Any, member_outcomes: Sequence[tuple[str, bool, float | None, str]]) -> tuple[tuple[str, ...], ...]:
    """What a run showed, sentence by sentence; first what held besides posture and what a treatment or a walk changed.

    Args:
        run: the run.
        member_outcomes: for each member label, whether it was simulated to the end, when (s) it stopped and why.

    Returns:
        The sentences about each member.
    """
    found = []
    for member, (_, ok, time, cause) in enumerate(member_outcomes):
        told = []
        if not ok:
            when = "" if time is None else f" after {clock(time)}"
            why = f" Likely cause: {cause}." if cause else ""
            told.append(f"{_STOPPED}{when}; what follows holds up to then.{why}")
        told += [*conditions.pregnancy(run.bodies[member].person), *conditions.knees(run.phases)]
        found.append((*told, *_of_legs(run, member, ok)))
    return tuple(found)


def leads(run: Any, told: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The one or two sentences about each member that a page begins with: pressure standing and walking if it may.

    Args:
        run: the run.
        told: all sentences about each member.
    """
    found = []
    for member, sentences_ in enumerate(told):
        first = [text for text in sentences_ if text in _pressure(run, member)][:2] or list(sentences_[:1])
        stopped = [text for text in sentences_[:1] if text.startswith(_STOPPED)]
        found.append(" ".join(dict.fromkeys([*stopped, *first])))
    return tuple(found)


def _of_legs(run: Any, member: int, ok: bool) -> list[str]:
    """What is said of a face, or of the leg asked about; of both where both are in full, with the side in front."""

    def of(seen: Any) -> list[str]:
        told = [*changes(seen, member), *_pressure(seen, member), *_pooling(seen, member)]
        return [*told, *(reflux.told(seen, member) if ok else ())]

    if is_face(run):
        return face_sentences(run, member)
    if run.bodies[member].legs != "both":
        return of(run)
    legs = zip(in_legs([run.bodies[member]]), (run, SeenFromOtherLeg(run)), strict=True)
    return [f"{leg[0].upper()}{leg[1:]}: {text}" for leg, seen in legs for text in of(seen)]


def _at_end(run: Any, kinds: Sequence[str], trace: np.ndarray) -> tuple[float, str]:
    """Mean of a trace at the end of the last phase of some kinds that was reached, and the kind; NaN if none was."""
    for number in reversed(range(len(run.phases))):
        if run.phases[number].kind in kinds:
            value = _end_of(run, number, trace)
            if np.isfinite(value):
                return value, run.phases[number].kind
    return float("nan"), ""


def _end_of(run: Any, phase: int, trace: np.ndarray) -> float:
    """Mean of a trace over the last seconds of a phase (whole cycles where it has a period)."""
    info = run.phases[phase]
    time = np.asarray(run.time, float)
    stop = info.start + info.duration
    width = min(_AVERAGED, info.duration)
    if info.period and info.duration >= info.period:
        width = max(1, int(width / info.period + 1e-9)) * info.period
    chosen = (run.phase_of_sample == phase) & (time > stop - width - 1e-9)
    return float(trace[chosen].mean()) if chosen.any() else float("nan")


def _pressure(run: Any, member: int) -> list[str]:
    trace = trace_at(run, "superficial", "ankle", "mean_pressure")
    if trace is None:
        return []
    trace = trace[:, member]
    found = []
    level = {kind: _at_end(run, [kind], trace)[0] for kind in ("lie", "raise", "sit", "stand")}
    told = [f"{value:.0f} mmHg {_DOING[kind]}" for kind, value in level.items() if np.isfinite(value)]
    if told:
        found.append(f"The pressure in the vein at the ankle was {_and(told)}.")
    for kinds in (("walk",), ("run",), ("tiptoe", "tiptoes")):
        value, kind = _at_end(run, kinds, trace)
        if not np.isfinite(value):
            continue
        text = f"At the end of {_DOING[kind]} it was {value:.0f} mmHg"
        standing = level["stand"]
        if np.isfinite(standing) and standing > 20:
            change = 100 * (standing - value) / standing
            if change >= 2:
                text += f", {change:.0f} % below standing still"
            else:
                text += ", no lower than standing still: the calf's pump took nothing off"
        found.append(text + ".")
    return found


def _pooling(run: Any, member: int) -> list[str]:
    volume = np.asarray(run.volume)
    regions = [name for name in ("foot", "ankle", "calf", "knee", "thigh") if name in run.bodies[member].regions]
    trace = sum((inside(run, name, volume)[:, member] for name in regions), np.zeros(len(volume)))
    found = list(conditions.suction(run, trace, partial(_end_of, run)))
    lying, how = _at_end(run, ("lie", "raise"), trace)
    standing, _ = _at_end(run, ("stand",), trace)
    if not np.isfinite(standing - lying):
        return found
    return [*found, f"Standing still, the leg's veins held {standing - lying:.0f} mL more blood than {_DOING[how]}."]


def _and(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
