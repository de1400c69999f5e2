"""Screening as FHIR, in plain dictionaries: `Questionnaire` out, `QuestionnaireResponse` out and in, of R5 and of R4.

Each question is an item whose `linkId` is the rule's id, with codings for answers. A number stands in an item inside it
(`M11.number`). Skip logic is `enableWhen`; what answers mean is left to `assess`. Label, legs, regions of the session,
whether the plan has compression, what was asked anew, and clearances travel as items of their own.

A response is read as a tree: through groups and pages, under questions and under answers. What is said twice has to be
the same twice, and an answer to a question that is not ours is refused: nothing is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from venolymph.documents import check
from venolymph.errors import DocumentError, nearest
from venolymph.screening.answers import LEGS, NOT_STATED, Answers, check_regions, read_answer
from venolymph.screening.engine import questions
from venolymph.screening.rulebook import REGIONS, Answer, Condition, Rule, rulebook
from venolymph.screening.wording import ScreeningWords, words
from venolymph.units import show

URL = "urn:venolymph:screening"
"""Canonical name of the questionnaire; its codes are in `urn:venolymph:screening:answer` and so on."""

Release = Literal["R5", "R4"]

_NUMBER = "number"
_FINAL = ("completed", "amended")
_HIDDEN = "http://hl7.org/fhir/StructureDefinition/questionnaire-hidden"
_DEEPEST = 24
_DAY = r"\d{4}-\d{2}-\d{2}"
_AUTHORED = re.compile(rf"({_DAY})(T\d{{2}}:\d{{2}}:\d{{2}}(\.\d+)?(Z|[+-]\d{{2}}:\d{{2}}))?", re.ASCII)
_RESOURCE = {
    *("resourceType", "id", "meta", "language", "text", "contained", "extension", "identifier", "basedOn", "partOf"),
    *("questionnaire", "status", "subject", "encounter", "authored", "author", "source", "item"),
}
_ITEM = {"id", "extension", "linkId", "definition", "text", "answer", "item"}
_ANSWER = {"id", "extension", "item"}
_VALUES = ("valueCoding", "valueBoolean", "valueDecimal", "valueInteger", "valueDate", "valueString")
_CLEARANCE = ("by", "date", "for", "finding", "site")


# ------------------------------------------------------------------ out


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
        coding = _coding("answer", _NUMBER, label.strip())
        item["answerOption"].insert(0, {"valueCoding": coding})
        item["item"] = [
            {
                "linkId": f"{rule.id}.{_NUMBER}",
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
            yield {"question": f"{condition.rule}.{_NUMBER}", "operator": operator, "answerDecimal": bound}


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
    inside = {"linkId": f"{name}.{_NUMBER}", "answer": [{"valueDecimal": answer}]}
    return [{"valueCoding": {"system": f"{URL}:answer", "code": _NUMBER}, "item": [inside]}]


def _codings(kind: str, named: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"valueCoding": _coding(kind, code, display)} for code, display in named.items()]


def _coding(kind: str, code: str, display: str) -> dict[str, str]:
    return {"system": f"{URL}:{kind}", "code": code, "display": display}


# ------------------------------------------------------------------ in


def read_response(resource: Mapping[str, Any]) -> Answers:
    """Answers from a FHIR `QuestionnaireResponse` of R5 or R4, or from a `Bundle` that holds exactly one of ours.

    Raises:
        DocumentError: where it is another resource, is not complete, answers other questions, contradicts itself, or
            holds what the questions do not take.
    """
    found = _only_ours(resource) if resource.get("resourceType") == "Bundle" else resource
    if found.get("resourceType") != "QuestionnaireResponse":
        raise DocumentError(
            f"found the resource {show(found.get('resourceType'))}; a QuestionnaireResponse is needed",
            hint="`venolymph screen --fhir-questionnaire FILE` writes the questions to be answered",
            place="resourceType",
        )
    _only(found, _RESOURCE, "")
    version = _version(found.get("questionnaire"))
    if found.get("status") not in _FINAL:
        raise DocumentError(
            f"the status is {show(found.get('status'))}; allowed are {', '.join(_FINAL)}",
            hint="answer all questions and complete the form",
            place="status",
        )
    said = _Said()
    said.walk(found, "", 0)
    document: dict[str, Any] = {**said.document(), "date": _authored(found.get("authored")), "questions": version}
    document.setdefault("label", _subject(found.get("subject")))
    return check(Answers, document)


def _only_ours(bundle: Mapping[str, Any]) -> Mapping[str, Any]:
    """The one response of a bundle that answers our questions."""
    found: list[tuple[str, Mapping[str, Any]]] = []
    for place, entry in _list(bundle, "entry", ""):
        one = _mapping(entry.get("resource", {}), f"{place}.resource")
        if one.get("resourceType") == "QuestionnaireResponse" and _may_be_ours(one.get("questionnaire")):
            name = one.get("id") or entry.get("fullUrl") or place
            found.append((name if isinstance(name, str) else show(name), one))
    if len(found) != 1:
        which = f": {', '.join(name for name, _ in found)}" if found else ""
        raise DocumentError(
            f"the bundle holds {len(found)} responses to our questions{which}; exactly one is needed",
            hint="take the one of the person and the day that is meant",
            place="entry",
        )
    return found[0][1]


def _may_be_ours(questionnaire: Any) -> bool:
    return not isinstance(questionnaire, str) or questionnaire.partition("|")[0] == URL


def _version(questionnaire: Any) -> str:
    """Version of the questions that were answered."""
    readable = rulebook().gate.readable
    name, _, version = questionnaire.partition("|") if isinstance(questionnaire, str) else ("", "", "")
    if name != URL or version not in readable:
        raise DocumentError(
            f"the questionnaire is {show(questionnaire)}; allowed are {', '.join(f'{URL}|{one}' for one in readable)}",
            hint="`venolymph screen --fhir-questionnaire FILE` writes the questions to be answered",
            place="questionnaire",
        )
    return version


def _authored(given: Any) -> str:
    """The day on which the form was filled in, where it was."""
    match = _AUTHORED.fullmatch(given) if isinstance(given, str) else None
    if match is None:
        raise DocumentError(
            f"found {show(given)}, where the day is needed on which the answers were given",
            hint="write a date such as 2026-03-02, or a date with time and time zone",
            place="authored",
        )
    return match[1]


def _subject(given: Any) -> str:
    """A label of the person, where none is among the items."""
    subject = _mapping({} if given is None else given, "subject")
    identifier = _mapping(subject.get("identifier", {}), "subject.identifier")
    for place, about in (
        ("subject.identifier.value", identifier.get("value")),
        ("subject.display", subject.get("display")),
    ):
        if about is not None:
            return _text(about, place)
    return NOT_STATED


@dataclass
class _Said:
    """What a response says, gathered from its tree: by name, each thing said with its place.

    Attributes:
        things: answers by `linkId`.
        clearances: the same, for each clearance.
    """

    things: dict[str, list[tuple[str, Any]]] = field(default_factory=dict)
    clearances: list[dict[str, list[tuple[str, Any]]]] = field(default_factory=list)

    def walk(self, parent: Mapping[str, Any], place: str, depth: int, clearance: bool = False) -> None:
        """Gather what the items under a parent say."""
        if depth > _DEEPEST:
            raise DocumentError(f"items are nested deeper than {_DEEPEST} levels", hint="write it flatter", place=place)
        for where, item in _list(parent, "item", place):
            _only(item, _ITEM, where)
            name = _text(item.get("linkId"), f"{where}.linkId")
            inside = clearance or name == "clearance"
            if name == "clearance":
                self.clearances.append({})
            given = list(_values(item, where))
            if given:
                self._note(name, given, where, clearance)
            for at, _, answer in given:
                self.walk(answer, at, depth + 1, inside)
            self.walk(item, where, depth + 1, inside)

    def _note(self, name: str, given: list[tuple[str, Any, Any]], place: str, clearance: bool) -> None:
        values = [(f"{at}.{key}", key, answer[key]) for at, key, answer in given]
        what, _, part = name.partition(".")
        if what == "clearance" and part in _CLEARANCE:
            if not clearance:
                raise DocumentError(f"{name} stands outside of a clearance", hint="put it inside", place=place)
            kinds = {"for": "rule", "site": "place"}
            plain = [_plain(value, key, at, kinds.get(part)) for at, key, value in values]
            self.clearances[-1].setdefault(part, []).append((place, tuple(plain)))
            return
        said = self.things.setdefault(name, [])
        if name in ("label", "again.date", "compression"):
            said += [(at, _plain(value, key, at, None)) for at, key, value in values]
        elif name in ("regions", "legs"):
            kind = name.removesuffix("s")
            said.append((place, tuple(sorted(str(_plain(value, key, at, kind)) for at, key, value in values))))
        else:
            rule = _rule(name, place)
            said += _statements(rule, values, place, number=name.endswith(f".{_NUMBER}"))

    def document(self) -> dict[str, Any]:
        """The document of answers, without day and version."""
        found: dict[str, Any] = {"answers": {}, "clearances": []}
        anew: dict[str, Any] = {}
        numbers = {name for name in self.things if name.endswith(f".{_NUMBER}")}
        for name in self.things.keys() - numbers | {name.removesuffix(f".{_NUMBER}") for name in numbers}:
            said = [*self.things.get(name, ()), *self.things.get(f"{name}.{_NUMBER}", ())]
            value = _agreed(name, said)
            if name in ("label", "compression", "regions", "legs"):
                found[name] = value
            elif name.startswith("again."):
                anew[name.removeprefix("again.")] = value
            else:
                found["answers"][name] = value
        if anew:
            found["again"] = {"date": anew.pop("date", None), "answers": anew}
        for parts in self.clearances:
            one = {part: _agreed(f"clearance.{part}", said) for part, said in parts.items()}
            for part in one.keys() - {"for", "site"}:
                one[part] = _single(f"clearance.{part}", one[part], parts[part][0][0])
            if one:
                found["clearances"].append(one)
        order = list(rulebook().rules)
        found["answers"] = {name: found["answers"][name] for name in sorted(found["answers"], key=order.index)}
        return found


def _rule(name: str, place: str) -> Rule:
    """The rule that a `linkId` belongs to."""
    rules = rulebook().rules
    plain = name.removeprefix("again.")
    whole = plain.removesuffix(f".{_NUMBER}")
    rule = rules.get(whole)
    fits = rule is not None and rule.is_question and (whole == plain or rule.number is not None)
    if rule is None or not fits or (plain != name and not rule.again):
        near = nearest(name, rules)
        raise DocumentError(
            f"no question has the linkId {show(name)}, and it has an answer",
            hint=f"did you mean {near!r}?" if near and near != name else "was it made from other questions?",
            place=f"{place}.linkId",
        )
    return rule


def _statements(rule: Rule, values: list[tuple[str, str, Any]], place: str, number: bool) -> list[tuple[str, Any]]:
    """What an item says in answer to a question; more than one where it says more than one thing."""
    if number:
        return [(at, _checked(rule, _plain(value, key, at, None), at, number=True)) for at, key, value in values]
    if rule.places:
        kinds = ("place", "answer")
        plain = [_plain(value, key, at, *kinds) for at, key, value in values]
        words_said = [one for one in plain if one in rule.answers]
        if words_said and len(set(map(str, plain))) > 1:
            raise _contradicts(rule.id, place, plain)
        return [(place, _checked(rule, words_said[0] if words_said else plain, place))]
    plain_values = [(at, _plain(value, key, at, "answer")) for at, key, value in values]
    # "a number" only says that a number follows
    kept = [(at, one) for at, one in plain_values if not (rule.number is not None and one == _NUMBER)]
    marks = [(at, _NUMBER) for at, one in plain_values if (at, one) not in kept]
    return [*((at, _checked(rule, one, at)) for at, one in kept), *marks]


def _checked(rule: Rule, value: Any, place: str, number: bool = False) -> Answer:
    """An answer that the question takes."""
    if number and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise DocumentError(f"found {show(value)}, where a number is needed", hint="write a number here", place=place)
    try:
        answer = read_answer(rule.id, value)
    except DocumentError as error:
        raise DocumentError(f"{rule.id}: {error.message}", hint=error.hint, place=place) from None
    assert answer is not None
    return answer


def _agreed(name: str, said: list[tuple[str, Any]]) -> Any:
    """The one thing that was said, however often."""
    things = [(place, one) for place, one in said if one != _NUMBER] or said
    first = things[0][1]
    for place, other in things[1:]:
        if other != first or type(other) is not type(first):
            raise _contradicts(name, place, [first, other])
    if first == _NUMBER:
        raise DocumentError(f"{name} says that a number follows, and none does", hint="add it", place=things[0][0])
    return first


def _contradicts(name: str, place: str, said: list[Any]) -> DocumentError:
    told = ", ".join(dict.fromkeys(show(one) for one in said))
    return DocumentError(
        f"{name} is answered in ways that contradict each other: {told}",
        hint="ask again, and keep the answer that is true",
        place=place,
    )


def _single(name: str, values: Any, place: str) -> Any:
    if len(set(values)) != 1:
        raise _contradicts(name, place, list(values))
    return values[0]


def _list(parent: Mapping[str, Any], key: str, place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The mappings of a list, each with its place; nothing where there is no such list."""
    if key not in parent:
        return
    entries = parent[key]
    where = f"{place}.{key}".lstrip(".")
    if not isinstance(entries, list) or not entries:
        raise DocumentError(
            f"found {show(entries)}, where a list of at least one entry is needed",
            hint=f"write a list here, or take `{key}` out",
            place=where,
        )
    for number, entry in enumerate(cast("list[Any]", entries)):
        yield f"{where}.{number}", _mapping(entry, f"{where}.{number}")


def _values(item: Mapping[str, Any], place: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Answers of an item: the place of each, the key of its one value, and the answer."""
    for where, answer in _list(item, "answer", place):
        given = [key for key in answer if isinstance(key, str) and key.startswith("value")]
        _only(answer, {*_ANSWER, *given}, where)
        if len(given) != 1 or given[0] not in _VALUES:
            wrong = f"found {', '.join(given)}" if given else "no value is given"
            raise DocumentError(
                f"{wrong}; allowed is one of {', '.join(_VALUES)}",
                hint="keep one" if len(given) > 1 else "add one, or take the answer out",
                place=where,
            )
        yield where, given[0], answer


def _plain(value: Any, key: str, place: str, *kinds: str | None) -> Any:
    """The value itself; of a coding, its code, which has to be of our systems."""
    if key != "valueCoding":
        if isinstance(value, list | dict) or value is None:
            raise DocumentError(f"found {show(value)}, where one value is needed", hint="write it here", place=place)
        return value
    coding = _mapping(value, place)
    systems = [f"{URL}:{kind}" for kind in kinds if kind is not None]
    if coding.get("system") not in systems:
        allowed = ", ".join(systems) or "none"
        raise DocumentError(
            f"the coding is of the system {show(coding.get('system'))}; allowed are: {allowed}",
            hint="take the codings of the questionnaire over as they are",
            place=f"{place}.system",
        )
    return _text(coding.get("code"), f"{place}.code")


def _only(mapping: Mapping[str, Any], allowed: set[str], place: str) -> None:
    """Refuse what the standard does not have here, and what changes the meaning of what it has."""
    for key in mapping:
        if not isinstance(key, str) or (key not in allowed and not key.startswith("_")):
            near = nearest(str(key), allowed) if key != "modifierExtension" else None
            raise DocumentError(
                f"found {show(key)}, which is not read here and may change what is said",
                hint=f"did you mean {near!r}?" if near else "take it out",
                place=f"{place}.{key}".lstrip("."),
            )


def _mapping(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise DocumentError(f"found {show(value)}, where a mapping is needed", hint="write a mapping here", place=place)
    return cast("Mapping[str, Any]", value)


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str):
        raise DocumentError(f"found {show(value)}, where text is needed", hint="write text here", place=place)
    return value
