"""All chambers of a circuit as arrays, and what they are like at a time.

A heart's chamber has an elastance and an unstressed volume that follow its activation; a wall that stiffens as it
fills does so by what is not activated. The store inside heart muscle has an elastance that stays, and what presses
around it is a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from venolymph.interop.svzerod.activation import activation, largest
from venolymph.interop.svzerod.circuit import ChamberNode
from venolymph.network import Chambers

_NUMBERS = 5
"""The most numbers that an activation function has."""


class ChamberValues(eqx.Module):
    """Numbers of chambers, members side by side; units of the file.

    Attributes:
        elastance, active_elastance: at rest, and what full activation adds.
        unstressed, active_unstressed: volume at which these press with nothing, and what full activation adds.
        stiffness, exponent, stiff_from: of the wall that stiffens as it fills.
        numbers: of the activation function, those that it has first.
        peak: of that function before it is scaled.
        kinds: the activation function of each (static); "" for none.
        period: of the heart (static).
    """

    elastance: Float[Array, "chambers batch"]
    active_elastance: Float[Array, "chambers batch"]
    unstressed: Float[Array, "chambers batch"]
    active_unstressed: Float[Array, "chambers batch"]
    stiffness: Float[Array, "chambers batch"]
    exponent: Float[Array, "chambers batch"]
    stiff_from: Float[Array, "chambers batch"]
    numbers: Float[Array, "chambers numbers batch"]
    peak: Float[Array, "chambers batch"]
    kinds: tuple[str, ...] = eqx.field(static=True)
    period: float = eqx.field(static=True)

    def at(self, time: Array, around: Float[Array, "chambers batch"]) -> Chambers:
        """What they are like at a time of the run, with these pressures around them."""
        still = jnp.zeros_like(around[0])
        active = jnp.stack(
            [
                activation(kind, self.numbers[n], self.peak[n], time, self.period) if kind else still
                for n, kind in enumerate(self.kinds)
            ]
        )
        return Chambers(
            around=around,
            elastance=self.elastance + active * self.active_elastance,
            unstressed=self.unstressed + active * self.active_unstressed,
            stiffness=(1.0 - active) * self.stiffness,
            exponent=self.exponent,
            stiff_from=self.stiff_from,
        )

    def left_out(
        self, around: Float[Array, "points chambers batch"], which: Sequence[bool]
    ) -> tuple[ChamberValues, Float[Array, "points chambers batch"]]:
        """Some of them as junctions, whose state is their pressure; and what is then around all."""
        out = np.array(which)[:, None]
        one = replace(self, elastance=jnp.where(out, 1.0, self.elastance))
        return replace(one, unstressed=jnp.where(out, 0.0, self.unstressed)), jnp.where(out, 0.0, around)


def chamber_values(chambers: tuple[ChamberNode, ...], period: float) -> ChamberValues | None:
    """Numbers of these chambers, one member; None where there are none."""
    if not chambers:
        return None

    def column(name: str) -> Array:
        return jnp.asarray(np.array([[getattr(chamber, name)] for chamber in chambers]))

    numbers = [(*chamber.numbers, *(1.0,) * (_NUMBERS - len(chamber.numbers))) for chamber in chambers]
    return ChamberValues(
        elastance=column("elastance"),
        active_elastance=column("active_elastance"),
        unstressed=column("unstressed"),
        active_unstressed=column("active_unstressed"),
        stiffness=column("stiffness"),
        exponent=column("exponent"),
        stiff_from=column("stiff_from"),
        numbers=jnp.asarray(np.array(numbers)[:, :, None]),
        peak=jnp.asarray([[largest(chamber.activation, chamber.numbers, period)] for chamber in chambers]),
        kinds=tuple(chamber.activation for chamber in chambers),
        period=period,
    )
