"""A measured pressure as a regimen prescribes it: samples, and the knots between which it moves smoothly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from venolymph.units import refusal, show

if TYPE_CHECKING:
    import numpy as np

Samples = tuple[tuple[float, float], ...]
"""Times, s, and pressures, mmHg."""

MOST_SAMPLES = 20_000
MOST_KNOTS = 2_000
LOWEST, HIGHEST = -10.0, 300.0
"""What a cuff or a muscle can press with, mmHg; a little below 0 is what the zero of an instrument may be off by."""
NEAR = 1.0
"""How near to each sample the pressure passes, mmHg, ..."""
SHARE = 0.01
"""... or as a share of the whole swing where that is more."""


def read_samples(given: Any) -> Samples:
    """Samples from pairs, or from text such as `0 12.5; 0.1 12.9`.

    Raises:
        PydanticCustomError: where they are no such samples.
    """
    pairs = [one.split() for one in given.split(";") if one.strip()] if isinstance(given, str) else given
    try:
        found = tuple((float(time), float(pressure)) for time, pressure in pairs)
    except (TypeError, ValueError):
        raise refusal(
            f"found {show(given)}, where pairs of a time (s) and a pressure (mmHg) are needed",
            hint="write `0 12.5; 0.1 12.9`, or name a table: `file: cuff.csv`",
        ) from None
    if not 2 <= len(found) <= MOST_SAMPLES:
        raise refusal(
            f"found {len(found):,} samples; allowed are 2 to {MOST_SAMPLES:,}",
            hint="take fewer samples in a second, or a part of the time",
        )
    for number, (time, pressure) in enumerate(found):
        if not (math.isfinite(time) and LOWEST <= pressure <= HIGHEST):
            raise refusal(
                f"sample {number + 1} is {pressure:g} mmHg at {time:g} s; allowed is {LOWEST:g} to {HIGHEST:g} mmHg",
                hint="check the unit, and the zero of the instrument",
            )
        if number and time <= found[number - 1][0]:
            raise refusal(f"sample {number + 1} is not later than the one before it", hint="sort them by time")
    if len(knots(found)) > MOST_KNOTS:
        raise refusal(
            f"the pressure turns too often: more than {MOST_KNOTS:,} pieces are needed to follow it",
            hint="take a part of the time, or smooth out noise",
        )
    return found


def as_text(samples: Samples) -> str:
    """Samples as a document shows them."""
    return "; ".join(f"{time!r} {pressure!r}" for time, pressure in samples)


def knots(samples: Samples) -> list[tuple[float, float]]:
    """The samples between which the pressure moves smoothly and passes near all others; times from 0 on."""
    import numpy as np  # here, so that reading a document does not load it

    table = np.array(samples)
    time, pressure = table[:, 0] - table[0, 0], table[:, 1]
    near = max(NEAR, SHARE * float(np.ptp(pressure)))
    found, here = [0], 0
    while here < len(time) - 1:
        reach, step = here + 1, 1
        while step:
            there = min(reach + step, len(time) - 1)
            if there > reach and _follows(time, pressure, here, there, near):
                reach, step = there, 2 * step
            else:
                step //= 2
        found.append(reach)
        here = reach
    return [(float(time[one]), float(pressure[one])) for one in found]


def _follows(time: np.ndarray, pressure: np.ndarray, here: int, there: int, near: float) -> bool:
    """Whether one smooth change passes near all samples between two of them."""
    inner = slice(here + 1, there)
    x = (time[inner] - time[here]) / (time[there] - time[here])
    smooth = x**3 * (10.0 + x * (6.0 * x - 15.0))
    return bool((abs(pressure[here] + (pressure[there] - pressure[here]) * smooth - pressure[inner]) <= near).all())


def falls(found: Sequence[tuple[float, float]], empty: float) -> int | None:
    """Number of the knot from which a pressure falls and falls until it is about 0; None where it does not.

    Args:
        found: the knots; the last such fall counts.
        empty: up to which pressure a cuff counts as empty, mmHg.
    """
    there = next((n for n in range(len(found) - 1, 0, -1) if found[n][1] <= empty < found[n - 1][1]), None)
    if there is None:
        return None
    return next((n for n in range(there - 1, 0, -1) if found[n - 1][1] - found[n][1] <= NEAR), 0)
