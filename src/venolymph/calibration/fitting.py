"""The most probable parameters given what was read, and the normal distribution about them (Laplace).

On the scale on which every prior is standard normal, that is a sum of squares: (predicted - read) / error of the
instrument for each reading, and z itself for each parameter. Powell's dog leg (optimistix) finds its least value from
readings and derivatives at one point after another; they are asked for outside the compiled step, so that a whole
simulation can answer, for many people at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from venolymph.calibration.priors import SIDE, values
from venolymph.calibration.problem import Problem

MOST_ROUNDS = 25
"""Points that are tried at most."""
UNREADABLE = 1e6
"""Distance that counts where a reading cannot be taken, so that no step ends there, errors of the instrument."""


@dataclass(frozen=True)
class Fit:
    """The most probable parameters of some people, and how sure they are.

    Attributes:
        problem: what was fitted to what.
        z: most probable, on the scale where each prior is standard normal.
        readings: predicted there, in their units.
        slopes: of the readings along `z`.
        settled: whether the search ended by itself.
        rounds: points that were tried.
    """

    problem: Problem
    z: Float[np.ndarray, "parameters batch"]
    readings: Float[np.ndarray, "readings batch"]
    slopes: Float[np.ndarray, "readings parameters batch"]
    settled: np.ndarray
    rounds: int

    @property
    def parameters(self) -> Float[np.ndarray, "parameters batch"]:
        """Most probable parameters."""
        return np.asarray(values(self.problem.priors, jnp.asarray(self.z)))

    @property
    def seen(self) -> Float[np.ndarray, "taken parameters batch"]:
        """Slopes of the readings that were taken, in errors of the instrument."""
        taken = self.problem.taken
        return self.slopes[taken] / self.problem.error[taken, None, None]

    @property
    def covariance(self) -> Float[np.ndarray, "parameters parameters batch"]:
        """Of `z`, after the readings; before them it is 1 on the diagonal."""
        seen = self.seen
        told = np.einsum("rib,rjb->bij", seen, seen) + np.eye(len(self.z))
        return np.moveaxis(np.linalg.inv(told), 0, -1)

    @property
    def distance(self) -> Float[np.ndarray, "taken batch"]:
        """What is read less what is predicted, in errors of the instrument."""
        taken = self.problem.taken
        return (self.problem.observed - self.readings)[taken] / self.problem.error[taken, None]

    def interval(self, side: float = SIDE) -> Float[np.ndarray, "ends parameters batch"]:
        """Lower and upper end of each parameter's interval, the middle 90 % where `side` is not given."""
        half = side * np.sqrt(np.einsum("iib->ib", self.covariance))
        return np.stack([values(self.problem.priors, jnp.asarray(self.z + sign * half)) for sign in (-1, 1)])

    def predicted_spread(self) -> Float[np.ndarray, "readings batch"]:
        """Standard deviation of each reading without the instrument's error, from what is not known of parameters."""
        return np.sqrt(np.einsum("rib,ijb,rjb->rb", self.slopes, self.covariance, self.slopes))


def fit(problem: Problem, start: Any = None, near: float = 1e-3, most: int = MOST_ROUNDS) -> Fit:
    """The most probable parameters of each person.

    Args:
        problem: what is fitted to what.
        start: where to begin, on the scale of standard normal numbers; 0, the middle of each prior, where None.
        near: steps below this end the search, standard deviations of the prior.
        most: points that are tried at most.
    """
    shape = (len(problem.names), problem.batch)
    z = jnp.zeros(shape) if start is None else jnp.broadcast_to(jnp.asarray(start, float), shape)
    begin, step = _steps(near, len(problem.readings) + len(z))
    state, kept, settled, rounds = begin(z), None, np.zeros(problem.batch, bool), 0
    while rounds < most and not settled.all():
        point = jnp.moveaxis(state.y_eval, 0, -1)
        at = problem.linearised(point)
        around = _in_errors(problem, *at)
        z, state, ended = step(z, state, (point, *around))
        kept = at if kept is None else _chosen(jnp.all(z == point, axis=0), at, kept)
        settled |= np.asarray(ended)
        rounds += 1
    found, slopes = jax.tree.map(np.asarray, kept)
    return Fit(problem, np.asarray(z), found, slopes, settled, rounds)


def _in_errors(problem: Problem, found: Any, slopes: Any) -> tuple[Array, Array]:
    """Predicted less read, and its slopes, in errors of the instrument; nothing where nothing was read."""
    taken, error = ~np.isnan(problem.observed), jnp.asarray(problem.error)[:, None]
    distance = jnp.where(taken, (found - problem.observed) / error, 0.0)
    lost = ~jnp.isfinite(distance)
    steep = jnp.where(taken[:, None], slopes / error[:, None], 0.0)
    return jnp.where(lost, UNREADABLE, distance), jnp.where(jnp.isfinite(steep) & ~lost[:, None], steep, 0.0)


def _chosen(went: Array, new: Any, old: Any) -> Any:
    """What was found at a point, for those whose search went there, else what was found where it stayed."""
    return jax.tree.map(partial(jnp.where, went), new, old)


@cache
def _steps(near: float, rows: int) -> tuple[Any, Any]:
    """The start of a search, and its next step from readings and derivatives at the point that it asked about."""
    import optimistix

    solver: Any = optimistix.Dogleg(rtol=near, atol=near)
    struct = jax.ShapeDtypeStruct((rows,), jnp.float64)
    options = {"jac": "bwd"}

    def squares(z: Any, around: Any) -> tuple[Any, None]:
        point, distance, slopes = around
        return jnp.concatenate([distance + slopes @ (z - point), z]), None

    def begin(z: Any) -> Any:
        parameters = len(z)
        nothing = (z, jnp.zeros(rows - parameters), jnp.zeros((rows - parameters, parameters)))
        return solver.init(squares, z, nothing, options, struct, None, frozenset())

    def step(z: Any, state: Any, around: Any) -> Any:
        z, state, _ = solver.step(squares, z, around, options, state, frozenset())
        return z, state, solver.terminate(squares, z, around, options, state, frozenset())[0]

    def whole(z: Any, state: Any, around: Any) -> Any:
        # what is asked for here comes back there: members first in a state, last in everything else
        inner = eqx.filter_vmap(step, in_axes=(-1, eqx.if_array(0), -1), out_axes=(-1, eqx.if_array(0), 0))
        return inner(z, state, around)

    return eqx.filter_jit(eqx.filter_vmap(begin, in_axes=-1)), eqx.filter_jit(whole)
