"""What held beside posture, in sentences: a pregnancy, straight knees, suction around the legs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from venolymph import figures
from venolymph.numbers import clock, number
from venolymph.steps.marks import Marks


def labels(phases: Sequence[Any]) -> list[str]:
    """Label of each phase, with straight knees and suction where they last on in it."""
    found, suction, straight = [], 0.0, frozenset[str]()
    for phase in phases:
        marks, label = phase.marks, str(phase.label)
        straight = _straight(straight, marks)
        suction = suction if marks.suction is None else marks.suction
        if straight and marks.knees is None:
            label += f", {_knees(straight)} straight"
        if suction > 0.0 and marks.suction is None:
            label += f", suction {number(suction)} mmHg"
        found.append(label)
    return found


def _straight(legs: frozenset[str], marks: Marks) -> frozenset[str]:
    """Legs whose knees are straight, once a phase with these marks is over."""
    moved = {marks.leg} if marks.leg else {"left", "right"}
    return legs if marks.knees is None else legs | moved if marks.knees == "straight" else legs - moved


def _knees(legs: frozenset[str]) -> str:
    return "knees" if len(legs) > 1 else f"{next(iter(legs))} knee"


def pregnancy(person: Any) -> list[str]:
    """What a pregnancy changes, and that published ranges are of other people; empty without one."""
    weeks: float = person.weeks_pregnant
    if not weeks:
        return []
    presses = ""
    if weeks > figures.load()["pregnancy.abdomen.from_week"].value:
        presses = ", and the uterus presses on the veins that drain the legs, most of all lying flat"
    return [
        f"{person.person.pregnancy} pregnant: the walls of the leg's veins give way more{presses}. "
        "The published ranges are of people who were not pregnant."
    ]


def knees(phases: Sequence[Any]) -> list[str]:
    """When the knees were straight, and what that does to the vein behind them."""
    stretches: list[tuple[float, float, frozenset[str]]] = []
    straight = frozenset[str]()
    for phase in phases:
        straight = _straight(straight, phase.marks)
        end = phase.start + phase.duration
        if stretches and stretches[-1][1:] == (phase.start, straight):
            stretches[-1] = (stretches[-1][0], end, straight)
        elif straight:
            stretches.append((phase.start, end, straight))
    left = figures.load()["posture.knee.lumen_left"].value
    return [
        f"From {clock(begin)} to {clock(end)} the {_knees(legs)} {'were' if len(legs) > 1 else 'was'} fully straight: "
        f"the popliteal vein behind the knee keeps {100.0 * left:.0f} % of its lumen, as was measured."
        for begin, end, legs in stretches
    ]


def suction(run: Any, blood: np.ndarray, mean_at: Callable[[int, np.ndarray], float]) -> Iterator[str]:
    """What the veins took up under suction around the legs.

    Args:
        run: the run.
        blood: in the veins of the leg at each sample, mL.
        mean_at: mean of a trace at the end of a phase.
    """
    before: int | None = None
    phases = run.phases
    for first, phase in enumerate(phases):
        pressure = phase.marks.suction
        if pressure is None or (first and phases[first - 1].marks.suction == pressure):
            continue
        if pressure == 0.0:
            before = None
            continue
        if before is None:
            before = first - 1
        if before < 0:
            continue
        last = first
        while last + 1 < len(phases) and phases[last + 1].marks.suction == pressure:
            last += 1
        gained = mean_at(last, blood) - mean_at(before, blood)
        length = sum(one.duration for one in phases[first : last + 1])
        if np.isfinite(gained):
            yield (
                f"At the end of {clock(length)} of suction of {number(pressure)} mmHg around the legs the leg's veins "
                f"held {number(round(gained))} mL more blood than before it."
            )
