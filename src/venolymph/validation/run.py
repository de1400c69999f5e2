"""Performing the protocols and judging what comes out.

Each protocol is simulated once, with all who do it side by side, and all readings are taken from that run; the parts
of the targets are then put together from the numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from venolymph.errors import VenolymphError
from venolymph.measures import measure
from venolymph.validation.targets import Part, Reading, Target, chosen, person, regimen

REASON = "validation against published figures"
"""Why people are massaged here whom a plan would refuse."""
UNCHANGED = 5.0
"""What changes by less than this counts as not changed, %."""

Outcome = Literal["in range", "out of range", "not yet"]
Predicted = float | tuple[float | None, ...] | None
_Key = tuple[str, str, tuple[str, ...], int | None]
"""What is read once: protocol, person, measures, and the step at whose end."""


@dataclass(frozen=True)
class Verdict:
    """How a target came out.

    Attributes:
        target: the target.
        predicted: what the model gives, in the target's unit (a change in per cent, or a difference, where the
            direction alone counts); one for each part where it has parts; None where it gives nothing.
        verdict: `in range` (all parts are), `out of range` (also where a simulation failed or nothing could be read),
            or `not yet` (cannot be performed yet).
        note: why there is no number, or how the protocol was performed.
        met: for each part, whether it is in range.
    """

    target: Target
    predicted: Predicted
    verdict: Outcome
    note: str = ""
    met: tuple[bool, ...] = ()

    @property
    def id(self) -> str:
        """Name of the target."""
        return self.target.id

    def as_dict(self) -> dict[str, Any]:
        """For JSON: id, predicted, value, low, high, unit, use, verdict, met; lists where the target has parts."""
        return {
            "id": self.id,
            "predicted": self.predicted,
            "value": self.target.value,
            "low": self.target.low,
            "high": self.target.high,
            "unit": self.target.unit,
            "use": self.target.use,
            "verdict": self.verdict,
            "met": list(self.met),
        }


class _UnreadError(Exception):
    """A number that could not be had, and why."""


def validate(
    targets: Sequence[str] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    *,
    simulate: Callable[..., Any] | None = None,
    prepare: Callable[[str], Any] | None = None,
    parameters: Callable[[Sequence[str]], Any] | None = None,
) -> list[Verdict]:
    """Judges the model by published figures.

    Args:
        targets: names of targets; all where None.
        progress: called with the name of a protocol, how many are done, and how many there are; at the end with an
            empty name.
        simulate: what simulates, in place of `venolymph.simulation`.
        prepare: what does preparations, in place of `venolymph.validation.preparations`.
        parameters: gives the parameters of some people (by name) in place of their own, for calibration.

    Returns:
        One verdict for each target, in the order of the targets.

    Raises:
        DocumentError: where there is no such target.
    """
    wanted = chosen(None if targets is None else tuple(targets))
    if simulate is None:
        from venolymph.simulation import simulate as simulate_

        simulate = simulate_
    if prepare is None:
        prepare = _prepared
    protocols = list(dict.fromkeys(one.protocol for target in wanted for one in target.readings))
    preparations = list(dict.fromkeys(part.preparation for t in wanted for part in t.parts if part.preparation))
    count = len(protocols) + len(preparations)
    numbers: dict[_Key, float | str] = {}
    for done, protocol in enumerate(protocols):
        if progress:
            progress(protocol, done, count)
        numbers |= _performed(protocol, wanted, simulate, parameters)
    made: dict[str, Any] = {}
    for done, preparation in enumerate(preparations, len(protocols)):
        if progress:
            progress(f"{preparation} of a preparation", done, count)
        made[preparation] = prepare(preparation)
    if progress:
        progress("", count, count)
    return [_judged(target, numbers, made) for target in wanted]


def _prepared(name: str) -> Any:
    from venolymph.validation.preparations import PREPARATIONS

    return PREPARATIONS[name]()


# ------------------------------------------------------------------ reading


def _performed(
    protocol: str, wanted: Sequence[Target], simulate: Callable[..., Any], parameters: Callable[..., Any] | None
) -> dict[_Key, float | str]:
    """All that is read of one protocol: a number, or why there is none."""
    mine = [(target, one) for target in wanted for one in target.readings if one.protocol == protocol]
    people = list(dict.fromkeys(name for _, one in mine for name in one.people))
    given: dict[str, Any] = {} if parameters is None else {"parameters": parameters(people)}
    if any(target.needs == "tissue" for target, _ in mine):
        given |= {"tissue": True, "research_override": REASON}
    keys = [(protocol, name, one.measures, step) for _, one in mine for name in one.people for step in one.steps]
    try:
        run = simulate([person(name) for name in people], regimen(protocol), **given)
    except VenolymphError as error:
        return dict.fromkeys(keys, f"could not be simulated: {error.message}")
    shown: dict[int | None, Any] = {}
    found: dict[_Key, float | str] = {}
    for key in dict.fromkeys(keys):
        _, name, measures, step = key
        if step not in shown:
            shown[step] = _until(run, step)
        found[key] = _number(run, shown[step], measures, people.index(name))
    return found


def _number(run: Any, shown: Any, measures: Sequence[str], member: int) -> float | str:
    status = run.status[member]
    if status.code != "ok":
        return f"the simulation failed at {status.time:.3g} s: {status.cause}"
    try:
        return max(float(np.asarray(measure(shown, name).value)[member]) for name in measures)
    except VenolymphError as error:
        return f"could not be read: {error.message}"


def _until(run: Any, step: int | None) -> Any:
    """A run as it was at the end of a step of its regimen."""
    if step is None:
        return run
    held = [record for record in run.records if record.info.marks["step"] <= step]
    return replace(run, records=held, branches={})


# ------------------------------------------------------------------ judging


def _judged(target: Target, numbers: Mapping[_Key, float | str], made: Mapping[str, Any]) -> Verdict:
    if not target.can_run:
        return Verdict(target, None, "not yet", target.waits or f"needs {target.needs}, which is not built")
    predicted: list[float | None] = []
    notes: list[str] = []
    for part in target.parts:
        if part.preparation is not None:
            predicted.append(made[part.preparation].flow)
            notes.append(made[part.preparation].note)
            continue
        try:
            predicted.append(_value(part, numbers))
        except _UnreadError as why:
            predicted.append(None)
            notes.append(str(why))
    if target.note:
        notes.append(target.note)
    met = tuple(fits(target, part, value) for part, value in zip(target.parts, predicted, strict=True))
    several: Predicted = tuple(predicted) if len(predicted) > 1 else predicted[0]
    outcome: Outcome = "in range" if all(met) else "out of range"
    return Verdict(target, several, outcome, "; ".join(dict.fromkeys(notes)), met)


def _value(part: Part, numbers: Mapping[_Key, float | str]) -> float:
    """A part's number, the mean of all who did it."""
    assert part.reading is not None
    each = []
    with np.errstate(all="ignore"):  # what is divided by nothing is not finite, and said to be so
        for member in range(len(part.reading.people)):
            value = _read(part.reading, member, numbers)
            if part.against is not None:
                value = value - _read(part.against, member, numbers)
            if part.to is not None:
                value = value / _read(part.to, member, numbers)
            each.append(part.times * (100.0 * (value - 1.0) if part.percent else value))
        found = float(np.mean(each))
    if not np.isfinite(found):
        raise _UnreadError("not reached within the protocol")
    return found


def _read(reading: Reading, member: int, numbers: Mapping[_Key, float | str]) -> np.float64:
    who = reading.people[min(member, len(reading.people) - 1)]

    def at(step: int | None) -> np.float64:
        found = numbers[reading.protocol, who, reading.measures, step]
        if isinstance(found, str):
            raise _UnreadError(found)
        return np.float64(found)

    value = at(reading.after)
    if reading.less is not None:
        value = value - at(reading.less)
    return value if reading.over is None else value / at(reading.over)


def fits(target: Target, part: Part, predicted: float | None) -> bool:
    """Whether what the model gives for a part of a target agrees with what was published of it."""
    if predicted is None:
        return False
    if target.by_direction:
        still = part.percent and abs(predicted) < UNCHANGED
        return bool(part.value == (0 if still else np.sign(predicted)))
    above = part.low is None or predicted >= part.low
    below = part.high is None or predicted <= part.high
    return bool(above and below)
