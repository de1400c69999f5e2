"""Writes src/venolymph/anatomy/face.npz, the surface of head and neck, from two glTF files.

    python scripts/make_face_mesh.py face.glb body_context.glb

The files (CC0; `src/venolymph/anatomy/face.md` says where they come from) are in metres with the y axis up: a head with
masks of lids, lips and brows and with shapes that swell lids, cheeks and jowls, and the body that it belongs to, of
which the shoulders are taken. What is written is in cm to the left of, above and forward of the right atrium, as places
of head and neck are named in the template (`body/head_drainage.toml`).

Each vertex belongs by shares to regions of the template. A region swells along the normals: where the file has a shape
for it as that shape does, elsewhere by its shares. Integrating over the mesh says how many mL that is.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from make_leg_mesh import read
from venolymph.body.person_face import FACE_REGIONS

TARGET = Path(__file__).resolve().parents[1] / "src" / "venolymph" / "anatomy" / "face.npz"
ORIGIN = np.array([0.0, 42.75, 5.1])
"""The right atrium in the file, cm: eyes, lips and chin then lie where the template has them, within 0.5 cm."""
SEEDS: Mapping[str, Sequence[tuple[float, float, float]]] = {
    "forehead": [
        (8.6, 0.5, 35.5), (8.3, 2.5, 35.5), (8.8, 0.8, 33.4), (7.2, 4.3, 35.0), (7.6, 0.5, 37.6), (6.4, 3.0, 37.6),
    ],
    "temple": [(4.0, 6.5, 32.0), (4.5, 6.2, 34.6), (6.0, 5.6, 32.2)],
    "upper lid": [(8.0, 3.2, 31.3), (7.9, 2.2, 31.2), (7.7, 4.2, 31.2)],
    "lower lid, medial": [(8.0, 2.2, 30.1), (8.1, 2.9, 30.0)],
    "lower lid, lateral": [(7.9, 3.7, 30.1), (7.4, 4.5, 30.4)],
    "cheek, medial": [(8.0, 3.5, 27.0), (8.2, 2.9, 25.4), (7.2, 4.4, 27.6)],
    "cheek, lateral": [(4.0, 6.5, 25.5), (5.8, 5.6, 28.6), (3.5, 6.7, 28.8), (5.8, 5.2, 25.0), (3.6, 6.3, 23.4)],
    "nose": [(10.5, 1.0, 28.0), (10.0, 0.3, 29.6), (9.4, 0.4, 31.2), (9.4, 1.6, 27.2)],
    "chin": [(8.6, 0.5, 20.6), (8.4, 2.0, 21.0)],
    "jawline": [(5.0, 5.0, 20.4), (6.6, 3.8, 20.8), (3.2, 5.9, 21.0)],
    "neck, front": [(4.0, 1.0, 17.6), (3.6, 2.0, 14.6), (5.5, 1.6, 18.6)],
    "neck, side": [(0.0, 5.5, 14.5), (0.6, 5.4, 18.0), (-4.0, 5.4, 16.5), (-5.5, 2.5, 18.5), (-6.2, 0.5, 18.5)],
    "ear and mastoid": [(-1.0, 7.5, 26.0), (-2.2, 6.8, 23.6), (-1.5, 8.4, 28.0)],
    "scalp, back": [
        (-7.0, 4.0, 31.0), (0.0, 5.5, 39.5), (-5.0, 6.3, 36.0), (-8.5, 0.5, 27.5), (1.5, 7.0, 37.0), (-7.0, 2.5, 23.5),
        (4.0, 0.5, 40.8), (-4.0, 1.0, 41.0), (-9.0, 1.0, 34.0), (-5.0, 6.0, 27.5),
    ],
}  # fmt: skip
"""Where each region of the left side lies, besides masks of the file: forward, outward, up, cm; drawn by eye about the
template's places."""
SOFT = 0.8
"""Width over which a region passes into the next, cm."""
MIDLINE = 0.25
"""Width over which a side passes into the other, cm."""
SLOTS = 6
"""Regions that a vertex can belong to, or swell with."""
SHAPES = {"upper lid": "upperlid", "cheek, medial": "cheek", "jawline": "jowl"}
"""Shapes of the file that a region swells as; both lower lids share `lowerlid`."""
LID_SPLIT, LID_SOFT = 3.2, 0.3
"""How far outward a lower lid's medial part ends, and the width over which it does, cm."""
BEHIND_LIPS = 7.5
"""How far forward the inside of the mouth is kept, cm."""
MOUTH = (2.4, 22.9, 24.2, 7.7)
"""A plate behind the lips, through which one would look into the head: half its width, lower and upper edge, how far
forward, cm."""
SHOULDERS = (24.0, 57.5, 21.5)
"""Heights in the file between which the shoulders are taken, and how far outward, cm."""
SMOOTHED = 4
"""How often a region's swelling is averaged over neighbours."""
UNDER_EYE = (1.2, 2.2), (4.4, 5.6)
"""How far outward a trough or bag under an eye begins and is whole, then is whole and ends, cm."""


def normals_of(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Normal of each vertex times a third of the area around it, cm2."""
    a, b, c = np.moveaxis(vertices[triangles], 1, 0)
    across = np.cross(b - a, c - a) / 6.0
    found = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(found, triangles[:, corner], across)
    return found


def averaged(values: np.ndarray, triangles: np.ndarray, times: int) -> np.ndarray:
    """Values of vertices averaged with those of their neighbours."""
    pairs = np.vstack([triangles[:, one] for one in ((0, 1), (1, 2), (2, 0))])
    pairs = np.vstack([pairs, pairs[:, ::-1]])
    count = np.bincount(pairs[:, 0], minlength=len(values))[:, None]
    for _ in range(times):
        around = np.zeros_like(values)
        np.add.at(around, pairs[:, 0], values[pairs[:, 1]])
        values = 0.5 * values + 0.5 * around / np.maximum(count, 1)
    return values


def is_outer(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Whether each vertex is seen from outside: a ray along its normal, or aslant to it, leaves the head freely."""
    normals = normals_of(points, triangles)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    a, b, c = np.moveaxis(points[triangles], 1, 0)
    first, second = b - a, c - a
    free = np.zeros(len(points), bool)
    for lean in ([0, 0, 0], [0.6, 0.6, 0.3], [-0.6, 0.6, 0.3], [0.6, -0.6, 0.3], [-0.6, -0.6, 0.3], [0, 0, 1.0]):
        for number in np.flatnonzero(~free):
            ray = normals[number] + lean
            start = points[number] + 0.05 * normals[number]
            across = np.cross(ray, second)
            with np.errstate(divide="ignore", invalid="ignore"):
                fit = 1.0 / (first * across).sum(axis=1)
                u = ((start - a) * across).sum(axis=1) * fit
                turned = np.cross(start - a, first)
                v = turned @ ray * fit
                far = (second * turned).sum(axis=1) * fit
            free[number] = not ((u >= 0.0) & (v >= 0.0) & (u + v <= 1.0) & (far > 1e-6)).any()
    return free


def without_insides(
    points: np.ndarray, triangles: np.ndarray, masks: np.ndarray, columns: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[np.ndarray]]:
    """Points, triangles, masks and further columns without the inside of the mouth and of the sockets."""
    kept = triangles[(is_outer(points, triangles) | (points[:, 2] > BEHIND_LIPS))[triangles].any(axis=1)]
    used, numbers = np.unique(kept, return_inverse=True)
    return points[used], numbers.reshape(-1, 3), masks[used], [one[used] for one in columns]


def with_mouth(
    points: np.ndarray, triangles: np.ndarray, masks: np.ndarray, columns: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[np.ndarray]]:
    """Points, triangles, masks and further columns with the plate behind the lips, which has their colour."""
    wide, low, high, forward = MOUTH
    plate = np.array([(x, y, forward) for x, y in ((-wide, low), (wide, low), (wide, high), (-wide, high))])
    more = len(points) + np.array([(0, 1, 2), (0, 2, 3)])
    lips = np.tile([0.0, 0.0, 0.0, 1.0], (4, 1))
    longer = [np.concatenate([one, np.zeros((4, *one.shape[1:]))]) for one in columns]
    return np.vstack([points, plate]), np.vstack([triangles, more]), np.vstack([masks, lips]), longer


def shares_of(points: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Share of each region (left, then right) in each vertex, shape (n, 30); they sum to 1.

    Args:
        points: cm.
        masks: of the file: lower lid, upper lid, cheek, lips.
    """
    lower, upper, _, lips = masks.T
    rest = np.clip(1.0 - np.maximum.reduce([lower, upper, lips]), 0.0, 1.0)[:, None]
    halves = []
    for sign in (1.0, -1.0):
        own = points * [sign, 1.0, 1.0]
        medial = 1.0 / (1.0 + np.exp((own[:, 0] - LID_SPLIT) / LID_SOFT))
        masked = {
            "upper lid": upper,
            "lower lid, medial": lower * medial,
            "lower lid, lateral": lower * (1.0 - medial),
            "lips": lips,
        }
        near, given = (np.zeros((len(points), len(FACE_REGIONS))) for _ in range(2))
        for number, region in enumerate(FACE_REGIONS):
            given[:, number] = masked.get(region, 0.0)
            if region not in SEEDS:
                continue
            seeds = np.array([(x, u, f) for f, x, u in SEEDS[region]])
            away = np.linalg.norm(own[:, None] - seeds, axis=2).min(axis=1)
            near[:, number] = np.exp(-np.minimum(0.5 * (away / SOFT) ** 2, 300.0))
        # regions at the midline pass into those of the other side
        side = 1.0 / (1.0 + np.exp(-(own[:, 0] / MIDLINE).clip(-50.0, 50.0)))
        halves.append((given + rest * _whole(near)) * side[:, None])
    return _whole(np.concatenate(halves, axis=1))


def _whole(values: np.ndarray) -> np.ndarray:
    return values / values.sum(axis=1, keepdims=True).clip(1e-300)


def swellings(
    points: np.ndarray, triangles: np.ndarray, shares: np.ndarray, shapes: Mapping[str, np.ndarray], eye: np.ndarray
) -> np.ndarray:
    """How far each vertex moves along its normal for each mL of each region, cm/mL, shape (n, 30).

    Volume is the integral of the movement along the normals over the surface, to first order. The inside of mouth and
    sockets has no share.
    """
    area = normals_of(points, triangles)
    size = np.linalg.norm(area, axis=1)
    normals = area / size[:, None].clip(1e-12)
    found, seen = np.zeros_like(shares), shares.sum(axis=1) > 0.0
    for number in range(30):
        side, region = "lr"[number // 15], FACE_REGIONS[number % 15]
        own = averaged(shares[:, number : number + 1], triangles, SMOOTHED)[:, 0] * seen
        if "lower lid" in region or region in SHAPES:
            moved = np.linalg.norm(shapes[f"{SHAPES.get(region, 'lowerlid')}_{side}"], axis=1)
            shape = moved / moved.max()
            own = shape * (own + 0.02) if "lid" in region else own * (0.35 + 0.65 * shape)
        if "lid" in region:  # what is turned to the eye is seen by nobody
            away = points - eye * [1.0 if side == "l" else -1.0, 1.0, 1.0]
            away /= np.linalg.norm(away, axis=1, keepdims=True)
            own = own * np.clip(3.0 * (normals * away).sum(axis=1), 0.0, 1.0)
        own[own < 0.01 * own.max()] = 0.0
        found[:, number] = own / (own * size).sum()
    return found


def slots_of(shares: np.ndarray, swelling: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each vertex the regions that count most in it, and of each the share and the swelling; shape (n, SLOTS)."""
    weight = shares / shares.max() + swelling / swelling.max(axis=0)
    regions = np.argsort(-weight, axis=1)[:, :SLOTS]
    kept = np.take_along_axis(shares, regions, 1)
    moved = np.take_along_axis(swelling, regions, 1)
    lost = 1.0 - moved.sum() / swelling.sum()
    print(f"left out of what swells: {100 * lost:.2f} %; of shares {100 * (1 - kept.sum() / len(kept)):.2f} %")
    return regions, _whole(kept), moved


def below_lashes(points: np.ndarray, masks: np.ndarray, eye: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far below the edge of the lower lid each vertex lies, mm, and whether that is under an eye, 1 to 0."""
    outer = np.abs(points[:, 0])
    lid = (masks[:, 0] > 0.3) & (points[:, 2] > eye[2] - 0.6)
    at = np.arange(1.4, 5.0, 0.3)
    edge = np.array([points[lid & (np.abs(outer - x) < 0.3), 1].max(initial=-np.inf) for x in at])
    edge = np.polyval(np.polyfit(at[np.isfinite(edge)], edge[np.isfinite(edge)], 2), outer.clip(at[0], at[-1]))
    found = (10.0 * (edge - points[:, 1])).clip(-60.0, 60.0)
    (inner, inside), (outside, last) = UNDER_EYE
    across = _step(inner, inside, outer) * _step(last, outside, outer)
    return found, across * (points[:, 2] > 3.5) * _step(-3.0, 1.0, found) * _step(34.0, 24.0, found)


def _step(low: float, high: float, values: np.ndarray) -> np.ndarray:
    share = ((values - low) / (high - low)).clip(0.0, 1.0)
    return share**2 * (3.0 - 2.0 * share)


def shoulders(source: Path) -> tuple[np.ndarray, np.ndarray]:
    """The shoulders of the body, as far as they are drawn."""
    about, arrays = read(source)
    primitive = about["meshes"][0]["primitives"][0]
    vertices = arrays[primitive["attributes"]["POSITION"]].astype(float) * 100.0
    triangles = arrays[primitive["indices"]].reshape(-1, 3).astype(int)
    low, high, out = SHOULDERS
    here = (vertices[:, 1] > low) & (vertices[:, 1] < high) & (np.abs(vertices[:, 0]) < out)
    kept = triangles[here[triangles].all(axis=1)]
    used, numbers = np.unique(kept, return_inverse=True)
    return vertices[used] - ORIGIN, numbers.reshape(-1, 3)


def main(source: Path, body: Path) -> None:
    about, arrays = read(source)
    skin, eyes = (one["primitives"][0] for one in about["meshes"])
    attributes: dict[str, Any] = skin["attributes"]
    points = arrays[attributes["POSITION"]].astype(float) * 100.0 - ORIGIN
    triangles = arrays[skin["indices"]].reshape(-1, 3).astype(int)
    masks = arrays[attributes["_REGION"]].astype(float)
    names = about["meshes"][0]["extras"]["targetNames"]
    shapes = {name: arrays[one["POSITION"]] for name, one in zip(names, skin["targets"], strict=True)}
    eye = np.array(about["scenes"][0]["extras"]["joints"]["eye.L"]) * 100.0 - ORIGIN
    columns = [arrays[attributes["_BROW"]][:, 0], *shapes.values()]
    points, triangles, masks, (brows, *moved) = without_insides(*with_mouth(points, triangles, masks, columns))
    shapes = dict(zip(shapes, moved, strict=True))
    outer = is_outer(points, triangles)
    shares = shares_of(points, masks)
    swelling = swellings(points, triangles, shares * outer[:, None], shapes, eye)
    regions, kept, moved = slots_of(shares, swelling)
    area = outer * np.linalg.norm(normals_of(points, triangles), axis=1)
    for number, region in enumerate(FACE_REGIONS):
        print(f"{region}: {(shares[:, number] * area).sum():.1f} cm2, most {swelling[:, number].max():.3f} cm/mL")
    bust, between = shoulders(body)
    below, under = below_lashes(points, masks, eye)
    np.savez_compressed(
        TARGET,
        vertices=points.astype(np.float32),
        triangles=triangles.astype(np.uint16),
        regions=regions.astype(np.uint8),
        shares=np.round(255.0 * kept).astype(np.uint8),
        swellings=moved.astype(np.float16),
        outer=outer.astype(np.uint8),
        lips=np.round(255.0 * masks[:, 3]).astype(np.uint8),
        brows=np.round(255.0 * brows.clip(0.0, 1.0)).astype(np.uint8),
        below_lashes=below.astype(np.float16),
        under_eye=np.round(255.0 * under).astype(np.uint8),
        eye_vertices=(arrays[eyes["attributes"]["POSITION"]] * 100.0 - ORIGIN).astype(np.float32),
        eye_triangles=arrays[eyes["indices"]].reshape(-1, 3).astype(np.uint16),
        bust_vertices=bust.astype(np.float32),
        bust_triangles=between.astype(np.uint16),
    )
    print(TARGET, TARGET.stat().st_size, "bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
