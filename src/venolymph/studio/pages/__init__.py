"""Pages of the studio that are plain HTML: screening, plan, readings over weeks, claims.

They need no script, keep nothing on the server, and store nothing unless somebody saves it. What a page has to remember
from one answer to the next travels with the form.
"""

from __future__ import annotations

from fastapi import APIRouter

from venolymph.studio.pages import evidence_page, following_page, plan_page, rendering, screening_page

router = APIRouter()
for _page in (rendering, screening_page, plan_page, following_page, evidence_page):
    router.include_router(_page.router)

__all__ = ["router"]
