"""Draws from the posterior by NUTS (blackjax), started about the most probable parameters.

Parameters are sampled on the scale on which their distribution about the most probable ones is standard normal, so that
one length of step serves all people and directions; the share of steps that are accepted says whether it did.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from venolymph.calibration.emulator import Emulator, emulate, terms
from venolymph.calibration.fitting import Fit
from venolymph.calibration.priors import values
from venolymph.calibration.problem import Problem, Traced

CHAINS = 4
"""Chains for each person; agreement between them is what r-hat tells."""
WARM_UP = 100
"""Draws at the beginning of each chain that are thrown away."""
STEP = 0.5
"""Length of a step, in standard deviations of the distribution about the most probable parameters."""
DRAWS = 500
"""Draws of each chain that are kept."""


@dataclass(frozen=True)
class Posterior:
    """Draws from the posterior of some people.

    Attributes:
        problem: what was fitted to what.
        parameters: draws, chain by chain.
        readings: without the instrument's error, at each draw.
        accepted: share of steps that are accepted, mean over chains and draws.
        through: what was sampled: `engine`, or `emulator` of simulations.
        emulator: it, where it was sampled.
    """

    problem: Problem
    parameters: Float[np.ndarray, "chains draws parameters batch"]
    readings: Float[np.ndarray, "chains draws readings batch"]
    accepted: Float[np.ndarray, " batch"]
    through: Literal["engine", "emulator"]
    emulator: Emulator | None = None

    def interval(self, of: np.ndarray, inside: float = 0.9) -> np.ndarray:
        """Ends of the middle part of draws, shape (ends, ..., batch)."""
        ends = np.array([0.5 - inside / 2, 0.5 + inside / 2])
        return np.quantile(of.reshape(-1, *of.shape[2:]), ends, axis=0)

    @cached_property
    def diagnostics(self) -> dict[str, dict[str, float]]:
        """By parameter of the first person: r-hat, and effective numbers of draws in the bulk and the tails."""
        az = load_arviz()
        found = {}
        for number, name in enumerate(self.problem.names):
            draws = self.parameters[:, :, number, 0]
            found[name] = {
                "r-hat": float(az.rhat(draws)),
                "effective draws": float(az.ess(draws)),
                "effective draws in the tails": float(az.ess(draws, method="tail")),
            }
        return found


def load_arviz() -> Any:
    """arviz, which warns of its own future where it is imported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import arviz
    return arviz


def sample(fitted: Fit, seed: int = 0, draws: int = DRAWS, warm_up: int = WARM_UP, chains: int = CHAINS) -> Posterior:
    """Draws from the posterior of each person.

    A function that JAX traces is sampled itself; anything else through polynomials fitted to it (`emulator`).

    Args:
        fitted: the most probable parameters.
        seed: of the draws.
        draws: that are kept of each chain.
        warm_up: draws before them.
        chains: for each person.
    """
    problem = fitted.problem
    spread = jnp.asarray(np.linalg.cholesky(np.moveaxis(fitted.covariance, -1, 0)))
    centre = jnp.asarray(fitted.z.T)
    if isinstance(problem.model, Traced):
        emulator, through = None, "engine"
        predicted: Callable[..., Array] = partial(_exact, problem)
        known: Any = (centre, spread, jnp.zeros((problem.batch, len(problem.readings))))
    else:
        emulator, through = emulate(fitted, seed=seed), "emulator"
        predicted, known = _emulated, (centre, spread, emulator.error, emulator.coefficients)
    run = _chains(problem, predicted, warm_up, draws)
    keys = jax.random.split(jax.random.key(seed), (problem.batch, chains))
    u, readings, accepted = run(keys, known, jnp.asarray(problem.observed.T))
    z = centre[:, None, None] + jnp.einsum("bij,bcdj->bcdi", spread, u)
    numbers = values(problem.priors, jnp.moveaxis(z, -1, 0))
    return Posterior(
        problem,
        np.asarray(jnp.transpose(numbers, (2, 3, 0, 1))),
        np.asarray(jnp.transpose(readings, (1, 2, 3, 0))),
        np.asarray(accepted.mean(axis=(1, 2))),
        through,
        emulator,
    )


def _emulated(u: Array, known: tuple[Array, ...]) -> Array:
    return terms(u) @ known[3]


def _exact(problem: Problem, u: Array, known: tuple[Array, ...]) -> Array:
    centre, spread = known[:2]
    return _with_forward_slopes(problem.values_of_one)(centre + spread @ u)


def _chains(problem: Problem, predicted: Callable[..., Array], warm_up: int, draws: int) -> Any:
    """Chains of each person, in one compiled program: draws, the readings there, and shares of accepted steps."""
    import blackjax

    error = jnp.asarray(problem.error)

    def density(u: Array, known: tuple[Array, ...], observed: Array) -> Array:
        centre, spread, more = known[:3]
        wide = jnp.sqrt(error**2 + more**2)
        taken = ~jnp.isnan(observed)
        distance = jnp.where(taken, (predicted(u, known) - observed) / jnp.where(taken, wide, 1.0), 0.0)
        return -0.5 * jnp.sum(distance**2) - 0.5 * jnp.sum((centre + spread @ u) ** 2)

    def one(key: Array, known: tuple[Array, ...], observed: Array) -> tuple[Array, Array, Array]:
        begin, walk = jax.random.split(key)
        log_density = partial(density, known=known, observed=observed)
        kernel: Any = blackjax.nuts(log_density, step_size=STEP, inverse_mass_matrix=jnp.ones(len(known[0])))
        state = kernel.init(jax.random.normal(begin, known[0].shape))

        def next_draw(state: Any, key: Array) -> tuple[Any, tuple[Array, Array]]:
            state, info = kernel.step(key, state)
            return state, (state.position, info.acceptance_rate)

        keys = jax.random.split(walk, warm_up + draws)
        u, accepted = jax.tree.map(lambda every: every[warm_up:], jax.lax.scan(next_draw, state, keys)[1])
        return u, jax.lax.map(lambda one: predicted(one, known), u), accepted

    per_person = eqx.filter_vmap(one, in_axes=(0, None, None))
    return eqx.filter_jit(eqx.filter_vmap(per_person))


def _with_forward_slopes(function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """The function with a reverse derivative made of forward ones: right for few parameters, and for any loop."""

    @jax.custom_vjp
    def call(z: Array) -> Array:
        return function(z)

    def forward(z: Array) -> tuple[Array, Array]:
        found, push = jax.linearize(function, z)
        return found, jax.vmap(push, out_axes=-1)(jnp.eye(len(z)))

    call.defvjp(forward, lambda slopes, pull: (pull @ slopes,))
    return call
