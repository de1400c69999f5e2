"""Light in layers by adding and doubling: how much comes back, goes through, and is absorbed in each layer.

Light goes in 8 directions down and 8 up, scattered evenly (scattering is reduced by its mean cosine). Where the surface
bends light, 4 directions lie within the cone that can leave, with straight in among them, and 4 outside it, which the
surface sends back. A layer so thin that the mean of what enters and leaves stands for the light in it is doubled until
it is as thick as it should be; layers are then added from the bottom up (van de Hulst 1980; Prahl and others 1993).
What each layer absorbs is counted by its own doubling, from the light in it, and not as what is missing: reflectance,
transmittance and absorption add to one because the light in the layers is right.

Matrices act on radiant flux by direction, not on radiance, so that what is not absorbed sums to what entered.
"""

from __future__ import annotations

from functools import cache, partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike
from jaxtyping import Array, Float
from numpy.polynomial import legendre

from venolymph.skin.chromophores import WAVELENGTHS, Numbers, numbers
from venolymph.skin.layers import FaceSkin, coefficients

DIRECTIONS = 8
DOUBLINGS = 17
"""How often the thin layer is doubled: 2^17 of them make a layer."""

Matrix = Float[Array, "... 8 8"]
"""What leaves by direction (rows) of what enters by direction (columns)."""
Flux = Float[Array, "... 8"]


class Light(NamedTuple):
    """What becomes of light that falls straight on layers, in shares of what falls on them.

    Attributes:
        gloss: sent back by the surface without entering.
        reflected: entered and came back out, shape n.
        transmitted: left below, shape n.
        absorbed: in each layer, shape (layers, n).
    """

    gloss: Float[Array, ""]
    reflected: Float[Array, " ..."]
    transmitted: Float[Array, " ..."]
    absorbed: Float[Array, "layers ..."]


class Layer(NamedTuple):
    """A layer by flux: what it sends back and lets through by direction, and what it absorbs of each."""

    back: Matrix
    through: Matrix
    kept: Flux


@cache
def directions(index: float) -> tuple[np.ndarray, np.ndarray]:
    """Cosines (rising to 1) and weights (their sum is 1) of directions in a medium of this refractive index."""
    critical = np.sqrt(1.0 - 1.0 / index**2)
    if critical == 0.0:
        return _radau(DIRECTIONS, 0.0)
    half = DIRECTIONS // 2
    nodes, weights = legendre.leggauss(half)
    cosines, shares = _radau(half, critical)
    return np.r_[critical * (1.0 + nodes) / 2.0, cosines], np.r_[critical * weights / 2.0, shares]


def _radau(count: int, low: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of Radau's quadrature from `low` to 1, with 1 among them."""
    one = [0.0] * (count - 1) + [1.0]
    both = np.array([*one, 0.0]) - np.array([0.0] * count + [1.0])  # P(count - 1) - P(count), zero at 1
    nodes = np.sort(legendre.legroots(both).real)[:-1]
    weights = (1.0 + nodes) / (count * legendre.legval(nodes, one)) ** 2
    nodes, weights = np.r_[nodes, 1.0], np.r_[weights, 2.0 / count**2]
    return low + (1.0 - low) * (1.0 + nodes) / 2.0, (1.0 - low) * weights / 2.0


def fresnel(cosines: np.ndarray, index: float) -> np.ndarray:
    """Share of unpolarised light in a medium of this refractive index that its surface sends back, by direction."""
    sine = index * np.sqrt(1.0 - cosines**2)
    out = np.sqrt(np.clip(1.0 - sine**2, 0.0, None))
    across = (index * cosines - out) / (index * cosines + out)
    along = (cosines - index * out) / (cosines + index * out)
    return np.where(sine >= 1.0, 1.0, (across**2 + along**2) / 2.0)


def gloss(index: float) -> float:
    """Share of light falling straight on a smooth surface that it sends back."""
    return ((index - 1.0) / (index + 1.0)) ** 2


def _thin(albedo: Float[Array, " ..."], depth: Float[Array, " ..."], index: float) -> Layer:
    """A layer of so small an optical depth that light in it is the mean of what enters and what leaves.

    The implicit equations of that mean have a diagonal and one more matrix of rank one, so that they solve in closed
    form.
    """
    cosines, weights = directions(index)
    albedo, depth = albedo[..., None], depth[..., None]
    half = depth / (2.0 * cosines)
    left = 1.0 / (1.0 + half)
    again = albedo / (1.0 - albedo * (weights * left * half).sum(-1, keepdims=True))
    back = (again * depth / 2.0 * weights * left)[..., None] * (left / cosines)[..., None, :]
    through = back + (left * (1.0 - half))[..., None] * jnp.eye(DIRECTIONS)
    mean = jnp.eye(DIRECTIONS) + through + back
    kept = (1.0 - albedo) * depth / 2.0 * (mean / cosines[:, None]).sum(-2)
    return Layer(back, through, kept)


def _acts(matrix: Matrix, flux: Flux) -> Flux:
    return (matrix @ flux[..., None])[..., 0]


def _between(above: Matrix, below: Matrix, entered: Float[Array, "... 8 m"]) -> Float[Array, "... 8 m"]:
    """Light that goes down between two parts of a stack, of what has come through the upper one.

    That is what has come through and what is sent back and forth: the solution of (1 - `above` `below`) x = `entered`.
    No column of the product sums to more than one, so that elimination needs no pivots.
    """

    def eliminated(both: Array, pivot: Array) -> tuple[Array, None]:
        row = both[..., pivot, :] / both[..., pivot, pivot][..., None]
        both = both - both[..., :, pivot][..., None] * row[..., None, :]
        return both.at[..., pivot, :].set(row), None

    both = jnp.concatenate([jnp.eye(DIRECTIONS) - above @ below, entered], axis=-1)
    return jax.lax.scan(eliminated, both, jnp.arange(DIRECTIONS))[0][..., DIRECTIONS:]


def _doubled(layer: Layer) -> Layer:
    """Twice the layer."""
    down = _between(layer.back, layer.back, layer.through)
    up = layer.back @ down
    kept = layer.kept + (layer.kept[..., None, :] @ (down + up))[..., 0, :]
    return Layer(layer.back + layer.through @ up, layer.through @ down, kept)


@partial(jax.jit, static_argnames=("index",))
def light(
    absorption: ArrayLike,
    scattering: ArrayLike,
    thickness: ArrayLike,
    *,
    index: float = 1.0,
) -> Light:
    """What becomes of light that falls straight on layers, the first on top; below the last is nothing.

    Args:
        absorption: 1/cm, shape (layers, *n).
        scattering: reduced by the mean cosine, 1/cm, same shape.
        thickness: cm, same shape.
        index: refractive index of all layers, over that of what is above.

    Returns:
        Shares of the light that falls on them.
    """
    absorption, scattering, thickness = (jnp.asarray(one, float) for one in (absorption, scattering, thickness))
    total = absorption + scattering
    thin = _thin(scattering / total, total * thickness / 2.0**DOUBLINGS, index)
    layers, _ = jax.lax.scan(lambda layer, _: (_doubled(layer), None), thin, None, length=DOUBLINGS)

    def added(below: Matrix, layer: Layer) -> tuple[Matrix, Matrix]:
        down = _between(layer.back, below, layer.through)
        return layer.back + layer.through @ (below @ down), below

    stack, under = jax.lax.scan(added, jnp.zeros_like(layers.back[0]), layers, reverse=True)
    surface, shine = fresnel(directions(index)[0], index), gloss(index)
    enters = jnp.zeros((*absorption.shape[1:], DIRECTIONS)).at[..., -1].set(1.0 - shine)
    top = jnp.diag(surface)
    inside = _between(top, stack, enters[..., None])[..., 0]

    def passed(down: Flux, place: tuple[Layer, Matrix]) -> tuple[Flux, Array]:
        layer, below = place
        after = _between(layer.back, below, _acts(layer.through, down)[..., None])[..., 0]
        return after, (layer.kept * (down + _acts(below, after))).sum(-1)

    out, absorbed = jax.lax.scan(passed, inside, (layers, under))
    reflected = ((1.0 - surface) * _acts(stack, inside)).sum(-1)
    return Light(jnp.asarray(shine), reflected, out.sum(-1), absorbed)


def light_in(skin: FaceSkin, known: Numbers | None = None, wavelengths: np.ndarray = WAVELENGTHS) -> Light:
    """What becomes of light that falls straight on a skin, by wavelength: arrays of shape (wavelengths, *n).

    Args:
        skin: of one or of many.
        known: numbers of skin; the packaged ones if None.
        wavelengths: nm.
    """
    return _light_in(skin, numbers() if known is None else known, wavelengths, index=numbers()["surface.index"])


@partial(jax.jit, static_argnames=("index",))
def _light_in(skin: FaceSkin, known: Numbers, wavelengths: np.ndarray, *, index: float) -> Light:
    met = coefficients(skin, known, wavelengths)
    deep = jnp.broadcast_to(met.thickness[:, None], met.absorption.shape)
    return light(met.absorption, met.scattering, deep, index=index)


def reflectance(
    skin: FaceSkin, known: Numbers | None = None, *, wavelengths: np.ndarray = WAVELENGTHS, shine: bool = True
) -> Float[Array, "w ..."]:
    """Share of light that a skin sends back, by wavelength.

    By the reversal of light this is what an instrument with even light from all around and a view of 8 degrees reads
    (d/8).

    Args:
        skin: of one or of many.
        known: numbers of skin; the packaged ones if None.
        wavelengths: nm.
        shine: whether what the surface sends back (gloss, 0.028) is counted, as such instruments do.
    """
    shares = light_in(skin, known, wavelengths)
    return shares.reflected + (shares.gloss if shine else 0.0)
