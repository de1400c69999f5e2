"""What a search found is held against the plain regimen in other people, under ceilings and behind the gate."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from typer.testing import CliRunner

from venolymph.cli import app
from venolymph.cli.output import STOPPED
from venolymph.cohort import MemberReadings
from venolymph.errors import SimulationError
from venolymph.improvement import running
from venolymph.improvement.document import ImprovementDocument, load_improvement
from venolymph.improvement.page import page
from venolymph.improvement.results import paired
from venolymph.improvement.running import KeptReadings, improve
from venolymph.improvement.showing import sentences
from venolymph.population import load_population

STANDING = {
    "kind": "improvement",
    "version": 1,
    "population": "healthy-adults",
    "n": 5,
    "confirm": 8,
    "regimen": [{"wear": {"garment": "stocking", "class": {"vary": "class"}, "steps": [{"stand": {"for": "5 min"}}]}}],
    "vary": {"class": {"choices": ["RAL I", "RAL II", "RAL III"], "plain": "RAL I"}},
    "outcome": {"measure": "tape volume"},
    "better": "lower",
}
MASSAGE = {
    **STANDING,
    "population": "primary-varicose",
    "regimen": [
        {
            "massage": {
                "like": "leg-massage-short",
                "purpose": "experiment",
                "reason": "to look at pressure",
                "screening": ["leg"],
                "changed": {"pressure": {"vary": "pressure"}},
            }
        }
    ],
    "vary": {"pressure": {"choices": ["20 mmHg", "15 mmHg", "60 mmHg"], "plain": "20 mmHg"}},
}


def improvement(base: dict[str, Any] = STANDING, **changes: Any) -> ImprovementDocument:
    """A small improvement."""
    return load_improvement({**base, **changes})


class Legs:
    """Made-up legs: each its own volume, less in each class, with chance where that is asked for; some fail."""

    def __init__(self, effect: float = 0.0, chance: float = 0.0, seed: int = 0, failing: Sequence[int] = ()) -> None:
        self.effect, self.chance, self.failing = effect, chance, failing
        self.rng = np.random.default_rng(seed)
        self.asked: list[tuple[str, list[int], str | None]] = []

    def __call__(
        self, members: Any, regimen: Any, measures: Any, *, research_override: str | None = None, chunk: int
    ) -> MemberReadings:
        assert len(members) <= chunk
        text = regimen.to_yaml()
        self.asked.append((text, [one.number for one in members], research_override))
        own = np.array([7000.0 + 900.0 * np.random.default_rng(one.number).standard_normal() for one in members])
        strength = 3 if "RAL III" in text else 2 if "RAL II" in text else 1
        value = own - self.effect * strength + self.chance * self.rng.standard_normal(len(members))
        failed = tuple("no solution" if one.number in self.failing else None for one in members)
        value[[one is not None for one in failed]] = np.nan
        return MemberReadings({name: value for name in measures}, dict.fromkeys(measures, "mL"), failed)


def test_what_is_better_is_found_and_confirmed_in_other_people() -> None:
    legs = Legs(effect=10.0)
    result = improve(improvement(), follow=legs)
    assert result.best.values == {"class": "RAL III"}
    assert result.difference is not None
    assert result.difference.mean == pytest.approx(-20.0)
    assert result.is_better
    assert not result.in_one_person  # 20 mL of 7 litres
    sizes = {len(numbers) for _, numbers, _ in legs.asked}
    assert sizes == {5, 8}
    told = " ".join(sentences(result))
    assert "RAL III against RAL I, all else alike: -20 mL" in told
    assert "which a clinic could not measure in one person" in told
    assert "could not measure that in one person" in told


def test_better_may_be_higher() -> None:
    result = improve(improvement(better="higher"), follow=Legs(effect=-10.0))
    assert result.best.values == {"class": "RAL III"}
    assert result.is_better


def test_where_nothing_is_better_the_plain_one_stays() -> None:
    result = improve(improvement(), follow=Legs(effect=-10.0))
    assert not result.found
    assert result.difference is None
    assert not result.is_better
    told = " ".join(sentences(result))
    assert "Nothing that was tried was better" in told
    assert "RAL I against RAL III" in told
    assert "Nothing that was tried was better" in page(result)


def test_luck_in_the_search_is_seldom_taken_for_better() -> None:
    document, tries = improvement(), 200
    found = [improve(document, follow=Legs(chance=5.0, seed=seed)) for seed in range(tries)]
    assert sum(one.found for one in found) > 0.5 * tries  # the best of three is nearly always luck
    claimed = sum(one.is_better for one in found)
    # one side of an interval of 95 %
    assert claimed <= stats.binom.ppf(0.999, tries, 0.025)
    unlucky = next(one for one in found if one.found and not one.is_better)
    assert "not better than the plain regimen beyond chance" in " ".join(sentences(unlucky))


def test_intervals_cover_what_they_say() -> None:
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(1000):
        base = rng.standard_normal(6)
        one = paired(base + 2.0 + rng.standard_normal(6), base, 0.1)
        assert one is not None
        hits += one.low <= 2.0 <= one.high
    assert 860 <= hits <= 940
    assert paired(np.array([1.0, np.nan, 2.0]), np.array([0.0, 1.0, 1.0]), 0.1) is None


def test_beyond_a_ceiling_nothing_is_simulated() -> None:
    legs = Legs()
    result = improve(improvement(MASSAGE), follow=legs)
    refused = [one for one in result.tried if one.refused]
    assert [one.values for one in refused] == [{"pressure": "60 mmHg"}]
    assert "60 mmHg" in refused[0].refused
    assert not any("60 mmHg" in text for text, _, _ in legs.asked)
    with pytest.raises(SimulationError, match="60 mmHg"):
        improve(improvement(MASSAGE, vary={"pressure": {"choices": ["60 mmHg", "15 mmHg"], "plain": "60 mmHg"}}))


def test_whom_the_gate_stops_is_not_tried() -> None:
    known = load_population("primary-varicose").document()
    (group,) = known["classes"]
    well = {**group, "share": "50 %"}
    worse = {"class": "C5", "share": "50 %", "based_on": "post-thrombotic"}
    ill = {**known, "prevalence": "made up for this test", "classes": [well, worse]}
    result = improve(improvement(MASSAGE, population=ill), follow=Legs())
    assert sum(result.refused.values()) > 0
    assert all("healed ulcer" in reason for reason in result.refused)


def test_people_who_cannot_be_read_are_told() -> None:
    legs = Legs(effect=10.0)
    improve(improvement(), follow=legs)
    lost = legs.asked[-1][1][0]
    result = improve(improvement(), follow=Legs(effect=10.0, failing=[lost]))
    assert result.difference is not None
    assert result.difference.people == 7 if lost >= 5 else result.difference.people in (7, 8)
    with pytest.raises(SimulationError, match="could be read"):
        improve(improvement(), follow=Legs(failing=range(100)))


def test_a_search_goes_on_from_what_was_kept(tmp_path: Path) -> None:
    path = tmp_path / "readings.jsonl"
    legs = Legs(effect=10.0)
    whole = improve(improvement(), follow=legs, kept=KeptReadings(path))
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:2]) + lines[2][:30], "utf-8")  # as a process leaves it that was killed
    again = Legs(effect=10.0)
    result = improve(improvement(), follow=again, kept=KeptReadings(path))
    assert result.as_dict() == whole.as_dict()
    assert len(again.asked) == len(legs.asked) - 2


def test_the_command_writes_its_folder_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "measure_members", Legs(effect=10.0))
    document = tmp_path / "standing.yaml"
    document.write_text(improvement().to_yaml(), "utf-8")
    folder = tmp_path / "out"
    runner = CliRunner()
    done = runner.invoke(app, ["improve", str(document), "--out", str(folder)])
    assert done.exit_code == 0, done.output
    assert "Best in the search: class RAL III." in done.output
    assert {one.name for one in folder.iterdir()} == {
        "improvement.yaml", "readings.jsonl", "best.yaml", "report.html", "improvement.json",
    }  # fmt: skip
    assert json.loads((folder / "improvement.json").read_text("utf-8"))["best"] == {"class": "RAL III"}
    assert "RAL III" in (folder / "best.yaml").read_text("utf-8")
    legs = Legs(effect=10.0)
    monkeypatch.setattr(running, "measure_members", legs)
    again = runner.invoke(app, ["improve", "--resume", str(folder), "--json"])
    assert again.exit_code == 0, again.output
    assert not legs.asked
    for words in (["--resume", str(folder), "--n", "4"], [str(document), "--out", str(folder)], ["--resume", "x"], []):
        refused = runner.invoke(app, ["improve", *words])
        assert refused.exit_code == 2
        assert "hint:" in refused.output


def test_whoever_stops_the_command_is_told_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stops(Legs):
        def __call__(self, *args: Any, **named: Any) -> MemberReadings:
            if len(self.asked) == 2:
                raise KeyboardInterrupt
            return super().__call__(*args, **named)

    monkeypatch.setattr(running, "measure_members", Stops())
    document = tmp_path / "standing.yaml"
    document.write_text(improvement().to_yaml(), "utf-8")
    done = CliRunner().invoke(app, ["improve", str(document), "--out", str(tmp_path / "out")])
    assert done.exit_code == STOPPED
    assert "readings after 2 regimens are kept" in " ".join(done.output.split())
    monkeypatch.setattr(running, "measure_members", Legs(effect=10.0))
    again = CliRunner().invoke(app, ["improve", "--resume", str(tmp_path / "out")])
    assert again.exit_code == 0, again.output


def test_packaged_improvements_are_listed_and_within_ceilings() -> None:
    shown = CliRunner().invoke(app, ["improvements", "--json"])
    names = [one["name"] for one in json.loads(shown.output)]
    assert names == ["massage-order-and-pressure", "stocking-while-standing"]
    for name in names:
        document = load_improvement(name)
        assert running.over_ceilings(document.regimen_with(document.plain)) is None
        assert load_improvement(document.document()) == document
