"""Documents of answers: read, written, and refused in plain words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.people import ALL, QUESTIONS, TODAY, benign, candidates, cleared, document, judge
from venolymph import documents
from venolymph.errors import DocumentError
from venolymph.screening import Outcome, assess, load_answers, questions, rulebook, words

anything = st.fixed_dictionaries({}, optional={rule.id: st.sampled_from(candidates(rule)) for rule in QUESTIONS})
HEAD = "kind: answers\nversion: 2\nlabel: A-17\ndate: 2026-03-02\nlegs: [left]\n"


@given(answers=anything, regions=st.lists(st.sampled_from(ALL), min_size=1, unique=True))
def test_documents_come_back_as_they_went(answers: dict[str, Any], regions: list[str]) -> None:
    clearances = cleared("M05", "M10", "M02")
    again = {"date": TODAY, "answers": {name: answers[name] for name in rulebook().again if name in answers}}
    sent = document(answers, regions, clearances=clearances, again=again)
    text = documents.write(sent.document())
    assert load_answers(documents.parse(text)[0]) == sent
    assert load_answers(json.loads(json.dumps(sent.document()))) == sent


def test_yes_and_no_are_read_in_yaml_and_json(tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text(HEAD + "answers: {E01: no, E02: don't know, E03: true, M10: null, M11: 52}\n", "utf-8")
    assert load_answers(path).answers == {"E01": "no", "E02": "don't know", "E03": "yes", "M11": 52.0}
    assert load_answers(str(path)) == load_answers(path)


WRONG = {
    "rule-unknown": HEAD + "answers: {E9: no}\n",
    "rule-not-asked": HEAD + "answers: {N04: yes}\n",
    "rule-about-open-questions": HEAD + "answers: {Z01: no}\n",
    "answer-unknown": HEAD + "answers: {E01: dont know}\n",
    "answer-a-number": HEAD + "answers: {E01: 3}\n",
    "answer-a-mapping": HEAD + "answers: {E01: {is: no}}\n",
    "age-impossible": HEAD + "answers: {M11: 520}\n",
    "index-impossible": HEAD + "answers: {P14: 9.5}\n",
    "number-not-finite": HEAD + "answers: {M11: 1e999}\n",
    "place-unknown": HEAD + "answers: {P28: [claf]}\n",
    "places-empty": HEAD + "answers: {P28: []}\n",
    "places-where-none-are-asked": HEAD + "answers: {E01: [calf]}\n",
    "answers-not-a-mapping": HEAD + "answers: [E01]\n",
    "region-unknown": HEAD + "regions: [legs]\n",
    "regions-empty": HEAD + "regions: []\n",
    "key-unknown": HEAD + "answer: {E01: no}\n",
    "kind-wrong": "kind: person\nversion: 1\n",
    "kind-missing": "version: 1\n",
    "version-before": "kind: answers\nversion: 1\nregions: [leg]\nanswers: {E01: no}\n",
    "version-newer": "kind: answers\nversion: 3\n",
    "label-missing": HEAD.replace("label: A-17\n", ""),
    "label-blank": HEAD.replace("A-17", "'\u3164'"),
    "label-of-signs": HEAD.replace("A-17", "'...'"),
    "label-too-long": HEAD.replace("A-17", "A" * 61),
    "date-missing": HEAD.replace("date: 2026-03-02\n", ""),
    "date-a-number": HEAD.replace("2026-03-02", "20260302"),
    "date-impossible": HEAD.replace("2026-03-02", "2026-02-30"),
    "legs-missing": HEAD.replace("legs: [left]\n", ""),
    "legs-unknown": HEAD.replace("[left]", "[middle]"),
    "again-of-another-question": HEAD + "again: {date: 2026-03-02, answers: {M10: no}}\n",
    "again-before-the-first": HEAD + "again: {date: 2026-03-01, answers: {P03: no}}\n",
    "again-without-date": HEAD + "again: {answers: {P03: no}}\n",
    "compression-a-word": HEAD + "compression: stockings\n",
    "clearance-without-date": HEAD + "clearances: [{by: GP, for: [M10]}]\n",
    "clearance-date-wrong": HEAD + "clearances: [{by: GP, date: 2.3.2026, for: [M10]}]\n",
    "clearance-by-nobody": HEAD + "clearances: [{by: ' ', date: 2026-03-02, for: [M10]}]\n",
    "clearance-by-a-sign": HEAD + "clearances: [{by: '.', date: 2026-03-02, for: [M02]}]\n",
    "clearance-by-nothing-seen": HEAD + 'clearances: [{by: "\\u200b\\u2060ab", date: 2026-03-02, for: [M02]}]\n',
    "clearance-by-blank-letters": HEAD + 'clearances: [{by: "\\u3164\\uffa0", date: 2026-03-02, for: [M02]}]\n',
    "clearance-without-finding": HEAD + "clearances: [{by: GP, date: 2026-03-02, for: [M10]}]\n",
    "clearance-of-a-finding-of-signs": HEAD + "clearances: [{by: GP, date: 2026-03-02, for: [M10], finding: '---'}]\n",
    "clearance-for-a-finding-and-more": HEAD
    + "clearances: [{by: GP, date: 2026-03-02, for: [M05, M02], finding: skin cancer, site: [arm]}]\n",
    "clearance-without-site": HEAD + "clearances: [{by: GP, date: 2026-03-02, for: [M05], finding: skin cancer}]\n",
    "clearance-site-unknown": HEAD
    + "clearances: [{by: GP, date: 2026-03-02, for: [M05], finding: skin cancer, site: [thight]}]\n",
    "questions-of-another-version": HEAD + "questions: 9.0.0\n",
    "clearance-for-nothing": HEAD + "clearances: [{by: GP, date: 2026-03-02, for: []}]\n",
    "clearance-for-an-unknown-rule": HEAD + "clearances: [{by: GP, date: 2026-03-02, for: [M99]}]\n",
    "file-not-yaml": "kind: [answers\n",
    "file-empty": "",
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_documents_are_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: Any) -> None:
    monkeypatch.chdir(tmp_path)
    Path("answers.yaml").write_text(WRONG[name], "utf-8")
    with pytest.raises(DocumentError) as caught:
        load_answers("answers.yaml")
    snapshot(name, str(caught.value))


def tomorrow() -> None:
    assess({}, today=TODAY, clearances=cleared("M02", date="2026-03-03"))


CALLS: dict[str, Any] = {
    "no-such-file": lambda: load_answers("answers.yaml"),
    "no-such-region": lambda: questions({}, regions=["lag"]),
    "no-region": lambda: questions({}, regions=[]),
    "no-such-language": lambda: words("english"),
    "no-such-rule": lambda: questions({"U99": "no"}),
    "clearance-of-tomorrow": tomorrow,
    "answers-of-tomorrow": lambda: assess(document(date="2026-03-03"), today=TODAY),
    "again-of-tomorrow": lambda: assess(document(again={"date": "2026-03-03", "answers": {}}), today=TODAY),
}


@pytest.mark.parametrize("name", CALLS)
def test_wrong_calls_are_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: Any) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DocumentError) as caught:
        CALLS[name]()
    snapshot(name, str(caught.value))


SAID: dict[str, dict[str, Any]] = {
    "treat": {},
    "emergency": {"E01": "yes"},
    "ulcer": {"P01": "yes", "P02": "yes"},
    "heavy-legs-and-period": {"P04": "yes", "A02": "yes"},
    "filler-somewhere": {"F01": 6, "F09": "don't know"},
    "blood-thinner-unknown": {"M10": "don't know"},
    "half-answered": {"M10": None, "M12": None},
}


@pytest.mark.parametrize("name", SAID)
def test_what_is_said(name: str, snapshot: Any) -> None:
    found = judge(benign(**SAID[name]))
    said = words("en").say(found)
    assert words("en").notice in said
    assert words("en").not_reviewed in said
    snapshot(f"said-{name}", "\n".join(said))


def test_what_is_said_of_clearances(snapshot: Any) -> None:
    new = cleared("M10", date="2026-02-01")
    old = cleared("M02", by="Dr B", date="2025-02-01")
    found = judge(benign(M10="yes", M02="yes"), clearances=[*new, *old])
    assert found.outcome is Outcome.CLEAR
    snapshot("said-clearances", "\n".join(words("en").say(found)))
