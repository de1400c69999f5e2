"""Changing posture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from venolymph.regimen.forces.pace import AFTER_MOVE
from venolymph.regimen.forces.phase import Activity
from venolymph.regimen.forces.scene import Scene
from venolymph.regimen.forces.step_phases import Forces, StepPhases
from venolymph.steps.marks import Marks
from venolymph.steps.postures import Lie, Posture, Raise, usual_time


def change_posture(scene: Scene, step: Posture) -> StepPhases:
    """Moving into a posture, where it is another one, and holding it."""
    body, over = scene.body, 0.0
    moves = bool(np.any(body.inclination(step) != scene.state.inclination))
    if moves:
        # going on from another regimen: from a posture that has no name here
        usual = usual_time(scene.posture, step) or body.value("posture.change.lie_to_stand")
        over = float(step.over) if step.over is not None else usual if step.for_ is None else min(usual, step.for_)
    done = StepPhases(scene).with_scene(posture=step)
    activity = Activity(step.name(), _kind(step), Marks(over=over))
    if moves:
        trunk = step.angles()["trunk"]
        target = replace(
            scene.state,
            inclination=body.inclination(step),
            ends=body.ends(trunk),
            pressure=done.scene.pressure(),
            inflow=done.scene.factors(trunk)[0],
            trunk=trunk,
        )
        pace = (0.01 if over < 2.0 else 0.02, 0.1)
        done = done.with_phase(activity.marked(stage="moving"), over, pace, after=target).with_scene(recent=AFTER_MOVE)
    return done.with_rest(activity.marked(stage="holding"), float(step.for_ or 0.0) - over)


def _kind(step: Posture) -> str:
    """The kind of phases in a posture: lie, sit, stand, raise, tilt, or the word of its step."""
    if isinstance(step, Raise) or (isinstance(step, Lie) and step.legs_raised):
        return "raise"
    if step.word == "rest":
        return "lie" if step.lies else "sit"
    return {"prone": "lie"}.get(step.word, step.word)


FORCES: Forces = {Posture: change_posture}
