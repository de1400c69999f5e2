"""Numbers of any circuit given to `simulate` by name: they act, are kept in the folder, and are refused with a hint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import venolymph as vl
from venolymph.errors import RunError, SimulationError, VenolymphError
from venolymph.simulation import saving
from venolymph.simulation.files import read_json, read_npz, write_json, write_npz
from venolymph.simulation.folder_layout import FORMAT
from venolymph.simulation.folder_reading import open_folder

REGIMEN: list[Any] = [{"lie": {"for": "20 s"}}, {"stand": {"for": "40 s"}}]
FILTRATION = "capillaries.filtration"


@pytest.fixture(scope="module")
def table() -> Any:
    return vl.parameters("healthy")


@pytest.fixture(scope="module")
def plain() -> Any:
    return vl.simulate("healthy", REGIMEN, tissue=True)


@pytest.fixture(scope="module")
def changes(table: Any) -> dict[Any, Any]:
    """A number of each circuit, and an array."""
    return {
        ("great saphenous, terminal valve", "leak"): 0.3,
        FILTRATION: 2.0 * table.array(FILTRATION),
        ("popliteal", "stiffness"): 5.0,
    }


@pytest.fixture(scope="module")
def whole(changes: dict[Any, Any], tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """A run with them, and its folder."""
    folder = tmp_path_factory.mktemp("parameters") / "run"
    return vl.simulate("healthy", REGIMEN, parameters=changes, out=folder), folder


def test_named_numbers_reach_their_circuits(plain: Any, whole: tuple[Any, Path]) -> None:
    run, _ = whole
    valve = run.topology.valves.index("great saphenous, terminal valve")
    node = run.tissue.layout.topology.nodes.index("popliteal")
    assert run.parameters.valves.leak[valve, 0] == 0.3
    assert run.tissue.parameters.nodes.stiffness[node, 0] == 5.0
    np.testing.assert_array_equal(run.tissue.parameters.beds.filtration, 2.0 * plain.tissue.parameters.beds.filtration)


def test_more_conductance_filters_more(plain: Any, whole: tuple[Any, Path]) -> None:
    filtered = [float(run.exchange("filtered")[-1].sum()) for run in (plain, whole[0])]
    assert filtered[1] > 1.5 * filtered[0] > 0.0


def test_they_act_as_the_same_numbers_in_trees_do(table: Any, changes: dict[Any, Any], whole: tuple[Any, Path]) -> None:
    changed = table.changed(changes)
    tissue = vl.tissue_of([vl.leg_body(vl.load_person("healthy"))])
    for given in ({"parameters": changed, "tissue": True},
                  {"parameters": changed.veins, "tissue": replace(tissue, parameters=changed.drainage)}):  # fmt: skip
        run = vl.simulate("healthy", REGIMEN, **given)
        np.testing.assert_array_equal(run.pressure, whole[0].pressure)
        np.testing.assert_array_equal(run.exchange("filtered"), whole[0].exchange("filtered"))


def test_a_folder_brings_them_back_and_goes_on_with_them(whole: tuple[Any, Path], tmp_path: Path) -> None:
    run, folder = whole
    opened = vl.open_run(folder)
    assert eqx.tree_equal(opened.parameters, run.parameters)
    assert opened.tissue is not None
    assert eqx.tree_equal(opened.tissue.parameters, run.tissue.parameters)
    with saving.create(run, tmp_path / "cut", len(run.records)) as cut:
        saving.append(cut, run, 0)
    again = vl.resume(tmp_path / "cut")
    np.testing.assert_array_equal(again.pressure, run.pressure)
    np.testing.assert_array_equal(again.exchange("filtered"), run.exchange("filtered"))
    np.testing.assert_array_equal(again.exchange("lymph_volume"), run.exchange("lymph_volume"))


def test_a_run_says_what_was_changed(whole: tuple[Any, Path], changes: dict[Any, Any], table: Any) -> None:
    changed = vl.open_run(whole[1]).changed_parameters()
    assert changed[("great saphenous, terminal valve", "valves.leak")].tolist() == [0.3]
    assert changed[("popliteal", "nodes.stiffness")].tolist() == [5.0]
    assert len(changed) == 2 + table.array(FILTRATION).size
    again = table.changed(changed)
    np.testing.assert_array_equal(again.capillaries.filtration, changes[FILTRATION])
    assert vl.simulate("healthy", REGIMEN[:1]).changed_parameters() == {}


def test_a_folder_with_a_parameter_that_is_gone_is_refused(whole: tuple[Any, Path], tmp_path: Path) -> None:
    saving.write(whole[0], tmp_path / "run")
    progress = read_json(tmp_path / "run" / "progress.json")
    progress["settings"]["parameters"][".cells.colour"] = [[1.0]]
    write_json(tmp_path / "run" / "progress.json", progress)
    with pytest.raises(RunError, match=r"'cells\.colour' that this version does not have"):
        vl.open_run(tmp_path / "run")


def test_a_state_that_lacks_something_is_refused(whole: tuple[Any, Path], tmp_path: Path) -> None:
    saving.write(whole[0], tmp_path / "run")
    path = tmp_path / "run" / "states" / "0000.npz"
    kept = read_npz(path, None)
    kept["old name"] = kept.pop(".drop")
    write_npz(path, kept)
    with pytest.raises(RunError, match=r"has no '\.drop', which this version needs"):
        vl.open_run(tmp_path / "run")


def test_a_state_is_kept_by_the_names_of_the_format(
    whole: tuple[Any, Path], snapshot: Callable[[str, str], None]
) -> None:
    """Other names are another format: raise `FORMAT`, and read or refuse the folders of the one before."""
    snapshot(f"folder-format-{FORMAT}", "\n".join(sorted(open_folder(whole[1]).state() or {})))


def test_a_folder_of_format_1_opens_with_plasma_as_it_was(
    whole: tuple[Any, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole_run, plain = whole[0], saving._state
    monkeypatch.setattr(
        saving, "_state", lambda at: {name: one for name, one in plain(at).items() if name != "around.state.gained"}
    )
    exchanges = {name: one for name, one in whole_run.records[0].exchanges.items() if name != "plasma_protein"}
    run = replace(whole_run, records=[replace(whole_run.records[0], exchanges=exchanges), *whole_run.records[1:]])
    with saving.create(run, tmp_path / "cut", len(run.records)) as cut:
        saving.append(cut, run, 0)
    opened = vl.open_run(tmp_path / "cut")
    kept, before = opened.records[0].tissue_state, run.records[0].tissue_state
    assert kept is not None and before is not None
    assert np.all(np.asarray(before.state.gained) > 0.0)
    assert not np.any(np.asarray(kept.state.gained))
    assert np.isnan(opened.exchange("plasma_protein")).all()
    np.testing.assert_array_equal(kept.state.volume, before.state.volume)


def test_a_folder_of_before_there_were_coordinates_opens(whole: tuple[Any, Path], tmp_path: Path) -> None:
    with saving.create(whole[0], tmp_path / "cut", len(whole[0].records)) as cut:
        saving.append(cut, whole[0], 0)
    progress = read_json(tmp_path / "cut" / "progress.json")
    del progress["coordinates"], progress["provenance"]
    write_json(tmp_path / "cut" / "progress.json", progress)
    data = open_folder(tmp_path / "cut").dataset()
    assert data.attrs["venolymph"] == vl.__version__
    assert "phase_label" in data.coords
    assert "cell_region" not in data.coords
    assert len(vl.open_run(tmp_path / "cut").records) == 1


def test_each_member_may_have_its_own(table: Any) -> None:
    key, row = ("calf, muscle", "filtration"), table["calf, muscle", "filtration"]
    values = [row.value, 3.0 * row.value]
    run: Any = vl.simulate(["healthy", "healthy"], REGIMEN, parameters={key: values})
    np.testing.assert_array_equal(run.tissue.parameters.beds.filtration[row.index], values)
    at = run.tissue.names()["compartment"].index("calf, muscle")
    one, other = run.exchange("filtered")[-1, at]
    assert other > 1.5 * one


def test_readings_are_differentiated_forward_by_named_numbers_of_tissue(table: Any) -> None:
    def slope(given: Callable[[Any], Any]) -> float:
        def read(factor: Any) -> Any:
            value = given(factor * table.array(FILTRATION))
            found = vl.predict("healthy", REGIMEN[:1], ["tissue fluid balance"], value, mode="forward", tissue=True)
            return found["tissue fluid balance"][0]

        return float(jax.jvp(read, (1.0,), (1.0,))[1])

    named, in_tree = (
        slope(lambda value: {FILTRATION: value}),
        slope(lambda value: table.tree.replaced(FILTRATION, value)),
    )
    assert named == in_tree != 0.0


def test_readings_are_differentiated_in_reverse_by_a_tree_and_by_name(table: Any) -> None:
    array = "cells.collagen_stiffness"

    def read(given: Any) -> Any:
        return vl.predict("healthy", REGIMEN[:1], ["ankle pressure"], given)["ankle pressure"][0]

    slopes = jax.grad(read)(table.tree)
    named = jax.grad(lambda factor: read({array: factor * table.array(array)}))(1.0)
    assert float(named) == pytest.approx(float(jnp.sum(slopes.array(array) * table.array(array))), rel=1e-9)
    assert float(named) != 0.0
    assert not np.any(slopes.lymphangions.tension)  # lymph is not simulated here


REFUSED: dict[str, dict[str, Any]] = {
    "place": {"parameters": {("calf, mussle", "filtration"): 0.004}},
    "other-leg": {"parameters": {("other leg: great saphenous, terminal valve", "leak"): 0.5}},
    "quantity": {"parameters": {("calf, muscle", "filtratoin"): 0.004}},
    "array": {"parameters": {"capilaries.filtration": 0.004}},
    "twice": {"parameters": {("anteromedial [3]", "vessels"): 2}},
    "key": {"parameters": {3: 0.004}},
    "negative": {"parameters": {("calf, muscle", "filtration"): -0.004}},
    "share": {"parameters": {("great saphenous, terminal valve", "leak"): 1.5}},
    "text": {"parameters": {("calf, muscle", "filtration"): "much"}},
    "members": {"parameters": {("calf, muscle", "filtration"): [0.004, 0.005]}},
    "kind": {"parameters": [0.004]},
    "reverse": {"parameters": {("calf, muscle", "filtration"): 0.004}, "differentiable": "reverse"},
    "without-tissue": {"parameters": {("calf, muscle", "filtration"): 0.004}, "tissue": False},
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_with_a_hint(name: str, snapshot: Callable[[str, str], None]) -> None:
    with pytest.raises(VenolymphError) as raised:
        vl.simulate("healthy", REGIMEN, **REFUSED[name])
    snapshot(f"parameters-{name}", f"{type(raised.value).__name__}: {raised.value}")


def test_parameters_for_other_members_are_refused(table: Any) -> None:
    with pytest.raises(SimulationError, match="for 1 members, the people are 2"):
        vl.simulate(["healthy", "healthy"], REGIMEN, parameters=table.tree)
