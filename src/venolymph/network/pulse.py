"""How pressures vary in time: pulses of muscles and hands, trapezoids with smooth rise and fall; breathing, a sine."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float


def smooth_step(x: Float[Array, ...]) -> Float[Array, ...]:
    """From 0 at x <= 0 to 1 at x >= 1 with two continuous derivatives."""
    x = x.clip(0.0, 1.0)  # of numpy or JAX
    return x * x * x * (10.0 + x * (6.0 * x - 15.0))


def trapezoid(
    turn: Float[Array, ...], rise: Float[Array, ...], hold: Float[Array, ...], fall: Float[Array, ...]
) -> Float[Array, ...]:
    """A pulse of height 1 that begins at turn 0; all in one unit, of time or of shares of a period (rise, fall > 0)."""
    return smooth_step(turn / rise) - smooth_step((turn - rise - hold) / fall)


def breath(clock: Float[Array, ...], period: Float[Array, "one batch"]) -> Float[Array, "one batch"]:
    """Share of breathing's amplitude at a time of the run, s, with breaths of `period` s."""
    return jnp.sin(2.0 * jnp.pi * clock / period)


class Beat(eqx.Module):
    """A train of pulses on some rows of a network.

    Attributes:
        height: of each pulse, mmHg.
        onset: its start as a share of the period, 1.
        rise: duration of its rise as a share of the period, 1 (above 0).
        hold: duration of its top, 1.
        fall: duration of its fall, 1 (above 0).
    """

    height: Float[Array, "*time rows batch"]
    onset: Float[Array, "*time rows batch"]
    rise: Float[Array, "*time rows batch"]
    hold: Float[Array, "*time rows batch"]
    fall: Float[Array, "*time rows batch"]

    def at(self, turn: Float[Array, "one batch"]) -> Float[Array, "rows batch"]:
        """Share of its height at a time in periods, 1."""
        part = turn - self.onset
        part = part - (part // 1.0)
        return trapezoid(part, self.rise, self.hold, self.fall)
