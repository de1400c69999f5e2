"""A simulated leg as a function from parameters to readings: groups of its numbers, each scaled by one factor.

Members of a batch are independent, so that one run gives the readings and all their derivatives: each member carries
the direction of one parameter. Measures that are not differentiable are read at either side of it instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from venolymph.body import Body
from venolymph.body.scaling import PUSH, Scaled
from venolymph.body.table import ParametersTable, parameters_table
from venolymph.errors import MeasureError
from venolymph.measures import find
from venolymph.network import PhaseDrive
from venolymph.simulation import simulate

STEP = 0.02
"""Step for differences of readings that are not differentiable, share of the parameter."""
REST = "3 min"
"""How long a posture is kept before something is read in it."""


@dataclass(frozen=True)
class Read:
    """A measure that is read.

    Attributes:
        measure: its name, with its place where it has one.
        posture: as a regimen names it, in which it is read after a rest; None: as the regimen leaves the body.
    """

    measure: str
    posture: str | None = None

    @property
    def text(self) -> str:
        """It in words."""
        return self.measure if self.posture is None else f"{self.measure} ({self.posture})"


@dataclass(frozen=True)
class PredictedLeg:
    """A leg as a function from factors to readings (`Predictor`).

    Attributes:
        body: whose numbers are scaled.
        regimen: in which readings are taken; what it does not hold is performed after it.
        scaled: what each factor scales.
        read: what is read.
    """

    body: Body
    regimen: Any
    scaled: tuple[Scaled, ...]
    read: tuple[Read, ...]

    def values(self, parameters: Float[Array, "parameters batch"]) -> Float[Array, "readings batch"]:
        """As of `Predictor`."""
        return self._read(parameters, self.read)

    def linearised(
        self, parameters: Float[Array, "parameters batch"]
    ) -> tuple[Float[Array, "readings batch"], Float[Array, "readings parameters batch"]]:
        """As of `Predictor`."""
        smooth = np.array([find(one.measure)[0].differentiable for one in self.read])
        k, batch = parameters.shape
        found = jnp.zeros((len(self.read), batch))
        slopes = jnp.zeros((len(self.read), k, batch))
        for kind, way in ((smooth, self._pushed), (~smooth, self._stepped)):
            if kind.any():
                some = tuple(one for one, wanted in zip(self.read, kind, strict=True) if wanted)
                at, along = way(parameters, some)
                found, slopes = found.at[kind].set(at), slopes.at[kind].set(along)
        return found, slopes

    def _pushed(self, parameters: Array, read: Sequence[Read]) -> tuple[Array, Array]:
        """Readings and derivatives; members are people, and of each one for every parameter."""
        k, batch = parameters.shape
        apart = jnp.repeat(parameters, k, axis=1)
        directions = jnp.tile(jnp.eye(k), (1, batch))
        found, slopes = jax.jvp(lambda given: self._read(given, read), (apart,), (directions,))
        return found[:, ::k], jnp.swapaxes(slopes.reshape(-1, batch, k), 1, 2)

    def _stepped(self, parameters: Array, read: Sequence[Read]) -> tuple[Array, Array]:
        """The same by central differences."""
        k, batch = parameters.shape
        steps = STEP * jnp.abs(parameters)
        along = jnp.eye(k)[:, :, None] * steps
        every = jnp.concatenate([jnp.zeros((k, 1, batch)), along, -along], axis=1) + parameters[:, None]
        found = self._read(every.reshape(k, -1), read).reshape(len(read), 2 * k + 1, batch)
        return found[:, 0], (found[:, 1 : k + 1] - found[:, k + 1 :]) / (2.0 * steps)

    def _read(self, parameters: Array, read: Sequence[Read]) -> Array:
        members = parameters.shape[1]
        run = simulate(
            [self.body] * members,
            self.regimen,
            parameters=self.changes(parameters),
            differentiable="forward",
            forcing=self._forcing(parameters),
        )
        branches: dict[str | None, Any] = {None: run}
        found = []
        for one in read:
            if one.posture not in branches:
                branches[one.posture] = run.branch([{one.posture: {"for": REST}}])
            reading = branches[one.posture].measure(one.measure)
            if reading.performed and any(scaled.array == PUSH for scaled in self.scaled):
                raise MeasureError(
                    f"{PUSH} is free, and {one.measure!r} is read in {reading.performed!r}, not in the regimen",
                    hint="add its steps to the calibration's `regimen`",
                )
            found.append(jnp.asarray(reading.value))
        return jnp.stack(found)

    @cached_property
    def _table(self) -> ParametersTable:
        return parameters_table(self.body)

    def changes(self, parameters: Float[Array, "parameters batch"]) -> Mapping[Any, Array]:
        """What `simulate(parameters=...)` takes for these factors; what muscles press with is not among it."""
        changed: dict[str, Array] = {}
        for factor, one in zip(parameters, self.scaled, strict=True):
            if one.array != PUSH:
                before = changed.get(one.array, jnp.asarray(self._table.array(one.array)))
                whole = jnp.broadcast_to(before, (*before.shape[:-1], len(factor)))
                changed[one.array] = one.times(whole, factor)
        return dict(changed)

    def _forcing(self, parameters: Array) -> Callable[[int, PhaseDrive], PhaseDrive] | None:
        pushes = [f**one.power for f, one in zip(parameters, self.scaled, strict=True) if one.array == PUSH]
        if not pushes:
            return None
        (factor,) = pushes
        return lambda _, drive: eqx.tree_at(lambda d: d.pulse, drive, drive.pulse * factor)
