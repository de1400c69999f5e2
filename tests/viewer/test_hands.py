"""Hands are shown where the session puts them, pressing what lies beneath when they press it in the run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import venolymph as vl
from venolymph.viewer import pack_frames, pack_head, record, unpack

STROKES = {"stroke": "pump", "at": "inner thigh", "toward": "superficial inguinal nodes", "repeat": 5, "spots": 2}
SESSION = {"massage": {"purpose": "experiment", "body": "leg.right", "steps": [{"massage": STROKES}]}}


@pytest.fixture(scope="module")
def massaged() -> Any:
    steps = [{"lie": {"for": "20 s"}}, SESSION]
    return vl.simulate("healthy", steps, tissue=True, legs="both", research_override="a test, nobody is treated")


@pytest.fixture(scope="module")
def shown(massaged: Any) -> tuple[Any, dict[str, np.ndarray]]:
    recording = record(massaged)
    head, frames = unpack(pack_head(recording)), unpack(pack_frames(recording))
    return head.header, {**head.arrays, **frames.arrays}


def test_it_presses_the_leg_and_the_place_that_the_session_names(massaged: Any, shown: Any) -> None:
    head, arrays = shown
    assert massaged.body.index_side == "right", "the leg that is massaged is the one that is asked about"
    rows, pressure = head["quantities"]["hand"]["rows"], arrays["hand"]
    most = dict(zip(rows, pressure.max(axis=0), strict=True))
    assert max(most, key=lambda name: most[name]).startswith("thigh, medial")
    assert max(value for name, value in most.items() if name.startswith("other leg: ")) == 0.0
    assert 5.0 < max(most.values()) < 60.0
    assert pressure[arrays["time"] < 19.9].max() == 0.0


def test_tissue_feels_in_the_mean_what_is_shown(massaged: Any, shown: Any) -> None:
    _, arrays = shown
    felt = np.asarray(massaged.exchange("tissue_pressure"))[:, :, 0]
    ends = np.asarray(massaged.exchange("exchange_time"))
    begin, end = ends[-2], ends[-1]
    here = (arrays["time"] > begin) & (arrays["time"] <= end)
    mean = arrays["hand"][here].mean(axis=0)
    rise = felt[-1] - felt[0]
    pressed = mean > 0.3 * mean.max()
    assert pressed.any()
    np.testing.assert_allclose(rise[pressed], mean[pressed], rtol=0.5)


def test_each_hand_is_drawn_on_the_skin_over_what_it_presses(shown: Any) -> None:
    head, arrays = shown
    assert len(head["hands"]) == 2
    lines = {one["name"]: one["line"] for one in head["compartments"]}
    for hand in head["hands"]:
        assert hand["leg"] == "right"
        assert hand["title"] == "pump on inner thigh"
        assert hand["direction"] == "proximal"
        assert hand["count"] == 5
        here = (arrays["time"] > hand["start"]) & (arrays["time"] <= hand["start"] + hand["duration"])
        row = arrays["hand"][here].max(axis=0).argmax()
        first, count = lines[head["quantities"]["hand"]["rows"][row]]
        beneath = arrays["points"][first : first + count]
        assert np.linalg.norm(beneath - hand["from"], axis=1).min() < 6.0
        assert hand["from"][0] < 0.0, "x goes to the left"


def test_without_massage_there_are_no_hands(moving: Any) -> None:
    head = unpack(pack_head(record(moving))).header
    assert head["hands"] == []
    assert "hand" not in head["quantities"]
