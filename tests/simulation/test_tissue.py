"""Tissue and lymph beside the veins: what passes is counted once on either side, and hands act by pressure alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import venolymph as vl
from venolymph.errors import RunError, SimulationError
from venolymph.network import drainage
from venolymph.simulation.driver import simulate

REASON = "test of the project"
STROKES = {
    "stroke": "pump",
    "at": ["inner thigh", "inner calf"],
    "toward": "superficial inguinal nodes",
    "repeat": 7,
    "sets": 1,
    "spots": 2,
    "for": "60 s",
}
REGIMEN: list[Any] = [
    {"lie": {"for": "2 min"}},
    {"massage": STROKES},
    {"stand": {"for": "90 s"}},
    {"walk": {"speed": "3 km/h", "for": "10 s"}},
]


@pytest.fixture(scope="module")
def run() -> Any:
    return simulate(["healthy", "mild-varicose"], REGIMEN, research_override=REASON)


def test_a_massage_brings_tissue_and_lymph_along(run: Any) -> None:
    assert run.tissue is not None
    assert all(status.code == "ok" for status in run.status)
    short = simulate("healthy", [{"lie": {"for": "10 s"}}])
    assert short.tissue is None
    with pytest.raises(RunError, match="no tissue and lymph"):
        short.exchange("uptake")
    with pytest.raises(RunError, match="no quantity is named 'uptakes'"):
        run.exchange("uptakes")


def test_blood_and_water_are_conserved_together(run: Any) -> None:
    blood = np.sum([record.extremes["mass_defect"] for record in run.records], axis=0)
    water = np.sum([record.extremes["water_defect"] for record in run.records], axis=0)
    total = run.volume[-1].sum(axis=0)
    assert np.all(np.abs(blood) < 1e-9 * total)
    assert np.all(np.abs(water) < 1e-9 * total)


def test_protein_is_conserved(run: Any) -> None:
    first, last = run.records[0], run.records[-1]
    content = run.exchange("tissue_content").sum(axis=2) + run.exchange("lymph_content").sum(axis=2)
    gained = run.exchange("filtered_solutes").sum(axis=2) + run.exchange("entered_solutes").sum(axis=2)
    change = gained - run.exchange("solutes_at_venous_angle")
    np.testing.assert_allclose(content[-1] - content[0], change[1:].sum(axis=0), rtol=1e-9, atol=1e-9 * content.max())
    at_end = drainage.amounts(last.around.state)
    np.testing.assert_allclose(content[-1], at_end, rtol=1e-12)
    assert first.around is not None


def test_hands_move_lymph_and_leave_the_wall_as_it_is(run: Any) -> None:
    phases = run.phase_of_exchange
    kinds = np.array([info.kind for info in run.phases])[phases]
    time = np.diff(run.exchange("exchange_time"), prepend=0.0)
    uptake = run.exchange("uptake").sum(axis=1)

    def rate(kind: str) -> Any:
        return uptake[kinds == kind].sum(axis=0) / time[kinds == kind].sum()

    assert np.all(rate("massage") > 1.2 * rate("lie"))
    # A wall is its parameters and its creep; nothing that a hand does is among them.
    assert run.parameters.cells is run.records[0].state or np.all(
        np.asarray(run.parameters.cells.unstressed_area) == np.asarray(run.parameters.cells.unstressed_area)
    )


def test_a_person_alone_is_the_same_person(run: Any) -> None:
    alone = simulate("mild-varicose", REGIMEN, research_override=REASON)
    np.testing.assert_allclose(alone.pressure[:, :, 0], run.pressure[:, :, 1], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(
        alone.exchange("tissue_volume")[:, :, 0], run.exchange("tissue_volume")[:, :, 1], rtol=1e-9
    )


def test_folders_hold_it_and_go_on_with_it(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from venolymph.simulation import driver, store

    run.save(tmp_path / "whole")
    again = vl.open_run(tmp_path / "whole")
    for name in ("uptake", "tissue_volume", "exchange_time", "solutes_at_venous_angle"):
        np.testing.assert_array_equal(again.exchange(name), run.exchange(name))
    assert set(again.dataset().data_vars) == set(run.dataset().data_vars)

    class Stop(Exception):
        pass

    appended = store.append

    def append(folder: Any, run: Any, number: int) -> None:
        if number == 3:
            raise Stop
        appended(folder, run, number)

    monkeypatch.setattr(store, "append", append)
    with pytest.raises(Stop):
        simulate(["healthy", "mild-varicose"], REGIMEN, research_override=REASON, out=tmp_path / "cut")
    monkeypatch.setattr(store, "append", appended)
    resumed = driver.resume(tmp_path / "cut")
    for name in ("uptake", "tissue_volume", "lymph_pressure"):
        np.testing.assert_array_equal(resumed.exchange(name), run.exchange(name))
    np.testing.assert_array_equal(resumed.pressure, run.pressure)


def test_tissue_is_not_differentiated_in_reverse() -> None:
    with pytest.raises(SimulationError, match="forward only"):
        simulate("healthy", [{"lie": {"for": "10 s"}}], tissue=True, differentiable=True)
