"""Regimens: what a person does, as documents (`schema`, `steps`), and as forces over time (`forcing`, `forces`)."""

from venolymph.regimen.loading import load_regimen, packaged_regimens, regimen_schema
from venolymph.regimen.schema import Regimen
from venolymph.regimen.steps.breathing import Valsalva
from venolymph.regimen.steps.devices import Cuff, FollowTrace, Suction
from venolymph.regimen.steps.inner import STEPS
from venolymph.regimen.steps.joints import Knees
from venolymph.regimen.steps.muscles import AnklePumps, Cycle, Jog, Stimulate, Tiptoes, Walk
from venolymph.regimen.steps.recording import TakeReadings
from venolymph.regimen.steps.skin import Skin
from venolymph.regimen.steps.waiting import Wait
from venolymph.steps.breathing import Breathe
from venolymph.steps.marks import Injection, Marks
from venolymph.steps.postures import Lie, Posture, Prone, Raise, Rest, Sit, Stand, Tilt
from venolymph.steps.step import Step

__all__ = [
    "STEPS",
    "AnklePumps",
    "Breathe",
    "Cuff",
    "Cycle",
    "FollowTrace",
    "Injection",
    "Jog",
    "Knees",
    "Lie",
    "Marks",
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
    "Suction",
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
