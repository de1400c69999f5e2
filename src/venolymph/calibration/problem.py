"""What is fitted to what: a function from parameters to readings, what was read, and what is believed beforehand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from venolymph.calibration.priors import Prior, values


class Predictor(Protocol):
    """Readings as a function of parameters, members side by side along the last axis."""

    def values(self, parameters: Float[Array, "parameters batch"]) -> Float[Array, "readings batch"]:
        """The readings; NaN where one could not be taken."""
        ...

    def linearised(
        self, parameters: Float[Array, "parameters batch"]
    ) -> tuple[Float[Array, "readings batch"], Float[Array, "readings parameters batch"]]:
        """The readings, and their derivatives with respect to each parameter."""
        ...


@dataclass(frozen=True)
class Traced:
    """A function that JAX traces as a model; its derivatives are taken forward.

    Attributes:
        function: from parameters, shape (parameters,), to readings, shape (readings,).
    """

    function: Callable[[Float[Array, " parameters"]], Float[Array, " readings"]]

    def values(self, parameters: Float[Array, "parameters batch"]) -> Float[Array, "readings batch"]:
        """As of `Predictor`."""
        return self._values(parameters)

    def linearised(
        self, parameters: Float[Array, "parameters batch"]
    ) -> tuple[Float[Array, "readings batch"], Float[Array, "readings parameters batch"]]:
        """As of `Predictor`."""
        return self._linearised(parameters)

    @cached_property
    def _values(self) -> Callable[[Any], Any]:
        return jax.jit(jax.vmap(self.function, in_axes=-1, out_axes=-1))

    @cached_property
    def _linearised(self) -> Callable[[Any], Any]:

        def both(parameters: Any) -> Any:
            found, push = jax.linearize(self.function, parameters)
            return found, jax.vmap(push, out_axes=-1)(jnp.eye(len(parameters)))

        return jax.jit(jax.vmap(both, in_axes=-1, out_axes=-1))


@dataclass(frozen=True)
class Problem:
    """What is fitted to what.

    Attributes:
        model: readings as a function of parameters.
        names: of the parameters.
        priors: of the parameters.
        readings: names of the readings.
        observed: what was read; NaN for a reading that nobody took. One person, or several along the last axis.
        error: standard deviation of the instrument in the unit of each reading; NaN where it is not known, which only a
            reading that nobody took may have.
    """

    model: Predictor
    names: tuple[str, ...]
    priors: tuple[Prior, ...]
    readings: tuple[str, ...]
    observed: Float[np.ndarray, "readings batch"]
    error: Float[np.ndarray, " readings"]

    @property
    def batch(self) -> int:
        """Number of people."""
        return self.observed.shape[-1]

    @property
    def taken(self) -> np.ndarray:
        """Numbers of the readings that were taken in everybody."""
        return np.flatnonzero(~np.isnan(self.observed).any(axis=-1))

    def values(self, z: Float[Array, "parameters batch"]) -> Float[Array, "readings batch"]:
        """Readings where the standard normal numbers behind the parameters are `z`."""
        return self.model.values(values(self.priors, z))

    def values_of_one(self, z: Float[Array, " parameters"]) -> Float[Array, " readings"]:
        """The same of one member."""
        return self.values(z[:, None])[:, 0]

    def linearised(
        self, z: Float[Array, "parameters batch"]
    ) -> tuple[Float[Array, "readings batch"], Float[Array, "readings parameters batch"]]:
        """The same with their derivatives with respect to `z`."""
        at, stretch = jax.jvp(partial(values, self.priors), (z,), (jnp.ones_like(z),))
        found, slopes = self.model.linearised(at)
        return found, slopes * stretch
