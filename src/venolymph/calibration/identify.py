"""What measurements tell about parameters, what they do not, and which further measurement would tell it.

By Fisher's information at the most probable parameters, on the scale where each prior has the standard deviation 1: a
direction of parameters about which measurements say less than the prior did is one that they do not tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from venolymph.calibration.fitting import Fit, fit
from venolymph.calibration.problem import Predictor
from venolymph.errors import MeasureError

PART = 0.15
"""Share of a direction from which on a parameter is named as a part of it, 1."""
UNMOVED = 1e-6
"""Change of a reading, in errors of its instrument, over one standard deviation of a prior that counts as none."""
LARGEST_RISE = 3.841
"""Rise of the sum of squares at the ends of a 95 % interval: chi-squared with one degree of freedom."""


@dataclass(frozen=True)
class Untold:
    """A direction of parameters about which measurements say less than was believed before.

    Attributes:
        parameters: names of its main parts.
        left: standard deviation along it that is left, of 1 before.
        telling: readings that would tell, best first, each with the standard deviation that it would leave.
    """

    parameters: tuple[str, ...]
    left: float
    telling: tuple[tuple[str, float], ...]

    @property
    def text(self) -> str:
        """It in words."""
        if len(self.parameters) == 1:
            said = f"{self.parameters[0]}: hardly told by what was measured"
        else:
            said = f"{_listed(self.parameters)} cannot be told apart by what was measured"
        if not self.telling:
            return f"{said}; none of the other readings asked for would tell"
        name, left = self.telling[0]
        return f"{said}; {name} would tell most: {self.left:.2f} of the prior's spread would become {left:.2f}"


def check_moved(fitted: Fit) -> None:
    """Refuse a free parameter that moves none of the readings.

    Raises:
        MeasureError: for the first one, by its name.
    """
    moved = np.abs(fitted.seen).max(axis=(0, 2))
    for name, much in zip(fitted.problem.names, moved, strict=True):
        if much < UNMOVED:
            problem = fitted.problem
            raise MeasureError(
                f"{name!r} is free, and none of the readings depends on it: "
                f"{', '.join(problem.readings[number] for number in problem.taken)}",
                hint="take it out of `free`, or measure something that it moves",
            )


def untold(fitted: Fit, member: int = 0) -> list[Untold]:
    """Directions about which the readings of a person say less than the prior did, the least told first."""
    problem, seen = fitted.problem, fitted.seen[..., member]
    told, directions = np.linalg.eigh(seen.T @ seen)
    covariance = fitted.covariance[..., member]
    others = [number for number in range(len(problem.readings)) if number not in problem.taken]
    found = []
    for much, direction in zip(told, directions.T, strict=True):
        if much >= 1.0:
            break
        parts = [number for number in np.argsort(-(direction**2)) if direction[number] ** 2 >= PART]
        left = float(np.sqrt(direction @ covariance @ direction))
        telling = []
        for number in others:
            slope, error = fitted.slopes[number, :, member], problem.error[number]
            if np.isfinite(error) and np.isfinite(slope).all():
                along = direction @ covariance @ slope
                after = left**2 - along**2 / (error**2 + slope @ covariance @ slope)
                telling.append((problem.readings[number], float(np.sqrt(max(after, 0.0)))))
        telling = sorted((one for one in telling if one[1] < 0.9 * left), key=lambda one: one[1])
        found.append(Untold(tuple(problem.names[number] for number in parts), left, tuple(telling)))
    return found


@dataclass(frozen=True)
class Profile:
    """How badly a person's readings are met where one parameter is held and all others adapt.

    Attributes:
        name: of the parameter.
        values: at which it was held.
        rise: of the sum of squares above the least, with the priors of the others but without its own.
    """

    name: str
    values: Float[np.ndarray, " points"]
    rise: Float[np.ndarray, " points"]

    @property
    def interval(self) -> tuple[float | None, float | None]:
        """Where it crosses the rise of a 95 % interval on either side; None where it does not within the range."""
        best = int(np.argmin(self.rise))
        return self._crossed(range(best, 0, -1), -1), self._crossed(range(best, len(self.rise) - 1), 1)

    def _crossed(self, numbers: Any, to: int) -> float | None:
        for near in numbers:
            far = near + to
            if self.rise[near] < LARGEST_RISE <= self.rise[far]:
                share = (LARGEST_RISE - self.rise[near]) / (self.rise[far] - self.rise[near])
                return float(self.values[near] + share * (self.values[far] - self.values[near]))
        return None


@dataclass(frozen=True)
class _Held:
    """A model with one parameter held, each member at a value of its own."""

    model: Predictor
    number: int
    held: Array

    def values(self, parameters: Any) -> Any:
        return self.model.values(self._whole(parameters))

    def linearised(self, parameters: Any) -> Any:
        found, slopes = self.model.linearised(self._whole(parameters))
        return found, jnp.delete(slopes, self.number, axis=1)

    def _whole(self, parameters: Any) -> Any:
        return jnp.insert(parameters, self.number, self.held, axis=0)


def profile(fitted: Fit, name: str, points: int = 11, reach: float = 3.0) -> Profile:
    """Profile of a parameter of the first person, all its points side by side.

    Args:
        fitted: the most probable parameters.
        name: of the parameter.
        points: at which it is held, evenly over the prior's scale.
        reach: how far they go from the most probable value, in its standard deviations.
    """
    problem = fitted.problem
    number = problem.names.index(name)
    spread = np.sqrt(fitted.covariance[number, number, 0])
    z = jnp.asarray(fitted.z[number, 0] + spread * np.linspace(-reach, reach, points))
    held = problem.priors[number].value(z)
    rest = replace(
        problem,
        model=_Held(problem.model, number, held),
        names=_without(problem.names, number),
        priors=_without(problem.priors, number),
        observed=np.repeat(problem.observed[:, :1], points, axis=1),
    )
    again = fit(rest, start=np.delete(fitted.z[:, :1], number, axis=0))
    squares = (again.distance**2).sum(axis=0) + (again.z**2).sum(axis=0)
    return Profile(name, np.asarray(held), squares - squares.min())


def _without(rows: tuple, number: int) -> tuple:
    return rows[:number] + rows[number + 1 :]


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
