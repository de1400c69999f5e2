"""Where Newton starts in a stage where breathing alone moves blood: from the same stage a breath ago.

The previous cycle holds the change of volume in each stage and the factors that it was solved with. Both change the
iterations, not the solution: the residual alone decides where Newton stops.
"""

from __future__ import annotations

from dataclasses import replace

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from venolymph.network.conditional import run_if
from venolymph.network.elimination import elimination_order
from venolymph.network.topology import Topology

STEPS_PER_BREATH = 16
"""Steps per breathing cycle at rest. The flow is periodic there, so the previous cycle predicts each step."""


class CycleMemory(eqx.Module):
    """Both stages of each step of the previous breathing cycle (see `STEPS_PER_BREATH`).

    Attributes:
        fits: members whose breathing period is `steps` steps; nothing is stored for others.
        changes: change of volume in each stage, mL; NaN where a stage is not stored.
        factors: entries of the factors of the Newton matrix that each stage was solved with.
        now: entries of the last factors; before a stage those of the same stage of the previous cycle, if stored.
        usable: whether they are stored.
    """

    fits: Bool[Array, "one batch"]
    changes: Float[Array, "steps two cells batch"]
    factors: Float[Array, "steps two entries batch"]
    now: Float[Array, "entries batch"]
    usable: Bool[Array, "one batch"]


def empty_cycle_memory(topology: Topology, steps: int, fits: Bool[Array, "one batch"]) -> CycleMemory:
    """An empty memory for a breathing cycle of `steps` steps, used by the members whose cycle it fits."""
    entries, batch = elimination_order(topology).size, fits.shape[-1]
    return CycleMemory(
        fits=fits,
        changes=jnp.full((steps, 2, topology.n_cells, batch), jnp.nan),
        factors=jnp.zeros((steps, 2, entries, batch)),
        now=jnp.zeros((entries, batch)),
        usable=jnp.zeros_like(fits),
    )


def guess(
    memory: CycleMemory | None, which: tuple[Array, int], volume: Array, extrapolated: Array
) -> tuple[Array, CycleMemory | None]:
    """Initial guess: current volume plus the change in the same stage of the previous cycle; also its factors.

    With few steps per breath polynomials extrapolate badly: their residual is a hundred times larger. Where the
    previous cycle is not stored the guess stays, and no factors are reused.

    Args:
        memory: of the previous cycle; None where there is none.
        which: step of the breath, and stage of the step.
        volume: at the start of the stage, mL.
        extrapolated: volume at its end, extrapolated by polynomials, mL.
    """
    if memory is None:
        return extrapolated, memory

    def from_last_cycle(carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        guess, now, _ = carry
        ago, factors = memory.changes[which], memory.factors[which]
        there = ~jnp.isnan(ago[:1])
        return jnp.where(there, volume + ago, guess), jnp.where(there, factors, now), there

    nobody = jnp.zeros_like(memory.fits)
    found, now, usable = run_if(jnp.any(memory.fits), from_last_cycle, (extrapolated, memory.now, nobody))
    return found, replace(memory, now=now, usable=usable)


def store(memory: CycleMemory | None, which: tuple[Array, int], change: Array) -> CycleMemory | None:
    """The memory with a solved stage: its change of volume, mL, and the factors it was solved with."""
    if memory is None:
        return memory

    def with_this(rows: tuple[Array, Array]) -> tuple[Array, Array]:
        changes, factors = rows
        return changes.at[which].set(jnp.where(memory.fits, change, jnp.nan)), factors.at[which].set(memory.now)

    changes, factors = run_if(jnp.any(memory.fits), with_this, (memory.changes, memory.factors))
    return replace(memory, changes=changes, factors=factors)
