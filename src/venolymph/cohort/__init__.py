"""Many people through regimens: in chunks, each in one compiled program, over processes and machines by Dask."""

from __future__ import annotations

from venolymph.cohort.following import finish_cohort, follow_cohort, open_cohort
from venolymph.cohort.measuring import MemberReadings, measure_members

__all__ = ["MemberReadings", "finish_cohort", "follow_cohort", "measure_members", "open_cohort"]
