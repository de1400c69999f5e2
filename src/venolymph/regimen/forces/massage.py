"""Sessions of massage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from venolymph.massage.hands import HandPlacement, hand_placements
from venolymph.massage.session import Session
from venolymph.massage.session_steps import Pause, Strokes
from venolymph.massage.table import as_authors
from venolymph.massage.timing import strokes_of
from venolymph.regimen.forces.breathing import breathe
from venolymph.regimen.forces.builder import Forces, PhaseBuilder
from venolymph.regimen.forces.pace import AFTER_SLEEVE
from venolymph.regimen.forces.postures import change_posture
from venolymph.regimen.steps.massage import Massage
from venolymph.steps.breathing import Breathe

STROKE_STEP = 0.008
"""A push rises in a tenth of a second. With 12 ms the root mean square error of a cell is 1.4e-3 of its swing, with
9 ms 8.7e-4 but 5.4e-3 in the worst cell, with this 6.8e-4 and 4.2e-3 (the norm of gait is 1e-3, and 5e-3 in a cell)."""
STROKE_SAMPLE = 0.5


def massage(builder: PhaseBuilder, step: Massage) -> None:
    """A session: lie down as it says, then one phase for each step of it."""
    session: Session = step.session
    posture = session.lying_down()
    if posture.name() != builder.posture.name():
        change_posture(builder, posture)
    for number, part in enumerate(session.course):
        marks: dict[str, Any] = {"manoeuvre": "massage", "session step": number}
        if isinstance(part, Strokes):
            spots = hand_placements(strokes_of(part, number), part.lasts)
            label = f"massage: {part.stroke}, {', '.join(part.where)}"
            for same in _alike(spots):
                duration = sum(spot.duration for spot in same)
                builder.add(
                    label, "massage", duration, (STROKE_STEP, STROKE_SAMPLE),
                    hand_placements=same, **marks,
                )  # fmt: skip
            builder.recent = AFTER_SLEEVE
        elif isinstance(part, Pause):
            builder.hold(as_authors(part.note) or "rest", "massage", part.lasts, **marks)
        elif isinstance(part, Breathe):
            breathe(builder, part)


def _alike(spots: Sequence[HandPlacement]) -> list[tuple[HandPlacement, ...]]:
    """Group consecutive spots at which the hand stays for the same time."""
    found: list[list[HandPlacement]] = []
    for spot in spots:
        if found and abs(found[-1][-1].duration - spot.duration) < 1e-6:
            found[-1].append(spot)
        else:
            found.append([spot])
    return [tuple(same) for same in found]


FORCES: Forces = {Massage: massage}
