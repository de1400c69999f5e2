"""Straightening both knees fully, and letting them go."""

from __future__ import annotations

from dataclasses import replace

from venolymph.regimen.forces.builder import Forces, PhaseBuilder
from venolymph.regimen.forces.pace import AFTER_MOVE
from venolymph.regimen.steps.joints import Knees

STAGES = 10


def move_knees(builder: PhaseBuilder, step: Knees) -> None:
    """The knees moved in stages, since a vein's calibre is that of a phase."""
    before, after = builder.straight, float(step.to == "straight")
    for stage in range(1, STAGES + 1):
        builder.straight = before + (after - before) * stage / STAGES
        inflow, calibre = builder.factors(builder.state.trunk)
        builder.state = replace(builder.state, inflow=inflow, calibre=calibre)
        length = step.lasts / STAGES
        builder.add(f"knees {step.to}", "knees", length, (min(0.02, length), 0.1), manoeuvre="knees", knees=step.to)
    builder.recent = AFTER_MOVE


FORCES: Forces = {Knees: move_knees}
