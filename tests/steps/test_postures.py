"""Postures give the angles of legs and of the head: a head turns, bends on a pillow, and is tilted with the bed."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venolymph import figures
from venolymph.errors import DocumentError
from venolymph.regimen import load_regimen
from venolymph.steps.pillow import pillow_pressure, posture_of_head
from venolymph.steps.postures import Lie, Posture, Prone, Raise, Rest, Sit, Stand, Tilt, posture_of, usual_time

QUARTER = math.pi / 2
LINKS = ("trunk", "head up", "head forward", "head left")


def lie(**given: Any) -> Lie:
    """A lying posture as a document gives it."""
    return Lie.model_validate(given)


@pytest.mark.parametrize(
    ("posture", "expected"),
    [
        (Stand(), (QUARTER, QUARTER, 0.0, 0.0)),
        (Sit(), (QUARTER, QUARTER, 0.0, 0.0)),
        (Rest(posture="sitting"), (QUARTER, QUARTER, 0.0, 0.0)),
        (Lie(), (0.0, 0.0, QUARTER, 0.0)),
        (Raise(to="30 deg"), (0.0, 0.0, QUARTER, 0.0)),
        (Prone(), (0.0, 0.0, -QUARTER, 0.0)),
        (lie(on="front"), (0.0, 0.0, -QUARTER, 0.0)),
        (lie(on="left"), (0.0, 0.0, 0.0, -QUARTER)),
        (lie(on="right"), (0.0, 0.0, 0.0, QUARTER)),
        (lie(head_up="30 deg"), (math.pi / 6, math.pi / 6, math.pi / 3, 0.0)),
        (lie(head_down="6 deg"), (-math.pi / 30, -math.pi / 30, QUARTER + math.pi / 30, 0.0)),
        (Tilt(to="60 deg"), (math.pi / 3, math.pi / 3, math.pi / 6, 0.0)),
    ],
)
def test_axes_of_the_head_in_each_posture(posture: Posture, expected: tuple[float, ...]) -> None:
    angles = posture.head_angles()
    assert tuple(angles) == LINKS
    assert tuple(angles.values()) == pytest.approx(expected, abs=1e-12)


@given(
    on=st.sampled_from(["back", "left", "right", "front"]),
    pillow=st.floats(0.0, 30.0),
    trunk=st.floats(0.0, 45.0),
    down=st.booleans(),
)
def test_axes_of_the_head_stay_at_right_angles(on: Any, pillow: float, trunk: float, down: bool) -> None:
    """Of three directions at right angles the sines of their elevations have squares that sum to 1."""
    bed = {"head_down" if down or on == "front" else "head_up": f"{trunk:.3f} deg"}
    angles = lie(on=on, pillow=f"{pillow:.3f} cm", **bed).head_angles()
    assert sum(math.sin(angles[link]) ** 2 for link in LINKS[1:]) == pytest.approx(1.0, abs=1e-12)


def test_a_pillow_lifts_the_head_and_a_thin_one_lets_it_sink() -> None:
    for on in ("back", "left", "front"):
        level = figures.internal(f"posture.head.level.{'side' if on == 'left' else on}")
        thin, fits, thick = (lie(on=on, pillow=f"{level + more} cm").head_angles()["head up"] for more in (-1, 0, 5))
        assert thin < 0.0 < thick
        assert fits == pytest.approx(0.0, abs=1e-12)
    reach = figures.internal("posture.head.reach")
    raised = lie(pillow="8 cm").head_angles()
    assert reach * math.sin(raised["head up"]) == pytest.approx(8.0 - figures.internal("posture.head.level.back"))
    # the neck does not bend beyond what necks do
    assert lie(on="front", pillow="30 cm").head_angles()["head up"] == figures.internal("posture.head.bends")


def test_left_and_right_mirror_each_other() -> None:
    left, right = (lie(on=side, pillow="5 cm", head_up="20 deg").head_angles() for side in ("left", "right"))
    assert left["head left"] == -right["head left"]
    assert {name: left[name] for name in LINKS[:3]} == {name: right[name] for name in LINKS[:3]}


def test_legs_lie_as_high_on_every_side_and_pillow() -> None:
    for posture in (lie(on="left", pillow="8 cm"), lie(on="front"), lie(pillow="12 cm")):
        assert posture.angles() == Lie().angles()
    assert lie(head_up="30 deg").angles() == {"trunk": math.radians(30), "thigh": 0.0, "shank": 0.0, "foot": 0.0}
    assert lie(head_down="6 deg").angles() == Tilt(to="-6 deg").angles()


@pytest.mark.parametrize(
    "posture",
    [
        lie(),
        lie(on="left", pillow="8 cm"),
        lie(on="right", pillow="12 cm", head_up="20 deg"),
        lie(on="front", pillow="4 cm"),
        lie(head_down="6 deg"),
        Stand(),
    ],
)
def test_a_posture_is_found_again_by_its_angles(posture: Posture) -> None:
    again = posture_of_head(posture.head_angles())
    assert again.head_angles() == pytest.approx(posture.head_angles(), abs=1e-6)
    assert again.name() == posture.name()
    legs = posture_of(posture.angles(), posture.angles(), "left")
    assert legs.angles() == pytest.approx(posture.angles(), abs=1e-6)


def test_names() -> None:
    assert lie(pillow="8 cm").name() == "lying"
    assert lie(on="left").name() == "lying on the left side"
    assert lie(on="front").name() == Prone().name() == "lying face down"
    assert lie(head_up="30 deg").name() == "lying, head up 30 deg"
    assert lie(head_down="6 deg", on="right").name() == "lying on the right side, head down 6 deg"


def test_turning_over_takes_time() -> None:
    turn = figures.internal("posture.change.turn")
    assert usual_time(Lie(), lie(on="left")) == usual_time(lie(on="right"), Prone()) == turn
    assert usual_time(Lie(), lie(on="back")) == usual_time(Prone(), lie(on="front")) == 0.0


def test_a_head_presses_with_its_weight_over_what_it_rests_on() -> None:
    share, area = (figures.internal(f"posture.head.{what}") for what in ("mass_share", "contact_area"))
    newton, pascal = 72.0 * share * 9.807, 133.322
    assert pillow_pressure(72.0, 10.0) == pytest.approx(newton / (area * 1e-4) / pascal, rel=1e-4)
    assert 10.0 < pillow_pressure(72.0, 10.0) < 60.0
    # regions that are larger than what a pillow touches are pressed by no more than the head weighs
    assert pillow_pressure(72.0, 2.0 * area) == pytest.approx(pillow_pressure(72.0, area) / 2.0)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({"lie": {"pillow": "80 cm"}}, "80 cm is not possible here; allowed is 0 cm to 30 cm"),
        ({"lie": {"on": "belly"}}, "belly"),
        ({"lie": {"head_up": "30 deg", "head_down": "6 deg"}}, "raised by 30 deg and lowered by 6 deg"),
        ({"lie": {"on": "left", "legs_raised": "15 deg"}}, "lying on the left"),
        ({"lie": {"head_down": "6 deg", "legs_raised": "15 deg"}}, "head down 6 deg"),
        ({"lie": {"on": "front", "head_up": "30 deg"}}, "bend the back backwards"),
        ({"rest": {"on": "left"}}, "supine and lying on the left"),
        ({"rest": {"posture": "sitting", "pillow": "8 cm"}}, "sitting, with `pillow`"),
    ],
)
def test_postures_that_nobody_can_take_are_refused(step: Any, message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        load_regimen([step])
    assert message in str(caught.value)
    assert caught.value.hint
