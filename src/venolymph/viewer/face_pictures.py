"""The face as still pictures, for where nothing moves: on paper, in a browser without WebGL or scripts, on cards."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from html import escape
from typing import Any

import numpy as np
from jaxtyping import Float
from PIL import Image

from venolymph.numbers import clock, number
from venolymph.skin import skin_table
from venolymph.viewer.recording import Recording

PER_CM = 11.0
"""Pixels of a picture in a centimetre."""
WINDOW = (-9.5, 9.5, 17.0, 43.0)
"""What is in a picture: from left to right, from low to high, cm of the reference head."""
LIGHT = np.array([0.0, 0.34, 0.94])
"""Towards the lamp, a window before the face: to the left, up, forward."""
DIM, BRIGHT = 0.32, 0.72
"""Share of light that comes from everywhere, and that comes from the lamp."""
PARTS = {"lower lids": "lower lid", "cheeks": "cheek", "neck": "neck"}
"""Parts of the table beside the pictures, and how the names of their regions begin."""


def face_stills(recording: Recording) -> str:
    """Pictures of a face at its begin and at the end of what was done, and a table of swelling there, as HTML."""
    moments, stills = list(_moments(recording)), FaceStills(recording)
    shown = []
    for time, label in moments:
        told = escape(f"{label} at {clock(time)}")
        source = f"data:image/png;base64,{_encoded(stills.picture(time))}"
        shown.append(f'<figure><img alt="the face, {told}" src="{source}"><figcaption>{told}</figcaption></figure>')
    mirrored = "One half was simulated; the other half is its mirror image. "
    said = mirrored if recording.head["face"]["mirrored"] else ""
    return (
        f"<div class=still>{''.join(shown)}</div>"
        f"<p class=scale>{said}Colour by what is in the skin; lips, brows and eyes are painted.</p>"
        + _table(recording, moments)
    )


def face_picture(recording: Recording, time: float, *, tone: str = "", per_cm: float = PER_CM) -> Image.Image:
    """A face from the front at a moment, with light on the slopes of its swollen skin.

    Args:
        recording: of a face.
        time: s since the run's start.
        tone: name of a skin tone (`head["face"]["tones"]`); the person's where empty.
        per_cm: pixels in a centimetre.
    """
    return FaceStills(recording, per_cm).picture(time, tone)


class FaceStills:
    """Pictures of one face, whose outline is that of the mesh at rest.

    Args:
        recording: of a face.
        per_cm: pixels in a centimetre.
    """

    def __init__(self, recording: Recording, per_cm: float = PER_CM) -> None:
        self.recording = recording
        arrays = recording.places.arrays
        self.vertices, self.triangles = arrays["face.vertices"].astype(float), arrays["face.triangles"].astype(int)
        self.normals = _normals(self.vertices, self.triangles)
        self.eyes, self.between = arrays["face.eyes"].astype(float), arrays["face.eyes.triangles"].astype(int)
        self.corners, self.shares = _raster(
            np.vstack([self.vertices, self.eyes]) / recording.head["face"]["scale"],
            np.vstack([self.triangles, self.between + len(self.vertices)]),
            per_cm,
        )

    def picture(self, time: float, tone: str = "") -> Image.Image:
        """The face at a moment (s), on nothing; the person's tone where none is named."""
        arrays = self.recording.places.arrays
        regions = arrays["face.regions"].astype(int)
        amounts = _values(self.recording, "swelling", time, 0.0)
        moved = (arrays["face.swellings"] * amounts[regions]).sum(axis=1)
        normals = _normals(self.vertices + moved[:, None] * self.normals, self.triangles)
        shares = arrays["face.shares"] / arrays["face.shares"].sum(axis=1, keepdims=True)
        colour = (_colours(self.recording, time, tone)[regions] * shares[..., None]).sum(axis=1)
        lips, brows = arrays["face.paint"].T[:, :, None] / 255.0
        colour = colour * (1.0 - 0.8 * lips * (1.0 - np.array([0.72, 0.4, 0.4]))) * (1.0 - 0.84 * brows)
        lit = colour * (DIM + BRIGHT * (normals @ LIGHT).clip(0.0))[:, None]
        both = np.vstack([lit, _eyes(self.eyes, self.between, float(colour.max()))])
        seen = (both[self.corners] * self.shares[..., None]).sum(axis=-2)
        return Image.fromarray(_screen(seen, self.shares.sum(axis=-1)), "RGBA")


def _moments(recording: Recording) -> Iterator[tuple[float, str]]:
    """The begin, and the end of each kind of thing that was done, the last time that it was; four at most."""
    found: dict[str, tuple[float, str]] = {}
    for phase in recording.head["phases"]:
        found.pop(phase["kind"], None)
        found[phase["kind"]] = (phase["start"] + phase["duration"], f"end of {phase['label']}")
    yield 0.0, "begin"
    yield from sorted(found.values())[-3:]


def _values(recording: Recording, quantity: str, time: float, otherwise: float) -> Float[np.ndarray, " regions"]:
    """A quantity of each region of the mesh at a moment."""
    rows = np.array(recording.head["face"]["rows"])
    if quantity not in recording.series:
        return np.full(len(rows), otherwise)
    values, times = recording.series[quantity], recording.times["exchange"]
    found = np.array([np.interp(time, times, column) for column in values.T])[rows]
    return np.where(np.isfinite(found), found, otherwise)


def _colours(recording: Recording, time: float, tone: str) -> Float[np.ndarray, "regions 3"]:
    """Linear red, green and blue of each region."""
    told, table = recording.head["face"], skin_table()
    factor = {one["name"]: one["melanin"] / told["tone"]["melanin"] for one in told["tones"]}.get(tone, 1.0)
    given = {
        "blood": _values(recording, "skin_blood", time, 1.0),
        "oxygenation": _values(recording, "skin_oxygenation", time, told["oxygenation"]),
        "water": _values(recording, "skin_water", time, 1.0),
    }
    melanin, places = factor * np.array(told["melanin"]), np.array(told["places"])
    found = np.zeros((len(places), 3))
    for place in table.places:
        at = places == place
        found[at] = table.linear_rgb(place, melanin[at], **{name: values[at] for name, values in given.items()}).T
    return found


def _normals(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    a, b, c = np.moveaxis(vertices[triangles], 1, 0)
    found = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(found, triangles[:, corner], np.cross(b - a, c - a))
    return found / np.linalg.norm(found, axis=1, keepdims=True).clip(1e-12)


def _eyes(vertices: np.ndarray, triangles: np.ndarray, white: float) -> np.ndarray:
    """Colours of the eyes: dark in front, white beside."""
    front = _normals(vertices, triangles)[:, 2:]
    return white * np.where(front > 0.94, 0.12, 1.0) * np.ones(3) * (DIM + BRIGHT * front.clip(0.0))


def _raster(vertices: np.ndarray, triangles: np.ndarray, per_cm: float) -> tuple[np.ndarray, np.ndarray]:
    """For each pixel the corners of the triangle nearest to the viewer and their shares; none where there is none."""
    left, right, low, high = WINDOW
    wide, tall = (round((b - a) * per_cm) for a, b in ((left, right), (low, high)))
    flat = np.stack([(vertices[:, 0] - left) * per_cm, (high - vertices[:, 1]) * per_cm], axis=1)
    depth = np.full((tall, wide), -np.inf)
    found, shares = np.zeros((tall, wide, 3), int), np.zeros((tall, wide, 3))
    places = flat[triangles]
    ab, ac = places[:, 1] - places[:, 0], places[:, 2] - places[:, 0]
    area = ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]
    for one in np.flatnonzero(area < 0.0):  # turned to the viewer: rows run down
        x0, y0 = np.maximum(np.floor(places[one].min(axis=0)).astype(int), 0)
        x1, y1 = np.minimum(np.ceil(places[one].max(axis=0)).astype(int), (wide - 1, tall - 1))
        if x1 < x0 or y1 < y0:
            continue
        x, y = np.meshgrid(np.arange(x0, x1 + 1), np.arange(y0, y1 + 1))
        px, py = x - places[one, 0, 0], y - places[one, 0, 1]
        v = (px * ac[one, 1] - py * ac[one, 0]) / area[one]
        w = (ab[one, 0] * py - ab[one, 1] * px) / area[one]
        share = np.stack([1.0 - v - w, v, w], axis=-1)
        far = share @ vertices[triangles[one], 2]
        here = (share.min(axis=-1) >= -1e-6) & (far > depth[y, x])
        depth[y[here], x[here]] = far[here]
        found[y[here], x[here]], shares[y[here], x[here]] = triangles[one], share[here]
    return found, shares


def _screen(light: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Linear light, and where there is any, as bytes of a screen."""
    light = light.clip(0.0, 1.0)
    curved = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light.clip(0.0031308) ** (1.0 / 2.4) - 0.055)
    return np.round(255.0 * np.concatenate([curved, there[..., None]], axis=-1)).clip(0, 255).astype(np.uint8)


def _encoded(picture: Image.Image) -> str:
    stream = io.BytesIO()
    picture.quantize(128).save(stream, "PNG", optimize=True)
    return base64.b64encode(stream.getvalue()).decode("ascii")


def _table(recording: Recording, moments: list[tuple[float, str]]) -> str:
    """How much parts of the face swelled by some moments, both sides together."""
    if "swelling" not in recording.series:
        return ""
    names: list[Any] = recording.head["face"]["regions"]
    of = {
        part: [i for i, name in enumerate(names) if name.split(" ", 1)[1].startswith(begins)]
        for part, begins in PARTS.items()
    }
    rows = []
    for time, label in moments:
        gained = _values(recording, "swelling", time, 0.0)
        cells = "".join(f"<td>{number(round(float(gained[at].sum()), 2))}</td>" for at in of.values())
        rows.append(f"<tr><td>{escape(label)}</td><td>{escape(clock(time))}</td>{cells}</tr>")
    heads = "".join(f"<th>{escape(part)}</th>" for part in of)
    return (
        "<table><caption>Tissue fluid above that of the start, both sides together, mL</caption>"
        f"<thead><tr><th>when</th><th>time</th>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )
