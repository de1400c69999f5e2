"""Pages of the studio: screening, plan, readings over weeks and claims as plain HTML, and lessons with the moving leg.

They keep nothing on the server, and store nothing unless somebody saves it. What a page has to remember from one answer
to the next travels with the form.
"""

from __future__ import annotations

from fastapi import APIRouter

from venolymph.studio.pages import (
    assets_page,
    evidence_page,
    following_page,
    lessons_page,
    plan_page,
    rendering,
    run_page,
    screening_page,
)

router = APIRouter()
"""All pages."""
for _page in (rendering, run_page, assets_page, screening_page, plan_page, following_page, evidence_page, lessons_page):
    router.include_router(_page.router)

__all__ = ["router"]
