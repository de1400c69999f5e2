"""A depot of tracer: what was injected lies by initial lymphatics and mixes only slowly with the fluid of the place.

With u the lymph that forms in the compartment and V the fluid of it that the solute finds, of an amount A

    dA/dt = -(lambda u / V + x) A

the first part goes with the lymph, lambda times as readily as from fluid anywhere in the tissue, and the second mixes
with that, by diffusion and so the faster the smaller the solute. Capillaries wash out what has mixed.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float


class Depots(eqx.Module):
    """Parameters of the injected depot of each compartment.

    Attributes:
        nearness: how much more readily lymph takes it than what is spread through the tissue lambda, 1.
        spread: rate x at which each solute mixes with the tissue's fluid, 1/s.
    """

    nearness: Float[Array, "compartments batch"]
    spread: Float[Array, "solutes compartments batch"]


def clear_depots(
    depots: Depots,
    amount: Float[Array, "solutes compartments batch"],
    taken: Float[Array, "compartments batch"],
    available: Float[Array, "solutes compartments batch"],
    span: Float[Array, ""],
) -> tuple[Float[Array, "solutes compartments batch"], Float[Array, "solutes compartments batch"]]:
    """Amounts that leave depots with lymph, and that mix with the tissue fluid, in some time, mg.

    Args:
        depots: parameters.
        amount: in each depot before, mg.
        taken: lymph that forms in each compartment meanwhile, mL.
        available: fluid of each compartment that each solute finds, mL.
        span: the time, s.
    """
    with_lymph = (depots.nearness * jnp.maximum(taken, 0.0))[None] / available
    mixed = depots.spread * span
    both = with_lymph + mixed
    # the share that goes over what it would be at the first rate: 1 where nothing goes
    less = jnp.where(both > 1e-12, -jnp.expm1(-both) / jnp.maximum(both, 1e-12), 1.0)
    return amount * less * with_lymph, amount * less * mixed
