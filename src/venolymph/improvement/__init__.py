"""A better regimen than a plain one: parts that may vary, tried in some people, confirmed in others."""

from __future__ import annotations

from venolymph.improvement.document import (
    ImprovementDocument,
    VariedEntry,
    load_improvement,
    packaged_improvements,
)
from venolymph.improvement.page import write_improvement
from venolymph.improvement.results import ImprovementResult, PairedDifference, PartEffect
from venolymph.improvement.running import KeptReadings, improve
from venolymph.improvement.searching import Tried, search

__all__ = [
    "ImprovementDocument",
    "ImprovementResult",
    "KeptReadings",
    "PairedDifference",
    "PartEffect",
    "Tried",
    "VariedEntry",
    "improve",
    "load_improvement",
    "packaged_improvements",
    "search",
    "write_improvement",
]
