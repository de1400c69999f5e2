"""What absorbs and scatters light in skin, by wavelength: melanin, blood, tissue without either, a yellow pigment.

Coefficients are in 1/cm. Numbers are those of `figures/skin.toml`; functions take them as a mapping from the rest of
their key (`melanin.exponent`) to the value in internal units, so that a fit can try others.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from venolymph.figures import load

jax.config.update("jax_enable_x64", True)

Numbers = Mapping[str, Any]
"""Numbers of `figures/skin.toml` by the rest of their key, in internal units (cm); a value may be traced."""

WAVELENGTHS = np.arange(400.0, 701.0, 10.0)
"""Wavelengths at which light is reckoned, nm."""
REFERENCE = 500.0
"""Wavelength at which coefficients are given, nm."""
NANOMETRE = 1e-7
"""In cm."""
HAEMOGLOBIN_MASS = 64.5
"""Kilograms of haemoglobin to the mole of its molar extinction."""
PER_LITRE = 1e3
"""Millilitres in a litre: molar extinction counts moles in a litre, `blood.haemoglobin` is in kg/mL."""


@cache
def numbers() -> Numbers:
    """The packaged numbers of skin."""
    return {key: figure.internal for key, figure in load().under("skin").items()}


@cache
def table(name: str) -> np.ndarray:
    """Columns of a packaged table of this folder, wavelength first: shape (rows, columns)."""
    lines = resources.files("venolymph.skin").joinpath(name).read_text("utf-8").splitlines()
    rows = [line for line in lines if not line.startswith("#")][1:]
    return np.array([[float(word) for word in row.split(",")] for row in rows])


def power(exponent: Any, wavelengths: np.ndarray = WAVELENGTHS) -> Float[Array, " w"]:
    """(wavelength / 500 nm) to the minus `exponent`."""
    return jnp.power(wavelengths / REFERENCE, -exponent)


def melanin(known: Numbers, wavelengths: np.ndarray = WAVELENGTHS) -> Float[Array, " w"]:
    """Absorption of melanosomes, 1/cm."""
    return known["melanin.absorption"] * power(known["melanin.exponent"], wavelengths)


def bloodless(known: Numbers, wavelengths: np.ndarray = WAVELENGTHS) -> Float[Array, " w"]:
    """Absorption of tissue without blood and melanin, 1/cm."""
    return known["bloodless.absorption"] * power(known["bloodless.exponent"], wavelengths)


def yellow(known: Numbers, wavelengths: np.ndarray = WAVELENGTHS) -> Float[Array, " w"]:
    """Absorption of the yellow pigments (carotenoids) of the epidermis, 1/cm: one band."""
    away = (wavelengths * NANOMETRE - known["yellow.centre"]) / known["yellow.width"]
    return known["yellow.absorption"] * jnp.exp(-(away**2))


def blood(oxygenation: Any, known: Numbers, wavelengths: np.ndarray = WAVELENGTHS) -> Float[Array, "w ..."]:
    """Absorption of whole blood, 1/cm.

    Args:
        oxygenation: share of haemoglobin that carries oxygen, a number or an array of shape n.
        known: numbers of skin.
        wavelengths: nm, shape w.
    """
    rows = table("haemoglobin.csv")
    oxygenation = jnp.asarray(oxygenation)
    with_oxygen, without = (
        jnp.interp(wavelengths, rows[:, 0], rows[:, column]).reshape(-1, *[1] * oxygenation.ndim) for column in (1, 2)
    )
    extinction = oxygenation * with_oxygen + (1.0 - oxygenation) * without
    return np.log(10.0) * PER_LITRE * known["blood.haemoglobin"] / HAEMOGLOBIN_MASS * extinction


def packed(absorption: Float[Array, " ..."], radius: Any) -> Float[Array, " ..."]:
    """Absorption of blood that is packed in vessels, as if spread evenly: what flows in its middle is in shadow.

    Args:
        absorption: of whole blood, 1/cm.
        radius: of the vessels, cm.
    """
    across = 2.0 * absorption * radius
    return absorption * -jnp.expm1(-across) / across


def scattering(known: Numbers, tissue: str, wavelengths: np.ndarray = WAVELENGTHS) -> Float[Array, " w"]:
    """Reduced scattering of `epidermis`, `dermis`, `fat` or `muscle`, 1/cm: Rayleigh's and a power law."""
    rayleigh = known[f"{tissue}.rayleigh"]
    falling = rayleigh * power(4.0, wavelengths) + (1.0 - rayleigh) * power(known[f"{tissue}.exponent"], wavelengths)
    return known[f"{tissue}.scattering"] * falling
