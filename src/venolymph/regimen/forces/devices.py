"""Cuffs, suction around the legs, and measured pressures that the leg gets as they were."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

from venolymph.regimen.forces.builder import Forces, PhaseBuilder
from venolymph.regimen.forces.pace import AFTER_CUFF, AFTER_MOVE, AFTER_MUSCLE
from venolymph.regimen.measured import falls, knots
from venolymph.regimen.steps.devices import Cuff, FollowTrace, Suction

SHELLS = {"calf": "calf shell", "thigh": "thigh shell"}
"""Surroundings that cuffs press with."""

PACE = ((1.0, 0.005, 0.02), (10.0, 0.02, 0.1), (math.inf, 0.1, 0.5))
"""For pieces of a measured pressure: greatest length, time step and sampling interval, s."""
LEAD = 0.3
"""Time in which a pressure rises to the first sample of a trace, and a muscle relaxes after the last, s."""
EMPTY = 2.0
"""Pressure up to which a cuff counts as empty, mmHg."""


def cuff(builder: PhaseBuilder, step: Cuff) -> None:
    """A cuff inflated, held and let go."""
    shell = SHELLS[step.at]
    label = f"{step.at} cuff {step.pressure}"
    common: dict[str, Any] = {"manoeuvre": "cuff", "cuff": shell}
    inflate = float(step.inflate or builder.value("posture.cuff.inflation"))
    falling = step.pressure < builder.cuffs.get(shell, 0.0)
    builder.cuffs[shell] = float(step.pressure)
    inflated = replace(builder.state, pressure=builder.pressure())
    builder.add(
        label, "cuff", inflate, (0.005, 0.02), after=inflated, cuff_pressure=float(step.pressure),
        stage="releasing" if falling else "inflating", released=0.0 if falling else None, **common,
    )  # fmt: skip
    builder.recent = AFTER_CUFF
    held = float(step.hold or 0.0)
    builder.hold(label, "cuff", held, cuff_pressure=float(step.pressure), stage="held", **common)
    if step.release is not None:
        builder.cuffs[shell] = 0.0
        empty = replace(builder.state, pressure=builder.pressure())
        builder.add(
            label, "cuff", float(step.release), (0.005, 0.02), after=empty,
            cuff_pressure=0.0, stage="releasing", released=0.0, **common,
        )  # fmt: skip
        # valves shut within a second or two; the step that follows may be anything
        builder.add(label, "cuff", 5.0, (0.005, 0.02), cuff_pressure=0.0, stage="released", **common)
        builder.recent = AFTER_MOVE


def suction(builder: PhaseBuilder, step: Suction) -> None:
    """Air pumped out around the legs, or let in, and held so."""
    label = f"suction {step.pressure}"
    marks: dict[str, Any] = {"manoeuvre": "suction", "suction": float(step.pressure)}
    builder.suction = float(step.pressure)
    sucked = replace(builder.state, pressure=builder.pressure())
    builder.add(label, "suction", step.changes_in, (0.02, 0.1), after=sucked, stage="moving", **marks)
    builder.recent = AFTER_MOVE
    builder.hold(label, "suction", step.lasts - step.changes_in, stage="holding", **marks)


def trace(builder: PhaseBuilder, step: FollowTrace) -> None:
    """A measured pressure, piece by piece; before it the time in which the pressure comes to its first sample."""
    cuff = step.of.endswith(" cuff")
    name = SHELLS[step.of.removesuffix(" cuff")] if cuff else step.of
    found = knots(step.samples)
    let_go = falls(found, EMPTY) if cuff else None
    pieces = [(after[0] - before[0], after[1], number) for number, (before, after) in enumerate(pairwise(found))]
    if builder.cuffs.get(name, 0.0) != found[0][1]:
        pieces.insert(0, (LEAD, found[0][1], -1))
    if not cuff and found[-1][1] != 0.0:
        pieces.append((LEAD, 0.0, len(found)))
    for duration, pressure, number in pieces:
        marks: dict[str, Any] = {"manoeuvre": "trace"}
        if cuff:
            falling = pressure < builder.cuffs.get(name, 0.0)
            marks = {
                "manoeuvre": "cuff", "cuff": name, "cuff_pressure": pressure if pressure > EMPTY else 0.0,
                "stage": "releasing" if falling else "inflating", "released": 0.0 if number == let_go else None,
            }  # fmt: skip
        builder.cuffs[name] = pressure
        pace, sample = next((pace, sample) for longest, pace, sample in PACE if duration <= longest)
        after = replace(builder.state, pressure=builder.pressure())
        builder.add(
            f"{step.of} as measured", "cuff" if cuff else "trace", duration, (pace, sample), after=after, **marks
        )
    builder.recent = AFTER_CUFF if cuff else AFTER_MUSCLE


FORCES: Forces = {Cuff: cuff, Suction: suction, FollowTrace: trace}
