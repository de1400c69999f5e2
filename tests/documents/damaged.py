"""Good documents of every kind, damaged: a number is always the same damage, and only errors of ours may come out."""

from __future__ import annotations

import copy
import datetime as dt
import json
import math
import random
from collections.abc import Callable
from functools import cache
from typing import Any

from venolymph import documents, plan
from venolymph.body.person import load_person, packaged_people
from venolymph.documents import parse
from venolymph.errors import VenolymphError
from venolymph.massage import load_session, packaged_sessions
from venolymph.regimen import load_regimen, packaged_regimens
from venolymph.screening import Answers, assess, fhir, load_answers, questions, words

TODAY = dt.date(2026, 3, 2)
ODD: list[Any] = [
    *(None, True, False, 0, -1, 1, 2.5, -0.0, 1e308, math.nan, math.inf, 10**30, "", " ", "yes", "no", "don't know"),
    *("a", "\ud800", "\x00", "\u200b", "\u3164", "5,9 mm", "1e999 mm", "2026-03-02", "0000-00-00", "C6", "left", "leg"),
    *([], ["a"], [[]], [None], ["left", "left"], [{"a": "b"}], ["P01"], ["calf", "don't know"]),
    *({}, {"a": "b"}, {"a": ["a"]}, {1: 2}, {None: None}, {"kind": "person"}, {"P01": "yes"}),
    *("P01", "urn:venolymph:screening|2.0.0", "x" * 500),
]
"""Values to put in place of others: of the wrong shape, kind or size."""
SNIPPETS = [
    *("[a]", "{a: b}", "[]", "{}", "!!bool yes", "!!bool on", "!!int 0x1F", "!!str [a]", "!!null x", "!!map [a]"),
    *("!x y", "&a b", "*a", "|", ">", "'", '"', "- a", "? a", "<<: a", "---", "...", "%TAG", "\t", "\u2028", "\ufeff"),
]
"""Pieces of text to put in place of values."""


def _answers() -> Answers:
    given: dict[str, Any] = {"M11": 52, "T01": "yes", "P20": "calf", "C01": "C2", "P27": "yes", "P28": ["ankle"]}
    for rule in questions(given, regions=["leg"], compression=True):
        given.setdefault(rule.id, "no" if "no" in rule.answers else rule.answers[0])
    agreed = {"by": "Dr A", "date": "2026-02-20", "for": ["M05"], "finding": "skin cancer", "site": ["arm"]}
    again = {"date": "2026-03-02", "answers": {"P01": "no", "P03": "no"}}
    about = {"label": "A-17", "date": "2026-03-01", "legs": ["left"], "compression": True}
    return Answers(**about, answers=given, again=again, clearances=[agreed])


@cache
def good() -> list[tuple[str, dict[str, Any], Callable[[Any], object]]]:
    """Good documents as plain data, with what reads them."""
    found: list[tuple[str, dict[str, Any], Callable[[Any], object]]] = []
    for packaged, read in (
        (packaged_people, load_person), (packaged_regimens, load_regimen), (packaged_sessions, load_session)
    ):  # fmt: skip
        for name, path in packaged().items():
            found.append((name, parse(path.read_text("utf-8"))[0], read))
    answers = _answers()
    response = {**fhir.response(answers), "status": "completed"}
    page = {"linkId": "page", "item": response["item"][4:30]}
    paged = {**response, "item": [*response["item"][:4], page, *response["item"][30:]]}
    bundle = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}, {"resource": paged}]}
    for name, data in (("response", response), ("pages", paged), ("bundle", bundle)):
        found += [(name, json.loads(json.dumps(data)), judged)] * 6
    found += [("answers", answers.document(), judged)] * 12
    return found


def judged(data: Any) -> object:
    """Answers read as the command reads them, judged, said and planned."""
    read = fhir.read_response(data) if "resourceType" in data else load_answers(data)
    found = assess(read, today=TODAY)
    words().say(found)
    json.dumps(found.as_json())
    try:
        return plan.plan("leg-massage-short", read, today=TODAY, leg="left")
    except plan.PlanRefused as refused:
        return refused


def _spots(data: Any) -> list[tuple[Any, Any]]:
    """Every place in the data, as what holds it and its key."""
    found: list[tuple[Any, Any]] = []
    waiting = [data]
    while waiting:
        here = waiting.pop()
        keys = here if isinstance(here, dict) else range(len(here)) if isinstance(here, list) else ()
        for key in keys:
            found.append((here, key))
            waiting.append(here[key])
    return found


def _bend(data: Any, dice: random.Random) -> None:
    """Damage the data in one place."""
    spots = _spots(data)
    if not spots:
        return
    here, key = dice.choice(spots)
    match dice.randrange(7):
        case 0 | 1 | 2:
            here[key] = copy.deepcopy(dice.choice(ODD))
        case 3:
            del here[key]
        case 4 if isinstance(here, dict):
            new = dice.choice([f"{key}s", str(key).upper(), str(key)[:-1], "answer", "value", "", "kind"])
            here[new] = here.pop(key)
        case 5:
            here[key] = dice.choice([[here[key]], {"a": here[key]}, [here[key], here[key]], str(here[key])])
        case _:
            other, its = dice.choice(spots)
            here[key] = copy.deepcopy(other[its]) if its in other or isinstance(other, list) else None


def _tear(text: str, dice: random.Random) -> str:
    """Damage the text in one place."""
    lines = text.splitlines() or [""]
    row = dice.randrange(len(lines))
    match dice.randrange(6):
        case 0:
            head, mark, _ = lines[row].partition(":")
            lines[row] = f"{head}{mark} {dice.choice(SNIPPETS)}"
        case 1:
            lines.insert(row, lines[dice.randrange(len(lines))])
        case 2:
            del lines[row]
        case 3:
            lines[row] = " " * dice.randrange(5) + lines[row].lstrip()
        case 4:
            at = dice.randrange(len(lines[row]) + 1)
            lines[row] = lines[row][:at] + dice.choice(SNIPPETS) + lines[row][at:]
        case _:
            return text[: dice.randrange(len(text) + 1)] + dice.choice(["", "}", "]", '"', "\n"])
    return "\n".join(lines)


def read(number: int) -> str | None:
    """Damage a document and read it; what is said where something else than an error of ours comes out."""
    dice = random.Random(number)
    name, data, reader = dice.choice(good())
    try:
        if dice.random() < 0.25:
            text = documents.write(data) if dice.random() < 0.5 else json.dumps(data, indent=1)
            for _ in range(dice.randint(1, 3)):
                text = _tear(text, dice)
            reader(parse(text, f"{name}.yaml")[0])
        else:
            data = copy.deepcopy(data)
            for _ in range(dice.randint(1, 3)):
                _bend(data, dice)
            reader(data)
    except VenolymphError as error:
        if not error.message or len(str(error)) > 5000:
            return f"{number} ({name}): an error of {len(str(error))} characters"
        str(error).encode("utf-8")  # it can be printed
    except Exception as error:
        return f"{number} ({name}): {type(error).__name__}: {str(error)[:200]}"
    return None
