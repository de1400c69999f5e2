"""Answers for tests: a person about whom nothing is wrong, and everything that could be answered instead."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable
from functools import cache
from typing import Any

from venolymph.screening import Answers, Assessment, Clearance, Rule, assess, questions, rulebook

TODAY = dt.date(2026, 3, 2)
RULES = rulebook().rules
QUESTIONS = [rule for rule in RULES.values() if rule.is_question]
ALL = ("leg", "abdomen", "neck", "face")
FAVOURITES: dict[str, Any] = {"M11": 45.0, "P20": "calf", "C01": "C2", "P14": 1.0}
"""What the person answers where several answers are benign: varicose veins of class C2."""


def candidates(rule: Rule) -> list[Any]:
    """Answers of a question: every word, numbers at, beside and between all bounds, some places."""
    found: list[Any] = list(rule.answers)
    if rule.number is not None:
        marks = {rule.number.low, rule.number.high}
        for judge in judges(rule):
            for one in (*judge.cases, *judge.benign):
                marks |= {mark for mark in (one.from_, one.above, one.to, one.below) if mark is not None}
        edges = sorted(marks)
        numbers = {mark + step for mark in edges for step in (-0.01, 0.0, 0.01)}
        numbers |= {(low + high) / 2 for low, high in itertools.pairwise(edges)}
        found += sorted(float(n) for n in numbers if rule.number.low <= n <= rule.number.high)
    if rule.places:
        found += [("calf",), ("cheek", "nose"), rulebook().gate.places]
    return found


def judges(rule: Rule) -> list[Rule]:
    """Rules that judge a question's answer: itself and those that read it."""
    return [one for one in RULES.values() if one.judges == rule.id]


def fires(rule: Rule, answer: Any) -> bool:
    """Whether any rule that judges the question fires at this answer alone."""
    return any(one.case({rule.id: answer}) is not None for one in judges(rule))


def benign(regions: Iterable[str] = ALL, compression: bool = True, **changes: Any) -> dict[str, Any]:
    """Answers of a person about whom nothing is wrong, with changes; questions that these bring up are benign too."""
    answers = {name: answer for name, answer in changes.items() if answer is not None}
    while True:
        asked = questions(answers, regions=regions, compression=compression)
        rest = [rule for rule in asked if rule.id not in answers and rule.id not in changes]
        if not rest:
            return answers
        answers |= {rule.id: harmless(rule.id) for rule in rest}


@cache
def harmless(name: str) -> Any:
    """The answer to a question that nothing is wrong with, or a place where only places are asked for."""
    rule = RULES[name]
    found = [answer for answer in candidates(rule) if not fires(rule, answer)]
    return FAVOURITES.get(name, found[0] if found else ("cheek",))


def document(answers: dict[str, Any] | None = None, regions: Iterable[str] = ("leg",), **more: Any) -> Answers:
    """A document of answers of today about both legs."""
    about = {"label": "A-17", "date": TODAY, "legs": ["left", "right"], "regions": list(regions), **more}
    return Answers(answers=answers or {}, **about)


def cleared(*names: str, by: str = "Dr A", date: dt.date | str = TODAY) -> list[Clearance]:
    """Agreements to rules: one for each finding, and one for all the others."""
    others = [name for name in names if RULES[name].agreed is None]
    found = [Clearance(by=by, date=date, for_=others)] if others else []
    for name in names:
        if RULES[name].agreed is not None:
            site = ["arm"] if RULES[name].agreed == "site" else []
            found.append(Clearance(by=by, date=date, for_=[name], finding="looked at and agreed to", site=site))
    return found


def judge(
    answers: dict[str, Any], regions: Iterable[str] = ALL, compression: bool = True, clearances: Any = ()
) -> Assessment:
    """The assessment of answers on the day of the tests."""
    return assess(answers, today=TODAY, regions=regions, compression=compression, clearances=clearances)
