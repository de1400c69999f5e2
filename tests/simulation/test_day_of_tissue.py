"""A quarter of a day with work, a session and a sleep: blood, water, protein and tracers are all there in the end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import venolymph as vl
from venolymph.network import drainage

DAY: list[Any] = [
    {"inject": {"tracer": "large", "at": "foot"}},
    {"inject": {"tracer": "small", "at": "calf"}},
    {"stand": {"for": "30 min"}},
    {"walk": {"speed": "3 km/h", "for": "1 min"}},
    {"sit": {"for": "90 min"}},
    {"massage": "leg-massage-short"},
    {"sit": {"for": "86 min"}},
    {"stand": {"for": "30 min"}},
    {"lie": {"for": "2 h"}},
]


@pytest.fixture(scope="module")
def day() -> Any:
    return vl.simulate("mild-varicose", DAY)


def test_it_goes_to_its_end(day: Any) -> None:
    assert day.status[0].code == "ok"
    assert day.phases[-1].start + day.phases[-1].duration >= 6 * 3600.0
    for name in ("tissue_volume", "lymph_volume", "tissue_content", "lymph_content"):
        assert np.all(day.exchange(name) >= 0.0), name


def test_blood_and_water_are_conserved(day: Any) -> None:
    blood = abs(sum(float(record.extremes["mass_defect"][0]) for record in day.records))
    water = abs(sum(float(record.extremes["water_defect"][0]) for record in day.records))
    assert blood < 1e-9 * day.volume[-1].sum()
    assert water < 1e-9 * float(drainage.water(day.records[-1].tissue_state.state)[0, 0])


def test_protein_and_tracers_are_conserved(day: Any) -> None:
    content = (day.exchange("tissue_content").sum(axis=2) + day.exchange("lymph_content").sum(axis=2))[:, :, 0]
    gained = day.exchange("filtered_solutes").sum(axis=2) + day.exchange("entered_solutes").sum(axis=2)
    passed = (gained - day.exchange("solutes_at_venous_angle"))[:, :, 0]
    change = content[-1] - content[0]
    assert np.all(np.abs(change - passed[1:].sum(axis=0)) < 1e-9 * content.max(axis=0))
    # One unit of each tracer was put in; what is gone went where it was counted.
    np.testing.assert_allclose(content[0, 1:] - passed[0, 1:], 1.0, rtol=1e-9)
