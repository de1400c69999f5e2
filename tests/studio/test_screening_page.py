"""Screening in the browser: no way leads past an answer that stops, and a plan is the one of the command."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.reading import Page
from venolymph import plan as planning
from venolymph.documents import parse
from venolymph.screening import Outcome, assess, load_answers, words
from venolymph.screening.pages import none_of_these

BEGIN = {"action": "begin", "label": "A-17", "leg": "left", "region": "leg"}
TODAY = dt.date.today()


def send(pages: TestClient, data: Mapping[str, Any]) -> Page:
    response = pages.post("/screen", data=dict(data))
    assert response.status_code == 200, Page(response.text).text
    return Page(response.text)


def harmless(page: Page, **other: str) -> dict[str, str]:
    """Each question of a page answered so that nothing speaks against a session, but for `other`."""
    found = {"action": "answer", "so_far": page.hidden["so_far"]}
    for name, options in page.options.items():
        found[name] = "yes" if name == "T01" else "no" if "no" in options else none_of_these(name)
        if found[name] not in options:
            found.pop(name)
    for name in page.numbers:
        rule = name.removesuffix(".number")
        if rule not in found or rule == "M11":
            found.pop(rule, None)
            found[name] = "52"
    for name in other:
        found.pop(name.partition(".")[0], None)
    return found | other


def answered(pages: TestClient, **other: str) -> Page:
    """The review, or where the questions stopped."""
    page = send(pages, BEGIN)
    while page.options:
        here = {name: value for name, value in other.items() if name.partition(".")[0] in page.options}
        page = send(pages, harmless(page, **here))
    return page


@pytest.fixture(scope="module")
def review(pages: TestClient) -> Page:
    return answered(pages)


def test_stop_page_comes_first_with_skin_and_pain(pages: TestClient) -> None:
    page = send(pages, BEGIN)
    assert page.heading.startswith("Warning signs")
    assert list(page.options)[:2] == ["P01", "P03"]
    assert "does not replace a doctor" in page.text


def test_harmless_answers_lead_to_the_plan_of_the_command(pages: TestClient, review: Page) -> None:
    result = send(pages, {"action": "right", "so_far": review.hidden["so_far"]})
    assert "A plan is possible." in result.text
    sent = {"answers": result.hidden["answers"], "session": "leg-massage", "leg": "left"}
    sheet = pages.post("/plan/sheet", data=sent)
    assert sheet.status_code == 200
    made = planning.plan("leg-massage", load_answers(parse(sent["answers"])[0]), today=TODAY, leg="left")
    assert sheet.text == planning.sheet(made)
    assert pages.post("/plan", data=sent).status_code == 200


def test_saved_answers_are_a_document_of_answers(pages: TestClient, review: Page) -> None:
    result = send(pages, {"action": "right", "so_far": review.hidden["so_far"]})
    file = pages.post("/screen/answers.yaml", data={"answers": result.hidden["answers"]})
    assert file.headers["content-disposition"] == 'attachment; filename="answers.yaml"'
    given = load_answers(parse(file.text)[0])
    assert (given.label, given.legs, given.date) == ("A-17", ("left",), TODAY)
    assert assess(given, today=TODAY).plan_allowed
    again = pages.post("/screen", data={"action": "again"}, files={"answers": ("answers.yaml", file.text)})
    assert Page(again.text).heading == "Result"  # the questions of the day were answered today


@pytest.mark.parametrize(("rule", "answer"), [("P01", "yes"), ("P01", "don't know"), ("P03", "yes"), ("U03", "yes")])
def test_broken_skin_pain_and_infection_stop_and_never_lead_to_a_plan(
    pages: TestClient, rule: str, answer: str
) -> None:
    page = answered(pages, **{rule: answer})
    assert page.heading == "Stop"
    going_on = send(pages, {"action": "go on", "so_far": page.hidden["so_far"]})
    while going_on.options:
        going_on = send(pages, harmless(going_on))
    right = send(pages, {"action": "right", "so_far": going_on.hidden["so_far"]})
    if "answers" not in right.hidden:  # a doctor's agreement is asked for
        right = send(pages, {"action": "nobody", "so_far": right.hidden["so_far"], "rule": rule})
    assert "No plan." in right.text
    refused = pages.post("/plan", data={"answers": right.hidden["answers"], "session": "leg-massage", "leg": "left"})
    assert refused.status_code == 409
    assert "There is no plan" in refused.text


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_the_page_says_what_the_engine_says(pages: TestClient, data: st.DataObject) -> None:
    page = send(pages, BEGIN)
    for _ in range(12):
        if not page.options:
            if page.heading != "Stop":
                break
            page = send(pages, {"action": "go on", "so_far": page.hidden["so_far"]})
            continue
        sent = harmless(page)
        for name in data.draw(st.lists(st.sampled_from(list(page.options)), max_size=2)):
            sent.pop(f"{name}.number", None)
            sent[name] = data.draw(st.sampled_from(page.options[name]))
        page = Page(pages.post("/screen", data=sent).text)
    ended = send(pages, {"action": "end", "so_far": page.hidden["so_far"]})
    found = assess(load_answers(parse(ended.hidden["answers"])[0]), today=TODAY)
    assert words().outcome(found.outcome).say in ended.text
    assert ("A plan is possible." in ended.text) == found.plan_allowed
    assert found.outcome < Outcome.POSTPONE or not found.plan_allowed


def test_what_is_left_open_is_asked_again_and_what_was_said_is_kept(pages: TestClient) -> None:
    first = send(pages, BEGIN)
    sent = harmless(first)
    del sent["P03"]
    response = pages.post("/screen", data=sent)
    page = Page(response.text)
    assert response.status_code == 400
    assert list(page.options) == ["P03"]
    assert page.marked
    assert send(pages, harmless(page)).heading.startswith("You")


def test_two_answers_to_one_question_are_never_the_harmless_one(pages: TestClient) -> None:
    page = send(pages, harmless(send(pages, BEGIN)))
    assert page.heading.startswith("You")
    sent = harmless(page) | {"M11": "don't know"}
    response = pages.post("/screen", data=sent)
    assert response.status_code == 400
    assert "Two answers at once. Keep one of them." in Page(response.text).marked
    for wrong in ("-4", "much", "1e99"):
        response = pages.post("/screen", data=harmless(page) | {"M11.number": wrong})
        assert response.status_code == 400
        assert list(Page(response.text).options) == ["M11"]


def test_a_list_that_was_opened_and_denied_is_asked_again(pages: TestClient) -> None:
    page = send(pages, BEGIN)
    urgent = next(name for name in page.options if name.startswith("U05+"))
    opened = send(pages, harmless(page, **{urgent: "yes"}))
    assert set(opened.options) == set(urgent.split("+"))
    again = send(pages, harmless(opened))
    assert "You said that one of these is so, and then that none is." in again.text
    assert list(again.options) == [urgent]


def test_back_and_change_ask_again(pages: TestClient, review: Page) -> None:
    back = send(pages, {"action": "back", "so_far": review.hidden["so_far"]})
    assert back.heading.startswith("Body")
    changed = send(pages, {"action": "change", "line": "P01", "so_far": review.hidden["so_far"]})
    assert list(changed.options) == ["P01"]
    stopped = send(pages, harmless(changed, P01="yes"))
    assert stopped.heading == "Stop"


def test_an_agreement_opens_the_way_once_it_is_whole(pages: TestClient) -> None:
    page = answered(pages, **{"M10+M12+M09+A03": "yes", "M10": "yes"})
    asked = send(pages, {"action": "right", "so_far": page.hidden["so_far"]})
    assert asked.hidden["rule"] == "M10"
    sent = {"action": "agree", "so_far": asked.hidden["so_far"], "rule": "M10", "by": "Dr A, cardiologist"}
    sent["finding"] = "takes warfarin"
    tomorrow = (TODAY + dt.timedelta(days=1)).isoformat()
    for date in ("", "soon", tomorrow):
        response = pages.post("/screen", data=sent | {"date": date})
        assert "A plan is possible." not in response.text
    agreed = send(pages, sent | {"date": TODAY.isoformat()})
    assert "A plan is possible." in agreed.text
    assert load_answers(parse(agreed.hidden["answers"])[0]).clearances[0].by == "Dr A, cardiologist"
    nobody = send(pages, sent | {"action": "nobody"})
    assert "No plan." in nobody.text


def test_an_agreement_is_taken_for_nothing_else(pages: TestClient) -> None:
    page = answered(pages, P01="yes")
    sent = {"action": "agree", "so_far": page.hidden["so_far"], "rule": "P01", "by": "Dr A", "date": TODAY.isoformat()}
    assert "A plan is possible." not in pages.post("/screen", data=sent).text


@pytest.mark.parametrize(
    "so_far",
    [
        "",
        "{}",
        "not json",
        '{"label":"A","legs":["left"],"turns":[{"said":[{"to":["P01"],"answer":"perhaps"}]}]}',
        '{"label":"A","legs":["left"],"turns":[{"said":[{"to":["T01"],"answer":"yes"}]}]}',
        '{"label":"A","legs":["left"],"turnes":[]}',
        '{"label":"A","legs":["third"]}',
        '{"label":"A","legs":["left"],"earlier":{"answers":{}}}',
        json.dumps({"label": "A", "legs": ["left"], "turns": [{}] * 500}),
    ],
)
def test_a_form_that_no_page_wrote_is_refused_in_words(pages: TestClient, so_far: str) -> None:
    response = pages.post("/screen", data={"action": "answer", "so_far": so_far})
    assert response.status_code == 400
    assert "Traceback" not in response.text


@pytest.mark.parametrize(
    ("change", "said"), [({"label": " "}, "label"), ({"region": "arm"}, "region"), ({"leg": ""}, "no leg is named")]
)
def test_a_beginning_that_cannot_be_used_says_why(pages: TestClient, change: dict[str, str], said: str) -> None:
    response = pages.post("/screen", data=BEGIN | change)
    assert response.status_code == 400
    assert said in response.text


def test_what_somebody_types_stays_text(pages: TestClient) -> None:
    response = pages.post("/screen", data=BEGIN | {"label": "<script>alert(1)</script>"})
    assert "<script>" not in response.text


def test_no_file_of_answers_is_refused_in_words(pages: TestClient) -> None:
    for content in (b"\xff\xfe\x00", b"kind: answers\nversion: 9\n", b"[1, 2]", b"x" * 1_100_000):
        response = pages.post("/screen", data={"action": "again"}, files={"answers": ("a.yaml", content)})
        assert response.status_code == 400
        assert 'role="alert"' in response.text
