"""How the body stands at each moment, as far as a picture needs it.

The angles of trunk, thigh and shank are those that the heights of the run were computed with. What muscles do to
joints in walking and on tiptoe is drawn from what the regimen says: heels rise as the pulse of the soleus does, and
hip, knee and ankle follow the usual curves of gait from the strike of the heel on. The network knows nothing of
them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from venolymph.body.anatomy import Body
from venolymph.body.region import OTHER
from venolymph.figures import Figure, load
from venolymph.network.phase_drive import PhaseDrive
from venolymph.network.pulse import smooth_step, trapezoid

COLUMNS = ("hip", "knee", "ankle", "heel")
"""Of each leg: flexion of its joints (degrees; of the ankle toes down from a right angle), and how far its heel lifts
the body on tiptoe (cm)."""
SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")
FORWARD_OF_ANKLE = 13.0
"""From the heel to the balls of the toes, about which a foot turns on tiptoe, cm."""

# Flexion in a cycle of walking from heel strike on, every tenth of it, degrees, as textbooks of gait draw it (Perry,
# Gait Analysis): ankles turn their toes down as positive. Nothing is computed from them.
_HIP = (30, 25, 15, 5, -5, -10, 0, 18, 30, 33)
_KNEE = (5, 17, 15, 8, 4, 12, 38, 60, 40, 10)
_ANKLE = (0, 5, -3, -8, -10, 0, 18, 6, 0, 0)
_CYCLING = ((22, 0, -22, 0), (35, 0, -35, 0), (0, 0, 0, 0))
"""What pedals add to hip, knee and ankle of somebody who sits on a saddle, from the top of the turn on, degrees."""
MOVEMENTS = {"walk": (_HIP, _KNEE, _ANKLE), "run": (_HIP, _KNEE, _ANKLE), "cycle": _CYCLING}
"""Kinds of phases in which legs move by turns, and what that adds to hip, knee and ankle in a cycle, degrees."""
FACE_DOWN = 180.0
"""How far a body that lies face down is turned about its length, degrees. One that lies on a side is drawn on its back,
since its legs are as high as there in what is computed."""
_TURNS_OVER = 2.0
"""Time in which somebody who lies is drawn to turn over, s."""
_STRETCHED = 55.0
"""How far ankles are drawn to stretch in somebody who lies face down, degrees."""
_PUMPED = 35.0
"""How far an ankle is drawn to stretch in an ankle pump, degrees."""
TIME_STEP = 1e-6
"""To what times of poses are rounded, s."""
_PER_CYCLE = 16
"""Poses in a cycle of gait."""
_MOST = 20_000
"""Poses beyond which those of gait are given at frames alone."""
_BLEND = 0.5
"""Time in which a gait begins and ends, s."""


def pose_times(phases: Sequence[Any], frames: np.ndarray, after: float | None = None) -> np.ndarray:
    """Times at which the pose is given: those of frames and, so that legs walk on where these are few, of gait.

    Args:
        phases: of the run.
        frames: times of the frames, s.
        after: none is before this, s, nor after the last frame; None: all, from the first phase to the end of the last.
    """
    walked = [
        np.arange(phase.start, phase.start + phase.duration, phase.period / _PER_CYCLE)
        for phase in phases
        if phase.kind in MOVEMENTS and phase.period
    ]
    more = np.concatenate([phase_edges(phases), *walked]) if sum(map(len, walked)) < _MOST else phase_edges(phases)
    found = np.unique(np.round(np.concatenate([frames, more]), 6))
    if after is None:
        return found
    last = frames[-1] if len(frames) else after
    return found[slice(*np.searchsorted(found, (after + TIME_STEP, last + TIME_STEP)))]


def phase_edges(phases: Sequence[Any]) -> np.ndarray:
    """Where each phase begins, and the last one ends, s."""
    return np.array([phase.start for phase in phases] + [phases[-1].start + phases[-1].duration])


def poses(body: Body, phases: Sequence[tuple[Any, PhaseDrive]], times: np.ndarray, member: int = 0) -> np.ndarray:
    """Poses of a body at some times.

    Args:
        body: whose they are.
        phases: of the run, each with its drive.
        times: s since the run's start.
        member: of the drives.

    Returns:
        Shape (times, 10): tilt of the trunk (degrees; 0 lying, 90 upright, below 0 head down), `COLUMNS` of the left
        and of the right leg, and how far the body is turned about its length (degrees).
    """
    found = np.zeros((len(times), 2 + len(SIDES) * len(COLUMNS)))
    starts = np.array([info.start for info, _ in phases])
    which = np.clip(np.searchsorted(starts, times, side="left") - 1, 0, len(phases) - 1)
    for number in np.unique(which):
        info, drive = phases[number]
        here = which == number
        lies = phases[max(0, number - 1)][0].marks.lies, info.marks.lies
        found[here] = _in_phase(body, info, drive, times[here] - info.start, member, lies)
    for movement in _movements([info for info, _ in phases]):
        _move(body, found, times, movement)
    return np.round(found, 2).astype(np.float32)


@dataclass(frozen=True)
class _Movement:
    """Legs that move by turns: when, s, how long a cycle takes, s, and curves of hip, knee and ankle in it."""

    start: float
    end: float
    period: float
    curves: Sequence[Sequence[float]]


def _in_phase(
    body: Body, info: Any, drive: PhaseDrive, time: Any, member: int, lies: tuple[str | None, str | None]
) -> np.ndarray:
    """Poses at times into a phase, s, without what legs do by turns; `lies`: on what before it, and in it."""
    ramp = max(float(np.asarray(drive.ramp)[0, member]), 1e-9)
    share = smooth_step(time / ramp)[:, None]
    before, after = (np.asarray(one)[:, member] for one in (drive.inclination_from, drive.inclination_to))
    angle = dict(zip(body.topology.links, np.degrees(before + (after - before) * share).T, strict=True))
    still = np.zeros(len(time))
    before, after = (float(one == "front") for one in lies)
    over = before + (after - before) * smooth_step(time / min(ramp, _TURNS_OVER))
    columns = [angle["trunk"]]
    for side in SIDES:
        own = "" if side == body.index_side or f"{OTHER}thigh" not in angle else OTHER
        thigh, shank = angle[f"{own}thigh"], angle[f"{own}shank"]
        lift, foot = still, _STRETCHED * over
        if info.kind == "tiptoes":
            lift = _full_tiptoe(body, drive, member) * _pulse(body, drive, time, member)
            foot = np.degrees(np.arcsin(np.clip(lift / FORWARD_OF_ANKLE, 0.0, 1.0)))
        elif info.kind == "ankle pumps" and side == body.index_side:
            foot = _PUMPED * _pulse(body, drive, time, member)
        columns += [angle["trunk"] - thigh, shank - thigh, foot, lift]
    return np.stack([*columns, FACE_DOWN * over], axis=1)


def _full_tiptoe(body: Body, drive: PhaseDrive, member: int) -> float:
    """How high the heels rise, cm: as far as the soleus presses of what it does in a full tiptoe."""
    known: dict[str, Figure] = dict(body.known or load())
    height = float(np.asarray(drive.pulse)[body.topology.surroundings.index("soleus"), member])
    share = height / known["muscle_pump.tiptoe.soleus.peak"].internal
    return known["muscle_pump.tiptoe.height"].internal * share


def _pulse(body: Body, drive: PhaseDrive, time: np.ndarray, member: int) -> np.ndarray:
    """Contraction of the soleus at times into a phase, as a share of its height."""
    soleus = body.topology.surroundings.index("soleus")
    onset, *part = (
        float(np.asarray(getattr(drive, name))[soleus, member]) for name in ("onset", "rise", "hold", "fall")
    )
    turn: Any = time / float(np.asarray(drive.period)[0, member]) - onset
    shape: tuple[Any, ...] = (turn - np.floor(turn), *part)
    return np.asarray(trapezoid(*shape))


def _movements(phases: Sequence[Any]) -> Iterator[_Movement]:
    for _, group in itertools.groupby(phases, lambda info: (info.marks.step, info.kind in MOVEMENTS)):
        together = list(group)
        first, last = together[0], together[-1]
        if first.kind in MOVEMENTS and first.period:
            yield _Movement(first.start, last.start + last.duration, float(first.period), MOVEMENTS[first.kind])


def _move(body: Body, found: np.ndarray, times: np.ndarray, movement: _Movement) -> None:
    """Add a movement to poses, in place: it begins and ends within a moment."""
    here = (times >= movement.start) & (times <= movement.end)
    time: Any = times[here]
    much = smooth_step((time - movement.start) / _BLEND) * smooth_step((movement.end - time) / _BLEND)
    turn = (time - movement.start) / movement.period
    for number, side in enumerate(SIDES):
        own = turn if side == body.index_side else turn + 0.5
        for column, curve in enumerate(movement.curves):
            found[here, 1 + number * len(COLUMNS) + column] += much * _cyclic(curve, own)


def _cyclic(curve: Sequence[float], turn: np.ndarray) -> np.ndarray:
    """A curve that repeats itself every turn, smooth (a trigonometric interpolation)."""
    parts = np.fft.rfft(np.asarray(curve, float)) / len(curve)
    order = np.arange(len(parts))
    weight = np.where((order == 0) | (2 * order == len(curve)), 1.0, 2.0)
    waves = np.exp(2j * np.pi * order * turn[:, None])
    return np.real(waves @ (weight * parts))
