"""What is new in a run goes to a page at once and by itself: nothing that was sent before is read or sent again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import venolymph as vl
from venolymph.simulation import Run
from venolymph.studio import api, worker
from venolymph.studio.pieces import PiecePacker
from venolymph.viewer import record, unpack

STEPS: list[Any] = [{"stand": {"for": "25 s"}}, {"walk": {"speed": "3 km/h", "for": "45 s"}}]


def test_pieces_of_a_run_are_what_is_new_and_together_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    packer, files = PiecePacker(), []
    rows, read, sent = Run.rows, [], [0]

    def reading(run: Run, name: str, numbers: np.ndarray) -> np.ndarray:
        read.append(numbers[0] if len(numbers) else len(run.time))
        return rows(run, name, numbers)

    def watch(as_far: Callable[[], Any], done: bool) -> None:
        run = as_far()
        read.clear()
        files.extend(unpack(one) for one in packer.pack(run))
        assert min(read, default=sent[0]) == sent[0], "what was sent is not looked at again"
        sent[0] = len(run.time) if read else sent[0]

    monkeypatch.setattr(Run, "rows", reading)
    run = vl.simulate("healthy", STEPS, tissue=True, watch=watch)
    watch(lambda: run, True)  # which has a last record of tissue and lymph
    whole = record(run, every=1)
    head, *frames = files
    assert head.header["kind"] == "head"
    assert len(frames) > 3
    for clock, first in (("time", "first"), ("time.exchange", "first_record")):
        counts = [len(one.arrays[clock]) for one in frames]
        assert [one.header[first] for one in frames] == [0, *np.cumsum(counts)[:-1]]
    for name, what in whole.head["quantities"].items():
        if name == "transmural":  # what tissue adds to it lies on a line to a record that is still to come
            continue
        found = np.concatenate([one.arrays[name] for one in frames])
        np.testing.assert_allclose(found, whole.series[name], atol=what["step"], err_msg=name)
    posed = np.concatenate([one.arrays["time.pose"] for one in frames])
    assert (np.diff(posed) > 0.0).all()
    kept = np.isin(whole.times["pose"], posed)
    assert kept[whole.times["pose"] <= whole.times["samples"][-1]].all(), "legs walk on between pieces too"
    ends = np.array([phase.start + phase.duration for phase in run.phases])
    left = ends[np.searchsorted(ends, posed - 1e-6).clip(max=len(ends) - 1)] - posed
    sure = left > 0.5  # later, legs come to rest where the next phase, in which they walk on, is not known yet
    pose = np.concatenate([one.arrays["pose"] for one in frames])
    np.testing.assert_allclose(pose[sure], whole.pose[kept][sure], atol=0.02)
    assert sure.mean() > 0.8


def test_a_phase_that_ends_is_shown_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes next may be compiled first, so that what is there cannot wait for it."""
    monkeypatch.setattr(worker.time, "monotonic", lambda: 1000.0)
    sent: list[Any] = []
    connection: Any = type("Sent", (), {"send": lambda self, message: sent.append(message)})()
    shown = worker._Shown(connection)
    monkeypatch.setattr(shown, "_packer", type("Packs", (), {"pack": lambda self, run: [run]})())
    for run, done in (("first", False), ("within a moment", False), ("end of the phase", True)):
        shown(lambda run=run: run, done)
    assert sent == [("piece", "first"), ("piece", "end of the phase")]


def test_a_piece_goes_out_when_it_is_there_and_not_when_somebody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "_LOOK", 1e6)  # nobody ever does
    events: list[str] = []

    class Page:
        """Somebody who reads, and who goes after three pieces."""

        def __init__(self) -> None:
            self.got = asyncio.Event()

        async def send_bytes(self, piece: bytes) -> None:
            events.append(f"got {piece.decode()}")
            self.got.set()

        async def send_text(self, text: str) -> None:
            events.append("state")

        async def receive(self) -> Any:
            while "got 2" not in events:
                await asyncio.sleep(0)
            return {"type": "websocket.disconnect"}

    live: Any = type("Live", (), {"is_due": lambda self: False, "pieces": [], "ended": False, "listeners": set()})()

    async def computing() -> None:
        page: Any = Page()
        stream = asyncio.create_task(api._stream(page, live, lambda: {"state": "running"}))
        while "state" not in events:
            await asyncio.sleep(0.001)
        for number in range(3):
            events.append(f"computed {number}")
            live.pieces.append(str(number).encode())
            for listener in tuple(live.listeners):
                listener()
            await page.got.wait()
            page.got.clear()
        await stream

    asyncio.run(asyncio.wait_for(computing(), 60.0))
    assert events == ["state", *(f"{what} {number}" for number in range(3) for what in ("computed", "got"))]
    assert not live.listeners
