"""What must hold for all answers: shown exhaustively one by one and in pairs, and on many random people."""

from __future__ import annotations

import ast
import datetime as dt
import itertools
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.people import ALL, QUESTIONS, RULES, TODAY, benign, candidates, cleared, document, fires, judge, judges
from venolymph import screening
from venolymph.errors import DocumentError
from venolymph.screening import UNKNOWN, Clearance, Outcome, assess, questions, rulebook

EVERYTHING_CLEARED = cleared(*RULES)
STOPS = [("P01", "yes"), ("P02", "yes"), ("P03", "yes"), ("P18", "yes"), ("C01", "C6"), ("C01", "C6r"), ("P13", "yes")]
"""Broken skin, ulcer and pain, by all rules that are about nothing else."""
STOPS += [("U01", "yes"), ("U05", "yes"), ("U11", "yes"), ("E04", "yes"), ("F10", "pain or change of colour")]

CHOICES = {rule.id: candidates(rule) for rule in QUESTIONS}
FIRING = [(rule.id, answer) for rule in QUESTIONS for answer in CHOICES[rule.id] if fires(rule, answer)]

regions = st.lists(st.sampled_from(ALL), min_size=1, unique=True)
anything = st.fixed_dictionaries({}, optional={name: st.sampled_from(answers) for name, answers in CHOICES.items()})
mostly_benign = st.dictionaries(st.sampled_from(sorted(CHOICES)), st.integers(0, 100), max_size=6).map(
    lambda chosen: benign(**{name: CHOICES[name][number % len(CHOICES[name])] for name, number in chosen.items()})
)
people = st.one_of(anything, mostly_benign)
clearances = st.lists(st.sampled_from(sorted(RULES)), max_size=8, unique=True).map(lambda names: cleared(*names))
many = settings(max_examples=300)


# ------------------------------------------------------------------ broken skin, ulcer, pain


@pytest.mark.parametrize("stop", STOPS, ids=str)
def test_nothing_opens_a_stop_one_other_answer_at_a_time(stop: tuple[str, str]) -> None:
    """Exhaustive in pairs: a stop beside every answer of every other question, with every clearance on record."""
    name, answer = stop
    for other, answers in CHOICES.items():
        for one in answers if other != name else ():
            found = judge(benign(**{name: answer, other: one}), clearances=EVERYTHING_CLEARED)
            assert not found.plan_allowed, (other, one)
            assert found.outcome >= Outcome.REFER


@many
@given(
    stop=st.sampled_from(STOPS),
    person=people,
    where=regions,
    compression=st.booleans(),
    cleared=st.sampled_from([0, 1]),
)
def test_nothing_opens_a_stop(
    stop: tuple[str, str], person: dict[str, Any], where: list[str], compression: bool, cleared: int
) -> None:
    answers = {**person, stop[0]: stop[1]}
    found = judge(answers, where, compression, EVERYTHING_CLEARED if cleared else ())
    assert not found.plan_allowed
    assert found.outcome >= Outcome.REFER
    assert stop[0] in found.rules


def test_a_stop_follows_from_one_rule_whatever_else_was_answered() -> None:
    """Why the random people above cannot miss a way round: the rule looks at nothing but its own answer."""
    for name, answer in STOPS:
        rule = RULES[name]
        case = rule.case({name: answer})
        assert case is not None
        assert not case.with_any
        assert not case.may_be_cleared
        assert not rule.blocks_for
        assert case.outcome.blocks


# ------------------------------------------------------------------ don't know, and nothing said


@pytest.mark.parametrize("name", sorted(CHOICES))
def test_dont_know_or_nothing_is_never_treat(name: str) -> None:
    for answer in (UNKNOWN, None):
        found = judge(benign(**{name: answer}), compression=True)
        asked = name in {rule.id for rule in questions(benign(), regions=ALL, compression=True)}
        if answer == UNKNOWN or asked:
            assert found.outcome is not Outcome.TREAT
        if answer is None and asked and not RULES[name].optional:
            assert "Z01" in found.rules
            assert not found.plan_allowed


@many
@given(person=people, where=regions, compression=st.booleans(), cleared=clearances)
def test_treat_means_that_all_was_asked_and_all_was_harmless(
    person: dict[str, Any], where: list[str], compression: bool, cleared: list[Clearance]
) -> None:
    found = judge(person, where, compression, cleared)
    asked = questions(person, regions=where, compression=compression)
    harmless = all(rule.id in person and not fires(rule, person[rule.id]) for rule in asked)
    elsewhere = any(rule.case(person) for rule in RULES.values())
    assert (found.outcome is Outcome.TREAT) == (harmless and not elsewhere)


def test_nothing_answered_at_all() -> None:
    found = judge({})
    assert found.rules == ("P14", "P23", "P24", "P26", "Z01")
    assert found.outcome is Outcome.REFER
    assert {one.what for one in found.exclusions} >= {"abdomen", "neck-front", "compression", "affected-site"}


def test_a_missing_ankle_index_takes_the_compression_and_leaves_the_massage() -> None:
    found = judge(benign(P14=None, P23=None, P24=None, P26=None))
    assert found.plan_allowed
    assert found.outcome is Outcome.MODIFY
    assert [one.what for one in found.exclusions] == ["compression"]


# ------------------------------------------------------------------ how rules add up


@many
@given(person=people, more=st.sampled_from(FIRING), where=regions, compression=st.booleans(), cleared=clearances)
def test_another_firing_answer_never_lowers_the_outcome_nor_opens_a_plan(
    person: dict[str, Any], more: tuple[str, Any], where: list[str], compression: bool, cleared: list[Clearance]
) -> None:
    name, answer = more
    asked = {rule.id for rule in questions(person, regions=where, compression=compression)}
    if (name in person and fires(RULES[name], person[name])) or (name in asked and name not in person):
        return  # only what was harmless, or not asked, is answered anew
    before = judge(person, where, compression, cleared)
    after = judge({**person, name: answer}, where, compression, cleared)
    assert after.outcome >= before.outcome
    assert after.plan_allowed <= before.plan_allowed


def test_another_firing_answer_in_pairs() -> None:
    """Exhaustive: every case of every rule beside every other, against each of them alone."""
    alone = {one: judge(benign(**{one[0]: one[1]})) for one in _one_of_each_kind(FIRING)}
    for (first, one), (second, other) in itertools.combinations(alone.items(), 2):
        if first[0] != second[0]:
            both = judge(benign(**{first[0]: first[1], second[0]: second[1]}))
            assert both.outcome >= max(one.outcome, other.outcome), (first, second)
            assert both.plan_allowed <= (one.plan_allowed and other.plan_allowed)


def _one_of_each_kind(answers: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """One answer for each case of each rule, so that pairs stay few."""
    kept: dict[tuple[Any, ...], tuple[str, Any]] = {}
    for name, answer in answers:
        kind = [rule.cases.index(case) for rule in judges(RULES[name]) if (case := rule.case({name: answer}))]
        kept.setdefault((name, *kind), (name, answer))
    return list(kept.values())


@many
@given(person=people, where=regions, compression=st.booleans(), cleared=clearances)
def test_the_highest_is_reported_and_any_block_blocks(
    person: dict[str, Any], where: list[str], compression: bool, cleared: list[Clearance]
) -> None:
    found = judge(person, where, compression, cleared)
    assert found.outcome == max((one.outcome for one in found.fired), default=Outcome.TREAT)
    assert found.plan_allowed == (not any(one.outcome.blocks for one in found.fired))
    left_out = {what for one in found.fired for what in one.exclude}
    assert {one.what for one in found.exclusions} == left_out
    for one in found.exclusions:
        assert one.rules
        assert set(one.rules) <= set(found.rules)
    assert found.expires == TODAY + dt.timedelta(days=14)
    assert found.version == rulebook().gate.version


@many
@given(person=people, where=regions, shuffle=st.randoms(use_true_random=False))
def test_order_does_not_matter(person: dict[str, Any], where: list[str], shuffle: random.Random) -> None:
    names, turned = list(person), list(where)
    shuffle.shuffle(names)
    shuffle.shuffle(turned)
    assert judge({name: person[name] for name in names}, turned) == judge(person, where)


@many
@given(person=people, where=regions, more=regions, compression=st.booleans())
def test_a_larger_session_is_never_judged_more_lightly(
    person: dict[str, Any], where: list[str], more: list[str], compression: bool
) -> None:
    small, large = judge(person, where, False), judge(person, {*where, *more}, compression)
    assert large.outcome >= small.outcome
    assert large.plan_allowed <= small.plan_allowed


def test_blocks_whatever_the_highest_is() -> None:
    blocking = {outcome.name for outcome in Outcome if outcome.blocks}
    assert blocking == {"EMERGENCY", "URGENT", "REFER", "CLEAR", "POSTPONE"}
    found = judge(benign(P04="yes", M15="yes"))
    assert (found.outcome, found.plan_allowed) == (Outcome.POSTPONE, False)
    found = judge(benign(P04="yes", A02="yes"))
    assert (found.outcome, found.plan_allowed) == (Outcome.REFER_MAY_PROCEED, True)


# ------------------------------------------------------------------ single things


def test_an_emergency_ends_the_questions() -> None:
    found = judge({"E01": "yes"})
    assert (found.outcome, found.rules, found.unanswered) == (Outcome.EMERGENCY, ("E01",), ())


def test_postponing_carries_the_last_date() -> None:
    found = judge(benign(F01=4, F09=UNKNOWN))
    assert found.postpone_until == dt.date(2026, 3, 12)
    found = judge(benign(F01=4, F09=UNKNOWN, M08="yes", F02=UNKNOWN, F11=UNKNOWN))
    assert found.postpone_until == dt.date(2026, 3, 12)
    assert judge(benign(F04="cold sore or stye", M15="yes")).postpone_until == dt.date(2026, 3, 12)
    assert judge(benign(A02="yes")).postpone_until is None


@pytest.mark.parametrize("name", [rule.id for rule in RULES.values() if rule.blocks_for])
def test_neck_rules_never_block_a_session_for_the_leg(name: str) -> None:
    asked = RULES[RULES[name].judges]
    for answer in candidates(asked):
        case = RULES[name].case({asked.id: answer})
        if case is None:
            continue
        found = judge(benign(("leg",), **{asked.id: answer}), ("leg",))
        (fired,) = [one for one in found.fired if one.rule == name]
        assert fired.outcome is Outcome.MODIFY
        assert {"neck-front", "neck-side", "neck-back", "collarbone"} <= set(fired.exclude)
        assert judge(benign(("face",), **{asked.id: answer}), ("face",)).outcome >= case.outcome


def test_clearance_opens_what_it_names_and_nothing_else() -> None:
    answers = benign(M10="yes", M02="yes")
    assert judge(answers).clearable == ("M02", "M10")
    one = judge(answers, clearances=cleared("M10", by="GP"))
    assert (one.outcome, one.plan_allowed) == (Outcome.CLEAR, False)
    both = judge(answers, clearances=cleared("M10", "M02", by="GP"))
    assert (both.outcome, both.plan_allowed, both.rules) == (Outcome.MODIFY, True, ("M02", "M10"))
    assert {one.what for one in both.exclusions} == {"neck-front", "neck-side", "neck-back", "firm-pressure"}
    assert [one.cleared and one.cleared.by for one in both.fired] == ["GP", "GP"]


def test_clearance_has_a_day_and_ages() -> None:
    answers = benign(M10="yes")

    def on(days: int) -> Any:
        date = TODAY - dt.timedelta(days=days)
        return judge(answers, clearances=cleared("M10", date=date))

    assert on(180).plan_allowed
    assert not on(181).plan_allowed
    assert on(181).old_clearances
    with pytest.raises(DocumentError, match="after today"):
        on(-1)


def test_only_named_referrals_can_be_answered() -> None:
    open_to_clearance = {
        rule.id for rule in RULES.values() for case in rule.cases if case.clearable and case.outcome is Outcome.REFER
    }
    assert open_to_clearance == {"C01", "M05", "M06", "N03", "P05", "P11", "P12", "P22"}
    for rule in RULES.values():
        for case in rule.cases:
            assert not (case.may_be_cleared and case.outcome >= Outcome.URGENT)
    assert not RULES["Z01"].cases[0].may_be_cleared


def test_compression_is_asked_about_only_where_it_is_planned() -> None:
    without = {rule.id for rule in questions({}, regions=["leg"])}
    with_it = {rule.id for rule in questions({}, regions=["leg"], compression=True)}
    assert with_it - without == {"P14", "P23", "P24", "P26"}


@pytest.mark.parametrize(
    ("index", "outcome", "rule"),
    [
        (0.59, Outcome.REFER, "P14"),
        (0.6, Outcome.CLEAR, "P15"),
        (0.79, Outcome.CLEAR, "P15"),
        (0.8, Outcome.CLEAR, "P25"),
        (0.9, Outcome.TREAT, None),
        (1.3, Outcome.TREAT, None),
        (1.31, Outcome.CLEAR, "P16"),
    ],
)
def test_ankle_index(index: float, outcome: Outcome, rule: str | None) -> None:
    found = judge(benign(P14=index))
    assert (found.outcome, found.rules) == (outcome, (rule,) if rule else ())


def test_a_document_says_what_is_not_given() -> None:
    face = document(benign(("face",)), ["face"])
    assert assess(face, today=TODAY).outcome is Outcome.TREAT
    assert assess(face, today=TODAY, regions=["leg"]).outcome is Outcome.REFER
    when = dt.datetime(2026, 3, 2, 10, 30)
    assert assess(face, today=when).as_json()["time"] == "2026-03-02T10:30:00"
    assert assess(face, today=when).as_json()["expires"] == "2026-03-16"


# ------------------------------------------------------------------ answers of a day, and those given anew

AGAIN = sorted(rulebook().again)


def test_answers_expire_and_block() -> None:
    for days in (0, 1, 13, 14, 15, 700):
        given = TODAY - dt.timedelta(days=days)
        again = {"date": TODAY, "answers": dict.fromkeys(AGAIN, "no")}
        found = assess(document(benign(("leg",), False), date=given, again=again), today=TODAY)
        assert (found.given, found.expires, found.asked_again) == (given, given + dt.timedelta(days=14), TODAY)
        assert found.plan_allowed == (days <= 14)
        assert ("Z02" in found.rules) == (days > 14)
        assert found.outcome is (Outcome.TREAT if days <= 14 else Outcome.CLEAR)


def test_no_clearance_opens_old_answers() -> None:
    stale = document(benign(("leg",), False), date="2025-01-01", clearances=EVERYTHING_CLEARED)
    found = assess(stale, today=TODAY)
    assert {"Z02", "Z03"} <= set(found.rules)
    assert not found.plan_allowed


def test_the_outcome_of_yesterdays_answers_is_said_and_no_plan_follows() -> None:
    yesterday = document(benign(("leg",), False), date=TODAY - dt.timedelta(days=1))
    found = assess(yesterday, today=TODAY)
    assert (found.outcome, found.rules, found.plan_allowed) == (Outcome.TREAT, ("Z03",), False)
    assert set(found.to_ask_again) == {rule.id for rule in screening.to_ask_again(yesterday, TODAY)} == set(AGAIN)
    anew = yesterday.asked_again(TODAY, dict.fromkeys(AGAIN, "no"))
    assert screening.to_ask_again(anew, TODAY) == ()
    assert assess(anew, today=TODAY).plan_allowed
    assert not assess(anew, today=TODAY + dt.timedelta(days=1)).plan_allowed


@pytest.mark.parametrize("first", ["yes", "no", UNKNOWN])
@pytest.mark.parametrize("anew", ["yes", "no", UNKNOWN])
@pytest.mark.parametrize("name", AGAIN)
def test_of_two_answers_the_graver_counts(name: str, first: str, anew: str) -> None:
    twice = document(benign(("leg",), False, **{name: first}), again={"date": TODAY, "answers": {name: anew}})
    gravity = max(rulebook().gravity(name, first), rulebook().gravity(name, anew))
    found = assess(twice, today=TODAY)
    assert found.outcome >= gravity
    assert found.plan_allowed == (first == anew == "no")
    assert (name in found.rules) == (gravity > Outcome.TREAT)


def test_what_was_answered_anew_is_not_taken_back() -> None:
    yesterday = TODAY - dt.timedelta(days=1)
    one = document(benign(("leg",), False), date="2026-02-25").asked_again(yesterday, {"P03": "yes", "P01": "no"})
    two = one.asked_again(TODAY, dict.fromkeys(AGAIN, "no"))
    assert two.again is not None
    assert two.again.answers == {**dict.fromkeys(AGAIN, "no"), "P03": "yes"}
    assert not assess(two, today=TODAY).plan_allowed
    three = two.asked_again(TODAY, {"P01": UNKNOWN}).asked_again(TODAY, {"P01": "no"})
    assert three.again is not None
    assert three.again.answers["P01"] == UNKNOWN


def test_a_combination_across_both_answers_counts() -> None:
    """A cold with fever at first, and limb pain anew: more than a cold."""
    cold = document(benign(("leg",), False, U03="a cold with fever"))
    found = assess(cold.asked_again(TODAY, {"U03": "no", "P03": "yes"}), today=TODAY)
    assert {"U03", "U13", "P03"} <= set(found.rules)
    assert found.outcome is Outcome.URGENT


def test_screening_knows_neither_engine_nor_network() -> None:
    folder = Path(screening.__file__).parent
    allowed = {"documents", "errors", "screening", "units", "wording"}
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [one.name for one in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                parts = name.split(".")
                assert parts[0] not in {"jax", "socket", "urllib", "http", "requests", "random", "time"}, path.name
                assert parts[0] != "venolymph" or parts[1] in allowed, path.name
