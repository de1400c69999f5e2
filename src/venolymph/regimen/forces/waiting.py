"""Waiting."""

from __future__ import annotations

from venolymph.regimen.forces.phase import Activity
from venolymph.regimen.forces.scene import Scene
from venolymph.regimen.forces.step_phases import Forces, StepPhases
from venolymph.regimen.steps.waiting import Wait


def wait(scene: Scene, step: Wait) -> StepPhases:
    """Rest."""
    return StepPhases(scene).with_rest(Activity(f"wait {step.for_}", "wait"), step.for_)


FORCES: Forces = {Wait: wait}
