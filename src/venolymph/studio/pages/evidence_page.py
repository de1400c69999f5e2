"""The pages of claims: what people say, what is known, what the model shows."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse

from venolymph import evidence
from venolymph.evidence.claim import SIDES
from venolymph.studio.pages.rendering import render
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
def show_claim(name: str) -> HTMLResponse:
    """One claim."""
    if name not in evidence.claims():
        raise HTTPException(404)
    one, cited = evidence.claim(name), evidence.references()
    studies = {
        side: [(study, str(cited[study.reference])) for study in one.studies if study.side == side] for side in SIDES
    }
    return render("claim", name=name, one=one, studies=studies, nothing=one.nothing, in_the_model=_in_the_model(one))


def _in_the_model(one: evidence.Claim) -> str:
    said = words().evidence
    if one.experiment is None:
        return said.cannot
    return f"{said.not_yet}: {', '.join(one.experiment.missing)}" if one.experiment.missing else said.can
