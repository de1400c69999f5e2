"""The page of a plan: the sheet that is printed, or why there is none."""

from __future__ import annotations

import datetime as dt

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from venolymph import plan as planning
from venolymph.documents import parse
from venolymph.errors import DocumentError
from venolymph.massage import packaged_sessions
from venolymph.screening import load_answers
from venolymph.studio.pages.rendering import render
from venolymph.studio.pages.sending import SentForm, read_form

router = APIRouter()


@router.post("/plan")
async def show_plan(request: Request) -> Response:
    """A plan for the person who gave these answers, with the sheet to print."""
    try:
        form = await read_form(request)
        made = _plan(form)
    except planning.PlanRefused as refused:
        return render("plan_refused", status=409, message=refused.message, reasons=list(refused.reasons))
    except DocumentError as error:
        return render("plan_refused", status=400, message=error.message, reasons=[error.hint] if error.hint else [])
    return render(
        "plan", sheet=planning.sheet(made), answers=form.one("answers"), session=form.one("session"),
        leg=form.one("leg"),
    )  # fmt: skip


@router.post("/plan/sheet")
async def show_sheet(request: Request) -> Response:
    """The sheet alone, as `venolymph plan --sheet` writes it."""
    try:
        form = await read_form(request)
        return HTMLResponse(planning.sheet(_plan(form)))
    except planning.PlanRefused as refused:
        return render("plan_refused", status=409, message=refused.message, reasons=list(refused.reasons))
    except DocumentError as error:
        return render("plan_refused", status=400, message=error.message, reasons=[error.hint] if error.hint else [])


def _plan(form: SentForm) -> planning.Plan:
    session, leg = form.one("session"), form.one("leg")
    if session not in packaged_sessions():
        raise DocumentError(
            f"there is no session {session!r}", hint=f"there are {', '.join(packaged_sessions())}", place="session"
        )
    given = load_answers(parse(form.one("answers"), "answers")[0])
    if leg == "left":
        return planning.plan(session, given, today=dt.date.today(), leg="left")
    if leg == "right":
        return planning.plan(session, given, today=dt.date.today(), leg="right")
    return planning.plan(session, given, today=dt.date.today())
