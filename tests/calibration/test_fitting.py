"""The most probable parameters and their spread are those of closed forms; what nothing measures is refused by name."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import venolymph  # noqa: F401  (float64)
from venolymph.calibration.emulator import emulate, terms
from venolymph.calibration.fitting import Fit, fit
from venolymph.calibration.identify import check_moved, profile, untold
from venolymph.calibration.priors import Prior, values
from venolymph.calibration.problem import Problem, Traced
from venolymph.calibration.ranks import coverage, drawn
from venolymph.errors import DocumentError, MeasureError

MATRIX = np.array([[1.0, 0.4, -0.3], [0.2, 1.3, 0.5], [-0.7, 0.1, 0.9], [0.3, -0.8, 0.6]])
ERROR = np.array([0.1, 0.2, 0.3, 0.4])
NORMAL = (Prior("normal", 1.0, 2.0), Prior("normal", -1.0, 0.5), Prior("normal", 0.0, 1.0))
PEOPLE = 200


def problem(model: Traced, priors: tuple[Prior, ...], observed: np.ndarray, error: np.ndarray) -> Problem:
    """Parameters `a`, `b` and so on, and readings named by number."""
    names = tuple("abcde"[: len(priors)])
    return Problem(model, names, priors, tuple(f"reading {i}" for i in range(len(error))), observed, error)


@pytest.fixture(scope="module")
def linear() -> tuple[np.ndarray, Fit]:
    """What is true of people whose readings are linear in parameters, and the fit to their readings."""
    model = Traced(lambda parameters: jnp.asarray(MATRIX) @ parameters)
    true, read = drawn(model, NORMAL, ERROR, PEOPLE, seed=5)
    return true, fit(problem(model, NORMAL, read, ERROR))


def test_linear_readings_give_the_posterior_of_the_closed_form(
    linear: tuple[np.ndarray, Fit],
) -> None:
    _, fitted = linear
    mean, spread = np.array([[1.0], [-1.0], [0.0]]), np.array([2.0, 0.5, 1.0])
    covariance = np.linalg.inv(np.diag(spread**-2) + MATRIX.T @ np.diag(ERROR**-2) @ MATRIX)
    middle = covariance @ (mean / spread[:, None] ** 2 + MATRIX.T @ (fitted.problem.observed / ERROR[:, None] ** 2))
    assert fitted.settled.all()
    np.testing.assert_allclose(fitted.parameters, middle, rtol=0, atol=1e-12)
    np.testing.assert_allclose(fitted.covariance[..., 0] * np.outer(spread, spread), covariance, rtol=1e-10)
    low, high = fitted.interval(side=1.0)
    np.testing.assert_allclose((high - low)[:, 0] / 2, np.sqrt(np.diag(covariance)), rtol=1e-10)
    np.testing.assert_allclose(
        fitted.predicted_spread()[:, 0], np.sqrt(np.diag(MATRIX @ covariance @ MATRIX.T)), rtol=1e-10
    )


def test_ranks_of_the_truth_are_uniform_and_intervals_hold_it(
    linear: tuple[np.ndarray, Fit],
) -> None:
    true, fitted = linear
    half = np.linalg.cholesky(np.moveaxis(fitted.covariance, -1, 0))
    dice = np.random.default_rng(1).standard_normal((400, 3, PEOPLE))
    z = fitted.z + np.einsum("bij,djb->dib", half, dice)
    draws = np.moveaxis(np.asarray(values(NORMAL, jnp.moveaxis(jnp.asarray(z), 1, 0))), 0, 1)
    found = coverage(true, draws)
    assert np.all((found.held >= 0.85) & (found.held <= 0.95))
    assert np.all(found.uneven > 0.01)
    too_narrow = draws.mean(axis=0) + 0.5 * (draws - draws.mean(axis=0))
    assert np.all(coverage(true, too_narrow).held < 0.75)


def test_derivatives_are_those_of_differences() -> None:
    model = Traced(lambda p: jnp.stack([jnp.exp(p[0]) * p[1], p[1] ** 3]))
    at = jnp.array([[0.3, -0.2], [1.5, 0.7]])
    found, slopes = model.linearised(at)
    np.testing.assert_allclose(found, model.values(at))
    for number in range(2):
        step = 1e-6 * jnp.zeros_like(at).at[number].set(1.0)
        differences = (model.values(at + step) - model.values(at - step)) / 2e-6
        np.testing.assert_allclose(slopes[:, number], differences, rtol=1e-7, atol=1e-9)


def test_a_curved_problem_ends_at_the_least_sum_of_squares() -> None:
    priors = (Prior("lognormal", 1.0, 0.5), Prior("uniform", 0.0, 2.0))
    model = Traced(lambda p: jnp.stack([p[0] * p[1], p[0] ** 2, p[1] / p[0]]))
    error = np.array([0.1, 0.2, 0.3])
    fitted = fit(problem(model, priors, np.array([[2.5], [2.0], [0.9]]), error), near=1e-8)

    def squares(z: jax.Array) -> jax.Array:
        found = model.function(values(priors, z))
        return 0.5 * jnp.sum(((found - fitted.problem.observed[:, 0]) / error) ** 2) + 0.5 * jnp.sum(z**2)

    np.testing.assert_allclose(jax.grad(squares)(jnp.asarray(fitted.z[:, 0])), 0.0, atol=1e-6)
    np.testing.assert_allclose(fitted.readings[:, 0], model.function(jnp.asarray(fitted.parameters[:, 0])))


def test_the_search_does_not_end_where_a_reading_cannot_be_taken() -> None:
    model = Traced(lambda p: jnp.stack([p[0], jnp.where(p[0] < 1.0, p[0], jnp.nan)]))
    fitted = fit(problem(model, NORMAL[2:], np.array([[2.0], [0.5]]), np.array([0.5, 0.5])))
    assert np.isfinite(fitted.readings).all()
    assert fitted.parameters[0, 0] < 1.0


@pytest.fixture(scope="module")
def degenerate() -> Fit:
    """Flow through a leak is leak times calibre; nobody measured how wide the vein is."""
    model = Traced(lambda p: jnp.stack([p[0] * p[1], p[0], p[2]]))
    priors = (Prior("lognormal", 1.0, 0.5),) * 3
    whole = Problem(
        model,
        ("leak", "calibre", "stiffness"),
        priors,
        ("reflux", "diameter", "swelling"),
        np.array([[1.2], [np.nan], [1.1]]),
        np.array([0.02, 0.1, 0.2]),
    )
    return fit(whole)


def test_two_parameters_that_act_alike_are_found_with_what_would_tell_them_apart(degenerate: Fit) -> None:
    (found,) = untold(degenerate)
    assert set(found.parameters) == {"leak", "calibre"}
    assert found.left == pytest.approx(1.0)
    assert [name for name, _ in found.telling] == ["diameter"]
    assert found.text.startswith(("leak and calibre cannot be told apart", "calibre and leak cannot be told apart"))


def test_what_a_further_measurement_would_leave_is_what_it_leaves_once_taken(degenerate: Fit) -> None:
    promised = untold(degenerate)[0].telling[0][1]
    observed = degenerate.problem.observed.copy()
    observed[1] = degenerate.readings[1]
    after = fit(replace(degenerate.problem, observed=observed))
    direction = np.linalg.eigh(degenerate.seen[..., 0].T @ degenerate.seen[..., 0])[1][:, 0]
    assert float(np.sqrt(direction @ after.covariance[..., 0] @ direction)) == pytest.approx(promised, rel=1e-3)


def test_a_profile_of_a_linear_problem_is_a_parabola(linear: tuple[np.ndarray, Fit]) -> None:
    _, fitted = linear
    one = replace(fitted.problem, observed=fitted.problem.observed[:, :1])
    found = profile(fit(one), "a", points=7)
    steps = np.diff(found.rise, n=2)
    np.testing.assert_allclose(steps, steps[0], rtol=1e-6)
    low, high = found.interval
    assert low is not None
    assert high is not None
    assert low < fitted.parameters[0, 0] < high


def test_a_parameter_that_no_reading_depends_on_is_refused_by_name() -> None:
    model = Traced(lambda p: p[:1] + 0.0 * p[1])
    with pytest.raises(MeasureError, match="'b' is free, and none of the readings depends on it: reading 0"):
        check_moved(fit(problem(model, NORMAL[:2], np.array([[1.0]]), np.array([0.1]))))


def test_polynomials_meet_a_function_of_second_degree_and_say_how_far_they_are_from_another() -> None:
    def fitted(power: int) -> Fit:
        model = Traced(lambda p: jnp.stack([p[0] + p[1] ** power]))
        return fit(problem(model, NORMAL[1:], np.array([[0.4]]), np.array([0.3])))

    exact = emulate(fitted(2))
    assert float(exact.error.max()) < 1e-12
    u = jnp.array([0.3, -0.7])
    z = exact.centre[0] + exact.spread[0] @ u
    wanted = -1.0 + 0.5 * z[0] + z[1] ** 2
    assert float((terms(u) @ exact.coefficients[0])[0]) == pytest.approx(float(wanted))
    assert float(emulate(fitted(3)).error.max()) > 0.01


@pytest.mark.parametrize("prior", [("normal", 0.0, 0.0), ("lognormal", -1.0, 0.3), ("uniform", 2.0, 1.0)])
def test_priors_that_are_none_are_refused(prior: tuple) -> None:
    with pytest.raises(DocumentError, match=f"a {prior[0]} prior needs"):
        Prior(*prior)


@pytest.mark.parametrize("prior", [Prior("normal", 3.0, 2.0), Prior("lognormal", 2.0, 0.4), Prior("uniform", 1.0, 5.0)])
def test_a_number_and_the_standard_normal_one_behind_it_belong_together(prior: Prior) -> None:
    z = jnp.array([-1.5, 0.0, 2.0])
    np.testing.assert_allclose(prior.standard(prior.value(z)), z, rtol=1e-10, atol=1e-10)
