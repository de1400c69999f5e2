"""Courses of treatment side by side: the same person, the same hour before, the same hours after.

Each course begins with the same ten minutes of lying, in which a tracer is put under the skin of the calf; then comes
the regimen; then two hours of sitting for all. What a course does is its difference from the first course at the same
time after its end. How long that lasts is when it has fallen for good below a tenth of what it was at the end, in
those two hours.

Each course is simulated in some legs that are alike but for chance (`simulation.alike`). A difference is told only
where all legs of a course lie on one side of all legs of the reference; of two courses that do the same, four legs
each lie so by chance once in 35 times.

Of massage nobody knows how a hand's pressure divides between skin, collectors and veins: it comes here from how deep
they lie, which is assumed. With `spread` each course of massage is simulated with these depths at the ends of their
ranges too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypedDict, Unpack

import numpy as np

from venolymph.body import load_person
from venolymph.comparison.effects import AFTER, GRID, Effects, TreatmentCourse
from venolymph.comparison.quantities import QUANTITIES
from venolymph.errors import SimulationError
from venolymph.figures import Figure, load
from venolymph.plan.gate import gate
from venolymph.regimen import Regimen, load_regimen
from venolymph.screening import Answers, load_answers
from venolymph.simulation import simulate
from venolymph.simulation.alike import MEMBERS, alike, legs
from venolymph.viewer.recording import record_for_page

BEFORE = 600.0
"""Lying before a course, s."""

TRACER = {"tracer": "large", "at": "calf", "side": "medial"}
DEPTHS = ("massage.depth.initial", "massage.depth.collector", "massage.depth.superficial_vein")
"""Figures of the depths that decide how a hand's pressure divides."""

Progress = Callable[[str], Any]


class CourseOptions(TypedDict, total=False):
    """What an experiment on the model sets for all courses.

    Attributes:
        figures: in place of the packaged ones, for tissue, lymph and hands.
        after: sitting after each course, s; two hours where it is not given.
    """

    figures: Mapping[str, Figure] | None
    after: float


def compare(
    person: Any,
    regimens: Sequence[Any],
    *,
    members: int = MEMBERS,
    spread: bool = False,
    research_override: str | None = None,
    answers: Any = None,
    progress: Progress | None = None,
    **options: Unpack[CourseOptions],
) -> Effects:
    """What regimens do to a person, compared with the first of them.

    Args:
        person: a packaged name, a path or a document.
        regimens: packaged names, paths or documents; the first is what the others are compared with.
        members: legs alike but for chance that each course is simulated in. With one, chance is taken for effect.
        spread: whether courses of massage are simulated with other depths too (see the top of this module).
        research_override: recorded reason for running what would be refused.
        answers: what the person answered to the questions of screening, as for `simulate`.
        progress: told what is simulated next.
        **options: `figures`, in place of the packaged ones for tissue, lymph and hands; `after`, sitting after each
            course, s.

    Raises:
        DocumentError: where a document cannot be used.
        SimulationError: where fewer than two regimens or no leg are given; where somebody may not be treated by one of
            them and no reason is given.
    """
    if len(regimens) < 2:
        raise SimulationError("one regimen alone cannot be compared", hint="add another, for example rest")
    figures, after = _chosen(**options)
    several = alike(figures, members)
    who, loaded = load_person(person), [load_regimen(one) for one in regimens]
    given = None if answers is None else load_answers(answers)
    for regimen in loaded:  # before the first of them is simulated
        gate(who, regimen, research_override, answers=given)
    courses = []
    for regimen in loaded:
        if progress is not None:
            progress(regimen.regimen)
        courses.append(_course(who, regimen, several, spread, research_override, given, after))
    return Effects(who.label, courses, research_override)


def _chosen(*, figures: Mapping[str, Figure] | None = None, after: float = AFTER) -> tuple[Mapping[str, Figure], float]:
    """Figures and time that the options stand for."""
    return figures or load(), after


def composed(regimen: Regimen, after: float = AFTER) -> Regimen:
    """A course as it is simulated: a tracer, lying, the regimen, and in its last step sitting.

    Args:
        regimen: what is looked at.
        after: sitting after it, s.
    """
    steps = regimen.document()["steps"]
    lie = {"rest": {"posture": "supine", "for": f"{BEFORE:g} s"}}
    return load_regimen(
        {
            "kind": "regimen",
            "version": 1,
            "regimen": regimen.regimen,
            "purpose": "experiment",
            "body": regimen.body if regimen.side is None else f"leg.{regimen.side}",
            "steps": [{"inject": TRACER}, lie, *steps, {"sit": {"for": f"{after:g} s"}}],
        }
    )


def between(document: Regimen, phases: Sequence[Any]) -> tuple[float, float]:
    """When the regimen inside a composed course begins and ends, s from the start.

    It is told by the steps that the course was composed of: two before the regimen, one after it.

    Args:
        document: what `composed` gave.
        phases: of the course, each with its start and marks.
    """
    last = len(document.unfolded) - 1
    begin = min(phase.start for phase in phases if phase.marks.step >= 2)
    return begin, min(phase.start for phase in phases if phase.marks.step == last)


def _laid(grid: np.ndarray, time: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Means over the stretches that end at the grid's times: breathing, which samples catch at any moment, is evened.

    Args:
        grid: times, `GRID` apart, s.
        time: end of each sample, s; the first begins at the run's begin.
        values: of shape (samples, members), each taken to hold over its sample.
    """
    edges = np.concatenate([[2.0 * time[0] - time[1]], time])
    through = np.concatenate([0.0 * values[:1], np.cumsum(values * np.diff(edges)[:, None], axis=0)])
    low, high = (np.clip(grid + shift, edges[0], edges[-1]) for shift in (-GRID, 0.0))
    parts = [np.interp(high, edges, column) - np.interp(low, edges, column) for column in through.T]
    return np.stack(parts, axis=1) / np.maximum(high - low, 1e-9)[:, None]


def _variants(figures: Mapping[str, Figure]) -> list[Mapping[str, Figure]]:
    """Figures with one depth at the end of its range each."""
    found: list[Mapping[str, Figure]] = []
    for key in DEPTHS:
        for end in (figures[key].low, figures[key].high):
            if end is not None:
                found.append({**figures, key: replace(figures[key], value=end)})
    return found


def _course(
    person: Any,
    regimen: Regimen,
    several: Sequence[Mapping[str, Figure]],
    spread: bool,
    override: str | None,
    answers: Answers | None,
    after: float,
) -> TreatmentCourse:
    document = composed(regimen, after)
    massage, members = bool(regimen.massages), len(several)
    used = [*several, *(_variants(several[0]) if spread and massage else [])]
    bodies, tissue = legs([person], regimen, used)
    run = simulate(bodies, document, research_override=override, answers=answers, tissue=tissue)
    failed = [status.cause for status in run.status if status.code != "ok"]
    begin, end = between(document, run.phases)
    grid = np.arange(-end + GRID, after + 1.0, GRID)
    inside = (grid > begin - end) & (grid <= GRID)
    values, by_depth, during = {}, {}, {}
    for quantity in QUANTITIES:
        time, found = quantity.read(run)
        laid = _laid(grid, time - end, found)
        values[quantity.name] = laid[:, :members]
        during[quantity.name] = laid[inside, :members].mean(axis=0)
        if laid.shape[1] > members:
            by_depth[quantity.name] = laid[:, members:]
    status = failed[0] if failed else "ok"
    (recording,) = record_for_page(run, [0], together=2)
    shown = recording.named(f"{person.label}: {regimen.regimen}")
    return TreatmentCourse(regimen.regimen, massage, status, grid, values, by_depth, during, end - begin, shown)
