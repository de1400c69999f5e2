"""The skin of a leg as a mesh that can swell by so many mL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from venolymph.anatomy.surface import mesh_arrays
from venolymph.errors import DocumentError, nearest

SWELLING_REGIONS = ("foot", "ankle", "calf", "knee", "thigh")
"""Regions that a mesh can swell in, in the order of the mesh's own."""


@dataclass(frozen=True)
class SkinMesh:
    """The skin of one leg, open at the groin.

    Attributes:
        vertices: cm, shape (n, 3), in the coordinates of `Geometry`. The last one is the middle of the cut at the groin
            and belongs to the cap alone.
        triangles: corners of each, seen from outside counter-clockwise, shape (m, 3).
        cap: triangles that close the cut.
        swellings: for each region what its whole swelling moves each vertex by, cm, shape (n, 3).
    """

    vertices: np.ndarray
    triangles: np.ndarray
    cap: np.ndarray
    swellings: Mapping[str, np.ndarray] = field(repr=False)

    @property
    def closed(self) -> np.ndarray:
        """All triangles, the cap's among them."""
        return np.vstack([self.triangles, self.cap])

    @property
    def volume(self) -> float:
        """What skin and cap enclose, mL."""
        return enclosed(self.vertices, self.closed)

    @property
    def room(self) -> dict[str, float]:
        """How much each region can swell, mL: what its whole swelling adds."""
        own = self.volume
        return {name: enclosed(self.vertices + moved, self.closed) - own for name, moved in self.swellings.items()}

    def contains(self, points: np.ndarray) -> np.ndarray:
        """Whether points (cm, shape (n, 3)) lie under the skin and below the cut, by the angle that the mesh fills."""
        return _winding(points, self.vertices[self.closed]) > 0.5

    def weights(self, millilitres: Mapping[str, float]) -> dict[str, float]:
        """Share of each region's whole swelling that adds its mL, one region after another.

        Args:
            millilitres: by region, mL; 0 up to `room`.

        Raises:
            DocumentError: where there is no such region, or it cannot swell so much.
        """
        found: dict[str, float] = {}
        vertices, room = self.vertices, self.room
        for name, amount in millilitres.items():
            if name not in self.swellings:
                near = nearest(name, self.swellings)
                raise DocumentError(
                    f"no region of the skin is called {name!r}; allowed are {', '.join(self.swellings)}",
                    hint=f"did you mean {near!r}?" if near else None,
                )
            if not 0.0 <= amount <= room[name]:
                raise DocumentError(f"a swelling of {amount:.0f} mL in {name}; allowed is 0 to {room[name]:.0f} mL")
            found[name] = _weight(vertices, self.swellings[name], self.closed, amount)
            vertices = vertices + found[name] * self.swellings[name]
        return found

    def swollen(self, millilitres: Mapping[str, float]) -> SkinMesh:
        """The same skin with so many mL more in regions of it.

        Args:
            millilitres: by region, mL; 0 up to `room`.

        Raises:
            DocumentError: where there is no such region, or it cannot swell so much.
        """
        moved = sum(share * self.swellings[name] for name, share in self.weights(millilitres).items())
        return replace(self, vertices=self.vertices + moved)


def skin_of(side: str, scale: np.ndarray) -> SkinMesh:
    """The skin of a leg.

    Args:
        side: `left` or `right`.
        scale: of the reference body in each direction, 1.
    """
    arrays = mesh_arrays()
    factor = scale * np.array([1.0 if side == "left" else -1.0, 1.0, 1.0])
    turn = slice(None) if side == "left" else slice(None, None, -1)
    moved = zip(SWELLING_REGIONS, arrays["swellings"], strict=True)
    return SkinMesh(
        arrays["vertices"] * factor,
        arrays["triangles"][:, turn],
        arrays["cap"][:, turn],
        {name: delta * factor for name, delta in moved},
    )


def enclosed(vertices: np.ndarray, triangles: np.ndarray) -> float:
    """Volume that a closed mesh encloses, mL."""
    a, b, c = np.moveaxis(vertices[triangles], 1, 0)
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)


def _weight(vertices: np.ndarray, moved: np.ndarray, triangles: np.ndarray, amount: float) -> float:
    """The share of a movement that adds an amount of volume (a cubic in it), by halving."""
    own = enclosed(vertices, triangles)
    low, high = 0.0, 1.2  # swellings before it leave it less or more room
    for _ in range(40):
        middle = 0.5 * (low + high)
        less = enclosed(vertices + middle * moved, triangles) - own < amount
        low, high = (middle, high) if less else (low, middle)
    return 0.5 * (low + high)


def _winding(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """How often a closed mesh winds round each point (van Oosterom and Strackee's solid angle), 1 inside, 0 outside."""
    found = np.empty(len(points))
    for number, point in enumerate(points):
        a, b, c = np.moveaxis(corners - point, 1, 0)
        la, lb, lc = (np.linalg.norm(one, axis=1) for one in (a, b, c))
        top = np.einsum("ij,ij->i", a, np.cross(b, c))
        ab, bc, ca = (np.einsum("ij,ij->i", one, two) for one, two in ((a, b), (b, c), (c, a)))
        found[number] = np.arctan2(top, la * lb * lc + ab * lc + bc * la + ca * lb).sum() / (2.0 * np.pi)
    return found
