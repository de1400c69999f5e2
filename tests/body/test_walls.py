"""Walls turned round, and bundles of fine vessels."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

from venolymph import figures
from venolymph.body.vessels import WallClass, bundle

CLASSES = ("muscle", "deep", "thigh", "superficial", "varicose", "trunk", "neck", "dural")
FITTED = ("muscle", "deep", "thigh", "superficial", "neck")
SCRIPT = Path(__file__).parents[2] / "scripts" / "fit_walls.py"


def wall(name: str) -> WallClass:
    known = figures.load().under(f"walls.{name}")
    fields = ("collapse_stiffness", "elastin_stiffness", "collagen_stiffness", "collagen_exponent", "tether")
    return WallClass(*(known[field].value for field in (*fields, "relaxation_gain", "relaxation_time")))


@pytest.mark.parametrize("name", CLASSES)
def test_lumen_and_pressure_are_each_others_inverse(name: str) -> None:
    for pressure in (-20.0, -2.0, 0.0, 3.0, 30.0, 120.0):
        assert wall(name).pressure(wall(name).lumen(pressure)) == pytest.approx(pressure, abs=1e-6)
    assert wall(name).lumen(0.0) == pytest.approx(1.0)
    creeps = wall(name).lumen(60.0, crept=True) > wall(name).lumen(60.0)
    assert creeps == (wall(name).relaxation_gain > 0.0)


@pytest.fixture(scope="module")
def script() -> Any:
    return runpy.run_path(str(SCRIPT))


@pytest.mark.parametrize("name", FITTED)
def test_figures_are_what_the_fit_gives(name: str, script: Any) -> None:
    law, there = script["fit"](name), wall(name)
    assert law.collapse == pytest.approx(there.collapse, rel=1e-3)
    assert law.elastin == pytest.approx(there.elastin, rel=1e-3)
    assert law.collagen == pytest.approx(there.collagen, rel=1e-3)
    assert law.exponent == pytest.approx(there.exponent, rel=1e-3)


@pytest.mark.parametrize("name", FITTED)
def test_the_law_meets_what_was_measured_of_veins(name: str, script: Any) -> None:
    """Each row within one and a half of its standard deviations."""
    law = script["fit"](name)
    for row in script["ROWS"][name]:
        assert abs(row.read(law) - row.value) < 1.5 * row.sd, row.text


def test_veins_distend_nearly_in_a_straight_line(script: Any) -> None:
    """Half of what standing brings comes in the upper half of the pressures, in veins below the knee."""
    for name in ("deep", "superficial"):
        law = script["fit"](name)
        low, middle, high = (law.lumen(pressure) for pressure in (8.0, 39.0, 70.0))
        assert 0.35 < (high - middle) / (high - low) < 0.55


def test_a_varicose_wall_is_half_as_stiff() -> None:
    for field in ("elastin", "collagen"):
        assert getattr(wall("varicose"), field) == pytest.approx(0.5 * getattr(wall("superficial"), field), rel=1e-3)


def test_saphenous_vein_widens_on_standing_as_measured() -> None:
    lying, standing = wall("superficial").lumen(5.0), wall("superficial").lumen(45.0)
    assert 0.15 < 1 - (lying / standing) ** 0.5 < 0.35


def test_a_stiffer_wall_widens_less_and_collapses_alike() -> None:
    soft, stiff = wall("deep"), wall("deep").stiffened(2.0)
    assert stiff.lumen(60.0) < soft.lumen(60.0)
    assert stiff.collapse == soft.collapse


def test_a_bundle_holds_and_resists_as_stated() -> None:
    found = bundle(wall("muscle"), volume=17.0, resistance=1.5, pressure=75.0, length=8.0, drag=1.8e-3)
    lumen = found.unstressed_area * wall("muscle").lumen(75.0)
    assert found.vessels * 8.0 * lumen == pytest.approx(17.0)
    assert 1.8e-3 * 8.0 / (found.vessels * lumen**2) == pytest.approx(1.5)
