"""All pages as one router."""

from __future__ import annotations

from fastapi import APIRouter

from venolymph.studio.pages import (
    evidence_page,
    following_page,
    home_page,
    lessons_page,
    plan_page,
    run_page,
    screening_page,
)

router = APIRouter(routes=home_page.routes)
"""All pages."""
for _page in (run_page, screening_page, plan_page, following_page, evidence_page, lessons_page):
    router.include_router(_page.router)
