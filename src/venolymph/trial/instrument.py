"""How well an instrument reads one person: the error of a reading, and the smallest change that exceeds it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from venolymph.measures import detectable, find
from venolymph.units import refusal
from venolymph.units.quantities import WRITTEN_NUMBER

REPEATED = 1.96 * math.sqrt(2.0)
"""Smallest detectable change of one person over the standard deviation of repeated readings, 1.

Two readings of a person in whom nothing changed differ by less in 95 of 100 pairs."""


@dataclass(frozen=True)
class Instrument:
    """How well a measure is read.

    Attributes:
        measure: its name.
        unit: of its readings.
        error: standard deviation of repeated readings of one person, in `unit` or as a share of the reading.
        least: smallest detectable change of one person, likewise.
        error_relative: whether `error` is a share of the reading.
        least_relative: whether `least` is.
        source: where both are from.
    """

    measure: str
    unit: str
    error: float
    least: float
    error_relative: bool
    least_relative: bool
    source: str

    def error_at(self, readings: np.ndarray) -> np.ndarray:
        """Standard deviation of repeated readings at these levels, in the measure's unit, shape as given."""
        return self.error * (np.abs(readings) if self.error_relative else np.ones_like(readings))

    def least_at(self, level: float) -> float:
        """Smallest detectable change of one person at a level, in the measure's unit."""
        return self.least * (abs(level) if self.least_relative else 1.0)


def instrument_of(measure: str, error: str | None, least: str | None, source: str) -> Instrument:
    """An instrument from what a document says of it, and from what is known of its measure otherwise.

    Args:
        measure: name of the measure, with its place where it has one.
        error: standard deviation of repeated readings as text, in the measure's unit or in %; None: not stated.
        least: smallest detectable change likewise.
        source: where the two are from.

    Raises:
        PydanticCustomError: for a validator to raise, where an amount cannot be read or nothing is known.
    """
    unit = find(measure)[0].unit
    known = detectable(measure, 1.0, 1.0)
    given_error, given_least = _amount(error, unit, "error"), _amount(least, unit, "detectable")
    if given_least is None and given_error is not None:
        given_least = (REPEATED * given_error[0], given_error[1])
    if given_least is None and known.least is not None and known.figure is not None:
        given_least = (known.least, known.figure.unit == "%")
        source = f"{known.figure.source} ({known.figure.basis})"
    if given_least is None:
        raise refusal(
            f"nothing is known of the error of {measure!r}",
            hint=f"add `error:` in {unit if unit != '1' else 'plain numbers'} or in % of the reading, and `source:`",
            key="error",
        )
    given_error = given_error or (given_least[0] / REPEATED, given_least[1])
    return Instrument(measure, unit, given_error[0], given_least[0], given_error[1], given_least[1], source)


def _amount(text: str | None, unit: str, key: str) -> tuple[float, bool] | None:
    """An amount in a measure's unit, or as a share of the reading (True)."""
    if text is None:
        return None
    match = WRITTEN_NUMBER.fullmatch(text)
    number, written = (float(match[1]), match[2]) if match else (0.0, "")
    if match is None or number <= 0.0 or written not in (unit.removeprefix("1") if unit == "1" else unit, "%"):
        wanted = "a number" if unit == "1" else f"more than 0 {unit}"
        example = "0.7" if unit == "1" else f"0.7 {unit}"
        raise refusal(
            f"found {text!r}, where {wanted}, or a share of the reading in %, is needed",
            hint=f"write it as in {example}",
            key=key,
        )
    return number / (100.0 if written == "%" and unit != "%" else 1.0), written == "%" and unit != "%"
