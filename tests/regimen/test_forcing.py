"""Regimens become drives that are continuous, of float64, and say what happens."""

from __future__ import annotations

import itertools
import json
import math
from typing import Any

import jax
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from venolymph import figures
from venolymph.body import leg_body, load_person
from venolymph.errors import SimulationError
from venolymph.network.predictor import STEPS_PER_BREATH
from venolymph.network.time_grid import grid
from venolymph.regimen import (
    STEPS,
    Breathe,
    Cuff,
    Jog,
    Lie,
    Raise,
    Regimen,
    Rest,
    Sit,
    Skin,
    Stand,
    Step,
    Tilt,
    Tiptoes,
    Valsalva,
    Wait,
    Walk,
    load_regimen,
    packaged_regimens,
)
from venolymph.regimen.forcing import FORCES, Phase, phases
from venolymph.regimen.loading import Nested


def smooth(x: Any) -> Any:
    """The smooth step of the engine."""
    x = np.clip(x, 0.0, 1.0)
    return x**3 * (10.0 + x * (6.0 * x - 15.0))


def pressure(phase: Phase, time: float) -> np.ndarray:
    """Pressure of each surrounding at a time in a phase, without breathing, as `PhaseDrive` defines it."""
    drive = phase.drive
    part = smooth(time / drive.ramp[0, 0])
    turn = time / drive.period - drive.onset
    turn = turn - np.floor(turn)
    pulse = smooth(turn / drive.rise) - smooth((turn - drive.rise - drive.hold) / drive.fall)
    moved = drive.pressure_from + (drive.pressure_to - drive.pressure_from) * part
    return np.asarray(moved + drive.pulse * pulse)[:, 0]


def number_of(body: Any, surrounding: str) -> int:
    """Number of a surrounding."""
    return body.topology.surroundings.index(surrounding)


def check_continuous(made: list[Phase]) -> None:
    """Each phase begins with what the one before it ended with."""
    for before, after in itertools.pairwise(made):
        np.testing.assert_array_equal(before.drive.inclination_to, after.drive.inclination_from)
        np.testing.assert_array_equal(before.drive.pressure_to, after.drive.pressure_from)
        np.testing.assert_array_equal(before.drive.end_to, after.drive.end_from)
        # muscle pressure too is continuous, at the beginning and the end of gait and in between
        np.testing.assert_allclose(pressure(before, before.duration), pressure(after, 0.0), atol=1e-6)


def check_well_formed(made: list[Phase]) -> None:
    """Shapes, kinds of number and signs."""
    for phase in made:
        assert phase.duration > 0.0
        assert 0.0 < phase.step <= phase.sample
        for leaf in jax.tree.leaves(phase.drive):
            assert leaf.dtype == np.float64
            assert leaf.ndim == 2
            assert leaf.shape[-1] == 1
            assert np.all(np.isfinite(leaf))
        drive = phase.drive
        assert np.all(drive.rise > 0.0) and np.all(drive.fall > 0.0) and np.all(drive.hold >= 0.0)
        assert np.all(drive.rise + drive.hold + drive.fall <= 1.0 + 1e-9)
        assert np.all(drive.calibre > 0.0) and np.all(drive.inflow > 0.0)
        assert np.all((drive.exercise >= 0.0) & (drive.exercise <= 1.0))
        assert drive.ramp[0, 0] == phase.duration
        assert phase.marks.posture


@pytest.mark.parametrize("name", packaged_regimens())
def test_packaged(name: str, body: Any) -> None:
    made = phases(load_regimen(name), body)
    check_continuous(made)
    check_well_formed(made)


def seconds(low: float, high: float) -> st.SearchStrategy[str]:
    """A duration."""
    return st.floats(low, high).map(lambda value: f"{value:.3f} s")


POSTURES = st.one_of(
    st.builds(Lie, for_=seconds(5, 200)),
    st.builds(Lie, for_=seconds(5, 200), legs_raised=st.sampled_from(["5 deg", "60 deg"])),
    st.builds(Rest, for_=seconds(5, 200), posture=st.sampled_from(["supine", "sitting"])),
    st.builds(Sit, for_=seconds(5, 200), over=seconds(2, 5)),
    st.builds(Raise, to=st.sampled_from(["15 deg", "45 deg"])),
    st.builds(Tilt, to=st.sampled_from(["-10 deg", "0 deg", "30 deg", "90 deg"]), for_=seconds(20, 300)),
    st.builds(Stand, for_=seconds(5, 2000)),
)
ANYWHERE = st.one_of(
    st.builds(Wait, for_=seconds(0.1, 300)),
    st.builds(Breathe, deep=st.integers(1, 10), rate=st.sampled_from(["6 /min", "4 /min"])),
    st.builds(Breathe, quiet=st.integers(1, 10)),
    st.builds(Valsalva, pressure=st.sampled_from(["20 mmHg", "60 mmHg"]), for_=seconds(2, 20)),
    st.builds(
        Cuff,
        at=st.sampled_from(["calf", "thigh"]),
        pressure=st.sampled_from(["0 mmHg", "15 mmHg", "80 mmHg"]),
        inflate=st.none() | seconds(0.1, 5),
        hold=st.none() | seconds(0, 100),
        release=st.none() | seconds(0.05, 5),
    ),
    st.builds(Skin, temperature=st.sampled_from(["20 degC", "36 degC"]), over=st.none() | seconds(10, 600)),
)
STANDING = st.one_of(
    st.builds(Tiptoes, count=st.integers(1, 12), rate=st.none() | st.sampled_from(["30 /min", "60 /min"])),
    st.builds(Tiptoes, count=st.integers(1, 3), hold=seconds(0, 5), down=seconds(0.2, 3)),
    st.builds(Tiptoes, count=st.integers(1, 3), rate=st.just("60 /min"), rise=seconds(0.1, 0.9)),
    st.builds(Walk, speed=st.sampled_from(["1 km/h", "3 km/h", "6.7 km/h"]), for_=seconds(5, 400)),
    st.builds(Jog, speed=st.sampled_from(["8 km/h", "15 km/h"]), for_=seconds(5, 400)),
)
BLOCKS = st.one_of(
    POSTURES.map(lambda step: [step]),
    ANYWHERE.map(lambda step: [step]),
    st.lists(STANDING | ANYWHERE, min_size=1, max_size=3).map(lambda steps: [Stand(for_="20 s"), *steps]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(blocks=st.lists(BLOCKS, min_size=1, max_size=5))
def test_a_regimens_document_is_read_back_to_the_same(blocks: list[list[Step]]) -> None:
    regimen = Regimen([step for block in blocks for step in block])
    for plain in (regimen.document(), json.loads(json.dumps(regimen.document()))):
        assert load_regimen(plain) == regimen


@given(blocks=st.lists(BLOCKS, min_size=1, max_size=5))
def test_random_regimens(blocks: list[list[Any]], body: Any, heavy_body: Any) -> None:
    regimen = Regimen([step for block in blocks for step in block])
    made = phases(regimen, body)
    check_continuous(made)
    check_well_formed(made)
    again = phases(load_regimen({"kind": "regimen", "version": 1, "steps": regimen.document()["steps"]}), heavy_body)
    # another person goes through the same phases
    assert [(p.kind, p.duration, p.step, p.sample, p.period) for p in made] == [
        (p.kind, p.duration, p.step, p.sample, p.period) for p in again
    ]


@pytest.mark.parametrize("step", [Stand(for_="300 s"), Lie(for_="7.5 s"), Tilt(to="60 deg", for_="1 h")])
def test_a_step_lasts_as_long_as_it_says(step: Any, body: Any) -> None:
    made = phases(Regimen([Sit(for_="10 s"), step]), body)
    assert sum(phase.duration for phase in made) == pytest.approx(10.0 + step.for_)


@pytest.mark.parametrize("seconds", [5.0, 60.0, 90.0, 1000.0])
@pytest.mark.parametrize("speed", ["3 km/h", "5 km/h"])
def test_walking_lasts_as_long_as_it_says_in_whole_cycles(seconds: float, speed: str, body: Any) -> None:
    made = phases(Regimen([Walk(speed=speed, for_=f"{seconds} s"), Wait(for_="10 s")]), body)
    assert sum(phase.duration for phase in made) == pytest.approx(seconds + 10.0)
    cycles = [phase for phase in made if phase.marks.stage in ("first cycle", "cycles")]
    for phase in cycles:
        assert phase.period is not None
        assert phase.duration == pytest.approx(phase.marks.gait_cycles * phase.period)
        assert phase.period / phase.sample == pytest.approx(round(phase.period / phase.sample))
        assert phase.marks.speed == pytest.approx(made[0].marks.speed)
    assert sum(phase.duration for phase in cycles) > seconds - 2.0 * (cycles[0].period or 0.0)


def test_the_period_of_gait(body: Any) -> None:
    periods = [phases(Regimen([Walk(speed=f"{v} km/h", for_="1 min")]), body)[0].period or 0.0 for v in (2, 3, 5)]
    assert periods[1] == pytest.approx(figures.load()["muscle_pump.gait.period"].value)
    assert periods == sorted(periods, reverse=True)


def test_muscles_act_in_their_time_and_legs_in_turn(body: Any) -> None:
    made = phases(Regimen([Stand(for_="10 s"), Walk(speed="3 km/h", for_="20 s"), Stand(for_="10 s")]), body)
    walking = next(phase for phase in made if phase.marks.stage == "cycles")
    assert walking.period is not None
    shares = np.linspace(0, 1, 201)[:-1]
    trace = np.array([pressure(walking, (3 + share) * walking.period) for share in shares])
    soleus, other = trace[:, number_of(body, "soleus")], trace[:, number_of(body, "other calf")]
    assert shares[np.argmax(soleus)] == pytest.approx(0.5, abs=0.01)
    assert soleus.max() == pytest.approx(figures.load()["muscle_pump.gait.soleus.peak"].value, rel=1e-6)
    np.testing.assert_allclose(np.roll(soleus, 100), other, atol=1e-6)
    np.testing.assert_allclose(other, trace[:, number_of(body, "other leg: soleus")], atol=1e-9)
    assert trace[:, number_of(body, "calf shell")].max() == 0.0
    assert walking.drive.exercise[1, 0] > 0.0 and walking.drive.exercise[0, 0] == 0.0
    # the first cycle has no contraction that began before it, and the last step ends those that are under way
    first = next(phase for phase in made if phase.marks.stage == "first cycle")
    assert np.all(pressure(first, 0.0)[number_of(body, "other calf")] == 0.0)
    last = next(phase for phase in made if phase.marks.stage == "last step")
    assert last.kind == "stand"
    assert pressure(last, 0.0)[number_of(body, "other calf")] > 50.0
    assert pressure(last, last.duration)[number_of(body, "other calf")] == pytest.approx(0.0, abs=1e-6)
    assert pressure(last, last.duration)[number_of(body, "soleus")] == pytest.approx(0.0, abs=1e-6)


def test_standing_in_plethysmography_uses_no_muscles(body: Any) -> None:
    made = phases(load_regimen("plethysmography"), body)
    for phase in made:
        if phase.kind in ("stand", "raise"):
            assert not np.any(phase.drive.pulse) and not np.any(phase.drive.exercise)
    assert sum(phase.duration for phase in made if phase.marks.step == 1) == pytest.approx(300.0)
    one = next(phase for phase in made if phase.marks.repeats == 1)
    soleus = number_of(body, "soleus")
    top = pressure(one, 0.4)[soleus]
    assert pressure(one, 2.4)[soleus] == pytest.approx(top)
    assert pressure(one, 0.0)[soleus] == pytest.approx(0.0, abs=1e-9)
    assert pressure(one, one.duration)[soleus] == pytest.approx(0.0, abs=1e-6)
    ten = next(phase for phase in made if phase.marks.repeats == 10)
    assert (ten.period, ten.duration) == (1.0, 10.0)


def test_postures_are_angles(body: Any) -> None:
    made = phases(Regimen([Lie(for_="1 min"), Sit(for_="1 min"), Stand(for_="1 min"), Raise(to="30 deg")]), body)
    at = {phase.kind: phase.drive.inclination_to[:, 0] for phase in made}
    np.testing.assert_allclose(at["lie"], 0.0)
    np.testing.assert_allclose(at["sit"], [math.pi / 2, 0.0, math.pi / 2, math.pi / 2])
    np.testing.assert_allclose(at["stand"], math.pi / 2)
    np.testing.assert_allclose(at["raise"], [0.0, -math.pi / 6, -math.pi / 6, -math.pi / 6])
    moving = [phase for phase in made if phase.marks.stage == "moving"]
    assert [phase.kind for phase in moving] == ["sit", "stand", "raise"]
    assert all(phase.duration >= 1.0 for phase in moving)
    atrium = [phase.drive.end_to[0, 0] for phase in made]
    assert atrium[0] == figures.load()["posture.right_atrium.lying"].value
    assert min(atrium) == figures.load()["posture.right_atrium.upright"].value


def test_a_leg_is_raised_alone_where_both_are_in_full() -> None:
    both, left = leg_body(load_person("healthy"), legs="both"), {"to": "30 deg", "leg": "left"}
    made = phases(
        load_regimen([{"lie": {"for": "1 min"}}, {"raise_legs": left}, {"raise_legs": {**left, "leg": "right"}}]), both
    )
    links, up = both.topology.links, -math.pi / 6
    raised = [phase for phase in made if phase.kind == "raise"]
    assert [phase.label for phase in raised] == ["left leg raised", "right leg raised"]
    # going from one leg to the other moves both, and takes the time that raising legs takes
    assert raised[0].duration == raised[1].duration == figures.load()["posture.change.raise_legs"].value
    for phase, (own, other) in zip(raised, ((up, 0.0), (0.0, up)), strict=True):
        angles = dict(zip(links, phase.drive.inclination_to[:, 0], strict=True))
        assert angles == {"trunk": 0.0, **dict.fromkeys(links[1:4], own), **dict.fromkeys(links[4:], other)}
    # what goes on from there stays as it is
    (on,) = phases(load_regimen([{"wait": {"for": "5 s"}}]), both, previous=made[-1].drive)
    np.testing.assert_array_equal(on.drive.inclination_to, made[-1].drive.inclination_to)
    assert on.marks.posture == "right leg raised"


def test_one_leg_is_not_raised_where_the_other_is_a_few_lumps(body: Any) -> None:
    for leg in ("left", "right"):
        with pytest.raises(SimulationError, match=f"the {leg} leg cannot be moved by itself"):
            phases(Regimen([Lie(for_="1 min"), Raise(to="30 deg", leg=leg)]), body)


def test_a_change_takes_as_long_as_it_says(body: Any) -> None:
    made = phases(Regimen([Lie(for_="1 min"), Stand(for_="1 min", over="7 s")]), body)
    assert [phase.duration for phase in made if phase.marks.stage == "moving"] == [7.0]


def test_cuffs_press_on_shells_and_are_let_go(body: Any) -> None:
    made = phases(load_regimen("reflux-test"), body)
    calf = number_of(body, "calf shell")
    stages = {phase.marks.stage: phase for phase in made if phase.kind == "cuff"}
    assert list(stages) == ["inflating", "held", "releasing", "released"]
    assert stages["inflating"].drive.pressure_to[calf, 0] == 80.0
    assert stages["releasing"].drive.pressure_to[calf, 0] == 0.0
    assert stages["releasing"].marks.released == 0.0
    assert stages["releasing"].marks.cuff == "calf shell"
    assert stages["releasing"].step <= 0.005 and stages["released"].step <= 0.005


def test_a_cuff_without_release_stays(body: Any) -> None:
    steps = [Lie(for_="1 min"), Cuff(at="thigh", pressure="30 mmHg"), Wait(for_="5 min"), Stand(for_="1 min")]
    made = phases(Regimen([*steps, Cuff(at="thigh", pressure="0 mmHg")]), body)
    thigh = number_of(body, "thigh shell")
    assert all(phase.drive.pressure_to[thigh, 0] == 30.0 for phase in made if phase.kind in ("wait", "stand"))
    assert made[-1].drive.pressure_to[thigh, 0] == 0.0
    assert made[-1].marks.stage == "releasing"


def test_straining_raises_abdomen_and_atrium(body: Any) -> None:
    made = phases(load_regimen("valsalva"), body)
    abdomen = number_of(body, "abdomen")
    before = made[0].drive
    strained = next(phase for phase in made if phase.marks.stage == "straining").drive
    assert strained.pressure_to[abdomen, 0] - before.pressure_to[abdomen, 0] > 20.0
    assert strained.end_to[0, 0] - before.end_to[0, 0] > 20.0
    assert made[-1].drive.pressure_to[abdomen, 0] == before.pressure_to[abdomen, 0]
    assert not np.any(strained.breath_ends)


def test_breathing(body: Any) -> None:
    made = phases(Regimen([Lie(for_="1 min"), Breathe(deep=5, rate="6 /min"), Wait(for_="1 min")]), body)
    deep = next(phase for phase in made if phase.kind == "breathe")
    assert deep.duration == pytest.approx(50.0)
    assert deep.drive.breath_period[0, 0] == pytest.approx(10.0)
    assert abs(deep.drive.breath_ends[0, 0]) > abs(made[0].drive.breath_ends[0, 0])
    # breathing in lowers the one and raises the other
    assert deep.drive.breath_ends[0, 0] < 0.0 < deep.drive.breath_surroundings[number_of(body, "abdomen"), 0]
    np.testing.assert_array_equal(made[-1].drive.breath_ends, made[0].drive.breath_ends)


def test_warm_skin_widens_superficial_veins_and_their_inflow(body: Any) -> None:
    made = phases(Regimen([Lie(for_="1 min"), Skin(temperature="36 degC"), Wait(for_="1 min")]), body)
    calibre, inflow = made[-1].drive.calibre[:, 0], made[-1].drive.inflow[:, 0]
    cells, beds = body.topology.cells, body.topology.beds
    assert calibre[cells.index("great saphenous, calf [1]")] > 1.0
    assert calibre[cells.index("skin venules, calf [1]")] > 1.0
    assert calibre[cells.index("femoral [1]")] == 1.0
    assert inflow[beds.index("skin, calf low")] > 1.0
    assert inflow[beds.index("muscle, soleus")] == 1.0
    # it changes little by little
    steps = np.diff([phase.drive.calibre[0, 0] for phase in made])
    assert np.max(np.abs(steps)) < 0.02
    cold = phases(Regimen([Lie(for_="1 min"), Skin(temperature="20 degC"), Wait(for_="1 min")]), body)
    assert cold[-1].drive.calibre[0, 0] < 1.0
    assert made[-1].marks.skin_temperature == pytest.approx(36.0)


def test_an_upright_trunk_narrows_skin_and_no_muscle(body: Any) -> None:
    def inflow(*steps: Any) -> dict[str, float]:
        flows = phases(Regimen(list(steps)), body)[-1].drive.inflow[:, 0]
        return dict(zip(body.topology.beds, flows, strict=True))

    lying, standing = inflow(Lie(for_="1 min")), inflow(Lie(for_="1 min"), Stand(for_="1 min"))
    tilted = inflow(Lie(for_="1 min"), Tilt(to="30 deg", for_="1 min"))
    raised = inflow(Raise(to="40 deg", for_="1 min"))
    for bed in body.topology.beds:
        skin = "skin" in bed
        assert lying[bed] == raised[bed] == 1.0
        assert standing[bed] == (pytest.approx(0.71) if skin else 1.0)
        assert tilted[bed] == (pytest.approx(1 - 0.29 / 2) if skin else 1.0)


def test_going_on_upright_keeps_the_temperature_of_the_skin(body: Any) -> None:
    made = phases(Regimen([Stand(for_="1 min"), Skin(temperature="36 degC"), Wait(for_="1 min")]), body)
    again = phases(Regimen([Wait(for_="1 min"), Lie(for_="1 min")]), body, previous=made[-1].drive)
    assert again[0].marks.skin_temperature == pytest.approx(36.0)
    bed = body.topology.beds.index("skin, calf low")
    assert again[0].drive.inflow[bed, 0] == pytest.approx(made[-1].drive.inflow[bed, 0])
    assert again[-1].drive.inflow[bed, 0] == pytest.approx(made[-1].drive.inflow[bed, 0] / 0.71)


def test_a_bath_warms_the_foot_alone() -> None:
    body = leg_body(load_person("healthy"))
    bath = Skin(temperature="40 degC", at="foot")
    made = phases(Regimen([Lie(for_="1 min"), bath, Wait(for_="1 min")]), body)
    inflow = dict(zip(body.topology.beds, made[-1].drive.inflow[:, 0], strict=True))
    assert inflow["skin, foot"] > 1.5
    assert {flow for bed, flow in inflow.items() if not bed.endswith("skin, foot")} == {1.0}
    assert made[-1].marks.foot_temperature == pytest.approx(40.0)
    assert made[-1].marks.skin_temperature is None
    again = phases(Regimen([Wait(for_="1 min")]), body, previous=made[-1].drive)
    assert again[-1].marks.foot_temperature == pytest.approx(40.0)
    np.testing.assert_allclose(again[-1].drive.calibre, made[-1].drive.calibre)
    all_over = phases(Regimen([Lie(for_="1 min"), bath, Skin(temperature="36 degC"), Wait(for_="1 min")]), body)
    assert all_over[-1].marks.skin_temperature == pytest.approx(36.0)
    assert all_over[-1].marks.foot_temperature is None
    inflow = dict(zip(body.topology.beds, all_over[-1].drive.inflow[:, 0], strict=True))
    assert inflow["skin, foot"] == pytest.approx(inflow["skin, lower calf"])


def test_a_heavy_person_has_a_higher_abdominal_pressure(body: Any, heavy_body: Any) -> None:
    regimen = Regimen([Lie(for_="1 min")])
    abdomen = number_of(body, "abdomen")
    light, heavy = (phases(regimen, one)[0].drive.pressure_to[abdomen, 0] for one in (body, heavy_body))
    assert heavy > light + 1.0


def test_time_steps_are_short_after_something_quick(body: Any) -> None:
    made = phases(Regimen([Stand(for_="10 min"), Tiptoes(count=10, rate="60 /min"), Stand(for_="10 min")]), body)
    # a rest of minutes has steps that divide a breath, behind a remainder in slightly shorter ones
    assert [phase.step for phase in made] == [0.02, 0.1, 0.25, 0.25, 0.005, 0.005, 0.02, 0.1, 0.25, 0.25]


@pytest.mark.parametrize("duration", [300.0, 1800.0, 3599.0, 41_234.5])
def test_long_rests_take_whole_steps_of_a_breath(duration: float, body: Any) -> None:
    made = phases(Regimen([Lie.model_validate({"for": f"{duration} s"})]), body)
    assert sum(phase.duration for phase in made) == pytest.approx(duration, abs=1e-9)
    *_, last = made
    steps = grid(last.duration, last.step, last.sample)
    assert steps.dt * STEPS_PER_BREATH == pytest.approx(float(last.drive.breath_period[0, 0]), rel=1e-12)
    assert last.duration > duration - 400.0
    assert last.duration > 0.6 * duration


def test_long_walks_are_recorded_coarsely_in_between(body: Any) -> None:
    made = phases(Regimen([Walk(speed="3 km/h", for_="1 h")]), body)
    samples = sum(phase.duration / phase.sample for phase in made)
    assert samples < 6000
    assert made[-2].sample == 0.05
    assert made[-2].duration >= 40.0


GOING_ON = [
    Regimen([Stand(for_="1 min"), Walk(speed="3 km/h", for_="1 min")]),
    Regimen([Raise(to="45 deg", for_="1 min"), Cuff(at="calf", pressure="40 mmHg")]),
    Regimen([Tilt(to="30 deg", for_="1 min"), Skin(temperature="36 degC")]),
    Regimen([Sit(for_="1 min")]),
]


@pytest.mark.parametrize("before", GOING_ON)
@pytest.mark.parametrize("name", packaged_regimens())
def test_a_regimen_goes_on_from_another(before: Regimen, name: str, body: Any) -> None:
    last = phases(before, body)[-1]
    made = phases(load_regimen(name), body, previous=last.drive)
    check_continuous([last, *made])
    check_well_formed(made)
    assert made[0].marks.posture == load_regimen(name).first_posture.name()


def test_going_on_keeps_posture_cuffs_and_warmth(body: Any) -> None:
    steps = [Sit(for_="1 min"), Cuff(at="calf", pressure="40 mmHg"), Skin(temperature="36 degC")]
    last = phases(Regimen(steps), body)[-1]
    made = phases(Regimen([Wait(for_="1 min")]), body, previous=last.drive)
    assert {phase.marks.posture for phase in made} == {"sitting"}
    assert made[-1].marks.skin_temperature == pytest.approx(36.0)
    assert made[-1].drive.pressure_to[number_of(body, "calf shell"), 0] == 40.0
    np.testing.assert_allclose(made[-1].drive.calibre, last.drive.calibre)


def test_going_on_with_walking_stands_up_first(body: Any) -> None:
    last = phases(Regimen([Lie(for_="1 min")]), body)[-1]
    made = phases(Regimen([Walk(speed="3 km/h", for_="1 min")]), body, previous=last.drive)
    assert (made[0].kind, made[0].marks.stage, made[1].kind) == ("stand", "moving", "walk")


def test_going_on_ends_a_strain(body: Any) -> None:
    made = phases(load_regimen("valsalva"), body)
    straining = next(phase for phase in made if phase.marks.stage == "straining")
    later = phases(Regimen([Wait(for_="1 min")]), body, previous=straining.drive)
    check_continuous([straining, *later])
    np.testing.assert_allclose(later[-1].drive.end_to, made[0].drive.end_to)


def test_a_step_has_its_forces_in_the_file_named_like_that_of_its_document() -> None:
    for step in set(STEPS.values()) - {Nested}:  # regimens within regimens are unfolded before
        kind = next(kind for kind in step.__mro__ if kind in FORCES)
        assert FORCES[kind].__module__.rpartition(".")[2] == step.__module__.rpartition(".")[2]
