"""Blood plasma: oncotic pressure of its protein, and how it thins on lying and thickens on getting up.

Oncotic pressure of a concentration is a cubic (Landis and Pappenheimer 1963).

On lying, fluid poor in protein comes out of the tissue of the whole body into the plasma, and on getting up it goes
again. With x the gain of plasma's volume over that upright and C_f the protein of the fluid that moves,

    dx/dt = (g r - x) / tau        C = (C_0 + C_f x) / (1 + x)

g is the whole gain lying flat and tau its time constant (Shirreffs and Maughan 1994; Lundvall and Bjerkhoel 1995), C_f
was measured by the density of blood (Hinghofer-Szalkay and Moser). r is how far a posture goes from standing (0)
to lying (1); on a table it falls in proportion to the angle (the same). Salt or drink may change the protein by a
factor besides.
"""

from __future__ import annotations

from dataclasses import replace

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from venolymph.network.law import Law, differentiated


class Plasma(eqx.Module):
    """Solutes and oncotic properties of blood plasma and tissue fluid.

    Attributes:
        concentration: of each solute in plasma upright, mg/mL (a tracer: its own unit per mL).
        plasma_oncotic: coefficients of oncotic pressure in plasma against protein, mmHg per (mg/mL)^1, ^2, ^3.
        tissue_oncotic: the same in tissue fluid and lymph, which hold more albumin.
        gain: rise of plasma's volume from upright to lying flat g, 1.
        gain_time: its time constant tau, s.
        gained_protein: protein in the fluid that moves C_f, mg/mL.
    """

    concentration: Float[Array, "solutes batch"]
    plasma_oncotic: Float[Array, "3 batch"]
    tissue_oncotic: Float[Array, "3 batch"]
    gain: Float[Array, "one batch"]
    gain_time: Float[Array, "one batch"]
    gained_protein: Float[Array, "one batch"]


def oncotic_pressure(
    coefficients: Float[Array, "3 batch"], concentration: Float[Array, "n batch"]
) -> Float[Array, "n batch"]:
    """Oncotic pressure in mmHg of a protein concentration in mg/mL."""
    a, b, c = (coefficients[i : i + 1] for i in range(3))
    return concentration * (a + concentration * (b + concentration * c))


def gain_after(
    plasma: Plasma, before: Float[Array, "one batch"], laid: Float[Array, "one batch"], span: Float[Array, ""]
) -> tuple[Float[Array, "one batch"], Float[Array, "one batch"]]:
    """Gain of plasma's volume over an interval: its mean, and its value at the end, 1.

    Args:
        plasma: parameters.
        before: gain at the start, 1.
        laid: how far the posture goes from standing (0) to lying (1).
        span: length of the interval, s.
    """
    goal, part = plasma.gain * laid, span / plasma.gain_time
    left = jnp.exp(-part)
    return goal + (before - goal) * (1.0 - left) / part, goal + (before - goal) * left


def protein_at(plasma: Plasma, gained: Float[Array, "one batch"]) -> Float[Array, "one batch"]:
    """Protein in plasma once its volume has grown by a share, mg/mL."""
    return (plasma.concentration[:1] + plasma.gained_protein * gained) / (1.0 + gained)


def thinned(plasma: Plasma, gained: Float[Array, "one batch"], factor: Float[Array, "one batch"]) -> Plasma:
    """Plasma with the protein that it has at a gain of volume, times a factor (1 without salt or drink)."""
    return replace(plasma, concentration=plasma.concentration.at[0].set((factor * protein_at(plasma, gained))[0]))


def _oncotic_at(plasma: Plasma, concentration: Float[Array, "one batch"]) -> Float[Array, "one batch"]:
    """Oncotic pressure of plasma of a concentration."""
    return oncotic_pressure(plasma.plasma_oncotic, concentration)


LAWS = (
    Law(
        name="oncotic pressure of plasma at its protein",
        parts=(Plasma,),
        variable="concentration",
        unit="mg/mL",
        between=(0.0, 120.0),
        gives="oncotic pressure",
        gives_unit="mmHg",
        trend="rises",
        at=differentiated(_oncotic_at),
        source="landis1963",
    ),
    Law(
        name="protein of plasma as its volume grows",
        parts=(Plasma,),
        variable="gain of volume",
        unit="1",
        between=(0.0, 0.5),
        gives="concentration",
        gives_unit="mg/mL",
        trend="falls",
        at=differentiated(protein_at),
        source="hinghoferszalkay",
    ),
)
