"""The pages of claims: what people say, what is known, what the model shows, and its experiment run."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from venolymph import evidence
from venolymph.errors import VenolymphError
from venolymph.evidence.claim import SIDES
from venolymph.studio.pages.rendering import render
from venolymph.studio.pages.sending import check_token, read_form
from venolymph.studio.wording import words

router = APIRouter()


@router.get("/evidence")
def show_claims() -> HTMLResponse:
    """All claims."""
    rows = [
        (name, one.statement, "; ".join(dict.fromkeys(one.rulings)), _in_the_model(one))
        for name, one in evidence.claims().items()
    ]
    return render("evidence", rows=rows)


@router.get("/evidence/{name}")
def show_claim(request: Request, name: str) -> HTMLResponse:
    """One claim."""
    return _claim(request, name)


@router.post("/evidence/{name}/run")
async def run_claim(request: Request, name: str) -> Response:
    """Run a claim's experiment."""
    if name not in evidence.claims():
        raise HTTPException(404)
    try:
        form = await read_form(request)
        check_token(request, form)
        await run_in_threadpool(request.app.state.trials.start, name)
    except VenolymphError as error:
        return _claim(request, name, error)
    return RedirectResponse(f"/evidence/{name}", status_code=303)


def _claim(request: Request, name: str, error: VenolymphError | None = None) -> HTMLResponse:
    if name not in evidence.claims():
        raise HTTPException(404)
    one, cited = evidence.claim(name), evidence.references()
    studies = {
        side: [(study, str(cited[study.reference])) for study in one.studies if study.side == side] for side in SIDES
    }
    found = request.app.state.trials.state(name)
    shown = [] if found.trial is None else [
        (each.comparison, evidence.difference_text(each), each.outcome, evidence.telling_text(each))
        for each in found.trial.compared
    ]  # fmt: skip
    return render(
        "claim", status=400 if error else 200, error=error, name=name, one=one, studies=studies, nothing=one.nothing,
        in_the_model=_in_the_model(one), found=found, shown=shown, can=one.tested,
        sums=() if found.trial is None else found.trial.sums, token=request.app.state.token,
    )  # fmt: skip


def _in_the_model(one: evidence.Claim) -> str:
    said = words().evidence
    return said.can if one.tested else said.cannot
