"""Work that is done only where it is needed, within a compiled program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array


def run_if(condition: Array, work: Callable[[Any], Any], value: Any) -> Any:
    """`work(value)` where the condition holds, else `value`: a while-loop of at most one turn, which the CPU fuses."""
    return lax.while_loop(lambda c: c[0], lambda c: (jnp.asarray(False), work(c[1])), (condition, value))[1]
