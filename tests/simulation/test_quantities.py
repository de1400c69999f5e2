"""What a run records is what is declared, and datasets of it say the same from memory and from folders."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import venolymph as vl
from script_loading import load_script
from venolymph import documents
from venolymph.errors import RunError
from venolymph.network.integrate import Extremes, Sample
from venolymph.simulation import saving
from venolymph.simulation.exchange_records import PooledInterval, pool
from venolymph.simulation.folder_reading import open_folder
from venolymph.simulation.quantities import ARRAYS, COORDINATES, EXCHANGES, EXTREMES, SAMPLES, variable

REGIMEN: list[Any] = [{"lie": {"for": "20 s"}}, {"stand": {"for": "40 s"}}]


@pytest.fixture(scope="module")
def run() -> Any:
    return vl.simulate(["healthy", "deep-reflux"], REGIMEN, tissue=True, parameters={("popliteal", "stiffness"): 3.0})


@pytest.fixture(scope="module")
def data(run: Any) -> Any:
    return run.dataset()


def test_every_recorded_array_is_declared_and_every_declaration_is_recorded(run: Any, data: Any) -> None:
    for record in run.records:
        assert set(record.exchanges) == set(EXCHANGES)
        assert set(record.extremes) == set(EXTREMES)
    unkept = {"alive", "rates"}  # whether a member is a solution is its status; rates are recorded for tests alone
    assert {what.read for what in SAMPLES.values() if what.read} == {field.name for field in fields(Sample)} - unkept
    worst = {what.read for what in EXTREMES.values() if what.read}
    assert worst == {field.name for field in fields(Extremes)} - {"iterations"}
    recorded = {variable(name) for name in (*ARRAYS, *EXTREMES)} | set(COORDINATES)
    assert set(data.variables) == recorded | set(run.names())


def test_every_array_has_the_shape_unit_and_meaning_that_are_declared(data: Any) -> None:
    for name, what in (ARRAYS | EXTREMES).items():
        array = data[variable(name)]
        assert array.dims == what.dims, name
        assert array.attrs["units"] == what.unit
        assert array.attrs["long_name"].startswith(what.title)
        assert not set(array.dims) - set(data.indexes) - {"exchange", "phase"}
        assert np.isfinite(array.values).all(), name
    for name, what in COORDINATES.items():
        assert name in data.coords
        assert data[name].dims == what.dims


@pytest.mark.filterwarnings("error")
def test_memory_and_folders_give_one_dataset(run: Any, data: Any, tmp_path: Path) -> None:
    import xarray as xr

    with saving.create(run, tmp_path / "cut", len(run.records)) as folder:
        for number in range(len(run.records)):
            saving.append(folder, run, number)
    run.save(tmp_path / "whole")
    for name, complete in (("cut", 0), ("whole", 1)):
        opened = open_folder(tmp_path / name).dataset()
        assert opened.attrs == {**data.attrs, "complete": complete}
        xr.testing.assert_identical(opened.load().drop_attrs(deep=False), data.drop_attrs(deep=False))
        assert vl.open_run(tmp_path / name).dataset().attrs == opened.attrs


def test_phases_places_and_members_are_labelled(run: Any, data: Any) -> None:
    assert list(data["phase_label"].values) == [phase.label for phase in run.phases]
    assert list(data["phase_kind"].values) == [phase.kind for phase in run.phases]
    stands = data["phase_kind"].isel(phase=data["phase_of_sample"]) == "stand"
    foot = data["pressure"].sel(cell="plantar [1]", member="healthy").where(stands, drop=True)
    assert float(foot.time[0]) > run.phases[2].start >= 20.0
    assert foot[-1].item() > 30.0
    calf = data.cell.values[(data.cell_segment == "great saphenous, calf") & (data.cell_region == "calf")]
    assert list(calf)
    assert all(name.startswith("great saphenous, calf [") for name in calf)
    assert set(data.cell_leg.values) == {"index", "other", "pelvis"}
    assert set(data.cell_region.values) == {"foot", "ankle", "calf", "knee", "thigh", "trunk"}
    assert not data.cell_present.sel(cell="tributary, medial calf [1]").any()
    assert data.cell_present.sel(cell=calf).all()
    levels = data.cell_level.sel(member="healthy")
    assert float(levels.sel(cell=calf[0])) < float(levels.sel(cell=calf[-1]))
    skin = (data.compartment_region == "calf") & (data.compartment_tissue == "subcutis")
    assert set(data.compartment_side.values[skin]) == {"front", "medial", "back", "lateral"}
    assert data.face_tail.values[list(data.face.values).index("popliteal [1] -> popliteal [2]")] == "popliteal [1]"
    assert list(data.index_side.values) == ["left", "left"]
    assert list(data.status.values) == ["ok", "ok"]


def test_a_dataset_says_where_it_comes_from(run: Any, data: Any) -> None:
    told = data.attrs
    assert told["venolymph"] == vl.__version__
    assert [vl.load_person(text).label for text in people(told)] == ["healthy", "deep-reflux"]
    assert "lie" in told["regimen"]
    assert told["seed"] == run.tissue.legs[0].seed
    assert json.loads(told["changed_parameters"]) == ["nodes.stiffness"]
    assert json.loads(told["changed_figures"]) == []
    plain = vl.simulate("healthy", REGIMEN[:1]).dataset().attrs
    assert json.loads(plain["changed_parameters"]) == []
    assert "seed" not in plain  # nothing was drawn


def people(told: dict[str, Any]) -> list[Any]:
    return [documents.parse(text)[0] for text in json.loads(told["people"])]


def test_sums_means_and_ends_are_of_the_intervals_that_a_record_pools() -> None:
    class Part:
        def __init__(self, value: float) -> None:
            self.value = value

        def __getattr__(self, name: str) -> Any:
            return self if name == "totals" else np.full((2, 1, 3), self.value)

    parts: list[Any] = [(10.0, Part(1.0), np.full((1, 3), 1.0)), (30.0, Part(5.0), np.full((1, 3), 2.0))]
    pooled = pool([PooledInterval(*part) for part in parts])
    expected = {"sum": 6.0, "mean": 4.0, "point": 5.0}
    for name, what in EXCHANGES.items():
        if what.read and name != "returned_beyond":
            np.testing.assert_allclose(pooled[name], expected[what.pooled], err_msg=name)
    np.testing.assert_allclose(pooled["returned_beyond"], np.full(3, 3.0))


def test_quantities_at_places_are_columns_of_a_table(run: Any, data: Any) -> None:
    frame = run.to_dataframe(
        ["ankle pressure", ("popliteal [1]", "mean_volume"), ("calf, muscle | protein", "tissue_content")]
    )
    assert list(frame) == ["member", "time_s", "phase", "ankle_pressure_mmHg",
                           "mean_volume_popliteal_[1]_mL", "tissue_content_calf_muscle_|_protein_mg"]  # fmt: skip
    second = frame[frame["member"] == "deep-reflux"]
    place = {"cell": "popliteal [1]", "member": "deep-reflux"}
    np.testing.assert_array_equal(second["mean_volume_popliteal_[1]_mL"], data["mean_volume"].sel(place))
    assert run["valve_opening"].identical(run["valve"])
    held = data["tissue_content"].sel(solute="protein", compartment="calf, muscle", member="deep-reflux")
    assert second["tissue_content_calf_muscle_|_protein_mg"].iloc[-1] == held[-1].item()


ASKED = {
    "quantity": ("popliteal [1]", "presure"),
    "place": ("popliteal [9]", "pressure"),
    "sum": ("calf, muscle", "filtered"),
    "no-place": ("blood", "time"),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_is_no_column_is_refused_with_a_hint(name: str, run: Any, snapshot: Callable[[str, str], None]) -> None:
    with pytest.raises(RunError) as raised:
        run.to_dataframe([ASKED[name]])
    snapshot(f"column-{name}", str(raised.value))


def test_the_page_of_recorded_quantities_is_that_of_the_declarations() -> None:
    lists = load_script("list_arrays")
    assert lists.renewed("recorded.md") == (lists.REFERENCE / "recorded.md").read_text("utf-8")
