"""How many people a trial needs: trials of other sizes, drawn from the people of one, read with fresh errors.

People are drawn with replacement, those of a parallel trial within their arm, each with all its true readings; then
their readings get errors, and each trial is analysed. Drawn so, people vary about the mean of their arm by too little,
by the root of (n - 1) / n, and are spread out by that. Seeded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from venolymph.optional import optional
from venolymph.trial.instrument import Instrument
from venolymph.trial.least_squares import FittedTrials, apportion, crossover, orders, parallel

SIZES = (4, 6, 8, 10, 12, 16, 20, 24, 32, 40, 50, 64, 80, 100, 128, 160, 200, 256, 320, 400, 500)
"""People in trials that a curve of power is made of."""
TRIALS = 1000
"""Simulated trials of each size."""
ENOUGH = 0.8
"""Power that a trial is planned for."""


@dataclass(frozen=True)
class TrueReadings:
    """Readings of a trial's people without an instrument's error.

    Attributes:
        values: at the end of the arm: of a parallel trial shape (people,), of a crossover (people, arms).
        arms: number of each person's arm; None: everybody went through all of them.
        baseline: before the arm, shape (people,); None: there are none.
    """

    values: np.ndarray
    arms: Int[np.ndarray, " people"] | None = None
    baseline: Float[np.ndarray, " people"] | None = None

    def without_effect(self, control: int) -> TrueReadings:
        """The same people with arms that do alike: the mean of each arm is that of the control."""
        if self.arms is None:
            means = self.values.mean(axis=0)
            return TrueReadings(self.values - means + means[control])
        means = np.array([self.values[self.arms == arm].mean() for arm in range(self.arms.max() + 1)])
        base = self.baseline
        if base is not None:  # or a difference by chance before the arm would stay in the adjusted one
            before = np.array([base[self.arms == arm].mean() for arm in range(self.arms.max() + 1)])
            base = base + (before[control] - before)[self.arms]
        return TrueReadings(self.values + (means[control] - means)[self.arms], self.arms, base)


@dataclass(frozen=True)
class Power:
    """What trials of other sizes would find of an arm's effect on an outcome.

    Attributes:
        sizes: people in all arms together.
        found: share of trials of each size that find a difference.
        false: share of trials of the trial's own size that find one where arms do alike.
        least: smallest difference that a trial of its own size finds with a power of `ENOUGH`, in the outcome's unit.
        needed: fewest people of `sizes` with a power of `ENOUGH`; None: more than the most of them.
    """

    sizes: tuple[int, ...]
    found: tuple[float, ...]
    false: float
    least: float
    needed: int | None


def draw_trials(
    true: TrueReadings,
    instrument: Instrument,
    size: int,
    weights: tuple[int, ...],
    control: int,
    rng: np.random.Generator,
    trials: int = TRIALS,
) -> FittedTrials:
    """Trials of a size, drawn from the people of one, read and analysed.

    Args:
        true: readings of these people.
        instrument: what reads them.
        size: people in all arms together.
        weights: of the arms.
        control: number of the control.
        rng: of chance.
        trials: how many.
    """

    def read(readings: np.ndarray) -> np.ndarray:
        return readings + instrument.error_at(readings) * rng.standard_normal(readings.shape)

    if true.arms is None:
        drawn = _spread(true.values, rng.integers(len(true.values), size=(trials, size)))
        return crossover(read(drawn), orders(size, len(weights), rng), control)
    values, baseline = [], []
    counts = apportion(size, weights)
    for arm, count in enumerate(counts):
        there = true.arms == arm
        which = rng.integers(int(there.sum()), size=(trials, count))
        values.append(_spread(true.values[there], which))
        if true.baseline is not None:
            baseline.append(_spread(true.baseline[there], which))
    before = read(np.concatenate(baseline, axis=1)) if baseline else None
    arms = np.repeat(np.arange(len(weights)), counts)
    return parallel(read(np.concatenate(values, axis=1)), arms, before, len(weights), control)


def power_of(
    true: TrueReadings,
    instrument: Instrument,
    weights: tuple[int, ...],
    control: int,
    alpha: float,
    seed: int,
    sizes: Sequence[int] = SIZES,
) -> list[Power]:
    """Power of trials by size, for each arm but the control.

    Args:
        true: readings of a trial's people.
        instrument: what reads them.
        weights: of the arms.
        control: number of the control.
        alpha: share of trials without an effect that may find one.
        seed: of chance.
        sizes: people in all arms together; those too small for the weights are left out.
    """
    rng = np.random.default_rng(seed)
    least = 3 if true.arms is None else 2
    sizes = tuple(n for n in sizes if (n if true.arms is None else min(apportion(n, weights))) >= least)
    own = len(true.values)
    shares = np.array([_found(draw_trials(true, instrument, n, weights, control, rng), alpha) for n in sizes])
    false = _found(draw_trials(true.without_effect(control), instrument, own, weights, control, rng), alpha)
    at_own = draw_trials(true, instrument, own, weights, control, rng)
    error = np.sqrt(np.mean(at_own.errors**2, axis=0))
    seen = noncentrality(at_own.dof, alpha, ENOUGH)
    return [
        Power(
            sizes,
            tuple(shares[:, arm].tolist()),
            float(false[arm]),
            float(seen * error[arm]),
            next((n for n, share in zip(sizes, shares[:, arm], strict=True) if share >= ENOUGH), None),
        )
        for arm in range(len(weights) - 1)
    ]


def noncentrality(dof: int, alpha: float, power: float) -> float:
    """Difference over its standard error that a two-sided t test finds with a power.

    Args:
        dof: degrees of freedom.
        alpha: share of tests that find a difference where there is none.
        power: share of tests that find this one.
    """
    limit = optional("scipy.stats", "cohort").t.ppf(1.0 - alpha / 2.0, dof)
    # the other tail, in which a difference is found the wrong way round, is less than a thousandth here
    return float(optional("scipy.special", "cohort").nctdtrinc(dof, 1.0 - power, limit))


def _found(fitted: FittedTrials, alpha: float) -> np.ndarray:
    """Share of trials in which each coefficient differs from zero."""
    limit = optional("scipy.stats", "cohort").t.ppf(1.0 - alpha / 2.0, fitted.dof)
    return np.mean(np.abs(fitted.coefficients) > limit * fitted.errors, axis=0)


def _spread(readings: np.ndarray, which: np.ndarray) -> np.ndarray:
    """Readings of the people drawn, as far about their mean as people are."""
    mean, people = readings.mean(axis=0), len(readings)
    return mean + (readings[which] - mean) * np.sqrt(people / max(people - 1, 1))
