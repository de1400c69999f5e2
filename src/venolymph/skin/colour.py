"""Spectra to colours: CIE 1931 XYZ under D65, CIELAB, sRGB, typology angle, colour differences."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike
from jaxtyping import Array, Float

from venolymph.skin.chromophores import WAVELENGTHS, table

WHITE = np.array([0.95047, 1.0, 1.08883])
"""XYZ of D65, 2 degrees."""
TO_LINEAR = np.array(
    [[3.2404542, -1.5371385, -0.4985314], [-0.9692660, 1.8760108, 0.0415560], [0.0556434, -0.2040259, 1.0572252]]
)
"""From XYZ to the linear red, green and blue of sRGB (IEC 61966-2-1)."""
BEND = 6.0 / 29.0
"""Cube root of the share of white below which CIELAB is linear."""


def xyz(reflectance: ArrayLike, wavelengths: np.ndarray = WAVELENGTHS) -> Float[Array, "3 ..."]:
    """Tristimulus values under D65 for the 2 degree observer, 400 to 700 nm; a perfect white has those of D65.

    Args:
        reflectance: share of light sent back, shape (wavelengths, *n).
        wavelengths: evenly spaced, nm.
    """
    rows = table("observer.csv")
    columns = np.stack([np.interp(wavelengths, rows[:, 0], rows[:, column]) for column in (1, 2, 3, 4)])
    seen = columns[:3] * columns[3]
    return jnp.tensordot(seen / seen.sum(1, keepdims=True) * WHITE[:, None], jnp.asarray(reflectance), axes=1)


def lab(tristimulus: ArrayLike) -> Float[Array, "3 ..."]:
    """CIELAB L*, a*, b* of tristimulus values, shape (3, *n), against the white of D65."""
    tristimulus = jnp.asarray(tristimulus)
    share = tristimulus / WHITE.reshape(-1, *[1] * (tristimulus.ndim - 1))
    rooted = jnp.cbrt(jnp.maximum(share, BEND**3))
    x, y, z = jnp.where(share > BEND**3, rooted, share / (3.0 * BEND**2) + 4.0 / 29.0)
    return jnp.stack([116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)])


def xyz_of_lab(colour: ArrayLike) -> Float[Array, "3 ..."]:
    """Tristimulus values of CIELAB values, shape (3, *n): what `lab` undoes."""
    lightness, red, yellow = jnp.asarray(colour)
    middle = (lightness + 16.0) / 116.0
    rooted = jnp.stack([middle + red / 500.0, middle, middle - yellow / 200.0])
    share = jnp.where(rooted > BEND, rooted**3, 3.0 * BEND**2 * (rooted - 4.0 / 29.0))
    return share * WHITE.reshape(-1, *[1] * (rooted.ndim - 1))


def linear_rgb(tristimulus: ArrayLike) -> Float[Array, "3 ..."]:
    """Linear sRGB of tristimulus values, shape (3, *n); below 0 or above 1 where a screen cannot show the colour."""
    return jnp.tensordot(TO_LINEAR, jnp.asarray(tristimulus), axes=1)


def xyz_of_linear(rgb: ArrayLike) -> Float[Array, "3 ..."]:
    """Tristimulus values of linear red, green and blue of sRGB, shape (3, *n)."""
    return jnp.tensordot(np.linalg.inv(TO_LINEAR), jnp.asarray(rgb), axes=1)


def srgb(tristimulus: ArrayLike) -> Float[Array, "3 ..."]:
    """Colours of tristimulus values, shape (3, *n), as screens take them (sRGB, 0 to 1), clipped where out of reach."""
    rgb = jnp.clip(linear_rgb(tristimulus), 0.0, 1.0)
    return jnp.where(rgb <= 0.0031308, 12.92 * rgb, 1.055 * jnp.maximum(rgb, 0.0031308) ** (1.0 / 2.4) - 0.055)


def typology_angle(colour: ArrayLike) -> Float[Array, " ..."]:
    """Individual typology angle of CIELAB values, shape (3, *n), degrees: above 55 very light, below -30 dark."""
    lightness, _, yellow = jnp.asarray(colour)
    return jnp.degrees(jnp.arctan2(lightness - 50.0, yellow))


def difference(one: ArrayLike, other: ArrayLike) -> Float[Array, " ..."]:
    """Colour difference dE* of two CIELAB colours, shape (3, *n) (CIE 1976): the distance between them."""
    return jnp.sqrt(((jnp.asarray(one) - jnp.asarray(other)) ** 2).sum(0))
