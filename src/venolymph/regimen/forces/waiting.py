"""Waiting."""

from __future__ import annotations

from venolymph.regimen.forces.builder import Forces, PhaseBuilder
from venolymph.regimen.steps.waiting import Wait


def wait(builder: PhaseBuilder, step: Wait) -> None:
    """Rest."""
    builder.hold(f"wait {step.for_}", "wait", step.for_)


FORCES: Forces = {Wait: wait}
