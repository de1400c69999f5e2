"""A trial's readings to effects with intervals: ANCOVA of parallel arms, a mixed model of a crossover."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from venolymph.optional import optional
from venolymph.trial.least_squares import crossover, of_arms


@dataclass(frozen=True)
class ArmEffect:
    """What an arm does to an outcome, against the control.

    Attributes:
        arm: its name.
        control: name of the control.
        difference: of the arm less the control, adjusted as the analysis says, in the outcome's unit.
        error: standard error of it.
        dof: degrees of freedom of the t distribution.
        low: lower end of the interval of 1 - alpha.
        high: its upper end.
        p: probability of a difference at least as large where there is none, two-sided.
    """

    arm: str
    control: str
    difference: float
    error: float
    dof: int
    low: float
    high: float
    p: float


def ancova(
    values: Float[np.ndarray, " people"],
    arms: Int[np.ndarray, " people"],
    baseline: Float[np.ndarray, " people"] | None,
    names: Sequence[str],
    control: int,
    alpha: float,
) -> list[ArmEffect]:
    """Effects of a parallel trial: readings by arm, adjusted for those before it.

    Args:
        values: readings at the end of the arm.
        arms: number of each person's arm.
        baseline: readings before it; None: there are none, and arms are compared as they are.
        names: of the arms.
        control: number of the control.
        alpha: share of trials without an effect that may find one.
    """
    columns = [of_arms(arms, len(names), control), np.ones((len(arms), 1))]
    if baseline is not None:
        columns.append((baseline - baseline.mean())[:, None])
    fitted = optional("statsmodels.api", "cohort").OLS(values, np.concatenate(columns, axis=1)).fit()
    return _effects(fitted.params, fitted.bse, round(fitted.df_resid), names, control, alpha)


def mixed(
    values: Float[np.ndarray, "people arms"],
    periods: Int[np.ndarray, "people arms"],
    names: Sequence[str],
    control: int,
    alpha: float,
) -> list[ArmEffect]:
    """Effects of a crossover: arm and period are fixed, a person's own level is random; REML.

    Intervals and p are of the t distribution with the degrees of freedom within people, since those of the normal
    one find too much in few people. Where the model finds no solution (all readings alike), it is fitted within people.

    Args:
        values: readings at the end of each arm, of those who went through all of them.
        periods: number of the period in which each person went through each arm.
        names: of the arms.
        control: number of the control.
        alpha: share of trials without an effect that may find one.
    """
    people, number = values.shape
    treated = of_arms(np.broadcast_to(np.arange(number), values.shape), number, control)
    columns = np.concatenate([treated, np.ones((people, number, 1)), of_arms(periods, number, 0)], axis=-1)
    within = crossover(values[None], periods, control)
    scale = float(np.std(values)) or 1.0
    who = np.repeat(np.arange(people), number)
    model = optional("statsmodels.api", "cohort").MixedLM(
        ((values - values.mean()) / scale).ravel(), columns.reshape(people * number, -1), groups=who
    )
    with warnings.catch_warnings():  # of variances at zero, which are an answer too
        warnings.simplefilter("ignore")
        try:
            fitted = model.fit(reml=True)
            found, errors = scale * np.asarray(fitted.fe_params), scale * np.asarray(fitted.bse_fe)
        except (np.linalg.LinAlgError, ValueError):
            found, errors = within.coefficients[0], within.errors[0]
    if not np.all(np.isfinite(errors)):
        found, errors = within.coefficients[0], within.errors[0]
    return _effects(found, errors, within.dof, names, control, alpha)


def _effects(
    found: np.ndarray, errors: np.ndarray, dof: int, names: Sequence[str], control: int, alpha: float
) -> list[ArmEffect]:
    """The first coefficients, which are of the arms but the control, with intervals."""
    t = optional("scipy.stats", "cohort").t
    half = float(t.ppf(1.0 - alpha / 2.0, dof))
    others = [name for number, name in enumerate(names) if number != control]
    effects = []
    for name, difference, error in zip(others, found[: len(others)], errors[: len(others)], strict=True):
        ratio = abs(difference) / error if error > 0.0 else np.inf if difference else 0.0
        p = float(2.0 * t.sf(ratio, dof))
        low, high = difference - half * error, difference + half * error
        effects.append(
            ArmEffect(name, names[control], float(difference), float(error), dof, float(low), float(high), p)
        )
    return effects
