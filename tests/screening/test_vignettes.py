"""People made up from the sources get the outcome that the sources ask for."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import pytest

from screening.people import RULES, benign, cleared, judge
from venolymph.screening import UNKNOWN, Clearance, Outcome, questions, rulebook

PEOPLE = tomllib.loads(Path(__file__).with_name("vignettes.toml").read_text("utf-8"))["vignette"]


def answers(one: dict[str, Any]) -> dict[str, Any]:
    """What the person answers to all that is asked."""
    regions, compression = one["regions"], one.get("compression", False)
    if one.get("base") == UNKNOWN:
        given: dict[str, Any] = {}
        while rest := [r for r in questions(given, regions=regions, compression=compression) if r.id not in given]:
            given |= {rule.id: UNKNOWN for rule in rest}
        return given
    stated = {"M11": one["age"], **one.get("answers", {}), **dict.fromkeys(one.get("left_open", ()))}
    return benign(regions, compression, **stated)


@pytest.mark.parametrize("one", PEOPLE, ids=[one["name"] for one in PEOPLE])
def test_vignette(one: dict[str, Any]) -> None:
    records = one.get("clearances", [])
    clearances = cleared(*RULES) if records == "all" else [Clearance(**record) for record in records]
    found = judge(answers(one), one["regions"], one.get("compression", False), clearances)
    assert found.outcome.name == one["outcome"]
    assert found.plan_allowed == (one.get("plan", False) or found.outcome is Outcome.TREAT)
    deciding = [fired.rule for fired in found.fired if fired.outcome is found.outcome]
    assert one["decides"] in (deciding or [""])
    if found.outcome is Outcome.POSTPONE:
        assert found.postpone_until == dt.date.fromisoformat(one["until"])
    assert set(one.get("left_out", ())) <= {exclusion.what for exclusion in found.exclusions}


def test_vignettes_are_many_and_of_all_kinds() -> None:
    assert len(PEOPLE) >= 60
    assert len({one["name"] for one in PEOPLE}) == len(PEOPLE)
    sexes = [one["sex"] for one in PEOPLE]
    assert min(sexes.count("female"), sexes.count("male")) >= 25
    assert {region for one in PEOPLE for region in one["regions"]} == {"leg", "abdomen", "neck", "face"}
    assert {one["outcome"] for one in PEOPLE} == {outcome.name for outcome in Outcome}
    assert {source for one in PEOPLE for source in one["source"]} <= set(rulebook().sources)
    for one in PEOPLE:
        if one["decides"]:
            assert set(one["source"]) & {*RULES[one["decides"]].source, "project"}, one["name"]


def test_few_are_sent_away_who_could_have_a_session() -> None:
    """Over-referral: those blocked among the people whose sources say that a session is possible."""
    possible = [one for one in PEOPLE if one.get("possible", False)]
    blocked = [one["name"] for one in possible if one["outcome"] != "TREAT" and not one.get("plan", False)]
    assert len(possible) >= 30
    assert len(blocked) < 0.1 * len(possible), blocked
    allowed = {one["name"] for one in PEOPLE if one["outcome"] == "TREAT" or one.get("plan", False)}
    assert allowed <= {one["name"] for one in possible}, "nobody is let through whom the sources would stop"
