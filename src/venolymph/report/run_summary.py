"""Summary of a run as data: measures beside published ranges, the outcome of each member, checks of conservation.

`summarise` reads it once; the page, the summary and the command line's table all show the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from venolymph import measures
from venolymph.body.make import sides_of
from venolymph.errors import MeasureError, RunError, SimulationError
from venolymph.measures.other_leg import OTHER, SeenFromOtherLeg
from venolymph.measures.reading import done_after
from venolymph.numbers import clock, number, range_text, unit_text
from venolymph.report.changes import gate_outcome
from venolymph.report.face import ALSO as FACE_ALSO
from venolymph.report.face import HALF, is_face
from venolymph.report.leg_traces import in_legs
from venolymph.report.measured import Beside, beside
from venolymph.report.view import View, view
from venolymph.report.words import leads, sentences
from venolymph.simulation.results import Predecessor
from venolymph.traces import Traces


@dataclass(frozen=True)
class MeasureRow:
    """One measure of the table.

    Attributes:
        name: the measure, with its place.
        description: what it is, in a sentence.
        unit: unit of its values.
        values: one a member; NaN where it could not be read.
        verdicts: where each value lies beside the published range, in words; empty where nothing is published.
        low: lower end of the published range; None where there is none.
        high: its upper end; None where there is none.
        population: whom the range was measured in.
        source: where it was published.
        performed: the manoeuvre that was done for it after the run, which does not hold it; else empty.
    """

    name: str
    description: str
    unit: str
    values: tuple[float, ...]
    verdicts: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    population: str = ""
    source: str = ""
    performed: str = ""

    @property
    def published(self) -> str:
        """The published range in words, empty where there is none."""
        return range_text(self.low, self.high, self.unit)

    def text(self, member: int) -> str:
        """One member's value in words, with where its manoeuvre was done."""
        return self.value_text(member) + done_after(self.performed)

    def value_text(self, member: int) -> str:
        """One member's value in words."""
        value = self.values[member]
        return "not reached" if math.isnan(value) else f"{number(value)}{unit_text(self.unit)}"


@dataclass(frozen=True)
class MemberOutcome:
    """Outcome of a member: label, whether it was simulated to the end, and if not when (s) and why it stopped."""

    label: str
    ok: bool
    time: float | None
    cause: str


@dataclass(frozen=True)
class Check:
    """One check of the computation: what was checked, the worst figure found over all phases and members, and its
    unit.
    """

    name: str
    value: float
    unit: str
    meaning: str


@dataclass(frozen=True)
class RunSummary:
    """All that reports show of a run.

    Attributes:
        view: what is drawn.
        rows: the measures.
        member_outcomes: outcome of each member.
        checks: how well the computation kept its own books.
        sentences: the run in plain English, about each member.
        lead: the one or two of them that a page begins with.
        documents: title and text of each document that the run was made from.
        duration: simulated time, s.
        override: recorded reason for which a refused simulation was run all the same, if any.
        changed: documents in the run's folder that are not what they were when it began.
        gate: for each member why a treatment was simulated, in words; empty where there was none.
        beside: what was measured and is shown beside the run.
        history: the runs that it goes on from, the oldest first; empty where it began from rest.
        legs: which leg is which, in words, where both are in full; of a face what is not shown; else empty.
        part: of the body that was simulated, in words.
    """

    view: View
    rows: tuple[MeasureRow, ...]
    member_outcomes: tuple[MemberOutcome, ...]
    checks: tuple[Check, ...]
    sentences: tuple[tuple[str, ...], ...]
    lead: tuple[str, ...]
    documents: tuple[tuple[str, str], ...]
    duration: float
    override: str | None = None
    changed: tuple[str, ...] = ()
    gate: tuple[str, ...] = ()
    beside: tuple[Beside, ...] = ()
    history: tuple[Predecessor, ...] = ()
    legs: str = ""
    part: str = "the leg"

    @property
    def begun_from(self) -> str:
        """From which run it goes on, in words; empty where it began from rest."""
        if not self.history:
            return ""
        *older, last = self.history
        kept = f", kept in the folder {last.folder}" if last.folder else ""
        told = f"This run goes on where another was left: “{last.regimen}”, at the end of “{last.label}” "
        told += f"(phase {last.phase}){kept}. The clock goes on from {clock(last.time)}."
        if older:
            count = f"{len(older)} more runs, the first of them" if len(older) > 1 else "one more run,"
            told += f" Before that one came {count} “{older[0].regimen}”."
        reasons = dict.fromkeys(one.override for one in self.history if one.override)
        for reason in reasons:
            told += f" A treatment that would be refused was simulated before, for this recorded reason: {reason}."
        return told


def summarise(run: Any, traces: Traces | None = None) -> RunSummary:
    """Read from a run all that reports show of it.

    Args:
        run: the run.
        traces: what was measured, to be shown beside it; times count from the run's start.

    Raises:
        RunError: where the run holds nothing yet.
        DocumentError: where what was measured does not fit the run.
    """
    if not run.phases or not len(run.time):
        raise RunError("the run holds no phase yet, so there is nothing to report")
    shown, measured = (view(run), ()) if traces is None else beside(run, view(run), traces)
    member_outcomes = _member_outcomes(run)
    rows = tuple(_row(reading, description) for reading, description in readings(run))
    told = sentences(run, [(outcome.label, outcome.ok, outcome.time, outcome.cause) for outcome in member_outcomes])
    return RunSummary(
        view=shown,
        rows=rows,
        member_outcomes=member_outcomes,
        checks=_checks(run),
        sentences=told,
        lead=leads(run, told),
        documents=_documents(run),
        duration=float(run.phases[-1].start + run.phases[-1].duration - run.phases[0].start),
        override=run.override,
        changed=tuple(run.changed),
        gate=tuple(gate_outcome(run, member) for member in range(len(run.members))),
        beside=measured,
        history=run.start.history if run.start else (),
        legs=_legs(run),
        part="face, head and neck" if is_face(run) else "the leg",
    )


def _legs(run: Any) -> str:
    """Which leg is which, where both are in full; of a face whether one half stands for both."""
    if is_face(run):
        return HALF if sides_of(run.bodies[0]) == "one" else ""
    if run.bodies[0].legs != "both":
        return ""
    first, second = in_legs(run.bodies)
    told = f"Both legs are simulated in full. Readings are of the {first}; with “{OTHER.strip()}” in front, of the "
    told += f"{second}. The state of valves is drawn of the {first}."
    if len({body.index_side for body in run.bodies}) > 1:
        own = [f"the {body.index_side} leg of {label}" for label, body in zip(run.members, run.bodies, strict=True)]
        told += f" The leg asked about is {', '.join(own)}."
    return told


_ALSO = (
    "reflux duration in great saphenous, thigh",
    "reflux duration in small saphenous",
    "reflux duration in popliteal",
    "diameter of great saphenous, thigh",
)
"""Measures with a place that are worth a line of the table wherever the run holds their manoeuvre."""


def readings(run: Any) -> list[tuple[Any, str]]:
    """Measures to show, each reading with what it is in a sentence: those that the regimen asks for, and those whose
    manoeuvre the run holds; where both legs are in full of each of them, one below the other.
    """
    found: dict[str, tuple[Any, str]] = {}
    for name in run.regimen.measures:
        try:
            reading = run.measure(name)
            found[reading.name] = (reading, measures.find(name)[0].description)
        except (MeasureError, RunError, SimulationError):  # what is worn stays on in a manoeuvre, so the gate is asked
            continue
    second = {}
    if run.bodies[0].legs == "both":
        of_second = _held(SeenFromOtherLeg(run))
        second = {reading.name: (replace(reading, name=OTHER + reading.name), told) for reading, told in of_second}
    for reading, description in _held(run):
        found.setdefault(reading.name, (reading, description))
        if reading.name in second:
            found.setdefault(OTHER + reading.name, second.pop(reading.name))
    for name, kept in second.items():  # such as reflux in a vein that only the other leg has
        found.setdefault(OTHER + name, kept)
    return list(found.values())


def _held(run: Any) -> Iterator[tuple[Any, str]]:
    """Readings that the run as it is holds; nothing is performed for them."""
    wanted: list[tuple[Any, str | None]] = [(one, None) for one in measures.measures().values() if one.places is None]
    for name in FACE_ALSO if is_face(run) else _ALSO:
        try:
            wanted.append(measures.find(name))
        except MeasureError:
            continue
    for one, place in wanted:
        try:
            reading = one.read(run, place)
        except MeasureError:
            continue
        if np.any(np.isfinite(np.asarray(reading.value))):
            yield reading, one.description


def verdict(value: float, low: float | None, high: float | None) -> str:
    """Position of a value relative to a range, in words."""
    if math.isnan(value):
        return "not reached"
    if low is not None and value < low:
        return "below the range"
    if high is not None and value > high:
        return "above the range"
    return "in the range"


def _row(reading: Any, description: str) -> MeasureRow:
    values = tuple(float(value) for value in np.atleast_1d(np.asarray(reading.value)))
    published = reading.published
    if published is None or (published.low is None and published.high is None):
        return MeasureRow(reading.name, description, reading.unit, values, performed=reading.performed)
    low, high = published.low, published.high
    return MeasureRow(
        name=reading.name,
        description=description,
        unit=reading.unit,
        values=values,
        verdicts=tuple(verdict(value, low, high) for value in values),
        low=None if low is None else float(low),
        high=None if high is None else float(high),
        population=published.population,
        source=published.source,
        performed=reading.performed,
    )


def _member_outcomes(run: Any) -> tuple[MemberOutcome, ...]:
    found = []
    for label, status in zip(run.members, run.status, strict=True):
        ok = status.code == "ok"
        time = None if ok or status.time is None else float(status.time)
        found.append(MemberOutcome(str(label), ok, time, "" if ok else str(status.cause or "")))
    return tuple(found)


_CHECKS = (
    ("mass_defect", "blood gained or lost", "mL", "should be nothing but rounding"),
    ("water_defect", "tissue fluid and lymph gained or lost", "mL", "should be nothing but rounding"),
    ("residual", "worst residual of the equations", "mL", "missing in a cell; how exactly each step was solved"),
    ("error", "estimated error of a step", "mL", "in a cell; how much a smaller step would have changed it"),
)


def _checks(run: Any) -> tuple[Check, ...]:
    found = []
    for key, name, unit, meaning in _CHECKS:
        values = []
        for phase in run.peaks:
            for given, value in phase.items():
                if given == key or (key == "residual" and given == "newton_residual"):
                    values.append(np.abs(np.asarray(value, float)).ravel())
        if values:
            joined = np.concatenate(values)
            worst = float(np.nanmax(joined)) if np.any(np.isfinite(joined)) else math.nan
            found.append(Check(name, worst, unit, meaning))
    return tuple(found)


def _documents(run: Any) -> tuple[tuple[str, str], ...]:
    documents = [(f"person: {label}", body.person) for label, body in zip(run.members, run.bodies, strict=True)]
    documents.append(("regimen", run.regimen))
    return tuple((title, document.to_yaml()) for title, document in documents)
