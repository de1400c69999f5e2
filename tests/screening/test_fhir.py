"""Questions and answers as FHIR R5: nothing is lost on the way out and in, and wrong resources are refused."""

from __future__ import annotations

import contextlib
import json
import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.people import ALL, QUESTIONS, RULES, TODAY, benign, candidates, document
from venolymph.errors import DocumentError
from venolymph.screening import Answers, Clearance, fhir, questions

anything = st.fixed_dictionaries({}, optional={rule.id: st.sampled_from(candidates(rule)) for rule in QUESTIONS})
documents = st.builds(
    lambda answers, regions, compression, names: document(
        answers,
        regions,
        compression=compression,
        clearances=[Clearance(by="Dr A", date=TODAY, for_=names)] if names else [],
    ),
    anything,
    st.lists(st.sampled_from(ALL), min_size=1, unique=True),
    st.booleans(),
    st.lists(st.sampled_from(sorted(RULES)), max_size=4, unique=True),
)


@given(given_=documents)
def test_answers_come_back_as_they_went(given_: Answers) -> None:
    back = json.loads(json.dumps(fhir.response(given_), allow_nan=False))
    assert fhir.read_response(back) == given_


def test_response_says_whether_it_is_complete() -> None:
    assert fhir.response(document(benign(("leg",), False)))["status"] == "completed"
    assert fhir.response(document({"E01": "no"}))["status"] == "in-progress"


@pytest.mark.parametrize("compression", [False, True])
@pytest.mark.parametrize("regions", [("leg",), ("face",), ALL], ids=str)
def test_questionnaire_asks_what_screening_asks(regions: tuple[str, ...], compression: bool) -> None:
    items = {item["linkId"]: item for item in fhir.questionnaire(regions=regions, compression=compression)["item"]}
    asked = {rule.id for rule in questions({}, regions=regions, compression=compression)}
    assert {name for name, item in items.items() if name in RULES and "enableWhen" not in item} == asked
    for name, item in items.items():
        if name in RULES:
            codes = [option["valueCoding"]["code"] for option in item["answerOption"]]
            assert set(RULES[name].answers) <= set(codes)
            numbers = [inside["linkId"] for inside in item.get("item", [])]
            assert numbers == ([f"{name}.number"] if RULES[name].number else [])
            for condition in item.get("enableWhen", []):
                assert condition["question"].split(".")[0] in items


def test_both_are_valid_fhir() -> None:
    pytest.importorskip("fhir.resources", reason="installed by venolymph[fhir]")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from fhir.resources.questionnaire import Questionnaire
        from fhir.resources.questionnaireresponse import QuestionnaireResponse
    for compression in (False, True):
        asked = fhir.questionnaire(regions=ALL, compression=compression)
        assert json.loads(Questionnaire.model_validate(asked).model_dump_json())["url"] == fhir.URL
    answers = benign(M10="yes", F01=3, F09=("cheek", "lips"))
    clearances = [Clearance(by="GP", date=TODAY, for_=["M10"])]
    whole = document(answers, ALL, compression=True, clearances=clearances)
    back = json.loads(QuestionnaireResponse.model_validate(fhir.response(whole)).model_dump_json())
    assert fhir.read_response(back) == whole


def sent(items: Any) -> dict[str, Any]:
    return {"resourceType": "QuestionnaireResponse", "authored": "2026-03-02", "item": items}


def answered(name: Any, *values: Any) -> dict[str, Any]:
    return sent([{"linkId": name, "answer": list(values)}])


@pytest.mark.parametrize(
    "value",
    [{"valueBoolean": False}, {"valueString": "no"}, {"valueCoding": {"code": "no"}}],
    ids=lambda value: next(iter(value)),
)
def test_plain_values_are_understood_too(value: dict[str, Any]) -> None:
    assert fhir.read_response(answered("E01", value)).answers == {"E01": "no"}


WRONG: dict[str, Any] = {
    "another-resource": {"resourceType": "Patient"},
    "no-items": sent("all"),
    "item-not-a-mapping": sent(["E01"]),
    "linkid-unknown": answered("E99", {"valueBoolean": False}),
    "linkid-not-text": answered(7, {"valueBoolean": False}),
    "linkid-not-asked": answered("Z01", {"valueBoolean": False}),
    "answer-wrong": answered("E01", {"valueCoding": {"code": "perhaps"}}),
    "answer-twice": answered("E01", {"valueBoolean": False}, {"valueBoolean": True}),
    "answer-of-another-kind": answered("E01", {"valueQuantity": {"value": 1}}),
    "answers-not-a-list": sent([{"linkId": "E01", "answer": {"valueBoolean": False}}]),
    "coding-not-a-mapping": answered("E01", {"valueCoding": "no"}),
    "region-unknown": answered("regions", {"valueCoding": {"code": "arm"}}),
    "clearance-by-nobody": sent([{"linkId": "clearance", "item": []}]),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_resources_are_refused(name: str, snapshot: Any) -> None:
    with pytest.raises(DocumentError) as caught:
        fhir.read_response(WRONG[name])
    snapshot(f"fhir-{name}", str(caught.value))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["item", "linkId", "answer", "valueCoding", "code", "valueDecimal"]), inner)
    ),
    max_leaves=8,
)


@given(item=json_values)
def test_nonsense_gets_an_error_and_no_crash(item: Any) -> None:
    for content in (item, [item], [{"linkId": "F01", "answer": item}], [{"linkId": "clearance", "item": item}]):
        with contextlib.suppress(DocumentError):
            fhir.read_response(sent(content))
