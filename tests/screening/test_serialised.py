"""Broken skin, an ulcer or pain, written in a file in any way, in any form, never leads to a plan.

Files are written, read as the command reads them, and planned. Beside every way to say yes stands that a harmless file
in the same form does lead to a plan, so that nothing is refused for another reason than its own.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screening.people import QUESTIONS, RULES, TODAY, benign, candidates, cleared, document, fires
from screening.serialised import FORMS, as_fhir, as_json, fhir_under, fhir_with, planned, yaml_saying
from venolymph.documents import parse
from venolymph.screening import UNKNOWN, Answers, assess, fhir, load_answers, rulebook

STOPS: list[tuple[str, Any]] = [
    ("P01", "yes"),
    ("P01", UNKNOWN),
    ("P02", "yes"),
    ("P02", UNKNOWN),
    ("P03", "yes"),
    ("P03", UNKNOWN),
    ("P06", "yes"),
    ("C01", "C6"),
    ("C01", "C6r"),
    ("C01", "C5"),
    ("P13", "yes"),
    ("U05", "yes"),
    ("E01", "yes"),
]
SKIN_AND_PAIN = ["P01", "P03"]
AGAIN = sorted(rulebook().again)
HARMLESS = benign(("leg",), False)


def person(**changes: Any) -> Answers:
    return document(benign(("leg",), False, **changes), clearances=cleared(*RULES))


@pytest.mark.parametrize("form", FORMS)
def test_a_harmless_person_has_a_plan_in_every_form(form: str, tmp_path: Path) -> None:
    made = planned(FORMS[form](document(HARMLESS)), tmp_path)
    assert made is not None
    assert made.assessment.label == "A-17"
    yesterday = document(HARMLESS, date=TODAY - dt.timedelta(days=1))
    assert planned(FORMS[form](yesterday), tmp_path) is None
    anew = yesterday.asked_again(TODAY, dict.fromkeys(AGAIN, "no"))
    assert planned(FORMS[form](anew), tmp_path) is not None


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("stop", STOPS, ids=str)
def test_a_stop_has_no_plan_in_any_form(stop: tuple[str, Any], form: str, tmp_path: Path) -> None:
    name, answer = stop
    assert planned(FORMS[form](person(**{name: answer})), tmp_path) is None
    if name in AGAIN:
        twice = document(HARMLESS, clearances=cleared(*RULES)).asked_again(TODAY, {name: answer})
        assert planned(FORMS[form](twice), tmp_path) is None
        first = person(**{name: answer}).asked_again(TODAY, dict.fromkeys(AGAIN, "no"))
        assert planned(FORMS[form](first), tmp_path) is None


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    stop=st.sampled_from(STOPS),
    others=st.dictionaries(st.sampled_from([rule.id for rule in QUESTIONS]), st.integers(0, 50), max_size=4),
    form=st.sampled_from(sorted(FORMS)),
    days=st.integers(0, 20),
    when=st.sampled_from(["first", "anew", "both"]),
)
def test_a_stop_has_no_plan_beside_any_other_answers(
    stop: tuple[str, Any], others: dict[str, int], form: str, days: int, when: str, tmp_path: Path
) -> None:
    name, answer = stop
    chosen = {key: candidates(RULES[key])[pick % len(candidates(RULES[key]))] for key, pick in others.items()}
    first = {**chosen, name: answer} if when != "anew" or name not in AGAIN else {**chosen, name: "no"}
    given_ = document(
        benign(("leg",), False, **first), date=TODAY - dt.timedelta(days=days), clearances=cleared(*RULES)
    )
    anew = dict.fromkeys(AGAIN, "no")
    if name in AGAIN and when != "first":
        anew[name] = answer
    assert planned(FORMS[form](given_.asked_again(TODAY, anew)), tmp_path) is None


# ------------------------------------------------------------------ ways to write it

WRITTEN = [
    *("yes", "'yes'", '"yes"', "true", "True", "TRUE", "!!str yes", "! yes", "!!bool true", "!!bool 'true'"),
    *("!!bool yes", "!!bool on", "!!bool y", "!!bool Yes", "!!bool 1", "!!bool no", "!!bool off", "!!int 1"),
    *("!!int 0x1", "!!null yes", "!!set {yes}", "!!seq [yes]", "!!map {a: b}", "&a yes", "*a", "!foo no"),
    *("Yes", "YES", "on", "On", "y", "Y", "1", "1.0", "[yes]", "[no]", "{yes: no}", "{a: b}", "[]", "[a]", "{}"),
    *("don't know", '"don\'t know"', "n0", "NO", "No", "'no '", '"yes\\n"', "nein", "2026-03-02", ".inf"),
    *("|\n      yes", "|\n      no", ">\n      yes"),
]
"""Ways to write an answer that is not a plain no. Some say no in a way that is refused."""
NOTHING = ["", "~", "null", "!!null"]
PLAIN_NO = ["false", "False", "no", "'no'", '"no"', "!!str no", "! no", "!!bool false", "no   ", "no # at all"]


def without(name: str) -> Answers:
    return document({key: one for key, one in HARMLESS.items() if key != name}, clearances=cleared(*RULES))


@pytest.mark.parametrize("name", SKIN_AND_PAIN)
@pytest.mark.parametrize("written", [*WRITTEN, *NOTHING], ids=repr)
def test_only_a_plain_no_is_a_no_in_yaml(written: str, name: str, tmp_path: Path) -> None:
    said = f"{name}: {written}"
    assert planned(yaml_saying(without(name), said), tmp_path) is None
    if written not in NOTHING:  # nothing said anew leaves what was said first
        assert planned(yaml_saying(document(HARMLESS), anew=said), tmp_path) is None


@pytest.mark.parametrize("written", PLAIN_NO, ids=repr)
def test_a_plain_no_is_one(written: str, tmp_path: Path) -> None:
    assert planned(yaml_saying(without("P01"), f"P01: {written}"), tmp_path) is not None
    assert planned(yaml_saying(document(HARMLESS), anew=f"P01: {written}"), tmp_path) is not None


@pytest.mark.parametrize("name", SKIN_AND_PAIN)
@pytest.mark.parametrize("pair", [("yes", "no"), ("no", "yes"), ("no", "no")], ids="-".join)
def test_a_key_twice_is_refused_in_yaml_and_json(pair: tuple[str, str], name: str, tmp_path: Path) -> None:
    harmless = document(HARMLESS)
    first, second = f"{name}: {pair[0]}", f"{name}: {pair[1]}"
    assert planned(yaml_saying(without(name), first, second), tmp_path) is None
    assert planned(yaml_saying(without(name), first, f"'{name}': {pair[1]}"), tmp_path) is None
    assert planned(yaml_saying(harmless, anew=f"{first}\n    {second}"), tmp_path) is None
    assert planned(yaml_saying(harmless) + f"answers: {{{first}}}\n", tmp_path) is None
    for indent in (None, "\t"):
        content = json.dumps(harmless.document(), indent=indent)
        assert content.count(f'"{name}": "no"') == 1
        more = content.replace(f'"{name}": "no"', f'"{name}": "{pair[0]}", "{name}": "{pair[1]}"')
        assert planned(more, tmp_path) is None
    nested = {**harmless.document(), "answers": {**harmless.document()["answers"], "answers": {name: pair[0]}}}
    assert planned(json.dumps(nested), tmp_path) is None


@pytest.mark.parametrize("name", SKIN_AND_PAIN)
@pytest.mark.parametrize(
    "value", [True, "yes", 1, 0, 1.0, ["yes"], ["no"], {"a": "b"}, [], {}, None, "", UNKNOWN, "No", "false"], ids=repr
)
def test_only_a_plain_no_is_a_no_in_json(value: Any, name: str, tmp_path: Path) -> None:
    content = document(HARMLESS, clearances=cleared(*RULES)).document()
    content["answers"][name] = value
    assert planned(json.dumps(content), tmp_path) is None
    again = {**document(HARMLESS).document(), "again": {"date": "2026-03-02", "answers": {name: value}}}
    assert (planned(json.dumps(again), tmp_path) is not None) <= (value is None)


SYSTEM = f"{fhir.URL}:answer"
YES: list[dict[str, Any]] = [
    {"valueCoding": {"system": SYSTEM, "code": "yes"}},
    {"valueCoding": {"system": SYSTEM, "code": UNKNOWN}},
    {"valueCoding": {"system": "http://snomed.info/sct", "code": "373066001"}},
    {"valueCoding": {"code": "yes"}},
    {"valueCoding": {"display": "no"}},
    {"valueCoding": {"system": SYSTEM, "code": "no", "display": "no"}, "valueBoolean": True},
    {"valueBoolean": True},
    {"valueBoolean": "false"},
    {"valueBoolean": None},
    {"valueString": "yes"},
    {"valueString": UNKNOWN},
    {"valueInteger": 1},
    {"valueDecimal": 0},
    {"valueQuantity": {"value": 0}},
    {"valueReference": {"reference": "Observation/1"}},
    {"value": "no"},
    {},
]
NO = {"valueCoding": {"system": SYSTEM, "code": "no"}}


@pytest.mark.parametrize(("name", "answer"), [("P03", YES[0]), *(("P01", answer) for answer in YES)], ids=str)
def test_no_way_to_say_yes_in_a_form_is_passed_over(name: str, answer: dict[str, Any], tmp_path: Path) -> None:
    """In place of the harmless answer, or beside it, before, after, on a page, under a question or an answer, anew."""
    harmless, silent = document(HARMLESS), without(name)
    hurts = {"linkId": name, "answer": [answer]}
    anew = {"linkId": "again", "item": [{"linkId": f"again.{name}", "answer": [answer]}]}
    dated = {"linkId": "again.date", "answer": [{"valueDate": "2026-03-02"}]}
    texts = [
        fhir_with(silent, hurts),
        fhir_with(silent, hurts, page=True),
        fhir_under(silent, "M02", hurts, below="question"),
        fhir_under(silent, "M02", hurts, below="answer"),
        fhir_with(harmless, hurts),
        fhir_with(harmless, hurts, first=True),
        fhir_with(harmless, hurts, page=True),
        fhir_with(harmless, hurts, page=True, first=True),
        fhir_with(harmless, hurts, {"linkId": name, "answer": [NO]}),
        fhir_under(harmless, name, hurts, below="question"),
        fhir_under(harmless, name, hurts, below="answer"),
        fhir_under(harmless, "M02", hurts, below="answer"),
        fhir_with(harmless, {"linkId": name, "answer": [NO, answer]}),
        fhir_with(harmless, {"linkId": name, "answer": [answer, NO]}),
        fhir_with(harmless, {"linkId": "clearance", "item": [hurts]}),
        fhir_with(harmless, anew),
        fhir_with(harmless, {**anew, "item": [dated, *anew["item"]]}),
        fhir_with(harmless, dated, *anew["item"]),
        fhir_with(harmless, {"linkId": f"{name} ", "answer": [answer]}),
        fhir_with(harmless, {"linkId": name.lower(), "answer": [answer]}),
    ]
    for text in texts if answer in (YES[0], YES[5]) else texts[:7]:
        assert planned(text, tmp_path) is None


def test_the_ways_above_have_a_plan_where_the_answer_is_no(tmp_path: Path) -> None:
    harmless, silent = document(HARMLESS), without("P01")
    fine = {"linkId": "P01", "answer": [NO]}
    for text in (
        fhir_with(silent, fine),
        fhir_with(silent, fine, page=True),
        fhir_under(silent, "M02", fine, below="answer"),
        fhir_with(harmless, fine, {"linkId": "P01", "answer": [NO, {"valueBoolean": False}]}, page=True),
    ):
        assert planned(text, tmp_path) is not None


# ------------------------------------------------------------------ contradictions in general


FOLLOWS = [(rule.id, one.rule) for rule in QUESTIONS for one in rule.when]


@pytest.mark.parametrize(("name", "asked"), FOLLOWS, ids=str)
def test_an_answer_counts_though_its_question_would_have_been_skipped(name: str, asked: str) -> None:
    """The place of a spot where no spot was said to be, a break that does not heal where none was said to be."""
    regions = ("leg", "face")
    for answer in candidates(RULES[name]):
        if not fires(RULES[name], answer):
            continue
        beside = benign(regions, True, **{name: answer})
        given_ = document(beside, regions, compression=True)
        for text in (as_json(given_), as_fhir(given_)):
            data = parse(text)[0]
            back = fhir.read_response(data) if "resourceType" in data else load_answers(data)
            found = assess(back, today=TODAY)
            assert name in found.rules
            if isinstance(answer, tuple):
                assert set(answer) <= {one.what for one in found.exclusions}
