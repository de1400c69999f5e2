"""Solutes that lymph carries, with the volumes that move and at the concentration of their source.

Never more is carried than the source holds.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from venolymph.network.lymph_tree import Tree


def densities(
    tree: Tree,
    content: Float[Array, "solutes cells batch"],
    volume: Float[Array, "cells batch"],
    ahead: Float[Array, "outflows batch"],
    back: Float[Array, "outflows batch"],
    otherwise: Float[Array, "cells batch"],
) -> Float[Array, "solutes cells batch"]:
    """Concentration of solute in the outflow of each cell, mg/mL.

    It is that of the cell, unless more volume leaves than the cell held: then all of its solute leaves, and no more.

    Args:
        tree: of the vessels.
        content: of each solute in each cell, mg.
        volume: of each cell before, mL.
        ahead: volume through each outflow, mL.
        back: volume that came back through it, mL.
        otherwise: volume that leaves each cell by other ways, mL.
    """
    out = ahead + otherwise + jnp.concatenate([jnp.zeros_like(ahead[: tree.initials]), tree.arriving(back)])
    return content / jnp.maximum(volume, out)[None]


def carried(
    tree: Tree,
    density: Float[Array, "solutes cells batch"],
    ahead: Float[Array, "outflows batch"],
    back: Float[Array, "outflows batch"],
) -> Float[Array, "solutes outflows batch"]:
    """Solute carried through each outflow by volumes in mL, mg (negative: backwards)."""
    vessels = density[:, tree.initials :]
    ends = jnp.zeros((len(vessels), tree.ends, vessels.shape[-1]))
    value_downstream = jnp.concatenate([vessels, ends], axis=1)[:, tree.down]
    return density * ahead[None] - value_downstream * back[None]
