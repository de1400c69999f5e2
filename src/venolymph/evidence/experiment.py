"""Running a claim's experiment: simulate its arms, read a measure in two of them, say if they differ as claimed.

Where lymph is simulated, an arm is some bodies that are alike but for chance (`simulation.alike`): a difference is told
only where all of one arm lie on one side of all of the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from venolymph import simulation
from venolymph.body import load_person
from venolymph.errors import MeasureError
from venolymph.evidence.claim import Arm, Experiment, claim
from venolymph.evidence.comparing import Comparison, ComparisonResult
from venolymph.evidence.lives import follow_lives
from venolymph.evidence.sums import SumResult, work_out
from venolymph.evidence.sweeping import SweptResult, sweep
from venolymph.figures import Figure, load
from venolymph.regimen import load_regimen
from venolymph.simulation.alike import MEMBERS, alike, legs


@dataclass(frozen=True)
class Trial:
    """What running a claim's experiment gave.

    Attributes:
        claim: id of the claim.
        status: `run` or `not modelled` (there is no experiment).
        compared: the comparisons, empty where nothing was run.
        swept: comparisons once more, with hidden factors of a face at the ends of their ranges.
        sums: sums on skin.
    """

    claim: str
    status: Literal["run", "not modelled"]
    compared: tuple[ComparisonResult, ...] = ()
    swept: tuple[SweptResult, ...] = ()
    sums: tuple[SumResult, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For JSON: claim, status, what was published, comparisons, hidden factors, sums."""
        about = claim(self.claim)
        return {
            "claim": self.claim,
            "statement": about.statement,
            "status": self.status,
            "verdicts": [one.document() for one in about.verdicts],
            "studies": [one.document() for one in about.studies],
            "model": about.model.document(),
            "comparisons": [one.as_dict() for one in self.compared],
            "hidden_factors": [one.as_dict() for one in self.swept],
            "sums": [one.as_dict() for one in self.sums],
        }


def run(
    name: str,
    *,
    progress: Callable[[float, float, str], None] | None = None,
    simulate: Callable[..., Any] | None = None,
    follow: Callable[..., Any] | None = None,
    members: int | None = None,
    sweep_factors: bool = True,
) -> Trial:
    """Run a claim's experiment, and follow its lives.

    Args:
        name: id of the claim.
        progress: called with how many arms are done, how many there are, and the name of the present one.
        simulate: what simulates, in place of `venolymph.simulate`.
        follow: what follows a person through a life, in place of `wall.course.follow`.
        members: bodies alike but for chance in an arm, where lymph is simulated; elsewhere one does. None is as many as
            the experiment says, or else four.
        sweep_factors: whether arms that an experiment names are run with hidden factors at either end of their ranges.

    Returns:
        What came out. Where the claim is not modelled, nothing is run.

    Raises:
        DocumentError: where there is no such claim.
        SimulationError: where the gate refuses a treatment in a life.
    """
    about = claim(name)
    if not about.tested:
        return Trial(name, "not modelled")
    experiment, trial = about.experiment, Trial(name, "run", sums=tuple(map(work_out, about.sums)))
    if experiment is not None:
        ran = run_experiment(name, experiment, progress, simulate, members, sweep_factors)
        trial = replace(ran, sums=trial.sums)
    if about.life is not None:
        trial = replace(trial, compared=trial.compared + follow_lives(about.life, progress, follow))
    return trial


def run_experiment(
    name: str,
    experiment: Experiment,
    progress: Callable[[float, float, str], None] | None = None,
    simulate: Callable[..., Any] | None = None,
    members: int | None = None,
    sweep_factors: bool = True,
) -> Trial:
    """Run an experiment; arguments and result as of `run`."""
    simulate = simulation.simulate if simulate is None else simulate
    reason = {"research_override": f"evidence: {name}"}
    several = _alike(experiment, experiment.members or MEMBERS if members is None else members)
    runs, begun = {}, {}
    for number, arm in enumerate(experiment.arms):
        if progress:
            progress(number, len(experiment.arms), arm.name)
        person, regimen = documents(experiment, arm)
        if experiment.before and arm.person not in begun:
            before = regimen_of(experiment, experiment.before)
            who, given = _many(person, before, several)
            begun[arm.person] = simulate(who, before, **given, **reason)
        if experiment.before:
            runs[arm.name] = simulate(regimen=regimen, begin_from=begun[arm.person], **reason)
        else:
            who, given = _many(person, regimen, several)
            runs[arm.name] = simulate(who, regimen, **given, **reason)
    compared = tuple(_compared(one, runs) for one in experiment.comparisons)
    if not (sweep_factors and experiment.sweep):
        return Trial(name, "run", compared=compared)
    if progress:
        progress(len(experiment.arms), len(experiment.arms), "hidden factors")
    arms = {arm.name: arm for arm in experiment.arms}
    swept = sweep(
        documents(experiment, arms[experiment.sweep[0]])[0],
        {arm: documents(experiment, arms[arm])[1] for arm in experiment.sweep},
        experiment.swept,
        several[0] if several else load(),
        lambda bodies, regimen, tissue: simulate(bodies, regimen, tissue=tissue, **reason),
    )
    return Trial(name, "run", compared=compared, swept=tuple(swept))


def _alike(experiment: Experiment, members: int) -> list[Mapping[str, Figure]]:
    """Figures of bodies alike but for chance; none where the packaged ones of one body do."""
    if "lymph" not in experiment.needs or (members == 1 and not experiment.figures):
        return []
    known = load()
    changed = {key: replace(known[key], value=value) for key, value in experiment.figures.items()}
    return alike({**known, **changed}, members)


def _many(person: Any, regimen: Any, figures: list[Mapping[str, Figure]]) -> tuple[Any, dict[str, Any]]:
    """A person as many times as there are sets of figures, and their tissue as `simulate` takes it."""
    if not figures:
        return person, {}
    bodies, tissue = legs([load_person(person)], load_regimen(regimen), figures)
    return bodies, {"tissue": tissue}


def documents(experiment: Experiment, arm: Arm) -> tuple[Any, Any]:
    """Person and regimen of an arm as `simulate` takes them: a document, or the name of a packaged one."""
    person: Any = arm.person
    if person in experiment.people:
        person = {"kind": "person", "version": 1, **experiment.people[person]}
    return person, regimen_of(experiment, arm.regimen)


def regimen_of(experiment: Experiment, name: str) -> Any:
    """A regimen of an experiment as `simulate` takes it."""
    if name not in experiment.regimens:
        return name
    return {"kind": "regimen", "version": 1, "purpose": "experiment", **experiment.regimens[name]}


def _compared(comparison: Comparison, runs: dict[str, Any]) -> ComparisonResult:
    values, unit, note = _read(runs[comparison.arm], comparison.measure)
    others, unit_against, note_against = _read(runs[comparison.against], comparison.measure)
    notes = [f"{arm}: {text}" for arm, text in ((comparison.arm, note), (comparison.against, note_against)) if text]
    least = greatest = None
    if values is not None and others is not None and len(values) > 1:
        least, greatest = float(values.min() - others.max()), float(values.max() - others.min())
    value, against = (None if found is None else float(found.mean()) for found in (values, others))
    return ComparisonResult(comparison, value, against, unit or unit_against, "; ".join(notes), least, greatest)


def _read(run: Any, name: str) -> tuple[np.ndarray | None, str, str]:
    """A measure of each leg of an arm, its unit, and why there is no number."""
    failed = next((status for status in run.status if status.code != "ok"), None)
    if failed is not None:
        return None, "", f"the simulation failed at {failed.time:.3g} s: {failed.cause}"
    try:
        reading = run.measure(name)
    except MeasureError as error:
        return None, "", error.message
    values = np.atleast_1d(np.asarray(reading.value, float))
    return (values, reading.unit, "") if np.all(np.isfinite(values)) else (None, reading.unit, "not reached")
