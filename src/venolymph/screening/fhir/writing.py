"""Questions as a `Questionnaire`, answers as a `QuestionnaireResponse`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from venolymph.errors import DocumentError
from venolymph.screening.answers import LEGS, Answers
from venolymph.screening.engine import questions
from venolymph.screening.fhir.codes import NUMBER, URL
from venolymph.screening.one_answer import check_regions
from venolymph.screening.rulebook import REGIONS, Answer, Condition, Rule, rulebook
from venolymph.screening.wording import ScreeningWords, words
from venolymph.units import show

Release = Literal["R5", "R4"]

_HIDDEN = "http://hl7.org/fhir/StructureDefinition/questionnaire-hidden"


def questionnaire(
    *, regions: Iterable[str] = ("leg",), compression: bool = False, language: str = "en", release: Release = "R5"
) -> dict[str, Any]:
    """The questions for a session as a FHIR `Questionnaire`.

    Args:
        regions: regions that the session is for.
        compression: whether the plan has compression.
        language: of the words.
        release: of FHIR.

    Raises:
        DocumentError: where there is no such region, language or release.
    """
    if release not in ("R5", "R4"):
        raise DocumentError(f"there is no release {show(release)}; allowed are R5, R4", hint="choose one of them")
    wanted, text = check_regions(regions), words(language)
    possible = [rule for rule in rulebook().rules.values() if rule.in_session(wanted, compression)]
    items = [
        *_about(text, wanted, compression),
        *(_item(rule, text, wanted) for rule in possible),
        _anew(text, wanted, [rule for rule in possible if rule.again]),
        _clearance_item(text),
    ]
    asked = {
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
    return asked if release == "R5" else _as_r4(asked)


def _as_r4(part: Any) -> Any:
    """The same in R4: a question with options is of the type `choice`, and has no constraint of its own."""
    if isinstance(part, list):
        return [_as_r4(one) for one in part]
    if not isinstance(part, dict):
        return part
    older = {key: _as_r4(value) for key, value in part.items() if key != "answerConstraint"}
    return {**older, "type": "choice"} if "linkId" in part and part.get("type") == "coding" else older


def response(answers: Answers) -> dict[str, Any]:
    """Answers as a FHIR `QuestionnaireResponse`, which is the same in R5 and R4.

    Args:
        answers: the document of answers.
    """
    text = words()
    items: list[dict[str, Any]] = [{"linkId": "label", "answer": [{"valueString": answers.label}]}]
    if answers.legs:
        items.append({"linkId": "legs", "answer": _codings("leg", {leg: text.legs[leg] for leg in answers.legs})})
    named = {region: text.regions[region] for region in answers.regions}
    items.append({"linkId": "regions", "answer": _codings("region", named)})
    items.append({"linkId": "compression", "answer": [{"valueBoolean": answers.compression}]})
    items += [
        {"linkId": name, "answer": _answers(name, answers.answers[name], text)}
        for name in rulebook().rules
        if name in answers.answers
    ]
    if answers.again is not None:
        date = {"linkId": "again.date", "answer": [{"valueDate": answers.again.date.isoformat()}]}
        given = answers.again.answers
        anew = [{"linkId": f"again.{name}", "answer": _answers(name, given[name], text)} for name in given]
        items.append({"linkId": "again", "item": [date, *anew]})
    for one in answers.clearances:
        parts = [
            {"linkId": "clearance.by", "answer": [{"valueString": one.by}]},
            {"linkId": "clearance.date", "answer": [{"valueDate": one.date.isoformat()}]},
            {"linkId": "clearance.for", "answer": _codings("rule", {name: text.rules[name].term for name in one.for_})},
        ]
        if one.finding is not None:
            parts.append({"linkId": "clearance.finding", "answer": [{"valueString": one.finding}]})
        if one.site:
            where = {name: text.site(name) for name in one.site}
            parts.append({"linkId": "clearance.site", "answer": _codings("place", where)})
        items.append({"linkId": "clearance", "item": parts})
    asked = questions(answers.answers, regions=answers.regions, compression=answers.compression)
    whole = all(rule.id in answers.answers for rule in asked if rulebook().gate.asked_in(rule, answers.questions))
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"{URL}|{answers.questions}",
        "status": "completed" if whole else "in-progress",
        "subject": {"identifier": {"value": answers.label}},
        "authored": answers.date.isoformat(),
        "item": items,
    }


def _about(text: ScreeningWords, regions: tuple[Any, ...], compression: bool) -> list[dict[str, Any]]:
    """The items about the person and the session."""
    chosen = [
        {
            "valueCoding": _coding("region", one, text.regions[one]),
            **({"initialSelected": True} if one in regions else {}),
        }
        for one in REGIONS
    ]
    return [
        {"linkId": "label", "text": text.form.label, "type": "string", "required": True, "maxLength": 60},
        {
            "linkId": "legs",
            "text": text.form.legs,
            "type": "coding",
            "required": "leg" in regions,
            "repeats": True,
            "answerConstraint": "optionsOnly",
            "answerOption": _codings("leg", {leg: text.legs[leg] for leg in LEGS}),
        },
        {
            "linkId": "regions",
            "text": ", ".join(text.regions[region] for region in regions),
            "type": "coding",
            "repeats": True,
            "readOnly": True,
            "answerConstraint": "optionsOnly",
            "answerOption": chosen,
        },
        {
            "linkId": "compression",
            "text": text.techniques["compression"],
            "type": "boolean",
            "readOnly": True,
            "initial": [{"valueBoolean": compression}],
        },
    ]


def _item(rule: Rule, text: ScreeningWords, regions: tuple[Any, ...], before: str = "") -> dict[str, Any]:
    options = [_coding("answer", word, text.answers[word]) for word in rule.answers]
    if rule.places:
        options = [*(_coding("place", place, text.places[place]) for place in rulebook().gate.places), *options]
    item: dict[str, Any] = {
        "linkId": before + rule.id,
        "code": [_coding("rule", rule.id, text.rules[rule.id].term)],
        "text": text.question(rule, regions),
        "type": "coding",
        "required": not rule.optional and not before,
        "repeats": rule.places,
        "answerConstraint": "optionsOnly",
        "answerOption": [{"valueCoding": option} for option in options],
    }
    if rule.when:
        item["enableWhen"] = [entry for condition in rule.when for entry in _enable_when(condition, text)]
        item["enableBehavior"] = "any"
    if rule.number is not None:
        label = text.talk.number.format(low=f"{rule.number.low:g}", high=f"{rule.number.high:g}", unit=rule.number.unit)
        coding = _coding("answer", NUMBER, label.strip())
        item["answerOption"].insert(0, {"valueCoding": coding})
        item["item"] = [
            {
                "linkId": f"{rule.id}.{NUMBER}",
                "text": label.strip(),
                "type": "decimal",
                "enableWhen": [{"question": rule.id, "operator": "=", "answerCoding": coding}],
            }
        ]
    return item


def _enable_when(condition: Condition, text: ScreeningWords) -> Iterator[dict[str, Any]]:
    for word in condition.is_:
        coding = _coding("answer", word, text.answers[word])
        yield {"question": condition.rule, "operator": "=", "answerCoding": coding}
    bounds = {">": condition.above, ">=": condition.from_, "<": condition.below, "<=": condition.to}
    for operator, bound in bounds.items():
        if bound is not None:
            yield {"question": f"{condition.rule}.{NUMBER}", "operator": operator, "answerDecimal": bound}


def _anew(text: ScreeningWords, regions: tuple[Any, ...], rules: list[Rule]) -> dict[str, Any]:
    """The questions of the day: hidden in a form that is filled in for the first time."""
    date = {"linkId": "again.date", "text": text.form.anew, "type": "date"}
    return {
        "linkId": "again",
        "extension": [{"url": _HIDDEN, "valueBoolean": True}],
        "text": text.form.anew,
        "type": "group",
        "item": [date, *(_item(rule, text, regions, "again.") for rule in rules)],
    }


def _clearance_item(text: ScreeningWords) -> dict[str, Any]:
    clearable = [rule for rule in rulebook().rules.values() if any(case.may_be_cleared for case in rule.cases)]
    sites = {name: text.site(name) for name in rulebook().gate.near}
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
                "answerConstraint": "optionsOnly",
                "answerOption": _codings("rule", {rule.id: text.rules[rule.id].term for rule in clearable}),
            },
            {"linkId": "clearance.finding", "text": text.form.finding, "type": "string"},
            {
                "linkId": "clearance.site",
                "text": text.form.site,
                "type": "coding",
                "repeats": True,
                "answerConstraint": "optionsOnly",
                "answerOption": _codings("place", sites),
            },
        ],
    }


def _answers(name: str, answer: Answer, text: ScreeningWords) -> list[dict[str, Any]]:
    if isinstance(answer, str):
        return _codings("answer", {answer: text.answers[answer]})
    if isinstance(answer, tuple):
        return _codings("place", {place: text.places[place] for place in answer})
    inside = {"linkId": f"{name}.{NUMBER}", "answer": [{"valueDecimal": answer}]}
    return [{"valueCoding": {"system": f"{URL}:answer", "code": NUMBER}, "item": [inside]}]


def _codings(kind: str, named: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"valueCoding": _coding(kind, code, display)} for code, display in named.items()]


def _coding(kind: str, code: str, display: str) -> dict[str, str]:
    return {"system": f"{URL}:{kind}", "code": code, "display": display}
