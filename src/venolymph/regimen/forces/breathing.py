"""Breathing, and straining against a closed airway."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from venolymph.regimen.forces.pace import AFTER_MOVE
from venolymph.regimen.forces.phase import Activity
from venolymph.regimen.forces.scene import Scene
from venolymph.regimen.forces.step_phases import Forces, StepPhases
from venolymph.regimen.steps.breathing import Valsalva
from venolymph.steps.breathing import Breathe
from venolymph.steps.marks import Marks


def breathe(scene: Scene, step: Breathe) -> StepPhases:
    """Breaths with a swing and a period of their own."""
    deep, quiet = step.deep is not None, scene.state
    ends, around, period = scene.body.breath(deep, None if step.rate is None else float(step.rate))
    breathing = replace(quiet, breath_ends=ends, breath_surroundings=around, breath_period=period)
    activity = Activity(
        f"{step.breaths} {'deep' if deep else 'quiet'} breaths",
        "breathe",
        Marks(manoeuvre="breathe", repeats=step.breaths),
    )
    # a swing faster than breathing moves valves: its opening and closing are to be seen
    pace = (min(0.02, period / 300.0), min(0.1, period / 60.0))
    done = StepPhases(scene).with_scene(state=breathing).with_phase(activity, step.breaths * period, pace)
    return done.with_scene(state=quiet, recent=AFTER_MOVE)


def valsalva(scene: Scene, step: Valsalva) -> StepPhases:
    """Straining, holding it, letting go, and what follows."""
    onset = min(scene.body.value("regimen.valsalva.onset"), step.for_ / 3.0)
    calm = scene.state
    still = replace(
        calm, breath_ends=np.zeros_like(calm.breath_ends), breath_surroundings=0.0 * calm.breath_surroundings
    )
    strained = replace(still, ends=scene.body.ends(calm.trunk, step.pressure), pressure=scene.pressure(step.pressure))
    activity = Activity(f"Valsalva {step.pressure}", "valsalva", Marks(manoeuvre="valsalva"))
    straining = activity.marked(stage="straining")
    return (
        StepPhases(scene)
        .with_phase(straining, onset, (0.005, 0.02), after=strained)
        .with_phase(straining, step.for_ - 2.0 * onset, (0.01, 0.05))
        .with_phase(activity.marked(stage="releasing"), onset, (0.005, 0.02), after=still)
        .with_scene(state=calm)
        # what follows needs short steps at first; the step after this one may be anything
        .with_phase(activity.marked(stage="after"), 5.0, (0.01, 0.05))
        .with_scene(recent=AFTER_MOVE)
    )


FORCES: Forces = {Valsalva: valsalva, Breathe: breathe}
