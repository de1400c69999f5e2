"""Samples and indices of Morris and Sobol (SALib), without what failed, and how they settle with more samples.

Both are made of blocks: a trajectory of Morris is a walk that moves each factor once, factors + 1 samples; a block of
Sobol is two points and what lies between them, factors + 2 samples. A block with a sample that failed is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from venolymph.errors import VenolymphError
from venolymph.optional import optional

Method = Literal["morris", "sobol"]

LEVELS = 4
"""Levels of each factor on which trajectories of Morris walk."""
RESAMPLES = 200
"""Resamples for the confidence of an index."""
PARTS = (0.25, 0.5, 0.75, 1.0)
"""Shares of the blocks for which indices are computed, to see whether they have settled."""


@dataclass(frozen=True)
class Indices:
    """How much factors matter to a measure, from some blocks.

    Attributes:
        blocks: how many.
        first: Morris: mean of the absolute effects over a factor's whole range, in the measure's unit; Sobol: share of
            the variance that a factor explains by itself. Shape (factors,).
        total: Morris: standard deviation of the effects, in that unit, which is large where a factor bends or acts
            through others; Sobol: share of the variance that goes with the factor at all. Shape (factors,).
        confidence: half of the 95 % interval: Morris of `first`, Sobol of `total`. Shape (factors,).
    """

    blocks: int
    first: np.ndarray
    total: np.ndarray
    confidence: np.ndarray

    def leading(self, method: Method) -> np.ndarray:
        """What factors are put in order by: the mean of the absolute effects, or the share of the variance in all."""
        return self.first if method == "morris" else self.total


def sample(method: Method, factors: int, blocks: int, seed: int) -> np.ndarray:
    """Shares of the ranges of factors, shape (samples, factors).

    Args:
        method: `morris` or `sobol`.
        factors: how many.
        blocks: trajectories of Morris; of Sobol a power of 2.
        seed: of chance.

    Raises:
        VenolymphError: where there are too few factors or blocks, or SALib is not installed.
    """
    least = 2
    if factors < 1 or blocks < least:
        raise VenolymphError(
            f"{factors} factors, {blocks} {'trajectories' if method == 'morris' else 'samples'}; allowed are at least "
            f"1 and {least}",
            hint="name factors that the regimen uses, and write --n 8 or more",
        )
    problem = _problem(factors)
    if method == "morris":
        return optional("SALib.sample.morris", "cohort").sample(problem, blocks, num_levels=LEVELS, seed=seed)
    if blocks & (blocks - 1):
        raise VenolymphError(
            f"{blocks} samples of Sobol; allowed is a power of 2", hint=f"write --n {1 << (blocks - 1).bit_length()}"
        )
    return optional("SALib.sample.sobol", "cohort").sample(problem, blocks, calc_second_order=False, seed=seed)


def whole_blocks(method: Method, factors: int, values: np.ndarray) -> np.ndarray:
    """Whether all samples of each block have a value, shape (blocks,)."""
    return np.asarray(np.isfinite(values).reshape(-1, block_size(method, factors)).all(axis=1))


def block_size(method: Method, factors: int) -> int:
    """Samples in a block."""
    return factors + (1 if method == "morris" else 2)


def converge(method: Method, shares: np.ndarray, values: np.ndarray, seed: int) -> list[Indices]:
    """Indices of a measure, from a quarter of the blocks to all.

    Args:
        method: by which the samples were drawn.
        shares: samples, shape (samples, factors).
        values: the measure at them, shape (samples,); blocks with a NaN are left out.
        seed: of the resamples.

    Returns:
        The last is that of all blocks; empty where fewer than two are whole.
    """
    factors = shares.shape[1]
    size = block_size(method, factors)
    whole = whole_blocks(method, factors, values)
    blocks = int(whole.sum())
    shares = shares.reshape(-1, size, factors)[whole]
    values = values.reshape(-1, size)[whole]
    counts = sorted({max(2, round(part * blocks)) for part in PARTS}) if blocks >= 2 else []
    return [_indices(method, shares[:count], values[:count], seed) for count in counts]


def _indices(method: Method, shares: np.ndarray, values: np.ndarray, seed: int) -> Indices:
    """Indices of whole blocks."""
    blocks, _, factors = shares.shape
    spread = float(np.ptp(values))
    if spread == 0.0:
        none = np.zeros(factors)
        return Indices(blocks, none, none, none)
    problem, flat = _problem(factors), values.reshape(-1)
    if method == "morris":
        found = optional("SALib.analyze.morris", "cohort").analyze(
            problem, shares.reshape(-1, factors), flat, num_resamples=RESAMPLES, num_levels=LEVELS, seed=seed
        )
        parts = (found["mu_star"], found["sigma"], found["mu_star_conf"])
    else:
        found = optional("SALib.analyze.sobol", "cohort").analyze(
            problem, flat, calc_second_order=False, num_resamples=RESAMPLES, seed=seed
        )
        parts = (found["S1"], found["ST"], found["ST_conf"])
    return Indices(blocks, *(np.asarray(part, float) for part in parts))


def _problem(factors: int) -> dict[str, Any]:
    return {"num_vars": factors, "names": [str(n) for n in range(factors)], "bounds": [[0.0, 1.0]] * factors}


def half_of(course: Sequence[Indices]) -> Indices | None:
    """Of indices by number of blocks, those from about half; None where there are none but of all."""
    return min(course[:-1], key=lambda one: abs(one.blocks - 0.5 * course[-1].blocks), default=None)


def agreement(method: Method, course: Sequence[Indices]) -> float:
    """How alike about half of the blocks and all of them put factors in order: rank correlation; NaN for none.

    Args:
        method: by which the samples were drawn.
        course: as `converge` gives it.
    """
    half = half_of(course)
    if half is None:
        return float("nan")
    pair = [one.leading(method) for one in (half, course[-1])]
    if any(np.ptp(one) == 0.0 for one in pair):
        return float("nan")
    return float(optional("scipy.stats", "cohort").spearmanr(*pair).statistic)
