"""Arrays packed for a browser come back as they were, within the step that is allowed, whatever they hold."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from venolymph.errors import DocumentError
from venolymph.viewer.packing import ABSENT, CODES, MAGIC, pack, unpack

TABLES = arrays(
    np.float64,
    array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=12),
    elements=st.one_of(st.floats(-1e6, 1e6), st.just(np.nan), st.just(np.inf)),
)


@given(TABLES, st.sampled_from([0.0, 0.01, 10.0, 1e9]))
def test_series_come_back_within_their_step(values: np.ndarray, step: float) -> None:
    found = unpack(pack({}, {}, {"row": values}, {"row": step})).arrays["row"]
    assert found.shape == values.shape
    known = np.isfinite(values)
    np.testing.assert_array_equal(np.isfinite(found), known)
    shown = np.where(known, values, 0.0)
    width = np.where(known, shown.max(axis=0, initial=0.0) - shown.min(axis=0, initial=0.0), 0.0)
    off = np.abs(np.where(known, found, 0.0) - shown)
    assert np.all(off <= np.maximum(step, 0.5 * width / CODES) * (1 + 1e-9) + 1e-9)


@given(TABLES)
def test_what_is_finest_is_finer_than_a_step(values: np.ndarray) -> None:
    fine, coarse = (unpack(pack({}, {}, {"row": values}, {"row": step})).arrays["row"] for step in (0.0, 1e6))
    known = np.isfinite(values)
    assert np.abs(fine - values)[known].sum() <= np.abs(coarse - values)[known].sum() + 1e-6


def test_numbers_as_far_apart_as_they_can_be() -> None:
    values = np.array([[-1.7e308, 5.0], [1.7e308, 5.0], [0.0, np.nan]])
    found = unpack(pack({}, {}, {"row": values})).arrays["row"]
    np.testing.assert_allclose(found[:2], values[:2], rtol=1e-12)
    assert abs(found[2, 0]) < 1.7e308 * 4 / CODES
    assert np.isnan(found[2, 1])


@given(st.dictionaries(st.text(max_size=5), st.one_of(st.text(), st.integers(-9, 9))))
def test_header_comes_back(header: dict[str, object]) -> None:
    header.pop("blocks", None)
    assert unpack(pack(header, {}, {})).header == header


def test_layout_is_the_one_that_is_described() -> None:
    """Read by hand, as the browser does."""
    plain = np.array([[1, 2, 3]], np.uint32)
    data = pack({"kind": "head"}, {"plain": plain}, {"row": np.array([[0.0, 7.0], [1.0, np.nan], [0.5, 7.0]])})
    assert data[:8] == MAGIC
    length = int.from_bytes(data[8:12], "little")
    header = json.loads(data[12 : 12 + length])
    assert (12 + length) % 8 == 0
    assert header["kind"] == "head"
    assert all(block["offset"] % 8 == 0 for block in header["blocks"].values())
    block = header["blocks"]["row"]
    assert (block["dtype"], block["shape"], block["packing"], block["bytes"]) == ("uint16", [3, 2], "series", 12)
    body = data[12 + length :][block["offset"] :][:12]
    steps = [body[k] + 256 * body[6 + k] for k in range(6)]
    codes = np.cumsum(np.reshape(steps, (3, 2)), axis=0) % 65536
    assert codes.tolist() == [[0, 0], [CODES, ABSENT], [CODES // 2, 0]]
    low = header["blocks"]["row.low"]
    assert np.frombuffer(data[12 + length :][low["offset"] :][: low["bytes"]], "<f8").tolist() == [0.0, 7.0]


@pytest.mark.parametrize(
    ("data", "told"), [(b"%PDF-1.7 and more", "no packed"), (b"VLREC001\xff\xff\0\0", "cut short")]
)
def test_other_bytes_are_refused(data: bytes, told: str) -> None:
    with pytest.raises(DocumentError, match=told):
        unpack(data)


def test_a_file_cut_short_is_refused() -> None:
    data = pack({}, {"a": np.arange(40.0)}, {})
    with pytest.raises(DocumentError, match="cut short in its block 'a'"):
        unpack(data[:-8])
