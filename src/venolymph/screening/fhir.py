"""Screening as FHIR R5, in plain dictionaries: `Questionnaire` out, `QuestionnaireResponse` out and in.

Each question is an item whose `linkId` is the rule's id, with codings for answers. A number stands in an item inside it
(`M11.number`). Skip logic is `enableWhen`; what answers mean is left to `assess`. The regions of the session, whether
the plan has compression, and clearances travel as items of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from venolymph.documents import check
from venolymph.errors import DocumentError
from venolymph.screening.answers import NOT_STATED, Answers, check_regions
from venolymph.screening.engine import questions
from venolymph.screening.rulebook import REGIONS, Answer, Condition, Rule, rulebook
from venolymph.screening.wording import Words, words
from venolymph.units import show

URL = "urn:venolymph:screening"
"""Canonical name of the questionnaire; its codes are in `urn:venolymph:screening:answer` and so on."""

_NUMBER = "number"
_VALUES = ("valueCoding", "valueBoolean", "valueDecimal", "valueInteger", "valueDate", "valueString")


def questionnaire(
    *, regions: Iterable[str] = ("leg",), compression: bool = False, language: str = "en"
) -> dict[str, Any]:
    """The questions for a session as a FHIR R5 `Questionnaire`.

    Args:
        regions: regions that the session is for.
        compression: whether the plan has compression.
        language: of the words.
    """
    wanted, text = check_regions(regions), words(language)
    possible = [rule for rule in rulebook().rules.values() if rule.in_session(wanted, compression)]
    items = [
        {
            "linkId": "regions",
            "text": ", ".join(text.regions[region] for region in wanted),
            "type": "coding",
            "repeats": True,
            "readOnly": True,
            "answerOption": [{"valueCoding": _coding("region", region, text.regions[region])} for region in REGIONS],
            "initial": [{"valueCoding": _coding("region", region, text.regions[region])} for region in wanted],
        },
        {
            "linkId": "compression",
            "text": text.techniques["compression"],
            "type": "boolean",
            "readOnly": True,
            "initial": [{"valueBoolean": compression}],
        },
        *(_item(rule, text, wanted) for rule in possible),
        _clearance_item(text),
    ]
    return {
        "resourceType": "Questionnaire",
        "url": URL,
        "version": rulebook().gate.version,
        "name": "VenolymphScreening",
        "title": "venolymph: screening",
        "status": "draft",
        "experimental": True,
        "language": language,
        "subjectType": ["Patient"],
        "description": " ".join(text.notices()),
        "item": items,
    }


def response(answers: Answers) -> dict[str, Any]:
    """Answers as a FHIR R5 `QuestionnaireResponse`.

    Args:
        answers: the document of answers.
    """
    text = words()
    items: list[dict[str, Any]] = [
        {"linkId": "label", "answer": [{"valueString": answers.label}]},
        {"linkId": "legs", "answer": [{"valueCoding": _coding("leg", leg, leg)} for leg in answers.legs]},
        {
            "linkId": "regions",
            "answer": [{"valueCoding": _coding("region", one, text.regions[one])} for one in answers.regions],
        },
        {"linkId": "compression", "answer": [{"valueBoolean": answers.compression}]},
    ]
    for name in rulebook().rules:
        if name in answers.answers:
            items.append({"linkId": name, "answer": _answers(name, answers.answers[name], text)})
    if answers.again is not None:
        anew = [
            {"linkId": f"again.{name}", "answer": _answers(name, answer, text)}
            for name, answer in answers.again.answers.items()
        ]
        date = {"linkId": "again.date", "answer": [{"valueDate": answers.again.date.isoformat()}]}
        items.append({"linkId": "again", "item": [date, *anew]})
    for one in answers.clearances:
        named = [{"valueCoding": _coding("rule", rule, text.rules[rule].term)} for rule in one.for_]
        items.append(
            {
                "linkId": "clearance",
                "item": [
                    {"linkId": "clearance.by", "answer": [{"valueString": one.by}]},
                    {"linkId": "clearance.date", "answer": [{"valueDate": one.date.isoformat()}]},
                    {"linkId": "clearance.for", "answer": named},
                ],
            }
        )
    asked = questions(answers.answers, regions=answers.regions, compression=answers.compression)
    whole = all(rule.id in answers.answers for rule in asked)
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"{URL}|{rulebook().gate.version}",
        "status": "completed" if whole else "in-progress",
        "authored": answers.date.isoformat(),
        "item": items,
    }


def read_response(resource: Mapping[str, Any]) -> Answers:
    """Answers from a FHIR R5 `QuestionnaireResponse`.

    Raises:
        DocumentError: where it is another resource, or holds what the questions do not take.
    """
    if resource.get("resourceType") != "QuestionnaireResponse":
        raise DocumentError(
            f"found the resource {show(resource.get('resourceType'))}; a QuestionnaireResponse is needed",
            hint="`venolymph screen --fhir-questionnaire FILE` writes the questions to be answered",
            place="resourceType",
        )
    authored = _text(resource.get("authored"), "authored")[:10]
    found: dict[str, Any] = {"label": NOT_STATED, "date": authored, "answers": {}, "clearances": []}
    for place, item in _items(resource, "item"):
        name, given = _text(item.get("linkId"), f"{place}.linkId"), [value for value, _ in _values(item, place)]
        if name in ("regions", "legs"):
            found[name] = given
        elif name == "label":
            found[name] = given[0] if given else NOT_STATED
        elif name == "again":
            anew: dict[str, Any] = {}
            for where, part in _items(item, f"{place}.item"):
                values = [value for value, _ in _values(part, where)]
                anew[str(part.get("linkId")).removeprefix("again.")] = values[0] if values else None
            found["again"] = {"date": anew.pop("date", None), "answers": anew}
        elif name == "compression":
            found["compression"] = given[0] if given else False
        elif name == "clearance":
            parts = {
                str(part.get("linkId")): [value for value, _ in _values(part, where)]
                for where, part in _items(item, f"{place}.item")
            }
            first = {key: parts.get(f"clearance.{key}", [None])[0] for key in ("by", "date")}
            found["clearances"].append({**first, "for": parts.get("clearance.for", [])})
        elif name in rulebook().rules and rulebook().rules[name].is_question:
            if given:
                found["answers"][name] = _answer(rulebook().rules[name], item, place)
        else:
            raise DocumentError(
                f"no question has the linkId {show(name)}",
                hint="was it made from another version of the questions?",
                place=f"{place}.linkId",
            )
    return check(Answers, found)


# ------------------------------------------------------------------ out


def _item(rule: Rule, text: Words, regions: tuple[Any, ...]) -> dict[str, Any]:
    options = [_coding("answer", word, text.answers[word]) for word in rule.answers]
    if rule.places:
        options = [*(_coding("place", place, text.places[place]) for place in rulebook().gate.places), *options]
    number: list[dict[str, Any]] = []
    if rule.number is not None:
        label = text.talk.number.format(low=f"{rule.number.low:g}", high=f"{rule.number.high:g}", unit=rule.number.unit)
        options.insert(0, _coding("answer", _NUMBER, label.strip()))
        number = [
            {
                "linkId": f"{rule.id}.{_NUMBER}",
                "text": label.strip(),
                "type": "decimal",
                "enableWhen": [
                    {"question": rule.id, "operator": "=", "answerCoding": _coding("answer", _NUMBER, label.strip())}
                ],
            }
        ]
    item: dict[str, Any] = {
        "linkId": rule.id,
        "code": [_coding("rule", rule.id, text.rules[rule.id].term)],
        "text": text.question(rule, regions),
        "type": "coding",
        "required": not rule.optional,
        "repeats": rule.places,
        "answerConstraint": "optionsOnly",
        "answerOption": [{"valueCoding": option} for option in options],
    }
    if rule.when:
        item["enableWhen"] = [entry for condition in rule.when for entry in _enable_when(condition, text)]
        item["enableBehavior"] = "any"
    if number:
        item["item"] = number
    return item


def _enable_when(condition: Condition, text: Words) -> Iterator[dict[str, Any]]:
    for word in condition.is_:
        coding = _coding("answer", word, text.answers[word])
        yield {"question": condition.rule, "operator": "=", "answerCoding": coding}
    bounds = {">": condition.above, ">=": condition.from_, "<": condition.below, "<=": condition.to}
    for operator, bound in bounds.items():
        if bound is not None:
            yield {"question": f"{condition.rule}.{_NUMBER}", "operator": operator, "answerDecimal": bound}


def _clearance_item(text: Words) -> dict[str, Any]:
    clearable = [rule for rule in rulebook().rules.values() if any(case.may_be_cleared for case in rule.cases)]
    options = [{"valueCoding": _coding("rule", rule.id, text.rules[rule.id].term)} for rule in clearable]
    return {
        "linkId": "clearance",
        "text": text.outcomes["CLEAR"].name,
        "type": "group",
        "repeats": True,
        "item": [
            {"linkId": "clearance.by", "text": text.talk.clearance_by, "type": "string"},
            {"linkId": "clearance.date", "text": text.talk.clearance_date, "type": "date"},
            {
                "linkId": "clearance.for",
                "text": text.talk.clearance_rules,
                "type": "coding",
                "repeats": True,
                "answerOption": options,
            },
        ],
    }


def _answers(name: str, answer: Answer, text: Words) -> list[dict[str, Any]]:
    if isinstance(answer, str):
        return [{"valueCoding": _coding("answer", answer, text.answers[answer])}]
    if isinstance(answer, tuple):
        return [{"valueCoding": _coding("place", place, text.places[place])} for place in answer]
    inside = {"linkId": f"{name}.{_NUMBER}", "answer": [{"valueDecimal": answer}]}
    return [{"valueCoding": {"system": f"{URL}:answer", "code": _NUMBER}, "item": [inside]}]


def _coding(kind: str, code: str, display: str) -> dict[str, str]:
    return {"system": f"{URL}:{kind}", "code": code, "display": display}


# ------------------------------------------------------------------ in


def _items(parent: Mapping[str, Any], place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    items = parent.get("item", [])
    if not isinstance(items, list):
        raise DocumentError(f"found {show(items)}, where a list is needed", hint="write a list here", place=place)
    for number, item in enumerate(items):
        yield f"{place}.{number}", _mapping(item, f"{place}.{number}")


def _values(item: Mapping[str, Any], place: str) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """Values of an item's answers (codes where they are codings), each with its answer."""
    answers = item.get("answer", [])
    if not isinstance(answers, list):
        raise DocumentError(
            f"found {show(answers)}, where a list is needed", hint="write a list here", place=f"{place}.answer"
        )
    for number, one in enumerate(answers):
        where = f"{place}.answer.{number}"
        answer = _mapping(one, where)
        key = next((key for key in _VALUES if key in answer), None)
        if key is None:
            raise DocumentError(f"no value is given; allowed are {', '.join(_VALUES)}", hint="add one", place=where)
        value = answer[key]
        yield _mapping(value, f"{where}.{key}").get("code") if key == "valueCoding" else value, answer


def _answer(rule: Rule, item: Mapping[str, Any], place: str) -> Any:
    values = list(_values(item, place))
    value, answer = values[0]
    if rule.places and value not in rule.answers:
        return [one for one, _ in values]
    if len(values) > 1:
        raise DocumentError(f"{rule.id} has {len(values)} answers; one is needed", hint="keep one", place=place)
    if rule.number is not None and value == _NUMBER:
        inside = [one for where, part in _items(answer, f"{place}.answer.0.item") for one, _ in _values(part, where)]
        return inside[0] if inside else None
    return value


def _mapping(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise DocumentError(f"found {show(value)}, where a mapping is needed", hint="write a mapping here", place=place)
    return value


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str):
        raise DocumentError(f"found {show(value)}, where text is needed", hint="write text here", place=place)
    return value
