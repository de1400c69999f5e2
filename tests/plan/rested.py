"""A run that has come to an end, in name: what goes on from it looks only at who it was and what was worn."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import venolymph as vl
from venolymph.regimen import load_regimen
from venolymph.simulation.run import Run
from venolymph.steps.marks import Marks


def rested(who: Any, answers: Any = None) -> Run:
    """Somebody who lay, with nothing computed."""
    nothing: Any = SimpleNamespace()
    info = SimpleNamespace(label="lying", start=0.0, duration=60.0, marks=Marks())
    record: Any = SimpleNamespace(info=info, state=None, drive=None, tissue_state=None)
    bodies = [SimpleNamespace(person=vl.load_person(who))]
    return Run(bodies, load_regimen(["lie"]), nothing, [record], [], answers=answers)
