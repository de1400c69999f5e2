"""The linter: every rule has a session that breaks it, and packaged treatments break none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from venolymph import figures
from venolymph.cli import app
from venolymph.massage import Session, Strokes, load_session, packaged_sessions
from venolymph.plan import lint, rules, words

IDS = (Path(__file__).parent / "ids.txt").read_text().split()

GROIN = {"stroke": "stationary circles", "at": "superficial inguinal nodes", "toward": "external iliac nodes"}
THIGH = {"stroke": "pump", "at": "inner thigh", "toward": "superficial inguinal nodes"}
COLLAR = {"stroke": "stationary circles", "at": "collarbone nodes", "toward": "the heart", "pressure": "20 mmHg"}


def session(*steps: dict[str, Any], **more: Any) -> Session:
    return Session([Strokes(**step) for step in steps], **{"screening": "leg", **more})


def face(*steps: dict[str, Any]) -> Session:
    ear = {
        "stroke": "stationary circles",
        "at": "nodes below the ear",
        "toward": "collarbone nodes",
        "pressure": "15 mmHg",
    }
    return session(COLLAR, ear, *steps, body="face", screening="face")


WRONG = {
    "oedema-over-varices": session(GROIN, {**THIGH, "stroke": "oedema pump", "pressure": "40 mmHg"}),
    "distal-before-node": session(THIGH, GROIN),
    "away-from-nodes": session(GROIN, {**THIGH, "toward": "toes"}),
    "carotid-triangle": session(COLLAR, {**COLLAR, "at": "carotid triangle", "pressure": "10 mmHg"}),
    "both-neck-sides": session(
        COLLAR, {**COLLAR, "at": "side of the neck", "pressure": "10 mmHg", "sides": "together"}
    ),
    "pressure-on-the-eye": face({**COLLAR, "at": "eyeball", "toward": "temple", "pressure": "5 mmHg"}),
    "over-ceiling": session(GROIN, {**THIGH, "at": "popliteal nodes", "pressure": "40 mmHg"}),
    "too-long": session(GROIN, {**THIGH, "for": "60 min"}),
    "no-screening": session(GROIN, THIGH, screening=()),
}


@pytest.mark.parametrize("rule", rules())
def test_every_rule_is_broken_alone(rule: str) -> None:
    assert [found.rule for found in lint(WRONG[rule])] == [rule]
    found = lint(WRONG[rule])[0]
    assert found.text() and found.hint()
    assert "{" not in found.text() + found.hint()
    assert found.as_json()["rule"] == rule


def test_ids_are_never_reused() -> None:
    assert list(rules()) == IDS, "add new ids at the end of ids.txt, and never take one out"
    assert set(words().rules) == set(IDS)
    for rule in rules().values():
        assert rule.source in figures.references()


@pytest.mark.parametrize("name", packaged_sessions())
def test_packaged_treatments_are_in_order(name: str) -> None:
    if load_session(name).purpose == "treatment":
        assert lint(load_session(name)) == []


def test_what_packaged_experiments_break() -> None:
    assert lint(load_session("leg-sham")) == []
    assert {found.rule for found in lint(load_session("leg-massage-reversed"))} == {"away-from-nodes"}
    assert {found.rule for found in lint(load_session("leg-massage-distal-first"))} == {"distal-before-node"}


def test_what_is_allowed() -> None:
    assert lint(session(GROIN, {**THIGH, "stroke": "oedema pump", "pressure": "40 mmHg", "avoid": "varices"})) == []
    assert lint(session(COLLAR, {**COLLAR, "at": "side of the neck", "pressure": "10 mmHg"})) == []
    assert lint(session({**COLLAR, "sides": "together"}, GROIN, THIGH)) == []
    assert lint(session(GROIN, {**THIGH, "for": "30 min"}, {**THIGH, "for": "29 min"})) == []
    assert lint(face({**COLLAR, "at": "rim below the eye", "toward": "temple", "pressure": "5 mmHg"}))[0].rule == (
        "distal-before-node"
    )


def test_nodes_in_the_same_step_count_where_they_come_first() -> None:
    inner = {**THIGH, "at": ["superficial inguinal nodes", "inner thigh"], "toward": "external iliac nodes"}
    assert lint(session(inner)) == []
    assert [found.rule for found in lint(session({**inner, "at": inner["at"][::-1]}))] == ["distal-before-node"]


def test_the_command_prints_findings_and_ends_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("wrong.yaml").write_text(WRONG["over-ceiling"].to_yaml())
    done = CliRunner().invoke(app, ["lint", "wrong.yaml"])
    assert (done.exit_code, done.stderr) == (1, "")
    assert done.stdout.startswith("error over-ceiling: step 2: 40 mmHg is too hard at hollow of the knee")
    found = json.loads(CliRunner().invoke(app, ["lint", "wrong.yaml", "--json"]).stdout)
    assert [one["rule"] for one in found["errors"]] == ["over-ceiling"]
    done = CliRunner().invoke(app, ["lint", "leg-massage"])
    assert (done.exit_code, done.stdout) == (0, "leg massage: no error found\n")
    assert CliRunner().invoke(app, ["lint", "leg-masage"]).exit_code == 2
