"""Garments, bandages and pneumatic sleeves put on and taken off, and how they press while muscles work."""

from __future__ import annotations

from collections.abc import Mapping

from venolymph.body.region import OTHER
from venolymph.compression.garment import Garment
from venolymph.regimen.forces.pace import AFTER_MOVE, AFTER_SLEEVE
from venolymph.regimen.forces.phase import Activity, Pulses
from venolymph.regimen.forces.scene import Scene
from venolymph.regimen.forces.step_phases import Forces, StepPhases
from venolymph.regimen.steps.garments import Pumped, Remove, Wear
from venolymph.steps.marks import Marks

HELD_IN = {
    "calf": ("anterior compartment", "deep posterior compartment", "soleus", "gastrocnemius"),
    "thigh": ("thigh muscle",),
}
"""Muscles that a garment on each part encloses."""


def dress(scene: Scene, step: Wear) -> StepPhases:
    """A garment put on."""
    return _change(scene, {**scene.worn, garment(step): step}, f"{step.garment} on", step.word)


def undress(scene: Scene, step: Remove) -> StepPhases:
    """A garment taken off."""
    left = {name: one for name, one in scene.worn.items() if name != garment(step)}
    return _change(scene, left, f"{step.garment} off", step.word)


def garment(step: Wear | Remove) -> str:
    """A garment by name and leg."""
    return f"{step.garment} {step.on}"


def _change(scene: Scene, worn: Mapping[str, Garment], label: str, kind: str) -> StepPhases:
    done = StepPhases(scene).with_scene(worn=worn)
    activity, over = Activity(label, kind, Marks(manoeuvre=kind)), scene.body.value("compression.putting_on.time")
    return done.with_phase(activity, over, (0.02, 0.1), after=done.scene.pressed()).with_scene(recent=AFTER_MOVE)


def sleeve(scene: Scene, step: Pumped) -> StepPhases:
    """Whole cycles of a pneumatic sleeve, then the rest of its time."""
    period = step.cycle
    pulses = Pulses(len(scene.body.surroundings), period)
    filled = step.timing("delay") * (len(step.chambers) - 1) + step.timing("rise") + step.timing("hold")
    for part, (start, pressure) in step.starts().items():
        shell = scene.body.shell(part, step.on)
        pulses.height[shell], pulses.onset[shell] = pressure, start / period
        pulses.rise[shell] = step.timing("rise") / period
        pulses.hold[shell] = (filled - start - step.timing("rise")) / period
        pulses.fall[shell] = step.timing("fall") / period
    cycles = int(step.for_ / period + 1e-9)
    quick = min(step.timing("rise"), step.timing("fall"))
    pace = (min(0.02, quick / 20.0), min(0.5, quick / 4.0))
    activity = Activity("sleeve", "sleeve", Marks(manoeuvre="sleeve"))
    done = StepPhases(scene).with_phase(activity.marked(repeats=cycles), cycles * period, pace, pulses=pulses)
    return done.with_scene(recent=AFTER_SLEEVE).with_rest(activity.marked(stage="after"), step.for_ - cycles * period)


def held_in(scene: Scene, muscles: Pulses) -> Pulses:
    """What is worn gives way little to the muscle that swells in it, so it presses harder while the muscle works.

    That pressure comes back into the muscle too, since its fascia and what is worn stand in series.

    Args:
        scene: with what is worn.
        muscles: pulses of muscles alone.

    Returns:
        The same with those of what is worn.
    """
    body, pulses = scene.body, muscles.copy()
    reference = body.value("muscle_pump.tiptoe.soleus.peak")
    for one in scene.worn.values():
        for part in one.parts:
            shell = body.shell(part, one.on)
            prefix = OTHER if body.surroundings[shell].startswith(OTHER) else ""
            leader = "thigh muscle" if part == "thigh" else "soleus"
            muscle = body.surroundings.index(prefix + leader)
            if pulses.height[muscle] == 0.0:
                continue
            effort = min(1.0, pulses.height[body.surroundings.index(prefix + "soleus")] / reference)
            more = one.pressure_at(part, working=True) - one.pressure_at(part)
            bulge = f"muscle_pump.shell.bulge_{part}"
            if more == 0.0 and bulge in body.figures:
                more = one.stiffness * body.value(bulge)
            pulses.height[shell] = effort * more
            for waveform in (pulses.onset, pulses.rise, pulses.hold, pulses.fall):
                waveform[shell] = waveform[muscle]
            for name in HELD_IN.get(part, ()):
                inside = body.surroundings.index(prefix + name)
                if pulses.height[inside] != 0.0:
                    pulses.height[inside] += effort * more * body.value("muscle_pump.shell.held_in")
    return pulses


FORCES: Forces = {Wear: dress, Remove: undress, Pumped: sleeve}
