"""Warming and cooling the skin."""

from __future__ import annotations

from dataclasses import replace

from venolymph.regimen.forces.builder import Forces, PhaseBuilder
from venolymph.regimen.steps.skin import Skin

SKIN_STAGES = 10


def change_skin(builder: PhaseBuilder, step: Skin) -> None:
    """The skin warmed or cooled in stages, the foot's apart where it is named."""
    over = float(step.over or builder.value("regimen.skin.change"))
    reference = builder.value("posture.temperature.reference")
    leg = reference if builder.temperature is None else builder.temperature
    foot = leg if builder.foot is None else builder.foot
    where = f"skin of the {step.at}" if step.at else "skin"
    for stage in range(1, SKIN_STAGES + 1):
        part = stage / SKIN_STAGES
        now = foot + (step.degrees - foot) * part
        if step.at is None:
            builder.temperature = leg + (step.degrees - leg) * part
            builder.foot = now if builder.foot is not None and stage < SKIN_STAGES else None
        else:
            builder.foot = now
        inflow, calibre = builder.factors(builder.state.trunk)
        builder.state = replace(builder.state, inflow=inflow, calibre=calibre)
        builder.add(f"{where} to {step.degrees:.3g} degC", "skin", over / SKIN_STAGES, (0.1, 1.0), manoeuvre="skin")


FORCES: Forces = {Skin: change_skin}
