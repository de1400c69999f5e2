"""The contract of a time scheme: how one step is made, and what it gives."""

from __future__ import annotations

from abc import ABC, abstractmethod

import equinox as eqx
from jax import Array
from jaxtyping import Float

from venolymph.network.newton import NewtonCache
from venolymph.network.stage import Prepared
from venolymph.network.state import State
from venolymph.network.topology import Topology


class TimeStep(eqx.Module):
    """What a step gives.

    Attributes:
        state: after it.
        cache: for the next step.
        surroundings: pressure of each at its end, mmHg.
        flow, inflow: means along faces and through beds over the step, mL/s.
        pressure: mean in cells over the step, mmHg.
        quality: largest residual in mL, estimate of the error in volume in mL (zero where the scheme makes none), and
            Newton iterations.
    """

    state: State
    cache: NewtonCache
    surroundings: Float[Array, "surroundings batch"]
    flow: Float[Array, "faces batch"]
    inflow: Float[Array, "beds batch"]
    pressure: Float[Array, "cells batch"]
    quality: Float[Array, "three batch"]


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
