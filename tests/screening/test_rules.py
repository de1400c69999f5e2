"""The rules themselves: whole, sourced, in words, each of them firing alone; ids are never reused."""

from __future__ import annotations

import datetime as dt
import re
import runpy
from pathlib import Path

import pytest

from screening.people import ALL, QUESTIONS, RULES, TODAY, benign, candidates, document, fires, judge, judges
from venolymph.screening import REGIONS, UNKNOWN, Outcome, Rule, assess, languages, questions, rulebook, words
from venolymph.screening.rulebook import Match

ROOT = Path(__file__).resolve().parents[2]
KEPT = Path(__file__).parent / "ids.txt"
every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
every_question = pytest.mark.parametrize("rule", QUESTIONS, ids=[rule.id for rule in QUESTIONS])
every_language = pytest.mark.parametrize("language", languages())


def test_ids_are_never_reused() -> None:
    kept = dict(line.split(" ", 1) for line in KEPT.read_text("utf-8").splitlines() if not line.startswith("#"))
    now = {name: words("en").rules[name].term for name in RULES}
    assert {name: kept.get(name) for name in now} == now, "a new rule is added to ids.txt, none is changed there"
    gone = {name: term for name, term in kept.items() if name not in now}
    assert all(term.startswith("(retired)") for term in gone.values()), "a rule that is gone stays there as retired"


@every_rule
def test_rule_has_sources_and_a_basis(rule: Rule) -> None:
    assert rule.basis
    assert set(rule.source) <= set(rulebook().sources)
    assert ("project" in rule.source) == ("project" in rule.basis)


def test_every_source_is_used() -> None:
    assert {name for rule in RULES.values() for name in rule.source} == set(rulebook().sources)


@every_rule
def test_rule_has_a_benign_answer_a_firing_answer_and_nothing_between(rule: Rule) -> None:
    if rule.state is not None:
        return
    for answer in candidates(RULES[rule.judges]):
        harmless = [one for one in rule.benign if one.holds(answer)]
        cases = [one for one in rule.cases if one.holds(answer)]
        assert len(harmless) + len(cases) == 1, f"{rule.id} judges {answer!r} {len(harmless) + len(cases)} times"
    assert rule.benign or rule.places
    for one in (*rule.benign, *rule.cases):
        assert set(one.is_) <= set(RULES[rule.judges].answers)


@every_rule
def test_rule_names_only_what_there_is(rule: Rule) -> None:
    gate = rulebook().gate
    conditions = [*rule.when, *(condition for case in rule.cases for condition in case.with_any)]
    for condition in conditions:
        asked = RULES[condition.rule]
        assert asked.is_question
        assert set(condition.is_) <= set(asked.answers)
    known = {*gate.parts, *gate.places, *gate.other.techniques, *gate.other.postures}
    for case in rule.cases:
        assert set(case.exclude) <= known
        assert (case.outcome is Outcome.POSTPONE) == (case.days is not None) or rule.state is not None
        assert case.clearable is None or case.outcome is Outcome.REFER or rule.state is not None
        assert case.since is None or RULES[case.since].number is not None
    assert rule.reads is None or RULES[rule.reads].is_question
    assert rule.is_question == bool(rule.asked)


@every_question
def test_dont_know_is_judged_and_never_harmless(rule: Rule) -> None:
    assert UNKNOWN in rule.answers
    (case,) = [case for case in rule.cases if UNKNOWN in case.is_]
    gravest = max(case.outcome for case in rule.cases)
    least = {Outcome.EMERGENCY: Outcome.REFER, Outcome.URGENT: Outcome.CLEAR, Outcome.REFER: Outcome.CLEAR}
    if not rule.optional and rule.id not in {"F09", "F11", "P28"}:
        assert case.outcome >= least.get(gravest, gravest)
    if rule.id[0] in "EUT" or rule.id in {"P01", "P03", "P18"}:
        assert case.outcome is Outcome.REFER


MEASURED_WITH_COMPRESSION = {"P14", "P23", "P24"}
"""Measurements: one that is missing takes the compression out; what is known of arteries is asked in P34 of all."""


@every_question
def test_dont_know_is_never_easier_to_clear_than_the_firm_answer(rule: Rule) -> None:
    (unsure,) = [case for case in rule.cases if UNKNOWN in case.is_]
    firm = [case for case in rule.cases if case is not unsure or set(case.is_) != {UNKNOWN}]
    if rule.id in MEASURED_WITH_COMPRESSION:
        assert "compression" in unsure.exclude
        return
    if any(case.outcome.blocks for case in firm):
        assert unsure.outcome.blocks
    if any(case.outcome.blocks and not case.may_be_cleared for case in firm):
        assert not unsure.may_be_cleared, (
            "a clinician's agreement would open what it cannot open where the answer is sure"
        )
    if unsure.may_be_cleared:
        least = set.intersection(*(set(case.exclude) for case in firm if case.outcome.blocks))
        assert least <= set(unsure.exclude)


def test_what_is_agreed_to_for_one_finding_alone() -> None:
    assert {rule.id: rule.agreed for rule in RULES.values() if rule.agreed} == {
        "M05": "site",
        "M06": "site",
        "M10": "finding",
        "P05": "finding",
        "P12": "finding",
        "C01": "finding",
    }
    gate = rulebook().gate
    assert set(gate.near) == {*gate.places, *words("en").sites} - {"cancer-site", "affected-site"}
    for site, near in gate.near.items():
        assert set(gate.expand(near)) <= set(gate.places)
        assert site not in gate.places or site in gate.expand(near)


BRANCHES = {
    "U02": "a score of clinicians about what U01 has reported already",
    "P02": "an ulcer is broken skin, and any broken skin stops at P01",
    "P04": "heaviness is asked of whoever says that nothing hurts; where something hurts P03 stops",
    "P08": "about a swelling that P07 has reported, which never ends below CLEAR",
    "P09": "about a swelling that P07 has reported, which never ends below CLEAR",
    "P10": "a fold that cannot be pinched is a swelling, which P07 asks for",
    "P28": "the place of a spot that P27 has reported",
    "P29": "about bulging veins that P20 has reported",
    "P32": "about bulging veins that P20 has reported",
    "P33": "about bulging veins that P20 has reported",
    "P14": "a number; what is known of the arteries is asked of everybody in P34",
    "P23": "found by clinicians; what is known of the arteries is asked of everybody in P34",
    "P24": "a number; what is known of the arteries is asked of everybody in P34",
    "P26": "about garments; bypass, fragile skin and allergy are asked of everybody in P35, M19 and M20",
    "N05": "a risk by age; heart disease and diabetes are asked of everybody (M16, M17), neck arteries in N03",
    "F09": "the place of a filler that F01 or F10 has reported",
    "F11": "the place of what F02 has reported",
    "F12": "the place of what F06 has reported",
}
"""Rules that are asked in a branch only, each with why nothing that is known goes unsaid by that."""


def test_what_is_asked_in_branches_only() -> None:
    branches = {rule.id for rule in QUESTIONS if rule.when or rule.compression}
    assert branches == set(BRANCHES)
    for name in branches:
        for one in RULES[name].when:  # what leads there is asked of all whom the rule concerns
            asked = RULES[one.rule]
            assert not asked.when or name == "F09"
            assert asked.asked == "everybody" or set(RULES[name].asked) <= set(asked.asked)


FACTS = {"P34", "P35", "M16", "M17", "M10", "M19", "M20", "M18", "P13"}


def test_facts_that_are_known_are_asked_whatever_the_plan_contains() -> None:
    for compression in (False, True):
        asked = {rule.id for rule in questions({}, regions=["leg"], compression=compression)}
        assert asked >= FACTS
    for answer in (0.3, 0.59, 0.7, 0.85, 1.4):
        found = judge(benign(("leg",), False, P14=answer), ("leg",), False)
        assert not found.plan_allowed, "an index that is known counts in a session without compression"
    assert judge(benign(("leg",), False, P14=0.5), ("leg",), False).outcome is Outcome.REFER


@every_question
def test_skip_logic_never_hides_a_red_flag(rule: Rule) -> None:
    grave = [case for case in rule.cases if case.outcome >= Outcome.URGENT]
    if rule.id == "U02":  # a score for clinicians about what U01 has reported already
        assert all(RULES["U01"].case({"U01": word}) for word in rule.when[0].is_)
    elif grave or rule.id in {"P01", "P03", "P18"}:
        assert not rule.when


def test_emergencies_are_asked_of_everybody_first() -> None:
    emergencies = [rule for rule in QUESTIONS if any(case.outcome is Outcome.EMERGENCY for case in rule.cases)]
    assert QUESTIONS[: len(emergencies)] == emergencies
    assert all(rule.asked == "everybody" and rule.again for rule in emergencies)


def test_what_is_asked_again_before_each_session() -> None:
    emergencies = {f"E0{number}" for number in range(1, 9)}
    assert set(rulebook().again) == {*emergencies, "U01", "U03", "U04", "U05", "U06", "U07", "P01", "P03"}


@every_rule
def test_rule_fires_alone(rule: Rule) -> None:
    if rule.state == "open":
        found = [judge(benign(E01=None))]
    elif rule.state is not None:
        given = TODAY - dt.timedelta(days=15)
        again = {"date": TODAY, "answers": dict.fromkeys(rulebook().again, "no")}
        stale = {"old": {"date": given, "again": again}, "not of today": {"date": TODAY - dt.timedelta(days=1)}}
        first = {name: one for name, one in benign(("leg",), False).items() if RULES[name].added is None}
        answers = first if rule.state == "added" else benign(("leg",), False)
        more = {"questions": "1.0.0"} if rule.state == "added" else stale[rule.state]
        found = [assess(document(answers, **more), today=TODAY)]
    elif rule.id == "U13":  # a combination: a cold with fever and one of four others
        for condition in rule.cases[0].with_any:
            for word in condition.is_:
                fired = judge(benign(U03="a cold with fever", **{condition.rule: word}))
                assert fired.rules == tuple(one for one in RULES if one in {"U03", "U13", condition.rule})
                assert fired.outcome >= Outcome.URGENT
        return
    else:
        asked = RULES[rule.judges]
        answers = [answer for answer in candidates(asked) if rule.case({asked.id: answer}) is not None]
        found = [judge(benign(**{asked.id: answer})) for answer in answers]
        for one, answer in zip(found, answers, strict=True):
            case = rule.case({asked.id: answer})
            assert case is not None
            assert case.outcome in {fired.outcome for fired in one.fired if fired.rule == rule.id}
    where = {one.id for one in QUESTIONS if one.places and any(asked.rule == rule.id for asked in one.when)}
    assert any(set(one.rules) - where == {rule.id} for one in found)


@pytest.mark.parametrize("compression", [False, True])
@pytest.mark.parametrize("regions", [("leg",), ("abdomen",), ("neck",), ("face",), ("leg", "face"), ALL], ids=str)
def test_all_benign_with_c2_leads_to_treat(regions: tuple[str, ...], compression: bool) -> None:
    answers = benign(regions, compression)
    assert "C01" not in answers or answers["C01"] == "C2"
    found = judge(answers, regions, compression)
    assert (found.outcome, found.plan_allowed, found.rules) == (Outcome.TREAT, True, ())


@every_question
def test_every_benign_answer_leads_to_treat(rule: Rule) -> None:
    for answer in candidates(rule):
        if not fires(rule, answer):
            assert judge(benign(**{rule.id: answer})).outcome is Outcome.TREAT


@every_language
def test_words_are_whole(language: str) -> None:
    text, gate = words(language), rulebook().gate
    assert set(text.rules) == set(RULES)
    assert set(text.outcomes) == {outcome.name for outcome in Outcome}
    assert set(text.answers) == {word for rule in QUESTIONS for word in rule.answers}
    assert set(text.regions) == set(REGIONS)
    assert set(text.places) == set(gate.places)
    assert set(text.techniques) == set(gate.other.techniques)
    assert set(text.postures) == set(gate.other.postures)
    assert set(text.legs) == {"left", "right"}
    assert set(text.sites) == set(gate.near) - set(gate.places)
    for rule in RULES.values():
        about = text.rules[rule.id]
        assert bool(about.question) == rule.is_question
        assert about.term and about.action
        assert set(about.actions) <= {word for case in rule.cases for word in case.is_}


@every_question
def test_english_questions_are_plain(rule: Rule) -> None:
    question = words("en").question(rule, REGIONS)
    assert question.count("?") >= 1
    assert "{" not in question
    if rule.id == "U02":
        return
    long = [word for word in re.findall(r"[a-z]+", question.lower()) if len(word) > 13]
    assert not long, f"{rule.id} has long words: {long}"
    assert max(len(part.split()) for part in re.split(r"[.?]", question)) <= 40


def test_a_match_without_bounds_means_no_number() -> None:
    assert not Match(places=True).holds(1.0)
    assert not Match().holds(1.0)
    assert [len(judges(RULES[name])) for name in ("P14", "M11", "U03", "E01")] == [4, 2, 2, 1]


def test_the_reference_lists_the_rules_of_today() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "list_rules.py"))
    page = (ROOT / "docs" / "reference" / "screening.md").read_text("utf-8")
    assert script["renewed"](page) == page, "run scripts/list_rules.py"
    assert words("en").not_reviewed.removesuffix(".") in page
