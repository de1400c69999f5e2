"""The law of chambers: their pressure follows from their volume, and from what a drive does with time.

    p = p_0 + E (V - V_0) + B (exp(k (V - V_k)) - 1)

with p_0 the pressure around, E the elastance, V_0 the volume at which it presses with nothing, and B and k those of a
wall that stiffens as it fills. A heart's chamber has E that changes through a beat; a store inside muscle that
contracts has p_0 that does. The state of a chamber is its volume.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import final

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from venolymph.errors import NetworkError
from venolymph.network.cell_law import CellLaw, VesselShapes
from venolymph.network.drive import Chambers, Drive
from venolymph.network.law import Law
from venolymph.network.linear_store import LinearStores
from venolymph.network.parameters import Parameters
from venolymph.network.stage import CellStage, Prepared, StageInputs
from venolymph.network.topology import Topology


def chamber_pressure(
    chambers: Chambers, volume: Float[Array, "chambers batch"]
) -> tuple[Float[Array, "chambers batch"], Float[Array, "chambers batch"]]:
    """Pressure of chambers that hold these volumes (mmHg), and its slope against them (mmHg/mL).

    Args:
        chambers: what they are like at that time.
        volume: mL.
    """
    stiff = chambers.stiffness * jnp.exp(chambers.exponent * (volume - chambers.stiff_from))
    elastic = chambers.elastance * (volume - chambers.unstressed)
    return chambers.around + elastic + stiff - chambers.stiffness, chambers.elastance + chambers.exponent * stiff


@final
class StoresAndChambers(CellLaw):
    """All cells are linear but for chambers."""

    scale_free = True
    solved_at_start = True

    def __init__(self, topology: Topology) -> None:
        self.stores, self.rows = LinearStores(topology), np.array(topology.chambers, np.int32)

    def at(self, inputs: StageInputs, state: Float[Array, "cells batch"]) -> CellStage:
        """Linear cells under these pressures (mmHg), chambers that hold these volumes (mL)."""
        chambers = inputs.prescribed.chambers
        if chambers is None:
            raise NetworkError("the topology has chambers, the drive says nothing of them")
        pressure, slope = chamber_pressure(chambers, state[self.rows])
        cells = self.stores.at(inputs, state)
        every = jnp.ones_like(state).at[self.rows].set(slope)
        return replace(cells, pressure=cells.pressure.at[self.rows].set(pressure), stiffness=every)

    def elastance(self, inputs: StageInputs, cells: CellStage) -> Float[Array, "cells batch"]:
        """Slope of each cell's pressure against its state."""
        assert cells.stiffness is not None, "these cells were not made by this law"
        return cells.stiffness

    def shapes(self, parameters: Parameters, drive: Drive) -> VesselShapes:
        """Of no vessel."""
        return self.stores.shapes(parameters, drive)

    def transmural(self, cells: CellStage) -> Float[Array, "cells batch"]:
        """The pressure, mmHg."""
        return self.stores.transmural(cells)

    def creep(self, inputs: StageInputs, cells: CellStage) -> Float[Array, "cells batch"]:
        """As it was: nothing creeps."""
        return self.stores.creep(inputs, cells)

    def by_kind(self, of_veins: Array, of_stores: Array) -> Array:
        """The second value: Newton iterates in all states."""
        return of_stores

    def capacity(self, parameters: Parameters) -> Float[Array, "cells batch"]:
        """The compliance of linear cells, mL/mmHg; 1 of chambers, or 0 where they are shut off and store nothing."""
        return self.stores.capacity(parameters)

    def residual(self, inputs: StageInputs, state: Array, net: Array) -> Float[Array, "cells batch"]:
        """Residual of each cell's volume equation, mL."""
        return self.stores.residual(inputs, state, net)

    def stored_volume(self, parameters: Parameters, state: Array) -> Float[Array, "cells batch"]:
        """Volume of each cell, mL."""
        return self.stores.stored_volume(parameters, state)

    def with_volumes_kept(self, before: Parameters, after: Parameters, state: Array) -> Float[Array, "cells batch"]:
        """States that hold the same volume."""
        return self.stores.with_volumes_kept(before, after, state)

    def rounding(self, size: Callable[[], Array]) -> Array:
        """That of the equation."""
        return self.stores.rounding(size)

    def at_start(self, prepared: Prepared, state: Array, solved: Array) -> Float[Array, "cells batch"]:
        """What stores nothing keeps no state."""
        return self.stores.at_start(prepared, state, solved)

    def pressure_at_start(self, solved: Array, state: Array) -> Float[Array, "cells batch"]:
        """Of chambers that which was solved for."""
        return state.at[self.rows].set(solved[self.rows])


LAWS = (
    Law(
        name="pressure of a chamber at a volume",
        parts=(Chambers,),
        variable="volume",
        unit="mL",
        between=(0.0, 200.0),
        gives="pressure inside",
        gives_unit="mmHg",
        trend="rises",
        at=chamber_pressure,
        source="definition of elastance, with an exponential passive wall (svZeroDSolver's own)",
    ),
)
