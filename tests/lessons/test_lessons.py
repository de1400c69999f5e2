"""Lessons say what their recordings show, and these are what the model of today gives."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import venolymph as vl
from venolymph.documents import write
from venolymph.errors import DocumentError
from venolymph.lessons import lessons, recording, recordings
from venolymph.lessons.lesson import load_lesson
from venolymph.viewer import unpack

ANKLE = "posterior tibial [2]"
CALF, THIGH = "great saphenous, calf [4]", "great saphenous, thigh [4]"
ONE = {
    "kind": "lesson", "version": 1, "lesson": "one", "order": 1, "about": "one",
    "recordings": ["healthy-moving"], "names": ["one"],
    "steps": [{"say": "Lying down.", "at": 1}, {"say": "Standing up.", "at": 60}],
}  # fmt: skip


class Shown:
    """A packaged recording, read by names and times."""

    def __init__(self, name: str) -> None:
        head, frames = (unpack(part) for part in recording(name))
        self.head, self.arrays = head.header, frames.arrays

    def mean(self, quantity: str, row: str, begin: float, end: float) -> float:
        """Mean of a row between two times, s."""
        what = self.head["quantities"][quantity]
        time = self.arrays["time" if what["clock"] == "samples" else "time.exchange"]
        inside = (time >= begin) & (time <= end)
        assert inside.any(), (quantity, begin, end)
        return float(self.arrays[quantity][inside][:, what["rows"].index(row)].mean())

    def flow(self, vein: str, begin: float, end: float) -> float:
        """Mean flow out of a part of a vein, mL/s."""
        one = next(one for one in self.head["vessels"] if one["name"] == vein)
        return self.mean("flow", self.head["quantities"]["flow"]["rows"][one["face"]], begin, end)

    def tissue(self, begin: float, end: float) -> float:
        """Mean tissue fluid of the leg, mL."""
        rows = self.head["quantities"]["tissue_volume"]["rows"]
        return sum(self.mean("tissue_volume", row, begin, end) for row in rows)


@cache
def shown(name: str) -> Shown:
    return Shown(name)


@pytest.mark.parametrize("name", list(lessons()))
def test_every_lesson_points_at_what_its_recordings_hold(name: str) -> None:
    lesson = lessons()[name]
    kinds = {"vein": "vessels", "node": "nodes", "tissue": "compartments", "valve": "valves"}
    quantities = {"valves": "opening", "reflux": "flow", "lymph": "lymph_pressure"}
    for one in map(shown, lesson.recordings):
        for step in lesson.steps:
            assert quantities.get(step.show.colour, step.show.colour) in one.head["quantities"]
            assert not step.show.lymph or "lymph_pressure" in one.head["quantities"]
            for trace in step.traces:
                kind, _, thing = trace.partition(":")
                assert thing in {part["name"] for part in one.head[kinds[kind]]}, trace


@pytest.mark.parametrize("name", list(recordings()))
def test_recordings_are_as_long_as_they_say(name: str) -> None:
    one = shown(name)
    assert one.head["duration"] == pytest.approx(recordings()[name].duration, abs=0.5)
    assert one.arrays["time"][-1] == pytest.approx(one.head["duration"], abs=1.0)
    assert one.head["sentences"]


@pytest.mark.slow
def test_a_recording_is_what_the_model_gives_today() -> None:
    what, one = recordings()["varicose-moving"], shown("varicose-moving")
    run = vl.simulate(what.person, what.regimen)
    for time in (50.0, 70.0, 140.0, 165.0, 280.0):
        frame = int(np.searchsorted(one.arrays["time"], time))
        sample = int(np.argmin(np.abs(np.asarray(run.time) - one.arrays["time"][frame])))
        names = one.head["quantities"]["pressure"]["rows"]
        rows = [run.topology.cells.index(name) for name in names]
        np.testing.assert_allclose(
            one.arrays["pressure"][frame], np.asarray(run.pressure)[sample, rows, 0], atol=0.1, rtol=2e-3,
            err_msg="python scripts/make_recordings.py makes the recordings anew",
        )  # fmt: skip


def test_why_veins_have_valves_is_seen() -> None:
    healthy = shown("healthy-moving")
    assert healthy.mean("pressure", ANKLE, 40.0, 58.0) < 15.0
    assert healthy.mean("pressure", ANKLE, 62.0, 66.0) < 30.0
    assert healthy.mean("pressure", ANKLE, 138.0, 148.0) > 75.0
    assert healthy.flow(THIGH, 61.0, 66.0) > -0.1
    assert healthy.mean("pressure", ANKLE, 162.0, 166.0) < 0.4 * healthy.mean("pressure", ANKLE, 138.0, 148.0)
    opened = [one for one in healthy.head["quantities"]["opening"]["rows"] if one.startswith("posterior tibial")]
    still, risen = (np.mean([healthy.mean("opening", one, *when) for one in opened]) for when in ((138, 148), (61, 66)))
    assert risen < 0.5 < still


def test_what_a_leak_does_is_seen() -> None:
    healthy, varicose = shown("healthy-moving"), shown("varicose-moving")
    assert varicose.flow(THIGH, 61.0, 70.0) < -1.5 < healthy.flow(THIGH, 61.0, 70.0)
    early = [one.mean("pressure", ANKLE, 73.0, 77.0) for one in (healthy, varicose)]
    assert early[1] > early[0] + 20.0
    full = [one.mean("pressure", ANKLE, 140.0, 148.0) for one in (healthy, varicose)]
    assert abs(full[0] - full[1]) < 6.0
    walking = [one.mean("pressure", ANKLE, 215.0, 235.0) for one in (healthy, varicose)]
    assert walking[1] > walking[0]
    assert varicose.flow(CALF, 190.0, 235.0) < -1.0
    assert varicose.flow("popliteal [2]", 190.0, 235.0) > 1.0
    assert varicose.mean("pressure", ANKLE, 249.0, 252.0) > 0.9 * full[1]
    assert healthy.mean("pressure", ANKLE, 249.0, 252.0) < 0.5 * full[0]


def test_what_a_stocking_does_is_seen() -> None:
    without, with_ = shown("varicose-moving"), shown("varicose-stocking")
    assert with_.mean("diameter", CALF, 140.0, 148.0) < without.mean("diameter", CALF, 140.0, 148.0)
    assert without.flow(THIGH, 160.5, 172.0) < 1.2 * with_.flow(THIGH, 160.5, 172.0) < 0.0
    assert with_.mean("pressure", ANKLE, 190.0, 235.0) > without.mean("pressure", ANKLE, 190.0, 235.0)
    assert with_.mean("transmural", ANKLE, 190.0, 235.0) < without.mean("transmural", ANKLE, 190.0, 235.0)


def test_what_a_hand_does_is_seen() -> None:
    raised, massaged = shown("varicose-raised"), shown("varicose-massage")
    begin = [one.tissue(560.0, 600.0) for one in (raised, massaged)]
    end = [one.tissue(3380.0, 3440.0) for one in (raised, massaged)]
    lost = [a - b for a, b in zip(begin, end, strict=True)]
    assert 1.3 < lost[1] / lost[0] < 1.8
    assert lost[1] < 0.04 * begin[1]  # below 100 mL in some two and a half litres
    late = [one.tissue(6900.0, 7000.0) for one in (raised, massaged)]
    assert 0.0 < late[0] - late[1] < lost[1] - lost[0] + 1.0


def test_lying_standing_walking_is_seen() -> None:
    healthy = shown("healthy-moving")
    assert healthy.mean("pressure", ANKLE, 200.0, 235.0) < 0.55 * healthy.mean("pressure", ANKLE, 140.0, 148.0)
    assert healthy.mean("diameter", THIGH, 140.0, 148.0) > 1.1 * healthy.mean("diameter", THIGH, 40.0, 58.0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"recordings": ["healthy-movin"]}, "did you mean 'healthy-moving'?"),
        (
            {"steps": [{"say": "Lying down.", "at": 1}, {"say": "Standing up.", "at": 900}]},
            "the recordings end at 285 s",
        ),
        ({"steps": [{"say": "Lying down.", "at": 9, "until": 3}, {"say": "Standing up.", "at": 9}]}, "a later time"),
        ({"steps": [{"say": "Lying down.", "at": 9, "show": {"color": "flow"}}]}, "did you mean"),
        ({"steps": []}, "steps"),
        ({"names": []}, "0 names for 1 recordings"),
    ],
)
def test_a_lesson_that_cannot_be_shown_is_refused(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(write(ONE | change), encoding="utf-8")
    with pytest.raises(DocumentError) as refused:
        load_lesson(file)
    assert said in str(refused.value)


def test_no_lesson_and_no_recording_of_that_name() -> None:
    with pytest.raises(DocumentError, match="there are no lessons in the language"):
        lessons("xx")
    with pytest.raises(DocumentError, match="did you mean 'varicose-massage'"):
        recording("varicose-masage")
