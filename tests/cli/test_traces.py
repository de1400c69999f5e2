"""Readings over time as a table, and measured traces beside a result, in a run of the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import venolymph as vl
from venolymph.cli.app import app
from venolymph.errors import MeasureError

REGIMEN = "kind: regimen\nversion: 1\nregimen: standing\nsteps:\n  - stand: {for: 6 s}\n"
MEASURED = "time_s,ankle_pressure_kPa,vein_mmHg\n0,11,80\n3,11.2,81\n6,11,82\n9,11,82\n"


def call(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run in `run`, its table, and what was measured."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "standing.yaml").write_text(REGIMEN, "utf-8")
    (folder / "measured.csv").write_text(MEASURED, "utf-8")
    words = ["run", "healthy", folder / "standing.yaml", "--out", folder / "run", "--csv", folder / "table.csv"]
    done = call(*words, "--beside", folder / "measured.csv")
    assert done.exit_code == 0, done.stderr
    (folder / "printed.txt").write_text(done.stdout, "utf-8")
    return folder


def test_the_table_has_a_row_for_each_sample(made: Path) -> None:
    run, table = vl.open_run(made / "run"), pd.read_csv(made / "table.csv")
    assert list(table.columns[:4]) == ["member", "time_s", "phase", "ankle_pressure_mmHg"]
    assert "arterial_inflow_mL/min" in table
    np.testing.assert_allclose(table["time_s"], run.time, rtol=1e-8)
    np.testing.assert_allclose(table["ankle_pressure_mmHg"], run["ankle pressure"].values[:, 0], rtol=1e-8)
    assert set(table["phase"]) == {"standing"}
    pd.testing.assert_frame_equal(table, run.to_dataframe(), rtol=1e-8)


def test_what_was_measured_is_in_page_and_summary(made: Path) -> None:
    found = json.loads((made / "run" / "summary.json").read_text("utf-8"))["beside"]
    compared, among = found
    assert (compared["column"], compared["against"], compared["unit"]) == (
        "ankle_pressure_kPa",
        "ankle pressure",
        "mmHg",
    )
    assert compared["time"]["values"] == [0.0, 3.0, 6.0]  # what lies after the run is left out
    np.testing.assert_allclose(compared["values"], np.array([11.0, 11.2, 11.0]) * 7.50062, rtol=1e-5)
    trace = vl.open_run(made / "run")["ankle pressure"]
    apart = np.interp([3.0, 6.0], trace["time"], trace.values[:, 0]) - np.array(compared["values"][1:])
    told = compared["simulated less measured"]["healthy"]
    assert told["mean"] == pytest.approx(apart.mean())
    assert told["root mean square"] == pytest.approx(np.sqrt((apart**2).mean()))
    assert (among["chart"], among["against"]) == ("pressure", None)
    page = (made / "run" / "report.html").read_text("utf-8")
    assert "Ankle pressure, simulated and measured" in page
    assert "measured: vein" in page
    assert (made / "run" / "figures" / "beside-ankle_pressure.svg").exists()
    assert "ankle pressure: simulated less measured" in (made / "printed.txt").read_text("utf-8")


def test_a_report_made_anew_still_shows_it(made: Path) -> None:
    (made / "run" / "report.html").unlink()
    (made / "again.csv").unlink(missing_ok=True)
    done = call("run", "--resume", made / "run", "--csv", made / "again.csv")
    assert done.exit_code == 0, done.stderr
    assert "Ankle pressure, simulated and measured" in (made / "run" / "report.html").read_text("utf-8")
    assert (made / "again.csv").read_text("utf-8") == (made / "table.csv").read_text("utf-8")


MISFITS = {
    "girth_at_calf_cm": "tissue",
    "ankle_pressure_cm": "where a pressure is needed",
    "temperature_degC": "no chart shows what 'temperature_degC' is",
}


@pytest.mark.parametrize("heading", MISFITS)
def test_what_does_not_fit_is_said_and_the_report_is_there(made: Path, heading: str) -> None:
    (made / "other.csv").write_text(f"time_s,{heading}\n0,1\n6,2\n", "utf-8")
    (made / "run" / "report.html").unlink(missing_ok=True)
    done = call("run", "--resume", made / "run", "--beside", made / "other.csv")
    assert done.exit_code == 2
    assert MISFITS[heading] in done.stderr
    assert f"the run itself is in {made / 'run'}" in done.stderr
    assert (made / "run" / "report.html").exists()


def test_other_times_are_said(made: Path) -> None:
    (made / "late.csv").write_text("time_s,vein_mmHg\n100,1\n106,2\n", "utf-8")
    done = call("run", "--resume", made / "run", "--beside", made / "late.csv")
    assert done.exit_code == 2
    assert "let 0 be the start of the run" in done.stderr


@pytest.mark.parametrize(
    ("option", "name", "message"),
    [
        ("--beside", "comma.csv", "comma.csv, line 2"),
        ("--beside", "none.csv", "there is no such file"),
        ("--csv", "comma.csv", "there is such a file already"),
        ("--csv", "nowhere/table.csv", "there is no such folder"),
    ],
)
def test_mistakes_are_seen_before_anything_is_simulated(
    made: Path, tmp_path: Path, option: str, name: str, message: str
) -> None:
    (tmp_path / "comma.csv").write_text("time_s;vein_mmHg\n0;1,5\n1;2\n", "utf-8")
    done = call("run", "healthy", made / "standing.yaml", "--out", tmp_path / "run", option, tmp_path / name)
    assert done.exit_code == 2
    assert message in done.stderr
    assert not (tmp_path / "run").exists()


def test_a_table_of_ones_own_choice() -> None:
    run = vl.simulate(["healthy", "mild-varicose"], [{"stand": {"for": "5 s"}}], tissue=True)
    table = run.to_dataframe(["ankle pressure", "girth at calf", "pressure at great saphenous, calf"])
    assert list(table.columns[3:]) == [
        "ankle_pressure_mmHg", "girth_at_calf_cm", "pressure_at_great_saphenous_calf_mmHg"
    ]  # fmt: skip
    assert table.groupby("member", sort=False).size().to_dict() == dict.fromkeys(run.members, len(run.time))
    second = table[table["member"] == "mild-varicose"]
    np.testing.assert_array_equal(second["ankle_pressure_mmHg"], run["ankle pressure"].values[:, 1])
    girth = run.measure("girth at calf").trace
    assert girth is not None
    last = table[table["member"] == "healthy"]["girth_at_calf_cm"].iloc[-1]
    assert last == pytest.approx(np.asarray(girth.values)[-1, 0])
    with pytest.raises(MeasureError, match="did you mean 'ankle pressure'"):
        run.to_dataframe(["ankle presure"])
    with pytest.raises(MeasureError, match="is one number, not a trace"):
        run.to_dataframe(["pitting in calf"])
