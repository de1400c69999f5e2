"""Straightening knees fully, and letting them go."""

from __future__ import annotations

from dataclasses import replace

from venolymph.regimen.forces.pace import AFTER_MOVE
from venolymph.regimen.forces.phase import Activity
from venolymph.regimen.forces.scene import Scene
from venolymph.regimen.forces.step_phases import Forces, StepPhases
from venolymph.regimen.steps.joints import Knees
from venolymph.steps.marks import Marks

STAGES = 10


def move_knees(scene: Scene, step: Knees) -> StepPhases:
    """The knees, or one, moved in stages, since a vein's calibre is that of a phase."""
    body, before, after = scene.body, scene.straight, float(step.to == "straight")
    legs = [*body.behind_knees] if step.leg is None else [body.prefix(step.leg, "no knee can be moved in")]
    whose = "knees" if step.leg is None else f"{step.leg} knee"
    activity = Activity(f"{whose} {step.to}", "knees", Marks(manoeuvre="knees", knees=step.to, leg=step.leg))
    done, length = StepPhases(scene), step.lasts / STAGES
    for stage in range(1, STAGES + 1):
        now = {leg: before.get(leg, 0.0) + (after - before.get(leg, 0.0)) * stage / STAGES for leg in legs}
        moved = replace(done.scene, straight={**before, **now})
        done = replace(done, scene=moved.with_factors()).with_phase(activity, length, (min(0.02, length), 0.1))
    return done.with_scene(recent=AFTER_MOVE)


FORCES: Forces = {Knees: move_knees}
