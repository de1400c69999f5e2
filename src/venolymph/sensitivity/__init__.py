"""Sensitivity: which figures decide which measures, by Morris and Sobol over their ranges."""

from __future__ import annotations

from venolymph.sensitivity.factors import Factor, default_factors, factors_named
from venolymph.sensitivity.indices import Indices
from venolymph.sensitivity.running import MeasureSensitivity, SamplingPlan, Sensitivity, analyse_sensitivity

__all__ = [
    "Factor",
    "Indices",
    "MeasureSensitivity",
    "SamplingPlan",
    "Sensitivity",
    "analyse_sensitivity",
    "default_factors",
    "factors_named",
]
