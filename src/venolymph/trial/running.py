"""From a trial's document to what it gives: people drawn and allocated, simulated, read, and analysed.

Each person goes into each regimen from rest, so that nothing carries over in a crossover. What is random beside the
people themselves: who goes where, who is lost, and the instrument's error. All of it follows from the seed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from venolymph.cohort import MemberReadings, measure_members
from venolymph.population import load_population
from venolymph.regimen import load_regimen
from venolymph.trial.analysis import ancova, mixed
from venolymph.trial.document import BASELINE, TrialDocument
from venolymph.trial.instrument import Instrument
from venolymph.trial.least_squares import crossover, parallel
from venolymph.trial.people import Allocation, Enrolled, Wanted, allocate, enrol
from venolymph.trial.power import TrueReadings, power_of
from venolymph.trial.results import ArmFlow, MeasuredEffect, OutcomeResult, TrialFlow, TrialResult

CHUNK = 64
"""People who are computed side by side, at most; all regimens of a trial share the programs of one size."""
Follow = Callable[..., MemberReadings]
"""What simulates and reads members, as `measure_members` does."""


def run_trial(
    trial: TrialDocument,
    *,
    progress: Callable[[float, float, str], None] | None = None,
    follow: Follow | None = None,
) -> TrialResult:
    """Run a trial.

    Args:
        trial: its document.
        progress: called with how many regimens are done, how many there are, and the present one's arm.
        follow: what simulates and reads members, in place of `venolymph.cohort.measure_members`.

    Raises:
        DocumentError: where the population cannot be used.
        SimulationError: where nearly nobody may take part, or statsmodels is not installed.
        MeasureError: where a measure cannot be read after a regimen.
    """
    regimens = [arm.load() for arm in trial.arms]
    before = None if trial.baseline is None else load_regimen(trial.baseline)
    wanted = Wanted(trial.n, trial.seed, trial.reason, trial.trial)
    enrolled = enrol(wanted, load_population(trial.population), regimens if before is None else [*regimens, before])
    chance = np.random.SeedSequence(trial.seed).spawn(3)
    allocation = allocate(trial, np.random.default_rng(chance[0]))
    stay = np.flatnonzero(~allocation.lost)
    follow = measure_members if follow is None else follow
    groups = [stay if allocation.arms is None else stay[allocation.arms[stay] == arm] for arm in range(len(regimens))]
    chunk = min(CHUNK, max(map(len, groups)))
    readings = _Readings(trial, follow, enrolled, chunk, progress, len(regimens) + (before is not None))
    if before is not None:
        readings.read(BASELINE, before, stay)
    for arm, regimen, people in zip(trial.arms, regimens, groups, strict=True):
        readings.read(arm.arm, regimen, people)
    rng = np.random.default_rng(chance[1])
    seed = int(chance[2].generate_state(1)[0])
    outcomes = tuple(
        _outcome(trial, allocation, one.instrument, readings.of(one.measure), rng, seed) for one in trial.outcomes
    )
    return TrialResult(trial, _flow(trial, enrolled, allocation, readings), outcomes)


class _Readings:
    """Readings of all people after all regimens; NaN where somebody was not there or could not be read."""

    def __init__(
        self,
        trial: TrialDocument,
        follow: Follow,
        enrolled: Enrolled,
        chunk: int,
        progress: Callable[[float, float, str], None] | None,
        regimens: int,
    ) -> None:
        self.trial, self.follow, self.enrolled = trial, follow, enrolled
        self.chunk, self.progress, self.regimens = chunk, progress, regimens
        self.values: dict[str, dict[str, np.ndarray]] = {}
        self.failed: dict[str, dict[int, str]] = {}

    def read(self, name: str, regimen: Any, people: np.ndarray) -> None:
        """Simulate people through a regimen and read them."""
        if self.progress:
            self.progress(len(self.values), self.regimens, name)
        measures = [one.measure for one in self.trial.outcomes]
        self.values[name] = {measure: np.full(self.trial.n, np.nan) for measure in measures}
        self.failed[name] = {}
        for begin in range(0, len(people), self.chunk):
            some = people[begin : begin + self.chunk]
            members = [self.enrolled.members[person] for person in some]
            found = self.follow(members, regimen, measures, research_override=self.trial.reason, chunk=self.chunk)
            for measure in measures:
                self.values[name][measure][some] = found.values[measure]
            self.failed[name] |= {int(who): why for who, why in zip(some, found.failed, strict=True) if why is not None}

    def of(self, measure: str) -> dict[str, np.ndarray]:
        """Readings of a measure by regimen, each of shape (people,)."""
        return {name: values[measure] for name, values in self.values.items()}


def _outcome(
    trial: TrialDocument,
    allocation: Allocation,
    instrument: Instrument,
    found: dict[str, np.ndarray],
    rng: np.random.Generator,
    seed: int,
) -> OutcomeResult:
    """Read an outcome with the instrument's error, and analyse it.

    Args:
        trial: whose outcome it is.
        allocation: who went through what.
        instrument: what reads it.
        found: readings without error by regimen, each of shape (people,).
        rng: of the errors.
        seed: of the trials that tell the power.
    """
    names, control = trial.names, trial.control_arm
    true = _true(trial, allocation, found)

    def read_with_error(readings: np.ndarray) -> np.ndarray:
        return readings + instrument.error_at(readings) * rng.standard_normal(readings.shape)

    read = read_with_error(true.values)
    by_arm = [read[:, arm] if true.arms is None else read[true.arms == arm] for arm in range(len(names))]
    people = {name: len(one) for name, one in zip(names, by_arm, strict=True)}
    if min(people.values()) < (3 if true.arms is None else 2):
        return OutcomeResult(instrument, people, {}, ())
    means = {name: float(one.mean()) for name, one in zip(names, by_arm, strict=True)}
    if true.arms is None:
        periods = _periods(trial, allocation, found)
        effects = mixed(read, periods, names, control, trial.alpha)
        exact = crossover(true.values[None], periods, control)
    else:
        base = true.baseline
        before = None if base is None else read_with_error(base)
        effects = ancova(read, true.arms, before, names, control, trial.alpha)
        exact = parallel(true.values[None], true.arms, None if base is None else base[None], len(names), control)
    least = instrument.least_at(means[trial.control])
    powers = power_of(true, instrument, trial.weights, control, trial.alpha, seed)
    sizes = exact.coefficients[0, : len(effects)].tolist()
    measured = zip(effects, sizes, powers, strict=True)
    return OutcomeResult(instrument, people, means, tuple(MeasuredEffect(*one, least) for one in measured))


def _whole(trial: TrialDocument, allocation: Allocation, found: dict[str, np.ndarray]) -> np.ndarray:
    """Who was read after every regimen that was theirs, shape (people,)."""
    read = np.isfinite(np.stack([found[name] for name in trial.names], axis=1))
    if allocation.arms is None:
        return np.asarray(read.all(axis=1))
    own = read[np.arange(trial.n), allocation.arms]
    return own & np.isfinite(found[BASELINE]) if BASELINE in found else own


def _true(trial: TrialDocument, allocation: Allocation, found: dict[str, np.ndarray]) -> TrueReadings:
    """Readings without error of those who are analysed."""
    whole = _whole(trial, allocation, found)
    arms = np.stack([found[name] for name in trial.names], axis=1)[whole]
    if allocation.arms is None:
        return TrueReadings(arms)
    own = allocation.arms[whole]
    return TrueReadings(arms[np.arange(len(own)), own], own, found[BASELINE][whole] if BASELINE in found else None)


def _periods(trial: TrialDocument, allocation: Allocation, found: dict[str, np.ndarray]) -> np.ndarray:
    """Periods of those who are analysed, shape (people, arms)."""
    assert allocation.periods is not None
    return allocation.periods[_whole(trial, allocation, found)]


def _flow(trial: TrialDocument, enrolled: Enrolled, allocation: Allocation, readings: _Readings) -> TrialFlow:
    """The way of the participants; in a crossover nobody is analysed who failed in any arm."""
    arms = []
    for number, name in enumerate(trial.names):
        there = np.full(trial.n, True) if allocation.arms is None else allocation.arms == number
        kept = set(np.flatnonzero(there & ~allocation.lost).tolist())
        failed = {**readings.failed[name], **readings.failed.get(BASELINE, {})}
        out = set(failed) if allocation.arms is not None else {one for each in readings.failed.values() for one in each}
        causes = Counter(cause for person, cause in failed.items() if person in kept)
        lost = int((there & allocation.lost).sum())
        arms.append(ArmFlow(name, int(there.sum()), lost, causes, len(kept - out)))
    return TrialFlow(enrolled.drawn, enrolled.rejected, enrolled.refused, tuple(arms))
