"""Timing of a session: time, place, pressure and direction of each stroke. Plain data, for physics and tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from venolymph.errors import DocumentError
from venolymph.massage.catalogue import Family, Motion, places
from venolymph.massage.session import Session
from venolymph.massage.session_steps import Strokes
from venolymph.steps.step import Step


@dataclass(frozen=True)
class Stroke:
    """One stroke of one hand (or of two that act as one).

    Attributes:
        start: s from the session's start.
        push: how long the hand pushes, s.
        release: how long contact is barely kept afterwards, s.
        step: number of the step in the session, from 0.
        kind: name of the stroke.
        family: basic, oedema or fibrosis.
        motion: circle, line, spiral, glide or press.
        side: left or right for places that are paired, else None.
        path: names of the places, in the order in which the hand goes.
        begin: where on the path the hand is when it begins to push: 1.25 is a quarter through the second place.
        end: where it is when it stops pushing; the same as `begin` for all but gliding strokes.
        direction: which way the skin is pushed along the lymph's way: proximal (with it), distal (against it) or none.
        toward: place that the push points to or, where `direction` says so, away from.
        area: skin that the hand presses on, cm2.
        pressure: on the skin while it pushes, mmHg.
        stretch: of the skin while it pushes, 1.
        avoids_varices: whether the hand stays beside varicose veins.
    """

    start: float
    push: float
    release: float
    step: int
    kind: str
    family: Family
    motion: Motion
    side: Literal["left", "right"] | None
    path: tuple[str, ...]
    begin: float
    end: float
    direction: Literal["proximal", "distal", "none"]
    toward: str
    area: float
    pressure: float
    stretch: float
    avoids_varices: bool = False

    @property
    def duration(self) -> float:
        """Push and release, s."""
        return self.push + self.release

    @property
    def place(self) -> str:
        """Name of the place where it begins."""
        return self.path[min(int(self.begin), len(self.path) - 1)]

    def where(self, time: float) -> tuple[str, float]:
        """Place under the hand, and position along it.

        Args:
            time: s from the stroke's start.

        Returns:
            Name of the place, and the share of its length from its proximal end (0) to its distal end (1).
        """
        share = min(max(time / self.push, 0.0), 1.0)
        now = self.begin + (self.end - self.begin) * share
        number = min(int(now), len(self.path) - 1)
        along = now - number
        return self.path[number], along if _goes_distally(self.path) else 1.0 - along


def _goes_distally(path: tuple[str, ...]) -> bool:
    return places()[path[-1]].rank >= places()[path[0]].rank


def strokes(session: Session) -> list[Stroke]:
    """Every stroke of a session, in time.

    Raises:
        DocumentError: where a treatment presses harder than a region may be.
    """
    over = session.over_ceiling()
    if over and not (session.purpose == "experiment" and session.reason):
        number, name, pressure, ceiling = over[0]
        raise DocumentError(
            f"{pressure:g} mmHg at {name!r} is too hard; allowed there is {ceiling:g} mmHg",
            hint="press less; an experiment may press harder: `purpose: experiment` and a `reason`",
            place=f"steps.{number - 1}",
        )
    found: list[Stroke] = []
    clock = 0.0
    for number, step in enumerate(session.course):
        if isinstance(step, Strokes):
            found += strokes_of(step, number, clock)
        clock += step.lasts
    return found


def starts(session: Session) -> list[tuple[float, Step]]:
    """Each step with the time at which it begins, s."""
    found: list[tuple[float, Step]] = []
    clock = 0.0
    for step in session.course:
        found.append((clock, step))
        clock += step.lasts
    return found


def strokes_of(step: Strokes, number: int = 0, clock: float = 0.0) -> list[Stroke]:
    """Strokes of one step, which is the session's `number`-th (from 0) and begins at `clock` s."""
    push, release = step.times
    stretches = step.places_in_turn
    # what the strokes leave over of the step's time is how long the hand takes from spot to spot
    moving = (step.lasts - step.busy) / (step.sets * step.spots * len(stretches))
    target = step.toward or step.away_from or ""
    kind = step.kind
    found: list[Stroke] = []
    for _ in range(step.sets):
        for side, path in stretches:
            direction = _direction(path, target, away=step.toward is None)
            for spot in range(step.spots):
                glides = kind.motion == "glide"
                begin = 0.0 if glides else (spot + 0.5) * len(path) / step.spots
                for _ in range(step.repeat):
                    for hand in ("left", "right") if side == "both" else (side,):
                        found.append(
                            Stroke(
                                start=clock,
                                push=push,
                                release=release,
                                step=number,
                                kind=step.stroke,
                                family=kind.family,
                                motion=kind.motion,
                                side="left" if hand == "left" else "right" if hand == "right" else None,
                                path=path,
                                begin=begin,
                                end=float(len(path)) if glides else begin,
                                direction=direction,
                                toward=target,
                                area=kind.area,
                                pressure=step.hard,
                                stretch=step.moved,
                                avoids_varices=step.avoid is not None,
                            )
                        )
                    clock += push + release
                clock += moving
    return found


def _direction(path: tuple[str, ...], target: str, *, away: bool) -> Literal["proximal", "distal", "none"]:
    here = max(places()[name].rank for name in path)
    there = places()[target].rank
    if here == there:
        return "none"
    return "proximal" if (there < here) != away else "distal"
