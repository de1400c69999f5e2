"""A tracer put in, readings taken."""

from __future__ import annotations

from venolymph.regimen.forces.builder import Forces, PhaseBuilder
from venolymph.regimen.steps.recording import Inject, TakeReadings


def inject(builder: PhaseBuilder, step: Inject) -> None:
    """A tracer put in as the next phase begins."""
    builder.injected.append({key: getattr(step, key) for key in ("tracer", "at", "side", "amount")})


def take_readings(builder: PhaseBuilder, step: TakeReadings) -> None:
    """Nothing: instruments read what was recorded."""


FORCES: Forces = {Inject: inject, TakeReadings: take_readings}
