"""The colour under the eye against that of the cheek: how much is pigment, blood, thin skin, shadow.

Contributions are Shapley's: the cheek is turned into the lid one property after another, in every order, and what a
property adds to the colour difference is averaged over the orders. So they sum to the difference itself, whatever the
properties do to each other, and one that makes the lid more like the cheek counts below zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import factorial
from types import MappingProxyType
from typing import Any

import numpy as np
from jaxtyping import Float

from venolymph.errors import VenolymphError
from venolymph.skin.chromophores import Numbers, numbers
from venolymph.skin.colour import difference, lab, typology_angle, xyz
from venolymph.skin.layers import FaceSkin
from venolymph.skin.reflectance import gloss, reflectance
from venolymph.skin.shading import Shape, shade

PROPERTIES = ("pigment", "blood", "oxygenation", "thin skin", "shadow")


@dataclass(frozen=True)
class UnderEyeColour:
    """Colour under an eye against the cheek; numbers, or arrays of shape n for many people.

    Attributes:
        lid: CIELAB L*, a*, b* under the eye in its shadow, gloss included, shape (3, *n).
        cheek: those of the cheek.
        typology_angle: of the lid, degrees.
        difference: dE* (CIE 1976) between the two.
        shares: what each of `PROPERTIES` adds to the difference, in its units; they sum to it.
        shade: light on the lid over that on the cheek; an array where shapes were given one by one.
        gloss: share of light that the surface sends back without colour.
    """

    lid: Float[np.ndarray, "3 ..."]
    cheek: Float[np.ndarray, "3 ..."]
    typology_angle: Float[np.ndarray, " ..."]
    difference: Float[np.ndarray, " ..."]
    shares: Mapping[str, Float[np.ndarray, " ..."]]
    shade: float | Float[np.ndarray, " n"]
    gloss: float


def same_pigment(melanin: float, site: str, other: str, known: Numbers | None = None) -> float:
    """Melanin of another site that holds as much to the area: a thinner epidermis holds more in each part."""
    known = numbers() if known is None else known
    return melanin * known[f"{site}.epidermis"] / known[f"{other}.epidermis"]


def under_eye(
    lid: FaceSkin,
    cheek: FaceSkin,
    *,
    shape: Shape | Sequence[Shape] | None = None,
    light: str = "above",
    known: Numbers | None = None,
) -> UnderEyeColour:
    """The colour under an eye against that of the cheek, and where the difference comes from.

    Args:
        lid: skin of the site `lower_lid`; numbers, or arrays of the same shape n as those of the cheek.
        cheek: skin of another site of the same person.
        shape: trough and bag, one for all or one for each person; none of either if None.
        light: one of `shading.LIGHTS`.
        known: numbers of skin; the packaged ones if None.

    Raises:
        VenolymphError: where the first skin is no lid, the second is one, or there is no such light.
    """
    for name, skin, right in (("lid", lid, True), ("cheek", cheek, False)):
        if (skin.site == "lower_lid") != right:
            wanted = "'lower_lid'" if right else "'cheek' or 'forehead'"
            raise VenolymphError(f"found skin of {skin.site!r}; allowed is {wanted}", place=name)
    known = numbers() if known is None else known
    dim = _dims(Shape(0.0, 0.0) if shape is None else shape, light, known)
    chosen = list(product((False, True), repeat=4))
    seen: dict[tuple[bool, ...], np.ndarray] = {}
    for thin in (False, True):
        options = [choice for choice in chosen if choice[3] == thin]
        skins = [_between(lid, cheek, choice, known) for choice in options]
        colours = np.asarray(xyz(reflectance(_together(skins), known)))
        for number, choice in enumerate(options):
            seen[(*choice, False)] = np.asarray(lab(colours[:, number]))
            seen[(*choice, True)] = np.asarray(lab(colours[:, number] * dim))
    start, end = seen[(False,) * 5], seen[(True,) * 5]
    apart = {choice: np.asarray(difference(colour, start)) for choice, colour in seen.items()}
    return UnderEyeColour(
        lid=end,
        cheek=start,
        typology_angle=np.asarray(typology_angle(end)),
        difference=apart[(True,) * 5],
        shares=MappingProxyType({name: _shapley(apart, number) for number, name in enumerate(PROPERTIES)}),
        shade=dim,
        gloss=gloss(known["surface.index"]),
    )


def _dims(shape: Shape | Sequence[Shape], light: str, known: Numbers) -> Any:
    return shade(shape, light, known) if isinstance(shape, Shape) else np.array([shade(s, light, known) for s in shape])


def _between(lid: FaceSkin, cheek: FaceSkin, choice: tuple[bool, ...], known: Numbers) -> FaceSkin:
    """A skin with those of the first four properties from the lid that are chosen, and the others from the cheek."""
    pigment, blood, oxygenation, thin = choice
    site = lid.site if thin else cheek.site
    from_whom = lid if pigment else cheek
    return FaceSkin(
        site=site,
        melanin=same_pigment(from_whom.melanin, from_whom.site, site, known),
        blood=(lid if blood else cheek).blood,
        plexus=(lid if blood else cheek).plexus,
        oxygenation=(lid if oxygenation else cheek).oxygenation,
        dermis=(lid if thin else cheek).dermis,
        swelling=(lid if thin else cheek).swelling,
    )


def _together(skins: list[FaceSkin]) -> FaceSkin:
    """Skins of one site as one with a further axis in front."""
    names = ("melanin", "blood", "plexus", "oxygenation", "dermis", "swelling")
    rows = [np.broadcast_arrays(*(np.asarray(skin.__dict__[name], float) for name in names)) for skin in skins]
    columns = {name: np.stack([row[number] for row in rows]) for number, name in enumerate(names)}
    return FaceSkin(site=skins[0].site, **columns)


def _shapley(apart: Mapping[tuple[bool, ...], np.ndarray], number: int) -> np.ndarray:
    """What one property adds, averaged over the orders in which properties are taken over."""
    count = len(PROPERTIES)
    total = np.zeros_like(next(iter(apart.values())))
    for choice, without in apart.items():
        if not choice[number]:
            before = sum(choice)
            weight = factorial(before) * factorial(count - before - 1) / factorial(count)
            total = total + weight * (apart[(*choice[:number], True, *choice[number + 1 :])] - without)
    return total
