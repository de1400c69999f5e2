"""Derivatives of readings, by JAX and by differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax


def slopes(reading: Callable[[Any], Any], at: float, step: float = 1e-6) -> tuple[float, float]:
    """Derivative of a reading by JAX and by central differences, compiled once each."""
    compiled = jax.jit(reading)
    by_hand = (compiled(at + step) - compiled(at - step)) / (2 * step)
    return float(jax.jit(jax.grad(reading))(float(at))), float(by_hand)
