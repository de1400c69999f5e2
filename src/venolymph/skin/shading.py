"""Shadow of the shape under the eye: a bag above a trough, in light of a named direction and softness.

The lid and cheek are a profile in an upright plane: how far the skin stands out by the distance down from the lashes. A
bag is a bump, a trough a groove, each a bell curve. Light comes from the front and above, evenly from a fan of
elevations: narrow from a lamp, wide from the sky. Skin takes light by the cosine of its slope to it (Lambert) from that
part of the fan that the skin above does not hide. Brow, nose, and light that skin throws on skin are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from venolymph.errors import VenolymphError, nearest
from venolymph.skin.chromophores import Numbers, numbers

LIGHTS = ("front", "window", "above", "overhead", "overcast")
"""Lights by name."""
BELOW_LASHES = np.arange(0.0, 30.01, 0.25)
"""Distance down the profile, mm."""
RAYS = 46


@dataclass(frozen=True)
class Shape:
    """Shape of the skin under an eye.

    Attributes:
        trough: depth of the groove between lid and cheek, mm.
        bag: height of the bump above it, mm.
    """

    trough: float = 0.5
    bag: float = 0.0

    def __post_init__(self) -> None:
        for name, value in (("trough", self.trough), ("bag", self.bag)):
            if not 0.0 <= value <= 10.0:
                raise VenolymphError(f"found {value} mm; allowed are 0 to 10", place=name)

    def outline(self, known: Numbers | None = None) -> Float[np.ndarray, " s"]:
        """How far the skin stands out at `BELOW_LASHES`, mm."""
        known = numbers() if known is None else known

        def bell(name: str) -> np.ndarray:
            away = (BELOW_LASHES - 10.0 * known[f"{name}.place"]) / (10.0 * known[f"{name}.width"])
            return np.exp(-(away**2) / 2.0)

        return self.bag * bell("bag") - self.trough * bell("trough")


def lit(shape: Shape, light: str, known: Numbers | None = None) -> Float[np.ndarray, " s"]:
    """Light that falls on the skin along the profile, over that on flat upright skin.

    Args:
        shape: of the skin.
        light: one of `LIGHTS`.
        known: numbers of skin; the packaged ones if None.

    Raises:
        VenolymphError: where there is no such light.
    """
    if light not in LIGHTS:
        near = nearest(str(light), LIGHTS)
        hint = f"did you mean {near!r}?" if near else None
        raise VenolymphError(f"there is no light {light!r}; there is {', '.join(LIGHTS)}", hint=hint, place="light")
    known = numbers() if known is None else known
    middle, spread = known[f"light.{light}.elevation"], known[f"light.{light}.softness"]
    elevation = middle + spread * (2.0 * (np.arange(RAYS) + 0.5) / RAYS - 1.0)
    out = shape.outline(known)
    slope = np.gradient(out, BELOW_LASHES)
    cosine = (np.cos(elevation)[:, None] + np.sin(elevation)[:, None] * slope) / np.sqrt(1.0 + slope**2)
    up = BELOW_LASHES[:, None] - BELOW_LASHES[None]  # from a place (first) up to another
    rises = np.where(up > 0.0, (out[None] - out[:, None]) / np.where(up > 0.0, up, 1.0), -np.inf).max(1)
    free = rises <= 1.0 / np.tan(elevation)[:, None]
    return (np.maximum(cosine, 0.0) * free).mean(0) / np.cos(elevation).mean()


def shade(shape: Shape, light: str, known: Numbers | None = None) -> float:
    """Light on the darkest stretch of the skin under the eye (3 mm), over that on flat skin.

    Arguments and errors as of `lit`.
    """
    known = numbers() if known is None else known
    width = max(1, round(10.0 * known["shadow.stretch"] / (BELOW_LASHES[1] - BELOW_LASHES[0])))
    return float(np.convolve(lit(shape, light, known), np.ones(width) / width, "valid").min())
