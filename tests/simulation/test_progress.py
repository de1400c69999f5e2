"""How long the rest takes is told from the work done since compiling, and by how much there is to compute."""

from __future__ import annotations

import sys
import types
from typing import Any

import numpy as np
import pytest

import venolymph as vl
from venolymph.simulation.progress import Shown, in_notebook, shown

REGIMEN = [{"lie": {"for": "60 s"}}, {"stand": {"for": "10 s"}}, {"walk": {"speed": "3 km/h", "for": "6 s"}}]


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_compiling_does_not_count_as_progress(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    shown = Shown("healthy: walk", clock=clock)
    clock.now = 24.0  # compiled, and the first call done
    shown(5.0, 250.0, "lying")
    assert capsys.readouterr().err == ""  # nothing is known yet
    clock.now = 24.2
    shown(7.0, 250.0, "lying")
    assert capsys.readouterr().err == ""  # too little
    clock.now = 25.0
    shown(29.5, 250.0, "standing")
    assert capsys.readouterr().err == "healthy: walk: 30 s of 4 min 10 s simulated (standing), about 9 s left\n"
    clock.now = 26.0
    shown(54.0, 250.0, "standing")
    assert capsys.readouterr().err == ""  # a line now and then
    clock.now = 36.0
    shown(240.0, 250.0, "walk")
    assert capsys.readouterr().err.endswith("(walk), about 1 s left\n")


def test_the_share_of_the_work_decides_where_it_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    shown = Shown("healthy", clock=clock)
    clock.now = 20.0
    shown(100.0, 250.0, "standing", 0.1)
    clock.now = 30.0
    shown(200.0, 250.0, "standing", 0.2)  # what follows takes short steps
    assert capsys.readouterr().err == "healthy: 3 min 20 s of 4 min 10 s simulated (standing), about 1 min 20 s left\n"


def test_other_things_than_seconds_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    shown = Shown("validate", "protocols", clock=clock)
    shown(0, 4, "lying")
    clock.now = 30.0
    shown(1, 4, "walking")
    assert capsys.readouterr().err == "validate: 1 of 4 protocols (walking), about 1 min 30 s left\n"


def test_a_first_piece_that_compiles_is_soon_forgotten(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    shown = Shown("cohort", "people", clock=clock)
    shown(0, 1000, "walking")
    for done, clock.now in ((100, 400.0), (200, 500.0), (300, 600.0)):
        shown(done, 1000, "walking")
    told = [line.partition("about ")[2] for line in capsys.readouterr().err.splitlines()]
    assert told == ["1 h left", "13 min 20 s left", "11 min 40 s left"]


class Kept(Shown):
    def __init__(self) -> None:
        super().__init__("kept")
        self.calls: list[tuple[float, float, str, float]] = []

    def __call__(self, done: float, total: float, label: str = "", share: float | None = None) -> None:
        assert share is not None
        self.calls.append((done, total, label, share))


def test_walking_is_more_work_than_lying() -> None:
    kept = Kept()
    vl.simulate("healthy", REGIMEN, progress=kept)
    shares = [share for *_, share in kept.calls]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    done, total, _, share = next(call for call in kept.calls if call[2].startswith("walk"))
    assert done / total > 0.9  # of the seconds
    assert share < 0.7  # of the work
    assert total == pytest.approx(kept.calls[-1][0])


def test_a_function_of_ones_own_is_told_three_things() -> None:
    calls = []
    vl.simulate("healthy", REGIMEN[:1], progress=lambda done, total, label: calls.append((done, total, label)))
    assert calls[-1] == (60.0, 60.0, "lying")


def test_true_shows_it_on_standard_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    monkeypatch.setattr("venolymph.simulation.progress.PATIENCE", 0.0)
    monkeypatch.setattr("venolymph.simulation.progress.ENOUGH", 0.0)
    vl.simulate("healthy", REGIMEN[:1], progress=True, out=tmp_path / "run")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("healthy: a regimen: ")
    assert "of 1 min simulated (lying), about 0 s left\n" in captured.err
    assert "1 min of 1 min" not in captured.err  # then it is done


def test_a_run_is_watched_as_it_is_computed() -> None:
    """What is shown meanwhile are the first samples of what comes out, and watching changes nothing."""
    seen: list[Any] = []
    ends: list[int] = []

    def watch(as_far: Any, done: bool) -> None:
        seen.append(as_far())
        ends.extend([len(seen[-1].time)] if done else [])

    watched = vl.simulate("healthy", REGIMEN, tissue=True, watch=watch)
    plain = vl.simulate("healthy", REGIMEN, tissue=True)
    np.testing.assert_array_equal(watched.pressure, plain.pressure)
    counts = [len(one.time) for one in seen]
    assert counts == sorted(set(counts))
    assert counts[-1] == len(plain.time)
    assert ends == list(np.cumsum([phase.samples for phase in plain.phases])), "who watches is told of ends of phases"
    assert len(seen) > len(plain.phases), "several times in a phase"
    for one in seen:
        assert not one.complete
        rows = slice(len(one.time))
        for name in ("time", "pressure", "mean_flow", "valve", "height"):
            np.testing.assert_array_equal(getattr(one, name), getattr(plain, name)[rows])
        if any(record.exchanges for record in one.records):
            found = one.exchange("exchange_time")
            np.testing.assert_array_equal(found, plain.exchange("exchange_time")[: len(found)])


def test_a_notebook_gets_a_bar(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    class ZMQInteractiveShell:
        """Named as the shell of a notebook's kernel is."""

    kernel = types.ModuleType("IPython")
    monkeypatch.setattr(kernel, "get_ipython", ZMQInteractiveShell, raising=False)
    assert not in_notebook()
    monkeypatch.setitem(sys.modules, "IPython", kernel)
    assert in_notebook()
    with shown("healthy: walk") as bar:
        bar(50.0, 250.0, "standing")
        bar(250.0, 250.0, "walk")
    told = capsys.readouterr().err
    assert "healthy: walk" in told
    assert "50 s of 4 min 10 s simulated, standing" in told
