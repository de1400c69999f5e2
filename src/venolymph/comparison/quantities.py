"""What courses of treatment are compared by: each quantity with its unit, and how it is read from a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class ComparedQuantity:
    """A quantity that a course may change.

    Attributes:
        name: in plain words.
        unit: of its values.
        grain: rounding step of differences, in the same unit; smaller differences are not reported.
        measure: the measure by which its detectability is judged.
        read: its trace over a run: time (s) and values of shape (time, members).
    """

    name: str
    unit: str
    grain: float
    measure: str
    read: Callable[[Any], tuple[np.ndarray, np.ndarray]]


def _traced(name: str) -> Callable[[Any], tuple[np.ndarray, np.ndarray]]:
    def read(run: Any) -> tuple[np.ndarray, np.ndarray]:
        trace = run.measure(name).trace
        return np.asarray(trace.time), np.asarray(trace.values)

    return read


def _water(run: Any) -> tuple[np.ndarray, np.ndarray]:
    return run.exchange("exchange_time"), run.exchange("tissue_volume").sum(axis=1)


def _lymph(run: Any) -> tuple[np.ndarray, np.ndarray]:
    time = run.exchange("exchange_time")
    span = np.diff(time, prepend=0.0)
    return time, 3600.0 * run.exchange("uptake").sum(axis=1) / span[:, None]


QUANTITIES = (
    ComparedQuantity("pressure in a vein at the ankle", "mmHg", 0.1, "ankle pressure", _traced("ankle pressure")),
    ComparedQuantity("blood in the leg's veins", "mL", 0.1, "leg blood volume", _traced("leg blood volume")),
    ComparedQuantity("tissue fluid of the leg", "mL", 0.1, "tissue water in leg", _water),
    ComparedQuantity("volume of the lower leg", "mL", 0.1, "volume of lower leg", _traced("volume of lower leg")),
    ComparedQuantity("girth of the calf", "cm", 0.01, "girth at calf", _traced("girth at calf")),
    ComparedQuantity("lymph that forms", "mL/h", 0.1, "lymph formed", _lymph),
    ComparedQuantity("tracer left under the skin of the calf", "%", 0.01, "tracer left", _traced("tracer left")),
)
"""What is compared."""


def compared_quantity(name: str) -> ComparedQuantity:
    """The quantity of a name in `QUANTITIES`."""
    return next(quantity for quantity in QUANTITIES if quantity.name == name)
