"""Answers from a `QuestionnaireResponse`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from venolymph.documents import check
from venolymph.errors import DocumentError, nearest
from venolymph.screening.answers import NOT_STATED, Answers
from venolymph.screening.fhir.codes import NUMBER, URL
from venolymph.screening.one_answer import read_answer
from venolymph.screening.rulebook import Answer, Rule, rulebook
from venolymph.units import show

_FINAL = ("completed", "amended")

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
            said += _statements(rule, values, place, number=name.endswith(f".{NUMBER}"))

    def document(self) -> dict[str, Any]:
        """The document of answers, without day and version."""
        found: dict[str, Any] = {"answers": {}, "clearances": []}
        anew: dict[str, Any] = {}
        numbers = {name for name in self.things if name.endswith(f".{NUMBER}")}
        for name in self.things.keys() - numbers | {name.removesuffix(f".{NUMBER}") for name in numbers}:
            said = [*self.things.get(name, ()), *self.things.get(f"{name}.{NUMBER}", ())]
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
    whole = plain.removesuffix(f".{NUMBER}")
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
    kept = [(at, one) for at, one in plain_values if not (rule.number is not None and one == NUMBER)]
    marks = [(at, NUMBER) for at, one in plain_values if (at, one) not in kept]
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
    things = [(place, one) for place, one in said if one != NUMBER] or said
    first = things[0][1]
    for place, other in things[1:]:
        if other != first or type(other) is not type(first):
            raise _contradicts(name, place, [first, other])
    if first == NUMBER:
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
