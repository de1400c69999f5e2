"""Readings as second-degree polynomials of parameters about the most probable ones, fitted to simulations there.

A simulation of a leg takes minutes, a posterior thousands of readings: what is sampled is this polynomial. How far it
is from simulations that it was not fitted to is kept, and is added to the instrument's error.
"""

from __future__ import annotations

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from venolymph.calibration.fitting import Fit

WIDER = 1.5
"""Standard deviation of the points, in those of the normal distribution about the most probable parameters."""


@dataclass(frozen=True)
class Emulator:
    """Polynomials for each reading of each person.

    Attributes:
        centre: most probable parameters on the scale of standard normal numbers.
        spread: lower triangle whose square is the covariance about them.
        coefficients: of the polynomials.
        error: root mean square distance from simulations that were left out of the fit, in the unit of each reading.
        points: number of simulations that each was fitted to.
    """

    centre: Float[Array, "batch parameters"]
    spread: Float[Array, "batch parameters parameters"]
    coefficients: Float[Array, "batch terms readings"]
    error: Float[Array, "batch readings"]
    points: int


def terms(u: Float[Array, "*batch parameters"]) -> Float[Array, "*batch terms"]:
    """1, each number, and each product of two."""
    one, two = np.triu_indices(u.shape[-1])
    return jnp.concatenate([jnp.ones_like(u[..., :1]), u, u[..., one] * u[..., two]], axis=-1)


def points_needed(parameters: int) -> int:
    """Simulations that are made for each person: twice the terms of the polynomial."""
    return (parameters + 1) * (parameters + 2)


def emulate(fitted: Fit, points: int | None = None, seed: int = 0) -> Emulator:
    """Polynomials fitted to simulations at points about the most probable parameters.

    Args:
        fitted: the most probable parameters.
        points: number of simulations for each person; `points_needed` where None.
        seed: of the points.
    """
    problem = fitted.problem
    k, batch = fitted.z.shape
    points = points_needed(k) if points is None else points
    u = WIDER * np.random.default_rng(seed).standard_normal((points, k, batch))
    spread = np.linalg.cholesky(np.moveaxis(fitted.covariance, -1, 0))
    z = fitted.z + np.einsum("bij,pjb->pib", spread, u)
    found = problem.values(jnp.asarray(np.moveaxis(z, 0, -1).reshape(k, batch * points)))
    found = np.asarray(found).reshape(len(problem.readings), batch, points)
    rows = [np.asarray(terms(jnp.asarray(u[..., person]))) for person in range(batch)]
    made = [[_fitted(rows[person], one) for one in found[:, person]] for person in range(batch)]
    return Emulator(
        jnp.asarray(fitted.z.T),
        jnp.asarray(spread),
        jnp.asarray([np.stack([one for one, _ in person], axis=1) for person in made]),
        jnp.asarray([[error for _, error in person] for person in made]),
        points,
    )


def _fitted(rows: np.ndarray, found: np.ndarray) -> tuple[np.ndarray, float]:
    """Coefficients of one reading by least squares, and the error at points left out one at a time.

    Points at which it could not be taken are left out; where too few are left, all is NaN.
    """
    there = np.isfinite(found)
    rows, found = rows[there], found[there]
    if len(rows) <= rows.shape[1]:
        return np.full(rows.shape[1], np.nan), np.nan
    q, r = np.linalg.qr(rows)
    coefficients = np.linalg.solve(r, q.T @ found)
    left_out = (found - rows @ coefficients) / (1.0 - (q**2).sum(axis=1))
    return coefficients, float(np.sqrt((left_out**2).mean()))
