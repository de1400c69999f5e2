"""Walls of veins stiffen with age: what that changes, and what it leaves as it is."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from venolymph import figures
from venolymph.body import Body, leg_body, load_person, parameters_table
from venolymph.body.vessels import WallClass

YOUNG, OLD = 25, 70


@cache
def aged(age: int, *entries: str) -> Body:
    """Somebody of an age; of the left leg's veins, `entries` are unusual."""
    import yaml

    veins = [yaml.safe_load(entry) for entry in entries]
    left: Any = {"veins": veins} if veins else "healthy"
    subject = {"label": "somebody", "sex": "male", "age": f"{age} y", "height": "175 cm", "mass": "72 kg"}
    return leg_body(load_person({"kind": "person", "version": 1, "person": subject, "legs": {"left": left}}))


def lumen(body: Body, segment: str, pressure: float) -> float:
    """Lumen of the middle cell of a segment at a transmural pressure, creep complete, cm2."""
    cells = body.parameters.cells
    at = body.segments[segment].cells[len(body.segments[segment].cells) // 2]
    names = ("collapse_stiffness", "elastin_stiffness", "collagen_stiffness", "collagen_exponent", "tether")
    numbers = (float(getattr(cells, name)[at, 0]) for name in (*names, "relaxation_gain", "relaxation_time"))
    return float(cells.unstressed_area[at, 0]) * WallClass(*numbers).lumen(pressure, crept=True)


@pytest.mark.parametrize("segment", ["posterior tibial", "gastrocnemius veins", "femoral", "great saphenous, calf"])
def test_veins_of_the_old_take_up_less(segment: str) -> None:
    gained = [lumen(aged(age), segment, 60.0) - lumen(aged(age), segment, 10.0) for age in (20, 25, 35, 50, 70, 90)]
    assert np.all(np.diff(gained) < 0.0)
    assert 0.4 < gained[4] / gained[0] < 0.7


@pytest.mark.parametrize("segment", ["posterior tibial", "gastrocnemius veins", "vena cava"])
def test_a_vein_that_lies_is_as_wide_at_any_age(segment: str) -> None:
    lying = figures.load()["walls.age.unchanged_at"].internal
    # creep adds a share of what is stretched, which is less in the old
    assert lumen(aged(OLD), segment, lying) == pytest.approx(lumen(aged(YOUNG), segment, lying), rel=0.06)
    assert lumen(aged(OLD), segment, 70.0) < 0.95 * lumen(aged(YOUNG), segment, 70.0)


def test_walls_are_those_that_were_measured_in_people_as_old_as_these() -> None:
    known = figures.load()
    assert float(known["walls.age.measured_at"].internal) == YOUNG
    cell = aged(YOUNG).segments["popliteal"].cells[0]
    assert (
        float(aged(YOUNG).parameters.cells.elastin_stiffness[cell, 0]) == known["walls.thigh.elastin_stiffness"].value
    )


def test_age_changes_walls_and_lumens_and_what_hangs_on_these_alone() -> None:
    changed = {
        row.array
        for row, other in zip(parameters_table(aged(YOUNG)), parameters_table(aged(OLD)), strict=True)
        if row.value != other.value
    }
    walls = {"cells.elastin_stiffness", "cells.collagen_stiffness", "cells.collagen_exponent", "cells.unstressed_area"}
    assert changed - {"surroundings.rest_volume", "valves.coaptation_area"} == walls


def test_every_number_that_age_changes_says_so() -> None:
    for row, other in zip(parameters_table(aged(YOUNG)), parameters_table(aged(OLD)), strict=True):
        if row.value != other.value and row.array.startswith("cells."):
            assert "walls.age.stiffening" in row.figures, row.name


def test_varicose_tributaries_do_not_age() -> None:
    """Their wall is that of patients already."""
    varix = "{add: 'tributary, medial calf', diameter_standing: 5 mm}"
    for pressure in (10.0, 70.0):
        old, young = (lumen(aged(age, varix), "tributary, medial calf", pressure) for age in (OLD, YOUNG))
        assert old == young


def test_a_diameter_that_a_document_states_holds_at_any_age() -> None:
    """It was measured in that person, standing; the vein of the old was wider lying."""
    wide = "{at: 'great saphenous, thigh', diameter_standing: 8 mm}"
    segment = "great saphenous, thigh"
    young, old = aged(YOUNG, wide), aged(OLD, wide)
    pressures = np.linspace(20.0, 70.0, 51)
    standing = pressures[np.argmin([abs(lumen(young, segment, p) - np.pi / 4 * 0.8**2) for p in pressures])]
    assert lumen(old, segment, standing) == pytest.approx(lumen(young, segment, standing), rel=0.01)
    assert lumen(old, segment, 10.0) > 1.05 * lumen(young, segment, 10.0)


def test_a_stiffness_of_one_is_that_of_others_as_old() -> None:
    plain, stated = aged(OLD), aged(OLD, "{at: popliteal, wall: 1}")
    for name in ("elastin_stiffness", "collagen_stiffness", "unstressed_area"):
        assert np.array_equal(getattr(stated.parameters.cells, name), getattr(plain.parameters.cells, name)), name
    cell = plain.segments["popliteal"].cells[0]
    stiffer = aged(OLD, "{at: popliteal, wall: 2}").parameters.cells.elastin_stiffness[cell, 0]
    assert float(stiffer) == pytest.approx(2.0 * float(plain.parameters.cells.elastin_stiffness[cell, 0]))
