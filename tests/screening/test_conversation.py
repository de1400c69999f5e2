"""The conversation by itself: every rule can be reached, lists hide nothing, back and change do as they say."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.people import ALL, QUESTIONS, RULES, TODAY, benign, candidates, document, fires, harmless
from screening.typed import answer_to, through
from venolymph import plan
from venolymph.plan import PlanRefused
from venolymph.screening import REGIONS, UNKNOWN, Outcome, assess, languages, words
from venolymph.screening.conversation import Conversation, Prompt
from venolymph.screening.one_answer import check_answers
from venolymph.screening.pages import none_of_these, placed, steps

BARRED = ("P01", "P02", "P03", "P18")
"""Broken skin, an ulcer, pain."""
people = st.fixed_dictionaries({}, optional={rule.id: st.sampled_from(candidates(rule)) for rule in QUESTIONS})
sessions = st.tuples(st.lists(st.sampled_from(REGIONS), min_size=1, unique=True), st.booleans())


def asked(**session: Any) -> Conversation:
    return Conversation(**{"regions": ("leg",), **session})


def test_every_question_stands_in_one_step() -> None:
    named = [name for step in steps() for name in step.rules]
    assert sorted(named) == sorted(rule.id for rule in QUESTIONS)


@pytest.mark.parametrize("rule", QUESTIONS, ids=[rule.id for rule in QUESTIONS])
def test_every_rule_can_be_reached_and_answered_in_every_way(rule: Any) -> None:
    regions = ALL if rule.asked == "everybody" else rule.asked
    opens = {one.rule: next(a for a in candidates(RULES[one.rule]) if one.holds(a)) for one in rule.when[:1]}
    for answer in candidates(rule):
        course = asked(regions=regions, compression=rule.compression)
        list(through(course, {**opens, rule.id: answer}))
        assert course.answers[rule.id] == check_answers({rule.id: answer})[rule.id]


def test_a_rule_that_no_page_names_is_asked_where_it_belongs() -> None:
    def place(like: str) -> tuple[str | None, str, list[str]]:
        new = RULES[like].model_copy(update={"id": "X99"})
        found = placed(list(steps()), new)
        (number,) = [number for number, step in enumerate(found) if "X99" in step.rules]
        return found[number].name, found[number].page, list(found[number - 1].rules)

    assert place("U08")[:2] == ("urgent", "stop")  # may end as urgent
    assert place("M02")[:2] == ("other", "body")
    assert place("T01")[:2] == (None, "body")  # "no" is an answer, but not a harmless one
    assert place("P28")[0] is None  # follows from another question, and comes after it
    assert place("P28")[2] == ["P28"]


def test_what_a_list_answers_with_no_is_harmless() -> None:
    for step in steps():
        for name in step.rules if step.name is not None else ():
            assert none_of_these(name) in RULES[name].answers
            assert not fires(RULES[name], none_of_these(name))


def test_broken_skin_an_ulcer_and_pain_stand_by_themselves_and_first() -> None:
    alone = {step.rules[0] for step in steps() if step.name is None and step.stops}
    assert {*BARRED, "E01", "U01", "U03", "U04"} <= alone
    for region in REGIONS:
        first = asked(regions=(region,)).prompt()
        assert first is not None
        assert first.rules == ("P01",)


def test_emergency_and_urgent_are_asked_on_the_page_that_stops() -> None:
    by_degrees = {
        "M01",
        "M07",
        "M16",
        "F07",
    }  # asked about an illness or a measurement, of which only the worst is urgent
    for step in steps():
        for name in step.rules:
            gravest = max(case.outcome for case in RULES[name].cases)
            if gravest >= Outcome.URGENT and name not in by_degrees:
                assert step.stops, name


def test_a_question_whose_harmless_answer_is_not_no_stands_by_itself() -> None:
    alone = {step.rules[0] for step in steps() if step.name is None}
    assert {"T01", "M07", "M11", "C01", "P20"} <= alone


@settings(max_examples=100)
@given(wanted=people, session=sessions)
def test_the_conversation_gives_exactly_the_answers_wanted(
    wanted: dict[str, Any], session: tuple[list[str], bool]
) -> None:
    course = asked(regions=session[0], compression=session[1])
    list(through(course, wanted))
    for name, answer in course.answers.items():
        assert {name: answer} == check_answers({name: wanted.get(name, harmless(name))})
    found = assess(course.answers, today=TODAY, regions=session[0], compression=session[1])
    assert found.unanswered == ()


@settings(max_examples=100)
@given(wanted=people, data=st.data())
def test_changing_lines_of_the_review_gives_the_answers_wanted_last(
    wanted: dict[str, Any], data: st.DataObject
) -> None:
    course = asked()
    list(through(course, {}))
    for _ in range(data.draw(st.integers(1, 4))):
        lines = course.review()
        course.change(data.draw(st.sampled_from(lines)))
        list(through(course, wanted))
        assert course.prompt() is None
    again = {name: answer for name, answer in course.answers.items() if answer != harmless(name)}
    assert all(check_answers({name: wanted[name]}) == {name: answer} for name, answer in again.items())


@settings(max_examples=100)
@given(name=st.sampled_from(("P01", "P03")), word=st.sampled_from(("yes", UNKNOWN)), late=st.booleans(), data=st.data())
def test_broken_skin_and_pain_never_lead_to_a_plan(name: str, word: str, late: bool, data: st.DataObject) -> None:
    course = asked()
    wanted = data.draw(people) | {"P01": "no", "P03": "no"}
    list(through(course, wanted if late else wanted | {name: word}))
    if late:
        course.change(next(line for line in course.review() if line.rules == (name,)))
        list(through(course, {name: word}))
    with pytest.raises(PlanRefused):
        plan.plan("leg-massage", document(course.answers), today=TODAY)


def listed(course: Conversation, name: str) -> Prompt:
    while (prompt := course.prompt()) is not None:
        if prompt.step.name == name:
            return prompt
        course.take(prompt, answer_to(prompt, {}))
    raise AssertionError(name)


@pytest.mark.parametrize("said", ["yes", UNKNOWN])
def test_a_list_opens_on_yes_and_dont_know(said: str) -> None:
    course = asked()
    prompt = listed(course, "illness")
    assert course.take(prompt, said)
    opened = course.prompt()
    assert opened is not None
    assert not opened.listed
    assert opened.rules == prompt.rules[:1]


def test_yes_to_a_list_and_no_to_each_of_its_questions_is_asked_again() -> None:
    course = asked()
    prompt = listed(course, "illness")
    assert course.take(prompt, "yes")
    for name in prompt.rules[:-1]:
        assert course.take(course.prompt() or prompt, none_of_these(name))
    assert not course.take(course.prompt() or prompt, none_of_these(prompt.rules[-1]))
    assert course.prompt() == prompt
    assert not set(prompt.rules) & set(course.answers)
    course.take(prompt, "no")
    assert course.answers["M01"] == "no"


def test_a_firing_answer_stays_when_its_question_is_skipped_afterwards() -> None:
    course = asked()
    list(through(course, {"P07": "yes", "P09": "yes"}))
    course.change(next(line for line in course.review() if line.rules == ("P07",)))
    list(through(course, {}))
    assert course.answers["P09"] == "yes"
    assert "P08" not in course.answers
    assert any(line.rules == ("P09",) for line in course.review())


def test_back_goes_to_the_start_and_no_further() -> None:
    course = asked()
    prompts = []
    for _ in range(12):
        prompt = course.prompt()
        assert prompt is not None
        prompts.append(prompt)
        course.take(prompt, answer_to(prompt, {}))
    for prompt in reversed(prompts):
        assert course.back()
        assert course.prompt() == prompt
    assert not course.back()
    assert course.answers == {}


def test_questions_asked_anew_are_those_named_and_no_others() -> None:
    rules = [rule.id for rule in QUESTIONS if rule.again]
    course = asked(only=rules, answers=benign(("leg",), False))
    list(through(course, {"U01": "yes"}))
    assert set(course.given) == set(rules)
    assert course.answers["M11"] == 45.0
    assert course.stopping() == {"U01": Outcome.URGENT}


@pytest.mark.parametrize("language", languages())
def test_words_of_pages_and_lists_are_whole(language: str) -> None:
    text = words(language)
    assert set(text.pages) == {step.page for step in steps()}
    assert set(text.lists) == {step.name for step in steps() if step.name is not None}
    for rule in QUESTIONS:
        assert text.rules[rule.id].short
        # letters that mean the same everywhere are those of the questions too
        assert not {"h", "q", "<"} & {label.lower() for label in (text.answers[word] for word in rule.answers)}
