"""The skin of head and neck as a mesh whose regions swell by so many mL, and how deep under it something lies.

Coordinates: cm to the left of, above and forward of the right atrium with the head upright.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import numpy as np

from venolymph.body.person_face import FACE_REGIONS
from venolymph.errors import DocumentError, nearest

MESH_REGIONS = tuple(f"{side} {region}" for side in ("left", "right") for region in FACE_REGIONS)
"""Regions of the mesh, in the order of its own."""
BELOW, ABOVE = 13.5, 16.0
"""Heights between which the neck's skin ends: what lies lower lies where it is said to, cm."""
_EAR = (7.4, 22.5, 34.0, 1.0)
"""What is farther outward, above, below and behind these is the ear, over which nothing is laid, cm."""
_NEAREST = 4


@dataclass(frozen=True)
class FaceMesh:
    """The skin of head and neck, open at the neck.

    Attributes:
        vertices: cm, shape (n, 3).
        triangles: corners of each, seen from outside counter-clockwise, shape (m, 3).
        regions: numbers in `MESH_REGIONS` of the regions that each vertex can belong to, shape (n, 6).
        shares: of each of them in the vertex, 1; they sum to 1.
        swellings: how far the vertex moves along its normal for each mL of them, cm/mL.
        outer: whether it is seen from outside, and no inside of mouth or sockets.
        paint: shares of lips and of brows, which have a colour of their own, shape (n, 2).
        below_lashes: how far below the edge of the lower lid it lies, mm.
        under_eye: whether that is under an eye, 1 to 0.
        eyes: vertices and triangles of the eyes.
        bust: those of the shoulders.
    """

    vertices: np.ndarray
    triangles: np.ndarray
    regions: np.ndarray = field(repr=False)
    shares: np.ndarray = field(repr=False)
    swellings: np.ndarray = field(repr=False)
    outer: np.ndarray = field(repr=False)
    paint: np.ndarray = field(repr=False)
    below_lashes: np.ndarray = field(repr=False)
    under_eye: np.ndarray = field(repr=False)
    eyes: tuple[np.ndarray, np.ndarray] = field(repr=False)
    bust: tuple[np.ndarray, np.ndarray] = field(repr=False)

    @property
    def normals(self) -> np.ndarray:
        """Of each vertex, of length 1, shape (n, 3)."""
        return _normals(self.vertices, self.triangles)

    def share_of(self, region: str) -> np.ndarray:
        """Share of a region of `MESH_REGIONS` in each vertex, 1."""
        return (self.shares * (self.regions == MESH_REGIONS.index(region))).sum(axis=1)

    def moved(self, millilitres: Mapping[str, float]) -> np.ndarray:
        """How far each vertex moves along its normal, cm, shape (n,).

        Args:
            millilitres: by region of `MESH_REGIONS`, mL more (below 0: less) than the mesh as it is.

        Raises:
            DocumentError: where there is no such region.
        """
        amounts = np.zeros(len(MESH_REGIONS))
        for name, amount in millilitres.items():
            if name not in MESH_REGIONS:
                near = nearest(name, MESH_REGIONS)
                raise DocumentError(
                    f"no region of the face is called {name!r}; allowed are {'; '.join(MESH_REGIONS)}",
                    hint=f"did you mean {near!r}?" if near else None,
                )
            amounts[MESH_REGIONS.index(name)] = amount
        return (self.swellings * amounts[self.regions]).sum(axis=1)

    def swollen(self, millilitres: Mapping[str, float]) -> np.ndarray:
        """Vertices with so many mL more in regions, cm; arguments and errors as of `moved`."""
        return self.vertices + self.moved(millilitres)[:, None] * self.normals


def face_mesh(scale: float) -> FaceMesh:
    """The skin of head and neck of somebody so many times as tall as the reference person."""
    arrays = _arrays()
    return FaceMesh(
        vertices=arrays["vertices"] * scale,
        triangles=arrays["triangles"].astype(int),
        regions=arrays["regions"].astype(int),
        shares=arrays["shares"] / arrays["shares"].sum(axis=1, keepdims=True),
        swellings=arrays["swellings"] / scale**2,  # as many mL on a larger area
        outer=arrays["outer"] > 0,
        paint=np.stack([arrays["lips"], arrays["brows"]], axis=1) / 255.0,
        below_lashes=arrays["below_lashes"] * scale,
        under_eye=arrays["under_eye"] / 255.0,
        eyes=(arrays["eye_vertices"] * scale, arrays["eye_triangles"].astype(int)),
        bust=(arrays["bust_vertices"] * scale, arrays["bust_triangles"].astype(int)),
    )


def laid_under_skin(points: np.ndarray, depth: float) -> np.ndarray:
    """Points moved to a depth under the skin of the reference head, cm, shape (n, 3).

    What lies below the neck stays where it is.
    """
    vertices, normals = _surface()
    away = np.linalg.norm(points[:, None] - vertices, axis=2)
    near = np.argsort(away, axis=1)[:, :_NEAREST]
    weight = 1.0 / (0.3 + np.take_along_axis(away, near, 1)) ** 2
    weight /= weight.sum(axis=1, keepdims=True)
    skin = (vertices[near] * weight[..., None]).sum(axis=1)
    inward = -(normals[near] * weight[..., None]).sum(axis=1)
    inward /= np.linalg.norm(inward, axis=1, keepdims=True)
    much = ((points[:, 1] - BELOW) / (ABOVE - BELOW)).clip(0.0, 1.0)[:, None]
    return points + much**2 * (3.0 - 2.0 * much) * (skin + depth * inward - points)


@cache
def _arrays() -> Mapping[str, np.ndarray]:
    """The arrays of `face.npz`; not to be changed."""
    with resources.files("venolymph.anatomy").joinpath("face.npz").open("rb") as file, np.load(file) as arrays:
        return {name: np.asarray(arrays[name], float) for name in arrays}


@cache
def _surface() -> tuple[np.ndarray, np.ndarray]:
    """Vertices that something can be laid under, and their normals: those seen from outside, without the ears."""
    arrays = _arrays()
    vertices = arrays["vertices"]
    outward, low, high, front = _EAR
    x, y, z = vertices.T
    ear = (np.abs(x) > outward) & (y > low) & (y < high) & (z < front)
    kept = (arrays["outer"] > 0) & ~ear
    return vertices[kept], _normals(vertices, arrays["triangles"].astype(int))[kept]


def _normals(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    a, b, c = np.moveaxis(vertices[triangles], 1, 0)
    across = np.cross(b - a, c - a)
    found = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(found, triangles[:, corner], across)
    return found / np.linalg.norm(found, axis=1, keepdims=True).clip(1e-12)
