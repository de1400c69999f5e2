"""What is believed of a number before it is measured: normal, lognormal or uniform.

Every prior is a standard normal number `z`, bent: so all parameters have one scale, and none can leave its range.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import jax.numpy as jnp
from jax.scipy.special import ndtr, ndtri
from jaxtyping import Array, Float

from venolymph.errors import DocumentError

Shape = Literal["normal", "lognormal", "uniform"]

SIDE = 1.6448536269514722
"""Standard deviations from the middle of a normal distribution to either end of its middle 90 %, 1."""


@dataclass(frozen=True)
class Prior:
    """A distribution of one number.

    Attributes:
        shape: normal, lognormal or uniform.
        first: mean (normal), median (lognormal) or lower end (uniform).
        second: standard deviation (normal), that of the logarithm (lognormal), or upper end (uniform).
    """

    shape: Shape
    first: float
    second: float

    def __post_init__(self) -> None:
        finite = math.isfinite(self.first) and math.isfinite(self.second)
        wide = self.second > (self.first if self.shape == "uniform" else 0.0)
        if not finite or not wide or (self.shape == "lognormal" and self.first <= 0.0):
            allowed = {
                "normal": "a mean and a standard deviation above 0",
                "lognormal": "a median above 0 and a standard deviation of the logarithm above 0",
                "uniform": "a lower end and a greater upper end",
            }[self.shape]
            raise DocumentError(
                f"found {self.first:g} and {self.second:g}; a {self.shape} prior needs {allowed}",
                hint="as in {lognormal: [1, 0.3]} or {uniform: [0.5, 2]}",
            )

    def value(self, z: Any) -> Any:
        """The number that a standard normal one stands for; it grows with `z`."""
        if self.shape == "normal":
            return self.first + self.second * z
        if self.shape == "lognormal":
            return self.first * jnp.exp(self.second * z)
        return self.first + (self.second - self.first) * ndtr(z)

    def standard(self, value: Any) -> Any:
        """The standard normal number that stands for `value`; NaN or infinite where the prior excludes it."""
        if self.shape == "normal":
            return (value - self.first) / self.second
        if self.shape == "lognormal":
            return jnp.log(value / self.first) / self.second
        return ndtri((value - self.first) / (self.second - self.first))

    @property
    def text(self) -> str:
        """It in words."""
        if self.shape == "uniform":
            return f"anything from {self.first:.3g} to {self.second:.3g}"
        low, high = (float(self.value(z)) for z in (-SIDE, SIDE))
        return f"{self.shape}, 90 % between {low:.3g} and {high:.3g}"


def values(priors: Sequence[Prior], z: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """The numbers that standard normal ones stand for, row by row, a row a parameter."""
    return jnp.stack([prior.value(row) for prior, row in zip(priors, z, strict=True)])
