"""The page of readings over weeks: girths as a file or typed, volumes and changes beside the error of measuring."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from venolymph import following
from venolymph.documents import parse
from venolymph.errors import DocumentError
from venolymph.studio.pages.rendering import render
from venolymph.studio.pages.sending import SentForm, read_form
from venolymph.studio.wording import words

router = APIRouter()


@router.get("/follow")
def show_beginning() -> HTMLResponse:
    """The page where readings are given."""
    return _page()


@router.post("/follow")
async def show_readings(request: Request) -> Response:
    """What readings say; as a page to print, as CSV, or both beside the form."""
    form = SentForm({})
    try:
        form = await read_form(request)
        found = following.follow(_readings(form))
    except DocumentError as error:
        return _page(form, error)
    if form.one("as") == "page":
        return HTMLResponse(following.page(found))
    if form.one("as") == "csv":
        headers = {"Content-Disposition": 'attachment; filename="volumes.csv"'}
        return Response(following.as_csv(found), media_type="text/csv", headers=headers)
    return _page(form, sheet=following.page(found))


def _page(form: SentForm | None = None, error: DocumentError | None = None, sheet: str = "") -> HTMLResponse:
    sent = form or SentForm({})
    return render(
        "follow", status=400 if error else 200, error=error, sheet=sheet,
        sent={"readings": _text(sent), "start": sent.one("start"), "label": sent.one("label")},
    )  # fmt: skip


def _text(form: SentForm) -> str:
    """The readings: a file where there is one, else what was typed."""
    files = form.all("readings.file")
    return form.fields["readings"][-1] if files else form.one("readings")


def _readings(form: SentForm) -> following.Readings:
    text = _text(form)
    if not text.strip():
        raise DocumentError("there are no readings", hint="choose a file, or type a table", place="readings")
    name = form.one("readings.file").lower()
    if name.endswith((".yaml", ".yml", ".json")) or text.lstrip().startswith(("kind:", "{")):
        return following.load_readings(parse(text, "readings")[0])
    given: dict[str, Any] = {key: form.one(key) or None for key in ("start", "label")}
    with tempfile.TemporaryDirectory() as folder:  # a table is read from a file, and messages name that file
        path = Path(folder) / "readings.csv"
        path.write_text(text, encoding="utf-8")
        try:
            return following.load_readings(path, **given)
        except DocumentError as error:
            place = (error.place or "").replace(str(path), words().follow.title)
            raise DocumentError(error.message, hint=error.hint, place=place) from None
