"""A pregnancy in a person's document: who can have one, what it changes, and that sizes of veins follow from it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import venolymph as vl
from venolymph import figures
from venolymph.body import leg_body, load_person, parameters_table
from venolymph.body.pregnancy import abdominal_rise, wall_compliance
from venolymph.errors import DocumentError

WEEKS = ("12 weeks", "20 weeks", "30 weeks", "38 weeks")


def document(pregnancy: str | None = None, **changes: Any) -> dict[str, Any]:
    subject = {"label": "somebody", "sex": "female", "age": "28 y", "height": "165 cm", "mass": "62 kg"} | changes
    subject |= {"pregnancy": pregnancy} if pregnancy else {}
    return {"kind": "person", "version": 1, "person": subject}


def value(key: str) -> float:
    return figures.load()[key].internal


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sex": "male"}, "a pregnancy of 30 weeks contradicts sex male"),
        ({"age": "72 y"}, "a pregnancy of 30 weeks at an age of 72 y; allowed is up to 60 y"),
        ({"pregnancy": "44 weeks"}, "44 weeks is not possible here; allowed is 1 week to 42 weeks"),
        ({"pregnancy": "0 weeks"}, "0 weeks is not possible here"),
        ({"pregnancy": "30"}, "unit"),
        ({"pregnancy": "yes"}, "'yes'"),
        ({"pregnancy": "30 mmHg"}, "pressure"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(DocumentError) as refused:
        load_person(document(**({"pregnancy": "30 weeks"} | changes)))
    assert said in str(refused.value)
    assert "pregnancy" in str(refused.value)
    assert refused.value.hint


def test_a_document_comes_back_as_it_was_written() -> None:
    written = load_person(document("30 weeks")).to_yaml()
    assert "pregnancy: 30 weeks" in written
    assert "pregnancy" not in load_person(document()).to_yaml()
    assert load_person(document("210 days")).weeks_pregnant == pytest.approx(30.0)


def test_walls_give_way_and_nothing_else_in_the_leg_changes() -> None:
    before, pregnant = (parameters_table(leg_body(load_person(document(weeks)))) for weeks in (None, "30 weeks"))
    pairs = [(row, other) for row, other in zip(before, pregnant, strict=True) if row.value != other.value]
    stiffness = {f"cells.{part}" for part in ("elastin_stiffness", "collagen_stiffness", "collagen_exponent")}
    assert {row.array for row, _ in pairs} - {"surroundings.rest_volume", "valves.coaptation_area"} == stiffness
    for row, other in pairs:
        if row.array in stiffness:
            assert other.value == pytest.approx(row.value / value("pregnancy.wall.compliance"))


def test_changes_grow_with_the_weeks_and_not_beyond_term() -> None:
    weeks = np.array([0.0, 6.0, 12.0, 20.0, 30.0, 38.0, 42.0])
    walls = [wall_compliance(week, value) for week in weeks]
    assert walls[0] == 1.0
    assert np.all(np.diff(walls) >= 0.0)
    assert walls[2] == walls[-1] == value("pregnancy.wall.compliance")
    for trunk in (0.0, 0.5, np.pi / 2):
        rises = [abdominal_rise(week, trunk, value) for week in weeks]
        assert rises[:3] == [0.0, 0.0, 0.0]
        assert np.all(np.diff(rises[2:6]) > 0.0)
        assert rises[5] == rises[6]
    assert abdominal_rise(38.0, 0.0, value) == pytest.approx(value("pregnancy.abdomen.lying_rise"))
    assert abdominal_rise(38.0, np.pi / 2, value) == pytest.approx(value("pregnancy.abdomen.rise"))


@pytest.fixture(scope="module")
def lying() -> list[Any]:
    people = [document(), *(document(weeks) for weeks in WEEKS)]
    return [vl.simulate(person, [{"lie": {"for": "5 min"}}], tissue=False) for person in people]


def read(runs: list[Any], name: str) -> np.ndarray:
    return np.array([float(run.measure(name)) for run in runs])


@pytest.mark.parametrize("vein", ["common femoral", "popliteal", "great saphenous, thigh"])
def test_veins_of_the_legs_widen_week_by_week(lying: list[Any], vein: str) -> None:
    wide = read(lying, f"diameter of {vein}")
    assert np.all(np.diff(wide) > 0.0)


def test_pressure_in_the_groin_rises_and_not_beyond_the_pelvis(lying: list[Any]) -> None:
    groin = read(lying, "pressure at common femoral")
    heart = read(lying, "pressure at vena cava [4]")
    assert 8.0 < groin[-1] - groin[0] < 14.0, "9 to 24 cmH2O"
    assert abs(heart[-1] - heart[0]) < 2.0


def test_nobody_who_is_not_pregnant_is_changed() -> None:
    one, other = (leg_body(load_person(one)) for one in (document(), document(age="28 y")))
    assert np.array_equal(one.parameters.cells.elastin_stiffness, other.parameters.cells.elastin_stiffness)
    assert wall_compliance(0.0, value) == 1.0
    assert abdominal_rise(0.0, 0.0, value) == 0.0
