"""Changes beside error, leg beside leg, extents, and what a doctor has to see."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from following.legs import LANDMARKS, VOLUME, legs, scaled
from venolymph import following
from venolymph.errors import DocumentError


def found(*readings: tuple[str, str, dict[Any, Any]], common: bool = False, **about: Any) -> following.Following:
    return following.follow(following.load_readings(legs(*readings, **about)), common=common)


def by_volume(percent: float) -> dict[float, float]:
    """The landmarks of a leg that is larger by so many %."""
    return scaled(math.sqrt(1 + percent / 100))


def test_volumes_changes_and_the_other_leg() -> None:
    seen = found(
        ("2026-04-13", "left", by_volume(-5)),
        ("2026-03-02", "left", LANDMARKS),
        ("2026-03-02", "right", by_volume(-10)),
        ("2026-04-13", "right", by_volume(-11)),
        ("2026-03-16", "left", by_volume(-2)),
    )
    assert seen.extent == (0, 40)
    assert [(str(row.date), row.side) for row in seen.rows] == [
        ("2026-03-02", "left"), ("2026-03-02", "right"), ("2026-03-16", "left"),
        ("2026-04-13", "left"), ("2026-04-13", "right"),
    ]  # fmt: skip
    assert seen.rows[0].volume == pytest.approx(VOLUME, abs=0.005)
    assert [row.change is None for row in seen.rows] == [True, True, False, False, False]
    changes = [row.change for row in seen.of("left")[1:]]
    assert [change.percent for change in changes if change] == pytest.approx([-2, -5])
    assert [change.change for change in changes if change] == pytest.approx([-0.02 * VOLUME, -0.05 * VOLUME], abs=0.01)
    assert [change.more_than_error for change in changes if change] == [False, True]
    assert [row.excess for row in seen.rows] == pytest.approx(
        [100 / 0.9 - 100, -10, None, 95 / 0.89 - 100, 89 / 0.95 - 100]
    )
    assert seen.rows[2].beyond is None
    assert seen.alarms == ()


@given(st.floats(-30, 30))
def test_more_than_error_is_from_the_published_limit_on(percent: float) -> None:
    """3.8 %, and nothing else, parts the two verdicts."""
    change = found(("2026-03-02", "left", LANDMARKS), ("2026-06-02", "left", by_volume(percent))).rows[1].change
    assert change is not None
    assert change.percent == pytest.approx(percent, abs=1e-6)
    assert change.detectable == pytest.approx(0.038 * VOLUME, abs=1e-3)
    if abs(abs(percent) - 3.8) > 1e-6:
        assert change.more_than_error is (abs(percent) > 3.8)


SHORT = {height: girth for height, girth in LANDMARKS.items() if height < 40}
LONG = {**LANDMARKS, 50: 44.0}


@pytest.mark.parametrize("other", [SHORT, LONG, {4: 22.7, **SHORT, 40: 39.0}])
def test_different_extents_are_never_compared_in_silence(other: dict[Any, Any]) -> None:
    other = dict(sorted(other.items())) if 4 not in other else {h: c for h, c in sorted(other.items()) if h > 0}
    with pytest.raises(DocumentError, match="reach differently far") as caught:
        found(("2026-03-02", "left", LANDMARKS), ("2026-03-16", "left", other))
    assert "--common" in (caught.value.hint or "")


def test_the_common_part_of_different_extents() -> None:
    """A cone, measured once from 0 to 40 and once from 5 to 45 cm: between 5 and 40 nothing changed."""
    first = {h: 20 + 0.5 * h for h in range(0, 41, 8)}
    second = {h: 20 + 0.5 * h for h in range(5, 46, 8)}
    cone = {h: 20 + 0.5 * h for h in (5, 40)}
    low, high = cone.values()
    seen = found(("2026-03-02", "left", first), ("2026-03-16", "left", second), common=True)
    assert (seen.extent, seen.cut) == ((5, 40), True)
    assert [row.volume for row in seen.rows] == pytest.approx(
        [35 * (low**2 + low * high + high**2) / (12 * math.pi)] * 2
    )


def test_less_than_a_hand_in_common_is_refused() -> None:
    with pytest.raises(DocumentError, match="reach differently far") as caught:
        found(
            ("2026-03-02", "left", {0: 21.5, 8: 24.0, 19: 33.0}), ("2026-03-16", "left", {12: 27.0, 40: 39.0}),
            common=True,
        )  # fmt: skip
    assert "less than 10 cm in common" in (caught.value.hint or "")


def test_a_missing_line_does_not_look_like_a_change() -> None:
    """Without its line at 19 cm the same leg would be 4 % smaller by cones alone."""
    missing = {height: girth for height, girth in LANDMARKS.items() if height != 19}
    seen = found(("2026-03-02", "left", LANDMARKS), ("2026-03-16", "left", missing))
    assert seen.rows[1].change is not None
    assert seen.rows[1].change.change == pytest.approx(0)
    assert seen.uneven
    assert seen.lines == (0, 8, 30, 40)
    assert any("0, 8, 30, 40 cm" in line for line in following.lines_about(seen)["remarks"])


def test_slices_beside_a_tape_are_read_at_its_lines() -> None:
    slices = {h / 2: 20 + 0.5 * h / 2 for h in range(81)}
    tape = {h: 20 + 0.5 * h for h in (0, 11, 25, 40)}
    seen = found(("2026-03-02", "left", slices), ("2026-03-16", "left", tape))
    assert seen.lines == (0, 11, 25, 40)
    assert seen.rows[1].change is not None
    assert seen.rows[1].change.change == pytest.approx(0, abs=1e-9)


def test_protocols_with_nothing_in_common_are_refused() -> None:
    with pytest.raises(DocumentError, match="too few heights in common: 0, 40 cm"):
        found(
            ("2026-03-02", "left", {h: 20 + 0.5 * h for h in (0, 10, 20, 30, 40)}),
            ("2026-03-16", "left", {h: 20 + 0.5 * h for h in (0, 12, 24, 40)}),
        )


# ------------------------------------------------------------------ what a doctor has to see


@pytest.mark.parametrize(
    ("percent", "day", "kinds"),
    [
        (11, "2026-03-16", ["volume"]),
        (11, "2026-03-03", ["volume"]),
        (11, "2026-03-17", ["growth"]),
        (9, "2026-03-16", ["growth"]),
        (3, "2026-03-16", []),
        (-11, "2026-03-16", []),
    ],
)
def test_a_rise_within_days_calls_for_a_doctor(percent: float, day: str, kinds: list[str]) -> None:
    seen = found(("2026-03-02", "left", LANDMARKS), (day, "left", by_volume(percent)))
    assert [alarm.kind for alarm in seen.alarms] == kinds
    told = following.lines_about(seen)["alarms"]
    if "volume" in kinds:
        assert f"grew by 11 % from 2026-03-02 to {day}" in told[0]
        assert "see a doctor today" in told[0]
        assert "Do not rub or press" in told[0]


def test_small_steps_add_up_within_days() -> None:
    """6 % a week, and 6 % again: no step alone is a jump, both within 14 days are."""
    seen = found(
        ("2026-03-02", "left", LANDMARKS), ("2026-03-09", "left", by_volume(6)), ("2026-03-16", "left", by_volume(12.4))
    )
    assert [(alarm.kind, str(alarm.first), str(alarm.last)) for alarm in seen.alarms] == [
        ("volume", "2026-03-02", "2026-03-16")
    ]


def test_a_jump_stays_told_after_the_leg_went_down() -> None:
    seen = found(
        ("2026-03-02", "left", LANDMARKS), ("2026-03-09", "left", by_volume(15)), ("2026-03-30", "left", LANDMARKS)
    )
    assert [(alarm.kind, str(alarm.last)) for alarm in seen.alarms] == [("volume", "2026-03-09")]


def test_a_girth_that_jumps_while_the_volume_does_not() -> None:
    seen = found(("2026-03-02", "left", LANDMARKS), ("2026-03-09", "left", {**LANDMARKS, 8: 27.1}))
    assert [(alarm.kind, alarm.height) for alarm in seen.alarms][:1] == [("girth", 8)]
    assert "3.1 cm at 8 cm" in following.lines_about(seen)["alarms"][0]


def test_slices_that_begin_a_little_higher_are_compared_too() -> None:
    """A light gate does not stop at the same heights each time: 4 cm more of girth is seen all the same."""
    first = {h / 2: 20 + 0.25 * h for h in range(10, 80)}
    second = {h / 2 + 0.2: 20 + 0.25 * (h + 0.4) + (4 if 30 <= h < 36 else 0) for h in range(10, 80)}
    seen = found(("2026-03-02", "left", first), ("2026-03-09", "left", second), common=True)
    (alarm,) = [alarm for alarm in seen.alarms if alarm.kind == "girth"]
    assert alarm.amount == pytest.approx(4)
    assert 15 <= (alarm.height or 0) <= 18


def test_a_jump_beyond_the_common_part_is_seen() -> None:
    """What lies outside the part that is compared is not forgotten."""
    seen = found(
        ("2026-03-02", "left", LONG), ("2026-03-09", "left", {**LONG, 50: 48.0}), ("2026-03-16", "left", LANDMARKS),
        common=True,
    )  # fmt: skip
    assert [(alarm.kind, alarm.height) for alarm in seen.alarms] == [("girth", 50)]


def test_one_leg_much_thicker_than_the_other() -> None:
    first = (("2026-03-02", "left", LANDMARKS), ("2026-03-02", "right", {**LANDMARKS, 19: 36.2}))
    (alarm,) = found(*first).alarms
    assert (alarm.kind, alarm.side, alarm.height) == ("sides", "right", 19)
    assert "If this is new" in following.lines_about(found(*first))["alarms"][0]
    later = (("2026-05-02", "left", LANDMARKS), ("2026-05-02", "right", LANDMARKS))
    assert found(*first, *later).alarms == ()


def test_what_is_said_always() -> None:
    about = following.lines_about(found(("2026-03-02", "left", LANDMARKS)))
    assert about["alarms"] == []
    assert "pain, redness" in about["safety"][0]
    assert "see a doctor today" in about["safety"][0]
    text = " ".join(about["remarks"])
    assert "10.1089/lrb.2022.0032" in text
    assert "this project's own choice" in text
    assert "not a medical device" in about["notices"][0]


def test_a_light_gate_has_no_figure_of_its_own() -> None:
    tape, gate = (found(("2026-03-02", "left", LANDMARKS), method=method) for method in ("tape", "perometer"))
    assert not any("assumed" in line for line in following.lines_about(tape)["remarks"])
    assert any("(assumed)" in line for line in following.lines_about(gate)["remarks"])
