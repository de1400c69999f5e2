"""Virtual trials: people of a population are allocated to arms, read with an instrument's error, and analysed."""

from __future__ import annotations

from venolymph.trial.analysis import ArmEffect
from venolymph.trial.document import ArmEntry, OutcomeEntry, TrialDocument, load_trial, packaged_trials
from venolymph.trial.instrument import Instrument
from venolymph.trial.page import write_trial
from venolymph.trial.power import Power
from venolymph.trial.results import ArmFlow, MeasuredEffect, OutcomeResult, TrialFlow, TrialResult
from venolymph.trial.running import run_trial

__all__ = [
    "ArmEffect",
    "ArmEntry",
    "ArmFlow",
    "Instrument",
    "MeasuredEffect",
    "OutcomeEntry",
    "OutcomeResult",
    "Power",
    "TrialDocument",
    "TrialFlow",
    "TrialResult",
    "load_trial",
    "packaged_trials",
    "run_trial",
    "write_trial",
]
