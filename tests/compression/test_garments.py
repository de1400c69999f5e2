"""Garments and sleeves: classes, Laplace, profiles, cycles."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venolymph import compression, figures
from venolymph.compression import CLASSES, PARTS, Garment, Sleeve, ankle_pressure, interface_pressure, load_garment
from venolymph.errors import DocumentError


def test_laplace_agrees_with_the_bandagers_formula() -> None:
    # P [mmHg] = 4620 n T [kgf] / (C [cm] w [cm])
    tension = 0.5
    expected = 4620 * 2 * (tension / 9.80665) / (22.0 * 10.0)
    assert interface_pressure(tension, 22.0, width=10.0, layers=2) == pytest.approx(expected, rel=1e-3)


@given(st.floats(1, 100), st.floats(10, 100))
def test_tension_and_pressure_undo_each_other(pressure: float, girth: float) -> None:
    pull = compression.tension(pressure, girth, width=8.0)
    assert interface_pressure(pull, girth, width=8.0) == pytest.approx(pressure)
    # half the radius, twice the pressure
    assert interface_pressure(pull, girth / 2, width=8.0) == pytest.approx(2 * pressure)


@pytest.mark.parametrize(
    ("given", "place"),
    [({"girth": 0.0}, "girth"), ({"width": 0.0}, "width"), ({"tension": -1.0}, "tension"),
     ({"layers": 0.0}, "layers"), ({"girth": math.nan}, "girth")],
)  # fmt: skip
def test_impossible_cloth_is_refused(given: dict[str, float], place: str) -> None:
    with pytest.raises(DocumentError) as caught:
        interface_pressure(**{"tension": 1.0, "girth": 22.0, **given})
    assert caught.value.place == place


def test_classes_are_those_of_the_figures() -> None:
    keys = [key for key in figures.load().under("compression") if ".class_" in key]
    assert len(keys) == len(CLASSES)
    for name in CLASSES:
        found = ankle_pressure(name)
        assert 10.0 <= found.low < found.high <= 60.0
    assert (ankle_pressure("RAL I").low, ankle_pressure("ral  ii").high) == (18.0, 32.0)
    # the middle of what a standard asks for: nobody measured it
    assert ankle_pressure("RAL I").basis == "derived"
    assert ankle_pressure("French 1").basis == "assumed"


@pytest.mark.parametrize(("name", "near"), [("RAL 1", "RAL I"), ("Britsh 2", "British 2"), ("xyz", "write standard")])
def test_an_unknown_class_is_answered_with_the_nearest(name: str, near: str) -> None:
    with pytest.raises(DocumentError) as caught:
        ankle_pressure(name)
    assert near in str(caught.value.hint)


def test_a_stocking_presses_less_up_the_leg_and_not_where_it_does_not_reach() -> None:
    knee, thigh = load_garment("stocking-class-2"), load_garment("thigh-stocking-class-2")
    assert knee.parts == ("foot", "ankle", "calf")
    assert thigh.parts == PARTS
    assert knee.pressure_at("ankle") == ankle_pressure("RAL II").middle
    falling = [thigh.pressure_at(part) for part in ("ankle", "calf", "knee", "thigh")]
    assert falling == sorted(falling, reverse=True) and falling[-1] > 0.0
    assert knee.pressure_at("thigh") == knee.pressure_on("thigh", 52.0) == 0.0
    with pytest.raises(DocumentError, match="no part"):
        knee.pressure_at("arm")


@pytest.mark.parametrize("name", compression.packaged_garments())
def test_pressure_follows_girth(name: str) -> None:
    garment = load_garment(name)
    for part in garment.parts:
        made_for = garment.girth_at(part)
        here = garment.pressure_at(part)
        assert garment.pressure_on(part, made_for) == pytest.approx(here)
        slope = (garment.pressure_on(part, made_for + 0.01) - garment.pressure_on(part, made_for - 0.01)) / 0.02
        assert slope == pytest.approx(garment.stiffness, rel=1e-3)
        # a limb that has become thin lies loose in it
        assert garment.pressure_on(part, 0.3 * made_for) == 0.0
    assert load_garment(garment.document()) == garment


def test_a_bandage_is_stiff_and_presses_harder_at_work() -> None:
    bandage, stocking = load_garment("short-stretch-bandage"), load_garment("stocking-class-2")
    assert (bandage.pressure_at("ankle"), bandage.pressure_at("ankle", working=True)) == (40.0, 60.0)
    assert stocking.pressure_at("calf", working=True) == stocking.pressure_at("calf")
    assert bandage.stiffness >= 10.0 > stocking.stiffness
    usual = Garment(garment="bandage", resting="20 mmHg")
    assert usual.pressure_at("ankle", working=True) == pytest.approx(30.0)


def test_a_garment_by_its_own_pressures() -> None:
    own = Garment(garment="profile", pressure={"calf": "30 mmHg", "ankle": "20 mmHg"}, made_for={"calf": "40 cm"})
    assert own.parts == ("ankle", "calf")
    assert (own.pressure_at("calf"), own.girth_at("calf"), own.girth_at("ankle")) == (30.0, 40.0, 22.0)


def test_an_unknown_garment_is_answered_with_the_nearest() -> None:
    with pytest.raises(DocumentError) as caught:
        load_garment("stocking-class-3")
    assert caught.value.hint == "did you mean 'stocking-class-2'?"
    assert load_garment(load_garment("flight-stocking")).class_ == "British 1"


def test_a_sleeves_cycle() -> None:
    chambers = [{"over": ["foot", "ankle"], "pressure": "45 mmHg"}, {"over": "calf", "pressure": "40 mmHg"}]
    sleeve = Sleeve(
        chambers=chambers, **{"for": "30 min"}, rise="4 s", delay="5 s", hold="10 s", fall="2 s", pause="9 s"
    )
    assert sleeve.cycle == 5.0 + 4.0 + 10.0 + 2.0 + 9.0
    assert sleeve.starts() == {"foot": (0.0, 45.0), "ankle": (0.0, 45.0), "calf": (5.0, 40.0)}
    usual = Sleeve(chambers=chambers, **{"for": "30 min"})
    assert usual.timing("hold") == figures.load()["compression.sleeve.hold"].internal
    with pytest.raises(DocumentError, match="overlap"):
        Sleeve(chambers=[*chambers, {"over": "calf", "pressure": "30 mmHg"}], **{"for": "30 min"})
