"""A regimen becomes forces: a list of phases, each with a drive that the network understands.

`phases(regimen, body)` turns each step into phases. Within a phase everything moves smoothly; each phase begins with
what the one before it ended with. After something quick (a cuff let go, a change of posture, the end of walking) the
next stretch is cut into phases of growing time steps.

A step is a function of the frozen scene in which it begins (`forces.scene.Scene`) to its phases and the scene after
(`forces.step_phases.StepPhases`); `phases` hands the scene on from step to step. What instruments look for in a phase
are its marks (`venolymph.steps.marks.Marks`).

What is worn presses on the shells of the leg it is on, on top of any cuff: with its pressure on a limb as thick as it
was made for (its document says how thick, else the leg at rest), and harder for each mL that the limb grows by, which
is the drive's `elastance`; a bandage presses harder while the calf muscle does (soleus' _waveform).

Gait begins with the heel strike of the index leg. In its first cycle only those muscles act whose contraction
begins within it, so that nothing starts half way; what is under way at the end of the last cycle comes to its end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

import numpy as np

from venolymph.body.anatomy import Body
from venolymph.body.region import OTHER
from venolymph.network.phase_drive import PhaseDrive
from venolymph.regimen.forces import (
    breathing,
    devices,
    face,
    garments,
    joints,
    massage,
    muscles,
    postures,
    recording,
    skin,
    waiting,
)
from venolymph.regimen.forces.driven_body import FOOT_SKIN, WORN, DrivenBody
from venolymph.regimen.forces.driven_head import DrivenHead
from venolymph.regimen.forces.phase import Activity, Phase
from venolymph.regimen.forces.postures import change_posture
from venolymph.regimen.forces.scene import Scene
from venolymph.regimen.forces.step_phases import Forces, Make, StepPhases
from venolymph.regimen.schema import Regimen
from venolymph.regimen.steps.garments import Remove, Wear
from venolymph.regimen.steps.recording import Inject, TakeReadings
from venolymph.steps.marks import Marks
from venolymph.steps.postures import Posture, Stand
from venolymph.steps.step import Step


def phases(regimen: Regimen, body: Body, previous: PhaseDrive | None = None, worn: Sequence[Wear] = ()) -> list[Phase]:
    """Phases of a regimen done with a body.

    Args:
        regimen: what is done.
        body: whose names, figures and person it is done with.
        previous: drive of the phase that this regimen goes on from; None: it begins settled in its first posture.
            Going on, the body first moves into that posture; cuffs and the skin's temperature stay as they were.
        worn: garments that were on in it; they stay on.

    Returns:
        Phases in order. Their number, durations and time steps depend on the regimen alone, so that the members of a
        batch share them.
    """
    driven = DrivenHead(body) if body.legs == "none" else DrivenBody(body)
    if previous is None:
        done = StepPhases(Scene.at_rest(driven, regimen.first_posture))
    else:
        done = _moved_in(_scene_after(driven, previous, worn), regimen)
    steps = regimen.unfolded
    for number, step in enumerate(steps):
        coming = (later for later in islice(steps, number + 1, None) if not isinstance(later, TakeReadings | Inject))
        done = done.with_scene(step=number, stands_next=isinstance(next(coming, None), Stand))
        done = done.then(_forces(step), step)
    made = list(done.phases)
    return made if body.phase_modifier is None else [body.phase_modifier(phase) for phase in made]


def worn_after(regimen: Regimen, marks: Marks, worn: Sequence[Wear] = ()) -> tuple[Wear, ...]:
    """Garments that are on at the end of a phase of a regimen.

    Args:
        regimen: what was done.
        marks: of the phase.
        worn: garments that were on before the regimen.
    """
    on = {garments.garment(one): one for one in worn}
    # a garment's own phase is marked as such; what comes before it in the same step only leads up to it
    done = marks.step + (marks.manoeuvre in (Wear.word, Remove.word))
    for step in regimen.unfolded[:done]:
        if isinstance(step, Wear):
            on[garments.garment(step)] = step.model_copy(update={"steps": ()})
        elif isinstance(step, Remove):
            on.pop(garments.garment(step), None)
    return tuple(on.values())


FORCES: Forces = {
    **postures.FORCES,
    **breathing.FORCES,
    **muscles.FORCES,
    **devices.FORCES,
    **skin.FORCES,
    **joints.FORCES,
    **waiting.FORCES,
    **face.FORCES,
    **massage.FORCES,
    **garments.FORCES,
    **recording.FORCES,
}
"""What makes steps of each kind phases."""


def _forces(step: Step) -> Make:
    """What makes a step phases: that of its kind, or of the kind that its kind is one of."""
    for kind in type(step).__mro__:
        if kind in FORCES:
            return FORCES[kind]
    raise TypeError(f"no forces for the step {step.word!r}")


def _scene_after(body: DrivenBody, previous: PhaseDrive, worn: Sequence[Wear]) -> Scene:
    """The scene at the end of a phase of another regimen.

    Args:
        body: that went through it.
        previous: drive of that phase.
        worn: garments that were on in it.
    """
    inclination = np.asarray(previous.inclination_to)[:, 0]
    pressure = np.asarray(previous.pressure_to)[:, 0]
    around = dict(zip(body.surroundings, pressure, strict=True))
    posture = body.posture_at(inclination)
    inflow = np.asarray(previous.inflow)[:, 0] / body.upright("skin", posture.angles()["trunk"])
    flows = {bed: value for bed, value in zip(body.topology.beds, inflow, strict=True) if bed.startswith("skin")}
    foot, *rest = flows.pop(FOOT_SKIN, 1.0), *flows.values()
    leg = rest[0] if rest else foot
    lumen = math.log(body.value("posture.knee.lumen_left"))
    narrowed = {at: min(1.0, float(np.asarray(previous.calibre)[cell, 0])) for at, cell in body.behind_knees.items()}
    scene = Scene.at_rest(
        body,
        posture,
        worn={garments.garment(one): one for one in worn},
        # nothing but suction can draw at the foot
        suction=max(0.0, -float(around.get(WORN["foot"], 0.0))),
        straight={at: math.log(left) / lumen for at, left in narrowed.items()},
        temperature=body.degrees(leg) if leg != 1.0 else None,
        foot=body.degrees(foot) if foot != leg else None,
    )
    dressed = dict(zip(body.surroundings, scene.pressure(), strict=True))
    cuffs = {
        name: float(value - dressed[name])
        for name, value in around.items()
        if name.removeprefix(OTHER) in WORN.values() and value != dressed[name]
    }
    state = replace(scene.state, inclination=inclination, pressure=pressure, ends=np.asarray(previous.end_to)[:, 0])
    return replace(scene, cuffs=cuffs, state=state)


def _moved_in(scene: Scene, regimen: Regimen) -> StepPhases:
    """What comes before the first step of a regimen that goes on from a scene."""
    begun = StepPhases(scene)
    if isinstance(regimen.unfolded[0], Posture):
        return begun
    if regimen.begins_standing:
        return begun.then(change_posture, Stand())
    calm = scene.settled()
    if np.allclose(scene.state.pressure, calm.pressure) and np.allclose(scene.state.ends, calm.ends):
        return begun
    waiting_still = Activity(scene.posture.name(), "wait", Marks(stage="moving"))
    return begun.with_phase(waiting_still, 1.0, (0.01, 0.05), after=calm)
