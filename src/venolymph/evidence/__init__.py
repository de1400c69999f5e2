"""What is known about popular claims, and what the model shows: one file a claim in `claims/`.

    claims()                                all claims by id
    claim("massage-removes-toxins")         what people say, what was studied, the verdict
    run("failing-valves-cause-backflow")    simulates the claim's experiment and compares its arms

A verdict is about published studies; the model's result stands beside it and never changes it. For research and
education; not a medical device. No clinician has reviewed the claims.
"""

from venolymph.evidence.claim import Claim, ClaimReference, ClaimVerdict, Experiment, Study, claim, claims, references
from venolymph.evidence.comparing import ComparisonResult
from venolymph.evidence.experiment import Trial, run
from venolymph.evidence.lives import LifeExperiment
from venolymph.evidence.showing import difference_text, swept_rows, telling_text
from venolymph.evidence.sums import Sum, SumResult
from venolymph.evidence.sweeping import SweptResult

__all__ = [
    "Claim",
    "ClaimReference",
    "ClaimVerdict",
    "ComparisonResult",
    "Experiment",
    "LifeExperiment",
    "Study",
    "Sum",
    "SumResult",
    "SweptResult",
    "Trial",
    "claim",
    "claims",
    "difference_text",
    "references",
    "run",
    "swept_rows",
    "telling_text",
]
