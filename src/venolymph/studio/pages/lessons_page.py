"""The pages of lessons."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse

from venolymph.lessons import lessons
from venolymph.studio.pages.assets_page import viewer_head
from venolymph.studio.pages.home_page import addresses
from venolymph.studio.pages.rendering import render
from venolymph.studio.wording import words

router = APIRouter()


@router.get("/lessons")
def show_lessons() -> HTMLResponse:
    """All lessons."""
    return render("lessons", lessons=lessons())


@router.get("/lessons/{name}")
def show_lesson(name: str) -> HTMLResponse:
    """One lesson: its captions beside the moving leg."""
    if name not in lessons():
        raise HTTPException(404)
    lesson, said = lessons()[name], words().lessons
    shown = {
        "recordings": addresses(lesson.recordings),
        "names": list(lesson.names),
        "title": lesson.lesson,
        "steps": [
            {"say": step.say, "until": step.until, "from": step.show.seen_from, "state": step.state()}
            for step in lesson.steps
        ],
        "words": {"back": said.back, "next": said.next, "again": said.again, "where": said.where},
    }
    return render("lesson", lesson=lesson, shown=shown, **viewer_head(shown["recordings"]))
