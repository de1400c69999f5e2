"""What was measured of a person, as the person's document states it, for calibration.

An entry of `measured` names one measure with its value, and around it leg, date, posture and error:
`{VFI: 5.1 mL/s, error: 0.4 mL/s, leg: left, date: 2026-03-02}`.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from venolymph.errors import MeasureError, UnitError, nearest
from venolymph.units import dimension, quantity, refusal, show
from venolymph.units.quantities import WRITTEN_NUMBER

if TYPE_CHECKING:
    from venolymph.measures import Measure

POSTURES = ("lie", "sit", "stand")
"""Postures that a reading can be taken in, as steps of a regimen."""
AROUND = ("leg", "date", "posture", "error")
"""What may stand beside the measure."""
REPEATED = 1.96 * math.sqrt(2.0)
"""Smallest detectable change over the standard deviation of one reading, 1."""
Above = tuple[str | int, ...]
_EXAMPLE = "write it as in {VFI: 5.1 mL/s, leg: left, date: 2026-03-02}"


@dataclass(frozen=True)
class PersonReading:
    """One reading of a person.

    Attributes:
        measure: its name, with its place where it has one.
        value: in the measure's unit.
        unit: the measure's.
        error: standard deviation of one reading by the instrument, in the measure's unit; None where nothing is known.
        leg: left or right; None: the index leg.
        date: the day; None where not stated.
        posture: in which it was taken, as a step of a regimen; None: as the measure has it.
    """

    measure: str
    value: float
    unit: str
    error: float | None
    leg: Literal["left", "right"] | None = None
    date: dt.date | None = None
    posture: str | None = None


def reading_of(entry: Any, *above: str | int) -> PersonReading:
    """A reading from an entry of a document.

    Args:
        entry: as the document has it.
        above: the way to it, from where the validator stands.

    Raises:
        PydanticCustomError: for a validator to raise, where the entry is no reading.
    """
    if not isinstance(entry, Mapping) or not set(entry) - set(AROUND):
        raise refusal(f"found {show(entry)}, where a reading is needed", hint=_EXAMPLE, key=above)
    names = [str(key) for key in entry if key not in AROUND]
    if len(names) > 1:
        wrong = next((name for name in names if nearest(name, AROUND)), names[-1])
        near = nearest(wrong, AROUND)
        raise refusal(
            f"found {' and '.join(map(repr, names))}; one measure is needed in each reading, and beside it "
            f"{', '.join(AROUND)}",
            hint=f"did you mean {near!r}?" if near else "write a reading for each measure",
            key=(*above, wrong),
        )
    measure, name = _measure(names[0], above)
    value = _amount(entry[names[0]], measure.unit, (*above, names[0]))
    leg = entry.get("leg")
    if leg not in (None, "left", "right"):
        raise refusal(
            f"{show(leg)} is not a leg; allowed are left, right",
            hint="write one reading for each leg",
            key=(*above, "leg"),
        )
    return PersonReading(
        name,
        value,
        measure.unit,
        _error(entry.get("error"), name, measure.unit, value, (*above, "error")),
        leg,
        _date(entry.get("date"), above),
        _posture(entry.get("posture"), measure, above),
    )


def _measure(name: str, above: Above) -> tuple[Measure, str]:
    """The measure of a name, and its whole name with its place."""
    from venolymph.measures import find  # here, so that a document without readings does not load the engine

    try:
        measure, place = find(name)
    except MeasureError as error:
        raise refusal(error.message, hint=error.hint, key=(*above, name)) from None
    return measure, measure.name if place is None else measure.name.replace("{place}", place)


def _amount(given: Any, unit: str, place: Above) -> float:
    """A number in a measure's unit."""
    if unit != "1" and dimension(unit) not in (None, "quantity of another kind"):
        try:
            return quantity(given, unit)
        except UnitError as error:
            raise refusal(error.message, hint=error.hint, unit=True, key=place) from None
    match = WRITTEN_NUMBER.fullmatch(str(given))
    if isinstance(given, bool) or match is None or (match[2] or "1") != unit:
        wanted = "a number" if unit == "1" else f"a number in {unit}"
        raise refusal(
            f"found {show(given)}, where {wanted} is needed",
            hint=f"write it as in {'0.4' if unit == '1' else f'0.4 {unit}'}",
            unit=True,
            key=place,
        )
    return float(match[1])


def _error(given: Any, name: str, unit: str, value: float, place: Above) -> float | None:
    """Standard deviation of one reading: as stated, else from the smallest change that its instrument detects."""
    if given is None:
        from venolymph.measures import detectable

        least = detectable(name, value, value).least
        return None if not least else least / REPEATED
    share = str(given).strip().endswith("%") and unit != "%"
    found = _amount(given, "%", place) / 100.0 * abs(value) if share else _amount(given, unit, place)
    if not 0.0 < found < math.inf:
        raise refusal(
            f"an error of {show(given)} is not possible; allowed is more than 0",
            hint="write the standard deviation of repeated readings, in the measure's unit or in % of the reading",
            key=place,
        )
    return found


def _date(given: Any, above: Above) -> dt.date | None:
    try:
        return given if given is None or isinstance(given, dt.date) else dt.date.fromisoformat(str(given))
    except ValueError:
        raise refusal(
            f"found {show(given)}, where a date is needed",
            hint="write year, month and day, as in 2026-03-02",
            key=(*above, "date"),
        ) from None


def _posture(given: Any, measure: Measure, above: Above) -> str | None:
    if given is None:
        return None
    if given not in POSTURES:
        near = nearest(str(given), POSTURES)
        raise refusal(
            f"{show(given)} is no posture for a reading; allowed are {', '.join(POSTURES)}",
            hint=f"did you mean {near!r}?" if near else f"write {POSTURES[0]}, for example",
            key=(*above, "posture"),
        )
    if measure.manoeuvre is not None:
        raise refusal(
            f"{measure.name!r} has a posture of its own: it is read in {measure.manoeuvre_name!r}",
            hint="leave `posture` out",
            key=(*above, "posture"),
        )
    return given
