"""The contract of a law: how one quantity follows from one variable, with value and slope given together.

Each file of this room that holds the equation of one physical thing ends with `LAWS`, a tuple of these. One battery of
tests (`tests/network/test_laws_of_the_engine.py`) holds them all to the same: finite and float64 over the whole range,
rising or falling as they say, slopes that are derivatives, each member of a batch as if it were alone, and derivatives
with respect to every parameter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Evaluation = Callable[..., tuple[Array, Array]]
"""A function of parameters and of the variable, shape (1, batch), that gives value and slope, both (places, batch)."""


@dataclass(frozen=True, kw_only=True)
class Law:
    """A law.

    Attributes:
        name: what follows from what, in words.
        parts: classes of the parameters that it takes, in the order of the arguments of `at`.
        variable, unit: what it follows from.
        between: range of the variable over which the law holds.
        gives, gives_unit: what follows.
        trend: whether it rises or falls with the variable (it may stay the same for a while), or turns.
        at: value and slope from parameters and variable.
        source: key of `figures/references.bib`, or what it is derived from in words.
    """

    name: str
    parts: tuple[type, ...]
    variable: str
    unit: str
    between: tuple[float, float]
    gives: str
    gives_unit: str
    trend: Literal["rises", "falls", "turns"]
    at: Evaluation
    source: str


def differentiated(value: Callable[..., Float[Array, "places batch"]]) -> Evaluation:
    """Value and slope of a law whose slope JAX works out; `value` takes the variable last."""

    def at(*arguments: Any) -> tuple[Array, Array]:
        *parts, x = arguments
        return jax.jvp(lambda variable: value(*parts, variable), (x,), (jnp.ones_like(x),))

    return at
