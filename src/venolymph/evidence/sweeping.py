"""An experiment's arms once more with each hidden factor at either end of its range: all ends in one batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from venolymph.body import Person, load_person
from venolymph.body.make import make_body
from venolymph.errors import MeasureError
from venolymph.evidence.comparing import Comparison
from venolymph.evidence.hidden_factors import Variant, variants
from venolymph.figures import Figure
from venolymph.measures import find
from venolymph.simulation.tissue_model import tissue_of

SEEN = "skin_colour"
"""Instrument whose readings follow entries of a face that move no water."""


@dataclass(frozen=True)
class SweptResult:
    """How a comparison came out with one hidden factor at one end of its range.

    Attributes:
        comparison: what was compared.
        factor: the hidden factor; empty where all are as they are.
        end: its value in words.
        difference: of the first arm less the second; None where it could not be read.
        unit: of the difference.
    """

    comparison: Comparison
    factor: str
    end: str
    difference: float | None
    unit: str

    @property
    def measurable(self) -> bool | None:
        """Whether a clinic could tell the difference; None where that is not known."""
        if self.difference is None or self.comparison.smallest is None:
            return None
        return abs(self.difference) >= self.comparison.smallest

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        asked = self.comparison
        named = {"measure": asked.measure, "arm": asked.arm, "against": asked.against}
        return named | {
            "factor": self.factor,
            "end": self.end,
            "difference": self.difference,
            "unit": self.unit,
            "measurable": self.measurable,
        }


def sweep(
    person: Any,
    regimens: Mapping[str, Any],
    comparisons: Sequence[Comparison],
    figures: Mapping[str, Figure],
    simulate: Callable[[list[Any], Any, Any], Any],
) -> list[SweptResult]:
    """Compare arms with each hidden factor at either end of its range.

    Args:
        person: whose face, a document or name.
        regimens: of the arms by name.
        comparisons: between these arms.
        figures: of tissue and lymph where no factor is moved.
        simulate: from bodies, regimen and tissue to a run.

    Returns:
        The comparisons as all is, then those of each factor's ends; where colour is compared, those of skin too.
    """
    moved = variants(figures)
    simulated = [one for one in moved if one.figures is not None]
    sets = [figures, *(one.figures for one in simulated if one.figures is not None)]
    one_person = load_person(person)
    bodies = [make_body(one_person, "face", sides="both") for _ in sets]
    runs = {name: simulate(bodies, regimen, tissue_of(bodies, figures=sets)) for name, regimen in regimens.items()}
    found = []
    for comparison in comparisons:
        both = [runs[name] for name in (comparison.arm, comparison.against)]
        for number, one in enumerate((None, *simulated)):
            found.append(_result(comparison, one, [_read(run, comparison.measure, number) for run in both]))
        if find(comparison.measure)[0].instrument != SEEN:
            continue
        for one in (one for one in moved if one.figures is None):
            seen = one.seen_in(person)
            found.append(_result(comparison, one, [_read(_with(run, seen), comparison.measure, 0) for run in both]))
    return found


def _with(run: Any, person: Person) -> Any:
    """A run as it looks in another person's face."""
    return replace(run, bodies=[replace(body, person=person) for body in run.bodies])


def _read(run: Any, measure: str, member: int) -> tuple[float | None, str]:
    if run.status[member].code != "ok":
        return None, ""
    try:
        reading = run.measure(measure)
    except MeasureError:
        return None, ""
    value = float(np.atleast_1d(reading.value)[member])
    return (value if np.isfinite(value) else None), reading.unit


def _result(comparison: Comparison, one: Variant | None, read: list[tuple[float | None, str]]) -> SweptResult:
    (value, unit), (against, _) = read
    difference = None if value is None or against is None else value - against
    factor, end = ("", "") if one is None else (one.factor, one.end)
    return SweptResult(comparison, factor, end, difference, unit)
