"""The contract of a time scheme: how one step is made, and what it gives."""

from __future__ import annotations

from abc import ABC, abstractmethod

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from venolymph.network.newton import NewtonCache
from venolymph.network.stage import Prepared
from venolymph.network.state import State
from venolymph.network.topology import Topology


class StepMeans(eqx.Module):
    """Means over a step.

    Attributes:
        pressure: in cells, mmHg.
        flow: along faces, mL/s.
        inflow: through beds, mL/s.
    """

    pressure: Float[Array, "cells batch"]
    flow: Float[Array, "faces batch"]
    inflow: Float[Array, "beds batch"]

    def of_sound(self, state: State) -> StepMeans:
        """The same; nothing flows in members that have failed, whose state stands still."""
        flow, inflow = jnp.where(state.alive, self.flow, 0.0), jnp.where(state.alive, self.inflow, 0.0)
        return StepMeans(jnp.where(state.alive, self.pressure, state.pressure), flow, inflow)


class StepQuality(eqx.Module):
    """How well a step was solved.

    Attributes:
        residual: largest of a cell's volume equation, mL.
        error: estimate of the largest error in a cell's volume, mL; zero where the scheme makes none.
        iterations: of Newton.
    """

    residual: Float[Array, "one batch"]
    error: Float[Array, "one batch"]
    iterations: Float[Array, "one batch"]

    def of_alive(self, state: State) -> StepQuality:
        """The same; members that had failed before the step have none."""
        return jax.tree.map(lambda part: jnp.where(state.alive, part, 0.0), self)


class TimeStep(eqx.Module):
    """What a step gives.

    Attributes:
        state: after it.
        cache: for the next step.
        surroundings: pressure of each at its end, mmHg.
        means: over the step.
        quality: of the step.
    """

    state: State
    cache: NewtonCache
    surroundings: Float[Array, "surroundings batch"]
    means: StepMeans
    quality: StepQuality


class Scheme(ABC):
    """How a step is made. All its stages have one implicit share `h`, on which the Newton matrix depends.

    Attributes:
        remembers: whether its stages begin from those of the previous breath (see `predictor`).
    """

    remembers: bool = False

    @property
    @abstractmethod
    def share(self) -> float:
        """Implicit share h of a step, as a part of its length."""

    @abstractmethod
    def step(
        self,
        topology: Topology,
        prepared: Prepared,
        state: State,
        cache: NewtonCache,
        time: Array,
        dt: Array,
        tolerance: Array,
    ) -> TimeStep:
        """One step.

        Args:
            topology: of the network.
            prepared: parameters and drive.
            state: before the step.
            cache: as the previous step left it.
            time: since the phase's start, s.
            dt: length of the step, s.
            tolerance: largest residual that Newton may leave in a cell, mL.
        """
