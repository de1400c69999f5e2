"""Skin as five layers: epidermis, papillary dermis, venous plexus, reticular dermis, and what lies below.

Below the skin of cheek and forehead lies fat, below that of the lower lid the muscle that closes the eye.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float

from venolymph.errors import VenolymphError, nearest
from venolymph.skin.chromophores import (
    WAVELENGTHS,
    Numbers,
    blood,
    bloodless,
    melanin,
    numbers,
    packed,
    scattering,
    yellow,
)

LAYERS = ("epidermis", "papillary", "plexus", "reticular", "below")
"""Layers of skin from the surface down; `below` is fat or muscle."""
SITES = ("cheek", "forehead", "lower_lid")
"""Sites of the face whose layers are known."""
BELOW = {"cheek": "fat", "forehead": "fat", "lower_lid": "muscle"}
ALLOWED = {
    "melanin": (0.0, 0.6),
    "blood": (0.0, 5.0),
    "plexus": (0.0, 5.0),
    "oxygenation": (0.0, 1.0),
    "dermis": (0.2, 3.0),
    "swelling": (0.5, 3.0),
}
"""Least and greatest value of each number of a skin."""


@partial(jax.tree_util.register_dataclass, data_fields=list(ALLOWED), meta_fields=["site"])
@dataclass(frozen=True)
class FaceSkin:
    """Skin of one site, of one person or of many: each number may be an array of shape n.

    Attributes:
        site: `cheek`, `forehead` or `lower_lid`.
        melanin: share of the epidermis that is melanosomes; about 0.02 very light, 0.3 very dark.
        blood: blood in all layers over that of the site at rest.
        plexus: blood in the venous plexus over that of the site at rest, on top of `blood`.
        oxygenation: share of haemoglobin with oxygen in the plexus; other layers differ from it by fixed amounts. None
            is the value at rest.
        dermis: thickness of the reticular dermis over that of the site.
        swelling: volume of the dermis over that at rest: fluid thickens it, and dilutes what scatters and its blood.

    Raises:
        VenolymphError: where a site is not known or a number is outside its limits.
    """

    site: str = "cheek"
    melanin: Any = 0.04
    blood: Any = 1.0
    plexus: Any = 1.0
    oxygenation: Any = None
    dermis: Any = 1.0
    swelling: Any = 1.0

    def __post_init__(self) -> None:
        if self.site not in SITES:
            near = nearest(str(self.site), SITES)
            raise VenolymphError(
                f"there is no skin of {self.site!r}; there is {', '.join(SITES)}",
                hint=f"did you mean {near!r}?" if near else None,
                place="site",
            )
        if self.oxygenation is None:
            object.__setattr__(self, "oxygenation", numbers()["plexus.oxygenation"])
        for name, (low, high) in ALLOWED.items():
            value = self.__dict__[name]
            if isinstance(value, Tracer) or type(value) is object:  # what JAX puts in place of values
                continue
            if not (np.all(np.asarray(value, float) >= low) and np.all(np.asarray(value, float) <= high)):
                raise VenolymphError(f"found {value}; allowed are {low:g} to {high:g}", place=name)


@dataclass(frozen=True)
class Coefficients:
    """What light meets in each layer, from the top.

    Attributes:
        absorption: 1/cm, shape (5, wavelengths, *n).
        scattering: reduced by the mean cosine, 1/cm, same shape.
        thickness: cm, shape (5, *n).
    """

    absorption: Float[Array, "5 w ..."]
    scattering: Float[Array, "5 w ..."]
    thickness: Float[Array, "5 ..."]


def coefficients(skin: FaceSkin, known: Numbers | None = None, wavelengths: np.ndarray = WAVELENGTHS) -> Coefficients:
    """Absorption, scattering and thickness of each layer of a skin.

    Fluid (`swelling`) thickens the three layers of dermis and dilutes their blood and what scatters in them. The small
    absorption of tissue without blood counts by volume, fluid included, so that the effect of fluid is, if anything,
    overstated.

    Args:
        skin: of one or of many.
        known: numbers of skin; the packaged ones if None.
        wavelengths: nm.
    """
    known = numbers() if known is None else known
    given = (skin.melanin, skin.blood, skin.plexus, skin.oxygenation, skin.dermis, skin.swelling)
    pigment, amount, plexus, oxygenation, dermis, swelling = jnp.broadcast_arrays(
        *(jnp.asarray(value, float) for value in given)
    )
    ones = (slice(None), *[None] * pigment.ndim)
    below = BELOW[skin.site]
    base = bloodless(known, wavelengths)[ones]
    absorption = [
        pigment * melanin(known, wavelengths)[ones] + (1.0 - pigment) * base + yellow(known, wavelengths)[ones]
    ]
    scatter = [scattering(known, "epidermis", wavelengths)[ones] * jnp.ones_like(pigment)]
    thickness = [known[f"{skin.site}.epidermis"] * jnp.ones_like(pigment)]
    for layer in LAYERS[1:]:
        place = below if layer == "below" else layer
        held = known["blood.factor"] * known[f"{place}.blood"] * amount * (plexus if layer == "plexus" else 1.0)
        spread = 1.0 if layer == "below" else 1.0 / swelling
        own = jnp.clip(oxygenation + known[f"{place}.oxygenation"] - known["plexus.oxygenation"], 0.0, 1.0)
        share = held * spread
        absorption.append(
            share * packed(blood(own, known, wavelengths), known[f"{place}.radius"]) + (1.0 - share) * base
        )
        tissue = below if layer == "below" else "dermis"
        scatter.append(scattering(known, tissue, wavelengths)[ones] * spread)
        deep = known[f"{skin.site}.{layer}"] if layer == "reticular" else known[f"{place}.thickness"]
        thickness.append(deep * (dermis if layer == "reticular" else 1.0) / spread)
    shape = absorption[-1].shape
    return Coefficients(
        jnp.stack([jnp.broadcast_to(one, shape) for one in absorption]),
        jnp.stack([jnp.broadcast_to(one, shape) for one in scatter]),
        jnp.stack([jnp.broadcast_to(jnp.asarray(one), pigment.shape) for one in thickness]),
    )
