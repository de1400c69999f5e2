"""Regimens: what a person does, as documents (`schema`), and as forces over time (`forcing`)."""

from venolymph.regimen.schema import (
    STEPS,
    AnklePumps,
    Cuff,
    Cycle,
    FollowTrace,
    Jog,
    Regimen,
    Skin,
    Stimulate,
    TakeReadings,
    Tiptoes,
    Valsalva,
    Wait,
    Walk,
    load_regimen,
    packaged_regimens,
    regimen_schema,
)
from venolymph.steps.breathing import Breathe
from venolymph.steps.postures import Lie, Posture, Prone, Raise, Rest, Sit, Stand, Tilt
from venolymph.steps.step import Step

__all__ = [
    "STEPS",
    "AnklePumps",
    "Breathe",
    "Cuff",
    "Cycle",
    "FollowTrace",
    "Jog",
    "Lie",
    "Posture",
    "Prone",
    "Raise",
    "Regimen",
    "Rest",
    "Sit",
    "Skin",
    "Stand",
    "Step",
    "Stimulate",
    "TakeReadings",
    "Tilt",
    "Tiptoes",
    "Valsalva",
    "Wait",
    "Walk",
    "load_regimen",
    "packaged_regimens",
    "regimen_schema",
]
