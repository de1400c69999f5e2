"""A valve without a state of its own that lets nothing back: it is shut as soon as nothing drives flow through it.

    R = R_open                if dp + L Q / h > 0, with Q as it was and L / h what inertia resists with over a time h
    R = R_open + R_added      else

Without inertance it is shut wherever pressure is not higher at the tail; with inertance flow that still goes forward
runs out first.
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
from venolymph.network.parameters import Flaps
from venolymph.network.stage import CellStage, FaceStage, StageEvaluation, StageInputs
from venolymph.network.topology import Topology


def shut_resistance(
    flaps: Flaps, driving: Float[Array, "flaps batch"]
) -> tuple[Float[Array, "flaps batch"], Float[Array, "flaps batch"]]:
    """Resistance added to the open one's (mmHg s/mL), and its slope against what drives flow (s/mL), which is none.

    Args:
        flaps: parameters.
        driving: pressure difference from tail to head with what inertia adds, mmHg.
    """
    added = jnp.where(driving > 0.0, 0.0, flaps.added)
    return added, jnp.zeros_like(added)


@final
class FlappedFaces(FaceLaw):
    """Faces of another law, some of which have such a valve in series."""

    def __init__(self, topology: Topology, faces: FaceLaw) -> None:
        self.faces, self.flaps = faces, np.array(topology.flaps, np.int32)

    def at(self, inputs: StageInputs, cells: CellStage, drop: Float[Array, "faces batch"]) -> FaceStage:
        """What resists flow, these valves among it."""
        parameters = inputs.prepared.parameters.flaps
        if parameters is None:
            raise NetworkError("the topology has flaps, the parameters have none")
        along = self.faces.at(inputs, cells, drop)
        driving = (drop + along.inertance / inputs.h * inputs.rhs.flow)[self.flaps]
        added, _ = shut_resistance(parameters, driving)
        return replace(along, resistance=along.resistance.at[self.flaps].add(added))

    def slopes(
        self, inputs: StageInputs, stage: StageEvaluation, elastance: Array, steeper: Array, rising: Array | bool
    ) -> FaceSlopes:
        """Slopes of the flow: those of the other law, with the resistance that there is."""
        return self.faces.slopes(inputs, stage, elastance, steeper, rising)


LAWS = (
    Law(
        name="resistance of a flap to what drives flow through it",
        parts=(Flaps,),
        variable="driving pressure",
        unit="mmHg",
        between=(-10.0, 10.0),
        gives="added resistance",
        gives_unit="mmHg s/mL",
        trend="falls",
        at=shut_resistance,
        source="svZeroDSolver's own piecewise valve",
    ),
)
