"""A tracer put in, readings taken."""

from __future__ import annotations

from venolymph.regimen.forces.scene import Scene
from venolymph.regimen.forces.step_phases import Forces, StepPhases
from venolymph.regimen.steps.recording import Inject, TakeReadings
from venolymph.steps.marks import Injection


def inject(scene: Scene, step: Inject) -> StepPhases:
    """A tracer put in as the next phase begins."""
    if not scene.body.is_head:
        scene.body.prefix(step.leg, "nothing can be put into")
    injection = Injection(step.tracer, step.at, step.side, step.amount, step.leg, step.half)
    return StepPhases(scene).with_scene(injected=(*scene.injected, injection))


def take_readings(scene: Scene, step: TakeReadings) -> StepPhases:
    """Nothing: instruments read what was recorded."""
    return StepPhases(scene)


FORCES: Forces = {Inject: inject, TakeReadings: take_readings}
