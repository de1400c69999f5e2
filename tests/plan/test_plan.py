"""Plans: nothing that screening leaves out is in one, and none is made where an answer blocks it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.people import QUESTIONS, TODAY, benign, candidates, cleared, document, judge
from venolymph import figures, plan
from venolymph.massage import Session, Strokes, load_session, packaged_sessions, places
from venolymph.massage.table import words as massage_words
from venolymph.plan import Plan, PlanRefused, plan_for
from venolymph.screening import Exclusion, Outcome, assess, rulebook, to_ask_again, words

GATE = rulebook().gate
SESSIONS = [name for name in packaged_sessions() if load_session(name).purpose == "treatment"]
LIGHT = figures.load()["massage.limit.light"].internal
SHORT = figures.load()["massage.limit.short_session"].internal


def regions(name: str) -> tuple[str, ...]:
    """The regions that a person has to be screened for before a packaged session."""
    return tuple(load_session(name).screening)


def assessed(exclude: set[str] = frozenset(), of: tuple[str, ...] = ("leg",), **changes: Any) -> Any:  # type: ignore[assignment]
    """The assessment of a harmless person, with exclusions of no rule in particular."""
    from dataclasses import replace

    found = assess(document(benign(of, False, **changes), of), today=TODAY)
    return replace(found, exclusions=tuple(Exclusion(GATE.kind(what), what, ("P28",)) for what in sorted(exclude)))


def attempt(make: Callable[[], Plan]) -> tuple[Plan | None, str]:
    """A plan, or why there is none."""
    try:
        return make(), ""
    except PlanRefused as refused:
        return None, refused.message


def check(made: Plan) -> None:
    """Nothing that is left out is in the plan, in what is done and in what is written."""
    out = {one.what for one in made.assessment.exclusions}
    names = massage_words().places
    course = made.session.course
    for step in course:
        note = (getattr(step, "note", None) or "").lower()
        assert not any(words().places[what] in note for what in out if what in words().places)
        if not isinstance(step, Strokes):
            continue
        for name in (*step.where, step.toward or "", step.away_from or ""):
            if name:
                assert places()[name].region not in out, f"{name} is left out"
        assert not step.techniques & out
        if "firm-pressure" in out:
            assert step.hard <= LIGHT
        if "both-neck-sides-at-once" in out:
            assert step.sides != "together" or not any(places()[name].sided for name in step.where)
    if "long-session" in out:
        assert made.session.seconds <= SHORT + 1e-6
    assert made.session.posture != "supine" or "flat-on-back" not in out
    assert made.session.posture != "prone" or "face-down" not in out
    table = " ".join(str(row) for row in plan.as_json(made)["steps"])
    for name, place in places().items():
        if place.region in out:
            assert f"'{names[name]}'" not in table
    assert plan.lint(made.session) == []
    assert made.assessment.plan_allowed
    assert all(change.rules or change.kind in ("avoid", "note-left-out", "nodes-left-out") for change in made.changes)
    for change in made.changes:
        assert "{" not in change.text()


@settings(max_examples=150)
@given(
    name=st.sampled_from(SESSIONS),
    exclude=st.sets(st.sampled_from([*GATE.places, *GATE.other.techniques, *GATE.other.postures]), max_size=8),
)
def test_what_is_left_out_is_not_in_the_plan(name: str, exclude: set[str]) -> None:
    made, refused = attempt(lambda: plan_for(load_session(name), assessed(exclude, regions(name))))
    if made is None:
        assert "nothing of the session is left" in refused
        return
    check(made)


@settings(max_examples=150)
@given(
    name=st.sampled_from(list(packaged_sessions())),
    changes=st.dictionaries(st.sampled_from([rule.id for rule in QUESTIONS]), st.integers(0, 50), max_size=4),
    held=st.booleans(),
)
def test_plans_follow_the_outcome_of_any_answers(name: str, changes: dict[str, int], held: bool) -> None:
    rules = {rule.id: rule for rule in QUESTIONS}
    answers = {key: candidates(rules[key])[pick % len(candidates(rules[key]))] for key, pick in changes.items()}
    given = benign(regions(name), False, **answers)
    clearances = cleared(*rulebook().rules) if held else []
    found = judge(given, regions=regions(name), compression=False, clearances=clearances)
    asked = document(given, regions(name), clearances=clearances)
    made, refused = attempt(lambda: plan.plan(name, asked, today=TODAY))
    if made is None:
        blocked = not found.plan_allowed or load_session(name).purpose == "experiment"
        assert blocked or "nothing of the session is left" in refused
        return
    assert found.plan_allowed
    assert load_session(name).purpose == "treatment"
    for wrong in ("P01", "P02", "P03", "P18"):
        assert given.get(wrong, "no") in ("no", "does not apply")
    check(made)


@pytest.mark.parametrize("name", SESSIONS)
def test_nothing_is_changed_for_a_harmless_person(name: str) -> None:
    made = plan_for(load_session(name), assessed(of=regions(name)))
    assert made.changes == ()
    assert made.session.course == load_session(name).course


@pytest.mark.parametrize("rule", ["P01", "P03", "P06"])
def test_broken_skin_ulcer_and_pain_have_no_way_round(rule: str) -> None:
    clearances = cleared(*rulebook().rules, by="professor")
    answers = document(benign(("leg",), False, **{rule: "yes"}), clearances=clearances)
    with pytest.raises(PlanRefused) as caught:
        plan.plan("leg-massage", answers, today=TODAY)
    assert caught.value.outcome is not None and caught.value.outcome >= Outcome.REFER
    assert any(rule in line for line in caught.value.reasons)


def test_experiments_are_never_planned() -> None:
    for name in set(packaged_sessions()) - set(SESSIONS):
        with pytest.raises(PlanRefused, match="experiment"):
            plan_for(load_session(name), assessed())


def test_a_person_who_was_screened_for_something_else_has_no_plan() -> None:
    found = judge(benign(("face",), False), regions=("face",), compression=False)
    with pytest.raises(PlanRefused, match="not screened for: leg"):
        plan_for(load_session("leg-massage"), found)
    # answers are judged for the session's regions, whatever they name
    with pytest.raises(PlanRefused) as caught:
        plan.plan("leg-massage", document(benign(("face",), False), ["face"]), today=TODAY)
    assert caught.value.outcome is not None and caught.value.outcome.blocks


def test_an_old_screening_does_not_hold() -> None:
    found = assessed()
    assert plan_for(load_session("leg-massage"), found, today=TODAY)
    with pytest.raises(PlanRefused, match="questions of the day"):
        plan_for(load_session("leg-massage"), found, today=found.expires)
    with pytest.raises(PlanRefused, match="held until"):
        plan_for(load_session("leg-massage"), found, today=found.expires + dt.timedelta(days=1))


def test_answers_are_of_the_day_or_asked_anew() -> None:
    answers = document(benign(("leg",), False), date=TODAY - dt.timedelta(days=14))
    with pytest.raises(PlanRefused) as caught:
        plan.plan("leg-massage", answers, today=TODAY)
    assert any("Z03" in line for line in caught.value.reasons)
    anew = {rule.id: "no" for rule in to_ask_again(answers, TODAY)}
    made = plan.plan("leg-massage", answers.asked_again(TODAY, anew), today=TODAY)
    assert (made.assessment.given, made.assessment.asked_again) == (TODAY - dt.timedelta(days=14), TODAY)
    for name in anew:
        with pytest.raises(PlanRefused):
            plan.plan("leg-massage", answers.asked_again(TODAY, {**anew, name: "yes"}), today=TODAY)
        part = {other: "no" for other in anew if other != name}
        with pytest.raises(PlanRefused):
            plan.plan("leg-massage", answers.asked_again(TODAY, part), today=TODAY)
    with pytest.raises(PlanRefused) as caught:
        plan.plan("leg-massage", answers.asked_again(TODAY, anew), today=TODAY + dt.timedelta(days=1))
    assert any("Z02" in line for line in caught.value.reasons)


@pytest.mark.parametrize("legs", [["left"], ["right"], ["left", "right"]], ids=" ".join)
@pytest.mark.parametrize("body", ["leg", "leg.left", "leg.right"])
def test_a_leg_is_planned_that_the_answers_speak_of(body: str, legs: list[str]) -> None:
    session = load_session("leg-massage").model_copy(update={"body": body})
    needed = {"leg": {"left", "right"}, "leg.left": {"left"}, "leg.right": {"right"}}[body]
    answers = document(benign(("leg",), False), legs=legs)
    made, refused = attempt(lambda: plan.plan(session, answers, today=TODAY))
    assert (made is not None) == (needed <= set(legs))
    assert made is not None or "leg" in refused
    for leg in ("left", "right"):
        made, _ = attempt(lambda leg=leg: plan.plan(session, answers, today=TODAY, leg=leg))
        assert (made is not None) == (leg in legs and body in ("leg", f"leg.{leg}"))
        assert made is None or made.session.body == f"leg.{leg}"


def test_answers_of_nobody_lead_to_no_plan() -> None:
    found = judge(benign(("leg",), False), regions=("leg",), compression=False)
    assert found.plan_allowed
    with pytest.raises(PlanRefused, match="whose they are"):
        plan_for(load_session("leg-massage"), found)


def test_pages_say_whose_answers_and_of_which_day() -> None:
    answers = document(benign(("leg",), False), date="2026-02-25", legs=["right"])
    anew = {rule.id: "no" for rule in to_ask_again(answers, TODAY)}
    made = plan.plan("leg-massage", answers.asked_again(TODAY, anew), today=TODAY, leg="right")
    for page in (plan.text(made), plan.markdown(made), plan.sheet(made)):
        for said in ("A-17", "right leg", "2026-02-25", "2026-03-02", "2026-03-11"):
            assert said in page
    data = plan.as_json(made)["screening"]
    assert (data["label"], data["legs"]) == ("A-17", ["right"])
    assert (data["given"], data["asked_again"]) == ("2026-02-25", "2026-03-02")


def test_a_session_that_breaks_a_rule_is_not_planned() -> None:
    thigh = Strokes(stroke="pump", at="inner thigh", toward="superficial inguinal nodes")
    with pytest.raises(PlanRefused) as caught:
        plan_for(Session([thigh], screening="leg"), assessed())
    assert [found.rule for found in caught.value.findings] == ["distal-before-node"]
    assert "inner thigh" in caught.value.reasons[0]


def test_each_change_names_its_step_and_rule() -> None:
    made = plan.plan("leg-massage", document(benign(("leg",), False, A02="yes", M11=66.0)), today=TODAY)
    said = [change.text() for change in made.changes]
    assert "step 5: deep breathing in place of hand on the breath (A02)" in said
    assert any(text.startswith("step 3") and "N04" in text for text in said)
    assert made.session.course[3].word == "breathe"


def test_fewer_rounds_where_long_sessions_are_left_out() -> None:
    made = plan_for(load_session("leg-massage"), assessed({"long-session"}))
    assert 15 * 60 < made.session.seconds <= 30 * 60
    assert [change.kind for change in made.changes] == ["shorter"]
    before = {name for step in load_session("leg-massage").course if isinstance(step, Strokes) for name in step.where}
    assert {name for step in made.session.course if isinstance(step, Strokes) for name in step.where} == before


def test_posture_sides_and_pressure_are_replaced() -> None:
    made = plan_for(load_session("leg-massage"), assessed({"flat-on-back", "both-neck-sides-at-once", "firm-pressure"}))
    assert (made.session.posture, made.session.legs_raised) == ("half sitting", None)
    said = " ".join(change.text() for change in made.changes)
    assert "half sitting in place of on the back" in said
    assert "one side after the other" in said
    assert "at most 20 mmHg in place of 30 mmHg" in said


def test_without_its_nodes_nothing_of_a_leg_is_left() -> None:
    with pytest.raises(PlanRefused, match="nothing of the session is left") as caught:
        plan_for(load_session("leg-massage"), assessed({"groin"}))
    assert any("left out, because its nodes" in line for line in caught.value.reasons)


def test_a_path_is_cut_where_it_is_left_out() -> None:
    made = plan_for(load_session("leg-massage"), assessed({"knee"}))
    paths = [step.along for step in made.session.course if isinstance(step, Strokes) and step.along]
    assert paths == [
        ("back of the foot", "front of the ankle", "shin"),
        ("front thigh", "superficial inguinal nodes"),
    ]


def test_notes_and_directions_do_not_name_what_is_left_out() -> None:
    groin = Strokes(stroke="stationary circles", at="superficial inguinal nodes", toward="external iliac nodes")
    thigh = Strokes(
        stroke="pump", at="inner thigh", toward="superficial inguinal nodes", note="from above down to the Belly"
    )
    made = plan_for(Session([groin, thigh], screening="leg"), assessed({"abdomen"}))
    first, second = made.session.course
    assert isinstance(first, Strokes) and first.toward == "the heart"
    assert isinstance(second, Strokes) and second.note is None and second.avoid == "varices"
    assert [change.kind for change in made.changes] == ["toward", "avoid", "note-left-out"]


def test_what_no_step_can_show_is_said() -> None:
    made = plan_for(load_session("leg-massage"), assessed({"compression", "both-legs", "cancer-site"}))
    assert set(made.cautions) == {"compression", "both-legs", "cancer-site"}
    said = " ".join(plan.as_json(made)["say"])
    assert words().techniques["both-legs"] in said


def test_pages_carry_the_notices() -> None:
    made = plan_for(load_session("leg-massage"), assessed({"ankle"}))
    for page in (plan.text(made), plan.markdown(made), plan.sheet(made)):
        for notice in words().notices():
            assert notice in page
        assert "not a medical device" in page
        assert "No clinician has reviewed" in page
        assert "Stop at once" in page
        assert "P28" in page
    data = plan.as_json(made)
    assert Session.model_validate(data["plan"]) == made.session
    assert data["screening"]["plan_allowed"] is True


def test_the_sheet_is_one_file_that_fetches_and_runs_nothing() -> None:
    page = plan.sheet(plan_for(load_session("leg-massage"), assessed()))
    assert "default-src 'none'" in page
    assert "@page" in page
    for word in ("<script", "http://", "https://", "src=", "@import"):
        assert word not in page
    assert not re.search(r"url\((?!#)", page)  # hatching of the outline is in the page itself
    evil = load_session("leg-massage").model_copy(update={"session": "<script>x</script>"})
    assert "<script" not in plan.sheet(plan_for(evil, assessed()))


def test_other_languages_are_refused_with_what_there_is() -> None:
    from venolymph.errors import DocumentError

    with pytest.raises(DocumentError, match="allowed are en"):
        plan.words("xx")
