"""Changing posture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from venolymph.regimen.forces.builder import Forces, PhaseBuilder
from venolymph.regimen.forces.pace import AFTER_MOVE
from venolymph.steps.postures import Posture, Raise, usual_time


def change_posture(builder: PhaseBuilder, step: Posture) -> None:
    """Moving into a posture, where it is another one, and holding it."""
    kind = "raise" if isinstance(step, Raise) else {"rest": step.name()}.get(step.word, step.word)
    kind = {"lying": "lie", "prone": "lie", "legs raised": "raise", "sitting": "sit"}.get(kind, kind)
    kind = "raise" if step.name() == "legs raised" else kind
    label = step.name()
    over = 0.0
    moves = bool(np.any(builder.inclination(step) != builder.state.inclination))
    usual = usual_time(builder.posture.angles(), step)
    if moves:
        # going on from another regimen: from a posture that has no name here
        usual = usual or builder.value("posture.change.lie_to_stand")
        over = float(step.over) if step.over is not None else usual if step.for_ is None else min(usual, step.for_)
    builder.posture = step
    trunk = step.angles()["trunk"]
    target = replace(
        builder.state,
        inclination=builder.inclination(step),
        ends=builder.ends(trunk),
        pressure=builder.pressure(),
        inflow=builder.factors(trunk)[0],
        trunk=trunk,
    )
    if moves:
        builder.add(label, kind, over, (0.01 if over < 2.0 else 0.02, 0.1), after=target, over=over, stage="moving")
        builder.recent = AFTER_MOVE
    builder.hold(label, kind, float(step.for_ or 0.0) - over, over=over, stage="holding")


FORCES: Forces = {Posture: change_posture}
