"""The law of linear cells: they hold their compliance times their pressure, which is their state.

A junction has no compliance and holds nothing. Linear cells have no length to run along, no lumen that a valve could
sit in, and nothing presses on them. They do not collapse, so that Newton may iterate in their pressure; and one that
stores nothing has no volume to iterate in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import final

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from venolymph.errors import NetworkError
from venolymph.network.cell_law import CellLaw, VesselShapes
from venolymph.network.drive import Drive
from venolymph.network.graph import Graph
from venolymph.network.law import Law
from venolymph.network.parameters import Cells, Parameters
from venolymph.network.stage import CellStage, Prepared, StageInputs
from venolymph.network.topology import Topology
from venolymph.network.veins import Veins


def compliance_of(cells: Cells) -> Float[Array, "linear batch"]:
    """Volume per pressure of the linear cells, mL/mmHg.

    Raises:
        NetworkError: where the parameters have none.
    """
    if cells.compliance is None:
        raise NetworkError("the topology has linear cells, the parameters have no compliance")
    return cells.compliance


def stored(
    compliance: Float[Array, "*n batch"], pressure: Float[Array, "*n batch"]
) -> tuple[Float[Array, "*n batch"], Float[Array, "*n batch"]]:
    """Volume above that at zero pressure, mL, and its slope against the pressure, mL/mmHg."""
    volume = compliance * pressure
    return volume, jnp.broadcast_to(compliance, volume.shape)


@final
class LinearStores(CellLaw):
    """All cells are linear."""

    always_linear = True
    scale_free = True
    solved_at_start = True

    def __init__(self, topology: Topology) -> None:
        self.rows = np.array(topology.linear, np.int32)
        self.elastic, self.valves = len(topology.elastic), len(topology.valves)

    def shapes(self, parameters: Parameters, drive: Drive) -> VesselShapes:
        """Of no vessel."""
        one = jnp.ones_like(parameters.cells.length)
        none = 0.0 * one
        return VesselShapes(
            unstressed=one,
            friction=none,
            column=none,
            bundle=one,
            pressing=jnp.zeros((self.elastic, *one.shape)),
            in_channel=jnp.ones((self.valves, one.shape[-1])),
        )

    def at(self, inputs: StageInputs, state: Float[Array, "cells batch"]) -> CellStage:
        """Linear cells under these pressures, mmHg."""
        return CellStage(state, None)

    def transmural(self, cells: CellStage) -> Float[Array, "cells batch"]:
        """The pressure, mmHg."""
        return cells.pressure

    def creep(self, inputs: StageInputs, cells: CellStage) -> Float[Array, "cells batch"]:
        """As it was: nothing creeps."""
        return inputs.rhs.creep

    def elastance(self, inputs: StageInputs, cells: CellStage) -> Float[Array, "cells batch"]:
        """One: the state is the pressure."""
        return jnp.ones_like(cells.pressure)

    def by_kind(self, of_veins: Array, of_stores: Array) -> Array:
        """The second value."""
        return of_stores

    def capacity(self, parameters: Parameters) -> Float[Array, "cells batch"]:
        """The compliance, mL/mmHg."""
        cells = parameters.cells.length
        return jnp.broadcast_to(compliance_of(parameters.cells), cells.shape)[np.argsort(self.rows)]

    def residual(self, inputs: StageInputs, state: Array, net: Array) -> Float[Array, "cells batch"]:
        """What `C (p_rhs - p)` and `-h net` differ by, mL."""
        return self.per_state(inputs.prepared) * (inputs.rhs.volume - state) + inputs.h * net

    def stored_volume(self, parameters: Parameters, state: Array) -> Float[Array, "cells batch"]:
        """Compliance times pressure, mL."""
        every = jnp.zeros_like(state).at[self.rows].set(compliance_of(parameters.cells))
        return stored(every, state)[0]

    def with_volumes_kept(self, before: Parameters, after: Parameters, state: Array) -> Float[Array, "cells batch"]:
        """Pressures that hold the same volume; where nothing is stored, before or after, they stay."""
        old, new = compliance_of(before.cells), compliance_of(after.cells)
        stores = (old > 0.0) & (new > 0.0)
        factor = jnp.where(stores, old / jnp.where(stores, new, 1.0), 1.0)
        return state.at[self.rows].multiply(factor)

    def rounding(self, size: Callable[[], Array]) -> Array:
        """That of the equation: pressures may be large beside what a small compliance stores."""
        return size()

    def at_start(self, prepared: Prepared, state: Array, solved: Array) -> Float[Array, "cells batch"]:
        """What stores nothing keeps no pressure."""
        return jnp.where(self.per_state(prepared) > 0.0, state, solved)


@final
class VeinsAndStores(CellLaw):
    """Some cells are veins, some linear."""

    solved_at_start = True

    def __init__(self, topology: Topology, graph: Graph) -> None:
        self.graph, self.veins, self.stores = graph, Veins(graph), LinearStores(topology)
        self.linear = np.zeros((topology.n_cells, 1), bool)
        self.linear[self.stores.rows] = True

    def by_kind(self, of_veins: Array, of_stores: Array) -> Array:
        """The first value where a cell is a vein, the second where it is linear."""
        return jnp.where(self.linear, of_stores, of_veins)

    def shapes(self, parameters: Parameters, drive: Drive) -> VesselShapes:
        """Of the veins, and none of linear cells."""
        of = self.veins.shapes(parameters, drive)
        in_channel = jnp.maximum(of.in_channel, self.graph.at_ring(jnp.asarray(self.linear, jnp.float64)))
        none = jnp.asarray(0.0)
        return VesselShapes(
            unstressed=self.by_kind(of.unstressed, none + 1.0),
            friction=self.by_kind(of.friction, none),
            column=self.by_kind(of.column, none),
            bundle=self.by_kind(of.bundle, none + 1.0),
            pressing=self.by_kind(of.pressing, none),
            in_channel=in_channel,
        )

    def at(self, inputs: StageInputs, state: Float[Array, "cells batch"]) -> CellStage:
        """Veins that hold these volumes and linear cells under these pressures."""
        # The law of the wall is evaluated for linear cells, at rest, and not used.
        rest = inputs.prepared.unstressed
        rhs = replace(inputs.rhs, volume=self.by_kind(inputs.rhs.volume, rest))
        cells = self.veins.at(inputs._replace(rhs=rhs), self.by_kind(state, rest))
        return eqx.tree_at(lambda c: c.pressure, cells, self.by_kind(cells.pressure, state))

    def transmural(self, cells: CellStage) -> Float[Array, "cells batch"]:
        """Pressure across each wall, mmHg."""
        return self.by_kind(self.veins.transmural(cells), self.stores.transmural(cells))

    def creep(self, inputs: StageInputs, cells: CellStage) -> Float[Array, "cells batch"]:
        """Creep of each wall, 1."""
        return self.veins.creep(inputs, cells)

    def elastance(self, inputs: StageInputs, cells: CellStage) -> Float[Array, "cells batch"]:
        """Slope of each cell's pressure against its state."""
        return self.by_kind(self.veins.elastance(inputs, cells), self.stores.elastance(inputs, cells))

    def capacity(self, parameters: Parameters) -> Float[Array, "cells batch"]:
        """The compliance of linear cells, mL/mmHg; 1 of veins."""
        return jnp.ones_like(parameters.cells.length).at[self.stores.rows].set(compliance_of(parameters.cells))

    def residual(self, inputs: StageInputs, state: Array, net: Array) -> Float[Array, "cells batch"]:
        """Residual of each cell's volume equation, mL."""
        return self.stores.residual(inputs, state, net)  # a vein's state is 1 mL per mL

    def stored_volume(self, parameters: Parameters, state: Array) -> Float[Array, "cells batch"]:
        """Volume of each cell, mL."""
        return self.by_kind(state, self.stores.stored_volume(parameters, state))

    def with_volumes_kept(self, before: Parameters, after: Parameters, state: Array) -> Float[Array, "cells batch"]:
        """States in which every volume is as before."""
        return self.stores.with_volumes_kept(before, after, state)

    def rounding(self, size: Callable[[], Array]) -> Array:
        """That of linear cells' equations."""
        return self.by_kind(jnp.asarray(0.0), self.stores.rounding(size))

    def at_start(self, prepared: Prepared, state: Array, solved: Array) -> Float[Array, "cells batch"]:
        """What stores nothing keeps no pressure."""
        return self.stores.at_start(prepared, state, solved)


def _stored_at(cells: Cells, pressure: Float[Array, "one batch"]) -> tuple[Array, Array]:
    """What each linear cell stores at a pressure, and its slope against that."""
    return stored(compliance_of(cells), pressure)


LAWS = (
    Law(
        name="volume of a linear cell at a pressure",
        parts=(Cells,),
        variable="pressure",
        unit="mmHg",
        between=(-20.0, 150.0),
        gives="volume above that at zero pressure",
        gives_unit="mL",
        trend="rises",
        at=_stored_at,
        source="definition of compliance",
    ),
)
