"""Simulation-based calibration: whether intervals hold what they say (Talts et al. 2018, arXiv:1804.06788).

Parameters are drawn from their priors, read with the instrument's error, and inferred again. Where inference is right,
the rank of the true number among draws of its posterior is uniform, and 90 % intervals hold it in 90 % of all cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from venolymph.calibration.priors import Prior, values
from venolymph.calibration.problem import Predictor


def drawn(
    model: Predictor, priors: Sequence[Prior], error: Float[np.ndarray, " readings"], number: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Parameters drawn from their priors, and what instruments read of them, one person a column."""
    dice = np.random.default_rng(seed)
    z = dice.standard_normal((len(priors), number))
    true = values(priors, jnp.asarray(z))
    exact = np.asarray(model.values(true))
    return np.asarray(true), exact + error[:, None] * dice.standard_normal(exact.shape)


@dataclass(frozen=True)
class Coverage:
    """How often intervals hold the truth, and whether ranks are uniform.

    Attributes:
        held: share of 90 % intervals that hold the true number, by parameter, 1.
        ranks: rank of each true number among the draws, 0 to 1.
        uneven: probability of ranks as uneven as these where they are uniform, by parameter, 1.
    """

    held: Float[np.ndarray, " parameters"]
    ranks: Float[np.ndarray, "parameters batch"]
    uneven: Float[np.ndarray, " parameters"]


def coverage(
    true: Float[np.ndarray, "parameters batch"], draws: Float[np.ndarray, "draws parameters batch"]
) -> Coverage:
    """How often the middle 90 % of draws hold the truth, and the ranks of the truth among them."""
    from scipy import stats

    ranks = (draws < true).mean(axis=0)
    uneven = [stats.kstest(row, "uniform").pvalue for row in ranks]
    return Coverage(((ranks > 0.05) & (ranks < 0.95)).mean(axis=1), ranks, np.array(uneven))
