"""Writes src/venolymph/anatomy/leg.npz, the surface of the reference leg, from a glTF file of a left leg.

    python scripts/make_leg_mesh.py leg_hi.glb

The file (CC0; `src/venolymph/anatomy/leg.md` says where it comes from) is in metres with the y axis up, and tells where
its joints are. What is written is in cm, with heights as the network has them: sole, ankle, knee and hip are moved to
the proportions of the reference leg, and each part is widened or narrowed until it holds the volume of the figures
(`tissue.region.*.volume`). A table of radii beside it says by height and angle
how far the skin is from the limb's axis.
"""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from venolymph.body.links import joints
from venolymph.figures import Figures, load

TARGET = Path(__file__).resolve().parents[1] / "src" / "venolymph" / "anatomy" / "leg.npz"
REGIONS = ("foot", "ankle", "calf", "knee", "thigh")
HEIGHTS = np.r_[np.arange(-10.0, 0.0, 0.5), np.arange(0.0, 90.01, 1.0)]
ANGLES = np.deg2rad(np.arange(0.0, 360.0, 5.0))
FADE = 6.0
"""Width over which a swelling fades at the ends of its region, cm: beyond, targets of the source shift the leg."""
INSTEP, TURNED = 7.6, 0.5
"""Where the line lies about which sections turn, cm before the ankle joint at its height; share of the foot's heights
over which they do."""
TOES = 6.5
"""How far behind the tip of the longest toe the axis of the foot ends, cm: where the toes part."""


def read(path: Path) -> tuple[dict[str, Any], list[np.ndarray]]:
    """The description and the arrays of a binary glTF file."""
    data = path.read_bytes()
    size = struct.unpack("<I", data[12:16])[0]
    about, start = json.loads(data[20 : 20 + size]), 28 + size
    arrays = []
    for one in about["accessors"]:
        view = about["bufferViews"][one["bufferView"]]
        width = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}[one["type"]]
        kind = {5126: "<f4", 5123: "<u2", 5125: "<u4"}[one["componentType"]]
        at = start + view.get("byteOffset", 0) + one.get("byteOffset", 0)
        arrays.append(np.frombuffer(data, kind, one["count"] * width, at).reshape(one["count"], width))
    return about, arrays


def lid(triangles: np.ndarray, count: int) -> np.ndarray:
    """Triangles that close the one open loop of a mesh, about a vertex of number `count` in its middle."""
    edges = np.vstack([triangles[:, pair] for pair in ((0, 1), (1, 2), (2, 0))]).astype(int)
    known = {tuple(edge) for edge in edges}
    return np.array([(b, a, count) for a, b in edges if (b, a) not in known])


def volume(vertices: np.ndarray, triangles: np.ndarray) -> float:
    """Volume that a closed mesh encloses."""
    a, b, c = np.moveaxis(vertices[triangles], 1, 0)
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)


def below(vertices: np.ndarray, triangles: np.ndarray, height: float) -> float:
    """Volume of a closed mesh below a height."""
    total = 0.0
    for corners in vertices[triangles] - [0.0, height, 0.0]:
        total += _cone_below(corners)
    return total


def _cone_below(corners: np.ndarray) -> float:
    """What a triangle adds to the volume below y = 0: that of the cone from its part there to the origin."""
    kept = []
    for here, there in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if here[1] < 0.0:
            kept.append(here)
        if (here[1] < 0.0) != (there[1] < 0.0):
            kept.append(here + (there - here) * here[1] / (here[1] - there[1]))
    fan = [np.dot(kept[0], np.cross(kept[i], kept[i + 1])) for i in range(1, len(kept) - 1)]
    return sum(map(float, fan)) / 6.0


def placed(points: np.ndarray, marks: Mapping[str, np.ndarray], figures: Figures) -> np.ndarray:
    """Points in cm with heights above the malleolus in the proportions of the reference leg."""
    stature = figures["body_proportions.reference.height"].internal
    knee, hip, _ = joints(lambda key: figures[key].internal, stature)
    sole = -figures["body_proportions.ankle"].internal * stature
    own = [points[:, 1].min(), marks["foot.L"][1], marks["lowerleg01.L"][1], marks["upperleg01.L"][1]]
    new = [sole, 0.0, knee, hip]
    beyond = hip + (points[:, 1] - own[3]) * (hip - knee) / (own[3] - own[2])
    height = np.where(points[:, 1] > own[3], beyond, np.interp(points[:, 1], own, new))
    across = hip / (own[3] - own[1])
    return np.stack([points[:, 0] * across, height, points[:, 2] * across], axis=1)


def bounds(figures: Figures) -> dict[str, tuple[float, float]]:
    """Heights of the ends of each part."""
    ends = ("lower_end", "upper_end")
    return {
        name: (figures[f"body_proportions.region.{name}.{ends[0]}"].internal,
               figures[f"body_proportions.region.{name}.{ends[1]}"].internal)
        for name in REGIONS
    }  # fmt: skip


def axis_of(vertices: np.ndarray) -> np.ndarray:
    """The middle of the limb at each of the heights from 0 up, (x, z); above the crotch it goes straight on."""
    found = []
    for height in HEIGHTS[HEIGHTS >= 0.0]:
        near = vertices[np.abs(vertices[:, 1] - height) < 1.5][:, [0, 2]]
        found.append(0.5 * (near.min(axis=0) + near.max(axis=0)))
    axis = np.array(found)
    full = 72
    axis[full:] = axis[full] + (np.arange(len(axis) - full)[:, None] / 12.0) * (axis[full] - axis[full - 12])
    kernel = np.ones(7) / 7.0
    return np.stack([np.convolve(np.pad(one, 3, "edge"), kernel, "valid") for one in axis.T], axis=1)


def widened(vertices: np.ndarray, triangles: np.ndarray, axis: np.ndarray, figures: Figures) -> np.ndarray:
    """The mesh with each part as voluminous as the figures say; between their middles the factor changes evenly."""
    ends = bounds(figures)
    middles = [0.5 * sum(ends[name]) for name in REGIONS]
    wanted = np.array([figures[f"tissue.region.{name}.volume"].internal for name in REGIONS])
    middle = np.stack([np.interp(vertices[:, 1], HEIGHTS[HEIGHTS >= 0.0], one) for one in axis.T], axis=1)
    factors = np.ones(len(REGIONS))
    for _ in range(12):
        factor = np.interp(vertices[:, 1], middles, factors)
        own = vertices.copy()
        own[:, [0, 2]] = middle + (own[:, [0, 2]] - middle) * factor[:, None]
        steps = np.diff([0.0, *(below(own, triangles, ends[name][1]) for name in REGIONS[:-1]), volume(own, triangles)])
        factors *= np.sqrt(wanted / steps)
    print("factors", dict(zip(REGIONS, factors.round(3), strict=True)), "mL", steps.round(0))
    return own


def foot_axis(vertices: np.ndarray, axis: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centre of each section of the foot and the tilt of its front, from the toes to the ankle.

    Sections turn about a line before the instep, so that they do not cross in the leg: flat at the ankle, upright from
    the middle of the foot on. So their front is the back of the foot, and their back the heel and then the sole.
    """
    sole, toes = vertices[:, 1].min(), vertices[:, 2].max() - TOES
    share = -HEIGHTS[HEIGHTS < 0.0] / 10.0
    turned = np.clip(share / TURNED, 0.0, 1.0)
    tilt, far = 0.5 * np.pi * turned, (INSTEP - axis[0, 1]) * (1.0 - turned) + 0.53 * -sole * turned
    along = np.clip((share - TURNED) / (1.0 - TURNED), 0.0, 1.0)
    y = -far * np.sin(tilt) + (sole + 1.4 + 0.53 * -sole) * along
    z = INSTEP - far * np.cos(tilt) + (toes - INSTEP) * along
    curve = np.stack([y, z], axis=1)
    foremost = []
    for z in curve[:, 1]:
        near = vertices[(vertices[:, 1] < 0.0) & (np.abs(vertices[:, 2] - max(z, 3.0)) < 1.0)]
        foremost.append(0.5 * (near[:, 0].min() + near[:, 0].max()) if z > 3.0 else np.nan)
    across = np.array(foremost)
    known = ~np.isnan(across)
    across = np.interp(share, [0.0, *share[known][::-1]], [axis[0, 0], *across[known][::-1]])
    return np.stack([across, curve[:, 0], curve[:, 1]], axis=1), tilt


def radii(vertices: np.ndarray, triangles: np.ndarray, centres: np.ndarray, tilt: np.ndarray) -> np.ndarray:
    """Distance from each centre to the skin in the direction of each angle, cm."""
    a, b, c = np.moveaxis(vertices[triangles], 1, 0)
    first, second = b - a, c - a
    found = np.full((len(centres), len(ANGLES)), np.nan)
    for i, (centre, turn) in enumerate(zip(centres, tilt, strict=True)):
        front = np.array([0.0, np.sin(turn), np.cos(turn)])
        for j, angle in enumerate(ANGLES):
            ray = np.cos(angle) * np.array([1.0, 0.0, 0.0]) + np.sin(angle) * front
            across = np.cross(ray, second)
            fit = np.einsum("ij,ij->i", first, across)
            with np.errstate(divide="ignore", invalid="ignore"):
                u = np.einsum("ij,ij->i", centre - a, across) / fit
                turned = np.cross(centre - a, first)
                v = turned @ ray / fit
                far = np.einsum("ij,ij->i", second, turned) / fit
            hit = (u >= -1e-9) & (v >= -1e-9) & (u + v <= 1 + 1e-9) & (far > 0.0)
            found[i, j] = far[hit].min() if hit.any() else np.nan
    for i in range(1, len(found)):  # above the cut the skin goes on as it is below
        found[i] = np.where(np.isnan(found[i]), found[i - 1], found[i])
    return found


def swellings(
    about: Mapping[str, Any], arrays: Sequence[np.ndarray], heights: np.ndarray, figures: Figures
) -> np.ndarray:
    """What each target moves its own region by, cm, shape (regions, vertices, 3)."""
    primitive = about["meshes"][0]["primitives"][0]
    names = about["meshes"][0]["extras"]["targetNames"]
    moved = {name: arrays[one["POSITION"]] for name, one in zip(names, primitive["targets"], strict=True)}
    found = []
    for name, (low, high) in bounds(figures).items():
        inside = np.clip(np.minimum(heights - low, high - heights) / FADE + 1.0, 0.0, 1.0)
        if name == "foot":
            inside = np.clip((high - heights) / FADE + 1.0, 0.0, 1.0)
        found.append(moved[name] * 100.0 * (inside**2 * (3.0 - 2.0 * inside))[:, None])
    return np.array(found)


def main(source: Path) -> None:
    figures = load()
    about, arrays = read(source)
    attributes = about["meshes"][0]["primitives"][0]["attributes"]
    triangles = arrays[about["meshes"][0]["primitives"][0]["indices"]].reshape(-1, 3).astype(int)
    marks = {name: np.array(point) for name, point in about["scenes"][0]["extras"]["joints"].items()}
    skin = placed(arrays[attributes["POSITION"]].astype(float), marks, figures)
    cap = lid(triangles, len(skin))
    loop = np.unique(cap[:, :2])
    closed = np.vstack([triangles, cap])
    whole = np.vstack([skin, skin[loop].mean(axis=0)])
    axis = axis_of(skin)
    whole = widened(whole, closed, axis, figures)
    feet, tilt = foot_axis(whole, axis)
    upright = HEIGHTS[HEIGHTS >= 0.0]
    centres = np.vstack([feet, np.stack([axis[:, 0], upright, axis[:, 1]], axis=1)])
    tilt = np.r_[tilt, np.zeros(len(upright))]
    deltas = swellings(about, arrays, whole[:-1, 1], figures)
    deltas = np.concatenate([deltas, deltas[:, loop].mean(axis=1, keepdims=True)], axis=1)
    np.savez_compressed(
        TARGET,
        vertices=whole.astype(np.float32),
        triangles=triangles.astype(np.uint16),
        cap=cap.astype(np.uint16),
        swellings=deltas.astype(np.float16),
        heights=HEIGHTS.astype(np.float32),
        centres=centres.astype(np.float32),
        tilt=tilt.astype(np.float32),
        radii=radii(whole, triangles, centres, tilt).astype(np.float32),
    )
    print(TARGET, TARGET.stat().st_size, "bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
