"""Muscle work: tiptoes, ankle pumps, stimulation, cycling, walking, running."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from venolymph.regimen.forces.builder import OTHER_LEG, Forces, PhaseBuilder
from venolymph.regimen.forces.pace import AFTER_MUSCLE, GAIT_SAMPLE, GAIT_STEP
from venolymph.regimen.forces.phase import Pulses
from venolymph.regimen.steps.muscles import AnklePumps, Cycle, Jog, Stimulate, Tiptoes, Walk
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


def tiptoes(builder: PhaseBuilder, step: Tiptoes) -> None:
    """Pulses of the muscles that lift the heels, each with the times that are given or usual."""
    n = len(builder.topology.surroundings)
    usual = [builder.value(f"muscle_pump.tiptoe.{name}") for name in ("rise", "hold", "fall")]
    given = [step.rise, step.hold, step.down]
    if step.rate is None:
        timing = [usual[k] if given[k] is None else float(given[k] or 0.0) for k in range(3)]
        period, onset = sum(timing), 0.0
        timing = [part / period for part in timing]
    else:
        period = 1.0 / step.rate
        key = "muscle_pump.tiptoe.soleus"
        onset = builder.value(f"{key}.onset")
        shares = [builder.value(f"{key}.{name}") for name in ("rise", "hold", "fall")]
        free = 1.0 - sum(float(part) / period for part in given if part is not None)
        asked = sum(share for share, part in zip(shares, given, strict=True) if part is None)
        squeeze = min(1.0, free / asked) if asked else 1.0
        timing = [
            share * squeeze if part is None else float(part) / period for share, part in zip(shares, given, strict=True)
        ]
        onset = min(onset, max(0.0, 1.0 - sum(timing)))
    pulses = Pulses(n, period)
    stroke = 1.0 - float(step.heels or 0.0) / builder.value("muscle_pump.tiptoe.height")
    for k, name in enumerate(builder.plain(builder.topology.surroundings)):
        key = f"muscle_pump.tiptoe.{_waveform(name)}.peak"
        if key in builder.figures:
            pulses.height[k] = stroke * builder.value(key)
            pulses.onset[k], (pulses.rise[k], pulses.hold[k], pulses.fall[k]) = onset, timing
    builder.hold_in(pulses)
    builder.work = min(1.0, builder.value("inflow.exercise.tiptoe"))
    label = "one tiptoe" if step.count == 1 else f"{step.count} tiptoes"
    builder.add(
        label, "tiptoes", period * step.count, (GAIT_STEP, GAIT_SAMPLE),
        pulses=pulses, manoeuvre="tiptoes", repeats=step.count,
    )  # fmt: skip
    builder.work, builder.recent = 0.0, AFTER_MUSCLE


def ankle_pumps(builder: PhaseBuilder, step: AnklePumps) -> None:
    """Pulses of the muscles of a tiptoe, scaled by load over body weight: pressure is proportional to torque."""
    free = builder.value("muscle_pump.ankle_pump.share")
    share = free + (builder.value("muscle_pump.ankle_pump.heaviest") - free) * float(step.load or 0.0)
    share *= 1.0 if step.amplitude is None else float(step.amplitude)
    pulses = Pulses(len(builder.topology.surroundings), step.each)
    for k, name in enumerate(builder.topology.surroundings):
        key = f"muscle_pump.tiptoe.{_waveform(name)}"
        if f"{key}.peak" in builder.figures and name not in LUMPED and not name.startswith(OTHER_LEG):
            pulses.height[k] = share * builder.value(f"{key}.peak")
            pulses.onset[k] = builder.value(f"{key}.onset")
            shares = [builder.value(f"{key}.{part}") for part in ("rise", "hold", "fall")]
            pulses.rise[k], pulses.hold[k], pulses.fall[k] = shares
    builder.work = min(1.0, share * builder.value("inflow.exercise.tiptoe"))
    _over_and_over(builder, f"{step.times} ankle pumps", "ankle pumps", pulses, step.times)


def stimulate(builder: PhaseBuilder, step: Stimulate) -> None:
    """Pulses of the muscles under the electrodes, each a share of its pressure in a tiptoe."""
    share, period = builder.value("muscle_pump.stimulation.share"), step.each
    pulses = Pulses(len(builder.topology.surroundings), period)
    wanted = [muscle for part in step.muscles for muscle in STIMULATED[part]]
    for k, name in enumerate(builder.topology.surroundings):
        if name in wanted:
            key = f"muscle_pump.tiptoe.{_waveform(name)}.peak"
            # the shin's muscle does nothing in a tiptoe: it contracts as in gait
            key = key if key in builder.figures else f"muscle_pump.gait.{_waveform(name)}.peak"
            pulses.height[k] = share * builder.value(key)
            for part in ("rise", "hold", "fall"):
                getattr(pulses, part)[k] = min(builder.value(f"muscle_pump.stimulation.{part}") / period, 0.3)
    builder.work = min(1.0, share * builder.value("inflow.exercise.tiptoe"))
    times = int(step.for_ / period + 1e-9)
    _over_and_over(builder, "stimulation", "stimulate", pulses, times)


def cycle(builder: PhaseBuilder, step: Cycle) -> None:
    """Pulses of cycling. Each leg pushes for half a revolution; pressure is proportional to power over cadence."""
    base = "muscle_pump.cycling"
    cadence = float(step.cadence or builder.value(f"{base}.cadence"))
    harder = (step.power / builder.value(f"{base}.power")) * (builder.value(f"{base}.cadence") / cadence)
    pulses = Pulses(len(builder.topology.surroundings), 1.0 / cadence)
    for k, name in enumerate(builder.topology.surroundings):
        plain = name.removeprefix(OTHER_LEG)
        muscle = _waveform(plain)
        part = {"thigh_muscle": "thigh", "foot": "foot"}.get(muscle, "calf")
        if f"muscle_pump.gait.{muscle}.peak" not in builder.figures or muscle == "anterior_compartment":
            continue
        later = 0.5 if name in LUMPED or name.startswith(OTHER_LEG) else 0.0
        share = min(1.5, harder) * builder.value(f"{base}.share.{part}")
        pulses.height[k] = share * builder.value(f"muscle_pump.gait.{muscle}.peak")
        pulses.onset[k] = (builder.value(f"{base}.onset.{part}") + later) % 1.0
        for stretch in ("rise", "hold", "fall"):
            getattr(pulses, stretch)[k] = builder.value(f"{base}.{stretch}")
    builder.work = min(1.0, builder.value("inflow.exercise.cycling") * step.power / builder.value(f"{base}.power"))
    times = int(step.for_ * cadence + 1e-9)
    _over_and_over(builder, f"cycling {step.power}", "cycle", pulses, times, power=float(step.power))


def _over_and_over(builder: PhaseBuilder, label: str, kind: str, pulses: Pulses, times: int, **marks: Any) -> None:
    """Add phases of a movement repeated from rest to its end; a long one is sampled finely at both ends only."""
    builder.hold_in(pulses)
    acts = pulses.height != 0.0
    quickest = pulses.period * float(np.min(np.minimum(pulses.rise, pulses.fall)[acts], initial=1.0))
    step = min(0.015, max(GAIT_STEP, quickest / 20.0))
    period, common = pulses.period, {"manoeuvre": kind, **marks}
    builder.add(
        label, kind, period, (step, GAIT_SAMPLE), pulses=pulses.beginning(),
        stage="first cycle", repeats=1, **common,
    )  # fmt: skip
    fine = max(1, math.ceil(40.0 / period))
    parts = [times - 1] if times * period <= 180.0 else [fine, times - 1 - 2 * fine, fine]
    for number, part in enumerate(parts):
        sample = period if number == 1 else GAIT_SAMPLE
        builder.add(label, kind, part * period, (step, sample), pulses=pulses, repeats=part, **common)
    builder.add(label, kind, pulses.tail(), (step, GAIT_SAMPLE), pulses=pulses.ending(), stage="last step", **common)
    builder.work, builder.recent = 0.0, AFTER_MUSCLE


def gait(builder: PhaseBuilder, step: Walk | Jog) -> None:
    """Pulses of walking or running: a first cycle, whole cycles, and the end of what is under way."""
    running = isinstance(step, Jog)
    base = "muscle_pump.running" if running else "muscle_pump.gait"
    faster = step.speed / builder.value(f"{base}.speed")
    period = builder.value(f"{base}.period") * faster ** builder.value("muscle_pump.gait.period_exponent")
    # whole time steps and samples in a cycle
    period = round(GAIT_SAMPLE * round(period / GAIT_SAMPLE), 9)
    louder = faster ** builder.value("muscle_pump.gait.peak_exponent")
    pulses = Pulses(len(builder.topology.surroundings), period)
    for k, name in enumerate(builder.topology.surroundings):
        plain = name.removeprefix(OTHER_LEG)
        key = f"{base}.{_waveform(plain)}"
        if f"{key}.peak" not in builder.figures:
            continue
        later = 0.5 if name in LUMPED or name.startswith(OTHER_LEG) else 0.0
        pulses.height[k] = louder * builder.value(f"{key}.peak") * _left(builder, step, name)
        pulses.onset[k] = (builder.value(f"{key}.onset") + later) % 1.0
        pulses.rise[k] = builder.value(f"{key}.rise")
        pulses.hold[k] = builder.value(f"{key}.hold")
        pulses.fall[k] = builder.value(f"{key}.fall")
    builder.hold_in(pulses)
    cycles = int((step.for_ - pulses.tail()) / period + 1e-9)
    rest = step.for_ - cycles * period
    share = builder.value(f"inflow.exercise.{'running' if running else 'walking'}")
    builder.work = min(1.0, share * faster)
    label = f"{'run' if running else 'walk'} {step.speed}"
    kind = step.word
    common: dict[str, Any] = {"manoeuvre": kind, "speed": float(step.speed)}
    builder.add(
        label, kind, period, (GAIT_STEP, GAIT_SAMPLE), pulses=pulses.beginning(),
        stage="first cycle", gait_cycles=1, **common,
    )  # fmt: skip
    # in long walks only the beginning and the end are recorded finely
    fine = max(1, math.ceil(40.0 / period))
    parts = [cycles - 1] if step.for_ <= 180.0 else [fine, cycles - 1 - 2 * fine, fine]
    for number, part in enumerate(parts):
        sample = period if number == 1 else GAIT_SAMPLE
        builder.add(
            label, kind, part * period, (GAIT_STEP, sample), pulses=pulses,
            stage="cycles", gait_cycles=part, **common,
        )  # fmt: skip
    builder.work, builder.recent = 0.0, AFTER_MUSCLE
    ending: dict[str, Any] = {"pulses": pulses.ending(), "stage": "last step"}
    if builder.stands_next:
        builder.add(Stand().name(), "stand", rest, (GAIT_STEP, GAIT_SAMPLE), **ending)
    else:
        builder.add(label, kind, rest, (GAIT_STEP, GAIT_SAMPLE), gait_cycles=0, **common, **ending)


def _left(builder: PhaseBuilder, step: Walk | Jog, muscle: str) -> float:
    """Share of a muscle's pressure that is left when joints of the index leg are held, 1."""
    held = [joint for joint in getattr(step, "held", ()) if muscle in MOVED_BY[joint]]
    return math.prod(builder.value(f"muscle_pump.gait.held.{joint}") for joint in held)


FORCES: Forces = {Tiptoes: tiptoes, AnklePumps: ankle_pumps, Stimulate: stimulate, Walk: gait, Jog: gait, Cycle: cycle}
