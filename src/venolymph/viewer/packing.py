"""Arrays as bytes that a browser reads: a header in JSON, then blocks.

    VLREC001 | length of the header, uint32 | header, JSON | blocks, each at a multiple of 8 bytes

`header["blocks"]` says of each block its `dtype`, its `shape`, where it begins after the header (`offset`), how many
`bytes` it has, and its `packing`. `plain`: the array as it is. `series`, of shape (frames, rows): each row in 16 bits
between its lowest and its highest value, which are blocks of their own (`NAME.low`, `NAME.high`),

    code = round(65534 (x - low) / (high - low)), or 65535 for what is not a number,

stored as differences along time, first all low bytes and then all high bytes, which compresses well. Where a step is
given that is fine enough, codes are rounded to a power of two, which compresses better still. All numbers are
little-endian.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from venolymph.errors import DocumentError

MAGIC = b"VLREC001"
CODES = 65534
"""The highest code of a number."""
ABSENT = 65535
"""The code of what is not a number."""
_ALIGNED = 8


@dataclass(frozen=True)
class PackedArrays:
    """What a packed file holds.

    Attributes:
        header: what stands in its header, `blocks` left out.
        arrays: each plain block by name; of series the values, too.
    """

    header: Mapping[str, Any]
    arrays: Mapping[str, np.ndarray]


def pack(
    header: Mapping[str, Any],
    plain: Mapping[str, np.ndarray],
    series: Mapping[str, np.ndarray],
    steps: Mapping[str, float] | None = None,
) -> bytes:
    """A packed file.

    Args:
        header: what it says besides its arrays; goes into JSON.
        plain: arrays that are kept as they are.
        series: arrays of shape (frames, rows) that are kept in 16 bits; infinite values count as none.
        steps: by how much values of a series may be off at most, in its unit; no more than rounding to 16 bits where
            none is given.
    """
    blocks, described, offset = [], {}, 0

    def add(name: str, body: bytes, shape: tuple[int, ...], dtype: str, packing: str) -> None:
        nonlocal offset
        described[name] = {"dtype": dtype, "shape": shape, "offset": offset, "bytes": len(body), "packing": packing}
        padded = body + bytes(-len(body) % _ALIGNED)
        blocks.append(padded)
        offset += len(padded)

    for name, values in plain.items():
        array = np.ascontiguousarray(values)
        add(name, array.astype(array.dtype.newbyteorder("<")).tobytes(), array.shape, array.dtype.name, "plain")
    for name, values in series.items():
        codes, low, high = _coded(np.asarray(values, float), (steps or {}).get(name, 0.0))
        for end, bound in (("low", low), ("high", high)):
            add(f"{name}.{end}", bound.astype("<f8").tobytes(), bound.shape, "float64", "plain")
        add(name, _bytes_of(codes), codes.shape, "uint16", "series")
    text = json.dumps({**header, "blocks": described}, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    body = text.encode("utf-8")
    body += b" " * (-(len(MAGIC) + 4 + len(body)) % _ALIGNED)
    return b"".join((MAGIC, len(body).to_bytes(4, "little"), body, *blocks))


def unpack(data: bytes) -> PackedArrays:
    """What a packed file holds.

    Raises:
        DocumentError: where it is none, or is cut short.
    """
    if data[: len(MAGIC)] != MAGIC:
        raise DocumentError(f"no packed recording: it begins with {data[:8]!r}, not with {MAGIC!r}")
    start = len(MAGIC) + 4
    length = int.from_bytes(data[len(MAGIC) : start], "little")
    if len(data) < start + length:
        raise DocumentError(f"a packed recording is cut short: {len(data)} bytes")
    header = json.loads(data[start : start + length])
    described, origin, found = header.pop("blocks"), start + length, {}
    for name, block in described.items():
        begin = origin + block["offset"]
        part = data[begin : begin + block["bytes"]]
        if len(part) < block["bytes"]:
            raise DocumentError(f"a packed recording is cut short in its block {name!r}")
        if block["packing"] == "plain":
            found[name] = np.frombuffer(part, np.dtype(block["dtype"]).newbyteorder("<")).reshape(block["shape"])
        else:
            codes = _codes_of(part, tuple(block["shape"]))
            found[name] = _values(codes, found[f"{name}.low"], found[f"{name}.high"])
    return PackedArrays(header, found)


def _coded(values: np.ndarray, step: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes of each row, and its lowest and highest value; 0 for both where it has none."""
    known = np.isfinite(values)
    none = ~known.any(axis=0)
    low = np.where(none, 0.0, np.where(known, values, np.inf).min(axis=0, initial=np.inf))
    high = np.where(none, 0.0, np.where(known, values, -np.inf).max(axis=0, initial=-np.inf))
    # halves, since the difference of two numbers may be too large for one
    span = np.where(high > low, 0.5 * high - 0.5 * low, 1.0)
    share = (0.5 * np.where(known, values, low) - 0.5 * low) / span
    with np.errstate(over="ignore"):
        most = np.clip(0.5 * step * CODES / span, 1.0, 2.0**14)  # codes that make up a step
    coarse = 2.0 ** np.floor(np.log2(most))
    codes = np.minimum(np.round(share * CODES / coarse), CODES // coarse) * coarse
    return np.where(known, codes, ABSENT).astype(np.uint16), low, high


def _values(codes: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    share = codes / CODES
    return np.where(codes == ABSENT, np.nan, low * (1.0 - share) + high * share)


def _bytes_of(codes: np.ndarray) -> bytes:
    steps = codes.copy()
    steps[1:] -= codes[:-1]  # modulo 65536
    return (steps & 0xFF).astype(np.uint8).tobytes() + (steps >> 8).astype(np.uint8).tobytes()


def _codes_of(part: bytes, shape: tuple[int, ...]) -> np.ndarray:
    low, high = np.frombuffer(part, np.uint8).reshape(2, *shape).astype(np.uint16)
    return np.cumsum(low | (high << 8), axis=0, dtype=np.uint16)
