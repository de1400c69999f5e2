"""Colours of skin from a table, where many are needed at once: a face at every moment of a run, a page in a browser.

`colours.npz` holds CIELAB at the nodes of four axes for each place, reckoned with `reflectance` by
`scripts/make_skin_table.py`. Between nodes colour is interpolated, linearly along each axis and along the logarithm of
melanin; beyond an axis its end is taken. The dermis has the thickness of its site: a thinner one is not in the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import product
from types import MappingProxyType
from typing import Any

import numpy as np
from jax.typing import ArrayLike
from jaxtyping import Float, UInt8

from venolymph.errors import VenolymphError, nearest
from venolymph.skin.chromophores import numbers
from venolymph.skin.colour import lab, linear_rgb, srgb, typology_angle, xyz, xyz_of_lab
from venolymph.skin.layers import FaceSkin
from venolymph.skin.reflectance import reflectance

PLACES = {"cheek": "cheek", "lower lid": "lower_lid"}
"""Site of skin by the name of a place in the table."""
AXES: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        "melanin": (0.004, 0.008, 0.015, 0.025, 0.04, 0.06, 0.09, 0.13, 0.18, 0.25, 0.34, 0.45, 0.6),
        "blood": (0.0, 0.4, 0.8, 1.2, 1.8, 2.6, 3.6, 5.0),
        "oxygenation": (0.1, 0.35, 0.6, 0.85),
        "water": (0.6, 1.0, 1.7, 3.0),
    }
)
"""Nodes of the packaged table: share of the epidermis that is melanosomes, blood of the venous plexus over that at
rest, share of its haemoglobin with oxygen, volume of the dermis over that at rest."""


@dataclass(frozen=True)
class SkinTable:
    """A table of colours of skin.

    Attributes:
        places: names of its places, in order.
        axes: nodes of each axis by its name, in order.
        nodes: CIELAB at the nodes, shape (places, *lengths of the axes, 3).
    """

    places: tuple[str, ...]
    axes: Mapping[str, np.ndarray]
    nodes: Float[np.ndarray, "places melanin blood oxygenation water 3"]

    def lab(
        self,
        place: str,
        melanin: ArrayLike,
        *,
        blood: ArrayLike = 1.0,
        oxygenation: ArrayLike | None = None,
        water: ArrayLike = 1.0,
    ) -> Float[np.ndarray, "3 ..."]:
        """CIELAB L*, a*, b* of skin, gloss included, shape (3, *n).

        Args:
            place: `cheek` or `lower lid`.
            melanin: share of the epidermis that is melanosomes; this and the following a number or an array of shape n.
            blood: of the venous plexus, over that at rest.
            oxygenation: share of its haemoglobin with oxygen; None is the value at rest.
            water: volume of the dermis over that at rest.

        Raises:
            VenolymphError: where the table has no such place.
        """
        if place not in self.places:
            near = nearest(place, self.places)
            raise VenolymphError(
                f"there is no skin of {place!r}; there is {', '.join(self.places)}",
                hint=f"did you mean {near!r}?" if near else None,
                place="place",
            )
        if oxygenation is None:
            oxygenation = numbers()["plexus.oxygenation"]
        given = np.broadcast_arrays(*(np.asarray(one, float) for one in (melanin, blood, oxygenation, water)))
        at = [_between(nodes, one, name) for (name, nodes), one in zip(self.axes.items(), given, strict=True)]
        table = self.nodes[self.places.index(place)]
        found = np.zeros((*given[0].shape, 3))
        for corner in product((0, 1), repeat=len(at)):
            weight = np.prod([part if up else 1.0 - part for up, (_, part) in zip(corner, at, strict=True)], axis=0)
            found += weight[..., None] * table[tuple(low + up for up, (low, _) in zip(corner, at, strict=True))]
        return np.moveaxis(found, -1, 0)

    def linear_rgb(self, place: str, melanin: ArrayLike, **given: Any) -> Float[np.ndarray, "3 ..."]:
        """Linear red, green and blue of sRGB, arguments and errors as of `lab`."""
        return np.asarray(linear_rgb(xyz_of_lab(self.lab(place, melanin, **given))))

    def melanin_at(self, angle: ArrayLike) -> Float[np.ndarray, " ..."]:
        """Melanin of a cheek at rest that has this individual typology angle, degrees; the table's nearest."""
        tried = np.geomspace(self.axes["melanin"][0], self.axes["melanin"][-1], 400)
        angles = np.asarray(typology_angle(self.lab("cheek", tried)))
        return np.exp(np.interp(np.asarray(angle, float), angles[::-1], np.log(tried[::-1])))

    def srgb_bytes(self) -> UInt8[np.ndarray, "places melanin blood oxygenation water 3"]:
        """Colours of the nodes as screens take them, for a page that interpolates by itself: 0 to 255."""
        seen = np.asarray(srgb(xyz_of_lab(np.moveaxis(self.nodes, -1, 0))))
        return np.moveaxis(np.rint(255.0 * seen), 0, -1).astype(np.uint8)


def _between(nodes: np.ndarray, value: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray]:
    """The node below a value, and how far towards the next one it lies, 0 to 1."""
    value = np.clip(value, nodes[0], nodes[-1])
    if name == "melanin":
        nodes, value = np.log(nodes), np.log(value)
    low = np.clip(np.searchsorted(nodes, value, side="right") - 1, 0, len(nodes) - 2)
    return low, (value - nodes[low]) / (nodes[low + 1] - nodes[low])


def exact(place: str, melanin: Any, blood: Any, oxygenation: Any, water: Any) -> Float[np.ndarray, "3 ..."]:
    """What the table holds, from light in layers: CIELAB, shape (3, *n); arguments as of `SkinTable.lab`."""
    skin = FaceSkin(PLACES[place], melanin=melanin, plexus=blood, oxygenation=oxygenation, swelling=water)
    return np.asarray(lab(xyz(reflectance(skin))))


@cache
def skin_table() -> SkinTable:
    """The packaged table."""
    with resources.files("venolymph.skin").joinpath("colours.npz").open("rb") as file, np.load(file) as kept:
        return SkinTable(
            tuple(str(name) for name in kept["places"]),
            MappingProxyType({name: kept[name] for name in AXES}),
            kept["lab"].astype(float),
        )
