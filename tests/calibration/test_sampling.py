"""Draws of the posterior have the mean and spread of the closed form, sampled directly and through polynomials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import venolymph  # noqa: F401  (float64)
from venolymph.calibration.fitting import fit
from venolymph.calibration.priors import Prior
from venolymph.calibration.problem import Problem, Traced
from venolymph.calibration.sampling import Posterior, sample

MATRIX, ERROR = np.array([[1.0, 0.6], [0.2, 1.3]]), np.array([0.4, 0.5])
PRIORS = (Prior("normal", 1.0, 2.0), Prior("normal", 0.0, 0.5))


@dataclass(frozen=True)
class Untraced:
    """A model of which nothing is known but its answers."""

    inner: Traced

    def values(self, parameters: Any) -> Any:
        return self.inner.values(parameters)

    def linearised(self, parameters: Any) -> Any:
        return self.inner.linearised(parameters)


@pytest.fixture(scope="module", params=["engine", "emulator"])
def posterior(request: pytest.FixtureRequest) -> Posterior:
    traced = Traced(lambda parameters: jnp.asarray(MATRIX) @ parameters)
    model = traced if request.param == "engine" else Untraced(traced)
    whole = Problem(model, ("a", "b"), PRIORS, ("x", "y"), np.array([[2.0], [0.3]]), ERROR)
    found = sample(fit(whole), seed=3, draws=300)
    assert found.through == request.param
    return found


def test_draws_have_the_mean_and_spread_of_the_closed_form(posterior: Posterior) -> None:
    spread = np.array([2.0, 0.5])
    covariance = np.linalg.inv(np.diag(spread**-2) + MATRIX.T @ np.diag(ERROR**-2) @ MATRIX)
    mean = covariance @ (np.array([1.0, 0.0]) / spread**2 + MATRIX.T @ (np.array([2.0, 0.3]) / ERROR**2))
    draws = posterior.parameters[..., 0].reshape(-1, 2)
    np.testing.assert_allclose((draws.mean(axis=0) - mean) / np.sqrt(np.diag(covariance)), 0.0, atol=0.15)
    np.testing.assert_allclose(np.cov(draws.T), covariance, rtol=0.2)
    readings = posterior.readings[..., 0].reshape(-1, 2)
    np.testing.assert_allclose(readings, draws @ MATRIX.T, atol=1e-9)


def test_diagnostics_say_that_chains_agree(posterior: Posterior) -> None:
    for name in ("a", "b"):
        assert posterior.diagnostics[name]["r-hat"] < 1.05
        assert posterior.diagnostics[name]["effective draws"] > 200
