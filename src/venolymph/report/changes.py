"""What a massage, something worn or a walk changed, in sentences that a therapist reads, and why it was simulated.

The leg is set beside itself: its state in the treatment beside that just before it, in the same posture. One run tells
no more than that; what is due to the treatment and not to lying or to chance, `venolymph compare` tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from venolymph.body.person_face import Face
from venolymph.errors import MeasureError, VenolymphError
from venolymph.measures import detectable
from venolymph.numbers import clock, number
from venolymph.plan.gate import gate
from venolymph.simulation.continuing import with_worn

_BEFORE = 600.0
"""Longest time before a treatment over which the state is averaged, s."""
_SHORTEST = 45.0
"""Shortest rest before a treatment with which the treatment is compared, s."""
_GRAIN = 0.05
"""Smallest difference that is reported, mL or mL/h."""
_TOLD = 3
"""Greatest number of treatments that are described; more are counted."""
_WALKS = {"walk": "walk", "run": "run"}
_SLEEVE = "pneumatic sleeve"
_DONE = {"massage", *_WALKS.values()}
"""Treatments that are done; all others are worn."""
_STIRS = {*_WALKS, "tiptoes", "ankle pumps", "cuff", "valsalva"}
"""Kinds of phases after which blood volumes have not settled."""
CAUTION = (
    "This sets the leg beside itself just before; what lying and time alone would have done is in it. "
    "`venolymph compare` sets a course beside a rest, in several legs."
)


@dataclass(frozen=True)
class TreatmentPeriod:
    """A period of a run in which a leg is treated.

    Attributes:
        what: kind of treatment: massage, stocking, sleeve, walk.
        start: begin, s.
        stop: end, s.
        calm: time since which the person had kept still in the posture of the treatment, s.
    """

    what: str
    start: float
    stop: float
    calm: float

    @property
    def during(self) -> str:
        """The stretch as the beginning of a sentence, with how long it is."""
        start = f"During the {self.what}" if self.what in _DONE else f"While the {self.what} was worn"
        return f"{start} ({clock(self.length)})"

    @property
    def at_end(self) -> str:
        """Its end as the beginning of a sentence."""
        return f"At the end of {'' if self.what in _DONE else 'wearing '}the {self.what}"

    @property
    def length(self) -> float:
        """Its duration, s."""
        return self.stop - self.start

    @property
    def before(self) -> tuple[float, float]:
        """The stretch that it is set beside, s."""
        return max(self.calm, self.start - _BEFORE), self.start


def treatments(phases: Sequence[Any]) -> list[TreatmentPeriod]:
    """What is done to the leg, in the order of its beginning. A massage begins when hands are laid on."""
    found: list[TreatmentPeriod] = []
    running: dict[str, TreatmentPeriod] = {}
    calm, posture = 0.0, None
    for phase in phases:
        stop = float(phase.start + phase.duration)
        if phase.marks.posture != posture:
            calm, posture = float(phase.start), phase.marks.posture
        present = set(_present(phase, set(running)))
        found += [running.pop(what) for what in list(running) if what not in present]
        for what in present:
            begun = running.get(what) or TreatmentPeriod(what, float(phase.start), stop, calm)
            running[what] = TreatmentPeriod(what, begun.start, stop, begun.calm)
        if phase.marks.stage == "moving" or phase.kind in _STIRS or present & {"massage", _SLEEVE}:
            calm = stop
    return sorted([*found, *running.values()], key=lambda one: one.start)


def _present(phase: Any, running: set[str]) -> Iterator[str]:
    """What is done to the leg in a phase, with what was worn before it and is not taken off."""
    if phase.kind == "massage" and ("massage" in running or phase.label.startswith("massage:")):
        yield "massage"
    elif phase.kind in _WALKS:
        yield _WALKS[phase.kind]
    elif phase.kind == "sleeve":
        yield _SLEEVE
    off = phase.label.removesuffix(" off") if phase.kind == "remove" else None
    if phase.kind == "wear":
        yield phase.label.removesuffix(" on")
    yield from running - {*_DONE, _SLEEVE, off}


def changes(run: Any, member: int) -> list[str]:
    """What each treatment changed in one member, in sentences; empty where nothing was done."""
    found = treatments(run.phases)
    told = [text for one in found[:_TOLD] for text in _told(run, member, one)]
    if not told:
        return []
    more = [f"{len(found) - _TOLD} more such stretches followed."] if len(found) > _TOLD else []
    return [*told, *more, CAUTION]


def _told(run: Any, member: int, one: TreatmentPeriod) -> Iterator[str]:
    begin, end = one.before
    past = f"in the {clock(end - begin)} before it"
    lymph = _trace(run, "lymph formed", member)
    if lymph is not None and end - begin >= _SHORTEST:
        was, then = _mean(lymph, begin, end), _mean(lymph, one.start, one.stop)
        told = _beside("lymph formed", was, then, past, "mL an hour")
        if told:
            yield f"{one.during} {number(then)} mL of lymph an hour formed, {told}"
    for name, thing in (
        ("tissue water in leg", "tissue fluid of the leg"),
        ("volume of lower leg", "volume of the lower leg"),
    ):
        # Blood is back in the leg before anybody has put a tape round it after a walk.
        values = None if name != "tissue water in leg" and one.what in _WALKS.values() else _trace(run, name, member)
        if values is not None:
            told = _beside(name, _value(values, one.start), _value(values, one.stop), "at its beginning")
            if told:
                yield f"{one.at_end} the {thing} was {told}"
    blood = _trace(run, "leg blood volume", member)
    if blood is not None and end - begin >= _SHORTEST:
        told = _beside("leg blood volume", _mean(blood, begin, end), _mean(blood, one.start, one.stop), past)
        if told:
            yield f"{one.during} the blood in the leg's veins was {told}"


def _beside(measure: str, was: float, then: float, when: str, unit: str = "mL") -> str:
    """A value beside an earlier one, and whether a clinic could measure the difference; empty without values."""
    difference = then - was
    if not np.isfinite(difference):
        return ""
    if abs(difference) < _GRAIN:
        return f"as much as {when} ({number(was)} {unit})."
    more = f"{number(abs(difference))} mL {'more' if difference > 0 else 'less'}"
    return f"{more} than {when} ({number(was)} {unit}); {detectable(measure, was, then).clinic}."


def _trace(run: Any, name: str, member: int) -> tuple[np.ndarray, np.ndarray] | None:
    try:
        trace = run.measure(name).trace
    except MeasureError:
        return None
    return None if trace is None else (np.asarray(trace.time), np.asarray(trace.values)[:, member])


def _mean(trace: tuple[np.ndarray, np.ndarray], begin: float, end: float) -> float:
    """Mean over a stretch, of values that each hold since the one before."""
    time, values = trace
    spans = np.clip(time, begin, end) - np.clip(np.append(0.0, time[:-1]), begin, end)
    return float((spans * values)[spans > 0.0].sum() / spans.sum()) if spans.sum() > 0.0 else float("nan")


def _value(trace: tuple[np.ndarray, np.ndarray], when: float) -> float:
    return float(np.interp(when, *trace))


def gate_outcome(run: Any, member: int) -> str:
    """Why a treatment was simulated: what the person's document said, or the reason that was recorded.

    Empty where nothing was done to the leg but walking, and nothing stayed on from the run before.
    """
    stayed = {one.garment for one in run.start.worn} if run.start else set()
    done = {one.what for one in treatments(run.phases)} - set(_WALKS.values()) | stayed
    if not done:
        return ""
    person = run.bodies[member].person
    treatment = " and ".join(sorted(done))
    answers, asked = run.answers, with_worn(run.regimen, run.start)
    # whoever answered was let through on that day, by document and answers together
    today = None if answers is None else answers.date
    try:
        gate(person, asked, answers=answers, today=today)
    except VenolymphError as error:
        reason = f" It was simulated for this recorded reason: {run.override}" if run.override else ""
        return f"Would be refused: {error.message}.{reason}"
    more = "A person is asked far more before a session (`venolymph screen`)."
    if answers is not None:
        more = f"The answers of {answers.label}, given on {answers.date}, allowed it when it was simulated."
    stops = f"Nothing in it stops the simulation of {treatment}."
    if person.weeks_pregnant:
        stops = (
            f"It says pregnancy, {person.person.pregnancy}, which stops {treatment} where no answers say and allow it."
        )
    legs = {side: getattr(person.legs, side) for side in sorted(asked.treated(person.index_side))}
    told = [f"{side} leg: {_stated(leg)}; CEAP {leg.ceap or 'not stated'}" for side, leg in legs.items()]
    if asked.on_face:
        told = [f"face: {_stated(person.face or Face())}"]
    said = "; of the ".join(told)
    return f"The document of {person.label} says of the {said}. {stops} {more}"


def _stated(part: Any) -> str:
    """What a document states of a leg or of the face."""
    symptoms = "not stated" if part.symptoms is None else ", ".join(part.symptoms)
    return f"symptoms {symptoms}; skin {part.skin or 'not stated'}"
