"""The contract of faces: what resists flow along them, and how that changes with pressures and volumes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import final

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from venolymph.network.graph import Graph
from venolymph.network.parameters import Parameters
from venolymph.network.stage import CellStage, FaceStage, Prepared, StageEvaluation, StageInputs


class FaceSlopes(eqx.Module):
    """How flows along faces change.

    Attributes:
        by_drop: dQ/d(pressure difference), mL/(s mmHg).
        by_tail, by_head: dQ/d(state) of the cell at the tail, and at the head, 1/s.
    """

    by_drop: Float[Array, "faces batch"]
    by_tail: Float[Array, "faces batch"]
    by_head: Float[Array, "faces batch"]


class FaceLaw(ABC):
    """What resists flow along the faces of a network."""

    def linear(self, parameters: Parameters) -> bool:
        """Whether flow is linear in pressures."""
        return False

    @abstractmethod
    def at(self, inputs: StageInputs, cells: CellStage, drop: Float[Array, "faces batch"]) -> FaceStage:
        """What resists flow at the end of a stage, from cells and pressure differences, mmHg, there."""

    @abstractmethod
    def slopes(
        self, inputs: StageInputs, stage: StageEvaluation, elastance: Array, steeper: Array, rising: Array | bool
    ) -> FaceSlopes:
        """Slopes of the flow.

        Args:
            inputs: of the stage.
            stage: as it was evaluated.
            elastance: slope of each cell's pressure against its state.
            steeper: what other laws take off the slope against the pressure difference, as a part of it, 1.
            rising: whether to clip that slope at zero.
        """


def clipped(steeper: Array, rising: Array | bool) -> Array:
    """Slope against the pressure difference as a part of the inverse root, 1."""
    return jnp.where(rising, jnp.maximum(1.0 - steeper, 0.0), 1.0 - steeper)


@final
class RigidFaces(FaceLaw):
    """Faces with constant resistance, inertance and loss between cells without lumen.

    Args:
        graph: of the network where the state of some cells is not their pressure.
    """

    def __init__(self, graph: Graph | None = None) -> None:
        self.graph = graph

    def linear(self, parameters: Parameters) -> bool:
        """Whether there is no loss."""
        return parameters.faces.loss is None

    def at(self, inputs: StageInputs, cells: CellStage, drop: Float[Array, "faces batch"]) -> FaceStage:
        """What the parameters say."""
        prepared: Prepared = inputs.prepared
        loss = prepared.parameters.faces.loss
        return FaceStage(prepared.channel_resistance, prepared.channel_inertance, loss, None)

    def slopes(
        self, inputs: StageInputs, stage: StageEvaluation, elastance: Array, steeper: Array, rising: Array | bool
    ) -> FaceSlopes:
        """Slopes of the flow; the state of each cell is its pressure, unless there is a graph."""
        by_drop = inputs.prepared.parameters.faces.open / stage.root * clipped(steeper, rising)
        if self.graph is None:
            return FaceSlopes(by_drop, by_drop, -by_drop)
        return FaceSlopes(by_drop, by_drop * self.graph.at_tail(elastance), -by_drop * self.graph.at_head(elastance))
