"""A regimen becomes forces: a list of phases, each with a drive that the network understands.

`phases(regimen, body)` turns each step into phases. Within a phase everything moves smoothly; each phase begins with
what the one before it ended with. After something quick (a cuff let go, a change of posture, the end of walking) the
next stretch is cut into phases of growing time steps.

Marks tell instruments what a phase is. Every phase has `posture` ("standing", "lying", "sitting", "legs raised",
"tilted 60 deg") and `step`, the number of its step in the regimen, nested ones counted (of the posture step where it
is the stretch before the first step). Further:

    over             a step that changes posture: how long the change takes, s, on each phase of the step
    stage            "moving", "holding"; cuffs "inflating", "held", "releasing"; Valsalva "straining", "releasing";
                     gait "first cycle", "cycles"; "last step" while its last contractions end, which belongs to the
                   standing that follows, if standing follows
    manoeuvre        "tiptoes", "ankle pumps", "stimulate", "massage", "walk", "run", "cycle", "cuff", "trace",
                     "valsalva", "breathe", "skin", "wear", "remove", "sleeve", "suction",
                     "knees"
    repeats          tiptoes: how many in the step; ankle pumps, stimulation, cycling: how many in the phase
    session step     massage: number of the step in the session
    gait cycles      number of whole cycles in the phase
    speed            walking, running: cm/s
    cuff             the surrounding that the cuff presses with ("calf shell"), on its phases
    cuff pressure    mmHg, what it reaches in the phase
    knees            straight or bent, what they are in the end
    suction          mmHg below the air's pressure, what it reaches in the phase
    released         the cuff is let go in this phase: when that begins, s from the phase's start
    skin temperature degrees Celsius, at the end of the phase, once a regimen has set it
    foot temperature the same of the foot's skin, once a regimen has set it apart
    injected         tracers put in as the phase begins, each with tracer, at, side and amount

What is worn presses on the shells of the leg it is on, on top of any cuff: with its pressure on a limb as thick as it
was made for (its document says how thick, else the leg at rest), and harder for each mL that the limb grows by, which
is the drive's `elastance`; a bandage presses harder while the calf muscle does (soleus' _waveform).

Gait begins with the heel strike of the index leg. In its first cycle only those muscles act whose contraction
begins within it, so that nothing starts half way; what is under way at the end of the last cycle comes to its end.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from venolymph.body.anatomy import Body
from venolymph.network.parameters import Drive
from venolymph.regimen.forces import (
    breathing,
    devices,
    garments,
    joints,
    massage,
    muscles,
    postures,
    recording,
    skin,
    waiting,
)
from venolymph.regimen.forces.builder import FOOT_SKIN, OTHER_LEG, WORN, Forces, PhaseBuilder
from venolymph.regimen.forces.phase import Phase
from venolymph.regimen.forces.postures import change_posture
from venolymph.regimen.schema import Regimen
from venolymph.regimen.steps.garments import Remove, Wear
from venolymph.regimen.steps.recording import Inject, TakeReadings
from venolymph.steps.postures import Posture, Stand, posture_of
from venolymph.steps.step import Step


def phases(regimen: Regimen, body: Body, previous: Drive | None = None, worn: Sequence[Wear] = ()) -> list[Phase]:
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
    builder = PhaseBuilder(body, regimen.first_posture)
    if previous is not None:
        builder.worn = {_garment(one): one for one in worn}
        _go_on(builder, regimen, previous)
    steps = regimen.unfolded
    for number, step in enumerate(steps):
        builder.number = number
        coming = (later for later in islice(steps, number + 1, None) if not isinstance(later, TakeReadings | Inject))
        builder.stands_next = isinstance(next(coming, None), Stand)
        _forces(step)(builder, step)
    made = builder.phases
    return made if body.phase_modifier is None else [body.phase_modifier(phase) for phase in made]


def worn_after(regimen: Regimen, marks: Mapping[str, Any], worn: Sequence[Wear] = ()) -> tuple[Wear, ...]:
    """Garments that are on at the end of a phase of a regimen.

    Args:
        regimen: what was done.
        marks: of the phase.
        worn: garments that were on before the regimen.
    """
    on = {_garment(one): one for one in worn}
    number = int(marks["step"])
    # a garment's own phase is marked as such; what comes before it in the same step only leads up to it
    done = number + (marks.get("manoeuvre") in (Wear.word, Remove.word))
    for step in regimen.unfolded[:done]:
        if isinstance(step, Wear):
            on[_garment(step)] = step.model_copy(update={"steps": ()})
        elif isinstance(step, Remove):
            on.pop(_garment(step), None)
    return tuple(on.values())


def _garment(step: Wear | Remove) -> str:
    return f"{step.garment} {step.on}"


FORCES: Forces = {
    **postures.FORCES,
    **breathing.FORCES,
    **muscles.FORCES,
    **devices.FORCES,
    **skin.FORCES,
    **joints.FORCES,
    **waiting.FORCES,
    **massage.FORCES,
    **garments.FORCES,
    **recording.FORCES,
}
"""What makes steps of each kind phases."""


def _forces(step: Step) -> Callable[[PhaseBuilder, Any], None]:
    """What makes a step phases: that of its kind, or of the kind that its kind is one of."""
    for kind in type(step).__mro__:
        if kind in FORCES:
            return FORCES[kind]
    raise TypeError(f"no forces for the step {step.word!r}")


def _go_on(builder: PhaseBuilder, regimen: Regimen, previous: Drive) -> None:
    """Begin where another regimen's phase ended."""
    links = builder.plain(builder.topology.links)
    inclination = np.asarray(previous.inclination_to)[:, 0]
    # with both legs in full the links of the index leg come first
    angles = {link: float(angle) for link, angle in reversed(list(zip(links, inclination, strict=True)))}
    builder.posture = posture_of(angles)
    pressure = np.asarray(previous.pressure_to)[:, 0]
    worn = dict(zip(builder.topology.surroundings, pressure, strict=True))
    shells = set(WORN.values())
    # nothing but suction can draw at the foot
    builder.suction = max(0.0, -float(worn.get(WORN["foot"], 0.0)))
    dressed = dict(zip(builder.topology.surroundings, builder.pressure(), strict=True))
    builder.cuffs = {
        name: float(value - dressed[name])
        for name, value in worn.items()
        if name.removeprefix(OTHER_LEG) in shells and value != dressed[name]
    }
    inflow = np.asarray(previous.inflow)[:, 0] / builder.upright("skin", builder.posture.angles()["trunk"])
    flows = {bed: value for bed, value in zip(builder.topology.beds, inflow, strict=True) if bed.startswith("skin")}
    foot, *rest = flows.pop(FOOT_SKIN, 1.0), *flows.values()
    leg = rest[0] if rest else foot
    if leg != 1.0:
        builder.temperature = builder.degrees(leg)
    if foot != leg:
        builder.foot = builder.degrees(foot)
    narrowed = np.asarray(previous.calibre)[builder.behind_knees, 0].min(initial=1.0)
    builder.straight = math.log(narrowed) / math.log(builder.value("posture.knee.lumen_left"))
    calm = builder.settled(builder.posture)
    ends = np.asarray(previous.end_to)[:, 0]
    builder.state = replace(calm, inclination=inclination, pressure=pressure, ends=ends)
    if isinstance(regimen.unfolded[0], Posture):
        return
    if regimen.begins_standing:
        change_posture(builder, Stand())
    elif not (np.allclose(pressure, calm.pressure) and np.allclose(ends, calm.ends)):
        builder.add(builder.posture.name(), "wait", 1.0, (0.01, 0.05), after=calm, stage="moving")
