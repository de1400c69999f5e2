"""Files of VTK hold the run: read by VTK itself, lines lie where geometry says and values are the dataset's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvista
from typer.testing import CliRunner

import venolymph as vl
from venolymph.cli.app import app
from venolymph.errors import RunError
from venolymph.interop.vtk import write_vtk

STEPS: list[dict[str, Any]] = [{"lie": {"for": "4 s"}}, {"stand": {"for": "6 s"}}]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("vtk") / "run"
    return vl.simulate(["healthy", "mild-varicose"], STEPS, tissue=True, out=folder), folder


def read(path: Path, time: float) -> Any:
    reader: Any = pyvista.get_reader(path)
    reader.set_active_time_value(min(reader.time_values, key=lambda one: abs(one - time)))
    return reader.read()[0]


def test_values_and_places_are_those_of_the_run(kept: Any, tmp_path: Path) -> None:
    run, _ = kept
    veins, _ = write_vtk(run, tmp_path / "out", member=1, every=7)
    times = pyvista.get_reader(veins).time_values
    np.testing.assert_allclose(times, run.time[6::7])
    data, places, rng = run.dataset().isel(member=1), vl.geometry("mild-varicose"), np.random.default_rng(1)
    for time in rng.choice(times, 8):
        mesh = read(veins, time)
        names = list(mesh.cell_data["name"])
        now = data.sel(time=time, method="nearest")
        for name in rng.choice([name for name in names if name in places.veins], 8):
            at = names.index(name)
            assert mesh.cell_data["pressure_mmHg"][at] == pytest.approx(float(now["pressure"].sel(cell=name)), rel=1e-6)
            diameter = 10 * np.sqrt(4 * float(now["area"].sel(cell=name)) / np.pi)
            assert mesh.cell_data["diameter_mm"][at] == pytest.approx(diameter, rel=1e-6)
            line = mesh.get_cell(at)
            np.testing.assert_allclose(line.points, places.veins[name].points, atol=0.003)
            radii = mesh.point_data["radius_cm"][line.point_ids]
            np.testing.assert_allclose(radii, diameter / 20, rtol=1e-6)
        at = names.index("perforator, Boyd")
        assert mesh.cell_data["flow_mL_per_s"][at] == pytest.approx(float(now["flow"].sel(face=names[at])), rel=1e-5)
        assert np.isnan(mesh.cell_data["pressure_mmHg"][at])
        assert mesh.point_data["radius_cm"].min() > 0.0
    assert not {"tributary, lateral thigh [1]"} & set(names), "a vein that the person does not have"


def test_lymph_has_times_of_its_own(kept: Any, tmp_path: Path) -> None:
    run, _ = kept
    _, lymph = write_vtk(run, tmp_path / "out")
    data = run.dataset().isel(member=0)
    np.testing.assert_allclose(pyvista.get_reader(lymph).time_values, data["exchange_time"])
    mesh = read(lymph, float(data["exchange_time"][-1]))
    for number, name in enumerate(mesh.cell_data["name"]):
        exact = float(data["lymph_pressure"].sel(lymph_cell=name)[-1])
        assert mesh.cell_data["pressure_mmHg"][number] == pytest.approx(exact, rel=1e-5, abs=1e-5)


def test_long_runs_are_thinned(kept: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("venolymph.interop.vtk.MOST", 20)
    veins, _ = write_vtk(kept[0], tmp_path / "out")
    assert 10 < len(pyvista.get_reader(veins).time_values) <= 21


def test_the_command_writes_into_the_run_and_the_run_still_opens(kept: Any) -> None:
    _, folder = kept
    done = CliRunner().invoke(app, ["export", str(folder), "--vtk", "--member", "mild-varicose", "--every", "50"])
    assert done.exit_code == 0, done.output
    assert done.stderr.splitlines() == [f"written: {folder}/vtk/veins.pvd", f"written: {folder}/vtk/lymph.pvd"]
    assert vl.open_run(folder).complete
    again = CliRunner().invoke(app, ["export", str(folder), "--vtk"])
    assert again.exit_code == 2
    assert "this folder is there already" in again.stderr
    over = CliRunner().invoke(app, ["export", str(folder), "--vtk", "--every", "60", "--overwrite"])
    assert over.exit_code == 0, over.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "add --vtk, for ParaView"),
        (("--vtk", "--member", "helthy"), "did you mean 'healthy'?"),
    ],
)
def test_what_is_asked_wrongly_is_refused(words: tuple[str, ...], told: str, kept: Any) -> None:
    done = CliRunner().invoke(app, ["export", str(kept[1]), *words])
    assert done.exit_code == 2
    assert told in done.stderr


def test_what_was_not_written_here_is_not_replaced(kept: Any, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "home.txt").write_text("dear", "utf-8")
    for there in (tmp_path / "letters", tmp_path / "letters" / "home.txt"):
        with pytest.raises(RunError, match="something else"):
            write_vtk(kept[0], there, overwrite=True)
    assert (tmp_path / "letters" / "home.txt").read_text("utf-8") == "dear"


def test_nothing_half_written_is_left(kept: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Path.write_text

    def full(path: Path, *given: Any, **more: Any) -> int:
        if path.name == "000003.vtp":
            raise OSError(28, "No space left on device")
        return write(path, *given, **more)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(RunError, match=r"[Nn]o space"):
        write_vtk(kept[0], tmp_path / "out")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("given", "told"), [({"member": 2}, "no member 2"), ({"every": 0}, "1 or more")])
def test_numbers_out_of_range_are_refused(given: dict[str, int], told: str, kept: Any, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=told):
        write_vtk(kept[0], tmp_path / "out", **given)
