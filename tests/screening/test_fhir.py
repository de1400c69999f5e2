"""Questions and answers as FHIR R5 and R4: nothing is lost on the way, and what is not certain is refused."""

from __future__ import annotations

import contextlib
import copy
import json
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.people import ALL, QUESTIONS, RULES, TODAY, benign, candidates, cleared, document
from venolymph import plan
from venolymph.errors import DocumentError
from venolymph.screening import NOT_STATED, Answers, Outcome, assess, fhir, questions, rulebook

VERSION = rulebook().gate.version
anything = st.fixed_dictionaries({}, optional={rule.id: st.sampled_from(candidates(rule)) for rule in QUESTIONS})
documents = st.builds(
    lambda answers, regions, compression, names, anew: document(
        answers,
        regions,
        compression=compression,
        clearances=cleared(*names),
        again={"date": TODAY, "answers": {name: answers[name] for name in rulebook().again if name in answers}}
        if anew
        else None,
    ),
    anything,
    st.lists(st.sampled_from(ALL), min_size=1, unique=True),
    st.booleans(),
    st.lists(st.sampled_from(sorted(RULES)), max_size=4, unique=True),
    st.booleans(),
)


@given(whole=documents)
def test_answers_come_back_as_they_went(whole: Answers) -> None:
    back = json.loads(json.dumps({**fhir.response(whole), "status": "completed"}, allow_nan=False))
    assert fhir.read_response(back) == whole


def test_response_says_whether_it_is_complete() -> None:
    assert fhir.response(document(benign(("leg",), False)))["status"] == "completed"
    assert fhir.response(document({"E01": "no"}))["status"] == "in-progress"


# ------------------------------------------------------------------ the questionnaire


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


def every_item(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        yield item
        yield from every_item(item.get("item", []))


CODED = {"R5": ("coding",), "R4": ("choice", "open-choice")}
ITEM_KEYS = {
    "linkId",
    "extension",
    "definition",
    "code",
    "prefix",
    "text",
    "type",
    "enableWhen",
    "enableBehavior",
    "required",
    "repeats",
    "readOnly",
    "maxLength",
    "answerValueSet",
    "answerOption",
    "initial",
    "item",
}
SIMPLE = {"boolean", "decimal", "integer", "string", "text", "url", "date", "dateTime", "time", *CODED["R4"], "coding"}


def broken_invariants(asked: dict[str, Any], release: str) -> list[str]:
    """Invariants of the standard that a questionnaire breaks (que-0 to que-14), each with the item."""
    found: list[str] = []
    items = list(every_item(asked["item"]))
    names = [item["linkId"] for item in items]
    coded = CODED[release]
    if not (asked["name"][0].isupper() and asked["name"].replace("_", "").isalnum()):
        found.append("que-0")
    if len(set(names)) != len(names):
        found.append("que-2")
    for item in items:
        kind = item["type"]
        options = "answerOption" in item or "answerValueSet" in item
        group, display = kind == "group", kind == "display"
        wrong = {
            "que-1": (group and not item.get("item")) or (display and "item" in item),
            "que-3": display and "code" in item,
            "que-4": "answerOption" in item and "answerValueSet" in item,
            "que-5": options
            and kind not in {*coded, "decimal", "integer", "date", "dateTime", "time", "string", "quantity"},
            "que-6": display and ("required" in item or "repeats" in item),
            "que-7": any(
                one["operator"] == "exists" and "answerBoolean" not in one for one in item.get("enableWhen", [])
            ),
            "que-8": (group or display) and "initial" in item,
            "que-9": display and "readOnly" in item,
            "que-10": "maxLength" in item and kind not in {"boolean", "decimal", "integer", "string", "text", "url"},
            "que-11": "answerOption" in item and "initial" in item,
            "que-12": len(item.get("enableWhen", [])) > 1 and "enableBehavior" not in item,
            "que-13": len(item.get("initial", [])) > 1 and not item.get("repeats"),
            "que-14": "answerConstraint" in item and not options,
            "type": kind not in SIMPLE | {"group", "display"} or kind in {*CODED["R5"], *CODED["R4"]} - {*coded},
            "keys": not set(item) <= (ITEM_KEYS | ({"answerConstraint"} if release == "R5" else set())),
            "enabled by what there is": any(one["question"] not in names for one in item.get("enableWhen", [])),
            "one selected, or repeating": sum(one.get("initialSelected", False) for one in item.get("answerOption", []))
            > 1
            and not item.get("repeats"),
        }
        found += [f"{key}: {item['linkId']}" for key, broken in wrong.items() if broken]
    return found


@pytest.mark.parametrize("release", ["R5", "R4"])
@pytest.mark.parametrize("compression", [False, True])
@pytest.mark.parametrize("regions", [("leg",), ("face",), ("neck", "abdomen"), ALL], ids=str)
def test_questionnaire_breaks_no_invariant(regions: tuple[str, ...], compression: bool, release: Any) -> None:
    asked = fhir.questionnaire(regions=regions, compression=compression, release=release)
    assert broken_invariants(asked, release) == []
    chosen = [
        option["valueCoding"]["code"]
        for option in next(item for item in asked["item"] if item["linkId"] == "regions")["answerOption"]
        if option.get("initialSelected")
    ]
    assert set(chosen) == set(regions)


def test_the_check_of_invariants_finds_what_is_broken() -> None:
    options = [{"valueCoding": {"code": "a"}}]
    when = {"question": "a", "operator": "exists", "answerDecimal": 1}
    items = [
        {"linkId": "a", "type": "coding", "answerOption": options, "initial": options, "answerValueSet": "x"},
        {"linkId": "a", "type": "group", "initial": [1]},
        {"linkId": "c", "type": "display", "code": [], "required": True, "readOnly": True},
        {"linkId": "d", "type": "date", "maxLength": 3, "initial": [1, 2], "enableWhen": [when, when]},
        {"linkId": "e", "type": "boolean", "answerOption": options, "answerConstraint": "optionsOnly"},
        {"linkId": "f", "type": "string", "answerConstraint": "optionsOnly"},
    ]
    found = {one.split(":")[0] for one in broken_invariants({"name": "a b", "item": items}, "R5")}
    assert {f"que-{number}" for number in range(15)} <= found


def models(release: str) -> tuple[Any, Any]:
    """Models of the standard from a package of others: Questionnaire and QuestionnaireResponse."""
    pytest.importorskip("fhir.resources", reason="installed by venolymph[fhir]")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        if release == "R5":
            from fhir.resources.questionnaire import Questionnaire
            from fhir.resources.questionnaireresponse import QuestionnaireResponse
        else:
            from fhir.resources.R4B.questionnaire import Questionnaire
            from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
    return Questionnaire, QuestionnaireResponse


@pytest.mark.parametrize("release", ["R5", "R4"])
def test_both_are_valid_fhir(release: Any) -> None:
    questionnaire, response = models(release)
    for compression in (False, True):
        asked = fhir.questionnaire(regions=ALL, compression=compression, release=release)
        assert json.loads(questionnaire.model_validate(asked).model_dump_json())["url"] == fhir.URL
    answers = benign(M10="yes", F01=3, F09=("cheek", "lips"))
    again = {"date": TODAY, "answers": {"P03": "no", "E01": "don't know"}}
    whole = document(answers, ALL, compression=True, clearances=cleared("M10", "M05", "M02"), again=again)
    back = json.loads(response.model_validate(fhir.response(whole)).model_dump_json())
    assert fhir.read_response(back) == whole


def test_another_release_is_refused() -> None:
    with pytest.raises(DocumentError, match="allowed are R5, R4"):
        fhir.questionnaire(release="R3")  # type: ignore[arg-type]


# ------------------------------------------------------------------ a response is a tree


def coding(code: str, kind: str = "answer") -> dict[str, Any]:
    return {"valueCoding": {"system": f"{fhir.URL}:{kind}", "code": code}}


def item(name: Any, *answers: Any) -> dict[str, Any]:
    return {"linkId": name, "answer": list(answers)}


def sent(items: Any, **more: Any) -> dict[str, Any]:
    head = {"resourceType": "QuestionnaireResponse", "questionnaire": f"{fhir.URL}|{VERSION}", "status": "completed"}
    return {**head, "authored": "2026-03-02", "item": items, **more}


def answered(name: Any, *answers: Any) -> dict[str, Any]:
    return sent([item(name, *answers)])


def said(*items: dict[str, Any]) -> dict[str, Any]:
    return fhir.read_response(sent(list(items))).answers


YES, NO = coding("yes"), coding("no")


@pytest.mark.parametrize(
    "value", [{"valueBoolean": False}, {"valueString": "no"}, NO], ids=lambda value: next(iter(value))
)
def test_plain_values_are_understood_too(value: dict[str, Any]) -> None:
    assert fhir.read_response(answered("E01", value)).answers == {"E01": "no"}


NESTED: dict[str, list[dict[str, Any]]] = {
    "pages": [{"linkId": "page-1", "text": "Page", "item": [item("E01", NO)]}],
    "pages in groups": [{"linkId": "a", "item": [{"linkId": "b", "item": [item("E01", NO)]}]}],
    "under a question": [{"linkId": "P01", "item": [item("E01", NO)]}],
    "under an answer": [item("E02", {**NO, "item": [item("E01", NO)]})],
    "deep under answers": [item("E02", {**NO, "item": [item("E08", {**NO, "item": [item("E01", NO)]})]})],
    "under a number": [
        item("M11", {**coding("number"), "item": [item("M11.number", {"valueDecimal": 5}), item("E01", NO)]})
    ],
    "beside texts": [{"linkId": "text-1", "text": "Read this"}, item("E01", NO)],
    "under a clearance": [{"linkId": "clearance", "item": [item("E01", NO)]}],
    "twice the same": [item("E01", NO), {"linkId": "page", "item": [item("E01", NO, {"valueBoolean": False})]}],
}


@pytest.mark.parametrize("name", NESTED)
def test_answers_are_found_wherever_they_stand(name: str) -> None:
    assert said(*NESTED[name])["E01"] == "no"


def test_questions_left_open_are_left_open() -> None:
    assert (
        said({"linkId": "E01"}, {"linkId": "E02", "text": "?"}, {"linkId": "clearance", "item": [{"linkId": "x"}]})
        == {}
    )


CONTRADICTIONS: dict[str, list[dict[str, Any]]] = {
    "two items": [item("P01", YES), item("P01", NO)],
    "two items, harmless first": [item("P01", NO), item("P01", YES)],
    "two answers": [item("P01", YES, NO)],
    "an item and a page": [item("P01", NO), {"linkId": "page", "item": [item("P01", YES)]}],
    "under its own answer": [item("P01", {**NO, "item": [item("P01", YES)]})],
    "a boolean": [item("P01", NO), item("P01", {"valueBoolean": True})],
    "not known": [item("P01", NO), item("P01", coding("don't know"))],
    "two ages": [item("M11", {"valueDecimal": 52}), item("M11", {"valueInteger": 12})],
    "two ages inside": [
        item("M11", {**coding("number"), "item": [item("M11.number", {"valueDecimal": 52}, {"valueDecimal": 12})]})
    ],
    "an age beside not known": [item("M11", {"valueDecimal": 52}), item("M11", coding("don't know"))],
    "an age elsewhere": [
        item("M11", {**coding("number"), "item": [item("M11.number", {"valueDecimal": 52})]}),
        item("M11.number", {"valueDecimal": 12}),
    ],
    "two lists of places": [item("P28", coding("calf", "place")), item("P28", coding("shin", "place"))],
    "a place beside not known": [item("P28", coding("calf", "place"), coding("don't know"))],
    "two regions": [item("regions", coding("leg", "region")), item("regions", coding("face", "region"))],
    "two legs": [item("legs", coding("left", "leg")), item("legs", coding("right", "leg"))],
    "two people": [item("label", {"valueString": "A-17"}), item("label", {"valueString": "A-18"})],
    "compression or not": [item("compression", {"valueBoolean": True}, {"valueBoolean": False})],
    "two days anew": [
        {"linkId": "again", "item": [item("again.date", {"valueDate": "2026-03-01"}, {"valueDate": "2026-03-02"})]}
    ],
    "two answers anew": [{"linkId": "again", "item": [item("again.P01", YES), item("again.P01", NO)]}],
    "two clinicians": [
        {"linkId": "clearance", "item": [item("clearance.by", {"valueString": "A B"}, {"valueString": "C D"})]}
    ],
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_contradictions_are_refused_with_the_question(name: str) -> None:
    with pytest.raises(DocumentError, match="contradict") as caught:
        fhir.read_response(sent(CONTRADICTIONS[name]))
    assert caught.value.place
    assert caught.value.hint
    asked = CONTRADICTIONS[name][0]["linkId"].removesuffix(".number")
    assert asked.removeprefix("again") in caught.value.message


def test_an_answer_given_anew_adds_to_the_first() -> None:
    anew = {"linkId": "again", "item": [item("again.date", {"valueDate": "2026-03-02"}), item("again.P01", YES)]}
    found = fhir.read_response(
        sent([item("label", {"valueString": "A-17"}), item("legs", coding("left", "leg")), item("P01", NO), anew])
    )
    assert found.again is not None
    assert (found.answers["P01"], found.again.answers["P01"]) == ("no", "yes")


# ------------------------------------------------------------------ whose, when, which questions


def test_the_label_is_an_item_or_the_subject() -> None:
    assert fhir.read_response(answered("E01", NO)).label == NOT_STATED
    legs = item("legs", coding("right", "leg"))
    for subject in (
        {"display": "A-17"},
        {"identifier": {"value": "A-17"}},
        {"identifier": {"value": "A-17"}, "display": "x"},
    ):
        found = fhir.read_response(sent([legs], subject=subject))
        assert (found.label, found.legs) == ("A-17", ("right",))
    both = fhir.read_response(sent([legs, item("label", {"valueString": "A-17"})], subject={"display": "Somebody"}))
    assert both.label == "A-17"
    assert fhir.read_response(sent([legs], subject={"reference": "Patient/1"})).label == NOT_STATED


@pytest.mark.parametrize(
    "authored", ["2026-02-20", "2026-02-20T10:00:00+02:00", "2026-02-20T23:59:59.123Z", "2026-02-20T00:00:00-11:00"]
)
def test_the_day_is_the_day_of_the_form(authored: str) -> None:
    assert fhir.read_response(sent([item("E01", NO)], authored=authored)).date.isoformat() == "2026-02-20"


def test_bundles_hold_one_of_ours() -> None:
    ours = {"resource": {**answered("E01", NO), "id": "one"}}
    other = {"resource": {"resourceType": "QuestionnaireResponse", "questionnaire": "http://example.org/q", "id": "x"}}
    patient = {"resource": {"resourceType": "Patient"}}
    found = fhir.read_response({"resourceType": "Bundle", "entry": [patient, other, ours]})
    assert found.answers == {"E01": "no"}


# ------------------------------------------------------------------ what is refused


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in answered("E01", NO).items() if name != key}


WRONG: dict[str, Any] = {
    "another-resource": {"resourceType": "Patient"},
    "status-missing": without("status"),
    "status-in-progress": {**answered("E01", NO), "status": "in-progress"},
    "status-in-error": {**answered("E01", NO), "status": "entered-in-error"},
    "status-a-list": {**answered("E01", NO), "status": ["completed"]},
    "questionnaire-missing": without("questionnaire"),
    "questionnaire-another": {**answered("E01", NO), "questionnaire": "http://example.org/q|1"},
    "questionnaire-without-version": {**answered("E01", NO), "questionnaire": fhir.URL},
    "questionnaire-of-another-version": {**answered("E01", NO), "questionnaire": f"{fhir.URL}|0.9.0"},
    "authored-missing": without("authored"),
    "authored-a-month": {**answered("E01", NO), "authored": "2026-03"},
    "authored-without-zone": {**answered("E01", NO), "authored": "2026-03-02T10:00:00"},
    "authored-impossible": {**answered("E01", NO), "authored": "2026-02-30"},
    "modified": {**answered("E01", NO), "modifierExtension": [{"url": "x", "valueBoolean": True}]},
    "other-rules": {**answered("E01", NO), "implicitRules": "http://example.org/other"},
    "items-misspelt": {**without("item"), "items": [item("E01", NO)]},
    "item-modified": sent([{**item("E01", NO), "modifierExtension": []}]),
    "answer-misspelt": sent([{"linkId": "P01", "answers": [YES]}]),
    "no-items": sent("all"),
    "items-none": sent([]),
    "item-not-a-mapping": sent(["E01"]),
    "linkid-unknown": answered("E99", NO),
    "linkid-not-text": answered(7, NO),
    "linkid-missing": sent([{"answer": [YES]}]),
    "linkid-not-asked": answered("Z01", NO),
    "linkid-of-no-number": answered("E01.number", {"valueDecimal": 1}),
    "page-with-an-answer": sent([{**item("page-1", YES), "item": [item("E01", NO)]}]),
    "anew-of-another-question": answered("again.M10", NO),
    "answer-wrong": answered("E01", coding("perhaps")),
    "answer-of-another-kind": answered("E01", {"valueQuantity": {"value": 1}}),
    "answer-with-two-values": answered("P01", {**NO, "valueBoolean": True}),
    "answer-empty": answered("E01", {}),
    "answer-nothing": answered("E01", {"valueBoolean": None}),
    "answers-none": answered("E01"),
    "answers-not-a-list": sent([{"linkId": "E01", "answer": {"valueBoolean": False}}]),
    "answer-a-list": answered("E01", {"valueString": ["no"]}),
    "coding-not-a-mapping": answered("E01", {"valueCoding": "no"}),
    "coding-of-no-system": answered("E01", {"valueCoding": {"code": "no"}}),
    "coding-of-another-system": answered("E01", {"valueCoding": {"system": "http://snomed.info/sct", "code": "no"}}),
    "coding-without-code": answered("E01", {"valueCoding": {"system": f"{fhir.URL}:answer", "display": "no"}}),
    "number-does-not-follow": answered("M11", coding("number")),
    "number-in-words": answered("M11.number", {"valueString": "no"}),
    "region-unknown": answered("regions", coding("arm", "region")),
    "subject-a-list": {**answered("E01", NO), "subject": ["A-17"]},
    "legs-missing": sent([item("E01", NO)], subject={"display": "A-17"}),
    "clearance-outside": answered("clearance.by", {"valueString": "Dr A"}),
    "clearance-by-nobody": sent([{"linkId": "clearance", "item": [item("clearance.for", coding("M02", "rule"))]}]),
    "bundle-of-none": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}]},
    "bundle-of-two": {
        "resourceType": "Bundle",
        "entry": [{"resource": {**answered("E01", NO), "id": name}} for name in ("first", "second")],
    },
    "bundle-not-a-list": {"resourceType": "Bundle", "entry": {}},
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_resources_are_refused(name: str, snapshot: Any) -> None:
    with pytest.raises(DocumentError) as caught:
        fhir.read_response(WRONG[name])
    assert caught.value.place
    snapshot(f"fhir-{name}", str(caught.value))


def test_items_without_end_are_refused() -> None:
    deep: dict[str, Any] = item("P01", YES)
    for _ in range(3000):
        deep = {"linkId": "page", "item": [deep]}
    with pytest.raises(DocumentError, match="nested deeper"):
        fhir.read_response(sent([deep]))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["item", "linkId", "answer", "valueCoding", "code", "valueDecimal"]), inner)
    ),
    max_leaves=8,
)


@given(content=json_values)
def test_nonsense_gets_an_error_and_no_crash(content: Any) -> None:
    shapes = (content, [content], [{"linkId": "F01", "answer": content}], [{"linkId": "clearance", "item": content}])
    for shape in shapes:
        with contextlib.suppress(DocumentError):
            fhir.read_response(sent(shape))


# ------------------------------------------------------------------ responses as form programs write them


def response_of_the_first_version() -> dict[str, Any]:
    """A harmless response to the questions of version 1.0.0, which knew neither label nor leg."""
    first = {name: one for name, one in benign(("leg",), False).items() if RULES[name].added is None}
    old = fhir.response(document(first, questions="1.0.0"))
    kept = [one for one in old["item"] if one["linkId"] not in ("label", "legs")]
    return {key: value for key, value in {**old, "item": kept}.items() if key != "subject"}


def test_answers_to_the_first_questions_are_judged_and_lead_to_no_plan() -> None:
    old = response_of_the_first_version()
    found = assess(fhir.read_response(old), today=TODAY)
    assert (found.outcome, found.rules, found.plan_allowed) == (Outcome.TREAT, ("Z04",), False)
    assert set(found.unanswered) == {name for name in benign(("leg",), False) if RULES[name].added is not None}
    with pytest.raises(plan.PlanRefused) as caught:
        plan.plan("leg-massage", fhir.read_response(old), today=TODAY)
    assert any("do not say whose they are" in reason and "the leg" in reason for reason in caught.value.reasons)


def test_pages_and_texts_change_nothing() -> None:
    plain = response_of_the_first_version()
    about, asked = plain["item"][:2], plain["item"][2:]
    pages: list[dict[str, Any]] = [*about]
    for number in range(0, len(asked), 10):
        text = {"linkId": f"text-{number}", "text": "Please answer all questions on this page."}
        pages.append({"linkId": f"page-{number}", "text": "Page", "item": [text, *asked[number : number + 10]]})
    assert fhir.read_response({**plain, "item": pages}) == fhir.read_response(plain)


def test_a_response_of_two_years_ago_leads_to_no_plan() -> None:
    for authored in ("2024-01-05", "2024-01-05T10:00:00+02:00", "2026-02-15"):
        found = assess(fhir.read_response({**response_of_the_first_version(), "authored": authored}), today=TODAY)
        assert "Z02" in found.rules
        assert found.outcome is Outcome.CLEAR
        assert not found.plan_allowed
    with pytest.raises(DocumentError, match="after today"):
        assess(fhir.read_response({**response_of_the_first_version(), "authored": "2026-03-03"}), today=TODAY)


def test_a_question_answered_twice_is_refused_whatever_the_order() -> None:
    plain = response_of_the_first_version()
    for name in ("P01", "E01"):
        one = copy.deepcopy(plain)
        for items in ([item(name, YES), *one["item"]], [*one["item"], item(name, YES)]):
            with pytest.raises(DocumentError, match=f"{name} is answered"):
                fhir.read_response({**one, "item": items})
