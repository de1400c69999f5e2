"""Knees straightened fully squeeze the popliteal vein, and what lies below feels it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import venolymph as vl
from venolymph.errors import DocumentError

STRAIGHT, BENT = {"knees": {"to": "straight"}}, {"knees": {"to": "bent"}}
STILL = {"wait": {"for": "2 min"}}


@pytest.fixture(scope="module")
def straightened() -> Any:
    return vl.simulate("healthy", [{"lie": {"for": "2 min"}}, STRAIGHT, STILL, BENT, STILL], tissue=False, legs="both")


def at(run: Any, seconds: float, what: np.ndarray) -> np.ndarray:
    return what[int(np.searchsorted(run.time, seconds))][..., 0]


def test_the_vein_behind_the_joint_loses_two_thirds_of_its_lumen(straightened: Any) -> None:
    run, volume = straightened, straightened.volume
    for leg in ("", "other leg: "):
        cells = list(run.body.segments[f"{leg}popliteal"].cells)
        before, straight, after = (at(run, seconds, volume)[cells] for seconds in (119.0, 241.0, 363.0))
        left = straight / before
        assert np.sum(left < 0.5) == 1, "one cell of four lies behind the joint"
        assert left.min() == pytest.approx((4.3 / 7.7) ** 2, abs=0.08)
        assert after == pytest.approx(before, rel=0.02)


def test_pressure_below_rises_and_falls_again(straightened: Any) -> None:
    foot = straightened["pressure at dorsal foot veins"]
    before, straight, after = (float(foot.sel(time=s, method="nearest")[0]) for s in (119.0, 241.0, 363.0))
    assert straight > before + 0.3
    assert after == pytest.approx(before, abs=0.1)


def test_a_calf_empties_more_slowly() -> None:
    let_go = {"cuff": {"at": "thigh", "pressure": "50 mmHg", "hold": "1 min", "release": "0.3 s"}}
    outflow = [
        float(vl.simulate("healthy", [{"lie": {"for": "1 min"}}, knees, let_go], tissue=False).measure("MVO"))
        for knees in (BENT, STRAIGHT)
    ]
    assert 0.85 * outflow[0] < outflow[1] < 0.97 * outflow[0]


def test_knees_stay_straight_where_a_run_goes_on() -> None:
    held = vl.simulate("healthy", [{"lie": {"for": "20 s"}}, STRAIGHT, {"wait": {"for": "60 s"}}], tissue=False)
    on = held.branch([{"wait": {"for": "10 s"}}])
    cell = held.body.segments["popliteal"].cells[1]
    assert on.volume[-1, cell, 0] == pytest.approx(held.volume[-1, cell, 0], rel=0.25), "but for breathing"
    off = held.branch([BENT, {"wait": {"for": "10 s"}}])
    assert off.volume[-1, cell, 0] > 2.0 * held.volume[-1, cell, 0]


@pytest.mark.parametrize(
    ("step", "doing"),
    [
        ({"sit": {"for": "1 min"}}, "sitting"),
        ({"walk": {"speed": "3 km/h", "for": "1 min"}}, "walking"),
        ({"run": {"speed": "8 km/h", "for": "1 min"}}, "running"),
    ],
)
def test_straight_knees_do_not_bend(step: dict[str, Any], doing: str) -> None:
    stand = {"stand": {"for": "1 min"}}
    with pytest.raises(DocumentError, match=f"held straight, but the person is {doing} here") as refused:
        vl.Regimen([stand, STRAIGHT, step])
    assert "knees: {to: bent}" in (refused.value.hint or "")
    assert vl.Regimen([stand, STRAIGHT, BENT, step]).lasts > 60.0
