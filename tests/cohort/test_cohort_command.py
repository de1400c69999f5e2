"""`venolymph cohort` and `populations`: what is computed, kept, gone on with and told; one message for each mistake."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from venolymph.cli import app
from venolymph.cohort import MemberReadings, following
from venolymph.cohort.summary import spread
from venolymph.population import Member, read_people

LYING = "kind: regimen\nversion: 1\nregimen: lying down\nsteps: [{lie: {for: 1 s}}]\n"
ASKED = ("-m", "ankle pressure", "--workers", "0", "--chunk", "4", "--out", "out")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    Path("lie.yaml").write_text(LYING, "utf-8")


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Made-up readings in place of simulations; gives the numbers of those who were read. Somebody may fail."""
    numbers: list[int] = []

    def measure(members: Sequence[Member], regimen: Any, measures: Sequence[str], **_: Any) -> MemberReadings:
        numbers.extend(one.number for one in members)
        values = np.array([10.0 * (one.number + 1) for one in members])
        failed = tuple(f"burst at {one.number}.5 s" if one.number in (2, 3) else None for one in members)
        values[[why is not None for why in failed]] = np.nan
        return MemberReadings({name: values for name in measures}, dict.fromkeys(measures, "mmHg"), failed)

    monkeypatch.setattr(following, "measure_members", measure)
    return numbers


def call(*words: str) -> Any:
    return CliRunner().invoke(app, list(words))


def test_packaged_populations_are_listed() -> None:
    told = call("populations").stdout
    assert "long-haul-passengers" in told and "C2 14.3 %" in told
    found = {one["name"]: one for one in json.loads(call("populations", "--json").stdout)}
    assert found["long-haul-passengers"]["classes"]["C4 to C6"] == pytest.approx(0.036)
    assert any("Gordon" in source for source in found["healthy-adults"]["sources"]["measured"])


def test_a_cohort_is_told_and_kept(measured: list[int]) -> None:
    done = call("cohort", "healthy-adults", "lie.yaml", "--n", "6", "--seed", "1", *ASKED)
    assert done.exit_code == 0, done.output
    assert measured == list(range(6))
    row = next(line for line in done.stdout.splitlines() if "ankle pressure" in line)
    assert row.split() == ["lying", "down", "ankle", "pressure", "mmHg", "4", "35", "23.8", "11.5", "35", "58.5"]
    assert "no readings of 2 of 6 in 'lying down': burst at … s" in done.stdout
    assert "not a medical device" in done.stdout and "folder: out" in done.stdout
    measured.clear()
    again = call("cohort", "--resume", "out", "--workers", "0", "--json")
    assert not measured
    found = json.loads(again.stdout)
    assert found["number"] == 6 and found["readings"][0]["p50"] == 35.0
    assert found["failed"] == [{"regimen": "lying down", "cause": "burst at … s", "people": 2}]
    assert found["rejected"] == {}


def test_people_go_out_into_a_table_and_come_back_in(measured: list[int]) -> None:
    first = call("cohort", "C3", "lie.yaml", "--n", "5", "--people", "people.csv", *ASKED)
    assert first.exit_code == 0, first.output
    assert len(read_people("people.csv")) == 5
    Path("registry.csv").write_text("S,A,H,M\nf,50,165,70\nm,60,180,85\n", "utf-8")
    columns = [word for one in ("S=sex", "A=age_y", "H=height_cm", "M=mass_kg") for word in ("--column", one)]
    measured.clear()
    done = call("cohort", "registry.csv", "lie.yaml", *columns, *ASKED[:-1], "registry")
    assert done.exit_code == 0, done.output
    assert measured == [0, 1]


def test_one_who_is_stopped_is_told_how_to_go_on(measured: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    real = following.mark_done

    def stop(path: Path, task: Any, *rest: Any) -> None:
        real(path, task, *rest)
        raise KeyboardInterrupt

    monkeypatch.setattr(following, "mark_done", stop)
    done = call("cohort", "healthy-adults", "lie.yaml", "--n", "12", *ASKED)
    assert done.exit_code == 130
    assert "1 of 3 parts are kept in out; go on with `venolymph cohort --resume out`" in done.stderr


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (("healthy-adults", "lie.yaml", "--n", "0", "-m", "VFI"), "0 people are asked for", "--n 100"),
        (("healthy-adults", "lie.yaml", "--n", "2"), "nothing is to be read", "venolymph measures"),
        (("healthy-adults", "lie.yaml", "--n", "2", "-m", "VFJ"), "no measure named 'VFJ'", "VFI"),
        (("healthy-adult", "lie.yaml", "--n", "2", "-m", "VFI"), "no packaged population", "healthy-adults"),
        (("healthy-adults", "liing", "--n", "2", "-m", "VFI"), "no packaged regimen", "lying"),
        (("healthy-adults",), "a regimen is needed", "posture-and-walk"),
        ((), "a population and a regimen are needed", "venolymph populations"),
        (("C3", "lie.yaml", "--n", "2", "-m", "VFI", "--column", "a=b"), "for a table of people", "leave it out"),
        (("no.csv", "lie.yaml", "-m", "VFI", "--column", "a"), "does not say what it is", "HEIGHT=height_cm"),
        (("--resume", "nowhere"), "not the folder of a cohort", "venolymph cohort"),
        (("--resume", "nowhere", "--n", "3"), "takes everything from the folder", "--resume nowhere"),
    ],
)
def test_a_mistake_is_one_message_and_nothing_is_written(words: tuple[str, ...], message: str, hint: str) -> None:
    done = call("cohort", *words)
    assert done.exit_code == 2 and not done.stdout
    error, told = done.stderr.strip().splitlines()
    assert error.startswith("error: ") and message in error
    assert told.startswith("hint: ") and hint in told
    assert [path.name for path in Path.cwd().iterdir()] == ["lie.yaml"]


def test_spread_is_told_as_far_as_there_are_numbers() -> None:
    assert spread(np.array([np.nan])) == {"people": 0, "mean": None, "sd": None, "p5": None, "p50": None, "p95": None}
    assert spread(np.array([3.0, np.nan]))["sd"] is None
    assert spread(np.arange(101.0))["p95"] == 95.0
