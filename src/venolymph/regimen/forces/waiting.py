"""Waiting, a tracer put in, readings taken."""

from __future__ import annotations

from venolymph.regimen.forces.builder import PhaseBuilder
from venolymph.regimen.steps.waiting import Inject, TakeReadings, Wait


def wait(builder: PhaseBuilder, step: Wait) -> None:
    """Rest."""
    builder.hold(f"wait {step.for_}", "wait", step.for_)


def inject(builder: PhaseBuilder, step: Inject) -> None:
    """A tracer put in as the next phase begins."""
    builder.injected.append({key: getattr(step, key) for key in ("tracer", "at", "side", "amount")})


def take_readings(builder: PhaseBuilder, step: TakeReadings) -> None:
    """Nothing: instruments read what was recorded."""
