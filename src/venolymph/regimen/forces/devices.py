"""Cuffs, suction around the legs, and measured pressures that the leg gets as they were."""

from __future__ import annotations

import math
from itertools import pairwise

from venolymph.regimen.forces.pace import AFTER_CUFF, AFTER_MOVE, AFTER_MUSCLE
from venolymph.regimen.forces.phase import Activity
from venolymph.regimen.forces.scene import Scene
from venolymph.regimen.forces.step_phases import Forces, StepPhases
from venolymph.regimen.measured import falls, knots
from venolymph.regimen.steps.devices import Cuff, FollowTrace, Suction
from venolymph.steps.marks import Marks

SHELLS = {"calf": "calf shell", "thigh": "thigh shell"}
"""Surroundings that cuffs press with."""

QUICK = (0.005, 0.02)
"""Time step and sampling interval while a cuff fills or empties, s."""
PACE = ((1.0, 0.005, 0.02), (10.0, 0.02, 0.1), (math.inf, 0.1, 0.5))
"""For pieces of a measured pressure: greatest length, time step and sampling interval, s."""
LEAD = 0.3
"""Time in which a pressure rises to the first sample of a trace, and a muscle relaxes after the last, s."""
EMPTY = 2.0
"""Pressure up to which a cuff counts as empty, mmHg."""


def cuff(scene: Scene, step: Cuff) -> StepPhases:
    """A cuff inflated, held and let go."""
    shell, pressure = SHELLS[step.at], float(step.pressure)
    activity = Activity(f"{step.at} cuff {step.pressure}", "cuff", Marks(manoeuvre="cuff", cuff=shell))
    falling = step.pressure < scene.cuffs.get(shell, 0.0)
    full, empty = activity.marked(cuff_pressure=pressure), activity.marked(cuff_pressure=0.0)
    inflating = full.marked(stage="releasing", released=0.0) if falling else full.marked(stage="inflating")
    over = float(step.inflate or scene.body.value("posture.cuff.inflation"))
    done = _press(StepPhases(scene), inflating, (shell, pressure), over, QUICK).with_scene(recent=AFTER_CUFF)
    done = done.with_rest(full.marked(stage="held"), float(step.hold or 0.0))
    if step.release is None:
        return done
    done = _press(done, empty.marked(stage="releasing", released=0.0), (shell, 0.0), float(step.release), QUICK)
    # valves shut within a second or two; the step that follows may be anything
    return done.with_phase(empty.marked(stage="released"), 5.0, QUICK).with_scene(recent=AFTER_MOVE)


def _press(
    before: StepPhases, activity: Activity, on: tuple[str, float], duration: float, pace: tuple[float, float]
) -> StepPhases:
    """With a phase in which a surrounding comes to another pressure, mmHg."""
    name, pressure = on
    done = before.with_scene(cuffs={**before.scene.cuffs, name: pressure})
    return done.with_phase(activity, duration, pace, after=done.scene.pressed())


def suction(scene: Scene, step: Suction) -> StepPhases:
    """Air pumped out around the legs, or let in, and held so."""
    pressure = float(step.pressure)
    label = f"suction {step.pressure}" if pressure else "suction off"
    activity = Activity(label, "suction", Marks(manoeuvre="suction", suction=pressure))
    done = StepPhases(scene).with_scene(suction=pressure)
    done = done.with_phase(
        activity.marked(stage="moving"), step.changes_in, (0.02, 0.1), after=done.scene.pressed()
    ).with_scene(recent=AFTER_MOVE)
    return done.with_rest(activity.marked(stage="holding"), step.lasts - step.changes_in)


def trace(scene: Scene, step: FollowTrace) -> StepPhases:
    """A measured pressure, piece by piece; before it the time in which the pressure comes to its first sample."""
    is_cuff = step.of.endswith(" cuff")
    name = SHELLS[step.of.removesuffix(" cuff")] if is_cuff else step.of
    found = knots(step.samples)
    let_go = falls(found, EMPTY) if is_cuff else None
    pieces = [(after[0] - before[0], after[1], number) for number, (before, after) in enumerate(pairwise(found))]
    if scene.cuffs.get(name, 0.0) != found[0][1]:
        pieces.insert(0, (LEAD, found[0][1], -1))
    if not is_cuff and found[-1][1] != 0.0:
        pieces.append((LEAD, 0.0, len(found)))
    done, label, kind = StepPhases(scene), f"{step.of} as measured", "cuff" if is_cuff else "trace"
    for duration, pressure, number in pieces:
        marks = Marks(manoeuvre="trace")
        if is_cuff:
            falling = pressure < done.scene.cuffs.get(name, 0.0)
            marks = Marks(
                manoeuvre="cuff",
                cuff=name,
                cuff_pressure=pressure if pressure > EMPTY else 0.0,
                stage="releasing" if falling else "inflating",
                released=0.0 if number == let_go else None,
            )
        pace = next((pace, sample) for longest, pace, sample in PACE if duration <= longest)
        done = _press(done, Activity(label, kind, marks), (name, pressure), duration, pace)
    return done.with_scene(recent=AFTER_CUFF if is_cuff else AFTER_MUSCLE)


FORCES: Forces = {Cuff: cuff, Suction: suction, FollowTrace: trace}
