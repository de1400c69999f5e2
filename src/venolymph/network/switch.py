"""A valve without a state of its own: a resistance that rises smoothly when pressure is higher downstream.

    R = R_open + R_added (1 - tanh(k dp)) / 2

with dp the pressure difference from tail to head. It leaks slightly in reverse and has no time constant.
"""

from __future__ import annotations

from dataclasses import replace
from typing import final

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from venolymph.errors import NetworkError
from venolymph.network.face_law import FaceLaw, FaceSlopes
from venolymph.network.law import Law
from venolymph.network.parameters import Switches
from venolymph.network.stage import CellStage, FaceStage, StageEvaluation, StageInputs
from venolymph.network.topology import Topology


def added_resistance(
    switches: Switches, drop: Float[Array, "switches batch"]
) -> tuple[Float[Array, "switches batch"], Float[Array, "switches batch"]]:
    """Resistance added to the open one's (mmHg s/mL), and its slope against the pressure difference (s/mL).

    Args:
        switches: parameters.
        drop: pressure difference from tail to head, mmHg.
    """
    swing = jnp.tanh(switches.steepness * drop)
    return 0.5 * switches.added * (1.0 - swing), -0.5 * switches.added * switches.steepness * (1.0 - swing * swing)


@final
class OneWayFaces(FaceLaw):
    """Faces of another law, some of which have such a valve in series."""

    def __init__(self, topology: Topology, faces: FaceLaw) -> None:
        self.faces, self.switches = faces, np.array(topology.switches, np.int32)
        self.row = np.full(topology.n_faces, len(topology.switches), np.int32)
        self.row[self.switches] = np.arange(len(topology.switches))

    def at(self, inputs: StageInputs, cells: CellStage, drop: Float[Array, "faces batch"]) -> FaceStage:
        """What resists flow, these valves among it."""
        along = self.faces.at(inputs, cells, drop)
        added, _ = self._added(inputs, drop)
        return replace(along, resistance=along.resistance + added)

    def slopes(
        self, inputs: StageInputs, stage: StageEvaluation, elastance: Array, steeper: Array, rising: Array | bool
    ) -> FaceSlopes:
        """Slopes of the flow."""
        _, slope = self._added(inputs, stage.drop)
        return self.faces.slopes(inputs, stage, elastance, steeper + stage.flow * slope, rising)

    def _added(self, inputs: StageInputs, drop: Array) -> tuple[Array, Array]:
        """Resistance that these valves add to each face, and its slope against the pressure difference."""
        parameters = inputs.prepared.parameters.switches
        if parameters is None:
            raise NetworkError("the topology has switches, the parameters have none")
        added = jnp.stack(added_resistance(parameters, drop[self.switches]), axis=1)
        on_faces = jnp.concatenate([added, jnp.zeros_like(added[:1])])[self.row]
        return on_faces[:, 0], on_faces[:, 1]


LAWS = (
    Law(
        name="resistance of a switch to the pressure difference",
        parts=(Switches,),
        variable="pressure difference",
        unit="mmHg",
        between=(-10.0, 10.0),
        gives="added resistance",
        gives_unit="mmHg s/mL",
        trend="falls",
        at=added_resistance,
        source="svZeroDSolver's own valve of this kind",
    ),
)
