"""`venolymph screen`: questions one at a time, answers from a file, results as text and JSON, nothing kept unasked."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from screening.people import RULES, TODAY, benign, document, harmless
from venolymph.cli import app
from venolymph.cli import screening as command
from venolymph.documents import write
from venolymph.screening import fhir, load_answers, questions, words

TEXT = words("en")
HEAD = "kind: answers\nversion: 2\nlabel: A-17\ndate: 2026-03-02\nlegs: [left]\n"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "_today", lambda: TODAY)


def call(*given: str, typed: str = "") -> Any:
    return CliRunner().invoke(app, ["screen", *given], input=typed)


def answers(name: str = "answers.yaml", regions: tuple[str, ...] = ("leg",), **changes: Any) -> str:
    content = document(benign(regions, False, **changes), regions).document()
    Path(name).write_text(json.dumps(content) if name.endswith(".json") else write(content), "utf-8")
    return name


def typing(regions: tuple[str, ...] = ("leg",), compression: bool = False, **changes: str) -> list[str]:
    """What a person types who answers all questions, nothing being wrong, with changes."""
    lines: list[str] = []
    given: dict[str, Any] = {}
    while rest := [r for r in questions(given, regions=regions, compression=compression) if r.id not in given]:
        rule = rest[0]
        answer = harmless(rule.id)
        given[rule.id] = answer
        label = f"{answer:g}" if isinstance(answer, float) else TEXT.answers.get(answer, str(answer))
        lines.append(changes.get(rule.id, label))
    return lines


def position(name: str, regions: tuple[str, ...] = ("leg",)) -> int:
    return [rule.id for rule in questions({"P20": "calf", "P03": "no"}, regions=regions)].index(name)


def test_all_questions_answered_gives_treat() -> None:
    done = call(typed="\n".join(typing()) + "\n")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.splitlines()[0] == "Result: possible"
    assert TEXT.notice in done.stdout
    assert TEXT.not_reviewed in done.stdout
    assert "Question 1 of about" in done.stderr
    assert TEXT.question(RULES["E01"], ("leg",)) in done.stderr
    assert list(Path().iterdir()) == []


def test_json_alone_goes_to_standard_output() -> None:
    done = call("--json", "--region", "face", "--region", "neck", typed="\n".join(typing(("face", "neck"))) + "\n")
    found = json.loads(done.stdout)
    assert found["outcome"] == "TREAT"
    assert found["regions"] == ["neck", "face"]


def test_an_emergency_ends_the_questions_at_once() -> None:
    done = call("--json", typed="no\nyes\n")
    found = json.loads(done.stdout)
    assert (found["outcome"], found["rules"], found["plan_allowed"]) == ("EMERGENCY", ["E02"], False)
    assert "Question 3" not in done.stderr


def test_answers_by_number_first_letters_and_any_case() -> None:
    lines = typing()
    lines[0], lines[1], lines[2] = "2", "N", " No "
    lines[position("C01")] = "c2"
    done = call("--json", typed="\n".join(lines) + "\n")
    assert json.loads(done.stdout)["outcome"] == "TREAT"


def test_back_takes_the_last_answer_away() -> None:
    lines = typing()
    done = call("--json", typed="\n".join(["no", "d", "b", "back", "b", *lines]) + "\n")
    assert json.loads(done.stdout)["outcome"] == "TREAT"
    assert TEXT.talk.at_the_start in done.stderr
    assert done.stderr.count("Question 1 of about") == 3


def test_back_over_a_question_that_skip_logic_brought_up() -> None:
    lines = typing()
    at = position("P27")
    lines[at:at] = ["yes", "b"]
    done = call("--json", typed="\n".join(lines) + "\n")
    assert json.loads(done.stdout)["rules"] == []
    assert TEXT.rules["P28"].question in done.stderr


def test_places_are_chosen_by_name_or_number() -> None:
    lines = typing()
    at = position("P27")
    lines[at : at + 1] = [
        "yes",
        "calf, 2",
    ]
    found = json.loads(call("--json", typed="\n".join(lines) + "\n").stdout)
    assert found["outcome"] == "MODIFY"
    assert {one["what"] for one in found["exclusions"]} == {"calf", "ankle", "affected-site"}
    lines[at + 1] = "don't know"
    found = json.loads(call("--json", typed="\n".join(lines) + "\n").stdout)
    assert (found["outcome"], found["postpone_until"]) == ("POSTPONE", "2026-03-09")


@pytest.mark.parametrize("key", ["q", "quit", "Q"])
def test_quit_keeps_nothing(key: str) -> None:
    done = call("--out", "kept.yaml", typed=f"no\n{key}\n")
    assert done.exit_code == 130
    assert done.stdout == ""
    assert done.stderr.rstrip().endswith(TEXT.talk.nothing_kept)
    assert list(Path().iterdir()) == []


def test_input_that_ends_early_is_one_error(snapshot: Callable[[str, str], None]) -> None:
    done = call(typed="no\n")
    assert done.exit_code == 2
    snapshot("command-input-ended", done.stderr[done.stderr.index("error:") :].strip())


def test_what_is_not_understood_is_asked_again() -> None:
    lines = typing()
    age = position("M11")
    lines[age:age] = ["400", "nan", "old", ""]
    done = call("--json", typed="\n".join(["perhaps", "9", "?", *lines]) + "\n")
    assert json.loads(done.stdout)["outcome"] == "TREAT"
    assert done.stderr.count(TEXT.talk.not_understood) == 4
    assert done.stderr.count("must be from 0 to 120") == 2
    assert TEXT.rules["E01"].term in done.stderr
    at = position("M09")
    lines = typing()
    lines[at:at] = ["pregnant"]
    assert TEXT.talk.ambiguous in call(typed="\n".join(lines) + "\n").stderr


def test_a_clinicians_agreement_is_asked_for_where_it_opens_the_way() -> None:
    lines = typing(M10="yes")
    found = json.loads(call("--json", typed="\n".join([*lines, ""]) + "\n").stdout)
    assert (found["outcome"], found["cleared"]) == ("CLEAR", [])
    agreed = ["Dr A", "2026-03-09", "soon", "b", "Dr B", "2026-03-01", "M99", "m10", "warfarin, steady"]
    done = call("--json", "--out", "kept.yaml", typed="\n".join([*lines, *agreed]) + "\n")
    found = json.loads(done.stdout)
    assert (found["outcome"], found["cleared"], found["plan_allowed"]) == ("MODIFY", ["M10"], True)
    assert done.stderr.count(TEXT.talk.date_wrong) == 2
    (kept,) = load_answers("kept.yaml").clearances
    assert (kept.by, kept.date, kept.for_) == ("Dr B", dt.date(2026, 3, 1), ("M10",))


def test_back_from_the_agreement_goes_to_the_last_question() -> None:
    lines = typing(M10="yes")
    last = lines[-1]
    done = call("--json", typed="\n".join([*lines, "b", last, ""]) + "\n")
    assert json.loads(done.stdout)["outcome"] == "CLEAR"


def test_no_agreement_is_asked_for_where_something_else_stands_in_the_way() -> None:
    done = call("--json", typed="\n".join(typing(M10="yes", P03="yes", P04="b")[:-1]) + "\n")
    assert "agreed in writing" not in done.stderr


@pytest.mark.parametrize("name", ["answers.yaml", "answers.json"])
def test_answers_from_a_file(name: str) -> None:
    found = json.loads(call("--answers", answers(name, P04="yes", A02="yes"), "--json").stdout)
    assert found["outcome"] == "REFER_MAY_PROCEED"
    assert found["plan_allowed"] is True
    assert found["rules"] == ["P04", "A02"]
    assert found["exclusions"] == [{"kind": "technique", "what": "deep-abdomen", "rules": ["A02"]}]
    assert (found["postpone_until"], found["expires"], found["version"]) == (None, "2026-03-16", "2.0.0")
    assert TEXT.notice in found["say"]


def test_options_change_the_session_of_a_file() -> None:
    path = answers()
    found = json.loads(call("--answers", path, "--region", "face", "--json").stdout)
    assert (found["regions"], found["outcome"]) == (["face"], "REFER")
    found = json.loads(call("--answers", path, "--compression", "--json").stdout)
    assert (found["compression"], found["outcome"]) == (True, "MODIFY")


def test_answers_from_fhir_and_back() -> None:
    given = document(benign(("face",), F01=3, F09=("lips",)), ["face"])
    Path("response.json").write_text(json.dumps(fhir.response(given)), "utf-8")
    done = call("--answers", "response.json", "--json", "--fhir", "--out", "again.json")
    assert json.loads(done.stdout)["rules"] == ["F01", "F09"]
    again = json.loads(Path("again.json").read_text("utf-8"))
    assert again["authored"] == "2026-03-02"
    assert fhir.read_response(again) == given


@pytest.mark.parametrize("name", ["kept.yaml", "kept.json"])
def test_only_out_writes_and_can_be_read_again(name: str) -> None:
    done = call("--answers", answers(M10="yes"), "--json", "--out", name)
    assert done.stderr.endswith(f"written: {name}\n")
    assert {path.name for path in Path().iterdir()} == {"answers.yaml", name}
    kept = load_answers(name)
    assert kept.result is not None
    assert kept.result["rules"] == ["M10"]
    assert json.loads(call("--answers", name, "--json").stdout) == json.loads(done.stdout)


def test_questionnaire_is_written() -> None:
    done = call("--region", "face", "--fhir-questionnaire", "questions.json")
    assert done.exit_code == 0
    assert json.loads(Path("questions.json").read_text("utf-8")) == fhir.questionnaire(regions=["face"])


WRONG: dict[str, tuple[list[str], str]] = {
    "region": (["--region", "legs"], ""),
    "language": (["--language", "xx"], ""),
    "no-file": (["--answers", "missing.yaml"], ""),
    "bad-answer": (["--answers", "bad.yaml"], HEAD + "answers: {E01: perhaps}\n"),
    "bad-yaml": (["--answers", "bad.yaml"], "answers: [\n"),
    "person": (["--answers", "bad.yaml"], "kind: person\nversion: 1\n"),
    "fhir-patient": (["--answers", "bad.yaml"], '{"resourceType": "Patient"}'),
    "region-for-file": (["--answers", "bad.yaml", "--region", "arm"], HEAD),
    "fhir-without-out": (["--fhir"], ""),
    "out-exists": (["--out", "bad.yaml"], "here\n"),
    "out-nowhere": (["--out", "no/kept.yaml"], ""),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_one_message(name: str, snapshot: Callable[[str, str], None]) -> None:
    options, content = WRONG[name]
    if content:
        Path("bad.yaml").write_text(content, "utf-8")
    done = call(*options)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    snapshot(f"command-{name}", done.stderr.strip())


def test_every_snapshot_is_used() -> None:
    from screening import test_documents, test_fhir

    used = {f"command-{name}" for name in (*WRONG, "input-ended")} | {f"fhir-{name}" for name in test_fhir.WRONG}
    used |= {*test_documents.WRONG, *test_documents.CALLS, *(f"said-{name}" for name in test_documents.SAID)}
    folder = Path(__file__).parent / "snapshots"
    assert {path.stem for path in folder.glob("*.txt")} == {*used, "said-clearances"}
