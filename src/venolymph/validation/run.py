"""Performing the protocols and judging what comes out.

Each protocol is simulated once, with all who do it side by side, and all readings are taken from that run; the parts
of the targets are then put together from the numbers. Where a target hangs on when lymphatics contract, each person is
some legs that are alike but for chance (`simulation.alike`): their mean is judged, and how far they lie apart is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from venolymph import simulation
from venolymph.body import load_person
from venolymph.errors import VenolymphError
from venolymph.figures import Figure, load
from venolymph.measures import measure
from venolymph.regimen import load_regimen
from venolymph.simulation.alike import MEMBERS, alike, legs
from venolymph.validation.preparations import PREPARATIONS
from venolymph.validation.targets import Target, TargetPart, TargetReading, chosen, person, regimen
from venolymph.validation.wall_courses import WALL_COURSES

REASON = "validation against published figures"
"""Why people are massaged here whom a plan would refuse."""
UNCHANGED = 5.0
"""What changes by less than this counts as not changed, %."""

Outcome = Literal["in range", "out of range", "not yet"]
Predicted = float | tuple[float | None, ...] | None
_Key = tuple[str, str, tuple[str, ...], int | None]
"""What is read once: protocol, person, measures, and the step at whose end."""
_Numbers = dict[_Key, np.ndarray | str]
"""What was read: a number for each leg of a person, or why there is none."""


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
        least: what the least of the legs that are alike but for chance gives, as `predicted`; None where one leg did.
        greatest: the greatest likewise.
    """

    target: Target
    predicted: Predicted
    verdict: Outcome
    note: str = ""
    met: tuple[bool, ...] = ()
    least: Predicted = None
    greatest: Predicted = None

    @property
    def id(self) -> str:
        """Name of the target."""
        return self.target.id

    def as_dict(self) -> dict[str, Any]:
        """For JSON: id, predicted, value, low, high, unit, use, verdict, met, least, greatest; lists where the target
        has parts.
        """
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
            "least": self.least,
            "greatest": self.greatest,
        }


class _UnreadError(Exception):
    """A number that could not be had, and why."""


def validate(
    targets: Sequence[str] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    *,
    simulate: Callable[..., Any] | None = None,
    prepare: Callable[[str, int], Any] | None = None,
    members: int = MEMBERS,
) -> list[Verdict]:
    """Judges the model by published figures.

    Args:
        targets: names of targets; all where None.
        progress: called with the name of a protocol, how many are done, and how many there are; at the end with an
            empty name.
        simulate: what simulates, in place of `venolymph.simulation`.
        prepare: what does preparations and courses of walls, in place of `venolymph.validation.preparations` and
            `wall_courses`.
        members: legs alike but for chance that a person is, where a target hangs on chance.

    Returns:
        One verdict for each target, in the order of the targets.

    Raises:
        DocumentError: where there is no such target.
        SimulationError: where no leg is asked for.
    """
    several = alike(load(), members)
    wanted = chosen(None if targets is None else tuple(targets))
    if simulate is None:
        simulate = simulation.simulate
    if prepare is None:
        prepare = _prepared
    protocols = list(dict.fromkeys(one.protocol for target in wanted for one in target.readings))
    preparations = list(dict.fromkeys(part.preparation for t in wanted for part in t.parts if part.preparation))
    count = len(protocols) + len(preparations)
    numbers: _Numbers = {}
    for done, protocol in enumerate(protocols):
        if progress:
            progress(protocol, done, count)
        numbers |= _performed(protocol, wanted, simulate, several)
    made: dict[str, Any] = {}
    for done, preparation in enumerate(preparations, len(protocols)):
        if progress:
            progress(preparation if preparation in WALL_COURSES else f"{preparation} of a preparation", done, count)
        made[preparation] = prepare(preparation, members)
    if progress:
        progress("", count, count)
    return [_judged(target, numbers, made) for target in wanted]


def _prepared(name: str, members: int) -> Any:
    return {**PREPARATIONS, **WALL_COURSES}[name](members)


# ------------------------------------------------------------------ reading


def _performed(
    protocol: str,
    wanted: Sequence[Target],
    simulate: Callable[..., Any],
    several: Sequence[Mapping[str, Figure]],
) -> _Numbers:
    """All that is read of one protocol."""
    mine = [(target, one) for target in wanted for one in target.readings if one.protocol == protocol]
    people = list(dict.fromkeys(name for _, one in mine for name in one.people))
    each = len(several) if any(target.chance for target, _ in mine) else 1
    tissue = any(target.needs == "tissue" for target, _ in mine)
    who: list[Any] = [person(name) for name in people]
    document, given = regimen(protocol), {}
    keys = [(protocol, name, one.measures, step) for _, one in mine for name in one.people for step in one.steps]
    try:
        if any(target.needs == "face" for target, _ in mine):
            given = {"tissue": True}
        if tissue:
            who, own = legs([load_person(one) for one in who], load_regimen(document), several[:each])
            given = {"tissue": own, "research_override": REASON}
        run = simulate(who, document, **given)
    except VenolymphError as error:
        return dict.fromkeys(keys, f"could not be simulated: {error.message}")
    shown: dict[int | None, Any] = {}
    found: _Numbers = {}
    for key in dict.fromkeys(keys):
        _, name, measures, step = key
        if step not in shown:
            shown[step] = _until(run, step)
        first = each * people.index(name)
        found[key] = _number(run, shown[step], measures, slice(first, first + each))
    return found


def _number(run: Any, shown: Any, measures: Sequence[str], members: slice) -> np.ndarray | str:
    for status in run.status[members]:
        if status.code != "ok":
            return f"the simulation failed at {status.time:.3g} s: {status.cause}"
    try:
        return np.max([np.asarray(measure(shown, name).value, float)[members] for name in measures], axis=0)
    except VenolymphError as error:
        return f"could not be read: {error.message}"


def _until(run: Any, step: int | None) -> Any:
    """A run as it was at the end of a step of its regimen."""
    if step is None:
        return run
    held = [record for record in run.records if record.info.marks.step <= step]
    return replace(run, records=held, branches={})


# ------------------------------------------------------------------ judging


def _judged(target: Target, numbers: _Numbers, made: Mapping[str, Any]) -> Verdict:
    if not target.can_run:
        return Verdict(target, None, "not yet", target.waits)
    found: list[np.ndarray | None] = []
    notes: list[str] = []
    for part in target.parts:
        if part.preparation is not None:
            found.append(made[part.preparation].value)
            notes.append(made[part.preparation].note)
            continue
        try:
            found.append(_value(part, numbers))
        except _UnreadError as why:
            found.append(None)
            notes.append(str(why))
    if target.note:
        notes.append(target.note)
    predicted = [None if each is None else float(each.mean()) for each in found]
    met = tuple(fits(target, part, value) for part, value in zip(target.parts, predicted, strict=True))
    outcome: Outcome = "in range" if all(met) else "out of range"
    ends = [None if each is None or len(each) == 1 else (float(each.min()), float(each.max())) for each in found]
    least, greatest = ([None if one is None else one[end] for one in ends] for end in (0, 1))
    note = "; ".join(dict.fromkeys(notes))
    return Verdict(target, _of_parts(predicted), outcome, note, met, _of_parts(least), _of_parts(greatest))


def _of_parts(found: Sequence[float | None]) -> Predicted:
    return tuple(found) if len(found) > 1 else found[0]


def _value(part: TargetPart, numbers: _Numbers) -> np.ndarray:
    """A part's number in each leg, the mean of all who did it."""
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
        found = np.mean(each, axis=0)
    missing = int(np.sum(~np.isfinite(found)))
    if missing:
        told = f", in {missing} of {len(found)} legs alike but for chance" if len(found) > 1 else ""
        raise _UnreadError(f"not reached within the protocol{told}")
    return found


def _read(reading: TargetReading, member: int, numbers: _Numbers) -> np.ndarray:
    who = reading.people[min(member, len(reading.people) - 1)]

    def at(step: int | None) -> np.ndarray:
        found = numbers[reading.protocol, who, reading.measures, step]
        if isinstance(found, str):
            raise _UnreadError(found)
        return found

    value = at(reading.after)
    if reading.less is not None:
        value = value - at(reading.less)
    return value if reading.over is None else value / at(reading.over)


def fits(target: Target, part: TargetPart, predicted: float | None) -> bool:
    """Whether what the model gives for a part of a target agrees with what was published of it."""
    if predicted is None:
        return False
    if target.by_direction:
        still = part.percent and abs(predicted) < UNCHANGED
        return bool(part.value == (0 if still else np.sign(predicted)))
    above = part.low is None or predicted >= part.low
    below = part.high is None or predicted <= part.high
    return bool(above and below)
