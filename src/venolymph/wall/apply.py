"""A slow state becomes numbers of the network.

A thin wall of mass m at a natural radius r has `p = (m / r^2) f(a)`, a being the lumen's stretch. Elastin bears the
linear part of f, that of the collagen term included, so that damage softens a wall that is hardly stretched:

    unstressed area        A exp(2 x)
    collagen               C e^m / exp(2 x)
    elastin                ((1 - D) (E + C) - e^m C) / exp(2 x)
    length                 by tortuosity
    bore of a perforator   exp(2 x)
    leak of a valve        M

Here x, m, D are changes from the leg as it is documented, whose numbers stay as they are without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from venolymph.body.vein_cells import ABSENT_AREA
from venolymph.network.parameters import Parameters
from venolymph.network.topology import Topology
from venolymph.wall.state import SlowWall, WallPlaces


@dataclass(frozen=True)
class AsDocumented:
    """A leg as its document has it.

    Attributes:
        parameters: of the network.
        wall: the slow state that it is in.
        tortuosity: of its veins by cell of `places`, 1.
    """

    parameters: Parameters
    wall: SlowWall
    tortuosity: Float[Array, "slow_cells batch"]


def grown(
    begun: AsDocumented, places: WallPlaces, wall: SlowWall, tortuosity: Float[Array, "slow_cells batch"]
) -> Parameters:
    """Parameters of a leg whose walls have grown.

    Args:
        begun: the leg as documented.
        places: whose state it is.
        wall: the state.
        tortuosity: of the veins, 1.
    """
    count, cells, faces = len(places.cells), np.array(places.cells), np.array(places.faces)
    wide = jnp.exp(2.0 * (wall.radius - begun.wall.radius))
    mass = jnp.exp(wall.mass - begun.wall.mass)[:count]
    elastin_left = ((1.0 - wall.damage) / (1.0 - begun.wall.damage))[:count]
    old = begun.parameters
    elastin, collagen = old.cells.elastin_stiffness[cells], old.cells.collagen_stiffness[cells]
    changed = (
        old.cells.unstressed_area.at[cells].multiply(wide[:count]),
        old.cells.collagen_stiffness.at[cells].set(collagen * mass / wide[:count]),
        old.cells.elastin_stiffness.at[cells].set(
            (elastin_left * (elastin + collagen) - mass * collagen) / wide[:count]
        ),
        old.cells.length.at[cells].multiply(tortuosity / begun.tortuosity),
        old.faces.channel_area.at[faces].multiply(wide[count:]),
        old.valves.leak.at[np.array(places.valves)].set(wall.leak),
    )
    return eqx.tree_at(
        lambda p: (
            p.cells.unstressed_area,
            p.cells.collagen_stiffness,
            p.cells.elastin_stiffness,
            p.cells.length,
            p.faces.channel_area,
            p.valves.leak,
        ),
        old,
        changed,
    )


def softened(parameters: Parameters, compliance: float) -> Parameters:
    """The same with walls that stretch so many times as far under any pressure, as in pregnancy."""
    cells = parameters.cells
    stiff = (cells.elastin_stiffness, cells.collagen_stiffness, cells.collagen_exponent)
    return eqx.tree_at(
        lambda p: (p.cells.elastin_stiffness, p.cells.collagen_stiffness, p.cells.collagen_exponent),
        parameters,
        tuple(value / compliance for value in stiff),
    )


def operated(parameters: Parameters, topology: Topology, closed: Sequence[str], gone: Sequence[int]) -> Parameters:
    """The same with veins tied off and veins that are gone.

    Args:
        parameters: of the network.
        topology: of the network.
        closed: names of valves at which a vein is tied off.
        gone: numbers of cells that hold no more blood.
    """
    tied = [topology.valve_face[topology.valves.index(name)] for name in closed]
    lost = np.isin(np.array(topology.tail), gone) | np.isin(np.array(topology.head), gone)
    faces = np.array([*tied, *np.flatnonzero(lost)], int)
    cells = np.array(gone, int)
    return eqx.tree_at(
        lambda p: (p.faces.open, p.cells.unstressed_area),
        parameters,
        (parameters.faces.open.at[faces].set(0.0), parameters.cells.unstressed_area.at[cells].set(ABSENT_AREA)),
    )
