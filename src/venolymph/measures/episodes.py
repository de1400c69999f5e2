"""Finding in a run what a person did: standing, walking, tiptoes, a cuff let go.

One step of a regimen is several phases (short time steps right after a change, long ones later). An **episode** joins
phases that follow one another and are the same activity: staying in one posture (through any number of steps, waiting
included), or one step of any other kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from venolymph.measures.reading import ManoeuvreMissingError, Recorded
from venolymph.measures.settings import setting
from venolymph.steps.marks import Marks

RESTING = setting("resting_window")
"""Time over which a steady value is averaged, s: some five breaths, as in the published walking pressures."""
STAYING = "stay"
"""Kind of an episode in which a person stays in a posture (or has just moved into it)."""
SUCTION = "suction"
"""Suction around the legs, among what presses from outside."""
_POSTURES = ("lie", "sit", "stand", "raise", "tilt", "rest", "wait")


@dataclass(frozen=True)
class Episode:
    """Phases that follow one another and are one activity.

    Attributes:
        kind: `stay`, or the step's kind (walk, tiptoes, cuff ...).
        label: its name in the regimen.
        posture: the posture in force.
        first: number of its first phase.
        last: number of its last phase.
        start: s.
        end: s.
        period: period of gait or tiptoes, s.
        marks: marks of its phases, later ones over earlier ones.
        cuffs: pressure of each cuff that is inflated at its end, and suction around the legs, mmHg.
    """

    kind: str
    label: str
    posture: str
    first: int
    last: int
    start: float
    end: float
    period: float | None
    marks: Marks
    cuffs: Mapping[str, float] = field(default_factory=dict)

    @property
    def duration(self) -> float:
        """Length, s."""
        return self.end - self.start


def episodes(run: Recorded) -> list[Episode]:
    """The activities of a run in their order."""
    found: list[Episode] = []
    cuffs: dict[str, float] = {}
    for number, phase in enumerate(run.phases):
        marks: Marks = phase.marks
        if marks.cuff is not None:
            cuffs = {**cuffs, marks.cuff: float(marks.cuff_pressure or 0.0)}
            cuffs = {name: pressure for name, pressure in cuffs.items() if pressure > 0}
        if marks.suction is not None:
            cuffs = {name: pressure for name, pressure in cuffs.items() if name != SUCTION}
            cuffs |= {SUCTION: float(marks.suction)} if marks.suction > 0 else {}
        kind = STAYING if phase.kind in _POSTURES else phase.kind
        posture = marks.posture
        now = Episode(
            kind,
            phase.label,
            posture,
            number,
            number,
            phase.start,
            phase.start + phase.duration,
            phase.period,
            marks,
            cuffs,
        )
        if found and _continues(found[-1], now):
            before = found[-1]
            period = phase.period or before.period
            found[-1] = replace(before, last=number, end=now.end, period=period, marks=before.marks.joined(marks))
        else:
            found.append(now)
    return found


def _continues(before: Episode, now: Episode) -> bool:
    if (before.kind, before.posture, before.cuffs) != (now.kind, now.posture, now.cuffs):
        return False
    return now.kind == STAYING or before.marks.step == now.marks.step


def last(
    run: Recorded, what: str, *wanted: Callable[[Episode], bool], before: Episode | None = None
) -> tuple[Episode, ...]:
    """The last episodes that directly follow one another and fit, one by one.

    Args:
        run: the run.
        what: the manoeuvre in words, for the message.
        wanted: for each episode, whether it fits.
        before: an episode that they have to come before.

    Raises:
        ManoeuvreMissingError: where the run holds none.
    """
    held = [episode for episode in episodes(run) if before is None or episode.last < before.first]
    for number in reversed(range(len(held) - len(wanted) + 1)):
        part = held[number : number + len(wanted)]
        if all(fits(episode) for fits, episode in zip(wanted, part, strict=True)):
            return tuple(part)
    done = ", ".join(f"{episode.label} ({episode.duration:.0f} s)" for episode in held) or "nothing"
    raise ManoeuvreMissingError(
        f"the run does not hold {what}; it holds {done}",
        hint="`measure(run, ...)` performs the manoeuvre on a branch; or simulate a regimen that has it",
    )


def first_start(run: Recorded) -> float:
    """Begin of the record, s."""
    return float(run.phases[0].start)


def window(run: Recorded, episode: Episode, seconds: float = RESTING) -> tuple[float, float]:
    """The last seconds of an episode: whole gait cycles where it has a period, all of it where it is shorter."""
    length = min(seconds, episode.duration)
    if episode.period and episode.period <= length:
        length = np.floor(length / episode.period + 1e-9) * episode.period
    return episode.end - float(length), episode.end


def samples(run: Recorded, start: float, stop: float) -> slice:
    """Samples from `start` to `stop`, both included."""
    time = np.asarray(run.time)
    return slice(int(np.searchsorted(time, start - 1e-9)), int(np.searchsorted(time, stop + 1e-9)))
