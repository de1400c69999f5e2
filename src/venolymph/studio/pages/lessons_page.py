"""The pages of lessons, and the recordings that come with the program."""

from __future__ import annotations

from importlib import resources
from typing import Literal

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse, Response

from venolymph.lessons import lessons, recordings
from venolymph.studio.pages.assets_page import import_map
from venolymph.studio.pages.rendering import render
from venolymph.studio.wording import words
from venolymph.viewer.modules import styles

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
        "recordings": [[f"/recordings/{one}.head", f"/recordings/{one}.frames"] for one in lesson.recordings],
        "names": list(lesson.names),
        "title": lesson.lesson,
        "steps": [
            {"say": step.say, "until": step.until, "from": step.show.seen_from, "state": step.state()}
            for step in lesson.steps
        ],
        "words": {"back": said.back, "next": said.next, "again": said.again, "where": said.where},
    }
    return render("lesson", lesson=lesson, shown=shown, import_map=import_map(), styles=styles())


@router.get("/recordings/{name}.{part}")
def show_recording(name: str, part: Literal["head", "frames"]) -> Response:
    """Head or frames of a packaged recording, compressed."""
    if name not in recordings():
        raise HTTPException(404)
    file = resources.files("venolymph.lessons").joinpath("recordings", f"{name}.{part}.gz")
    return Response(file.read_bytes(), media_type="application/octet-stream", headers={"Content-Encoding": "gzip"})
