"""The body stands as the regimen says: it lies, stands, rises on tiptoe, walks and sits, and never jumps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import venolymph as vl
from venolymph.viewer.pose import COLUMNS, poses

TILT = 0


def column(side: str, joint: str) -> int:
    return 1 + ("left", "right").index(side) * len(COLUMNS) + COLUMNS.index(joint)


def at(run: Any, times: Any) -> np.ndarray:
    phases = [(record.info, record.drive) for record in run.records]
    return poses(run.body, phases, np.atleast_1d(np.asarray(times, float)))


def during(run: Any, kind: str, share: float = 0.5) -> float:
    phases = [phase for phase in run.phases if phase.kind == kind]
    start, end = phases[0].start, phases[-1].start + phases[-1].duration
    return start + share * (end - start)


def test_lying_and_standing_are_straight(moving: Any) -> None:
    lying, standing = at(moving, [2.0, during(moving, "tiptoes", 0.0)])
    np.testing.assert_allclose(lying, 0.0, atol=0.01)
    assert standing[TILT] == pytest.approx(90.0)
    np.testing.assert_allclose(standing[1:], 0.0, atol=0.01)


def test_tilt_agrees_with_the_heights_that_pressures_were_computed_with(moving: Any) -> None:
    shown = at(moving, moving.time)
    straight = np.flatnonzero(np.abs(shown[:, column("left", "hip")]) < 1e-6)
    cell = moving.topology.cells.index("plantar [1]")
    depth = np.asarray(moving.parameters.cells.position)[cell, :, 0].sum()
    heights = np.asarray(moving.height)[straight, cell, 0]
    # tiptoes and gait move the drawn leg alone
    np.testing.assert_allclose(heights, -depth * np.sin(np.radians(shown[straight, TILT])), atol=0.05)


def test_heels_rise_with_the_muscle_on_tiptoe(moving: Any) -> None:
    number = next(n for n, phase in enumerate(moving.phases) if phase.kind == "tiptoes")
    times = moving.time[moving.phase_of_sample == number]
    shown = at(moving, times)
    lift = shown[:, column("left", "heel")]
    np.testing.assert_array_equal(lift, shown[:, column("right", "heel")])
    assert lift.min() < 0.1
    assert 10.0 < lift.max() < 11.1
    soleus = moving.topology.surroundings.index("soleus")
    pressure = np.asarray(moving.surroundings)[moving.phase_of_sample == number, soleus, 0]
    assert np.corrcoef(lift, pressure)[0, 1] > 0.95
    foot = shown[:, column("left", "ankle")]
    assert 45.0 < foot.max() < 60.0
    assert np.all(np.abs(shown[:, column("left", "knee")]) < 1e-6)


def test_legs_walk_by_turns_and_knees_bend_in_swing(moving: Any) -> None:
    phase = next(phase for phase in moving.phases if phase.marks.stage == "cycles")
    times = np.linspace(phase.start, phase.start + phase.period, 41)[:-1]
    shown = at(moving, times)
    left, right = (shown[:, column(side, "knee")] for side in ("left", "right"))
    np.testing.assert_allclose(np.roll(left, 20), right, atol=0.02)
    swing = times[left.argmax()] - phase.start
    assert 0.6 < swing / phase.period < 0.8
    assert left.max() > 50.0
    calf = moving.topology.surroundings.index("soleus")
    here = (moving.time > times[0]) & (moving.time <= times[-1])
    pressed = np.asarray(moving.surroundings)[here, calf, 0]
    stance = at(moving, moving.time[here])[:, column(moving.body.index_side, "knee")]
    assert stance[pressed.argmax()] < 25.0, "the calf presses while its leg stands"


def test_sitting_bends_hip_and_knee_and_raised_legs_the_hip_alone(moving: Any) -> None:
    sitting, raised = at(moving, [during(moving, "sit", 0.99), moving.time[-1]])
    for side in ("left", "right"):
        assert sitting[column(side, "hip")] == pytest.approx(90.0)
        assert sitting[column(side, "knee")] == pytest.approx(90.0)
        assert raised[column(side, "hip")] == pytest.approx(30.0)
        assert raised[column(side, "knee")] == pytest.approx(0.0)
    assert sitting[TILT] == pytest.approx(90.0)
    assert raised[TILT] == pytest.approx(0.0)


def test_one_leg_is_raised_alone_where_both_are_in_full(swelling: Any) -> None:
    raised = at(swelling, swelling.time[-1])[0]
    assert raised[column("right", "hip")] == pytest.approx(40.0)
    assert raised[column("left", "hip")] == pytest.approx(0.0)


def test_pedals_turn_legs_and_pumps_stretch_an_ankle() -> None:
    run = vl.simulate(
        "healthy",
        [
            {"sit": {"thighs": "40 deg", "for": "3 s"}},
            {"cycle": {"power": "50 W", "for": "5 s"}},
            {"lie": {"for": "4 s"}},
            {"ankle pumps": {"count": 3, "rate": "30 /min"}},
        ],
        tissue=False,
    )
    shown, kinds = at(run, run.time), np.array([phase.kind for phase in run.phases])[run.phase_of_sample]
    cycling, pumping = shown[kinds == "cycle"], shown[kinds == "ankle pumps"]
    knees = [cycling[:, column(side, "knee")] for side in ("left", "right")]
    assert all(knee.min() < 25.0 and knee.max() > 75.0 for knee in knees)
    middle = slice(len(cycling) // 4, -len(cycling) // 4)
    assert np.corrcoef(knees[0][middle], knees[1][middle])[0, 1] < -0.95
    own, other = ("left", "right") if run.body.index_side == "left" else ("right", "left")
    assert pumping[:, column(own, "ankle")].max() > 25.0
    assert np.abs(pumping[:, column(other, "ankle")]).max() < 0.1
    assert np.abs(pumping[:, TILT]).max() < 0.1


def test_nothing_jumps(moving: Any) -> None:
    step = 0.002
    times = np.arange(step, moving.time[-1], step)
    change = np.abs(np.diff(at(moving, times), axis=0)) / step
    assert change.max() < 900.0, "degrees a second: the quickest movement is the knee in swing"
    halves = [np.abs(np.diff(at(moving, times[::2]), axis=0)).max(), np.abs(np.diff(at(moving, times), axis=0)).max()]
    assert halves[1] < 0.6 * halves[0], "half the step, half the change"


def test_somebody_turns_over_to_lie_face_down() -> None:
    steps = [{"lie": {"for": "4 s"}}, {"prone": {"for": "4 s"}}, {"stand": {"for": "6 s", "over": "4 s"}}]
    run = vl.simulate("healthy", steps, tissue=False)
    back, turning, front, *rising, upright = at(run, [3.0, 4.9, 7.0, 8.7, 9.0, 9.3, 13.9])
    assert [one[-1] for one in (back, front, upright)] == [0.0, 180.0, 0.0]
    assert 20.0 < turning[-1] < 160.0, "nobody jumps"
    assert 180.0 > rising[0][-1] > rising[1][-1] > rising[2][-1] > 0.0
    ankles = [column(side, "ankle") for side in ("left", "right")]
    np.testing.assert_allclose(front[ankles], 55.0)  # toes point away from the couch
    np.testing.assert_allclose(np.delete(front, [*ankles, len(front) - 1]), 0.0)
    np.testing.assert_allclose(back, 0.0)


def test_on_a_side_legs_are_drawn_as_high_as_they_are_computed() -> None:
    run = vl.simulate("healthy", [{"lie": {"for": "2 s"}}, {"lie": {"on": "left", "for": "2 s"}}], tissue=False)
    np.testing.assert_allclose(at(run, [1.0, 3.9]), 0.0)
