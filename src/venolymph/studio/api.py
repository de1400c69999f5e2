"""What pages ask the server for: people, regimens and runs in JSON, packed recordings, and a run as it is computed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from venolymph import compression
from venolymph.body import load_person, packaged_people
from venolymph.errors import DocumentError
from venolymph.massage.session import load_session, packaged_sessions
from venolymph.regimen import Regimen, load_regimen, packaged_regimens
from venolymph.studio.asking import AskedRun, read_asked
from venolymph.studio.problems import DESCRIBED, NoSuchRunError
from venolymph.studio.queue import Job, RunQueue
from venolymph.studio.shelf import RunShelf
from venolymph.studio.showing import LiveRun, QueuedRun, RunReader

MOST_STREAMS = 256
"""Pages that watch runs at once."""
PATIENCE = 20.0
"""How long a page may take to read a piece, s."""
OVER = ("stopped", "failed", "incomplete")
"""States from which a run does not go on by itself."""
_LOOK = 0.1
_LIVE = 8
"""Runs whose pieces are kept at once."""
Name = Annotated[str, Query(min_length=1, max_length=100)]
Member = Annotated[int, Query(ge=0, le=100, description="number of the member")]
Time = Annotated[float, Query(ge=0.0, le=1e9, allow_inf_nan=False, description="s from the run's start")]
Every = Annotated[int | None, Query(ge=1, le=1_000_000, description="which samples are sent; left out: some of all")]


class PackedResponse(Response):
    """A packed recording (`viewer.packing`), or a part of one."""

    media_type = "application/octet-stream"


class Studio:
    """What the server has: runs, the queue that makes them, and recordings of them.

    Args:
        shelf: where runs are.
    """

    def __init__(self, shelf: RunShelf) -> None:
        self.shelf = shelf
        self.queue = RunQueue(shelf)
        self.reader = RunReader(shelf)
        self.streams = 0
        self._live: dict[tuple[str, int], LiveRun] = {}

    def live(self, name: str, member: int) -> LiveRun | QueuedRun:
        """The pieces of a run, which all who watch it share."""
        self.shelf.path(name)
        job = self.queue.job(name)
        if job is not None and member == 0 and job.state in ("queued", "running"):
            return QueuedRun(job)
        ended = [key for key, one in self._live.items() if one.ended]
        for key in ended[: max(0, len(self._live) - _LIVE + 1)]:
            del self._live[key]
        return self._live.setdefault((name, member), LiveRun(self.reader, name, member))

    def told(self, name: str) -> dict[str, Any]:
        """How far a run is, for JSON."""
        description, job = self.shelf.description(name), self.queue.job(name)
        found: dict[str, Any] = {"id": name, "title": name, "state": "incomplete", "progress": None, "error": None}
        found |= {"phases_done": 0, "phases": None, "members": [], "can_go_on": False}
        if description is not None:
            found["phases_done"] = len(description["phases"])
            found["phases"] = description["settings"].get("phases")
            found["members"] = list(description["names"].get("member", ()))
            if description["complete"]:
                found["state"] = "complete"
        if job is not None:
            found |= _of_job(job)
            waiting = [one.name for one in self.queue.jobs() if one.state == "queued"]
            found["waits_for"] = waiting.index(name) if name in waiting else None
        elif found["state"] == "incomplete" and self.shelf.is_written(name):
            found["state"] = "running elsewhere"
        return found


def _of_job(job: Job) -> dict[str, Any]:
    state = job.state  # not the folder's, which is complete before the last frames are packed
    return {
        "title": job.asked["title"],
        "when": job.asked["when"],
        "legs": job.asked["legs"],
        "state": "stopping" if job.stopping and state == "running" else state,
        "progress": dict(job.progress) if state == "running" else None,
        "error": job.error,
        "can_go_on": state in ("stopped", "failed"),
    }


def make_router(studio: Studio) -> APIRouter:
    """The addresses of the API.

    Args:
        studio: what the server has.
    """
    router = APIRouter(prefix="/api", responses={"4XX": DESCRIBED})
    _offer_documents(router)
    _offer_runs(router, studio)
    _offer_recordings(router, studio)
    return router


def _offer_documents(router: APIRouter) -> None:
    @router.get("/people")
    def list_people() -> list[dict[str, Any]]:
        """Packaged people."""
        people = {name: load_person(name) for name in packaged_people()}
        return [{"name": name, "label": one.label, "document": one.document()} for name, one in people.items()]

    @router.get("/regimens")
    def list_regimens() -> list[dict[str, Any]]:
        """Everything that is a regimen by its name: packaged regimens, sessions of massage, garments."""
        found = [_described(name, "regimen", load_regimen(name)) for name in packaged_regimens()]
        for name in packaged_sessions():
            purpose = load_session(name).purpose
            found.append(_described(name, "session", load_regimen(name)) | {"purpose": purpose})
        return found + [_described(name, "garment", load_regimen(name)) for name in compression.packaged_garments()]


def _described(name: str, kind: str, regimen: Regimen) -> dict[str, Any]:
    found = {"name": name, "kind": kind, "title": regimen.regimen, "lasts": regimen.lasts}
    return found | {"measures": list(regimen.measures), "document": regimen.document()}


def _offer_runs(router: APIRouter, studio: Studio) -> None:
    @router.get("/runs")
    def list_runs() -> list[dict[str, Any]]:
        """All runs: those that wait or run first, then the newest."""
        names = [job.name for job in studio.queue.jobs() if job.state in ("queued", "running")]
        names += [name for name in studio.shelf.ids() if name not in names]
        others = [job.name for job in studio.queue.jobs() if job.name not in names]
        return [studio.told(name) for name in (*names, *others)]

    asked = {"required": True, "content": {"application/json": {"schema": AskedRun.model_json_schema()}}}

    @router.post("/runs", status_code=202, openapi_extra={"requestBody": asked})
    async def ask_for_run(request: Request) -> JSONResponse:
        """Ask for a run."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise DocumentError("what was sent does not say that it is JSON", hint="Content-Type: application/json")
        content = await request.body()
        job = await run_in_threadpool(lambda: studio.queue.submit(read_asked(content)))
        told = await run_in_threadpool(studio.told, job.name)
        return JSONResponse(told, 202, headers={"Location": f"/api/runs/{job.name}"})

    @router.get("/runs/{name}")
    def tell_run(name: str) -> dict[str, Any]:
        """How far a run is."""
        studio.shelf.path(name)
        return studio.told(name)

    @router.get("/runs/{name}/report")
    def tell_report(name: str) -> dict[str, Any]:
        """Whether the report of a run is there (`/runs/ID/report.html`) or still to come, and what happened."""
        ready, job = studio.shelf.report(name) is not None, studio.queue.job(name)
        comes = not ready and job is not None and job.state == "complete"
        return {"ready": ready, "comes": comes, "sentences": studio.shelf.sentences(name) if ready else []}

    @router.delete("/runs/{name}", status_code=202)
    def stop_run(name: str) -> dict[str, Any]:
        """Stop a run, or take it out of the queue; what it did is kept."""
        studio.shelf.path(name)
        studio.queue.stop(name)
        return studio.told(name)

    @router.post("/runs/{name}/resume", status_code=202)
    def go_on_with_run(name: str) -> dict[str, Any]:
        """Go on with a run that was stopped or failed."""
        studio.shelf.path(name)
        studio.queue.go_on(name)
        return studio.told(name)


def _offer_recordings(router: APIRouter, studio: Studio) -> None:
    @router.get("/runs/{name}/head", response_class=PackedResponse)
    def show_head(name: str, member: Member = 0) -> PackedResponse:
        """What is known of a run before its first frame, packed."""
        return PackedResponse(studio.reader.head(name, member))

    @router.get("/runs/{name}/frames", response_class=PackedResponse)
    def show_frames(
        name: str, from_: Annotated[float, Query(alias="from", ge=0.0, le=1e9, allow_inf_nan=False)] = 0.0,
        to: Time = 1e9, every: Every = None, member: Member = 0,
    ) -> PackedResponse:  # fmt: skip
        """Frames of a run between two times, packed."""
        return PackedResponse(studio.reader.frames(name, member, (from_, to), every))

    @router.websocket("/runs/{name}/live")
    async def watch(websocket: WebSocket, name: str, member: int = 0) -> None:
        """A run as it is computed: how far it is as text (JSON), its head and frames as binary messages."""
        if studio.streams >= MOST_STREAMS:
            await websocket.close(1013, "too many watch")
            return
        try:
            studio.shelf.path(name)
        except NoSuchRunError:
            await websocket.close(1008, "there is no such run")
            return
        studio.streams += 1
        try:
            await websocket.accept()
            await _stream(websocket, studio.live(name, member), lambda: studio.told(name))
        finally:
            studio.streams -= 1


async def _stream(websocket: WebSocket, live: LiveRun | QueuedRun, told: Callable[[], dict[str, Any]]) -> None:
    """Send a run to a page until it ended, the page goes, or it does not read any more."""
    loop, news = asyncio.get_running_loop(), asyncio.Event()
    gone = asyncio.create_task(_until_gone(websocket, news))
    sent, said, due = 0, "", loop.time()

    def listener() -> None:
        with suppress(RuntimeError):  # the server ends at this moment
            loop.call_soon_threadsafe(news.set)

    async def send_new() -> None:
        nonlocal sent
        for piece in live.pieces[sent:]:
            await asyncio.wait_for(websocket.send_bytes(piece), PATIENCE)
            sent += 1

    live.listeners.add(listener)
    try:
        while not gone.done():
            news.clear()
            if live.is_due():
                await run_in_threadpool(live.look)
            await send_new()
            if live.ended or loop.time() >= due:
                state, due = await run_in_threadpool(told), loop.time() + _LOOK
                await send_new()  # before the state, so that `complete` means that all are there
                if (text := json.dumps(state)) != said:
                    await asyncio.wait_for(websocket.send_text(text), PATIENCE)
                    said = text
                over = live.ended or state["state"] in OVER
                if over and sent == len(live.pieces):
                    await asyncio.wait_for(websocket.close(1000), PATIENCE)
                    return
            with suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), _LOOK)
    except (TimeoutError, WebSocketDisconnect, RuntimeError):  # it reads no more, or has gone in the middle of a piece
        return
    finally:
        live.listeners.discard(listener)
        gone.cancel()


async def _until_gone(websocket: WebSocket, news: asyncio.Event) -> None:
    """Read what a page sends, which is nothing of use, until it goes, and then say so."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass
    news.set()
