"""A life as plain data: what holds on which day, and at which days that changes."""

from __future__ import annotations

from venolymph.compression import Garment
from venolymph.wall import Change, DayHours, Life, Situation

DESK = DayHours(lying=8.0, sitting=12.0, standing=2.0, walking=2.0)
BED = DayHours(lying=20.0, sitting=4.0, standing=0.0, walking=0.0)
STOCKING = Garment(garment="stocking", class_="RAL II", up_to="thigh")


def life(*changes: Change) -> Life:
    return Life("a trial", duration=400.0, every=150.0, hours=DESK, changes=changes)


def test_what_is_said_stays_until_something_else_is_said() -> None:
    one = life(
        Change(50.0, massage_per_week=1.0, ablated=("great saphenous, thigh",)),
        Change(80.0, hours=BED, abdominal_pressure=5.0),
        Change(100.0, ablated=("small saphenous", "great saphenous, thigh"), massage_per_week=0.0),
    )
    assert one.situation(49.9) == Situation(DESK)
    assert one.situation(50.0) == Situation(DESK, massage_per_week=1.0, ablated=("great saphenous, thigh",))
    assert one.situation(90.0).hours == BED
    assert one.situation(90.0).massage_per_week == 1.0
    late = one.situation(400.0)
    assert (late.hours, late.abdominal_pressure, late.massage_per_week) == (BED, 5.0, 0.0)
    assert late.ablated == ("great saphenous, thigh", "small saphenous")


def test_a_garment_is_worn_all_upright_hours_until_it_is_worn_less_or_taken_off() -> None:
    one = life(
        Change(10.0, garment=STOCKING), Change(20.0, garment_share=0.4), Change(30.0, garment_share=0.0), Change(40.0)
    )
    worn = [one.situation(day) for day in (0.0, 10.0, 20.0, 40.0)]
    assert [now.garment for now in worn] == [None, STOCKING, STOCKING, None]
    assert [now.garment_share for now in worn] == [0.0, 1.0, 0.4, 0.0]


def test_a_pregnancy_ends_with_birth_and_both_bound_a_stretch() -> None:
    one = life(Change(30.0, pregnant_for=280.0))
    assert one.bounds == (0.0, 30.0, 310.0, 400.0)
    weeks = [one.situation(day).weeks_pregnant(day) for day in (29.0, 30.0, 100.0, 309.0, 310.0)]
    assert weeks == [0.0, 0.0, 10.0, 279.0 / 7.0, 0.0]
    assert [(begin, end) for begin, end, _ in one.stretches()] == [(0.0, 30.0), (30.0, 310.0), (310.0, 400.0)]
    assert life(Change(300.0, pregnant_for=280.0)).bounds == (0.0, 300.0, 400.0)


def test_the_report_has_the_start_and_the_end() -> None:
    assert life().report_days == (0.0, 150.0, 300.0, 400.0)
    assert Life("a year", 365.0, 365.0, DESK).report_days == (0.0, 365.0)
    assert DESK.upright == 16.0
