"""The law of cells that are veins: their state is their volume, from which wall and surroundings give the pressure."""

from __future__ import annotations

from typing import final

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from venolymph.network import vessel, wall
from venolymph.network.cell_law import CellLaw, VesselShapes
from venolymph.network.drive import Drive
from venolymph.network.graph import Graph
from venolymph.network.parameters import Parameters
from venolymph.network.stage import CellStage, Lumens, StageInputs
from venolymph.network.surroundings import elastic_pressure, prescribed_pressure


@final
class Veins(CellLaw):
    """All cells are veins."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def shapes(self, parameters: Parameters, drive: Drive) -> VesselShapes:
        """Of the veins with the calibre of the phase."""
        graph, cells = self.graph, parameters.cells
        one_of = np.eye(len(graph.felt))[graph.slots][:, :, graph.elastic]
        return VesselShapes(
            unstressed=cells.unstressed_volume * drive.calibre,
            friction=vessel.resistance_shape(cells, parameters.fluid),
            column=parameters.fluid.density * cells.length**2,
            bundle=cells.vessels * cells.length,
            pressing=jnp.sum(cells.share[:, :, None] * one_of[..., None], axis=1).transpose(1, 0, 2),
            in_channel=parameters.valves.in_channel,
        )

    def at(self, inputs: StageInputs, state: Float[Array, "cells batch"]) -> CellStage:
        """Veins that hold these volumes, mL."""
        prepared, prescribed, rhs, _, h = inputs
        graph, cells = self.graph, prepared.parameters.cells
        per_unstressed, per_volume = 1.0 / prepared.unstressed, 1.0 / state
        walls = wall.implicit_wall(cells, state * per_unstressed, rhs.volume * per_unstressed, rhs.creep, h)
        pressure = prescribed_pressure(graph, prepared, prescribed) + walls.pressure
        pressed = elastic_pressure(graph, prepared, state)
        for row in range(len(graph.elastic)):
            pressure = pressure + prepared.pressing[row] * pressed[row : row + 1]
        return CellStage(pressure, Lumens(per_volume, walls))

    def transmural(self, cells: CellStage) -> Float[Array, "cells batch"]:
        """Pressure across each wall, mmHg."""
        return cells.veins.wall.pressure

    def creep(self, inputs: StageInputs, cells: CellStage) -> Float[Array, "cells batch"]:
        """Creep of each wall, 1."""
        return cells.veins.wall.creep

    def elastance(self, inputs: StageInputs, cells: CellStage) -> Float[Array, "cells batch"]:
        """Slope of each vein's pressure against its volume, mmHg/mL."""
        prepared, _, _, _, h = inputs
        return wall.slope_of(prepared.parameters.cells, cells.veins.wall, h) / prepared.unstressed

    def by_kind(self, of_veins: Array, of_stores: Array) -> Array:
        """The first value."""
        return of_veins

    def residual(self, inputs: StageInputs, state: Array, net: Array) -> Float[Array, "cells batch"]:
        """What `rhs + h net` and the volume differ by, mL."""
        return inputs.rhs.volume + inputs.h * net - state

    def stored_volume(self, parameters: Parameters, state: Array) -> Float[Array, "cells batch"]:
        """The volume, mL."""
        return state

    def with_volumes_kept(self, before: Parameters, after: Parameters, state: Array) -> Float[Array, "cells batch"]:
        """The volumes, mL."""
        return state
