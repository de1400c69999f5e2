"""What a cohort read, in few numbers: mean, spread and percentiles of each measure, who failed, and why."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

_NUMBER = re.compile(r"-?\d[\d.]*(?:e[+-]?\d+)?")
PERCENTILES = (5.0, 50.0, 95.0)
"""What is said of how readings are spread, %."""


def summary(cohort: xr.Dataset) -> dict[str, Any]:
    """A cohort in few numbers.

    Args:
        cohort: as `open_cohort` gives it; each measure is read by itself, so that memory does not grow with them.

    Returns:
        `readings` (a row for each regimen and measure: how many have it, mean, standard deviation, percentiles, unit),
        `failed` (regimen, cause, how many), `rejected` (draws that were nobody, by reason).
    """
    rows = []
    for name, array in cohort.data_vars.items():
        if name == "cause":
            continue
        for regimen in cohort["regimen"].to_numpy():
            values = np.asarray(array.sel(regimen=regimen))
            rows.append({"regimen": str(regimen), "measure": str(name), "unit": array.attrs["units"], **spread(values)})
    failed = [
        {"regimen": str(regimen), "cause": cause, "people": people}
        for regimen in cohort["regimen"].to_numpy()
        for cause, people in Counter(map(_alike, cohort["cause"].sel(regimen=regimen).to_numpy())).most_common()
        if cause
    ]
    return {"readings": rows, "failed": failed, "rejected": dict(cohort.attrs["rejected"])}


def _alike(cause: str) -> str:
    """A cause without its numbers, so that those who failed alike are counted together."""
    return _NUMBER.sub("…", cause)


def spread(values: np.ndarray) -> dict[str, float | int | None]:
    """How numbers are spread: `people`, `mean`, `sd`, `p5`, `p50`, `p95`; None where there are too few for it."""
    found = values[np.isfinite(values)]
    if not len(found):
        return {"people": 0, "mean": None, "sd": None, **{f"p{one:g}": None for one in PERCENTILES}}
    percentiles = np.percentile(found, PERCENTILES)
    return {
        "people": len(found),
        "mean": float(found.mean()),
        "sd": float(found.std(ddof=1)) if len(found) > 1 else None,
        **{f"p{one:g}": float(value) for one, value in zip(PERCENTILES, percentiles, strict=True)},
    }
