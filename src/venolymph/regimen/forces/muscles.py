"""Muscle work: tiptoes, ankle pumps, stimulation, cycling, walking, running."""

from __future__ import annotations

import math

import numpy as np

from venolymph.body.region import OTHER
from venolymph.regimen.forces.driven_body import DrivenBody
from venolymph.regimen.forces.garments import held_in
from venolymph.regimen.forces.pace import AFTER_MUSCLE, GAIT_SAMPLE, GAIT_STEP
from venolymph.regimen.forces.phase import Activity, Pulses
from venolymph.regimen.forces.scene import Scene
from venolymph.regimen.forces.step_phases import Forces, StepPhases
from venolymph.regimen.steps.muscles import AnklePumps, Cycle, Jog, Stimulate, Tiptoes, Walk
from venolymph.steps.marks import Marks
from venolymph.steps.postures import Stand

LUMPED = {"other calf": "soleus", "other thigh": "thigh muscle"}
"""The lumped other leg: the muscle whose waveform stands for the calf and for the thigh."""

CALF = ("soleus", "gastrocnemius", "deep posterior compartment")
"""Muscles that stretch the foot."""
MOVED_BY = {"ankle": (*CALF, "anterior compartment"), "knee": ("thigh muscle", "gastrocnemius")}
"""Muscles that have less to do where a joint is held."""
STIMULATED = {"calf": CALF, "shin": ("anterior compartment",)}
"""Muscles that electrodes on a part of the leg make contract."""


def _waveform(surrounding: str) -> str:
    """Key of the muscle whose figures give the waveform of a surrounding."""
    muscle: str = LUMPED.get(surrounding, surrounding)
    return muscle.replace(" ", "_")


def tiptoes(scene: Scene, step: Tiptoes) -> StepPhases:
    """Pulses of the muscles that lift the heels, each with the times that are given or usual."""
    body = scene.body
    usual = [body.value(f"muscle_pump.tiptoe.{name}") for name in ("rise", "hold", "fall")]
    given = [step.rise, step.hold, step.down]
    if step.rate is None:
        timing = [usual[k] if given[k] is None else float(given[k] or 0.0) for k in range(3)]
        period, onset = sum(timing), 0.0
        timing = [part / period for part in timing]
    else:
        period = 1.0 / step.rate
        key = "muscle_pump.tiptoe.soleus"
        onset = body.value(f"{key}.onset")
        shares = [body.value(f"{key}.{name}") for name in ("rise", "hold", "fall")]
        free = 1.0 - sum(float(part) / period for part in given if part is not None)
        asked = sum(share for share, part in zip(shares, given, strict=True) if part is None)
        squeeze = min(1.0, free / asked) if asked else 1.0
        timing = [
            share * squeeze if part is None else float(part) / period for share, part in zip(shares, given, strict=True)
        ]
        onset = min(onset, max(0.0, 1.0 - sum(timing)))
    pulses = Pulses(len(body.surroundings), period)
    stroke = 1.0 - float(step.heels or 0.0) / body.value("muscle_pump.tiptoe.height")
    for k, name in enumerate(body.plain(body.surroundings)):
        key = f"muscle_pump.tiptoe.{_waveform(name)}.peak"
        if key in body.figures:
            pulses.height[k] = stroke * body.value(key)
            pulses.onset[k], (pulses.rise[k], pulses.hold[k], pulses.fall[k]) = onset, timing
    pulses.work = min(1.0, body.value("inflow.exercise.tiptoe"))
    label = "one tiptoe" if step.count == 1 else f"{step.count} tiptoes"
    activity = Activity(label, "tiptoes", Marks(manoeuvre="tiptoes", repeats=step.count))
    pace = (GAIT_STEP, GAIT_SAMPLE)
    done = StepPhases(scene).with_phase(activity, period * step.count, pace, pulses=held_in(scene, pulses))
    return done.with_scene(recent=AFTER_MUSCLE)


def ankle_pumps(scene: Scene, step: AnklePumps) -> StepPhases:
    """Pulses of the muscles of a tiptoe, scaled by load over body weight: pressure is proportional to torque."""
    body = scene.body
    free = body.value("muscle_pump.ankle_pump.share")
    share = free + (body.value("muscle_pump.ankle_pump.heaviest") - free) * float(step.load or 0.0)
    share *= 1.0 if step.amplitude is None else float(step.amplitude)
    pulses = Pulses(len(body.surroundings), step.each)
    for k, name in enumerate(body.surroundings):
        key = f"muscle_pump.tiptoe.{_waveform(name)}"
        if f"{key}.peak" in body.figures and name not in LUMPED and not name.startswith(OTHER):
            pulses.height[k] = share * body.value(f"{key}.peak")
            pulses.onset[k] = body.value(f"{key}.onset")
            shares = [body.value(f"{key}.{part}") for part in ("rise", "hold", "fall")]
            pulses.rise[k], pulses.hold[k], pulses.fall[k] = shares
    pulses.work = min(1.0, share * body.value("inflow.exercise.tiptoe"))
    activity = Activity(f"{step.times} ankle pumps", "ankle pumps", Marks(manoeuvre="ankle pumps"))
    return _over_and_over(scene, activity, pulses, step.times)


def stimulate(scene: Scene, step: Stimulate) -> StepPhases:
    """Pulses of the muscles under the electrodes, each a share of its pressure in a tiptoe."""
    body = scene.body
    share, period = body.value("muscle_pump.stimulation.share"), step.each
    pulses = Pulses(len(body.surroundings), period)
    wanted = [muscle for part in step.muscles for muscle in STIMULATED[part]]
    for k, name in enumerate(body.surroundings):
        if name in wanted:
            key = f"muscle_pump.tiptoe.{_waveform(name)}.peak"
            # the shin's muscle does nothing in a tiptoe: it contracts as in gait
            key = key if key in body.figures else f"muscle_pump.gait.{_waveform(name)}.peak"
            pulses.height[k] = share * body.value(key)
            for part in ("rise", "hold", "fall"):
                getattr(pulses, part)[k] = min(body.value(f"muscle_pump.stimulation.{part}") / period, 0.3)
    pulses.work = min(1.0, share * body.value("inflow.exercise.tiptoe"))
    activity = Activity("stimulation", "stimulate", Marks(manoeuvre="stimulate"))
    return _over_and_over(scene, activity, pulses, int(step.for_ / period + 1e-9))


def cycle(scene: Scene, step: Cycle) -> StepPhases:
    """Pulses of cycling. Each leg pushes for half a revolution; pressure is proportional to power over cadence."""
    body, base = scene.body, "muscle_pump.cycling"
    cadence = float(step.cadence or body.value(f"{base}.cadence"))
    harder = (step.power / body.value(f"{base}.power")) * (body.value(f"{base}.cadence") / cadence)
    pulses = Pulses(len(body.surroundings), 1.0 / cadence)
    for k, name in enumerate(body.surroundings):
        plain = name.removeprefix(OTHER)
        muscle = _waveform(plain)
        part = {"thigh_muscle": "thigh", "foot": "foot"}.get(muscle, "calf")
        if f"muscle_pump.gait.{muscle}.peak" not in body.figures or muscle == "anterior_compartment":
            continue
        later = 0.5 if name in LUMPED or name.startswith(OTHER) else 0.0
        share = min(1.5, harder) * body.value(f"{base}.share.{part}")
        pulses.height[k] = share * body.value(f"muscle_pump.gait.{muscle}.peak")
        pulses.onset[k] = (body.value(f"{base}.onset.{part}") + later) % 1.0
        for stretch in ("rise", "hold", "fall"):
            getattr(pulses, stretch)[k] = body.value(f"{base}.{stretch}")
    pulses.work = min(1.0, body.value("inflow.exercise.cycling") * step.power / body.value(f"{base}.power"))
    activity = Activity(f"cycling {step.power}", "cycle", Marks(manoeuvre="cycle", power=float(step.power)))
    return _over_and_over(scene, activity, pulses, int(step.for_ * cadence + 1e-9))


def _over_and_over(scene: Scene, activity: Activity, muscles: Pulses, times: int) -> StepPhases:
    """A movement repeated from rest to its end; a long one is sampled finely at both ends only."""
    pulses = held_in(scene, muscles)
    acts, period = pulses.height != 0.0, pulses.period
    quickest = period * float(np.min(np.minimum(pulses.rise, pulses.fall)[acts], initial=1.0))
    step = min(0.015, max(GAIT_STEP, quickest / 20.0))
    pace = (step, GAIT_SAMPLE)
    first = activity.marked(stage="first cycle", repeats=1)
    done = StepPhases(scene).with_phase(first, period, pace, pulses=pulses.beginning())
    for part, sample in _parts(times - 1, period, times * period <= 180.0):
        done = done.with_phase(activity.marked(repeats=part), part * period, (step, sample), pulses=pulses)
    done = done.with_phase(activity.marked(stage="last step"), pulses.tail(), pace, pulses=pulses.ending())
    return done.with_scene(recent=AFTER_MUSCLE)


def _parts(cycles: int, period: float, short: bool) -> list[tuple[int, float]]:
    """Parts of a movement after its first cycle: whole cycles, and time between samples, s."""
    if short:
        return [(cycles, GAIT_SAMPLE)]
    fine = max(1, math.ceil(40.0 / period))
    return [(fine, GAIT_SAMPLE), (cycles - 2 * fine, period), (fine, GAIT_SAMPLE)]


def gait(scene: Scene, step: Walk | Jog) -> StepPhases:
    """Pulses of walking or running: a first cycle, whole cycles, and the end of what is under way."""
    pulses, pace = held_in(scene, _of_gait(scene.body, step)), (GAIT_STEP, GAIT_SAMPLE)
    period = pulses.period
    cycles = int((step.for_ - pulses.tail()) / period + 1e-9)
    marks = Marks(manoeuvre=step.word, speed=float(step.speed))
    activity = Activity(f"{step.word} {step.speed}", step.word, marks)
    first = activity.marked(stage="first cycle", gait_cycles=1)
    done = StepPhases(scene).with_phase(first, period, pace, pulses=pulses.beginning())
    # in long walks only the beginning and the end are recorded finely
    for part, sample in _parts(cycles - 1, period, step.for_ <= 180.0):
        whole = activity.marked(stage="cycles", gait_cycles=part)
        done = done.with_phase(whole, part * period, (GAIT_STEP, sample), pulses=pulses)
    ending = pulses.ending()
    ending.work = 0.0
    last = activity.marked(stage="last step", gait_cycles=0)
    if scene.stands_next:
        last = Activity(Stand().name(), "stand", Marks(stage="last step"))
    done = done.with_phase(last, step.for_ - cycles * period, pace, pulses=ending)
    return done.with_scene(recent=AFTER_MUSCLE)


def _of_gait(body: DrivenBody, step: Walk | Jog) -> Pulses:
    """Pulses of the muscles in a cycle of walking or running."""
    running = isinstance(step, Jog)
    base = "muscle_pump.running" if running else "muscle_pump.gait"
    faster = step.speed / body.value(f"{base}.speed")
    period = body.value(f"{base}.period") * faster ** body.value("muscle_pump.gait.period_exponent")
    # whole time steps and samples in a cycle
    pulses = Pulses(len(body.surroundings), round(GAIT_SAMPLE * round(period / GAIT_SAMPLE), 9))
    louder = faster ** body.value("muscle_pump.gait.peak_exponent")
    for k, name in enumerate(body.surroundings):
        plain = name.removeprefix(OTHER)
        key = f"{base}.{_waveform(plain)}"
        if f"{key}.peak" not in body.figures:
            continue
        later = 0.5 if name in LUMPED or name.startswith(OTHER) else 0.0
        pulses.height[k] = louder * body.value(f"{key}.peak") * _left(body, step, name)
        pulses.onset[k] = (body.value(f"{key}.onset") + later) % 1.0
        pulses.rise[k] = body.value(f"{key}.rise")
        pulses.hold[k] = body.value(f"{key}.hold")
        pulses.fall[k] = body.value(f"{key}.fall")
    pulses.work = min(1.0, body.value(f"inflow.exercise.{'running' if running else 'walking'}") * faster)
    return pulses


def _left(body: DrivenBody, step: Walk | Jog, muscle: str) -> float:
    """Share of a muscle's pressure that is left when joints of the index leg are held, 1."""
    held = [joint for joint in (step.held if isinstance(step, Walk) else ()) if muscle in MOVED_BY[joint]]
    return math.prod(body.value(f"muscle_pump.gait.held.{joint}") for joint in held)


FORCES: Forces = {Tiptoes: tiptoes, AnklePumps: ankle_pumps, Stimulate: stimulate, Walk: gait, Jog: gait, Cycle: cycle}
