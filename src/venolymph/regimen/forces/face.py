"""Salt, alcohol and crying: recorded in the marks of the phases in which they act, for what the face makes of them."""

from __future__ import annotations

from venolymph.regimen.forces.phase import Activity
from venolymph.regimen.forces.scene import Lasting, Scene
from venolymph.regimen.forces.step_phases import Forces, StepPhases
from venolymph.regimen.steps.face import Alcohol, Cry, Salt
from venolymph.steps.marks import Marks


def salt(scene: Scene, step: Salt) -> StepPhases:
    """Plasma protein changed from here on."""
    return StepPhases(scene).with_scene(lasting=(*scene.lasting, Lasting(step.acts, protein=step.change)))


def alcohol(scene: Scene, step: Alcohol) -> StepPhases:
    """Blood flow of the face changed from here on."""
    return StepPhases(scene).with_scene(lasting=(*scene.lasting, Lasting(step.acts, flow=step.change)))


def cry(scene: Scene, step: Cry) -> StepPhases:
    """Rest, crying."""
    crying = StepPhases(scene).with_scene(crying=True)
    return crying.with_rest(Activity("crying", "cry", Marks(manoeuvre="cry")), step.lasts).with_scene(crying=False)


FORCES: Forces = {Salt: salt, Alcohol: alcohol, Cry: cry}
