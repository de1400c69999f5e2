"""Sessions of massage."""

from __future__ import annotations

from collections.abc import Sequence

from venolymph.massage.hands import HandPlacement, hand_placements
from venolymph.massage.session import Session
from venolymph.massage.session_steps import Pause, Strokes
from venolymph.massage.table import as_authors
from venolymph.massage.timing import strokes_of
from venolymph.regimen.forces.breathing import breathe
from venolymph.regimen.forces.pace import AFTER_SLEEVE
from venolymph.regimen.forces.phase import Activity
from venolymph.regimen.forces.postures import change_posture
from venolymph.regimen.forces.scene import Scene
from venolymph.regimen.forces.step_phases import Forces, StepPhases
from venolymph.regimen.steps.massage import Massage
from venolymph.steps.breathing import Breathe
from venolymph.steps.marks import Marks

STROKE_STEP = 0.008
"""A push rises in a tenth of a second. With 12 ms the root mean square error of a cell is 1.4e-3 of its swing, with
9 ms 8.7e-4 but 5.4e-3 in the worst cell, with this 6.8e-4 and 4.2e-3 (the norm of gait is 1e-3, and 5e-3 in a cell)."""
STROKE_SAMPLE = 0.5


def massage(scene: Scene, step: Massage) -> StepPhases:
    """A session: lie down as it says, then one phase for each step of it."""
    session: Session = step.session
    posture, done = session.lying_down(), StepPhases(scene)
    if posture.name() != scene.posture.name():
        done = done.then(change_posture, posture)
    if session.side is not None:
        scene.body.prefix(session.side, "no hand reaches")
    for number, part in enumerate(session.course):
        marks = Marks(manoeuvre="massage", session_step=number)
        if isinstance(part, Strokes):
            activity = Activity(f"massage: {part.stroke}, {', '.join(part.where)}", "massage", marks)
            for same in _alike(hand_placements(strokes_of(part, number), part.lasts, session.side)):
                duration = sum(spot.duration for spot in same)
                done = done.with_phase(activity, duration, (STROKE_STEP, STROKE_SAMPLE), hand_placements=same)
            done = done.with_scene(recent=AFTER_SLEEVE)
        elif isinstance(part, Pause):
            done = done.with_rest(Activity(as_authors(part.note) or "rest", "massage", marks), part.lasts)
        elif isinstance(part, Breathe):
            done = done.then(breathe, part)
    return done


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
