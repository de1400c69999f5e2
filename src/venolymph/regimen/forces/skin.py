"""Warming and cooling the skin."""

from __future__ import annotations

from dataclasses import replace

from venolymph.regimen.forces.phase import Activity
from venolymph.regimen.forces.scene import Scene
from venolymph.regimen.forces.step_phases import Forces, StepPhases
from venolymph.regimen.steps.skin import Skin
from venolymph.steps.marks import Marks

SKIN_STAGES = 10


def change_skin(scene: Scene, step: Skin) -> StepPhases:
    """The skin warmed or cooled in stages, the foot's apart where it is named."""
    over = float(step.over or scene.body.value("regimen.skin.change"))
    reference = scene.body.value("posture.temperature.reference")
    leg = reference if scene.temperature is None else scene.temperature
    foot = leg if scene.foot is None else scene.foot
    where = f"skin of the {step.at}" if step.at else "skin"
    activity = Activity(f"{where} to {step.degrees:.3g} degC", "skin", Marks(manoeuvre="skin"))
    done = StepPhases(scene)
    for stage in range(1, SKIN_STAGES + 1):
        part = stage / SKIN_STAGES
        now = foot + (step.degrees - foot) * part
        if step.at is None:
            apart = scene.foot is not None and stage < SKIN_STAGES
            warmer = replace(done.scene, temperature=leg + (step.degrees - leg) * part, foot=now if apart else None)
        else:
            warmer = replace(done.scene, foot=now)
        done = replace(done, scene=warmer.with_factors()).with_phase(activity, over / SKIN_STAGES, (0.1, 1.0))
    return done


FORCES: Forces = {Skin: change_skin}
