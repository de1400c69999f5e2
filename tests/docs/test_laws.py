"""Laws beside their data: pictures are drawn from today's figures, every row has a source, and the page is true."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from venolymph import figures

SCRIPT = "draw_laws"


@pytest.fixture(scope="module")
def laws(script: ModuleType) -> dict[str, Any]:
    return script.drawn()


def test_every_law_is_drawn_and_drawn_alike(script: ModuleType, laws: dict[str, Any], tmp_path: Path) -> None:
    script.keep(laws, tmp_path / "one")
    assert {picture.stem for picture in (tmp_path / "one").iterdir()} == set(script.LAWS)
    for picture in (tmp_path / "one").iterdir():
        assert picture.read_bytes().startswith(b"\x89PNG"), picture.name
    with script.rc_context(script.STYLE):
        script.keep({"valves": script.valves()}, tmp_path / "two")
    assert (tmp_path / "two" / "valves.png").read_bytes() == (tmp_path / "one" / "valves.png").read_bytes()


def test_every_row_has_a_source_and_numbers(laws: dict[str, Any]) -> None:
    known = figures.references()
    for name, law in laws.items():
        assert law.rows, name
        for row in law.rows:
            assert row.source in known, f"{row.text}: {row.source}"
            assert not known[row.source].recalled, f"{row.text} is remembered"
            assert np.isfinite([row.given, row.value, *row.span]).all(), row.text


def test_the_page_has_every_law_with_its_picture_and_todays_numbers(script: ModuleType, laws: dict[str, Any]) -> None:
    text = script.PAGE.read_text("utf-8")
    assert [name for _, name, _ in script.TABLE.findall(text)] == list(script.LAWS)
    assert re.findall(r"\]\(\.\./images/laws/(\w+)\.png\)", text) == list(script.LAWS)
    assert script.filled(text, laws) == text, "figures or laws changed: run scripts/draw_laws.py"


def test_a_law_that_changes_changes_its_row(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    before = script.valves().rows
    real = script.value
    monkeypatch.setattr(script, "value", lambda key: 2.0 * real(key) if key == "valves.closing_time" else real(key))
    for old, new in zip(before, script.valves().rows, strict=True):
        assert 1.2 * old.given < new.given < 2.5 * old.given
        assert old.value == new.value


def test_a_valve_shuts_sooner_under_more_pressure_and_floats_under_none(script: ModuleType) -> None:
    times = script.time_to_shut(np.array([0.0, 0.3, 3.0, 30.0]))
    assert np.isnan(times[0])
    assert np.all(np.diff(times[1:]) < 0.0)
    assert np.all(script.time_in_swings(np.array([0.3, 3.0])) > times[1:3]), "a swing presses less for most of its time"


@pytest.mark.parametrize(
    ("given", "shown", "differs"),
    [
        ({"value": 2.0, "spread": 0.5, "given": 3.0}, "2 ± 0.5", "+1 (2.0 sd)"),
        ({"value": 2.0, "given": 1.5}, "2", "-0.5"),
        ({"value": 2.0, "given": 2.001}, "2", "nothing"),
        ({"value": 0.7, "ends": (0.65, 0.75), "given": 0.72}, "0.65 to 0.75", "inside"),
        ({"value": 0.7, "ends": (0.65, 0.75), "given": 1.0}, "0.65 to 0.75", "0.25 beyond it"),
        ({"value": 0.7, "ends": (0.65, 0.75), "given": 0.55}, "0.65 to 0.75", "0.1 beyond it"),
    ],
)
def test_a_row_says_how_far_the_law_is_off(script: ModuleType, given: dict[str, Any], shown: str, differs: str) -> None:
    cells = script.Measured("what", "source", **given).cells()
    assert (cells[1], cells[3]) == (shown, differs)


def test_a_piece_of_a_curve_is_the_laws_own_where_the_law_is_right(script: ModuleType) -> None:
    """A measurement with just the law's value lies on the law's curve: its ends or, of a slope, its middle."""
    for name, rows in script.fit_walls.ROWS.items():
        law = script.wall_of(name)
        for row in rows:
            (low, high), (first, last) = row.piece(law, row.read(law))
            assert 0.5 * (first + last) == pytest.approx(0.5 * (law.lumen(low) + law.lumen(high)), rel=0.02), row.text
