"""The contract of cells: what their state is, what follows from it, and what they store."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from venolymph.network.drive import Drive
from venolymph.network.parameters import Parameters
from venolymph.network.stage import CellStage, Prepared, StageInputs


class VesselShapes(eqx.Module):
    """What does not change during a phase of the vessels that cells are.

    Attributes:
        unstressed: volume at zero transmural pressure with the phase's calibre, mL.
        friction: constant part of the resistance (see `vessel.resistance_shape`), mmHg s mL.
        column: inertance times volume, mmHg s2.
        bundle: number of vessels times their length, cm.
        pressing: share of each elastic surrounding's pressure that reaches a cell, 1.
        in_channel: of each valve, 1 where it sits in the face's own channel, 0 where in the tail's vessels, 1.
    """

    unstressed: Float[Array, "cells batch"]
    friction: Float[Array, "cells batch"]
    column: Float[Array, "cells batch"]
    bundle: Float[Array, "cells batch"]
    pressing: Float[Array, "elastic cells batch"]
    in_channel: Float[Array, "valves batch"]


class CellLaw(ABC):
    """How cells hold what is in them.

    Attributes:
        always_linear: whether all pressures are linear in the states, always in the same way.
        scale_free: whether nothing but the numbers given says what is small: no volume of a vein does.
        solved_at_start: whether some pressures follow from a solution alone (of junctions, which store nothing).
    """

    always_linear: bool = False
    scale_free: bool = False
    solved_at_start: bool = False

    @abstractmethod
    def shapes(self, parameters: Parameters, drive: Drive) -> VesselShapes:
        """What does not change during a phase."""

    @abstractmethod
    def at(self, inputs: StageInputs, state: Float[Array, "cells batch"]) -> CellStage:
        """Cells whose states at the end of a stage are these."""

    @abstractmethod
    def transmural(self, cells: CellStage) -> Float[Array, "cells batch"]:
        """Pressure across the wall of each cell, mmHg; a linear cell has none, and counts with its pressure."""

    @abstractmethod
    def creep(self, inputs: StageInputs, cells: CellStage) -> Float[Array, "cells batch"]:
        """Creep of each wall, 1."""

    @abstractmethod
    def elastance(self, inputs: StageInputs, cells: CellStage) -> Float[Array, "cells batch"]:
        """Slope of each cell's pressure against its state (of veins mmHg/mL)."""

    @abstractmethod
    def by_kind(self, of_veins: Array, of_stores: Array) -> Array:
        """The first value where a cell is a vein, the second where it is a linear store."""

    def capacity(self, parameters: Parameters) -> Float[Array, "cells batch"] | None:
        """Volume per unit of state, where that is not 1 for all cells."""
        return None

    def per_state(self, prepared: Prepared) -> Array | float:
        """Volume per unit of state."""
        return 1.0 if prepared.capacity is None else prepared.capacity

    @abstractmethod
    def residual(self, inputs: StageInputs, state: Array, net: Array) -> Float[Array, "cells batch"]:
        """Residual of each cell's volume equation, mL, from states and inflow less outflow, mL/s."""

    @abstractmethod
    def stored_volume(self, parameters: Parameters, state: Array) -> Float[Array, "cells batch"]:
        """Volume of each cell, mL; of a linear one that above its volume at zero pressure."""

    @abstractmethod
    def with_volumes_kept(self, before: Parameters, after: Parameters, state: Array) -> Float[Array, "cells batch"]:
        """States with other parameters in which every volume is as before."""

    def rounding(self, size: Callable[[], Array]) -> Array | float:
        """Residual that rounding alone leaves in each cell, mL, where that can exceed what Newton is to reach.

        Args:
            size: rounding of a linear cell's equation.
        """
        return 0.0

    def at_start(self, prepared: Prepared, state: Array, solved: Array) -> Float[Array, "cells batch"]:
        """States at the start of a phase; what stores nothing takes what was solved for."""
        return state

    def pressure_at_start(self, solved: Array, state: Array) -> Float[Array, "cells batch"]:
        """Pressures at the start of a phase, mmHg, from those solved for and the states."""
        return self.by_kind(solved, state)


def largest(values: Float[Array, "cells batch"], beyond: Array | float = 0.0) -> Float[Array, "one batch"]:
    """Largest size of any row, beyond a size that does not count."""
    return jnp.max(jnp.abs(values) - beyond, axis=0, keepdims=True)
