"""The pages where one chooses a person and a regimen, turns knobs, runs, and watches."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from venolymph.body.make import Part
from venolymph.body.person import Person, load_person, packaged_people
from venolymph.documents import without_files
from venolymph.errors import DocumentError, SimulationError, VenolymphError
from venolymph.massage import packaged_sessions
from venolymph.numbers import span
from venolymph.regimen import Regimen, load_regimen, packaged_regimens
from venolymph.studio.asking import asked_of
from venolymph.studio.knobs import knobs, turned
from venolymph.studio.knobs.knob import walk
from venolymph.studio.pages.assets_page import viewer_head
from venolymph.studio.pages.rendering import render
from venolymph.studio.pages.sending import SentForm, check_token, read_form
from venolymph.studio.problems import NoSuchRunError
from venolymph.viewer.page import POLICY

router = APIRouter()

FIRST: Mapping[Part, tuple[str, str]] = {
    "leg": ("mild-varicose", "posture-and-walk"),
    "face": ("puffy-morning", "facial-after-a-night"),
}
"""Person and regimen that are chosen before anybody chose, by part of the body."""
LONG = 2 * 3600.0
"""A regimen longer than this is known by its posture, s."""


@router.get("/run")
def show_choice(request: Request, part: str = "", person: str = "", regimen: str = "") -> HTMLResponse:
    """Cards of people and regimens of a part of the body, and the knobs of those chosen."""
    chosen: Part = "face" if "face" in (part, regimen and _part_of(regimen)) else "leg"
    first = FIRST[chosen]
    return _choice(request, person or first[0], regimen or first[1])


@router.post("/run")
async def start_run(request: Request) -> Response:
    """Run a person through a regimen with knobs turned."""
    form = SentForm({})
    try:
        form = await read_form(request)
        check_token(request, form)
        asked = await run_in_threadpool(_asked, form)
        job = await run_in_threadpool(request.app.state.studio.queue.submit, asked)
    except SimulationError as error:  # its hint is for research, and is no way out here
        return _choice(request, form.one("person"), form.one("regimen"), SimulationError(error.message), form)
    except VenolymphError as error:
        return _choice(request, form.one("person"), form.one("regimen"), error, form)
    return RedirectResponse(f"/runs/{job.name}", status_code=303)


@cache
def _people(part: Part) -> dict[str, Person]:
    """Packaged people by the part of the body that is looked at in them."""
    known = {name: load_person(name) for name in packaged_people()}
    return {name: person for name, person in known.items() if (person.face is not None) == (part == "face")}


@cache
def _regimens(part: Part) -> list[str]:
    """Packaged regimens and sessions on a part of the body."""
    names = (*packaged_regimens(), *packaged_sessions())
    return [name for name in names if load_regimen(name).on_face == (part == "face")]


def _part_of(regimen: str) -> Part:
    """The part of the body that a regimen of the cards is done on; the leg where there is none of that name."""
    return "face" if regimen in _regimens("face") else "leg"


def _named(person: str, regimen: str) -> tuple[Person, Regimen]:
    """Packaged documents, and no others: pages name none of their own."""
    part = _part_of(regimen)
    if person not in _people(part):
        raise DocumentError(f"there is no person {person!r}", hint=f"there are {', '.join(_people(part))}")
    if regimen not in _regimens(part):
        raise DocumentError(f"there is no regimen {regimen!r}", hint="choose one of the cards")
    with without_files():
        return load_person(person), load_regimen(regimen)


def _asked(form: SentForm) -> dict[str, Any]:
    person, regimen = _named(form.one("person"), form.one("regimen"))
    settings: dict[str, float | str] = {}
    for name, setting in knobs(person, regimen).items():
        said = form.one(f"knob.{name}")
        if not said:
            continue
        try:
            settings[name] = said if setting.knob.choices else float(said.replace(",", "."))
        except ValueError:
            raise DocumentError(f"{setting.knob.title} is {said!r}", hint="write a number") from None
    who, what, _ = turned(person, regimen, settings)
    return asked_of(who, what, "both" if form.one("legs") == "both" else "one")


def _choice(
    request: Request, person: str, regimen: str, error: VenolymphError | None = None, form: SentForm | None = None
) -> HTMLResponse:
    try:
        who, what = _named(person, regimen)
    except DocumentError as wrong:
        error, (person, regimen) = error or wrong, FIRST[_part_of(regimen)]
        who, what = _named(person, regimen)
    part = _part_of(regimen)
    sent = form or SentForm({})
    settings = knobs(who, what)
    return render(
        "run", status=400 if error else 200, error=error, person=person, regimen=regimen, token=request.app.state.token,
        part=part, people=list(_people(part).items()), regimens=[_card(name) for name in _regimens(part)],
        knobs=[(name, one, sent.one(f"knob.{name}") or one.value) for name, one in settings.items()],
        lasts=span(what.lasts), both=sent.one("legs") == "both",
    )  # fmt: skip


@cache
def _card(name: str) -> dict[str, Any]:
    regimen = load_regimen(name)
    return {"name": name, "title": regimen.regimen, "lasts": span(regimen.lasts), "picture": _picture(regimen)}


def _picture(regimen: Regimen) -> str:
    """What is most telling of a regimen: of a long one the posture, of a short one what is done in it."""
    words = {word for word, _ in walk(regimen.document()["steps"])}
    done = ("massage", "run", "tiptoes", "cycle", "cuff", "valsalva", "tilt", "walk")
    held = ("sit", "stand", "raise_legs")
    telling = (*held, *done) if regimen.lasts > LONG and "massage" not in words else (*done, *held)
    return next((word for word in telling if word in words), "lie")


@router.get("/runs")
def show_runs(request: Request) -> HTMLResponse:
    """All runs, newest first; two of them can be set side by side."""
    studio = request.app.state.studio
    names = [job.name for job in studio.queue.jobs() if job.state in ("queued", "running")]
    names += [name for name in studio.shelf.ids() if name not in names]
    return render("runs", runs=[studio.told(name) for name in names], token=request.app.state.token)


@router.get("/runs/{name}")
def show_run(request: Request, name: str) -> HTMLResponse:
    """A run: the moving leg, while it is computed and after."""
    return _watch(request, [name])


@router.get("/runs/{name}/report.html")
def show_report(request: Request, name: str) -> HTMLResponse:
    """The report of a run. It is a page of its own: its scripts run, and reach nothing of this server."""
    try:
        page = request.app.state.studio.shelf.report(name)
    except NoSuchRunError:
        page = None
    if page is None:
        raise HTTPException(404)
    policy = f"sandbox allow-scripts allow-modals; frame-ancestors 'none'; {POLICY}"
    return HTMLResponse(page.read_bytes(), headers={"Content-Security-Policy": policy})


@router.get("/side-by-side")
def show_side_by_side(request: Request) -> HTMLResponse:
    """Two runs beside each other."""
    return _watch(request, request.query_params.getlist("run")[:2])


def _watch(request: Request, names: list[str]) -> HTMLResponse:
    studio = request.app.state.studio
    if not names:
        raise HTTPException(404)
    for name in names:
        try:
            studio.shelf.path(name)
        except NoSuchRunError:
            raise HTTPException(404) from None
    told = [studio.told(name) for name in names]
    title = " and ".join(dict.fromkeys(one["title"] for one in told))
    shown = {"runs": names, "names": [one["title"] for one in told], "token": request.app.state.token}
    return render("watch", title=title, told=told, shown=shown, **viewer_head())


@router.get("/cards/{name}.png")
def show_card(name: str) -> Response:
    """The picture of a person."""
    if name not in packaged_people():
        raise HTTPException(404)
    picture = resources.files("venolymph.studio.pages").joinpath("cards", f"{name}.png").read_bytes()
    return Response(picture, media_type="image/png", headers={"Cache-Control": "max-age=3600"})
