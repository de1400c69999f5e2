"""The linear models of trials: their columns, and many trials fitted at once.

A parallel trial has a column for each arm but the control, one of ones, and the baseline where there is one. A
crossover has one for each arm but the control and each period but the first; each person's own level is taken out.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int


class FittedTrials(NamedTuple):
    """Coefficients of trials.

    Attributes:
        coefficients: shape (trials, columns).
        errors: their standard errors, shape (trials, columns).
        dof: degrees of freedom that the errors were estimated with.
    """

    coefficients: np.ndarray
    errors: np.ndarray
    dof: int


def of_arms(arms: Int[np.ndarray, "*rows"], number: int, control: int) -> Float[np.ndarray, "*rows columns"]:
    """A column for each arm but the control: 1 where a row is of that arm.

    Args:
        arms: number of each row's arm.
        number: of arms.
        control: number of the control.
    """
    others = np.array([arm for arm in range(number) if arm != control])
    return (arms[..., None] == others).astype(float)


def fit(
    columns: Float[np.ndarray, "trials rows columns"], values: Float[np.ndarray, "trials rows"], taken: int = 0
) -> FittedTrials:
    """Fit trials of one size by least squares.

    Args:
        columns: of each trial.
        values: that are explained by them.
        taken: means that were taken out of both before, one for each person of a crossover.
    """
    across = np.swapaxes(columns, -1, -2)
    inverse = np.linalg.inv(across @ columns)
    coefficients = (inverse @ (across @ values[..., None]))[..., 0]
    left = values - (columns @ coefficients[..., None])[..., 0]
    dof = values.shape[-1] - columns.shape[-1] - taken
    variance = np.sum(left**2, axis=-1) / dof
    return FittedTrials(coefficients, np.sqrt(variance[..., None] * np.diagonal(inverse, axis1=-2, axis2=-1)), dof)


def parallel(
    values: Float[np.ndarray, "trials people"],
    arms: Int[np.ndarray, " people"],
    baseline: Float[np.ndarray, "trials people"] | None,
    number: int,
    control: int,
) -> FittedTrials:
    """Fit parallel trials; the first coefficients are of the arms but the control.

    Args:
        values: readings at the end of the arm.
        arms: number of each person's arm, alike in all trials.
        baseline: readings before it; None: there are none.
        number: of arms.
        control: number of the control.
    """
    same = np.concatenate([of_arms(arms, number, control), np.ones((len(arms), 1))], axis=-1)
    columns = np.broadcast_to(same, (*values.shape, same.shape[-1]))
    if baseline is not None:
        middle = baseline.mean(axis=-1, keepdims=True)
        columns = np.concatenate([columns, (baseline - middle)[..., None]], axis=-1)
    return fit(columns, values)


def crossover(
    values: Float[np.ndarray, "trials people arms"], periods: Int[np.ndarray, "people arms"], control: int
) -> FittedTrials:
    """Fit crossover trials that nobody left; the first coefficients are of the arms but the control.

    Args:
        values: readings at the end of each arm.
        periods: number of the period in which each person went through each arm, alike in all trials.
        control: number of the control.
    """
    people, number = periods.shape
    treated = of_arms(np.broadcast_to(np.arange(number), periods.shape), number, control)
    columns = np.concatenate([treated, of_arms(periods, number, 0)], axis=-1)
    columns = (columns - columns.mean(axis=1, keepdims=True)).reshape(people * number, -1)
    within = (values - values.mean(axis=-1, keepdims=True)).reshape(len(values), -1)
    return fit(np.broadcast_to(columns, (len(values), *columns.shape)), within, taken=people)


def orders(people: int, arms: int, rng: np.random.Generator) -> Int[np.ndarray, "people arms"]:
    """In which period each person goes through each arm: the orders of a Latin square, as even as can be, by chance.

    Args:
        people: how many.
        arms: how many.
        rng: of chance.
    """
    square = (np.arange(arms)[None, :] + np.arange(arms)[:, None]) % arms
    return square[rng.permutation(np.arange(people) % arms)]


def apportion(people: int, weights: tuple[int, ...]) -> list[int]:
    """People by arm, in proportion to the weights, the largest remainders rounded up."""
    exact = people * np.array(weights) / sum(weights)
    counts = np.floor(exact).astype(int)
    most = np.argsort(counts - exact, kind="stable")[: people - counts.sum()]
    counts[most] += 1
    return counts.tolist()
