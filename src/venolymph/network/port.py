"""A port: where one circuit gives volume to another that steps at a rate of its own.

What is given waits, and enters the receiver at a constant rate over its next call. Each mL is booked once as given and
once as received, and what is under way is known, so that both circuits together keep their volume to rounding.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from jaxtyping import Array, Float

from venolymph.network.tr_bdf2 import TRAPEZOID_WEIGHT

SHORTEST_TRANSFER = 60.0
"""What waits is spread over at least this time, s: minutes of standing would else leave in one step."""


def rate_of(waiting: Float[Array, "cells batch"], span: float) -> Float[Array, "cells batch"]:
    """Rate at which what waits enters each cell over a call of `span` s, mL/s; a part of it where the call is short."""
    return waiting / max(span, SHORTEST_TRANSFER)


@dataclass(frozen=True)
class CircuitPort:
    """What is under way to each cell of a circuit that TR-BDF2 steps, over one phase.

    Attributes:
        waiting: given and not yet received (negative: to be taken from the cell), mL.
        rate: at which it entered in the call before, mL/s.
        received: in the phase so far, mL.
    """

    waiting: Float[Array, "cells batch"]
    rate: Float[Array, "cells batch"]
    received: Any = 0.0

    def receive(self, span: float, dt: float) -> CircuitPort:
        """The port after a call of the receiver.

        Args:
            span: duration of the call, s.
            dt: length of its steps, s.
        """
        rate = rate_of(self.waiting, span)
        # The first trapezoidal stage of a call still uses the rate of the call before.
        volume = rate * span - TRAPEZOID_WEIGHT * dt * (rate - self.rate)
        return CircuitPort(self.waiting - volume, rate, self.received + volume)

    def give(self, volume: Float[Array, "cells batch"]) -> CircuitPort:
        """The port with a further volume on its way, mL."""
        return replace(self, waiting=self.waiting + volume)
