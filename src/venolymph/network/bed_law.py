"""The contract of beds: from where they draw, and where in the Newton matrix that shows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import final

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from venolymph.network.graph import Graph
from venolymph.network.stage import BedSlopes, Slopes, StageInputs


class CellSlopes(eqx.Module):
    """How inflow less outflow of cells changes: own state of each cell, and ways that join two of them.

    Attributes:
        own: d(net)/d(state) of each cell by its own state, 1/s.
        by_tail, by_head: dQ/d(state) of each way at its tail and at its head, 1/s.
    """

    own: Float[Array, "cells batch"]
    by_tail: Float[Array, "ways batch"]
    by_head: Float[Array, "ways batch"]


class BedLaw(ABC):
    """Where beds draw from."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    @abstractmethod
    def feeding(self, inputs: StageInputs, pressure: Float[Array, "cells batch"]) -> Float[Array, "beds batch"]:
        """Pressure that feeds each bed, at its level, mmHg."""

    @abstractmethod
    def gathered(self, by_tail: Array, by_head: Array, beds: BedSlopes, elastance: Array) -> CellSlopes:
        """Slopes of faces and beds together."""

    @abstractmethod
    def pushed(self, slope: Slopes, share: Float[Array, "cells elastic batch"]) -> Float[Array, "beds elastic batch"]:
        """Change of each bed's flow where surroundings press with these shares on cells."""

    def _at_ends(self, inputs: StageInputs) -> Array:
        """Pressure that ends feed each bed with, mmHg."""
        prepared, prescribed = inputs.prepared, inputs.prescribed
        weight = prepared.parameters.fluid.weight
        return self.graph.bed_ends(prescribed.ends) - weight * self.graph.at_bed(prescribed.height)


@final
class EndFedBeds(BedLaw):
    """All beds draw from ends."""

    def feeding(self, inputs: StageInputs, pressure: Float[Array, "cells batch"]) -> Float[Array, "beds batch"]:
        """Pressure of the ends, at the level of each bed, mmHg."""
        return self._at_ends(inputs)

    def gathered(self, by_tail: Array, by_head: Array, beds: BedSlopes, elastance: Array) -> CellSlopes:
        """Beds change the inflow of the cell that they fill alone."""
        own = self.graph.leaving(by_tail) + self.graph.arriving(by_head)
        return CellSlopes(own + elastance * self.graph.fed(beds.by_lumen), by_tail, by_head)

    def pushed(self, slope: Slopes, share: Float[Array, "cells elastic batch"]) -> Float[Array, "beds elastic batch"]:
        """By the pressure of the cell that each fills."""
        return slope.by_bed[:, None] * self.graph.at_bed(share)


@final
class CellFedBeds(BedLaw):
    """Some beds draw from cells, arteries of the network: these join two cells as faces do, and come after them."""

    def feeding(self, inputs: StageInputs, pressure: Float[Array, "cells batch"]) -> Float[Array, "beds batch"]:
        """Pressure of ends and arteries, at the level of each bed, mmHg."""
        weight = inputs.prepared.parameters.fluid.weight
        return self._at_ends(inputs) + self.graph.at_feed(pressure + weight * inputs.prescribed.height)

    def gathered(self, by_tail: Array, by_head: Array, beds: BedSlopes, elastance: Array) -> CellSlopes:
        """Beds are ways between cells."""
        by_tail = jnp.concatenate([by_tail, beds.by_feed * self.graph.at_feed(elastance)])
        by_head = jnp.concatenate([by_head, beds.by_lumen * self.graph.at_bed(elastance)])
        return CellSlopes(self.graph.leaving(by_tail) + self.graph.arriving(by_head), by_tail, by_head)

    def pushed(self, slope: Slopes, share: Float[Array, "cells elastic batch"]) -> Float[Array, "beds elastic batch"]:
        """By the pressures of both cells."""
        return slope.by_bed[:, None] * self.graph.at_bed(share) + slope.by_feed[:, None] * self.graph.at_feed(share)
