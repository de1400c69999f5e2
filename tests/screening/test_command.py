"""`venolymph screen`: questions one at a time, answers from a file, results as text and JSON, nothing kept unasked."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from screening.people import QUESTIONS, RULES, TODAY, benign, candidates, document, harmless
from screening.typed import through, typing
from venolymph import plan
from venolymph.cli import app, planning
from venolymph.cli import screening as command
from venolymph.documents import write
from venolymph.plan import PlanRefused
from venolymph.screening import UNKNOWN, Outcome, fhir, load_answers, rulebook, to_ask_again, words
from venolymph.screening.conversation import Conversation
from venolymph.screening.one_answer import check_regions

TEXT = words("en")
HEAD = "kind: answers\nversion: 2\nlabel: A-17\ndate: 2026-03-02\nlegs: [left]\n"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for module in (command, planning):
        monkeypatch.setattr(module, "_today", lambda: TODAY)


def call(*given: str, typed: str = "") -> Any:
    return CliRunner().invoke(app, ["screen", *given], input=typed)


def answers(name: str = "answers.yaml", regions: tuple[str, ...] = ("leg",), **changes: Any) -> str:
    content = document(benign(regions, False, **changes), regions).document()
    Path(name).write_text(json.dumps(content) if name.endswith(".json") else write(content), "utf-8")
    return name


def position(name: str, **wanted: Any) -> int:
    """Which line of `typing` answers a question, by itself or in its list."""
    course = Conversation()
    for number, _ in enumerate(through(course, wanted), 2):
        prompt = course.prompt()
        if prompt is not None and name in prompt.rules:
            return number
    raise AssertionError(name)


def typed(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def test_all_questions_answered_gives_treat() -> None:
    done = call(typed=typed(*typing()))
    assert done.exit_code == 0, done.stderr
    assert done.stdout.splitlines()[0] == "Result: possible"
    assert TEXT.notice in done.stdout
    assert TEXT.not_reviewed in done.stdout
    assert TEXT.question(RULES["P01"], ("leg",)) in done.stderr
    assert list(Path().iterdir()) == []


def test_a_typical_mild_case_takes_few_prompts_and_few_words() -> None:
    lines = typing(P04="yes")
    done = call(typed=typed(*lines))
    assert "Result: be seen; a session is possible" in done.stdout
    assert len(lines) <= 25
    read = done.stderr.partition(TEXT.talk.review)[0].split()
    assert 400 < len(read) <= 600


def test_whose_answers_they_are_is_kept() -> None:
    call("--out", "kept.yaml", typed=typed(*typing(whose=("B 3", "both"))))
    kept = load_answers("kept.yaml")
    assert (kept.label, kept.date, kept.legs) == ("B 3", TODAY, ("left", "right"))
    done = call("--label", "C", "--leg", "right", "--out", "more.yaml", typed=typed(*typing(whose=())))
    assert done.exit_code == 0
    assert (load_answers("more.yaml").label, load_answers("more.yaml").legs) == ("C", ("right",))


def test_label_and_leg_are_asked_until_they_fit() -> None:
    done = call("--out", "kept.yaml", typed=typed("", "...", "A-17", "the left one", "<", "B", "r", *typing(whose=())))
    assert done.exit_code == 0
    assert (load_answers("kept.yaml").label, load_answers("kept.yaml").legs) == ("B", ("right",))


def test_json_alone_goes_to_standard_output() -> None:
    lines = typing(("face", "neck"), whose=("A-17",))
    found = json.loads(call("--json", "--region", "face", "--region", "neck", typed=typed(*lines)).stdout)
    assert found["outcome"] == "TREAT"
    assert found["regions"] == ["neck", "face"]


STOPS = [
    ("P01", "yes", "REFER", 3),
    ("P03", "yes", "REFER", 3),
    ("U01", "yes", "URGENT", 4),
    ("E01", "yes", "EMERGENCY", 4),
]


@pytest.mark.parametrize(("name", "answer", "outcome", "code"), STOPS)
def test_a_yes_on_the_first_page_ends_the_questions(name: str, answer: str, outcome: str, code: int) -> None:
    lines = typing(**{name: answer})[: position(name, **{name: answer}) + 1]
    done = call("--json", "--out", "kept.yaml", typed=typed(*lines, "n"))
    found = json.loads(done.stdout)
    assert (found["outcome"], found["plan_allowed"], done.exit_code) == (outcome, False, code)
    assert name in found["rules"]
    assert TEXT.rules[name].action in done.stderr
    assert TEXT.question(RULES["M11"], ("leg",)) not in done.stderr
    assert load_answers("kept.yaml").answers[name] == answer


@pytest.mark.parametrize(("name", "answer", "outcome", "code"), STOPS)
@pytest.mark.parametrize("leave", ["q\n", "", "n\nq\n"])
def test_leaving_after_such_an_answer_says_what_to_do(
    name: str, answer: str, outcome: str, code: int, leave: str
) -> None:
    lines = typing(**{name: answer})[: position(name, **{name: answer}) + 1]
    done = call("--out", "kept.yaml", typed=typed(*lines, *(["y"] if leave.startswith("n") else [])) + leave)
    assert done.exit_code == code
    assert TEXT.outcomes[outcome].say in done.stderr
    assert TEXT.rules[name].action in done.stderr.rpartition(TEXT.talk.go_on)[2]
    assert "Traceback" not in done.stderr
    assert list(Path().iterdir()) == []


def test_going_on_asks_the_rest_and_stays_blocked() -> None:
    done = call("--json", typed=typed(*typing(P03="yes", M10="yes")))
    found = json.loads(done.stdout)
    assert (found["outcome"], found["rules"], found["unanswered"], done.exit_code) == ("REFER", ["P03", "M10"], [], 3)
    assert done.stderr.count(TEXT.talk.go_on) == 1


def test_something_graver_later_ends_the_questions_again() -> None:
    done = call(typed=typed(*typing(P03="yes", E02="yes")))
    assert done.stderr.count(TEXT.talk.go_on) == 2
    assert TEXT.outcomes["EMERGENCY"].say in done.stderr
    assert done.exit_code == 4


def test_words_letters_and_any_case() -> None:
    lines = typing(M07="180/110 or more")
    shown = call(typed=typed(*lines)).stderr
    letter = shown.partition(" 180/110 or more")[0][-1]
    lines[position("M07")], lines[position("P20")] = letter.upper(), "BELOW KN"
    lines[2], lines[3], lines[4], lines[position("C01")] = " N ", "No", "nO", "c2"
    assert json.loads(call("--json", typed=typed(*lines)).stdout)["rules"] == ["M07"]


def test_a_number_is_no_answer_where_none_is_measured() -> None:
    lines = typing()
    done = call("--json", typed=typed(*lines[:2], "1", "2", *lines[2:]))
    assert done.stderr.count("That was not understood. Type y/n/?") == 2
    age = position("M11")
    asked = call(typed=typed(*lines[:age], "y", *lines[age:])).stderr
    assert "Say which: type a number, 0 to 120 years; ?." in asked
    assert json.loads(done.stdout)["outcome"] == "TREAT"


def test_yes_where_more_is_needed_asks_which() -> None:
    lines = typing(M01="class III")
    at = lines.index("yes, class III")
    done = call("--json", typed=typed(*lines[:at], "y", *lines[at:]))
    assert "Say which: type" in done.stderr
    assert json.loads(done.stdout)["rules"] == ["M01"]


def test_back_takes_the_last_answer_away() -> None:
    lines = typing()
    done = call("--json", typed=typed("A", "l", "n", "n", "<", "back", "<", "<", "<", *lines))
    assert json.loads(done.stdout)["label"] == "A-17"
    assert TEXT.talk.at_the_start in done.stderr
    assert done.stderr.count(TEXT.talk.label) == 3


def test_places_are_chosen_by_name() -> None:
    wanted: dict[str, Any] = {"P27": "yes", "P28": ("ankle", "calf")}
    lines = typing(**wanted)
    found = json.loads(call("--json", typed=typed(*lines)).stdout)
    assert found["outcome"] == "MODIFY"
    assert {one["what"] for one in found["exclusions"]} == {"calf", "ankle", "affected-site"}
    lines[lines.index("ankle, calf")] = "?"
    found = json.loads(call("--json", typed=typed(*lines)).stdout)
    assert (found["outcome"], found["postpone_until"]) == ("POSTPONE", "2026-03-09")


def test_a_place_that_the_session_does_not_touch_is_not_taken() -> None:
    lines = typing(P27="yes", P28=("calf",))
    at = lines.index("calf")
    done = call("--json", typed=typed(*lines[:at], "cheek", *lines[at:]))
    assert {one["what"] for one in json.loads(done.stdout)["exclusions"]} == {"calf", "affected-site"}
    done = call("--out", "kept.yaml", typed=typed(*lines[:at], "cheek", *lines[at + 1 :]))
    assert (done.exit_code, Path("kept.yaml").exists()) == (2, False)
    assert "the input ended before the questions did" in done.stderr


@pytest.mark.parametrize("key", ["q", "quit", "Q"])
def test_quit_keeps_nothing(key: str) -> None:
    done = call("--out", "kept.yaml", typed=typed("A-17", "left", "no", key))
    assert (done.exit_code, done.stdout) == (130, "")
    assert done.stderr.rstrip().endswith(TEXT.talk.nothing_kept)
    assert list(Path().iterdir()) == []


def test_input_that_ends_early_is_one_error(snapshot: Callable[[str, str], None]) -> None:
    done = call(typed=typed("A-17", "left", "no"))
    assert done.exit_code == 2
    snapshot("command-input-ended", done.stderr[done.stderr.index("error:") :].strip())


def test_what_is_not_understood_is_asked_again() -> None:
    lines = typing()
    age = position("M11")
    lines[age:age] = ["400", "nan", "old", ""]
    done = call("--json", typed=typed(*lines[:2], "perhaps", "9", "h", *lines[2:]))
    assert json.loads(done.stdout)["outcome"] == "TREAT"
    assert done.stderr.count("That was not understood.") == 4
    assert done.stderr.count("must be from 0 to 120") == 2
    assert TEXT.rules["P01"].term in done.stderr
    lines = typing(M09="weeks 1 to 13")
    at = lines.index(TEXT.answers["weeks 1 to 13"])
    assert "fits several answers" in call(typed=typed(*lines[:at], "pregnant", *lines[at:])).stderr


def test_help_at_a_list_shows_its_questions_in_full() -> None:
    lines = typing()
    at = position("M01")
    done = call(typed=typed(*lines[:at], "h", *lines[at:]))
    assert TEXT.question(RULES["M03"], ("leg",)) in done.stderr


def test_a_line_of_the_review_is_changed_by_its_number() -> None:
    lines = typing()
    shown = call(typed=typed(*lines)).stderr
    numbers = {
        what: shown.rpartition(f" {what}: ")[0].rpartition(" ")[2] for what in ("age", "label", "broken skin or ulcer")
    }
    done = call("--json", typed=typed(*lines[:-1], "99", numbers["age"], "17", numbers["label"], "B", ""))
    found = json.loads(done.stdout)
    assert (found["rules"], found["label"]) == (["M11"], "B")
    assert "Type a number from 1 to" in done.stderr
    done = call("--json", "--out", "kept.yaml", typed=typed(*lines[:-1], numbers["broken skin or ulcer"], "y", "n"))
    assert (json.loads(done.stdout)["outcome"], done.exit_code) == ("REFER", 3)
    with pytest.raises(PlanRefused):
        plan.plan("leg-massage", "kept.yaml", today=TODAY, leg="left")


def test_a_clinicians_agreement_is_asked_for_where_it_opens_the_way() -> None:
    lines = typing(M10="yes")
    done = call("--json", typed=typed(*lines, ""))
    found = json.loads(done.stdout)
    assert (found["outcome"], found["cleared"], done.exit_code) == ("CLEAR", [], 3)
    agreed = [".", "Dr A", "2026-03-09", "soon", "<", "Dr B", "2026-03-01", "?", "warfarin, steady"]
    done = call("--json", "--out", "kept.yaml", typed=typed(*lines, *agreed))
    found = json.loads(done.stdout)
    assert (found["outcome"], found["cleared"], found["plan_allowed"]) == ("MODIFY", ["M10"], True)
    assert done.stderr.count(TEXT.talk.date_wrong) == 2
    (kept,) = load_answers("kept.yaml").clearances
    assert (kept.by, kept.date, kept.for_) == ("Dr B", dt.date(2026, 3, 1), ("M10",))
    assert kept.finding == "warfarin, steady"


def test_an_agreement_to_cancer_names_its_site() -> None:
    lines = typing(M05="treated in the last 5 years")
    agreed = ["Dr B", "2026-03-01", "breast cancer, treated", "somewhere", "groin; chest"]
    done = call("--out", "kept.yaml", typed=typed(*lines, *agreed))
    assert done.exit_code == 0, done.stderr
    (kept,) = load_answers("kept.yaml").clearances
    assert (kept.for_, kept.site) == (("M05",), ("groin", "chest"))


def test_each_finding_needs_an_agreement_of_its_own() -> None:
    lines = typing(M10="yes", P12="yes")
    done = call("--json", typed=typed(*lines, "Dr B", "2026-03-01", "old clot", ""))
    found = json.loads(done.stdout)
    assert (found["cleared"], found["plan_allowed"]) == (["P12"], False)
    done = call("--json", typed=typed(*lines, "Dr B", "2026-03-01", "old clot", "Dr C", "2026-03-01", "aspirin"))
    assert json.loads(done.stdout)["plan_allowed"] is True


def test_back_from_the_agreement_goes_to_the_last_question() -> None:
    lines = typing(M10="yes")
    done = call("--json", typed=typed(*lines, "<", *lines[-2:], ""))
    assert json.loads(done.stdout)["outcome"] == "CLEAR"


def test_no_agreement_is_asked_for_where_something_else_stands_in_the_way() -> None:
    done = call("--json", typed=typed(*typing(M10="yes", P03="yes")))
    assert done.exit_code == 3
    assert "agreed in writing" not in done.stderr


def offered(wanted: dict[str, Any], session: tuple[str, ...]) -> dict[str, Any]:
    """Answers with places that can be named in this session only; all of them where none is left.

    A question takes no other place and is asked again, so what is typed next would answer it in place of its own.
    """
    places = rulebook().gate.places_in(check_regions(session))
    named = {rule.id: wanted.get(rule.id, harmless(rule.id)) for rule in QUESTIONS if rule.places}
    here = {name: tuple(place for place in said if place in places) for name, said in named.items() if said != UNKNOWN}
    return wanted | {name: said or places for name, said in here.items()}


BARRED = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(["yes", UNKNOWN]) for name in ("P01", "P03")}
).filter(bool)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(others={"P27": "yes"}, barred={"P01": "yes", "P03": "yes"}, session=("leg",), late=True)
@example(others={"P27": "yes", "P28": ("cheek", "nose")}, barred={"P03": UNKNOWN}, session=("leg",), late=False)
@given(
    others=st.fixed_dictionaries({}, optional={rule.id: st.sampled_from(candidates(rule)) for rule in QUESTIONS}),
    barred=BARRED,
    session=st.sampled_from([("leg",), ("leg", "face"), ("leg", "abdomen", "neck")]),
    late=st.booleans(),
)
def test_broken_skin_an_ulcer_or_pain_however_typed_gives_no_plan(
    others: dict[str, Any], barred: dict[str, str], session: tuple[str, ...], late: bool
) -> None:
    course = Conversation(regions=session)
    first = offered({name: others[name] for name in others if name not in ("P01", "P03", "P18", "P02")}, session)
    if late:  # first denied, then said on the review page, one line after the other
        gone_on: list[Outcome] = []
        lines = ["A-17", "both", *through(course, first, gone_on)]
        for name, answer in barred.items():
            shown = [line.rules for line in course.review()]
            if (name,) in shown:
                course.change(course.review()[shown.index((name,))])
                lines += [str(3 + shown.index((name,))), *through(course, {**first, name: answer}, gone_on)]
        lines.append("")
    else:
        lines = ["A-17", "both", *through(course, first | barred), ""]
    barring = {name for name in barred if name in course.answers}
    out = Path(tempfile.mkdtemp(dir=".")) / "kept.yaml"
    regions = [option for region in session for option in ("--region", region)]
    # nothing is left to type at the end, also where a clinician's agreement is asked for
    done = call("--out", str(out), *regions, typed=typed(*lines, *["y"] * 3, *[""] * 3))
    assert barring, "a session for the leg asks of broken skin and pain"
    assert done.exit_code in (3, 4), done.stderr
    with pytest.raises(PlanRefused):
        plan.plan("leg-massage", load_answers(out), today=TODAY)


def asked_before() -> str:
    """A file of answers that were given two days ago."""
    given = document(benign(("leg",), False, P04="yes"), date=TODAY - dt.timedelta(days=2))
    Path("old.yaml").write_text(write(given.document()), "utf-8")
    return "old.yaml"


def of_the_day(**wanted: Any) -> list[str]:
    given = load_answers("old.yaml")
    rules = [rule.id for rule in to_ask_again(given, TODAY)]
    return [*through(Conversation(only=rules, answers=given.answers), wanted), ""]


def test_again_asks_only_what_is_asked_on_the_day() -> None:
    path = asked_before()
    done = call("--answers", path)
    # the outcome is said by the exit code, and what is to be asked first in words
    assert (done.exit_code, "No plan." in done.stdout) == (0, True)
    assert f"hint: `venolymph screen --again {path} --out NEW`" in done.stderr
    lines = of_the_day()
    done = call("--again", path, "--out", "new.yaml", typed=typed(*lines))
    assert done.exit_code == 0, done.stderr
    assert len(lines) <= 10
    assert TEXT.question(RULES["M11"], ("leg",)) not in done.stderr
    kept = load_answers("new.yaml")
    assert kept.again is not None
    assert (kept.date, kept.again.date) == (TODAY - dt.timedelta(days=2), TODAY)
    assert plan.plan("leg-massage", kept, today=TODAY).assessment.plan_allowed
    assert TEXT.talk.nothing_again in call("--again", "new.yaml").stderr


@pytest.mark.parametrize(("name", "code"), [("P01", 3), ("P03", 3), ("U05", 4), ("E08", 4)])
def test_what_is_said_on_the_day_counts(name: str, code: int) -> None:
    path = asked_before()
    done = call("--again", path, "--out", "new.yaml", typed=typed(*of_the_day(**{name: "yes"})))
    assert done.exit_code == code
    with pytest.raises(PlanRefused):
        plan.plan("leg-massage", "new.yaml", today=TODAY)


def test_plan_without_a_terminal_names_the_command_that_asks() -> None:
    path = asked_before()
    done = CliRunner().invoke(app, ["plan", "--answers", path])
    assert (done.exit_code, done.stdout) == (3, "")
    assert f"hint: `venolymph screen --again {path} --out NEW`" in done.stderr


def test_screen_and_plan_work_one_after_the_other() -> None:
    assert call("--out", "answers.yaml", typed=typed(*typing())).exit_code == 0
    done = CliRunner().invoke(app, ["plan", "--answers", "answers.yaml", "--sheet", "plan.html"])
    assert done.exit_code == 0, done.stderr
    assert "left leg" in done.stdout


@pytest.mark.parametrize("name", ["answers.yaml", "answers.json"])
def test_answers_from_a_file(name: str) -> None:
    found = json.loads(call("--answers", answers(name, P04="yes", A02="yes"), "--json").stdout)
    assert found["outcome"] == "REFER_MAY_PROCEED"
    assert found["plan_allowed"] is True
    assert found["rules"] == ["P04", "A02"]
    assert found["exclusions"] == [{"kind": "technique", "what": "deep-abdomen", "rules": ["A02"]}]
    assert (found["postpone_until"], found["expires"], found["version"]) == (None, "2026-03-16", "2.1.0")
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
