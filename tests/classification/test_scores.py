"""Scores, stages and grades: the tables' corners, and mistakes refused in plain words."""

from __future__ import annotations

import io
import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from venolymph.classification import (
    avvq,
    civiq,
    isl_severity,
    isl_stage,
    pitting,
    vcss,
    villalta,
)
from venolymph.classification.tables import table
from venolymph.errors import DocumentError, UnitError

TABLES = ("ceap", "vcss", "villalta", "isl", "pitting")
VCSS = dict.fromkeys(table("vcss")["items"], 0)
VILLALTA = dict.fromkeys(table("villalta")["items"], 0)


@pytest.mark.parametrize("name", TABLES)
def test_every_table_says_where_it_is_from(name: str) -> None:
    assert table(name)["source"]
    assert table(name)["checked"]


def test_vcss_has_ten_items_of_four_scores() -> None:
    items = table("vcss")["items"]
    assert len(items) == 10
    assert all(len(item["scores"]) == 4 for item in items.values())
    assert vcss(VCSS).total == 0
    worst = vcss(dict.fromkeys(items, 3))
    assert worst.total == worst.most == 30


def test_vcss_of_a_mild_leg_keeps_its_items() -> None:
    """Aching now and then, varicose veins in the calf, swelling at the ankle, stockings most days."""
    score = vcss({**VCSS, "pain": 1, "varicose_veins": 2, "oedema": 1, "compression": 2})
    assert score.total == 6
    assert score.as_dict()["items"]["compression"] == 2
    assert "stockings" in score.notes[0]


def test_vcss_ulcers_must_agree() -> None:
    whole = {**VCSS, "ulcers": 1, "ulcer_duration": 2, "ulcer_size": 1}
    assert vcss(whole).total == 4
    for name in ("ulcer_duration", "ulcer_size"):
        with pytest.raises(DocumentError, match="contradict"):
            vcss({**whole, name: 0})
        with pytest.raises(DocumentError, match="contradict"):
            vcss({**VCSS, name: 1})


@pytest.mark.parametrize(
    ("total", "ulcer", "grade"),
    [
        (0, False, "none"),
        (4, False, "none"),
        (5, False, "mild"),
        (9, False, "mild"),
        (10, False, "moderate"),
        (14, False, "moderate"),
        (15, False, "severe"),
        (33, False, "severe"),
        (0, True, "severe"),
    ],
)
def test_villalta_grades(total: int, ulcer: bool, grade: str) -> None:
    points = [min(3, max(0, total - 3 * n)) for n in range(len(VILLALTA))]
    score = villalta(dict(zip(VILLALTA, points, strict=True)), ulcer=ulcer)
    assert (score.total, score.most, score.grade) == (total, 33, grade)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pian": 1}, "hint: did you mean 'pain'"),
        ({"pain": 4}, "whole number from 0 to 3"),
        ({"pain": -1}, "whole number from 0 to 3"),
        ({"pain": True}, "whole number from 0 to 3"),
        ({"pain": 1.5}, "whole number from 0 to 3"),
        ({"pain": "1"}, "whole number from 0 to 3"),
    ],
)
def test_wrong_points_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        vcss({**VCSS, **change})
    assert message in str(caught.value)
    with pytest.raises(DocumentError):
        villalta({**VILLALTA, **change}, ulcer=False)


def test_a_missing_item_is_not_zero() -> None:
    with pytest.raises(DocumentError, match="missing"):
        vcss({name: 0 for name in VCSS if name != "oedema"})


@given(st.fixed_dictionaries({name: st.integers(0, 3) for name in VILLALTA}), st.booleans())
def test_more_points_never_lower_the_grade(items: dict[str, int], ulcer: bool) -> None:
    grades = [entry["name"] for entry in table("villalta")["grades"]]
    score = villalta(items, ulcer=ulcer)
    for name, points in items.items():
        if points < 3:
            worse = villalta({**items, name: points + 1}, ulcer=ulcer)
            assert grades.index(worse.grade or "") >= grades.index(score.grade or "")


def test_stages_of_lymphoedema() -> None:
    assert isl_stage(swollen=False).code == "0"
    assert isl_stage(swollen=True, goes_down_raised=True, pits=True).code == "I"
    assert isl_stage(swollen=True, pits=True).code == "II early"
    assert isl_stage(swollen=True).code == "II late"
    assert isl_stage(swollen=True, thickened=True).code == "III"
    assert "raised" in isl_stage(swollen=True, goes_down_raised=True).words
    for contradiction in ({"pits": True}, {"goes_down_raised": True}, {"thickened": True}):
        with pytest.raises(DocumentError, match="not swollen"):
            isl_stage(swollen=False, **contradiction)
    with pytest.raises(DocumentError, match="thickened"):
        isl_stage(swollen=True, thickened=True, goes_down_raised=True)


@pytest.mark.parametrize(
    ("excess", "severity"),
    [(-3, None), (5, None), (5.1, "minimal"), (19.9, "minimal"), (20, "moderate"), (40, "moderate"), (40.1, "severe")],
)
def test_severity_of_lymphoedema(excess: float, severity: str | None) -> None:
    assert isl_severity(excess) == severity


@pytest.mark.parametrize("excess", [float("nan"), float("inf"), "12", True])
def test_impossible_excess_is_refused(excess: Any) -> None:
    with pytest.raises(DocumentError):
        isl_severity(excess)


@pytest.mark.parametrize(
    ("depth", "grade"),
    [("0 mm", 0), ("2 mm", 1), ("3 mm", 2), ("4 mm", 2), ("0.5 cm", 3), ("6 mm", 3), ("7 mm", 3), ("8 mm", 4)],
)
def test_pitting_by_depth(depth: str, grade: int) -> None:
    assert pitting(depth).grade == grade


def test_pitting_says_where_the_published_tables_disagree() -> None:
    assert pitting("5 mm", "12 s").doubts == ("published table 1 expects 15 to 60 s at this depth",)
    assert pitting("5 mm", "40 s").doubts == ("published table 2 expects 10 to 15 s at this depth",)
    assert pitting("9 mm", "2 min").doubts == ()
    assert pitting("9 mm", "1 s").doubts[1] == "published table 2 expects more than 20 s at this depth"
    assert pitting("9 mm", "1 s").recovery == 1


@pytest.mark.parametrize(("depth", "recovery"), [("-1 mm", None), ("60 mm", None), ("4 mm", "-1 s"), ("4 mm", "2 h")])
def test_impossible_pits_are_refused(depth: str, recovery: str | None) -> None:
    with pytest.raises(DocumentError, match="not possible"):
        pitting(depth, recovery)


def test_a_pit_needs_its_unit() -> None:
    with pytest.raises(UnitError):
        pitting("4")


def test_questionnaires_take_totals_only() -> None:
    assert civiq(20).index == 0
    assert civiq(100).index == 100
    assert civiq(60).index == 50
    assert civiq(14, 14).index == 0
    assert civiq(70, 14).index == 100
    assert avvq(18.2).index == pytest.approx(18.2)
    for wrong in (19, 101, 50.5, True):
        with pytest.raises(DocumentError):
            civiq(wrong)  # type: ignore[arg-type]
    with pytest.raises(DocumentError):
        civiq(50, 10)  # type: ignore[arg-type]
    for wrong in (-1, 101, float("nan"), "20"):
        with pytest.raises(DocumentError):
            avvq(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [int, float, np.int8, np.int64, np.uint16, np.float32, np.float64, Decimal, Fraction])
def test_points_are_taken_from_rows_of_tables(kind: Any) -> None:
    """Registries are tables: pandas and numpy have numeric types of their own, and a column with gaps holds floats."""
    score = vcss({item: kind(points) for item, points in {**VCSS, "pain": 3, "oedema": 2}.items()})
    assert score.total == 5
    assert all(type(points) is int for points in score.items.values())
    assert villalta({item: kind(1) for item in VILLALTA}, ulcer=False).total == 11
    assert civiq(kind(45)).index == civiq(45).index
    assert avvq(kind(18)).total == 18
    assert isl_severity(kind(30)) == "moderate"


def test_points_come_from_a_file() -> None:
    """A table of a registry: a row for each leg, with an item that one leg lacks."""
    text = ",".join(VCSS) + "\n" + ",".join(["2"] * 6 + ["0"] * 3 + ["2"]) + "\n" + ",".join(["1"] * 9 + [""]) + "\n"
    legs: list[Any] = [dict(row) for _, row in pd.read_csv(io.StringIO(text)).iterrows()]
    assert vcss(legs[0]).total == 14
    with pytest.raises(DocumentError, match=r"compression: found .*nan"):
        vcss(legs[1])


@pytest.mark.parametrize(
    "points",
    [2.5, np.float64(2.5), math.nan, np.nan, math.inf, True, np.True_, 4, -1, "2", None, 10**400, Decimal("NaN")],
)
def test_what_is_no_whole_number_is_refused(points: Any) -> None:
    with pytest.raises(DocumentError, match="whole number from 0 to 3"):
        vcss({**VCSS, "pain": points})
    with pytest.raises(DocumentError, match="whole number from 0 to 3"):
        villalta({**VILLALTA, "pain": points}, ulcer=False)


@pytest.mark.parametrize("value", [math.nan, "no", "", None, 2, [], np.array([True, False])])
def test_findings_are_so_or_not(value: Any) -> None:
    with pytest.raises(DocumentError, match="True or False"):
        villalta(VILLALTA, ulcer=value)
    with pytest.raises(DocumentError, match="True or False"):
        isl_stage(swollen=True, goes_down_raised=value)
    with pytest.raises(DocumentError, match="True or False"):
        isl_stage(swollen=value)


@pytest.mark.parametrize("yes", [True, np.True_, 1, np.int64(1), 1.0])
def test_findings_are_taken_from_rows_of_tables(yes: Any) -> None:
    assert villalta(VILLALTA, ulcer=yes).grade == "severe"
    no: Any = np.False_
    assert isl_stage(swollen=yes, pits=yes, goes_down_raised=no).code == "II early"


@pytest.mark.parametrize("depth", [5, np.int64(5), "5"])
def test_a_pit_without_a_unit_is_not_taken_for_centimetres(depth: Any) -> None:
    with pytest.raises(UnitError) as caught:
        pitting(depth)
    assert caught.value.hint == "did you mean 5 mm?"
