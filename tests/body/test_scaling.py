"""Factors scale the numbers of a leg that they name, and no others; muscles press harder by theirs in any regimen."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

import venolymph as vl
from venolymph.body.scaling import PUSH, ScaledBy, ScaledNumbers, scaled_body
from venolymph.errors import DocumentError, VenolymphError
from venolymph.regimen import load_regimen
from venolymph.regimen.forcing import phases

BODY = vl.leg_body(vl.load_person("mild-varicose"))
KEY = "walls.deep.collagen_stiffness"


def by(factor: float, **named: Any) -> ScaledBy:
    """Numbers scaled by a factor."""
    return ScaledBy(**named, by=factor)


def test_named_numbers_are_scaled_and_no_others() -> None:
    wide = by(1.2, of="cells.unstressed_area", at=["great saphenous"], power=2.0)
    stiff = by(0.5, of="cells.collagen_stiffness", figure=KEY)
    body = scaled_body(BODY, [wide, stiff])
    before, after = vl.parameters(BODY), vl.parameters(body)
    for array, factor, meant in (
        ("cells.unstressed_area", 1.44, lambda row: row.name.startswith("great saphenous")),
        ("cells.collagen_stiffness", 0.5, lambda row: KEY in row.figures),
    ):
        rows = list(before.rows_of(array))
        expected = [row.value * (factor if meant(row) else 1.0) for row in rows]
        assert [row.value for row in after.rows_of(array)] == pytest.approx(expected)
        assert sum(map(meant, rows)) > 1
    names = {"cells.unstressed_area", "cells.collagen_stiffness"}
    kept = [row.value for row in before if row.array not in names]
    assert [row.value for row in after if row.array not in names] == kept


def test_shares_stop_at_one() -> None:
    leak = "great saphenous, terminal valve"
    table = vl.parameters(scaled_body(BODY, [by(1000.0, of="leak", at=[leak])]))
    assert table[leak, "valves.leak"].value == 1.0


WORK = {"tiptoes": {"count": 2, "rate": "60 /min"}, "walk": {"speed": "3 km/h", "for": "10 s"}}


@pytest.mark.parametrize("name", WORK)
def test_muscles_press_harder_whatever_is_done(name: str) -> None:
    document = load_regimen({"kind": "regimen", "version": 1, "steps": [{"stand": {"for": "1 s"}}, {name: WORK[name]}]})
    stronger = scaled_body(BODY, [by(1.3, of=PUSH)])
    for before, after in zip(phases(document, BODY), phases(document, stronger), strict=True):
        pushed = jax.tree.map(np.asarray, (before.drive.pulse, after.drive.pulse))
        np.testing.assert_allclose(pushed[1], 1.3 * pushed[0], rtol=1e-12)
        assert after.duration == before.duration
    assert jax.tree.all(jax.tree.map(np.array_equal, stronger.parameters, BODY.parameters))


def test_without_factors_a_body_stays_as_it_is() -> None:
    assert scaled_body(BODY, []) is BODY


def test_what_a_leg_does_not_have_is_refused() -> None:
    with pytest.raises(DocumentError, match=r"no number of 'valves\.leak' stands at 'grat saphenous'") as caught:
        scaled_body(BODY, [by(1.2, of="leak", at=["grat saphenous"])])
    assert caught.value.hint is not None and "great saphenous" in caught.value.hint
    with pytest.raises(VenolymphError, match="only those of veins"):
        ScaledNumbers(of="lymphangions.tension", at=["x"])
    with pytest.raises(VenolymphError, match="more than 0"):
        by(0.0, of="leak", at=["great saphenous"])
