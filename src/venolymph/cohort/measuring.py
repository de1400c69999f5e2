"""Members of a population side by side through one regimen, in one compiled program, and what is read of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from venolymph import measures as instruments
from venolymph.body import Body
from venolymph.body.make import Part, make_body
from venolymph.body.scaling import scaled_body
from venolymph.documents import check_reason
from venolymph.errors import DocumentError, SimulationError
from venolymph.population import Member
from venolymph.regimen import Regimen, load_regimen
from venolymph.simulation import simulate
from venolymph.simulation.allowed import check_allowed
from venolymph.simulation.run import Run


@dataclass(frozen=True)
class MemberReadings:
    """What was read of members.

    Attributes:
        values: of each measure by its name, shape (members,); NaN where a member failed, or the reading has no number.
        units: of the values, by the same names.
        failed: why a member has no readings; None where it has.
    """

    values: dict[str, np.ndarray]
    units: dict[str, str]
    failed: tuple[str | None, ...]


def measure_members(
    members: Sequence[Member],
    regimen: object,
    measures: Sequence[str],
    *,
    research_override: str | None = None,
    legs: Literal["one", "both"] = "one",
    chunk: int | None = None,
) -> MemberReadings:
    """Take members through a regimen side by side, and read measures of each.

    Somebody whom the gate refuses a treatment, of whom no body can be made, or whose simulation fails, is a failed
    member; the others go on.

    Args:
        members: who.
        regimen: what they go through: a packaged name, a path, or a document.
        measures: names, as for `Run.measure`.
        research_override: recorded reason for simulating a treatment of those whom the gate stops.
        legs: `one` (the index leg in full) or `both`.
        chunk: size of the batch that is compiled and computed: places that are left over repeat a member and are
            dropped. As many as there are members where None.

    Raises:
        DocumentError: where the regimen cannot be used, or `chunk` is less than the members.
        MeasureError: where there is no such measure, or it cannot be read after this regimen.
        SimulationError: where the reason is not in words.
    """
    document = load_regimen(regimen)
    check_override(research_override)
    check_measures(measures, document, legs)
    part: Part = "face" if document.body == "face" else "leg"
    size = len(members) if chunk is None else chunk
    if size < len(members):
        raise DocumentError(f"{len(members)} members do not fit into a chunk of {size}", hint="divide them before")
    failed: list[str | None] = [None] * len(members)
    bodies: list[Body] = []
    places: list[int] = []
    for place, member in enumerate(members):
        try:
            bodies.append(_body(member, document, part, legs, research_override))
            places.append(place)
        except (DocumentError, SimulationError) as error:
            failed[place] = f"not simulated: {error.message}"
    values = {name: np.full(len(members), np.nan) for name in measures}
    units = {name: instruments.find(name)[0].unit for name in measures}
    if not bodies:
        return MemberReadings(values, units, tuple(failed))
    run = simulate([*bodies, *[bodies[-1]] * (size - len(bodies))], document, research_override=research_override)
    for name in measures:
        reading = run.measure(name)
        units[name] = reading.unit
        read = np.broadcast_to(np.asarray(reading.value, float), (size,))[: len(places)]
        values[name][places] = np.where(_trusted(run, reading.performed)[: len(places)], read, np.nan)
    for number, place in enumerate(places):
        failed[place] = _cause(run, number)
    return MemberReadings(values, units, tuple(failed))


def check_measures(names: Sequence[str], regimen: Regimen, legs: Literal["one", "both"]) -> None:
    """Refuse measures that there are none of, or that are not of the part of the body that a regimen is done on.

    Raises:
        MeasureError: where there is such a one.
    """
    for name in names:
        instruments.find(name)[0].check_part("none" if regimen.body == "face" else legs)


def check_override(reason: str | None) -> None:
    """Refuse a reason that is none, before it would count against each member.

    Raises:
        SimulationError: where it is not in words.
    """
    if reason is not None:
        try:
            check_reason(reason)
        except DocumentError as error:
            raise SimulationError(f"no reason to go on: {error.message}", hint=error.hint, place="reason") from None


def _body(
    member: Member, regimen: Regimen, part: Part, legs: Literal["one", "both"], research_override: str | None
) -> Body:
    """The body of a member whom the gate lets through.

    Raises:
        SimulationError: where it does not.
        DocumentError: where no body can be made of the document.
    """
    person = member.person if regimen.side is None else member.person.with_index_side(regimen.side)
    check_allowed([person], regimen, research_override, None)
    if member.factors and (part != "leg" or person.index_side != member.person.index_side):
        raise SimulationError(
            f"what was calibrated is the {member.person.index_side} leg, and the regimen is not done on it"
        )
    return scaled_body(make_body(person, part, legs=legs, sides="both", figures=member.figures), member.factors)


def _trusted(run: Run, performed: str) -> np.ndarray:
    """Whether each member came through a run, and through the manoeuvre that a reading was done in."""
    found = np.array([status.code == "ok" for status in run.status])
    if performed:
        found &= np.array([status.code == "ok" for status in run.branches[performed].status])
    return found


def _cause(run: Run, number: int) -> str | None:
    """Why a member failed, in the run or in the manoeuvre of a measure; None where it did not."""
    for name, one in (("", run), *run.branches.items()):
        status = one.status[number]
        if status.code != "ok":
            where = f"in {name}, " if name else ""
            return f"{where}{status.code} at {status.time:.4g} s: {status.cause}"
    return None
