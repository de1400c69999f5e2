"""Breathing, and straining against a closed airway."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from venolymph.regimen.forces.builder import Forces, PhaseBuilder
from venolymph.regimen.forces.pace import AFTER_MOVE
from venolymph.regimen.steps.breathing import Valsalva
from venolymph.steps.breathing import Breathe


def breathe(builder: PhaseBuilder, step: Breathe) -> None:
    """Breaths with a swing and a period of their own."""
    deep = step.deep is not None
    quiet = builder.state
    ends, around, period = builder.breath(deep, None if step.rate is None else float(step.rate))
    builder.state = replace(builder.state, breath_ends=ends, breath_surroundings=around, breath_period=period)
    label = f"{step.breaths} {'deep' if deep else 'quiet'} breaths"
    # a swing faster than breathing moves valves: its opening and closing are to be seen
    builder.add(
        label, "breathe", step.breaths * period, (min(0.02, period / 300.0), min(0.1, period / 60.0)),
        manoeuvre="breathe", repeats=step.breaths,
    )  # fmt: skip
    builder.state, builder.recent = quiet, AFTER_MOVE


def valsalva(builder: PhaseBuilder, step: Valsalva) -> None:
    """Straining, holding it, letting go, and what follows."""
    onset = min(builder.value("regimen.valsalva.onset"), step.for_ / 3.0)
    calm = builder.state
    still = {"breath_ends": np.zeros_like(calm.breath_ends), "breath_surroundings": 0.0 * calm.breath_surroundings}
    strained = replace(
        calm, ends=builder.ends(calm.trunk, step.pressure), pressure=builder.pressure(step.pressure), **still
    )
    label = f"Valsalva {step.pressure}"
    common: dict[str, Any] = {"manoeuvre": "valsalva"}
    builder.add(label, "valsalva", onset, (0.005, 0.02), after=strained, stage="straining", **common)
    builder.add(label, "valsalva", step.for_ - 2.0 * onset, (0.01, 0.05), stage="straining", **common)
    builder.add(label, "valsalva", onset, (0.005, 0.02), after=replace(calm, **still), stage="releasing", **common)
    builder.state = calm
    # what follows needs short steps at first; the step after this one may be anything
    builder.add(label, "valsalva", 5.0, (0.01, 0.05), stage="after", **common)
    builder.recent = AFTER_MOVE


FORCES: Forces = {Valsalva: valsalva, Breathe: breathe}
