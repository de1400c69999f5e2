"""Results of short runs are those that are kept, and what keeps them tells changes and records why they were made."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from script_loading import load_script

golden = load_script("golden")


@pytest.fixture(scope="module")
def kept() -> tuple[dict[str, np.ndarray], dict[str, str]]:
    return golden.load()


@pytest.mark.slow
@pytest.mark.parametrize("case", golden.CASES)
def test_results_are_those_kept(case: str, kept: tuple[dict[str, np.ndarray], dict[str, str]]) -> None:
    arrays, was = kept
    ours = {name: values for name, values in arrays.items() if name.startswith(f"{case}: ")}
    same = was == golden.machine()
    differences = golden.compare(ours, golden.results(case), same)
    how = "bit for bit" if same else f"to {golden.ELSEWHERE:g}, as they were kept on another machine"
    assert not differences, (
        f"compared {how}:\n{golden.table(differences)}\n"
        "Where this is not meant, undo it. Where it is: python scripts/golden.py --promote 'what changed, and why'"
    )


def test_what_is_kept_is_what_is_computed_and_small(kept: tuple[dict[str, np.ndarray], dict[str, str]]) -> None:
    arrays, _ = kept
    assert {name.partition(": ")[0] for name in arrays} == set(golden.CASES)
    assert all(values.dtype == np.float64 and np.isfinite(values).all() for values in arrays.values())
    assert golden.KEPT.stat().st_size < 300_000


OLD = {"a": np.array([[1.0, -4.0], [2.0, 0.5]]), "b": np.zeros(3), "c": np.array([np.nan, 1.0])}


def test_a_last_bit_is_a_difference() -> None:
    assert golden.compare(OLD, OLD) == []
    new = OLD | {"a": np.nextafter(OLD["a"], 9.0) * np.array([[1.0, 1.0], [1.0, 0.0]]) + np.array([[0, 0], [0, 0.5]])}
    (found,) = golden.compare(OLD, new)
    assert (found.name, found.numbers, found.of) == ("a", 3, 4)
    assert 0 < found.share < 1e-15
    assert golden.compare(OLD, new, here=False) == []


@pytest.mark.parametrize(("change", "differs"), [(3.9e-9, False), (4.1e-9, True)])
def test_elsewhere_numbers_may_differ_by_a_share_of_the_scale(change: float, differs: bool) -> None:
    new = OLD | {"a": OLD["a"] + np.array([[0.0, 0.0], [change, 0.0]])}
    found = golden.compare(OLD, new, here=False)
    assert [one.name for one in found] == (["a"] if differs else [])
    assert not differs or "[1, 0], kept 2.0" in found[0].told


@pytest.mark.parametrize(
    ("new", "name", "told"),
    [
        (OLD | {"d": np.ones(1)}, "d", "not kept yet"),
        ({"a": OLD["a"], "b": OLD["b"]}, "c", "no longer computed"),
        (OLD | {"b": np.zeros(4)}, "b", "shape (4,), kept (3,)"),
        (OLD | {"b": np.array([0.0, np.nan, 0.0])}, "b", "nan at [1], kept 0.0"),
        (OLD | {"c": np.array([0.0, 1.0])}, "c", "0.0 at [0], kept nan"),
    ],
)
def test_what_is_new_gone_or_no_number_is_told(new: dict[str, Any], name: str, told: str) -> None:
    (found,) = golden.compare(OLD, new, here=False)
    assert (found.name, found.told) == (name, told)


def test_elsewhere_runs_are_compared_that_newton_solved_sharply() -> None:
    case = next(iter(golden.CASES))
    names = [f"{case}: pressure", f"{case}: sharp pressure", f"{case}: sharp valve_opening"]
    old = {name: np.ones(2) for name in names}
    new = {name: np.array([1.0, 1.0 + 1e-8]) for name in names}
    assert {one.name for one in golden.compare(old, new)} == set(names)
    assert [one.name for one in golden.compare(old, new, here=False)] == [f"{case}: sharp pressure"]


def test_a_promotion_keeps_the_new_and_logs_what_changed(tmp_path: Path) -> None:
    file, log = tmp_path / "golden.npz", tmp_path / "log.md"
    golden.promote("the first ones", OLD, file, log)
    golden.promote("walls are stiffer", OLD | {"a": 1.5 * OLD["a"]}, file, log)
    arrays, made_on = golden.load(file)
    assert golden.compare(arrays, OLD | {"a": 1.5 * OLD["a"]}) == []
    assert made_on == golden.machine()
    text = log.read_text("utf-8")
    assert text.startswith(golden.TITLE)
    assert text.index("the first ones") < text.index("walls are stiffer")
    assert "1 of 3 arrays changed" in text
    assert "| a | 4 of 4 | 2 | 0.5 | -6.0 at [0, 1], kept -4.0 |" in text
    once = file.read_bytes()
    golden.promote("nothing changed at all", arrays, file, log)
    assert file.read_bytes() == once
    assert "0 of 3 arrays changed" in log.read_text("utf-8")


def test_a_promotion_needs_a_reason(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["golden.py", "--promote", "ok"])
    with pytest.raises(SystemExit):
        golden.main()
    assert "what changed and why" in capsys.readouterr().err
