"""Garments, bandages and pneumatic sleeves put on and taken off."""

from __future__ import annotations

from dataclasses import replace

from venolymph.regimen.forces.builder import Forces, PhaseBuilder
from venolymph.regimen.forces.pace import AFTER_MOVE, AFTER_SLEEVE
from venolymph.regimen.forces.phase import Pulses
from venolymph.regimen.steps.garments import Pumped, Remove, Wear


def dress(builder: PhaseBuilder, step: Wear) -> None:
    """A garment put on."""
    builder.worn[f"{step.garment} {step.on}"] = step
    _change_pressure(builder, f"{step.garment} on", "wear")


def undress(builder: PhaseBuilder, step: Remove) -> None:
    """A garment taken off."""
    builder.worn.pop(f"{step.garment} {step.on}", None)
    _change_pressure(builder, f"{step.garment} off", "remove")


def _change_pressure(builder: PhaseBuilder, label: str, kind: str) -> None:
    dressed = replace(builder.state, pressure=builder.pressure())
    over = builder.value("compression.putting_on.time")
    builder.add(label, kind, over, (0.02, 0.1), after=dressed, manoeuvre=kind)
    builder.recent = AFTER_MOVE


def sleeve(builder: PhaseBuilder, step: Pumped) -> None:
    """Whole cycles of a pneumatic sleeve, then the rest of its time."""
    period = step.cycle
    pulses = Pulses(len(builder.topology.surroundings), period)
    filled = step.timing("delay") * (len(step.chambers) - 1) + step.timing("rise") + step.timing("hold")
    for part, (start, pressure) in step.starts().items():
        shell = builder.shell(part, step.on)
        pulses.height[shell], pulses.onset[shell] = pressure, start / period
        pulses.rise[shell] = step.timing("rise") / period
        pulses.hold[shell] = (filled - start - step.timing("rise")) / period
        pulses.fall[shell] = step.timing("fall") / period
    cycles = int(step.for_ / period + 1e-9)
    quick = min(step.timing("rise"), step.timing("fall"))
    builder.add(
        "sleeve", "sleeve", cycles * period, (min(0.02, quick / 20.0), min(0.5, quick / 4.0)),
        pulses=pulses, manoeuvre="sleeve", repeats=cycles,
    )  # fmt: skip
    builder.recent = AFTER_SLEEVE
    builder.hold("sleeve", "sleeve", step.for_ - cycles * period, stage="after", manoeuvre="sleeve")


FORCES: Forces = {Wear: dress, Remove: undress, Pumped: sleeve}
