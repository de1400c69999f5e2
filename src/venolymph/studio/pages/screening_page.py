"""The page that asks whether a person may be massaged: the stop page first, questions, review, result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from venolymph.documents import parse, write
from venolymph.errors import DocumentError
from venolymph.massage import load_session, packaged_sessions
from venolymph.screening import REGIONS, Answers, assess, fhir, load_answers, rulebook, to_ask_again
from venolymph.screening import words as screening_words
from venolymph.screening.rulebook import Region
from venolymph.studio.pages import screening_form as forms
from venolymph.studio.pages.rendering import render
from venolymph.studio.pages.sending import SentForm, read_form
from venolymph.studio.wording import words

router = APIRouter()


@router.get("/screen")
def show_beginning() -> HTMLResponse:
    """The first page: whom and what the session is for."""
    return _beginning()


@router.post("/screen")
async def go_on(request: Request) -> Response:
    """The page after what was sent with this one."""
    form, today = SentForm({}), dt.date.today()
    try:
        form = await read_form(request)
        action = form.one("action")
        if action == "begin":
            return _questions(forms.begin(_asked_for(form), today), today)
        if action == "again":
            return _again(form, today)
        so_far = forms.read_so_far(form.one("so_far"))
    except DocumentError as error:
        return _beginning(error, form)
    try:
        return _ACTIONS[action](so_far, form, today) if action in _ACTIONS else _beginning()
    except DocumentError as error:
        return _beginning(error)


def _beginning(error: DocumentError | None = None, form: SentForm | None = None) -> HTMLResponse:
    sent = form or SentForm({})
    text = screening_words()
    return render(
        "screen_begin", status=400 if error else 200, error=error, text=text,
        sent={"label": sent.one("label"), "legs": sent.all("leg"), "regions": sent.all("region") or ["leg"]},
        regions=[(region, text.regions[region]) for region in REGIONS],
        legs=[(leg, text.talk.legs[leg]) for leg in ("left", "right")],
    )  # fmt: skip


def _asked_for(form: SentForm) -> forms.SoFar:
    return forms.SoFar(
        label=form.one("label"),
        legs=tuple(leg for leg in ("left", "right") if leg in form.all("leg")),
        regions=tuple(form.all("region")),
        compression=form.one("compression") == "yes",
    )


def _again(form: SentForm, today: dt.date) -> Response:
    """Saved answers: their result, once the questions of the day are answered."""
    data, _ = parse(form.one("answers"), "answers")
    given = fhir.read_response(data) if "resourceType" in data else load_answers(data)
    so_far = forms.SoFar(
        label=given.label, legs=given.legs, regions=given.regions, compression=given.compression,
        earlier=given.document(),
    )  # fmt: skip
    return _questions(so_far, today)


def _only(so_far: forms.SoFar, today: dt.date) -> list[str] | None:
    if so_far.earlier is None:
        return None
    return [rule.id for rule in to_ask_again(load_answers(so_far.earlier), today)]


def _questions(
    so_far: forms.SoFar, today: dt.date, sent: Mapping[str, str] | None = None, wrong: Mapping[str, str] | None = None
) -> Response:
    """The next page of questions, or what comes after them."""
    found, text = forms.follow(so_far, _only(so_far, today)), screening_words()
    if found.stopped:
        return _stopped(found, today)
    prompts = found.course.page()
    if not prompts:
        return _review(found) if so_far.earlier is None else _result(found, today)
    regions = _regions(so_far)
    number, count = found.course.count()
    return render(
        "screen_questions", status=400 if wrong else 200, so_far=so_far.text(), text=text,
        heading=text.pages[prompts[0].step.page].format(number=number, count=count),
        contradiction=text.talk.contradiction if found.contradicted else "", can_go_back=bool(so_far.turns),
        wrong=bool(wrong),
        fields=[
            forms.field(one, text, regions, sent or {}, (wrong or {}).get(forms.prompt_name(one), ""))
            for one in prompts
        ],
    )  # fmt: skip


def _regions(so_far: forms.SoFar) -> tuple[Region, ...]:
    """Regions of the session in their order."""
    return tuple(region for region in REGIONS if region in so_far.regions)


def _answered(so_far: forms.SoFar, form: SentForm, today: dt.date) -> Response:
    """Take what was answered on a page; what was not, or not well, is asked again."""
    only = _only(so_far, today)
    course = forms.follow(so_far, only).course
    said, wrong = list[forms.Said](), dict[str, str]()
    for prompt in course.page():
        # An answer before it on the same page may change what a list asks for: then it is asked again.
        if prompt not in course.page():
            continue
        try:
            answer, trouble = forms.taken(prompt, form.fields)
        except DocumentError as error:
            wrong[forms.prompt_name(prompt)] = f"{error.message}; {error.hint}" if error.hint else error.message
            continue
        if answer is not None:
            said.append(forms.Said(to=prompt.rules, listed=prompt.listed, answer=answer))
            course.take(prompt, answer)
        else:
            wrong[forms.prompt_name(prompt)] = words().screening.two if trouble == "two" else words().screening.open
    if said:
        so_far = so_far.model_copy(update={"turns": (*so_far.turns, forms.Turn(said=tuple(said)))})
    still = {forms.prompt_name(one) for one in forms.follow(so_far, only).course.page()}
    sent = {name: form.one(name) for name in wrong}
    return _questions(so_far, today, sent, {name: why for name, why in wrong.items() if name in still})


def _back(so_far: forms.SoFar, form: SentForm, today: dt.date) -> Response:
    return _questions(so_far.model_copy(update={"turns": so_far.turns[:-1], "clearances": ()}), today)


def _change(so_far: forms.SoFar, form: SentForm, today: dt.date) -> Response:
    asked = forms.Said(to=tuple(form.one("line").split("+")))
    return _questions(so_far.model_copy(update={"turns": (*so_far.turns, forms.Turn(said=(asked,)))}), today)


def _all_the_same(so_far: forms.SoFar, form: SentForm, today: dt.date) -> Response:
    return _questions(so_far.model_copy(update={"turns": (*so_far.turns, forms.Turn(gone_on="yes"))}), today)


def _end(so_far: forms.SoFar, form: SentForm, today: dt.date) -> Response:
    return _result(forms.follow(so_far, _only(so_far, today)), today)


def _stopped(found: forms.Questions, today: dt.date) -> HTMLResponse:
    """What to do, where an answer ends the questions."""
    text, stopping = screening_words(), found.course.stopping()
    assessed = assess(found.answers(today), today=today)
    told = [text.action(one) for one in assessed.fired if one.rule in stopping]
    heading = text.outcome(max(stopping.values())).say
    return render("screen_stop", so_far=found.so_far.text(), heading=heading, told=told, text=text)


def _review(found: forms.Questions) -> HTMLResponse:
    text = screening_words()
    lines = [("+".join(line.rules), *forms.line_text(line, text)) for line in found.course.review()]
    return render("screen_review", so_far=found.so_far.text(), lines=lines, text=text)


def _right(so_far: forms.SoFar, form: SentForm, today: dt.date) -> Response:
    """The answers are right: a doctor's agreement where one would open the way, else the result."""
    found = forms.follow(so_far, _only(so_far, today))
    if found.course.prompt() is not None:
        return _questions(so_far, today)
    names = forms.to_agree(found.answers(today), today)
    return _agree(so_far, names[0]) if names else _result(found, today)


def _agree(so_far: forms.SoFar, rule: str, error: DocumentError | None = None) -> HTMLResponse:
    text, kind = screening_words(), rulebook().rules[rule].agreed
    return render(
        "screen_agree", status=400 if error else 200, so_far=so_far.text(), rule=rule, error=error, text=text,
        finding=f"{text.short(rule) or text.rules[rule].term} ({rule})", kind=kind,
        sites=[(name, text.site(name)) for name in rulebook().gate.near],
    )  # fmt: skip


def _agreed(so_far: forms.SoFar, form: SentForm, today: dt.date) -> Response:
    rule = form.one("rule")
    found = forms.follow(so_far, _only(so_far, today))
    if rule not in forms.to_agree(found.answers(today), today):
        return _right(so_far, form, today)
    try:
        given = forms.agreement(rule, form.fields)
        agreed = so_far.model_copy(update={"clearances": (*so_far.clearances, given)})
        forms.Questions(agreed, found.course).answers(today)
    except DocumentError as error:
        return _agree(so_far, rule, error)
    return _right(agreed, form, today)


def _result(found: forms.Questions, today: dt.date) -> HTMLResponse:
    given, text = found.answers(today), screening_words()
    assessed = assess(given, today=today)
    sessions = [name for name in packaged_sessions() if load_session(name).purpose != "experiment"]
    return render(
        "screen_result", text=text, lines=text.say(assessed), outcome=assessed.outcome.name.lower(),
        heading=text.talk.result.format(outcome=text.outcome(assessed.outcome).name),
        plan=assessed.plan_allowed, sessions=sessions, legs=given.legs, answers=saved(given, today),
    )  # fmt: skip


def saved(given: Answers, today: dt.date) -> str:
    """The answers with their result, as the file that `venolymph screen --out` writes."""
    return write(given.model_copy(update={"result": assess(given, today=today).as_json()}).document())


@router.post("/screen/answers.yaml")
async def save_answers(request: Request) -> Response:
    """The answers as a file, kept where the browser saves it."""
    try:
        form = await read_form(request)
        given = load_answers(parse(form.one("answers"), "answers")[0])
    except DocumentError as error:
        return _beginning(error)
    headers = {"Content-Disposition": 'attachment; filename="answers.yaml"'}
    return Response(saved(given, dt.date.today()), media_type="application/yaml", headers=headers)


_ACTIONS = {
    "answer": _answered,
    "back": _back,
    "change": _change,
    "go on": _all_the_same,
    "end": _end,
    "right": _right,
    "agree": _agreed,
    "nobody": _end,
}
"""What may be done on a page of questions."""
