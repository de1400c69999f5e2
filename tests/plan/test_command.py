"""`venolymph plan`: a plan on standard output, or a reason on standard error and exit code 3."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from screening.people import TODAY, benign, document
from venolymph.cli import app, planning
from venolymph.documents import write
from venolymph.screening import words


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(planning, "_today", lambda: TODAY)


def answers(**changes: Any) -> str:
    Path("answers.yaml").write_text(write(document(benign(("leg",), False, **changes)).document()), "utf-8")
    return "answers.yaml"


def call(*given: str) -> Any:
    return CliRunner().invoke(app, ["plan", *given])


def test_a_plan_is_printed_with_what_was_changed() -> None:
    done = call("--answers", answers(P27="yes", P28=("ankle",)), "--session", "leg-massage-short")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("Plan: short leg massage: ")
    for notice in words().notices():
        assert notice in done.stdout
    assert "inner ankle, outer ankle left out (P28)" in done.stdout
    assert list(Path().iterdir()) == [Path("answers.yaml")]


def test_json_and_markdown() -> None:
    found = json.loads(call("--answers", answers(), "--json").stdout)
    assert found["minutes"] == 48.0
    assert found["plan"]["kind"] == "session"
    assert found["changes"] == []
    done = call("--answers", answers(), "--markdown")
    assert done.stdout.startswith("# Plan: leg massage")
    assert call("--answers", answers(), "--markdown", "--json").exit_code == 2


def test_a_refusal_prints_no_plan() -> None:
    done = call("--answers", answers(P03="yes"), "--sheet", "plan.html")
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr.startswith("error: No plan")
    assert "Pain needs medical treatment" in done.stderr
    assert not Path("plan.html").exists()
    found = json.loads(call("--answers", answers(P03="yes"), "--json").stdout)
    assert (found["plan"], found["outcome"]) == (None, "REFER")
    assert any("P03" in line for line in found["reasons"])


@pytest.mark.parametrize("name", ["leg-sham", "leg-massage-reversed", "leg-massage-distal-first"])
def test_experiments_are_refused(name: str) -> None:
    done = call("--answers", answers(), "--session", name)
    assert (done.exit_code, done.stdout) == (3, "")
    assert "never planned" in done.stderr


def test_a_sheet_is_written_once() -> None:
    done = call("--answers", answers(), "--sheet", "plan.html")
    assert done.exit_code == 0
    assert done.stderr == "written: plan.html\n"
    assert Path("plan.html").read_text("utf-8").startswith("<!doctype html>")
    assert call("--answers", answers(), "--sheet", "plan.html").exit_code == 2
    assert call("--answers", answers(), "--sheet", "nowhere/plan.html").exit_code == 2


def test_mistakes_are_one_error() -> None:
    assert call("--answers", "missing.yaml").exit_code == 2
    assert call("--answers", answers(), "--session", "leg-masage").exit_code == 2
    assert call("--answers", answers(), "--language", "xx").exit_code == 2
